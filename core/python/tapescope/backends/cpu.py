"""The processor."""

from __future__ import annotations

from tapescope import _C

__all__ = ["get_cpu_capability"]


def get_cpu_capability() -> str:
    """The instructions that vector loops use: "DEFAULT" (what every processor of its kind has), "AVX2" or "AVX512".

    The environment's TAPESCOPE_CPU_CAPABILITY=default, avx2 or avx512, read when Tapescope is imported, allows no more
    than that. add, sub, mul, div, sqrt, abs, relu, clamp, maximum and minimum have the same bits with all of them; exp,
    log, sin, cos, tanh, sigmoid and powers are within 4 units in the last place of the C library's.
    """
    return _C._cpu_capability()
