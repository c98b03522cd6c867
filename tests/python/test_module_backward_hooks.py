"""Backward hooks of modules: what they are given, what becomes of what they return, order. Figures are PyTorch's."""

import gc
import warnings
import weakref
from collections.abc import Callable
from typing import Any

import pytest

import tapescope as ts
from tapescope import Tensor, nn
from tapescope.nn.modules import module as modules


class Pair(nn.Module):
    """Two outputs of two inputs."""

    def forward(self, a: Tensor, b: Tensor, scale: float = 1) -> tuple[Tensor, Tensor]:
        return a * b * scale, a + 1


def leaf(value: float = 1) -> Tensor:
    return ts.full((2,), float(value), requires_grad=True)


def lists(grads: Any) -> list[Any]:
    return [None if g is None else g.tolist() for g in grads]


def test_a_full_backward_hook_sees_the_gradients_of_inputs_and_outputs() -> None:
    m, seen = Pair(), list[Any]()
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((mod is m, lists(gi), lists(go))))
    a, b = leaf(), leaf(3)
    x, y = m(a, b)
    (x.sum() + 2 * y.sum()).backward()
    assert seen == [(True, [[5, 5], [1, 1]], [[1, 1], [2, 2]])]
    assert a.grad is not None and a.grad.tolist() == [5, 5]


def test_an_output_that_no_gradient_comes_to_is_none() -> None:
    m, seen = Pair(), list[Any]()
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((lists(gi), lists(go))))
    m(leaf(), leaf(3))[0].sum().backward()
    assert seen == [([[3, 3], [1, 1]], [[1, 1], None])]


def test_arguments_that_are_no_tensors_are_none() -> None:
    m, seen = Pair(), list[Any]()
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(lists(gi)))
    m(leaf(), 4.0)[0].sum().backward()
    assert seen == [[[4, 4], None]]


def test_a_full_backward_hook_replaces_the_gradients_of_the_inputs() -> None:
    m = Pair()
    m.register_full_backward_hook(lambda mod, gi, go: (gi[0] * 10, None))
    a, b = leaf(), leaf(3)
    m(a, b)[0].sum().backward()
    assert a.grad is not None and a.grad.tolist() == [30, 30] and b.grad is None


def test_a_full_backward_pre_hook_replaces_the_gradients_of_the_outputs() -> None:
    m, seen = Pair(), list[Any]()
    m.register_full_backward_pre_hook(lambda mod, go: (go[0] * 10, go[1]))
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(lists(go)))
    a, b = leaf(), leaf(3)
    x, y = m(a, b)
    (x.sum() + y.sum()).backward()
    assert seen == [[[10, 10], [1, 1]]]
    assert a.grad is not None and a.grad.tolist() == [31, 31]


def test_prepended_backward_hooks_run_first() -> None:
    m, seen = nn.ReLU(), list[str]()

    def says(word: str) -> Callable[..., None]:
        return lambda *_: seen.append(word)

    m.register_full_backward_hook(says("1"))
    m.register_full_backward_hook(says("0"), prepend=True)
    m.register_full_backward_pre_hook(says("pre 1"))
    m.register_full_backward_pre_hook(says("pre 0"), prepend=True)
    with (
        modules.register_module_full_backward_hook(says("all")),
        modules.register_module_full_backward_pre_hook(says("pre all")),
    ):
        m(leaf()).sum().backward()
    assert seen == ["pre all", "pre 0", "pre 1", "all", "0", "1"]


def test_backward_hooks_that_return_another_number_are_refused() -> None:
    m = Pair()
    handle = m.register_full_backward_hook(lambda mod, gi, go: (gi[0],))
    with pytest.raises(RuntimeError, match="invalid number of grad_input, got 1, but expected 2"):
        m(leaf(), leaf())[0].sum().backward()
    handle.remove()
    m.register_full_backward_pre_hook(lambda mod, go: (go[0],))
    with pytest.raises(RuntimeError, match="invalid number of grad_output, got 1, but expected 2"):
        m(leaf(), leaf())[0].sum().backward()


def test_without_inputs_that_require_grad_the_hook_runs_at_the_outputs() -> None:
    m, seen = nn.Linear(2, 2), list[Any]()
    m.register_full_backward_hook(lambda mod, gi, go: seen.append((gi, lists(go))))
    with pytest.warns(UserWarning, match="Full backward hook is firing .* since no inputs require gradients"):
        m(ts.ones(1, 2)).sum().backward()
    assert seen == [((None,), [[[1, 1]]])]
    assert m.weight.grad is not None


def test_without_inputs_that_require_grad_the_hook_returns_none() -> None:
    m = nn.Linear(2, 2)
    m.register_full_backward_hook(lambda mod, gi, go: (go[0],))
    with pytest.warns(UserWarning), pytest.raises(RuntimeError, match="always return None or None for all gradients"):
        m(ts.ones(1, 2)).sum().backward()


def test_without_recording_backward_hooks_change_nothing() -> None:
    m, x = nn.ReLU(), leaf()
    m.register_full_backward_hook(lambda *_: None)
    with ts.no_grad():
        assert not m(x).requires_grad


def test_an_output_that_is_neither_a_tensor_nor_a_tuple_gets_a_warning() -> None:
    class Named(nn.Module):
        def forward(self, x: Tensor) -> dict[str, Tensor]:
            return {"y": x * 2}

    m = Named()
    m.register_full_backward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="module output should be a Tensor or a tuple of Tensors but received"):
        m(leaf())


def test_a_write_to_an_output_with_backward_hooks_is_refused() -> None:
    m = nn.Tanh()
    m.register_full_backward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match=r"BackwardHookFunction(Backward)? is a view and is being modified inplace"):
        m(leaf()).add_(1)


def test_a_write_to_an_input_with_backward_hooks_is_refused() -> None:
    class Writes(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return x.add_(1)

    m = Writes()
    m.register_full_backward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match=r"BackwardHookFunction(Backward)? is a view and is being modified inplace"):
        m(leaf() * 1)


def test_a_second_derivative_past_the_module_runs_its_hook_once() -> None:
    m, seen = nn.Tanh(), list[int]()
    m.register_full_backward_hook(lambda *_: seen.append(1))
    x = leaf()
    (g,) = ts.autograd.grad(m(x).sum(), x, create_graph=True)
    g.sum().backward()
    assert seen == [1]
    assert x.grad is not None and x.grad.tolist() == pytest.approx([-0.63970] * 2, abs=1e-5)


def test_each_call_of_a_module_has_its_own_backward_hooks() -> None:
    m, seen = Pair(), list[Any]()
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(lists(go)[0]))
    a = leaf()
    first, second = m(a, 2.0)[0], m(a, 3.0)[0]
    (first.sum() + 10 * second.sum()).backward()
    assert sorted(seen) == [[1, 1], [10, 10]]


def test_a_legacy_backward_hook_sees_the_last_node() -> None:
    m, seen = nn.ReLU(), list[Any]()
    m.register_backward_hook(lambda mod, gi, go: seen.append((mod is m, lists(gi), lists(go))))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        m(leaf() * 2).sum().backward()
    assert seen == [(True, [[1, 1]], [[1, 1]])]


def test_a_legacy_backward_hook_on_several_nodes_gets_a_warning() -> None:
    m = nn.Linear(2, 2)
    m.register_backward_hook(lambda *_: None)
    with pytest.warns(FutureWarning, match="when the forward contains multiple autograd Nodes"):
        m(ts.ones(1, 2, requires_grad=True))


def test_the_two_kinds_of_backward_hooks_exclude_each_other() -> None:
    m, n = nn.ReLU(), nn.ReLU()
    m.register_backward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match="both regular backward hooks and full backward hooks on a single Module"):
        m.register_full_backward_hook(lambda *_: None)
    n.register_full_backward_hook(lambda *_: None)
    with pytest.raises(RuntimeError, match="on a single Module"):
        n.register_backward_hook(lambda *_: None)
    with (
        modules.register_module_full_backward_hook(lambda *_: None),
        pytest.raises(RuntimeError, match="as a global Module hook"),
    ):
        modules.register_module_backward_hook(lambda *_: None)


def test_a_module_is_freed_with_its_hooks() -> None:
    m = nn.Tanh()
    m.register_full_backward_hook(lambda *_: None)
    m(leaf()).sum().backward()
    ref = weakref.ref(m)
    del m
    gc.collect()
    assert ref() is None
