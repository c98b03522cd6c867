"""What the nodes of a graph saved for backward: how large, shared with what, written since or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tapescope import _C


@dataclass(frozen=True)
class SavedVariable:
    """One slot of a node.

    node, slot: `node._saved_<slot>` is the value. name: what the program calls the tensor, or None. shape, dtype,
    bytes: of the tensor; None and 0 once freed. storage: names the memory; None if freed or held by hooks. shared:
    the other slots in the same memory, as "node.slot". version_saved, version_now: where they differ backward raises.
    state: "alive", "freed", or "hooked": a saved-tensor hook holds it, `packed_by` names the one that brings it back.
    """

    node: str
    slot: str
    state: str
    name: str | None
    shape: tuple[int, ...] | None
    dtype: Any
    bytes: int
    storage: int | None
    shared: tuple[str, ...]
    version_saved: int
    version_now: int | None
    packed_by: str | None

    def __str__(self) -> str:
        what = self.state if self.shape is None else f"{self.shape} {str(self.dtype).rpartition('.')[2]}"
        parts = [f"{self.node}.{self.slot}: {what}"]
        if self.name:
            parts.append(f"is {self.name}")
        if self.bytes:
            parts.append(f"{self.bytes:,} B")
        if self.shared:
            parts.append(f"shared with {', '.join(self.shared)}")
        if self.packed_by:
            parts.append(f"held by a hook, {self.packed_by} brings it back")
        if self.version_now is not None and self.version_now != self.version_saved:
            parts.append(f"written since: saved at version {self.version_saved}, now at {self.version_now}")
        return ", ".join(parts)


def saved_variables(x: Any) -> list[SavedVariable]:
    """What the graph behind `x` saved, from the output to the leaves. No unpack hook is run.

    x: a tensor, a node, or a list of them. Raises TypeError for anything else.
    """
    roots = list(x) if isinstance(x, list | tuple) else [x]
    for root in roots:
        if not isinstance(root, _C.Tensor | _C.Node):
            raise TypeError(f"saved_variables: takes a tensor, a node or a list of them, not a {type(root).__name__}")
    from tapescope import _names

    names = _names.collect()[0]
    rows = [(node, each) for node in _C._nodes_above(roots) for each in _C._saved_of(node)]
    places: dict[int, list[tuple[int, str]]] = {}
    for node, each in rows:
        if each["storage"] is not None:
            places.setdefault(each["storage"], []).append((each["id"], f"{node.name()}.{each['slot']}"))
    return [
        SavedVariable(
            node=node.name(),
            slot=each["slot"],
            state=each["state"],
            name=names.get(each["tensor"]),
            shape=each["shape"],
            dtype=each["dtype"],
            bytes=each["bytes"],
            storage=each["storage"],
            shared=tuple(place for key, place in places.get(each["storage"], ()) if key != each["id"]),
            version_saved=each["version_saved"],
            version_now=each["version_now"],
            packed_by=each["packed_by"],
        )
        for node, each in rows
    ]
