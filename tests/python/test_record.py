"""Cells under the recorder: documents that fit the schema, and promises kept."""

import gc
import weakref

import tapescope as ts
from tapescope import _C


def check(schema, document):
    errors = [f"{list(e.path)}: {e.message}" for e in schema.iter_errors(document)]
    assert not errors, errors[:3]


def test_a_cell_shows_its_graph(cell, schema):
    ns = {"ts": ts}
    document, svg, text = cell(
        "x = ts.tensor([1.0, 2.0], requires_grad=True)\ny = (x * x).sum()\ny.register_hook(lambda g: g * 2)", ns
    )
    check(schema, document)
    assert [n["name"] for n in document["nodes"]] == ["SumBackward0", "MulBackward0", "AccumulateGrad"]
    assert {s["name"] for s in document["saved"]} == {"self", "other"}
    assert document["hooks"][0]["kind"] == "tensor_pre" and "lambda" in document["hooks"][0]["name"]
    sites = {s["id"]: s for s in document["sites"]}
    assert sites[document["nodes"][1]["site"]]["line"] == 2
    assert sites[document["nodes"][1]["site"]]["column"] == 5
    assert document["cells"][0]["source"].startswith("x = ts.tensor")
    assert svg.startswith("<svg") and text.startswith("backward graph: 3 nodes")


def test_a_cell_without_a_graph_shows_nothing(cell):
    assert cell("x = ts.ones(2) + 1", {"ts": ts}) is None


def test_mode_off_shows_nothing(cell):
    assert cell("x = ts.ones(2, requires_grad=True) * 2", {"ts": ts}, 0) is None


def test_full_mode_has_gradient_norms(cell, schema):
    document, *_ = cell("x = ts.ones(2, requires_grad=True)\ny = (x * x).sum()\ny.backward()", {"ts": ts}, 2)
    check(schema, document)
    norms = document["overlays"][0]
    assert norms["name"] == "grad_norm"
    assert [row["value"] for row in norms["values"]] == [1, 1.41421, 2.82843]  # the second is expanded: strides of 0


def test_the_pass_that_freed_a_node_stays_its_releaser(cell):
    source = "x = ts.ones(2, requires_grad=True)\ny = x.exp().sum()\ny.backward()\ny.backward()"
    document, *_ = cell(source, {"ts": ts})
    first = document["passes"][0]["id"]
    assert document["passes"][1]["state"] == "raised"
    assert {node.get("released_by") for node in document["nodes"] if node["name"] != "AccumulateGrad"} == {first}


def test_an_exception_is_part_of_the_picture(cell, schema):
    ns = {"ts": ts}
    document, *_ = cell("x = ts.ones(2, 3, requires_grad=True)\ny = x.tanh()\ny @ ts.ones(4)", ns)
    check(schema, document)
    assert document["failure"]["type"] == "ShapeError"
    sites = {s["id"]: s for s in document["sites"]}
    assert sites[document["failure"]["site"]]["line"] == 3
    assert "TanhBackward0" in [n["name"] for n in document["nodes"]]


def test_a_training_loop_is_folded(cell, schema):
    ns = {"ts": ts, "m": ts.nn.Linear(3, 2), "x": ts.ones(4, 3)}
    document, *_ = cell("for i in range(400):\n    m(x).sum().backward()", ns)
    check(schema, document)
    assert document["repeats"][0]["count"] == 400
    assert any(row["table"] == "ops" and row["reason"] == "folded" for row in document["left_out"])
    assert {n.get("turn") for n in document["nodes"]} >= {0, 399}


def test_large_graphs_fit_the_schema_in_columns(cell):
    document, *_ = cell("x = ts.ones(2, requires_grad=True)\nfor i in range(3000): x = x.tanh()", {"ts": ts})
    assert document["nodes"]["length"] == 3001
    assert set(document["nodes"]["columns"]) >= {"id", "name", "site"}


def test_a_200000_op_cell_stays_small(cell):
    import json

    document, *_ = cell("x = ts.ones(2, requires_grad=True)\nfor i in range(200_000): x = x * 1.00001", {"ts": ts})
    assert len(json.dumps(document)) < 5_000_000
    assert document["left_out"]


LOOP = """
for i in range(50):
    loss = ts.nn.functional.cross_entropy(m(x), t)
    opt.zero_grad()
    loss.backward()
    opt.step()
    losses.append(loss.item())
"""


def run_loop(cell, mode):
    ts.manual_seed(5)
    m = ts.nn.Sequential(ts.nn.Linear(6, 16), ts.nn.ReLU(), ts.nn.Linear(16, 3))
    ns = {
        "ts": ts,
        "m": m,
        "opt": ts.optim.Adam(m.parameters()),
        "x": ts.randn(32, 6),
        "t": ts.randint(0, 3, (32,)),
        "losses": [],
    }
    refs = [weakref.ref(p) for p in m.parameters()]
    cell(LOOP, ns, mode)
    state = _C.get_rng_state()
    losses = ns["losses"]
    census = _C._census()
    alive = [r() is not None for r in refs]
    del m, ns
    gc.collect()
    return losses, state, census, alive, [r() is None for r in refs]


def test_looking_changes_nothing(cell):
    run_loop(cell, 0)
    gc.collect()
    off, full, auto = run_loop(cell, 0), run_loop(cell, 2), run_loop(cell, 1)
    assert off == full == auto


def test_explore_needs_no_record(schema):
    import json

    x = ts.ones(2, requires_grad=True)
    y = (x * 2).tanh()
    document, _svg, _text = _C._explore(y, "y")
    check(schema, json.loads(document))
    assert json.loads(document)["title"] == "y"


def test_live_objects_are_found_by_id(cell):
    ns = {"ts": ts}
    document, *_ = cell("x = ts.tensor([3.0], requires_grad=True)\ny = x * x", ns)
    mul = document["nodes"][0]
    assert _C._find_node(mul["id"]) is ns["y"].grad_fn
    saved = _C._find_saved(document["saved"][0]["id"])
    assert saved["state"] == "alive" and saved["tensor"].item() == 3
    ns["y"].backward()
    assert _C._find_saved(document["saved"][0]["id"])["state"] == "freed"
    del ns["y"]
    assert _C._find_node(mul["id"]) is None
    assert _C._find_saved(document["saved"][0]["id"])["state"] == "gone"
    assert _C._find_tensor(10**15) is None


def test_a_place_in_the_source_is_one_site(cell):
    # After some turns the interpreter specializes the calls, and reports them at other offsets of the code.
    source = "for i in range(100):\n    y = (x * x).sum().tanh()\n    z = ts.exp(y) + max(y, y)"
    document, *_ = cell(source, {"ts": ts, "x": ts.ones(2, requires_grad=True)})
    places = [(s["cell"], s["line"], s["column"], s.get("end_column")) for s in document["sites"] if "column" in s]
    assert len(places) == len(set(places)) >= 6


def test_writes_to_saved_tensors_are_told(cell, schema):
    ns = {"ts": ts, "x": ts.ones(3, requires_grad=True)}
    cell("y = x.exp()\nz = y * y", ns)
    document, *_ = cell("y.mul_(2)\ny[0] = 1.0\nw = x * 2\nw += 1", ns)
    check(schema, document)
    sites = {s["id"]: s for s in document["sites"]}
    told = [(w["name"], w["version"], sites[w["site"]]["line"]) for w in document["writes"]]
    assert told == [("mul_", 1, 1), ("copy_", 2, 2)]  # w is saved by nobody
    saved = {(s["name"], s["version"]) for s in document["saved"]}
    assert ("result", 0) in saved
    versions = {t["id"]: t.get("version") for t in document["tensors"]}
    assert all(versions[w["tensor"]] == 2 for w in document["writes"])
    # The error names the first of them.
    try:
        ns["z"].sum().backward()
    except RuntimeError as error:
        assert "It was written by mul_ on line 1 of cell [2]" in str(error)
    else:
        raise AssertionError("a version conflict passed in silence")


def test_an_optimizers_step_is_a_write(cell):
    w = ts.ones(3, requires_grad=True)
    ns = {"ts": ts, "w": w, "x": ts.ones(3, requires_grad=True), "opt": ts.optim.SGD([w], lr=0.1)}
    source = "y = (w * x).sum()\ny.backward(retain_graph=True)\nopt.step()"
    document, *_ = cell(source, ns)
    sites = {s["id"]: s for s in document["sites"]}
    assert [(w["name"], sites[w["site"]]["line"]) for w in document["writes"]] == [("optimizer step", 3)]
    assert "optimizer step" not in {op["name"] for op in document["ops"]}
    try:
        ns["y"].backward()
    except RuntimeError as error:
        assert "It was written by optimizer step on line 3 of cell [1]" in str(error)
    else:
        raise AssertionError("a version conflict passed in silence")


def test_what_lives_below_a_dead_node_is_shown_as_it_is(cell, schema):
    ns = {"ts": ts, "x": ts.ones(3, requires_grad=True)}
    cell("y = (x * x).sum()", ns)
    document, _, text = cell("x * y; None", ns)
    check(schema, document)
    states = [(n["name"], n.get("state", "alive")) for n in document["nodes"]]
    assert ("MulBackward0", "gone") in states  # of this cell
    assert {s for name, s in states if name in ("AccumulateGrad", "SumBackward0")} == {"alive"}
    assert "left_out" not in document and len(document["edges"]) == 5
    assert text.startswith("backward graph: 4 nodes")


def test_the_plain_forms_say_how_much_there_is(cell):
    _, svg, text = cell("x = ts.ones(2, requires_grad=True)\nfor i in range(30_000): x = x * 1.00001", {"ts": ts})
    assert text.startswith("backward graph: 30001 nodes")
    assert "of 30001 nodes" in svg
    ns = {"ts": ts, "x": ts.ones(2, requires_grad=True)}
    _, svg, text = cell("for i in range(500): (x * 2).sum().backward()", ns)
    assert "first and last of × 500" in text.splitlines()[0] and "× 500" in svg
