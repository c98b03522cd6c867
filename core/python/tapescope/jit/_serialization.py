"""save and load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from tapescope import _C
from tapescope._C import Tensor
from tapescope.jit._traced import ScriptFunction, TopLevelTracedModule, TracedModule, compiled
from tapescope.nn.module import Module
from tapescope.nn.parameter import Parameter


def save(traced: Any, path: str | os.PathLike[str]) -> None:
    """Writes a traced function or module to one file, in the safetensors format with the graphs in its metadata.

    Raises TypeError for what is not traced, NotImplementedError if it calls a custom Function.
    """
    if isinstance(traced, TopLevelTracedModule):
        _tell_modes(traced)
        methods = [(name, graph, traced._argument_names.get(name, [])) for name, graph in traced.graphs()]
        data = _C._save_trace(traced.original_name, methods, traced._object)
    elif isinstance(traced, ScriptFunction):
        data = _C._save_trace(traced.name, [("forward", traced.graph, traced._argument_names)], None)
    else:
        raise TypeError(
            f"jit.save: expected what jit.trace gave, not a {type(traced).__name__}; trace it first"
            + (", or save its state_dict() with tapescope.save" if isinstance(traced, Module) else "")
        )
    Path(path).write_bytes(data)


def _tell_modes(traced: TopLevelTracedModule) -> None:
    for module in traced.modules():
        if isinstance(module, TracedModule):
            module._object.training = module.training


def copy(traced: TopLevelTracedModule) -> TopLevelTracedModule:
    """With parameters of its own. Raises NotImplementedError if it calls a custom Function."""
    _tell_modes(traced)
    methods = [(name, graph, traced._argument_names.get(name, [])) for name, graph in traced.graphs()]
    return _module(*_C._load_trace(_C._save_trace(traced.original_name, methods, traced._object))[1:])


def _module(methods: list[Any], traced_object: Any) -> TopLevelTracedModule:
    _make_parameters(traced_object, {})
    flat = {method: graph for method, graph, _ in methods}
    return TopLevelTracedModule(None, traced_object, flat, {method: arguments for method, _, arguments in methods})


def load(path: str | os.PathLike[str]) -> Any:
    """The traced function or module of a file. No code of the file runs.

    Raises ValueError that says where the file is cut off or damaged, or that its version is another; OSError as open().
    """
    name, methods, traced_object = _C._load_trace(Path(path).read_bytes())
    if traced_object is None:
        _, graph, arguments = methods[0]
        function = ScriptFunction(graph, name, arguments)
        function._code = compiled(graph)
        return function
    return _module(methods, traced_object)


def _make_parameters(traced_object: Any, known: dict[int, Parameter]) -> None:
    for name, value in traced_object.attributes().items():
        if isinstance(value, Tensor):
            if name not in traced_object.buffers:
                parameter = known.setdefault(value._id, Parameter(value.detach(), requires_grad=value.requires_grad))
                traced_object.set(name, parameter)
        else:
            _make_parameters(value, known)
