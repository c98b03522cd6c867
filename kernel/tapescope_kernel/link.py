"""The engine, when it is there: its functions go to the cell runs, its live pictures to the comms."""

from __future__ import annotations

import importlib

from tapescope_kernel import _kernel
from tapescope_kernel.log import log

_tried = False


def connect() -> None:
    """Imports the engine; once. Without it the kernel runs plain Python, and the log says why."""
    global _tried
    if _tried:
        return
    _tried = True
    try:
        engine = importlib.import_module("tapescope._C")
        if not _kernel.connect(engine._kernel_api):
            log.error(
                "no graphs will be shown: the engine is of another version than the kernel; install matching ones"
            )
            return
        importlib.import_module("tapescope.explore").serve()
    except Exception as error:
        log.error("no graphs will be shown: the engine could not be imported: %s: %s", type(error).__name__, error)
