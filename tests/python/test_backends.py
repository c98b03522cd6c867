"""Which instructions the loops use."""

import os
import subprocess
import sys

import pytest

import tapescope as ts


def capability(word: str) -> subprocess.CompletedProcess[str]:
    program = "import tapescope as ts; print(ts.backends.cpu.get_cpu_capability(), ts.ones(3).exp().sum().item())"
    environment = {**os.environ, "TAPESCOPE_CPU_CAPABILITY": word, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)


def test_the_environment_allows_no_more() -> None:
    assert capability("default").stdout == "DEFAULT 8.154845237731934\n"
    assert capability("avx2").stdout.split()[0] in ("DEFAULT", "AVX2")
    assert capability("avx512").stdout.split()[0] == ts.backends.cpu.get_cpu_capability()


@pytest.mark.parametrize("word", ["best", ""])
def test_another_word_is_told_and_ignored(word: str) -> None:
    done = capability(word)
    assert done.stderr == (
        f"tapescope: TAPESCOPE_CPU_CAPABILITY={word} is none of default, avx2, avx512; it is ignored\n"
    )
    assert done.stdout.split()[0] == ts.backends.cpu.get_cpu_capability()
