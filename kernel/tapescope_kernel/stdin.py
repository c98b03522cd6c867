"""input() and getpass(), asked of the front end."""

from __future__ import annotations

import builtins
import getpass
from typing import Any

from IPython.core.error import StdinNotImplementedError

from tapescope_kernel import _kernel


class FrontEndInput:
    """`allowed` is set for each request: a front end that cannot ask says so."""

    def __init__(self) -> None:
        self.allowed = False

    def install(self) -> None:
        builtins.input = self.read
        getpass.getpass = self.read_secret

    def read(self, prompt: Any = "", /) -> str:
        return self._ask(str(prompt), secret=False)

    def read_secret(self, prompt: str = "Password: ", stream: Any = None) -> str:
        return self._ask(prompt, secret=True)

    def _ask(self, prompt: str, *, secret: bool) -> str:
        if not self.allowed:
            raise StdinNotImplementedError("input was called, but this front end does not support input requests.")
        return _kernel.input(prompt, secret)
