"""Anomaly mode names the forward line behind an error or a NaN of the backward."""

from __future__ import annotations

import gc
import warnings

import pytest

import tapescope as ts
from tapescope.autograd import detect_anomaly, set_detect_anomaly


def quiet(check_nan: bool = True) -> detect_anomaly:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return detect_anomaly(check_nan)


def the_square_root(x: ts.Tensor) -> ts.Tensor:
    return x.sqrt()


def test_a_nan_names_its_node_and_its_line() -> None:
    x = ts.tensor([-1.0, 4.0], requires_grad=True)
    with quiet():
        y = the_square_root(x)
        with (
            pytest.warns(UserWarning, match="Error detected in SqrtBackward0") as warned,
            pytest.raises(RuntimeError, match="Function 'SqrtBackward0' returned nan values in its 0th output"),
        ):
            y.sum().backward()
    text = str(warned[0].message)
    assert "Traceback of forward call that caused the error" in text
    assert "return x.sqrt()" in text and "the_square_root(x)" in text
    assert "autograd/" not in text


def test_nan_may_pass() -> None:
    x = ts.tensor([-1.0], requires_grad=True)
    with quiet(check_nan=False):
        the_square_root(x).sum().backward()
    assert (x.grad != x.grad).all()


def test_without_forward_information() -> None:
    y = the_square_root(ts.tensor([-1.0], requires_grad=True)).sum()
    with (
        quiet(),
        pytest.warns(UserWarning, match="No forward pass information available"),
        pytest.raises(RuntimeError, match="nan"),
    ):
        y.backward()


def test_the_error_of_a_hook_is_the_node_it_hangs_on() -> None:
    def fails(_grad: ts.Tensor) -> None:
        raise KeyError("in the hook")

    with quiet():
        y = ts.ones(2, requires_grad=True) * 2
        y.register_hook(fails)
        with pytest.warns(UserWarning, match="Error detected in MulBackward0"), pytest.raises(KeyError, match="in the"):
            y.sum().backward()


def test_the_parents_of_a_second_derivative() -> None:
    x = ts.tensor([0.0], requires_grad=True)
    with quiet():
        y = x**1.5
        (g,) = ts.autograd.grad(y.sum(), x, create_graph=True)
        assert g.grad_fn.metadata["parent_"].name() == "PowBackward0"
        with (
            pytest.warns(UserWarning, match="Previous calculation was induced by PowBackward0") as warned,
            pytest.raises(RuntimeError, match="nan"),  # 0 times the infinite slope of x ** 0.5
        ):
            ts.autograd.grad((g * 0.0).sum(), x)
    assert "y = x**1.5" in str(warned[0].message)


def test_switches() -> None:
    assert not ts.is_anomaly_enabled()
    with pytest.warns(UserWarning, match="should only be enabled for debugging"):
        context = detect_anomaly()
    with context:
        assert ts.is_anomaly_enabled() and ts.is_anomaly_check_nan_enabled()
        with set_detect_anomaly(False):
            assert not ts.is_anomaly_enabled()
            assert "traceback_" not in (ts.ones(1, requires_grad=True) * 2).grad_fn.metadata
        assert ts.is_anomaly_enabled()
        with set_detect_anomaly(True, check_nan=False):
            assert not ts.is_anomaly_check_nan_enabled()
    assert not ts.is_anomaly_enabled()
    set_detect_anomaly(True)
    assert ts.is_anomaly_enabled()
    set_detect_anomaly(False)


def test_metadata_lasts_as_long_as_the_node() -> None:
    class Mark:
        gone = False

        def __del__(self) -> None:
            Mark.gone = True

    y = ts.ones(1, requires_grad=True) * 2
    y.grad_fn.metadata["mark"] = Mark()
    gc.collect()
    assert isinstance(y.grad_fn.metadata["mark"], Mark)  # the wrapper in between was another object
    del y
    gc.collect()
    assert Mark.gone
