"""Tests again with everything looked at: they pass, read the same numbers bit for bit, and leave the same alive.

`make looking` does so with the whole suite; here it is those tests that have most to do with hooks and lifetimes.
"""

import os
import subprocess
import sys
from pathlib import Path

import looking
import pytest

HERE = Path(__file__).resolve().parent
FILES = (
    "test_function.py",
    "test_function_class.py",
    "test_function_outputs.py",
    "test_hooks.py",
    "test_hook_facts.py",
    "test_nodes.py",
    "test_saved_variables.py",
    "test_saved_tensors_hooks.py",
    "test_checkpoint.py",
    "test_module_hooks.py",
    "test_module_backward_hooks.py",
    "test_in_place.py",
    "test_autograd.py",
    "test_gradient_edge.py",
)


@pytest.mark.timeout(300)
@pytest.mark.skipif(looking.FILE is not None, reason="is itself run by it")
def test_looking_changes_nothing(tmp_path):
    for mode in ("plain", "full"):
        environment = {**os.environ, "TAPESCOPE_DIGESTS": str(tmp_path / mode), "PYTHONHASHSEED": "0"}
        if mode == "full":
            environment["TAPESCOPE_EXPLORE"] = "full"
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *(str(HERE / f) for f in FILES)]
        done = subprocess.run(command, env=environment, cwd=HERE.parents[1], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout[-3000:]
    assert len((tmp_path / "full").read_text().splitlines()) > 300
    assert not looking.compare(tmp_path / "plain", tmp_path / "full")
