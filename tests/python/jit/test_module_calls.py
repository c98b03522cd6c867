"""What forward of a traced module takes and gives, and modules of several methods."""

import gc
import weakref

import pytest
from test_modules import Holder, Layer, calls, x23

import tapescope as ts
from tapescope import jit
from tapescope.nn import Linear, Module

# --- what forward takes and gives


def test_a_submodule_may_give_a_tuple():
    pair = Holder(lambda self, x: (x * 2, self.l(x)), l=Linear(3, 3))
    module = Holder(lambda self, x: (lambda a, b: a + b)(*self.pair(x)), pair=pair)
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist()
    assert "prim::TupleUnpack" in str(traced.graph)


def test_a_module_may_give_a_tuple_and_take_several_inputs():
    module = Holder(lambda self, x, y: (x + y, (self.l(x), y)), l=Linear(3, 3))
    traced, x, y = jit.trace(module, (x23(), x23())), x23(), x23()
    a, (b, c) = traced(x, y)
    wanted = module(x, y)
    assert a.tolist() == wanted[0].tolist() and b.tolist() == wanted[1][0].tolist() and c.tolist() == y.tolist()


def test_a_submodule_whose_result_is_not_used_leaves_no_call():
    module = Holder(lambda self, x: (self.l(x), x * 2)[1], l=Linear(3, 3))
    assert calls(jit.trace(module, x23()).graph) == []


def test_a_submodule_that_gives_its_input_back():
    module = Holder(lambda self, x: self.same(x) * 2, same=Holder(lambda self, x: x))
    traced = jit.trace(module, x23())
    assert traced(ts.ones(1, 3)).tolist() == [[2, 2, 2]]


def test_a_value_of_one_submodule_used_in_two_others():
    def body(self, x):
        a = self.first(x)
        return self.second(a) + self.third(a) + a

    module = Holder(body, first=Linear(3, 3), second=Linear(3, 3), third=Linear(3, 3))
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist() and len(calls(traced.graph)) == 3


def test_a_traced_module_inside_a_traced_module():
    inner = jit.trace(Layer(), x23())
    outer = Holder(lambda self, x: self.inner(x) + 1, inner=inner)
    traced, x = jit.trace(outer, x23()), x23()
    assert traced(x).tolist() == outer(x).tolist()


def test_keyword_inputs_of_a_module():
    class Two(Module):
        def forward(self, x, y):
            return x - y

    traced = jit.trace(Two(), example_kwarg_inputs={"y": ts.ones(2), "x": ts.ones(2)})
    assert [v.debugName() for v in traced.graph.inputs()] == ["self.1", "x", "y"]
    assert traced(y=ts.ones(1), x=ts.zeros(1)).tolist() == [-1]
    with pytest.raises(NameError, match="'z' is not in forward"):
        jit.trace(Two(), example_kwarg_inputs={"x": ts.ones(2), "z": ts.ones(2)})


# --- several methods


def test_several_methods_are_traced():
    module = Layer()
    traced, x = jit.trace_module(module, {"forward": x23(), "doubled": (x23(),)}), x23()
    assert traced(x).tolist() == module(x).tolist()
    assert traced.doubled(x).tolist() == module.doubled(x).tolist()


def test_forward_need_not_be_traced():
    traced = jit.trace_module(Layer(), {"doubled": x23()})
    assert traced.doubled(x23()).shape == (2, 3)
    with pytest.raises(NotImplementedError, match="forward was not traced"):
        traced(x23())


def test_each_method_checks_its_own_inputs():
    inputs = [{"forward": x23(), "doubled": x23()}, {"forward": ts.rand(5, 3), "doubled": ts.rand(1, 3)}]
    jit.trace_module(Layer(), inputs[0], check_inputs=inputs)


def test_tracing_changes_nothing_of_the_module():
    module = Layer()
    before = dict(module.__dict__)
    jit.trace(module, x23())
    assert dict(module.__dict__) == before and module.l._forward_hooks == {}


def test_hooks_of_modules_run_while_tracing():
    module = Layer()
    module.l.register_forward_hook(lambda m, i, out: out * 3)
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist()


def test_a_traced_module_does_not_outlive_its_use():
    traced = jit.trace(Layer(), x23())
    gone = weakref.ref(traced)
    del traced
    gc.collect()
    assert gone() is None


# --- traced modules inside of others


def test_a_traced_module_keeps_its_scopes_and_lines_in_another():
    inner = jit.trace(Layer(), x23())
    module = Holder(lambda self, x: self.last(self.inner(x)), inner=inner, last=Linear(3, 2))
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist()
    assert calls(traced.graph) == ["forward", "forward"]
    assert [n.kind() for n in traced.inner.graph.nodes()] == [n.kind() for n in inner.graph.nodes()]
    node = traced.inlined_graph.findNode("aten::linear")
    assert node.scopeName() == "__module.inner/__module.inner.l"
    assert (
        node.sourceRange().splitlines()[0] == inner.inlined_graph.findNode("aten::linear").sourceRange().splitlines()[0]
    )
    assert "original_name=Layer" in repr(traced) and "TopLevel" not in repr(traced.inner)


def test_a_traced_function_keeps_its_lines_in_another():
    inner = jit.trace(lambda x: x.sin(), ts.rand(2))
    traced = jit.trace(lambda x: inner(x) * 2, ts.rand(2))
    assert traced.graph.findNode("aten::sin").sourceRange() == inner.graph.findNode("aten::sin").sourceRange()
    assert traced.graph.findNode("aten::mul").sourceRange() != traced.graph.findNode("aten::sin").sourceRange()


def test_each_traced_method_has_its_graph():
    class Two(Module):
        def first(self, x):
            return x + 1

        def second(self, x):
            return x * 2

    traced = jit.trace_module(Two(), {"first": ts.ones(2), "second": ts.ones(2)})
    assert traced.first.graph.findNode("aten::add") and traced.second.inlined_graph.findNode("aten::mul")
    assert traced.first(ts.ones(1)).tolist() == [2] and repr(traced.first) == "ScriptMethod(Two.first)"
    with pytest.raises(AttributeError, match=r"did not call forward of the Two; .* \.first\.graph, \.second\.graph"):
        _ = traced.graph
