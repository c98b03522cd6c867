"""Tensors in files: the safetensors format, which other tools read. Nothing in a file is ever run."""

from __future__ import annotations

import json
import os
from collections import OrderedDict
from typing import Any, BinaryIO

from tapescope import _C

__all__ = ["load", "save"]

KEY = "tapescope"  # of the structure, in the file's metadata
DEPTH = 100  # of nested containers
# The format's name of a dtype, the library's when it writes, and that of an array of such elements, or of their bits.
# The format has no complex128: its pairs of float64 are a last dimension of size 2, and the structure says what it was.
_DTYPES = {
    _C.bool: ("BOOL", "bool", "?"),
    _C.uint8: ("U8", "uint8", "u1"),
    _C.int8: ("I8", "int8", "i1"),
    _C.int16: ("I16", "int16", "<i2"),
    _C.int32: ("I32", "int32", "<i4"),
    _C.int64: ("I64", "int64", "<i8"),
    _C.float16: ("F16", "float16", "<f2"),
    _C.bfloat16: ("BF16", "bfloat16", "<i2"),
    _C.float32: ("F32", "float32", "<f4"),
    _C.float64: ("F64", "float64", "<f8"),
    _C.complex64: ("C64", "complex64", "<c8"),
}
_BY_NAME = {names[0]: dtype for dtype, names in _DTYPES.items()}

File = str | os.PathLike[str] | BinaryIO


class FileError(ValueError):
    """A file that is cut off, is no safetensors file, or describes what is not in it."""


def save(obj: Any, f: File) -> None:
    """Writes a tensor, or dicts, lists and tuples of tensors, numbers, strings, booleans and None.

    obj: keys of dicts are strings or ints. A tensor that occurs twice is written once, and is one tensor again when
    loaded; views of one storage become tensors of their own. Leaves keep `requires_grad`; history is not kept.
    f: a path, or a file open for writing bytes. Other programs find a flat dict's tensors under their keys.
    Raises TypeError for any other object, and names its place.
    """
    writer = _Writer()
    structure = writer.describe(obj, "", 0)
    data = _serialize(writer.tensors, {KEY: json.dumps(structure, separators=(",", ":"))})
    if isinstance(f, str | os.PathLike):
        # A failure half-way leaves the file that was there.
        partial = f"{os.fspath(f)}.partial"
        with open(partial, "wb") as file:
            file.write(data)
        os.replace(partial, f)
    elif hasattr(f, "write"):
        f.write(data)
    else:
        raise TypeError(f"save: f is a path or a file open for writing bytes, not {_kind(f)}")


def load(f: File) -> Any:
    """What `save` wrote; of another program's file a dict of its tensors.

    f: a path, or a file open for reading bytes.
    Raises FileError (a ValueError) if the file is cut off, malformed, or holds a dtype that there is not.
    """
    from safetensors import SafetensorError, deserialize

    if isinstance(f, str | os.PathLike):
        with open(f, "rb") as file:
            data = file.read()
    elif hasattr(f, "read"):
        data = f.read()
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"load: f gives {_kind(data)} when it is read; open the file for reading bytes")
    else:
        raise TypeError(f"load: f is a path or a file open for reading bytes, not {_kind(f)}")
    try:
        entries = deserialize(data)
    except SafetensorError as error:
        raise FileError(f"load: not a whole safetensors file: {error}") from None
    tensors = {name: _tensor(name, entry) for name, entry in entries}
    # The library does not hand out the metadata of bytes; it has just found the header to be sound.
    length = int.from_bytes(data[:8], "little")
    written = json.loads(data[8 : 8 + length]).get("__metadata__", {}).get(KEY)
    if written is None:
        return tensors
    try:
        return _Reader(tensors).build(json.loads(written), 0)
    except (KeyError, IndexError, TypeError, ValueError, RuntimeError) as error:
        if isinstance(error, FileError):
            raise
        raise FileError(f"load: the file's description of its structure is broken: {error!r}") from None


def _tensor(name: str, entry: dict[str, Any]) -> Any:
    dtype = _BY_NAME.get(entry["dtype"])
    if dtype is None:
        raise FileError(f"load: {name!r} is {entry['dtype']}; there are {', '.join(_BY_NAME)}")
    import numpy as np

    flat = np.frombuffer(entry["data"], dtype=_DTYPES[dtype][2])
    if dtype is _C.bool and (flat.view("u1") > 1).any():
        raise FileError(f"load: {name!r} is BOOL and has bytes other than 0 and 1")
    try:
        tensor = _C.from_numpy(flat.reshape(entry["shape"]))
    except (ValueError, OverflowError, RuntimeError):
        raise FileError(f"load: {name!r} has a shape that no tensor can have: {_shortened(entry['shape'])}") from None
    return tensor if tensor.dtype is dtype else tensor.view(dtype)


def _serialize(tensors: dict[str, Any], metadata: dict[str, str]) -> bytes:
    import numpy as np
    import safetensors

    arrays: list[Any] = []
    specs: dict[str, Any] = {}
    for name, tensor in tensors.items():
        _, dtype, code = _DTYPES[tensor.dtype]
        bits = tensor.view(_C.int16) if tensor.dtype is _C.bfloat16 else tensor
        array = np.ascontiguousarray(bits.numpy(), dtype=code)
        arrays.append(array)  # the library reads its memory
        shape = list(tensor.shape)
        if hasattr(safetensors, "TensorSpec"):
            specs[name] = safetensors.TensorSpec(
                dtype=dtype, shape=shape, data_ptr=array.ctypes.data, data_len=array.nbytes
            )
        else:  # before 0.8
            specs[name] = {"dtype": dtype, "shape": shape, "data": array.tobytes()}
    return bytes(safetensors.serialize(specs, metadata=metadata))


class _Writer:
    """Collects tensors by name, and describes the rest: a JSON list [kind, …] for each object."""

    def __init__(self) -> None:
        self.tensors: dict[str, Any] = {}
        self._names: dict[int, str] = {}
        self._alive: list[Any] = []  # ids are looked up while all objects live

    def describe(self, obj: Any, path: str, depth: int) -> Any:
        if depth > DEPTH:
            raise TypeError(f"save: {path or 'the object'} is nested more than {DEPTH} deep")
        if isinstance(obj, _C.Tensor):
            described = ["tensor", self._name(obj, path), bool(obj.is_leaf and obj.requires_grad), _is_parameter(obj)]
            return [*described, "complex128"] if obj.dtype is _C.complex128 else described
        if obj is None or isinstance(obj, bool | int | str):
            return ["value", obj]
        if isinstance(obj, float):
            return ["float", obj.hex()]
        if isinstance(obj, dict):
            items = []
            for key, value in obj.items():
                if isinstance(key, bool) or not isinstance(key, str | int):
                    raise TypeError(f"save: a key of {path or 'the object'} is {key!r}; keys are strings or ints")
                items.append([key, self.describe(value, f"{path}.{key}" if path else str(key), depth + 1)])
            return ["ordered" if isinstance(obj, OrderedDict) else "dict", items]
        if isinstance(obj, list | tuple):
            kind = "list" if isinstance(obj, list) else "tuple"
            parts = [self.describe(v, f"{path}.{i}" if path else str(i), depth + 1) for i, v in enumerate(obj)]
            return [kind, parts]
        raise TypeError(
            f"save: {path or 'the object'} is a {type(obj).__name__}; tensors, dicts, lists, tuples, numbers, strings "
            "and None can be saved"
        )

    def _name(self, tensor: Any, path: str) -> str:
        known = self._names.get(id(tensor))
        if known is not None:
            return known
        name = path or "tensor"
        while name in self.tensors or name == "__metadata__":
            name += "'"
        plain = tensor.detach()
        self.tensors[name] = _C.view_as_real(plain) if plain.dtype is _C.complex128 else plain
        self._names[id(tensor)] = name
        self._alive.append(tensor)
        return name


class _Reader:
    def __init__(self, tensors: dict[str, Any]) -> None:
        self._tensors = tensors
        self._made: dict[str, Any] = {}

    def build(self, described: Any, depth: int) -> Any:
        if depth > DEPTH:
            raise FileError(f"load: the file's structure is nested more than {DEPTH} deep")
        kind, value = described[0], described[1]
        if kind == "tensor":
            return self._tensor(value, bool(described[2]), bool(described[3]), len(described) > 4)
        if kind == "value" and (value is None or isinstance(value, bool | int | str)):
            return value
        if kind == "float":
            return float.fromhex(value)
        if kind in ("dict", "ordered"):
            made = OrderedDict() if kind == "ordered" else {}
            for key, part in value:
                made[key] = self.build(part, depth + 1)
            return made
        if kind in ("list", "tuple"):
            parts = [self.build(part, depth + 1) for part in value]
            return parts if kind == "list" else tuple(parts)
        raise FileError(f"load: the file describes a {kind!r}, which this version does not know")

    def _tensor(self, name: str, requires_grad: bool, parameter: bool, pairs: bool) -> Any:
        if name not in self._made:
            tensor = _C.view_as_complex(self._tensors[name]) if pairs else self._tensors[name]
            if parameter:
                from tapescope.nn import Parameter

                tensor = Parameter(tensor, requires_grad)
            elif requires_grad:
                tensor.requires_grad_()
            self._made[name] = tensor
        return self._made[name]


def _shortened(shape: list[int]) -> str:
    return str(shape) if len(shape) <= 8 else f"{len(shape)} dimensions"


def _kind(obj: Any) -> str:
    name = type(obj).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _is_parameter(tensor: Any) -> bool:
    from tapescope.nn import Parameter

    return isinstance(tensor, Parameter)
