"""A slow engine that is plainly right: what test_programs.py compares the fast one with.

A tensor is a list of places in a memory of float64 or complex128. A history holds, for each place of that memory, its
derivative with respect to every number of every leaf (a complex element is two: its real and its imaginary part); each
op computes values and derivatives together, element by element, so nothing has to be found again later. Views share
memory and history, `detach` shares memory alone. Nodes remember only which memories an op kept and at which version,
which says when a backward has to be refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view


class Refused(Exception):
    """What the engine must refuse too, with words of this kind."""


LEAF = "leaf Variable that requires grad"  # or a view of one
NO_GRAD = "created in no_grad mode"
SEVERAL = "is the output of a function that returns multiple views"
OVERLAP = "more than one element of the written-to tensor"
MODIFIED = "modified by an inplace operation"


class Memory:
    def __init__(self, values: np.ndarray) -> None:
        self.values = values.reshape(-1).copy()
        self.version = 0


class Node:
    """An op that was recorded: what it kept, and the nodes of its inputs."""

    def __init__(self, inputs: list[History], kept: list[Memory]) -> None:
        self.inputs = [h.node for h in inputs if h.node]
        self.kept = [(m, m.version) for m in kept]
        # Leads to a leaf. Views made in no_grad mode do not, and what only leads there does not run.
        self.live = any(h.leaf or (h.node and h.node.live) for h in inputs)


class History:
    def __init__(self, slopes: np.ndarray, leaf: bool = False) -> None:
        self.slopes = slopes  # (places, elements of all leaves)
        self.leaf = leaf
        self.node: Node | None = None

    @property
    def requires_grad(self) -> bool:
        return self.leaf or self.node is not None


class Engine:
    """The grad mode, and how many numbers the leaves have together."""

    def __init__(self, leaves: list[np.ndarray], dtype: Any = np.float64) -> None:
        self.grad = True
        self.dtype = dtype
        units = (1, 1j) if dtype is np.complex128 else (1,)
        self.width = sum(a.size for a in leaves) * len(units)
        self.leaves = []
        start = 0
        for a in leaves:
            slopes = self.zeros(a.size)
            for unit in units:
                slopes[np.arange(a.size), start + np.arange(a.size)] = unit
                start += a.size
            places = np.arange(a.size).reshape(a.shape)
            self.leaves.append(Tensor(self, Memory(a.astype(dtype)), History(slopes, leaf=True), places))

    def zeros(self, *places: int) -> np.ndarray:
        """The derivatives of what depends on no leaf."""
        return np.zeros((*places, self.width), self.dtype)

    @contextmanager
    def no_grad(self) -> Iterator[None]:
        before, self.grad = self.grad, False
        try:
            yield
        finally:
            self.grad = before

    def tensor(self, values: Any) -> Tensor:
        """Without history."""
        a = np.asarray(values, self.dtype)
        return Tensor(self, Memory(a), History(self.zeros(a.size)), np.arange(a.size).reshape(a.shape))

    def gradients(self, tensors: list[Tensor], weights: list[np.ndarray]) -> np.ndarray:
        """Of the real part of sum(w * t): for each number of the leaves."""
        seen: set[int] = set()
        todo = [t.history.node for t in tensors]
        while todo:
            node = todo.pop()
            if node is None or not node.live or id(node) in seen:
                continue
            seen.add(id(node))
            if any(memory.version != version for memory, version in node.kept):
                raise Refused(MODIFIED)
            todo += node.inputs
        return sum(
            (np.tensordot(w, t.slopes, w.ndim).real for t, w in zip(tensors, weights, strict=True)),
            np.zeros(self.width),
        )


# A unary op: its value, its slope of (x, value), and whether it keeps its input or its result. `conj` has no slope.
UNARY: dict[str, tuple[Callable[..., Any], Callable[..., Any] | None, str]] = {
    "exp": (np.exp, lambda x, y: y, "result"),
    "sin": (np.sin, lambda x, y: np.cos(x), "input"),
    "tanh": (np.tanh, lambda x, y: 1 - y * y, "result"),
    "neg": (np.negative, lambda x, y: -np.ones_like(x), ""),
    "relu": (lambda x: np.maximum(x, 0), lambda x, y: (y > 0).astype(float), "result"),
    "abs": (np.abs, lambda x, y: np.sign(x), "input"),
    "conj": (np.conj, None, ""),
}
# A binary op: its value, its slopes, and what each slope needs: of the first operand, of the second.
BINARY: dict[str, tuple[Callable[..., Any], Callable[..., Any], Callable[..., Any], str, str]] = {
    "add": (np.add, lambda a, b: np.ones_like(a), lambda a, b: np.ones_like(b), "", ""),
    "sub": (np.subtract, lambda a, b: np.ones_like(a), lambda a, b: -np.ones_like(b), "", ""),
    "mul": (np.multiply, lambda a, b: b, lambda a, b: a, "b", "a"),
    "maximum": (np.maximum, lambda a, b: (a > b) + (a == b) / 2, lambda a, b: (a < b) + (a == b) / 2, "ab", "ab"),
}


class Tensor:
    def __init__(
        self,
        engine: Engine,
        memory: Memory,
        history: History,
        at: np.ndarray,
        view_of: History | None = None,
        how: str = "",
    ) -> None:
        self.engine, self.memory, self.history, self.at = engine, memory, history, at
        self.base = view_of  # a view's base's history; the view's own is the same, but for one made in no_grad mode
        self.how = how  # "no_grad" or "several": how a view came to be, where that forbids to write it
        self.seen = memory.version  # when the view's history was last right

    # --- what is compared

    @property
    def shape(self) -> tuple[int, ...]:
        return self.at.shape

    @property
    def values(self) -> np.ndarray:
        return self.memory.values[self.at]

    @property
    def slopes(self) -> np.ndarray:
        return self.history.slopes[self.at]

    @property
    def requires_grad(self) -> bool:
        return self.history.requires_grad or (self.base is not None and self.base.requires_grad)

    @property
    def is_leaf(self) -> bool:
        return not self.history.requires_grad or (self.history.leaf and self.base is None)

    @property
    def _version(self) -> int:
        return self.memory.version

    @property
    def forbidden(self) -> bool:
        """A view that must not be used any more, for its base was written."""
        return bool(self.how) and self.base is not None and self.base.requires_grad and self.seen != self.memory.version

    # --- views

    def _view(self, at: np.ndarray, how: str = "") -> Tensor:
        if not self.engine.grad:
            assert self.requires_grad or self.base, "a view of a plain tensor, made in no_grad mode"
            plain = History(np.zeros_like(self.history.slopes))
            return Tensor(self.engine, self.memory, plain, at, self.base or self.history, "no_grad")
        self._used()
        history = self.history
        if self.requires_grad and not history.requires_grad:  # of a view made in no_grad mode: recorded, but cut off
            history = History(np.zeros_like(history.slopes))
            history.node = Node([], [])
        return Tensor(self.engine, self.memory, history, at, self.base or self.history, how or self.how)

    def detach(self) -> Tensor:
        return Tensor(self.engine, self.memory, History(np.zeros_like(self.history.slopes)), self.at)

    def __getitem__(self, key: Any) -> Tensor:
        """Numbers, slices, None and ...: a view. Lists and masks: a copy."""
        parts = key if isinstance(key, tuple) else (key,)
        if any(map(_gathers, parts)):
            at = self.at[key]
            return self._result(
                self.values[key], self.slopes[key] if at.size else self.engine.zeros(*at.shape), [self], []
            )
        return self._view(self.at[key])

    def select(self, dim: int, index: int) -> Tensor:
        return self._view(np.take(self.at, index, dim))

    def narrow(self, dim: int, start: int, length: int) -> Tensor:
        return self._view(np.take(self.at, range(start, start + length), dim))

    def transpose(self, a: int, b: int) -> Tensor:
        return self._view(self.at.swapaxes(a, b))

    def permute(self, dims: tuple[int, ...]) -> Tensor:
        return self._view(self.at.transpose(dims))

    def view(self, shape: tuple[int, ...]) -> Tensor:
        return self._view(self.at.reshape(shape))

    def expand(self, shape: tuple[int, ...]) -> Tensor:
        return self._view(np.broadcast_to(self.at, shape))

    def squeeze(self) -> Tensor:
        return self._view(self.at.squeeze())

    def unsqueeze(self, dim: int) -> Tensor:
        return self._view(np.expand_dims(self.at, dim))

    def diagonal(self, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
        return self._view(np.diagonal(self.at, offset, dim1, dim2))

    def unfold(self, dim: int, size: int, step: int) -> Tensor:
        windows = sliding_window_view(self.at, size, dim)
        return self._view(np.take(windows, range(0, windows.shape[dim], step), dim))

    def as_strided(self, shape: tuple[int, ...], strides: tuple[int, ...], offset: int) -> Tensor:
        every = np.arange(self.memory.values.size)
        return self._view(as_strided(every[offset:], shape, [s * every.itemsize for s in strides]).copy())

    def _parts(self, parts: list[np.ndarray]) -> tuple[Tensor, ...]:
        return tuple(self._view(at, "several") for at in parts)

    def unbind(self, dim: int) -> tuple[Tensor, ...]:
        return self._parts(list(np.moveaxis(self.at, dim, 0)))

    def split(self, size: int, dim: int) -> tuple[Tensor, ...]:
        return self._parts(np.split(self.at, range(size, self.shape[dim], size), dim))

    def chunk(self, chunks: int, dim: int) -> tuple[Tensor, ...]:
        return self.split(-(-self.shape[dim] // chunks), dim)

    # --- ops that make a tensor

    def _used(self) -> None:
        """An op asks for this tensor's place in history."""
        if self.engine.grad and self.forbidden:
            raise Refused(NO_GRAD if self.how == "no_grad" else SEVERAL)

    def _node(self, inputs: list[Tensor], kept: list[Memory]) -> Node | None:
        if not self.engine.grad or not any(t.requires_grad or t.forbidden for t in inputs):
            return None
        for t in inputs:
            t._used()
        return Node([t.history for t in inputs], kept)

    def _result(self, values: np.ndarray, slopes: np.ndarray, inputs: list[Tensor], kept: list[Memory]) -> Tensor:
        out = self.engine.tensor(values)
        node = self._node(inputs, kept)
        if node:
            out.history.node = node
            out.history.slopes = slopes.reshape(out.at.size, self.engine.width).copy()
        return out

    def clone(self) -> Tensor:
        return self._result(self.values, self.slopes, [self], [])

    def unary(self, name: str) -> Tensor:
        values, slopes, keeps = self._unary(name)
        out = self._result(values, slopes, [self], [self.memory] if keeps == "input" else [])
        if out.history.node and keeps == "result":
            out.history.node.kept.append((out.memory, 0))
        return out

    def masked_fill(self, mask: np.ndarray, value: float) -> Tensor:
        mask = np.broadcast_to(mask, self.shape)
        return self._result(np.where(mask, value, self.values), np.where(mask[..., None], 0, self.slopes), [self], [])

    def where(self, mask: np.ndarray, other: Tensor) -> Tensor:
        """This tensor where the mask says so; the other elsewhere."""
        mask = np.broadcast_to(mask, self.shape)
        slopes = np.where(mask[..., None], self.slopes, _padded(other.slopes, self.at.ndim))
        return self._result(np.where(mask, self.values, other.values), slopes, [self, other], [])

    def sum(self, dim: int) -> Tensor:
        return self._result(self.values.sum(dim), self.slopes.sum(dim), [self], [])

    def _unary(self, name: str) -> tuple[np.ndarray, np.ndarray, str]:
        f, df, keeps = UNARY[name]
        x = self.values
        y = np.asarray(f(x))
        return y, np.conj(self.slopes) if df is None else np.asarray(df(x, y))[..., None] * self.slopes, keeps

    def binary(self, name: str, other: Tensor) -> Tensor:
        values, slopes, kept = self._binary(name, other, self.shape)
        return self._result(values, slopes, [self, other], kept)

    def _binary(self, name: str, other: Tensor, shape: Any) -> tuple[np.ndarray, np.ndarray, list[Memory]]:
        f, da, db, for_a, for_b = BINARY[name]
        a, b = np.broadcast_arrays(self.values, other.values)
        width = (self.engine.width,)
        ga, gb = (np.broadcast_to(_padded(t.slopes, a.ndim), a.shape + width) for t in (self, other))
        slopes = np.asarray(da(a, b))[..., None] * ga + np.asarray(db(a, b))[..., None] * gb
        needs = (for_a if self.history.requires_grad else "") + (for_b if other.history.requires_grad else "")
        kept = [t.memory for letter, t in (("a", self), ("b", other)) if letter in needs]
        return np.asarray(f(a, b)), slopes, kept

    # --- writes

    def _may_be_written(self, other: Tensor | None = None, part: np.ndarray | None = None) -> None:
        at = self.at if part is None else part
        if np.unique(at).size != at.size:
            raise Refused(OVERLAP)
        self._may_be_filled(other)

    def _may_be_filled(self, other: Tensor | None = None) -> None:
        if not self.engine.grad:
            return
        history = self.base or self.history
        if self.base is None and history.leaf:
            raise Refused(LEAF)
        if self.how and (history.requires_grad or self.requires_grad or (other is not None and other.requires_grad)):
            raise Refused(NO_GRAD if self.how == "no_grad" else SEVERAL)
        if history.leaf:
            raise Refused(LEAF)

    def _write(self, at: np.ndarray, values: Any, slopes: Any, inputs: list[Tensor], kept: list[Memory]) -> None:
        """Values and derivatives at places of the memory; `inputs` begins with self."""
        node = self._node(inputs, [m for m in kept if m is not self.memory])
        self.memory.values[at] = values
        self.memory.version += 1
        if node:
            self.history.node = node
            self.history.slopes[at] = slopes
            self.seen = self.memory.version

    def unary_(self, name: str) -> None:
        self._may_be_written()
        values, slopes, keeps = self._unary(name)
        before = self.history.node
        self._write(self.at, values, slopes, [self], [])
        if self.history.node is not before and keeps == "result":
            self.history.node.kept.append((self.memory, self.memory.version))

    def binary_(self, name: str, other: Tensor) -> None:
        self._may_be_written(other)
        values, slopes, kept = self._binary(name, other, self.shape)
        self._write(self.at, values, slopes, [self, other], kept)

    def fill_(self, value: float) -> None:
        self._may_be_filled()
        self._write(self.at, value, 0, [self], [])

    def zero_(self) -> None:
        self.fill_(0)

    def copy_(self, other: Tensor) -> None:
        self._may_be_written(other)
        self._put(self.at, other)

    def _put(self, at: np.ndarray, other: Tensor) -> None:
        values = np.broadcast_to(other.values, at.shape).copy()
        slopes = np.broadcast_to(_padded(other.slopes, at.ndim), (*at.shape, self.engine.width)).copy()
        self._write(at, values, slopes, [self, other], [])

    def masked_fill_(self, mask: np.ndarray, value: float) -> None:
        self._may_be_written()
        at = self.at[np.broadcast_to(mask, self.shape)]
        self._write(at, value, 0, [self], [])

    def assign(self, key: Any, other: Tensor) -> None:
        """self[key] = other."""
        parts = key if isinstance(key, tuple) else (key,)
        if any(map(_gathers, parts)):
            # The part that numbers and slices name is what is written by the lists.
            self._may_be_written(other, self.at[tuple(slice(None) if _gathers(p) else p for p in parts)])
            self._put(self.at[key], other)
        else:
            self[key].copy_(other)


def _gathers(part: Any) -> bool:
    return isinstance(part, list | np.ndarray)


def _padded(slopes: np.ndarray, dims: int) -> np.ndarray:
    """With leading dimensions of size 1, so that broadcasting lines up although the last dimension is the leaves'."""
    return slopes.reshape((1,) * (dims + 1 - slopes.ndim) + slopes.shape)
