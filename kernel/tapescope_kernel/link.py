"""The engine, once a cell imports it: its functions go to the cell runs, its live pictures to the comms.

The kernel does not import it itself: that would make every start pay for numpy, and a kernel in which nobody imports
Tapescope has no graph to show.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from tapescope_kernel import _kernel
from tapescope_kernel.log import log

ENGINE = "tapescope._C"

_connected = False
_serving = False


def watch() -> None:
    """Connects as soon as the engine is imported. The log says if it cannot be."""
    if importlib.util.find_spec("tapescope") is None:
        log.warning("no graphs will be shown: the package tapescope is not installed beside the kernel")
        return
    sys.meta_path.insert(0, _Finder())


def after_cell() -> None:
    """Lets the live pictures be asked, once the engine is there."""
    global _serving
    if _connected and not _serving:
        _serving = True
        importlib.import_module("tapescope.explore").serve()


def _connect(engine: ModuleType) -> None:
    global _connected
    try:
        _connected = _kernel.connect(engine._kernel_api)
    except Exception as error:
        log.error("no graphs will be shown: %s: %s", type(error).__name__, error)
        return
    if not _connected:
        log.error("no graphs will be shown: the engine is of another version than the kernel; install matching ones")


class _Finder(importlib.abc.MetaPathFinder):
    """Finds what the others find, and has its loader tell when the engine is loaded."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != ENGINE:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader)
        return spec


class _Loader(importlib.abc.Loader):
    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> ModuleType | None:
        return self._inner.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._inner.exec_module(module)
        _connect(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)
