"""Anomaly mode: where in the forward pass did the backward's error, or its NaN, begin?"""

from __future__ import annotations

import os
import traceback
import warnings
from typing import Any

from tapescope import _C

is_anomaly_enabled = _C.is_anomaly_enabled
is_anomaly_check_nan_enabled = _C.is_anomaly_check_nan_enabled

_LIBRARY = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


class set_detect_anomaly:
    """Switches anomaly mode at once; as a context manager it goes back at the end.

    mode: on or off. check_nan: a backward that computes a NaN raises RuntimeError and names the node.
    While it is on, each new node keeps the stack that made it, in ``grad_fn.metadata["traceback_"]``; programs run
    several times slower.
    """

    def __init__(self, mode: bool, check_nan: bool = True) -> None:
        self._before = is_anomaly_enabled(), is_anomaly_check_nan_enabled()
        self._mode = bool(mode), bool(check_nan)
        _C._set_anomaly(*self._mode)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *exc: object) -> None:
        _C._set_anomaly(*self._before)


class detect_anomaly:
    """A context in which a failing backward tells the forward call behind the failing node.

    check_nan: a backward that computes a NaN raises RuntimeError, too. Warns when made: it is for debugging alone.
    """

    def __init__(self, check_nan: bool = True) -> None:
        self._check_nan = bool(check_nan)
        warnings.warn(
            "Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
            "debugging.",
            stacklevel=2,
        )

    def __enter__(self) -> None:
        self._before = is_anomaly_enabled(), is_anomaly_check_nan_enabled()
        _C._set_anomaly(True, self._check_nan)

    def __exit__(self, *exc: object) -> None:
        _C._set_anomaly(*self._before)


def stack() -> list[str]:
    """The calls that led to the op being run, outermost first, without the library's own."""
    frames = [each for each in traceback.extract_stack()[:-1] if not each.filename.startswith(_LIBRARY)]
    return traceback.format_list(frames)


def report(node: Any) -> None:
    """Warns of the forward call behind a node whose backward failed, and of those that led to it."""
    calls = node.metadata.get("traceback_")
    if calls is None:
        warnings.warn(
            f"Error detected in {node.name()}. No forward pass information available. Enable detect anomaly during "
            "forward pass for more information.",
            stacklevel=2,
        )
        return
    text = f"Error detected in {node.name()}. Traceback of forward call that caused the error:\n{''.join(calls)}"
    parent = node.metadata.get("parent_")
    while parent is not None:
        calls = parent.metadata.get("traceback_")
        if calls is None:
            text += (
                f"\nPrevious calculation was induced by {parent.name()}. No forward pass information is available; "
                "enable detect anomaly during forward pass for more."
            )
        else:
            text += (
                f"\nPrevious calculation was induced by {parent.name()}. Traceback of forward call that induced the "
                f"previous calculation:\n{''.join(calls)}"
            )
        parent = parent.metadata.get("parent_")
    warnings.warn(text, stacklevel=2)
