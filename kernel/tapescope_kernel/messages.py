"""What users hand us, as JSON."""

from __future__ import annotations

import base64
import json
import math
from datetime import date
from typing import Any


def to_json(value: Any) -> bytes:
    """UTF-8 JSON that every reader takes: no NaN, no lone surrogates."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_plain)
    except (ValueError, TypeError):  # NaN, or keys that are no strings: rare, so they pay for a second pass
        text = json.dumps(_clean(value), ensure_ascii=False, default=_plain)
    return text.encode("utf-8", "replace")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, date):
        return value.isoformat()
    if callable(getattr(value, "item", None)) and getattr(value, "ndim", None) == 0:
        return value.item()  # a numpy scalar
    if callable(getattr(value, "tolist", None)):
        return value.tolist()
    if isinstance(value, set | frozenset) or hasattr(value, "__iter__"):
        return list(value)
    return repr(value)


def _clean(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return repr(value)
    if isinstance(value, dict):
        return {str(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return _clean(_plain(value))
