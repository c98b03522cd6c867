"""Handles of hooks."""

import itertools
import weakref


class RemovableHandle:
    """Takes a hook away again: remove(), or the end of a `with`. Removing twice is allowed."""

    _next_id = itertools.count()

    def __init__(self, hooks_dict):
        self._hooks = weakref.ref(hooks_dict)
        self.id = next(RemovableHandle._next_id)

    def remove(self):
        hooks = self._hooks()
        if hooks is not None:
            hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()
