"""`&`, `|`, `^`, `~` on integers and bools, and PyTorch's rules for what they take."""

import operator

import pytest

import tapescope as ts

INTEGERS = [ts.int64, ts.int32, ts.int16, ts.int8, ts.uint8]
OPERATORS = {"bitwise_and": operator.and_, "bitwise_or": operator.or_, "bitwise_xor": operator.xor}
WRITES = {operator.and_: operator.iand, operator.or_: operator.ior, operator.xor: operator.ixor}


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("name", OPERATORS)
def test_integers_go_bit_by_bit(name, dtype):
    f, pairs = OPERATORS[name], [(a, b) for a in (0, 1, 6, 100) for b in (0, 3, 127)]
    a, b = (ts.tensor(list(v), dtype=dtype) for v in zip(*pairs, strict=True))
    for out in (f(a, b), getattr(ts, name)(a, b), getattr(a, name)(b)):
        assert out.dtype is dtype and out.tolist() == [f(x, y) for x, y in pairs]
    assert f(a, 5).tolist() == f(5, a).tolist() == [f(x, 5) for x, _ in pairs]
    assert f(a, 5).dtype is dtype
    y = alias = a.clone()
    y = WRITES[f](y, b)
    assert y is alias and y._version == 1 and y.tolist() == [f(x, y) for x, y in pairs]
    assert getattr(y, name + "_")(1) is y


def test_negative_numbers_are_twos_complements():
    x = ts.tensor([5, -5, 2**62])
    assert (x & -2).tolist() == [4, -6, 2**62] and (x ^ -1).tolist() == (~x).tolist() == [-6, 4, ~(2**62)]
    assert (~ts.tensor([250, 3], dtype=ts.uint8)).tolist() == [5, 252]
    assert (ts.tensor([250, 3], dtype=ts.uint8) & -1).tolist() == [250, 3]
    assert (ts.tensor([3, -1], dtype=ts.int16) ^ ts.tensor([250, 3], dtype=ts.uint8)).tolist() == [249, -4]
    assert x.bitwise_not_().tolist() == [-6, 4, ~(2**62)]


def test_bools_are_truths():
    a, b = ts.tensor([True, True, False, False]), ts.tensor([True, False, True, False])
    assert (a & b).tolist() == [True, False, False, False] and (a | b).tolist() == [True, True, True, False]
    assert (a ^ b).tolist() == [False, True, True, False] and (~a).tolist() == [False, False, True, True]
    assert all(t.dtype is ts.bool for t in (a & b, a | b, a ^ b, ~a, a & True, False | a))
    assert (a & 1).dtype is ts.int64 and (a | 2).tolist() == [3, 3, 2, 2]
    assert (ts.tensor([6, 3]) & a[1:3]).tolist() == [0, 0]
    c = a.clone()
    c |= b
    assert c.tolist() == [True, True, True, False]
    assert c.bitwise_not_() is c and c.tolist() == [False, False, False, True] and c._version == 2


def test_masks_are_joined():
    x = ts.tensor([-2.0, 0.5, 3.0], requires_grad=True)
    assert x[(x > 0) & ~(x > 1)].tolist() == [0.5] and ((x < 0) ^ (x > -3)).tolist() == [False, True, True]


@pytest.mark.parametrize("name", [*OPERATORS, "bitwise_not"])
def test_floats_have_no_bits(name):
    other = () if name == "bitwise_not" else (ts.tensor([1, 2]),)
    for wrong in (ts.tensor([1.0, 2.0]), ts.tensor([1j, 2]), ts.tensor([1.0, 2.0], dtype=ts.bfloat16)):
        with pytest.raises(
            ts.DTypeError, match=f"{name}: not implemented for {wrong.dtype!r}".replace("tapescope.", "")
        ):
            getattr(wrong, name)(*other)
        with pytest.raises(ts.DTypeError):
            getattr(wrong, name + "_")(*other)
    if other:
        with pytest.raises(ts.DTypeError):
            OPERATORS[name](ts.tensor([1, 2]), 1.5)


def test_what_operators_refuse():
    x, b = ts.tensor([6, 3]), ts.tensor([True, False])
    with pytest.raises(TypeError, match="only implemented on integer and Boolean-type tensors"):
        ~ts.ones(2)
    for wrong in ("a", None):
        with pytest.raises(TypeError, match="unsupported operand"):
            x & wrong
    with pytest.raises(ts.DTypeError, match="can't be cast"):
        b &= 1
    with pytest.raises(ts.ShapeError, match="broadcast"):
        x |= ts.tensor([[1], [2]])
    assert x._version == b._version == 0
