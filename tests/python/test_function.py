"""Custom Functions: the two objects of a call, the ctx, and the class behind it (PyTorch 2.10)."""

import gc
import pickle
import threading
import weakref

import pytest

import tapescope as ts
from tapescope.autograd import Function
from tapescope.autograd.function import once_differentiable


def leaf(*values):
    return ts.tensor([float(v) for v in values or (2, 3)], requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


class Cube(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x * x

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * 3 * x * x


class Scale(Function):
    @staticmethod
    def forward(x, factor=10.0):
        return x * factor

    @staticmethod
    def setup_context(ctx, inputs, output):
        ctx.inputs, ctx.output_grad_fn, ctx.mode = inputs, output.grad_fn, ts.is_grad_enabled()

    @staticmethod
    def backward(ctx, grad):
        return grad * ctx.inputs[1], None


# --- a call


def test_forward_and_backward_compute():
    x = leaf()
    y = Cube.apply(x)
    y.sum().backward()
    assert y.tolist() == [8, 27] and x.grad.tolist() == [12, 27]


def test_its_backward_is_differentiable():
    x = leaf()
    (g,) = ts.autograd.grad(Cube.apply(x).sum(), x, create_graph=True)
    (h,) = ts.autograd.grad(g.sum(), x)
    assert h.tolist() == [12, 18]


def test_setup_context_sees_defaults_and_the_bare_output_without_grad_mode():
    x = leaf()
    y = Scale.apply(x)
    ctx = y.grad_fn
    assert y.tolist() == [20, 30] and ctx.inputs[0] is x and ctx.inputs[1] == 10.0
    assert ctx.output_grad_fn is None and ctx.mode is False
    y.sum().backward()
    assert x.grad.tolist() == [10, 10]


def test_forward_runs_without_grad_mode():
    seen = []

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            seen.append((ts.is_grad_enabled(), (x * 2).requires_grad))
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g

    F.apply(leaf())
    assert seen == [(False, False)]


def test_apply_takes_no_keyword_arguments():
    with pytest.raises(TypeError):
        Scale.apply(leaf(), factor=3.0)


def test_a_list_is_one_output_and_passes_untouched():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return [x * 2]

        @staticmethod
        def backward(ctx, g):
            return g

    out = F.apply(leaf())
    assert type(out) is list and out[0].grad_fn is None


def test_a_tuple_of_one_stays_a_tuple():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return (x * 2,)

        @staticmethod
        def backward(ctx, g):
            return g

    out = F.apply(leaf())
    assert type(out) is tuple and out[0].grad_fn is not None


def test_what_forward_raises_comes_out_unchanged():
    class Odd(Exception):
        pass

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            raise Odd("one", 2)

    with pytest.raises(Odd) as caught:
        F.apply(leaf())
    assert caught.value.args == ("one", 2)
    assert any(entry.name == "forward" for entry in caught.traceback)


def test_what_backward_raises_comes_out_unchanged():
    class Odd(Exception):
        pass

    made = Odd("one", 2)

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

        @staticmethod
        def backward(ctx, g):
            raise made

    with pytest.raises(Odd) as caught:
        F.apply(leaf()).sum().backward()
    assert caught.value is made
    assert any(entry.name == "backward" and "test_function" in str(entry.path) for entry in caught.traceback)


# --- the ctx


def test_the_ctx_is_the_grad_fn():
    kept = []

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            kept.append(ctx)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            kept.append(ctx)
            return g

    y = F.apply(leaf())
    assert y.grad_fn is kept[0] and type(y.grad_fn).__name__ == "FBackward" and y.grad_fn.name() == "FBackward"
    y.sum().backward()
    assert kept[1] is kept[0]


def test_the_ctx_is_a_node():
    y = Cube.apply(leaf())
    assert isinstance(y.grad_fn, ts.autograd.graph.Node)
    assert y.grad_fn.next_functions[0][0].variable.tolist() == [2, 3]


def test_attributes_of_the_programs_own_survive_to_backward():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.anything = {"a": 1}
            return x * 1

        @staticmethod
        def backward(ctx, g):
            assert ctx.anything == {"a": 1}
            return g

    F.apply(leaf()).sum().backward()


def test_needs_input_grad_has_one_bool_an_argument_and_may_be_overwritten():
    seen = []

    class F(Function):
        @staticmethod
        def forward(ctx, *args):
            seen.append(ctx.needs_input_grad)
            ctx.needs_input_grad = (True, True)
            return args[0] * 1

        @staticmethod
        def backward(ctx, g):
            seen.append(ctx.needs_input_grad)
            return g, None, None, None

    F.apply(leaf(), 2, ts.ones(2), "text").sum().backward()
    assert seen == [(True, False, False, False), (True, True)]


def test_needs_input_grad_tells_requires_grad_also_in_no_grad_mode():
    seen = []

    class F(Function):
        @staticmethod
        def forward(ctx, x):
            seen.append(ctx.needs_input_grad)
            return x * 1

    with ts.no_grad():
        y = F.apply(leaf())
    assert seen == [(True,)] and not y.requires_grad


def test_requires_grad_of_the_ctx_is_true():
    assert Cube.apply(leaf()).grad_fn.requires_grad is True


def test_fields_are_consumed_when_apply_ends():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            y, z = x * 1, x * 2
            ctx.save_for_backward(x)
            ctx.save_for_forward(x)
            ctx.mark_non_differentiable(z)
            assert ctx.to_save == (x,) and ctx.saved_for_forward == (x,)
            assert ctx.saved_tensors[0] is x
            return y, z

        @staticmethod
        def backward(ctx, g, h):
            return g

    y, _ = F.apply(leaf())
    ctx = y.grad_fn
    assert ctx.to_save is None and ctx.saved_for_forward is None and ctx.non_differentiable is None
    assert ctx.dirty_tensors is None


def test_a_second_save_for_backward_takes_the_place_of_the_first():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            ctx.save_for_backward(x * 2, None)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            a, b = ctx.saved_tensors
            assert a.tolist() == [4, 6] and b is None
            return g

    F.apply(leaf()).sum().backward()


def test_materialize_grads_is_set_only_and_takes_bools():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            with pytest.raises(AttributeError):
                ctx.materialize_grads  # noqa: B018
            with pytest.raises(TypeError):
                ctx.set_materialize_grads(1)
            ctx.set_materialize_grads(False)
            return x * 1, x * 2

        @staticmethod
        def backward(ctx, g, h):
            assert h is None
            return g

    F.apply(leaf())[0].sum().backward()


def test_materialize_grads_of_non_differentiable_outputs():
    seen = []

    def run(on):
        class F(Function):
            @staticmethod
            def forward(ctx, x):
                z = x * 2
                ctx.mark_non_differentiable(z)
                ctx._materialize_non_diff_grads = on
                assert ctx._materialize_non_diff_grads is on
                return x * 1, z

            @staticmethod
            def backward(ctx, g, h):
                seen.append(None if h is None else h.tolist())
                return g

        F.apply(leaf())[0].sum().backward()

    run(True)
    run(False)
    assert seen == [[0, 0], None]


def test_save_for_forward_takes_tensors():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_forward(3)
            return x * 1

    with pytest.raises(AssertionError):
        F.apply(leaf())


def test_what_is_saved_has_to_be_a_tensor_where_the_call_is_recorded():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x, 3)
            return x * 1

    raises(
        TypeError, "save_for_backward can only save variables, but argument 1 is of type int", lambda: F.apply(leaf())
    )
    with ts.no_grad():
        F.apply(leaf())


def test_saved_variables_is_a_deprecated_name():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            with pytest.warns(DeprecationWarning):
                assert ctx.saved_variables[0].tolist() == [2, 3]
            return g

    F.apply(leaf()).sum().backward()


def test_mark_shared_storage_warns_and_does_nothing():
    class F(Function):
        @staticmethod
        def forward(ctx, x):
            with pytest.warns(FutureWarning):
                ctx.mark_shared_storage((x, x))
            return x * 1

    F.apply(leaf())


def test_raw_saved_tensors_are_slots():
    y = Cube.apply(leaf())
    (slot,) = y.grad_fn._raw_saved_tensors
    slot.register_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v))
    assert y.grad_fn.saved_tensors[0].tolist() == [2, 3]


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
