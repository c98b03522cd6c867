"""save and load: what comes back, and what hostile files get."""

from __future__ import annotations

import io
import json
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

import tapescope as ts
from tapescope.serialization import FileError


def again(obj: object) -> object:
    buffer = io.BytesIO()
    ts.save(obj, buffer)
    buffer.seek(0)
    return ts.load(buffer)


@pytest.mark.parametrize("dtype", [ts.float32, ts.float64, ts.int64, ts.bool])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 0, 4)])
def test_a_tensor(dtype: ts.dtype, shape: tuple[int, ...]) -> None:
    x = (ts.arange(float(np.prod(shape))).reshape(shape) - 1).to(dtype)
    y = again(x)
    assert y.dtype is dtype and y.shape == x.shape
    assert (y.numpy() == x.numpy()).all()


def test_bits_are_kept() -> None:
    x = ts.tensor([float("nan"), -0.0, float("inf"), 1e-45])
    assert again(x).numpy().tobytes() == x.numpy().tobytes()


def test_structure() -> None:
    obj = {"a": [1, 2.5, None, True, "text"], 3: (ts.ones(2), {"deep": OrderedDict(x=float("inf"))}), "": -0.0}
    made = again(obj)
    assert list(made) == ["a", 3, ""] and made["a"] == obj["a"] and isinstance(made["a"][3], bool)
    assert isinstance(made[3], tuple) and isinstance(made[3][1]["deep"], OrderedDict)
    assert made[3][1]["deep"]["x"] == float("inf") and str(made[""]) == "-0.0"


def test_a_model_and_its_optimizer(tmp_path: Path) -> None:
    model = ts.nn.Sequential(ts.nn.Linear(3, 4), ts.nn.Tanh(), ts.nn.Linear(4, 2))
    ts.save(model.state_dict(), tmp_path / "model.safetensors")
    other = ts.nn.Sequential(ts.nn.Linear(3, 4), ts.nn.Tanh(), ts.nn.Linear(4, 2))
    other.load_state_dict(ts.load(tmp_path / "model.safetensors"))
    x = ts.randn(5, 3)
    assert ts.equal(model(x), other(x))
    assert set(load_file(tmp_path / "model.safetensors")) == {"0.weight", "0.bias", "2.weight", "2.bias"}


def test_parameters_and_identity() -> None:
    weight = ts.nn.Parameter(ts.ones(2))
    plain = ts.zeros(2, requires_grad=True)
    made = again([weight, weight, plain, plain * 2, weight[:1]])
    assert isinstance(made[0], ts.nn.Parameter) and made[0] is made[1] and made[0].requires_grad
    assert type(made[2]) is ts.Tensor and made[2].requires_grad and made[2].is_leaf
    assert not made[3].requires_grad and made[3].grad_fn is None
    assert made[4].data_ptr() != made[0].data_ptr()


def test_views_are_written_as_seen() -> None:
    x = ts.arange(6.0).reshape(2, 3)
    assert again(x.t()).tolist() == x.t().tolist()
    assert again(x[:, ::2]).tolist() == [[0, 2], [3, 5]]


def test_files_of_other_programs(tmp_path: Path) -> None:
    save_file({"w": np.ones((2, 2), dtype=np.float32)}, tmp_path / "f.safetensors", metadata={"format": "pt"})
    made = ts.load(tmp_path / "f.safetensors")
    assert list(made) == ["w"] and made["w"].tolist() == [[1, 1], [1, 1]]
    save_file({"h": np.ones(2, dtype=np.uint16)}, tmp_path / "h.safetensors")
    with pytest.raises(ValueError, match="'h' is U16"):
        ts.load(tmp_path / "h.safetensors")


def test_what_cannot_be_saved_names_its_place() -> None:
    with pytest.raises(TypeError, match=r"a\.1 is a object"):
        again({"a": [1, object()]})
    with pytest.raises(TypeError, match="keys are strings or ints"):
        again({(1, 2): 3})
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(TypeError, match="nested more than 100 deep"):
        again(circle)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    ts.save(ts.ones(1), tmp_path / "f")
    with pytest.raises(TypeError):
        ts.save(object(), tmp_path / "f")
    assert ts.load(tmp_path / "f").tolist() == [1]


def test_every_cut_is_an_error(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    ts.save({"a": ts.ones(3), "b": [1, 2]}, buffer)
    data = buffer.getvalue()
    for end in range(len(data)):
        with pytest.raises(ValueError, match="not a whole safetensors file"):
            ts.load(io.BytesIO(data[:end]))


def forged(structure: object) -> io.BytesIO:
    text = structure if isinstance(structure, str) else json.dumps(structure)
    header = json.dumps(
        {
            "__metadata__": {"tapescope": text},
            "t": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
        }
    ).encode()
    return io.BytesIO(len(header).to_bytes(8, "little") + header + bytes(4))


@pytest.mark.parametrize(
    "structure",
    [
        "{", "[]", "3", '"x"', ["tensor", "absent", True, False], ["tensor"], ["tensor", "t"], ["value", [1]],
        ["float", "x"], ["float", 1], ["dict", 3], ["dict", [[["t"], ["value", 1]]]], ["list", {"a": 1}],
        ["import", "os"], "[" * 100_000, json.dumps(["list", []])[:-1],
    ],
)  # fmt: skip
def test_hostile_structures(structure: object) -> None:
    with pytest.raises(ValueError, match="load: "):
        ts.load(forged(structure))


def test_deep_structures() -> None:
    nested: object = ["value", 1]
    for _ in range(200):
        nested = ["list", [nested]]
    with pytest.raises(ValueError, match="deep"):
        ts.load(forged(nested))


def written(shape: list[int], code: str, data: bytes) -> io.BytesIO:
    header = json.dumps({"x": {"dtype": code, "shape": shape, "data_offsets": [0, len(data)]}}).encode()
    return io.BytesIO(len(header).to_bytes(8, "little") + header + data)


def test_booleans_are_0_and_1() -> None:
    assert ts.load(written([2], "BOOL", b"\0\1"))["x"].tolist() == [False, True]
    with pytest.raises(FileError, match="'x' is BOOL and has bytes other than 0 and 1"):
        ts.load(written([3], "BOOL", b"\0\1\2"))


@pytest.mark.parametrize("shape", [[0, 2**62, 2**62], [2**62, 2**62, 0], [1] * 200, [0] * 200, [0, 2**63]])
def test_shapes_that_no_tensor_has(shape: list[int]) -> None:
    with pytest.raises(FileError, match="load: "):
        ts.load(written(shape, "F32", bytes(0 if 0 in shape else 4)))


def test_load_and_save_say_what_they_take() -> None:
    with pytest.raises(TypeError, match="load: f is a path or a file open for reading bytes, not an int"):
        ts.load(5)
    with pytest.raises(TypeError, match="load: f gives a str"):
        ts.load(io.StringIO("text"))
    with pytest.raises(TypeError, match="save: f is a path or a file open for writing bytes, not an int"):
        ts.save(ts.ones(1), 5)
