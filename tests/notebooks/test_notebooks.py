"""The gallery runs from top to bottom in our kernel, and shows what its text says."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import jsonschema
import nbclient
import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
MIME = "application/vnd.tapescope.graph.v1+json"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


class Ran:
    """A notebook that was run."""

    def __init__(self, path: Path) -> None:
        self.notebook = nbformat.read(path, as_version=4)
        client = nbclient.NotebookClient(
            self.notebook,
            kernel_name="tapescope",
            timeout=120,
            resources={"metadata": {"path": str(path.parent)}},
            record_timing=True,
        )
        begin = time.monotonic()
        client.execute()
        self.seconds = time.monotonic() - begin

    @property
    def cells(self) -> list[Any]:
        return [cell for cell in self.notebook.cells if cell.cell_type == "code"]

    def cell(self, containing: str) -> Any:
        (found,) = [cell for cell in self.cells if containing in cell.source]
        return found

    @staticmethod
    def bundles(cell: Any) -> list[dict[str, Any]]:
        return [output.data for output in cell.outputs if MIME in output.get("data", {})]

    def graph(self, containing: str) -> dict[str, Any]:
        return self.bundles(self.cell(containing))[-1][MIME]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Any:
    done: dict[str, Ran] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IPYTHONDIR", str(tmp_path_factory.mktemp("ipython")))

        def run(name: str) -> Ran:
            if name not in done:
                done[name] = Ran(ROOT / "notebooks" / name)
            return done[name]

        yield run


def test_there_are_notebooks() -> None:
    assert [path.name for path in NOTEBOOKS] == [
        "01_first_backward.ipynb",
        "02_digits.ipynb",
        "03_hooks_and_saved_variables.ipynb",
        "04_tracing.ipynb",
    ]


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_each_picture_is_a_valid_document_with_a_still_and_a_text(ran: Any, name: str) -> None:
    schema = json.loads((ROOT / "widgets" / "schema" / "graph.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    bundles = [bundle for cell in ran(name).cells for bundle in Ran.bundles(cell)]
    assert len(bundles) >= 4
    for bundle in bundles:
        validator.validate(bundle[MIME])
        assert bundle["image/svg+xml"].lstrip().startswith("<svg")
        assert bundle["text/plain"]


@pytest.mark.parametrize("name", [path.name for path in NOTEBOOKS])
def test_the_pictures_are_those_of_the_session(ran: Any, name: str) -> None:
    sessions = {bundle[MIME]["live"]["session"] for cell in ran(name).cells for bundle in Ran.bundles(cell)}
    assert len(sessions) == 1


@pytest.mark.parametrize("path", NOTEBOOKS, ids=[path.name for path in NOTEBOOKS])
def test_notebooks_are_kept_without_outputs(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert notebook.metadata.kernelspec.name == "tapescope"
    assert not any(cell.get("outputs") for cell in notebook.cells)


def test_first_backward_shows_the_nodes_of_its_formula(ran: Any) -> None:
    document = ran("01_first_backward.ipynb").graph("f = x**2 * x.sin()")
    names = {node["name"] for node in document["nodes"]}
    assert {"PowBackward0", "SinBackward0", "MulBackward0", "AccumulateGrad"} <= names


def test_first_backward_finds_a_released_graph(ran: Any) -> None:
    cell = ran("01_first_backward.ipynb").cell("except RuntimeError")
    assert "second time" in cell.outputs[0].text


def test_digits_reads_them_in_time(ran: Any) -> None:
    notebook = ran("02_digits.ipynb")
    text = next(each.text for each in notebook.cell("test accuracy").outputs if each.output_type == "stream")
    match = re.search(r"test accuracy: ([\d.]+)%", text)
    assert match is not None
    assert float(match[1]) >= 95
    assert notebook.seconds < 30


def test_digits_explores_each_stage(ran: Any) -> None:
    notebook = ran("02_digits.ipynb")
    for stage in ("loss = criterion(model(batch_x), batch_y)", "hidden.register_hook(clip)", "for epoch in range(30)"):
        assert Ran.bundles(notebook.cell(stage)), stage
    assert not Ran.bundles(notebook.cell("digits = load_digits()"))


def test_digits_shows_the_hook_that_clips(ran: Any) -> None:
    document = ran("02_digits.ipynb").graph("hidden.register_hook(clip)")
    assert "clip" in [hook["name"].rpartition(".")[2] for hook in document["hooks"]]


def test_digits_plots_its_loss(ran: Any) -> None:
    outputs = ran("02_digits.ipynb").cell("semilogy(losses").outputs
    assert any("image/png" in output.get("data", {}) for output in outputs)


def test_hooks_shows_each_kind_of_them(ran: Any) -> None:
    document = ran("03_hooks_and_saved_variables.ipynb").graph("total = y.sum()")
    kinds = {hook["kind"] for hook in document["hooks"]}
    assert {"tensor_pre", "retain_grad", "pre", "post_accumulate_grad", "post"} <= kinds


def test_hooks_tells_bytes_before_and_after(ran: Any) -> None:
    notebook = ran("03_hooks_and_saved_variables.ipynb")
    for cell, ratio in (("checkpoint_bytes =", 0.5), ("memory_bytes =", 0.01)):
        before, after = re.findall(r"[\d,]{5,}|\d+", notebook.cell(cell).outputs[0].text)[:2]
        assert int(after.replace(",", "")) < ratio * int(before.replace(",", ""))


def test_tracing_shows_the_trace_beside_its_backward_graph(ran: Any) -> None:
    document = ran("04_tracing.ipynb").graph("ts.explore(traced)")
    assert document["title"] == "trace of Sequential"
    assert [op["name"] for op in document["ops"]] == ["linear", "tanh", "linear"]
    of_ops = {node["op"]: node["name"] for node in document["nodes"] if "op" in node}
    assert of_ops == {1: "AddmmBackward0", 2: "TanhBackward0", 3: "AddmmBackward0"}


def test_tracing_records_the_cell_that_traces(ran: Any) -> None:
    document = ran("04_tracing.ipynb").graph("traced_distance = jit.trace")
    assert {"SqrtBackward0", "SumBackward0"} & {node["name"] for node in document["nodes"]}


def test_tracing_says_what_it_cannot_follow(ran: Any) -> None:
    notebook = ran("04_tracing.ipynb")
    assert "TracerWarning in line 2" in notebook.cell("traced_signed").outputs[0].text
    assert "Graphs differed across invocations" in notebook.cell("TracingCheckError").outputs[0].text


def test_tracing_profiles_each_node(ran: Any) -> None:
    notebook = ran("04_tracing.ipynb")
    assert "evaluate_function: AddmmBackward0" in notebook.cell("key_averages").outputs[0].text
    overlays = {overlay["name"] for overlay in notebook.graph("retain_graph=True")["overlays"]}
    assert {"time", "bytes"} <= overlays
