"""Hooks of optimisers: around a step, and around taking the state out and putting it in."""

from __future__ import annotations

import functools
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, TypeVar

from tapescope import _C
from tapescope.autograd.hooks import RemovableHandle, ran

Hook = Callable[..., Any]
_F = TypeVar("_F", bound=Callable[..., Any])

_global_optimizer_pre_hooks: OrderedDict[int, Hook] = OrderedDict()
_global_optimizer_post_hooks: OrderedDict[int, Hook] = OrderedDict()

_TABLES = (
    "_optimizer_step_pre_hooks",
    "_optimizer_step_post_hooks",
    "_optimizer_state_dict_pre_hooks",
    "_optimizer_state_dict_post_hooks",
    "_optimizer_load_state_dict_pre_hooks",
    "_optimizer_load_state_dict_post_hooks",
)


def register_optimizer_step_pre_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(optimizer, args, kwargs) before each step of every optimiser, before the optimiser's own hooks.

    See Optimizer.register_step_pre_hook.
    """
    return _register(_global_optimizer_pre_hooks, hook)


def register_optimizer_step_post_hook(hook: Hook) -> RemovableHandle:
    """Calls hook(optimizer, args, kwargs) after each step of every optimiser, after the optimiser's own hooks.

    See Optimizer.register_step_post_hook.
    """
    return _register(_global_optimizer_post_hooks, hook)


def _register(hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool = False) -> RemovableHandle:
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    return handle


def with_step_hooks(step: _F) -> _F:
    """`step` of a class, between the hooks. A class whose step calls its parent's runs them once, around its own."""

    @functools.wraps(step)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        if _C._profiler_enabled() and type(self).step is wrapper:
            with _C._RecordFunction(f"Optimizer.step#{type(self).__name__}.step"):
                return with_hooks(self, args, kwargs)
        return with_hooks(self, args, kwargs)

    def with_hooks(self: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        hooked = self._optimizer_step_pre_hooks or self._optimizer_step_post_hooks
        hooked = hooked or _global_optimizer_pre_hooks or _global_optimizer_post_hooks
        if not hooked or type(self).step is not wrapper:
            return step(self, *args, **kwargs)
        given: Any = (self, *args)
        for key, hook in (*_global_optimizer_pre_hooks.items(), *self._optimizer_step_pre_hooks.items()):
            ran(key)
            with _C._hook_range(hook):
                changed = hook(self, given, kwargs)
            if changed is not None:
                if not isinstance(changed, tuple) or len(changed) != 2:
                    raise RuntimeError(
                        f"{step.__qualname__}: a step pre-hook must return None or a tuple of (new_args, new_kwargs), "
                        f"but got {changed}."
                    )
                given, kwargs = changed
        out = step(*given, **kwargs)
        for key, hook in (*self._optimizer_step_post_hooks.items(), *_global_optimizer_post_hooks.items()):
            ran(key)
            with _C._hook_range(hook):
                hook(self, given, kwargs)
        return out

    wrapper.hooked = True  # type: ignore[attr-defined]
    return wrapper  # type: ignore[return-value]


class Hooked:
    """The part of Optimizer that has hooks. Copies and pickles of an optimiser have none."""

    _optimizer_step_pre_hooks: OrderedDict[int, Hook]
    _optimizer_step_post_hooks: OrderedDict[int, Hook]
    _optimizer_state_dict_pre_hooks: OrderedDict[int, Hook]
    _optimizer_state_dict_post_hooks: OrderedDict[int, Hook]
    _optimizer_load_state_dict_pre_hooks: OrderedDict[int, Hook]
    _optimizer_load_state_dict_post_hooks: OrderedDict[int, Hook]

    def _without_hooks(self) -> None:
        """What a new optimiser starts with."""
        for name in _TABLES:
            setattr(self, name, OrderedDict())
        cls: Any = type(self)
        if not getattr(cls.step, "hooked", False):  # a subclass has a step of its own
            cls.step = with_step_hooks(cls.step)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in _TABLES}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._without_hooks()

    def register_step_pre_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(optimizer, args, kwargs) before each step, after those of all optimisers.

        args, kwargs: of the call of step, the optimiser as the first of args. The hook returns None, or (args, kwargs)
        that take their place; else the step raises RuntimeError. Returns a handle with remove().
        """
        return _register(self._optimizer_step_pre_hooks, hook)

    def register_step_post_hook(self, hook: Hook) -> RemovableHandle:
        """Calls hook(optimizer, args, kwargs) after each step, with what step was called with.

        What it returns is not looked at. Returns a handle with remove().
        """
        return _register(self._optimizer_step_post_hooks, hook)

    def register_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer) before each state_dict(). prepend: before those that are there.

        What it returns is not looked at. Returns a handle with remove().
        """
        return _register(self._optimizer_state_dict_pre_hooks, hook, prepend)

    def register_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer, state_dict) on what state_dict() gives; what it returns takes its place, None does not.

        prepend: before those that are there. Returns a handle with remove().
        """
        return _register(self._optimizer_state_dict_post_hooks, hook, prepend)

    def register_load_state_dict_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer, state_dict) before each load_state_dict; a state dict that it returns takes its place.

        state_dict: a shallow copy of the caller's. prepend: before those that are there.
        Returns a handle with remove().
        """
        return _register(self._optimizer_load_state_dict_pre_hooks, hook, prepend)

    def register_load_state_dict_post_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(optimizer) after each load_state_dict. prepend: before those that are there.

        What it returns is not looked at. Returns a handle with remove().
        """
        return _register(self._optimizer_load_state_dict_post_hooks, hook, prepend)

    def _before_state_dict(self) -> None:
        for hook in tuple(self._optimizer_state_dict_pre_hooks.values()):
            hook(self)

    def _after_state_dict(self, state_dict: dict[str, Any]) -> dict[str, Any]:
        return self._passed(self._optimizer_state_dict_post_hooks, state_dict)

    def _before_load_state_dict(self, state_dict: dict[str, Any]) -> dict[str, Any]:
        return self._passed(self._optimizer_load_state_dict_pre_hooks, state_dict.copy())

    def _after_load_state_dict(self) -> None:
        for hook in tuple(self._optimizer_load_state_dict_post_hooks.values()):
            hook(self)

    def _passed(self, hooks: OrderedDict[int, Hook], state_dict: dict[str, Any]) -> dict[str, Any]:
        for hook in tuple(hooks.values()):
            given = hook(self, state_dict)
            if given is not None:
                state_dict = given
        return state_dict
