"""tapescope.device."""

from __future__ import annotations

from typing import Any


class device(str):
    """Where a tensor lies: `device("cpu")`, `device("cuda", 1)`, `device("cuda:1")`. Compares with strings.

    type: the kind, "cpu" or "cuda". index: which of several, or None. Tensors lie on "cpu"; to make one elsewhere
    raises NotImplementedError. Raises ValueError if `index` is given twice or is no whole number, not below 0.
    """

    type: str
    index: int | None  # type: ignore[assignment]  # str has a method of this name

    def __new__(cls, type: str, index: int | None = None) -> device:
        if not isinstance(type, str):
            raise TypeError(f"device: the type is a string such as 'cpu', not {type!r}")
        kind, colon, number = type.partition(":")
        if colon:
            if index is not None:
                raise ValueError(f"device: {type!r} has an index already; {index} was given too")
            if not number.isdecimal():
                raise ValueError(f"device: {number!r} in {type!r} is no whole number")
            index = int(number)
        if index is not None and (not isinstance(index, int) or index < 0):
            raise ValueError(f"device: the index {index!r} is no whole number, not below 0")
        made = super().__new__(cls, kind if index is None else f"{kind}:{index}")
        made.type, made.index = kind, index
        return made

    def __repr__(self) -> str:
        index = "" if self.index is None else f", index={self.index}"
        return f"device(type={self.type!r}{index})"

    def __reduce__(self) -> tuple[Any, tuple[str, int | None]]:  # type: ignore[override]
        return device, (self.type, self.index)


cpu = device("cpu")
