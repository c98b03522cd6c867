"""Functions with a derivative of their own."""

from __future__ import annotations

import functools
import inspect
import itertools
import warnings
from collections.abc import Callable
from typing import Any, NoReturn

from tapescope import _C
from tapescope.autograd.grad_mode import no_grad

__all__ = ["BackwardCFunction", "Function", "FunctionCtx", "FunctionMeta", "once_differentiable"]

Tensor = _C.Tensor
_ids = itertools.count()


class FunctionCtx:
    """What forward, setup_context and backward of a Function share. Attributes of the program's own are kept, too."""

    def save_for_backward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors for backward, where they are ``ctx.saved_tensors``; a later call takes the place of this one.

        tensors: inputs or outputs of forward, others, or None. A write in between is an error in backward.
        What is neither raises TypeError when apply() ends, if the call is recorded.
        """
        self.to_save = tensors

    def save_for_forward(self, *tensors: Tensor | None) -> None:
        """Keeps tensors for jvp; they are gone when apply() ends. Raises AssertionError for what is no tensor."""
        for t in tensors:
            assert isinstance(t, Tensor) or t is None, (
                "save_for_forward expects all arguments to be tensors; you should save non-tensors as attributes on "
                "ctx."
            )
        self.saved_for_forward = tensors

    def mark_dirty(self, *args: Tensor) -> None:
        """Says that forward wrote to these inputs. It has to return them."""
        self.dirty_tensors = args

    def mark_shared_storage(self, *pairs: Any) -> None:
        """Deprecated, without effect."""
        warnings.warn(
            "mark_shared_storage is deprecated. Tensors with shared storages are automatically tracked. Note that "
            "calls to `set_()` are not tracked",
            FutureWarning,
            stacklevel=2,
        )

    def mark_non_differentiable(self, *args: Tensor) -> None:
        """Says that these outputs have no gradient: they do not require grad, and backward gets zeros for them."""
        self.non_differentiable = args

    def set_materialize_grads(self, value: bool) -> None:
        """False: backward gets None, not zeros, for outputs that no gradient came to. Raises TypeError for no bool."""
        self.materialize_grads = value


class BackwardCFunction(_C._FunctionBase, FunctionCtx):
    """The class of a call's ctx, which its grad_fn shows; one for each Function."""

    _forward_cls: type[Function]

    def apply(self, *args: Any) -> Any:  # type: ignore[override]
        """Runs the function's backward, or its vjp."""
        cls = self._forward_cls
        vjp = cls.vjp
        if vjp is Function.vjp:
            return cls.backward(self, *args)
        if cls.backward is not Function.backward:
            raise RuntimeError(
                "Implementing both 'backward' and 'vjp' for a custom Function is not allowed. You should only "
                f"implement one of them; {cls.__name__} has both."
            )
        return vjp(self, *args)

    def apply_jvp(self, *args: Any) -> Any:
        """Runs the function's jvp."""
        return self._forward_cls.jvp(self, *args)

    def _compiled_autograd_key(self) -> Any:
        return self._forward_cls._compiled_autograd_key(self)


class FunctionMeta(type):
    """Gives each Function the class of its ctx."""

    def __init__(cls, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> None:
        made = type(
            name + "Backward", (BackwardCFunction,), {"_forward_cls": cls, "__module__": attrs.get("__module__", "")}
        )
        made._autograd_function_id = next(_ids)  # type: ignore[attr-defined]
        cls._backward_cls = made
        super().__init__(name, bases, attrs)


class Function(_C._FunctionBase, FunctionCtx, metaclass=FunctionMeta):
    """Base of custom functions: static methods `forward` and `backward`, called through ``apply``.

    Either ``forward(ctx, *args)``, or ``forward(*args)`` with ``setup_context(ctx, inputs, output)``.
    ``backward(ctx, *grad_outputs)`` gets one gradient an output and returns one an argument of forward, None for what
    needs none. forward runs in no_grad mode. Never make an instance: call ``Name.apply(*args)``.

        class Exp(Function):
            @staticmethod
            def forward(ctx, x):
                y = x.exp()
                ctx.save_for_backward(y)
                return y

            @staticmethod
            def backward(ctx, grad):
                (y,) = ctx.saved_tensors
                return grad * y

    clear_saved_tensors_on_access: True lets ctx.saved_tensors be read once, and frees them then. boxed_grads_call: True
    gives backward its gradients as one list, which it may empty to free them early.
    """

    _backward_cls: type[BackwardCFunction]
    generate_vmap_rule = False
    clear_saved_tensors_on_access = False
    boxed_grads_call = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        warnings.warn(
            f"{type(self)} should not be instantiated. Methods on autograd functions are all static, so you should "
            "invoke them on the class itself. Instantiating an autograd function will raise an error in a future "
            "version.",
            DeprecationWarning,
            stacklevel=2,
        )

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise RuntimeError(
            "Legacy autograd function with non-static forward method is deprecated. Please use new-style autograd "
            f"function with static forward method: call {type(self).__name__}.apply(…)."
        )

    @staticmethod
    def forward(*args: Any, **kwargs: Any) -> Any:
        """The value; a subclass has its own. `ctx` comes first unless setup_context is overridden."""
        raise NotImplementedError("You must implement the forward function for custom autograd.Function.")

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        """Prepares `ctx` for backward. inputs: forward's arguments. output: what it returned, without history."""
        raise NotImplementedError("setup_context is not implemented.")

    @staticmethod
    def backward(ctx: Any, *grad_outputs: Any) -> Any:
        """One gradient an argument of forward, from one an output."""
        raise NotImplementedError(
            "You must implement either the backward or vjp method for your custom autograd.Function to use it with "
            "backward mode AD."
        )

    vjp = backward  # two names of one method: a subclass has one of them

    @staticmethod
    def jvp(ctx: Any, *grad_inputs: Any) -> Any:
        """One tangent an output, from one an argument. Forward mode is not there yet: it is never called."""
        raise NotImplementedError(
            "You must implement the jvp function for custom autograd.Function to use it with forward mode AD."
        )

    @staticmethod
    def vmap(info: Any, in_dims: Any, *args: Any) -> Any:
        """The function over a batch. vmap is not there yet: it is never called."""
        raise NotImplementedError(
            "To use autograd.Function with vmap, you must either override the vmap staticmethod or set "
            "generate_vmap_rule=True."
        )

    @staticmethod
    def _compiled_autograd_key(ctx: Any) -> tuple[int, ...]:
        return (ctx._autograd_function_id,)


def _with_defaults(forward: Callable[..., Any], args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments, and the defaults of those that were left out: setup_context sees all of them."""
    signature = _signature(forward)
    if signature is None:
        return args
    bound = signature.bind(*args)
    if len(bound.arguments) == len(signature.parameters):
        return args
    bound.apply_defaults()
    return bound.args


@functools.lru_cache(maxsize=256)
def _signature(forward: Callable[..., Any]) -> inspect.Signature | None:
    """None where nothing has a default."""
    signature = inspect.signature(forward)
    if any(p.default is not p.empty for p in signature.parameters.values()):
        return signature
    return None


def once_differentiable(fn: Callable[..., Any]) -> Callable[..., Any]:
    """For a backward that cannot be differentiated itself: the second derivative raises RuntimeError.

    fn: a backward. It runs in no_grad mode.
    """

    @functools.wraps(fn)
    def wrapper(ctx: Any, *args: Any) -> Any:
        with no_grad():
            outputs = fn(ctx, *args)
        if not _C.is_grad_enabled():
            return outputs
        # Where no gradient that came in has a history, the results are constants.
        if not any(isinstance(arg, Tensor) and arg.requires_grad for arg in args):
            return outputs
        results = outputs if isinstance(outputs, tuple) else (outputs,)
        made = _C._delayed_error(
            "trying to differentiate twice a function that was marked with @once_differentiable", *results
        )
        return made if isinstance(outputs, tuple) else made[0]

    return wrapper


_C._set_function_base(Function.setup_context, _with_defaults)
