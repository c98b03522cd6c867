"""Gradients: backward, grad, checks and modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tapescope import _C
from tapescope.autograd import functional, graph
from tapescope.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from tapescope.autograd.grad_mode import enable_grad, no_grad, set_grad_enabled
from tapescope.autograd.gradcheck import GradcheckError, gradcheck, gradgradcheck

Tensor = _C.Tensor
GradientEdge = graph.GradientEdge


def _tensors(value: Any, what: str) -> list[Tensor | GradientEdge]:
    if isinstance(value, Tensor | GradientEdge):
        return [value]
    out = list(value)
    for i, t in enumerate(out):
        if not isinstance(t, Tensor | GradientEdge):
            raise TypeError(f"{what}: element {i} is a {type(t).__name__}, and is neither a Tensor nor a GradientEdge")
    return out


def _gradients(value: Any) -> list[Tensor | None]:
    if value is None:
        return []
    if isinstance(value, Tensor):
        return [value]
    out = list(value)
    for g in out:
        if g is not None and not isinstance(g, Tensor):
            raise TypeError(f"gradients can be either Tensors or None, but got {type(g).__name__}")
    return out


def backward(
    tensors: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    grad_tensors: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    *,
    inputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge] | None = None,
) -> None:
    """Adds the gradients of `tensors` to the `.grad` of the graph's leaves.

    tensors: a tensor or several. grad_tensors: their gradients, each of its tensor's shape; None for a single element.
    retain_graph, create_graph, inputs: see Tensor.backward.
    Raises RuntimeError where PyTorch does, with the same gist.
    """
    if inputs is not None:
        inputs = _tensors(inputs, "inputs")
        if not inputs:
            raise RuntimeError("`inputs` argument to `backward()` cannot be empty.")
    keep = create_graph if retain_graph is None else retain_graph
    _C._backward(_tensors(tensors, "tensors"), _gradients(grad_tensors), keep, create_graph, inputs or [])


def grad(
    outputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    inputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    allow_unused: bool | None = None,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of `outputs` with respect to `inputs`, as a tuple; `.grad` is not touched.

    allow_unused: None for an input that was not used, instead of an error. materialize_grads: zeros instead of None.
    """
    if allow_unused is None:
        allow_unused = materialize_grads
    elif not allow_unused and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True.")
    inputs = _tensors(inputs, "inputs")
    keep = create_graph if retain_graph is None else retain_graph
    result = _C._grad(_tensors(outputs, "outputs"), inputs, _gradients(grad_outputs), keep, create_graph, allow_unused)
    if materialize_grads:
        for i, (gradient, given) in enumerate(zip(result, inputs, strict=True)):
            if gradient is None:
                if not isinstance(given, Tensor):
                    raise RuntimeError(
                        f"materialize_grads cannot be used with the GradientEdge at index {i}, which was not reached: "
                        "its shape is not known"
                    )
                result[i] = _C.zeros_like(given)
    return tuple(result)


__all__ = [
    "GradcheckError",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "no_grad",
    "set_detect_anomaly",
    "set_grad_enabled",
]
