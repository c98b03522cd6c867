"""PyTorch's forward mode, which is not there yet: each call says what to use instead."""

from __future__ import annotations

from typing import Any, NoReturn


def dual_level(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("dual_level")


def enter_dual_level(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("enter_dual_level")


def exit_dual_level(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("exit_dual_level")


def make_dual(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("make_dual")


def unpack_dual(*args: Any, **kwargs: Any) -> NoReturn:
    _refuse("unpack_dual")


def _refuse(name: str) -> NoReturn:
    raise NotImplementedError(
        f"forward_ad.{name}: forward mode is not there yet; autograd.functional.jvp gives the same products, by two "
        "passes backward"
    )


__all__ = ["dual_level", "enter_dual_level", "exit_dual_level", "make_dual", "unpack_dual"]
