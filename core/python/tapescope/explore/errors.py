"""What a request can be refused with."""

from __future__ import annotations

from typing import Any


class Refusal(Exception):
    """One of the protocol's errors: a code that the front end knows, and a sentence for whoever looks."""

    def __init__(self, code: str, message: str, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = {name: value for name, value in data.items() if value is not None}

    def to_message(self) -> dict[str, Any]:
        failure: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.data:
            failure["data"] = self.data
        return failure


def bad_request(message: str) -> Refusal:
    return Refusal("bad_request", message)
