"""The backend of the `comm` package: ipywidgets, and our own live pictures, speak through it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import comm
from comm.base_comm import BaseComm, CommManager

from tapescope_kernel import _kernel, parents
from tapescope_kernel.log import log
from tapescope_kernel.messages import to_json


class KernelComm(BaseComm):
    """Has no attribute `kernel`: ipywidgets takes one that is None for a comm that is closed."""

    def publish_msg(
        self,
        msg_type: str,
        data: Any = None,
        metadata: Any = None,
        buffers: Sequence[Any] | None = None,
        **keys: Any,
    ) -> None:
        content = {"data": {} if data is None else data, "comm_id": self.comm_id, **keys}
        _kernel.publish(msg_type, to_json(content), to_json(metadata or {}), buffers or (), parents.current())


_manager = CommManager()


def install() -> None:
    """Makes `comm` ours."""
    comm.create_comm = KernelComm
    comm.get_comm_manager = lambda: _manager


def handle(msg_type: str, header: bytes, metadata: bytes, content: bytes, buffers: list[bytes]) -> None:
    """A message from the front end. What is wrong with it, or raises in its handler, goes to the log."""
    message = {
        "header": json.loads(header),
        "msg_type": msg_type,
        "metadata": json.loads(metadata),
        "content": json.loads(content),
        "buffers": [memoryview(buffer) for buffer in buffers],
    }
    handler = {
        "comm_open": _manager.comm_open,
        "comm_msg": _manager.comm_msg,
        "comm_close": _manager.comm_close,
    }.get(msg_type)
    if handler is None:
        log.warning("dropped a message of unknown type %s", msg_type)
        return
    missing = {"comm_open": ("comm_id", "target_name", "data")}.get(msg_type, ("comm_id",))
    if not isinstance(message["content"], dict) or any(name not in message["content"] for name in missing):
        log.warning("dropped a malformed %s: it lacks one of %s", msg_type, ", ".join(missing))
        return
    try:
        handler(None, None, message)
    except Exception:
        log.exception("the handler of a %s raised", msg_type)


def info(target: str) -> bytes:
    """The open comms, of one target if it is named."""
    comms = {
        comm_id: {"target_name": each.target_name}
        for comm_id, each in _manager.comms.items()
        if target in ("", each.target_name)
    }
    return to_json({"status": "ok", "comms": comms})
