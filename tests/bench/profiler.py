"""The profiler: a traced call beside cProfile's, and ops under a profile beside PyTorch's.

PyTorch is found as in engine.py. Both run on one thread, turn by turn, and the least CPU time of each counts.
"""

from __future__ import annotations

import sys

from tests.bench.engine import WORKLOADS, least, run, torch_python
from tests.bench.verdict import verdict

WORKLOAD = WORKLOADS / "profiler.py"
CALLS = {"python_call": 1.0, "c_call": 1.0, "mixed_call": 1.0}
# What a profile adds to each of them; the rest are told without a goal.
ADDED = {"op": 0.5, "recorded_op": 0.5, "range": 0.5}
TOLD = ("op_off", "op_on", "op_memory", "op_shapes", "recorded_op_off", "recorded_op_on", "range_off", "range_on")


def main() -> int:
    torch = torch_python()
    ours, theirs = [], []
    for _ in range(3):
        ours.append(run(sys.executable, "tapescope", WORKLOAD))
        if torch:
            theirs.append(run(torch, "torch", WORKLOAD))
    a = least(ours)
    b = least(theirs) if torch else None
    for name, goal in CALLS.items():
        ratio = a[f"{name}_tracer"] / a[f"{name}_cprofile"]
        print(
            f"{name:16} {a[f'{name}_tracer'] * 1e9:7.0f} ns more a call   cProfile {a[f'{name}_cprofile'] * 1e9:7.0f} "
            f"ns   ratio {ratio:.3f}   goal {verdict(ratio, goal)}"
        )
    for name in TOLD:
        line = f"{name:16} {a[name] * 1e9:7.0f} ns"
        if b:
            line += f"   PyTorch {b[name] * 1e9:7.0f} ns   ratio {a[name] / b[name]:.3f}"
        print(line)
    for name, goal in ADDED.items():
        line = f"{name + ' added':16} {(a[f'{name}_on'] - a[f'{name}_off']) * 1e9:7.0f} ns"
        if b:
            ratio = (a[f"{name}_on"] - a[f"{name}_off"]) / (b[f"{name}_on"] - b[f"{name}_off"])
            line += f"   PyTorch {(b[f'{name}_on'] - b[f'{name}_off']) * 1e9:7.0f} ns"
            line += f"   ratio {ratio:.3f}   goal {verdict(ratio, goal)}"
        print(line)
    if not b:
        print("PyTorch is not installed: no ratios")
    return 0


if __name__ == "__main__":
    sys.exit(main())
