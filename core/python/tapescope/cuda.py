"""CUDA: whether a GPU can be used, and if not, why.

The backend has the pointwise ops so far, and no tensor lives on a GPU yet: what is here answers the question that
programs ask first.
"""

from __future__ import annotations

from tapescope import _C

__all__ = ["Availability", "device_count", "get_device_name", "is_available"]


class Availability(int):
    """True or False that says why: `if` and `==` take it as a bool, printing it gives the reason too."""

    reason: str | None

    def __new__(cls, reason: str | None) -> Availability:
        self = super().__new__(cls, reason is None)
        self.reason = reason
        return self

    def __repr__(self) -> str:
        return "True" if self.reason is None else f"False: {self.reason}"

    __str__ = __repr__


def is_available() -> Availability:
    """Whether a GPU can be used; its `reason` is None, or the sentence that says why not.

    The first call looks for the driver, the backend's library and a GPU; later ones repeat the answer.
    """
    return Availability(_C._cuda_trouble())


def device_count() -> int:
    """How many GPUs there are; 0 where is_available() is False."""
    return _C._cuda_device_count()


def get_device_name(device: int = 0) -> str:
    """The name of a GPU, by its number.

    Raises RuntimeError where there is no GPU of this number, with the reason.
    """
    count = device_count()
    if not 0 <= device < count:
        why = is_available().reason or f"there are {count} GPUs, numbered from 0"
        raise RuntimeError(f"cuda.get_device_name: no GPU has number {device}: {why}")
    return _C._cuda_device_name(device)
