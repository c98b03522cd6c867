"""What is wrong when a checkpoint's function does another thing the second time."""

from __future__ import annotations

import os
import traceback
from collections.abc import Sequence
from typing import Any

from tapescope import _C

_LIBRARY = os.path.dirname(os.path.dirname(__file__)) + os.sep


class CheckpointError(RuntimeError):
    """A checkpoint could not compute again what its graph saved."""


def save_site(tensor: _C.Tensor) -> str:
    """What was saved, and the program's lines that did so, innermost last."""
    stack = [frame for frame in traceback.extract_stack() if not frame.filename.startswith(_LIBRARY)]
    lines = "".join(f"\n      {f.filename}:{f.lineno} in {f.name}: {f.line}" for f in stack[-4:])
    return f"{tensor.dtype} {tuple(tensor.shape)}{lines}"


def advice(first: Sequence[str] | None, second: Sequence[str] | None) -> str:
    """How an error ends: with what the two calls saved where debug mode wrote it down, else with how to see it."""
    if first is None or second is None:
        return (
            "The function has to do the same each time it is called. To see what each call saved and where, pass "
            "`debug=True` to checkpoint(), or call it inside of `set_checkpoint_debug_enabled(True)`."
        )
    return (
        "You see these lists because of debug=True.\n"
        f"Saved during the original forward:\n{_listed(first)}\n"
        f"Saved during recomputation:\n{_listed(second)}"
    )


def _listed(sites: Sequence[str]) -> str:
    return "\n".join(f"  {i}: {site}" for i, site in enumerate(sites)) or "  nothing"


def another_number(saved: int, again: int, hint: str) -> CheckpointError:
    return CheckpointError(
        "tapescope.utils.checkpoint: A different number of tensors was saved during the original forward and "
        f"recomputation.\nNumber of tensors saved during forward: {saved}\n"
        f"Number of tensors saved during recomputation: {again}.\n{hint}"
    )


def too_many(saved: int, hint: str) -> CheckpointError:
    return CheckpointError(
        "tapescope.utils.checkpoint: trying to save more tensors during recomputation than during the original forward "
        f"pass, which saved {saved}.\n{hint}"
    )


def other_metadata(differing: Sequence[tuple[int, Any, Any]], hint: str) -> CheckpointError:
    listed = "".join(
        f"tensor at position {i}:\nsaved metadata: {saved}\nrecomputed metadata: {again}\n"
        for i, saved, again in differing
    )
    return CheckpointError(
        "tapescope.utils.checkpoint: Recomputed values for the following tensors have different metadata than during "
        f"the forward pass.\n{listed}{hint}"
    )


def unpacked_twice(place: int) -> CheckpointError:
    return CheckpointError(
        "tapescope.utils.checkpoint: Unpack is being triggered for a tensor that was already unpacked once: number "
        f"{place} of those that the checkpoint saved. A pass computes it again once, and hands it out once. If you are "
        "calling ctx.saved_tensors in backward, make sure to do so only once."
    )
