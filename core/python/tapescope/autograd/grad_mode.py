"""Modes that say whether ops are recorded: context managers and decorators."""

import functools

from tapescope import _C


class _Mode:
    _value = True

    def __enter__(self):
        self._before = _C.is_grad_enabled()
        _C._set_grad_enabled(self._value)
        return self

    def __exit__(self, *exc):
        _C._set_grad_enabled(self._before)

    def __call__(self, f):
        @functools.wraps(f)
        def inner(*args, **kwargs):
            with self._again():
                return f(*args, **kwargs)

        return inner

    def _again(self):
        return type(self)()


class no_grad(_Mode):
    """Ops inside are not recorded: `with no_grad():` or `@no_grad()`."""

    _value = False

    def __new__(cls, f=None):
        self = super().__new__(cls)
        return self if f is None else self(f)


class enable_grad(_Mode):
    """Ops inside are recorded, also within no_grad."""

    def __new__(cls, f=None):
        self = super().__new__(cls)
        return self if f is None else self(f)


class set_grad_enabled(_Mode):
    """Sets the mode at once; as a context manager it goes back at the end."""

    def __init__(self, mode):
        self._value = bool(mode)
        self._before = _C.is_grad_enabled()
        _C._set_grad_enabled(self._value)

    def __enter__(self):
        _C._set_grad_enabled(self._value)
        return self

    def _again(self):
        return set_grad_enabled(self._value)
