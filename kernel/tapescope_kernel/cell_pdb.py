"""pdb in cells: breakpoint(), pdb.set_trace(), %debug and %pdb."""

from __future__ import annotations

import bdb
import contextlib
import pdb
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

from IPython.core import debugger
from IPython.core.getipython import get_ipython

from tapescope_kernel import debugging


class CellPdb(debugger.Pdb):
    """A step goes from statement to statement of a cell, and no further; an interrupt at the prompt ends the cell."""

    _asked = False
    _interrupted = False

    def stop_here(self, frame: FrameType) -> bool:
        return _below_a_cell(frame) and super().stop_here(frame)

    # Each statement of a cell is a module of its own. A step stops at its line, not also where it begins and ends;
    # but a breakpoint() that is all of a statement has no other place to stop than the end.

    def user_call(self, frame: FrameType, argument_list: None) -> None:
        if frame.f_code.co_name != "<module>":
            super().user_call(frame, argument_list)

    def user_return(self, frame: FrameType, return_value: Any) -> None:
        if frame.f_code.co_name != "<module>" or not self._asked:
            super().user_return(frame, return_value)

    def _cmdloop(self) -> None:
        # pdb's asks again, and IPython's interaction lets the cell go on.
        self.allow_kbdint = True
        try:
            self.cmdloop()
        except KeyboardInterrupt:
            self._interrupted = True
        finally:
            self.allow_kbdint = False

    def interaction(self, frame: FrameType | None, tb_or_exc: Any) -> None:
        self._asked, self._interrupted = True, False
        super().interaction(frame, tb_or_exc)
        if self._interrupted:
            raise KeyboardInterrupt


def _below_a_cell(frame: FrameType | None) -> bool:
    """Between statements run IPython, the kernel and the event loop, which are nothing to the user."""
    is_cell = get_ipython().compile.is_cell
    while frame is not None and not is_cell(frame.f_code.co_filename):
        frame = frame.f_back
    return frame is not None


def set_trace(*, header: str | None = None) -> None:
    prompt = CellPdb()
    if header is not None:
        prompt.message(header)
    prompt.set_trace(sys._getframe().f_back)


def install() -> None:
    """breakpoint() calls pdb.set_trace."""
    debugger.Pdb = pdb.Pdb = CellPdb  # type: ignore[misc]
    debugger.set_trace = pdb.set_trace = set_trace


@contextlib.contextmanager
def tracing_of_a_cell() -> Iterator[None]:
    """A step that began in the cell ends with it, and JupyterLab's debugger goes on after it."""
    debugging.trace_this_cell()
    before = sys.gettrace()
    try:
        yield
    finally:
        after = sys.gettrace()
        if after is None or isinstance(getattr(after, "__self__", None), bdb.Bdb):
            sys.settrace(None)
            if type(before).__module__.startswith("_pydevd"):
                debugging.trace_again(before)
