"""Interrupts end what runs, and nothing else."""

from __future__ import annotations

import time

import pytest

from .client import Client

CASES = {
    "busy loop": "while True: pass",
    "sleep": "import time; time.sleep(60)",
    "await": "import asyncio\nawait asyncio.sleep(60)",
    "busy coroutine": "import asyncio\nasync def f():\n    while True: await asyncio.sleep(0)\nawait f()",
    "lock": "import threading; threading.Event().wait(60)",
    "input": "input('?')",
    "long ops": "while True: matrix @ matrix",
    "one long op": "product = stack @ stack",
    "join": "import threading\nt = threading.Thread(target=time.sleep, args=(1,)); t.start(); t.join(); time.sleep(60)",
}


@pytest.mark.parametrize("name", CASES)
def test_interrupted_twenty_times(kernel: Client, name: str) -> None:
    kernel.run("import time; import tapescope as ts; matrix, stack = ts.randn(900, 900), ts.randn(8, 900, 900)")
    for _ in range(20):
        msg_id = kernel.send(CASES[name], allow_stdin=True)
        kernel.until("execute_input")
        if name == "input":
            kernel.channels.get_stdin_msg(timeout=10)
        time.sleep(0.02)
        kernel.manager.interrupt_kernel()
        reply = kernel.reply(msg_id, timeout=10)
        assert reply["ename"] == "KeyboardInterrupt"
        kernel.until_idle(msg_id)
        assert kernel.value("21 * 2") == "42"


def test_the_traceback_ends_in_the_cell(kernel: Client) -> None:
    msg_id = kernel.send("total = 0\nwhile True:\n    total += 1")
    kernel.until("execute_input")
    time.sleep(0.02)
    kernel.manager.interrupt_kernel()
    traceback = "\n".join(kernel.reply(msg_id)["traceback"])
    assert "while" in traceback and "tapescope_kernel" not in traceback
    kernel.until_idle(msg_id)


def test_idle_kernel_is_not_disturbed(kernel: Client) -> None:
    for _ in range(20):
        kernel.manager.interrupt_kernel()
        assert kernel.value("1 + 1") == "2"
        time.sleep(0.01)
    assert not kernel.run("'no traceback'").of("error", "stream")


def test_the_request_on_the_control_channel(kernel: Client) -> None:
    for _ in range(20):
        msg_id = kernel.send("while True: pass")
        kernel.until("execute_input")
        assert kernel.request("interrupt_request", {}, channel="control") == {"status": "ok"}
        assert kernel.reply(msg_id)["ename"] == "KeyboardInterrupt"


def test_a_task_that_runs_wild_between_cells(kernel: Client) -> None:
    kernel.run(
        "import asyncio\nasync def wild():\n    await asyncio.sleep(0.1)\n    while True: pass\n"
        "w = asyncio.create_task(wild())"
    )
    time.sleep(0.5)
    kernel.manager.interrupt_kernel()
    assert kernel.value("w.done()") == "True"


def test_a_backward_ends_between_nodes_and_leaves_the_engine_whole(kernel: Client) -> None:
    kernel.run(
        "import tapescope as ts\n"
        "w = ts.randn(400, 400, requires_grad=True)\n"
        "def loss(turns):\n    y = w\n    for _ in range(turns): y = (y @ w) * 0.05\n    return y.sum()\n"
        "expected = ts.autograd.grad(loss(3), w)[0]"
    )
    for _ in range(20):
        msg_id = kernel.send("ran = []\nl = loss(100)\nprint('backward', flush=True)\nl.backward()\nran.append(1)")
        kernel.until("stream")
        time.sleep(0.02)
        kernel.manager.interrupt_kernel()
        assert kernel.reply(msg_id)["ename"] == "KeyboardInterrupt"
        kernel.until_idle(msg_id)
        assert kernel.value("ran, w.grad is None, ts.is_grad_enabled()") == "([], True, True)"
        assert kernel.value("bool((ts.autograd.grad(loss(3), w)[0] == expected).all())") == "True"


def test_the_rest_of_an_interrupted_cell_is_gone_and_what_it_made_stays(kernel: Client) -> None:
    msg_id = kernel.send("made = 1\nwhile True: pass\nmade = 2")
    kernel.until("execute_input")
    time.sleep(0.1)
    kernel.manager.interrupt_kernel()
    assert kernel.reply(msg_id)["status"] == "error"
    assert kernel.value("made") == "1"
