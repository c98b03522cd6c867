"""A call of a module that has hooks, or of any module while there are hooks of all modules."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from functools import partial
from typing import Any

from tapescope import _C
from tapescope.autograd.hooks import ran
from tapescope.nn import global_hooks as g
from tapescope.nn.backward_hook import BackwardHook
from tapescope.nn.legacy_backward_hook import register_on_last_node


def call_with_hooks(module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """What module(*args, **kwargs) gives, with the hooks around the forward.

    Ops that hooks run are the caller's, not the module's: only the forward is recorded as the module's own.
    """
    call = _Call(module, args, kwargs)
    try:
        return call.run()
    except Exception:
        call.run_those_always_called()
        raise


class _Call:
    def __init__(self, module: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.module, self.args, self.kwargs = module, args, kwargs
        self.result: Any = None
        self.called: set[int] = set()  # hooks with always_call that had their turn

    def run(self) -> Any:
        module = self.module
        # As they are now: forward hooks that register others do so for the next call.
        pre_hooks = [*g._global_backward_pre_hooks.items(), *module._backward_pre_hooks.items()]
        full, legacy = self._backward_hooks(True), self._backward_hooks(False)
        self._before()
        backward = BackwardHook(module, full, pre_hooks) if full or pre_hooks else None
        if backward is not None:
            self.args = backward.setup_input_hook(self.args)
        self.result = self._forward()
        for key, hook, always in self._forward_hooks():
            if always:
                self.called.add(key)
            ran(key)
            self._after(hook)
        if backward is not None:
            self.result = self._with_backward(backward)
        if legacy:
            register_on_last_node(module, legacy, self.args, self.result)
        return self.result

    def _backward_hooks(self, full: bool) -> list[tuple[int, Any]]:
        own = self.module._backward_hooks.items() if self.module._is_full_backward_hook is full else ()
        return [*g.backward_hooks(full), *own]

    def _before(self) -> None:
        with_kwargs = self.module._forward_pre_hooks_with_kwargs
        for key, hook in (*g._global_forward_pre_hooks.items(), *self.module._forward_pre_hooks.items()):
            ran(key)
            if key in with_kwargs:
                with _C._hook_range(hook):
                    both = hook(self.module, self.args, self.kwargs)
                if both is None:
                    continue
                if not isinstance(both, tuple) or len(both) != 2:
                    raise RuntimeError(
                        f"forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got {both}."
                    )
                self.args, self.kwargs = both
            else:
                with _C._hook_range(hook):
                    args = hook(self.module, self.args)
                if args is not None:
                    self.args = args if isinstance(args, tuple) else (args,)

    def _forward(self) -> Any:
        module = self.module
        outer = _C._push_module(module._module_id)
        try:
            return module.forward(*self.args, **self.kwargs)
        finally:
            _C._pop_module(outer)

    def _forward_hooks(self) -> Iterator[tuple[int, partial[Any], bool]]:
        """(its id, the call with the result as it is by then, whether always called), those of all modules first."""
        module = self.module
        for hooks, with_kwargs, always in (
            (g._global_forward_hooks, g._global_forward_hooks_with_kwargs, g._global_forward_hooks_always_called),
            (module._forward_hooks, module._forward_hooks_with_kwargs, module._forward_hooks_always_called),
        ):
            for key, hook in tuple(hooks.items()):
                given = (self.args, self.kwargs) if key in with_kwargs else (self.args,)
                yield key, partial(hook, module, *given, self.result), key in always

    def _after(self, hook: partial[Any]) -> None:
        with _C._hook_range(hook.func):
            given = hook()
        if given is not None:
            self.result = given

    def _with_backward(self, backward: BackwardHook) -> Any:
        if not isinstance(self.result, (_C.Tensor, tuple)):
            warnings.warn(
                "For backward hooks to be called, module output should be a Tensor or a tuple of Tensors but received "
                f"{type(self.result)}",
                stacklevel=5,
            )
        return backward.setup_output_hook(self.result)

    def run_those_always_called(self) -> None:
        for key, hook, always in self._forward_hooks():
            if not always or key in self.called:
                continue
            ran(key)
            try:
                self._after(hook)
            except Exception as error:
                whose = "global module" if key in g._global_forward_hooks else "module"
                warnings.warn(
                    f"{whose} forward hook with ``always_call=True`` raised an exception that was silenced as another "
                    f"error was raised in forward: {error}",
                    stacklevel=4,
                )
