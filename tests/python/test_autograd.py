"""backward, grad, modes, in-place rules and their messages."""

import gc
import threading

import pytest

import tapescope as ts


def leaf(*shape):
    return ts.ones(*shape or (2,), requires_grad=True)


def test_names_and_edges_are_pytorchs():
    x = leaf()
    y = (x * 2).tanh().sum()
    names = []
    node = y.grad_fn
    while node is not None:
        names.append(node.name())
        node = node.next_functions[0][0] if node.next_functions else None
    assert names == ["SumBackward0", "TanhBackward0", "MulBackward0", "AccumulateGrad"]
    assert type(y.grad_fn).__name__ == "SumBackward0"
    assert isinstance(y.grad_fn, ts.autograd.graph.Node)
    assert y.grad_fn is y.grad_fn
    assert y.grad_fn.next_functions[0][0].next_functions[0][0].next_functions[1] == (None, 0)


def test_backward_twice_says_where_the_graph_was_freed():
    x = leaf()
    y = (x * x).sum()
    y.backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        y.backward()
    z = (x * x).sum()
    z.backward(retain_graph=True)
    z.backward()


def test_version_conflict_names_node_and_slot():
    x = leaf()
    y = x.exp()
    z = y.sum()
    y.mul_(2)
    with pytest.raises(
        RuntimeError,
        match=r"modified by an inplace operation: \[float32 \[2\]\], which is output 0 of ExpBackward0, "
        r"saved by ExpBackward0 as 'result', "
        r"is at version 1; expected version 0",
    ):
        z.backward()


def test_in_place_on_a_leaf():
    x = leaf()
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x.add_(1)
    with pytest.raises(RuntimeError, match="a leaf Variable that requires grad"):
        x += 1
    with pytest.raises(RuntimeError, match="a view of a leaf Variable"):
        x[0] = 1.0
    with ts.no_grad():
        x.add_(1)
    assert x.tolist() == [2, 2] and x._version == 1


def test_assignment_into_a_view_reaches_the_base():
    x = leaf(3)
    y = x * 1
    y[1] = 5.0
    y.sum().backward()
    assert x.grad.tolist() == [1, 0, 1]
    assert y.grad_fn.name() == "CopySlices"


def test_grad_and_its_errors():
    x, w = leaf(), leaf()
    assert ts.autograd.grad((x * 3).sum(), x)[0].tolist() == [3, 3]
    with pytest.raises(RuntimeError, match="not have been used in the graph"):
        ts.autograd.grad(x.sum(), w)
    assert ts.autograd.grad(x.sum(), w, allow_unused=True) == (None,)
    assert ts.autograd.grad(x.sum(), w, materialize_grads=True)[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="non-empty"):
        ts.autograd.grad(x.sum(), [])
    with pytest.raises(RuntimeError, match="does not require grad"):
        ts.autograd.grad(x.sum(), ts.ones(2))
    with pytest.raises(RuntimeError, match="cannot be empty"):
        x.sum().backward(inputs=[])
    with pytest.raises(TypeError):
        ts.autograd.backward([3])
    assert x.grad is None


def test_create_graph():
    x = ts.tensor([2.0], requires_grad=True)
    (g,) = ts.autograd.grad((x**3).sum(), x, create_graph=True)
    assert g.tolist() == [12]
    (h,) = ts.autograd.grad(g.sum(), x)
    assert h.tolist() == [12]


def test_modes():
    x = leaf()
    with ts.no_grad():
        assert not (x * 2).requires_grad
        with ts.enable_grad():
            assert (x * 2).requires_grad

    @ts.no_grad()
    def f():
        return x * 2

    assert not f().requires_grad and ts.is_grad_enabled()
    with ts.set_grad_enabled(False):
        assert not ts.is_grad_enabled()
    with pytest.raises(ZeroDivisionError), ts.no_grad():
        raise ZeroDivisionError
    assert ts.is_grad_enabled()


def test_set_grad_enabled_as_a_decorator_leaves_the_programs_mode():
    @ts.set_grad_enabled(False)
    def f():
        return ts.is_grad_enabled()

    assert ts.is_grad_enabled()
    assert not f() and not f() and ts.is_grad_enabled()
    with ts.no_grad():

        @ts.set_grad_enabled(True)
        def g():
            return ts.is_grad_enabled()

        assert not ts.is_grad_enabled()
        assert g() and not ts.is_grad_enabled()


@pytest.mark.parametrize("mode", ["a", 1, None])
def test_set_grad_enabled_takes_booleans(mode):
    with pytest.raises(TypeError, match="set_grad_enabled: mode is True or False, not"):
        ts.set_grad_enabled(mode)
    assert ts.is_grad_enabled()


def test_requires_grad_rules():
    with pytest.raises(RuntimeError, match="floating point"):
        ts.tensor([1], requires_grad=True)
    y = leaf() * 2
    with pytest.raises(RuntimeError, match="leaf variables"):
        y.requires_grad_(False)
    d = y.detach()
    assert not d.requires_grad and d.data_ptr() == y.data_ptr() and d.is_leaf
    d.zero_()
    assert y._version == 1
    y.data.zero_()
    assert y._version == 1


def test_grad_setter_checks():
    x = leaf()
    with pytest.raises(TypeError):
        x.grad = 3
    with pytest.raises(RuntimeError, match="different size"):
        x.grad = ts.ones(3)
    x.grad = ts.ones(2)
    x.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_dir_of_a_node_tells_what_it_saved():
    x = ts.ones(2, requires_grad=True)
    for out, names in ((x**2, {"_saved_self", "_saved_exponent"}), (x.tanh(), {"_saved_result"}), (x + 1, set())):
        node = out.grad_fn
        assert {n for n in dir(node) if n.startswith("_saved_")} == names
        assert {"next_functions", "name", "register_hook", "metadata"} <= set(dir(node))
        assert all(hasattr(node, n) for n in names)


def test_saved_tensors_by_name():
    x = leaf()
    y = x * 2.5
    assert y.grad_fn._saved_other.item() == 2.5
    assert y.tanh().grad_fn._saved_result.shape == (2,)
    with pytest.raises(AttributeError):
        _ = y.grad_fn._saved_nonsense
    s = y.exp().sum()
    node = s.grad_fn.next_functions[0][0]
    s.backward()
    with pytest.raises(RuntimeError, match="second time"):
        _ = node._saved_result


def test_calling_a_node():
    x = leaf()
    node = (x * 3).grad_fn
    assert node(ts.ones(2))[0].tolist() == [3, 3]
    with pytest.raises(TypeError, match="expected 1 arguments, got 2"):
        node(ts.ones(2), ts.ones(2))
    with pytest.raises(TypeError):
        node(grad=1)


def test_many_threads_into_one_leaf():
    x = leaf(64)
    threads = [threading.Thread(target=lambda: [(x * 2).sum().backward() for _ in range(50)]) for _ in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert x.grad.tolist() == [400.0] * 64


def test_a_deep_chain_is_run_and_freed():
    x = leaf()
    y = x
    for _ in range(100_000):
        y = y + 1
    y.sum().backward()
    assert x.grad.tolist() == [1, 1]
    del y
    gc.collect()


def test_nothing_is_left_behind():
    census = lambda: ts._C._census()  # noqa: E731
    gc.collect()
    before = census()
    x = leaf(100)
    y = ((x * 2).exp().tanh() @ x).sum()
    y.backward()
    del x, y
    gc.collect()
    assert census() == before


def test_a_version_can_be_counted_by_hand() -> None:
    x = ts.ones(2, requires_grad=True)
    y = x * 1
    z = y * y
    ts.autograd.graph.increment_version(y)
    ts.autograd.graph.increment_version([x, x.detach()])
    assert y._version == 1 and x._version == 2
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()
    with ts.inference_mode():
        made = ts.ones(2)
    with pytest.raises(RuntimeError, match="Inference tensors"):
        ts.autograd.graph.increment_version(made)


def test_switches_of_a_backward_are_bools() -> None:
    x = ts.ones(2, requires_grad=True)
    with ts.autograd.set_multithreading_enabled(False):
        x.sum().backward(retain_graph=1)
    with pytest.raises(TypeError, match="retain_graph is True or False, not 'a'"):
        x.sum().backward(retain_graph="a")
    with pytest.raises(TypeError, match="set_multithreading_enabled"):
        ts.autograd.set_multithreading_enabled("no")
