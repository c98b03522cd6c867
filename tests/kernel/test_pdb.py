"""pdb through stdin: breakpoint(), pdb.set_trace(), %debug and %pdb."""

from __future__ import annotations

import re
from queue import Empty

import pytest

from .client import Client, Outcome

BREAKPOINTS = {"breakpoint()": "breakpoint()", "pdb.set_trace()": "import pdb; pdb.set_trace()"}


def answer(kernel: Client, code: str, *commands: str | None) -> Outcome:
    """Runs a cell and answers its prompts; None interrupts. It has to ask as often as there are commands."""
    msg_id = kernel.send(code, allow_stdin=True, stop_on_error=False)
    for command in commands:
        question = kernel.channels.get_stdin_msg(timeout=20)
        assert question["content"] == {"prompt": "ipdb> ", "password": False}
        if command is None:
            kernel.manager.interrupt_kernel()
        else:
            kernel.channels.input(command)
    outcome = Outcome(kernel.reply(msg_id), kernel.until_idle(msg_id))
    with pytest.raises(Empty):
        kernel.channels.get_stdin_msg(timeout=0.1)
    return outcome


def plain(text: str) -> str:
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


@pytest.mark.parametrize("name", BREAKPOINTS)
def test_a_breakpoint_in_a_function(kernel: Client, name: str) -> None:
    code = f"def f(x):\n    {BREAKPOINTS[name]}\n    y = x + 1\n    return y * 2\nf(20)"
    outcome = answer(kernel, code, "p x + 100", "n", "p y + 200", "c")
    assert outcome.reply["status"] == "ok" and outcome.result == "42"
    assert "120\n" in outcome.stdout and "221\n" in outcome.stdout
    assert "----> 3     y = x + 1" in plain(outcome.stdout) and "----> 4     return y * 2" in plain(outcome.stdout)


@pytest.mark.parametrize("name", BREAKPOINTS)
def test_a_step_goes_on_to_the_next_statement_of_the_cell(kernel: Client, name: str) -> None:
    outcome = answer(kernel, f"a = 7\n{BREAKPOINTS[name]}\na = 8\na = 9", "p a + 100", "n", "n", "p a + 200", "c")
    assert outcome.reply["status"] == "ok"
    assert "107\n" in outcome.stdout and "208\n" in outcome.stdout
    stops = [each for each in plain(outcome.stdout).splitlines() if each.startswith("---->")]
    assert stops == [f"----> 2 {BREAKPOINTS[name]}", "----> 3 a = 8", "----> 4 a = 9"]


def test_a_step_past_the_end_of_the_cell_ends_the_cell(kernel: Client) -> None:
    outcome = answer(kernel, "b = 1\nbreakpoint()\nb = 2", "n", "n")
    assert outcome.reply["status"] == "ok"
    assert "IPython" not in outcome.stdout
    assert kernel.value("import sys; b, sys.gettrace()") == "(2, None)"


@pytest.mark.parametrize("name", BREAKPOINTS)
def test_quit_ends_the_cell(kernel: Client, name: str) -> None:
    outcome = answer(kernel, f"c = 1\n{BREAKPOINTS[name]}\nc = 2", "q")
    assert outcome.reply["ename"] == "BdbQuit"
    assert kernel.value("c") == "1"


@pytest.mark.parametrize("name", BREAKPOINTS)
def test_an_interrupt_at_the_prompt_ends_the_cell(kernel: Client, name: str) -> None:
    kernel.run("import sys")
    for _ in range(20):
        outcome = answer(kernel, f"d = 1\n{BREAKPOINTS[name]}\nd = 2", "p d", None)
        assert outcome.reply["ename"] == "KeyboardInterrupt"
        assert kernel.value("d, sys.gettrace()") == "(1, None)"


def test_post_mortem(kernel: Client) -> None:
    kernel.run("def g(x):\n    return 1 / x\nzero = 0\ng(zero)")
    outcome = answer(kernel, "%debug", "p x + 41", "u", "p zero + 51", "q")
    assert outcome.reply["status"] == "ok"
    assert "41\n" in outcome.stdout and "51\n" in outcome.stdout
    assert "----> 2     return 1 / x" in plain(outcome.stdout) and "----> 4 g(zero)" in plain(outcome.stdout)


def test_an_interrupt_at_the_post_mortem_prompt(kernel: Client) -> None:
    for _ in range(2):
        kernel.run("def g(x):\n    return 1 / x\ng(0)")
        assert answer(kernel, "%debug", "p x", None).reply["ename"] == "KeyboardInterrupt"
    assert "5\n" in answer(kernel, "%debug print(2 + 3)", "n").stdout  # the same debugger, once more


def test_pdb_on_opens_at_every_error(kernel: Client) -> None:
    kernel.run("%pdb on")
    try:
        outcome = answer(kernel, "x = 4\n[][x]", "p x + 60", "q")
        assert outcome.reply["ename"] == "IndexError" and "64\n" in outcome.stdout
    finally:
        kernel.run("%pdb off")


def test_a_front_end_that_cannot_ask(kernel: Client) -> None:
    outcome = kernel.run("breakpoint()\ndone = 1", allow_stdin=False)
    assert outcome.reply["ename"] == "StdinNotImplementedError"
    assert kernel.value("1 + 1") == "2"


def test_pdb_on_without_a_front_end_that_answers(fresh: Client) -> None:
    fresh.run("%pdb on")
    outcome = fresh.run("1 / 0", allow_stdin=False)
    assert outcome.reply["ename"] == "ZeroDivisionError"
    count = outcome.reply["execution_count"]
    assert outcome.of("error")
    following = fresh.run("get_ipython().call_pdb", allow_stdin=False)
    assert following.reply["execution_count"] == count + 1
    assert fresh.value("get_ipython().call_pdb") == "True"  # still asked for
