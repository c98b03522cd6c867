"""Where tensors lie."""

from __future__ import annotations

import copy
import pickle

import pytest

import tapescope as ts


def test_a_device_reads_as_pytorchs() -> None:
    cpu = ts.device("cpu")
    assert (cpu.type, cpu.index, str(cpu), repr(cpu)) == ("cpu", None, "cpu", "device(type='cpu')")
    second = ts.device("cuda:1")
    assert second == ts.device("cuda", 1) == "cuda:1" and (second.type, second.index) == ("cuda", 1)
    assert repr(second) == "device(type='cuda', index=1)"
    for other in (pickle.loads(pickle.dumps(second)), copy.deepcopy(second)):
        assert other == second and other.index == 1


@pytest.mark.parametrize("given", [("cpu", -1), ("cuda:1", 1), ("cuda:x",), ("cpu", "0")])
def test_what_names_no_device(given: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="device"):
        ts.device(*given)  # type: ignore[arg-type]


def test_tensors_lie_on_the_cpu() -> None:
    x = ts.ones(2, device="cpu")
    assert x.device == ts.device("cpu") and x.device.type == "cpu" and not x.is_cuda
    assert x.to("cpu") is x and x.to(x.device) is x and x.cpu() is x
    assert x.to("cpu", ts.float64).dtype is ts.float64 and x.to(device="cpu", dtype=ts.int32).dtype is ts.int32
    assert x.to(ts.ones(1, dtype=ts.float64)).dtype is ts.float64
    other = x.to("cpu", copy=True)
    other[0] = 5
    assert x.tolist() == [1, 1]


@pytest.mark.parametrize("make", [ts.zeros, ts.ones, ts.empty, ts.rand, ts.randn, ts.arange, ts.tensor, ts.as_tensor])
def test_factories_take_a_device(make) -> None:
    assert make(3, device=ts.device("cpu")).device.type == "cpu"
    with pytest.raises(NotImplementedError, match="'cuda'"):
        make(3, device="cuda")


def test_elsewhere_is_refused_with_a_word() -> None:
    x = ts.ones(2)
    for call in (lambda: x.to("cuda"), lambda: x.cuda(), lambda: x.to(ts.device("cuda", 0))):
        with pytest.raises(NotImplementedError, match="no tensors on 'cuda"):
            call()
    with pytest.raises(ValueError, match="names no device"):
        x.to("gpu")
    assert ts.get_num_threads() >= 1
    with pytest.raises(ValueError, match="thread"):
        ts.set_num_threads(0)
