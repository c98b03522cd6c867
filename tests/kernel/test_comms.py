"""Comms in both directions, over the `comm` package."""

from __future__ import annotations

from typing import Any

from .client import Client

ECHO = """
import comm
def opened(c, message):
    @c.on_msg
    def _(message):
        c.send({'echo': message['content']['data']}, buffers=[bytes(b) * 2 for b in message['buffers']])
comm.get_comm_manager().register_target('echo', opened)
"""


def send(kernel: Client, msg_type: str, content: dict[str, Any], buffers: list[bytes] | None = None) -> str:
    message = kernel.channels.session.msg(msg_type, content)
    kernel.channels.session.send(kernel.channels.shell_channel.socket, message, buffers=buffers)
    return message["header"]["msg_id"]


def test_opened_by_the_front_end(kernel: Client) -> None:
    kernel.run(ECHO)
    send(kernel, "comm_open", {"comm_id": "a", "target_name": "echo", "data": {}})
    msg_id = send(kernel, "comm_msg", {"comm_id": "a", "data": {"x": 1}}, [b"ab", b"\x00\xff"])
    answer = kernel.until("comm_msg")
    assert answer["content"] == {"comm_id": "a", "data": {"echo": {"x": 1}}}
    assert [bytes(each) for each in answer["buffers"]] == [b"abab", b"\x00\xff\x00\xff"]
    assert answer["parent_header"]["msg_id"] == msg_id
    assert kernel.request("comm_info_request", {"target_name": "echo"})["comms"] == {"a": {"target_name": "echo"}}
    send(kernel, "comm_close", {"comm_id": "a", "data": {}})
    assert kernel.request("comm_info_request", {"target_name": "echo"})["comms"] == {}


def test_opened_by_the_kernel(kernel: Client) -> None:
    outcome = kernel.run(
        "import comm\nk = comm.create_comm(target_name='mine', data={'n': 1}, buffers=[b'z'])\n"
        "got = []\nk.on_msg(lambda m: got.append(m['content']['data']))"
    )
    opening = next(each for each in outcome.messages if each["msg_type"] == "comm_open")
    assert opening["content"]["target_name"] == "mine"
    assert opening["content"]["data"] == {"n": 1}
    send(kernel, "comm_msg", {"comm_id": opening["content"]["comm_id"], "data": {"back": 2}})
    assert kernel.value("got") == "[{'back': 2}]"


def test_large_buffers(kernel: Client) -> None:
    kernel.run(ECHO)
    send(kernel, "comm_open", {"comm_id": "big", "target_name": "echo", "data": {}})
    send(kernel, "comm_msg", {"comm_id": "big", "data": {}}, [b"x" * (20 << 20)])
    answer = kernel.until("comm_msg")
    assert len(bytes(answer["buffers"][0])) == 40 << 20


def test_an_unknown_target_is_closed(kernel: Client) -> None:
    send(kernel, "comm_open", {"comm_id": "lost", "target_name": "nobody", "data": {}})
    assert kernel.until("comm_close")["content"]["comm_id"] == "lost"
    assert kernel.value("1") == "1"


def test_malformed_messages_are_dropped(kernel: Client) -> None:
    send(kernel, "comm_open", {})
    send(kernel, "comm_msg", {"comm_id": ["no"], "data": None})
    send(kernel, "comm_msg", {"comm_id": "never opened", "data": {}})
    send(kernel, "comm_close", {"data": 3})
    assert kernel.value("2") == "2"


def test_a_handler_that_raises_and_one_that_never_ends(kernel: Client) -> None:
    kernel.run(
        "import comm\n"
        "def bad(c, m): raise RuntimeError('bad')\n"
        "def slow(c, m):\n    while True: pass\n"
        "comm.get_comm_manager().register_target('bad', bad)\n"
        "comm.get_comm_manager().register_target('slow', slow)"
    )
    send(kernel, "comm_open", {"comm_id": "b", "target_name": "bad", "data": {}})
    assert kernel.until("comm_close")["content"]["comm_id"] == "b"
    send(kernel, "comm_open", {"comm_id": "s", "target_name": "slow", "data": {}})
    import time

    time.sleep(0.3)
    kernel.manager.interrupt_kernel()
    assert kernel.value("3") == "3"


def test_ids_of_any_length(kernel: Client) -> None:
    kernel.run(ECHO)
    long_id = "i" * 300
    send(kernel, "comm_open", {"comm_id": long_id, "target_name": "echo", "data": {}})
    assert long_id in kernel.request("comm_info_request", {})["comms"]


def test_a_widget_moves(kernel: Client) -> None:
    kernel.run(
        "import ipywidgets as w\nslider = w.IntSlider(value=3)\n"
        "seen = []\nslider.observe(lambda c: seen.append(c['new']), 'value')",
        timeout=60,
    )
    comm_id = kernel.value("slider.comm.comm_id").strip("'")
    send(
        kernel,
        "comm_msg",
        {"comm_id": comm_id, "data": {"method": "update", "state": {"value": 8}, "buffer_paths": []}},
    )
    assert kernel.value("slider.value, seen") == "(8, [8])"
