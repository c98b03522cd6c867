"""The Python side of the debugger: how variables are shown, and what debugpy is to leave alone."""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from typing import Any

from IPython.core.getipython import get_ipython

from tapescope_kernel.messages import to_json

_kept: bytes | None = None
LARGEST = 1 << 22  # elements whose statistics are worth the wait at a breakpoint


def prepare(folder: str) -> None:
    """Called once, before debugpy listens. Cells that are debugged become files in `folder`."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    import debugpy.server.api  # noqa: F401  puts pydevd on the path
    from _pydevd_bundle import pydevd_extension_utils

    from tapescope_kernel import pydevd_tensor

    manager = pydevd_extension_utils.EXTENSION_MANAGER_INSTANCE
    manager._ensure_loaded()
    manager.loaded_extensions.append(pydevd_tensor)
    manager.type_to_instance.clear()
    pydevd_tensor.name_facts()
    leave_alone(threading.current_thread())


def leave_alone(thread: threading.Thread) -> None:
    """The kernel's own threads are neither traced nor stopped nor listed."""
    thread.pydev_do_not_trace = True  # type: ignore[attr-defined]
    thread.is_pydev_daemon_thread = True  # type: ignore[attr-defined]


def trace_this_cell() -> None:
    """debugpy reaches a thread that waits in a system call late, or not at all: the cell's own thread asks."""
    debugpy = sys.modules.get("debugpy")
    if debugpy is not None and sys.gettrace() is None and debugpy.is_client_connected():
        debugpy.trace_this_thread(True)


def trace_again(tracer: Any) -> None:
    """Python stops tracing a thread whose trace function raises, as it does when an interrupt ends a stopped cell.

    debugpy, which did not see it go on, would stop it anew wherever it is.
    """
    from _pydevd_bundle.pydevd_constants import get_current_thread_id
    from _pydevd_bundle.pydevd_thread_lifecycle import resume_threads

    resume_threads(get_current_thread_id(threading.current_thread()))
    sys.settrace(tracer)


def keep(value: Any) -> None:
    """Formats a value for `take`. Runs in the stopped program's thread."""
    global _kept
    _kept = _formatted(value)


def take() -> bytes | None:
    global _kept
    taken, _kept = _kept, None
    return taken


def of_global(name: str) -> bytes | None:
    """The user's variable, while nothing is stopped."""
    shell = get_ipython()
    return _formatted(shell.user_ns[name]) if name in shell.user_ns else None


def _formatted(value: Any) -> bytes:
    with unrecorded():
        data, metadata = get_ipython().display_formatter.format(value)
    return to_json({"data": data, "metadata": metadata})


@contextlib.contextmanager
def unrecorded() -> Iterator[None]:
    """What is computed for a look is no part of the cell."""
    engine = sys.modules.get("tapescope._C")
    if engine is None:
        yield
        return
    engine._pause_recording(True)
    try:
        yield
    finally:
        engine._pause_recording(False)


def summary(tensor: Any) -> str:
    """One line: shape, dtype, statistics, and where it stands in the graph."""
    facts = [f"{tuple(tensor.shape)} {str(tensor.dtype).removeprefix('tapescope.')}"]
    with unrecorded():
        if tensor.numel() == 1:
            facts.append(f"value {tensor.item()!r}")
        elif 0 < tensor.numel() <= LARGEST:
            facts += _numbers(tensor)
    if tensor.grad_fn is not None:
        facts.append(f"grad_fn={tensor.grad_fn.name()}")
    elif tensor.requires_grad:
        facts.append("requires_grad")
    return ", ".join(facts)


def _numbers(tensor: Any) -> list[str]:
    from tapescope.explore.stats import stats

    work = stats(tensor.detach().numpy())
    while True:
        try:
            next(work)
        except StopIteration as end:
            numbers = end.value
            break
    facts = [f"{name} {numbers[name]:.4g}" for name in ("min", "mean", "max") if isinstance(numbers.get(name), float)]
    return facts + [f"{numbers[name]} {name}" for name in ("nan", "inf") if name in numbers]
