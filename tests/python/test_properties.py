"""Shapes, dtypes and strides: what holds for all of them, tried on random ones against NumPy and PyTorch's tables.

TAPESCOPE_HYPOTHESIS=long tries many more.
"""

import os
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import tapescope as ts

LONG = os.environ.get("TAPESCOPE_HYPOTHESIS") == "long"
CASES = settings(max_examples=5000 if LONG else 200, derandomize=not LONG, database=None, deadline=None)

SHAPES = arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)


def numbered(shape):
    return np.arange(float(np.prod(shape, dtype=int))).reshape(shape)


def both(tensor, array):
    """What each gives, or the error it raises: an error of one is an error of the other."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # NumPy warns of empty means
            want = array()
    except (ValueError, IndexError, TypeError) as e:  # AxisError is both of the first
        with pytest.raises((RuntimeError, ValueError, IndexError, TypeError)):
            tensor()
        return None, e
    return tensor(), np.asarray(want)


def agree(got, want):
    if got is None:
        return
    assert got.shape == want.shape
    np.testing.assert_allclose(got.detach().numpy(), want, rtol=1e-12)


# --- shapes


@CASES
@given(SHAPES, SHAPES, SHAPES)
def test_broadcasting_is_numpys(a, b, c):
    x, y, z = (numbered(s) for s in (a, b, c))
    agree(*both(lambda: ts.tensor(x) + ts.tensor(y), lambda: x + y))
    agree(*both(lambda: ts.maximum(ts.tensor(x), ts.tensor(y)), lambda: np.maximum(x, y)))
    agree(*both(lambda: ts.where(ts.tensor(z) > 1, ts.tensor(x), ts.tensor(y)), lambda: np.where(z > 1, x, y)))

    def write():
        out = x.copy()
        out += y
        return out

    agree(*both(lambda: ts.tensor(x).add_(ts.tensor(y)), write))


@CASES
@given(arrays.mutually_broadcastable_shapes(num_shapes=2, max_dims=4, min_side=0, max_side=3))
def test_gradients_of_broadcast_operands_have_their_shapes(shapes):
    x, y = (ts.tensor(numbered(s)).requires_grad_() for s in shapes.input_shapes)
    out = x * y
    assert out.shape == shapes.result_shape
    dx, dy = ts.autograd.grad(out.sum(), (x, y))
    a, b = np.broadcast_arrays(x.detach().numpy(), y.detach().numpy())
    assert (dx.shape, dy.shape) == (x.shape, y.shape)
    assert dx.sum().item() == b.sum() and dy.sum().item() == a.sum()


@CASES
@given(arrays.mutually_broadcastable_shapes(signature=np.matmul.signature, max_dims=3, min_side=0, max_side=3))
def test_products_have_numpys_shapes(shapes):
    x, y = (numbered(s) for s in shapes.input_shapes)
    agree(ts.tensor(x) @ ts.tensor(y), x @ y)


@CASES
@given(st.data())
def test_reductions_over_any_dims(data):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    x = numbered(shape) - 3
    # Every now and then a dim that is not there, or one twice.
    dims = data.draw(st.lists(st.integers(-len(shape) - 1, len(shape)), min_size=1, max_size=3).map(tuple))
    keep = data.draw(st.booleans())
    agree(*both(lambda: ts.tensor(x).sum(dims, keepdim=keep), lambda: x.sum(dims, keepdims=keep)))
    agree(*both(lambda: ts.tensor(x).mean(dims, keepdim=keep), lambda: x.mean(dims, keepdims=keep)))
    agree(*both(lambda: ts.tensor(x).var(dims, correction=0, keepdim=keep), lambda: x.var(dims, keepdims=keep)))
    agree(*both(lambda: ts.tensor(x).max(dims[0], keep).values, lambda: x.max(dims[0], keepdims=keep)))
    agree(*both(lambda: ts.tensor(x).min(dims[0], keep).values, lambda: x.min(dims[0], keepdims=keep)))
    agree(*both(lambda: ts.tensor(x).argmax(dims[0], keep), lambda: x.argmax(dims[0], keepdims=keep)))


@CASES
@given(st.data())
def test_view_and_reshape_agree_with_the_elements(data):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=3, max_side=4))
    base = numbered(shape)
    order = data.draw(st.permutations(range(len(shape))))
    steps = tuple(slice(None, None, data.draw(st.integers(1, 2))) for _ in shape)
    array, tensor = base.transpose(order)[steps], ts.tensor(base).permute(*order)[steps]
    if array.size:
        strides = [s // 8 for s, n in zip(array.strides, array.shape, strict=True) if n > 1]
        assert [s for s, n in zip(tensor.stride(), tensor.shape, strict=True) if n > 1] == strides
    n = array.size
    wanted = data.draw(st.sampled_from([(n,), (-1, 1), (1, n), (2, -1), (-1, 2), (n // 2, 2), (3, -1), (2, 2, -1)]))
    agree(*both(lambda: tensor.reshape(wanted), lambda: array.reshape(wanted)))
    assert tensor.is_contiguous() == array.flags.c_contiguous
    try:
        seen = tensor.view(wanted)
    except ts.ShapeError:
        return
    assert seen.data_ptr() == tensor.data_ptr()
    agree(seen, array.reshape(wanted))


# --- indexing


@CASES
@given(st.data())
def test_reads_by_any_index_are_numpys(data):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=4))
    x = numbered(shape)
    key = data.draw(keys(shape))
    agree(*both(lambda: ts.tensor(x)[as_tensors(key)], lambda: x[key]))


@CASES
@given(st.data())
def test_writes_by_any_index_are_numpys(data):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=3, min_side=0, max_side=4))
    x = numbered(shape)
    key = data.draw(keys(shape))

    def write():
        x[key] = -1.5
        return x

    t = ts.tensor(x)
    got, want = both(lambda: t.__setitem__(as_tensors(key), -1.5), write)
    if not isinstance(want, Exception):
        assert got is None and t.tolist() == x.tolist()


@CASES
@given(st.data())
def test_gradients_of_reads_count_how_often_an_element_was_read(data):
    shape = data.draw(arrays.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=4))
    x = numbered(shape)
    key = data.draw(keys(shape))
    try:
        places = x[key].astype(int)
    except IndexError:
        return
    t = ts.tensor(x).requires_grad_()
    (g,) = ts.autograd.grad(t[as_tensors(key)].sum(), t)
    assert g.reshape(-1).tolist() == np.bincount(places.reshape(-1), minlength=x.size).tolist()


def keys(shape):
    """Numbers, slices, None, ..., integer arrays, masks: mostly in range."""

    @st.composite
    def draw(draw):
        parts, dim = [], 0
        joint = draw(arrays.array_shapes(min_dims=1, max_dims=2, min_side=1, max_side=3))
        # NumPy counts a number among the arrays, where that moves their dimensions; PyTorch selects it first.
        gather = ["array", "mask", "flat"] if draw(st.booleans()) else ["number"]
        while dim < len(shape) and draw(st.integers(0, 4)):
            size = shape[dim]
            kind = draw(st.sampled_from(["slice", "slice", "none", *gather]))
            if kind == "number":
                parts.append(draw(st.integers(-size - 1, size)))
            elif kind == "slice":
                ends = st.none() | st.integers(-size - 2, size + 2)
                parts.append(slice(draw(ends), draw(ends), draw(st.sampled_from([None, 1, 2, 3]))))
            elif kind == "array" and size:
                parts.append(draw(arrays.arrays(np.int64, joint, elements=st.integers(-size, size - 1))))
            elif kind == "mask":
                parts.append(draw(arrays.arrays(np.bool_, (size,))))
            elif kind == "flat" and dim + 1 < len(shape):
                parts.append(draw(arrays.arrays(np.bool_, shape[dim : dim + 2])))
                dim += 1
            else:
                parts.append(None)
                continue
            dim += 1
        if draw(st.booleans()):
            # Elsewhere it would move masks to other dimensions, or stand between arrays, which NumPy minds even where
            # it is for no dimension.
            parts.insert(draw(st.sampled_from([0, len(parts)])) if dim == len(shape) else len(parts), ...)
        return tuple(parts)

    return draw()


def as_tensors(key):
    return tuple(ts.tensor(k) if isinstance(k, np.ndarray) else k for k in key)


# --- dtypes


PROMOTED = {
    "bool": "bool uint8 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128",
    "uint8": "uint8 uint8 int16 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128",
    "int8": "int8 int16 int8 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128",
    "int16": "int16 int16 int16 int16 int32 int64 float16 bfloat16 float32 float64 complex64 complex128",
    "int32": "int32 int32 int32 int32 int32 int64 float16 bfloat16 float32 float64 complex64 complex128",
    "int64": "int64 int64 int64 int64 int64 int64 float16 bfloat16 float32 float64 complex64 complex128",
    "float16": "float16 float16 float16 float16 float16 float16 float16 float32 float32 float64 complex64 complex128",
    "bfloat16": "bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 bfloat16 float32 bfloat16 float32 float64 complex64 "
    "complex128",
    "float32": "float32 float32 float32 float32 float32 float32 float32 float32 float32 float64 complex64 complex128",
    "float64": "float64 float64 float64 float64 float64 float64 float64 float64 float64 float64 complex128 complex128",
    "complex64": "complex64 complex64 complex64 complex64 complex64 complex64 complex64 complex64 complex64 "
    "complex128 complex64 complex128",
    "complex128": " ".join(["complex128"] * 12),
}
"""PyTorch's torch.promote_types, columns in the order of the rows."""

CATEGORY = {"bool": 0, "uint8": 1, "int8": 1, "int16": 1, "int32": 1, "int64": 1}
CATEGORY |= {"float16": 2, "bfloat16": 2, "float32": 2, "float64": 2, "complex64": 3, "complex128": 3}
NAMES = list(PROMOTED)


def promoted(a, b):
    return PROMOTED[a].split()[NAMES.index(b)]


def test_the_table_has_every_dtype():
    assert {str(v).removeprefix("tapescope.") for v in vars(ts).values() if isinstance(v, ts.dtype)} == set(NAMES)


@pytest.mark.parametrize("a", NAMES)
@pytest.mark.parametrize("b", NAMES)
def test_promotion_is_pytorchs(a, b):
    def result(x, y):
        out = x * y
        assert ts.where(ts.ones(1, dtype=ts.bool), x, y).dtype is ts.stack([out, out]).dtype is out.dtype
        return str(out.dtype).removeprefix("tapescope.")

    def make(name, *shape):
        return ts.ones(*shape, dtype=getattr(ts, name)) if shape else ts.ones((), dtype=getattr(ts, name))

    assert result(make(a, 2), make(b, 2)) == promoted(a, b)
    assert result(make(a), make(b)) == promoted(a, b)
    # A tensor without dimensions counts only if it is of a higher category; a complex one leaves the precision.
    want = a if CATEGORY[b] <= CATEGORY[a] else promoted(a, b)
    if CATEGORY[a] == 2 and CATEGORY[b] == 3:
        want = "complex128" if a == "float64" else "complex64"
    assert result(make(a, 2), make(b)) == want
    assert ts.cat([make(a, 2), make(b, 2)]).dtype is getattr(ts, promoted(a, b))


@pytest.mark.parametrize("a", NAMES)
def test_numbers_count_by_their_category(a):
    x = ts.ones(2, dtype=getattr(ts, a))
    kinds = {True: "bool", 3: "int64", 0.5: "float32", 1j: "complex64"}
    for number, kind in kinds.items():
        want = a if CATEGORY[kind] <= CATEGORY[a] else kind
        if (kind, a) == ("complex64", "float64"):
            want = "complex128"
        assert str((x * number).dtype) == f"tapescope.{want}", number


@CASES
@given(st.data())
def test_casts_go_through_the_values(data):
    names = [n for n in NAMES if n != "bfloat16" and "complex" not in n]
    a, b = data.draw(st.sampled_from(names)), data.draw(st.sampled_from(names))
    low = 0 if "uint8" in (a, b) else -100
    values = data.draw(st.lists(st.integers(low, 100), max_size=5))
    x = np.array(values).astype(a)
    got = ts.tensor(x).to(getattr(ts, b))
    assert got.numpy().dtype == np.dtype(b) and got.tolist() == x.astype(b).tolist()
