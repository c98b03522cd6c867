"""Methods of Tensor that are written in Python."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Any

from tapescope import _C
from tapescope.autograd.hooks import RemovableHandle

Tensor = _C.Tensor


def _method(f: Callable[..., Any]) -> Callable[..., Any]:
    _C._add_to_tensor(f.__name__, f)
    return f


@_method
def backward(
    self: Tensor,
    gradient: Tensor | None = None,
    retain_graph: bool | None = None,
    create_graph: bool = False,
    inputs: Tensor | Sequence[Tensor] | None = None,
) -> None:
    """Computes the gradients of the graph's leaves with respect to this tensor and adds them to their `.grad`.

    gradient: of this tensor's shape; may be left out for a single element, and is 1 then.
    retain_graph: keep what the graph saved, so that it can run again; default: the value of create_graph.
    create_graph: record the backward itself, for gradients of gradients.
    inputs: tensors to which alone gradients flow; default: all leaves.
    Raises RuntimeError if there is no graph, it was freed, or a saved tensor was written since.
    """
    from tapescope import autograd

    autograd.backward(self, gradient, retain_graph, create_graph, inputs=inputs)


_HOOK_IN_TRACE = (
    "A hook that is registered while a function is traced is no part of the graph: it runs for this call's gradients "
    "alone. Register it on what the traced function returns, or on its inputs and parameters."
)


class _TensorHooks(OrderedDict[int, Any]):
    """The hooks of a tensor as the output of one node, known by its id; None: of a leaf."""

    def __init__(self, node: int | None) -> None:
        super().__init__()
        self.node = node


@_method
def register_hook(self: Tensor, hook: Callable[[Tensor], Tensor | None]) -> RemovableHandle:
    """Calls hook(grad) whenever this tensor's gradient is computed; a tensor that it returns takes its place.

    Returns a handle with remove(). Raises RuntimeError if the tensor does not require grad.
    """
    _C._tracer_warn(_HOOK_IN_TRACE)
    if not self.requires_grad:
        from tapescope.jit._check import is_checking

        if is_checking():  # a run without gradients, for a trace that has its hook
            return RemovableHandle(OrderedDict())
        raise RuntimeError("cannot register a hook on a tensor that doesn't require gradient")
    node = None if self.grad_fn is None else self.grad_fn._id
    hooks = self._backward_hooks
    # What was registered before a write stays with the node of the value before it.
    if not isinstance(hooks, _TensorHooks) or hooks.node != node:
        hooks = self._backward_hooks = _TensorHooks(node)
        _C._register_tensor_hook_dict(self, hooks)
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


@_method
def register_post_accumulate_grad_hook(self: Tensor, hook: Callable[[Tensor], None]) -> RemovableHandle:
    """Calls hook(leaf) after a gradient was added to this leaf's `.grad`. Returns a handle with remove()."""
    hooks = getattr(self, "_post_accumulate_grad_hooks", None)
    if hooks is None:
        hooks = OrderedDict()
        _C._register_post_accumulate_dict(self, hooks)
        self._post_accumulate_grad_hooks = hooks  # type: ignore[attr-defined]
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


@_method
def requires_grad_(self: Tensor, requires_grad: bool = True) -> Tensor:
    """Says whether gradients are computed for this tensor, in place. Returns self."""
    self.requires_grad = requires_grad
    return self


@_method
def __deepcopy__(self: Tensor, memo: dict[int, Any]) -> Tensor:
    if not self.is_leaf:
        raise RuntimeError(
            "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment; "
            "detach() it first"
        )
    from copy import deepcopy

    from tapescope.nn.parameter import Parameter

    made = _of_kind(self, _copy_in(memo, self.detach()))
    memo[id(self)] = made
    if not isinstance(self, Parameter):  # a Parameter's copy starts without, as in PyTorch
        if self.grad is not None:
            made.grad = deepcopy(self.grad, memo)
        for name, value in _attributes(self):
            setattr(made, name, deepcopy(value, memo))
    return made


@_method
def __copy__(self: Tensor) -> Tensor:
    made = _of_kind(self, self.detach())
    for name, value in _attributes(self):
        setattr(made, name, value)
    return made


def _attributes(self: Tensor) -> list[tuple[str, Any]]:
    """What the program has put on a tensor; hooks are no part of it, and stay with their tensor."""
    state: Any = object.__getstate__(self)
    return [item for item in (state or {}).items() if item[0] != "_post_accumulate_grad_hooks"]


def _of_kind(self: Tensor, data: Tensor) -> Tensor:
    """A leaf with the memory of `data`, of the class of `self`; it requires grad if `self` does."""
    if type(self) is not Tensor:
        return type(self)._make_subclass(type(self), data, self.requires_grad)
    return data.requires_grad_() if self.requires_grad else data


def _copy_in(memo: dict[int, Any], data: Tensor) -> Tensor:
    """The same elements in a copy of the whole memory; one copy for all tensors that share it."""
    storage, size = _C._storage_of(data)
    memories: dict[tuple[int, int], Tensor] = memo.setdefault(_SHARED, {})
    memory = memories.get((storage, data.itemsize))
    if memory is None:
        memory = data.as_strided((size // data.itemsize,), (1,), 0).clone()
        memories[storage, data.itemsize] = memory
    if memory.dtype is not data.dtype:
        memory = memory.view(data.dtype)
    return memory.as_strided(data.shape, data.stride(), data.storage_offset()).detach()


_SHARED = id(_copy_in)  # of the memo's entry: no object that is copied has this id


@_method
def __reduce_ex__(self: Tensor, protocol: Any) -> Any:
    if not self.is_leaf:
        raise RuntimeError("a tensor with a history cannot be pickled; detach() it first")
    data = self.detach()
    bits = data.view(_C.int16) if data.dtype is _C.bfloat16 else data  # NumPy has no bfloat16
    return _rebuild, (type(self), bits.numpy().copy(), self.requires_grad, data.dtype)


def _rebuild(cls: type[Tensor], array: Any, requires_grad: bool, dtype: _C.dtype | None = None) -> Tensor:
    data = _C.tensor(array)
    if dtype is not None and data.dtype is not dtype:
        data = data.view(dtype)
    return data.requires_grad_(requires_grad) if cls is Tensor else cls._make_subclass(cls, data, requires_grad)


def _made_like(name: str, make: Callable[..., Tensor], doc: str) -> None:
    def new(self: Tensor, *args: Any, dtype: Any = None, **options: Any) -> Tensor:
        return make(*args, dtype=self.dtype if dtype is None else dtype, **options)

    new.__name__, new.__qualname__, new.__doc__ = name, f"Tensor.{name}", doc
    _method(new)


_made_like("new_zeros", _C.zeros, "Zeros of the size given, with this tensor's dtype unless another is asked for.")
_made_like("new_ones", _C.ones, "Ones of the size given, with this tensor's dtype unless another is asked for.")
_made_like("new_empty", _C.empty, "A tensor of the size given, with this tensor's dtype unless another is asked for.")
_made_like("new_full", _C.full, "new_full(size, value), with this tensor's dtype unless another is asked for.")
_made_like("new_tensor", _C.tensor, "A copy of `data`, with this tensor's dtype unless another is asked for.")


@_method
def cuda(self: Tensor, *_: Any, **__: Any) -> Tensor:
    """Not there yet: raises NotImplementedError."""
    return self.to("cuda")


@_method
def nelement(self: Tensor) -> int:
    """Number of elements."""
    return self.numel()


@_method
def __format__(self: Tensor, spec: str) -> str:
    return format(self.item() if self.ndim == 0 and spec else str(self), spec)


@_method
def __contains__(self: Tensor, value: Tensor | float) -> bool:
    return (self == value).any().item()


_C._add_to_tensor("__module__", "tapescope")
_C._add_to_tensor("__array_priority__", 1000)  # NumPy's scalars leave operators to the tensor on their right
