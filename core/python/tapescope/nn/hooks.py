"""The hooks of one module: where they are kept, and how they are registered."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from tapescope.autograd.hooks import RemovableHandle
from tapescope.nn.global_hooks import ever

Hook = Callable[..., Any]

TABLES = frozenset(
    {
        "_backward_hooks",
        "_backward_pre_hooks",
        "_forward_hooks",
        "_forward_hooks_always_called",
        "_forward_hooks_with_kwargs",
        "_forward_pre_hooks",
        "_forward_pre_hooks_with_kwargs",
    }
)


class HookTable(OrderedDict[int, Any]):
    """Hooks by their ids. That there is one is known however it came about, be it as a copy or out of a pickle."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ever[:] = [True]


class Hooked:
    """The part of Module that has hooks.

    The tables are made when one of them is looked at for the first time. From then on `_hooked` is true, and the
    module's calls look into them.
    """

    _hooked: bool = False
    _is_full_backward_hook: bool | None = None
    _backward_hooks: OrderedDict[int, Hook]
    _backward_pre_hooks: OrderedDict[int, Hook]
    _forward_hooks: OrderedDict[int, Hook]
    _forward_hooks_always_called: OrderedDict[int, bool]
    _forward_hooks_with_kwargs: OrderedDict[int, bool]
    _forward_pre_hooks: OrderedDict[int, Hook]
    _forward_pre_hooks_with_kwargs: OrderedDict[int, bool]

    def _hook_table(self, name: str) -> OrderedDict[int, Any]:
        tables = self.__dict__
        tables["_hooked"] = True
        for each in TABLES:
            tables.setdefault(each, HookTable())
        made: OrderedDict[int, Any] = tables[name]
        return made

    def register_forward_pre_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False
    ) -> RemovableHandle:
        """Calls hook(module, args) before each forward; what it returns takes the arguments' place.

        It returns None, a tuple, or one value that is no tuple, and stands for a tuple of one.
        prepend: before the hooks that are there. Hooks of all modules come first all the same.
        with_kwargs: hook(module, args, kwargs) instead, which returns None or (args, kwargs), else the call raises
        RuntimeError. Returns a handle with remove().
        """
        return _register(self._forward_pre_hooks, hook, prepend, (with_kwargs, self._forward_pre_hooks_with_kwargs))

    def register_forward_hook(
        self, hook: Hook, *, prepend: bool = False, with_kwargs: bool = False, always_call: bool = False
    ) -> RemovableHandle:
        """Calls hook(module, args, output) after each forward; what it returns takes the output's place, None does not.

        prepend: before the hooks that are there. Hooks of all modules come first all the same.
        with_kwargs: hook(module, args, kwargs, output) instead.
        always_call: also when the call raises an Exception, with output None if forward did not get to its end; what
        the hook itself raises is then a warning. Returns a handle with remove().
        """
        return _register(
            self._forward_hooks,
            hook,
            prepend,
            (with_kwargs, self._forward_hooks_with_kwargs),
            (always_call, self._forward_hooks_always_called),
        )

    def register_full_backward_pre_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, grad_output) when the gradients of the outputs are there, before they go into the module.

        grad_output: a tuple, with None for outputs that are no tensors. A tuple that the hook returns takes its place;
        one of another length makes the backward raise RuntimeError.
        prepend: before the hooks that are there. See register_full_backward_hook for what happens to inputs and
        outputs. Returns a handle with remove().
        """
        return _register(self._backward_pre_hooks, hook, prepend)

    def register_full_backward_hook(self, hook: Hook, prepend: bool = False) -> RemovableHandle:
        """Calls hook(module, grad_input, grad_output) when the gradients of the inputs are there.

        grad_input, grad_output: tuples, one entry a positional argument or output, None for what is no tensor or has
        no gradient. A tuple that the hook returns takes grad_input's place; one of another length makes the backward
        raise RuntimeError. Where no input requires grad the hook runs when the gradients of the outputs are there, and
        returns None.
        The forward gets views of its inputs, and the caller views of the outputs: writes to them raise RuntimeError.
        prepend: before the hooks that are there. Returns a handle with remove().
        Raises RuntimeError while hooks of register_backward_hook are there.
        """
        return self._register_backward(hook, True, prepend)

    def register_backward_hook(self, hook: Hook) -> RemovableHandle:
        """Deprecated: calls hook(module, grad_input, grad_output) when the node of the (first) output has run.

        The gradients are the node's, which may be one of several in the module: a FutureWarning says so when the module
        is called. Use register_full_backward_hook. Raises RuntimeError while hooks of that kind are there.
        """
        return self._register_backward(hook, False, False)

    def _register_backward(self, hook: Hook, full: bool, prepend: bool) -> RemovableHandle:
        if self._backward_hooks and self._is_full_backward_hook is not full:
            raise RuntimeError(
                "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only "
                "one of them: remove those that are there first."
            )
        object.__setattr__(self, "_is_full_backward_hook", full)
        return _register(self._backward_hooks, hook, prepend)


def _register(
    hooks: OrderedDict[int, Hook], hook: Hook, prepend: bool, *marks: tuple[bool, OrderedDict[int, bool]]
) -> RemovableHandle:
    handle = RemovableHandle(hooks, extra_dict=[mark for _, mark in marks])
    hooks[handle.id] = hook
    if prepend:
        hooks.move_to_end(handle.id, last=False)
    for wanted, mark in marks:
        if wanted:
            mark[handle.id] = True
    return handle
