"""First values of parameters, written in place and not recorded."""

from __future__ import annotations

from tapescope import _C
from tapescope._C import Tensor
from tapescope.autograd.grad_mode import no_grad


@no_grad()
def uniform_(tensor: Tensor, a: float = 0.0, b: float = 1.0) -> Tensor:
    """Uniform in [a, b)."""
    return tensor.copy_(_C.rand_like(tensor) * (b - a) + a)


@no_grad()
def normal_(tensor: Tensor, mean: float = 0.0, std: float = 1.0) -> Tensor:
    """Normal with this mean and standard deviation."""
    return tensor.copy_(_C.randn_like(tensor) * std + mean)


@no_grad()
def zeros_(tensor: Tensor) -> Tensor:
    """Zeros."""
    return tensor.zero_()


@no_grad()
def ones_(tensor: Tensor) -> Tensor:
    """Ones."""
    return tensor.fill_(1.0)
