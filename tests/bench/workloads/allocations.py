"""malloc calls a recorded op and a backward node, as JSON. Run under count_malloc.c."""

import ctypes
import gc
import json

import tapescope as ts

calls = ctypes.CDLL(None).malloc_calls
calls.restype = ctypes.c_long


def chain(elements, length):
    """The counts of one pass over y = y * a + b: (forward, backward)."""
    a, b = ts.full((elements,), 0.999), ts.full((elements,), 0.001)
    y = ts.ones(elements, requires_grad=True)
    start = calls()
    for _ in range(length):
        y = y * a + b
    middle = calls()
    y.sum().backward()
    return middle - start, calls() - middle


def figures(elements):
    """Calls an op and a node, without what a first pass warms up and what any pass costs."""
    gc.disable()
    chain(elements, 3000)
    short, long = chain(elements, 1000), chain(elements, 3000)
    return [(b - a) / 4000 for a, b in zip(short, long, strict=True)]


out = {}
for n in (1, 16, 1024):
    out[f"op_{n}"], out[f"backward_{n}"] = figures(n)
print(json.dumps(out))
