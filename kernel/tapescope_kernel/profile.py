"""The user's IPython profile: its configuration, and what it runs at the start. Costs nothing where there is none."""

from __future__ import annotations

import os
from glob import glob
from typing import TYPE_CHECKING, Any

from IPython.paths import get_ipython_dir
from traitlets.config import Config

from tapescope_kernel.log import log

if TYPE_CHECKING:
    from tapescope_kernel.shell import Shell

# Later ones win, as in ipykernel.
FILES = ("ipython_config.py", "ipython_config.json", "ipython_kernel_config.py", "ipython_kernel_config.json")


def folder() -> str:
    return os.path.join(get_ipython_dir(), "profile_default")


def config() -> Config:
    """What the profile's files set. One that fails is told of in the log, and the kernel starts without it."""
    merged = Config()
    for name in FILES:
        if not os.path.exists(os.path.join(folder(), name)):
            continue
        from traitlets.config.loader import JSONFileConfigLoader, PyFileConfigLoader

        loader = PyFileConfigLoader if name.endswith(".py") else JSONFileConfigLoader
        try:
            merged.merge(loader(name, path=folder()).load_config())
        except Exception:
            log.exception("the profile's %s failed", name)
    return merged


def run(shell: Shell) -> None:
    """Extensions, exec_lines, exec_files and startup files. What one of them raises is shown, and the next one runs."""
    for name in _of_app(shell, "extensions"):
        try:
            shell.extension_manager.load_extension(name)
        except Exception:
            log.exception("the extension %s failed", name)
            shell.showtraceback()
    startup = os.environ.get("PYTHONSTARTUP", "")
    for path in [startup, *sorted(glob(os.path.join(folder(), "startup", "*.*py")))]:
        if os.path.isfile(path) and path.endswith((".py", ".ipy")):
            _run_file(shell, path)
    for line in _of_app(shell, "exec_lines"):
        shell.run_cell(line, store_history=False)
    for path in _of_app(shell, "exec_files"):
        _run_file(shell, os.path.expanduser(path))


def _of_app(shell: Shell, name: str) -> list[Any]:
    """A list of the application's that started ipykernel; we have no such application, but read what it would."""
    found: list[Any] = []
    for section in ("InteractiveShellApp", "IPKernelApp"):
        value = shell.config.get(section, {}).get(name, [])
        found += list(value) if isinstance(value, list | tuple) else []
    return found


def _run_file(shell: Shell, path: str) -> None:
    if path.endswith(".ipy"):
        shell.safe_execfile_ipy(path)
    else:
        shell.safe_execfile(path, shell.user_ns, shell_futures=True)
