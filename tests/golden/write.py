"""Writes a golden document: runs the cells of programs/NAME.py under the recorder, prints what the last one shows.

Where a program calls a picture `picture`, it prints that.

    python tests/golden/write.py inplace > tests/golden/engine_inplace.json

One interpreter a document: ids count from its start, so the same cells give the same bytes.
"""

import json
import sys
from pathlib import Path

from tapescope import _C

SESSION = "00000000-0000-4000-8000-000000000000"


def run(cells):
    """The document of the last of `cells`, each a source text, parsed."""
    out = None
    for number, source in enumerate(cells, 1):
        file = f"cell_{number}.py"
        failure = None
        _C._begin_cell(source, file, number)
        try:
            exec(compile(source, file, "exec"), vars(sys.modules["__main__"]))
        except Exception as e:
            tb = e.__traceback__.tb_next
            failure = (type(e).__name__, str(e), file, tb.tb_lineno)
        out = _C._end_cell(failure)
    picture = vars(sys.modules["__main__"]).get("picture")
    document = picture.document if picture is not None else json.loads(out[0])
    document["live"]["session"] = SESSION
    return document


def text(document):
    """One member, and one row of a table, a line: readable, and small in a diff."""
    lines = []
    for key, value in document.items():
        if isinstance(value, list):
            rows = ",\n".join(f"    {json.dumps(row)}" for row in value)
            lines.append(f"  {json.dumps(key)}: [\n{rows}\n  ]")
        else:
            lines.append(f"  {json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    program = Path(__file__).parent / "programs" / f"{sys.argv[1]}.py"
    sys.stdout.write(text(run([cell.strip() for cell in program.read_text().split("# %%\n")])))
