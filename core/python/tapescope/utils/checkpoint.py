"""Checkpoints: parts of a program that keep their inputs alone, and compute the rest again in backward."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

from tapescope.nn.container import Sequential
from tapescope.utils.checkpoint_error import CheckpointError
from tapescope.utils.recomputation import run_and_recompute
from tapescope.utils.reentrant import CheckpointFunction, check_backward_validity, detach_variable

__all__ = [
    "CheckpointError",
    "CheckpointFunction",
    "check_backward_validity",
    "checkpoint",
    "checkpoint_sequential",
    "detach_variable",
    "noop_context_fn",
    "set_checkpoint_debug_enabled",
    "set_checkpoint_early_stop",
]

ContextFn = Callable[[], tuple[AbstractContextManager[Any], AbstractContextManager[Any]]]

# What the two switches below say; None: each checkpoint says for itself.
_early_stop: bool | None = None
_debug: bool | None = None


@contextlib.contextmanager
def set_checkpoint_early_stop(enable: bool | None) -> Iterator[None]:
    """Says for all checkpoints whose forward runs inside whether recomputing ends once all that is needed is there.

    Of use for checkpoints with use_reentrant=False, whose ``early_stop`` it overrules; None leaves it to them.
    """
    global _early_stop
    before, _early_stop = _early_stop, enable
    try:
        yield
    finally:
        _early_stop = before


@contextlib.contextmanager
def set_checkpoint_debug_enabled(enabled: bool | None) -> Iterator[None]:
    """Says for all checkpoints whose forward runs inside whether their errors list what was saved, and where.

    Of use for checkpoints with use_reentrant=False, whose ``debug`` it overrules; None leaves it to them.
    """
    global _debug
    before, _debug = _debug, enabled
    try:
        yield
    finally:
        _debug = before


def noop_context_fn() -> tuple[AbstractContextManager[Any], AbstractContextManager[Any]]:
    """Two contexts that do nothing: the default of checkpoint's `context_fn`."""
    return contextlib.nullcontext(), contextlib.nullcontext()


def checkpoint(
    function: Callable[..., Any],
    *args: Any,
    use_reentrant: bool | None = None,
    context_fn: ContextFn = noop_context_fn,
    determinism_check: str = "default",
    debug: bool = False,
    preserve_rng_state: bool = True,
    early_stop: bool = True,
    **kwargs: Any,
) -> Any:
    """function(*args, **kwargs), of which the graph keeps the arguments alone: backward calls the function again.

    use_reentrant: say it. False: the function is recorded, and what its ops save is computed again when a backward
    first needs one of them, once a pass; works with grad(), `inputs`, keyword arguments, tensors inside of other
    objects and checkpoints within checkpoints. True: the function runs in no_grad mode and again as a whole in
    backward(), which must have no `inputs`; one of the arguments has to require grad. None: True, with a warning.
    preserve_rng_state: the second call draws the random numbers of the first.
    The others are of use_reentrant=False. context_fn gives two contexts, for the first call and for those in backward.
    determinism_check: "default" compares shape, dtype and device of what is computed again with what was saved; "none"
    does not. early_stop: the second call ends with the last tensor that is needed. debug: errors list what was saved,
    and where in the program.
    The function must do the same each time: where the second call saves other tensors, backward raises CheckpointError.
    Raises ValueError for options that do not go together.
    """
    if use_reentrant is None:
        _warn_of_use_reentrant("checkpoint")
        use_reentrant = True
    if use_reentrant:
        _refuse(kwargs)
        if context_fn is not noop_context_fn or debug is not False:
            raise ValueError("checkpoint: passing `context_fn` or `debug` is only supported when use_reentrant=False.")
        return CheckpointFunction.apply(function, preserve_rng_state, *args)
    debug = debug if _debug is None else _debug
    if debug and context_fn is not noop_context_fn:
        raise ValueError("checkpoint: debug=True is incompatible with non-default context_fn; leave one of them out.")
    return run_and_recompute(
        function,
        args,
        kwargs,
        contexts=context_fn(),
        determinism_check=determinism_check,
        debug=debug,
        preserve_rng_state=preserve_rng_state,
        early_stop=early_stop if _early_stop is None else _early_stop,
    )


def checkpoint_sequential(
    functions: Any,
    segments: int,
    input: Any,
    use_reentrant: bool | None = None,
    preserve_rng_state: bool = True,
    **kwargs: Any,
) -> Any:
    """Calls functions one after the other, in `segments` checkpoints of about as many; the last is none, but plain.

    functions: a Sequential, or a list of functions of one argument. input: what the first one gets.
    use_reentrant, preserve_rng_state: see checkpoint.
    Raises ValueError for other keyword arguments, and for fewer functions than segments.
    """
    if use_reentrant is None:
        _warn_of_use_reentrant("checkpoint_sequential")
        use_reentrant = True
    _refuse(kwargs)
    steps = list(functions.children()) if isinstance(functions, Sequential) else list(functions)
    size = len(steps) // segments
    if not size and segments > 1:
        raise ValueError(
            f"checkpoint_sequential: {len(steps)} functions cannot be cut into {segments} segments; ask for as many "
            "segments as there are functions, or fewer"
        )
    last = size * (segments - 1)
    for start in range(0, last, size or 1):
        input = checkpoint(
            _one_after_the_other(steps[start : start + size]),
            input,
            use_reentrant=use_reentrant,
            preserve_rng_state=preserve_rng_state,
        )
    return _one_after_the_other(steps[last:])(input)


def _one_after_the_other(steps: list[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    def run(value: Any) -> Any:
        for step in steps:
            value = step(value)
        return value

    return run


def _warn_of_use_reentrant(name: str) -> None:
    warnings.warn(
        f"tapescope.utils.checkpoint.{name}: the use_reentrant parameter should be passed explicitly. "
        "use_reentrant=False is recommended; use_reentrant=True is what happens without it.",
        stacklevel=3,
    )


def _refuse(kwargs: dict[str, Any]) -> None:
    if kwargs:
        raise ValueError("Unexpected keyword arguments: " + ",".join(kwargs))
