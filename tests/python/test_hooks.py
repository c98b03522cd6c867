"""Hooks: tensor, node, post-accumulate; order, replacement, removal."""

import pytest

import tapescope as ts


def leaf():
    return ts.ones(2, requires_grad=True)


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
