"""Checkpoints: what is computed again, when and how often, and what goes wrong. Figures and counts are PyTorch's."""

import contextlib
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

import tapescope as ts
from tapescope import Tensor, nn
from tapescope.utils.checkpoint import (
    checkpoint,
    set_checkpoint_early_stop,
)

BOTH = pytest.mark.parametrize("use_reentrant", [True, False])


def leaf(value: float = 1) -> Tensor:
    return ts.full((2,), float(value), requires_grad=True)


class Steps:
    """exp(cos(sin(x))), which writes down how far its calls get."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, x: Tensor) -> Tensor:
        self.seen.append("begin")
        y = x.sin()
        self.seen.append("middle")
        z = y.cos().exp()
        self.seen.append("end")
        return z


def gradient(function: Any, x: Tensor) -> Any:
    (g,) = ts.autograd.grad(function(x).sum(), x)
    return g.tolist()


def test_utils_is_there_without_an_import_of_its_own() -> None:
    assert ts.utils.checkpoint.checkpoint is checkpoint


@BOTH
def test_value_and_gradient_are_those_without_a_checkpoint(use_reentrant: bool) -> None:
    x = leaf()
    y = checkpoint(Steps(), x, use_reentrant=use_reentrant)
    assert y.tolist() == Steps()(x).tolist()
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == gradient(Steps(), x)


def test_early_stop_ends_the_second_call_with_the_last_tensor_that_is_needed() -> None:
    steps = Steps()
    checkpoint(steps, leaf(), use_reentrant=False).sum().backward()
    assert steps.seen == ["begin", "middle", "end", "begin", "middle"]


@pytest.mark.parametrize("how", ["argument", "switch", "reentrant"])
def test_without_early_stop_the_second_call_is_whole(how: str) -> None:
    steps, x = Steps(), leaf()
    if how == "argument":
        y = checkpoint(steps, x, use_reentrant=False, early_stop=False)
    elif how == "switch":
        with set_checkpoint_early_stop(False):
            y = checkpoint(steps, x, use_reentrant=False)
    else:
        y = checkpoint(steps, x, use_reentrant=True)
    y.sum().backward()
    assert steps.seen == ["begin", "middle", "end"] * 2


def test_it_is_computed_again_once_a_pass() -> None:
    steps, x = Steps(), leaf()
    y = checkpoint(steps, x, use_reentrant=False)
    y.sum().backward(retain_graph=True)
    y.sum().backward()
    assert steps.seen.count("begin") == 3
    assert x.grad is not None and x.grad.tolist() == pytest.approx([2 * g for g in gradient(Steps(), leaf())])


def test_what_was_saved_goes_after_the_forward() -> None:
    held: list[Any] = []

    class Holds(ts.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            y = x * 2
            held.append(weakref.ref(y))
            ctx.save_for_backward(y)
            return x * 1

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            (y,) = ctx.saved_tensors
            product: Tensor = g * y
            return product

    x = leaf(3)
    y = checkpoint(lambda v: Holds.apply(v * 1), x, use_reentrant=False)
    assert held[0]() is None
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == [6, 6]


def test_grad_and_inputs_work_without_reentrance() -> None:
    x, w = leaf(), leaf(2)
    y = checkpoint(lambda v: (v * w).sin(), x, use_reentrant=False)
    (g,) = ts.autograd.grad(y.sum(), x, retain_graph=True)
    y.sum().backward(inputs=[w])
    assert g.tolist() == pytest.approx([-0.832294] * 2, abs=1e-5)
    assert x.grad is None and w.grad is not None and w.grad.tolist() == pytest.approx([-0.416147] * 2, abs=1e-5)


@BOTH
def test_gradients_get_to_parameters_and_to_what_made_the_arguments(use_reentrant: bool) -> None:
    ts.manual_seed(3)
    model, x = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1)), ts.randn(4, 2, requires_grad=True)

    def gradients(through: Any) -> list[Any]:
        model.zero_grad()
        x.grad = None
        through(x * 2).sum().backward()
        return [p.grad.tolist() for p in (*model.parameters(), x) if p.grad is not None]

    found = gradients(lambda v: checkpoint(model, v, use_reentrant=use_reentrant))
    assert len(found) == 5 and found == gradients(model)


@BOTH
def test_the_second_call_draws_the_random_numbers_of_the_first(use_reentrant: bool) -> None:
    drawn: list[Any] = []

    def noise(x: Tensor) -> Any:
        drawn.append(ts.rand(2))
        return (x * drawn[-1]).sin()

    ts.manual_seed(5)
    y = checkpoint(noise, leaf(), use_reentrant=use_reentrant)
    after = ts.get_rng_state()
    ts.rand(3)
    now = ts.get_rng_state()
    y.sum().backward()
    assert drawn[0].tolist() == drawn[1].tolist()
    assert after != now == ts.get_rng_state()


@BOTH
def test_without_preserve_rng_state_the_second_call_draws_others(use_reentrant: bool) -> None:
    drawn: list[Any] = []

    def noise(x: Tensor) -> Tensor:
        drawn.append(ts.rand(2).tolist())
        return x.sin()

    checkpoint(noise, leaf(), use_reentrant=use_reentrant, preserve_rng_state=False).sum().backward()
    assert len(drawn) == 2 and drawn[0] != drawn[1]


def test_arguments_that_are_no_tensors_and_keywords_are_handed_on() -> None:
    def scaled(x: Tensor, by: float, *, plus: Tensor) -> Tensor:
        return (x * by + plus).sin()

    x, plus = leaf(), leaf()
    checkpoint(scaled, x, 2.0, use_reentrant=False, plus=plus).sum().backward()
    assert x.grad is not None and x.grad.tolist() == pytest.approx([-1.979985] * 2, abs=1e-5)
    assert plus.grad is not None and plus.grad.tolist() == pytest.approx([-0.989992] * 2, abs=1e-5)
    with pytest.raises(ValueError, match="Unexpected keyword arguments: plus"):
        checkpoint(scaled, x, 2.0, use_reentrant=True, plus=plus)


def test_reentrant_checkpoints_have_several_outputs_some_without_a_gradient() -> None:
    x = leaf(2)
    y, z, n = checkpoint(lambda v: (v * v, v.detach() * 3, 7), x, use_reentrant=True)
    assert n == 7
    (y.sum() + z.sum()).backward()
    assert x.grad is not None and x.grad.tolist() == [4, 4]


def test_a_saved_tensor_may_be_looked_at_outside_of_a_pass() -> None:
    steps, x = Steps(), leaf()
    y = checkpoint(steps, x, use_reentrant=False)
    node: Any = y.grad_fn
    for _ in range(2):
        assert node._saved_result.tolist() == y.tolist()
    assert steps.seen.count("begin") == 3
    y.sum().backward()
    assert x.grad is not None and x.grad.tolist() == gradient(Steps(), leaf())


@pytest.mark.parametrize("early_stop", [True, False])
def test_checkpoints_within_checkpoints(early_stop: bool) -> None:
    counts = {"inner": 0, "outer": 0}

    def inner(x: Tensor) -> Tensor:
        counts["inner"] += 1
        return x.sin().cos()

    def outer(x: Tensor) -> Any:
        counts["outer"] += 1
        return checkpoint(inner, x.exp(), use_reentrant=False).exp()

    x = leaf()
    with set_checkpoint_early_stop(early_stop):
        y = checkpoint(outer, x, use_reentrant=False)
    y.sum().backward()
    assert counts == {"outer": 2, "inner": 3}
    assert x.grad is not None and x.grad.tolist() == pytest.approx([2.4755] * 2, abs=1e-4)


@pytest.mark.parametrize(("early_stop", "ends"), [(True, 2), (False, 3)])
def test_a_backward_inside_of_a_checkpoint(early_stop: bool, ends: int) -> None:
    count = [0]

    def function(x: Tensor) -> Any:
        (g,) = ts.autograd.grad(x.sin().cos().sum(), x)
        count[0] += 1
        return x.cos() * g

    x = leaf()
    checkpoint(function, x, use_reentrant=False, early_stop=early_stop).sum().backward()
    assert count == [ends]
    assert x.grad is not None and x.grad.tolist() == pytest.approx([0.3390] * 2, abs=1e-4)


@BOTH
def test_a_checkpoint_of_a_module_with_backward_hooks(use_reentrant: bool) -> None:
    m, seen, x = nn.Tanh(), list[Any](), leaf()
    m.register_full_backward_hook(lambda mod, gi, go: seen.append(gi[0].tolist()))
    checkpoint(m, x, use_reentrant=use_reentrant).sum().backward()
    assert x.grad is not None and seen == [x.grad.tolist()]


def test_a_checkpoint_is_freed_with_its_graph() -> None:
    class Held:
        def __call__(self, x: Tensor) -> Tensor:
            return x.sin()

    for backward in (False, True):
        held = Held()
        ref = weakref.ref(held)
        y = checkpoint(held, leaf(), use_reentrant=False)
        if backward:
            y.sum().backward()
        del held, y
        assert ref() is None


def test_second_derivatives_go_through_a_checkpoint() -> None:
    x = leaf()
    (g,) = ts.autograd.grad(checkpoint(ts.tanh, x, use_reentrant=False).sum(), x, create_graph=True)
    (h,) = ts.autograd.grad(g.sum(), x)
    assert h.tolist() == pytest.approx([-0.63970] * 2, abs=1e-5)


def test_the_contexts_stand_around_the_first_call_and_the_later_one() -> None:
    seen: list[str] = []

    @contextlib.contextmanager
    def says(word: str) -> Iterator[None]:
        seen.append(f"+{word}")
        try:
            yield
        finally:
            seen.append(f"-{word}")

    checkpoint(Steps(), leaf(), use_reentrant=False, context_fn=lambda: (says("first"), says("later"))).sum().backward()
    assert seen == ["+first", "-first", "+later", "-later"]


def test_without_recording_a_checkpoint_is_the_function() -> None:
    steps = Steps()
    with ts.no_grad():
        assert not checkpoint(steps, leaf(), use_reentrant=False).requires_grad
    assert steps.seen == ["begin", "middle", "end"]
