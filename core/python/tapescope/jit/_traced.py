"""What jit.trace gives back: functions and modules that run a graph."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import IO, Any

from tapescope import _C
from tapescope._C import Graph
from tapescope.jit._arguments import positional
from tapescope.nn.module import Module


class ScriptFunction(_C._TracedFunction):
    """A traced function. Calls run its graph in C++: no Python, same results, same backward graph.

    Any number of threads may call it at once. Inputs have the structure of the example's; shapes may differ where the
    function did not depend on them. It can be copied and pickled, unless it calls a custom Function.

    Calling it raises TypeError for too few or too many inputs or one of another kind than the example's, and what the
    ops raise, with the line where the op was traced.
    """

    def __init__(self, graph: Graph, name: str = "traced", argument_names: list[str] | None = None) -> None:
        self.graph = graph
        self.name = name
        self.__name__ = name
        count = len(graph.inputs())
        self._argument_names = argument_names[:count] if argument_names and len(argument_names) >= count else []
        self._code = _C._Code(graph)

    def __deepcopy__(self, memo: dict[int, Any]) -> ScriptFunction:
        copy = ScriptFunction(self.graph.copy(), self.name, list(self._argument_names))
        copy._code = compiled(copy.graph)
        return copy

    def __reduce__(self) -> tuple[Any, ...]:
        from tapescope.jit._serialization import from_bytes, to_bytes

        return from_bytes, (to_bytes(self),)

    @property
    def inlined_graph(self) -> Graph:
        """The graph, which of a function has no calls."""
        return self.graph

    @property
    def qualified_name(self) -> str:
        return self.name

    def _call_by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self(*positional(self._argument_names, args, kwargs, self.name))

    def graph_for(self, *args: Any) -> Graph:
        """The graph as it runs where no gradient is wanted: chains of pointwise ops in prim::FusionGroup nodes."""
        fused = self.graph.copy()
        fused.fuse()
        return fused

    def save(self, path: str | os.PathLike[str] | IO[bytes]) -> None:
        """Writes it to one file, a path or a binary file that is open, which jit.load reads.

        Raises NotImplementedError if it calls a custom Function.
        """
        from tapescope.jit._serialization import save

        save(self, path)

    def __repr__(self) -> str:
        return f"ScriptFunction({self.name}({', '.join(self._argument_names)}))"


def compiled(graph: Graph) -> Any:
    """The graph made ready to run, with its pointwise chains fused."""
    fused = graph.copy()
    fused.fuse()
    return _C._Code(fused)


class ScriptModule(Module):
    """A module whose methods are graphs."""

    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        traced = self.__dict__.get("_object")
        if traced is not None and (name in self._parameters or name in self._buffers):
            traced.set(name, value)


class TracedModule(ScriptModule):
    """A module of a traced one: its parameters, and the graphs of its calls.

    Parameters and buffers are those of the module that was traced, not copies.
    """

    def __init__(self, original: Module | None, traced: Any, path: str, methods: dict[str, dict[str, Graph]]) -> None:
        super().__init__()
        own = object.__setattr__
        own(self, "_object", None)
        own(self, "_path", path)
        own(self, "_methods", methods.get(path, {}))
        own(self, "original_name", traced.type.rsplit(".", 1)[-1])
        own(self, "training", traced.training)
        for name, value in traced.attributes().items():
            below = f"{path}.{name}" if path else name
            if isinstance(value, _C._TracedObject):
                child = original._modules[name] if original is not None else None
                self._modules[name] = TracedModule(child, value, below, methods)
            elif name in traced.buffers:
                self._buffers[name] = value
            else:
                self._parameters[name] = value
        own(self, "_object", traced)

    @property
    def graph(self) -> Graph:
        """Of forward. Raises AttributeError if the trace did not call it."""
        return self._methods["forward"] if "forward" in self._methods else self.__getattr__("graph")

    def __getattr__(self, name: str) -> Any:
        if name in ("graph", "inlined_graph"):
            where = f"of '{self._path}' ({self.original_name})" if self._path else f"of the {self.original_name}"
            others = ", ".join(f".{each}.graph" for each in self._methods if each != "forward")
            raise AttributeError(
                f"the trace did not call forward {where}" + (f"; the graphs that there are: {others}" if others else "")
            )
        return super().__getattr__(name)

    @property
    def inlined_graph(self) -> Graph:
        """The graph with the called methods in place of the calls."""
        flat = self.graph.copy()
        flat.inline()
        return flat

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(
            f"'{self._path}' is a part of a traced module, which runs as a whole; call that, or trace this one itself"
        )

    def extra_repr(self) -> str:
        return f"original_name={self.original_name}"

    def _get_name(self) -> str:
        return "TracedModule"


class ScriptMethod:
    """A traced method of a traced module; a call runs its graph."""

    def __init__(self, owner: TopLevelTracedModule, name: str) -> None:
        self.owner, self.name = owner, name
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.owner._run(self.name, args, kwargs)

    @property
    def graph(self) -> Graph:
        """What the method does, with calls of submodules' methods."""
        graph: Graph = self.owner._methods[self.name]
        return graph

    @property
    def inlined_graph(self) -> Graph:
        """The same with submodules' calls as scopes."""
        graph: Graph = self.owner._flat[self.name]
        return graph

    def __repr__(self) -> str:
        return f"ScriptMethod({self.owner.original_name}.{self.name})"


class TopLevelTracedModule(TracedModule):
    """The module that was traced. Its methods run their graphs in C++."""

    def __init__(
        self,
        original: Module | None,
        traced: Any,
        flat: dict[str, Graph],
        argument_names: dict[str, list[str]],
    ) -> None:
        methods: dict[str, dict[str, Graph]] = {"": {}}
        for name, graph in flat.items():
            methods[""][name], inner = graph.outline(traced)
            for path, method, body in inner:
                methods.setdefault(path, {})[method] = body
        super().__init__(original, traced, "", methods)
        own = object.__setattr__
        own(self, "_flat", flat)
        own(self, "_codes", {name: compiled(graph) for name, graph in flat.items()})
        own(self, "_argument_names", argument_names)

    @property
    def inlined_graph(self) -> Graph:
        """The graph with submodules' calls as scopes."""
        return self._flat["forward"] if "forward" in self._flat else self.__getattr__("inlined_graph")

    def __deepcopy__(self, memo: dict[int, Any]) -> TopLevelTracedModule:
        from tapescope.jit._serialization import copy

        return copy(self)

    def _run(self, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if kwargs:
            args = positional(self._argument_names.get(method, []), args, kwargs, method)
        wanted = len(self._flat[method].inputs()) - 1
        if len(args) != wanted:
            raise TypeError(f"{method}() takes {wanted} input{'s' * (wanted != 1)}, but {len(args)} were given")
        return self._codes[method].run(self._object, *args)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        if "forward" not in self._codes:
            raise NotImplementedError("forward was not traced; the traced methods are " + ", ".join(self._codes))
        return self._run("forward", args, kwargs)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_codes", ()):
            return ScriptMethod(self, name)
        return super().__getattr__(name)

    def __reduce__(self) -> tuple[Any, ...]:  # type: ignore[override]
        from tapescope.jit._serialization import from_bytes, to_bytes

        return from_bytes, (to_bytes(self),)

    def save(self, path: str | os.PathLike[str] | IO[bytes]) -> None:
        """Writes it, with its parameters and buffers, to one file, a path or a binary file that is open.

        jit.load reads it.

        Raises NotImplementedError if it calls a custom Function.
        """
        from tapescope.jit._serialization import save

        save(self, path)

    def _get_name(self) -> str:
        return "TopLevelTracedModule"

    def graphs(self) -> Iterator[tuple[str, Graph]]:
        """(name of the method, its graph) of every traced method."""
        yield from self._flat.items()
