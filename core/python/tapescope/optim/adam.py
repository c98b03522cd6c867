"""Adam and AdamW."""

from __future__ import annotations

from typing import Any

from tapescope import _C
from tapescope.optim.optimizer import Optimizer, Params


class Adam(Optimizer):
    """Kingma and Ba (2015): steps of m̂ / (√v̂ + eps) with running means m of the gradient and v of its square."""

    _decoupled = False

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0,
        *,
        maximize: bool = False,
    ) -> None:
        if lr < 0:
            raise ValueError(f"Invalid learning rate: {lr}")
        if eps < 0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for i, b in enumerate(betas):
            if not 0 <= b < 1:
                raise ValueError(f"Invalid beta parameter at index {i}: {b}")
        super().__init__(
            params, {"lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "maximize": maximize}
        )

    def _add(
        self, step: _C._Step, p: _C.Tensor, grad: _C.Tensor, g: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        state = self.state.get(p)
        if state is None:
            state = self.state[p] = {"step": 0, "exp_avg": _C.zeros_like(p), "exp_avg_sq": _C.zeros_like(p)}
        count = state["step"] + 1
        beta1, beta2 = g["betas"]
        step.adam(
            p,
            grad,
            state["exp_avg"],
            state["exp_avg_sq"],
            count,
            g["lr"],
            beta1,
            beta2,
            g["eps"],
            g["weight_decay"],
            self._decoupled,
            g["maximize"],
        )
        return state, {"step": count}


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""

    _decoupled = True

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay, maximize=maximize)
