"""What keeps a tensor or a node alive: the chains of owners, from names of the program down to it."""

from __future__ import annotations

import ast
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from tapescope import _C
from tapescope.explore import links


@dataclass(frozen=True)
class Link:
    """A step of ownership. kind: of the schema's LinkKind. cell: number n of the cell In [n] that bound the name."""

    kind: str
    name: str
    cell: int | None = None
    cell_id: int | None = None


@dataclass(frozen=True)
class Owner:
    """A chain of owners, from the root. nodes, bytes: what would go if the root let go of it."""

    path: tuple[Link, ...]
    nodes: int
    bytes: int

    def to_message(self) -> dict[str, Any]:
        """The schema's `Owner`."""
        path = [
            {"kind": link.kind, "name": link.name[:1024]} | ({} if link.cell_id is None else {"cell": link.cell_id})
            for link in self.path
        ]
        return {"path": path, "nodes": self.nodes, "bytes": self.bytes}

    def __str__(self) -> str:
        first = self.path[0]
        cell = "" if first.cell is None else f" (cell [{first.cell}])"
        return f"{first.name}{cell}{''.join(_written(link) for link in self.path[1:])}"


def _written(link: Link) -> str:
    return link.name if link.name.startswith((".", "[")) else f" ← {link.name}" if link.name else ""


@dataclass
class _Entry:
    entity: tuple[str, Any]  # ("tensor", id), ("node", id) or ("object", the object)
    path: tuple[Link, ...]  # from the entity to what was asked about
    held: list[Any] = field(default_factory=list)  # the tensor or node of the path that is nearest to the root


def why_alive(x: Any, depth: int = 16, *, most: int = 8) -> list[Owner]:
    """The shortest chains of owners of `x`, at most `most`, one for each root. An empty list: only the caller has it.

    x: a tensor or a node. depth: steps that are followed. Walks the garbage collector's referrers: takes some
    milliseconds in a small program, and longer in one with millions of objects. Raises TypeError for anything else.
    """
    return search(x, depth, most)[0]


def search(x: Any, depth: int, most: int) -> tuple[list[Owner], bool]:
    """The owners, and whether all were followed to their roots."""
    if not isinstance(x, _C.Tensor | _C.Node):
        raise TypeError(f"why_alive: takes a tensor or a node, not a {type(x).__name__}")
    queue = deque([_Entry(_entity(x), ())])
    seen = {_key(queue[0].entity)}
    mine = {id(queue), id(seen)}
    owners: dict[tuple[str, ...], Owner] = {}
    complete = True
    while queue and len(owners) < most:
        entry = queue.popleft()
        mine.update((id(entry), id(entry.__dict__), id(entry.entity), id(entry.held)))
        if len(entry.path) >= depth:
            complete = False
            continue
        for link, entity, held in _up(entry, mine):
            path = (link, *entry.path) if link.name else _as_attribute(entry.path)
            if entity is None:
                owners.setdefault(tuple(each.name for each in path), _owner(path, held))
                continue
            key = _key(entity)
            if key not in seen:
                seen.add(key)
                queue.append(_Entry(entity, path, held))
                mine.update((id(queue[-1]), id(queue[-1].__dict__), id(entity), id(queue[-1].held)))
    return list(owners.values())[:most], complete and not queue


def _as_attribute(path: tuple[Link, ...]) -> tuple[Link, ...]:
    """What was an item of an object's own dict is its attribute."""
    if not path or not path[0].name.startswith("['"):
        return path
    return (Link("attribute", f".{path[0].name[2:-2]}"), *path[1:])


def _entity(x: Any) -> tuple[str, Any]:
    if isinstance(x, _C.Tensor):
        return "tensor", x._id
    if isinstance(x, _C.Node):
        try:
            return "node", x._id
        except RuntimeError:  # a ctx whose node is gone
            return "object", x
    return "object", x


def _key(entity: tuple[str, Any]) -> tuple[str, int]:
    kind, what = entity
    return kind, id(what) if kind == "object" else what


def _up(entry: _Entry, mine: set[int]) -> list[tuple[Link, tuple[str, Any] | None, list[Any]]]:
    """The owners one step up: the link, the owner (None: a root), and what it would let go of."""
    kind, what = entry.entity
    found: Any
    if kind == "tensor":
        holders, found = _C._holders_of_tensor(what), _C._find_tensor(what)
    elif kind == "node":
        holders, found = _C._holders_of_node(what), _C._find_node(what)
    else:
        holders, found = _C._holders_of_object(what), what
    out: list[tuple[Link, tuple[str, Any] | None, list[Any]]] = []
    for why, name, node, tensor in holders:
        owner: Any = _C._find_node(node) if node else _C._find_tensor(tensor)
        if owner is not None:
            said = f"{owner.name()}{name}" if node else name
            out.append((Link(why, said or "a hook"), ("node", node) if node else ("tensor", tensor), []))
    if found is None:
        return out
    held = entry.held if kind == "object" else [found]
    mine.update((id(out), id(held)))
    for step, name, other in links.referrers(found, mine):
        if step == "variable":
            out.append((_variable(name), None, held))
        elif other is None:
            out.append((Link(step, name), None, held))
        else:
            entity = _entity(other)
            said = "ctx" if entity[0] == "node" else step
            out.append((Link(said, name), entity, held))
    return out


def _variable(name: str) -> Link:
    cell = _binding_cell(name)
    return Link("variable", name, *(cell or (None, None)))


def _binding_cell(name: str) -> tuple[int, int] | None:
    """(execution count, id) of the latest cell whose text binds the name."""
    for number in range(_C._latest_cell(), max(0, _C._latest_cell() - 512), -1):
        cell = _C._cell(number)
        if cell is None or name not in cell[1]:
            continue
        try:
            tree = ast.parse(cell[1])
        except SyntaxError:  # a magic
            continue
        if any(isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(tree)):
            return cell[0], number
    return None


def _owner(path: tuple[Link, ...], held: list[Any]) -> Owner:
    nodes, _, size = _C._freed_by(held)
    return Owner(path[:64], nodes, size)
