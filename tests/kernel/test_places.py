"""Where else notebooks are run: the console, nbclient, nbconvert, papermill."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import nbclient
import nbformat

from .client import MIME

ROOT = Path(__file__).resolve().parents[2]
FIRST, DIGITS = (ROOT / "notebooks" / f"{name}.ipynb" for name in ("01_first_backward", "02_digits"))


def run(*command: str, cwd: Path, stdin: str = "") -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, input=stdin, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def graphs(notebook: nbformat.NotebookNode) -> int:
    outputs = [each for cell in notebook.cells for each in cell.get("outputs", [])]
    assert not any(each.output_type == "error" for each in outputs)
    return sum(MIME in each.get("data", {}) for each in outputs)


def test_the_console(tmp_path: Path) -> None:
    cell = "import tapescope as ts\nx = ts.ones(2, requires_grad=True)\n(x * 2).sum()\nexit()\n"
    shown = run("jupyter", "console", "--kernel=tapescope", "--simple-prompt", cwd=tmp_path, stdin=cell)
    assert "tensor(4., grad_fn=<SumBackward0>)" in shown
    assert "backward graph: 3 nodes" in shown and "MulBackward0 [2]" in shown


def test_nbclient(tmp_path: Path) -> None:
    notebook = nbformat.read(FIRST, as_version=4)
    nbclient.NotebookClient(
        notebook, kernel_name="tapescope", resources={"metadata": {"path": str(tmp_path)}}
    ).execute()
    assert graphs(notebook) > 3


def nbconvert(form: str, notebook: Path, folder: Path) -> None:
    run("jupyter", "nbconvert", f"--to={form}", "--execute", f"--output-dir={folder}", str(notebook), cwd=folder)


def test_nbconvert_to_a_page(tmp_path: Path) -> None:
    nbconvert("html", FIRST, tmp_path)
    page = (tmp_path / "01_first_backward.html").read_text()
    pictures = [base64.b64decode(each) for each in re.findall(r"data:image/svg\+xml;base64,([^\"]+)", page)]
    assert any(b"MulBackward0" in each for each in pictures)


def test_nbconvert_to_markdown(tmp_path: Path) -> None:
    nbconvert("markdown", DIGITS, tmp_path)
    assert "Traceback" not in (tmp_path / "02_digits.md").read_text()
    assert list(tmp_path.rglob("*.svg"))


def test_papermill(tmp_path: Path) -> None:
    out = tmp_path / "out.ipynb"
    run("papermill", "--log-level=ERROR", "--no-progress-bar", "-k", "tapescope", str(DIGITS), str(out), cwd=tmp_path)
    assert graphs(nbformat.read(out, as_version=4)) > 3
