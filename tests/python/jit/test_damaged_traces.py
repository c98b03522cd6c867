"""Files of traces that are cut off, changed, or of another version: refused with a ValueError, never a crash."""

import json
import struct

import pytest

import tapescope as ts
from tapescope import jit
from tapescope.nn import Linear, Sequential


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.trace"


def parts(data):
    """The header, the trace in it, and the tensors' bytes."""
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    return header, json.loads(header["__metadata__"]["tapescope.trace"]), data[8 + length :]


def put(path, header, trace, rest):
    header = {**header, "__metadata__": {"tapescope.trace": trace if isinstance(trace, str) else json.dumps(trace)}}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + rest)


def small(path):
    jit.trace(lambda x: x * 2, ts.ones(1)).save(path)
    return path.read_bytes()


def test_a_file_that_is_not_there():
    with pytest.raises(FileNotFoundError):
        jit.load("/nowhere/at all")


def test_a_file_cut_off_anywhere_is_refused(path):
    data = small(path)
    for end in range(len(data)):
        path.write_bytes(data[:end])
        with pytest.raises(ValueError, match="load: "):
            jit.load(path)


def test_a_module_cut_off_anywhere_is_refused(path):
    jit.trace(Sequential(Linear(1, 1)), ts.ones(1, 1)).save(path)
    data = path.read_bytes()
    for end in [*range(0, len(data), 7), len(data) - 1]:
        path.write_bytes(data[:end])
        with pytest.raises(ValueError, match="load: "):
            jit.load(path)


@pytest.mark.parametrize("flip", [0x01, 0x20, 0x80, 0xFF])
def test_a_flipped_byte_never_crashes(path, flip):
    data = small(path)
    for at in range(len(data)):
        path.write_bytes(data[:at] + bytes([data[at] ^ flip]) + data[at + 1 :])
        try:
            str(jit.load(path).graph)
        except (ValueError, RuntimeError):
            pass


@pytest.mark.parametrize("version", [0, 2, 99, -1, 2**63, 2**64])
def test_another_version_is_refused(path, version):
    header, trace, rest = parts(small(path))
    put(path, header, {**trace, "version": version}, rest)
    with pytest.raises(ValueError, match="version"):
        jit.load(path)


def test_a_file_of_tensors_alone_is_refused(path):
    ts.save({"w": ts.ones(2)}, path)
    with pytest.raises(ValueError, match="holds no trace"):
        jit.load(path)


@pytest.mark.parametrize("key", ["version", "name", "methods", "module"])
@pytest.mark.parametrize("value", ["gone", None, 3, 1.5, "text", [], {}, [3], [{}]], ids=repr)
def test_a_wrong_value_is_refused(path, key, value):
    jit.trace(Sequential(Linear(1, 1)), ts.ones(1, 1)).save(path)
    header, trace, rest = parts(path.read_bytes())
    wrong = {k: v for k, v in trace.items() if k != key} if value == "gone" else {**trace, key: value}
    if (key, value) in (("name", "text"), ("module", None)):
        return
    put(path, header, wrong, rest)
    with pytest.raises(ValueError, match=r"load: |parse_ir"):
        jit.load(path)


@pytest.mark.parametrize("key", ["name", "graph", "arguments", "constants"])
@pytest.mark.parametrize("value", [None, 3, "text", [3], {}], ids=repr)
def test_a_wrong_value_of_a_method_is_refused(path, key, value):
    header, trace, rest = parts(small(path))
    if (key, value) == ("name", "text"):
        return
    trace["methods"][0][key] = value
    put(path, header, trace, rest)
    with pytest.raises(ValueError, match=r"load: |parse_ir"):
        jit.load(path)


@pytest.mark.parametrize("key", ["dtype", "shape", "data_offsets"])
@pytest.mark.parametrize(
    "value",
    [None, "F33", "I64", [], [-1], [2**62], [0, 2**62, 2**62], [1.5], [0, 2**63], [5, 1], ["a", "b"], [[]]],
    ids=repr,
)
def test_a_wrong_value_of_a_tensor_is_refused(path, key, value):
    jit.trace(Sequential(Linear(3, 1)), ts.ones(1, 3)).save(path)
    header, trace, rest = parts(path.read_bytes())
    header["t0"][key] = value
    put(path, header, trace, rest)
    with pytest.raises(ValueError, match=r"load: |span"):
        jit.load(path)


def test_text_that_is_no_json_is_refused(path):
    header, _, rest = parts(small(path))
    for text in ("", "{", "nul", "[" * 100_000, '{"a":' * 100_000, "3", "[]"):
        put(path, header, text, rest)
        with pytest.raises(ValueError, match="load: "):
            jit.load(path)


def test_modules_nested_too_deep_are_refused(path):
    header, trace, rest = parts(small(path))
    text = json.dumps({**trace, "module": None})[:-1]
    nested = '{"type":"__module__.M","training":true,"attributes":[{"name":"a","kind":"module","module":' * 5000
    put(path, header, text.replace('"module": null', '"module": ' + nested + "null" + "}]}" * 5000) + "}", rest)
    with pytest.raises(ValueError, match="nested"):
        jit.load(path)


def test_a_graph_that_makes_no_sense_is_refused(path):
    header, trace, rest = parts(small(path))
    lines = [
        "%1 : Tensor = aten::sin()",
        "%1 : Tensor = prim::FusionGroup[Subgraph=<Graph>](%x)",
        "%1 : int = aten::size(%x)",
        "%1 : Tensor = prim::Nothing(%x)",
        "%1 : Tensor = prim::TupleUnpack(%x)",
        "%1 : Long() = prim::NumToTensor()",
    ]
    for line in lines:
        trace["methods"][0]["graph"] = f"graph(%x : Tensor):\n  {line}\n  return (%1)\n"
        put(path, header, trace, rest)
        with pytest.raises(ValueError):
            jit.load(path)


def test_a_custom_function_in_a_file_cannot_run(path):
    header, trace, rest = parts(small(path))
    trace["methods"][0]["graph"] = "graph(%x : Tensor):\n  %1 : Tensor = ^os.system('true')(%x)\n  return (%1)\n"
    put(path, header, trace, rest)
    with pytest.raises((ValueError, NotImplementedError)):
        jit.load(path)(ts.ones(1))


def test_a_module_graph_in_a_file_without_module_is_refused_or_cannot_run(path):
    jit.trace(Sequential(Linear(1, 1)), ts.ones(1, 1)).save(path)
    header, trace, rest = parts(path.read_bytes())
    put(path, header, {**trace, "module": None}, rest)
    with pytest.raises((ValueError, TypeError)):
        jit.load(path)(ts.ones(1, 1))
