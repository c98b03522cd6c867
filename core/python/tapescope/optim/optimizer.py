"""Optimizer: groups of parameters and the state kept for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tapescope import _C

Params = Iterable[_C.Tensor] | Iterable[dict[str, Any]]


class Optimizer:
    """Base of the optimisers. params: parameters, or dicts {"params": …, option: value}. defaults: the options."""

    def __init__(self, params: Params, defaults: dict[str, Any]) -> None:
        if isinstance(params, _C.Tensor):
            raise TypeError(
                "params argument given to the optimizer should be an iterable of Tensors or dicts, but got a Tensor"
            )
        groups: list[Any] = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        if not isinstance(groups[0], dict):
            groups = [{"params": groups}]
        self.defaults = defaults
        self.state: dict[_C.Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        for g in groups:
            group = {**defaults, **g}
            group["params"] = [group["params"]] if isinstance(group["params"], _C.Tensor) else list(group["params"])
            for p in group["params"]:
                if not isinstance(p, _C.Tensor):
                    raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
                if not p.is_leaf:
                    raise ValueError("can't optimize a non-leaf Tensor")
            self.param_groups.append(group)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    if set_to_none:
                        p.grad = None
                    else:
                        p.grad.detach().zero_()

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One step. closure: computes the loss again; its value is returned."""
        loss = None
        if closure is not None:
            before = _C.is_grad_enabled()
            _C._set_grad_enabled(True)
            try:
                loss = closure()
            finally:
                _C._set_grad_enabled(before)
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, p.grad, group)
        return loss

    def _update(self, p: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]) -> None:
        raise NotImplementedError(f"{type(self).__name__} has no _update")

    def __repr__(self) -> str:
        options = ", ".join(f"{k}={v}" for k, v in self.defaults.items())
        return f"{type(self).__name__}({options})"
