"""What PyTorch 2.13 answers about when hooks run, what they are given, and what they may return."""

import gc
import weakref

import pytest

import tapescope as ts
from tapescope.autograd.graph import get_gradient_edge


def leaf():
    return ts.ones(2, requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


# --- a pass over the hooks of one place


def test_a_hook_that_another_removes_during_the_pass_still_runs_in_it():
    x, seen = leaf(), []

    def first(grad):
        second.remove()

    x.register_hook(first)
    second = x.register_hook(lambda g: seen.append("second"))
    x.sum().backward()
    x.sum().backward()
    assert seen == ["second"]


def test_a_hook_that_is_registered_during_the_pass_runs_in_the_next():
    x, seen = leaf(), []
    handle = x.register_hook(lambda g: (x.register_hook(lambda g: seen.append("new")), None)[1])
    x.sum().backward()
    assert seen == []
    handle.remove()
    x.sum().backward()
    assert seen == ["new"]


def test_what_a_hook_returns_is_what_the_next_is_given():
    x, seen = leaf(), []
    x.register_hook(lambda g: g * 2)
    x.register_hook(lambda g: seen.append(g.tolist()))
    x.register_hook(lambda g: g + 1)
    x.sum().backward()
    assert seen == [[2, 2]] and x.grad.tolist() == [3, 3]


def test_a_handle_is_a_context_and_removes_twice():
    x, seen = leaf(), []
    with x.register_hook(lambda g: seen.append(1)) as handle:
        x.sum().backward()
    x.sum().backward()
    handle.remove()
    assert seen == [1]


# --- what hooks may return


def test_the_tuple_of_a_node_hook_has_as_many_gradients():
    for wrong in ((), (ts.ones(2), ts.ones(2))):
        y = leaf().exp()
        y.grad_fn.register_prehook(lambda g, wrong=wrong: wrong)
        raises(RuntimeError, "has returned an incorrect number of values", y.sum().backward)
        y = leaf().exp()
        y.grad_fn.register_hook(lambda i, o, wrong=wrong: wrong)
        raises(RuntimeError, "has returned an incorrect number of values", y.sum().backward)


def test_node_hooks_return_tuples():
    y = leaf().exp()
    y.grad_fn.register_prehook(lambda g: [g[0]])
    raises(TypeError, "expected tuple, but hook returned 'list'", y.sum().backward)
    y = leaf().exp()
    y.grad_fn.register_hook(lambda i, o: "gradient")
    raises(TypeError, "expected tuple, but hook returned 'str'", y.sum().backward)


def test_a_gradient_of_none_cannot_be_replaced():
    x = leaf()
    y = x * 2
    y.grad_fn.register_prehook(lambda g: (None,))
    x.register_hook(lambda g: ts.ones(2))
    raises(RuntimeError, "can't replace a None gradient with a non-None value", y.sum().backward)


def test_a_post_accumulate_hook_returns_nothing():
    x = leaf()
    x.register_post_accumulate_grad_hook(lambda p: p * 2)
    raises(RuntimeError, "should return None", x.sum().backward)


def test_a_post_accumulate_hook_is_for_leaves():
    raises(
        RuntimeError,
        "post accumulate grad hooks cannot be registered on non-leaf tensors",
        lambda: (leaf() * 1).register_post_accumulate_grad_hook(print),
    )


# --- gradients that are not there


def test_hooks_are_called_with_none_for_a_gradient_that_is_not_there():
    x, seen = leaf(), []
    y = x * 2
    z = y.exp()
    z.grad_fn.register_prehook(lambda g: (None,))
    y.register_hook(lambda g: seen.append(("tensor", g)))
    y.grad_fn.register_prehook(lambda g: seen.append(("pre", g)))
    y.grad_fn.register_hook(lambda i, o: seen.append(("post", i[0], o)))
    x.register_hook(lambda g: seen.append(("leaf", g)))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(("accumulated", p.grad)))
    z.sum().backward()
    assert seen == [("tensor", None), ("pre", (None,)), ("post", None, (None,)), ("leaf", None), ("accumulated", None)]


def test_a_none_in_a_tuple_takes_the_gradient_away():
    x, w = leaf(), leaf()
    y = x * w
    y.grad_fn.register_hook(lambda i, o: (None, i[1]))
    y.sum().backward()
    assert x.grad is None and w.grad.tolist() == [1, 1]


# --- where hooks live


def test_the_hook_of_a_leaf_survives_its_accumulator():
    x, seen = leaf(), []
    y = x * 2
    x.register_hook(lambda g: seen.append(1))
    del y
    gc.collect()
    (x * 3).sum().backward()
    assert seen == [1]


def test_after_a_write_a_hook_stays_with_the_gradient_of_the_value_before():
    x, seen = leaf(), []
    y = x * 2
    handle = y.register_hook(lambda g: seen.append(g.tolist()))
    y.mul_(3)
    y.sum().backward(retain_graph=True)
    assert seen == [[3, 3]]
    handle.remove()
    y.sum().backward()
    assert seen == [[3, 3]]


def test_after_a_write_new_hooks_are_those_of_the_new_value():
    x, seen = leaf(), []
    y = x * 2
    y.register_hook(lambda g: seen.append(("old", g.tolist())))
    y.mul_(3)
    assert y._backward_hooks is None
    y.register_hook(lambda g: seen.append(("new", g.tolist())))
    y.sum().backward()
    assert seen == [("new", [1, 1]), ("old", [3, 3])]


def test_a_retained_gradient_moves_with_every_write():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    y.mul_(5)
    y.retain_grad()
    (y * 7).sum().backward()
    assert y.grad.tolist() == [7, 7]


def test_two_tensors_of_one_gradient_both_have_hooks():
    x, seen = leaf(), []
    y = x * 2
    same = get_gradient_edge(y)
    y.register_hook(lambda g: seen.append("tensor"))
    same.node.register_prehook(lambda g: seen.append("node"))
    y.sum().backward()
    assert seen == ["tensor", "node"]


# --- the order on a node, and what each hook sees


def test_the_pre_hooks_of_a_tensor_run_before_those_of_its_node():
    y, seen = leaf() * 2, []
    y.grad_fn.register_prehook(lambda g: seen.append("node"))
    y.register_hook(lambda g: seen.append("tensor"))
    y.sum().backward()
    assert seen == ["tensor", "node"]


def test_a_retained_gradient_has_what_tensor_hooks_changed_and_not_what_node_hooks_changed():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: g * 10)
    y.grad_fn.register_prehook(lambda g: (g[0] * 100,))
    y.sum().backward()
    assert y.grad.tolist() == [10, 10] and x.grad.tolist() == [2000, 2000]


def test_a_post_hook_is_given_what_pre_hooks_left():
    x, seen = leaf(), []
    y = x * 2
    y.grad_fn.register_prehook(lambda g: (g[0] * 100,))
    y.grad_fn.register_hook(lambda i, o: seen.append((i[0].tolist(), o[0].tolist())))
    y.sum().backward()
    assert seen == [([200, 200], [100, 100])]


def test_a_post_hook_sees_gradients_that_fit_the_inputs():
    x = ts.ones(2, dtype=ts.float32, requires_grad=True)
    w = ts.ones(3, 2, dtype=ts.float64)
    seen = []
    y = x * w
    y.grad_fn.register_hook(lambda i, o: seen.append((tuple(i[0].shape), i[0].dtype, o[0].dtype)))
    y.sum().backward()
    assert seen == [((2,), ts.float32, ts.float64)]
    assert x.grad.dtype is ts.float32


# --- which hooks run


def test_grad_runs_the_tensor_hooks_of_its_inputs_and_gives_what_they_return():
    x, seen = leaf(), []
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.grad_fn.register_prehook(lambda g: seen.append("pre"))
    y.grad_fn.register_hook(lambda i, o: seen.append("post"))
    x.register_hook(lambda g: seen.append("leaf"))
    (g,) = ts.autograd.grad((y * 3).sum(), y, retain_graph=True)
    assert g.tolist() == [30, 30] and seen == []


def test_the_tensor_hook_of_an_input_that_is_passed_through_runs_once():
    x, seen = leaf(), []
    y = x * 2
    y.register_hook(lambda g: seen.append(1))
    gx, gy = ts.autograd.grad((y * 3).sum(), (x, y))
    assert seen == [1] and gx.tolist() == [6, 6] and gy.tolist() == [3, 3]


def test_backward_runs_the_node_of_an_input_and_fills_its_gradient():
    x, seen = leaf(), []
    y = x * 2
    y.grad_fn.register_prehook(lambda g: seen.append("pre"))
    y.grad_fn.register_hook(lambda i, o: seen.append("post"))
    (y * 3).sum().backward(inputs=[y])
    assert seen == ["pre", "post"] and y.grad.tolist() == [3, 3] and x.grad is None


def test_grad_accumulates_nothing():
    x, seen = leaf(), []
    x.register_post_accumulate_grad_hook(lambda p: seen.append(1))
    ts.autograd.grad((x * 2).sum(), x)
    assert seen == [] and x.grad is None


def test_a_post_accumulate_hook_may_use_the_gradient_up():
    x, seen = leaf(), []

    def step(p):
        seen.append(p.grad.tolist())
        p.grad = None

    x.register_post_accumulate_grad_hook(step)
    for _ in range(2):
        (x * 2).sum().backward()
    assert seen == [[2, 2], [2, 2]] and x.grad is None


@pytest.mark.parametrize("removed", [False, True])
def test_a_hook_registered_after_a_write_sees_the_gradient_of_the_new_value(removed):
    x = leaf()
    y = x * 2
    handle = y.register_hook(lambda g: g * 10)
    if removed:
        handle.remove()
    y.mul_(3)
    y.register_hook(lambda g: g + 1)
    y.sum().backward()
    assert x.grad.tolist() == ([12, 12] if removed else [120, 120])


def test_a_leaf_in_a_cycle_with_its_own_hook_is_collected():
    class Owner:
        pass

    o, x = Owner(), leaf()
    o.y = x
    x.register_hook(lambda g, o=o: None)
    gone = weakref.ref(o)
    del o, x
    gc.collect()
    assert gone() is None


# --- what hooks are given, return and refuse


def test_a_returned_argument_is_no_change():
    x = leaf()
    y = x.exp()
    y.register_hook(lambda g: g)
    y.grad_fn.register_prehook(lambda g: g)
    y.grad_fn.register_hook(lambda i, o: i)
    x.register_post_accumulate_grad_hook(lambda p: p)
    y.sum().backward()
    assert x.grad.tolist() == y.tolist()


def test_a_single_gradient_is_returned_in_a_tuple_too():
    for register in ("register_prehook", "register_hook"):
        y = leaf().exp()
        getattr(y.grad_fn, register)(lambda *args: args[0][0] * 2)
        raises(TypeError, "expected tuple, but hook returned 'Tensor'", y.sum().backward)


@pytest.mark.parametrize("register", ["register_prehook", "register_hook"])
def test_the_gradients_in_a_tuple_are_checked_one_by_one(register):
    def doubled(grads, *_):
        return tuple(g * 2 for g in grads)

    for wrong, error, words in [
        (3, TypeError, "expected Variable, but hook returned 'int'"),
        (ts.ones(3), RuntimeError, "hook 'wrongly' has changed the size of value"),
        (ts.ones(2, dtype=ts.float64), RuntimeError, "hook 'wrongly' has changed the type of value"),
    ]:

        def wrongly(grads, *_, wrong=wrong):
            return (*grads[:-1], wrong)

        y = leaf() * leaf()
        getattr(y.grad_fn, register)(doubled)
        getattr(y.grad_fn, register)(wrongly)
        raises(error, words, y.sum().backward)


def test_a_hook_without_a_name_is_unknown():
    class Nameless:
        def __call__(self, grad):
            return ts.ones(3)

    x = leaf()
    x.register_hook(Nameless())
    raises(RuntimeError, "hook '<unknown>' has changed the size of value", x.sum().backward)


def test_a_tensor_hook_may_not_stand_for_a_gradient_that_is_not_there():
    x = leaf()
    y = x * 2
    y.grad_fn.register_hook(lambda i, o: (None, None))
    x.register_hook(lambda g: ts.ones(2))
    raises(RuntimeError, "can't replace a None gradient with a non-None value", y.sum().backward)


def test_what_a_post_accumulate_hook_returns_is_checked():
    for returned, error, words in [
        (3, TypeError, "expected Variable, but hook returned 'int'"),
        (ts.ones(2), RuntimeError, "Tensor post accumulate grad hooks should return None."),
    ]:
        x = leaf()
        x.register_post_accumulate_grad_hook(lambda p, r=returned: r)
        raises(error, words, x.sum().backward)
        assert x.grad.tolist() == [1, 1]


def test_a_post_accumulate_hook_is_given_the_leaf_with_the_whole_gradient():
    x, seen = leaf(), []
    x.register_post_accumulate_grad_hook(lambda p: seen.append((p is x, p.grad.tolist())))
    for _ in range(2):
        (x * 2 + x * 3).sum().backward()
    assert seen == [(True, [5, 5]), (True, [10, 10])]


def test_post_accumulate_hooks_run_in_order_and_can_be_removed():
    x, seen = leaf(), []
    first = x.register_post_accumulate_grad_hook(lambda p: seen.append("first"))
    x.register_post_accumulate_grad_hook(lambda p: seen.append("second"))
    x.sum().backward()
    first.remove()
    x.sum().backward()
    assert seen == ["first", "second", "second"]


def test_a_post_accumulate_hook_is_for_tensors_that_require_grad():
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        ts.ones(2).register_post_accumulate_grad_hook(print)


def test_a_post_accumulate_hook_runs_where_the_gradient_did_not_come():
    x, seen = leaf(), []
    x.grad = ts.ones(2) * 7
    y = x * 2
    y.grad_fn.register_hook(lambda i, o: (None, None))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(p.grad.tolist()))
    y.sum().backward()
    assert seen == [[7, 7]]


def test_a_post_hook_that_is_registered_while_its_node_runs_is_given_no_grad_outputs():
    seen, x = [], leaf()

    class F(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            ctx.register_hook(lambda i, o: seen.append((i[0].tolist(), o)))
            return g * 2

    y = F.apply(x)
    y.sum().backward()
    assert seen == [([2, 2], ())]


def test_hooks_run_in_the_grad_mode_of_create_graph():
    x, seen = leaf(), []
    y = (x * x).sum()
    y.register_hook(lambda g: seen.append(ts.is_grad_enabled()))
    y.grad_fn.register_prehook(lambda g: seen.append(ts.is_grad_enabled()))
    y.grad_fn.register_hook(lambda i, o: seen.append(ts.is_grad_enabled()))
    ts.autograd.grad(y, x, retain_graph=True)
    ts.autograd.grad(y, x, create_graph=True)
    assert seen == [False] * 3 + [True] * 3
