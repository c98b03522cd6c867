"""The user's IPython profile: what ipykernel reads of it, this kernel reads too."""

from __future__ import annotations

from pathlib import Path

import pytest

from .client import running_kernel


def test_configuration_lines_and_startup_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "profile_default"
    (folder / "startup").mkdir(parents=True)
    (folder / "startup" / "00-first.py").write_text("FIRST = 1\n")
    (folder / "startup" / "10-then.ipy").write_text("THEN = FIRST + 1\n%precision 3\n")
    (folder / "startup" / "20-broken.py").write_text("1 / 0\n")
    (folder / "startup" / "30-last.py").write_text("LAST = 3\n")
    (folder / "startup" / "README").write_text("no program")
    (folder / "ipython_config.py").write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
        "c.InteractiveShellApp.exec_lines = ['LINE = 4', '%pdb off']\n"
    )
    (folder / "ipython_kernel_config.py").write_text(
        "c.InteractiveShellApp.extensions = ['autoreload', 'missing_one']\n"
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with running_kernel() as client:
        assert client.value("FIRST, THEN, LAST, LINE") == "(1, 2, 3, 4)"
        outcome = client.run("1 + 1\n2.0 / 3")
        assert [each["data"]["text/plain"] for each in outcome.of("execute_result")] == ["2", "0.667"]
        assert client.run("%autoreload 2").reply["status"] == "ok"
        assert outcome.reply["execution_count"] == 2  # what ran at the start is not counted


def test_a_profile_that_is_broken_keeps_no_kernel_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "profile_default"
    folder.mkdir()
    (folder / "ipython_config.py").write_text("this is no Python")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path))
    with running_kernel() as client:
        assert client.value("1 + 1") == "2"
