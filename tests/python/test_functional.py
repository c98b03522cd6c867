"""autograd.functional against derivatives worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

import tapescope as ts
from tapescope.autograd.functional import hessian, hvp, jacobian, jvp, vhp, vjp


def close(tensor: ts.Tensor, wanted: object) -> bool:
    return np.allclose(tensor.detach().numpy(), np.asarray(wanted), rtol=1e-6)


X = [[1.0, 2.0], [3.0, 4.0]]


def x(**options: bool) -> ts.Tensor:
    return ts.tensor(X, dtype=ts.float64, **options)


def test_jacobian_of_one_input() -> None:
    j = jacobian(lambda a: (a * a).sum(1), x())
    assert tuple(j.shape) == (2, 2, 2) and not j.requires_grad
    assert close(j, [[[2, 4], [0, 0]], [[0, 0], [6, 8]]])


def test_jacobian_of_several_inputs_and_outputs() -> None:
    a, b = ts.tensor([1.0, 2.0]), ts.tensor([3.0, 5.0])
    (ja, jb), (ka, kb) = jacobian(lambda a, b: (a * b, b.sum()), (a, b))
    assert close(ja, [[3, 0], [0, 5]]) and close(jb, [[1, 0], [0, 2]])
    assert close(ka, [0, 0]) and close(kb, [1, 1])  # an input that an output does not reach: zeros


def test_jacobian_with_a_graph() -> None:
    a = x(requires_grad=True)
    j = jacobian(lambda t: t * t * t, a, create_graph=True)
    j.sum().backward()
    assert close(a.grad, 6 * np.asarray(X))


def test_the_callers_graph_is_not_touched() -> None:
    a = x(requires_grad=True)
    with ts.no_grad():
        jacobian(lambda t: t * t, a)
    assert a.grad is None and a.grad_fn is None and not ts.tensor(1.0).requires_grad


def test_jacobian_of_nothing() -> None:
    assert tuple(jacobian(lambda t: t[:0], ts.ones(3)).shape) == (0, 3)


def test_hessian() -> None:
    h = hessian(lambda t: (t * t * t).sum(), ts.tensor([1.0, 2.0]))
    assert close(h, [[6, 0], [0, 12]])
    (aa, ab), (ba, bb) = hessian(lambda a, b: (a * a * b).sum(), (ts.tensor([1.0, 2.0]), ts.tensor([3.0, 4.0])))
    assert close(aa, [[6, 0], [0, 8]]) and close(ab, [[2, 0], [0, 4]])
    assert close(ba, [[2, 0], [0, 4]]) and close(bb, [[0, 0], [0, 0]])


def test_products_with_vectors() -> None:
    v = ts.tensor([[1.0, -1.0], [2.0, 0.5]], dtype=ts.float64)
    out, product = vjp(lambda t: (t * t).sum(1), x(), ts.tensor([1.0, 2.0], dtype=ts.float64))
    assert close(out, [5, 25]) and close(product, [[2, 4], [12, 16]])
    out, product = jvp(lambda t: (t * t).sum(1), x(), v)
    assert close(out, [5, 25]) and close(product, [2 * 1 - 4, 12 + 4])
    for of in (vhp, hvp):
        out, product = of(lambda t: (t * t * t).sum(), x(), v)
        assert close(out, 100) and close(product, 6 * np.asarray(X) * v.numpy())


def test_v_may_be_left_out_for_one_number() -> None:
    assert close(vjp(lambda t: (t * t).sum(), x())[1], 2 * np.asarray(X))
    assert close(jvp(lambda t: t * t, ts.tensor(3.0))[1], 6)
    with pytest.raises(RuntimeError, match="v can only be None if the user-provided function returns a single Tensor"):
        vjp(lambda t: t, x())


def test_structure_is_that_of_the_arguments() -> None:
    a, b = ts.tensor(2.0), ts.tensor(3.0)
    outputs, products = vjp(lambda p, q: (p * q, p), (a, b), (ts.tensor(1.0), ts.tensor(10.0)))
    assert isinstance(outputs, tuple) and isinstance(products, tuple)
    assert [each.item() for each in products] == [13.0, 2.0]
    output, products = vhp(lambda p, q: p * p * q, (a, b), (ts.tensor(1.0), ts.tensor(1.0)))
    assert isinstance(output, ts.Tensor)
    assert [each.item() for each in products] == [10.0, 4.0]


def test_strict() -> None:
    with pytest.raises(RuntimeError, match="does not require gradients"):
        jacobian(lambda t: ts.ones(2), x(), strict=True)
    with pytest.raises(RuntimeError, match="independent of input 1"):
        jacobian(lambda a, b: a * 2, (x(), x()), strict=True)
    assert close(jacobian(lambda t: ts.ones(2), x()), np.zeros((2, 2, 2)))


def test_bad_input() -> None:
    with pytest.raises(TypeError, match="tuple of Tensors"):
        jacobian(lambda t: t, 3)
    with pytest.raises(TypeError, match="value at index 1"):
        jacobian(lambda a, b: a, (x(), 3))
    with pytest.raises(TypeError, match="outputs of the user-provided function"):
        jacobian(lambda t: 3, x())
    with pytest.raises(RuntimeError, match=r"v\[0\] has invalid size: should be \(2, 2\) but got \(3,\)"):
        vjp(lambda t: t, x(), ts.ones(3))
    with pytest.raises(RuntimeError, match="invalid length: should be 1 but got 2"):
        vjp(lambda t: t, x(), (x(), x()))
    with pytest.raises(RuntimeError, match="should contain a single element"):
        hessian(lambda t: t, x())
    with pytest.raises(RuntimeError, match="single Tensor"):
        hessian(lambda t: (t.sum(), t.sum()), x())
    with pytest.raises(NotImplementedError, match="vmap"):
        jacobian(lambda t: t, x(), vectorize=True)
    with pytest.raises(NotImplementedError, match="forward-mode"):
        jacobian(lambda t: t, x(), strategy="forward-mode")
    with pytest.raises(ValueError, match="strategy"):
        jacobian(lambda t: t, x(), strategy="sideways")


@pytest.mark.parametrize("name", ["functional_call", "grad", "hessian", "jacfwd", "jacrev", "jvp", "vjp", "vmap"])
def test_transforms_of_functions_say_what_there_is_instead(name: str) -> None:
    with pytest.raises(NotImplementedError, match=f"func.{name} is not there yet; [a-z]+"):
        getattr(ts.func, name)(ts.sin)


@pytest.mark.parametrize("name", ["dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"])
def test_forward_mode_says_what_there_is_instead(name: str) -> None:
    with pytest.raises(NotImplementedError, match=f"forward_ad.{name}: .* not there yet; autograd.functional.jvp"):
        getattr(ts.autograd.forward_ad, name)()


def test_vmap_and_compile_say_what_there_is_instead() -> None:
    with pytest.raises(NotImplementedError, match=r"func\.vmap is not there yet; loop"):
        ts.vmap(ts.sin)
    with pytest.raises(NotImplementedError, match="compile is not there yet; call the function"):
        ts.compile(ts.sin, fullgraph=True)
