"""Hooks: tensor, node, post-accumulate, of several tensors; order, replacement, removal."""

import gc
import threading
import weakref
from collections import OrderedDict

import pytest

import tapescope as ts


def leaf():
    return ts.ones(2, requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


def test_a_tensor_hook_replaces_the_gradient():
    x = leaf()
    y = x * 2
    y.register_hook(lambda g: g * 10)
    y.sum().backward()
    assert x.grad.tolist() == [20, 20]


def test_hooks_run_in_order_and_can_be_removed():
    x, seen = leaf(), []
    a = x.register_hook(lambda g: seen.append("a"))
    x.register_hook(lambda g: seen.append("b"))
    x.sum().backward()
    a.remove()
    a.remove()
    x.sum().backward()
    assert seen == ["a", "b", "b"]


def test_a_hook_may_remove_itself_while_it_runs():
    x, seen = leaf(), []
    handle = x.register_hook(lambda g: (seen.append(1), handle.remove())[1])
    x.register_hook(lambda g: seen.append(2))
    x.sum().backward()
    x.sum().backward()
    assert seen == [1, 2, 2]


def test_order_on_a_node():
    x, seen = leaf(), []
    y = x * 2
    y.register_hook(lambda g: seen.append("tensor"))
    y.retain_grad()
    y.grad_fn.register_prehook(lambda g: seen.append(("pre", y.grad is not None)))
    y.grad_fn.register_hook(lambda gi, go: seen.append("post"))
    x.register_hook(lambda g: seen.append("leaf"))
    x.register_post_accumulate_grad_hook(lambda p: seen.append(("accumulated", p is x)))
    y.sum().backward()
    assert seen == ["tensor", ("pre", True), "post", "leaf", ("accumulated", True)]


def test_wrong_returns_are_refused():
    for returned, error, match in [
        (3, TypeError, "expected Variable, but hook returned 'int'"),
        (ts.ones(3), RuntimeError, "changed the size"),
        (ts.ones(2, dtype=ts.float64), RuntimeError, "changed the type"),
    ]:
        x = leaf()
        x.register_hook(lambda g, r=returned: r)
        with pytest.raises(error, match=match):
            x.sum().backward()
    with pytest.raises(RuntimeError, match="doesn't require gradient"):
        ts.ones(2).register_hook(print)


def test_an_exception_keeps_its_type_and_traceback():
    x = leaf()

    def boom(g):
        raise KeyError("mine")

    x.register_hook(boom)
    with pytest.raises(KeyError) as e:
        x.sum().backward()
    assert any(t.name == "boom" for t in e.traceback)


def test_hooks_outlive_the_tensor():
    x, seen = leaf(), []
    y = x * 2
    y.register_hook(lambda g: seen.append(1))
    z = y.sum()
    del y
    z.backward()
    assert seen == [1]


def test_retained_gradient_follows_an_in_place_op():
    x = leaf()
    y = x * 2
    y.retain_grad()
    y.mul_(3)
    y.sum().backward()
    assert y.grad.tolist() == [1, 1]


# --- retained gradients, and writes


def test_retain_grad_is_for_what_requires_grad_and_does_nothing_for_leaves():
    raises(RuntimeError, "can't retain_grad on Tensor that has requires_grad=False", ts.ones(2).retain_grad)
    x = leaf()
    x.retain_grad()
    assert not x.retains_grad
    y = x * 2
    y.retain_grad()
    y.retain_grad()
    for n in (1, 2):
        y.sum().backward(retain_graph=True)
        assert y.retains_grad and y.grad.tolist() == [n, n]


def test_a_second_retained_gradient_is_another_tensor():
    y = leaf() * 2
    y.retain_grad()
    y.sum().backward(retain_graph=True)
    first = y.grad
    y.sum().backward()
    assert y.grad is not first and first.tolist() == [1, 1] and y.grad.tolist() == [2, 2]


def test_a_retained_gradient_keeps_no_tensor_alive():
    x = leaf()
    y = x * 2
    y.retain_grad()
    gone, z = weakref.ref(y), y + 1
    del y
    gc.collect()
    assert gone() is None
    z.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_each_result_of_a_node_retains_its_own_gradient():
    a, b = ts.ones(2, 2, requires_grad=True).unbind(0)
    a.retain_grad()
    b.retain_grad()
    (a * 3 + b * 5).sum().backward()
    assert a.grad.tolist() == [3, 3] and b.grad.tolist() == [5, 5]


def test_each_result_of_a_node_has_hooks_of_its_own():
    x = ts.ones(2, 2, requires_grad=True)
    a, b = x.unbind(0)
    b.register_hook(lambda g: g * 10)
    (a * 3 + b * 5).sum().backward()
    assert x.grad.tolist() == [[3, 3], [50, 50]]


def test_the_hook_of_an_object_that_is_written_through_a_view_stays_with_the_value_before():
    x, seen = leaf(), []
    y = x * 2
    y.retain_grad()
    y.register_hook(lambda g: seen.append(g.tolist()))
    y[:1].mul_(3)
    y.sum().backward()
    assert seen == [[3, 1]] and y.grad.tolist() == [1, 1]


def test_a_node_runs_the_hook_dict_of_a_tensor_that_it_is_given():
    x, seen = leaf(), []
    y = x * 2
    y._backward_hooks = OrderedDict({0: lambda g: seen.append(g.tolist())})
    y.grad_fn._register_hook_dict(y)
    y.sum().backward()
    assert seen == [[1, 1]]


# --- one hook for the gradients of several tensors


def multi(tensors, fn, **kwargs):
    return ts.autograd.graph.register_multi_grad_hook(tensors, fn, **kwargs)


def test_a_multi_grad_hook_is_called_once_with_all_gradients_in_order():
    x, w = leaf(), leaf()
    y, seen = x * w, []
    multi((x, y, w), lambda grads: seen.append([g.tolist() for g in grads]))
    (y * 3).sum().backward()
    assert seen == [[[3, 3]] * 3]


def test_a_multi_grad_hook_is_given_none_for_what_the_pass_does_not_reach():
    x, w, other, seen = leaf(), leaf(), leaf(), []
    multi((x, other, w), lambda grads: seen.append([g is None for g in grads]))
    y = (x * w).sum()
    y.backward(retain_graph=True)
    y.backward(inputs=[w])
    assert seen == [[False, True, False], [True, True, False]]


def test_a_multi_grad_hook_is_not_called_by_a_pass_that_reaches_none():
    x, other, seen = leaf(), leaf(), []
    for mode in ("all", "any"):
        multi((other,), seen.append, mode=mode)
    x.sum().backward()
    assert seen == []


def test_a_multi_grad_hook_of_any_is_called_with_the_first_gradient_of_each_pass():
    x, w = leaf(), leaf()
    y, seen = x * w, []
    multi((x, w, y), lambda g: seen.append(g.tolist()), mode="any")
    for n in (1, 2):
        (y * 3).sum().backward(retain_graph=True)
        assert seen == [[3, 3]] * n


@pytest.mark.parametrize("mode", ["all", "any"])
def test_the_handle_of_a_multi_grad_hook_removes_all_of_it(mode):
    x, w, seen = leaf(), leaf(), []
    with multi((x, w), seen.append, mode=mode) as handle:
        (x * w).sum().backward()
    (x * w).sum().backward()
    handle.remove()
    assert len(seen) == 1


def test_a_multi_grad_hook_has_one_of_two_modes():
    raises(
        ValueError,
        "Expects mode to be one of ('all', 'any') but got both",
        lambda: multi((leaf(),), print, mode="both"),
    )


@pytest.mark.parametrize("mode", ["all", "any"])
def test_a_multi_grad_hook_tells_nested_passes_apart(mode):
    x, w, seen = leaf(), leaf(), []
    multi((x, w), lambda got: seen.append([g.tolist() for g in got] if mode == "all" else got.tolist()), mode=mode)
    y = x * w
    nested = []

    @ts.enable_grad()
    def inner(g):
        if not nested:
            nested.append(1)
            ((x + w) * 5).sum().backward()

    y.register_hook(inner)
    y.sum().backward()
    assert seen == ([[[5, 5], [5, 5]], [[1, 1], [1, 1]]] if mode == "all" else [[5, 5], [1, 1]])


@pytest.mark.parametrize("mode", ["all", "any"])
def test_a_multi_grad_hook_tells_a_pass_apart_that_runs_between_its_gradients(mode):
    x, w, seen, nested = leaf(), leaf(), [], []
    y = w.sin()

    @ts.enable_grad()
    def inner(g):  # the gradient of x is there, that of w is not
        if not nested:
            nested.append(1)
            ((x + w) * 5).sum().backward()

    multi((x, w), lambda got: seen.append([g.tolist() for g in got] if mode == "all" else got.tolist()), mode=mode)
    y.register_hook(inner)
    (y.sum() + (x * 2).sum()).backward()
    outer = [[2, 2], ts.ones(2).cos().tolist()]
    assert seen == ([[[5, 5], [5, 5]], outer] if mode == "all" else [[2, 2], [5, 5]])


@pytest.mark.parametrize("mode", ["all", "any"])
def test_a_multi_grad_hook_tells_parallel_passes_apart(mode):
    x, w, seen = leaf(), leaf(), []
    multi((x, w), lambda got: seen.append(got[0].tolist() if mode == "all" else got.tolist()), mode=mode)
    both, threads = threading.Barrier(2), []

    def run(factor):
        y = (x + w) * factor
        y.register_hook(lambda g: (both.wait(timeout=30), None)[1])
        y.sum().backward()

    for factor in (2, 3):
        threads.append(threading.Thread(target=run, args=(factor,)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == [[2, 2], [3, 3]]


# --- handles


def test_handles_are_numbered_upwards_and_hold_their_dict_weakly():
    x = leaf()
    handles = [x.register_hook(print), (x * 2).register_hook(print), x.exp().grad_fn.register_prehook(print)]
    assert handles[0].id < handles[1].id < handles[2].id
    gc.collect()
    assert handles[0].hooks_dict_ref() is x._backward_hooks and handles[1].hooks_dict_ref() is None
    for handle in handles:
        handle.remove()
    assert len(x._backward_hooks) == 0


def test_a_hook_on_a_node_is_in_the_one_dict_of_its_kind():
    y, seen = leaf() * 2, []
    first = y.grad_fn.register_prehook(lambda g: seen.append(1))
    second = y.grad_fn.register_prehook(lambda g: seen.append(2))
    other = y.grad_fn.register_hook(lambda i, o: seen.append(3))
    assert first.hooks_dict_ref() is second.hooks_dict_ref() is not other.hooks_dict_ref()
    y.sum().backward()
    assert seen == [1, 2, 3]
