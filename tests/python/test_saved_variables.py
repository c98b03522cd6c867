"""What a node keeps of the tensors that it saves, how that comes back, and hooks on a single one (PyTorch 2.10)."""

import gc
import weakref

import pytest

import tapescope as ts
from tapescope.autograd import Function
from tapescope.autograd.graph import get_gradient_edge

TWICE = "Trying to backward through the graph a second time"


def leaf(*values):
    return ts.tensor([float(v) for v in values or (1, 2)], requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


def function(forward):
    """A Function with this forward, whose backward passes the first gradient on."""
    backward = staticmethod(lambda ctx, *grads: grads[0])
    return type("F", (Function,), {"forward": staticmethod(forward), "backward": backward})


def conflict(call):
    with pytest.raises(RuntimeError) as caught:
        call()
    words = str(caught.value)
    assert "modified by an inplace operation" in words
    return words


# --- what is kept


def test_what_was_not_saved_reads_as_none():
    y = leaf() * ts.ones(2)  # the constant's gradient is not needed, so the leaf is not saved
    assert y.grad_fn._saved_self is None and y.grad_fn._saved_other.tolist() == [1, 1]


def test_an_optional_argument_that_was_not_given_reads_as_none():
    node = leaf().clamp(min=0).grad_fn
    assert node._saved_min == 0 and node._saved_max is None


def test_a_saved_none_of_a_function_reads_as_none():
    y = function(lambda ctx, x: ctx.save_for_backward(None, x) or x * 1).apply(leaf())
    none, x = y.grad_fn.saved_tensors
    assert none is None and x.tolist() == [1, 2]


def test_a_saved_leaf_is_the_object_itself():
    x = leaf()
    assert (x * x).grad_fn._saved_self is x and x.sin().grad_fn._saved_self is x


def test_a_saved_input_that_is_no_leaf_is_the_object_itself_too():
    y = leaf() * 2
    assert y.sin().grad_fn._saved_self is y


def test_a_saved_input_is_kept_alive_by_the_node():
    y = leaf() * 2
    seen = weakref.ref(y)
    z = y.sin()
    del y
    gc.collect()
    assert seen() is z.grad_fn._saved_self


def test_a_saved_result_is_another_object_over_the_same_memory():
    y = leaf().exp()
    again = y.grad_fn._saved_result
    assert again is not y and again.data_ptr() == y.data_ptr()
    assert again.grad_fn is y.grad_fn and again.requires_grad and again.output_nr == y.output_nr


def test_a_result_of_several_keeps_its_number():
    def forward(ctx, x):
        a, b = x * 2, x * 3
        ctx.save_for_backward(b)
        return a, b

    _, b = function(forward).apply(leaf())
    (again,) = b.grad_fn.saved_tensors
    assert again.output_nr == 1 and again.grad_fn is b.grad_fn


def test_a_saved_result_makes_no_cycle():
    gc.disable()
    try:
        y = leaf().exp()
        node, seen = ts.ones(1), weakref.ref(y)
        y.grad_fn.metadata["lives as long as the node"] = node
        node = weakref.ref(node)
        del y
        assert seen() is None and node() is None
    finally:
        gc.enable()


def test_a_result_that_is_written_into_its_base_makes_no_cycle():
    gc.disable()
    try:
        base = leaf() * 1
        base[:1].exp_()
        seen = weakref.ref(base)
        del base
        assert seen() is None
    finally:
        gc.enable()


def test_the_result_of_a_write_through_a_view_is_right_in_backward():
    x = leaf(0, 1)
    base = x * 1
    base[1:].exp_()
    base.sum().backward()
    assert x.grad.tolist() == pytest.approx([1, 2.7182817])


def test_a_saved_tensor_that_needs_no_gradient_has_none():
    c = ts.ones(2)
    node = (leaf() * c).grad_fn
    assert node._saved_other is c and not node._saved_other.requires_grad


def test_a_leaf_that_is_asked_for_gradients_later_was_saved_without_its_edge():
    c = ts.ones(2)
    y = leaf() * c
    c.requires_grad_()
    (g,) = ts.autograd.grad(y.sum(), c, allow_unused=True)
    assert g is None


# --- inference tensors


def test_an_inference_tensor_cannot_be_saved():
    with ts.inference_mode():
        c = ts.ones(2)
    raises(RuntimeError, "Inference tensors cannot be saved for backward", lambda: leaf() * c)


def test_an_inference_tensor_that_is_not_saved_may_be_used():
    with ts.inference_mode():
        c = ts.ones(2)
    x = leaf()
    (x + c).sum().backward()
    assert x.grad.tolist() == [1, 1]


# --- versions


def test_the_error_of_a_version_says_type_sizes_result_node_and_both_versions():
    y = leaf() * 2
    z = y.exp()
    z.mul_(2)
    z.mul_(2)
    words = conflict(lambda: z.sum().backward())
    assert (
        "[2]]" in words
        and "which is output 0 of Exp" in words
        and "is at version 2; expected version 0 instead" in words
        and "Hint:" in words
    )


def test_the_error_of_a_version_names_the_node_of_what_was_saved():
    y = leaf() * 2
    z = y.sin()
    y.add_(1)
    words = conflict(lambda: z.sum().backward())
    assert "which is output 0 of Add" in words and "is at version 1; expected version 0 instead" in words


def test_the_error_of_a_version_names_no_node_for_what_has_none():
    c = ts.ones(2)
    z = leaf() * c
    c.add_(1)
    words = conflict(lambda: z.sum().backward())
    assert "which is output" not in words and "is at version 1; expected version 0 instead" in words


def test_reading_a_saved_tensor_checks_the_version_too():
    y = leaf().exp()
    node = y.grad_fn
    y.mul_(2)
    conflict(lambda: node._saved_result)


def test_the_version_is_the_one_at_the_time_of_saving():
    c = ts.ones(2)
    c.add_(1)
    x = leaf()
    z = x * c
    z.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_a_write_through_a_detached_tensor_is_found():
    c = ts.ones(2)
    z = leaf() * c
    c.detach().add_(1)
    conflict(lambda: z.sum().backward())


def test_a_write_through_a_view_is_found():
    c = ts.ones(2)
    z = leaf() * c
    c[:1].zero_()
    conflict(lambda: z.sum().backward())


def test_writing_what_was_saved_for_a_constants_sake_is_no_error():
    x, c = leaf(), ts.ones(2)
    y = x * 1
    z = y * c  # y would be needed for the constant's gradient alone
    y.add_(1)
    z.sum().backward()
    assert x.grad.tolist() == [1, 1]


def test_a_saved_tensor_that_was_detached_in_place_is_an_error_of_the_backward():
    y = leaf() * 2
    z = y.sin()
    y.detach_()
    with pytest.raises(RuntimeError, match="detach"):
        z.sum().backward()


# --- after a backward


def test_what_was_freed_raises_wherever_it_is_read():
    y = leaf().exp()
    node = y.grad_fn
    y.sum().backward()
    raises(RuntimeError, TWICE, lambda: node._saved_result)
    raises(RuntimeError, TWICE, lambda: y.sum().backward())


def test_a_retained_graph_keeps_what_it_saved():
    x = leaf()
    y = x.exp()
    y.sum().backward(retain_graph=True)
    assert y.grad_fn._saved_result.tolist() == y.tolist()
    y.sum().backward()


def test_a_node_that_saved_nothing_runs_again_after_it_was_freed():
    x = leaf()
    y = x + 1
    y.backward(ts.ones(2))
    y.backward(ts.ones(2))
    assert x.grad.tolist() == [2, 2]


def test_a_node_that_did_not_run_keeps_what_it_saved():
    x = leaf()
    y = x.exp()
    z = y.sin()
    ts.autograd.grad(z.sum(), y)
    assert y.grad_fn._saved_result.tolist() == y.tolist()
    raises(RuntimeError, TWICE, lambda: z.grad_fn._saved_self)


def test_a_freed_input_is_let_go():
    y = leaf() * 2
    seen = weakref.ref(y)
    z = y.sin().sum()
    del y
    z.backward()
    gc.collect()
    assert seen() is None


# --- values that are no tensors


def test_numbers_bools_and_sizes_come_back_as_values():
    x = ts.ones(2, 3, requires_grad=True)
    assert (x**2).grad_fn._saved_exponent == 2
    assert x.clamp(-1, 0.5).grad_fn._saved_max == 0.5
    assert x.softmax(1).grad_fn._saved_dim == 1
    assert x.view(6).grad_fn._saved_self_sym_sizes == (2, 3)


def test_arguments_of_a_sum_come_back_as_values():
    node = ts.ones(2, 3, requires_grad=True).sum(1, keepdim=True).grad_fn
    assert node._saved_dim == (1,) and node._saved_keepdim is True


def test_values_have_no_slots():
    x = leaf()
    for node, name in (((x**2).grad_fn, "exponent"), (x.view(2, 1).grad_fn, "self_sym_sizes")):
        assert hasattr(node, f"_saved_{name}") and not hasattr(node, f"_raw_saved_{name}")
        assert f"_raw_saved_{name}" not in dir(node)


def test_a_node_has_no_other_names():
    node = leaf().exp().grad_fn
    for name in ("_saved_self", "_raw_saved_self", "_saved_", "_raw_saved_"):
        with pytest.raises(AttributeError):
            getattr(node, name)


# --- slots


def test_a_slot_cannot_be_made_by_hand():
    slot = leaf().exp().grad_fn._raw_saved_result
    raises(RuntimeError, "Trying to create a SavedTensor object from Python is forbidden", type(slot))


def test_hooks_of_a_slot_pack_at_once_and_unpack_at_each_read():
    calls = []
    x = leaf()
    y = x * x
    y.grad_fn._raw_saved_self.register_hooks(
        lambda t: (calls.append("pack"), t * 10)[1], lambda t: (calls.append("unpack"), t)[1]
    )
    assert calls == ["pack"]
    assert y.grad_fn._saved_self.tolist() == [10, 20] and y.grad_fn._saved_self.tolist() == [10, 20]
    assert y.grad_fn._saved_other.tolist() == [1, 2]
    y.sum().backward()
    assert calls == ["pack", "unpack", "unpack", "unpack"]
    assert x.grad.tolist() == [11, 22]


def test_hooks_of_a_slot_pack_without_grad_mode():
    seen = []
    y = leaf().sin()
    y.grad_fn._raw_saved_self.register_hooks(lambda t: (seen.append(ts.is_grad_enabled()), t)[1], lambda t: t)
    assert seen == [False] and ts.is_grad_enabled()


def test_hooks_of_a_result_are_given_it_and_it_gets_its_node_again():
    y = leaf().exp()
    y.grad_fn._raw_saved_result.register_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v))
    again = y.grad_fn._saved_result
    assert again.grad_fn is y.grad_fn and again.tolist() == y.tolist()


def test_hooks_of_a_leaf_give_a_tensor_that_accumulates_into_the_leaf():
    x = leaf()
    y = x.sin()
    y.grad_fn._raw_saved_self.register_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v))
    again = y.grad_fn._saved_self
    assert again is not x and again.requires_grad and again.is_leaf
    assert get_gradient_edge(again).node is get_gradient_edge(x).node
    again.sum().backward()
    assert x.grad.tolist() == [1, 1] and again.grad is None


def test_with_hooks_versions_are_not_checked():
    y = leaf() * 1
    z = y.sin()
    z.grad_fn._raw_saved_self.register_hooks(lambda t: t.clone(), lambda t: t)
    y.mul_(2)
    z.sum().backward()


def test_a_slot_takes_one_pair_of_hooks():
    y = leaf().exp()
    slot = y.grad_fn._raw_saved_result
    slot.register_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v))
    for again in (slot, y.grad_fn._raw_saved_result):
        raises(RuntimeError, "only one pair of hooks is allowed", lambda s=again: s.register_hooks(id, id))


def test_default_hooks_are_the_pair_of_their_slots():
    with ts.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v)):
        y = leaf().exp()
    raises(
        RuntimeError,
        "only one pair of hooks is allowed",
        lambda: y.grad_fn._raw_saved_result.register_hooks(lambda t: t, lambda t: t),
    )


def test_a_freed_slot_takes_no_hooks():
    y = leaf().exp()
    slot = y.grad_fn._raw_saved_result
    y.sum().backward()
    raises(RuntimeError, "after it has been freed", lambda: slot.register_hooks(lambda t: t, lambda t: t))


def test_a_slot_of_none_takes_no_hooks():
    y = function(lambda ctx, x: ctx.save_for_backward(None) or x * 1).apply(leaf())
    for node, name in ((y.grad_fn, "_raw_saved_tensors"), ((leaf() * ts.ones(2)).grad_fn, "_raw_saved_self")):
        slot = getattr(node, name)
        slot = slot[0] if isinstance(slot, tuple) else slot
        raises(RuntimeError, "with value None is forbidden", lambda s=slot: s.register_hooks(lambda t: t, lambda t: t))


def test_hooks_of_a_slot_are_two_functions_of_one_argument():
    y = leaf().exp()
    slot = y.grad_fn._raw_saved_result
    for wrong in ((), (lambda t: t,), (3, lambda t: t), (lambda t: t, None), (lambda: 1, lambda t: t)):
        with pytest.raises(TypeError):
            slot.register_hooks(*wrong)


@pytest.mark.parametrize("of", ["result", "self"])
def test_a_pack_hook_may_not_write_to_its_input(of):
    y = leaf() * 1
    z = y.exp() if of == "result" else y.sin()
    slot = getattr(z.grad_fn, f"_raw_saved_{of}")
    raises(RuntimeError, "modifying its input in place", lambda: slot.register_hooks(lambda t: t.mul_(2), lambda t: t))


def test_an_unpack_hook_returns_a_tensor():
    y = leaf().exp()
    y.grad_fn._raw_saved_result.register_hooks(lambda t: 7, lambda v: v)
    words = "Output of saved tensor unpack_hook expected to be a Tensor but got result of type int"
    raises(TypeError, words, lambda: y.grad_fn._saved_result)
    raises(TypeError, words, lambda: y.sum().backward())


def test_what_hooks_packed_is_let_go_with_the_graph():
    class Packed:
        pass

    packed = Packed()
    seen = weakref.ref(packed)
    y = leaf().exp()
    y.grad_fn._raw_saved_result.register_hooks(lambda t, p=packed: p, lambda p: ts.ones(2))
    del packed
    gc.collect()
    assert seen() is not None
    y.sum().backward()
    gc.collect()
    assert seen() is None
    raises(RuntimeError, TWICE, lambda: y.grad_fn._saved_result)
