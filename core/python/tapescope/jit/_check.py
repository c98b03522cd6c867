"""Whether a trace is what the function does: traced again, run again, compared."""

from __future__ import annotations

import difflib
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

import tapescope as ts
from tapescope._C import Graph, Tensor
from tapescope.autograd.grad_mode import no_grad
from tapescope.jit._arguments import cloned
from tapescope.jit._errors import TracerWarning

_RANDOM = ("rand", "randn", "randint", "randperm", "rand_like", "randn_like", "randint_like", "bernoulli")


_thread = threading.local()


def is_checking() -> bool:
    """Whether a traced function runs again on this thread, without gradients, for the check of its trace."""
    return getattr(_thread, "checking", False)


class TracingCheckError(Exception):
    """A second trace, or a run of it, did something else."""

    def __init__(
        self, graph_diff_error: str | None, tensor_compare_error: str | None, extra_msg: str | None = None
    ) -> None:
        self.message = "Tracing failed sanity checks!\n"
        if extra_msg is not None:
            self.message += extra_msg + "\n"
        if graph_diff_error is not None:
            self.message += "ERROR: Graphs differed across invocations!\n" + _indent(graph_diff_error) + "\n"
        if tensor_compare_error is not None:
            self.message += (
                "ERROR: Tensor-valued Constant nodes differed in value across invocations. This often indicates that "
                "the tracer has encountered untraceable code.\n" + _indent(tensor_compare_error) + "\n"
            )
        super().__init__(self.message)


def check_trace(
    check_inputs: list[Any],
    func: Callable[..., Any],
    traced: Callable[..., Any],
    record: Callable[[Any], Graph],
    tolerance: float,
    wrap: Callable[..., Any],
    names: list[str],
    graph: Graph | None = None,
) -> None:
    """Raises TracingCheckError, or warns of outputs that differ. Random numbers go on as if it had not run.

    record: traces the function anew with inputs; wrap: makes a callable of a graph, whose arguments are `names`.
    """
    first = graph if graph is not None else traced.graph  # type: ignore[attr-defined]
    state = ts.get_rng_state()
    _thread.checking = True
    try:
        for inputs in check_inputs:
            with no_grad():
                again = _retraced(record, cloned(inputs))
                _compare_graphs(first, again)
                _compare_runs(first, func, traced, wrap(again), inputs, names, tolerance)
    finally:
        _thread.checking = False
        ts.set_rng_state(state)


def _retraced(record: Callable[[Any], Graph], inputs: Any) -> Graph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", category=TracerWarning)  # each was told the first time
        try:
            return record(inputs)
        except Exception as error:
            raise _failure("tracing the function again", error) from error


def _failure(what: str, error: Exception) -> TracingCheckError:
    return TracingCheckError(
        None,
        None,
        extra_msg=f"encountered an exception while {what} with test inputs.\nException:\n{_indent(str(error))}\n"
        "The check runs without gradients: pass check_trace=False if the function needs them.",
    )


def _call(function: Callable[..., Any], inputs: Any) -> Any:
    return function(**inputs) if isinstance(inputs, dict) else function(*inputs)


def _compare_graphs(first: Graph, again: Graph) -> None:
    mine, other = first.canonicalized(), again.canonicalized()
    graph_error = None
    if mine.str(False) != other.str(False):
        diff = difflib.ndiff(str(mine).splitlines(True), str(other).splitlines(True))
        graph_error = "Graph diff:\n" + _indent("".join(diff)) + "\n"
        for a, b in zip(mine.nodes(), other.nodes(), strict=False):
            if repr(a) != repr(b):
                graph_error += "First diverging operator:\n"
                nodes = difflib.ndiff([_line(a)], [_line(b)])
                graph_error += "Node diff:\n" + _indent("".join(nodes)) + "\n"
                graph_error += "Trace source location:\n" + _indent(a.sourceRange()) + "\n"
                graph_error += "Check source location:\n" + _indent(b.sourceRange()) + "\n"
                break
    raise_if(graph_error, _different_constants(first, again))


def raise_if(graph_error: str | None, constant_error: str | None) -> None:
    if graph_error is not None or constant_error is not None:
        raise TracingCheckError(graph_error, constant_error)


def _line(node: Any) -> str:
    return f"{node!r}\n"


def _different_constants(first: Graph, again: Graph) -> str | None:
    for a, b in zip(first.findAllNodes("prim::Constant"), again.findAllNodes("prim::Constant"), strict=False):
        if not (a.hasAttribute("value") and b.hasAttribute("value")):
            continue
        x, y = a.attribute("value"), b.attribute("value")
        if not (isinstance(x, Tensor) and isinstance(y, Tensor)):
            continue
        if x.shape != y.shape or x.dtype != y.dtype or not ts.allclose(x, y, equal_nan=True):
            return (
                f"Node:\n{_indent(_line(a))}Source Location:\n{_indent(a.sourceRange())}\n"
                f"Comparison exception:\n{_indent(_difference(x, y, 0.0) or 'the values differ')}\n"
            )
    return None


def _compare_runs(
    first: Graph,
    func: Callable[..., Any],
    traced: Any,
    again: Any,
    inputs: Any,
    names: list[str],
    tolerance: float,
) -> None:
    def in_order() -> tuple[Any, ...]:
        given = cloned(inputs)
        return tuple(given[n] for n in names or given) if isinstance(given, dict) else given

    traced_outputs = _run(traced, in_order(), "trace")
    fn_outputs = _run(func, cloned(inputs), "Python function")
    ok = _compare(traced_outputs, fn_outputs, "Python function", tolerance)
    check_outputs = _run(again, in_order(), "repeated trace")
    ok = _compare(traced_outputs, check_outputs, "repeated trace", tolerance) and ok
    random = [n for n in first.nodes() if n.kind().removeprefix("aten::").rstrip("_") in _RANDOM or _draws(n.kind())]
    if not ok and random:
        shown = "\n".join(_indent(_line(n).rstrip()) for n in random[:20])
        warnings.warn(
            "Trace had nondeterministic nodes. Did you forget call .eval() on your model? Nodes:\n"
            f"{shown}\nThis may cause errors in trace checking. To disable trace checking, pass check_trace=False to "
            "tapescope.jit.trace()",
            category=TracerWarning,
            stacklevel=_stack_level(),
        )


def _stack_level() -> int:
    """That of the first frame outside of this package, for the caller's warnings."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("tapescope."):
        level, frame = level + 1, frame.f_back
    return level


def _draws(kind: str) -> bool:
    return kind in (
        "aten::uniform_",
        "aten::normal_",
        "aten::exponential_",
        "aten::random_",
        "aten::geometric_",
        "aten::cauchy_",
        "aten::log_normal_",
    )


def _run(function: Any, inputs: Any, what: str) -> list[Tensor]:
    try:
        return _tensors(_call(function, inputs))
    except Exception as error:
        raise _failure(f"running the {what}", error) from error


def _tensors(value: Any) -> list[Tensor]:
    if isinstance(value, Tensor):
        return [value]
    if isinstance(value, (tuple, list)):
        return [t for each in value for t in _tensors(each)]
    if isinstance(value, dict):
        return [t for each in value.values() for t in _tensors(each)]
    return []


def _compare(original: list[Tensor], reference: list[Tensor], what: str, tolerance: float) -> bool:
    same = True
    for i, (a, b) in enumerate(zip(original, reference, strict=False)):
        difference = _difference(a, b, tolerance)
        if difference:
            same = False
            warnings.warn(
                f"Output nr {i + 1}. of the traced function does not match the corresponding output of the {what}. "
                f"Detailed error:\n{difference}",
                category=TracerWarning,
                stacklevel=_stack_level(),
            )
    return same


def _difference(a: Tensor, b: Tensor, tolerance: float) -> str | None:
    if a.shape != b.shape:
        return f"The shapes differ: {a.shape} and {b.shape}"
    if a.dtype != b.dtype:
        return f"The dtypes differ: {a.dtype} and {b.dtype}"
    x, y = a.detach().to(ts.float64), b.detach().to(ts.float64)
    if ts.allclose(x, y, rtol=tolerance, atol=1e-5, equal_nan=True):
        return None
    error = (x - y).abs()
    wrong = int((error > 1e-5 + tolerance * y.abs()).long().sum().item())
    return (
        f"Tensor-likes are not close!\n\nMismatched elements: {wrong} / {a.numel()}\n"
        f"Greatest absolute difference: {error.max().item():g} (up to 1e-05 allowed)"
    )


def _indent(text: str) -> str:
    return "\n".join("\t" + line for line in text.split("\n"))
