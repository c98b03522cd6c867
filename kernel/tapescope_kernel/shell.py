"""IPython's shell, with our way out for results, displays and errors."""

from __future__ import annotations

import asyncio
import os
import sys
from types import TracebackType
from typing import Any, NoReturn

from IPython.core import page, payloadpage
from IPython.core.autocall import ZMQExitAutocall
from IPython.core.interactiveshell import InteractiveShell
from IPython.core.usage import default_banner
from traitlets import Any as AnyTrait
from traitlets import CBool, Integer, Type

from tapescope_kernel import _kernel, cell_pdb, parents
from tapescope_kernel.compiler import CellCompiler
from tapescope_kernel.display import KernelDisplayHook, KernelDisplayPublisher
from tapescope_kernel.kernel_magics import KernelMagics
from tapescope_kernel.loop import CellLoop
from tapescope_kernel.magics import AUTO, ExploreMagics
from tapescope_kernel.messages import to_json

NATIVE_LOOPS = ("qt", "qt4", "qt5", "qt6", "tk", "gtk", "gtk3", "gtk4", "wx", "osx", "macosx")


class Shell(InteractiveShell):
    """One a kernel."""

    displayhook_class = Type(KernelDisplayHook)
    display_pub_class = Type(KernelDisplayPublisher)
    compiler_class = Type(CellCompiler)
    debugger_cls = cell_pdb.CellPdb
    keepkernel_on_exit = AnyTrait(None)
    explore_mode = Integer(AUTO)
    autoindent = CBool(False)
    kernel = AnyTrait()  # what ipywidgets and others ask for the parent of an output
    loop = AnyTrait()

    def __init__(self, **options: Any) -> None:
        self._owner = os.getpid()
        super().__init__(**options)
        self.raised: dict[str, Any] | None = None  # of the running cell, as in its reply

    def _exiter_default(self) -> ZMQExitAutocall:
        return ZMQExitAutocall(self)

    def init_hooks(self) -> None:
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(payloadpage.page), 99)

    def init_magics(self) -> None:
        super().init_magics()
        self.register_magics(ExploreMagics, KernelMagics)

    def enable_matplotlib(self, gui: str | None = None) -> Any:
        if gui in (*NATIVE_LOOPS, "notebook", "nbagg"):
            self.enable_gui(gui)  # says no before the backend is changed
        return super().enable_matplotlib(gui)

    def enable_gui(self, gui: str | None = None) -> None:
        if gui not in (None, "", "inline", "asyncio"):
            raise ValueError(f"the event loop of {gui!r} cannot run in this kernel; figures are drawn inline")

    @property
    def banner(self) -> str:
        return default_banner

    def ask_exit(self) -> None:
        """`exit`: the front end decides."""
        self.payload_manager.write_payload({"source": "ask_exit", "keepkernel": bool(self.keepkernel_on_exit)})

    async def run_ast_nodes(self, *arguments: Any, **options: Any) -> Any:
        with cell_pdb.tracing_of_a_cell():
            return await super().run_ast_nodes(*arguments, **options)

    def set_next_input(self, text: str, replace: bool = False) -> None:
        self.payload_manager.write_payload({"source": "set_next_input", "text": text, "replace": replace})

    def system(self, command: str) -> None:
        """`!command`: through a pipe, so that its output arrives as it is made."""
        self.system_piped(command)

    def showtraceback(self, exc_tuple: Any = None, **options: Any) -> None:
        if exc_tuple is None and isinstance(sys.exc_info()[1], asyncio.CancelledError) and self.loop.interrupted:
            exc_tuple = (KeyboardInterrupt, KeyboardInterrupt(), sys.exc_info()[2])
        raised = exc_tuple or sys.exc_info()
        if _kernel.stopping() and isinstance(raised[1], KeyboardInterrupt):
            return  # the first traceback of a kernel takes a third of the time that a shutdown has
        _end_where_struck(raised[2])
        if self.in_child and isinstance(raised[1], SystemExit):
            self.end_child(raised[1])
        super().showtraceback(exc_tuple, **options)
        if self.in_child:
            self.end_child(raised[1])

    @property
    def in_child(self) -> bool:
        """The user's code has forked, and this is not the kernel's process."""
        return os.getpid() != self._owner

    def end_child(self, error: BaseException | None = None) -> NoReturn:
        """Ends a forked child where its cell ends, as a script would: the sockets and the queue are its parent's."""
        code = getattr(error, "code", 1) if error is not None else 0
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
        os._exit(code or 0)

    def _showtraceback(self, etype: type[BaseException], evalue: Any, stb: list[str]) -> None:
        if self.in_child:
            print(*stb, sep="\n", file=sys.stderr)
            return
        sys.stdout.flush()
        self.raised = {"ename": etype.__name__, "evalue": _text(evalue), "traceback": stb}
        _kernel.publish("error", to_json(self.raised), parent=parents.current())

    def place_of(self, traceback: TracebackType | None) -> tuple[str, int]:
        """File and line of the innermost frame that lies in a cell."""
        place = ("", 0)
        while traceback is not None:
            if self.compile.is_cell(traceback.tb_frame.f_code.co_filename):
                place = (traceback.tb_frame.f_code.co_filename, traceback.tb_lineno)
            traceback = traceback.tb_next
        return place


def _end_where_struck(traceback: TracebackType | None) -> None:
    """An interrupt is raised by the signal's handler, which is nothing to the user."""
    while traceback is not None and (inner := traceback.tb_next) is not None:
        if inner.tb_frame.f_code is CellLoop._interrupt.__code__:
            traceback.tb_next = None
        traceback = traceback.tb_next


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # a __str__ that raises must not hide the exception itself
        return f"<unprintable {type(value).__name__}: {type(error).__name__}>"
