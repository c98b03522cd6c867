"""What may go into a trace and come out of it: tensors, and tuples, lists and dicts of them."""

import warnings

import pytest

import tapescope as ts
from tapescope import jit


def x2():
    return ts.tensor([1.0, 2.0])


def lists(value):
    """The same structure with lists of numbers for tensors."""
    if isinstance(value, ts.Tensor):
        return value.tolist()
    if isinstance(value, (tuple, list)):
        return type(value)(lists(v) for v in value)
    if isinstance(value, dict):
        return {k: lists(v) for k, v in value.items()}
    return value


# --- in


def test_one_tensor_given_twice_is_two_inputs():
    x = x2()
    traced = jit.trace(lambda a, b: a - b, (x, x))
    assert len(traced.graph.inputs()) == 2
    assert traced(ts.tensor([5.0]), ts.tensor([3.0])).tolist() == [2]


def test_one_tensor_given_twice_in_a_tuple_is_two_inputs():
    x = x2()
    traced = jit.trace(lambda p: p[0] - p[1], ((x, x),))
    assert traced((ts.tensor([5.0]), ts.tensor([3.0]))).tolist() == [2]


def test_one_tensor_given_twice_keeps_its_gradient():
    x = ts.rand(2, requires_grad=True)
    traced = jit.trace(lambda a, b: a * b, (x, x))
    traced(x, x).sum().backward()
    assert x.grad.tolist() == (2 * x).tolist()


INPUTS = {
    "tuple": (lambda p: p[0] - p[1], (x2(), x2() * 2)),
    "list": (lambda p: p[0] - p[1], [x2(), x2() * 2]),
    "dict": (lambda d: d["a"] - d["b"], {"a": x2(), "b": x2() * 2}),
    "tuple_of_tuple": (lambda p: p[0] * p[1][0] - p[1][1], (x2(), (x2(), x2() * 3))),
    "dict_of_list": (lambda d: d["a"][0] - d["a"][1], {"a": [x2(), x2() * 2]}),
    "list_of_dict": (lambda p: p[0]["k"] * p[1]["k"], [{"k": x2()}, {"k": x2()}]),
    "dict_of_dict": (lambda d: d["a"]["b"] * 2, {"a": {"b": x2()}}),
    "dict_with_numbers": (lambda d: d[1] - d[2], {1: x2(), 2: x2() * 2}),
}


@pytest.mark.parametrize("name", INPUTS)
def test_structures_of_inputs(name):
    f, example = INPUTS[name]
    traced = jit.trace(f, (example,))
    assert traced(example).tolist() == f(example).tolist()
    assert str(jit.parse_ir(str(traced.graph))) == str(traced.graph)


def test_structures_of_inputs_are_unpacked_in_the_graph():
    def text(name):
        return str(jit.trace(INPUTS[name][0], (INPUTS[name][1],)).graph)

    assert "prim::TupleUnpack" in text("tuple") and "prim::ListUnpack" in text("list")
    assert 'prim::Constant[value="a"]' in text("dict") and "aten::__getitem__" in text("dict")


def test_a_dict_may_have_its_keys_in_another_order():
    traced = jit.trace(lambda d: d["a"] - d["b"], ({"a": x2(), "b": x2()},))
    assert traced({"b": ts.ones(2), "a": ts.zeros(2), "more": x2()}).tolist() == [-1, -1]


@pytest.mark.parametrize("bad", [3, 2.5, "text", None, (x2(), 3), {"a": None}], ids=repr)
def test_what_holds_no_tensors_is_no_input(bad):
    with pytest.raises(RuntimeError, match="Only tensors or .*possibly nested.* dict or tuples of tensors can be inputs"):
        jit.trace(lambda x, y: x * 2, (x2(), bad))


@pytest.mark.parametrize("bad", [{1}, object(), 1j, b"x", range(3), 2**70], ids=["set", "object", "complex", "bytes", "range", "big"])
def test_other_objects_are_no_inputs_and_are_named(bad):
    with pytest.raises((RuntimeError, TypeError), match=r"input 1|[Oo]nly tensors") as error:
        jit.trace(lambda x, y: x * 2, (x2(), bad))
    assert type(bad).__name__ in str(error.value)


def test_an_input_that_is_not_used():
    traced = jit.trace(lambda x, y: x * 2, (x2(), x2()))
    assert traced(ts.ones(1), ts.ones(5)).tolist() == [2]


def test_inputs_may_be_a_list():
    assert jit.trace(lambda x, y: x - y, [x2(), x2()])(ts.ones(1), ts.ones(1)).tolist() == [0]


def test_no_inputs_at_all():
    traced = jit.trace(lambda: ts.arange(3) * 2, ())
    assert traced().tolist() == [0, 2, 4]


# --- out

STRICT = {
    "tuple": lambda x: (x + 1, x * 2),
    "tuple_of_one": lambda x: (x + 1,),
    "tuple_of_tuples": lambda x: (x + 1, (x * 2, (x * 3,))),
    "same_twice": lambda x: (lambda y: (y, y))(x + 1),
    "input": lambda x: x,
    "input_and_more": lambda x: (x, x + 1),
}
LOOSE = STRICT | {
    "list": lambda x: [x + 1, x * 2],
    "list_in_tuple": lambda x: (x, [x + 1, x * 2]),
    "dict": lambda x: {"a": x + 1, "b": x * 2},
    "dict_of_tuples": lambda x: {"a": (x + 1, x * 2)},
    "tuple_of_dict": lambda x: (x, {"a": x + 1}),
}


@pytest.mark.parametrize("name", STRICT)
def test_outputs_of_a_strict_trace(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        traced = jit.trace(STRICT[name], x2())
    assert lists(traced(x2())) == lists(STRICT[name](x2()))
    assert str(jit.parse_ir(str(traced.graph))) == str(traced.graph)


@pytest.mark.parametrize("name", LOOSE)
def test_outputs_of_a_loose_trace(name):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        traced = jit.trace(LOOSE[name], x2(), strict=False)
    assert lists(traced(x2())) == lists(LOOSE[name](x2()))
    assert str(jit.parse_ir(str(traced.graph))) == str(traced.graph)


def test_a_tuple_is_constructed():
    assert "(Float(2), Float(2)) = prim::TupleConstruct" in str(jit.trace(STRICT["tuple"], x2()).graph)


def test_a_list_warns_in_a_strict_trace():
    with pytest.warns(jit.TracerWarning, match="Encountering a list at the output of the tracer"):
        traced = jit.trace(LOOSE["list"], x2())
    assert lists(traced(x2())) == [[2, 3], [2, 4]] and "Tensor[] = prim::ListConstruct" in str(traced.graph)


def test_a_dict_is_refused_in_a_strict_trace():
    with pytest.raises(RuntimeError, match="Encountering a dict at the output of the tracer.*strict=False"):
        jit.trace(LOOSE["dict"], x2())


def test_keys_of_a_dict_are_texts_or_tensors():
    with pytest.raises(RuntimeError, match="key|Union"):
        jit.trace(lambda x: {1: x * 2}, x2(), strict=False)


@pytest.mark.parametrize("value", [3, None, [1], {"b": 2}, "text"], ids=repr)
def test_members_of_a_dict_are_tensors_or_tuples_of_them(value):
    with pytest.raises(RuntimeError):
        jit.trace(lambda x: {"a": value, "c": x * 2}, x2(), strict=False)


@pytest.mark.parametrize("result", [3, 2.5, True, "text", (1,), [1], [[ts.ones(1)]]], ids=repr)
def test_other_results_are_refused(result):
    with pytest.raises(RuntimeError, match="Only tensors, lists, tuples of tensors, or dictionary of tensors can be"):
        jit.trace(lambda x: result, x2(), strict=False)


def test_a_tensor_from_outside_is_no_output():
    outside = x2()
    with pytest.raises(RuntimeError, match="output .* of traced region did not have observable data dependence"):
        jit.trace(lambda x: outside, x2())


def test_a_constant_of_the_trace_is_no_output():
    outside = x2()
    with pytest.raises(RuntimeError, match="did not have observable data dependence"):
        jit.trace(lambda x: (x * outside, outside), x2())


def test_the_message_counts_the_outputs():
    outside = x2()
    with pytest.raises(RuntimeError, match="output 1 "):
        jit.trace(lambda x: (x * 2, outside), x2())


def test_none_in_a_tuple_stays_none():
    traced = jit.trace(lambda x: (x * 2, None), x2())
    assert traced(x2())[1] is None


def test_an_input_given_back_is_the_same_tensor():
    x = x2()
    assert jit.trace(lambda x: x, x2())(x) is x


def test_two_outputs_that_look_alike_are_two_tensors():
    traced = jit.trace(lambda x: (x * 2, x * 2), x2())
    a, b = traced(x2())
    a.add_(100)
    assert b.tolist() == [2, 4]


def test_empty_structures():
    traced = jit.trace(lambda x: (x * 2, ()), x2())
    assert traced(x2())[1] == () and str(jit.parse_ir(str(traced.graph))) == str(traced.graph)
