"""Edges of the graph in place of tensors."""

from __future__ import annotations

import gc

import pytest

import tapescope as ts
from tapescope.autograd.graph import GradientEdge, get_gradient_edge


def test_of_a_result_and_of_a_leaf() -> None:
    x = ts.ones(3, requires_grad=True)
    y = x * 2
    edge = get_gradient_edge(y)
    assert edge.node is y.grad_fn and edge.output_nr == 0
    assert get_gradient_edge(x).node.name() == "AccumulateGrad"
    with pytest.raises(RuntimeError, match="does not require grad"):
        get_gradient_edge(ts.ones(1))


def test_as_a_root() -> None:
    x = ts.tensor([1.0, 2.0], requires_grad=True)
    edge = get_gradient_edge((x * x).sum())
    gc.collect()  # the tensor is gone, its edge is not
    ts.autograd.backward(edge)
    assert x.grad.tolist() == [2, 4]
    (g,) = ts.autograd.grad(get_gradient_edge(x * 3), x, ts.tensor([1.0, 10.0]))
    assert g.tolist() == [3, 30]


def test_as_an_input() -> None:
    x = ts.tensor([1.0, 2.0], requires_grad=True)
    y = x * x
    edges = (get_gradient_edge(y), get_gradient_edge(x))
    gy, gx = ts.autograd.grad((y * 3).sum(), edges)
    assert gy.tolist() == [3, 3] and gx.tolist() == [6, 12]
    z = (x * 5).sum()
    ts.autograd.backward(z, inputs=[get_gradient_edge(x)])
    assert x.grad.tolist() == [5, 5]


def test_errors() -> None:
    x = ts.ones(2, requires_grad=True)
    y = x * 2
    with pytest.raises(RuntimeError, match="implicitly created only for scalar"):
        ts.autograd.backward(get_gradient_edge(y))
    with pytest.raises(RuntimeError, match="Mismatch in shape"):
        ts.autograd.backward(get_gradient_edge(y), ts.ones(3))
    with pytest.raises(RuntimeError, match="not have been used in the graph"):
        ts.autograd.grad(y.sum(), get_gradient_edge(ts.ones(1, requires_grad=True) * 1))
    with pytest.raises(RuntimeError, match="materialize_grads cannot be used with the GradientEdge at index 0"):
        ts.autograd.grad((x * 2).sum(), get_gradient_edge(x * 1), materialize_grads=True)
    with pytest.raises(ValueError, match="has 1 outputs, there is no number 3"):
        ts.autograd.backward(GradientEdge(y.grad_fn, 3), ts.ones(2))
    with pytest.raises(TypeError, match="neither a Tensor nor a GradientEdge"):
        ts.autograd.backward(["y"])
