"""save and load."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from tapescope import _C
from tapescope._C import Tensor
from tapescope.jit._traced import ScriptFunction, TopLevelTracedModule, TracedModule, compiled
from tapescope.nn.module import Module
from tapescope.nn.parameter import Parameter


def save(traced: Any, path: str | os.PathLike[str] | IO[bytes]) -> None:
    """Writes a traced function or module to one file, in the safetensors format with the graphs in its metadata.

    path: a path, or a binary file that is open for writing. Raises TypeError for what is not traced,
    NotImplementedError if it calls a custom Function, OSError as open().
    """
    data = to_bytes(traced)
    if isinstance(path, (str, os.PathLike)):
        Path(path).write_bytes(data)
    elif hasattr(path, "write"):
        path.write(data)
    else:
        raise TypeError(f"jit.save: a path, or a binary file that is open for writing, not a {type(path).__name__}")


def to_bytes(traced: Any) -> bytes:
    """What save writes."""
    if isinstance(traced, TopLevelTracedModule):
        _tell_modes(traced)
        methods = [(name, graph, traced._argument_names.get(name, [])) for name, graph in traced.graphs()]
        return bytes(_C._save_trace(traced.original_name, methods, traced._object))
    if isinstance(traced, ScriptFunction):
        return bytes(_C._save_trace(traced.name, [("forward", traced.graph, traced._argument_names)], None))
    raise TypeError(
        f"jit.save: expected what jit.trace gave, not a {type(traced).__name__}; trace it first"
        + (", or save its state_dict() with tapescope.save" if isinstance(traced, Module) else "")
    )


def _tell_modes(traced: TopLevelTracedModule) -> None:
    for module in traced.modules():
        if isinstance(module, TracedModule):
            module._object.training = module.training


def copy(traced: TopLevelTracedModule) -> TopLevelTracedModule:
    """With parameters of its own. Raises NotImplementedError if it calls a custom Function."""
    copied: TopLevelTracedModule = from_bytes(to_bytes(traced))
    return copied


def _module(methods: list[Any], traced_object: Any) -> TopLevelTracedModule:
    _make_parameters(traced_object, {})
    flat = {method: graph for method, graph, _ in methods}
    return TopLevelTracedModule(None, traced_object, flat, {method: arguments for method, _, arguments in methods})


def load(path: str | os.PathLike[str] | IO[bytes]) -> Any:
    """The traced function or module of a file. No code of the file runs.

    path: a path, or a binary file that is open for reading, which is read to its end. Raises ValueError that says where
    the file is cut off or damaged, or that its version is another; TypeError for a file of text; OSError as open().
    """
    if isinstance(path, (str, os.PathLike)):
        return from_bytes(Path(path).read_bytes())
    if not hasattr(path, "read"):
        raise TypeError(f"jit.load: a path, or a binary file that is open for reading, not a {type(path).__name__}")
    data = path.read()
    if not isinstance(data, bytes):
        raise TypeError("jit.load: the file is open as text; open it with mode 'rb'")
    return from_bytes(data)


def from_bytes(data: bytes) -> Any:
    """What load makes of a file's bytes."""
    name, methods, traced_object = _C._load_trace(data)
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
