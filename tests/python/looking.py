"""Each test again under full recording, and looked at from all sides when it ends: nothing may come out otherwise.

With TAPESCOPE_DIGESTS=FILE what each test reads of tensors (tolist, item, equal) and what lives after it is written to
FILE, a line a test. With TAPESCOPE_EXPLORE=full besides, each test runs in a recorded cell, and all that lives then is
looked at. compare(plain, looked) names the tests that differ.
"""

import gc
import hashlib
import json
import os
import sys
from pathlib import Path

FULL = os.environ.get("TAPESCOPE_EXPLORE") == "full"
FILE = os.environ.get("TAPESCOPE_DIGESTS")

# What differs from run to run by itself: random programs, threads, processes, times, recordings of their own.
VARIES = (
    "test_programs.py",
    "test_properties.py",
    "test_record.py",
    "test_golden.py",
    "test_hook_stress.py",
    "test_looking.py",
    "explore/",
    "thread",
    "process",
    "fork",
    "cell",
    "record",
)


class Reader:
    """A digest of everything that a test reads from tensors."""

    def __init__(self):
        from tapescope import _C

        self.hash = hashlib.sha256()
        for name in ("tolist", "item"):
            self._follow(_C, name)

    def _follow(self, _C, name):
        read = getattr(_C.Tensor, name)

        def followed(tensor):
            value = read(tensor)
            self.hash.update(repr(value).encode())
            return value

        followed.__name__ = name
        _C._add_to_tensor(name, followed)

    def take(self):
        digest, self.hash = self.hash.hexdigest()[:16], hashlib.sha256()
        return digest


def look():
    """At every live tensor and node: hooks, saved variables, a document of all graphs, a census."""
    import tapescope as ts

    explore = ts.explore
    objects = gc.get_objects()
    tensors = [each for each in objects if isinstance(each, ts.Tensor)]
    nodes = [each for each in objects if isinstance(each, ts._C.Node)]
    nodes += ts._C._live_nodes(100)
    for each in tensors[:20]:
        explore.hooks(each, graph=True)
        explore.saved_variables(each)
    alive = [each for each in nodes if not isinstance(each, ts._C._FunctionBase) or _has_node(each)]
    for each in alive[:20]:
        explore.hooks(each)
    if alive:
        ts._C._explore(alive[:100])
    explore.census(8)


def _has_node(ctx):
    try:
        ctx.name()
    except RuntimeError:
        return False
    return True


class Plugin:
    def __init__(self, file):
        self.path, self.reader = Path(file), Reader()
        self.path.write_text("")
        gc.collect()
        gc.freeze()  # what is there before the first test is not walked again and again

    def around(self, test):
        """Runs inside a fixture: before and after each test."""
        from tapescope import _C

        _C.manual_seed(0)  # whatever tests with threads have drawn before
        self.reader.take()
        if FULL:
            _C._begin_cell("", f"looked_{abs(hash(test))}.py", 0, 2)
        yield
        if FULL:
            look()
            _C._end_cell(None)
        self.reader.hash.update(repr(_C.get_rng_state()).encode())
        digest = self.reader.take()
        gc.collect()
        alive = _C._census()
        line = {"test": test, "read": digest, "nodes": alive["nodes"], "tensors": alive["tensors"]}
        with self.path.open("a") as out:
            out.write(json.dumps(line) + "\n")


def compare(plain, looked):
    """The tests that read other numbers, or left other objects alive, when they were looked at."""
    rows = [[json.loads(line) for line in Path(file).read_text().splitlines()] for file in (plain, looked)]
    before, after = ({row["test"]: row for row in each} for each in rows)
    differ = []
    previous = [None, None]
    for test, row in before.items():
        other = after.get(test)
        if other is None:
            differ.append(f"{test}: was not looked at")
            continue
        left = [_left(row, previous[0]), _left(other, previous[1])]
        previous = [row, other]
        if any(word in test for word in VARIES):
            continue
        if row["read"] != other["read"]:
            differ.append(f"{test}: read other numbers")
        if left[0] != left[1]:
            differ.append(f"{test}: left {left[1]} alive, and {left[0]} when nobody looked")
    return differ


def _left(row, previous):
    return tuple(row[key] - (previous[key] if previous else 0) for key in ("nodes", "tensors"))


if __name__ == "__main__":
    found = compare(*sys.argv[1:])
    print("\n".join(found) or "looking: nothing came out otherwise")
    sys.exit(bool(found))
