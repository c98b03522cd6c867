"""Tensors and other libraries' arrays: the same memory, for as long as someone holds it."""

from __future__ import annotations

import copy
import gc
import resource
import weakref
from pathlib import Path

import numpy as np
import pytest

import tapescope as ts


@pytest.mark.parametrize("dtype", [ts.float32, ts.float64, ts.int64, ts.bool])
def test_dlpack_shares_memory_both_ways(dtype: ts.dtype) -> None:
    x = ts.tensor([[1, 0, 3], [4, 5, 0]]).to(dtype)
    a = np.from_dlpack(x)
    assert a.tolist() == x.tolist() and a.dtype.name == str(dtype).removeprefix("tapescope.")
    a[0, 0] = 0
    assert x[0, 0].item() == 0
    back = ts.from_dlpack(a)
    assert back.data_ptr() == x.data_ptr() and back.dtype is dtype
    back[1, 1] = 0
    assert a[1, 1] == 0


def test_dlpack_keeps_strides() -> None:
    x = ts.arange(12.0).reshape(3, 4)
    assert np.from_dlpack(x.t()[1:, :2]).tolist() == x.t()[1:, :2].tolist()
    a = np.arange(12.0).reshape(3, 4)[::2, 1:]
    y = ts.from_dlpack(a)
    assert y.stride() == (8, 1) and y.tolist() == a.tolist()
    assert ts.from_dlpack(np.zeros((2, 0, 3))).shape == (2, 0, 3)
    assert ts.from_dlpack(np.asarray(5.0)).item() == 5


def test_dlpack_keeps_the_owner_alive() -> None:
    a = np.arange(1000.0)
    gone = weakref.ref(a)
    x = ts.from_dlpack(a)
    del a
    gc.collect()
    assert gone() is not None and x.sum().item() == 499500
    view = x[10:20]
    del x
    gc.collect()
    assert view.tolist() == list(range(10, 20))
    del view
    gc.collect()
    assert gone() is None
    b = np.from_dlpack(ts.arange(1000.0) + 1)
    gc.collect()
    assert b.sum() == 500500


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def test_an_unused_capsule_frees_its_tensor() -> None:
    before = resident()
    for _ in range(100):
        ts.ones(1_000_000).__dlpack__()
    assert resident() - before < 100e6  # of 400


def test_versions() -> None:
    x = ts.ones(2)
    assert "dltensor_versioned" in repr(x.__dlpack__(max_version=(1, 0)))
    assert "dltensor_versioned" not in repr(x.__dlpack__())
    assert x.__dlpack_device__() == (1, 0)
    assert ts.from_dlpack(x.__dlpack__()).data_ptr() == x.data_ptr()
    assert ts.from_dlpack(x.__dlpack__(copy=True)).data_ptr() != x.data_ptr()


def test_dlpack_refuses() -> None:
    with pytest.raises(BufferError, match="require gradient"):
        ts.ones(2, requires_grad=True).__dlpack__()
    with pytest.raises(BufferError, match="not copied to device"):
        ts.ones(2).__dlpack__(dl_device=(2, 0))
    with pytest.raises(ValueError, match="no stream"):
        ts.ones(2).__dlpack__(stream=1)
    capsule = ts.ones(2).__dlpack__()
    ts.from_dlpack(capsule)
    with pytest.raises(BufferError, match="consumed already"):
        ts.from_dlpack(capsule)
    with pytest.raises(TypeError, match="no __dlpack__"):
        ts.from_dlpack([1, 2])
    with pytest.raises(BufferError, match="16 bits"):
        ts.from_dlpack(np.ones(2, dtype=np.uint16))
    with pytest.raises(BufferError, match="negative"):
        ts.from_dlpack(np.arange(4.0)[::-1])
    locked = np.arange(4.0)
    locked.flags.writeable = False
    with pytest.raises(BufferError, match="read"):
        ts.from_dlpack(locked)


def test_the_buffer_protocol() -> None:
    x = ts.arange(6.0).reshape(2, 3)
    view = memoryview(x)
    assert (view.format, view.shape, view.strides, view.nbytes) == ("f", (2, 3), (12, 4), 24)
    view[0, 1] = 7.0
    assert x[0, 1].item() == 7
    assert memoryview(x.t()).tolist() == x.t().tolist()
    assert bytes(ts.tensor([True, False])) == b"\x01\x00"
    assert np.frombuffer(ts.tensor([1, 2]), dtype=np.int64).tolist() == [1, 2]
    held = memoryview(ts.ones(50) * 3)
    gc.collect()
    assert held[49] == 3.0


def test_the_buffer_protocol_refuses() -> None:
    with pytest.raises(BufferError, match="requires grad"):
        memoryview(ts.ones(2, requires_grad=True))
    with pytest.raises(BufferError, match="contiguous"):
        np.frombuffer(ts.ones(2, 3).t(), dtype=np.float32)


def test_numpy_takes_a_tensor_without_a_copy() -> None:
    x = ts.arange(4.0)
    a = np.asarray(x)
    a[0] = 9
    assert x[0].item() == 9
    assert np.asarray(x, dtype=np.float64).dtype == np.float64
    with pytest.raises(RuntimeError, match="requires grad"):
        np.asarray(ts.ones(2, requires_grad=True))


SCALARS = [np.float64(2), np.float32(2), np.int64(2), np.bool_(True), np.complex64(2j)]


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: type(s).__name__)
@pytest.mark.parametrize("grad", [False, True])
def test_operators_with_a_numpy_scalar_on_the_left_give_tensors(scalar: np.generic, grad: bool) -> None:
    x = ts.tensor([1.0, 3.0], requires_grad=grad)
    operators = [lambda a: a + x, lambda a: a * x, lambda a: a / x, lambda a: a**x]
    if not isinstance(scalar, np.bool_):
        operators.append(lambda a: a - x)
    for f in operators:
        y, wanted = f(scalar), f(scalar.item())
        assert type(y) is ts.Tensor and y.dtype is wanted.dtype and y.tolist() == wanted.tolist()
        assert (y.grad_fn is not None) == grad


def test_comparisons_with_a_numpy_scalar_on_the_left_give_tensors() -> None:
    x, two = ts.tensor([1.0, 2.0, 3.0]), np.float64(2)
    for y in (two < x, two <= x, two > x, two >= x, two == x, two != x):
        assert type(y) is ts.Tensor and y.dtype is ts.bool
    assert (two < x).tolist() == [False, False, True] and (two >= x).tolist() == [True, True, False]
    assert type(np.int64(7) // x) is type(np.int64(7) % x) is type(np.bool_(True) & (x > 2)) is ts.Tensor


def test_operators_with_an_array_on_the_left_give_tensors_of_the_graph() -> None:
    w = ts.ones(2, dtype=ts.float64, requires_grad=True)
    y = np.array([2.0, 3.0]) * w
    y.sum().backward()
    assert type(y) is ts.Tensor and w.grad.tolist() == [2, 3]


def test_as_tensor_shares_an_arrays_memory_where_it_can() -> None:
    a = np.arange(4.0)
    x = ts.as_tensor(a)
    x[0] = 9
    assert a[0] == 9 and x.dtype is ts.float64
    assert ts.as_tensor(x) is x
    frozen = np.arange(3.0)
    frozen.flags.writeable = False
    for other in (ts.as_tensor(a, dtype=ts.float32), ts.as_tensor(a[::-1]), ts.as_tensor(frozen)):
        other[0] = -1
    assert a.tolist() == [9, 1, 2, 3] and frozen.tolist() == [0, 1, 2]


def test_numpy_by_force() -> None:
    x = ts.ones(2, requires_grad=True)
    a = x.numpy(force=True)
    a[0] = 5
    assert x.tolist() == [5, 1] and x.requires_grad


def test_deepcopies_of_what_shares_memory_share_theirs() -> None:
    whole = ts.arange(12.0).view(3, 4)
    row, column, pair = copy.deepcopy([whole[0], whole[:, 1], ts.view_as_complex(whole.view(6, 2))])
    row[1] = 100
    assert column.tolist() == [100, 5, 9] and column.stride() == (4,) and column.storage_offset() == 1
    assert whole[0, 1].item() == 1 and pair.dtype is ts.complex64
    layer = copy.deepcopy(ts.nn.Linear(2, 3))
    assert layer.weight.is_leaf and layer.weight.requires_grad and not layer.weight._is_view()
    assert copy.deepcopy(ts.zeros(0, 3)).shape == (0, 3)


def test_a_clone_keeps_the_strides_of_a_dense_tensor() -> None:
    x = ts.ones(2, 3, requires_grad=True)
    assert x.t().clone().stride() == (1, 3) and x.t().contiguous().stride() == (2, 1)
    assert ts.ones(4, 6)[:, ::2].clone().stride() == (3, 1) and ts.ones(1).expand(3).clone().stride() == (1,)
    (x.t().clone() * ts.ones(3, 2)).sum().backward()
    assert x.grad is not None and x.grad.stride() == (3, 1)
