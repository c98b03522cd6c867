"""Drawing in a real browser: CPU, frames, memory, and the extension's size. The figures are drawing.ts's.

python -m tests.bench.drawing [PART OF A NAME]
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def main(names: list[str]) -> int:
    node = shutil.which("node")
    if node is None or not (ROOT / "widgets" / "node_modules").exists():
        print("needs Node and the front end's packages: make build")
        return 1
    command = [node, "widgets/scripts/bench.mjs", "drawing", *names]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
