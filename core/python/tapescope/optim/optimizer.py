"""Optimizer: groups of parameters and the state kept for each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tapescope import _C
from tapescope.optim.hooks import (
    Hooked,
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
    with_step_hooks,
)

__all__ = ["Optimizer", "Params", "register_optimizer_step_post_hook", "register_optimizer_step_pre_hook"]

Params = Iterable[_C.Tensor] | Iterable[dict[str, Any]]


class Optimizer(Hooked):
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
        self._without_hooks()
        self.defaults = defaults
        self.state: dict[_C.Tensor, dict[str, Any]] = {}
        self.param_groups: list[dict[str, Any]] = []
        for g in groups:
            self.add_param_group(g)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Forgets the gradients."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    if set_to_none:
                        p.grad = None
                    else:
                        p.grad.detach().zero_()

    @with_step_hooks
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
        # Memory for all of it first: a step that fails has written nothing.
        step = _C._Step()
        stepped = []
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    stepped.append(self._add(step, p, p.grad, group))
        step.run()
        for state, made in stepped:
            state.update(made)
        return loss

    def state_dict(self) -> dict[str, Any]:
        """The state and the options as numbers, strings and tensors; parameters appear as their number in order.

        The tensors are those of the optimiser, not copies; `tapescope.save` takes it as it is.
        """
        self._before_state_dict()
        numbers = {id(p): i for i, p in enumerate(self._parameters())}
        groups = [{**g, "params": [numbers[id(p)] for p in g["params"]]} for g in self.param_groups]
        state = {numbers[id(p)]: dict(s) for p, s in self.state.items()}
        return self._after_state_dict({"state": state, "param_groups": groups})

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over what `state_dict` gave; tensors are copied.

        Raises ValueError if the groups are not as many, or not as large, or a state is not shaped as its parameter.
        """
        state_dict = self._before_load_state_dict(state_dict)
        given = state_dict["param_groups"]
        if len(given) != len(self.param_groups):
            raise ValueError(
                "loaded state dict has a different number of parameter groups: "
                f"{len(given)}, and the optimizer has {len(self.param_groups)}"
            )
        for i, (old, new) in enumerate(zip(self.param_groups, given, strict=True)):
            if len(old["params"]) != len(new["params"]):
                raise ValueError(
                    "loaded state dict contains a parameter group that doesn't match the size of optimizer's group: "
                    f"group {i} has {len(new['params'])}, and the optimizer's {len(old['params'])}"
                )
        parameters = dict(zip((n for g in given for n in g["params"]), self._parameters(), strict=True))
        state = {}
        for number, entries in state_dict["state"].items():
            p = parameters[number]
            state[p] = {name: self._taken(p, name, value) for name, value in entries.items()}
        self.state = state
        for old, new in zip(self.param_groups, given, strict=True):
            old.update({name: value for name, value in new.items() if name != "params"})
        self._after_load_state_dict()

    @staticmethod
    def _taken(p: _C.Tensor, name: str, value: Any) -> Any:
        if not isinstance(value, _C.Tensor):
            return value
        if value.shape != p.shape:
            raise ValueError(f"{name} of shape {tuple(value.shape)} is no state of a parameter of {tuple(p.shape)}")
        return value.detach().to(p.dtype).clone()

    def _parameters(self) -> list[_C.Tensor]:
        return [p for g in self.param_groups for p in g["params"]]

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """Adds a group of parameters; options that it leaves out are the defaults.

        Raises ValueError for a parameter that is in another group already, or is no leaf.
        """
        group = {**self.defaults, **param_group}
        group["params"] = [group["params"]] if isinstance(group["params"], _C.Tensor) else list(group["params"])
        known = {id(p) for p in self._parameters()}
        for p in group["params"]:
            if not isinstance(p, _C.Tensor):
                raise TypeError(f"optimizer can only optimize Tensors, but one of the params is {type(p).__name__}")
            if not p.is_leaf:
                raise ValueError("can't optimize a non-leaf Tensor")
            if id(p) in known:
                raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(group)

    def _add(
        self, step: _C._Step, p: _C.Tensor, grad: _C.Tensor, group: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Adds a parameter's part to the step: its state, and what becomes of it once the step is made."""
        raise NotImplementedError(f"{type(self).__name__} has no _add")

    def __repr__(self) -> str:
        options = ", ".join(f"{k}={v}" for k, v in self.defaults.items())
        return f"{type(self).__name__}({options})"
