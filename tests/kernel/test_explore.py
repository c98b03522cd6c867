"""Cells under the recorder: what is shown, and that showing changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .client import MIME, Client, running_kernel

Validate = Callable[[dict[str, Any]], None]

SMALL = "import tapescope as ts\nx = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)\ny = (x * x).sum()\ny.backward()"

TRAINING = """
import gc, weakref
import numpy as np
import tapescope as ts

ts.manual_seed(7)
data = ts.randn(32, 8)
target = ts.tensor([i % 3 for i in range(32)])
model = ts.nn.Sequential(ts.nn.Linear(8, 16), ts.nn.Tanh(), ts.nn.Linear(16, 3))
optimizer = ts.optim.Adam(model.parameters(), lr=0.05)
criterion = ts.nn.CrossEntropyLoss()
losses, alive = [], []
"""

STEPS = """
for step in range(50):
    optimizer.zero_grad()
    loss = criterion(model(data), target)
    alive.append(weakref.ref(loss))
    loss.backward()
    optimizer.step()
    losses.append(np.asarray(loss.detach().numpy()).tobytes().hex())
"""

CENSUS = "gc.collect(); (losses, [ref() is not None for ref in alive], ts.rand(2).numpy().tobytes().hex())"


def test_a_cell_shows_the_graph_that_it_built(kernel: Client, validate: Validate) -> None:
    outcome = kernel.run(SMALL)
    assert outcome.reply["status"] == "ok", outcome.reply
    shown = [each["data"] for each in outcome.of("display_data")]
    assert len(shown) == 1
    assert set(shown[0]) == {MIME, "image/svg+xml", "text/plain"}
    document = shown[0][MIME]
    assert isinstance(document, dict)  # JSON, not a string of it
    validate(document)
    names = [node["name"] for node in document["nodes"]]
    assert {"SumBackward0", "MulBackward0", "AccumulateGrad"} <= set(names)
    cell = next(each for each in document["cells"] if each["id"] == document["cell"])
    assert cell["execution_count"] == outcome.reply["execution_count"]
    assert cell["source"] == SMALL
    assert shown[0]["image/svg+xml"].lstrip().startswith("<svg")
    assert "MulBackward0" in shown[0]["text/plain"]


def test_the_cell_that_imports_the_engine_is_recorded_too(fresh: Client, validate: Validate) -> None:
    assert fresh.value("import sys; 'tapescope' in sys.modules") == "False"  # nobody pays for what nobody asked for
    document = fresh.run(SMALL).graphs[0]
    validate(document)
    assert {"SumBackward0", "MulBackward0", "AccumulateGrad"} <= {node["name"] for node in document["nodes"]}


def test_sites_name_the_lines_of_the_cell(kernel: Client) -> None:
    document = kernel.run(SMALL).graphs[0]
    sites = {site["id"]: site for site in document["sites"]}
    node = next(each for each in document["nodes"] if each["name"] == "MulBackward0")
    ops = {op["id"]: op for op in document.get("ops", [])}
    site = sites[node["site"] if "site" in node else ops[node["op"]]["site"]]
    assert site["cell"] == document["cell"]
    assert site["line"] == 3


@pytest.mark.parametrize("code", ["1 + 1", "import tapescope as ts", "ts.zeros(3) + 1", "print('x')"])
def test_cells_without_a_graph_show_none(kernel: Client, code: str) -> None:
    kernel.run("import tapescope as ts")
    assert not kernel.run(code).of("display_data")


def test_modes(kernel: Client, validate: Validate) -> None:
    try:
        assert kernel.run("%explore").stdout == "Cells are recorded in mode auto.\n"
        kernel.run("%explore off")
        assert kernel.run("%explore").stdout == "Cells are recorded in mode off.\n"
        assert not kernel.run(SMALL).graphs
        kernel.run("%explore full")
        assert kernel.run("%explore").stdout == "Cells are recorded in mode full.\n"
        validate(kernel.run(SMALL).graphs[0])
        kernel.run("%explore on")
        assert kernel.run("%explore").stdout == "Cells are recorded in mode auto.\n"
        assert kernel.run(SMALL).graphs
    finally:
        kernel.run("%explore auto")


def test_full_records_the_norms_of_gradients(kernel: Client) -> None:
    code = (
        "import tapescope as ts\nx = ts.tensor([[3.0, 4.0]], requires_grad=True)\ny = (x * 2).t().sum()\ny.backward()"
    )
    assert not kernel.run(code).graphs[0].get("overlays")
    try:
        kernel.run("%explore full")
        document = kernel.run(code).graphs[0]
    finally:
        kernel.run("%explore auto")
    names = {node["id"]: node["name"] for node in document["nodes"]}
    overlay = next(each for each in document["overlays"] if each["name"] == "grad_norm")
    norms = {names[each["id"]]: each["value"] for each in overlay["values"]}
    # The sum is given 1; what it passes on is ones, expanded, then transposed.
    assert norms == {
        "SumBackward0": 1,
        "TBackward0": pytest.approx(2**0.5, rel=1e-5),
        "MulBackward0": pytest.approx(2**0.5, rel=1e-5),
        "AccumulateGrad": pytest.approx(8**0.5, rel=1e-5),
    }


@pytest.mark.parametrize("word", ["ful", "of", "none_such", "on off", "auto!"])
def test_a_wrong_word_gets_the_usage_and_changes_nothing(kernel: Client, word: str) -> None:
    outcome = kernel.run(f"%explore {word}")
    assert outcome.reply["ename"] == "UsageError"
    assert outcome.stderr.startswith("UsageError: %explore: ")
    assert "It takes on, off, auto, full or an expression." in outcome.stderr
    assert kernel.run("%explore").stdout == "Cells are recorded in mode auto.\n"


def test_exploring_a_value(kernel: Client, validate: Validate) -> None:
    kernel.run("import tapescope as ts\nz = ts.ones(2, requires_grad=True).exp().sum()")
    outcome = kernel.run("%explore z * 2")
    document = outcome.of("execute_result")[0]["data"][MIME]
    validate(document)
    assert document["title"] == "z * 2"
    assert "ExpBackward0" in [node["name"] for node in document["nodes"]]
    wrong = kernel.run("%explore no_such_name")
    assert "no_such_name" in wrong.stderr + str(wrong.reply)
    assert kernel.value("1 + 1") == "2"


def test_silent_cells_are_not_recorded(kernel: Client) -> None:
    outcome = kernel.run(SMALL, silent=True)
    assert outcome.reply["status"] == "ok"
    assert not outcome.of("display_data")


def test_cells_that_are_not_stored_have_no_number(kernel: Client, validate: Validate) -> None:
    document = kernel.run(SMALL, store_history=False).graphs[0]
    validate(document)
    cell = next(each for each in document["cells"] if each["id"] == document["cell"])
    assert "execution_count" not in cell


def test_an_exception_leaves_the_graph_so_far(kernel: Client, validate: Validate) -> None:
    code = (
        "import tapescope as ts\nw = ts.ones(3, requires_grad=True)\nh = (w * 2).exp()\n"
        "bad = ts.ones(2, 3) @ ts.ones(4, 5)\nnever = h.sum()"
    )
    outcome = kernel.run(code)
    assert outcome.reply["status"] == "error"
    assert len(outcome.of("error")) == 1
    document = outcome.graphs[0]
    validate(document)
    names = [node["name"] for node in document["nodes"]]
    assert "ExpBackward0" in names and "SumBackward0" not in names
    failure = document["failure"]
    assert failure["type"] == outcome.reply["ename"]
    assert failure["message"]
    site = next(each for each in document["sites"] if each["id"] == failure["site"])
    assert site["line"] == 4


def test_an_interrupt_leaves_the_graph_so_far(kernel: Client, validate: Validate) -> None:
    msg_id = kernel.send(SMALL + "\nwhile True: pass")
    kernel.until("execute_input")
    import time

    time.sleep(0.5)
    kernel.manager.interrupt_kernel()
    assert kernel.reply(msg_id)["ename"] == "KeyboardInterrupt"
    displays = [each for each in kernel.until_idle(msg_id) if each["msg_type"] == "display_data"]
    document = displays[0]["content"]["data"][MIME]
    validate(document)
    assert document["failure"]["type"] == "KeyboardInterrupt"


def test_a_syntax_error_shows_no_graph(kernel: Client) -> None:
    outcome = kernel.run("import tapescope as ts\ny = = 3")
    assert outcome.reply["ename"] == "SyntaxError"
    assert not outcome.graphs
    assert kernel.run(SMALL).graphs


def test_an_error_of_the_engine_names_the_rule_and_the_kernel_lives(kernel: Client) -> None:
    kernel.run(SMALL)
    outcome = kernel.run("y.backward()")
    assert outcome.reply["status"] == "error"
    assert "second time" in outcome.reply["evalue"]
    assert kernel.value("import builtins; issubclass(ts.AutogradError, builtins.RuntimeError)") == "True"
    assert kernel.value("1 + 1") == "2"


def test_on_and_off_give_the_same_bits_and_the_same_lives() -> None:
    results = []
    for mode in ("auto", "off", "full"):
        with running_kernel() as client:
            client.run(f"%explore {mode}")
            client.value(TRAINING + "1")
            outcome = client.run(STEPS)
            assert outcome.reply["status"] == "ok", outcome.reply
            assert bool(outcome.graphs) == (mode != "off")
            results.append(client.value(CENSUS))
    assert results[0] == results[1] == results[2]
    losses, alive, _ = eval(results[0])
    assert len(losses) == 50 and losses[0] != losses[-1]
    assert alive == [False] * 49 + [True]


def test_a_training_loop_is_folded(kernel: Client, validate: Validate) -> None:
    kernel.run(TRAINING)
    document = kernel.run(STEPS).graphs[0]
    validate(document)
    assert len(json.dumps(document)) < 500_000


def test_two_hundred_thousand_ops_are_shown_in_five_megabytes(kernel: Client, validate: Validate) -> None:
    outcome = kernel.run(
        "import tapescope as ts\na = ts.ones(1, requires_grad=True)\nb = a\n"
        "for i in range(100_000):\n    b = b * 1.0 + 0.0\nb.backward()",
        timeout=100,
    )
    assert outcome.reply["status"] == "ok", outcome.reply
    message = outcome.of("display_data")[0]
    assert len(json.dumps(message)) < 5_000_000
    validate(message["data"][MIME])
    assert kernel.value("float(a.grad)") == "1.0"


def test_a_broken_recorder_is_told_once_and_results_stay(fresh: Client) -> None:
    """The engine's table of functions, but for one that always fails."""
    first = fresh.run(
        "import ctypes, tapescope._C\n"
        "from tapescope_kernel import _kernel\n"
        "End = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)\n"
        "class Table(ctypes.Structure):\n"
        "    _fields_ = [('version', ctypes.c_uint32), ('begin', ctypes.c_void_p), ('end', End),\n"
        "                ('free', ctypes.c_void_p), ('error', ctypes.c_void_p)]\n"
        "get, new = ctypes.pythonapi.PyCapsule_GetPointer, ctypes.pythonapi.PyCapsule_New\n"
        "get.restype, get.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]\n"
        "new.restype, new.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]\n"
        "name = b'tapescope._C._kernel_api'\n"
        "table = Table.from_buffer_copy(Table.from_address(get(tapescope._C._kernel_api, name)))\n"
        "table.end = End(lambda failure, out: -1)\n"
        "_kernel.connect(new(ctypes.addressof(table), name, None))"
    )
    # The cell that breaks it is the first that cannot be drawn.
    assert first.result == "True"
    assert first.stderr == "Tapescope: the cell's graph could not be drawn: no reason given\n"
    second = fresh.run("40 + 3")
    assert second.result == "43"
    assert second.stderr == ""


def test_the_engine_can_be_imported_after_many_other_libraries(fresh: Client) -> None:
    fresh.run("import matplotlib.pyplot, sklearn.datasets, pandas, zmq, scipy.stats", timeout=60)
    assert fresh.run(SMALL).graphs


def test_explore_takes_its_words_in_any_case_and_helps(kernel: Client) -> None:
    try:
        assert kernel.run("%explore OFF\n%explore").stdout == "Cells are recorded in mode off.\n"
        assert kernel.run("%explore On\n%explore").stdout == "Cells are recorded in mode auto.\n"
        assert "%explore EXPR" in kernel.run("%explore --help").stdout
    finally:
        kernel.run("%explore auto")
