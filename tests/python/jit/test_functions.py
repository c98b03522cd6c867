"""A traced function: its graph, where its nodes come from, its inputs by position and by name."""

import pytest

import tapescope as ts
from tapescope import _C, jit


def kinds(graph):
    return [n.kind() for n in graph.nodes() if n.kind() != "prim::Constant"]


def line_of(function, text):
    """The number of the line of this file, at or behind `function`, that holds the text."""
    lines = open(__file__).read().split("\n")
    first = function.__code__.co_firstlineno
    return next(i for i in range(first, len(lines) + 1) if text in lines[i - 1])


def shifted(x, y):
    scaled = x * 2  # here
    return (scaled + y).tanh()


def traced_shift():
    return jit.trace(shifted, (ts.rand(2, 3), ts.rand(2, 3)))


# --- graph and places


def test_a_graph_holds_the_ops_in_order():
    assert kinds(traced_shift().graph) == ["aten::mul", "aten::add", "aten::tanh"]


def test_each_node_prints_file_and_line():
    text = str(traced_shift().graph)
    assert f"aten::mul(%x, %2) # {__file__}:{line_of(shifted, '# here')}:0" in text


def test_a_graph_prints_without_places_on_demand():
    assert "#" not in traced_shift().graph.str(False)


def test_the_source_range_is_the_whole_stack_innermost_first():
    stack = traced_shift().graph.findNode("aten::mul").sourceRange().split("\n")
    assert stack[0] == f"{__file__}({line_of(shifted, '# here')}): shifted"
    mine = [s for s in stack if s.startswith(__file__)]
    assert [s.rsplit(" ", 1)[1] for s in mine][:3] == [
        "shifted",
        "traced_shift",
        "test_the_source_range_is_the_whole_stack_innermost_first",
    ]


def test_frames_of_the_library_are_in_the_source_range():
    graph = jit.trace(ts.nn.Linear(3, 2), ts.rand(1, 3)).inlined_graph
    stack = graph.findNode("aten::linear").sourceRange().split("\n")
    assert stack[0].split("(")[0].endswith("tapescope/nn/linear.py") and stack[0].endswith(": forward")


def test_frames_of_the_tracer_in_c_are_not_in_the_source_range():
    assert ".cpp" not in traced_shift().graph.findNode("aten::tanh").sourceRange()


def test_the_stack_of_now_can_be_asked_for():
    assert _C._source_stack().split("\n")[0].startswith(f"{__file__}(")


def test_types_print_dtype_and_shape():
    values = traced_shift().graph.inputs()
    assert [repr(v) for v in values] == ["%x : Float(2, 3)", "%y : Float(2, 3)"]


def test_a_graph_reads_back_what_it_wrote():
    graph = traced_shift().graph
    assert str(jit.parse_ir(str(graph))) == str(graph)


# --- results


def test_the_result_is_that_of_the_function():
    traced, x, y = traced_shift(), ts.rand(4, 5), ts.rand(4, 5)
    assert traced(x, y).tolist() == shifted(x, y).tolist()


def test_a_function_without_a_result_is_refused():
    with pytest.raises(RuntimeError, match="The traced function didn't return any values! Side-effects are not"):
        jit.trace(lambda x: None, ts.rand(2))


def test_create_graph_by_tracing_gives_graph_and_outputs():
    x = ts.rand(2)
    graph, out = _C._create_graph_by_tracing(lambda a: a * 2, (x,), None, True, False)
    assert kinds(graph) == ["aten::mul"] and out.tolist() == (x * 2).tolist()


def test_an_input_without_argument_name_has_a_number():
    graph, _ = _C._create_graph_by_tracing(lambda *a: a[0].sin(), (ts.rand(2),), None, True, False)
    assert graph.inputs()[0].debugName() == "0"


def test_defaults_leave_more_names_than_inputs():
    def f(x, y=None):
        return x * 2 if y is None else x * y

    assert [v.debugName() for v in jit.trace(f, ts.rand(2)).graph.inputs()] == ["x"]


# --- inputs by name


def weighted(x, weight, bias):
    return x * weight + bias


def test_inputs_by_name_are_in_the_order_of_the_declaration():
    given = {"bias": ts.rand(2), "x": ts.rand(2), "weight": ts.rand(2)}
    traced = jit.trace(weighted, example_kwarg_inputs=given)
    assert [v.debugName() for v in traced.graph.inputs()] == ["x", "weight", "bias"]
    assert traced(given["x"], given["weight"], given["bias"]).tolist() == weighted(**given).tolist()


def test_with_dict_keeps_only_the_names_that_are_there():
    def f(x, skipped=None, y=None):
        return x + y

    given = {"y": ts.rand(2), "x": ts.rand(2)}
    graph, _ = _C._create_graph_by_tracing_with_dict(f, given, None, True, False, None, ["x", "skipped", "y"])
    assert [v.debugName() for v in graph.inputs()] == ["x", "y"]


def test_a_traced_function_takes_arguments_by_name():
    traced = jit.trace(weighted, example_kwarg_inputs={"x": ts.ones(1), "weight": ts.ones(1), "bias": ts.ones(1)})
    out = traced(bias=ts.tensor([1.0]), weight=ts.tensor([2.0]), x=ts.tensor([3.0]))
    assert out.tolist() == [7]


def test_inputs_by_name_may_be_in_any_order_for_any_check_input():
    given = {"bias": ts.rand(2), "weight": ts.rand(2), "x": ts.rand(2)}
    other = {"x": ts.rand(2), "weight": ts.rand(2), "bias": ts.rand(2)}
    jit.trace(weighted, example_kwarg_inputs=given, check_inputs=[other, given])


def test_inputs_by_name_in_any_order_pass_the_check_without_a_warning(recwarn):
    jit.trace(weighted, example_kwarg_inputs={"bias": ts.rand(2), "weight": ts.rand(2), "x": ts.rand(2)})
    assert [str(w.message) for w in recwarn] == []


def test_a_function_of_any_names_takes_inputs_by_name():
    traced = jit.trace(lambda **named: named["a"] - named["b"], example_kwarg_inputs={"a": ts.ones(2), "b": ts.ones(2)})
    assert [v.debugName() for v in traced.graph.inputs()] == ["a", "b"]


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "3"),
        ((1, 1), {"bias": 1, "x": 1}, "multiple values for argument 'x'"),
        ((1,), {"wait": 1}, "unexpected keyword argument 'wait'"),
        ((1,), {"bias": 1}, "missing the argument 'weight'"),
        ((1, 1, 1, 1), {"bias": 1}, "takes 3 arguments, but 4"),
    ],
)
def test_wrong_arguments_are_named(args, kwargs, message):
    one = ts.ones(1)
    traced = jit.trace(weighted, (one, one, one))
    with pytest.raises(TypeError, match=message):
        traced(*[one for _ in args], **dict.fromkeys(kwargs, one))


def test_a_callable_object_can_be_traced():
    class Twice:
        def __call__(self, x):
            return x * 2

    traced = jit.trace(Twice(), ts.rand(2))
    assert traced(ts.ones(2)).tolist() == [2, 2] and traced.name == "Twice"


def test_functions_of_the_library_and_partials_can_be_traced():
    import functools

    assert jit.trace(ts.sin, ts.rand(2))(ts.zeros(2)).tolist() == [0, 0]
    assert jit.trace(functools.partial(ts.mul, other=ts.ones(2)), ts.rand(2))(ts.ones(2)).tolist() == [1, 1]


def test_a_traced_function_can_be_called_while_another_is_traced():
    inner = jit.trace(lambda x: x.sin() * 2, ts.rand(2))
    outer = jit.trace(lambda x: inner(x) + 1, ts.rand(2))
    assert kinds(outer.graph) == ["aten::sin", "aten::mul", "aten::add"]
    assert outer(ts.zeros(3)).tolist() == [1, 1, 1]
