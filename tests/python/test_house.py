"""How the house is laid out: which room may use which, and how large a file may be."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CORE = ROOT / "core"

# A room and those it may include. backend's op texts (math.h, op_struct.h) are ops' interface to it.
MAY_USE = {
    "tensor": {"tensor"},
    "graph": {"graph", "tensor"},
    "backend": {"backend", "tensor", "ops"},
    "ops": {"ops", "graph", "tensor", "backend"},
    "autograd": {"autograd", "ops", "graph", "tensor"},
    "record": {"record", "autograd", "ops", "graph", "tensor"},
    "trace": {"trace", "autograd", "ops", "graph", "tensor", "backend"},
    "profile": {"profile", "autograd", "ops", "graph", "tensor"},
    "inspect": {"inspect", "profile", "record", "trace", "autograd", "ops", "graph", "tensor"},
    "python": {"python", "inspect", "profile", "trace", "record", "autograd", "ops", "graph", "tensor", "backend"},
}


def sources(*suffixes):
    for room in ("core", "kernel/src", "kernel/tapescope_kernel", "widgets/src"):
        for path in (ROOT / room).rglob("*"):
            if path.suffix in suffixes and "generated" not in path.parts and "node_modules" not in path.parts:
                yield path


@pytest.mark.parametrize("room", MAY_USE)
def test_arrows_point_one_way(room):
    for path in (CORE / room).rglob("*"):
        if path.suffix in (".h", ".cpp"):
            for target in re.findall(r'#include "core/(\w+)/', path.read_text()):
                assert target in MAY_USE[room], f"{path.relative_to(ROOT)} includes core/{target}"


def test_core_knows_neither_python_nor_json():
    for path in CORE.rglob("*.h"):
        if path.parent.name != "python":
            assert not re.search(r"#include <(Python|pybind11|nlohmann)", path.read_text()), path


def test_core_prints_nothing():
    for path in CORE.rglob("*.cpp"):
        assert not re.search(r"std::c(out|err)|\bprintf\(|fmt::print", path.read_text()), path


def test_files_are_small():
    sizes = {p: len(p.read_text().splitlines()) for p in sources(".h", ".cpp", ".cu", ".cuh", ".py", ".ts")}
    large = {str(p.relative_to(ROOT)): n for p, n in sizes.items() if n > 500}
    assert not large
    assert sorted(sizes.values())[len(sizes) // 2] <= 180


# They name a family of pointwise ops, or list the families: pointwise_test.cpp runs every op of the registry.
FAMILIES = {
    f"ops/{name}.cpp"
    for name in (
        "arithmetic",
        "bitwise",
        "exponential",
        "family",
        "hyperbolic",
        "piecewise",
        "rounding",
        "trigonometric",
    )
}


def test_each_source_of_core_has_its_test():
    sources = {p.relative_to(CORE) for p in CORE.rglob("*.cpp") if p.relative_to(CORE).parts[0] != "python"}
    missing = {str(p) for p in sources if not (ROOT / "tests/core" / p.parent / f"{p.stem}_test.cpp").exists()}
    assert missing == FAMILIES


def test_each_test_of_core_has_its_source():
    for path in (ROOT / "tests/core").rglob("*_test.cpp"):
        mirrored = CORE / path.parent.relative_to(ROOT / "tests/core") / path.stem.removesuffix("_test")
        assert (
            path.stem in ("tour_test", "out_of_memory_test")
            or mirrored.with_suffix(".cpp").exists()
            or mirrored.with_suffix(".h").exists()
            or mirrored.with_name(f"{mirrored.name}-inl.h").exists()
        ), path
