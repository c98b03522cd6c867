"""What the front end asks for besides cells: completion, inspection, whether a cell is complete, who the kernel is."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .client import Client

DOCUMENTED = "def documented(a, b=2):\n    '''Says it.'''\n    return a"


def complete(kernel: Client, code: str, cursor: int | None = None) -> dict[str, Any]:
    return kernel.request("complete_request", {"code": code, "cursor_pos": len(code) if cursor is None else cursor})


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def test_jedi_completes_what_has_not_run_yet(kernel: Client) -> None:
    code = "class Never:\n    def only_here(self): pass\nn = Never()\nn.onl"
    reply = complete(kernel, code)
    assert reply["matches"] == ["only_here"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (len(code) - 3, len(code))
    described = reply["metadata"]["_jupyter_types_experimental"][0]
    assert (described["text"], described["type"], described["signature"]) == ("only_here", "function", "()")


def test_jedi_completes_in_the_middle_of_a_line(kernel: Client) -> None:
    code = "import collections as cc\ncc.Orde(1)\nx = 2"
    cursor = code.index("(1)")
    reply = complete(kernel, code, cursor)
    assert reply["matches"] == ["OrderedDict"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (cursor - 4, cursor)


def test_magics_and_keys_are_completed(kernel: Client) -> None:
    assert {"%time", "%%timeit"} <= set(complete(kernel, "%tim")["matches"])
    kernel.run("table = {'alpha': 1}")
    assert complete(kernel, "table['al")["matches"] == ["alpha"]
    assert complete(kernel, "no_such_name.x")["matches"] == []


def test_inspection_shows_the_text_and_then_the_source(kernel: Client) -> None:
    kernel.run(DOCUMENTED)
    request = {"code": "documented(1", "cursor_pos": 12}
    short = kernel.request("inspect_request", request | {"detail_level": 0})
    assert short["found"] and "Says it." in short["data"]["text/plain"]
    assert "documented(a, b=2)" in plain(short["data"]["text/plain"])
    assert "return a" not in plain(short["data"]["text/plain"])
    long = kernel.request("inspect_request", request | {"detail_level": 1})
    assert "return a" in plain(long["data"]["text/plain"])


def test_question_marks_open_the_pager(kernel: Client) -> None:
    kernel.run(DOCUMENTED)
    for code, has_source in (("documented?", False), ("documented??", True), ("?documented", False)):
        outcome = kernel.run(code)
        page = outcome.reply["payload"][0]
        assert page["source"] == "page" and page["start"] == 0
        text = plain(page["data"]["text/plain"])
        assert "Says it." in text and ("return a" in text) == has_source
        assert outcome.stdout == ""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1 + 1", {"status": "complete"}),
        ("for i in range(3):", {"status": "incomplete", "indent": "    "}),
        ("if True:\n    if 1:", {"status": "incomplete", "indent": "        "}),
        ("x = '''a", {"status": "incomplete", "indent": ""}),
        ("x = 'a", {"status": "invalid"}),
        ("await f()", {"status": "complete"}),
        ("!ls", {"status": "complete"}),
    ],
)
def test_is_complete(kernel: Client, code: str, expected: dict[str, str]) -> None:
    assert kernel.request("is_complete_request", {"code": code}) == expected


def test_kernel_info_says_who_answers(kernel: Client) -> None:
    info = kernel.request("kernel_info_request", {})
    assert info["status"] == "ok" and info["protocol_version"] == "5.3"
    assert info["banner"].startswith(f"Tapescope {info['implementation_version']}") and "%explore" in info["banner"]
    language = info["language_info"]
    assert language["version"] == kernel.value("import sys; sys.version.split()[0]").strip("'")
    assert (language["name"], language["file_extension"]) == ("python", ".py")
    assert (language["mimetype"], language["pygments_lexer"]) == ("text/x-python", "ipython3")
    assert language["codemirror_mode"] == {"name": "ipython", "version": 3}
    assert all(link["text"] and link["url"].startswith("https://") for link in info["help_links"])
    assert info["help_links"] and info["debugger"] is True
