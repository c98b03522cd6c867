"""Hooks of all modules: they run whenever any module is called, before the module's own."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tapescope.autograd.hooks import RemovableHandle

Hook = Callable[..., Any]

_global_forward_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_forward_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_forward_hooks_with_kwargs: OrderedDict[int, bool] = OrderedDict()
_global_forward_hooks_always_called: OrderedDict[int, bool] = OrderedDict()
_global_backward_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_backward_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_is_full_backward_hook: bool | None = None

# Every hook of the tables above.
anywhere: OrderedDict[int, bool] = OrderedDict()

# Not empty once there was any hook of any module. Each call of a module asks this first: to ask the module takes ten
# times as long, as a class with __getattr__ looks its attributes up the slow way.
ever: list[bool] = []


def _register(hooks: OrderedDict[int, Hook], hook: Hook, *marks: OrderedDict[int, bool]) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=[anywhere, *marks])
    hooks[handle.id] = hook
    anywhere[handle.id] = True
    ever[:] = [True]
    return handle


def register_module_forward_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, args) before the forward of every module. For debugging and profiling.

    What it returns takes the arguments' place: a tuple, or a single value. Returns a handle with remove().
    """
    return _register(_global_forward_pre_hooks, hook)


def register_module_forward_hook(
    hook: Hook, *, with_kwargs: bool = False, always_call: bool = False
) -> RemovableHandle:
    """Calls hook(module, args, output) after the forward of every module. For debugging and profiling.

    What it returns takes the output's place. with_kwargs: hook(module, args, kwargs, output) instead.
    always_call: also when the call raises; the output is then what there was of it, or None.
    Returns a handle with remove().
    """
    marks = _global_forward_hooks_with_kwargs, _global_forward_hooks_always_called
    handle = _register(_global_forward_hooks, hook, *marks)
    for wanted, mark in zip((with_kwargs, always_call), marks, strict=True):
        if wanted:
            mark[handle.id] = True
    return handle


def register_module_full_backward_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, grad_output) before the gradients of every module's inputs are computed.

    A tuple that it returns takes grad_output's place. Returns a handle with remove().
    """
    return _register(_global_backward_pre_hooks, hook)


def register_module_full_backward_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(module, grad_input, grad_output) when the gradients of a module's inputs are there, for every module.

    A tuple that it returns takes grad_input's place. Returns a handle with remove(). Raises RuntimeError while hooks
    of register_module_backward_hook are there.
    """
    return _register_backward(hook, True)


def register_module_backward_hook(hook: Hook) -> RemovableHandle:
    """Deprecated: calls hook(module, grad_input, grad_output) at the last node of every module's output.

    See Module.register_backward_hook; register_module_full_backward_hook gives the gradients of the module.
    """
    return _register_backward(hook, False)


def _register_backward(hook: Hook, full: bool) -> RemovableHandle:
    global _global_is_full_backward_hook
    if _global_backward_hooks and _global_is_full_backward_hook is not full:
        raise RuntimeError(
            "Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please use only "
            "one of them: remove those that are there first."
        )
    _global_is_full_backward_hook = full
    return _register(_global_backward_hooks, hook)


def backward_hooks(full: bool) -> list[tuple[int, Hook]]:
    """The backward hooks of all modules, of one of the two kinds, with their ids."""
    return list(_global_backward_hooks.items()) if _global_is_full_backward_hook is full else []
