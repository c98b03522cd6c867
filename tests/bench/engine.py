"""The engine beside PyTorch: recorded ops, backward nodes, an MLP's training step; memory a node.

PyTorch is taken from this Python if it is there, else from the one that TAPESCOPE_BENCH_TORCH names. Both run on one
thread, turn by turn, and the least CPU time of each counts.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.verdict import verdict

WORKLOADS = Path(__file__).parent / "workloads"
WORKLOAD = WORKLOADS / "engine.py"
GOALS = {
    "op_1": 0.25,
    "op_16": 0.25,
    "backward_1": 0.15,
    "backward_16": 0.15,
    "mlp_step": 1.0,
    "large": 0.5,
    "sum_rows": 0.8,
    "mean_rows": 0.8,
    "softmax_rows": 0.8,
    "in_place": 0.4,
    "view": 0.4,
}


def run(python: str, library: str, workload: Path = WORKLOAD) -> dict[str, float]:
    one = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    out = subprocess.run(
        [python, str(workload), library], env={**os.environ, **one}, check=True, capture_output=True, text=True
    )
    return json.loads(out.stdout)


def least(runs: list[dict[str, float]]) -> dict[str, float]:
    return {k: min(r[k] for r in runs) for k in runs[0]}


def memory() -> None:
    """Bytes a node (with its output tensor) takes, and how much of it malloc was asked for rather than a slab."""
    import ctypes

    import tapescope as ts

    class Info(ctypes.Structure):
        _fields_ = [
            (n, ctypes.c_size_t)
            for n in [
                "arena",
                "ordblks",
                "smblks",
                "hblks",
                "hblkhd",
                "usmblks",
                "fsmblks",
                "uordblks",
                "fordblks",
                "keepcost",
            ]
        ]

    libc = ctypes.CDLL(None)
    libc.mallinfo2.restype = Info

    def resident() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")

    x = y = ts.ones(1, requires_grad=True)
    for _ in range(20_000):
        y = y + x
    n, before, heap = 200_000, resident(), libc.mallinfo2().uordblks
    for _ in range(n):
        y = y + x
    after, heap = resident(), libc.mallinfo2().uordblks - heap
    print(
        f"memory: {(after - before) / n:.0f} B a node of a chain of adds, with its tensor; "
        f"of that asked of malloc: {heap / n:.1f} B (chunks of the slabs)"
    )


def long_chains() -> None:
    """A chain of adds of growing length: built, run backward, freed. The memory a node stays the same."""
    code = (
        "import sys, time, os; import tapescope as ts\n"
        "def resident(): return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGESIZE')\n"
        "n = int(sys.argv[1]); x = y = ts.ones(1, requires_grad=True); before = resident(); a = time.process_time()\n"
        "for _ in range(n): y = y + 1\n"
        "b = time.process_time(); size = resident() - before\n"
        "y.backward(); c = time.process_time(); del y; d = time.process_time()\n"
        "print(f'{size / n:6.0f} B a node; built {b - a:6.3f} s, backward {c - b:6.3f} s, freed {d - c:6.3f} s')"
    )
    for n in (250_000, 500_000, 1_000_000):
        told = subprocess.run([sys.executable, "-c", code, str(n)], check=True, capture_output=True, text=True).stdout
        print(f"chain of {n:9,} nodes: {told.strip()}")


def allocations() -> None:
    """Calls of malloc, counted by a library that is preloaded; needs a C compiler."""
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "count_malloc.so"
        build = ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(WORKLOADS / "count_malloc.c")]
        subprocess.run(build, check=True)
        counted = subprocess.run(
            [sys.executable, str(WORKLOADS / "allocations.py")],
            env={**os.environ, "LD_PRELOAD": str(library)},
            check=True,
            capture_output=True,
            text=True,
        )
    counts = json.loads(counted.stdout)
    for n in (1, 16, 1024):
        forward, backward = counts[f"op_{n}"], counts[f"backward_{n}"]
        print(f"malloc calls, {n:4} elements: {forward:.3f} a recorded op, {backward:.3f} a backward node")


def torch_python() -> str | None:
    """A Python that has PyTorch, if there is one."""
    return os.environ.get("TAPESCOPE_BENCH_TORCH") or (sys.executable if importlib.util.find_spec("torch") else None)


def main() -> int:
    torch = torch_python()
    ours, theirs = [], []
    for _ in range(3):
        ours.append(run(sys.executable, "tapescope"))
        if torch:
            theirs.append(run(torch, "torch"))
    a = least(ours)
    b = least(theirs) if torch else None
    for name, goal in GOALS.items():
        line = f"{name:12} {a[name] * 1e6:10.2f} µs"
        if b:
            ratio = a[name] / b[name]
            line += f"   PyTorch {b[name] * 1e6:10.2f} µs   ratio {ratio:.3f}   goal {verdict(ratio, goal)}"
        print(line)
    if not b:
        print("PyTorch is not installed: no ratios")
    memory()
    long_chains()
    allocations()
    return 0


if __name__ == "__main__":
    sys.exit(main())
