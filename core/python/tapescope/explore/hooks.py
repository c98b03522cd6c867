"""Every hook of a tensor, a node, a graph, a module or an optimizer, in the order in which they fire."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tapescope import _C
from tapescope.autograd.hooks import runs


@dataclass(frozen=True)
class Hook:
    """One hook.

    kind: where it fires: tensor_pre, retain_grad, pre, post_accumulate_grad, post; module_forward_pre, module_forward,
    module_backward_pre, module_backward; optimizer_step_pre, optimizer_step_post. order: its place among the hooks of
    its owner, all kinds together, from 0. owner: what it fires at, in words. name, file, line: of the callable.
    runs: times it was called; None where that is not counted (retain_grad).
    Of its last call while a cell was recorded: changed ("replaced": another gradient came back, "in_place": the one
    given was written, "": neither; None: there was no such call), and shape and 2-norm before and after (norm None:
    not taken, for the gradient is large).
    """

    kind: str
    order: int
    owner: str
    name: str
    file: str
    line: int
    id: int
    runs: int | None = None
    changed: str | None = None
    shape_before: tuple[int, ...] | None = None
    shape_after: tuple[int, ...] | None = None
    norm_before: float | None = None
    norm_after: float | None = None

    def __str__(self) -> str:
        place = f" ({self.file.rpartition('/')[2]}:{self.line})" if self.line else ""
        ran = "" if self.runs is None else f", ran {self.runs} times" if self.runs != 1 else ", ran once"
        if self.changed is None:
            effect = ""
        elif not self.changed:
            effect = ", changed nothing"
        elif self.norm_before is None or self.norm_after is None:
            effect = f", {self.changed}"
        else:
            effect = f", {self.changed}: norm {self.norm_before:.4g} → {self.norm_after:.4g}"
        return f"{self.order}. {self.kind} on {self.owner}: {self.name}{place}{ran}{effect}"


def hooks(x: Any, *, graph: bool = False) -> list[Hook]:
    """The hooks of `x`, in firing order. Nothing is run, and nothing changes.

    x: a tensor, a node (`grad_fn`), a module (its own, its submodules' and its parameters') or an optimizer; with
    graph=True, of a tensor or node the hooks of all nodes behind it, from the output to the leaves.
    Raises TypeError for anything else.
    """
    if isinstance(x, _C.Tensor | _C.Node):
        if not graph:
            return list(_of(x))
        return [hook for node in _C._nodes_above([x]) for hook in _of(node)]
    from tapescope.nn import Module
    from tapescope.optim import Optimizer

    if isinstance(x, Module):
        return list(_of_module(x))
    if isinstance(x, Optimizer):
        return list(_of_optimizer(x))
    raise TypeError(f"hooks: takes a tensor, a node, a module or an optimizer, not a {type(x).__name__}")


def _owner(of: Any) -> str:
    if isinstance(of, _C.Node):
        return of.name()
    return _name_of(of) or f"a tensor of shape {tuple(of.shape)}"


def _name_of(tensor: Any) -> str | None:
    from tapescope import _names

    name: str | None = _names.collect()[0].get(tensor._id)
    return name or tensor.name


def _of(x: Any, owner: str | None = None) -> Iterator[Hook]:
    found = _C._hooks_of(x)
    if not found:
        return
    owner = owner or _owner(x)
    for each in found:
        handled = each["kind"] != "retain_grad"
        yield Hook(
            kind=each["kind"],
            order=each["order"],
            owner=owner,
            name=each["name"],
            file=each["file"],
            line=each["line"],
            id=each["id"],
            runs=each["runs"] if handled else None,
            **{key: each.get(key) for key in ("changed", "shape_before", "shape_after", "norm_before", "norm_after")},
        )


def _callable(kind: str, order: int, owner: str, hook: Any, key: int) -> Hook:
    name, file, line = _C._describe_callable(hook)
    return Hook(kind, order, owner, name, file, line, key, runs=runs.get(key, 0))


def _of_module(module: Any) -> Iterator[Hook]:
    from tapescope import _names

    for path, each in module.named_modules():
        owner = f"{path or 'the module'} ({type(each).__name__})"
        for order, (kind, hook, key) in enumerate(_names.hooks_of_module(each)):
            yield _callable(kind, order, owner, hook, key)
    for path, parameter in module.named_parameters():
        yield from _of(parameter, path)


def _of_optimizer(optimizer: Any) -> Iterator[Hook]:
    owner, order = type(optimizer).__name__, 0
    for table, kind in (
        ("_optimizer_step_pre_hooks", "optimizer_step_pre"),
        ("_optimizer_step_post_hooks", "optimizer_step_post"),
    ):
        for key, hook in list(vars(optimizer).get(table, {}).items()):
            yield _callable(kind, order, owner, hook, key)
            order += 1
