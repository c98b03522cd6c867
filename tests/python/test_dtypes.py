"""Every dtype: what they become together, what ops make of them, and how they come and go.

The tables are PyTorch's answers, written down.
"""

import copy
import math
import pickle
import warnings

import numpy as np
import pytest

import tapescope as ts

SHORT = {
    "b": ts.bool, "u1": ts.uint8, "i1": ts.int8, "i2": ts.int16, "i4": ts.int32, "i8": ts.int64,
    "f2": ts.float16, "bf": ts.bfloat16, "f4": ts.float32, "f8": ts.float64, "c8": ts.complex64, "c16": ts.complex128,
}  # fmt: skip
ALL = list(SHORT.values())
SMALL = [ts.uint8, ts.int8, ts.int16, ts.int32]
INTEGERS = [*SMALL, ts.int64]
HALVES = [ts.float16, ts.bfloat16]
FLOATS = [*HALVES, ts.float32, ts.float64]
COMPLEX = [ts.complex64, ts.complex128]
NUMPY = [t for t in ALL if t is not ts.bfloat16]

PROMOTED = """
b u1 i1 i2 i4 i8 f2 bf f4 f8 c8 c16
u1 u1 i2 i2 i4 i8 f2 bf f4 f8 c8 c16
i1 i2 i1 i2 i4 i8 f2 bf f4 f8 c8 c16
i2 i2 i2 i2 i4 i8 f2 bf f4 f8 c8 c16
i4 i4 i4 i4 i4 i8 f2 bf f4 f8 c8 c16
i8 i8 i8 i8 i8 i8 f2 bf f4 f8 c8 c16
f2 f2 f2 f2 f2 f2 f2 f4 f4 f8 c8 c16
bf bf bf bf bf bf f4 bf f4 f8 c8 c16
f4 f4 f4 f4 f4 f4 f4 f4 f4 f8 c8 c16
f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 c16 c16
c8 c8 c8 c8 c8 c8 c8 c8 c8 c16 c8 c16
c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16
"""
# A tensor of the row's type with dimensions, and one of the column's without. (PyTorch has complex32 for float16.)
WEAK = """
b u1 i1 i2 i4 i8 f2 bf f4 f8 c8 c16
u1 u1 u1 u1 u1 u1 f2 bf f4 f8 c8 c16
i1 i1 i1 i1 i1 i1 f2 bf f4 f8 c8 c16
i2 i2 i2 i2 i2 i2 f2 bf f4 f8 c8 c16
i4 i4 i4 i4 i4 i4 f2 bf f4 f8 c8 c16
i8 i8 i8 i8 i8 i8 f2 bf f4 f8 c8 c16
f2 f2 f2 f2 f2 f2 f2 f2 f2 f2 c8 c8
bf bf bf bf bf bf bf bf bf bf c8 c8
f4 f4 f4 f4 f4 f4 f4 f4 f4 f4 c8 c8
f8 f8 f8 f8 f8 f8 f8 f8 f8 f8 c16 c16
c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8 c8
c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16 c16
"""
# With True, 1, 1.5 and 1j, whether the tensor has dimensions or not.
NUMBERS = """
b i8 f4 c8
u1 u1 f4 c8
i1 i1 f4 c8
i2 i2 f4 c8
i4 i4 f4 c8
i8 i8 f4 c8
f2 f2 f2 c8
bf bf bf c8
f4 f4 f4 c8
f8 f8 f8 c16
c8 c8 c8 c8
c16 c16 c16 c16
"""


def table(text):
    return [[SHORT[word] for word in line.split()] for line in text.strip().splitlines()]


def test_promotion_of_all_pairs():
    for a, row in zip(ALL, table(PROMOTED), strict=True):
        assert [ts.promote_types(a, b) for b in ALL] == row
        for b, wanted in zip(ALL, row, strict=True):
            assert ts.result_type(ts.zeros(2, dtype=a), ts.zeros(2, dtype=b)) is wanted
            assert ts.cat([ts.zeros(1, dtype=a), ts.zeros(1, dtype=b)]).dtype is wanted
            assert (ts.ones(2, dtype=a) * ts.ones(2, dtype=b)).dtype is wanted


def test_tensors_without_dimensions_and_numbers_give_way():
    for a, row in zip(ALL, table(WEAK), strict=True):
        for b, wanted in zip(ALL, row, strict=True):
            assert ts.result_type(ts.zeros(2, dtype=a), ts.zeros((), dtype=b)) is wanted, (a, b)
            assert (ts.ones((), dtype=b) * ts.ones(2, dtype=a)).dtype is wanted, (a, b)
    for a, row in zip(ALL, table(NUMBERS), strict=True):
        for number, wanted in zip((True, 1, 1.5, 1j), row, strict=True):
            for shape in ((2,), ()):
                x = ts.ones(shape, dtype=a)
                assert ts.result_type(x, number) is wanted
                assert (x * number).dtype is wanted and (number * x).dtype is wanted
    assert ts.result_type(1, 2.5) is ts.float32 and ts.result_type(1, 1j) is ts.complex64


def test_can_cast_never_goes_down_a_category():
    category = [0] + [1] * 5 + [2] * 4 + [3] * 2
    for a, i in zip(ALL, category, strict=True):
        for b, k in zip(ALL, category, strict=True):
            assert ts.can_cast(a, b) is (i <= k)
    with pytest.raises(RuntimeError, match="result type float32 can't be cast to the desired output type int32"):
        ts.zeros(2, dtype=ts.int32).div_(2)
    with pytest.raises(RuntimeError, match="complex64"):
        ts.zeros(2).add_(1j)
    x = ts.zeros(2, dtype=ts.uint8)
    x += ts.tensor([300, 1])
    assert x.tolist() == [44, 1]


def test_the_default_dtype_is_what_numbers_and_quotients_become():
    try:
        ts.set_default_dtype(ts.float64)
        assert ts.tensor(1.5).dtype is ts.float64 and ts.tensor(1j).dtype is ts.complex128
        assert (ts.tensor([1, 2]) / 2).dtype is ts.float64 and ts.tensor([1]).exp().dtype is ts.float64
        ts.set_default_dtype(ts.bfloat16)
        assert (ts.tensor([1, 3]) / 2).dtype is ts.bfloat16 and (ts.tensor([1, 3]) / 2).tolist() == [0.5, 1.5]
        for wrong in (ts.int32, ts.complex64):
            with pytest.raises(TypeError, match="only floating-point types"):
                ts.set_default_dtype(wrong)
    finally:
        ts.set_default_dtype(ts.float32)


def test_names_and_properties():
    assert ts.half is ts.float16 and ts.short is ts.int16 and ts.int is ts.int32 and ts.long is ts.int64
    assert ts.cfloat is ts.complex64 and ts.cdouble is ts.complex128 and ts.double is ts.float64
    assert [t.itemsize for t in ALL] == [1, 1, 1, 2, 4, 8, 2, 2, 4, 8, 8, 16]
    assert [t for t in ALL if t.is_floating_point] == FLOATS and [t for t in ALL if t.is_complex] == COMPLEX
    assert [t for t in ALL if not t.is_signed] == [ts.bool, ts.uint8]
    assert repr(ts.float16) == "tapescope.float16" and ts.float64.to_complex() is ts.complex128
    assert ts.complex128.to_real() is ts.float64 and ts.int8.to_real() is ts.int8
    for t in ALL:
        assert pickle.loads(pickle.dumps(t)) is t and copy.deepcopy(t) is t
        x = ts.zeros(3, dtype=t)
        assert x.is_floating_point() is t.is_floating_point and ts.is_complex(x) is t.is_complex
        assert x.is_signed() is t.is_signed and x.itemsize == t.itemsize and x.nbytes == 3 * t.itemsize
    assert ts.tensor([1.0]).type() == "tapescope.FloatTensor"
    assert ts.tensor([1.0]).type(ts.int8).dtype is ts.int8
    methods = [
        "bool",
        "byte",
        "char",
        "short",
        "int",
        "long",
        "half",
        "bfloat16",
        "float",
        "double",
        "cfloat",
        "cdouble",
    ]
    assert [getattr(ts.zeros(1), m)().dtype for m in methods] == ALL


def test_finfo_and_iinfo():
    f = ts.finfo(ts.float16)
    assert (f.bits, f.eps, f.max, f.min, f.tiny, f.resolution) == (16, 2.0**-10, 65504, -65504, 2.0**-14, 1e-3)
    assert ts.finfo(ts.bfloat16).max == 3.3895313892515355e38 and ts.finfo(ts.bfloat16).eps == 0.0078125
    for t, n in ((ts.float32, np.float32), (ts.float64, np.float64), (ts.float16, np.float16)):
        ours, theirs = ts.finfo(t), np.finfo(n)
        assert (ours.max, ours.eps, ours.smallest_normal) == (theirs.max, theirs.eps, theirs.smallest_normal)
        assert ours.resolution == pytest.approx(float(theirs.resolution), rel=1e-3)
    assert ts.finfo(ts.complex128) == ts.finfo(ts.float64) and ts.finfo().dtype == "float32"
    for t in INTEGERS:
        ours, theirs = ts.iinfo(t), np.iinfo(str(t).rpartition(".")[2])
        assert (ours.bits, ours.min, ours.max) == (theirs.bits, theirs.min, theirs.max)
    assert "max=127" in repr(ts.iinfo(ts.int8)) and "max=65504" in repr(f)
    for wrong in (ts.float32, ts.bool, ts.complex64):
        with pytest.raises(TypeError, match="iinfo"):
            ts.iinfo(wrong)
    with pytest.raises(TypeError, match="finfo"):
        ts.finfo(ts.int8)


# --- casts


@pytest.mark.parametrize("a", ALL, ids=str)
@pytest.mark.parametrize("b", ALL, ids=str)
def test_a_value_that_both_hold_survives_a_cast(a, b):
    x = ts.tensor([[0, 1, 1], [1, 0, 1]], dtype=a)
    for y in (x.to(b), x.t().to(b).t(), x[:, ::2].to(b)):
        assert y.dtype is b
    assert x.t().to(b).t().tolist() == x.to(b).tolist() == [[0, 1, 1], [1, 0, 1]]
    wide = ts.zeros(2, 6, dtype=b)
    wide[:, ::2] = x
    assert wide[:, ::2].to(ts.int64).tolist() == [[0, 1, 1], [1, 0, 1]] and wide[:, 1::2].any().item() == 0


def test_what_does_not_fit_wraps_as_in_pytorch():
    x = ts.tensor([3e9, -3e9, math.nan, math.inf, 300.0, -1.0, 40000, 1e10])
    least = -(2**31)
    assert x.int().tolist() == [least, least, least, least, 300, -1, 40000, least]
    assert x.short().tolist() == [0, 0, 0, 0, 300, -1, -25536, 0]
    assert x.char().tolist() == [0, 0, 0, 0, 44, -1, 64, 0]
    assert x.byte().tolist() == [0, 0, 0, 0, 44, 255, 64, 0]
    assert ts.tensor([300, -1]).byte().tolist() == [44, 255]
    assert ts.tensor([1 + 2j, 3.5]).float().tolist() == [1, 3.5]


def test_what_is_written_out_has_to_fit():
    for make in (lambda: ts.tensor(300, dtype=ts.uint8), lambda: ts.full((2,), 300, dtype=ts.uint8)):
        with pytest.raises(ValueError, match="value 300 cannot be converted to type uint8 without overflow"):
            make()
    with pytest.raises(ValueError, match="without overflow"):
        ts.zeros(2, dtype=ts.int8).fill_(128)
    assert ts.tensor([-1], dtype=ts.uint8).tolist() == [255]
    with pytest.raises(TypeError, match="complex"):
        ts.tensor([1j], dtype=ts.float32)
    with pytest.raises(RuntimeError, match="complex"):
        ts.zeros(2, dtype=ts.int64).fill_(1j)


def test_halves_round_to_the_nearest():
    assert ts.tensor([2049.0, 2051.0, 65519.0, 65520.0, 1e-8, 6e-8]).half().tolist() == [
        2048, 2052, 65504, math.inf, 0, 2.0**-24,
    ]  # fmt: skip
    assert ts.tensor([257.0, 259.0]).bfloat16().tolist() == [256, 260]
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32) * 1e-4
    assert (ts.tensor(values).half().numpy() == values.astype(np.float16)).all()


# --- ops


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_integers_wrap_around_like_numpys(dtype):
    rng, n = np.random.default_rng(1), str(dtype).rpartition(".")[2]
    info = np.iinfo(n)
    a, b = (rng.integers(info.min, info.max, size=(5, 7), dtype=n, endpoint=True) for _ in range(2))
    a[0, 0] = info.min
    x, y = ts.tensor(a), ts.tensor(b)
    assert x.dtype is dtype
    with np.errstate(all="ignore"):
        for ours, theirs in (
            (x + y, a + b), (x - y, a - b), (x * y, a * b), (-x, -a), (x.abs(), np.abs(a)),
            (ts.maximum(x, y), np.maximum(a, b)), (ts.minimum(x, y), np.minimum(a, b)), (x**3, a**3),
            (x.relu(), np.maximum(a, 0)), (x.clamp(3, 50), np.clip(a, 3, 50)), (x < y, a < b), (x == y, a == b),
            (x.max(1).values, a.max(1)), (x.argmin(), a.argmin()), (ts.where(x < y, x, y), np.where(a < b, a, b)),
            (x.sum(0), a.sum(0).astype(np.int64)), (x.t() @ y, a.T @ b), (x[1], a[1]), (x.t() + y.t(), a.T + b.T),
        ):  # fmt: skip
            assert ours.numpy().dtype == theirs.dtype and (ours.numpy() == theirs).all()
    assert (x / 2).dtype is ts.float32 and x.exp().dtype is ts.float32
    assert (x / 0)[a != 0].abs().min().item() == math.inf
    assert x.sum().dtype is ts.int64 and x.sum(dtype=dtype).dtype is dtype
    with pytest.raises(RuntimeError, match="could not infer output dtype"):
        x.mean()
    with pytest.raises(RuntimeError, match="floating"):
        x.softmax(0)
    assert x.mean(dtype=ts.float64).item() == pytest.approx(a.astype(np.float64).mean())


def test_rules_for_bool_and_integers():
    t = ts.tensor([True, False])
    assert (t + t).dtype is ts.bool and t.sum().dtype is ts.int64 and t.sum().item() == 1
    for wrong in (lambda: t - t, lambda: -t, lambda: t.abs(), lambda: t.mean()):
        with pytest.raises(RuntimeError, match="bool"):
            wrong()
    with pytest.raises(ValueError, match="negative"):
        ts.tensor([2]) ** -1
    u = ts.tensor([1, 0], dtype=ts.uint8)
    assert u.all().dtype is ts.uint8 and u.any().item() == 1
    assert (u + 300).tolist() == [45, 44] and (ts.tensor(5, dtype=ts.uint8) + 300).tolist() == 49


UNARY = ["neg", "abs", "exp", "log", "sqrt", "sin", "cos", "tanh", "sigmoid", "relu"]


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_halves_compute_in_float32_and_round_once(dtype):
    ts.manual_seed(0)
    x, y = ts.randn(3, 700).to(dtype), ts.rand(3, 700).to(dtype) + 0.5
    wide_x, wide_y = x.float(), y.float()

    def same(ours, wide):
        assert ours.dtype is dtype
        a, b = ours.float().numpy(), wide.to(dtype).float().numpy()
        assert np.array_equal(a, b, equal_nan=True)

    for name in UNARY:
        same(getattr(x, name)(), getattr(wide_x, name)())
    for op in (lambda a, b: a + b, lambda a, b: a - b, lambda a, b: a * b, lambda a, b: a / b, ts.maximum):
        same(op(x, y), op(wide_x, wide_y))
        same(op(x.t(), y.t()), op(wide_x.t(), wide_y.t()))
    same(x * 1.0001, wide_x * 1.0001)  # the number is not rounded first
    for op in (
        lambda a: a.sum(), lambda a: a.sum(0), lambda a: a.sum(1), lambda a: a.mean(), lambda a: a.mean(1),
        lambda a: a.var(1), lambda a: a.softmax(1), lambda a: a.log_softmax(0), lambda a: a @ a.t(),
        lambda a: a.max(1).values, lambda a: a[:, 3], lambda a: ts.cat([a, a]), lambda a: a.clamp(-0.5, 0.25),
    ):  # fmt: skip
        same(op(x), op(wide_x))
    assert (x < y).tolist() == (wide_x < wide_y).tolist() and x.argmax().item() == wide_x.argmax().item()


def test_sums_of_halves_do_not_stop_growing():
    assert ts.ones(5000, dtype=ts.float16).sum().item() == 5000
    assert ts.ones(5000, dtype=ts.bfloat16).sum().item() == 4992  # rounded once: 5000 lies between 4992 and 5024
    assert ts.tensor([60000.0, 60000.0]).half().sum().item() == math.inf
    assert ts.tensor([60000.0, 60000.0]).half().mean().item() == 60000


@pytest.mark.parametrize("dtype", HALVES, ids=str)
def test_gradients_have_their_inputs_dtype(dtype):
    x = ts.tensor([0.5, -1.5, 2.0], dtype=dtype, requires_grad=True)
    w = ts.tensor([1.0, 2.0, 3.0], requires_grad=True)
    (x.tanh() * w).sum().backward()
    wide = ts.tensor([0.5, -1.5, 2.0], requires_grad=True)
    (wide.tanh() * w.detach()).sum().backward()
    assert x.grad.dtype is dtype and w.grad.dtype is ts.float32
    assert x.grad.tolist() == pytest.approx(wide.grad.tolist(), rel=0.03)
    m = ts.nn.Linear(3, 2, dtype=dtype)
    loss = ts.nn.functional.cross_entropy(m(x.detach().reshape(1, 3)), ts.tensor([1]))
    loss.backward()
    assert loss.dtype is dtype and m.weight.grad.dtype is dtype
    (g,) = ts.autograd.grad(x.sigmoid().sum(), x, create_graph=True)
    (g,) = ts.autograd.grad(g.sum(), x)
    assert g.dtype is dtype


def test_optimizers_step_halves_and_complex():
    for make in (lambda p: ts.optim.SGD([p], lr=0.25, momentum=0.5), lambda p: ts.optim.Adam([p], lr=0.25)):
        steps = {}
        for t in (ts.float64, ts.float16, ts.complex128):
            p = ts.tensor([1.0, 2.0], dtype=t, requires_grad=True)
            for _ in range(2):
                p.grad = ts.tensor([0.5, -1.0], dtype=t)
                optimizer = make(p)
                optimizer.step()
            steps[t] = [complex(v).real for v in p.tolist()]
        assert steps[ts.float16] == pytest.approx(steps[ts.float64], rel=2e-3)
        assert steps[ts.complex128] == pytest.approx(steps[ts.float64])


def test_only_floating_and_complex_tensors_require_grad():
    for t in ALL:
        if t.is_floating_point or t.is_complex:
            assert ts.zeros(1, dtype=t, requires_grad=True).requires_grad
        else:
            with pytest.raises(RuntimeError, match="floating point and complex"):
                ts.zeros(1, dtype=t, requires_grad=True)
            assert not ts.ones(1, requires_grad=True).to(t).requires_grad


# --- making, indexing, printing


def test_factories_of_every_dtype():
    for t in ALL:
        assert ts.zeros(2, dtype=t).dtype is t and ts.ones_like(ts.zeros(2), dtype=t).tolist() == [1, 1]
        assert ts.full((2,), 1, dtype=t).tolist() == [1, 1] and ts.eye(2, dtype=t).tolist() == [[1, 0], [0, 1]]
        assert ts.linspace(0, 1, 2, dtype=t).tolist() == [0, 1] and ts.empty(2, dtype=t).dtype is t
        assert ts.randn(3).to(t).shape == (3,)
        if not t.is_complex:
            assert ts.arange(2, dtype=t).tolist() == [0, 1]
            assert ts.randint(0, 2, (9,), dtype=t).to(ts.int64).max().item() <= 1
    for t in [*FLOATS, *COMPLEX]:
        assert ts.rand(2, dtype=t).dtype is t and ts.randn_like(ts.zeros(2, dtype=t)).dtype is t
    assert ts.rand(4000, dtype=ts.bfloat16).max().item() < 1 and ts.rand(40000, dtype=ts.float16).max().item() < 1
    assert ts.randperm(3, dtype=ts.int32).dtype is ts.int32 and ts.full((1,), 1j).dtype is ts.complex64
    for wrong, match in (
        (lambda: ts.rand(2, dtype=ts.int32), "int32 is no floating"),
        (lambda: ts.arange(2, dtype=ts.complex64), "complex"),
        (lambda: ts.randint(0, 2, (1,), dtype=ts.complex64), "complex"),
    ):
        with pytest.raises(RuntimeError, match=match):
            wrong()
    with pytest.raises(ValueError, match="overflow"):
        ts.randint(0, 300, (1,), dtype=ts.int8)


def test_indices_of_several_types():
    x = ts.tensor([10, 20, 30])
    assert x[ts.tensor([2, 0], dtype=ts.int32)].tolist() == [30, 10]
    assert x[ts.tensor(1, dtype=ts.int8)].item() == 20 and [1, 2, 3][ts.tensor(1, dtype=ts.int16)] == 2
    with pytest.warns(UserWarning, match="uint8 is now deprecated"):
        assert x[ts.tensor([1, 0, 1], dtype=ts.uint8)].tolist() == [10, 30]
    with pytest.raises(IndexError, match="int16"):
        x[ts.tensor([1], dtype=ts.int16)]
    y = ts.zeros(3, dtype=ts.int16)
    y.index_put_([ts.tensor([1, 1])], ts.tensor([30000, 30000], dtype=ts.int16), accumulate=True)
    assert y.tolist() == [0, -5536, 0]


def test_printing():
    for x, text in (
        (ts.tensor([1.5, -2.25], dtype=ts.half), "tensor([ 1.5000, -2.2500], dtype=tapescope.float16)"),
        (ts.tensor([1, 2], dtype=ts.int32), "tensor([1, 2], dtype=tapescope.int32)"),
        (ts.tensor(1 + 2j), "tensor(1.+2.j)"),
        (ts.tensor(1 - 2j, dtype=ts.cdouble), "tensor(1.-2.j, dtype=tapescope.complex128)"),
        (ts.tensor([1 + 1e6j, 2]), "tensor([1.+1000000.j, 2.+0.j])"),
        (ts.tensor([complex(math.nan, 1), complex(0, math.inf)]), "tensor([nan+1.j, 0.+infj])"),
        (ts.tensor([[1 + 2j, -1.5], [3, 1e-3j]]),
         "tensor([[ 1.0000+2.0000e+00j, -1.5000+0.0000e+00j],\n        [ 3.0000+0.0000e+00j,  0.0000+1.0000e-03j]])"),
        (ts.tensor([], dtype=ts.complex64), "tensor([], dtype=tapescope.complex64)"),
    ):  # fmt: skip
        assert repr(x) == text


# --- coming and going


@pytest.mark.parametrize("dtype", ALL, ids=str)
def test_every_dtype_leaves_and_comes_back(dtype, tmp_path):
    x = ts.tensor([[0, 1], [1, 1]], dtype=dtype)
    back = pickle.loads(pickle.dumps(x))
    assert back.dtype is dtype and back.tolist() == x.tolist()
    ts.save({"x": x, "view": x.t()}, tmp_path / "f")
    loaded = ts.load(tmp_path / "f")
    assert loaded["x"].dtype is dtype and loaded["x"].tolist() == x.tolist()
    assert loaded["view"].tolist() == x.t().tolist()
    given = ts.from_dlpack(x)
    assert given.dtype is dtype and given.data_ptr() == x.data_ptr()
    assert type(x[0, 1].item()) is {"b": bool, "i": int, "u": int, "c": complex}.get(
        np.dtype(str(dtype).rpartition(".")[2]).kind if dtype is not ts.bfloat16 else "f", float
    )


@pytest.mark.parametrize("dtype", NUMPY, ids=str)
def test_numpy_shares_the_memory(dtype):
    name = str(dtype).rpartition(".")[2]
    a = np.array([0, 1, 1], dtype=name)
    t = ts.from_numpy(a)
    assert t.dtype is dtype and t.numpy().dtype == a.dtype and ts.tensor(a).dtype is dtype
    a[0] = 1
    assert t.tolist() == [1, 1, 1]
    assert np.asarray(memoryview(t)).dtype == a.dtype
    assert ts.tensor(a[::-1]).tolist() == a[::-1].tolist()


def test_bfloat16_and_numpy():
    x = ts.tensor([1.5], dtype=ts.bfloat16)
    with pytest.raises(TypeError, match=r"cast with \.float\(\)"):
        x.numpy()
    with pytest.raises(BufferError, match="bfloat16"):
        memoryview(x)
    assert x.view(ts.int16).numpy().tolist() == [0x3FC0] and x.view(ts.int16).view(ts.bfloat16).tolist() == [1.5]
    with pytest.raises(RuntimeError, match="bytes"):
        x.view(ts.int32)


def test_unsigned_arrays_without_a_dtype_get_a_larger_one():
    assert ts.tensor(np.array([65535], np.uint16)).dtype is ts.int32
    assert ts.tensor(np.array([2**32 - 1], np.uint32)).tolist() == [2**32 - 1]


def test_looking_at_values_of_every_dtype():
    from tapescope.explore import resolve, stats

    def run(work):
        while True:
            try:
                next(work)
            except StopIteration as end:
                return end.value

    for t in ALL:
        x = ts.tensor([0, 1, 1], dtype=t)
        numbers = run(stats.stats(resolve.Found(x, None).array()))
        assert numbers["max"] == 1 and numbers["zero"] == 1 and numbers["norm"] == pytest.approx(math.sqrt(2))
    assert run(stats.stats(ts.tensor([3 + 4j]).numpy()))["mean"] == 5


def test_no_warning_is_raised_by_ordinary_use():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert ts.tensor([1 + 2j]).real.tolist() == [1]


def test_bounds_of_clamp_decide_with_the_tensor():
    x = ts.tensor([-1, 0, 5])
    assert x.clamp(0, 2).dtype is ts.int64
    y = x.clamp(-0.5, 1.5)
    assert y.dtype is ts.float32 and y.tolist() == [-0.5, 0, 1.5]
    assert (x > 0).clamp(0, 1).dtype is ts.int64
    with pytest.raises(RuntimeError, match="clamp_: result type float32 can't be cast to the tensor's type int64"):
        x.clamp_(-0.5, 1.5)
    assert x.half().clamp(0, 1.5).dtype is ts.float16
