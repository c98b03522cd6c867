"""record_function: a name for a range of time."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

from tapescope import _C

_F = TypeVar("_F", bound=Callable[..., Any])


class record_function(_C._RecordFunction):
    """Gives the time of a block, or of each call of a function, a name in profiles.

    >>> with record_function("forward"):
    ...     y = model(x)

    >>> @record_function("load")
    ... def load(path): ...

    name: as it is shown. args: a text that is shown beside it where shapes are recorded.
    Outside of a profile it does nothing, in about the time of a call. Ranges may be nested; one that is entered on a
    thread and left on another lasts until the profile's end. Of a generator function, each time that a generator goes
    on is a range. Raises TypeError for an async function or what is no function.
    """

    __slots__ = ()

    def __call__(self, function: _F) -> _F:
        name, args = self.name, self.args
        if inspect.isclass(function) or not callable(function):
            raise TypeError(f"record_function: it decorates functions, not {function!r}; name a block with `with`")
        if inspect.isgeneratorfunction(function):
            return _generator(function, name, args)  # type: ignore[return-value]
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(
                f"record_function: {function.__qualname__} is async, and goes on and off: name the parts between its "
                "awaits with `with record_function(...)`"
            )

        @functools.wraps(function)
        def wrapper(*positional: Any, **keywords: Any) -> Any:
            with record_function(name, args):
                return function(*positional, **keywords)

        return wrapper  # type: ignore[return-value]


def _generator(function: Callable[..., Any], name: str, args: str | None) -> Callable[..., Any]:
    """Each time that a generator goes on as a range."""

    @functools.wraps(function)
    def wrapper(*positional: Any, **keywords: Any) -> Any:
        generator = function(*positional, **keywords)
        go_on: Callable[[], Any] = functools.partial(next, generator)
        while True:
            try:
                with record_function(name, args):
                    given = go_on()
            except StopIteration as end:
                return end.value
            try:
                sent = yield given
                go_on = functools.partial(generator.send, sent)
            except GeneratorExit:
                generator.close()
                raise
            except BaseException as error:
                go_on = functools.partial(generator.throw, error)

    return wrapper
