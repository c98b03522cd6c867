"""Parameter: a tensor that a Module counts as its own."""

from __future__ import annotations

from tapescope import _C


class Parameter(_C.Tensor):
    """A leaf that requires grad and is found by Module.parameters(). Shares the memory of `data`."""

    def __new__(cls, data: _C.Tensor | None = None, requires_grad: bool = True) -> Parameter:
        if data is None:
            data = _C.zeros(0)
        return _C.Tensor._make_subclass(cls, data, requires_grad)
