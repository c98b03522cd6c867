"""checkpoint_sequential: which segments are checkpoints, and what it refuses."""

from typing import Any

import pytest

import tapescope as ts
from tapescope import Tensor, nn
from tapescope.utils.checkpoint import checkpoint_sequential


def leaf() -> Tensor:
    return ts.ones(2, requires_grad=True)


def gradient(function: Any, x: Tensor) -> Any:
    (g,) = ts.autograd.grad(function(x).sum(), x)
    return g.tolist()


@pytest.mark.parametrize("use_reentrant", [True, False])
def test_checkpoint_sequential_runs_all_but_the_last_segment_as_checkpoints(use_reentrant: bool) -> None:
    calls: list[int] = []

    def step(i: int) -> Any:
        def run(x: Tensor) -> Tensor:
            calls.append(i)
            return x.sin()

        return run

    x = leaf()
    y = checkpoint_sequential([step(i) for i in range(5)], 2, x, use_reentrant=use_reentrant)
    assert calls == [0, 1, 2, 3, 4]
    y.sum().backward()
    assert calls[5:] == [0, 1]
    assert x.grad is not None
    assert x.grad.tolist() == pytest.approx([0.1667] * 2, abs=1e-4)


def test_checkpoint_sequential_takes_a_sequential() -> None:
    x, model = leaf(), nn.Sequential(nn.Tanh(), nn.Sigmoid())
    checkpoint_sequential(model, 2, x, use_reentrant=False).sum().backward()
    assert x.grad is not None and x.grad.tolist() == pytest.approx(gradient(model, leaf()))


def test_checkpoint_sequential_refuses_what_does_not_fit() -> None:
    x, model = leaf(), nn.Sequential(nn.Tanh(), nn.Sigmoid())
    with pytest.raises(ValueError, match="2 functions cannot be cut into 3 segments"):
        checkpoint_sequential(model, 3, x, use_reentrant=False)
    with pytest.raises(ValueError, match="Unexpected keyword arguments: more"):
        checkpoint_sequential(model, 2, x, use_reentrant=False, more=1)
    with pytest.warns(UserWarning, match="checkpoint_sequential: the use_reentrant parameter"):
        checkpoint_sequential(model, 2, x)
