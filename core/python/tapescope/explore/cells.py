"""Cells in a kernel that is not ours: the engine learns their sources from IPython's events."""

from __future__ import annotations

from typing import Any

from tapescope import _C

KEPT = 1000  # earlier cells that are made known


def follow(shell: Any) -> None:
    """Makes known the cells that ran before Tapescope was asked, and each that will run."""
    raw = shell.history_manager.input_hist_raw
    for count in range(max(1, len(raw) - KEPT), len(raw)):
        _register(shell, raw[count], count)
    shell.events.register("pre_run_cell", lambda info: _register(shell, info.raw_cell, shell.execution_count))


def _register(shell: Any, source: str, count: int) -> None:
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        return  # it does not compile either
    _C._register_cell(shell.compile.get_code_name(source, transformed, count), source, count)
