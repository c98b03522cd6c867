"""Names of values: given when a value is consumed, by the variable that then holds it."""

import pytest

import tapescope as ts
from tapescope import _C, jit


def named(function, *inputs):
    """The names of the values that ops made."""
    graph = jit.trace(function, inputs or (ts.rand(2),), check_trace=False).graph
    return [v.debugName() for n in graph.nodes() if n.kind() != "prim::Constant" for v in n.outputs()]


def test_a_value_has_the_name_of_the_variable_that_holds_it():
    def f(x):
        wide = x * 2
        return wide.sin()

    assert named(f)[0] == "wide"


def test_a_value_that_is_not_consumed_is_not_named():
    def f(x):
        last = x.sin()
        return last

    assert named(f)[0].isdigit()


def test_an_unused_local_names_nothing():
    def f(x):
        unused = x.cos()  # noqa: F841
        also = x.sin()
        return also.tan() if hasattr(also, "tan") else also.tanh()

    assert named(f)[0] == "also"


def test_the_name_is_the_one_at_consumption():
    def f(x):
        before = x * 2
        after = before
        del before
        return after.sin()

    assert named(f)[0] == "after"


def test_a_value_without_a_variable_has_a_number():
    assert [name.isdigit() for name in named(lambda x: (x * 2).sin())] == [True, True]


def test_self_is_no_name():
    def f(x):
        self = x * 2
        return self.sin()

    assert named(f)[0].isdigit()


def test_a_name_taken_renames_the_old_owner_by_1_3_5():
    def f(x):
        x = x + 1
        x = x + 2
        x = x + 3
        return x.sin()

    graph = jit.trace(f, ts.rand(2)).graph
    assert [v.debugName() for v in graph.inputs()] == ["x.1"]
    assert named(f)[:3] == ["x.3", "x.5", "x"]


def renamed(*names):
    """Names of values of a graph after each was given its name in turn."""
    values = [v for n in jit.trace(lambda x: x.sin().cos().tanh().exp(), ts.rand(2)).graph.nodes() for v in n.outputs()]
    for value, name in zip(values, names, strict=False):
        value.setDebugName(name)
    return [v.debugName() for v in values[: len(names)]]


def test_renaming_by_hand():
    assert renamed("a", "a", "a") == ["a.1", "a.3", "a"]


def test_a_name_with_a_number_continues_from_it():
    assert renamed("a.7", "a.7") == ["a.8", "a.7"]


def test_renaming_skips_names_that_are_there():
    assert renamed("a.1", "a", "a") == ["a.1", "a.2", "a"]


def test_a_name_of_digits_alone_is_refused():
    with pytest.raises(ValueError, match="'12' is no name"):
        renamed("12")


def test_a_value_keeps_its_own_name():
    assert renamed("a", "b") == ["a", "b"]
    value = jit.trace(lambda x: x.sin(), ts.rand(2)).graph.inputs()[0]
    value.setDebugName("x")
    assert value.debugName() == "x"


def test_a_function_that_looks_names_up_can_be_given():
    graph, _ = _C._create_graph_by_tracing(
        lambda x: (x * 2).sin(), (ts.rand(2),), lambda tensor: "mine", True, False, None, []
    )
    assert "%mine" in str(graph)


def test_an_error_of_the_function_that_looks_names_up_comes_through():
    def lookup(tensor):
        raise LookupError("no names today")

    with pytest.raises(LookupError, match="no names today"):
        _C._create_graph_by_tracing(lambda x: (x * 2).sin(), (ts.rand(2),), lookup, True, False, None, [])
    assert not jit.is_tracing()


def test_names_in_other_alphabets_read_back():
    def f(größe):
        日 = größe * 2
        return 日.sin()

    graph = jit.trace(f, ts.rand(2)).graph
    assert "%größe" in str(graph) and "%日" in str(graph) and str(jit.parse_ir(str(graph))) == str(graph)


def test_names_in_comprehensions_and_inner_functions():
    def f(x):
        def inner(y):
            z = y * 2
            return z.sin()

        return inner(x)

    assert named(f)[0] == "z"


# --- values that are no inputs


def test_a_tensor_from_outside_is_a_constant():
    outside = ts.tensor([1.0, 2.0])
    graph = jit.trace(lambda x: x * outside, ts.rand(2)).graph
    assert graph.findNode("prim::Constant").toIValue().tolist() == [1, 2]
    assert "prim::Constant[value={1, 2}]()" in str(graph)


def test_a_tensor_from_outside_is_one_constant():
    outside = ts.rand(2)
    graph = jit.trace(lambda x: x * outside + outside, ts.rand(2)).graph
    assert len(graph.findAllNodes("prim::Constant")) == 1


def test_a_tensor_that_requires_grad_is_no_constant():
    outside = ts.rand(2, requires_grad=True)
    with pytest.raises(RuntimeError, match="Cannot insert a Tensor that requires grad as a constant"):
        jit.trace(lambda x: x * outside, ts.rand(2))


def test_a_module_that_is_not_under_the_traced_one_is_refused():
    inner = ts.nn.Linear(2, 2)
    with pytest.raises(RuntimeError, match=r"requires grad as a constant|must be registered as submodules"):
        jit.trace(lambda x: inner(x), ts.rand(1, 2))


def test_an_undefined_tensor_is_none():
    graph = jit.trace(lambda x: ts.linear(x, ts.ones(2, 2), None), ts.rand(1, 2)).graph
    assert "NoneType = prim::Constant()" in str(graph)


def test_numbers_texts_and_flags_are_constants():
    graph = jit.trace(lambda x: x.clamp(0.25, 0.75).sum(dim=1, keepdim=True), ts.rand(2, 3)).graph
    text = str(graph)
    assert "float = prim::Constant[value=0.25]" in text and "bool = prim::Constant[value=1]" in text
    assert "int[] = prim::ListConstruct" in text


def test_the_value_of_a_tensor_can_be_asked_for_and_set():
    def f(x):
        y = x * 2
        value = _C._get_value_trace(y)
        assert value.node().kind() == "aten::mul"
        _C._set_value_trace(y, value.node().inputs()[0])
        return y.sin()

    graph = jit.trace(f, ts.rand(2), check_trace=False).graph
    assert graph.findNode("aten::sin").inputs()[0].debugName() == "x"


def test_a_value_of_another_graph_is_refused():
    other = jit.trace(lambda x: x * 2, ts.rand(2)).graph.inputs()[0]

    def f(x):
        _C._set_value_trace(x, other)
        return x

    with pytest.raises(ValueError, match="a value of another graph"):
        jit.trace(f, ts.rand(2), check_trace=False)


def test_the_value_of_a_tensor_is_known_while_tracing_only():
    with pytest.raises(RuntimeError, match="no trace is open"):
        _C._get_value_trace(ts.rand(2))
