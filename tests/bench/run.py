"""Runs every benchmark of this folder.

python -m tests.bench.run [NAME...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    here = Path(__file__).parent
    python = {path.stem for path in here.glob("*.py")} - {"__init__", "run", "verdict"}
    node = {path.stem for path in here.glob("*.ts")}
    status = 0
    for name in names or sorted(python | node):
        print(f"\n{name}", flush=True)
        if name in python:
            command = [sys.executable, "-m", f"tests.bench.{name}"]
        else:
            command = ["node", "widgets/scripts/bench.mjs", name]
        status |= subprocess.run(command, cwd=here.parents[1], check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
