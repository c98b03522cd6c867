"""From a Python object to those that refer to it, each with the step in words."""

from __future__ import annotations

import gc
import sys
import types
from collections.abc import Iterator
from typing import Any

Step = tuple[str, str, Any]  # (kind, name, the object that refers; None: a root)

_HERE = __file__.rpartition("/")[0]


def referrers(target: Any, mine: set[int]) -> Iterator[Step]:
    """Who refers to `target`. mine: ids of objects that exist because we look."""
    for other in gc.get_referrers(target):
        if id(other) in mine or (isinstance(other, types.FrameType) and _is_ours(other)):
            continue
        yield from _steps(target, other)


def _is_ours(frame: types.FrameType) -> bool:
    return frame.f_code.co_filename.startswith(_HERE)


def _steps(target: Any, other: Any) -> Iterator[Step]:
    if isinstance(other, types.FrameType):
        names = [name for name, value in other.f_locals.items() if value is target]
        if other.f_locals is not other.f_globals:  # a module's own names are found as its variables
            yield "frame", f"{other.f_code.co_name}(): {names[0] if names else '…'}", None
    elif isinstance(other, types.CellType):
        yield "closure", "", other
    elif isinstance(other, types.FunctionType):
        yield from _of_function(target, other)
    elif isinstance(other, dict):
        yield from _of_dict(target, other)
    elif isinstance(target, types.CellType) and isinstance(other, tuple):
        for function in gc.get_referrers(other):
            if isinstance(function, types.FunctionType) and function.__closure__ is other:
                index = next(i for i, cell in enumerate(other) if cell is target)
                yield "closure", f"{function.__qualname__}: {function.__code__.co_freevars[index]}", function
    elif isinstance(other, list | tuple):
        for i, value in enumerate(other):
            if value is target:
                yield "item", f"[{i}]", other
                return
    elif isinstance(other, types.MethodType):
        yield "attribute", ".__self__", other
    elif not isinstance(other, types.ModuleType):
        if getattr(other, "__dict__", None) is target:
            yield "attribute", "", other
            return
        for name, value in _attributes(other):
            if value is target:
                yield "attribute", f".{name}", other
                return
        yield "item", f" in a {type(other).__name__}", other


def _attributes(owner: Any) -> list[tuple[str, Any]]:
    try:
        return list(vars(owner).items())
    except TypeError:
        return []


def _of_function(target: Any, function: types.FunctionType) -> Iterator[Step]:
    if function.__dict__ is target:
        yield "attribute", "", function
    elif function.__globals__ is not target:
        yield "attribute", f"{function.__qualname__}.__defaults__", function


def _of_dict(target: Any, table: dict[Any, Any]) -> Iterator[Step]:
    keys = [key for key, value in list(table.items()) if value is target]
    if not keys:
        return
    for name, module in list(sys.modules.items()):
        if getattr(module, "__dict__", None) is table:
            prefix = "" if name == "__main__" else f"{name}."
            yield "variable", f"{prefix}{keys[0]}", None
            return
    yield "item", f"[{keys[0]!r}]", table
