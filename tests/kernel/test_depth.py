"""Recursion that runs through C, or through the engine, ends in an error of its own name, and the kernel goes on."""

from __future__ import annotations

import pytest

from .client import Client

NESTED = "n = []\nfor _ in range(100_000): n = [n]\n"

RECURSIONS = {
    "sorted": "def f(x): return sorted([1, 2], key=f)\nf(0)",
    "reduce": "import functools\ndef f(a, b=0): return functools.reduce(f, [1, 2, 3])\nf(0)",
    "__getattr__": "class G:\n    def __getattr__(self, name): return getattr(self, name + 'x')\nG().a",
    "__str__": "class S(str):\n    def __str__(self): return str(self)\nprint(S('a'))",
    "__hash__": "class H:\n    def __hash__(self): return hash((self,))\nhash(H())",
    "comparison": "a = []; a.append(a); b = []; b.append(b); a == b",
    "json": NESTED + "import json; json.dumps(n)",
    "pickle": NESTED + "import pickle; pickle.dumps(n)",
    "deepcopy": NESTED + "import copy; copy.deepcopy(n)",
    "display": NESTED + "from IPython.display import display; display({'application/json': n}, raw=True)",
    "the compiler": "x = " + "+".join(["1"] * 20_000),
    "await": "async def f(): await f()\nawait f()",
    "a module in itself": "class M(ts.nn.Module):\n    def forward(self, x): return self(x)\nM()(ts.ones(1))",
    "deep modules": "m = ts.nn.Linear(1, 1)\nfor _ in range(5000): m = ts.nn.Sequential(m)\nm(ts.ones(1, 1))",
    "a hook": "def deep(): return deep()\nx.register_hook(lambda g: deep())\n(x * 2).sum().backward()",
    "backward in a hook": "y = (x * 2).sum()\nx.register_hook(lambda g: y.backward(retain_graph=True))\n"
    "y.backward(retain_graph=True)",
    "backward in a pre-hook": "y = (x * 2).sum()\ny.grad_fn.register_prehook(lambda g: y.backward(retain_graph=True))\n"
    "y.backward(retain_graph=True)",
    "a new graph in each hook": "def go(g):\n    with ts.enable_grad():\n        z = ts.ones(2, requires_grad=True)\n"
    "        z.register_hook(go)\n        (z * 2).sum().backward()\ngo(None)",
}


@pytest.mark.parametrize("name", RECURSIONS)
def test_recursion_through_c_is_a_recursion_error(kernel: Client, name: str) -> None:
    kernel.run("import tapescope as ts\nx = ts.ones(2, requires_grad=True)")
    outcome = kernel.run(RECURSIONS[name])
    assert outcome.reply["ename"] == "RecursionError"
    assert [each["ename"] for each in outcome.of("error")] == ["RecursionError"]
    # The engine is as it was: a pass runs, once.
    assert kernel.value("x = ts.ones(2, requires_grad=True); (x * 3).sum().backward(); x.grad.tolist()") == "[3.0, 3.0]"


DEEP = {
    "repr": "class R:\n    def __repr__(self): return '%r' % self\nR()",
    "nested list": NESTED + "n",
    "modules": "m = ts.nn.Linear(1, 1)\nfor _ in range(5000): m = ts.nn.Sequential(m)\nm",
    "a module that holds itself": "s = ts.nn.Sequential(); s.add_module('self', s); s",
}


@pytest.mark.parametrize("name", DEEP)
def test_values_too_deep_to_show_leave_the_kernel_alive(kernel: Client, name: str) -> None:
    kernel.run("import tapescope as ts")
    outcome = kernel.run(DEEP[name])
    assert outcome.of("error", "execute_result"), outcome
    assert kernel.value("1 + 1") == "2"


def test_lists_too_deep_for_a_tensor_are_refused(kernel: Client) -> None:
    outcome = kernel.run("import tapescope as ts\n" + NESTED + "ts.tensor(n)")
    assert outcome.reply["ename"] == "ValueError" and "nested" in outcome.reply["evalue"]


def test_a_cell_too_deep_for_the_compiler_keeps_its_count(kernel: Client) -> None:
    outcome = kernel.run(RECURSIONS["the compiler"])
    assert outcome.reply["execution_count"] == outcome.of("execute_input")[0]["execution_count"]
    assert outcome.reply["traceback"] == outcome.of("error")[0]["traceback"]
    assert kernel.value("1 + 1") == "2"
