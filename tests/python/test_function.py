"""Custom Functions: the two objects of a call, the ctx, and the class behind it (PyTorch 2.10)."""

import pytest

import tapescope as ts
from tapescope.autograd import Function


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
