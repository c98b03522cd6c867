"""What numbers a dtype holds."""

from __future__ import annotations

from tapescope import _C

__all__ = ["finfo", "iinfo"]

# Bits of the exponent, and of the mantissa without its leading one; decimal digits that survive.
_FORMATS = {_C.float16: (5, 10, 3), _C.bfloat16: (8, 7, 2), _C.float32: (8, 23, 6), _C.float64: (11, 52, 15)}


class finfo:
    """Limits of a floating dtype, or of a complex one's parts.

    bits: size of a number. eps: distance from 1 to the next number. max, min: the largest number and its negative.
    tiny, smallest_normal: the least positive number of full precision. resolution: 10 ** -(decimal digits).
    type: default: the default dtype. Raises TypeError for integers and bool.
    """

    def __init__(self, type: _C.dtype | None = None) -> None:
        of = (type or _C.get_default_dtype()).to_real()
        if of not in _FORMATS:
            raise TypeError(f"finfo: {type} is no floating point type; use iinfo for integers")
        exponent, mantissa, digits = _FORMATS[of]
        bias = 2 ** (exponent - 1) - 1
        self.dtype = str(of).rpartition(".")[2]
        self.bits = 8 * of.itemsize
        self.eps = 2.0**-mantissa
        self.max = (2 - self.eps) * 2.0**bias
        self.min = -self.max
        self.tiny = self.smallest_normal = 2.0 ** (1 - bias)
        self.resolution = float(f"1e-{digits}")

    def __repr__(self) -> str:
        numbers = ("resolution", "min", "max", "eps", "smallest_normal", "tiny")
        return f"finfo({', '.join(f'{n}={getattr(self, n):g}' for n in numbers)}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, finfo) and other.dtype == self.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)


class iinfo:
    """Limits of an integer dtype: bits, min, max. Raises TypeError for floating types, complex types and bool."""

    def __init__(self, type: _C.dtype) -> None:
        if type.is_floating_point or type.is_complex or type is _C.bool:
            raise TypeError(f"iinfo: {type} is no integer type" + ("" if type is _C.bool else "; use finfo"))
        self.dtype = str(type).rpartition(".")[2]
        self.bits = 8 * type.itemsize
        self.min = -(2 ** (self.bits - 1)) if type.is_signed else 0
        self.max = 2 ** (self.bits - type.is_signed) - 1

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, iinfo) and other.dtype == self.dtype

    def __hash__(self) -> int:
        return hash(self.dtype)
