"""Default hooks on what graphs save, and the contexts that are made of them (PyTorch 2.10)."""

import threading

import pytest

import tapescope as ts
from tapescope.autograd import Function
from tapescope.autograd.graph import (
    allow_mutation_on_saved_tensors,
    disable_saved_tensors_hooks,
    save_on_cpu,
    saved_tensors_hooks,
)


def leaf(*values):
    return ts.tensor([float(v) for v in values or (1, 2)], requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


def same(t):
    return t


def lists():
    """Hooks under which saved tensors are kept as lists."""
    return saved_tensors_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v))


class Square(Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx, g):
        (x,) = ctx.saved_tensors
        return g * 2 * x


# --- when they are called


def test_each_saved_tensor_is_packed_once_and_unpacked_at_each_use():
    calls = []
    x = leaf()
    with saved_tensors_hooks(lambda t: (calls.append("pack"), t)[1], lambda t: (calls.append("unpack"), t)[1]):
        y = x * x
    assert calls == ["pack", "pack"]
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert calls == ["pack"] * 2 + ["unpack"] * 4 and x.grad.tolist() == [4, 8]


def test_pack_runs_without_grad_mode_and_the_mode_is_the_programs_again():
    seen = []

    def pack(t):
        seen.append((ts.is_grad_enabled(), (t * 2).requires_grad))
        return t

    with saved_tensors_hooks(pack, same):
        leaf().sin()
    assert seen == [(False, False)] and ts.is_grad_enabled()


def test_nothing_is_packed_where_nothing_is_recorded():
    calls = []
    with saved_tensors_hooks(calls.append, same):
        ts.ones(2).sin()
        with ts.no_grad():
            leaf().sin()
        leaf() + 1
    assert calls == []


def test_results_are_packed_as_inputs_are():
    x = leaf()
    with lists():
        y = x.exp()
    again = y.grad_fn._saved_result
    assert again.tolist() == y.tolist() and again.grad_fn is y.grad_fn
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


def test_what_a_function_saves_is_packed():
    calls, x = [], leaf()
    with saved_tensors_hooks(lambda t: (calls.append(t.tolist()), t)[1], lambda t: t * 10):
        y = Square.apply(x)
    y.sum().backward()
    assert calls == [[1, 2]] and x.grad.tolist() == [20, 40]


def test_numbers_of_the_program_are_not_packed():
    calls = []
    x = leaf()
    with saved_tensors_hooks(lambda t: (calls.append(t), t)[1], same):
        y = x * 3.0
        z = x / 4
    (y + z).sum().backward()
    assert calls == [] and x.grad.tolist() == [3.25, 3.25]


def test_a_tensor_of_no_dimension_is_no_number_and_is_packed():
    calls = []
    with saved_tensors_hooks(lambda t: (calls.append(t.item()), t)[1], same):
        leaf() * ts.tensor(3.0)
    assert calls == [3]


# --- which pair


def test_the_innermost_pair_alone_is_called():
    x = leaf()
    with saved_tensors_hooks(lambda t: t * 100, same):
        with saved_tensors_hooks(lambda t: t * 10, same):
            y = x**2
        z = x**2
    assert (x**2).grad_fn._saved_self is x
    assert y.grad_fn._saved_self.tolist() == [10, 20] and z.grad_fn._saved_self.tolist() == [100, 200]


def test_the_pair_of_a_tensor_stays_when_the_context_ends():
    x = leaf()
    with saved_tensors_hooks(same, lambda t: t * 10):
        y = x**2
    with saved_tensors_hooks(same, lambda t: t * 1000):
        y.sum().backward()
    assert x.grad.tolist() == [20, 40]


def test_other_threads_have_hooks_of_their_own():
    x, seen = leaf(), []
    with saved_tensors_hooks(lambda t: t * 10, same):
        thread = threading.Thread(target=lambda: seen.append((x**2).grad_fn._saved_self))
        thread.start()
        thread.join()
    assert seen[0] is x


def test_a_backward_inside_the_context_packs_what_it_saves():
    calls = []
    x = leaf()
    y = x**3
    with saved_tensors_hooks(lambda t: (calls.append(1), t)[1], same):
        (g,) = ts.autograd.grad(y.sum(), x, create_graph=True)
    inside = len(calls)
    (h,) = ts.autograd.grad(g.sum(), x)
    assert inside > 0 and len(calls) == inside and h.tolist() == [6, 12]


def test_a_backward_outside_of_the_context_packs_nothing():
    calls = []
    x = leaf()
    with saved_tensors_hooks(lambda t: (calls.append(1), t)[1], same):
        y = x**3
    count = len(calls)
    (g,) = ts.autograd.grad(y.sum(), x, create_graph=True)
    assert len(calls) == count and g.requires_grad


def test_hooks_of_a_backward_see_the_callers_default_hooks():
    x, packed = leaf(), []

    @ts.enable_grad()
    def hook(g):
        leaf().sin()

    x.register_hook(hook)
    y = x + 1
    y.sum().backward()
    assert packed == []
    with saved_tensors_hooks(lambda t: (packed.append(1), t)[1], same):
        (x + 1).sum().backward()
    assert packed == [1]


# --- what comes back


def test_a_leaf_that_comes_back_as_another_tensor_still_accumulates_in_the_leaf():
    x = leaf()
    with lists():
        y = x**2
    again = y.grad_fn._saved_self
    assert again is not x and again.is_leaf and again.requires_grad
    (g,) = ts.autograd.grad(y.sum(), x, create_graph=True)
    g.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_an_inner_tensor_comes_back_with_its_node():
    y = leaf() * 2
    with lists():
        z = y**2
    assert z.grad_fn._saved_self.grad_fn is y.grad_fn


def test_second_derivatives_go_through_hooks():
    x = leaf()
    with lists():
        y = (x * 2) ** 3
        (g,) = ts.autograd.grad(y.sum(), x, create_graph=True)
        (h,) = ts.autograd.grad(g.sum(), x)
    assert g.tolist() == [24, 96] and h.tolist() == [48, 96]


def test_versions_are_not_checked():
    x, c = leaf(), ts.ones(2)
    with saved_tensors_hooks(lambda t: t.clone(), same):
        y = x * c
    c.add_(5)
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]


# --- what goes wrong


def test_hooks_are_functions():
    for pair in ((3, same), (same, None)):
        with pytest.raises(TypeError), saved_tensors_hooks(*pair):
            leaf().sin()
    x = leaf()
    assert x.sin().grad_fn._saved_self is x


@pytest.mark.parametrize("op", [lambda t: t.exp(), lambda t: (t * 1).sin()])
def test_pack_may_not_write_to_its_input(op):
    with saved_tensors_hooks(lambda t: t.mul_(2), same):
        raises(RuntimeError, "modifying its input in place", lambda: op(leaf()))


def test_unpack_returns_a_tensor():
    with saved_tensors_hooks(lambda t: "text", same):
        y = leaf().sin()
    raises(
        TypeError, "Output of saved tensor unpack_hook expected to be a Tensor but got result of type", y.sum().backward
    )


def test_what_pack_raises_comes_out_unchanged():
    made = KeyError("pack", 2)

    def pack(t):
        raise made

    with pytest.raises(KeyError) as caught, saved_tensors_hooks(pack, same):
        leaf().sin()
    assert caught.value is made and any(entry.name == "pack" for entry in caught.traceback)
    assert ts.is_grad_enabled()


def test_what_unpack_raises_comes_out_unchanged():
    made = KeyError("unpack", 2)

    def unpack(t):
        raise made

    with saved_tensors_hooks(same, unpack):
        y = leaf().sin()
    for read in (y.sum().backward, lambda: y.grad_fn._saved_self):
        with pytest.raises(KeyError) as caught:
            read()
        assert caught.value is made and any(entry.name == "unpack" for entry in caught.traceback)


# --- disable_saved_tensors_hooks


def enter(context):
    with context:
        pass


def test_where_hooks_are_disabled_they_raise_the_message():
    with disable_saved_tensors_hooks("not here"):
        raises(RuntimeError, "not here", lambda: enter(lists()))
        leaf().sin().sum().backward()
    enter(lists())


def test_where_hooks_stand_they_cannot_be_disabled():
    with lists():
        raises(RuntimeError, "too late", lambda: enter(disable_saved_tensors_hooks("too late")))
        y = leaf().sin()
    assert y.grad_fn._saved_self.tolist() == [1, 2]


def test_the_message_before_comes_back():
    with disable_saved_tensors_hooks("outer"):
        with disable_saved_tensors_hooks("inner"):
            raises(RuntimeError, "inner", lambda: enter(lists()))
        raises(RuntimeError, "outer", lambda: enter(lists()))


def test_disabling_is_a_decorator_too():
    @disable_saved_tensors_hooks("not here")
    def f():
        enter(lists())

    raises(RuntimeError, "not here", f)
    enter(lists())


def test_hooks_of_one_slot_may_be_registered_where_default_hooks_are_disabled():
    with disable_saved_tensors_hooks("not here"):
        y = leaf().sin()
        y.grad_fn._raw_saved_self.register_hooks(lambda t: t.tolist(), lambda v: ts.tensor(v))
        y.sum().backward()


# --- save_on_cpu


@pytest.mark.parametrize("arguments", [{}, {"pin_memory": False}])
def test_save_on_cpu_changes_no_gradient(arguments):
    x = leaf()
    with save_on_cpu(**arguments):
        y = (x * 2).exp() * x
    y.sum().backward()
    w = leaf()
    ((w * 2).exp() * w).sum().backward()
    assert x.grad.tolist() == w.grad.tolist()


def test_save_on_cpu_gives_way_to_an_inner_pair():
    x = leaf()
    with save_on_cpu(), saved_tensors_hooks(lambda t: t * 10, same):
        y = x**2
    y.sum().backward()
    assert x.grad.tolist() == [20, 40]


# --- allow_mutation_on_saved_tensors

WRITES = {
    "op": lambda t: t.mul_(3),
    "zero": lambda t: t.zero_(),
    "copy": lambda t: t.copy_(ts.full((2,), 7.0)),
    "subscript": lambda t: t.__setitem__(0, 9.0),
    "view": lambda t: t[1:].add_(5),
    "view of a view": lambda t: t.view(2, 1)[0].fill_(4),
    "detached": lambda t: t.detach().sub_(2),
    "no_grad": ts.no_grad()(lambda t: t.add_(1)),
    "twice": lambda t: t.mul_(3).add_(1),
    "operator": lambda t: t.__imul__(3),
    "masked": lambda t: t.masked_fill_(t > 0, 0.0),
    "uniform": lambda t: t.uniform_(),
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("of", ["constant", "inner", "result", "view"])
def test_a_saved_tensor_may_be_written_and_the_backward_has_the_values_before(of, write):
    x = leaf()
    with allow_mutation_on_saved_tensors():
        base = ts.ones(4) * 2
        saved = {"constant": ts.ones(2) * 2, "inner": x * 2, "result": x.exp(), "view": base[1:3]}[of]
        y = saved if of == "result" else saved**2 if of == "inner" else x * saved
        z = y * 1  # the root is not written
        write(saved)
        (g,) = ts.autograd.grad(z.sum(), x)
    expected = {"constant": [2, 2], "inner": [8, 16], "result": x.exp().tolist(), "view": [2, 2]}[of]
    assert g.tolist() == pytest.approx(expected)


def test_a_write_to_the_base_of_a_saved_view_and_one_to_another_part_change_no_gradient():
    x = leaf()
    with allow_mutation_on_saved_tensors():
        base = ts.ones(4)
        y = x * base[:2]
        base[2:].fill_(5)
        base.mul_(3)
        y.sum().backward()
    assert x.grad.tolist() == [1, 1] and base.tolist() == [3, 3, 15, 15]


def test_each_saving_has_the_values_of_its_time():
    x, total = leaf(), 0
    with allow_mutation_on_saved_tensors():
        c = ts.ones(2)
        for _ in range(3):
            total = total + x * c
            c.mul_(10)
        total.sum().backward()
    assert x.grad.tolist() == [111, 111]


def test_an_optimizer_may_step_between_forward_and_backward():
    w, x = leaf(1, 2), leaf(3, 4)
    with allow_mutation_on_saved_tensors():
        loss = (w * x).sum()
        w.grad = ts.ones(2)
        ts.optim.SGD([w], lr=0.5).step()
        loss.backward()
    assert w.tolist() == [0.5, 1.5] and x.grad.tolist() == [1, 2] and w.grad.tolist() == [4, 5]


def test_what_is_written_and_no_longer_needed_is_not_kept():
    x = leaf()
    with allow_mutation_on_saved_tensors():
        c = ts.ones(2)
        y = x * c
        y.sum().backward()
        c.mul_(2)
        (x * c).sum().backward()
    assert x.grad.tolist() == [3, 3]


def test_mutation_contexts_are_not_nested():
    with allow_mutation_on_saved_tensors():
        raises(RuntimeError, "allow_mutation_on_saved_tensors contexts cannot be nested", mutation)
        y = leaf().sin()
        y.sum().backward()
    mutation()


def mutation():
    with allow_mutation_on_saved_tensors():
        pass


def test_a_backward_outside_of_the_mutation_context_is_an_error():
    words = "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context"
    with allow_mutation_on_saved_tensors():
        y = leaf().sin()
    raises(AssertionError, words, y.sum().backward)
    with allow_mutation_on_saved_tensors():
        raises(AssertionError, words, y.sum().backward)


def test_what_the_mutation_context_cleared_has_no_backward():
    with allow_mutation_on_saved_tensors() as context:
        y = leaf().sin()
        context.clear()
        with pytest.raises(AssertionError):
            y.sum().backward()
