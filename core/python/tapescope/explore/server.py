"""The comm target `tapescope`: who may connect, and what is told to all."""

from __future__ import annotations

import logging
from typing import Any

from tapescope import _C
from tapescope.explore import limits
from tapescope.explore.connection import Connection
from tapescope.explore.errors import Refusal, bad_request

TARGET = "tapescope"

log = logging.getLogger("tapescope.explore")

_connections: dict[str, Connection] = {}


def open_comm(comm: Any, message: dict[str, Any]) -> None:
    """A display asks its first question."""
    connection = Connection(comm)
    try:
        _check_opening(message["content"].get("data"))
    except Refusal as refusal:
        connection.event("refused", refusal.to_message())
        comm.close()
        return
    _connections[comm.comm_id] = connection

    @comm.on_msg
    def _(message: dict[str, Any]) -> None:
        connection.receive(message["content"].get("data"))

    @comm.on_close
    def _(_: dict[str, Any]) -> None:
        _connections.pop(comm.comm_id, None)
        connection.close()

    connection.hello()


def _check_opening(data: Any) -> None:
    if not isinstance(data, dict):
        raise bad_request("data must be an object with protocol, session and display")
    protocol = data.get("protocol")
    if not isinstance(protocol, str):
        raise bad_request("protocol must be a string: major.minor")
    if protocol.partition(".")[0] != "1":
        raise Refusal(
            "version",
            f"The display speaks protocol {protocol[:16]}, this kernel 1.0: install matching versions.",
        )
    for name in ("session", "display"):
        if not isinstance(data.get(name), str):
            raise bad_request(f"{name} must be a string")
    if data["session"] != _C._session():
        raise Refusal("stale", "The display is from an earlier session of the kernel; run the cell again.")
    if len(_connections) >= limits.COMMS:
        raise Refusal("limit", f"{limits.COMMS} displays are connected.")


def after_cell(*_: Any) -> None:
    """A cell has run."""
    for connection in list(_connections.values()):
        try:
            connection.after_cell()
        except Exception:
            log.exception("a display could not be told what the cell changed")
