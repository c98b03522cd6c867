"""Modes that say whether ops are recorded: context managers and decorators."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, overload

from tapescope import _C

_GENERATOR = 0x20  # inspect.CO_GENERATOR; to import it takes a tenth of the time that the engine has for its start

_F = TypeVar("_F", bound=Callable[..., Any])
_M = TypeVar("_M", bound="_Mode")


class _Mode:
    _value: bool = True
    _before: Any = True

    def __enter__(self: _M) -> _M:
        self._before = _C.is_grad_enabled()
        _C._set_grad_enabled(self._value)
        return self

    def __exit__(self, *exc: object) -> None:
        _C._set_grad_enabled(self._before)

    def __call__(self, f: _F) -> _F:
        if getattr(getattr(f, "__code__", None), "co_flags", 0) & _GENERATOR:
            return self._around(f)  # type: ignore[return-value]

        @functools.wraps(f)
        def inner(*args: Any, **kwargs: Any) -> Any:
            with self._again():
                return f(*args, **kwargs)

        return inner  # type: ignore[return-value]

    def _around(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """A generator whose body runs in the mode, and whose caller does not."""

        @functools.wraps(f)
        def inner(*args: Any, **kwargs: Any) -> Any:
            generator = f(*args, **kwargs)
            resume: Callable[[Any], Any] = generator.send
            given: Any = None
            while True:
                try:
                    with self._again():
                        value = resume(given)
                except StopIteration as end:
                    return end.value
                try:
                    resume, given = generator.send, (yield value)
                except GeneratorExit:
                    with self._again():
                        generator.close()
                    raise
                except BaseException as error:
                    resume, given = generator.throw, error

        return inner

    def _again(self) -> _Mode:
        return type(self)()


class no_grad(_Mode):
    """Ops inside are not recorded: `with no_grad():` or `@no_grad()`."""

    _value = False

    @overload
    def __new__(cls) -> no_grad: ...
    @overload
    def __new__(cls, f: _F) -> _F: ...  # type: ignore[misc]
    def __new__(cls, f: Any = None) -> Any:
        self = super().__new__(cls)
        return self if f is None else self(f)


class enable_grad(_Mode):
    """Ops inside are recorded, also within no_grad."""

    @overload
    def __new__(cls) -> enable_grad: ...
    @overload
    def __new__(cls, f: _F) -> _F: ...  # type: ignore[misc]
    def __new__(cls, f: Any = None) -> Any:
        self = super().__new__(cls)
        return self if f is None else self(f)


class set_grad_enabled(_Mode):
    """Sets the mode at once; as a context manager it goes back at the end, as a decorator it holds in the function.

    Raises TypeError for a mode that is no bool.
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"set_grad_enabled: mode is True or False, not {mode!r}")
        self._value = mode
        self._before = _C.is_grad_enabled()
        _C._set_grad_enabled(self._value)

    def __enter__(self: _M) -> _M:
        _C._set_grad_enabled(self._value)
        return self

    def __call__(self, f: _F) -> _F:
        _C._set_grad_enabled(self._before)  # it was set for the function alone
        return super().__call__(f)

    def _again(self) -> _Mode:
        return set_grad_enabled(self._value)


class inference_mode(_Mode):
    """Ops inside are not recorded, and what they make is never part of a graph: `with inference_mode():`.

    mode: False puts normal mode back inside. A tensor that was made inside cannot be saved for a backward, nor written
    in place outside; enable_grad has no effect inside.
    """

    @overload
    def __new__(cls, mode: bool = True) -> inference_mode: ...
    @overload
    def __new__(cls, mode: _F) -> _F: ...  # type: ignore[misc]
    def __new__(cls, mode: Any = True) -> Any:
        self = super().__new__(cls)
        if isinstance(mode, bool):
            return self
        self._value = True
        return self(mode)

    def __init__(self, mode: bool = True) -> None:
        self._value = mode

    def __enter__(self: _M) -> _M:
        self._before = _C.is_inference_mode_enabled(), _C.is_grad_enabled()
        _C._set_inference(self._value)
        return self

    def __exit__(self, *exc: object) -> None:
        inference, grad = self._before
        _C._set_inference(inference)
        _C._set_grad_enabled(grad)

    def _again(self) -> _Mode:
        return inference_mode(self._value)


class set_multithreading_enabled:
    """PyTorch's switch, taken and without effect: a backward runs its nodes on the thread that called it, always.

    Raises TypeError for a mode that is no bool.
    """

    def __init__(self, mode: bool) -> None:
        if not isinstance(mode, bool):
            raise TypeError(f"set_multithreading_enabled: mode is True or False, not {mode!r}")

    def __enter__(self) -> set_multithreading_enabled:
        return self

    def __exit__(self, *exc: object) -> None:
        pass
