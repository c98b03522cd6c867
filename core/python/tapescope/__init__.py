"""Tapescope: automatic differentiation that one can look into. PyTorch's names."""

import os as _os
from builtins import bool as _bool
from builtins import float as _float
from typing import Any as _Any

# The engine cuts products into tiles for its own threads. Those that OpenBLAS starts when it is loaded would spin for
# nothing; it reads the variable once, so that others' libraries find it as it was.
_blas_threads = _os.environ.get("OPENBLAS_NUM_THREADS")
_os.environ["OPENBLAS_NUM_THREADS"] = "1"
try:
    from tapescope import _C
finally:
    if _blas_threads is None:
        del _os.environ["OPENBLAS_NUM_THREADS"]
    else:
        _os.environ["OPENBLAS_NUM_THREADS"] = _blas_threads
    del _blas_threads

from tapescope._C import *  # noqa: E402, F403  (the ops, by PyTorch's names)
from tapescope._C import AutogradError, DivisionError, DTypeError, ShapeError, Tensor, dtype  # noqa: E402

_C._set_library(_os.path.dirname(_os.path.abspath(__file__)) + _os.sep)

from tapescope import _tensor as _tensor  # noqa: E402  (adds Tensor's Python methods)
from tapescope import autograd, nn, optim  # noqa: E402
from tapescope import backends as backends  # noqa: E402
from tapescope import cuda as cuda  # noqa: E402
from tapescope._device import device as device  # noqa: E402
from tapescope._tensor_str import set_printoptions as set_printoptions  # noqa: E402
from tapescope.autograd.anomaly_mode import is_anomaly_check_nan_enabled, is_anomaly_enabled  # noqa: E402
from tapescope.autograd.grad_mode import enable_grad, inference_mode, no_grad, set_grad_enabled  # noqa: E402
from tapescope.serialization import load, save  # noqa: E402
from tapescope.type_info import finfo, iinfo  # noqa: E402

__version__ = "0.1.0"

inf = float("inf")
nan = float("nan")
pi = 3.141592653589793
float = _C.float32
double = _C.float64
half = _C.float16
long = _C.int64
int = _C.int32
short = _C.int16
cfloat = _C.complex64
cdouble = _C.complex128
bool = _C.boolean if hasattr(_C, "boolean") else _C.bool


def is_tensor(obj: object) -> _bool:
    """True if `obj` is a tensor."""
    return isinstance(obj, Tensor)


def allclose(
    input: Tensor, other: Tensor, rtol: _float = 1e-05, atol: _float = 1e-08, equal_nan: _bool = False
) -> _bool:
    """True if |input - other| <= atol + rtol * |other| for all elements.

    input, other: tensors whose shapes broadcast.
    """
    with no_grad():
        close = (input - other).abs() <= atol + rtol * other.abs()
        close = close | (input == other)
        if equal_nan:
            close = close | ((input != input) & (other != other))
        return close.all().item()


def equal(input: Tensor, other: Tensor) -> _bool:
    """True if both have the same shape and the same elements."""
    return input.shape == other.shape and (input == other).all().item()


def compile(model: _Any = None, **options: _Any) -> _Any:
    """Not there yet: raises NotImplementedError."""
    raise NotImplementedError("compile is not there yet; call the function or the module as it is, without compile")


def __getattr__(name: str) -> _Any:
    if name in ("func", "vmap"):  # loaded when used, as it says what there is instead
        import importlib

        func = importlib.import_module("tapescope.func")
        return func if name == "func" else func.vmap
    if name in ("explore", "jit", "profiler", "utils"):  # loaded when used: most programs do without
        import importlib

        return importlib.import_module(f"tapescope.{name}")
    raise AttributeError(f"module 'tapescope' has no attribute '{name}'")


__all__ = [
    "AutogradError",
    "DTypeError",
    "DivisionError",
    "ShapeError",
    "Tensor",
    "autograd",
    "dtype",
    "enable_grad",
    "finfo",
    "iinfo",
    "inference_mode",
    "is_anomaly_check_nan_enabled",
    "is_anomaly_enabled",
    "load",
    "nn",
    "no_grad",
    "optim",
    "save",
    "set_grad_enabled",
]
