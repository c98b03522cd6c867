"""Completions, as replies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from IPython.core.completer import provisionalcompleter, rectify_completions

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell


def complete(shell: InteractiveShell, code: str, cursor: int) -> dict[str, Any]:
    """A complete_reply; positions count code points, as the protocol's do."""
    with provisionalcompleter():
        found = list(rectify_completions(code, shell.Completer.completions(code, cursor)))
    start, end = (found[0].start, found[0].end) if found else (cursor, cursor)
    types = [
        {
            "start": each.start,
            "end": each.end,
            "text": each.text,
            "type": each.type,
            "signature": each.signature,
        }
        for each in found
    ]
    return {
        "status": "ok",
        "matches": [each.text for each in found],
        "cursor_start": start,
        "cursor_end": end,
        "metadata": {"_jupyter_types_experimental": types},
    }
