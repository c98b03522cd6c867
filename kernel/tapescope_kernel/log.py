"""The kernel's log: the stderr that the process was started with, never a cell's."""

from __future__ import annotations

import logging
import os

from tapescope_kernel import _kernel

terminal = os.fdopen(_kernel.terminal_fd(), "w", buffering=1, closefd=False, errors="backslashreplace")

log = logging.getLogger("tapescope_kernel")
log.propagate = False
_handler = logging.StreamHandler(terminal)
_handler.setFormatter(logging.Formatter("[tapescope kernel] %(levelname)s: %(message)s"))
log.addHandler(_handler)
log.setLevel(logging.INFO)
