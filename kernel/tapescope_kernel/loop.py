"""The event loop that cells, comm handlers and their tasks share, and what an interrupt does to it."""

from __future__ import annotations

import asyncio
import os
import selectors
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
_ASYNCIO = os.path.dirname(asyncio.__file__)


class CellLoop:
    """Runs between requests as well, so that tasks go on. One request's coroutine at a time is the foreground."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self._foreground: asyncio.Task[Any] | None = None
        self._cancelled = False
        self._expected = False
        self._early = False
        self._select = selectors.DefaultSelector.select.__code__
        signal.signal(signal.SIGINT, self._interrupt)

    @property
    def interrupted(self) -> bool:
        """The foreground was cancelled by an interrupt: its CancelledError is a KeyboardInterrupt to the user."""
        return self._cancelled

    def wait(self, descriptors: tuple[int, ...]) -> None:
        """Lets tasks run until a descriptor is readable."""
        for descriptor in descriptors:
            self.loop.add_reader(descriptor, self.loop.stop)
        try:
            self.loop.run_forever()
        except KeyboardInterrupt:
            pass  # it ended the task that was running
        finally:
            for descriptor in descriptors:
                self.loop.remove_reader(descriptor)

    def expect(self) -> None:
        """A cell is about to run and the front end knows: an interrupt from here on is meant for it."""
        if not self._expected:
            self._expected, self._early = True, False

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result; asyncio.CancelledError or KeyboardInterrupt when an interrupt ended it."""
        task = self.loop.create_task(coroutine)
        self._cancelled = False
        self._foreground = task
        if self._expected and self._early:
            task.cancel()
            self._cancelled = True
        self._expected = False
        try:
            return self.loop.run_until_complete(task)
        except RuntimeError:
            if task.done():
                raise
            return self.loop.run_until_complete(task)  # the cell called loop.stop()
        except KeyboardInterrupt:
            # It struck a background task, or asyncio's own code: the foreground ends too.
            if not task.done():
                task.cancel()
                self._cancelled = True
                return self.loop.run_until_complete(task)
            raise
        finally:
            self._foreground = None

    def _interrupt(self, _signal: int, frame: FrameType | None) -> None:
        # A task's step also runs asyncio's own code, which schedules the next one: an exception there loses the task.
        inside = frame is not None and frame.f_code.co_filename.startswith(_ASYNCIO)
        waiting = frame is not None and frame.f_code is self._select
        if asyncio.current_task(self.loop) is not None and not inside:
            raise KeyboardInterrupt
        if self._foreground is None:
            self._early = True
            return
        if self._cancelled and not waiting and not inside:
            raise KeyboardInterrupt  # asked twice: a plain callback keeps the loop from cancelling
        self._cancelled = True
        # At once, not by a callback: the foreground's next step may be lined up already, and might never give back.
        self._foreground.cancel()
        self.loop.call_soon_threadsafe(lambda: None)  # wakes the selector
