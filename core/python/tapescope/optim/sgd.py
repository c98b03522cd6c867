"""Stochastic gradient descent."""

from tapescope import _C
from tapescope.optim.optimizer import Optimizer


class SGD(Optimizer):
    """p ← p - lr · v with v ← momentum · v + (1 - dampening) · (grad + weight_decay · p). Sutskever et al. (2013)."""

    def __init__(self, params, lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, *, maximize=False):
        for name, v in (("learning rate", lr), ("momentum value", momentum), ("weight_decay value", weight_decay)):
            if v < 0:
                raise ValueError(f"Invalid {name}: {v}")
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        super().__init__(
            params,
            {
                "lr": lr,
                "momentum": momentum,
                "dampening": dampening,
                "weight_decay": weight_decay,
                "nesterov": nesterov,
                "maximize": maximize,
            },
        )

    def _update(self, p, grad, g):
        state = self.state.setdefault(p, {})
        buffer = state.get("momentum_buffer")
        first = g["momentum"] != 0 and buffer is None
        if first:
            buffer = state["momentum_buffer"] = _C.zeros_like(p)
        _C._sgd_step(
            p,
            grad,
            buffer,
            g["lr"],
            g["momentum"],
            g["dampening"],
            g["weight_decay"],
            g["nesterov"],
            g["maximize"],
            first,
        )
