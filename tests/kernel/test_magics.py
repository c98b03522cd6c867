"""IPython's magics, and the libraries that a notebook's cells lean on."""

from __future__ import annotations

from pathlib import Path

from .client import Client


def test_timing(kernel: Client) -> None:
    assert "per loop" in kernel.run("%timeit -n 3 -r 2 sum(range(100))").stdout
    timed = kernel.run("%%time\ntotal = sum(range(1000))\ntotal")
    assert "Wall time" in timed.stdout and timed.result == "499500"
    assert kernel.value("total") == "499500"


def test_history(kernel: Client) -> None:
    kernel.run("remarkable = 1")
    assert "remarkable = 1" in kernel.run("%history -l 3").stdout


def test_extensions(kernel: Client, tmp_path: Path) -> None:
    (tmp_path / "an_extension.py").write_text(
        "def load_ipython_extension(shell):\n"
        "    shell.register_magic_function(lambda line: line.upper(), magic_name='shout')\n"
    )
    kernel.run(f"import sys; sys.path.insert(0, {str(tmp_path)!r})")
    assert kernel.run("%load_ext an_extension").reply["status"] == "ok"
    assert kernel.value("%shout hello") == "'HELLO'"
    assert kernel.run("%load_ext autoreload\n%autoreload 2").reply["status"] == "ok"
    assert kernel.run("%load_ext no_such_extension").reply["ename"] == "ModuleNotFoundError"


def test_shells(kernel: Client, tmp_path: Path) -> None:
    shown = kernel.run("%%bash\necho out; echo err >&2")
    assert shown.stdout == "out\n" and shown.stderr == "err\n"
    assert kernel.run("%%bash\nexit 3").reply["ename"] == "CalledProcessError"
    assert kernel.run("!echo one; echo two").stdout.split() == ["one", "two"]
    assert kernel.value("names = !printf 'a\\nb'\nlist(names)") == "['a', 'b']"
    assert kernel.run(f"%cd -q {tmp_path}").reply["status"] == "ok"
    kernel.run("%%writefile note.txt\nkept")
    assert (tmp_path / "note.txt").read_text() == "kept\n"
    assert kernel.run("%pwd").result.strip("'") == str(tmp_path)
    kernel.run("%cd -q -")


def test_captured_output(kernel: Client) -> None:
    shown = kernel.run("%%capture held\nprint('hidden')\n1 + 1")
    assert not shown.stdout and not shown.displays
    assert kernel.value("held.stdout") == "'hidden\\n'"


def test_an_unknown_magic_says_so(kernel: Client) -> None:
    assert "%nonsense` not found" in kernel.run("%nonsense").stderr


def test_matplotlib(kernel: Client) -> None:
    drawn = kernel.run(
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2]); plt.title('t'); plt.show()"
    )
    assert sum("image/png" in each for each in drawn.displays) == 1
    left_open = kernel.run("fig = plt.figure(); plt.plot([3, 4]);")
    assert sum("image/png" in each for each in left_open.displays) == 1
    refused = kernel.run("%matplotlib qt")
    assert refused.reply["status"] == "error" and "inline" in refused.reply["evalue"]


def test_tables(kernel: Client) -> None:
    table = kernel.run("import pandas as pd; pd.DataFrame({'a': [1, 2], 'b': ['x', '<y>']})")
    data = table.of("execute_result")[0]["data"]
    assert "<table" in data["text/html"] and "&lt;y&gt;" in data["text/html"]
    assert "a" in data["text/plain"]


def test_progress_bars_in_text(kernel: Client) -> None:
    done = kernel.run("from tqdm import tqdm\nfor _ in tqdm(range(5)): pass")
    assert "5/5" in done.stderr and done.reply["status"] == "ok"


def test_files_and_manuals_in_the_pager(kernel: Client, tmp_path: Path) -> None:
    path = tmp_path / "read.txt"
    path.write_text("line of the file\n")
    for magic in ("%less", "%more"):
        payload = kernel.run(f"{magic} {path}").reply["payload"]
        assert payload[0]["source"] == "page" and "line of the file" in payload[0]["data"]["text/plain"]
    outcome = kernel.run("%less /no/such/file")
    assert outcome.reply["ename"] == "UsageError" and "No such file" in outcome.reply["evalue"]
    assert kernel.run("%man no-such-page-here").reply["ename"] == "UsageError"
    kernel.run("%reset -f")
    assert kernel.run(f"%less {path}").reply["payload"][0]["source"] == "page"  # not the shell's, which would wait


def test_clear_and_connect_info(kernel: Client) -> None:
    assert kernel.run("print(1)\n%clear").of("clear_output")
    shown = kernel.run("%connect_info").stdout
    assert '"shell_port"' in shown and "jupyter console --existing" in shown


def test_store_says_what_it_needs(kernel: Client) -> None:
    if kernel.value("__import__('importlib.util').util.find_spec('pickleshare') is None") == "True":
        assert "pickleshare, which is not installed" in kernel.run("%store x").reply["evalue"]
    else:
        kernel.run("kept_mark = [1, 2]\n%store kept_mark\ndel kept_mark\n%store -r kept_mark")
        assert kernel.value("kept_mark") == "[1, 2]"


def test_backends_that_need_another_front_end_are_refused_and_change_nothing(kernel: Client) -> None:
    for name in ("notebook", "nbagg", "qt"):
        assert kernel.run(f"%matplotlib {name}").reply["ename"] == "ValueError"
    outcome = kernel.run("import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    assert "image/png" in outcome.displays[0]
