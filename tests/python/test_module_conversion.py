"""Modules in other dtypes, in place."""

import pytest

import tapescope as ts
from tapescope import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Linear(3, 3), nn.Linear(3, 3)
        self.second.weight = self.first.weight
        self.register_buffer("scale", ts.ones(3))
        self.register_buffer("count", ts.tensor(3))

    def forward(self, x):
        return self.second(self.first(x)) * self.scale


def dtypes(model):
    return {t.dtype for t in model.parameters()} | {model.scale.dtype}


WAYS = {
    "dtype": (lambda m: m.to(ts.float64), ts.float64),
    "device and dtype": (lambda m: m.to("cpu", ts.float64), ts.float64),
    "by name": (lambda m: m.to(dtype=ts.float64), ts.float64),
    "tensor": (lambda m: m.to(ts.ones(1, dtype=ts.float64)), ts.float64),
    "device": (lambda m: m.to("cpu"), ts.float32),
    "cpu": (lambda m: m.cpu(), ts.float32),
    "double": (lambda m: m.double(), ts.float64),
    "float": (lambda m: m.double().float(), ts.float32),
    "half": (lambda m: m.half(), ts.float16),
    "bfloat16": (lambda m: m.bfloat16(), ts.bfloat16),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_floating_turns(way):
    model = Model()
    change, dtype = WAYS[way]
    assert change(model) is model and dtypes(model) == {dtype} and model.count.dtype == ts.int64


def test_type_turns_all():
    assert Model().type(ts.float64).count.dtype == ts.float64


def test_parameters_stay_the_same_objects_and_gradients_turn_with_them():
    model = Model()
    weight, optimizer = model.first.weight, ts.optim.SGD(model.parameters(), lr=0.1)
    model(ts.ones(2, 3)).sum().backward()
    before = weight.grad.tolist()
    model.double()
    assert model.first.weight is weight is model.second.weight
    assert weight.grad.dtype == ts.float64 and weight.grad.tolist() == before
    model(ts.ones(2, 3, dtype=ts.float64)).sum().backward()
    assert weight.grad.dtype == ts.float64 and ts.allclose(weight.grad, ts.tensor(before).double() * 2)
    optimizer.step()
    assert weight.dtype == ts.float64


def test_a_traced_module_turns_too():
    traced = ts.jit.trace(Model(), ts.ones(2, 3))
    x = ts.rand(2, 3, dtype=ts.float64)
    traced.double()
    assert traced(x).dtype == ts.float64


def test_what_cannot_be_is_refused_and_nothing_changes():
    model = Model()
    with pytest.raises(TypeError, match="cannot become"):
        model.to(ts.int64)
    with pytest.raises(NotImplementedError):
        model.to("cuda")
    with pytest.raises(TypeError, match="that require grad"):
        model.type(ts.int64)
    with pytest.raises(RuntimeError, match="only floating and complex"):
        model.first.weight.data = ts.ones(3, 3, dtype=ts.int64)
    assert dtypes(model) == {ts.float32}


def test_what_an_op_made_keeps_its_dtype():
    y = ts.ones(2, requires_grad=True) * 2
    with pytest.raises(RuntimeError, match="that an op made"):
        y.data = ts.ones(2, dtype=ts.float64)
