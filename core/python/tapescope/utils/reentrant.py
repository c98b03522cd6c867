"""Checkpoints that record nothing in forward, and run a backward of their own inside of backward."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

from tapescope import _C, autograd
from tapescope.autograd.function import Function
from tapescope.autograd.grad_mode import enable_grad
from tapescope.utils.random_state import drawing_from

Tensor = _C.Tensor


def detach_variable(inputs: tuple[Any, ...]) -> tuple[Any, ...]:
    """The same with its tensors as leaves, which require grad where they did. Raises RuntimeError for no tuple."""
    if not isinstance(inputs, tuple):
        raise RuntimeError(
            f"detach_variable: only a tuple of tensors is supported, and this is a {type(inputs).__name__}"
        )
    return tuple(x.detach().requires_grad_(x.requires_grad) if isinstance(x, Tensor) else x for x in inputs)


def check_backward_validity(inputs: Iterable[Any]) -> None:
    """Warns where no tensor among the inputs requires grad."""
    if not any(x.requires_grad for x in inputs if isinstance(x, Tensor)):
        warnings.warn("None of the inputs have requires_grad=True. Gradients will be None", stacklevel=4)


class CheckpointFunction(Function):
    """The function's value, and its gradients from a second run: apply(function, preserve_rng_state, *args)."""

    @staticmethod
    def forward(ctx: Any, function: Any, preserve_rng_state: bool, *args: Any) -> Any:
        check_backward_validity(args)
        ctx.function = function
        ctx.random_state = _C.get_rng_state() if preserve_rng_state else None
        ctx.places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx.inputs = [None if isinstance(arg, Tensor) else arg for arg in args]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return function(*args)

    @staticmethod
    def backward(ctx: Any, *grads: Any) -> Any:
        if not _C._is_checkpoint_valid():
            raise RuntimeError(
                "When use_reentrant=True, tapescope.utils.checkpoint is incompatible with .grad() or passing an "
                "`inputs` parameter to .backward(). To resolve this error, you can either set use_reentrant=False, or "
                "call .backward() without passing the `inputs` argument."
            )
        inputs = list(ctx.inputs)
        for place, tensor in zip(ctx.places, ctx.saved_tensors, strict=True):
            inputs[place] = tensor
        leaves = detach_variable(tuple(inputs))
        with drawing_from(ctx.random_state), enable_grad():
            outputs = ctx.function(*leaves)
        if isinstance(outputs, Tensor):
            outputs = (outputs,)
        # One gradient an output: those beyond were of the first run's.
        reached = [i for i, out in enumerate(outputs) if isinstance(out, Tensor) and out.requires_grad]
        if not reached:
            raise RuntimeError("none of output has requires_grad=True, this checkpoint() is not necessary")
        autograd.backward([outputs[i] for i in reached], [grads[i] for i in reached])
        return (None, None, *(x.grad if isinstance(x, Tensor) else None for x in leaves))
