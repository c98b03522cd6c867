"""From the ids of a document to what lives. Nothing that is found here is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tapescope import _C
from tapescope.explore.errors import Refusal
from tapescope.explore.params import TABLES, Ref


@dataclass
class Found:
    """A tensor that a row names, and the version that the asker shows, or at which it was saved."""

    tensor: Any
    described: int | None

    def now(self) -> dict[str, Any]:
        """The protocol's `Now`."""
        version = self.tensor._version
        return {
            "dtype": dtype_name(self.tensor),
            "shape": list(self.tensor.shape),
            "version": version,
            "changed": self.described is not None and self.described != version,
        }

    def array(self) -> np.ndarray[Any, Any]:
        """The values, not copied if NumPy has their dtype; bfloat16 comes as float32."""
        plain = self.tensor.detach()
        return (plain.float() if plain.dtype is _C.bfloat16 else plain).numpy()


def dtype_name(tensor: Any) -> str:
    return str(tensor.dtype).rpartition(".")[2]


def object_of(ref: Ref) -> Any:
    """The live tensor or node of a row."""
    found = _C._find_node(ref.id) if ref.table == "nodes" else _C._find_tensor(ref.id)
    if found is None:
        raise gone(ref)
    return found


def find(ref: Ref, described: int | None = None, unpack: bool = False) -> Found:
    """The tensor of a row of `tensors` or `saved`, or the reason why there is none.

    unpack: a hook that holds a saved one is run, with random state as it was.
    """
    if ref.table == "tensors":
        tensor = _C._find_tensor(ref.id)
        if tensor is None:
            raise gone(ref)
        return Found(tensor, described)
    if unpack:
        state = _C.get_rng_state()
        try:
            saved = _C._find_saved(ref.id, True)
        finally:
            _C.set_rng_state(state)
    else:
        saved = _C._find_saved(ref.id)
    state = saved["state"]
    if state == "freed":
        raise Refusal(
            "freed",
            "The saved variable was released by a backward pass.",
            released_by=saved.get("released_by"),
        )
    if state == "hooked":
        raise Refusal("hooked", "A saved-tensor hook holds the value; looking does not run it.")
    if state == "none":
        raise Refusal("absent", "None was saved.")
    if state != "alive" or saved.get("tensor") is None:
        raise gone(ref)
    return Found(saved["tensor"], saved["version"] if described is None else described)


def gradient(ref: Ref, described: int | None = None) -> Found:
    """`.grad` of a tensor."""
    if ref.table == "nodes":
        if _C._find_node(ref.id) is None:
            raise gone(ref)
        raise Refusal("absent", "The gradients that flow through a node are not kept.")
    grad = find(ref).tensor.grad
    if grad is None:
        raise Refusal("absent", "The tensor has no .grad.")
    return Found(grad, described)


def state(ref: Ref) -> tuple[str, int]:
    """Whether a row lives, without keeping it: alive, freed, gone…, and its version (-1: it has none)."""
    try:
        if ref.table == "nodes":
            return ("gone" if _C._find_node(ref.id) is None else "alive"), -1
        return "alive", find(ref).tensor._version
    except Refusal as refusal:
        return refusal.code, -1


def gone(ref: Ref) -> Refusal:
    return Refusal("gone", f"The {TABLES[ref.table]} no longer exists.")
