"""Handles of hooks."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import MutableMapping
from typing import Any


class RemovableHandle:
    """Takes a hook away again: remove(), or the end of a `with`. Removing twice is allowed."""

    _next_id = itertools.count()

    def __init__(self, hooks_dict: MutableMapping[int, Any]) -> None:
        self._hooks = weakref.ref(hooks_dict)
        self.id = next(RemovableHandle._next_id)

    def remove(self) -> None:
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()
