"""Writes the type stub of the engine's module: core/python/tapescope/_C.pyi.

python scripts/stubs.py

Signatures come from the module itself: from docstrings (pybind11's, and those of the offered ops, which have the same
form), from the registry of pointwise ops, and from the annotations of methods that are written in Python. What a
docstring cannot say (slots, attributes, what an `object` is) stands in the tables here; a member that no table knows
stops the script.
"""

from __future__ import annotations

import inspect
import keyword
import re
from pathlib import Path

import tapescope
from tapescope import _C

STUB = Path(__file__).resolve().parent.parent / "core/python/tapescope/_C.pyi"

HEADER = '''"""The engine of Tapescope. Written by scripts/stubs.py."""

import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, TypeVar, overload

import numpy as np

from tapescope._device import device
from tapescope.autograd.hooks import RemovableHandle

_Number: TypeAlias = builtins.float | builtins.int | builtins.bool | builtins.complex
_Operand: TypeAlias = Tensor | _Number
_int: TypeAlias = builtins.int
_Size: TypeAlias = _int | Sequence[_int]
_dtype: TypeAlias = dtype
_bool: TypeAlias = builtins.bool
_float: TypeAlias = builtins.float
_Self = TypeVar("_Self")
'''

# What pybind11 writes → what a caller may give, and what a caller gets.
GIVEN = [
    (r"typing\.SupportsInt \| typing\.SupportsIndex", "int"),
    (r"typing\.SupportsFloat \| typing\.SupportsIndex", "_float"),
    (r"int \| tuple\[int, \.\.\.\]", "_Size"),
    (r"Tensor \| Number", "_Operand"),
]
GOT = [(r"int \| tuple\[int, \.\.\.\]", "tuple[int, ...]")]
EITHER = [
    (r"collections\.abc\.", ""),
    (r"\b(?:tapescope\.)?_C\.(?=[A-Z_])", ""),
    (r"\btapescope\.(?=[A-Z])", ""),
    (r"numpy\.ndarray", "np.ndarray[Any, Any]"),
    (r"\bdict\b(?!\[)", "dict[Any, Any]"),
    (r"\blist\b(?!\[)", "list[Any]"),
    (r"\bCallable\b(?!\[)", "Callable[..., Any]"),
    (r"(?<![\w.])dtype(?= \||$|\))", "_dtype"),
    (r"(?<![\w.])bool(?![\w(])", "_bool"),
    (r"(?<![\w.])float(?![\w(])", "_float"),
    (r"(?<![\w.])int(?![\w(])", "_int"),
]

# (function, parameter) or parameter → its type, where pybind11 knows an object or *args only.
PARAMETERS = {
    ("arange", "args"): "_float",
    ("full", "fill_value"): "_Number",
    ("full_like", "fill_value"): "_Number",
    ("result_type", "args"): "_Operand",
    ("tensor", "data"): "Any",
    ("as_tensor", "data"): "Any",
    ("_delayed_error", "args"): "Any",
    ("_trace_this_thread", "args"): "Any",
    ("_save_trace", "module"): "_TracedObject | None",
    ("_set_tracing_state", "state"): "TracingState | None",
    ("outline", "module"): "_TracedObject | None",
    "args": "_Size",
    "grads": "Sequence[Tensor | None]",
}
# (what, overload) or what → what it returns, where pybind11 knows an object only.
RETURNS = {
    "item": "Any",
    "numel": "_int",
    "size": "tuple[_int, ...]",
    "size(dim)": "_int",
    "_get_tracing_state": "TracingState | None",
    "__complex__": "builtins.complex",
    "type": "Any",
    "tolist": "Any",
    "max(dim)": "_Extremes",
    "min(dim)": "_Extremes",
    "_find_node": "Node | None",
    "_find_tensor": "Tensor | None",
    "_delayed_error": "tuple[Any, ...]",
    "_default_saved_tensors_hooks": "tuple[Any, Any] | None",
    "_cell": "tuple[_int, str] | None",
    "_describe_callable": "tuple[str, str, _int]",
    "_node_hook_dict": "Any",
    "_node_prehook_dict": "Any",
    "_grad": "list[Tensor | None]",
    "__array__": "np.ndarray[Any, Any]",
    "_make_subclass": "Any",
    "_profiler_stop": "_Trace | None",
    "_hook_range": "_RecordFunction",
}

ATTRIBUTES = {
    "Tensor": {
        "shape": "tuple[_int, ...]",
        "dtype": "_dtype",
        "ndim": "_int",
        "device": "device",
        "is_cuda": "_bool",
        "_base": "Tensor | None",
        "requires_grad": "_bool =",
        "is_leaf": "_bool",
        "grad_fn": "Node | None",
        "output_nr": "_int",
        "grad": "Tensor | None =",
        "data": "Tensor =",
        "retains_grad": "_bool",
        "T": "Tensor",
        "mT": "Tensor",
        "mH": "Tensor",
        "real": "Tensor =",
        "imag": "Tensor =",
        "itemsize": "_int",
        "nbytes": "_int",
        "name": "str | None =",
        "_version": "_int",
        "_id": "_int",
        "_backward_hooks": "Any =",
    },
    "Node": {
        "next_functions": "tuple[tuple[Node | None, _int], ...]",
        "variable": "Tensor",
        "metadata": "dict[Any, Any]",
        "_id": "_int",
        "_derivatives": "tuple[str, ...]",
        "_input_metadata": "list[Any]",
    },
    "_FunctionBase": {
        "saved_tensors": "tuple[Tensor | None, ...]",
        "saved_variables": "tuple[Tensor | None, ...]",
        "_raw_saved_tensors": "tuple[SavedTensor, ...]",
        "to_save": "Any =",
        "non_differentiable": "Any =",
        "dirty_tensors": "Any =",
        "saved_for_forward": "Any =",
        "needs_input_grad": "Any =",
        "requires_grad": "_bool",
        "metadata": "dict[Any, Any]",
        "materialize_grads": "Any =",
        "_is_pure_view": "Any =",
        "_materialize_non_diff_grads": "_bool =",
        "_compiled_autograd_backward_state": "Any =",
    },
    "SavedTensor": {"data": "Tensor | None", "unpack_hook": "str | None"},
}

_BINARY = "(self, other: _Operand, /) -> Tensor"
_TENSORS = "(self, other: Tensor, /) -> Tensor"
_UNARY = "(self) -> Tensor"
_OPERATORS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "and", "or", "xor")
SLOTS = {
    "Tensor": {
        **{f"__{name}__": _BINARY for name in (*_OPERATORS, "pow", "lt", "le", "gt", "ge")},
        **{f"__r{name}__": _BINARY for name in (*_OPERATORS, "pow")},
        **{f"__i{name}__": _BINARY for name in (*_OPERATORS, "pow")},
        "__eq__": "(self, other: object, /) -> Tensor: ...  # type: ignore[override]",
        "__ne__": "(self, other: object, /) -> Tensor: ...  # type: ignore[override]",
        **{f"__{name}__": _TENSORS for name in ("matmul", "rmatmul")},
        **{f"__{name}__": _UNARY for name in ("neg", "pos", "abs", "invert")},
        "__bool__": "(self) -> _bool",
        "__float__": "(self) -> _float",
        "__int__": "(self) -> _int",
        "__index__": "(self) -> _int",
        "__len__": "(self) -> _int",
        "__iter__": "(self) -> Iterator[Tensor]",
        "__getitem__": "(self, key: Any, /) -> Tensor",
        "__setitem__": "(self, key: Any, value: _Operand, /) -> None",
        "__delitem__": None,
        "__hash__": "(self) -> _int",
        "__repr__": "(self) -> str",
        "__setattr__": None,
        "__delattr__": None,
        "__init__": "(self, data: Any = ..., /) -> None",
        "__new__": None,
    },
    "Node": {
        "__call__": "(self, *grads: Tensor | None) -> Any",
        # _saved_self and the like: by the node's kind.
        "__getattribute__": "(self, name: str, /) -> Any",
        "name": "(self) -> str",
        "_sequence_nr": "(self) -> _int",
        "_set_sequence_nr": "(self, nr: _int, /) -> None",
        "_slots": "(self) -> list[str]",
        "_raw_slots": "(self) -> list[str]",
        "_release_variables": "(self) -> None",
    },
    "_FunctionBase": {
        "__new__": None,
        "apply": "(cls, *args: Any) -> Any",
        "maybe_clear_saved_tensors": "(self) -> None",
        "_get_compiled_autograd_symints": "(self) -> tuple[_int, ...]",
    },
    "SavedTensor": {"__init__": None, "__new__": None},
}

TRACED = (_C._GraphValue, _C._GraphNode, _C.Graph, _C._TracedObject, _C._Code, _C.TracingState)
ATTRIBUTES |= {cls.__name__: {} for cls in TRACED}
ATTRIBUTES["_GraphNode"] = {"sequence_nr": "_int"}
ATTRIBUTES["_TracedObject"] = {"type": "str", "buffers": "list[str]", "training": "_bool ="}
ATTRIBUTES["TracingState"] = {"graph": "Graph"}
SLOTS |= {
    cls.__name__: {
        "__eq__": None,
        "__hash__": None,
        "__new__": None,
        "__repr__": None,
        "__str__": None,
        "__init__": "(self, graph: Graph) -> None" if cls is _C._Code else None,
    }
    for cls in TRACED
}

PLUMBING = {
    "__array_priority__",
    "_pybind11_conduit_v1_",
    "__doc__",
    "__dict__",
    "__weakref__",
    "__module__",
    "__sizeof__",
}


def retyped(text: str, rules: list[tuple[str, str]]) -> str:
    for pattern, replacement in [*rules, *EITHER]:
        text = re.sub(pattern, replacement, text)
    return text


def split(text: str) -> list[str]:
    """Parameters of a signature: cut at the commas that stand in no bracket."""
    parts, depth, part = [], 0, ""
    for c in text:
        depth += (c in "[(") - (c in "])")
        if c == "," and depth == 0:
            parts.append(part.strip())
            part = ""
        else:
            part += c
    return [*parts, part.strip()] if part.strip() else parts


def parameter(function: str, text: str) -> str:
    if text in ("*", "/"):
        return text
    name, _, rest = text.partition(":")
    stars, name = re.match(r"(\**)(\w+)", name).groups()
    name += "_" if keyword.iskeyword(name) else ""  # uniform_(from=…): called by place by whoever is checked
    if name == "self":
        return "self"
    kind, _, default = rest.partition(" = ")
    kind = PARAMETERS.get((function, name)) or PARAMETERS.get(name) or retyped(kind.strip(), GIVEN)
    kind = {"object": "Any"}.get(kind, kind)
    if stars:
        kind = {"int": "_Size", "_int": "_Size"}.get(kind, kind)
        name = "size" if (kind, name) == ("_Size", "args") else name
    return f"{stars}{name}: {kind}" + (f" = {default}" if default else "")


def from_docstring(name: str, doc: str) -> list[str]:
    """`(parameters) -> type` of each overload that pybind11's docstring tells of."""
    lines = re.findall(rf"^(?:\d+\. )?(?:{name})?(\(.*\) -> .*)$", doc, re.MULTILINE)
    out = []
    for line in lines:
        arguments, _, result = line.rpartition(" -> ")
        parameters = [parameter(name, p) for p in split(arguments[1:-1])]
        # pybind11 names what has no name arg0, arg1: such a parameter is by place only.
        if any(re.match(r"arg\d", p) for p in parameters):
            parameters.append("/")
        names = [p.partition(":")[0] for p in parameters]
        key = f"{name}(dim)" if "dim" in names else name
        result = RETURNS.get(key) or RETURNS.get(name) or retyped(result, GOT)
        out.append(f"({', '.join(parameters)}) -> {result}")
    return out


def pointwise(receiver: str) -> dict[str, str]:
    """Signatures of the pointwise ops; `receiver` is how they take their first operand."""
    out = {}
    for name, arity, numbers, _, _ in _C._pointwise_ops():
        if name == "pow":
            rest = ", exponent: _Operand"
        elif arity == 2:
            rest = ", other: _Operand" + (", *, alpha: _Number = 1" if name in ("add", "sub") else "")
        else:
            rest = ", min: _Number | None = None, max: _Number | None = None" if numbers == 2 else ""
        out[name] = f"({receiver}{rest}) -> Tensor"
        if receiver == "self":
            out[name + "_"] = out[name]
    return out


def from_annotations(name: str, function: object) -> str:
    signature = str(inspect.signature(function)).replace("'", "")
    if " -> " not in signature:
        raise SystemExit(f"Tensor.{name} has no annotations")
    return retyped(re.sub(r"self: \w+", "self", signature), [])


def definition(name: str, signatures: list[str], indent: str = "") -> list[str]:
    mark = [f"{indent}@overload"] if len(signatures) > 1 else []
    lines = []
    for s in signatures:
        lines += [*mark, f"{indent}def {name}{s}" + ("" if ": ..." in s else ": ...")]
    return lines


def of_class(cls: type, known: dict[str, str]) -> list[str]:
    name = cls.__name__
    base = (
        ""
        if cls.__base__ in (object, None) or cls.__base__.__name__ == "pybind11_object"
        else f"({cls.__base__.__name__})"
    )
    lines = [f"class {name}{base}:"]
    for member in sorted(vars(cls)):
        value = vars(cls)[member]
        if member in PLUMBING:
            continue
        if member in ATTRIBUTES[name]:
            kind = ATTRIBUTES[name][member]
            writable = kind.endswith(" =")
            kind = kind.removesuffix(" =")
            lines += ["    @property", f"    def {member}(self) -> {kind}: ..."]
            if writable:
                lines += [f"    @{member}.setter", f"    def {member}(self, value: {kind}) -> None: ..."]
        elif member in SLOTS[name]:
            if SLOTS[name][member]:
                lines += ["    @classmethod"] if SLOTS[name][member].startswith("(cls") else []
                lines += definition(member, [SLOTS[name][member]], "    ")
        elif member in known:
            lines += definition(member, [known[member]], "    ")
        elif inspect.isfunction(value):
            lines += definition(member, [from_annotations(member, value)], "    ")
        elif isinstance(value, staticmethod):
            lines += ["    @staticmethod", *definition(member, from_docstring(member, value.__func__.__doc__), "    ")]
        else:
            signatures = from_docstring(member, value.__doc__ or "")
            if not signatures:
                raise SystemExit(f"{name}.{member}: say its type in scripts/stubs.py")
            lines += definition(member, signatures, "    ")
    return lines


def render() -> str:
    assert tapescope.Tensor is _C.Tensor  # the Python methods are in place
    functions = pointwise("input: Tensor")
    lines = [
        HEADER,
        "class AutogradError(RuntimeError): ...",
        "class DTypeError(RuntimeError): ...",
        "class DivisionError(RuntimeError, ZeroDivisionError): ...",
        "class InternalError(RuntimeError): ...",
        "class ShapeError(RuntimeError): ...",
        "",
        "class dtype:",
        "    @property",
        "    def is_complex(self) -> _bool: ...",
        "    @property",
        "    def is_floating_point(self) -> _bool: ...",
        "    @property",
        "    def is_signed(self) -> _bool: ...",
        "    @property",
        "    def itemsize(self) -> _int: ...",
        "    def to_complex(self) -> _dtype: ...",
        "    def to_real(self) -> _dtype: ...",
        "",
        "class _Step:",
        "    def sgd(self, p: Tensor, grad: Tensor, momentum: Tensor | None, /, *options: _float) -> None: ...",
        "    def adam(self, p: Tensor, grad: Tensor, m: Tensor, v: Tensor, /, *options: _float) -> None: ...",
        "    def run(self) -> None: ...",
        "",
        "class _TracedFunction:",
        "    _code: _Code",
        "    def __call__(self, *args: Any, **kwargs: Any) -> Any: ...",
        "",
        "class _RecordFunction:",
        "    def __init__(self, name: str, args: str | None = None) -> None: ...",
        "    def __enter__(self: _Self) -> _Self: ...",
        "    def __exit__(self, *error: object) -> None: ...",
        "    @property",
        "    def name(self) -> str: ...",
        "    @property",
        "    def args(self) -> str | None: ...",
        "",
        "class _CallTracer:",
        "    def start(self) -> _bool: ...",
        "    def stop(self) -> None: ...",
        "    def take(self, prefixes: Sequence[str], /) -> _Trace: ...",
        "    @property",
        "    def is_active(self) -> _bool: ...",
        "",
        "class _Trace:",
        "    def events(self) -> list[tuple[Any, ...]]: ...",
        "    def allocations(self) -> list[tuple[_int, _int, _int, _int, _int]]: ...",
        "    def threads(self) -> list[_int]: ...",
        "    def name_threads(self, names: dict[_int, str], /) -> None: ...",
        "    def chrome_trace(",
        "        self, pid: _int, name: str, unix_nanoseconds: _int, stack: _bool, memory: _bool, shapes: _bool, /",
        "    ) -> bytes: ...",
        "    @property",
        "    def duration(self) -> _int: ...",
        "    @property",
        "    def dropped(self) -> _int: ...",
        "",
        *[f"{name}: dtype" for name in sorted(vars(_C)) if isinstance(getattr(_C, name), _C.dtype)],
        "_kernel_api: Any",
        "",
        "class _Extremes(NamedTuple):",
        "    values: Tensor",
        "    indices: Tensor",
        "",
        *of_class(_C.Node, {}),
        "",
        *of_class(_C._FunctionBase, {}),
        "",
        *of_class(_C.SavedTensor, {}),
        "",
        *of_class(_C.Tensor, pointwise("self")),
        "",
        *[line for cls in TRACED for line in [*of_class(cls, {}), ""]],
    ]
    for name in sorted(vars(_C)):
        value = getattr(_C, name)
        if name.startswith("__") or isinstance(value, type | _C.dtype) or name == "_kernel_api":
            continue
        signatures = [functions[name]] if name in functions else from_docstring(name, value.__doc__ or "")
        if not signatures:
            raise SystemExit(f"{name}: say its type in scripts/stubs.py")
        lines += definition(name, signatures)
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    STUB.write_text(render())
