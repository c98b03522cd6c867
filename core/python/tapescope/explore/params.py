"""Params of requests, checked. Ids index tables; everything else is a number within bounds or one of some words."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from tapescope.explore import limits
from tapescope.explore.errors import bad_request

MAX_ID = 2**53 - 1
TABLES = {"tensors": "tensor", "saved": "saved variable", "nodes": "node"}
Slice = tuple[int, int, int]


@dataclass(frozen=True)
class Ref:
    """A row of a table."""

    table: str
    id: int

    def to_message(self) -> dict[str, Any]:
        return {"table": self.table, "id": self.id}


def integer(value: Any, name: str, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise bad_request(f"{name} must be an integer from {low} to {high}")
    return value


def ref(params: dict[str, Any], *tables: str) -> Ref:
    on = params.get("on")
    if not isinstance(on, dict):
        raise bad_request("on must be an object with table and id")
    table = on.get("table")
    if table not in tables:
        raise bad_request(f"on.table must be one of {', '.join(tables)}")
    return Ref(table, integer(on.get("id"), "on.id", 0, MAX_ID))


def bins(params: dict[str, Any]) -> int:
    return integer(params.get("bins", 64), "bins", 1, limits.BINS)


def value_range(params: dict[str, Any]) -> tuple[float, float] | None:
    pair = params.get("range")
    if pair is None:
        return None
    if not isinstance(pair, list) or len(pair) != 2 or not all(_is_finite(each) for each in pair):
        raise bad_request("range must be two finite numbers")
    low, high = float(pair[0]), float(pair[1])
    if not low < high or not math.isfinite(high - low):
        raise bad_request("range must have its low end below its high end")
    return low, high


def index(params: dict[str, Any], shape: tuple[int, ...]) -> list[Slice]:
    """Start, stop and step for each dimension, within the shape."""
    given = params.get("index")
    if given is None:
        return [(0, size, 1) for size in shape]
    if not isinstance(given, list) or len(given) > limits.DIMENSIONS:
        raise bad_request(f"index must be a list of at most {limits.DIMENSIONS} [start, stop, step]")
    if len(given) != len(shape):
        raise bad_request(f"index has {len(given)} dimensions, the tensor {len(shape)}")
    return [_slice(each, size, axis) for axis, (each, size) in enumerate(zip(given, shape, strict=True))]


def _slice(value: Any, size: int, axis: int) -> Slice:
    if not isinstance(value, list) or len(value) != 3:
        raise bad_request(f"index[{axis}] must be [start, stop, step]")
    start = integer(value[0], f"index[{axis}] start", 0, MAX_ID)
    stop = integer(value[1], f"index[{axis}] stop", 0, MAX_ID)
    step = integer(value[2], f"index[{axis}] step", 1, MAX_ID)
    start, stop = min(start, size), min(stop, size)
    return start, max(start, stop), step


def _is_finite(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < math.inf
