"""Gradients: backward, grad, checks and modes."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from tapescope import _C
from tapescope.autograd import function, functional, graph
from tapescope.autograd.anomaly_mode import detect_anomaly, set_detect_anomaly
from tapescope.autograd.function import Function, FunctionCtx, once_differentiable
from tapescope.autograd.grad_mode import (
    enable_grad,
    inference_mode,
    no_grad,
    set_grad_enabled,
    set_multithreading_enabled,
)
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


def _kept(retain_graph: bool | None, create_graph: bool) -> bool:
    for name, value in (("retain_graph", retain_graph), ("create_graph", create_graph)):
        if not (isinstance(value, int) or (value is None and name == "retain_graph")):
            raise TypeError(f"{name} is True or False, not {value!r}")
    return bool(create_graph if retain_graph is None else retain_graph)


_warned = False


def _warn_of_cycle() -> None:
    """Once a process."""
    global _warned
    if not _warned:
        _warned = True
        warnings.warn(
            "Using backward() with create_graph=True will create a reference cycle between the parameter and its "
            "gradient which can cause a memory leak. We recommend using autograd.grad when creating the graph to avoid "
            "this. If you have to use this function, make sure to reset the .grad fields of your parameters to None "
            "after use to break the cycle and avoid the leak.",
            stacklevel=4,
        )


class _ExecutionEngine:
    """What PyTorch offers as Variable._execution_engine."""

    @staticmethod
    def queue_callback(callback: Callable[[], Any]) -> None:
        """Runs `callback` when the backward that is running has run all nodes. Raises RuntimeError outside of one."""
        _C._queue_callback(callback)


class Variable:
    """PyTorch's old name for a tensor; what is still asked of it is the engine."""

    _execution_engine = _ExecutionEngine()


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
    if create_graph:
        _warn_of_cycle()
    keep = _kept(retain_graph, create_graph)
    _C._backward(_tensors(tensors, "tensors"), _gradients(grad_tensors), keep, bool(create_graph), inputs or [])


def grad(
    outputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    inputs: Tensor | GradientEdge | Sequence[Tensor | GradientEdge],
    grad_outputs: Tensor | Sequence[Tensor | None] | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    only_inputs: bool = True,
    allow_unused: bool | None = None,
    is_grads_batched: bool = False,
    materialize_grads: bool = False,
) -> tuple[Any, ...]:
    """The gradients of `outputs` with respect to `inputs`, as a tuple; `.grad` is not touched.

    allow_unused: None for an input that was not used, instead of an error. materialize_grads: zeros instead of None.
    is_grads_batched: the first dimension of each of grad_outputs counts passes, and so does that of each result.
    only_inputs: has no effect, as in PyTorch.
    Raises RuntimeError and ValueError where PyTorch does, with the same gist.
    """
    if not only_inputs:
        warnings.warn(
            "only_inputs argument is deprecated and is ignored now (defaults to True). To accumulate gradient for "
            "other parts of the graph, please use autograd.backward.",
            FutureWarning,
            stacklevel=2,
        )
    if allow_unused is None:
        allow_unused = materialize_grads
    elif not allow_unused and materialize_grads:
        raise ValueError("Expected allow_unused to be True or not passed when materialize_grads=True.")
    inputs = _tensors(inputs, "inputs")
    keep = _kept(retain_graph, create_graph)
    if is_grads_batched:
        return _batched(outputs, inputs, grad_outputs, keep, create_graph, allow_unused, materialize_grads)
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


def _batched(
    outputs: Any, inputs: Any, grad_outputs: Any, keep: bool, create_graph: bool, unused: bool, materialize: bool
) -> tuple[Any, ...]:
    """One pass for each entry of the gradients' first dimension; the results stacked."""
    seeds = _gradients(grad_outputs)
    counts = {g.shape[0] if g.ndim else None for g in seeds if g is not None}
    if len(counts) != 1 or None in counts:
        raise RuntimeError(
            "grad: with is_grads_batched=True every one of grad_outputs has one more dimension than its output, first "
            f"and of one size; their shapes are {[None if g is None else tuple(g.shape) for g in seeds]}"
        )
    (count,) = counts
    if not count:
        return tuple(_C.zeros((0, *x.shape), dtype=x.dtype) for x in inputs)
    passes = []
    for i in range(count):
        one = [None if g is None else g[i] for g in seeds]
        again = keep or i + 1 < count
        passes.append(
            grad(outputs, inputs, one, again, create_graph, allow_unused=unused, materialize_grads=materialize)
        )
    return tuple(None if column[0] is None else _C.stack(list(column)) for column in zip(*passes, strict=True))


def __getattr__(name: str) -> Any:
    if name in ("forward_ad", "profiler"):  # loaded when used: most programs do without
        import importlib

        return importlib.import_module(f"tapescope.autograd.{name}")
    raise AttributeError(f"module 'tapescope.autograd' has no attribute '{name}'")


__all__ = [
    "Function",
    "FunctionCtx",
    "GradcheckError",
    "Variable",
    "backward",
    "detect_anomaly",
    "enable_grad",
    "function",
    "functional",
    "grad",
    "gradcheck",
    "gradgradcheck",
    "graph",
    "inference_mode",
    "no_grad",
    "once_differentiable",
    "set_detect_anomaly",
    "set_grad_enabled",
    "set_multithreading_enabled",
]
