"""The comm target `tapescope`: what the running kernel answers about rows of a document."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from .client import Client
from .test_comms import send

MAKE = """
import tapescope as ts
x = ts.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, float('nan')]], requires_grad=True)
h = x.exp()
loss = h.sum()
"""


class Display:
    """What the widget does: opens a comm for a document and asks."""

    def __init__(self, kernel: Client, document: dict[str, Any], name: str, **changes: Any) -> None:
        self.kernel = kernel
        self.document = document
        self.comm_id = name
        self._next = 0
        data = {"protocol": "1.0", **document["live"], **changes}
        send(kernel, "comm_open", {"comm_id": name, "target_name": "tapescope", "data": data})
        self.greeting = self.receive()["content"]["data"]

    def receive(self) -> dict[str, Any]:
        while True:
            message = self.kernel.until("comm_msg")
            if message["content"]["comm_id"] == self.comm_id:
                return message

    def post(self, data: Any) -> None:
        send(self.kernel, "comm_msg", {"comm_id": self.comm_id, "data": data})

    def ask(self, method: str, **params: Any) -> tuple[dict[str, Any], list[bytes]]:
        self._next += 1
        self.post({"id": self._next, "method": method, "params": params})
        while True:
            message = self.receive()
            data = message["content"]["data"]
            if data.get("id") == self._next:
                return data, [bytes(each) for each in message["buffers"]]

    def result(self, method: str, **params: Any) -> dict[str, Any]:
        data, _ = self.ask(method, **params)
        assert "result" in data, data
        return data["result"]

    def code(self, method: str, **params: Any) -> str:
        data, buffers = self.ask(method, **params)
        assert not buffers
        assert data["error"]["message"]
        return data["error"]["code"]

    def saved(self, name: str) -> dict[str, Any]:
        row = next(each for each in self.document["saved"] if each["name"] == name)
        return {"table": "saved", "id": row["id"]}

    def tensor(self, name: str) -> dict[str, Any]:
        row = next(each for each in self.document["tensors"] if each.get("name") == name)
        return {"table": "tensors", "id": row["id"]}

    def leaf(self) -> dict[str, Any]:
        row = next(each for each in self.document["nodes"] if each["name"] == "AccumulateGrad")
        return {"table": "tensors", "id": row["variable"]}


@pytest.fixture
def display(kernel: Client, request: pytest.FixtureRequest) -> Display:
    outcome = kernel.run(MAKE)
    assert outcome.reply["status"] == "ok", outcome.reply
    return Display(kernel, outcome.graphs[0], request.node.name)


def test_hello(display: Display) -> None:
    assert display.greeting["event"] == "hello"
    params = display.greeting["params"]
    assert params["protocol"] == "1.0"
    assert {"stats", "histogram", "values", "grad", "census", "cancel"} <= set(params["methods"])
    assert params["limits"] == {"values": 1048576, "bytes": 33554432, "in_flight": 32}


def test_statistics_of_a_saved_variable(display: Display) -> None:
    result = display.result("stats", on=display.saved("result"))
    values = np.exp(np.array([1, 2, 3, 4, 5], dtype=np.float32)).astype(np.float64)
    assert result["dtype"] == "float32" and result["shape"] == [2, 3]
    assert result["changed"] is False
    stats = result["stats"]
    assert stats["nan"] == 1 and stats["norm"] == "NaN" and stats["zero"] == 0
    assert stats["mean"] == pytest.approx(values.mean(), rel=1e-6)
    assert stats["std"] == pytest.approx(values.std(), rel=1e-6)
    assert (stats["min"], stats["max"]) == (pytest.approx(values.min()), pytest.approx(values.max()))


def test_values_as_a_buffer(display: Display) -> None:
    data, buffers = display.ask("values", on=display.leaf(), index=[[0, 2, 1], [0, 3, 2]])
    values = data["result"]["values"]
    assert values == {"buffer": 0, "type": "f32", "shape": [2, 2]}
    assert data["result"]["index"] == [[0, 2, 1], [0, 3, 2]]
    array = np.frombuffer(buffers[0], "<f4").reshape(values["shape"])
    np.testing.assert_array_equal(array, [[1, 3], [4, np.nan]])


def test_histogram(display: Display) -> None:
    data, buffers = display.ask("histogram", on=display.leaf(), bins=4, range=[1, 4])
    result = data["result"]
    edges, counts = (np.frombuffer(each, "<f8") for each in buffers)
    np.testing.assert_allclose(edges, [1, 1.75, 2.5, 3.25, 4])
    np.testing.assert_array_equal(counts, [1, 1, 1, 1])
    assert (result["below"], result["above"], result["nan"], result["inf"]) == (0, 1, 1, 0)


def test_gradient(display: Display) -> None:
    assert display.code("grad", on=display.leaf(), want="stats") == "absent"
    display.kernel.run("loss.backward()")
    assert display.result("grad", on=display.leaf(), want="stats")["stats"]["nan"] == 1
    data, buffers = display.ask("grad", on=display.leaf(), want="values")
    np.testing.assert_allclose(np.frombuffer(buffers[0], "<f4"), np.exp([1, 2, 3, 4, 5, np.nan]), rtol=1e-6)
    assert data["result"]["shape"] == [2, 3]


def test_freed_and_gone(display: Display) -> None:
    saved, leaf = display.saved("result"), display.leaf()
    assert display.result("stats", on=saved)
    display.kernel.run("loss.backward()")
    data, _ = display.ask("stats", on=saved)
    assert data["error"]["code"] == "freed"
    assert isinstance(data["error"]["data"]["released_by"], int)
    display.kernel.run("import gc\ndel x, h, loss\ngc.collect();")
    assert display.code("stats", on=leaf) == "gone"
    assert display.code("values", on=saved) in ("freed", "gone")
    assert display.kernel.value("1 + 1") == "2"


def test_looking_keeps_nothing_alive(display: Display) -> None:
    display.kernel.run("import gc, weakref\nref = weakref.ref(x)")
    display.result("stats", on=display.leaf())
    display.ask("values", on=display.leaf())
    display.kernel.run("del x, h, loss")
    assert display.kernel.value("gc.collect(); ref() is None") == "True"


def test_looking_changes_neither_versions_nor_random_state(display: Display) -> None:
    before = display.kernel.value("ts.manual_seed(3); a = ts.rand(4).tolist(); ts.manual_seed(3); a, x._version")
    for method in ("stats", "histogram", "values"):
        display.ask(method, on=display.leaf())
    assert display.kernel.value("ts.rand(4).tolist(), x._version") == before


def test_changes_are_told_after_the_cell(display: Display) -> None:
    leaf = display.leaf()
    display.result("stats", on=leaf)
    display.kernel.send("with ts.no_grad():\n    x.add_(1)")
    event = display.receive()["content"]["data"]
    assert event["event"] == "changed"
    assert event["params"] == {"gone": [], "freed": [], "written": [leaf]}


def test_census(display: Display) -> None:
    census = display.result("census")["census"]
    assert census["nodes"] >= 3 and census["tensors"] >= 1 and census["bytes"] > 0


def test_what_keeps_a_tensor_alive(display: Display) -> None:
    display.kernel.send("kept = [x * 1]\nkept[0]._id")
    found = display.result("why_alive", on=display.leaf())
    roots = {owner["path"][0]["name"]: owner for owner in found["owners"]}
    assert "x" in roots and {"kind": "variable", "name": "x"}.items() <= roots["x"]["path"][0].items()
    assert isinstance(roots["x"]["path"][0]["cell"], int)
    assert display.code("why_alive", on={"table": "nodes", "id": 2**40}) == "gone"


def test_a_packed_tensor_is_unpacked_when_a_person_asks(kernel: Client) -> None:
    outcome = kernel.run(
        "import tapescope as ts\n"
        "asked, x = [], ts.ones(3, requires_grad=True)\n"
        "def unpack(kept):\n"
        "    asked.append(1)\n"
        "    return ts.tensor(kept)\n"
        "with ts.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), unpack):\n"
        "    y = x.exp()"
    )
    display = Display(kernel, outcome.graphs[0], "packed")
    on = display.saved("result")
    assert display.document["saved"][0]["packed_by"] == "unpack"
    assert display.code("stats", on=on) == "hooked"
    assert kernel.value("len(asked)") == "0"
    assert display.result("stats", on=on, unpack=True)["stats"]["mean"] == pytest.approx(2.7182817, rel=1e-6)
    assert kernel.value("len(asked)") == "1"
    assert display.code("stats", on=on, unpack=1) == "bad_request"


MALFORMED = {
    "no params": ("stats", {}),
    "on is no object": ("stats", {"on": 3}),
    "no such table": ("stats", {"on": {"table": "secrets", "id": 1}}),
    "id is text": ("stats", {"on": {"table": "tensors", "id": "1"}}),
    "id is negative": ("stats", {"on": {"table": "tensors", "id": -1}}),
    "id is true": ("stats", {"on": {"table": "tensors", "id": True}}),
    "no bins": ("histogram", {"bins": 0}),
    "too many bins": ("histogram", {"bins": 513}),
    "range is backwards": ("histogram", {"range": [2, 1]}),
    "range is not finite": ("histogram", {"range": [0, "Infinity"]}),
    "index has other dimensions": ("values", {"index": [[0, 1, 1]]}),
    "step is zero": ("values", {"index": [[0, 1, 0], [0, 1, 1]]}),
    "want is unknown": ("grad", {"want": "everything"}),
    "cancel without a request": ("cancel", {}),
    "top is too large": ("census", {"top": 257}),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_malformed_params(display: Display, name: str) -> None:
    method, params = MALFORMED[name]
    if method not in ("stats", "cancel", "census"):
        params = {"on": display.leaf(), **params}
    assert display.code(method, **params) == "bad_request"


@pytest.mark.parametrize(
    "data", [None, 3, "text", [], {}, {"id": "1"}, {"id": -3, "method": "stats"}, {"id": True}, {"id": 1.5}]
)
def test_messages_that_are_no_requests(display: Display, data: Any) -> None:
    display.post(data)
    answer = display.receive()["content"]["data"]
    assert answer["error"]["code"] == "bad_request"
    assert display.result("stats", on=display.leaf())


def test_method_that_is_unknown_or_no_text(display: Display) -> None:
    assert display.code("why_is_the_sky_blue") == "unknown_method"
    display.post({"id": 77, "method": ["stats"], "params": {}})
    assert display.receive()["content"]["data"]["error"]["code"] == "bad_request"


def test_objects_that_never_were(display: Display) -> None:
    assert display.code("stats", on={"table": "tensors", "id": 2**53 - 1}) == "gone"
    assert display.code("stats", on={"table": "saved", "id": 2**53 - 1}) == "gone"


def test_requests_that_are_too_large(display: Display) -> None:
    assert display.code("stats", on=display.leaf(), padding="x" * (65 << 10)) == "limit"


def test_values_are_cut_to_the_limit(kernel: Client) -> None:
    document = kernel.run(
        "import tapescope as ts\nbig = ts.zeros(3, 1000, 1000, requires_grad=True)\ne = big.exp()"
    ).graphs[0]
    display = Display(kernel, document, "cut")
    data, buffers = display.ask("values", on=display.leaf())
    result = data["result"]
    assert len(buffers[0]) <= 4 * 1048576
    assert result["values"]["shape"] == [len(range(*each)) for each in result["index"]]
    assert result["shape"] == [3, 1000, 1000]


def test_a_large_request_can_be_cancelled_and_cells_come_in_between(kernel: Client) -> None:
    document = kernel.run(
        "import tapescope as ts\nhuge = ts.zeros(60_000_000, requires_grad=True)\ng = huge[:1].exp()"
    ).graphs[0]
    display = Display(kernel, document, "huge")
    on = display.leaf()
    display.post({"id": 1, "method": "stats", "params": {"on": on}})
    display.post({"id": 2, "method": "cancel", "params": {"request": 1}})
    answers = {}
    while len(answers) < 2:
        data = display.receive()["content"]["data"]
        if "id" in data:
            answers[data["id"]] = data
    assert answers[2] == {"id": 2, "result": {}}
    assert answers[1]["error"]["code"] == "cancelled"
    display.post({"id": 3, "method": "stats", "params": {"on": on}})
    time.sleep(0.05)
    begin = time.monotonic()
    assert kernel.value("1 + 1") == "2"
    assert time.monotonic() - begin < 1
    kernel.run("del huge, g")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"session": "another"}, "stale"),
        ({"session": 5}, "bad_request"),
        ({"protocol": "2.0"}, "version"),
        ({"protocol": None}, "bad_request"),
        ({"display": []}, "bad_request"),
    ],
)
def test_openings_that_are_refused(kernel: Client, changes: dict[str, Any], code: str) -> None:
    document = kernel.run(MAKE).graphs[0]
    display = Display(kernel, document, f"refused {code} {len(str(changes))}", **changes)
    assert display.greeting["event"] == "refused"
    assert display.greeting["params"]["code"] == code
    assert kernel.until("comm_close")["content"]["comm_id"] == display.comm_id
    assert kernel.value("1 + 1") == "2"


def test_a_display_of_a_kernel_that_was_restarted_is_stale(fresh: Client) -> None:
    document = fresh.run(MAKE).graphs[0]
    fresh.manager.restart_kernel()
    fresh.channels.wait_for_ready(timeout=60)
    # Tapescope is not imported yet: nobody knows the target, and the comm is closed.
    data = {"protocol": "1.0", **document["live"]}
    send(fresh, "comm_open", {"comm_id": "early", "target_name": "tapescope", "data": data})
    assert fresh.until("comm_close")["content"]["comm_id"] == "early"
    fresh.run("import tapescope")
    display = Display(fresh, document, "old")
    assert display.greeting["params"]["code"] == "stale"
