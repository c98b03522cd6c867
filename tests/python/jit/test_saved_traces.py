"""save and load of traces: what comes back, and files that are cut off, changed or of another version."""

import copy
import io
import pickle

import pytest

import tapescope as ts
from tapescope import jit
from tapescope.nn import Linear, Module, Sequential, Tanh


class Model(Module):
    """Tied weights, a buffer, a submodule called twice."""

    def __init__(self):
        super().__init__()
        self.first, self.second = Linear(3, 3), Linear(3, 3)
        self.second.weight = self.first.weight
        self.register_buffer("scale", ts.tensor([1.0, 2.0, 3.0]))

    def forward(self, x, y):
        return self.second(self.first(self.first(x))) * self.scale + y

    def other(self, x):
        return self.first(x)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.trace"


def again(traced, path):
    traced.save(path)
    return jit.load(path)


# --- round trips


def test_a_function_comes_back(path):
    traced = jit.trace(lambda x, y: (x * 2 + y).sin(), (ts.rand(2), ts.rand(2)))
    loaded, x, y = again(traced, path), ts.rand(3), ts.rand(3)
    assert loaded(x, y).tolist() == traced(x, y).tolist() == loaded(y=y, x=x).tolist()
    assert str(loaded.graph) == str(traced.graph) and loaded.name == traced.name


def test_a_module_comes_back(path):
    model = Model()
    traced = jit.trace(model, (ts.rand(2, 3), ts.rand(2, 3)))
    loaded, x, y = again(traced, path), ts.rand(4, 3), ts.rand(4, 3)
    assert loaded(x, y).tolist() == model(x, y).tolist() == loaded(y=y, x=x).tolist()
    assert str(loaded.graph) == str(traced.graph) and str(loaded.inlined_graph) == str(traced.inlined_graph)
    assert [n for n, _ in loaded.named_parameters()] == [n for n, _ in traced.named_parameters()]
    assert [n for n, _ in loaded.named_buffers()] == ["scale"] and loaded.training == traced.training
    assert repr(loaded) == repr(traced)


def test_several_methods_come_back(path):
    model = Model()
    x = ts.rand(2, 3)
    loaded = again(jit.trace_module(model, {"forward": (x, x), "other": x}), path)
    assert loaded.other(x).tolist() == model.other(x).tolist() and loaded(x, x).tolist() == model(x, x).tolist()


def test_a_module_without_forward_comes_back(path):
    model, x = Model(), ts.rand(2, 3)
    loaded = again(jit.trace_module(model, {"other": x}), path)
    assert loaded.other(x).tolist() == model.other(x).tolist()


def test_a_loaded_module_can_be_trained(path):
    loaded = again(jit.trace(Sequential(Linear(3, 3), Tanh()), ts.rand(2, 3)), path)
    assert all(isinstance(p, ts.nn.Parameter) and p.requires_grad and p.is_leaf for p in loaded.parameters())
    x = ts.rand(2, 3)
    before = loaded(x).tolist()
    loaded(x).sum().backward()
    ts.optim.SGD(loaded.parameters(), lr=1.0).step()
    assert loaded(x).tolist() != before


def test_tied_weights_come_back_tied(path):
    loaded = again(jit.trace(Model(), (ts.rand(2, 3), ts.rand(2, 3))), path)
    assert loaded.first.weight is loaded.second.weight and len(list(loaded.parameters())) == 3


def test_tied_weights_of_a_loaded_module_are_trained_together(path):
    loaded, x = again(jit.trace(Model(), (ts.rand(2, 3), ts.rand(2, 3))), path), ts.rand(2, 3)
    with ts.no_grad():
        loaded.first.weight.zero_()
        loaded.first.bias.zero_()
        loaded.second.bias.zero_()
    assert loaded(x, x * 0).tolist() == [[0, 0, 0]] * 2


def test_a_loaded_trace_can_be_saved_again(path, tmp_path):
    loaded = again(jit.trace(Model(), (ts.rand(2, 3), ts.rand(2, 3))), path)
    loaded.save(tmp_path / "b.trace")
    assert (tmp_path / "b.trace").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("dtype", ["float64", "float16", "bfloat16", "int64", "int8", "uint8", "bool", "complex64"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (40, 2)], ids=str)
def test_constants_come_back(path, dtype, shape):
    outside = (ts.rand(*shape) * 100 if shape else ts.rand(()) * 100).to(getattr(ts, dtype))
    traced = jit.trace(lambda x: (x * 2, ts.cat([outside.reshape(-1)])), ts.ones(1), check_trace=False)
    kept, got = traced(ts.ones(1))[1], again(traced, path)(ts.ones(1))[1]
    assert kept.dtype == got.dtype and kept.tolist() == got.tolist()


def test_a_constant_with_strides_comes_back(path):
    outside = ts.rand(30, 2).t()
    traced = jit.trace(lambda x: x * outside, ts.ones(1))
    assert again(traced, path)(ts.ones(1)).tolist() == outside.tolist()


def test_structures_come_back(path):
    traced = jit.trace(
        lambda d: {"s": d["a"] + d["b"][0], "t": (d["a"],)}, ({"a": ts.ones(1), "b": [ts.ones(1)]},), strict=False
    )
    out = again(traced, path)({"a": ts.ones(1), "b": [ts.ones(1)]})
    assert out["s"].tolist() == [2] and out["t"][0].tolist() == [1]


def test_odd_names_come_back(path):
    module = Module()
    module.add_module("my layer", Linear(2, 2))
    module.add_module("größe/%1", Linear(2, 2))
    module.forward = lambda x: module._modules["größe/%1"](module._modules["my layer"](x))
    traced, x = jit.trace(module, ts.rand(1, 2)), ts.rand(1, 2)
    assert again(traced, path)(x).tolist() == module(x).tolist()


def test_jit_save_is_the_method(path):
    traced = jit.trace(lambda x: x * 2, ts.ones(1))
    jit.save(traced, path)
    assert jit.load(str(path))(ts.ones(1)).tolist() == [2]


# --- what cannot be saved


def test_a_custom_function_cannot_be_saved_and_says_why(path):
    class Twice(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    traced = jit.trace(lambda x: Twice.apply(x), ts.ones(1))
    with pytest.raises(NotImplementedError, match="custom Function Twice, which is Python code and cannot be saved"):
        traced.save(path)
    assert not path.exists()


@pytest.mark.parametrize("what", [Linear(1, 1), lambda x: x, 3, None], ids=["module", "function", "number", "none"])
def test_what_is_not_traced_cannot_be_saved(path, what):
    with pytest.raises(TypeError, match=r"expected what jit.trace gave"):
        jit.save(what, path)


# --- copies, pickles, open files


def test_a_traced_function_can_be_copied_and_pickled():
    traced = jit.trace(lambda x, y: (x * 2 + y).sin(), (ts.rand(2), ts.rand(2)))
    for again in (copy.deepcopy(traced), pickle.loads(pickle.dumps(traced))):
        x, y = ts.rand(3), ts.rand(3)
        assert again(x, y=y).tolist() == traced(x, y).tolist() and str(again.graph) == str(traced.graph)
        assert again.graph is not traced.graph


def test_a_traced_module_can_be_pickled():
    traced, x = jit.trace(Model(), (ts.rand(2, 3), ts.rand(2, 3))), ts.rand(2, 3)
    again = pickle.loads(pickle.dumps(traced))
    assert again(x, x).tolist() == traced(x, x).tolist()
    assert again.first.weight is again.second.weight and again.first.weight is not traced.first.weight


def test_open_files_are_written_and_read():
    traced, file = jit.trace(lambda x: x * 2, ts.rand(2)), io.BytesIO()
    jit.save(traced, file)
    file.seek(0)
    assert jit.load(file)(ts.ones(1)).tolist() == [2]
    with pytest.raises(TypeError, match="open as text"):
        jit.load(io.StringIO("text"))
    for wrong in (3, None):
        with pytest.raises(TypeError, match="a path, or a binary file"):
            jit.load(wrong)
        with pytest.raises(TypeError, match="a path, or a binary file"):
            jit.save(traced, wrong)
