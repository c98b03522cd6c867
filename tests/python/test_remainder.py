"""`%`, `//` and fmod: Python's rounding on numbers of every kind, PyTorch's rules for types, zeros and gradients."""

import math
import operator

import pytest

import tapescope as ts

INTEGERS = [ts.int64, ts.int32, ts.int16, ts.int8]
FLOATS = [ts.float64, ts.float32, ts.float16, ts.bfloat16]
BY_HAND = {"remainder": operator.mod, "floor_divide": operator.floordiv, "fmod": math.fmod}


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
@pytest.mark.parametrize("name", BY_HAND)
def test_signs_are_those_of_python(name, dtype):
    pairs = [(a, b) for a in (-7, -6, -1, 0, 1, 6, 7) for b in (-3, -2, -1, 1, 2, 3)]
    a = ts.tensor([a for a, _ in pairs], dtype=dtype)
    b = ts.tensor([b for _, b in pairs], dtype=dtype)
    out = getattr(ts, name)(a, b)
    assert out.dtype is dtype
    assert out.tolist() == [BY_HAND[name](a, b) for a, b in pairs]


def test_fractions_and_what_is_not_finite():
    nan, inf = math.nan, math.inf
    a, b = ts.tensor([5.5, -5.5, 1.0, -1.0, inf, 1.0, nan, -1.0]), ts.tensor([2.0, 2.0, 0.1, inf, 2.0, 0.0, 1.0, 0.0])
    # PyTorch's: a remainder by an infinity of the other sign is that infinity, a quotient by zero is infinite.
    assert str((a % b).tolist()) == str([1.5, 0.5, (ts.tensor(1.0) % 0.1).item(), inf, nan, nan, nan, nan])
    assert str((a // b).tolist()) == str([2.0, -3.0, 9.0, -1.0, nan, inf, nan, -inf])
    assert str(ts.fmod(a, b).tolist()[:5]) == str([1.5, -1.5, (ts.tensor(1.0) % 0.1).item(), -1.0, nan])
    zeros = ts.tensor([0.0, -0.0]) // 3.0
    assert [math.copysign(1, z) for z in zeros.tolist()] == [1, -1]


def test_integers_that_overflow_wrap_around():
    for t, least in ((ts.int64, -(2**63)), (ts.int8, -128)):
        x = ts.tensor([least], dtype=t)
        assert (x // -1).tolist() == [least] and (x % -1).tolist() == [0] and x.fmod(-1).tolist() == [0]


@pytest.mark.parametrize("name", BY_HAND)
def test_an_integer_divided_by_zero_raises(name):
    f = getattr(ts, name)
    x = ts.tensor([7, -7])
    for zero in (0, ts.tensor([1, 0]), ts.tensor(0, dtype=ts.int8), ts.tensor([True, False])):
        with pytest.raises(RuntimeError, match=rf"^{name}: ZeroDivisionError"):
            f(x, zero)
        with pytest.raises(ZeroDivisionError, match="an integer is divided by zero"):
            f(x, zero)
        with pytest.raises(ts.DivisionError):
            getattr(x, name + "_")(zero)
    assert x.tolist() == [7, -7] and x._version == 0
    assert f(ts.tensor([], dtype=ts.int64), 0).tolist() == []
    assert not math.isfinite(f(x, 0.0)[0].item())


def test_types_follow_the_rules_of_arithmetic():
    x, small = ts.tensor([7, -7]), ts.tensor([7, 3], dtype=ts.int8)
    assert (x % 2.5).dtype is ts.float32 and (x % 2.5).tolist() == [2.0, 0.5]
    assert (small // 2).dtype is ts.int8 and (small % ts.tensor([2, 2])).dtype is ts.int64
    assert (ts.tensor([True]) % 2).dtype is ts.int64 and (x % ts.tensor([True, True])).tolist() == [0, 0]
    for wrong in (ts.tensor([True, False]), ts.tensor([1j, 2])):
        for name in BY_HAND:
            with pytest.raises(ts.DTypeError, match=name):
                getattr(ts, name)(wrong, wrong)
    for write in (lambda: x.remainder_(2.5), lambda: x.floor_divide_(2.5)):
        with pytest.raises(ts.DTypeError, match="can't be cast"):
            write()


def test_operators():
    x = ts.tensor([7, -7])
    assert (10 % x).tolist() == [3, -4] and (10 // x).tolist() == [1, -2] and (7.5 % x).tolist() == [0.5, -6.5]
    assert ts.remainder(10, x).tolist() == [3, -4] and ts.floor_divide(10, x).tolist() == [1, -2]
    assert x.remainder(other=4).tolist() == [3, 1]
    y = alias = x.clone()
    y %= 4
    assert y is alias and y.tolist() == [3, 1]
    y //= 2
    assert y is alias and y.tolist() == [1, 0] and y._version == 2
    for wrong in ("a", None, [1]):
        with pytest.raises(TypeError, match="unsupported operand"):
            x % wrong
    assert operator.mod("%s", x) == str(x)


def test_gradients_are_pytorchs():
    x, y = (
        ts.tensor(v, dtype=ts.float64, requires_grad=True) for v in ([5.0, -5.0, 6.0, -5.0], [3.0, 3.0, 3.0, ts.inf])
    )
    out = x % y
    assert out.grad_fn.name() == "RemainderBackward1"
    gx, gy = ts.autograd.grad(out.sum(), (x, y), create_graph=True)
    assert gx.tolist() == [1, 1, 1, 1] and gy.tolist() == [-1, 2, -2, 1]
    gx, gy = ts.autograd.grad(x.fmod(y).sum(), (x, y))
    assert gx.tolist() == [1, 1, 1, 1] and gy.tolist() == [-1, 1, -2, 0]
    (g,) = ts.autograd.grad((7 % y).sum(), y)
    assert g.tolist() == [-2, -2, -2, 0]


def test_a_floored_quotient_has_no_derivative():
    x = ts.tensor([5.0, -5.0], requires_grad=True)
    out = x // 2
    assert out.requires_grad and out.grad_fn.name() == "NotImplemented" and "NotImplemented" in repr(out)
    with pytest.raises(RuntimeError, match="derivative for floor_divide is not implemented"):
        out.sum().backward()
    written = x * 1
    written //= 2
    with pytest.raises(RuntimeError, match="derivative for floor_divide is not implemented"):
        written.sum().backward()
    (x + x.detach() // 2).sum().backward()
    assert x.grad.tolist() == [1, 1]


@pytest.mark.parametrize("name", ["floor", "ceil", "trunc"])
def test_roundings_are_flat(name):
    x = ts.tensor([1.5, -1.5, 2.0], requires_grad=True)
    out = getattr(x, name)()
    assert out.tolist() == [getattr(math, name)(v) for v in x.tolist()]
    out.sum().backward()
    assert x.grad.tolist() == [0, 0, 0]
    assert getattr(ts, name)(ts.tensor([3, -3])).tolist() == [3, -3]
    with pytest.raises(ts.DTypeError, match="bool"):
        getattr(ts.tensor([True]), name)()
