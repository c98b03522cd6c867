"""Values and modules that contain themselves, or lie too deep, are refused: nothing crashes."""

import subprocess
import sys

import pytest

PRELUDE = """
import tapescope as ts
from tapescope import jit

x = ts.rand(2)
loop = [x]
loop.append(loop)
table = {"x": x}
table["self"] = table
deep = (x,)
for _ in range(200_000):
    deep = (deep,)


class Cycle(ts.nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = ts.nn.Linear(2, 2)
        self.inner.outer = self

    def forward(self, x):
        return self.inner(x)


def attempt(f):
    try:
        f()
    except (RuntimeError, ValueError, TypeError, RecursionError) as error:
        print("refused:", str(error)[:200])
"""

ATTEMPTS = {
    "a_list_in_itself_as_an_input": "jit.trace(lambda a: a[0] * 2, (loop,))",
    "a_dict_in_itself_as_an_input": 'jit.trace(lambda a: a["x"] * 2, (table,))',
    "a_deep_tuple_as_an_input": "jit.trace(lambda a: x * 2, (deep,))",
    "a_list_in_itself_as_an_output": "jit.trace(lambda a: loop, x, strict=False)",
    "a_deep_tuple_as_an_output": "jit.trace(lambda a: deep, x, strict=False)",
    "a_list_in_itself_as_an_argument": "jit.trace(lambda a: a[0] * 2, ([x],))(loop)",
    "a_deep_tuple_as_an_argument": "jit.trace(lambda a: a[0] * 2, ((x,),))(deep)",
    "a_module_that_holds_its_owner": "jit.trace(Cycle(), ts.rand(1, 2))",
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_it_is_refused(name):
    program = f"{PRELUDE}\nattempt(lambda: {ATTEMPTS[name]})\nassert not jit.is_tracing()\ndel deep\nprint('done')\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, (done.returncode, done.stderr[-300:])
    assert done.stdout.startswith("refused: ") and done.stdout.endswith("done\n")
