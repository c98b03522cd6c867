"""Golden documents: those of tests/golden/programs are what the engine writes today; all of them fit the schema.

The widgets' tests read the same files, so that what one side writes is what the other was tested with. After a change
that is meant: `python tests/golden/write.py NAME > tests/golden/engine_NAME.json`.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "golden"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_fits_the_schema(path, schema):
    errors = [f"{list(e.path)}: {e.message}" for e in schema.iter_errors(json.loads(path.read_text()))]
    assert not errors, errors[:3]


@pytest.mark.parametrize("name", sorted(path.stem for path in (FOLDER / "programs").glob("*.py")))
def test_is_what_the_engine_writes(name):
    command = [sys.executable, str(FOLDER / "write.py"), name]
    written = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
    assert json.loads(written) == json.loads((FOLDER / f"engine_{name}.json").read_text())
