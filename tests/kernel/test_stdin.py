"""input() and getpass(), answered by the front end."""

from __future__ import annotations

from .client import Client, Outcome


def ask(kernel: Client, code: str, answer: str) -> tuple[dict, Outcome]:
    msg_id = kernel.send(code, allow_stdin=True)
    question = kernel.channels.get_stdin_msg(timeout=10)
    assert question["parent_header"]["msg_id"] == msg_id
    kernel.channels.input(answer)
    return question["content"], Outcome(kernel.reply(msg_id), kernel.until_idle(msg_id))


def test_input(kernel: Client) -> None:
    question, outcome = ask(kernel, "print('first'); input('name? ')", "Ada – ü")
    assert question == {"prompt": "name? ", "password": False}
    assert outcome.result == "'Ada – ü'"
    assert outcome.stdout == "first\n"


def test_passwords_are_not_shown(kernel: Client) -> None:
    question, outcome = ask(kernel, "import getpass; len(getpass.getpass('key: '))", "secret")
    assert question == {"prompt": "key: ", "password": True}
    assert outcome.result == "6"
    assert "secret" not in str(outcome.messages)


def test_threads_run_while_the_kernel_waits(kernel: Client) -> None:
    code = (
        "import threading, time\nbeats = []\n"
        "t = threading.Thread(target=lambda: [beats.append(time.sleep(0.01)) for _ in range(10)]); t.start()\n"
        "input('?'); len(beats)"
    )
    msg_id = kernel.send(code, allow_stdin=True)
    kernel.channels.get_stdin_msg(timeout=10)
    import time

    time.sleep(0.6)
    kernel.channels.input("")
    assert kernel.reply(msg_id)["status"] == "ok"
    assert Outcome({}, kernel.until_idle(msg_id)).result == "10"


def test_a_front_end_that_cannot_ask(kernel: Client) -> None:
    outcome = kernel.run("input('?')", allow_stdin=False)
    assert outcome.reply["ename"] == "StdinNotImplementedError"


def test_an_answer_to_an_interrupted_question_is_not_taken_for_the_next(kernel: Client) -> None:
    msg_id = kernel.send("input('one')", allow_stdin=True)
    kernel.channels.get_stdin_msg(timeout=10)
    kernel.manager.interrupt_kernel()
    assert kernel.reply(msg_id)["ename"] == "KeyboardInterrupt"
    kernel.channels.input("stale")
    import time

    time.sleep(0.2)
    _, outcome = ask(kernel, "input('two')", "right")
    assert outcome.result == "'right'"
