"""Custom Functions in a trace: one node ^Name with its body as a Subgraph."""

import gc
import weakref

import pytest

import tapescope as ts
from tapescope import jit
from tapescope.autograd import Function


class Scale(Function):
    @staticmethod
    def forward(ctx, x, factor, y):
        ctx.factor = factor
        ctx.save_for_backward(x)
        return x * x * factor + y

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 2 * x * ctx.factor, None, grad


class Pair(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2, x.sin()

    @staticmethod
    def backward(ctx, a, b):
        return a * 2 + b


class One(Function):
    @staticmethod
    def forward(ctx, x):
        return (x * 2,)

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


class AddOne(Function):
    @staticmethod
    def forward(ctx, x):
        x.add_(1)
        ctx.mark_dirty(x)
        return x

    @staticmethod
    def backward(ctx, grad):
        return grad


class Same(Function):
    @staticmethod
    def forward(ctx, x):
        return x.view_as(x)

    @staticmethod
    def backward(ctx, grad):
        return grad


def custom(graph):
    return next(n for n in graph.nodes() if n.kind().startswith("^"))


def scaled(x, y):
    return Scale.apply(x, 3.0, y)


def traced_scale():
    return jit.trace(scaled, (ts.rand(2), ts.rand(2)))


def test_a_custom_function_is_one_node():
    text = str(traced_scale().graph)
    assert '^Scale[inplace=0, module="test_custom_functions", Subgraph=<Graph>](3.0)(%x, %y)' in text


def test_its_attributes_are_in_pytorchs_order():
    assert custom(traced_scale().graph).attributeNames() == ["inplace", "module", "Subgraph"]


def test_its_body_is_in_the_subgraph_only():
    graph = traced_scale().graph
    assert [n.kind() for n in graph.nodes()] == ["^Scale"]
    inner = custom(graph).attribute("Subgraph")
    ops = [n.kind() for n in inner.nodes() if n.kind() != "prim::Constant"]
    assert ops == ["aten::mul", "aten::mul", "aten::add"] and len(inner.inputs()) == 2 and len(inner.outputs()) == 1


def test_its_place_is_where_it_was_applied():
    stack = custom(traced_scale().graph).sourceRange().split("\n")
    assert any(line.startswith(f"{__file__}(") and line.endswith(": scaled") for line in stack[:2])


def test_a_function_of_one_output_has_no_tuple():
    graph = traced_scale().graph
    assert repr(custom(graph).output()).endswith(" : Float(2)")
    assert graph.findNode("prim::TupleUnpack") is None


def test_a_function_of_two_outputs_gives_a_tuple_that_is_unpacked():
    graph = jit.trace(lambda x: (lambda a, b: a + b)(*Pair.apply(x)), ts.rand(2)).graph
    assert "(Float(2), Float(2)) = ^Pair" in str(graph)
    assert [n.kind() for n in graph.nodes()] == ["^Pair", "prim::TupleUnpack", "aten::add"]


def test_a_function_that_returns_a_tuple_of_one_is_unpacked():
    graph = jit.trace(lambda x: One.apply(x)[0] + 1, ts.rand(2)).graph
    assert "(Float(2)) = ^One" in str(graph) and graph.findNode("prim::TupleUnpack") is not None


def test_inplace_is_one_where_something_was_marked_dirty():
    traced = jit.trace(lambda x: AddOne.apply(x * 2) * 3, ts.rand(2))
    assert custom(traced.graph).attribute("inplace") == 1
    assert traced(ts.ones(2)).tolist() == [9, 9]


def test_a_function_whose_result_is_not_used_is_kept_as_it_may_do_anything():
    graph = jit.trace(lambda x: (Scale.apply(x, 2.0, x), x.sin())[1], ts.rand(2)).graph
    assert "aten::sin" in str(graph) and "aten::mul" not in str(graph)


@pytest.mark.parametrize(
    ("scalar", "shown"),
    [(3, "3"), ("it's", '"it\'s"'), (None, "None"), (True, "True"), ([1, 2], "[1, 2]"), (-1.5, "-1.5")],
)
def test_scalar_arguments_are_shown(scalar, shown):
    class Takes(Function):
        @staticmethod
        def forward(ctx, x, what):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad, None

    traced = jit.trace(lambda x: Takes.apply(x, scalar), ts.rand(2))
    assert f"]({shown})(%x)" in str(traced.graph)
    assert str(jit.parse_ir(str(traced.graph))) == str(traced.graph)


@pytest.mark.parametrize(
    "scalar", [(1, (2,)), {"a": ")"}, 1j, object(), "a\n)(", "\\", b")", type], ids=lambda scalar: type(scalar).__name__
)
def test_a_graph_with_odd_scalars_reads_back(scalar):
    class Takes(Function):
        @staticmethod
        def forward(ctx, x, what):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad, None

    graph = jit.trace(lambda x: Takes.apply(x, scalar), ts.rand(2)).graph
    assert str(jit.parse_ir(str(graph))) == str(graph)


def test_a_broken_repr_of_a_scalar_does_no_harm():
    class Broken:
        def __repr__(self):
            raise ValueError("no repr")

    broken = Broken()

    class Takes(Function):
        @staticmethod
        def forward(ctx, x, what):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad, None

    assert "<" in str(jit.trace(lambda x: Takes.apply(x, broken), ts.rand(2)).graph)


def test_replay_calls_the_function_and_its_backward():
    traced = traced_scale()
    x, y = ts.tensor([1.0, 2.0], requires_grad=True), ts.tensor([3.0, 4.0], requires_grad=True)
    out = traced(x, y)
    assert out.tolist() == [6, 16] and out.grad_fn.name() == "ScaleBackward"
    out.sum().backward()
    assert x.grad.tolist() == [6, 12] and y.grad.tolist() == [1, 1]


def test_replay_of_a_pair():
    traced = jit.trace(lambda x: Pair.apply(x), ts.rand(2))
    a, b = traced(ts.zeros(3))
    assert a.tolist() == [0, 0, 0] and b.tolist() == [0, 0, 0]


def test_replay_of_a_view():
    traced = jit.trace(lambda x: Same.apply(x * 2) + 1, ts.rand(2))
    assert traced(ts.ones(2)).tolist() == [3, 3]


def test_a_function_inside_a_function():
    class Outer(Function):
        @staticmethod
        def forward(ctx, x):
            return Scale.apply(x, 2.0, x) + 1

        @staticmethod
        def backward(ctx, grad):
            return grad

    traced = jit.trace(lambda x: Outer.apply(x), ts.rand(2))
    assert [n.kind() for n in traced.graph.nodes()] == ["^Outer"]
    assert traced(ts.ones(2)).tolist() == [4, 4]


def test_the_same_function_twice():
    traced = jit.trace(lambda x: Scale.apply(Scale.apply(x, 1.0, x), 2.0, x), ts.rand(2))
    assert traced(ts.ones(1)).tolist() == [9]


def test_a_function_that_fails_abandons_the_trace():
    class Fails(Function):
        @staticmethod
        def forward(ctx, x):
            raise ValueError("inside of forward")

        @staticmethod
        def backward(ctx, grad):
            return grad

    with pytest.raises(ValueError, match="inside of forward"):
        jit.trace(lambda x: Fails.apply(x), ts.rand(2))
    assert not jit.is_tracing()


def test_a_function_that_fails_and_is_caught_leaves_a_trace_that_runs():
    class Fails(Function):
        @staticmethod
        def forward(ctx, x):
            x * 2
            raise ValueError("inside of forward")

        @staticmethod
        def backward(ctx, grad):
            return grad

    def f(x):
        try:
            return Fails.apply(x)
        except ValueError:
            return x.sin()

    assert jit.trace(f, ts.rand(2), check_trace=False)(ts.zeros(2)).tolist() == [0, 0]


def test_the_node_keeps_the_class_alive_no_longer_than_the_graph():
    class Local(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad

    traced = jit.trace(Local.apply, ts.rand(2))
    alive = weakref.ref(Local)
    del Local
    gc.collect()
    assert alive() is not None and traced(ts.ones(1)).tolist() == [2]
    del traced
    gc.collect()
    assert alive() is None


def test_a_function_read_from_text_cannot_run_and_says_why():
    graph = jit.parse_ir(str(traced_scale().graph))
    with pytest.raises(NotImplementedError, match="a custom Function is Python code"):
        jit.ScriptFunction(graph)(ts.rand(2), ts.rand(2))
