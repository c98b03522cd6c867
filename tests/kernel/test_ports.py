"""Who can reach a kernel, and what it does with messages that are not from its front end."""

from __future__ import annotations

import os
import re
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import zmq
from jupyter_client.session import Session

from .client import Client, Outcome, running_kernel
from .test_debugger import Debugger

PORTS = ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port")
HERE, ANYWHERE = "127.0.0.1", "0.0.0.0"


@contextmanager
def marked_kernel(**options: Any) -> Iterator[tuple[Client, str]]:
    """A kernel whose processes are known by a word in their environment, which debugpy's adapter inherits as well."""
    mark = f"MARK={uuid.uuid4().hex}"
    with running_kernel(env=dict([*os.environ.items(), mark.split("=")]), **options) as client:
        yield client, mark


def listening(mark: str) -> dict[int, str]:
    """Port and address of all sockets that the processes with the mark listen on."""
    sockets, rows = set(), set()
    for process in Path("/proc").iterdir():
        try:
            if not process.name.isdigit() or mark.encode() not in (process / "environ").read_bytes().split(b"\0"):
                continue
            sockets |= {os.readlink(each) for each in (process / "fd").iterdir()}
            rows |= set((process / "net/tcp").read_text().splitlines()[1:])
            rows |= set((process / "net/tcp6").read_text().splitlines()[1:])
        except OSError:
            continue  # it has ended meanwhile
    found = {}
    for row in map(str.split, rows):
        if row[3] == "0A" and f"socket:[{row[9]}]" in sockets:
            address, _, port = row[1].partition(":")
            plain = ".".join(str(byte) for byte in reversed(bytes.fromhex(address)))
            found[int(port, 16)] = plain
    return found


def ports_of(client: Client) -> set[int]:
    return {getattr(client.manager, name) for name in PORTS}


def use_widgets_and_debugger(client: Client) -> None:
    client.run("import ipywidgets as w; slider = w.IntSlider(); slider", timeout=60)
    client.run("import tapescope as ts; ts.explore(ts.ones(2, requires_grad=True).exp())", timeout=60)
    Debugger(client).start()


def test_no_port_is_open_to_other_machines() -> None:
    with marked_kernel() as (client, mark):
        assert listening(mark) == dict.fromkeys(ports_of(client), HERE)
        use_widgets_and_debugger(client)
        after = listening(mark)
        assert set(after.values()) == {HERE}
        assert set(after) > ports_of(client)  # debugpy's is seen


def test_a_file_that_says_all_addresses_opens_its_five_ports_and_no_debugger() -> None:
    with marked_kernel(ip=ANYWHERE) as (client, mark):
        assert listening(mark) == dict.fromkeys(ports_of(client), ANYWHERE)
        use_widgets_and_debugger(client)
        others = {port: address for port, address in listening(mark).items() if port not in ports_of(client)}
        assert others and set(others.values()) == {HERE}


@contextmanager
def stranger(client: Client, channel: str = "shell") -> Iterator[zmq.Socket[bytes]]:
    """The socket of one that does not know the key."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.linger = 0
        socket.connect(f"tcp://127.0.0.1:{getattr(client.manager, f'{channel}_port')}")
        yield socket


def dropped(client: Client, at_least: int) -> int:
    """How many messages the kernel says that it dropped, once it has read those that were sent."""
    deadline = time.monotonic() + 10
    while True:
        count = int(client.value("get_ipython().kernel.dropped_messages"))
        if count >= at_least or time.monotonic() > deadline:
            return count


def test_messages_with_a_wrong_key_are_dropped_and_counted(fresh: Client) -> None:
    with stranger(fresh) as intruder:
        forged = Session(key=b"another key")
        forged.send(intruder, "execute_request", {"code": "broken_in = True"})
        intruder.send_multipart([b"<IDS|MSG>", b"", b"{}"])
        intruder.send_multipart([b"no delimiter"])
        assert dropped(fresh, 3) == 3
        assert fresh.value("'broken_in' in globals()") == "False"


def test_a_stranger_can_neither_shut_down_nor_answer(fresh: Client) -> None:
    forged = Session(key=b"another key")
    with stranger(fresh, "control") as control, stranger(fresh, "stdin") as stdin:
        forged.send(control, "shutdown_request", {"restart": False})
        asked = fresh.send("input('?')", allow_stdin=True)
        fresh.channels.get_stdin_msg(timeout=10)
        forged.send(stdin, "input_reply", {"value": "forged"})
        time.sleep(0.3)
        fresh.channels.input("true")
        assert fresh.reply(asked)["status"] == "ok"
        assert Outcome({}, fresh.until_idle(asked)).result == "'true'"
        assert dropped(fresh, 2) == 2


def test_many_bad_messages_are_counted_in_few_lines(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with log.open("w") as stderr, running_kernel(stderr=stderr) as client, stranger(client) as intruder:
        for _ in range(1000):
            intruder.send_multipart([b"rubbish"])
        assert dropped(client, 1000) == 1000
        assert client.request("kernel_info_request", {})["status"] == "ok"
    counts = [int(each) for each in re.findall(r"dropped a message on shell: .* \((\d+) so far\)", log.read_text())]
    assert counts == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512]


def test_signals_while_messages_come_and_go_are_no_bad_messages(fresh: Client) -> None:
    """A signal ends a system call at any time; nothing is lost, dropped or raised for it."""
    ticking = "import signal\nsignal.signal(signal.SIGALRM, lambda *_: None)\n"
    fresh.run(ticking + "signal.setitimer(signal.ITIMER_REAL, 0.0001, 0.0001)")
    sent = [fresh.send(f"print({n}); display({n})", stop_on_error=False) for n in range(300)]
    for n, msg_id in enumerate(sent):
        assert fresh.reply(msg_id)["status"] == "ok"
        shown = fresh.until_idle(msg_id)
        texts = [each["content"]["text"] for each in shown if each["msg_type"] == "stream"]
        assert "".join(texts) == f"{n}\n"  # a print is two writes, and a flush may fall between them
        assert [each["msg_type"] for each in shown].count("display_data") == 1
    assert dropped(fresh, 0) == 0
