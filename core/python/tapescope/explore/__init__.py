"""Pictures of the graph behind a value, live while the kernel runs.

>>> tapescope.explore(loss)

>>> tapescope.explore.hooks(loss)  # every hook, in firing order
>>> tapescope.explore.saved_variables(loss)  # what its graph keeps
>>> tapescope.explore.why_alive(h)  # what keeps a tensor
>>> tapescope.explore.census()  # what lives, and by what

A click in the picture asks the kernel for what is there now: statistics, values, gradients. The questions and answers
are those of protocol 1, over the comm target `tapescope`; they go through the `comm` package, so any IPython kernel
will do.
"""

from __future__ import annotations

import json
import sys
import types
from typing import Any

from tapescope.explore.census import Census, census
from tapescope.explore.hooks import Hook, hooks
from tapescope.explore.owners import Link, Owner, why_alive
from tapescope.explore.picture import MIME, Picture
from tapescope.explore.saved import SavedVariable, saved_variables

__all__ = [
    "MIME",
    "Census",
    "Hook",
    "Link",
    "Owner",
    "Picture",
    "SavedVariable",
    "census",
    "explore",
    "hooks",
    "saved_variables",
    "serve",
    "why_alive",
]

_served: Any = None


def explore(value: Any, *, title: str | None = None, max_nodes: int = 100_000) -> Picture:
    """The backward graph of a tensor, a node, a module's parameters, or a list of those, and a census of what lives.

    Of a traced function, module or graph: what it does, and the backward graph that the trace made.

    max_nodes: of a larger graph those that were made last; the picture says how many are missing. A node takes about 40
    bytes of the notebook's file. Raises TypeError for what has no graph, ValueError for max_nodes that is not from 1 to
    131,072, the most that a page draws without standing still.

    In a notebook it is shown where it is a cell's value; display() shows it elsewhere.
    """
    from tapescope import _C

    if not isinstance(max_nodes, int) or not 1 <= max_nodes <= 131_072:
        raise ValueError(f"explore: max_nodes is a whole number from 1 to 131,072, not {max_nodes!r}")

    serve()
    traced = getattr(value, "inlined_graph", value)
    if isinstance(traced, _C.Graph):
        name = getattr(value, "original_name", None) or getattr(value, "name", "graph")
        document, svg, _ = _C._explore_trace(traced, title or f"trace of {name}")
        return Picture(document, svg, str(traced))
    if callable(getattr(value, "parameters", None)):
        value = list(value.parameters())
    elif isinstance(value, tuple):
        value = list(value)
    counted = census(top=8).to_message()
    # Cells are rows of a document: one that it does not hold is not named.
    for owner in counted["owners"]:
        owner["path"] = [{key: link[key] for key in ("kind", "name")} for link in owner["path"]]
    return Picture(*_C._explore(value, title, json.dumps(counted), max_nodes))


def serve() -> None:
    """Answers the pictures of this process's kernel. Safe to call again; without a kernel it does nothing."""
    global _served
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None or getattr(shell, "kernel", None) is None or _served is shell:
        return
    _served = shell
    import comm

    from tapescope.explore import cells, server

    comm.get_comm_manager().register_target(server.TARGET, server.open_comm)
    shell.events.register("post_run_cell", server.after_cell)
    if not hasattr(shell, "explore_mode"):
        cells.follow(shell)  # our own kernel tells the engine itself


class _CallableModule(types.ModuleType):
    """`tapescope.explore(x)`: importing this module puts it where the function was asked for."""

    def __call__(self, value: Any, *, title: str | None = None, max_nodes: int = 100_000) -> Picture:
        return explore(value, title=title, max_nodes=max_nodes)


sys.modules[__name__].__class__ = _CallableModule
