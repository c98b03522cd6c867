"""jit.trace beside PyTorch; the interpreter and fused chains beside our own eager ops. CPU time, one thread.

PyTorch is found as in engine.py.
"""

from __future__ import annotations

import gc
import sys
import time
from collections.abc import Callable

from tests.bench.engine import WORKLOADS, least, run, torch_python
from tests.bench.verdict import verdict

import tapescope as ts
from tapescope import _C, jit

WORKLOAD = WORKLOADS / "tracing.py"
GOALS = {"trace": 0.15, "trace_unchecked": None, "run_traced": None, "run_eager": None}


def turn_by_turn(*works: Callable[[], object], turns: int = 40) -> list[float]:
    """Least CPU seconds of each."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(turns):
        for spent, work in zip(times, works, strict=True):
            gc.collect()
            start = time.process_time()
            work()
            spent.append(time.process_time() - start)
    return [min(each) for each in times]


def beside_torch() -> None:
    torch = torch_python()
    ours, theirs = [], []
    for _ in range(3):
        ours.append(run(sys.executable, "tapescope", WORKLOAD))
        if torch:
            theirs.append(run(torch, "torch", WORKLOAD))
    a, b = least(ours), least(theirs) if torch else None
    for name, goal in GOALS.items():
        line = f"{name:18} {a[name] * 1e6:9.1f} µs"
        if b:
            ratio = a[name] / b[name]
            line += f"   PyTorch {b[name] * 1e6:9.1f} µs   ratio {ratio:.3f}"
            line += f"   goal {verdict(ratio, goal)}" if goal else ""
        print(line)
    if not b:
        print("PyTorch is not installed: no ratios")


def small_ops(x, w):
    y = x
    for _ in range(20):
        y = (y * w + x).tanh()
    return y


def interpreter() -> None:
    """Graphs of 60 small ops, of a layer's few, and of one, where the call itself counts most."""
    x, w, m = ts.full((4,), 0.5), ts.full((4,), 0.9, requires_grad=True), ts.rand(4, 4)
    programs: dict[str, tuple[Callable[..., object], tuple[ts.Tensor, ...]]] = {
        "60 ops": (small_ops, (x, w)),
        "60 ops, no grad": (small_ops, (x, x)),
        "4 mixed ops": (lambda x, m: (x @ m).relu().sum(1, keepdim=True).reshape(1), (x.reshape(1, 4), m)),
        "1 op": (lambda x: x.tanh(), (w,)),
        "1 op and a number": (lambda x: x * 2.5, (w,)),
    }
    for name, (program, inputs) in programs.items():
        traced = jit.trace(program, inputs)
        times = 300 if "60" in name else 3000

        def calls(
            f: Callable[..., object], times: int = times, inputs: tuple[ts.Tensor, ...] = inputs
        ) -> Callable[[], object]:
            return lambda: [f(*inputs) for _ in range(times)]

        eager, replayed = turn_by_turn(calls(program), calls(traced))
        ratio = replayed / eager
        print(
            f"interpreter, {name:18} {replayed / times * 1e6:7.2f} µs a call   eager {eager / times * 1e6:7.2f} µs   "
            f"ratio {ratio:.3f}   goal {verdict(ratio, 1.0)}"
        )


def fused() -> None:
    n = 4 << 20  # 16 MiB of float32
    x, y = ts.rand(n), ts.rand(n)

    def chain(a, b):
        return (a * b + a).relu()

    traced = jit.trace(chain, (x, y), check_trace=False)
    alone = _C._Code(traced.graph)
    unfused, one_loop = turn_by_turn(lambda: alone.run(x, y), lambda: traced(x, y), turns=30)
    print(
        f"fused chain of 3   {one_loop * 1e3:9.2f} ms         unfused {unfused * 1e3:7.2f} ms   "
        f"ratio {one_loop / unfused:.3f}   goal {verdict(one_loop / unfused, 0.5)}"
    )


def recording() -> None:
    n = 20_000
    a, b = ts.full((4,), 0.999), ts.full((4,), 0.001)

    def loop() -> None:
        y = ts.ones(4, requires_grad=True)
        for _ in range(n):
            y = y * a + b

    def in_cell(mode: int) -> Callable[[], None]:
        def measured() -> None:
            _C._begin_cell("", "bench", 1, mode)
            loop()
            _C._end_cell(None)

        return measured

    off, on = turn_by_turn(in_cell(0), in_cell(1))
    cost = (on - off) / (2 * n) * 1e9
    print(f"recording a cell   {cost:9.1f} ns an op   goal {verdict(cost, 80, 0)}")


if __name__ == "__main__":
    ts.set_num_threads(1)
    interpreter()
    fused()
    recording()
    beside_torch()
