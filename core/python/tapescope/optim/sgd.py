"""Stochastic gradient descent."""

from __future__ import annotations

from typing import Any

from tapescope import _C
from tapescope.optim.optimizer import Optimizer, Params


class SGD(Optimizer):
    """p ← p - lr · v with v ← momentum · v + (1 - dampening) · (grad + weight_decay · p). Sutskever et al. (2013)."""

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        momentum: float = 0,
        dampening: float = 0,
        weight_decay: float = 0,
        nesterov: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
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

    def _add(
        self, step: _C._Step, p: _C.Tensor, grad: _C.Tensor, g: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        state = self.state.setdefault(p, {})
        buffer = state.get("momentum_buffer")
        first = g["momentum"] != 0 and buffer is None
        if first:
            buffer = _C.zeros_like(p)
        step.sgd(
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
        return state, {"momentum_buffer": buffer} if first else {}
