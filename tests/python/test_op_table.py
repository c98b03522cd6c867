"""Every op of the table: values, derivatives, layouts, writes; and every op of the engine is in the table."""

import re

import numpy as np
import pytest
from layouts import LAYOUTS, base_shape, fits, laid
from op_table import OPS, TABLE

import tapescope as ts
from tapescope import _C
from tapescope.autograd import gradcheck, gradgradcheck

KINDS = {
    "f": [np.float32, np.float64],
    "h": [np.float16],
    "i": [np.int64, np.int32, np.int16, np.int8, np.uint8],
    "z": [np.complex128, np.complex64],
    "b": [np.bool_],
}
WIDE = {"f": np.longdouble, "c": np.clongdouble}


def each_dtype(keys):
    """Of these lines of the table: with every dtype that the op takes."""
    return [pytest.param(k, t, id=f"{k}-{t.__name__}") for k in keys for kind in OPS[k].dtypes for t in KINDS[kind]]


# What a pointwise op is tried on: nothing, one, odd counts around the width of the vectors, sizes that broadcast.
ONE = [(), (0,), (1,), (7,), (33,), (2, 3), (0, 3), (5, 1), (2, 1, 9)]
TWO = [((), ()), ((3,), ()), ((17,), (17,)), ((2, 3), (3,)), ((2, 1), (1, 5)), ((0, 3), (1, 3)), ((3, 1, 2), (4, 1))]

DERIVED = [key for key, op in OPS.items() if op.slopes]
REAL = [key for key in DERIVED if "f" in OPS[key].dtypes]
WRITTEN = [key for key, op in OPS.items() if op.write]
VIEWS = [key for key, op in OPS.items() if op.view and op.slopes]


def shapes_of(op):
    if not op.pointwise:
        return [op.shapes]
    return [op.shapes, *([(s,) for s in ONE] if len(op.shapes) == 1 else TWO)]


def draw(op, dtype, shapes, seed=0):
    """Arrays of these shapes with elements from the op's domain, different ones as far as the dtype has them."""
    rng = np.random.default_rng(seed)
    kind = np.dtype(dtype).kind
    if kind == "b":
        return [rng.random(s) < 0.5 for s in shapes]
    if kind in "iu":
        low = max(int(np.ceil(op.low)), np.iinfo(dtype).min)
        return [rng.integers(low, int(op.high) + 1, s).astype(dtype) for s in shapes]
    real = [np.asarray(rng.uniform(op.low, op.high, s)) for s in shapes]
    if kind == "c":
        real = [a + 1j * rng.uniform(op.low, op.high, a.shape) for a in real]
    return [a.astype(dtype) for a in real]


def plain_dtype(op):
    return np.float64 if "f" in op.dtypes else np.int64


def bases(op, layout, shapes, dtype=np.float64, seed=0):
    return draw(op, dtype, [base_shape(layout, s) for s in shapes], seed)


def tensors(arrays, requires_grad=False):
    return [ts.tensor(a).requires_grad_(requires_grad) for a in arrays]


def several(x):
    return x if isinstance(x, tuple | list) else (x,)


@np.errstate(all="ignore")
def expected(op, arrays, dtype):
    """What the op is to give: arrays, and the dtype of each."""
    kind = np.dtype(dtype).kind
    wide = WIDE.get(kind, np.longdouble if not op.integers else dtype)
    out = [np.asarray(a) for a in several(op.by_hand(*(a.astype(wide) for a in arrays)))]
    real = np.finfo(dtype).dtype.itemsize if kind in "fc" else 4
    names = {np.dtype(np.longdouble): f"f{real}", np.dtype(np.clongdouble): f"c{2 * real}", np.dtype("u8"): "i8"}
    return [(a, np.dtype(names.get(a.dtype, a.dtype))) for a in out]


def check(op, got, want, case):
    got = several(got)
    assert len(got) == len(want), case
    for g, (w, dtype) in zip(got, want, strict=True):
        g = g.detach().numpy()
        assert (g.dtype, g.shape) == (dtype, w.shape), case
        if g.dtype.kind not in "fc":
            assert (g == w).all(), f"{case}: {g} instead of {w}"
        elif g.size:
            w = w.astype(WIDE[g.dtype.kind])
            size = np.abs(w) if op.pointwise else np.abs(w).max()
            unit = np.maximum(size, np.finfo(dtype).tiny) * np.finfo(dtype).eps
            with np.errstate(invalid="ignore"):
                off = np.where((g == w) | (np.isnan(g) & np.isnan(w)), 0, np.abs(g - w) / unit).max()
            assert off <= op.ulps, f"{case}: off by {off} units in the last place: {g} instead of {w}"


@pytest.mark.parametrize(("key", "dtype"), each_dtype(OPS))
def test_values(key, dtype):
    op = OPS[key]
    for shapes in shapes_of(op):
        for layout in LAYOUTS:
            if layout == "dense" or any(fits(layout, s) for s in shapes):
                arrays = bases(op, layout, shapes, dtype)
                got = op.call(*(laid(layout, t, s) for t, s in zip(tensors(arrays), shapes, strict=True)))
                want = expected(op, [laid(layout, a, s) for a, s in zip(arrays, shapes, strict=True)], dtype)
                check(op, got, want, f"{key} of {dtype.__name__} {shapes}, {layout}")


SPECIAL = [float("nan"), float("inf"), -float("inf"), 0.0, -0.0, 1.0, -1.0, 0.5, -2.0, 3.0, 1e-40, -1e38, 3e38]


@pytest.mark.parametrize("key", [k for k, op in OPS.items() if op.pointwise and op.slopes and "f" in op.dtypes])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_at_the_edges(key, dtype):
    """Not-a-number, infinity, both zeros, numbers too small for a full mantissa, and the largest."""
    op = OPS[key]
    line = np.array(SPECIAL, dtype)
    arrays = [line] if len(op.shapes) == 1 else [a.reshape(-1) for a in np.meshgrid(line, line)]
    got = op.call(*tensors(arrays)).numpy()
    with np.errstate(all="ignore"):
        want = op.by_hand(*arrays).astype(dtype)
    np.testing.assert_allclose(got, want, rtol=1e-6, atol=1e-44)


LAID_OUT = [(k, n) for k in REAL for n in LAYOUTS if n == "dense" or any(fits(n, s) for s in OPS[k].shapes)]


def seen(op, layout, shapes):
    """The op behind a layout: a function of the bases that gives what has gradients."""

    def call(*given):
        out = several(op.call(*(laid(layout, x, s) for x, s in zip(given, shapes, strict=True))))
        return [y for y in out if y.dtype in (ts.float64, ts.complex128)]

    return call


@pytest.mark.parametrize(("key", "layout"), LAID_OUT)
def test_gradients(key, layout):
    op = OPS[key]
    given = tensors(bases(op, layout, op.shapes), True)
    if any(x.numel() for x in given):
        assert gradcheck(seen(op, layout, op.shapes), given)


@pytest.mark.parametrize(("key", "layout"), [(k, n) for k, n in LAID_OUT if OPS[k].slopes > 1])
def test_second_gradients(key, layout):
    op = OPS[key]
    ts.manual_seed(0)
    given = tensors(bases(op, layout, op.shapes), True)
    assert gradgradcheck(seen(op, layout, op.shapes), given, fast_mode=layout != "dense")


@pytest.mark.parametrize("key", [k for k in DERIVED if "z" in OPS[k].dtypes])
def test_gradients_of_complex_numbers(key):
    op = OPS[key]
    ts.manual_seed(0)
    given = tensors(draw(op, np.complex128, op.shapes), True)
    if any(x.numel() for x in given):
        assert gradcheck(seen(op, "dense", op.shapes), given)
        assert gradgradcheck(seen(op, "dense", op.shapes), given)


@pytest.mark.parametrize("key", [k for k in REAL if OPS[k].pointwise])
def test_gradients_over_shapes(key):
    op = OPS[key]
    for shapes in shapes_of(op):
        given = tensors(draw(op, np.float64, shapes), True)
        assert gradcheck(op.call, given, fast_mode=True), shapes
        grads = ts.autograd.grad(op.call(*given).sum(), given)
        assert [g.shape for g in grads] == [x.shape for x in given]


# --- writes


@pytest.mark.parametrize(("key", "dtype"), each_dtype(WRITTEN))
def test_writes(key, dtype):
    """The same numbers as out of place, in the memory of the tensor and nowhere else."""
    op = OPS[key]
    if np.dtype(dtype).kind in "iub" and not op.integers:
        x, *rest = tensors(draw(op, dtype, op.shapes))
        with pytest.raises(ts.DTypeError):
            op.write(x, *rest)
        assert x._version == 0
        return
    for layout, form in LAYOUTS.items():
        if form.shared:
            continue
        shape = op.shapes[0]
        (base,) = bases(op, layout, (shape,), dtype)
        rest = draw(op, dtype, op.shapes[1:], seed=1)
        t = ts.tensor(base)
        x = laid(layout, t, shape)
        assert op.write(x, *tensors(rest)) is x
        assert t._version == x._version == 1
        ((want, _),) = expected(op, [laid(layout, base, shape), *rest], dtype)
        whole = base.astype(want.dtype)
        laid(layout, whole, shape)[...] = want
        check(op, t, [(whole, base.dtype)], f"{key} of {dtype.__name__}, {layout}")


@pytest.mark.parametrize("key", [k for k in WRITTEN if OPS[k].slopes])
def test_gradients_of_writes(key):
    op = OPS[key]
    for layout, form in LAYOUTS.items():
        if form.shared:
            continue

        def through(x, *rest, layout=layout):
            base = x * 1
            op.write(laid(layout, base, op.shapes[0]), *rest)
            return base

        given = tensors([*bases(op, layout, op.shapes[:1]), *draw(op, np.float64, op.shapes[1:], seed=1)], True)
        assert gradcheck(through, given, fast_mode=layout != "dense"), layout
        assert gradgradcheck(through, given, fast_mode=True), layout


@pytest.mark.parametrize("key", WRITTEN)
def test_what_may_not_be_written(key):
    op = OPS[key]
    x, *rest = tensors(draw(op, np.float64, op.shapes))
    with pytest.raises(ts.AutogradError, match=r"^a leaf Variable that requires grad"):
        op.write(x.requires_grad_(), *rest)
    with pytest.raises(ts.AutogradError, match="a view of a leaf Variable that requires grad"):
        op.write(x.view(x.shape), *rest)
    for layout in ("repeated", "overlapping"):
        (base,) = tensors(bases(op, layout, op.shapes[:1]))
        if op.overlaps:
            assert (op.write(laid(layout, base, op.shapes[0]), *rest) == base.view(-1)[0]).all()
            continue
        with pytest.raises(RuntimeError, match="more than one element of the written-to tensor"):
            op.write(laid(layout, base, op.shapes[0]), *rest)
        assert base._version == 0
    if op.pointwise == 2:
        with pytest.raises(ts.ShapeError):
            op.write(*tensors(draw(op, plain_dtype(op), ((3,), (2, 3)))))


@pytest.mark.parametrize("key", [k for k in WRITTEN if OPS[k].pointwise == 2])
def test_operands_that_share_memory(key):
    """x.op_(x), and a part written with another part that overlaps it, as if the operand had been copied."""
    op = OPS[key]
    (line,) = draw(op, plain_dtype(op), ((9,),))
    for write, read in ((slice(None), slice(None)), (slice(1, None), slice(None, -1)), (slice(0, 7, 2), slice(4, 8))):
        want = line.copy()
        want[write] = op.by_hand(line[write], line[read])
        x = ts.tensor(line)
        op.write(x[write], x[read])
        np.testing.assert_allclose(x.numpy(), want, rtol=1e-14)
    square = line.reshape(3, 3)
    for part in (slice(0, 1), slice(1, 2), (slice(None), slice(0, 1))):
        x = ts.tensor(square)
        op.write(x, x[part])
        np.testing.assert_allclose(x.numpy(), op.by_hand(square, square[part]), rtol=1e-14)


# --- views


@pytest.mark.parametrize("key", VIEWS)
def test_views_are_written_through(key):
    op = OPS[key]
    (array,) = draw(op, np.float64, op.shapes)
    x = ts.tensor(array)
    op.call(x).mul_(3)
    part = op.by_hand(array)
    part *= 3
    assert x.tolist() == array.tolist()

    def through(x):
        base = x * 1
        op.call(base).mul_(x.sum())
        return base

    (given,) = tensors([array], True)
    assert gradcheck(through, given)
    assert gradgradcheck(through, given, fast_mode=True)


def test_random_numbers_fill_what_they_are_told_to():
    ts.manual_seed(1)
    x = ts.zeros(40, 50)
    part = x[::2, 1::2]
    for fill, low, high, mean in (
        (lambda: part.uniform_(1, 3), 1, 3, 2),
        (lambda: part.normal_(5, 0.1), 4, 6, 5),
        (lambda: part.exponential_(2), 0, 20, 0.5),
        (lambda: part.bernoulli_(0.25), 0, 1, 0.25),
        (lambda: part.random_(-2, 3), -2, 2, 0),
    ):
        a = fill().numpy()
        assert a.min() >= low and a.max() <= high and abs(a.mean() - mean) < 0.2 * max(1, high - low) / 4
        assert (x.numpy()[1::2] == 0).all() and (x.numpy()[:, ::2] == 0).all()


def test_a_cast_hands_the_gradient_back_in_its_dtype():
    x = ts.ones(2, dtype=ts.float64, requires_grad=True)
    (g,) = ts.autograd.grad((x.float() * 3).sum(), x)
    assert g.dtype is ts.float64 and g.tolist() == [3, 3]


def test_gradgradcheck_leaves_out_what_has_no_gradient():
    x = ts.tensor([[1.0, 3.0], [5.0, 2.0]], dtype=ts.float64, requires_grad=True)
    assert gradcheck(lambda x: x.max(1), x) and gradgradcheck(lambda x: x.max(1), x)


def test_gradcheck_finds_a_wrong_gradient():
    def wrong(x):
        return x * x.detach()

    with pytest.raises(ts.autograd.GradcheckError, match="numerical"):
        gradcheck(wrong, ts.randn(3, dtype=ts.float64, requires_grad=True))


# --- the table


def offered():
    """Names of the ops that Python is offered, and how many ways there are to call each."""
    members = [*vars(_C).items(), *vars(ts.Tensor).items()]  # some are attributes of tensors: x.real
    return {
        n: len(re.findall(rf"^{n}\(", v.__doc__, re.M))
        for n, v in members
        if type(v) is type(_C.sum) and not n.startswith("__")
    }


def test_every_op_is_in_the_table():
    named = [op.name for op in TABLE]
    for name, ways in offered().items():
        assert named.count(name) >= ways, f"{name}: {ways} ways to call it, {named.count(name)} lines in op_table.py"
    kinds = {(op.name, len(op.shapes), op.scalars) for op in TABLE if op.pointwise and op.write}
    assert kinds >= {(name, operands, numbers) for name, operands, numbers, *_ in _C._pointwise_ops()}


def test_every_line_of_the_table_is_an_op():
    pointwise = {name for name, *_ in _C._pointwise_ops()}
    assert {op.name for op in TABLE} - set(offered()) - pointwise == {"index", "slice"}  # x[…]


def test_every_pointwise_op_is_a_method_and_a_function():
    for name, *_ in _C._pointwise_ops():
        assert hasattr(ts.Tensor, name) and hasattr(ts, name) and hasattr(ts.Tensor, name + "_"), name
