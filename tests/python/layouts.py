"""How a tensor may lie in memory: the same shape seen through another base, in the engine and in NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layout:
    base: Callable[[Shape], Shape]  # the base's shape
    tensor: Callable[[Any, Shape], Any]  # of the base: the tensor
    array: Callable[[Any, Shape], Any]
    dims: int = 1  # dimensions that it takes at least
    shared: bool = False  # several elements lie in one place: may not be written


def _same(x: Any, shape: Shape) -> Any:
    return x


LAYOUTS = {
    "dense": Layout(lambda s: s, _same, _same, 0),
    "transposed": Layout(lambda s: s[::-1], lambda x, s: x.permute(*reversed(range(len(s)))), lambda x, s: x.T, 2),
    "gaps": Layout(lambda s: (*s[:-1], 2 * s[-1]), lambda x, s: x[..., 1::2], lambda x, s: x[..., 1::2]),
    "offset": Layout(lambda s: (s[0] + 2, *s[1:]), lambda x, s: x[2:], lambda x, s: x[2:]),
    "repeated": Layout(
        lambda s: (1, *s[1:]), lambda x, s: x.expand(s), lambda x, s: np.broadcast_to(x, s), 1, shared=True
    ),
    "overlapping": Layout(
        lambda s: (*s[:-2], s[-2] + s[-1] - 1),
        lambda x, s: x.unfold(-1, s[-1], 1),
        lambda x, s: sliding_window_view(x, s[-1], -1),
        2,
        shared=True,
    ),
}


def fits(layout: str, shape: Shape) -> bool:
    return len(shape) >= LAYOUTS[layout].dims and (layout != "overlapping" or min(shape[-2:]) > 0)


def base_shape(layout: str, shape: Shape) -> Shape:
    """Of the base that shows `shape` in that layout; the shape itself where the layout does not fit it."""
    return LAYOUTS[layout].base(shape) if fits(layout, shape) else shape


def laid(layout: str, base: Any, shape: Shape) -> Any:
    """The tensor or array of that shape that `base` shows."""
    if not fits(layout, shape):
        return base
    form = LAYOUTS[layout].array if isinstance(base, np.ndarray) else LAYOUTS[layout].tensor
    return form(base, shape)
