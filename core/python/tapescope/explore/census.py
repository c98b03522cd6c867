"""What lives: tensors, nodes and bytes, by the names that hold them and by the cells that made them."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Any

from tapescope import _C
from tapescope.explore.owners import Link, Owner, _variable

_DEPTH = 4  # of containers within containers
_MOST = 10_000  # tensors of one variable that are looked at


@dataclass(frozen=True)
class OfCell:
    """What code of a cell made and lives.

    cell: n of In [n]; None: made outside of cells. bytes: that the nodes saved.
    """

    cell: int | None
    nodes: int
    bytes: int


@dataclass(frozen=True)
class Census:
    """What lives in the process.

    owners: variables, the one that keeps most first; what several keep together is counted for none. cells: by the
    cells whose code made the nodes.
    """

    nodes: int
    tensors: int
    bytes: int
    owners: tuple[Owner, ...]
    cells: tuple[OfCell, ...]

    def to_message(self) -> dict[str, Any]:
        """The schema's `Census`."""
        owners = [each.to_message() for each in self.owners]
        return {"nodes": self.nodes, "tensors": self.tensors, "bytes": self.bytes, "owners": owners}

    def __str__(self) -> str:
        lines = [f"{self.tensors:,} tensors, {self.nodes:,} nodes, {self.bytes:,} B"]
        lines += [f"  {each}: {each.nodes:,} nodes, {each.bytes:,} B" for each in self.owners]
        return "\n".join(lines)


def census(top: int = 32) -> Census:
    """Counts what lives, and says what keeps the most of it. top: owners that are listed. Keeps nothing alive."""
    total = _C._census()
    owners = sorted(_owners(), key=lambda owner: (-owner.bytes, -owner.nodes, str(owner)))[:top]
    cells = []
    for cell, nodes, size in _C._census_by_cell():
        found = _C._cell(cell) if cell else None
        cells.append(OfCell(found[0] if found else None, nodes, size))
    return Census(total["nodes"], total["tensors"], total["bytes"], tuple(owners), tuple(cells))


def _owners() -> list[Owner]:
    main = sys.modules.get("__main__")
    out = []
    for name, value in list(vars(main).items()) if main is not None else ():
        if name.startswith("__") or isinstance(value, type):
            continue
        held: list[Any] = []
        _collect(value, held, set(), _DEPTH)
        if held:
            nodes, _, size = _C._freed_by(held)
            out.append(Owner((_variable(name),), nodes, size))
    return out


def _collect(value: Any, held: list[Any], seen: set[int], depth: int) -> None:
    """The tensors and nodes of a variable: its own, of containers, and of objects' attributes."""
    if id(value) in seen or len(held) >= _MOST or isinstance(value, str | bytes | int | float | type(None)):
        return
    seen.add(id(value))
    if isinstance(value, _C.Tensor | _C.Node):
        held.append(value)
    elif depth == 0:
        return
    elif isinstance(value, dict):
        for each in list(value.values()):
            _collect(each, held, seen, depth - 1)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in list(value):
            _collect(each, held, seen, depth - 1)
    elif type(value).__module__ != "builtins" and not isinstance(value, type(sys)):
        attributes = getattr(value, "__dict__", None)
        if isinstance(attributes, dict):
            _collect(attributes, held, seen, depth)


__all__ = ["Census", "Link", "OfCell", "census"]
