"""What the tests share."""

import json
from pathlib import Path

import looking
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def _looking():
    return looking.Plugin(looking.FILE) if looking.FILE else None


@pytest.fixture(autouse=True)
def _looked_at(request, _looking):
    """See looking.py."""
    if _looking is None:
        yield
    else:
        yield from _looking.around(request.node.nodeid)


@pytest.fixture(scope="session")
def schema():
    import jsonschema

    return jsonschema.Draft202012Validator(json.loads((ROOT / "widgets/schema/graph.schema.json").read_text()))


@pytest.fixture
def cell():
    """Runs source as a cell under the recorder; gives (document, svg, text) with the document parsed, or None."""
    from tapescope import _C

    count = 0

    def run(source, namespace, mode=1):
        nonlocal count
        count += 1
        file = f"/tmp/tapescope_test_cell_{id(run)}_{count}.py"
        failure = None
        _C._begin_cell(source, file, count, mode)
        try:
            exec(compile(source, file, "exec"), namespace)
        except Exception as e:
            tb = e.__traceback__
            while (
                tb.tb_next and tb.tb_next.tb_frame.f_code.co_filename == file
            ) or tb.tb_frame.f_code.co_filename != file:
                tb = tb.tb_next
            failure = (type(e).__name__, str(e), tb.tb_frame.f_code.co_filename, tb.tb_lineno)
        out = _C._end_cell(failure)
        return None if out is None else (json.loads(out[0]), out[1], out[2])

    return run
