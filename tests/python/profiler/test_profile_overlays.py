"""What a profile measured, in the explorer's document: time and bytes by node."""

import pytest

import tapescope as ts
from tapescope.profiler import profile


def overlays(document):
    return {overlay["name"]: overlay for overlay in document.get("overlays", [])}


def values(overlay):
    return {row["id"]: row["value"] for row in overlay["values"]}


def ids(document):
    return {node["id"]: node["name"] for node in document["nodes"]}


@pytest.fixture(autouse=True)
def _forgotten():
    """Other tests' profiles have no say here."""
    with profile():
        pass


def test_a_profiled_graph_has_time_and_bytes(schema):
    x = ts.ones(100, requires_grad=True)
    with profile(profile_memory=True) as prof:
        y = (x * 2).exp().sum()
        y.backward(retain_graph=True)
    document = ts.explore(y).document
    schema.validate(document)
    time, size = overlays(document)["time"], overlays(document)["bytes"]
    assert (time["on"], time["unit"]) == ("nodes", "s")
    assert (size["on"], size["unit"]) == ("nodes", "B")
    names = ids(document)
    assert set(values(time)) == set(names)
    for event in prof.events():
        if event.node_id is not None:
            assert values(time)[event.node_id] >= event.cpu_time_total * 1e-6 * 0.999
    exp = next(id for id, name in names.items() if name == "ExpBackward0")
    assert values(size)[exp] == 800  # the result, and its gradient's product


def test_without_memory_there_is_time_only():
    x = ts.ones(100, requires_grad=True)
    with profile():
        y = x.exp().sum()
    assert set(overlays(ts.explore(y).document)) == {"time"}


def test_a_graph_that_was_not_profiled_has_none():
    y = ts.ones(3, requires_grad=True).exp()
    assert overlays(ts.explore(y).document) == {}


def test_the_last_profile_counts():
    y = ts.ones(3, requires_grad=True)
    with profile():
        y = y.exp()
    with profile():
        pass
    assert overlays(ts.explore(y).document) == {}


def test_a_profiled_cell_has_them(cell, schema):
    source = "with ts.profiler.profile():\n    y = (x * 2).sum()\n    y.backward()\n"
    document, _, _ = cell(source, {"ts": ts, "x": ts.ones(3, requires_grad=True)})
    schema.validate(document)
    assert set(values(overlays(document)["time"])) == set(ids(document))


def test_nodes_that_are_gone_have_them_too(cell):
    source = "with ts.profiler.profile():\n    (x * 2).sum().backward()\n"
    document, _, _ = cell(source, {"ts": ts, "x": ts.ones(3, requires_grad=True)})
    times = values(overlays(document)["time"])
    assert {ids(document)[id] for id in times} >= {"MulBackward0", "SumBackward0"}


def test_nothing_is_kept_alive():
    import gc
    import weakref

    x = ts.ones(100, requires_grad=True)
    with profile(profile_memory=True, record_shapes=True, with_stack=True) as prof:
        y = x.exp()
        y.sum().backward()
    tensor, node = weakref.ref(y), y.grad_fn._id
    del y
    gc.collect()
    assert tensor() is None
    assert ts._C._find_node(node) is None
    assert prof.events()
