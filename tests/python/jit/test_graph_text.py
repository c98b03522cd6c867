"""Graphs as text: what parse_ir reads, and what it says of what it cannot read."""

import re

import pytest

import tapescope as ts
from tapescope import jit

TEXT = """graph(%x.1 : Float(2, 3),
      %y : (Tensor, int[])):
  %2 : Float() = prim::Constant[value={2}]() # /a b/c.py:5:0
  %a : Float(2, 3) = aten::mul(%x.1, %2), scope: __module.l/__module.l.m # /a b/c.py:5:0
  %b : Tensor, %c : int[] = prim::TupleUnpack(%y)
  %7 : str = prim::Constant[value="a\\"b\\\\c\\012d"]()
  %8 : float = prim::Constant[value=-0.5]()
  %9 : NoneType = prim::Constant()
  %10 : Dict(str, Tensor) = prim::DictConstruct(%7, %b)
  %11 : Tensor = ^Scale[inplace=0, module="m", Subgraph=<Graph>](3, "(")(%a, %b)
  return (%11)
"""


def refused(text, match=r"line \d+, column \d+"):
    with pytest.raises(ValueError, match=match) as error:
        jit.parse_ir(text)
    return str(error.value)


def one(line, inputs="%x : Tensor", result="%x"):
    return f"graph({inputs}):\n  {line}\n  return ({result})\n"


# --- what it reads


def test_a_text_of_everything_reads_back():
    assert str(jit.parse_ir(TEXT)) == TEXT


def test_reading_twice_is_reading_once():
    assert str(jit.parse_ir(str(jit.parse_ir(TEXT)))) == TEXT


def test_what_was_read_is_a_graph():
    graph = jit.parse_ir(TEXT)
    assert [v.debugName() for v in graph.inputs()] == ["x.1", "y"]
    assert graph.findNode("aten::mul").scopeName() == "__module.l/__module.l.m"
    assert "/a b/c.py" in graph.findNode("aten::mul").sourceRange()
    texts = [n.toIValue() for n in graph.findAllNodes("prim::Constant")]
    assert texts[1:] == ['a"b\\c\nd', -0.5, None] and texts[0].item() == 2


def test_a_copy_prints_alike():
    graph = jit.parse_ir(TEXT)
    copy = graph.copy()
    assert [n.kind() for n in copy.nodes()] == [n.kind() for n in graph.nodes()]


def test_space_and_comments_are_free():
    loose = "graph ( %x:Tensor )  :  # one\n\n %1:Tensor=aten::sin ( %x )\n#two\n return ( %1 )  # three"
    assert "aten::sin(%x)" in str(jit.parse_ir(loose))


def test_carriage_returns_are_space():
    text = TEXT.split("%7")[0] + "return (%a)\n"
    assert jit.parse_ir(text.replace("\n", "\r\n")).findNode("aten::mul") is not None


@pytest.mark.parametrize(
    "shown",
    ["Tensor", "Float(2, 3)", "Double()", "Half(0)", "BFloat16(1)", "Long(1, 2, 3)", "Int(2)", "Short(2)", "Char(2)",
     "Byte(2)", "Bool(2)", "ComplexFloat(2)", "ComplexDouble(2)", "int", "float", "bool", "str", "NoneType", "int[]",
     "Tensor[][]", "()", "(Tensor)", "(Tensor, (int, float[]))", "Dict(str, Tensor)", "Dict(int, (Tensor, Tensor)[])",
     "__module__.a.b.C"],
)  # fmt: skip
def test_types_read_back(shown):
    text = f"graph(%x : {shown}):\n  return (%x)\n"
    assert str(jit.parse_ir(text)) == text


@pytest.mark.parametrize(
    ("dtype", "values"),
    [
        ("float32", [0.1, -0.0, 1e-45, 3.4e38, float("inf"), float("-inf"), float("nan"), 1 / 3]),
        ("float64", [0.1, -0.0, 5e-324, 1.7e308, float("inf"), float("nan"), 1 / 3, 1e22]),
        ("float16", [0.1, -0.0, 65504, 6e-8, float("inf"), 1 / 3]),
        ("bfloat16", [0.1, -0.0, 3e38, 1 / 3]),
        ("int64", [2**63 - 1, -(2**63), 0, -1]),
        ("uint8", [0, 255]),
        ("int8", [-128, 127]),
        ("bool", [True, False]),
    ],
)
def test_elements_read_back_bit_for_bit(dtype, values):
    kept = ts.tensor(values, dtype=getattr(ts, dtype))
    graph = jit.trace(lambda x: ts.cat([kept, kept[:1]]).float() + x, ts.ones(1), check_trace=False).graph
    again = jit.parse_ir(str(graph))
    assert str(again) == str(graph)
    value = again.findNode("prim::Constant").toIValue()
    assert value.dtype == kept.dtype and repr(value.tolist()) == repr(kept.tolist())


@pytest.mark.parametrize("number", [0.1, 1e22, 1e-7, -0.0, 1e300, 5e-324, 123456789.125, float("nan")])
def test_numbers_read_back_bit_for_bit(number):
    graph = jit.trace(lambda x: x.clamp(number), ts.ones(1), check_trace=False).graph
    again = jit.parse_ir(str(graph))
    value = next(n.toIValue() for n in again.findAllNodes("prim::Constant") if isinstance(n.toIValue(), float))
    assert repr(value) == repr(number) and str(again) == str(graph)


@pytest.mark.parametrize("shown", ["inf", "-inf", "nan", "-0.", "1e+22", "5e-324", "0.1", "-3."])
def test_numbers_as_they_print_read_back(shown):
    text = one(f"%1 : float = prim::Constant[value={shown}]()", result="%1")
    assert str(jit.parse_ir(text)) == text
    assert repr(jit.ScriptFunction(jit.parse_ir(text))(ts.ones(1))) == repr(float(shown))


def test_large_and_complex_constants_are_not_in_the_text():
    big = ts.rand(100)
    graph = jit.trace(lambda x: x * big, ts.ones(1)).graph
    assert "prim::Constant[value=<Tensor>]" in str(graph) and str(jit.parse_ir(str(graph))) == str(graph)
    with pytest.raises(ValueError, match="whose elements the graph's text does not hold"):
        jit.ScriptFunction(jit.parse_ir(str(graph)))


def test_a_place_of_any_file_name_reads_back(tmp_path):
    source = "def f(x):\n    return x.sin()\n"
    for file in ("<stdin>", "a b.py", "x:1:0", "a # b.py", "日.py", "c, scope: d.py"):
        scope = {}
        exec(compile(source, file, "exec"), scope)
        graph = jit.trace(scope["f"], ts.ones(1)).graph
        assert str(jit.parse_ir(str(graph))) == str(graph), file


# --- what it refuses

MALFORMED = [
    "",
    " ",
    "#",
    "graph",
    "graph(",
    "graph()",
    "graph():",
    "graph():\n",
    "grap(%x : Tensor):\n  return (%x)\n",
    "graph(%x):\n  return (%x)\n",
    "graph(x : Tensor):\n  return (x)\n",
    "graph(%x : Tensr):\n  return (%x)\n",
    "graph(%x : Float(2):\n  return (%x)\n",
    "graph(%x : Float(-2)):\n  return (%x)\n",
    "graph(%x : Float(a)):\n return (%x)",
    "graph(%x : Float):\n  return (%x)\n",
    "graph(%x : Float(99999999999999999999)):\n  return (%x)\n",
    "graph(%x : Tensor, %x : Tensor):\n  return (%x)\n",
    "graph(%x : Tensor)\n  return (%x)\n",
    "graph(%x : Tensor):\n  return %x\n",
    "graph(%x : Tensor):\n  return (%y)\n",
    "graph(%x : Tensor):\n  return (%x\n",
    "graph(%x : Tensor):\n  return (%x) more\n",
    "graph(%x : Tensor[):\n  return (%x)\n",
    "graph(%x : Dict(str)):\n return (%x)\n",
    "graph(%x : (Tensor):\n  return (%x)\n",
    "graph(%x : " + "(" * 500 + "):\n",
    "graph(%x : int" + "[]" * 500 + "):\n  return (%x)\n",
    "graph(%x : " + "Dict(str, " * 500 + "):\n",
    "graph(%x : Float(" + "1, " * 100 + "1)):\n  return (%x)\n",
    one("%1 : Tensor = sin(%x)"),
    one("%1 : Tensor = aten::sin(%x"),
    one("%1 : Tensor = aten::sin(%2)"),
    one("%1 : Tensor aten::sin(%x)"),
    one("%1 = aten::sin(%x)"),
    one("%1 : Tensor = aten::sin %x"),
    one("%x : Tensor = aten::sin(%x)"),
    one("%1 : Tensor, = aten::sin(%x)"),
    one("%1 : Tensor = aten::sin[](%x)"),
    one("%1 : Tensor = aten::sin[a](%x)"),
    one("%1 : Tensor = aten::sin[a=](%x)"),
    one("%1 : Tensor = aten::sin[a=1(%x)"),
    one("%1 : int = prim::Constant[value=1e](%x)"),
    one("%1 : int = prim::Constant[value=--1]()"),
    one("%1 : int = prim::Constant[value=99999999999999999999]()"),
    one('%1 : str = prim::Constant[value="a]()'),
    one('%1 : str = prim::Constant[value="a\\'),
    one('%1 : str = prim::Constant[value="\\9"]()') + "\\",
    one('%1 : str = prim::Constant[value="\\777"]()'),
    one('%1 : str = prim::Constant[value="\\01"]()'),
    one("%1 : Tensor = prim::Constant[value={1}]()"),
    one("%1 : Float(2) = prim::Constant[value={1}]()"),
    one("%1 : Float(1) = prim::Constant[value={1, 2}]()"),
    one("%1 : Float(1) = prim::Constant[value={a}]()"),
    one("%1 : Long(1) = prim::Constant[value={1.5}]()"),
    one("%1 : ComplexFloat(1) = prim::Constant[value={1}]()"),
    one("%1 : Float(99999, 99999) = prim::Constant[value={}]()"),
    one("%1 : Float(1) = prim::Constant[value=<Tensor:0>]()"),
    one("%1 : Float(1) = prim::Constant[value=<Tensor:-1>]()"),
    one("%1 : Float(1) = prim::Constant[value=<Tensor:x>]()"),
    one("%1 : Float(1) = prim::Constant[value=<Foo>]()"),
    one("%1 : Tensor = ^A(%x)"),
    one("%1 : Tensor = ^A(1"),
    one("%1 : Tensor = ^A('1)(%x)"),
    one("%1 : Tensor = ^(1)(%x)"),
    one('%1 : Tensor = ^A("\\'),
    one("%1 : Tensor = prim::FusionGroup_0(%x)"),
    one("%1 : Tensor = prim::FusionGroup_0(%x)") + "with prim::FusionGroup_1 = graph():\n  return ()\n",
    one("") + "with prim::FusionGroup_0 = graph():\n  return ()\n",
    one("%1 : Tensor = prim::FusionGroup_0(%x)") + "with prim::FusionGroup_0 = graph(",
    one("%1 : Tensor = aten::sin(%x), scope: " + "a/" * 500),
    "graph(%x : Tensor):\n\0",
    "\xff\xfe",
    "graph(%\0 : Tensor):\n  return (%\0)\n",
]


@pytest.mark.parametrize("text", MALFORMED, ids=range(len(MALFORMED)))
def test_malformed_texts_are_refused(text):
    refused(text, "parse_ir")


@pytest.mark.parametrize("text", [t for t in MALFORMED if "<Tensor:" not in t][::3])
def test_the_message_has_line_and_column(text):
    message = refused(text)
    line, column = map(int, re.search(r"line (\d+), column (\d+)", message).groups())
    lines = text.split("\n")
    assert 1 <= line <= len(lines) and 1 <= column <= len(lines[line - 1].encode()) + 1


def test_the_message_names_what_it_wanted_and_found():
    message = refused("graph(%x : Tensor):\n  %1 : Tensor = aten::sin(%y)\n  return (%1)\n")
    assert message == "parse_ir: line 2, column 29: expected a value that was made before, not %y, but found ')'"


def test_a_constant_that_is_not_there_has_its_place_too():
    refused(one("%1 : Float(1) = prim::Constant[value=<Tensor:3>]()"))


@pytest.mark.parametrize("end", range(len(TEXT) - 1))
def test_every_prefix_is_refused(end):
    refused(TEXT[:end])


def test_a_text_with_a_byte_changed_is_read_or_refused():
    for at in range(len(TEXT)):
        for c in ("%", "(", "\0", "9", '"', "\n", "\xe9"):
            try:
                str(jit.parse_ir(TEXT[:at] + c + TEXT[at + 1 :]))
            except ValueError as error:
                assert "parse_ir" in str(error)


def test_a_number_too_large_for_a_float_is_refused_or_infinite():
    try:
        graph = jit.parse_ir(one("%1 : float = prim::Constant[value=1e999]()"))
    except ValueError:
        return
    assert graph.findNode("prim::Constant").toIValue() == float("inf")


@pytest.mark.parametrize("given", [None, 3, b"graph"], ids=repr)
def test_other_than_text_is_refused(given):
    with pytest.raises((TypeError, ValueError)):
        jit.parse_ir(given)
