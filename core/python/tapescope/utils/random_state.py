"""The random numbers of a checkpoint's first call, again in the later ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from tapescope import _C


@contextlib.contextmanager
def drawing_from(state: Any) -> Iterator[None]:
    """Random numbers come from `state`, which get_rng_state gave, and afterwards from where they came before.

    None: they come from where they do anyway.
    """
    if state is None:
        yield
        return
    before = _C.get_rng_state()
    _C.set_rng_state(state)
    try:
        yield
    finally:
        _C.set_rng_state(before)
