"""The numbers of a look: in blocks they are what numpy says of the whole."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tapescope.explore import methods, params, stats
from tapescope.explore.errors import Refusal


def finish(work: Any) -> Any:
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stats.blocks, "__defaults__", (5,))


FLOATS = arrays.arrays(np.float32, arrays.array_shapes(max_dims=3, max_side=7), elements=st.floats(width=32))


@given(FLOATS)
def test_blocks_are_the_array(array: np.ndarray) -> None:
    parts = [part.ravel() for part in stats.blocks(array)]
    np.testing.assert_array_equal(np.concatenate(parts), array.ravel())
    assert all(part.size <= max(5, 1) for part in parts)


@given(FLOATS)
@settings(max_examples=200)
def test_statistics(array: np.ndarray) -> None:
    result = finish(stats.stats(array))
    wide = array.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    assert result["shape"] == list(array.shape)
    assert result.get("nan", 0) == np.isnan(wide).sum()
    assert result.get("inf", 0) == np.isinf(wide).sum()
    assert result["zero"] == (wide == 0).sum()
    if finite.size:
        assert (result["min"], result["max"]) == (finite.min(), finite.max())
        scale = np.abs(finite).max()
        assert math.isclose(result["mean"], finite.mean(), rel_tol=1e-9, abs_tol=1e-9 * scale)
        assert math.isclose(result["std"], finite.std(), rel_tol=1e-6, abs_tol=1e-7 * scale)
    else:
        assert not {"min", "max", "mean", "std"} & set(result)
    if finite.size == wide.size:
        assert math.isclose(result["norm"], np.sqrt((wide**2).sum()), rel_tol=1e-9)


def test_the_norm_does_not_overflow_and_says_what_is_not_finite() -> None:
    assert finish(stats.stats(np.full(4, 1e200)))["norm"] == pytest.approx(2e200)
    assert finish(stats.stats(np.array([1, np.inf])))["norm"] == "Infinity"
    assert finish(stats.stats(np.array([np.nan, np.inf])))["norm"] == "NaN"
    assert finish(stats.stats(np.zeros((0, 3)))) == {"shape": [0, 3], "norm": 0.0, "zero": 0}


def test_the_spread_of_large_numbers_does_not_cancel() -> None:
    array = 1e9 + np.arange(20, dtype=np.float64)
    assert finish(stats.stats(array))["std"] == pytest.approx(np.arange(20).std())


@given(FLOATS, st.integers(1, 20))
def test_histograms_count_every_element_once(array: np.ndarray, bins: int) -> None:
    edges, counts, below, above, nan, inf = finish(stats.histogram(array, bins, (-1.0, 1.0)))
    assert len(edges) == bins + 1
    assert counts.sum() + below + above + nan + inf == array.size
    edges, counts, below, above, nan, inf = finish(stats.histogram(array, bins, None))
    assert np.all(np.diff(edges) > 0)
    assert counts.sum() + nan + inf == array.size and below == above == 0


@given(st.lists(st.integers(0, 3000), min_size=0, max_size=4), st.integers(1, 3))
def test_a_cut_index_holds_at_most_the_limit(shape: list[int], step: int) -> None:
    index = params.index({"index": [[0, size, step] for size in shape]}, tuple(shape))
    cut = methods.cut(index, 8)
    assert math.prod(len(range(*each)) for each in cut) <= methods.limits.VALUES or not shape
    for before, after in zip(index, cut, strict=True):
        assert after[0] == before[0] and after[1] <= before[1] and after[2] == before[2]


def test_an_index_that_fits_is_not_cut() -> None:
    assert methods.cut([(0, 10, 1), (2, 9, 3)], 4) == [(0, 10, 1), (2, 9, 3)]


def test_an_index_is_kept_within_the_shape() -> None:
    assert params.index({"index": [[2, 99, 1], [7, 3, 2]]}, (5, 4)) == [(2, 5, 1), (4, 4, 2)]
    with pytest.raises(Refusal):
        params.index({"index": [[0, 1, 1]]}, ())
