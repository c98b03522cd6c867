"""Starting and running empty cells, beside ipykernel: CPU time and memory.

    python -m tests.bench.kernel [RUNS]

CPU time is that of the kernel's process, read from the system: what a loaded machine does meanwhile does not count.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from jupyter_client.manager import start_new_kernel
from tests.bench.verdict import verdict

TICKS = os.sysconf("SC_CLK_TCK")
CELLS = 300


@dataclass
class Figures:
    wall: float  # seconds to ready
    ready: float  # CPU seconds to ready
    cell: float  # CPU milliseconds an empty cell
    trip: float  # milliseconds from sending an empty cell to its reply
    memory: float  # MB resident, after the cells


def cpu(pid: int) -> float:
    """CPU seconds of a process, to the nanosecond where the kernel offers it for each thread, else in ticks."""
    total = 0.0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0]) / 1e9
        return total
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def measure(name: str) -> Figures:
    begin = time.monotonic()
    manager, client = start_new_kernel(kernel_name=name, startup_timeout=60)
    wall = time.monotonic() - begin
    try:
        pid = manager.provisioner.process.pid
        ready = cpu(pid)
        time.sleep(1.0)  # what is done once, when nobody waits
        for _ in range(20):
            client.execute_interactive("", timeout=10)
        before = cpu(pid)
        begin = time.monotonic()
        for _ in range(CELLS):
            client.execute_interactive("", timeout=10)
        trip = time.monotonic() - begin
        used = cpu(pid) - before
        return Figures(wall, ready, used / CELLS * 1e3, trip / CELLS * 1e3, resident(pid))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def told(ratio: float, goal: float | None) -> str:
    return verdict(ratio, goal) if goal else ""


def imports(runs: int = 15) -> None:
    """CPU time of `import tapescope` in an interpreter of its own, beside numpy's. The least of several runs."""

    # An installed package has its bytecode at hand.
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        environment["PYTHONPYCACHEPREFIX"] = folder

        def spent(statement: str) -> float:
            used = []
            for _ in range(runs):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run([sys.executable, "-c", statement], check=True, env=environment)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                used.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
            return min(used) * 1e3

        bare = spent("pass")
        whole, numpy = spent("import tapescope") - bare, spent("import numpy") - bare
    print(f"import tapescope: {whole:.0f} ms of CPU; goal {verdict(whole, 50, 0)}; import numpy alone: {numpy:.0f} ms")


def main(runs: int) -> None:
    figures: dict[str, list[Figures]] = {"tapescope": [], "python3": []}
    for _ in range(runs):
        for name, taken in figures.items():  # in turn, so that both see the same machine
            taken.append(measure(name))
    print(f"median of {runs}             tapescope  ipykernel  ratio  goal")
    goals = {"ready": 0.7, "cell": 0.5, "memory": 0.9}
    titles = {
        "wall": "to ready, s",
        "ready": "CPU to ready, s",
        "cell": "CPU a cell, ms",
        "trip": "a cell's round trip, ms",
        "memory": "memory, MB",
    }
    for name, title in titles.items():
        ours, theirs = (statistics.median(getattr(each, name) for each in taken) for taken in figures.values())
        print(
            f"{title:<24} {ours:>10.3f} {theirs:>10.3f} {ours / theirs:>6.2f}  {told(ours / theirs, goals.get(name))}"
        )
    imports()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
