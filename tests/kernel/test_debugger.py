"""The debugger, by the messages that JupyterLab sends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from queue import Empty
from typing import Any

import pytest

from .client import Client, running_kernel, seconds_to_shut_down

CELL = """\
def scale(v, k):
    w = v * k
    return w

inner = scale(x, 3)
outer = inner.sum()
"""


class Debugger:
    """The front end's side of the debug adapter protocol."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.seq = 0
        self.events: list[dict[str, Any]] = []

    def ask(self, command: str, **arguments: Any) -> dict[str, Any]:
        self.seq += 1
        request = {"type": "request", "seq": self.seq, "command": command, "arguments": arguments}
        reply = self.client.request("debug_request", request, channel="control")
        assert reply["type"] == "response" and reply["command"] == command
        return reply

    def body(self, command: str, **arguments: Any) -> dict[str, Any]:
        reply = self.ask(command, **arguments)
        assert reply["success"], reply
        return reply.get("body", {})

    def start(self) -> None:
        self.body("initialize", clientID="test", adapterID="python", linesStartAt1=True, columnsStartAt1=True)
        self.body("attach")

    def wait_for(self, event: str, timeout: float = 20) -> dict[str, Any]:
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                message = self.client.channels.get_iopub_msg(timeout=0.5)
            except Empty:
                continue
            if message["msg_type"] == "debug_event":
                self.events.append(message["content"])
                if message["content"]["event"] == event:
                    return message["content"]
            else:
                self.client.strays.append(message)
        raise AssertionError(f"no event {event!r} in {timeout} s; there were {[e['event'] for e in self.events]}")

    def variables(self, frame: int, scope: str) -> dict[str, dict[str, Any]]:
        scopes = self.body("scopes", frameId=frame)["scopes"]
        reference = next(each["variablesReference"] for each in scopes if each["name"] == scope)
        listed = self.body("variables", variablesReference=reference)["variables"]
        return {each["name"]: each for each in listed}


@pytest.fixture
def client() -> Iterator[Client]:
    with running_kernel() as running:
        yield running


@pytest.fixture
def debugger(client: Client) -> Debugger:
    return Debugger(client)


def stopped_in_the_cell(client: Client, debugger: Debugger, line: int = 2) -> tuple[str, str, dict[str, Any]]:
    """Runs CELL up to a breakpoint: the request's id, the file, and the frame on top."""
    client.value("import tapescope as ts; x = ts.tensor([1.0, 2.0, 3.0], requires_grad=True); 0")
    debugger.start()
    path = debugger.body("dumpCell", code=CELL)["sourcePath"]
    set_ = debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": line}], sourceModified=False)
    assert [each["verified"] for each in set_["breakpoints"]] == [True], set_
    debugger.body("configurationDone")
    msg_id = client.send(CELL)
    thread = debugger.wait_for("stopped")["body"]["threadId"]
    frames = debugger.body("stackTrace", threadId=thread)["stackFrames"]
    return msg_id, path, {**frames[0], "threadId": thread}


def test_info_before_anything_is_loaded(client: Client, debugger: Debugger) -> None:
    info = debugger.body("debugInfo")
    assert info["isStarted"] is False and info["breakpoints"] == [] and info["stoppedThreads"] == []
    assert info["hashMethod"] == "Murmur2"
    assert client.value("import sys; 'debugpy' in sys.modules") == "False"


def test_a_breakpoint_stops_the_cell_and_a_step_goes_on(client: Client, debugger: Debugger) -> None:
    msg_id, path, frame = stopped_in_the_cell(client, debugger)
    assert (frame["name"], frame["line"], frame["source"]["path"]) == ("scale", 2, path)
    debugger.body("next", threadId=frame["threadId"])
    debugger.wait_for("stopped")
    frame_after = debugger.body("stackTrace", threadId=frame["threadId"])["stackFrames"][0]
    assert frame_after["line"] == 3
    debugger.body("continue", threadId=frame["threadId"])
    assert client.reply(msg_id)["status"] == "ok"
    assert client.value("outer.item()") == "18.0"


def test_names_of_cells_are_those_of_the_info(client: Client, debugger: Debugger) -> None:
    before = debugger.body("debugInfo")
    debugger.start()
    info = debugger.body("debugInfo")
    path = debugger.body("dumpCell", code=CELL)["sourcePath"]
    assert info["isStarted"] is True
    assert all(info[name] == before[name] for name in ("tmpFilePrefix", "tmpFileSuffix", "hashSeed", "hashMethod"))
    assert "//" not in info["tmpFilePrefix"]
    assert path.startswith(info["tmpFilePrefix"]) and path.endswith(info["tmpFileSuffix"])
    assert debugger.body("source", source={"path": path})["content"] == CELL


def test_tensors_show_their_facts(client: Client, debugger: Debugger) -> None:
    msg_id, _, frame = stopped_in_the_cell(client, debugger, line=3)
    w = debugger.variables(frame["id"], "Locals")["w"]
    assert w["value"] == "(3,) float32, min 3, mean 6, max 9, grad_fn=MulBackward0"
    assert w["type"] == f"Tensor {w['value']}"  # what a tree of variables shows
    listed = debugger.body("variables", variablesReference=w["variablesReference"])["variables"]
    parts = {each["name"]: each["value"] for each in listed}
    assert parts["requires_grad"] == "True" and "float32" in parts["dtype"]
    rich = debugger.body("richInspectVariables", variableName="w", frameId=frame["id"])
    assert "3., 6., 9." in rich["data"]["text/plain"]
    debugger.body("continue", threadId=frame["threadId"])
    assert client.reply(msg_id)["status"] == "ok"


def test_the_recorder_keeps_running_and_looks_are_not_recorded(client: Client, debugger: Debugger) -> None:
    msg_id, _, frame = stopped_in_the_cell(client, debugger, line=3)
    debugger.variables(frame["id"], "Locals")
    debugger.body("richInspectVariables", variableName="w", frameId=frame["id"])
    debugger.body("continue", threadId=frame["threadId"])
    client.reply(msg_id)
    shown = client.strays + client.until_idle(msg_id)
    graphs = [
        each["content"]["data"]["application/vnd.tapescope.graph.v1+json"]
        for each in shown
        if each["msg_type"] == "display_data"
    ]
    assert len(graphs) == 1
    assert [node["name"] for node in graphs[0]["nodes"]] == ["SumBackward0", "MulBackward0", "AccumulateGrad"]
    assert [op["name"] for op in graphs[0]["ops"]] == ["mul", "sum"]


def test_variables_while_nothing_is_stopped(client: Client, debugger: Debugger) -> None:
    client.value("import tapescope as ts; y = ts.zeros(2, 3); word = 'hello'; 0")
    debugger.start()
    listed = {each["name"]: each for each in debugger.body("inspectVariables")["variables"]}
    assert listed["word"]["value"] == "'hello'"
    assert listed["y"]["value"] == "(2, 3) float32, min 0, mean 0, max 0"
    rich = debugger.body("richInspectVariables", variableName="word")
    assert rich["data"]["text/plain"] == "'hello'"
    assert debugger.ask("richInspectVariables", variableName="nothing")["success"] is False


def test_an_interrupt_ends_a_cell_that_is_stopped(client: Client, debugger: Debugger) -> None:
    msg_id, path, _ = stopped_in_the_cell(client, debugger)
    client.manager.interrupt_kernel()
    assert client.reply(msg_id)["ename"] == "KeyboardInterrupt"
    assert debugger.body("debugInfo")["stoppedThreads"] == []
    assert client.value("'inner' in globals(), 1 + 1") == "(False, 2)"
    again = client.send(CELL)  # the breakpoint is still there
    thread = debugger.wait_for("stopped")["body"]["threadId"]
    assert debugger.body("stackTrace", threadId=thread)["stackFrames"][0]["source"]["path"] == path
    debugger.body("continue", threadId=thread)
    assert client.reply(again)["status"] == "ok"
    assert client.value("outer.item()") == "18.0"


def test_an_interrupt_ends_a_cell_that_was_stopped(client: Client, debugger: Debugger) -> None:
    client.value("import tapescope as ts; x = ts.ones(2, requires_grad=True); 0")
    code = "y = x * 2\nwhile True:\n    y = y + 0"
    debugger.start()
    path = debugger.body("dumpCell", code=code)["sourcePath"]
    debugger.body("setBreakpoints", source={"path": path}, breakpoints=[{"line": 1}], sourceModified=False)
    debugger.body("configurationDone")
    msg_id = client.send(code)
    thread = debugger.wait_for("stopped")["body"]["threadId"]
    debugger.body("continue", threadId=thread)
    debugger.wait_for("continued")
    time.sleep(0.2)
    client.manager.interrupt_kernel()
    assert client.reply(msg_id)["ename"] == "KeyboardInterrupt"
    assert client.value("1 + 1") == "2"


def test_the_debugger_can_be_stopped_and_start_again(client: Client, debugger: Debugger) -> None:
    msg_id, _, frame = stopped_in_the_cell(client, debugger)
    debugger.body("continue", threadId=frame["threadId"])
    assert client.reply(msg_id)["status"] == "ok"
    debugger.body("disconnect", restart=False, terminateDebuggee=False)
    assert debugger.body("debugInfo")["isStarted"] is False
    assert client.value("1 + 1") == "2"
    debugger.start()
    assert debugger.body("debugInfo")["isStarted"] is True


def test_a_shutdown_ends_a_cell_that_is_stopped(client: Client, debugger: Debugger) -> None:
    stopped_in_the_cell(client, debugger)
    assert seconds_to_shut_down(client) < 1.0


def test_requests_that_make_no_sense_get_an_answer(client: Client, debugger: Debugger) -> None:
    assert debugger.ask("stackTrace", threadId=1)["success"] is False
    reply = client.request("debug_request", {"nonsense": 1}, channel="control")
    assert reply["success"] is False and "command" in reply["message"]
    assert client.value("2 + 2") == "4"
