"""The methods that `hello` offers. Each is a generator, driven by `connection`: it yields while it works through a
large array, and returns its result and buffers."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

import numpy as np

from tapescope.explore import limits, owners, params, resolve, stats
from tapescope.explore.census import census
from tapescope.explore.errors import Refusal, bad_request

Params = dict[str, Any]
Answer = tuple[dict[str, Any], list[Any]]
Method = Callable[[Params], Generator[float, None, Answer]]

WIRE_TYPES = {  # numpy's dtype: as it is sent, and the protocol's name of that
    "bool": ("u1", "u8"),
    "uint8": ("u1", "u8"),
    "int8": ("i1", "i8"),
    "int16": ("<i2", "i16"),
    "uint16": ("<u2", "u16"),
    "int32": ("<i4", "i32"),
    "int64": ("<i8", "i64"),
    "float16": ("<f4", "f32"),
    "float32": ("<f4", "f32"),
    "float64": ("<f8", "f64"),
    "complex64": ("<c8", "f32"),  # as pairs of numbers
    "complex128": ("<c16", "f64"),
}


def stats_of(request: Params) -> Generator[float, None, Answer]:
    found = resolve.find(params.ref(request, "tensors", "saved"), _described(request), _unpack(request))
    return (yield from _stats(found))


def histogram_of(request: Params) -> Generator[float, None, Answer]:
    ref = params.ref(request, "tensors", "saved")
    bins, bounds = params.bins(request), params.value_range(request)
    found = resolve.find(ref, _described(request), _unpack(request))
    edges, counts, below, above, nan, inf = yield from stats.histogram(found.array(), bins, bounds)
    result = found.now() | {
        "edges": {"buffer": 0, "type": "f64", "shape": [bins + 1]},
        "counts": {"buffer": 1, "type": "f64", "shape": [bins]},
        "below": below,
        "above": above,
        "nan": nan,
        "inf": inf,
    }
    return result, [edges.astype("<f8").tobytes(), counts.astype("<f8").tobytes()]


def values_of(request: Params) -> Generator[float, None, Answer]:
    found = resolve.find(params.ref(request, "tensors", "saved"), _described(request), _unpack(request))
    return (yield from _values(found, request))


def grad_of(request: Params) -> Generator[float, None, Answer]:
    ref = params.ref(request, "tensors", "saved", "nodes")
    want = request.get("want")
    if want not in ("stats", "values"):
        raise bad_request("want must be stats or values")
    found = resolve.gradient(ref, _described(request))
    return (yield from _stats(found) if want == "stats" else _values(found, request))


def why_alive_of(request: Params) -> Generator[float, None, Answer]:
    ref = params.ref(request, "tensors", "nodes", "saved")
    depth = params.integer(request.get("depth", 16), "depth", 1, 64)
    x = resolve.find(ref).tensor if ref.table == "saved" else resolve.object_of(ref)
    found, complete = owners.search(x, depth, limits.OWNERS)
    yield 1.0
    return {"owners": [each.to_message() for each in found], "complete": complete}, []


def census_of(request: Params) -> Generator[float, None, Answer]:
    top = params.integer(request.get("top", 32), "top", 1, limits.OWNERS)
    if "cell" in request:
        raise Refusal("failed", "This kernel counts what lives in all of it, not by cell.", type="ValueError")
    counted = census(top)
    yield 1.0
    return {"census": counted.to_message()}, []


METHODS: dict[str, Method] = {
    "stats": stats_of,
    "histogram": histogram_of,
    "values": values_of,
    "grad": grad_of,
    "why_alive": why_alive_of,
    "census": census_of,
}


def size_of(request: Params) -> int:
    """Bytes that a request will pass over: decides whether it runs in slices. 0: it will be refused anyway."""
    try:
        found = resolve.find(params.ref(request, "tensors", "saved"))
    except Refusal:
        return 0
    return int(found.tensor.nbytes)


def version_of(request: Params) -> int | None:
    """Version of what a request is about: whether a cell overtook it."""
    try:
        return resolve.find(params.ref(request, "tensors", "saved")).tensor._version
    except Refusal:
        return None


def _unpack(request: Params) -> bool:
    """Whether a person asked for a saved-tensor hook to be run."""
    unpack = request.get("unpack", False)
    if not isinstance(unpack, bool):
        raise bad_request("unpack must be true or false")
    return unpack


def _described(request: Params) -> int | None:
    """The version that the asker shows, from the document or an earlier answer, so that `changed` can be told."""
    if "version" not in request:
        return None
    return params.integer(request["version"], "version", 0, params.MAX_ID)


def _stats(found: resolve.Found) -> Generator[float, None, Answer]:
    numbers = yield from stats.stats(found.array())
    return found.now() | {"stats": numbers}, []


def _values(found: resolve.Found, request: Params) -> Generator[float, None, Answer]:
    array = found.array()
    wire, name = WIRE_TYPES[array.dtype.name]
    chosen = cut(params.index(request, array.shape), np.dtype(wire).itemsize)
    part = array[tuple(slice(*each) for each in chosen)]
    data = np.ascontiguousarray(part, dtype=wire).tobytes()
    yield 1.0
    shape = [*part.shape, 2] if wire.startswith("<c") else list(part.shape)
    values = {"buffer": 0, "type": name, "shape": shape}
    return found.now() | {"values": values, "index": [list(each) for each in chosen]}, [data]


def cut(index: list[params.Slice], item_bytes: int) -> list[params.Slice]:
    """The index with as many elements as one answer may hold: the last dimension is shortened first."""
    limit = min(limits.VALUES, limits.BYTES // item_bytes)
    lengths = [len(range(*each)) for each in index]
    shortened = list(index)
    for axis in reversed(range(len(index))):
        total = math.prod(lengths)
        if total <= limit:
            break
        others = total // lengths[axis]
        lengths[axis] = max(1, limit // others)
        start, _, step = shortened[axis]
        shortened[axis] = (start, start + (lengths[axis] - 1) * step + 1, step)
    return shortened
