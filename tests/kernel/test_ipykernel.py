"""Pictures in a kernel that is not ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from .client import MIME, Client, running_kernel
from .test_live import Display


@pytest.fixture(scope="module")
def foreign() -> Iterator[Client]:
    with running_kernel("python3") as client:
        yield client


def test_explore_shows_a_live_picture(foreign: Client, validate: Callable[[dict[str, Any]], None]) -> None:
    foreign.run("import tapescope as ts\nx = ts.tensor([1.0, 2.0], requires_grad=True)\ny = (x * x).sum()")
    outcome = foreign.run("ts.explore(y)", timeout=60)
    assert outcome.reply["status"] == "ok", outcome.reply
    document = outcome.of("execute_result")[0]["data"][MIME]
    validate(document)
    display = Display(foreign, document, "foreign")
    assert display.greeting["event"] == "hello"
    assert display.result("stats", on=display.leaf())["stats"]["mean"] == 1.5


def test_sites_name_cells_there_too(foreign: Client) -> None:
    foreign.run("import tapescope as ts\nts.explore(ts.ones(1, requires_grad=True))")
    code = "a = ts.ones(2, requires_grad=True)\nb = a.exp()\nts.explore(b)"
    outcome = foreign.run(code)
    document = outcome.of("execute_result")[0]["data"][MIME]
    sources = {cell["id"]: cell.get("source") for cell in document["cells"]}
    assert any(site.get("line") == 2 and sources.get(site.get("cell")) == code for site in document["sites"])
