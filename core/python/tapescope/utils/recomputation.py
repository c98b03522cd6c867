"""Checkpoints that record their function, and compute again what its ops saved when a backward asks for it.

Hooks on saved tensors do it. In the first call each tensor that is saved leaves a `_Place` in the graph, and goes. The
first place that a pass unpacks calls the function again under hooks that count what is saved: what comes as the n-th is
what the n-th place held. The inputs are saved as a node's saved tensors are, so that a checkpoint around this one takes
them away, and brings them back, in its turn.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from tapescope import _C
from tapescope.autograd.function import Function
from tapescope.autograd.grad_mode import enable_grad
from tapescope.autograd.saved_tensors import saved_tensors_hooks
from tapescope.utils import checkpoint_error as errors
from tapescope.utils.random_state import drawing_from

Tensor = _C.Tensor


def _metadata(x: Tensor) -> Any:
    return {"shape": tuple(x.shape), "dtype": x.dtype, "device": x.device}


_CHECKS: dict[str, Callable[[Tensor], Any]] = {"default": _metadata, "none": lambda _: None}


class _Stop(BaseException):
    """Ends a recomputation that has all it needs. No Exception: the program's handlers have no part in it."""


class _SaveInputs(Function):
    """A node that saves the tensors among its arguments, and whose backward is never run."""

    @staticmethod
    def forward(ctx: Any, handle: Tensor, *args: Any) -> Any:
        ctx.places = [i for i, arg in enumerate(args) if isinstance(arg, Tensor)]
        ctx.others = [None if isinstance(arg, Tensor) else arg for arg in args]
        ctx.save_for_backward(*(args[i] for i in ctx.places))
        return _C.zeros(0)


class _Place:
    """Stands in the graph for a tensor that was saved."""

    __slots__ = ("__weakref__", "number")

    def __init__(self, number: int) -> None:
        self.number = number


class _Pass:
    """What one backward pass has computed again, by number; what it has used is gone."""

    def __init__(self, debug: bool) -> None:
        self.values: dict[int, Tensor] = {}
        self.count = 0
        self.done = False
        self.sites: list[str] | None = [] if debug else None


class _Checkpoint:
    """One call of checkpoint: its inputs, and what its ops saved."""

    def __init__(self, run: Callable[..., Any], args: tuple[Any, ...], check: str, debug: bool, early_stop: bool):
        self.run, self.early_stop, self.debug = run, early_stop, debug
        self.metadata_of = _CHECKS[check]
        # Weakly: a place that is gone was of a graph that was freed, and needs no value.
        self.places: list[weakref.ref[_Place]] = []
        self.metadata: list[Any] = []
        self.sites: list[str] | None = [] if debug else None
        self.complete = False  # the first call is over
        self.grew_inside = False  # a backward inside the first call saw only some of the places
        self.passes: dict[int, _Pass] = {}
        trace = _C._get_tracing_state()
        _C._set_tracing_state(None)  # a trace is of what the part computes
        try:
            self.inputs = _SaveInputs.apply(_C.zeros(0, requires_grad=True), *args)
        finally:
            _C._set_tracing_state(trace)

    def pack(self, x: Tensor) -> _Place:
        place = _Place(len(self.places))
        self.places.append(weakref.ref(place))
        self.metadata.append(self.metadata_of(x))
        if self.sites is not None:
            self.sites.append(errors.save_site(x))
        return place

    def unpack(self, place: _Place) -> Tensor:
        found = self._pass()
        if not found.done:
            self._recompute(found)
        if place.number not in found.values:
            raise errors.unpacked_twice(place.number)
        return found.values.pop(place.number)

    def _pass(self) -> _Pass:
        task = _C._current_graph_task_id()
        if task == -1:  # the program looks at a saved tensor
            return _Pass(self.debug)
        if task not in self.passes:
            self.passes[task] = _Pass(self.debug)
            passes = self.passes
            _C._queue_callback(lambda: passes.pop(task, None))
        return self.passes[task]

    def _recompute(self, found: _Pass) -> None:
        found.values.clear()
        found.count = 0  # of a recomputation that failed
        node = self.inputs.grad_fn
        args = list(node.others)
        for i, tensor in zip(node.places, node.saved_tensors, strict=True):
            args[i] = tensor

        def pack(x: Tensor) -> Tensor:
            return self._keep(found, x)

        try:
            with saved_tensors_hooks(pack, _as_it_is), enable_grad():
                self.run(*args)
        except _Stop:
            pass
        self._compare(found)
        found.done = True

    def _keep(self, found: _Pass, x: Tensor) -> Tensor:
        x = x.detach() if x.requires_grad else x
        if found.sites is not None:
            found.sites.append(errors.save_site(x))
        number = found.count
        found.count += 1
        if number >= len(self.places):
            if self.complete:
                raise errors.too_many(len(self.places), errors.advice(self.sites, found.sites))
            self.grew_inside = True
            return x
        if self.places[number]() is not None:
            found.values[number] = x
        if self.early_stop and found.count == len(self.places):
            raise _Stop
        return x  # the function may run a backward itself, which needs it

    def _compare(self, found: _Pass) -> None:
        if self.grew_inside:
            return
        if found.count != len(self.places):
            raise errors.another_number(len(self.places), found.count, errors.advice(self.sites, found.sites))
        differing = []
        for number, value in found.values.items():
            if (again := self.metadata_of(value)) != self.metadata[number]:
                differing.append((number, self.metadata[number], again))
        if differing:
            raise errors.other_metadata(differing, errors.advice(self.sites, found.sites))


def _as_it_is(x: Tensor) -> Tensor:
    return x


def run_and_recompute(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    *,
    contexts: tuple[AbstractContextManager[Any], AbstractContextManager[Any]],
    determinism_check: str,
    debug: bool,
    preserve_rng_state: bool,
    early_stop: bool,
) -> Any:
    """function(*args, **kwargs), recorded without what its ops save. See checkpoint for the options and errors."""
    if determinism_check not in _CHECKS:
        raise ValueError(f"determinism_check should be one of {list(_CHECKS)}, but got {determinism_check}")
    if not _C.is_grad_enabled():
        return function(*args, **kwargs)
    first, later = contexts
    random_state = _C.get_rng_state() if preserve_rng_state else None

    def run(*inputs: Any) -> None:
        with drawing_from(random_state), later:
            function(*inputs, **kwargs)

    made = _Checkpoint(run, args, determinism_check, debug, early_stop)
    result: Any = None
    with saved_tensors_hooks(made.pack, made.unpack), first:
        result = function(*args, **kwargs)
        made.complete = True
    if not made.complete:
        raise RuntimeError(
            "tapescope.utils.checkpoint: the forward context provided by context_fn suppressed an exception raised "
            "during the checkpointed forward. This is not supported because checkpoint cannot return a value for a "
            "failed forward."
        )
    return result
