"""Magics that ipykernel has besides IPython's."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

from IPython.core import page
from IPython.core.error import UsageError
from IPython.core.magic import Magics, line_magic, magics_class
from IPython.display import clear_output


@magics_class
class KernelMagics(Magics):
    """For a front end that is no terminal."""

    @line_magic
    def clear(self, _line: str) -> None:
        """Clears the output of the cell."""
        clear_output()

    @line_magic
    def less(self, line: str) -> None:
        """Shows a file in the pager: %less FILE. Python files are highlighted."""
        name = line.strip()
        if not name:
            raise UsageError("%less: which file?")
        try:
            text = Path(os.path.expanduser(name)).read_text(errors="replace")
        except OSError as error:
            raise UsageError(f"%less: {error}") from None
        page.page(self.shell.pycolorize(text) if name.endswith(".py") else text)

    more = line_magic("more")(less)

    @line_magic
    def man(self, line: str) -> None:
        """Shows a manual page in the pager: %man NAME."""
        done = subprocess.run(
            ["man", *line.split()], capture_output=True, text=True, check=False, env={**os.environ, "MANPAGER": "cat"}
        )
        if done.returncode:
            raise UsageError(f"%man: {done.stderr.strip() or 'which page?'}")
        page.page(done.stdout)

    @line_magic
    def connect_info(self, _line: str) -> None:
        """Prints what another client needs to connect to this kernel."""
        path = Path(self.shell.kernel.connection_file)
        print(json.dumps(json.loads(path.read_text()), indent=2))
        print(f"\nConnect another client with:  jupyter console --existing {path.name}")

    @line_magic
    def qtconsole(self, line: str) -> None:
        """Opens a Qt console on this kernel, where one is installed."""
        command = [sys.executable, "-m", "qtconsole", "--existing", self.shell.kernel.connection_file, *line.split()]
        try:
            import qtconsole  # noqa: F401
        except ImportError:
            raise UsageError("%qtconsole: qtconsole is not installed; %connect_info says how to connect") from None
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    @line_magic
    def store(self, line: str) -> None:
        """Keeps variables for later sessions: see %store? after its first use. Needs the package pickleshare."""
        if importlib.util.find_spec("pickleshare") is None:
            raise UsageError("%store: IPython keeps variables with the package pickleshare, which is not installed")
        self.shell.extension_manager.load_extension("storemagic")  # takes this name
        self.shell.run_line_magic("store", line)
