"""trace and trace_module."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

from tapescope import _C
from tapescope._C import Tensor
from tapescope.jit._arguments import callable_argument_names, example_tuple, takes_any_keyword
from tapescope.jit._check import check_trace as run_checks
from tapescope.jit._traced import ScriptFunction, ScriptModule, TopLevelTracedModule, compiled
from tapescope.nn.module import Module


def is_tracing() -> bool:
    """True while this thread traces."""
    return _C._get_tracing_state() is not None


def trace(
    func: Any,
    example_inputs: Any = None,
    optimize: bool | None = None,
    check_trace: bool = True,
    check_inputs: Any = None,
    check_tolerance: float = 1e-5,
    strict: bool = True,
    _force_outplace: bool = False,
    _module_class: Any = None,
    _compilation_unit: Any = None,
    example_kwarg_inputs: dict[str, Any] | None = None,
    _store_inputs: bool = True,
) -> Any:
    """Runs `func` with the example's inputs and gives back what it did, as a function or module that runs a graph.

    func: a function of tensors, or a Module, whose parameters the graph reads as attributes. It may return tensors, and
        tuples, lists and (strict=False) dicts of them; a NamedTuple comes back as a tuple.
    example_inputs: a tensor or a tuple of inputs: tensors, and tuples, lists and dicts of them.
    check_trace: trace and run it again on the same inputs, and on each of check_inputs, and compare.
    check_tolerance: relative tolerance of that comparison.
    strict: raises RuntimeError for a dict among the outputs, and warns of a list.
    example_kwarg_inputs: inputs by name instead.

    What depends on data is written down as it went for the example: `if x.sum() > 0` becomes one of its branches. A
    TracerWarning names the line. Raises RuntimeError if a trace is open on this thread, or an output does not depend on
    the inputs, or a tensor that requires grad would become a constant; TracingCheckError if the check fails.
    """
    if isinstance(func, (ScriptModule, ScriptFunction)):
        warnings.warn(
            "The input to trace is already a ScriptModule, tracing it is a no-op. Returning the object as is.",
            stacklevel=2,
        )
        return func
    if example_kwarg_inputs is not None and not isinstance(example_kwarg_inputs, dict):
        raise RuntimeError(
            f"example_kwarg_inputs should be a dict of inputs by name, not a {type(example_kwarg_inputs).__name__}"
        )
    if isinstance(func, Module):
        return trace_module(
            func,
            {"forward": example_kwarg_inputs if example_inputs is None else example_inputs},
            None,
            check_trace,
            [{"forward": each} for each in check_inputs] if check_inputs is not None else None,
            check_tolerance,
            strict,
            _force_outplace,
            example_inputs_is_kwarg=example_inputs is None and example_kwarg_inputs is not None,
        )
    owner = getattr(func, "__self__", None)
    if isinstance(owner, Module):
        if getattr(func, "__name__", "") == "forward":
            return trace(
                owner, example_inputs, None, check_trace, check_inputs, check_tolerance, strict, _force_outplace
            )
        raise AttributeError(
            f"trace doesn't support compiling individual module's functions: {func.__name__} is a method of a "
            f"{type(owner).__name__}. Please use trace_module, with {{'{func.__name__}': inputs}}"
        )
    if not callable(func):
        raise TypeError(f"trace: func is a function or a Module, not a {type(func).__name__}")
    names = callable_argument_names(func)
    by_name = example_inputs is None and example_kwarg_inputs is not None
    if example_inputs is None and not by_name:
        raise RuntimeError("example_inputs or example_kwarg_inputs should be given: tracing runs the function")
    inputs: Any = dict(example_kwarg_inputs or {}) if by_name else example_tuple(example_inputs)
    graph, _ = _record(func, inputs, strict, _force_outplace, None, names)
    name = getattr(func, "__name__", type(func).__name__)
    if isinstance(inputs, dict):
        names = _given(names, inputs)
    traced = ScriptFunction(graph, name, names)
    traced._code = compiled(graph)
    if check_trace:
        sets = [inputs]
        if check_inputs is not None:
            sets = [each if by_name else example_tuple(each) for each in check_inputs]
        run_checks(
            sets,
            func,
            traced,
            lambda given: _record(func, given, strict, _force_outplace, None, names)[0],
            check_tolerance,
            ScriptFunction,
            names,
        )
    return traced


def _record(
    func: Callable[..., Any],
    inputs: Any,
    strict: bool,
    force_outplace: bool,
    self: Any,
    names: list[str],
    modules: dict[int, str] | None = None,
) -> tuple[Any, Any]:
    if isinstance(inputs, dict):
        unknown = [key for key in inputs if key not in names]
        if unknown and names and not takes_any_keyword(getattr(func, "forward", func)):
            what = "forward() method" if modules is not None else getattr(func, "__name__", "the function")
            raise NameError(f"'{unknown[0]}' is not in {what}'s arguments ({', '.join(names)})")
        return _C._create_graph_by_tracing_with_dict(
            func, inputs, None, strict, force_outplace, self, _given(names, inputs), modules
        )
    return _C._create_graph_by_tracing(func, inputs, None, strict, force_outplace, self, names, modules)


def _given(names: list[str], inputs: dict[str, Any]) -> list[str]:
    """In the order of the function's arguments, then those that only **kwargs takes."""
    return [name for name in names if name in inputs] + [name for name in inputs if name not in names]


def trace_module(
    mod: Module,
    inputs: dict[str, Any],
    optimize: bool | None = None,
    check_trace: bool = True,
    check_inputs: Any = None,
    check_tolerance: float = 1e-5,
    strict: bool = True,
    _force_outplace: bool = False,
    _module_class: Any = None,
    _compilation_unit: Any = None,
    example_inputs_is_kwarg: bool = False,
    _store_inputs: bool = True,
) -> Any:
    """Traces several methods of a module into one traced module.

    inputs: {name of the method: its example inputs}. Otherwise as trace. Raises AttributeError for what is no Module,
    ValueError for a module with backward hooks, or one that holds itself. A parameter that two modules share stays one.
    """
    if not isinstance(mod, Module):
        raise AttributeError(f"expected nn.Module as the first argument, not a {type(mod).__name__}")
    if not isinstance(inputs, dict):
        raise AttributeError(f"expected a dictionary of (method_name, input) pairs, not a {type(inputs).__name__}")
    if isinstance(mod, ScriptModule):
        raise RuntimeError("the module is traced already: trace the module that it was made from")
    _refuse_hooks(mod)
    methods = {}
    argument_names = {}
    traced_object, modules = _C._traced_object(mod), _module_names(mod)
    for name, given in inputs.items():
        if not hasattr(mod, name):
            raise AttributeError(f"'{type(mod).__name__}' has no method '{name}' to trace")
        func = mod if name == "forward" else getattr(mod, name)
        names = callable_argument_names(mod.forward if name == "forward" else func)
        example: Any = given if example_inputs_is_kwarg else example_tuple(given)
        methods[name] = (func, example, names)
        argument_names[name] = _given(names, example) if example_inputs_is_kwarg else names

    def record(name: str, given: Any, seen: Any = None) -> Any:
        func, _, names = methods[name]
        # What the module's attributes are now: its forward may have set some.
        seen = seen or _C._traced_object(mod)
        return _record(func, given, strict, _force_outplace, seen, names, modules)[0]

    graphs = {name: record(name, example, traced_object) for name, (_, example, _) in methods.items()}
    traced = TopLevelTracedModule(mod, traced_object, graphs, argument_names)
    if check_trace:
        sets = [inputs] if check_inputs is None else list(check_inputs)
        for name, (func, example, _) in methods.items():
            given = (
                [example]
                if check_inputs is None
                else [each[name] if example_inputs_is_kwarg else example_tuple(each[name]) for each in sets]
            )
            again = traced if name == "forward" else getattr(traced, name)
            run_checks(
                given,
                func,
                again,
                partial(record, name),
                check_tolerance,
                partial(_Again, traced_object),
                argument_names[name],
                graphs[name],
            )
    return traced


class _Again:
    """A method that was traced a second time, for the check."""

    def __init__(self, traced_object: Any, graph: Any) -> None:
        self.graph = graph
        self._code, self._object = _C._Code(graph), traced_object

    def __call__(self, *args: Any) -> Any:
        return self._code.run(self._object, *args)


def _module_names(mod: Module) -> dict[int, str]:
    return {module._module_id: f"__module.{name}" for name, module in mod.named_modules() if name}


def _refuse_hooks(mod: Module) -> None:
    for name, module in mod.named_modules():
        if isinstance(module, ScriptModule):
            continue
        if module._hooked and (module._backward_hooks or module._backward_pre_hooks):
            raise ValueError(
                f"Modules that have backward hooks assigned can't be compiled: '{name or 'the module itself'}' "
                f"({type(module).__name__}) has. "
                "Remove them, or register tensor hooks inside forward"
            )


__all__ = ["Tensor", "is_tracing", "trace", "trace_module"]
