from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from .client import Client, running_kernel

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def own_ipython_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The kernels' history is not the user's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))
        yield


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    """One kernel for the tests of a file."""
    with running_kernel() as client:
        yield client


@pytest.fixture
def kernel(shared: Client) -> Client:
    """The file's kernel, with nothing left over from the test before."""
    shared.drain()
    shared.strays.clear()
    return shared


@pytest.fixture
def fresh() -> Iterator[Client]:
    """A kernel of the test's own."""
    with running_kernel() as client:
        yield client


@pytest.fixture(scope="session")
def validate() -> Callable[[dict[str, Any]], None]:
    """Fails where a document is not what the schema says, its columns written out as rows."""
    schema = json.loads((ROOT / "widgets" / "schema" / "graph.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)

    def check(document: dict[str, Any]) -> None:
        validator.validate(document)

    return check
