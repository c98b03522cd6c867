"""The Python side of the kernel: what the sockets' side asks when a request comes in."""

from __future__ import annotations

import asyncio
import atexit
import faulthandler
import json
import os
import sys
import threading
from typing import Any

from IPython.utils.tokenutil import token_at_cursor

from tapescope_kernel import __version__, _kernel, cell_pdb, comms, completion, link, parents, profile
from tapescope_kernel.log import log, terminal
from tapescope_kernel.loop import CellLoop
from tapescope_kernel.messages import to_json
from tapescope_kernel.shell import Shell, _text
from tapescope_kernel.stdin import FrontEndInput
from tapescope_kernel.streams import OutStream

HELP_LINKS = [
    {"text": "Python Reference", "url": "https://docs.python.org/3.11"},
    {"text": "IPython Reference", "url": "https://ipython.org/documentation.html"},
    {"text": "NumPy Reference", "url": "https://numpy.org/doc"},
]

LINGER = 0.3  # seconds that threads have to end: with all else that a shutdown does, it stays under one


class Host:
    """One a process. All methods run on the main thread."""

    def __init__(self, connection_file: str) -> None:
        self.connection_file = connection_file
        for pager in ("PAGER", "GIT_PAGER"):
            os.environ.setdefault(pager, "cat")  # none could be answered
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        faulthandler.enable(terminal)
        comms.install()
        self.loop = CellLoop()
        self.stdin = FrontEndInput()
        self.shell = Shell.instance(kernel=_Kernel(self), loop=self.loop, config=profile.config())
        self._transformed: tuple[str, str, Any] | None = None

    def run(self, config: dict[str, Any]) -> None:
        """Serves until told to shut down."""
        try:
            _kernel.run(config, self)
        finally:
            # Threads of the user's that never end do not keep the process; exit functions have run.
            lingering = threading.Timer(LINGER, os._exit, (0,))
            lingering.daemon = True
            lingering.start()

    # Called by the sockets' side.

    def ready(self) -> None:
        """The sockets are open; no request has been read."""
        self._outer = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = OutStream("stdout", 1), OutStream("stderr", 2)
        self.stdin.install()
        cell_pdb.install()
        parents.follow_threads()
        self._descriptors = _kernel.descriptors()
        link.watch()
        profile.run(self.shell)

    def stopped(self) -> None:
        """No request will be read any more."""
        tasks = asyncio.all_tasks(self.loop.loop)
        for task in tasks:
            task.cancel()
        if tasks:
            self.loop.loop.run_until_complete(asyncio.wait(tasks, timeout=0.2))
        self.shell.history_manager.end_session()
        atexit._run_exitfuncs()
        sys.stdout, sys.stderr = self._outer

    def wait(self) -> None:
        try:
            self.loop.wait(self._descriptors)
        except Exception:
            log.exception("the event loop failed between requests")
        if self.shell.in_child:
            self.shell.end_child()  # a task between cells has forked

    def next_count(self) -> int:
        self.loop.expect()
        return self.shell.execution_count

    def open_cell(self, code: str, silent: bool, store_history: bool) -> tuple[str, int, int]:
        """The name that the compiler will give the cell, its number (0: not counted), and the mode of recording."""
        self.loop.expect()
        parents.enter()
        failure = None
        try:
            transformed = self.shell.transform_cell(code)
        except Exception:
            transformed, failure = code, sys.exc_info()
        self._transformed = (code, transformed, failure)
        count = self.shell.execution_count
        name = self.shell.compile.get_code_name(code, transformed, count)
        return name, count if store_history else 0, 0 if silent else self.shell.explore_mode

    def execute(
        self, code: str, silent: bool, store_history: bool, user_expressions: bytes, allow_stdin: bool
    ) -> tuple[bytes, tuple[str, str, str, int] | None]:
        """The reply, and what ended the cell early."""
        shell = self.shell
        shell.raised = None
        self.stdin.allowed = allow_stdin
        count = shell.execution_count
        error: BaseException | None
        pdb_on = shell.call_pdb
        shell.call_pdb = pdb_on and allow_stdin  # nobody could answer it
        try:
            result = self.loop.run(self._run_cell(code, silent, store_history))
            error = result.error_before_exec or result.error_in_exec
        except (asyncio.CancelledError, KeyboardInterrupt) as interrupt:
            error = interrupt
            shell.showtraceback((KeyboardInterrupt, KeyboardInterrupt(), interrupt.__traceback__))
        except Exception as failure:  # IPython itself gave up, as over an expression too deep for the compiler
            error = failure
            shell.showtraceback((type(failure), failure, failure.__traceback__))
        finally:
            # %pdb in the cell itself counts.
            shell.call_pdb = shell.call_pdb if allow_stdin else pdb_on or shell.call_pdb
        link.after_cell()
        if isinstance(error, asyncio.CancelledError) and self.loop.interrupted:
            error = KeyboardInterrupt().with_traceback(error.__traceback__)

        reply: dict[str, Any] = {"execution_count": count, "payload": shell.payload_manager.read_payload()}
        shell.payload_manager.clear_payload()
        if error is None:
            expressions = json.loads(user_expressions)
            wanted = expressions if isinstance(expressions, dict) else {}
            reply |= {"status": "ok", "user_expressions": shell.user_expressions(wanted)}
            return to_json(reply), None
        raised = shell.raised or {"ename": type(error).__name__, "evalue": _text(error), "traceback": []}
        reply |= {"status": "error", "user_expressions": {}, **raised}
        return to_json(reply), (type(error).__name__, _text(error), *shell.place_of(error.__traceback__))

    async def _run_cell(self, code: str, silent: bool, store_history: bool) -> Any:
        shell = self.shell
        assert self._transformed is not None
        _, transformed, failure = self._transformed
        result = await shell.run_cell_async(
            code,
            store_history=store_history,
            silent=silent,
            transformed_cell=transformed,
            preprocessing_exc_tuple=failure,
        )
        if shell.in_child:
            shell.end_child(result.error_before_exec or result.error_in_exec)
        # It has triggered the events before the cell, and leaves those after it to the caller.
        shell.events.trigger("post_execute")
        if not silent:
            shell.events.trigger("post_run_cell", result)
        return result

    def complete(self, code: str, cursor: int) -> bytes:
        return self._answer(lambda: completion.complete(self.shell, code, cursor if cursor >= 0 else len(code)))

    def inspect(self, code: str, cursor: int, detail_level: int) -> bytes:
        def answer() -> dict[str, Any]:
            name = token_at_cursor(code, cursor if cursor >= 0 else len(code))
            try:
                data = self.shell.object_inspect_mime(name, detail_level=detail_level)
            except KeyError:
                return {"status": "ok", "found": False, "data": {}, "metadata": {}}
            return {"status": "ok", "found": True, "data": data, "metadata": {}}

        return self._answer(answer)

    def is_complete(self, code: str) -> bytes:
        def answer() -> dict[str, Any]:
            status, indent = self.shell.input_transformer_manager.check_complete(code)
            return {"status": status} | ({"indent": " " * (indent or 0)} if status == "incomplete" else {})

        return self._answer(answer)

    def history_tail(self, n: int, raw: bool, output: bool) -> bytes:
        return self._history(lambda store: store.get_tail(n, raw=raw, output=output, include_latest=True))

    def history_range(self, session: int, start: int, stop: int, raw: bool, output: bool) -> bytes:
        def read(store: Any) -> Any:
            for number, line, entry in store.get_range(session, start, stop or None, raw=raw, output=output):
                yield number or store.session_number, line, entry  # IPython calls the running session 0

        return self._history(read)

    def history_search(self, pattern: str, raw: bool, output: bool, n: int, unique: bool) -> bytes:
        return self._history(
            lambda store: store.search(pattern or "*", raw=raw, output=output, n=n or None, unique=unique)
        )

    def _history(self, read: Any) -> bytes:
        return self._answer(lambda: {"status": "ok", "history": list(read(self.shell.history_manager))})

    def _answer(self, make: Any) -> bytes:
        """Help that fails is no help, but no more than that either."""
        try:
            return to_json(make())
        except Exception as error:
            log.exception("a request failed")
            return to_json({"status": "error", "ename": type(error).__name__, "evalue": _text(error), "traceback": []})

    def comm_message(self, msg_type: str, header: bytes, metadata: bytes, content: bytes, buffers: list[bytes]) -> None:
        async def handle() -> None:  # in the loop: handlers may make tasks
            comms.handle(msg_type, header, metadata, content, buffers)

        parents.enter()
        try:
            self.loop.run(handle())
        except (asyncio.CancelledError, KeyboardInterrupt):
            log.warning("the handler of a %s was interrupted", msg_type)
        except Exception:
            log.exception("a %s failed", msg_type)
        if self.shell.in_child:
            self.shell.end_child()

    def comm_info(self, target: str) -> bytes:
        return comms.info(target)

    def run_internal(self, code: str) -> bytes:
        """Runs the debugger's own code; on the control thread."""

        def answer() -> dict[str, Any]:
            exec(code, {"__name__": "tapescope_kernel.debugging"})
            return {"status": "ok"}

        return self._answer(answer)

    def kernel_info(self) -> bytes:
        version = sys.version.split()[0]
        return to_json(
            {
                "status": "ok",
                "protocol_version": "5.3",
                "implementation": "tapescope",
                "implementation_version": __version__,
                "language_info": {
                    "name": "python",
                    "version": version,
                    "mimetype": "text/x-python",
                    "codemirror_mode": {"name": "ipython", "version": sys.version_info[0]},
                    "pygments_lexer": "ipython3",
                    "nbconvert_exporter": "python",
                    "file_extension": ".py",
                },
                "banner": f"Tapescope {__version__}: shows the graph under each cell. %explore? says how.\n"
                + self.shell.banner,
                "debugger": True,
                "supported_features": ["debugger"],
                "help_links": HELP_LINKS,
            }
        )


class _Kernel:
    """`get_ipython().kernel`: the little that libraries ask of it."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def get_parent(self, channel: str = "shell") -> dict[str, Any]:
        parent = parents.current() or _kernel.parent()
        return {"header": json.loads(parent.header)}

    @property
    def shell(self) -> Shell:
        return self._host.shell

    @property
    def dropped_messages(self) -> int:
        """How many came that were malformed or signed with another key."""
        return _kernel.dropped()

    @property
    def connection_file(self) -> str:
        return self._host.connection_file
