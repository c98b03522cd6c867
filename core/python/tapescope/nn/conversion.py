"""Modules in other dtypes: to, float, double, half, bfloat16, type, cpu."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from tapescope import _C
from tapescope._C import Tensor

_M = TypeVar("_M", bound="Convertible")


class Convertible:
    """What can be turned to another dtype in place: parameters and buffers stay the same objects."""

    if TYPE_CHECKING:  # Module has it

        def modules(self) -> Iterator[Any]: ...

    def _convert(self: _M, change: Callable[[Tensor], Tensor]) -> _M:
        seen: set[int] = set()
        for module in self.modules():
            for tensor in (*module._parameters.values(), *module._buffers.values()):
                if tensor is None or tensor._id in seen:
                    continue
                seen.add(tensor._id)
                gradient = tensor.grad if tensor.is_leaf else None
                tensor.data = change(tensor.data)
                if gradient is not None:
                    gradient.data = change(gradient.data)
        return self

    def to(self: _M, *args: Any, **kwargs: Any) -> _M:
        """Turns parameters and buffers that are floating or complex to a dtype; returns the module itself.

        to(dtype), to(device), to(device, dtype), to(tensor). Gradients turn with their parameters. Raises TypeError for
        a dtype that is neither floating nor complex, NotImplementedError for a device where tensors cannot lie.
        """
        given = (*args, *(value for key, value in kwargs.items() if key != "device"))
        wanted = [each.dtype if isinstance(each, Tensor) else each for each in given]
        for dtype in wanted:
            if isinstance(dtype, _C.dtype) and not (dtype.is_floating_point or dtype.is_complex):
                raise TypeError(f"Module.to: parameters are floating or complex, and cannot become {dtype}")

        def change(tensor: Tensor) -> Tensor:
            if tensor.is_floating_point() or tensor.is_complex():
                return tensor.to(*args, **kwargs)
            return tensor

        _C.zeros(()).to(*args, **kwargs)  # what cannot be is said before anything changes
        return self._convert(change)

    def type(self: _M, dst_type: Any) -> _M:
        """Turns parameters and buffers to a dtype. Raises TypeError if parameters would lose their gradients by it."""
        differentiable = dst_type.is_floating_point or dst_type.is_complex
        if not differentiable and any(
            p.requires_grad for m in self.modules() for p in m._parameters.values() if p is not None
        ):
            raise TypeError(
                f"Module.type: parameters that require grad are floating or complex, and cannot become {dst_type}"
            )
        return self._convert(lambda tensor: tensor.to(dst_type))

    def _floating(self: _M, dtype: Any) -> _M:
        return self._convert(lambda tensor: tensor.to(dtype) if tensor.is_floating_point() else tensor)

    def float(self: _M) -> _M:
        """Turns what is floating to float32."""
        return self._floating(_C.float32)

    def double(self: _M) -> _M:
        """Turns what is floating to float64."""
        return self._floating(_C.float64)

    def half(self: _M) -> _M:
        """Turns what is floating to float16."""
        return self._floating(_C.float16)

    def bfloat16(self: _M) -> _M:
        """Turns what is floating to bfloat16."""
        return self._floating(_C.bfloat16)

    def cpu(self: _M) -> _M:
        """The module itself: its tensors lie there."""
        return self.to("cpu")
