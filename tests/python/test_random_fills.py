"""Random fills: their ranges, their moments, and what they refuse."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

import tapescope as ts

N = 40_000


def filled(fill: Callable[[ts.Tensor], Any], dtype: ts.dtype = ts.float64) -> ts.Tensor:
    ts.manual_seed(7)
    x = ts.zeros(N, dtype=dtype)
    fill(x)
    return x


@pytest.mark.parametrize(
    ("fill", "mean", "deviation"),
    [
        (lambda x: x.uniform_(-1, 3), 1, 4 / math.sqrt(12)),
        (lambda x: x.normal_(2, 0.5), 2, 0.5),
        (lambda x: x.exponential_(4), 1 / 4, 1 / 4),
        (lambda x: x.log_normal_(0, 0.25), math.exp(0.25**2 / 2), 0.2577),
        (lambda x: x.geometric_(0.25), 4, math.sqrt(0.75) / 0.25),
        (lambda x: x.bernoulli_(0.25), 0.25, math.sqrt(0.25 * 0.75)),
        (lambda x: x.bernoulli_(ts.full((1,), 0.25)), 0.25, math.sqrt(0.25 * 0.75)),
        (lambda x: x.random_(0, 10), 4.5, math.sqrt(99 / 12)),
    ],
)
def test_moments(fill: Callable[[ts.Tensor], Any], mean: float, deviation: float) -> None:
    x = filled(fill)
    assert x.mean().item() == pytest.approx(mean, abs=6 * deviation / math.sqrt(N))
    assert x.std().item() == pytest.approx(deviation, rel=0.05)


def test_cauchy_has_its_quartiles() -> None:
    x = filled(lambda x: x.cauchy_(1, 2))
    for bound, share in ((-1, 0.25), (1, 0.5), (3, 0.75)):
        assert (x < bound).double().mean().item() == pytest.approx(share, abs=0.015)


def test_geometric_counts_from_one() -> None:
    x = filled(lambda x: x.geometric_(0.5), ts.int64)
    assert x.min().item() == 1 and (x == 1).double().mean().item() == pytest.approx(0.5, abs=0.02)


def test_bernoulli_of_each_element() -> None:
    p = ts.tensor([0.0, 1.0, 0.0, 1.0], requires_grad=True)
    drawn = ts.bernoulli(p)
    assert drawn.tolist() == [0, 1, 0, 1] and drawn.grad_fn is not None
    drawn.sum().backward()
    assert p.grad is not None and p.grad.tolist() == [0, 0, 0, 0]
    with pytest.raises(ValueError, match=r"in \[0, 1\]"):
        ts.bernoulli(ts.tensor([0.5, 1.5]))
    with pytest.raises(RuntimeError, match="broadcast"):
        ts.zeros(3).bernoulli_(ts.full((4,), 0.5))


@pytest.mark.parametrize(
    ("dtype", "low", "high"), [(ts.uint8, 0, 256), (ts.int8, -128, 128), (ts.bool, 0, 2), (ts.int16, -32768, 32768)]
)
def test_integers_over_the_whole_dtype(dtype: ts.dtype, low: int, high: int) -> None:
    x = filled(lambda x: x.random_(low, high), dtype)
    assert x.long().min().item() <= low + 40 and x.long().max().item() >= high - 41
    with pytest.raises((ValueError, RuntimeError), match="holds"):
        filled(lambda x: x.random_(low, high + 1), dtype)
    with pytest.raises((ValueError, RuntimeError), match="holds"):
        filled(lambda x: x.random_(low - 1, high), dtype)


@pytest.mark.parametrize(
    "fill",
    [
        lambda x: x.uniform_(0, math.inf),
        lambda x: x.uniform_(-3e38, 3e38),
        lambda x: x.uniform_(1, 0),
        lambda x: x.log_normal_(0, 0),
        lambda x: x.cauchy_(0, -1),
        lambda x: x.geometric_(0),
        lambda x: x.geometric_(1),
        lambda x: x.bernoulli_(-0.5),
        lambda x: x.exponential_(0),
    ],
)
def test_what_has_no_meaning_is_refused_and_nothing_is_written(fill: Callable[[ts.Tensor], Any]) -> None:
    x = ts.full((3,), 5.0)
    with pytest.raises((ValueError, RuntimeError)):
        fill(x)
    assert x.tolist() == [5, 5, 5] and x._version == 0


def test_seeds_below_zero_and_above_the_signed() -> None:
    ts.manual_seed(-1)
    a = ts.rand(3)
    ts.manual_seed(2**64 - 1)
    assert ts.rand(3).tolist() == a.tolist()
    with pytest.raises(ValueError, match="manual_seed"):
        ts.manual_seed(2**64)
    with pytest.raises(TypeError, match="get_rng_state"):
        ts.set_rng_state(3)
