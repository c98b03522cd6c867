"""record_function: a name for a range of time."""

from __future__ import annotations

import functools
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
    thread and left on another lasts until the profile's end.
    """

    __slots__ = ()

    def __call__(self, function: _F) -> _F:
        name, args = self.name, self.args

        @functools.wraps(function)
        def wrapper(*positional: Any, **keywords: Any) -> Any:
            with record_function(name, args):
                return function(*positional, **keywords)

        return wrapper  # type: ignore[return-value]
