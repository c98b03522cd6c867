"""PyTorch's function transforms, which are not there yet: each call says what to use instead."""

from __future__ import annotations

from typing import Any, NoReturn

_INSTEAD = {
    "functional_call": "give the parameters to the module with load_state_dict, or write it with nn.functional",
    "grad": "use autograd.grad on what the function returns",
    "hessian": "use autograd.functional.hessian",
    "jacfwd": "use autograd.functional.jacobian",
    "jacrev": "use autograd.functional.jacobian",
    "jvp": "use autograd.functional.jvp",
    "vjp": "use autograd.functional.vjp",
    "vmap": "loop over the first dimension and stack the results; autograd.grad(is_grads_batched=True) does so",
}


def functional_call(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("functional_call")


def grad(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("grad")


def hessian(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("hessian")


def jacfwd(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("jacfwd")


def jacrev(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("jacrev")


def jvp(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("jvp")


def vjp(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("vjp")


def vmap(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("vmap")


def _refuse(name: str) -> NoReturn:
    raise NotImplementedError(f"func.{name} is not there yet; {_INSTEAD[name]}")


__all__ = ["functional_call", "grad", "hessian", "jacfwd", "jacrev", "jvp", "vjp", "vmap"]
