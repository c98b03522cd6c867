"""Runs every benchmark of this folder.

python -m tests.bench.run [NAME...]
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def main(names: list[str]) -> int:
    here = Path(__file__).parent
    found = sorted(path.stem for path in here.glob("*.py") if path.stem not in ("__init__", "run", "verdict"))
    status = 0
    for name in names or found:
        print(f"\n{name}", flush=True)
        status |= subprocess.run(
            [sys.executable, "-m", f"tests.bench.{name}"], cwd=here.parents[1], check=False
        ).returncode
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
