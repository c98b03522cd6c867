"""Hooks on the tensors that graphs save: what is kept in their place, and how it comes back."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any

from tapescope import _C

__all__ = [
    "allow_mutation_on_saved_tensors",
    "disable_saved_tensors_hooks",
    "save_on_cpu",
    "saved_tensors_hooks",
]

Tensor = _C.Tensor


class saved_tensors_hooks:
    """While it stands, ``pack_hook(tensor)`` is kept in place of each tensor that an op saves for its backward, and
    ``unpack_hook(packed)`` brings it back, each time that it is needed.

    pack_hook: runs in no_grad mode, once for each saved tensor; may return anything, and must not write to its input.
    To return the input itself, or what holds it, keeps the graph alive as long as itself: return a detached one.
    unpack_hook: returns a tensor of the shape and dtype that were packed. Versions are not checked.
    The innermost pair alone is called. Numbers of the program's are not packed. Raises TypeError for hooks that cannot
    be called, RuntimeError inside of disable_saved_tensors_hooks.
    """

    def __init__(self, pack_hook: Callable[[Tensor], Any], unpack_hook: Callable[[Any], Tensor]) -> None:
        self.pack_hook = pack_hook
        self.unpack_hook = unpack_hook

    def __enter__(self) -> None:
        _C._push_saved_tensors_default_hooks(self.pack_hook, self.unpack_hook)

    def __exit__(self, *exc: object) -> None:
        _C._pop_saved_tensors_default_hooks()


class save_on_cpu(saved_tensors_hooks):
    """Saved tensors wait in the CPU's memory: each is copied there when it is saved.

    pin_memory: taken, and of no use where there is no accelerator. All tensors lie on the CPU for now, so what this
    gives is a copy: a tensor that is written after it was saved is still right in backward.
    """

    def __init__(self, pin_memory: bool = False, device_type: str = "cuda") -> None:
        def pack(tensor: Tensor) -> Tensor:
            return tensor.detach().clone()

        def unpack(packed: Tensor) -> Tensor:
            return packed

        super().__init__(pack, unpack)


class disable_saved_tensors_hooks:
    """While it stands, ``saved_tensors_hooks`` raises RuntimeError with this message. Also a decorator.

    Raises RuntimeError itself, with the message, where default hooks stand already.
    """

    def __init__(self, error_message: str) -> None:
        self.error_message = error_message

    def __enter__(self) -> None:
        self._before = _C._saved_tensors_hooks_message()
        _C._saved_tensors_hooks_disable(self.error_message)

    def __exit__(self, *exc: object) -> None:
        if self._before is None:
            _C._saved_tensors_hooks_enable()
        else:
            _C._saved_tensors_hooks_disable(self._before)

    def __call__(self, f: Callable[..., Any]) -> Callable[..., Any]:
        import functools

        @functools.wraps(f)
        def inner(*args: Any, **kwargs: Any) -> Any:
            with disable_saved_tensors_hooks(self.error_message):
                return f(*args, **kwargs)

        return inner


class _Saved:
    """A saved tensor that may be written: its memory while nobody writes, a copy made just before the first write."""

    __slots__ = ("__weakref__", "copy", "tensor", "turn", "version")

    def __init__(self, tensor: Tensor, turn: int) -> None:
        self.turn = turn
        self.tensor: Tensor | None = tensor.detach()
        self.version = tensor._version
        self.copy: Tensor | None = None


class _MutationContext:
    """What allow_mutation_on_saved_tensors gives: which memory is saved, until `clear`."""

    def __init__(self) -> None:
        self._by_storage: dict[int, weakref.WeakSet[_Saved]] = {}
        self._turn = 0  # times that it was cleared

    def clear(self) -> None:
        """Forgets what was saved; a backward after it raises."""
        self._by_storage.clear()
        self._turn += 1

    def _keep(self, tensor: Tensor) -> _Saved:
        saved = _Saved(tensor, self._turn)
        self._by_storage.setdefault(_C._storage_of(tensor)[0], weakref.WeakSet()).add(saved)
        return saved

    def _before_write(self, tensor: Tensor) -> None:
        for saved in self._by_storage.pop(_C._storage_of(tensor)[0], ()):
            if saved.tensor is not None and saved.tensor._version == saved.version:
                saved.copy = saved.tensor.clone()
                saved.tensor = None


_mutation: _MutationContext | None = None


class allow_mutation_on_saved_tensors:
    """Tensors that were saved for backward may be written while this stands: a write copies them first.

    Gives an object with ``clear()``. The backward has to run inside. Raises RuntimeError where one stands already.
    """

    def __enter__(self) -> _MutationContext:
        global _mutation
        if _mutation is not None:
            raise RuntimeError("allow_mutation_on_saved_tensors contexts cannot be nested")
        context = _mutation = _MutationContext()

        def pack(tensor: Tensor) -> _Saved:
            return context._keep(tensor)

        def unpack(saved: _Saved) -> Tensor:
            assert _mutation is context and saved.turn == context._turn, (
                "Trying to backward outside of the 'allow_mutation_on_saved_tensors' context in which the graph was "
                "originally recorded."
            )
            found = saved.tensor if saved.copy is None else saved.copy
            assert found is not None
            return found

        self._hooks = saved_tensors_hooks(pack, unpack)
        self._hooks.__enter__()
        _C._set_before_write(context._before_write)
        return context

    def __exit__(self, *exc: object) -> None:
        global _mutation
        _C._set_before_write(None)
        assert _mutation is not None
        _mutation.clear()
        _mutation = None
        self._hooks.__exit__()
