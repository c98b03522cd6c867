"""First values of parameters, written in place and not recorded."""

from tapescope import _C
from tapescope.autograd.grad_mode import no_grad


@no_grad()
def uniform_(tensor, a=0.0, b=1.0):
    """Uniform in [a, b)."""
    return tensor.copy_(_C.rand_like(tensor) * (b - a) + a)


@no_grad()
def normal_(tensor, mean=0.0, std=1.0):
    """Normal with this mean and standard deviation."""
    return tensor.copy_(_C.randn_like(tensor) * std + mean)


@no_grad()
def zeros_(tensor):
    """Zeros."""
    return tensor.zero_()


@no_grad()
def ones_(tensor):
    """Ones."""
    return tensor.fill_(1.0)
