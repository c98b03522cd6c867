"""A front end for the tests: runs cells in a real kernel process and gathers what they show."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from queue import Empty
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

MIME = "application/vnd.tapescope.graph.v1+json"
TIMEOUT = 30

Message = dict[str, Any]


@dataclass
class Outcome:
    """The reply to a cell, and the iopub messages that belong to it."""

    reply: dict[str, Any]
    messages: list[Message] = field(default_factory=list)

    def of(self, *msg_types: str) -> list[dict[str, Any]]:
        return [each["content"] for each in self.messages if each["msg_type"] in msg_types]

    @property
    def stdout(self) -> str:
        return "".join(each["text"] for each in self.of("stream") if each["name"] == "stdout")

    @property
    def stderr(self) -> str:
        return "".join(each["text"] for each in self.of("stream") if each["name"] == "stderr")

    @property
    def result(self) -> str:
        return self.of("execute_result")[0]["data"]["text/plain"]

    @property
    def displays(self) -> list[dict[str, Any]]:
        return [each["data"] for each in self.of("display_data", "execute_result")]

    @property
    def graphs(self) -> list[dict[str, Any]]:
        return [each[MIME] for each in self.displays if MIME in each]


class Client:
    def __init__(self, manager: KernelManager, channels: BlockingKernelClient) -> None:
        self.manager = manager
        self.channels = channels
        self.strays: list[Message] = []  # iopub messages of other requests

    def send(self, code: str, **options: Any) -> str:
        return self.channels.execute(code, **options)

    def reply(self, msg_id: str, timeout: float = TIMEOUT) -> dict[str, Any]:
        while True:
            message = self.channels.get_shell_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") == msg_id:
                return message["content"]

    def until_idle(self, msg_id: str, timeout: float = TIMEOUT) -> list[Message]:
        gathered = []
        while True:
            message = self.channels.get_iopub_msg(timeout=timeout)
            if message["parent_header"].get("msg_id") != msg_id:
                self.strays.append(message)
                continue
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return gathered
            gathered.append(message)

    def until(self, msg_type: str, timeout: float = TIMEOUT) -> Message:
        """The next iopub message of a type, whatever it belongs to."""
        deadline = time.monotonic() + timeout
        while True:
            message = self.channels.get_iopub_msg(timeout=max(0.1, deadline - time.monotonic()))
            if message["msg_type"] == msg_type:
                return message

    def run(self, code: str, timeout: float = TIMEOUT, **options: Any) -> Outcome:
        msg_id = self.send(code, **options)
        return Outcome(self.reply(msg_id, timeout), self.until_idle(msg_id, timeout))

    def value(self, code: str) -> str:
        """Runs a cell that has to succeed; its value's repr."""
        outcome = self.run(code)
        assert outcome.reply["status"] == "ok", outcome.reply
        return outcome.result

    def request(self, msg_type: str, content: dict[str, Any], channel: str = "shell") -> dict[str, Any]:
        """The content of the reply to any request."""
        message = self.channels.session.msg(msg_type, content)
        getattr(self.channels, f"{channel}_channel").send(message)
        if channel == "control":
            while True:
                answer = self.channels.get_control_msg(timeout=TIMEOUT)
                if answer["parent_header"].get("msg_id") == message["header"]["msg_id"]:
                    return answer["content"]
        return self.reply(message["header"]["msg_id"])

    def drain(self) -> None:
        for get in (self.channels.get_iopub_msg, self.channels.get_shell_msg):
            with contextlib.suppress(Empty):
                while True:
                    get(timeout=0.1)


@contextlib.contextmanager
def running_kernel(name: str = "tapescope", *, ip: str = "127.0.0.1", **options: Any) -> Iterator[Client]:
    manager = KernelManager(kernel_name=name, ip=ip)
    manager.start_kernel(**options)
    channels = manager.client()
    try:
        channels.start_channels()
        channels.wait_for_ready(timeout=60)
        yield Client(manager, channels)
    finally:
        channels.stop_channels()
        manager.shutdown_kernel(now=True)


def seconds_to_shut_down(client: Client) -> float:
    """From the request to the end of the process."""
    process = client.manager.provisioner.process
    begin = time.monotonic()
    client.request("shutdown_request", {"restart": False}, channel="control")
    process.wait(timeout=10)
    return time.monotonic() - begin
