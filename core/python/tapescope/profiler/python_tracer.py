"""The tracer of Python calls: what is on the stack, on every thread, while a profile is taken."""

from __future__ import annotations

import functools
import os
import site
import sys
import threading
from typing import Any

import tapescope
from tapescope import _C


def _prefix_regex() -> list[str]:
    """Directories that file names are shown without: literal prefixes, not patterns, each with a separator at its end.

    They are those of site packages, of sys.path, and the one that the package lies in; the reverse order puts a
    directory before its parents, so that the first that fits is the longest.
    """
    raw_paths = (
        site.getsitepackages()
        + sys.path
        + [site.getuserbase()]
        + [site.getusersitepackages()]
        + [os.path.dirname(os.path.dirname(tapescope.__file__))]
    )
    path_prefixes = sorted({os.path.abspath(path) for path in raw_paths}, reverse=True)
    assert all(isinstance(path, str) for path in path_prefixes)
    return [path + os.sep for path in path_prefixes]


@functools.cache
def _prefixes() -> list[str]:
    """The prefixes as they were when the first trace ended: later changes of sys.path have no effect."""
    return _prefix_regex()


class ThreadHook:
    """While it is installed, threads that `threading` starts are traced from their first call on.

    The interpreter has no other way to reach a thread that comes to be: one that is made with `_thread` alone, or by
    a library in C, is not covered. What `threading.setprofile` had installed comes back in the end.
    """

    def __init__(self) -> None:
        self._before: Any = None

    def install(self) -> None:
        """Call it after the tracer's start."""
        self._before = threading.getprofile()
        threading.setprofile(_C._trace_this_thread)

    def remove(self) -> None:
        """Call it before the tracer's stop. A hook that someone else has installed meanwhile stays."""
        if threading.getprofile() is _C._trace_this_thread:
            threading.setprofile(self._before)
        self._before = None


class PythonTracer:
    """Records each call of Python, from its begin to its end, on every thread of the interpreter.

    start() takes the place of whatever `sys.setprofile` had installed on each thread, and stop() puts it back; one
    tracer is active in a process. Frames that are on a thread's stack at the start, at most the 128 innermost, are
    calls that begin there; what goes on at the end ends there. An exception ends a call as a return does; a generator
    is a call each time that it goes on. Threads that `threading` starts meanwhile are covered, others (see ThreadHook)
    are not.

    Calls of C functions are seen where Python's code calls them: not those of operators, nor those that C makes.
    """

    def __init__(self) -> None:
        self._tracer = _C._CallTracer()
        self._hook = ThreadHook()

    def __del__(self) -> None:
        if self._tracer.is_active:  # which warns as it goes
            self._hook.remove()

    def start(self) -> None:
        """Begins to record. Where a tracer is active already it warns, and does nothing."""
        if self._tracer.start():
            self._hook.install()

    def stop(self) -> None:
        """Ends the recording; what was recorded stays until it is taken. Without a start it does nothing."""
        if self._tracer.is_active:
            self._hook.remove()
            self._tracer.stop()

    def restart(self) -> None:
        """Records on, after stop(): what is recorded comes to what there is."""
        if self._tracer.start():
            self._hook.install()

    def take(self) -> Any:
        """What was recorded so far, as a trace of the engine; it is forgotten here. Call it after stop()."""
        return self._tracer.take(_prefixes())
