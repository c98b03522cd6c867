"""The CUDA backend: what it says where there is no GPU, what its library offers, and its values where there is one."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from pathlib import Path

import pytest
import test_op_table
from op_table import OPS

import tapescope as ts
from tapescope import _C

LIBRARY = Path(ts.__file__).with_name("libtapescope_cuda.so")
POINTWISE = [key for key, op in OPS.items() if op.pointwise]

built = pytest.mark.skipif(not LIBRARY.exists(), reason="make cuda has not built the backend")


def has_driver() -> bool:
    try:
        ctypes.CDLL("libcuda.so.1")
    except OSError:
        return False
    return True


def test_the_answer_is_a_bool_that_says_why() -> None:
    answer = ts.cuda.is_available()
    assert answer == (answer.reason is None) and bool(answer) in (True, False)
    assert f"{answer}" == ("True" if answer else f"False: {answer.reason}")
    assert ts.cuda.device_count() > 0 if answer else ts.cuda.device_count() == 0


@pytest.mark.skipif(has_driver(), reason="there is a driver")
def test_without_a_driver() -> None:
    assert repr(ts.cuda.is_available()) == ("False: this machine has no NVIDIA driver (libcuda.so.1 cannot be opened)")
    with pytest.raises(RuntimeError, match=r"get_device_name: no GPU has number 0: this machine has no NVIDIA driver"):
        ts.cuda.get_device_name()
    with pytest.raises(NotImplementedError, match="CUDA: this machine has no NVIDIA driver"):
        _C._run_pointwise_on_cuda(True)
    assert ts.tensor([1.0]).exp().item() == pytest.approx(2.7182817)


@built
def test_the_library_offers_what_the_cpu_does() -> None:
    """Every op, dtype and gradient; libc stands in for the driver, as no GPU is touched."""
    offers = _C._cuda_inventory(str(LIBRARY), "libc.so.6")
    assert len(offers) > 15
    for name, arity, cpu, cuda in offers:
        assert cuda == cpu, f"{name} of {arity}; is the library from older sources? make cuda builds it again"


@built
def test_the_library_finds_no_gpu_or_says_which() -> None:
    answer = ts.cuda.is_available()
    assert ts.cuda.get_device_name() if answer else answer.reason


@pytest.fixture
def on_gpu() -> Iterator[None]:
    _C._run_pointwise_on_cuda(True)
    try:
        yield
    finally:
        _C._run_pointwise_on_cuda(False)


@pytest.mark.usefixtures("on_gpu")
@pytest.mark.parametrize(("key", "dtype"), test_op_table.each_dtype(POINTWISE if ts.cuda.is_available() else []))
def test_values(key: str, dtype: type) -> None:
    test_op_table.test_values(key, dtype)
