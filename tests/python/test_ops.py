"""Every differentiable op against finite differences, first and second order."""

import pytest

import tapescope as ts
from tapescope import _C
from tapescope.autograd import gradcheck, gradgradcheck

F = ts.nn.functional


def _inputs():
    ts.manual_seed(0)
    return ts.randn(3, 4, dtype=ts.float64, requires_grad=True), ts.randn(4, dtype=ts.float64, requires_grad=True)


OPS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: 2 - a - b,
    "mul": lambda a, b: a * b,
    "div": lambda a, b: a / (b * b + 1),
    "pow": lambda a, b: (a * a + 1) ** b,
    "pow_scalar": lambda a, b: a**3,
    "maximum": lambda a, b: ts.maximum(a, b),
    "minimum": lambda a, b: ts.minimum(a, b),
    "neg": lambda a, b: -a,
    "abs": lambda a, b: a.abs(),
    "exp": lambda a, b: a.exp(),
    "log": lambda a, b: (a * a + 1).log(),
    "sqrt": lambda a, b: (a * a + 1).sqrt(),
    "sin": lambda a, b: a.sin() * b.cos(),
    "tanh": lambda a, b: a.tanh(),
    "sigmoid": lambda a, b: a.sigmoid(),
    "relu": lambda a, b: a.relu(),
    "clamp": lambda a, b: a.clamp(-0.5, 0.5),
    "where": lambda a, b: ts.where(a > 0, a, b),
    "sum": lambda a, b: a.sum(),
    "sum_dim": lambda a, b: a.sum((0,), keepdim=True) * a,
    "mean": lambda a, b: a.mean(0),
    "var": lambda a, b: a.var(1),
    "max": lambda a, b: a.max(),
    "max_dim": lambda a, b: a.max(1).values,
    "min_dim": lambda a, b: a.min(0).values,
    "mm": lambda a, b: a @ a.t(),
    "mv": lambda a, b: a @ b,
    "dot": lambda a, b: b @ b,
    "bmm": lambda a, b: a.reshape(1, 3, 4) @ a.reshape(1, 4, 3),
    "matmul_batched": lambda a, b: a.reshape(3, 1, 4) @ a.t(),
    "linear": lambda a, b: F.linear(a, a, b[:3]),
    "reshape": lambda a, b: a.t().reshape(2, 6),
    "permute": lambda a, b: a.permute(1, 0),
    "expand": lambda a, b: a.unsqueeze(1).expand(3, 2, 4),
    "squeeze": lambda a, b: a.unsqueeze(0).squeeze(),
    "flatten": lambda a, b: a.flatten(),
    "select": lambda a, b: a[1] * a[:, 1:2].sum(),
    "slice": lambda a, b: a[:, 0:4:2],
    "index": lambda a, b: a[[0, 2, 0]] * b,
    "mask": lambda a, b: a[a.detach() > 0],
    "cat": lambda a, b: ts.cat([a, a * 2], 1),
    "stack": lambda a, b: ts.stack([a, a.exp()], 1),
    "softmax": lambda a, b: F.softmax(a, 0),
    "log_softmax": lambda a, b: F.log_softmax(a, 1),
    "cross_entropy": lambda a, b: F.cross_entropy(a, ts.tensor([0, 3, 1])),
    "mse_loss": lambda a, b: F.mse_loss(a, b.expand(3, 4)),
    "clone": lambda a, b: a.clone() * b,
    "to": lambda a, b: a.to(ts.float64) + b,
}


@pytest.mark.parametrize("name", OPS)
def test_gradients(name):
    assert gradcheck(OPS[name], _inputs())


@pytest.mark.parametrize("name", OPS)
def test_second_gradients(name):
    assert gradgradcheck(OPS[name], _inputs())


def test_gradcheck_finds_a_wrong_gradient():
    def wrong(x):
        return x * x.detach()

    with pytest.raises(ts.autograd.GradcheckError, match="numerical"):
        gradcheck(wrong, ts.randn(3, dtype=ts.float64, requires_grad=True))


def test_every_registered_op_is_a_method_and_a_function():
    for name, *_ in _C._pointwise_ops():
        assert hasattr(ts.Tensor, name) and hasattr(ts, name) and hasattr(ts.Tensor, name + "_"), name
