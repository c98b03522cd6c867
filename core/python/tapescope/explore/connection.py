"""One comm: one display that someone looks at.

Invariants
  * Each request gets one answer, in any order; an error closes neither comm nor kernel.
  * A request that is not done holds ids, not tensors: what it works on is found anew after each pause.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Generator
from typing import Any

from tapescope.explore import limits, methods, resolve
from tapescope.explore.errors import Refusal, bad_request
from tapescope.explore.params import MAX_ID, Ref, integer

log = logging.getLogger("tapescope.explore")

PROGRESS_AFTER = 1.0  # seconds
PROGRESS_PAUSE = 0.25


class Connection:
    """Answers the requests of one comm."""

    def __init__(self, comm: Any) -> None:
        self.comm = comm
        self._running: dict[int, asyncio.Task[None] | None] = {}
        self._cancelled: set[int] = set()
        self._watched: dict[Ref, tuple[str, int]] = {}

    def hello(self) -> None:
        offered = [*methods.METHODS, "cancel"]
        self.event("hello", {"protocol": "1.0", "methods": offered, "limits": limits.HELLO})

    def close(self) -> None:
        """The display is gone: so are its questions."""
        self._cancelled.update(self._running)
        for task in self._running.values():
            if task is not None:
                task.cancel()

    def event(self, name: str, params: dict[str, Any]) -> None:
        self.comm.send({"event": name, "params": params})

    def receive(self, data: Any) -> None:
        """A message of the front end's."""
        request_id = data.get("id") if isinstance(data, dict) else None
        if isinstance(request_id, bool) or not isinstance(request_id, int) or not 0 <= request_id <= MAX_ID:
            self._refuse(-1, bad_request(f"a request needs an id: an integer from 0 to {MAX_ID}"))
            return
        try:
            self._start(request_id, data)
        except Refusal as refusal:
            self._refuse(request_id, refusal)

    def _start(self, request_id: int, data: dict[str, Any]) -> None:
        if len(json.dumps(data)) > limits.REQUEST_BYTES:
            raise Refusal("limit", f"A request may have {limits.REQUEST_BYTES} bytes.")
        method, params = data.get("method"), data.get("params", {})
        if not isinstance(method, str):
            raise bad_request("method must be a string")
        if not isinstance(params, dict):
            raise bad_request("params must be an object")
        if request_id in self._running:
            raise bad_request(f"request {request_id} is not answered yet: ids are not used twice")
        if method == "cancel":
            self._cancel(integer(params.get("request"), "request", 0, MAX_ID))
            self._answer(request_id, {}, [])
            return
        if method not in methods.METHODS:
            raise Refusal("unknown_method", f"This kernel has no method {method[:64]!r}.")
        if len(self._running) >= limits.IN_FLIGHT:
            raise Refusal("limit", f"{limits.IN_FLIGHT} requests are unanswered.")
        self._running[request_id] = None
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            loop = None  # called from plain code: nobody could come in between
        if loop is not None and methods.size_of(params) > limits.WHOLE_BYTES:
            self._running[request_id] = loop.create_task(self._in_slices(request_id, method, params))
        else:
            self._at_once(request_id, method, params)

    def _at_once(self, request_id: int, method: str, params: dict[str, Any]) -> None:
        work = methods.METHODS[method](params)
        try:
            while True:
                next(work)
        except StopIteration as end:
            self._watch(params)
            self._finish(request_id, end.value)
        except Exception as error:
            self._finish(request_id, error)

    async def _in_slices(self, request_id: int, method: str, params: dict[str, Any]) -> None:
        try:
            for _ in range(2):  # a cell may overtake it once
                before = methods.version_of(params)
                answer = await self._work(request_id, methods.METHODS[method](params))
                if methods.version_of(params) == before:
                    self._watch(params)
                    self._finish(request_id, answer)
                    return
            raise Refusal("busy", "The tensor is written faster than it can be read.", retry_ms=500)
        except asyncio.CancelledError:
            self._finish(request_id, Refusal("cancelled", "Cancelled."))
        except Exception as error:
            self._finish(request_id, error)

    async def _work(self, request_id: int, work: Generator[float, None, Any]) -> Any:
        started = told = time.monotonic()
        resumed = started
        while True:
            try:
                done = next(work)
            except StopIteration as end:
                return end.value
            now = time.monotonic()
            if now - started > PROGRESS_AFTER and now - told > PROGRESS_PAUSE:
                told = now
                self.event("progress", {"id": request_id, "done": round(done, 3), "of": 1})
            if now - resumed > limits.SLICE_SECONDS:
                await asyncio.sleep(0)
                resumed = time.monotonic()

    def _cancel(self, request_id: int) -> None:
        task = self._running.get(request_id)
        if task is not None:
            task.cancel()

    def _finish(self, request_id: int, outcome: Any) -> None:
        self._running.pop(request_id, None)
        if request_id in self._cancelled:
            self._cancelled.discard(request_id)
            return  # nobody listens any more
        if isinstance(outcome, Refusal):
            self._refuse(request_id, outcome)
        elif isinstance(outcome, Exception):
            log.error("a request failed", exc_info=outcome)
            self._refuse(request_id, Refusal("failed", _sentence(outcome), type=type(outcome).__name__))
        else:
            self._answer(request_id, *outcome)

    def _answer(self, request_id: int, result: dict[str, Any], buffers: list[Any]) -> None:
        self.comm.send({"id": request_id, "result": result}, buffers=buffers)

    def _refuse(self, request_id: int, refusal: Refusal) -> None:
        self.comm.send({"id": request_id, "error": refusal.to_message()})

    # Rows that were asked for are watched: a panel that shows their values must not go on when they change.

    def _watch(self, params: dict[str, Any]) -> None:
        on = params.get("on")
        if on and len(self._watched) < limits.WATCHED:
            ref = Ref(on["table"], on["id"])
            self._watched[ref] = resolve.state(ref)

    def after_cell(self) -> None:
        """Tells what the cell did to the rows that were looked at."""
        changes: dict[str, list[dict[str, Any]]] = {"gone": [], "freed": [], "written": []}
        for ref, before in list(self._watched.items()):
            now = resolve.state(ref)
            if now == before:
                continue
            self._watched[ref] = now
            kind = now[0] if now[0] in changes else "written"
            changes[kind].append(ref.to_message())
        if any(changes.values()):
            self.event("changed", changes)


def _sentence(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:1000]
