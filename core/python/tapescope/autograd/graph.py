"""The backward graph's nodes, and hooks on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tapescope import _C
from tapescope.autograd.grad_mode import enable_grad
from tapescope.autograd.hooks import RemovableHandle
from tapescope.autograd.multi_grad import register_multi_grad_hook
from tapescope.autograd.saved_tensors import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)

__all__ = [
    "GradientEdge",
    "Node",
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "get_gradient_edge",
    "increment_version",
    "register_multi_grad_hook",
    "save_on_cpu",
    "saved_tensors_hooks",
]

Node = _C.Node


class GradientEdge(NamedTuple):
    """A place in the graph that a gradient flows into: input `output_nr` of `node`'s backward.

    Stands for a tensor in `backward` and `grad`, as a root and among the inputs, and does not keep the tensor alive.
    """

    node: Node
    output_nr: int
    ownership_token: Any = None


def get_gradient_edge(tensor: _C.Tensor) -> GradientEdge:
    """The edge that `tensor`'s gradient flows into; of a leaf its AccumulateGrad.

    Raises RuntimeError if the tensor does not require grad.
    """
    if not tensor.requires_grad:
        raise RuntimeError("Cannot get gradient edge from a tensor that does not require grad.")
    node, output_nr = _C._gradient_edge(tensor)
    if not isinstance(node, Node):
        raise RuntimeError(
            "Cannot get gradient edge from a view that was made in no_grad mode: no gradient gets there."
        )
    # The Python object of a custom function's node does not keep the node: a node above it does.
    token = None
    if isinstance(node, _C._FunctionBase):
        with enable_grad():
            token = tensor.view_as(tensor).grad_fn
    return GradientEdge(node, output_nr, token)


def increment_version(tensor: _C.Tensor | Iterable[_C.Tensor]) -> None:
    """Counts a write to each tensor's memory, by code that autograd does not see: a saved one is then an error.

    tensor: a tensor, or several. Raises TypeError for what is none, RuntimeError for tensors of inference mode.
    """
    for each in (tensor,) if isinstance(tensor, _C.Tensor) else tuple(tensor):
        _C._increment_version(each)


def _added(hooks: Any, hook: Any) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def register_hook(self: Node, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook(grad_inputs, grad_outputs) after the node ran; a tuple that it returns takes grad_inputs' place.

    Returns a handle with remove().
    """
    return _added(_C._node_hook_dict(self), hook)


def register_prehook(self: Node, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook(grad_outputs) before the node runs; a tuple that it returns takes grad_outputs' place.

    Returns a handle with remove().
    """
    return _added(_C._node_prehook_dict(self), hook)


def _register_hook_dict(self: Node, tensor: _C.Tensor) -> None:
    """Runs the tensor's `_backward_hooks` on its gradient when this node is reached."""
    _C._register_node_tensor_hook_dict(self, tensor, tensor._backward_hooks)


def __dir__(self: Node) -> list[str]:
    saved = [f"_saved_{name}" for name in self._slots()]
    return [*object.__dir__(self), *saved, *(f"_raw_saved_{name}" for name in self._raw_slots())]


for _f in (register_hook, register_prehook, _register_hook_dict, __dir__):
    _C._add_to_node(_f.__name__, _f)
