"""The connection file: where to listen, and the key that messages are signed with."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

PORTS = ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port")


class ConnectionFileError(Exception):
    """What is wrong with the file, in one line."""


def read_connection_file(path: str) -> dict[str, Any]:
    """The file's content, checked: what is wrong with it is said in its own words, not by a failing socket."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConnectionFileError(f"cannot read the connection file {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConnectionFileError(f"the connection file {path} is not UTF-8 text") from None
    try:
        config = json.loads(text)
    except ValueError as error:
        raise ConnectionFileError(f"the connection file {path} is not JSON: {error}") from None
    if not isinstance(config, dict):
        raise ConnectionFileError(f"the connection file {path} does not hold a JSON object")
    return _checked(path, config)


def _checked(path: str, config: dict[str, Any]) -> dict[str, Any]:
    checked = {"transport": "tcp", "ip": "127.0.0.1", "key": "", "signature_scheme": "hmac-sha256"}
    for name in checked:
        value = config.get(name, checked[name])
        if not isinstance(value, str):
            raise ConnectionFileError(f"the connection file {path}: {name} is not a string: {value!r}")
        checked[name] = value
    if checked["transport"] not in ("tcp", "ipc"):
        raise ConnectionFileError(
            f"the connection file {path}: transport is neither tcp nor ipc: {checked['transport']!r}"
        )
    if checked["signature_scheme"] != "hmac-sha256":
        raise ConnectionFileError(
            f"the connection file {path}: signature_scheme is not hmac-sha256: {checked['signature_scheme']!r}"
        )
    for name in PORTS:
        if name not in config:
            raise ConnectionFileError(f"the connection file {path} lacks {name}")
        port = config[name]
        if isinstance(port, bool) or not isinstance(port, int) or not 1 <= port <= 65535:
            raise ConnectionFileError(f"the connection file {path}: {name} is not a port from 1 to 65535: {port!r}")
        checked[name] = port
    return checked
