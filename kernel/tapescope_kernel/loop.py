"""The event loop that cells, comm handlers and their tasks share, and what an interrupt does to it."""

from __future__ import annotations

import asyncio
import selectors
import signal
from collections.abc import Coroutine
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


class CellLoop:
    """Runs between requests as well, so that tasks go on. One request's coroutine at a time is the foreground."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        self._foreground: asyncio.Task[Any] | None = None
        self._cancelled = False
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

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """The coroutine's result; asyncio.CancelledError or KeyboardInterrupt when an interrupt ended it."""
        self._cancelled = False
        task = self.loop.create_task(coroutine)
        self._foreground = task
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
        running = asyncio.current_task(self.loop) is not None
        if running:
            raise KeyboardInterrupt
        if self._foreground is None:
            return
        waiting = frame is not None and frame.f_code is self._select
        if self._cancelled and not waiting:
            raise KeyboardInterrupt  # asked twice: a plain callback keeps the loop from cancelling
        self._cancelled = True
        # Merely to cancel would not wake the selector.
        self.loop.call_soon_threadsafe(self._foreground.cancel)
