"""Sizes taken from tensors keep their dependence: view(x.size(0), -1) replays right for other shapes."""

import pytest

import tapescope as ts
from tapescope import jit


def kinds(graph):
    return [n.kind() for n in graph.nodes()]


def test_a_size_that_is_a_size_again_is_recorded():
    graph = jit.trace(lambda x: x.view(x.size(0), -1), ts.rand(2, 3, 4)).graph
    wanted = ["aten::size", "prim::NumToTensor", "aten::Int", "prim::ListConstruct", "aten::view"]
    assert [k for k in kinds(graph) if k != "prim::Constant"] == wanted
    text = str(graph)
    assert "Long() = prim::NumToTensor(%2)" in text and "int = aten::Int(%3)" in text


REPLAYED = {
    "view_size": lambda x: x.view(x.size(0), -1),
    "view_shape": lambda x: x.view(x.shape[0], x.shape[1] * x.shape[2]),
    "view_negative": lambda x: x.view(-1, x.size(-1)),
    "view_tuple": lambda x: x.view((x.size(0), -1)),
    "view_list": lambda x: x.view([x.size(0), -1]),
    "view_whole_shape": lambda x: (x * 2).view(x.shape),
    "view_size_of_all": lambda x: (x * 2).view(x.size()),
    "view_part": lambda x: x.reshape(*x.shape[:-1], 2, x.shape[-1] // 2),
    "view_arithmetic": lambda x: x.reshape(x.shape[0] * x.shape[1] + 0, x.shape[2]),
    "view_as": lambda x: (x * 2).reshape(-1).view_as(x),
    "reshape": lambda x: x.reshape(x.shape[0], -1),
    "flatten": lambda x: x.flatten(1),
    "expand": lambda x: x.sum(dim=0, keepdim=True).expand(x.size(0), x.size(1), x.size(2)),
    "expand_as": lambda x: x.sum(dim=0, keepdim=True).expand_as(x),
    "divide": lambda x: x.sum() / x.size(0),
    "times": lambda x: x * x.shape[1],
    "narrow": lambda x: x.narrow(0, 0, x.size(0)),
    "slice": lambda x: x[:, : x.size(1)],
    "slice_from_end": lambda x: x[:, -1],
    "transposed": lambda x: x.transpose(0, 1).reshape(x.size(1), -1),
    "unpacked": lambda x: (lambda b, c, d: x.reshape(b, c * d))(*x.shape),
    "attention": lambda x: x.view(x.size(0), x.size(1), 2, x.size(2) // 2).transpose(1, 2),
}


@pytest.mark.parametrize("name", REPLAYED)
def test_a_trace_fits_other_shapes(name):
    f = REPLAYED[name]
    traced = jit.trace(f, ts.rand(2, 3, 4))
    for shape in ((2, 3, 4), (5, 3, 4), (1, 6, 8), (3, 1, 2)):
        x = ts.rand(*shape)
        assert traced(x).shape == f(x).shape and traced(x).tolist() == f(x).tolist()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + ts.zeros(x.shape),
        lambda x: x + ts.ones(x.size(0), x.size(1)),
        lambda x: x * ts.full((x.size(0), 1), 2.0),
        lambda x: x + ts.arange(x.size(1)),
        lambda x: x + x.new_zeros(x.shape),
        lambda x: x.sum() / x.numel(),
        lambda x: x + ts.empty(x.shape).fill_(1),
    ],
    ids=["zeros", "ones", "full", "arange", "new_zeros", "numel", "empty"],
)
def test_a_size_of_a_new_tensor_fits_other_shapes(f):
    traced = jit.trace(f, ts.rand(2, 3))
    x = ts.rand(4, 5)
    assert traced(x).tolist() == f(x).tolist()


def test_sizes_outside_of_a_trace_are_ints():
    assert [type(n) for n in ts.rand(2, 3).shape] == [int, int] and type(ts.rand(2).size(0)) is int


def test_sizes_of_a_tensor_from_outside_are_ints():
    outside, seen = ts.rand(5), []
    jit.trace(lambda x: (seen.append(type(outside.size(0))), x * 2)[1], ts.rand(2))
    assert set(seen) == {int}


def test_sizes_compare_and_index_as_ints_do():
    def f(x):
        assert x.shape[0] == 2 and x.dim() == 2 and len(x.shape) == 2
        assert [0, 1, 2][x.shape[0]] == 2
        return x * 2

    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jit.TracerWarning)
        jit.trace(f, ts.rand(2, 3))


def test_a_loop_over_a_size_warns_and_is_unrolled():
    with pytest.warns(jit.TracerWarning, match="Converting a tensor to a Python"):
        traced = jit.trace(lambda x: sum(x[i] for i in range(x.shape[0])), ts.rand(2, 3))
    assert kinds(traced.graph).count("aten::select") == 2


def test_a_size_may_be_an_output():
    traced = jit.trace(lambda x: x.size(0), ts.rand(2, 3))
    assert int(traced(ts.rand(5, 3))) == 5
