"""Backward hooks of a module: nodes around its forward at which the gradients of its inputs and outputs come by."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

from tapescope import _C
from tapescope.autograd.function import Function
from tapescope.autograd.hooks import ran

Tensor = _C.Tensor


class BackwardHookFunction(Function):
    """The same tensors, as outputs of one node."""

    @staticmethod
    def forward(ctx: Any, *args: Tensor) -> Any:
        ctx.mark_non_differentiable(*[arg for arg in args if not arg.requires_grad])
        return args

    @staticmethod
    def backward(ctx: Any, *args: Any) -> Any:
        return args


class BackwardHook:
    """The backward hooks of one call of a module.

    The inputs go through one node and the outputs through another. In backward the outputs' node runs first, and what
    comes by is kept until the inputs' node has run: then there is all that the hooks are given.

    user_hooks, user_pre_hooks: (id of its handle, hook).
    """

    def __init__(
        self, module: Any, user_hooks: Sequence[tuple[int, Any]], user_pre_hooks: Sequence[tuple[int, Any]]
    ) -> None:
        self.module, self.user_hooks, self.user_pre_hooks = module, user_hooks, user_pre_hooks
        self.grad_outputs: Any = None
        self.n_inputs = self.n_outputs = 0
        self.inputs: list[int] | None = None  # where the tensors are among them; None: nothing requires grad
        self.outputs: list[int] | None = None

    def setup_input_hook(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        """The arguments, with tensors that come out of the inputs' node."""
        self.n_inputs = len(args)
        args, self.inputs, node = _through_a_node(args)
        if node is not None:
            node.register_hook(self._at_inputs)
        return args

    def setup_output_hook(self, result: Any) -> Any:
        """The output, or the tuple of them, with tensors that come out of the outputs' node."""
        results = result if isinstance(result, tuple) else (result,)
        self.n_outputs = len(results)
        results, self.outputs, node = _through_a_node(results)
        if node is not None:
            node.register_hook(self._at_outputs)
        return results if isinstance(result, tuple) else results[0]

    def _at_inputs(self, grad_inputs: Any, _: Any) -> Any:
        # A gradient that gets here by another way than through the outputs, as in a second derivative, is not of this
        # module's backward.
        if self.grad_outputs is None:
            return None
        assert self.inputs is not None
        grads = _spread(self.inputs, grad_inputs, self.n_inputs)
        for key, hook in self.user_hooks:
            ran(key)
            with _C._hook_range(hook):
                given = hook(self.module, grads, self.grad_outputs)
            if given is not None:
                if len(given) != len(grads):
                    raise RuntimeError(
                        "Backward hook returned an invalid number of grad_input, "
                        f"got {len(given)}, but expected {len(grads)}"
                    )
                grads = given
        self.grad_outputs = None
        return tuple(grads[i] for i in self.inputs)

    def _at_outputs(self, _: Any, grad_outputs: Any) -> Any:
        assert self.outputs is not None
        grads: Any = _spread(self.outputs, grad_outputs, self.n_outputs)
        for key, hook in self.user_pre_hooks:
            ran(key)
            with _C._hook_range(hook):
                given = hook(self.module, grads)
            if given is not None:
                if len(given) != self.n_outputs:
                    raise RuntimeError(
                        "Backward pre hook returned an invalid number of grad_output, "
                        f"got {len(given)}, but expected {self.n_outputs}"
                    )
                grads = given
        if self.inputs is None:
            self._without_inputs(grads)
        else:
            self.grad_outputs = grads
        return tuple(grads[i] for i in self.outputs)

    def _without_inputs(self, grad_outputs: Any) -> None:
        warnings.warn(
            "Full backward hook is firing when gradients are computed with respect to module outputs since no inputs "
            "require gradients. See Module.register_full_backward_hook for more details.",
            stacklevel=5,
        )
        for key, hook in self.user_hooks:
            ran(key)
            with _C._hook_range(hook):
                given = hook(self.module, (None,) * self.n_inputs, grad_outputs)
            if given is not None and not (isinstance(given, tuple) and all(g is None for g in given)):
                raise RuntimeError(
                    "Backward hook for Modules where no input requires gradient should always return None or None for "
                    "all gradients."
                )


def _spread(places: Sequence[int], values: Sequence[Any], size: int) -> tuple[Any, ...]:
    """The values at their places, and None at the others."""
    spread: list[Any] = [None] * size
    for place, value in zip(places, values, strict=True):
        spread[place] = value
    return tuple(spread)


def _through_a_node(values: tuple[Any, ...]) -> tuple[Any, list[int] | None, Any]:
    """(The values with tensors that come out of one node, where those are, the node); None without a gradient."""
    places = [i for i, value in enumerate(values) if isinstance(value, Tensor)]
    if not (_C.is_grad_enabled() and any(values[i].requires_grad for i in places)):
        return values, None, None
    made = BackwardHookFunction.apply(*(values[i] for i in places))
    node = next(t.grad_fn for t in made if t.grad_fn is not None)
    out = list(values)
    for place, tensor in zip(places, made, strict=True):
        out[place] = tensor
    # A named tuple takes its fields one by one.
    return (tuple(out) if type(values) is tuple else type(values)(*out)), places, node
