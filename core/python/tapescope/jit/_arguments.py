"""The arguments of what is traced: their names, and inputs from examples."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from tapescope._C import Tensor


def callable_argument_names(function: Callable[..., Any]) -> list[str]:
    """Names of the arguments, those by keyword last; empty if it takes *args, or its signature is not known."""
    parameters = _parameters(function)
    if any(p.kind is inspect.Parameter.VAR_POSITIONAL for p in parameters):
        return []
    return [p.name for p in parameters if p.kind is not inspect.Parameter.VAR_KEYWORD]


def takes_any_keyword(function: Callable[..., Any]) -> bool:
    """Whether it has **kwargs, or its signature is not known."""
    parameters = _parameters(function)
    return not parameters or any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters)


def _parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return []


def example_tuple(example_inputs: Any) -> tuple[Any, ...]:
    """A single tensor, or a dict, is one input. Raises TypeError for what is no sequence of inputs."""
    if isinstance(example_inputs, (Tensor, dict)):
        return (example_inputs,)
    if isinstance(example_inputs, tuple):
        return example_inputs
    try:
        return tuple(example_inputs)
    except TypeError:
        raise TypeError(
            f"trace: example_inputs is a tensor or a tuple of inputs, not a {type(example_inputs).__name__}"
        ) from None


def cloned(value: Any) -> Any:
    """The same structure with tensors of their own, which require grad where those do."""
    if isinstance(value, Tensor):
        return value.detach().clone().requires_grad_(value.requires_grad)
    if isinstance(value, tuple):
        return tuple(cloned(each) for each in value)
    if isinstance(value, list):
        return [cloned(each) for each in value]
    if isinstance(value, dict):
        return {key: cloned(each) for key, each in value.items()}
    return value


def positional(names: list[str], args: tuple[Any, ...], kwargs: dict[str, Any], what: str) -> tuple[Any, ...]:
    """Arguments in the order of `names`. Raises TypeError as a call of a Python function does."""
    if not kwargs:
        return args
    if not names:
        raise TypeError(f"{what}() was traced from a function without plain argument names: give arguments by position")
    if len(args) > len(names):
        raise TypeError(f"{what}() takes {len(names)} arguments, but {len(args)} were given")
    given = dict(zip(names, args, strict=False))
    for key, value in kwargs.items():
        if key not in names:
            raise TypeError(f"{what}() got an unexpected keyword argument '{key}'")
        if key in given:
            raise TypeError(f"{what}() got multiple values for argument '{key}'")
        given[key] = value
    missing = [name for name in names if name not in given]
    if missing:
        raise TypeError(f"{what}() is missing the argument '{missing[0]}'")
    return tuple(given[name] for name in names)
