"""The type stub is what the module says, and type checkers read programs by it."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import tapescope

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = Path(tapescope.__file__).parent
TYPED = Path(__file__).with_name("typed")


def mypy(*arguments):
    """Lines of mypy's answer."""
    installed = "site-packages" in PACKAGE.parts
    environment = {**os.environ, **({} if installed else {"MYPYPATH": str(PACKAGE.parent)})}
    command = [sys.executable, "-m", "mypy", "--cache-dir", str(ROOT / ".cache/mypy"), "--no-error-summary"]
    done = subprocess.run(
        [*command, "--hide-error-context", *arguments], env=environment, cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return [line for line in done.stdout.splitlines() if ": error:" in line]


@pytest.mark.skipif("TAPESCOPE_DIGESTS" in os.environ, reason="the reader of digests stands in place of Tensor.item")
def test_the_stub_is_what_the_module_says():
    spec = importlib.util.spec_from_file_location("stubs", ROOT / "scripts/stubs.py")
    stubs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(stubs)
    assert stubs.render() == stubs.STUB.read_text(), "run python scripts/stubs.py"


def test_the_package_brings_its_types():
    assert (PACKAGE / "py.typed").exists()
    assert (PACKAGE / "_C.pyi").exists()


@pytest.mark.timeout(300)
def test_a_good_program_passes():
    assert mypy("--strict", "--follow-imports=silent", str(TYPED / "good.py")) == []


@pytest.mark.timeout(300)
def test_mistakes_are_found():
    bad = TYPED / "bad.py"
    marks = {}
    for number, line in enumerate(bad.read_text().splitlines(), 1):
        if mark := re.search(r"# error: ([\w-]+)$", line):
            marks[number] = mark[1]
    found = {}
    for line in mypy("--strict", "--follow-imports=silent", str(bad)):
        number, code = re.search(r"bad\.py:(\d+): error: .*\[([\w-]+)\]$", line).groups()
        found[int(number)] = code
    assert found == marks


@pytest.mark.timeout(300)
def test_the_package_agrees_with_its_own_types():
    assert mypy("-p", "tapescope") == []
