"""Handles of hooks."""

from __future__ import annotations

import itertools
import weakref
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from typing import Any

# How often each hook was called that Python calls, of modules and optimizers, by the id of its handle. Those that the
# engine calls are counted there.
runs: dict[int, int] = {}


def ran(key: int) -> None:
    """Counts a call of the hook."""
    runs[key] = runs.get(key, 0) + 1


class RemovableHandle:
    """Takes a hook away again: remove(), or the end of a `with`. Removing twice is allowed.

    hooks_dict: where the hook is kept under `id`; held weakly. extra_dict: others that know the id, a dict or several.
    A copy made by pickle is a handle of the copied dict, and one of nothing where that was gone.
    """

    next_id = itertools.count()

    def __init__(self, hooks_dict: MutableMapping[int, Any], *, extra_dict: Any = None) -> None:
        self.hooks_dict_ref: Callable[[], Any] = weakref.ref(hooks_dict)
        self.id = next(RemovableHandle.next_id)
        extra = () if extra_dict is None else extra_dict if isinstance(extra_dict, list) else (extra_dict,)
        self.extra_dict_ref: tuple[Callable[[], Any], ...] = tuple(weakref.ref(d) for d in extra)

    def remove(self) -> None:
        """Takes the hook away. Without effect where it was, or where what had it is gone."""
        for ref in (self.hooks_dict_ref, *self.extra_dict_ref):
            hooks = ref()
            if hooks is not None:
                hooks.pop(self.id, None)
        runs.pop(self.id, None)

    def __getstate__(self) -> Any:
        return self.hooks_dict_ref(), self.id, tuple(ref() for ref in self.extra_dict_ref)

    def __setstate__(self, state: Any) -> None:
        hooks, self.id, extra = state
        self.hooks_dict_ref = weakref.ref(OrderedDict() if hooks is None else hooks)
        self.extra_dict_ref = tuple(weakref.ref(OrderedDict() if d is None else d) for d in extra)
        RemovableHandle.next_id = itertools.count(max(next(RemovableHandle.next_id), self.id + 1))

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *exc: object) -> None:
        self.remove()
