"""One hook for the gradients of several tensors."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from tapescope import _C
from tapescope.autograd.hooks import RemovableHandle

Tensor = _C.Tensor


class _Handles(RemovableHandle):
    """Of the hooks on all tensors."""

    def __init__(self, handles: Sequence[RemovableHandle]) -> None:
        self.handles = tuple(handles)

    def remove(self) -> None:
        for handle in self.handles:
            handle.remove()

    def __getstate__(self) -> Any:
        return self.handles

    def __setstate__(self, state: Any) -> None:
        self.handles = state


def register_multi_grad_hook(
    tensors: Sequence[Tensor], fn: Callable[..., Any], *, mode: str = "all"
) -> RemovableHandle:
    """Calls ``fn`` in each backward pass that computes gradients of `tensors`.

    mode: "all": fn(grads) once all that the pass computes are there, a list in the order of `tensors`, None for those
    that it does not reach. "any": fn(grad) with the first one. What fn returns is not looked at.
    Passes that are nested, or run in other threads, are told apart. Returns a handle with remove().
    Raises ValueError for another mode, RuntimeError for a tensor that does not require grad.
    """
    if mode not in ("all", "any"):
        raise ValueError(f"Expects mode to be one of ('all', 'any') but got {mode}")
    made = _all(tensors, fn) if mode == "all" else _any(fn)

    def hook(i: int) -> Callable[[Any], None]:
        part = made(i)
        part._multi_grad_hook = fn  # type: ignore[attr-defined]  # what a list of hooks names
        return part

    handles: list[RemovableHandle] = []
    try:
        for i, t in enumerate(tensors if mode == "all" else [t for t in tensors if t.requires_grad]):
            handles.append(t.register_hook(hook(i)))
    except BaseException:
        _Handles(handles).remove()
        raise
    return _Handles(handles)


def _all(tensors: Sequence[Tensor], fn: Callable[..., Any]) -> Callable[[int], Callable[[Any], None]]:
    nodes = [_C._gradient_edge(t)[0] if t.requires_grad else None for t in tensors]
    lock = threading.Lock()
    passes: dict[int, tuple[int, list[Any], int]] = {}  # by pass: how many are to come, what came, how many came

    def hook(i: int) -> Callable[[Any], None]:
        def inner(grad: Any) -> None:
            task = _C._current_graph_task_id()
            assert task != -1, "expected this hook to be called inside a backward call"
            with lock:
                if task in passes:
                    expected, buffer, came = passes[task]
                else:
                    expected = sum(_C._will_engine_execute_node(node) for node in nodes)
                    buffer, came = [None] * len(nodes), 0
                    _C._queue_callback(lambda: passes.pop(task, None))
                buffer[i], came = grad, came + 1
                passes[task] = expected, buffer, came
                last = came == expected
                if last:
                    passes[task] = expected, [], came
            if last:
                fn(buffer)

        return inner

    return hook


def _any(fn: Callable[..., Any]) -> Callable[[int], Callable[[Any], None]]:
    lock = threading.Lock()
    ran: set[int] = set()

    def hook(i: int) -> Callable[[Any], None]:
        def inner(grad: Any) -> None:
            task = _C._current_graph_task_id()
            with lock:
                if task in ran:
                    return
                ran.add(task)
                _C._queue_callback(lambda: ran.discard(task))
            fn(grad)

        return inner

    return hook
