"""What becomes of what forward returns, and of what backward returns (PyTorch 2.10)."""

import warnings

import pytest

import tapescope as ts
from tapescope.autograd import Function


def leaf(*values):
    return ts.tensor([float(v) for v in values or (2, 3)], requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


def function(forward, backward=None, setup=None):
    """A Function with these static methods."""
    members = {"forward": staticmethod(forward), "backward": staticmethod(backward or (lambda ctx, *g: g[0]))}
    if setup:
        members["setup_context"] = staticmethod(setup)
    return type("F", (Function,), members)


# --- results that are no tensors, several results


def test_what_is_no_tensor_passes_and_backward_gets_none_for_it():
    seen = []

    def backward(ctx, *grads):
        seen.append([None if g is None else g.tolist() for g in grads])
        return grads[1]

    text, y, number = function(lambda ctx, x: ("text", x * 1, 3), backward).apply(leaf())
    assert text == "text" and number == 3 and y.output_nr == 1
    y.sum().backward()
    assert seen == [[None, [1, 1], None]]


def test_zeros_stand_for_gradients_that_do_not_come():
    seen = []

    def backward(ctx, g, h):
        seen.append((g.tolist(), h.tolist(), h.dtype, tuple(h.shape)))
        return g

    y, _ = function(lambda ctx, x: (x * 1, ts.zeros(2, 2, dtype=ts.float64)), backward).apply(leaf())
    y.sum().backward()
    assert seen == [([1, 1], [[0, 0], [0, 0]], ts.float64, (2, 2))]


def test_integers_are_not_differentiable():
    y, z = function(lambda ctx, x: (x * 1, ts.tensor([1, 2])), lambda ctx, g, h: g).apply(leaf())
    assert y.requires_grad and not z.requires_grad and z.grad_fn is None
    y.sum().backward()


def test_marked_results_are_not_differentiable():
    def forward(ctx, x):
        z = x * 2
        ctx.mark_non_differentiable(z)
        return x * 1, z

    y, z = function(forward, lambda ctx, g, h: g).apply(leaf())
    assert y.requires_grad and not z.requires_grad
    y.sum().backward()


def test_only_tensors_are_marked_as_non_differentiable():
    def forward(ctx, x):
        ctx.mark_non_differentiable(3)
        return x * 1

    raises(
        RuntimeError, "mark_non_differentiable only accepts variable arguments", lambda: function(forward).apply(leaf())
    )


def test_an_input_that_is_returned_and_marked_is_detached():
    def forward(ctx, x):
        ctx.mark_non_differentiable(x)
        return x

    x = leaf()
    y = function(forward).apply(x)
    assert y is not x and not y.requires_grad and x.requires_grad
    assert y.data_ptr() == x.data_ptr()


# --- inputs that come back


def test_an_input_returned_as_it_is_becomes_a_view_with_the_functions_node():
    x = leaf()
    h = x * 1
    before = h.grad_fn
    y = function(lambda ctx, h: h, lambda ctx, g: g * 5).apply(h)
    assert y is not h and h.grad_fn is before and y.grad_fn.name() == "FBackward"
    assert y.data_ptr() == h.data_ptr()
    y.sum().backward()
    assert x.grad.tolist() == [5, 5]


def test_the_result_that_was_an_input_may_not_be_written():
    y = function(lambda ctx, h: h).apply(leaf() * 1)
    raises(RuntimeError, "This view was created inside a custom Function", lambda: y.mul_(2))


def test_a_view_of_an_input_may_not_be_written():
    y = function(lambda ctx, h: h.view(2, 1), lambda ctx, g: g.view(2)).apply(leaf() * 1)
    raises(RuntimeError, "This view was created inside a custom Function", lambda: y.mul_(2))


def test_a_pure_view_may_be_written():
    def forward(ctx, h):
        ctx._is_pure_view = True
        return h.view(2, 1)

    x = leaf()
    h = x * 1
    y = function(forward, lambda ctx, g: g.view(2)).apply(h)
    y.mul_(2)
    h.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_views_among_several_results_may_not_be_written():
    y, _ = function(lambda ctx, h: (h.view(2, 1), h * 2), lambda ctx, g, k: g.view(2) + k).apply(leaf() * 1)
    raises(RuntimeError, "returns multiple views", lambda: y.mul_(2))


def test_an_input_returned_as_it_is_may_not_be_saved_by_setup_context():
    f = function(lambda h: h, setup=lambda ctx, inputs, output: ctx.save_for_backward(*inputs))
    raises(RuntimeError, "A input that has been returned as-is as output is being saved", lambda: f.apply(leaf() * 1))


def test_an_input_returned_as_it_is_without_grad_is_another_object():
    x = ts.ones(2)
    y = function(lambda ctx, x: x).apply(x)
    assert y is not x and y.data_ptr() == x.data_ptr()


# --- inputs that were written


def doubled(ctx, h, *rest):
    h.mul_(2)
    ctx.mark_dirty(h)
    return h


def test_a_written_input_comes_back_with_the_functions_node():
    x = leaf()
    h = x * 1
    y = function(doubled, lambda ctx, g: g * 2).apply(h)
    assert y is h and h.grad_fn.name() == "FBackward"
    h.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_mark_dirty_counts_a_write_of_its_own():
    h = leaf() * 1
    before = h._version
    function(doubled).apply(h)
    assert h._version == before + 2


def test_a_leaf_that_requires_grad_may_not_be_written():
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x

    raises(
        RuntimeError,
        "a leaf Variable that requires grad has been used in an in-place operation",
        lambda: function(forward).apply(leaf()),
    )


def test_a_write_to_a_view_reaches_the_base():
    x = leaf()
    h = x * 1
    view = h[:1]
    y = function(doubled, lambda ctx, g: g * 2).apply(view)
    assert y is view and h.grad_fn.name() == "CopySlices" and view.grad_fn.name() == "AsStridedBackward0"
    h.sum().backward()
    assert x.grad.tolist() == [2, 1] and h.tolist() == [4, 3]


def test_a_written_view_comes_back_alone():
    def forward(ctx, h):
        h.mul_(2)
        ctx.mark_dirty(h)
        return h, h * 1

    f = function(forward, lambda ctx, g, k: g)
    raises(RuntimeError, "your Function cannot return more than one Tensor", lambda: f.apply((leaf() * 1)[:1]))


def test_what_was_written_has_to_come_back():
    def forward(ctx, h):
        h.mul_(2)
        ctx.mark_dirty(h)
        return h * 1

    raises(
        RuntimeError,
        "Some elements marked as dirty during the forward method were not returned as output",
        lambda: function(forward).apply(leaf() * 1),
    )


def test_only_tensors_are_marked_dirty():
    def forward(ctx, h):
        ctx.mark_dirty(3)
        return h * 1

    raises(
        RuntimeError, "mark_dirty can only accept variables, but argument 0", lambda: function(forward).apply(leaf())
    )


def test_a_dirty_tensor_that_is_no_input_warns():
    def forward(ctx, h):
        y = h * 2
        ctx.mark_dirty(y)
        return y

    with pytest.warns(UserWarning, match="Only input Tensors should be given to ctx.mark_dirty"):
        y = function(forward, lambda ctx, g: g * 2).apply(leaf())
    y.sum().backward()


def test_a_written_input_that_needs_no_grad_gets_the_history_of_the_others():
    x, h = leaf(), ts.ones(2)

    def forward(ctx, h, x):
        h.mul_(x)
        ctx.mark_dirty(h)
        return h

    y = function(forward, lambda ctx, g: (None, g * 7)).apply(h, x)
    assert y is h and h.requires_grad
    h.sum().backward()
    assert x.grad.tolist() == [7, 7]


def test_saving_a_written_input_is_no_error_of_the_version():
    def forward(ctx, h):
        h.exp_()
        ctx.mark_dirty(h)
        ctx.save_for_backward(h)
        return h

    x = leaf(0, 1)
    h = x * 1
    function(forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(h)
    h.sum().backward()
    assert x.grad.tolist() == pytest.approx([1, 2.7182817])


def test_a_saved_result_does_not_keep_its_own_node():
    import gc
    import weakref

    def forward(ctx, x):
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    y = function(forward, lambda ctx, g: g * ctx.saved_tensors[0]).apply(leaf())
    assert y.grad_fn.saved_tensors[0].grad_fn is y.grad_fn
    ctx = weakref.ref(y.grad_fn)
    gc.disable()
    try:
        del y
        assert ctx() is None
    finally:
        gc.enable()


# --- what backward returns


def test_backward_returns_one_gradient_an_argument():
    f = function(lambda ctx, a, b: a * b, lambda ctx, g: g)
    raises(
        RuntimeError,
        "function FBackward returned an incorrect number of gradients (expected 2, got 1)",
        lambda: f.apply(leaf(), leaf()).sum().backward(),
    )


def test_nones_too_many_are_left_out():
    x = leaf()
    function(lambda ctx, x: x * 1, lambda ctx, g: (g, None, None)).apply(x).sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_a_gradient_for_what_is_no_tensor_is_an_error():
    f = function(lambda ctx, x, n: x * n, lambda ctx, g: (g, g))
    raises(
        RuntimeError,
        "returned a gradient different than None at position 2, but the corresponding forward input was not a Variable",
        lambda: f.apply(leaf(), 3).sum().backward(),
    )


def test_arguments_that_are_no_tensors_have_no_edge():
    y = function(lambda ctx, n, x, t: x * n, lambda ctx, g: (None, g, None)).apply(3, leaf(), "text")
    assert len(y.grad_fn.next_functions) == 1
    y.sum().backward()


def test_a_gradient_is_a_tensor_or_none():
    f = function(lambda ctx, x: x * 1, lambda ctx, g: 3)
    raises(RuntimeError, "expected Variable or None (got int)", lambda: f.apply(leaf()).sum().backward())


def test_a_gradient_of_another_shape_is_an_error():
    f = function(lambda ctx, x: x * 1, lambda ctx, g: ts.ones(3))
    raises(RuntimeError, "returned an invalid gradient at index 0", lambda: f.apply(leaf()).sum().backward())


def test_a_gradient_that_broadcasting_explains_is_summed_and_cast():
    x = leaf()
    function(lambda ctx, x: x * 1, lambda ctx, g: ts.ones(3, 2, dtype=ts.float64)).apply(x).sum().backward()
    assert x.grad.tolist() == [3, 3] and x.grad.dtype is ts.float32


def test_none_leaves_the_gradient_alone():
    x = leaf()
    function(lambda ctx, x: x * 1, lambda ctx, g: None).apply(x).sum().backward()
    assert x.grad is None


def test_results_that_need_no_gradient_come_without_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        function(lambda ctx, x: (x * 1, None), lambda ctx, g, n: g).apply(leaf())[0].sum().backward()


# --- fields of the ctx, and what is left of them


@pytest.mark.parametrize("field", ["to_save", "non_differentiable", "dirty_tensors", "saved_for_forward"])
def test_fields_can_be_set_and_none_resets_them(field):
    y = function(lambda ctx, x: x * 1).apply(leaf())
    setattr(y.grad_fn, field, (1,))
    assert getattr(y.grad_fn, field) == (1,)
    setattr(y.grad_fn, field, None)
    assert getattr(y.grad_fn, field) is None


def test_is_pure_view_is_set_only_and_switches_are_bools():
    y = function(lambda ctx, x: x * 1).apply(leaf())
    with pytest.raises(AttributeError):
        _ = y.grad_fn._is_pure_view
    for switch in ("_is_pure_view", "_materialize_non_diff_grads"):
        with pytest.raises(TypeError):
            setattr(y.grad_fn, switch, 1)


def test_every_output_has_its_place_and_every_tensor_its_edge():
    x, c = leaf(), ts.ones(2)

    def forward(ctx, c, n, x):
        return "text", x * 1, None, x * 2

    _, y, _, z = function(forward, lambda ctx, *g: (None, None, g[1] + g[3])).apply(c, 3, x)
    assert (y.output_nr, z.output_nr) == (1, 3) and len(y.grad_fn._input_metadata) == 4
    none, edge = y.grad_fn.next_functions
    assert none == (None, 0) and edge[0].variable is x and edge[1] == 0


def test_a_setup_context_that_is_the_base_class_own_is_not_called():
    f = function(lambda ctx, x: x * 3, setup=Function.setup_context)
    assert f.apply(leaf()).tolist() == [6, 9]


def test_an_input_returned_as_it_is_may_not_be_saved_for_forward_by_setup_context():
    f = function(lambda h: h, setup=lambda ctx, inputs, output: ctx.save_for_forward(*inputs))
    raises(RuntimeError, "input that has been returned as-is as output is being saved", lambda: f.apply(leaf() * 1))


def test_a_marked_result_that_has_a_history_loses_it():
    def forward(ctx, x):
        with ts.enable_grad():
            y = x * 2
        assert y.grad_fn is not None
        ctx.mark_non_differentiable(y)
        return y

    y = function(forward).apply(leaf() * 1)
    assert not y.requires_grad and y.grad_fn is None


def test_a_marked_view_of_an_input_stays_a_view():
    def forward(ctx, h):
        view = h.view(2, 1)
        ctx.mark_non_differentiable(view)
        return view

    h = leaf() * 1
    y = function(forward).apply(h)
    assert y._is_view() and y.data_ptr() == h.data_ptr() and y.grad_fn is None


def test_a_written_inputs_gradient_and_hooks_are_those_of_the_value_before():
    x, h, seen = leaf(), ts.ones(2), []
    h.grad = ts.ones(2)

    def forward(ctx, h, x):
        h.mul_(x)
        ctx.mark_dirty(h)
        return h

    function(forward, lambda ctx, g: (None, g)).apply(h, x)
    h.retain_grad()
    assert h.grad is None and not h.is_leaf
    k = x * 1
    k.register_hook(lambda g: seen.append(g.tolist()))
    function(doubled, lambda ctx, g: g * 2).apply(k)
    assert k._backward_hooks is None
    k.sum().backward()
    assert seen == [[2, 2]]


def test_an_error_after_forward_leaves_the_inputs_as_they_were():
    h = leaf() * 3
    node = h.grad_fn
    with pytest.raises(RuntimeError):
        function(lambda ctx, h: ctx.mark_dirty(h) or h * 1).apply(h)
    assert h.grad_fn is node and node(ts.ones(2))[0].tolist() == [3, 3]


def test_gradients_too_many_that_are_there_and_lists_of_gradients_are_errors():
    for returned, words in ((tuple, "(expected 1, got 2)"), (list, "expected Variable or None (got list)")):
        y = function(lambda ctx, x: x * 1, lambda ctx, g, r=returned: r((g, g))).apply(leaf())
        raises(RuntimeError, words, y.sum().backward)
