"""Custom Functions: objects without a node, the class, derivatives once only, what lives how long (PyTorch 2.10)."""

import gc
import math
import pickle
import threading
import weakref

import pytest
from test_function import Cube, Scale, leaf, raises

import tapescope as ts
from tapescope.autograd import Function
from tapescope.autograd.function import once_differentiable

# --- an object without a node

LEGACY = ["next_functions", "_input_metadata"]
LEGACY_METHODS = ["name", "_sequence_nr", "_set_sequence_nr", "register_hook", "register_prehook"]


@pytest.mark.parametrize("attribute", LEGACY + LEGACY_METHODS)
def test_attributes_of_a_node_raise_where_there_is_none(attribute):
    ctx = Cube._backward_cls()
    arguments = {"_set_sequence_nr": [1], "register_hook": [print], "register_prehook": [print]}.get(attribute, [])
    with pytest.raises(RuntimeError, match="legacy access pattern"):
        value = getattr(ctx, attribute)
        if attribute in LEGACY_METHODS:
            value(*arguments)


def test_metadata_raises_by_itself_where_there_is_no_node():
    raises(RuntimeError, "attempted to access the anomaly metadata", lambda: Cube._backward_cls().metadata)


def test_an_object_that_never_had_a_node_has_nothing_saved():
    ctx = Cube._backward_cls()
    assert ctx.saved_tensors == () and ctx._raw_saved_tensors == () and ctx.needs_input_grad is None
    assert ctx.maybe_clear_saved_tensors() is None


def test_the_grad_fn_alone_does_not_keep_the_graph():
    y = Cube.apply(leaf())
    ctx = y.grad_fn
    assert ctx.saved_tensors[0].tolist() == [2, 3]
    del y
    raises(RuntimeError, "legacy access pattern", lambda: ctx.next_functions)
    raises(RuntimeError, "backward through the graph a second time", lambda: ctx.saved_tensors)


def test_the_grad_fn_of_an_op_keeps_its_graph():
    x = leaf()
    y = Cube.apply(x) * 2
    node = y.grad_fn
    ctx = weakref.ref(node.next_functions[0][0])
    del y
    assert ctx() is not None and node.next_functions[0][0].saved_tensors[0] is x


def test_a_gradient_edge_keeps_the_graph_of_a_function():
    x = leaf()
    y = Cube.apply(x)
    edge = ts.autograd.graph.get_gradient_edge(y)
    del y
    (g,) = ts.autograd.grad(edge, x, grad_outputs=ts.ones(2))
    assert g.tolist() == [12, 27]


def test_a_ctx_that_is_kept_from_a_call_that_is_not_recorded_has_freed_buffers():
    kept = []

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            kept.append(ctx)
            return x * 1

    F.apply(ts.ones(2))
    raises(RuntimeError, "backward through the graph a second time", lambda: kept[0].saved_tensors)


def test_maybe_clear_saved_tensors_acts_inside_a_backward_that_frees():
    states = []

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            ctx.maybe_clear_saved_tensors()
            try:
                states.append(len(ctx.saved_tensors))
            except RuntimeError:
                states.append("freed")
            return g

    y = F.apply(leaf())
    y.grad_fn.maybe_clear_saved_tensors()
    assert len(y.grad_fn.saved_tensors) == 1
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert states == [1, "freed"]


def test_after_a_backward_saved_tensors_raise_also_where_nothing_was_saved():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    y = F.apply(leaf())
    y.backward(ts.ones(2))
    raises(RuntimeError, "backward through the graph a second time", lambda: y.grad_fn.saved_tensors)
    y.backward(ts.ones(2))


def test_clear_saved_tensors_on_access():
    reads = []

    class F(Function):
        clear_saved_tensors_on_access = True

        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            reads.append(ctx.saved_tensors[0].tolist())
            raises(RuntimeError, "can only be accessed once", lambda: ctx.saved_tensors)
            return g

    F.apply(leaf()).sum().backward()
    assert reads == [[2, 3]]


def test_clear_saved_tensors_on_access_is_a_bool():
    class F(Function):
        clear_saved_tensors_on_access = 1

        @staticmethod
        def forward(ctx, x):
            return x * 1

    with pytest.raises(RuntimeError):
        F.apply(leaf())


# --- the class


def test_each_function_has_a_class_for_its_ctx():
    assert Cube._backward_cls.__name__ == "CubeBackward" and Cube._backward_cls._forward_cls is Cube
    assert Cube._backward_cls._autograd_function_id != Scale._backward_cls._autograd_function_id
    assert Cube.apply(leaf()).grad_fn._compiled_autograd_key() == (Cube._backward_cls._autograd_function_id,)


def test_vjp_is_another_name_of_backward():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def vjp(ctx, g):
            return g * 5

    x = leaf()
    F.apply(x).sum().backward()
    assert x.grad.tolist() == [5, 5]


def test_both_backward_and_vjp_is_an_error():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

        @staticmethod
        def vjp(ctx, g):
            return g

    raises(RuntimeError, "'backward' and 'vjp'", lambda: F.apply(leaf()).sum().backward())


def test_neither_is_an_error_of_the_backward():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    y = F.apply(leaf())
    raises(NotImplementedError, "backward", lambda: y.sum().backward())


def test_an_instance_warns_and_cannot_be_called():
    with pytest.warns(DeprecationWarning):
        f = Cube()
    raises(RuntimeError, "Legacy autograd function with non-static forward", lambda: f(leaf()))


def test_forward_is_required():
    class F(Function):
        pass

    with pytest.raises(NotImplementedError):
        F.apply(leaf())


def test_jvp_and_vmap_have_entry_points():
    with pytest.raises(NotImplementedError):
        Cube.jvp(None)
    with pytest.raises(NotImplementedError):
        Cube.vmap(None, None)


# --- once_differentiable


class Once(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    @once_differentiable
    def backward(ctx, g):
        assert not ts.is_grad_enabled()
        (x,) = ctx.saved_tensors
        return g * 2 * x


def test_once_differentiable_lets_the_first_derivative_through():
    x = leaf()
    Once.apply(x).sum().backward()
    assert x.grad.tolist() == [4, 6]


def test_once_differentiable_raises_at_the_second():
    x = leaf()
    seed = ts.ones(2, requires_grad=True)
    (g,) = ts.autograd.grad(Once.apply(x), x, seed, create_graph=True)
    assert g.requires_grad and g.grad_fn is not None
    raises(RuntimeError, "marked with @once_differentiable", lambda: g.sum().backward())


def test_once_differentiable_gives_constants_where_no_gradient_requires_grad():
    x = leaf()
    (g,) = ts.autograd.grad(Once.apply(x), x, ts.ones(2), create_graph=True)
    assert not g.requires_grad


# --- lifetime


def test_a_circle_through_the_ctx_is_collected():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.token = Token()
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    class Token:
        pass

    y = F.apply(leaf())
    token = weakref.ref(y.grad_fn.token)
    y.grad_fn.result = y
    gc.collect()
    assert token() is not None
    del y
    gc.collect()
    assert token() is None


def test_a_circle_through_a_hook_is_collected():
    class Token:
        pass

    y = Cube.apply(leaf())
    held = Token()
    token = weakref.ref(held)
    y.grad_fn.register_hook(lambda *_, y=y, held=held: None)
    del y, held
    gc.collect()
    assert token() is None


def test_a_node_that_others_hold_keeps_its_ctx_through_a_collection():
    y = Cube.apply(leaf())
    y.grad_fn.me = y.grad_fn
    z = y * 2
    del y
    gc.collect()
    z.sum().backward()


def test_a_graph_may_die_on_another_thread():
    held = [Cube.apply(leaf()) * 2]
    ctx = weakref.ref(held[0].grad_fn.next_functions[0][0])
    thread = threading.Thread(target=held.clear)
    thread.start()
    thread.join()
    assert ctx() is None


def test_a_deep_chain_of_functions_dies_without_a_deep_stack():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return x + 1

        @staticmethod
        def backward(ctx, g):
            return g

    y = x = leaf()
    for _ in range(30000):
        y = F.apply(y)
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    del y


def test_handles_can_be_pickled():
    from tapescope.autograd.hooks import RemovableHandle

    handle = leaf().register_hook(print)
    again = pickle.loads(pickle.dumps(handle))
    assert isinstance(again, RemovableHandle) and again.id == handle.id
    again.remove()


def test_boxed_grads_call_gives_one_list_that_backward_may_empty():
    freed = []

    class Boxed(ts.autograd.Function):
        boxed_grads_call = True

        @staticmethod
        def forward(ctx, x):
            return x * 2, x * 3

        @staticmethod
        def backward(ctx, grads):
            assert type(grads) is list
            first = weakref.ref(grads[0])
            out = grads.pop(0) * 2
            freed.append(first() is None)
            return out + grads.pop() * 3

    x = ts.ones(2, requires_grad=True)
    a, b = Boxed.apply(x)
    (a.exp() + b).sum().backward()
    assert freed == [True]
    assert x.grad.tolist() == pytest.approx([2 * math.e**2 + 3] * 2)


def test_boxed_grads_call_is_a_bool():
    class Wrong(ts.autograd.Function):
        boxed_grads_call = 1

        @staticmethod
        def forward(ctx, x):
            return x * 2

    with pytest.raises(RuntimeError, match="boxed_grads_call must be True or False"):
        Wrong.apply(ts.ones(1))
