"""Arguments of what is traced: their names and kinds, and what is said of those that do not fit."""

import functools

import numpy as np
import pytest

import tapescope as ts
from tapescope import jit


def scaled(x, *, scale):
    return x * scale


def with_more(x, **more):
    return x * more["scale"]


@pytest.mark.parametrize("function", [scaled, with_more])
def test_arguments_by_keyword_keep_their_names(function):
    traced = jit.trace(function, example_kwarg_inputs={"scale": ts.ones(2), "x": ts.ones(2)})
    assert [v.debugName() for v in traced.graph.inputs()] == ["x", "scale"]
    assert traced(ts.ones(2), scale=ts.full((2,), 3.0)).tolist() == [3, 3]
    assert traced(scale=ts.full((2,), 3.0), x=ts.ones(2)).tolist() == [3, 3]
    with pytest.raises(TypeError, match="missing the argument 'scale'"):
        traced(x=ts.ones(2))


def test_an_unknown_argument_is_refused_where_none_is_taken():
    with pytest.raises(NameError, match="'other' is not in scaled's arguments"):
        jit.trace(scaled, example_kwarg_inputs={"x": ts.ones(2), "other": ts.ones(2)})


def test_a_default_by_keyword_stays_a_constant():
    traced = jit.trace(lambda x, *, scale=2.0: x * scale, ts.ones(2))
    assert [v.debugName() for v in traced.graph.inputs()] == ["x"] and traced(x=ts.ones(2)).tolist() == [2, 2]


def test_a_module_takes_keywords_too():
    class Scaled(ts.nn.Module):
        def forward(self, x, *, scale):
            return x * scale

    traced = jit.trace(Scaled(), example_kwarg_inputs={"x": ts.ones(2), "scale": ts.ones(2)})
    assert traced(ts.ones(2), scale=ts.full((2,), 3.0)).tolist() == [3, 3]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (np.ones(2), "numpy.ndarray. Make a tensor of it first, with tapescope.as_tensor"),
        ((i for i in (1, 2)), "generator, which can be gone through once. Make a tuple of it first"),
        ({1, 2}, "set, which has no order. Make a tuple of it first"),
        (1j, "complex. Make a tensor of it first"),
        (object(), "bind it before the trace, with functools.partial"),
    ],
)
def test_an_input_of_another_kind_is_told_what_to_do(value, says):
    with pytest.raises(TypeError) as caught:
        jit.trace(lambda x, y: x, (ts.ones(2), value))
    assert "input 1" in str(caught.value) and says in str(caught.value)


async def later(x):
    return x


def pieces(x):
    yield x


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (pieces, "a generator, which can be gone through once. Make a tuple of it first"),
        (lambda x: object(), "a object. Return tensors, or tuples, lists and dicts of them"),
        pytest.param(later, "the function is async", marks=pytest.mark.filterwarnings("ignore::RuntimeWarning")),
    ],
)
def test_a_result_of_another_kind_is_told_what_to_do(function, says):
    with pytest.raises(TypeError) as caught:
        jit.trace(function, ts.ones(2))
    assert "the result" in str(caught.value) and says in str(caught.value) and not jit.is_tracing()


def test_a_number_is_bound_before():
    with pytest.raises(RuntimeError, match="bind it before the trace"):
        jit.trace(lambda x, n: x * n, (ts.ones(2), 3))
    assert jit.trace(functools.partial(lambda n, x: x * n, 3), ts.ones(2))(ts.ones(1)).tolist() == [3]


def test_a_call_says_which_input_is_wrong():
    traced = jit.trace(lambda x, y: x * y, (ts.ones(2), ts.ones(2)))
    with pytest.raises(TypeError, match=r"input 1 \(%y\) of the traced graph is Float\(2\), but .* type int"):
        traced(ts.ones(2), 3)
    module = jit.trace(ts.nn.Linear(2, 2), ts.ones(2, 2))
    with pytest.raises(TypeError, match=r"input 0 \(%x.*\) of the traced graph"):
        module(3)


def test_an_error_of_a_replayed_op_names_the_line():
    traced = jit.trace(lambda x, y: x @ y, (ts.ones(2, 3), ts.ones(3, 2)))
    with pytest.raises(ts.ShapeError, match=r"(?s)matmul.*\nIt was traced at .*test_arguments.py:\d+:0\."):
        traced(ts.ones(2, 3), ts.ones(2, 3))
