"""What recording a cell costs: the same loops with exploring off and in mode auto, turn by turn. CPU time."""

from __future__ import annotations

import gc
import sys
import time

from tests.bench.verdict import verdict

import tapescope as ts
from tapescope import _C


def small_ops(n: int = 20_000) -> None:
    a, b = ts.full((4,), 0.999), ts.full((4,), 0.001)
    y = ts.ones(4, requires_grad=True)
    for _ in range(n):
        y = y * a + b


def make_mlp():
    nn = ts.nn
    model = nn.Sequential(nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(), nn.Linear(256, 10))
    opt = ts.optim.Adam(model.parameters())
    x, target = ts.randn(64, 784), ts.randint(0, 10, (64,))

    def steps() -> None:
        for _ in range(30):
            loss = nn.functional.cross_entropy(model(x), target)
            opt.zero_grad()
            loss.backward()
            opt.step()

    return steps


def measure(f, mode: int) -> float:
    gc.collect()
    _C._begin_cell("", "bench", 1, mode)
    start = time.process_time()
    f()
    spent = time.process_time() - start
    _C._end_cell(None)
    return spent


def compare(name: str, f, goal: float) -> None:
    f()
    off, auto = [], []
    for _ in range(40):
        off.append(measure(f, 0))
        auto.append(measure(f, 1))
    print(
        f"recording, {name:14} off {min(off) * 1e3:8.2f} ms   auto {min(auto) * 1e3:8.2f} ms   "
        f"ratio {min(auto) / min(off):.3f}   goal {verdict(min(auto) / min(off), goal)}"
    )


def document() -> None:
    times = []
    for _ in range(7):
        x = ts.ones(2, requires_grad=True)
        y = x
        for _ in range(10_000):
            y = y * 1.0001
        start = time.process_time()
        text, *_ = _C._explore(y, "y")
        times.append(time.process_time() - start)
    print(
        f"document of 10,000 nodes, with its still picture: "
        f"{min(times) * 1e3:.2f} ms, {len(text) / 1e3:.0f} KB   goal (ms) {verdict(min(times) * 1e3, 10)}"
    )


def main() -> int:
    compare("small ops", small_ops, 1.15)
    compare("MLP", make_mlp(), 1.05)
    document()
    return 0


if __name__ == "__main__":
    sys.exit(main())
