"""``sys.stdout`` and ``sys.stderr`` of the cells."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterable

from tapescope_kernel import _kernel, parents

_LEAST_PAUSE = 0.05  # seconds between two flushes that are obeyed: print(flush=True) in a loop is not a message a line


class OutStream(io.TextIOBase):
    """Text goes to the kernel's queue, which sends it within a tenth of a second; in a forked child, to the descriptor
    that the kernel reads."""

    def __init__(self, name: str, descriptor: int) -> None:
        self._name = name
        self._descriptor = descriptor
        self._forked = False
        self._flushed = 0.0
        self.buffer = _ByteStream(self)
        os.register_at_fork(after_in_child=self._after_fork)

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"<{self._name}>"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "UTF-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "backslashreplace"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if self.closed:
            raise ValueError("I/O operation on closed file")
        sent = text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()
        if self._forked:
            os.write(self._descriptor, sent.encode())
        else:
            _kernel.write(self._name, sent, parents.current())
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:  # type: ignore[override]
        self.write("".join(lines))

    def flush(self) -> None:
        now = time.monotonic()
        if not self._forked and now - self._flushed > _LEAST_PAUSE:
            self._flushed = now
            _kernel.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def fileno(self) -> int:
        return self._descriptor

    def _after_fork(self) -> None:
        self._forked = True


class _ByteStream(io.RawIOBase):
    """``sys.stdout.buffer``."""

    def __init__(self, text: OutStream) -> None:
        self._text = text

    def write(self, data: bytes) -> int:  # type: ignore[override]
        view = bytes(data)
        self._text.write(view.decode("utf-8", "backslashreplace"))
        return len(view)

    def flush(self) -> None:
        pass

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._text.fileno()
