"""Which request an output belongs to.

A task keeps the request that it was made in (a context variable), a thread the one that was current where it was
started; so does a task of a cell that ended long ago. Whatever has neither belongs to the request in hand.
"""

from __future__ import annotations

import contextvars
import functools
import threading

from tapescope_kernel import _kernel

_parent: contextvars.ContextVar[_kernel.Parent | None] = contextvars.ContextVar("tapescope_parent", default=None)


def current() -> _kernel.Parent | None:
    """None: the request in hand."""
    parent = _parent.get()
    if parent is None:
        parent = getattr(threading.current_thread(), "_tapescope_parent", None)
    return parent


def enter() -> None:
    """What runs from here on belongs to the request in hand."""
    _parent.set(_kernel.parent())


def follow_threads() -> None:
    """Threads inherit no context; they are given their parent when they start."""
    start = threading.Thread.start

    @functools.wraps(start)
    def start_with_parent(self: threading.Thread) -> None:
        self._tapescope_parent = current()  # type: ignore[attr-defined]
        start(self)

    threading.Thread.start = start_with_parent  # type: ignore[method-assign]
