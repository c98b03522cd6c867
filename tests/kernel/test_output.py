"""What cells write: nothing is lost, nothing overtakes, and little is sent at a time."""

from __future__ import annotations

import pytest

from .client import Client


def test_prints_are_coalesced(kernel: Client) -> None:
    outcome = kernel.run("for i in range(1000): print(i)")
    assert outcome.stdout == "".join(f"{i}\n" for i in range(1000))
    assert len(outcome.of("stream")) <= 3


def test_ten_megabytes_arrive(kernel: Client) -> None:
    outcome = kernel.run("for i in range(10): print('x' * (1 << 20))")
    assert len(outcome.stdout) == 10 * ((1 << 20) + 1)


def test_a_hundred_thousand_prints_arrive(kernel: Client) -> None:
    outcome = kernel.run("for i in range(100_000): print(i)")
    assert outcome.stdout.count("\n") == 100_000
    assert outcome.stdout.endswith("99999\n")
    assert len(outcome.of("stream")) < 100


def test_output_and_displays_keep_their_order(kernel: Client) -> None:
    outcome = kernel.run(
        "import sys\nfrom IPython.display import display\n"
        "print('a'); display(1); print('b'); print('c', file=sys.stderr); print('d'); 5"
    )
    kinds = [
        each["content"].get("text") or each["content"]["data"]["text/plain"]
        for each in outcome.messages
        if each["msg_type"] in ("stream", "display_data", "execute_result")
    ]
    assert kinds == ["a\n", "1", "b\n", "c\n", "d\n", "5"]


def test_flushing_in_a_loop_does_not_send_a_message_a_line(kernel: Client) -> None:
    outcome = kernel.run("for i in range(500): print(i, flush=True)")
    assert outcome.stdout.count("\n") == 500
    assert len(outcome.of("stream")) < 50


def test_output_appears_while_the_cell_runs(kernel: Client) -> None:
    msg_id = kernel.send("import time; print('early'); time.sleep(3); print('late')")
    first = kernel.until("stream", timeout=2.5)
    assert first["content"]["text"] == "early\n"
    assert kernel.reply(msg_id)["status"] == "ok"


@pytest.mark.parametrize(
    ("code", "stream"),
    [
        ("import ctypes; ctypes.CDLL(None).printf(b'from C\\n')", "stdout"),
        ("import os; os.write(1, b'from C\\n')", "stdout"),
        ("import os; os.write(2, b'from C\\n')", "stderr"),
        ("import subprocess; subprocess.run(['echo', 'from C'])", "stdout"),
        ("import sys; sys.__stdout__.write('from C\\n'); sys.__stdout__.flush()", "stdout"),
    ],
)
def test_writes_below_python_are_captured(kernel: Client, code: str, stream: str) -> None:
    outcome = kernel.run(code + ";")
    assert getattr(outcome, stream) == "from C\n"


def test_characters_cut_by_a_buffer_are_put_together(kernel: Client) -> None:
    outcome = kernel.run(
        "import os, time\nfor byte in 'ä€😀'.encode():\n    os.write(1, bytes([byte])); time.sleep(0.01)"
    )
    assert outcome.stdout == "ä€😀"


def test_text_that_is_no_text(kernel: Client) -> None:
    assert kernel.run("print('\\udc80 lone')").stdout == "\\udc80 lone\n"
    outcome = kernel.run("import os; os.write(1, b'\\xff bad\\n');")
    assert outcome.stdout == "\ufffd bad\n"


def test_writelines_and_the_byte_stream(kernel: Client) -> None:
    assert kernel.run("import sys; sys.stdout.writelines(['a', 'b\\n'])").stdout == "ab\n"
    assert kernel.run("import sys; sys.stdout.buffer.write(b'bytes\\n');").stdout == "bytes\n"
    assert kernel.run("import sys; sys.stdout.write(3)").reply["ename"] == "TypeError"


def test_threads_print_into_their_own_cell(kernel: Client) -> None:
    started = kernel.send(
        "import threading, time\n"
        "def later():\n    time.sleep(0.6); print('from the thread')\n"
        "thread = threading.Thread(target=later); thread.start()"
    )
    assert kernel.reply(started)["status"] == "ok"
    kernel.until_idle(started)
    assert kernel.run("thread.join()").stdout == ""
    strays = [each for each in kernel.strays if each["msg_type"] == "stream"]
    assert [(each["content"]["text"], each["parent_header"]["msg_id"]) for each in strays] == [
        ("from the thread\n", started)
    ]


def test_many_threads_print_at_once(kernel: Client) -> None:
    outcome = kernel.run(
        "import threading\n"
        "def many(k):\n    for i in range(500): print(f'{k}:{i}')\n"
        "threads = [threading.Thread(target=many, args=(k,)) for k in range(8)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()"
    )
    assert outcome.stdout.count(":") == 4000
    assert kernel.value("1") == "1"


def test_tasks_print_into_their_own_cell(kernel: Client) -> None:
    started = kernel.send(
        "import asyncio\nasync def later():\n    await asyncio.sleep(0.4); print('from the task')\n"
        "task = asyncio.create_task(later())"
    )
    kernel.reply(started)
    kernel.until_idle(started)
    kernel.run("await task")
    strays = [each for each in kernel.strays if each["msg_type"] == "stream"]
    assert [each["parent_header"]["msg_id"] for each in strays] == [started]


def test_a_thread_that_raises_is_told_of(kernel: Client) -> None:
    outcome = kernel.run("import threading\nt = threading.Thread(target=lambda: 1/0); t.start(); t.join()")
    assert "ZeroDivisionError" in outcome.stderr
    assert kernel.value("1") == "1"


def test_a_forked_child_prints(kernel: Client) -> None:
    outcome = kernel.run(
        "import os\npid = os.fork()\nif pid == 0:\n    print('from the child'); os._exit(0)\nos.waitpid(pid, 0);"
    )
    assert outcome.stdout == "from the child\n"
    assert outcome.reply["status"] == "ok"


def test_warnings_show_their_line(kernel: Client) -> None:
    outcome = kernel.run("import warnings\nwarnings.warn('mind')")
    assert "UserWarning: mind" in outcome.stderr
    assert "warnings.warn('mind')" in outcome.stderr


def test_shell_commands(kernel: Client) -> None:
    assert kernel.run("!echo out").stdout.strip() == "out"
    assert kernel.run("%%bash\necho script").stdout == "script\n"
    assert kernel.run("%timeit -n1 -r1 pass").stdout.endswith("\n")


def test_figures_are_shown_inline(kernel: Client) -> None:
    outcome = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", timeout=60)
    assert any("image/png" in data for data in outcome.displays)


def test_clear_output(kernel: Client) -> None:
    outcome = kernel.run("from IPython.display import clear_output; clear_output(wait=True)")
    assert outcome.of("clear_output") == [{"wait": True}]
