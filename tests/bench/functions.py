"""Custom Functions and hooks beside PyTorch: what a call, a hook and a packed tensor cost; memory a ctx.

PyTorch is found as in engine.py. Both run on one thread, turn by turn, and the least CPU time of each counts.
"""

from __future__ import annotations

import sys

from tests.bench.engine import WORKLOADS, least, run, torch_python
from tests.bench.verdict import verdict

WORKLOAD = WORKLOADS / "functions.py"
GOALS = {  # None: told, and no goal
    "function": 0.3,
    "function_forward": None,
    "function_backward": None,
    "function_alone": None,
    "hook": 0.3,
    "hook_without": None,
    "saved_hooks": 0.4,
    "ctx_bytes": None,
}


def figures(runs: list[dict[str, float]]) -> dict[str, float]:
    """The least of each, and what hooks add."""
    found = least(runs)
    for name in ("hook", "saved_hooks"):
        found[name] = found[f"{name}_with"] - found[f"{name}_without"]
    return found


def main() -> int:
    torch = torch_python()
    ours, theirs = [], []
    for _ in range(5):
        ours.append(run(sys.executable, "tapescope", WORKLOAD))
        if torch:
            theirs.append(run(torch, "torch", WORKLOAD))
    a = figures(ours)
    b = figures(theirs) if torch else None
    for name, goal in GOALS.items():
        scale, unit = (1.0, "B ") if name.endswith("_bytes") else (1e6, "µs")
        line = f"{name:18} {a[name] * scale:8.2f} {unit}"
        if b:
            ratio = a[name] / b[name]
            line += f"   PyTorch {b[name] * scale:8.2f} {unit}   ratio {ratio:.3f}"
            line += f"   goal {verdict(ratio, goal)}" if goal else ""
        print(line)
    if not b:
        print("PyTorch is not installed: no ratios")
    return 0


if __name__ == "__main__":
    sys.exit(main())
