"""Numbers about an array, in blocks, so that a large one does not hold up the kernel.

Each function is a generator that yields between blocks and returns its result: whoever drives it may let others run
in between. Nothing is written, and no random number drawn.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator
from typing import Any

import numpy as np

from tapescope.explore import limits

Array = np.ndarray[Any, Any]
Work = Generator[float, None, Any]  # yields the part that is done, from 0 to 1


def to_float(value: float) -> float | str:
    """JSON has no NaN and no infinities: the schema spells them out."""
    value = float(value)
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return value


def blocks(array: Array, size: int = limits.SLICE) -> Iterator[Array]:
    """The array in views of at most `size` elements, in order."""
    if array.size <= size:
        yield array
        return
    axis = next(axis for axis, length in enumerate(array.shape) if length > 1)
    rows = max(1, size // (array.size // array.shape[axis]))
    for start in range(0, array.shape[axis], rows):
        part = [slice(None)] * axis + [slice(start, start + rows)]
        yield from blocks(array[tuple(part)], size)


def _parts(block: Array) -> tuple[Array, int, int]:
    """The finite values as float64, and how many are NaN and infinite; of complex ones, their absolute values."""
    values = (np.abs(block) if np.iscomplexobj(block) else block).astype(np.float64).ravel()
    finite = values[np.isfinite(values)]
    nan = int(np.isnan(values).sum())
    return finite, nan, values.size - finite.size - nan


def stats(array: Array) -> Work:
    """The schema's `Stats`: mean, std, min and max of what is finite, the norm of everything."""
    count, mean, squares, norm = 0, 0.0, 0.0, 0.0
    low, high = math.inf, -math.inf
    nan = inf = zero = done = 0
    with np.errstate(all="ignore"):
        for block in blocks(array):
            finite, block_nan, block_inf = _parts(block)
            nan += block_nan
            inf += block_inf
            zero += int((finite == 0).sum())
            if finite.size:
                low, high = min(low, float(finite.min())), max(high, float(finite.max()))
                norm = math.hypot(norm, _norm(finite))
                # Chan's update: sums of squares of large numbers would cancel.
                block_mean = float(finite.mean())
                block_squares = float(np.square(finite - block_mean).sum())
                total = count + finite.size
                delta = block_mean - mean
                squares += block_squares + delta * delta * count * finite.size / total
                mean += delta * finite.size / total
                count = total
            done += block.size
            yield done / max(1, array.size)

    result: dict[str, Any] = {"shape": list(array.shape)}
    result["norm"] = "NaN" if nan else "Infinity" if inf else to_float(norm)
    if count:
        result |= {"min": to_float(low), "max": to_float(high), "mean": to_float(mean)}
        result["std"] = to_float(math.sqrt(squares / count))
    if nan:
        result["nan"] = nan
    if inf:
        result["inf"] = inf
    result["zero"] = zero
    return result


def _norm(values: Array) -> float:
    """The 2-norm without overflow: squares of 1e200 are infinite, their root is not."""
    largest = float(np.abs(values).max())
    return 0.0 if largest == 0 else largest * float(np.sqrt(np.square(values / largest).sum()))


def histogram(array: Array, bins: int, bounds: tuple[float, float] | None) -> Work:
    """(edges, counts, below, above, nan, inf); without bounds from the least to the greatest finite value."""
    if bounds is None:
        bounds = yield from _bounds(array)
    low, high = bounds
    edges = np.linspace(low, high, bins + 1)
    counts = np.zeros(bins)
    below = above = nan = inf = done = 0
    with np.errstate(all="ignore"):
        for block in blocks(array):
            finite, block_nan, block_inf = _parts(block)
            nan += block_nan
            inf += block_inf
            below += int((finite < low).sum())
            above += int((finite > high).sum())
            counts += np.histogram(finite, bins=edges)[0]
            done += block.size
            yield done / max(1, array.size)
    return edges, counts, below, above, nan, inf


def _bounds(array: Array) -> Generator[float, None, tuple[float, float]]:
    low, high = math.inf, -math.inf
    for block in blocks(array):
        finite, _, _ = _parts(block)
        if finite.size:
            low, high = min(low, float(finite.min())), max(high, float(finite.max()))
        yield 0.0
    if low > high:
        return 0.0, 1.0  # nothing is finite
    if low == high or not math.isfinite(high - low):
        # One value gets a bin of its own; the widest doubles have a distance that is not a double.
        half = max(0.5, abs(low) * 1e-6)
        return (low - half, high + half) if low == high else (low / 2, high / 2)
    return low, high
