"""history_request: what was typed, in this kernel and in those before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .client import Client, running_kernel


def history(client: Client, kind: str, **options: Any) -> list[Any]:
    content = {"hist_access_type": kind, "raw": True, "output": False} | options
    reply = client.request("history_request", content)
    assert reply["status"] == "ok", reply
    return reply["history"]


def test_tail_range_and_search(kernel: Client) -> None:
    kernel.run("first_mark = 1")
    kernel.run("first_mark + 41")
    session, line, source = history(kernel, "tail", n=1)[0]
    assert source == "first_mark + 41" and line > 1
    assert history(kernel, "tail", n=2)[0] == [session, line - 1, "first_mark = 1"]
    assert history(kernel, "range", session=0, start=line - 1, stop=line) == [[session, line - 1, "first_mark = 1"]]
    assert history(kernel, "range", session=0, start=line, stop=line + 1, output=True) == [
        [session, line, ["first_mark + 41", "42"]]
    ]
    assert history(kernel, "search", pattern="first_mark = ?", n=5) == [[session, line - 1, "first_mark = 1"]]


def test_unique_search_and_what_is_not_stored(kernel: Client) -> None:
    for _ in range(3):
        kernel.run("same_mark = 0")
    kernel.run("hidden_mark = 0", store_history=False)
    assert len(history(kernel, "search", pattern="same_mark*", n=9)) == 3
    assert len(history(kernel, "search", pattern="same_mark*", n=9, unique=True)) == 1
    assert history(kernel, "search", pattern="hidden_mark*", n=9) == []


def test_history_survives_in_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with running_kernel() as client:
        client.run("earlier_mark = 'here'")
        client.run("%explore off")
        client.run("for i in range(2):\n    i")
        session = history(client, "tail", n=1)[0][0]
        client.request("shutdown_request", {"restart": False}, channel="control")
        client.manager.provisioner.process.wait(timeout=5)
    typed = [
        [session, 1, "earlier_mark = 'here'"],
        [session, 2, "%explore off"],
        [session, 3, "for i in range(2):\n    i"],
    ]
    with running_kernel() as client:
        client.run("later_mark = 1")
        assert history(client, "tail", n=4) == [*typed, [session + 1, 1, "later_mark = 1"]]
        assert history(client, "range", session=-1, start=1, stop=4) == typed
        assert history(client, "range", session=session, start=2, stop=3) == typed[1:2]
        assert history(client, "range", session=-1, start=2, stop=3, raw=False)[0][2].startswith("get_ipython()")
        assert history(client, "search", pattern="earlier_*", n=3) == typed[:1]
        assert "earlier_mark" in client.run("%history -g earlier_*").stdout
        assert client.value("'earlier_mark' in globals()") == "False"
