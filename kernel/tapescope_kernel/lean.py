"""Imports that a kernel can do without at its start. Import this first.

`import IPython` imports the terminal's shell for the sake of `IPython.embed`, and with it prompt_toolkit: a third of
all the work until the kernel is ready. Here `embed` is a function that imports it when called.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

_NAME = "IPython.terminal.embed"


class _LazyModule(types.ModuleType):
    """Stands in for the module until something other than `embed` is asked of it."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(_load(), name)


def _load() -> types.ModuleType:
    if isinstance(sys.modules.get(_NAME), _LazyModule):
        del sys.modules[_NAME]
    return importlib.import_module(_NAME)


def _embed(*arguments: Any, **options: Any) -> Any:
    return _load().embed(*arguments, **options)


if "IPython" not in sys.modules:
    _module = _LazyModule(_NAME)
    _module.embed = _embed  # type: ignore[attr-defined]
    sys.modules[_NAME] = _module
