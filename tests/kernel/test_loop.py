"""An interrupt that comes while the event loop's own code runs."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tapescope_kernel.loop import CellLoop

# Stands in for a line of asyncio: a signal is looked at between any two.
LINE = "def line(go_on, at):\n    signal.raise_signal(signal.SIGINT) if at() else None\n    return go_on()\n"


@pytest.fixture
def loop() -> Iterator[CellLoop]:
    before = signal.getsignal(signal.SIGINT)
    made = CellLoop()
    try:
        yield made
    finally:
        signal.signal(signal.SIGINT, before)
        made.loop.close()
        asyncio.set_event_loop(None)


def strike(loop: CellLoop, turn: int) -> None:
    """Interrupts in asyncio's code, before the given turn of the event loop, with its callbacks already lined up."""
    names: dict[str, Any] = {"signal": signal}
    exec(compile(LINE, os.path.join(os.path.dirname(asyncio.__file__), "line.py"), "exec"), names)
    turns = iter(range(1000))
    run_once: Callable[[], None] = loop.loop._run_once  # type: ignore[attr-defined]
    loop.loop._run_once = lambda: names["line"](run_once, lambda: next(turns) == turn)  # type: ignore[attr-defined]


def test_before_the_cell_has_begun(loop: CellLoop) -> None:
    ran = []

    async def cell() -> None:
        ran.append("a line")

    strike(loop, 0)
    with pytest.raises(asyncio.CancelledError):
        loop.run(cell())
    assert loop.interrupted and not ran


def test_before_an_awaiting_cell_goes_on(loop: CellLoop) -> None:
    ran = []

    async def cell() -> None:
        await asyncio.sleep(0)
        ran.append("a line")

    strike(loop, 1)
    with pytest.raises(asyncio.CancelledError):
        loop.run(cell())
    assert loop.interrupted and not ran


def test_the_next_cell_is_not_disturbed(loop: CellLoop) -> None:
    async def cell(value: int) -> int:
        await asyncio.sleep(0)
        return value

    strike(loop, 0)
    with pytest.raises(asyncio.CancelledError):
        loop.run(cell(1))
    assert loop.run(cell(2)) == 2 and not loop.interrupted
