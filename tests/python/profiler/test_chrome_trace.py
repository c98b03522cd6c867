"""The file of a profile in Chrome's trace-event format."""

import gzip
import itertools
import json
import os
import threading

import calls
import pytest

import tapescope as ts
from tapescope import nn
from tapescope.profiler import profile, record_function


def work():
    model = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1))
    optimizer = ts.optim.SGD(model.parameters(), lr=0.1)
    with record_function("forward"):
        y = model(ts.ones(2, 3)).sum()
    y.backward()
    thread = threading.Thread(target=lambda: (ts.ones(3, requires_grad=True) * 2).sum().backward(), name="beside")
    thread.start()
    thread.join()
    optimizer.step()


@pytest.fixture(scope="module")
def trace(tmp_path_factory):
    prof = calls.traced(work, record_shapes=True, profile_memory=True)
    path = tmp_path_factory.mktemp("trace") / "trace.json"
    prof.export_chrome_trace(path)
    return prof, json.loads(path.read_text())


def phase(document, *phases):
    return [event for event in document["traceEvents"] if event["ph"] in phases]


def test_phases_and_what_each_must_have(trace):
    _, document = trace
    wanted = {
        "X": {"name", "cat", "ts", "dur", "pid", "tid"},
        "s": {"name", "cat", "ts", "id", "pid", "tid"},
        "f": {"name", "cat", "ts", "id", "pid", "tid", "bp"},
        "i": {"name", "cat", "ts", "s", "pid", "tid", "args"},
        "M": {"name", "ts", "pid", "tid", "args"},
    }
    assert {event["ph"] for event in document["traceEvents"]} == set(wanted)
    for event in document["traceEvents"]:
        assert wanted[event["ph"]] <= set(event)
        assert event["ts"] >= 0
        assert event.get("dur", 0) >= 0
        assert event["pid"] == os.getpid()


def test_categories(trace):
    _, document = trace
    by_category = {}
    for event in phase(document, "X"):
        by_category.setdefault(event["cat"], set()).add(event["name"])
    assert set(by_category) == {"cpu_op", "user_annotation", "python_function"}
    assert {"aten::linear", "autograd::engine::evaluate_function: TanhBackward0"} <= by_category["cpu_op"]
    assert by_category["user_annotation"] == {"forward", "Optimizer.step#SGD.step"}
    assert "nn.Module: Linear_0" in by_category["python_function"]


def test_slices_nest_on_each_thread(trace):
    _, document = trace
    threads = {}
    for event in phase(document, "X"):
        threads.setdefault(event["tid"], []).append((event["ts"], event["ts"] + event["dur"]))
    assert len(threads) == 2
    for slices in threads.values():
        open_ends = []
        for start, end in sorted(slices, key=lambda s: (s[0], -s[1])):
            # Thousandths of a microsecond are sums of floating-point numbers here.
            while open_ends and open_ends[-1] <= start + 1e-6:
                open_ends.pop()
            assert not open_ends or end <= open_ends[-1] + 1e-6
            open_ends.append(end)


def test_flows_lead_from_a_forward_op_to_its_node(trace):
    _, document = trace
    starts = {event["id"]: event for event in phase(document, "s")}
    ends = {event["id"]: event for event in phase(document, "f")}
    assert len(starts) == len(phase(document, "s"))
    assert set(starts) == set(ends)
    at = {(e["tid"], e["ts"]): e for e in phase(document, "X") if e["cat"] == "cpu_op"}
    pairs = set()
    for id, start in starts.items():
        op, node = at[start["tid"], start["ts"]], at[ends[id]["tid"], ends[id]["ts"]]
        assert op["ts"] <= node["ts"]
        assert node["args"]["Fwd thread id"] == op["tid"]
        pairs.add((op["name"], node["name"].rpartition(" ")[2]))
    assert pairs == {
        ("aten::linear", "AddmmBackward0"),
        ("aten::linear", "TBackward0"),
        ("aten::tanh", "TanhBackward0"),
        ("aten::sum", "SumBackward0"),
        ("aten::mul", "MulBackward0"),
    }


def test_sequence_numbers_match_along_a_flow(trace):
    _, document = trace
    nodes = {e["args"]["Sequence number"] for e in phase(document, "X") if "Fwd thread id" in e.get("args", {})}
    ops = {
        e["args"]["Sequence number"]
        for e in phase(document, "X")
        if e["name"].startswith("aten::") and "args" in e and "Sequence number" in e["args"]
    }
    assert ops <= nodes


def test_arguments_of_events(trace):
    _, document = trace
    linear = next(e for e in phase(document, "X") if e["name"] == "aten::linear")
    assert linear["args"]["Input Dims"] == [[2, 3], [4, 3], [4]]
    assert linear["args"]["Input type"] == ["float32"] * 3
    assert linear["args"]["Bytes"] == 32
    python = [e for e in phase(document, "X") if e["cat"] == "python_function"]
    ids = [e["args"]["Python id"] for e in python]
    assert sorted(ids) == list(range(1, len(ids) + 1))
    assert {e["args"]["Python parent id"] for e in python} <= {*ids, None}
    numbered = {e["name"]: e["args"]["Python module id"] for e in python if e["name"].startswith("nn.Module: Linear")}
    assert numbered == {"nn.Module: Linear_0": 0, "nn.Module: Linear_1": 1}


def test_memory_is_told_in_order(trace):
    _, document = trace
    memory = phase(document, "i")
    assert {event["name"] for event in memory} == {"[memory]"}
    times = [event["ts"] for event in memory]
    assert times == sorted(times)
    for before, after in itertools.pairwise(memory):
        assert after["args"]["Total Allocated"] == before["args"]["Total Allocated"] + after["args"]["Bytes"]


def test_process_and_threads_have_names(trace):
    _, document = trace
    names = {(e["name"], e["tid"]): e["args"] for e in phase(document, "M")}
    (process,) = [args["name"] for (name, _), args in names.items() if name == "process_name"]
    assert process.startswith("python")
    main = names["thread_name", threading.main_thread().native_id]["name"]
    assert main == f"thread {threading.main_thread().native_id} (MainThread)"
    assert {tid for name, tid in names if name == "thread_name"} == {e["tid"] for e in phase(document, "X")}


def test_the_head_says_what_was_asked_for(trace):
    _, document = trace
    assert document["schemaVersion"] == 1
    assert document["displayTimeUnit"] == "ms"
    assert (document["with_stack"], document["profile_memory"], document["record_shapes"]) == (1, 1, 1)


def test_hooks_have_a_category_of_their_own(tmp_path):
    x = ts.ones(2, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g)
    with profile() as prof:
        y.sum().backward()
    prof.export_chrome_trace(tmp_path / "t.json")
    document = json.loads((tmp_path / "t.json").read_text())
    (hook,) = [event for event in document["traceEvents"] if event.get("cat") == "hook"]
    assert hook["name"].startswith("hook: ") and hook["name"].endswith("<lambda>")


def test_a_range_that_crosses_another_is_a_pair(tmp_path):
    first, second = record_function("first"), record_function("second")
    with profile() as prof:
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        second.__exit__(None, None, None)
    prof.export_chrome_trace(tmp_path / "t.json")
    document = json.loads((tmp_path / "t.json").read_text())
    begin, end = phase(document, "b", "e")
    assert (begin["name"], begin["id"]) == (end["name"], end["id"]) == ("second", end["id"])
    assert begin["ts"] <= end["ts"]


def test_names_are_escaped(tmp_path):
    names = ['a "quoted" \\ name', "two\nlines\x01", "größer", "lone \ud800 surrogate"]
    with profile() as prof:
        for name in names:
            with record_function(name):
                pass
    prof.export_chrome_trace(tmp_path / "t.json")
    document = json.loads((tmp_path / "t.json").read_text(encoding="utf-8"))
    assert [e["name"] for e in phase(document, "X")] == [*names[:3], "lone \\ud800 surrogate"]


def test_compressed_if_the_name_says_so(tmp_path):
    with profile() as prof:
        ts.ones(2)
    prof.export_chrome_trace(str(tmp_path / "t.json"))
    prof.export_chrome_trace(tmp_path / "t.json.gz")
    assert gzip.decompress((tmp_path / "t.json.gz").read_bytes()) == (tmp_path / "t.json").read_bytes()


def test_an_empty_profile_is_a_whole_file(tmp_path):
    with profile() as prof:
        pass
    prof.export_chrome_trace(tmp_path / "t.json")
    document = json.loads((tmp_path / "t.json").read_text())
    assert [e["name"] for e in document["traceEvents"]] == ["process_name"]
