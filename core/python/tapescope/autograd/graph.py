"""The backward graph's nodes, and hooks on them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from tapescope import _C
from tapescope.autograd.hooks import RemovableHandle

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
    return GradientEdge(node, output_nr)


def increment_version(tensor: _C.Tensor | Iterable[_C.Tensor]) -> None:
    """Counts a write to each tensor's memory, by code that autograd does not see: a saved one is then an error.

    tensor: a tensor, or several. Raises TypeError for what is none, RuntimeError for tensors of inference mode.
    """
    for each in (tensor,) if isinstance(tensor, _C.Tensor) else tuple(tensor):
        _C._increment_version(each)


def _register(node: Node, hook: Any, attribute: str, register: Callable[..., None]) -> RemovableHandle:
    hooks = node.metadata.get(attribute)
    if hooks is None:
        hooks = node.metadata[attribute] = OrderedDict()
        register(node, hooks)
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def register_hook(self: Node, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook(grad_inputs, grad_outputs) after the node ran; a tuple that it returns takes grad_inputs' place."""
    return _register(self, hook, "post_hooks", _C._register_node_hook_dict)


def register_prehook(self: Node, hook: Callable[..., Any]) -> RemovableHandle:
    """Calls hook(grad_outputs) before the node runs; a tuple that it returns takes grad_outputs' place."""
    return _register(self, hook, "pre_hooks", _C._register_node_prehook_dict)


def __dir__(self: Node) -> list[str]:
    return [*object.__dir__(self), *(f"_saved_{name}" for name in self._slots())]


for _f in (register_hook, register_prehook, __dir__):
    _C._add_to_node(_f.__name__, _f)
