"""Complex numbers: values against NumPy's, gradients against finite differences."""

import math

import numpy as np
import pytest

import tapescope as ts
from tapescope.autograd import gradcheck, gradgradcheck


def numbers(*shape, seed=0, requires_grad=True):
    ts.manual_seed(seed)
    return ts.randn(*shape, dtype=ts.complex128, requires_grad=requires_grad)


def reals(*shape, seed=1):
    ts.manual_seed(seed)
    return ts.randn(*shape, dtype=ts.float64, requires_grad=True)


VALUES = {
    "exp": np.exp, "log": np.log, "sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tanh": np.tanh, "neg": np.negative,
    "abs": np.abs, "angle": np.angle, "sgn": lambda z: z / np.abs(z), "conj": np.conj,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
}  # fmt: skip


@pytest.mark.parametrize("dtype", [ts.complex64, ts.complex128], ids=str)
def test_values_are_numpys(dtype):
    z, w = numbers(3, 5).detach().to(dtype), numbers(3, 5, seed=2).detach().to(dtype)
    a, b = z.numpy(), w.numpy()
    rtol = 1e-5 if dtype is ts.complex64 else 1e-12
    for name, theirs in VALUES.items():
        ours = getattr(z, name)().numpy()
        assert ours.dtype == theirs(a).dtype
        np.testing.assert_allclose(ours, theirs(a), rtol=rtol, atol=rtol)
        np.testing.assert_allclose(getattr(z.t(), name)().numpy(), theirs(a.T), rtol=rtol, atol=rtol)
    for ours, theirs in (
        (z + w, a + b), (z - w, a - b), (z * w, a * b), (z / w, a / b), (z**w, a**b), (z**2, a**2), (z**0.5, a**0.5),
        (z**-1, 1 / a), (z.sum(), a.sum()), (z.sum(0), a.sum(0)), (z.sum(1), a.sum(1)), (z.mean(), a.mean()),
        (z.mean(0), a.mean(0)), (z @ w.t(), a @ b.T), (z[0] @ w[0], a[0] @ b[0]), (z.mH, a.conj().T),
        (z.reshape(1, 3, 5) @ w.reshape(1, 5, 3), (a @ b.reshape(5, 3))[None]), (2 * z + 1j, 2 * a + 1j),
        (ts.where(z.real > 0, z, w), np.where(a.real > 0, a, b)), (ts.cat([z, w]), np.concatenate([a, b])),
        (z.real * w, a.real * b), (ts.tensor([2, 3, 4, 5, 6]) * z, np.arange(2, 7) * a),
    ):  # fmt: skip
        assert ours.dtype is dtype
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=10 * rtol, atol=rtol)
    assert (z == z).all().item() and (z != w).all().item()
    assert bool(ts.tensor(1j)) and complex(z[0, 0]) == a[0, 0].item() and ts.tensor(2 + 0j).item() == 2


def test_corners():
    assert ts.sqrt(ts.tensor([-1 + 0j])).tolist() == [1j]
    assert ts.log(ts.tensor([0j])).real.item() == -math.inf
    assert ts.tensor([0j, 1]).any().item() and not ts.tensor([0j, 1]).all().item()
    assert ts.tensor([0j]).sgn().tolist() == [0] and ts.tensor([0j]).abs().tolist() == [0]
    assert ts.angle(ts.tensor([-1.0, 2.0])).tolist() == pytest.approx([math.pi, 0])
    assert math.isnan(ts.angle(ts.tensor([math.nan])).item()) and ts.tensor([1]).angle().dtype is ts.float32
    with pytest.raises(RuntimeError, match="imaginary part"):
        float(ts.tensor(1 + 2j))


GRADIENTS = {
    "add": lambda z, w: z + 2 * w,
    "sub": lambda z, w: 1j - z - w,
    "mul": lambda z, w: z * w,
    "div": lambda z, w: z / w,
    "div_number": lambda z, w: 1j / z,
    "pow": lambda z, w: z**w,
    "pow_number": lambda z, w: z**3,
    "exp": lambda z, w: z.exp(),
    "log": lambda z, w: z.log(),
    "sqrt": lambda z, w: z.sqrt(),
    "sin": lambda z, w: z.sin(),
    "cos": lambda z, w: z.cos(),
    "tanh": lambda z, w: z.tanh(),
    "sigmoid": lambda z, w: z.sigmoid(),
    "neg": lambda z, w: -z,
    "abs": lambda z, w: z.abs(),
    "angle": lambda z, w: z.angle(),
    "sgn": lambda z, w: z.sgn(),
    "conj": lambda z, w: z.conj() * w,
    "real": lambda z, w: z.real * w,
    "imag": lambda z, w: (z * w).imag,
    "parts": lambda z, w: ts.view_as_real(z) * 2,
    "pairs": lambda z, w: ts.view_as_complex(ts.view_as_real(z * w)),
    "made": lambda z, w: ts.complex(z.imag, w.real),
    "polar": lambda z, w: ts.polar(z.abs(), w.angle()),
    "sum": lambda z, w: z.sum(1) * w.sum(),
    "mean": lambda z, w: z.mean(0),
    "mm": lambda z, w: z @ w.t(),
    "mv": lambda z, w: z @ w[0],
    "dot": lambda z, w: z[0] @ w[0],
    "mH": lambda z, w: z.mH @ w,
    "bmm": lambda z, w: z.reshape(1, 2, 3) @ w.reshape(1, 3, 2),
    "addmm": lambda z, w: ts.addmm(z[:, :2], z, w.t()),
    "where": lambda z, w: ts.where(z.real > 0, z, w),
    "index": lambda z, w: z[[0, 0]] * w,
    "cat": lambda z, w: ts.cat([z, w]),
    "to_real": lambda z, w: (z * w).to(ts.float64),
    "slice": lambda z, w: z[:, 1:] * w[:, :1],
    "t": lambda z, w: z.t(),
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name):
    f = GRADIENTS[name]
    z, w = numbers(2, 3), numbers(2, 3, seed=3)
    assert gradcheck(f, (z, w))
    assert gradgradcheck(f, (z, w))


MIXED = {
    "mul": lambda x, z: x * z,
    "div": lambda x, z: z / x,
    "add": lambda x, z: x + z,
    "pow": lambda x, z: (x * x + 1) ** z,
    "cast": lambda x, z: x.to(ts.complex128) * z,
    "complex": lambda x, z: ts.complex(x, x * 2) * z,
    "exp": lambda x, z: (1j * x).exp() * z,
    "polar": lambda x, z: ts.polar(x, x) + z,
}


@pytest.mark.parametrize("name", MIXED)
def test_a_real_input_gets_a_real_gradient(name):
    x, z = reals(2, 3), numbers(3)
    assert gradcheck(MIXED[name], (x, z))
    assert gradgradcheck(MIXED[name], (x, z))
    MIXED[name](x, z).abs().sum().backward()
    assert x.grad.dtype is ts.float64 and z.grad.dtype is ts.complex128 and z.grad.shape == (3,)


def test_gradcheck_finds_a_wrong_complex_gradient():
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(lambda z: z * z.detach(), (numbers(2),))  # half of the slope of z²
    with pytest.warns(UserWarning, match="not a double precision floating point or complex"):
        gradcheck(lambda z: z, (ts.ones(1, dtype=ts.complex64, requires_grad=True),), raise_exception=False)


def test_backward_from_complex_wants_a_gradient():
    z = ts.tensor([3 + 4j], requires_grad=True)
    with pytest.raises(RuntimeError, match="only for real scalar outputs"):
        z.sum().backward()
    z.sum().backward(ts.tensor(1j))
    assert z.grad.tolist() == [1j]
    with pytest.raises(RuntimeError, match="same dtype"):
        z.real.backward(ts.ones(1, dtype=ts.complex64))


def test_parts_are_views():
    z = ts.tensor([1 + 2j, 3 + 4j])
    re, im = z.real, z.imag
    assert re.stride() == (2,) and im.storage_offset() == 1 and re.data_ptr() == z.data_ptr()
    im[0] = 7
    z.real = ts.tensor([0.0, 5.0])
    assert z.tolist() == [7j, 5 + 4j] and re.tolist() == [0, 5]
    assert (
        ts.view_as_real(z).tolist() == [[0, 7], [5, 4]]
        and ts.view_as_complex(ts.view_as_real(z)).tolist() == z.tolist()
    )
    x = ts.ones(2)
    assert x.real is x and x.conj() is x
    for wrong, match in (
        (lambda: x.imag, "non-complex"), (lambda: ts.view_as_real(x), "only supported for complex"),
        (lambda: ts.view_as_complex(ts.zeros(3)), "size 2"), (lambda: ts.complex(x, x.double()), "float32 and float64"),
    ):  # fmt: skip
        with pytest.raises(RuntimeError, match=match):
            wrong()


def test_writes_through_parts_are_recorded():
    z, x = numbers(3), reals(3)
    assert gradcheck(lambda z, x: _write_imag(z.clone(), x), (z, x))
    w = z * 1
    product = w * w
    w.real.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        product.sum().backward(ts.tensor(1 + 0j, dtype=ts.complex128))


def _write_imag(z, x):
    z.imag.mul_(2).add_(x)
    return z * z


@pytest.mark.parametrize("dim", [None, 0, 1])
def test_variance_is_that_of_both_parts(dim):
    z = numbers(3, 4)
    for correction in (0, 1):
        both = z.real.var(dim, correction=correction) + z.imag.var(dim, correction=correction)
        assert z.var(dim, correction=correction).dtype is ts.float64
        assert ts.allclose(z.var(dim, correction=correction), both)
        assert ts.allclose(z.std(dim, correction=correction), both.sqrt())
    assert z.to(ts.complex64).var(dim).dtype is ts.float32


def test_the_gradient_of_a_variance():
    z = ts.tensor([[1 + 2j, 3 - 1j, 2j], [0, 1, -1j]], dtype=ts.complex128, requires_grad=True)
    (g,) = ts.autograd.grad(z.var(0).sum(), z)
    assert g.tolist() == [[1 + 2j, 2 - 1j, 3j], [-1 - 2j, -2 + 1j, -3j]]
    (g,) = ts.autograd.grad(z.std(1).sum(), z)
    np.testing.assert_allclose(g.real.numpy()[0], [-0.0722, 0.3608, -0.2887], atol=1e-4)  # PyTorch's
    flat = ts.tensor([1 + 1j, 1 + 1j], requires_grad=True)
    (g,) = ts.autograd.grad(flat.std(), flat)
    assert g.tolist() == [0, 0]


def test_what_has_no_complex_meaning_says_so():
    z = ts.tensor([1 + 2j, 2])
    for op, f in {
        "maximum": lambda: ts.maximum(z, z), "minimum": lambda: ts.minimum(z, 1), "relu": lambda: z.relu(),
        "clamp": lambda: z.clamp(0, 1), "lt": lambda: z < z, "ge": lambda: z >= 1, "max": lambda: z.max(),
        "argmax": lambda: z.argmax(), "softmax": lambda: z.softmax(0), "abs_": lambda: z.abs_(),
        "mse_loss": lambda: ts.nn.functional.mse_loss(z, z),
    }.items():  # fmt: skip
        with pytest.raises(ts.DTypeError, match=rf"{op.rstrip('_')}.*complex64"):
            f()


@pytest.mark.parametrize("name", ["mul", "div", "abs", "sgn", "made", "polar", "mm", "conj"])
def test_fast_mode_finds_right_and_wrong(name):
    z, w = numbers(2, 3), numbers(2, 3, seed=3)
    assert gradcheck(GRADIENTS[name], (z, w), fast_mode=True)
    assert gradcheck(MIXED["mul"], (reals(2, 3), numbers(3)), fast_mode=True)
    with pytest.raises(RuntimeError, match="Jacobian mismatch"):
        gradcheck(lambda a: a * a.detach(), (z,), fast_mode=True)
