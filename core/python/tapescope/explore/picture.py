"""A graph, as something that a notebook shows."""

from __future__ import annotations

import json
from typing import Any

MIME = "application/vnd.tapescope.graph.v1+json"


class Picture:
    """The graph behind a value at the time when it was explored. A notebook draws it; `document` is its data."""

    def __init__(self, document: str, svg: str, text: str) -> None:
        self._document = document
        self._svg = svg
        self._text = text

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self._document)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        return {MIME: self.document, "image/svg+xml": self._svg, "text/plain": self._text}

    def __repr__(self) -> str:
        return self._text
