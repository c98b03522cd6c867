"""Beginning and end of a kernel, and the files and keys between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import zmq
from jupyter_client.kernelspec import get_kernel_spec

from .client import Client, running_kernel, seconds_to_shut_down

PORTS = ("shell_port", "control_port", "stdin_port", "iopub_port", "hb_port")


def start(path: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tapescope_kernel", "-f", str(path)]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)


def connection(**changes: object) -> dict[str, object]:
    return (
        {"transport": "tcp", "ip": "127.0.0.1", "key": "k", "signature_scheme": "hmac-sha256"}
        | {name: 40000 + index for index, name in enumerate(PORTS)}
        | changes
    )


BROKEN = {
    "empty": ("", "is not JSON"),
    "cut off": ('{"ip": "127.0', "is not JSON"),
    "a list": ("[]", "does not hold a JSON object"),
    "no ports": ("{}", "lacks shell_port"),
    "a port that is text": (json.dumps(connection(iopub_port="5")), "iopub_port is not a port"),
    "a port out of range": (json.dumps(connection(hb_port=70000)), "hb_port is not a port"),
    "a key that is no text": (json.dumps(connection(key=5)), "key is not a string"),
    "another scheme": (json.dumps(connection(signature_scheme="hmac-md5")), "signature_scheme is not hmac-sha256"),
    "another transport": (json.dumps(connection(transport="udp")), "transport is neither"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_connection_file_is_one_clear_line(tmp_path: Path, name: str) -> None:
    text, message = BROKEN[name]
    path = tmp_path / "connection.json"
    path.write_text(text)
    done = start(path)
    assert done.returncode == 2
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "Traceback" not in done.stderr


def test_a_missing_connection_file(tmp_path: Path) -> None:
    done = start(tmp_path / "none.json")
    assert done.returncode == 2
    assert "No such file" in done.stderr and "Traceback" not in done.stderr


def test_a_port_in_use(tmp_path: Path) -> None:
    with zmq.Context() as context, context.socket(zmq.ROUTER) as taken:
        port = taken.bind_to_random_port("tcp://127.0.0.1")
        path = tmp_path / "connection.json"
        path.write_text(json.dumps(connection(shell_port=port)))
        done = start(path)
    assert done.returncode == 1
    assert f"cannot listen on tcp://127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_shutdown_is_quick_and_runs_exit_functions(tmp_path: Path) -> None:
    mark = tmp_path / "exited"
    with running_kernel() as client:
        client.run(f"import atexit; atexit.register(lambda: open({str(mark)!r}, 'w').close());")
        assert seconds_to_shut_down(client) < 1.0
        assert client.manager.provisioner.process.returncode == 0
    assert mark.exists()


LINGERING = {
    "thread": "threading.Thread(target=time.sleep, args=(60,)).start()",
    "busy thread": "exec('def spin():\\n    while True: pass')\nthreading.Thread(target=spin).start()",
    "executor": "from concurrent import futures\nfutures.ThreadPoolExecutor(1).submit(time.sleep, 60);",
    "loop's executor": "import asyncio\nasyncio.get_running_loop().run_in_executor(None, time.sleep, 60);",
}


@pytest.mark.parametrize("name", LINGERING)
def test_shutdown_does_not_wait_for_threads_and_runs_exit_functions(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "exited"
    with running_kernel() as client:
        started = client.run(
            f"import atexit, threading, time; atexit.register(lambda: open({str(mark)!r}, 'w').close())\n"
            + LINGERING[name]
        )
        assert started.reply["status"] == "ok", started.reply
        assert seconds_to_shut_down(client) < 1.0
    assert mark.exists()


RUNNING = {
    "busy loop": "while True: pass",
    "sleep": "import time; time.sleep(60)",
    "await": "await __import__('asyncio').sleep(60)",
    "input": "input('?')",
    "refusing": "while True:\n    try:\n        print('begun', flush=True)\n        while True: pass\n"
    "    except BaseException: pass",
    "with a thread": "import threading, time\n"
    "threading.Thread(target=time.sleep, args=(60,)).start()\nwhile True: pass",
}


@pytest.mark.parametrize("name", RUNNING)
def test_shutdown_ends_a_running_cell(tmp_path: Path, name: str) -> None:
    mark = tmp_path / "exited"
    with running_kernel() as client:
        client.run(f"import atexit; atexit.register(lambda: open({str(mark)!r}, 'w').close());")
        client.send("print('begun', flush=True)\n" + RUNNING[name], allow_stdin=True)
        client.until("stream")
        time.sleep(0.1)
        if name == "input":
            client.channels.get_stdin_msg(timeout=10)
        assert seconds_to_shut_down(client) < 1.0
    assert mark.exists() == (name != "refusing")


def test_restart_begins_anew(fresh: Client) -> None:
    fresh.run("old = 1")
    fresh.manager.restart_kernel()
    fresh.channels.wait_for_ready(timeout=60)
    fresh.drain()
    assert fresh.value("'old' in globals()") == "False"
    assert fresh.run("1").reply["execution_count"] == 2


def test_a_kernel_does_not_outlive_what_started_it(tmp_path: Path) -> None:
    launcher = tmp_path / "launcher.py"
    launcher.write_text(
        "from jupyter_client.manager import start_new_kernel\nimport time\n"
        "manager, client = start_new_kernel(kernel_name='tapescope', startup_timeout=60)\n"
        "print(manager.provisioner.process.pid, flush=True)\ntime.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, str(launcher)], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
            return  # dead; whoever inherited it has not looked yet
        time.sleep(0.1)
    os.kill(pid, signal.SIGKILL)
    pytest.fail("the kernel still runs")


def test_sys_exit_and_deep_recursion_leave_the_kernel_alive(fresh: Client) -> None:
    assert fresh.run("import sys; sys.exit(3)").reply["status"] == "error"
    assert fresh.run("def f(): return f()\nf()").reply["ename"] == "RecursionError"
    assert fresh.run("import numpy as np; np.empty((1 << 60,), dtype=np.int8)").reply["ename"] in (
        "MemoryError",
        "_ArrayMemoryError",
    )
    assert fresh.run("exit").reply["payload"][0]["source"] == "ask_exit"
    assert fresh.value("1 + 1") == "2"


def test_children_end_without_their_parent(fresh: Client) -> None:
    leave = "import os\npid = os.fork()\nif pid == 0:\n    {}\nstatus = os.waitpid(pid, 0)[1]; status"
    assert fresh.value(leave.format("os._exit(7)")) == str(7 << 8)
    # One that raises, exits or comes to the cell's end does not serve the kernel's messages either.
    assert fresh.value(leave.format("raise ValueError('in the child')")) == str(1 << 8)
    assert fresh.value(leave.format("import sys; sys.exit(5)")) == str(5 << 8)
    assert fresh.value(leave.format("import sys; sys.exit()")) == "0"
    assert fresh.value(leave.format("import sys; sys.stdout.write('child'); os._exit(0)")) == "0"
    assert fresh.value("pid = os.fork()\npid > 0") == "True"  # the child comes to the cell's end
    assert fresh.value("os.waitpid(pid, 0)[1]") == "0"
    raised = fresh.run("pid = os.fork()\nif pid == 0: raise ValueError('in the child')\nos.waitpid(pid, 0);")
    assert "ValueError" in raised.stderr and "in the child" in raised.stderr
    assert raised.reply["status"] == "ok" and not raised.of("error")
    assert fresh.value("import subprocess, sys; subprocess.run([sys.executable, '-c', 'exit(3)']).returncode") == "3"
    worker = (
        "import multiprocessing as m\nwith m.get_context('fork').Pool(2) as pool: r = pool.map(abs, [-1, -2, 3])\nr"
    )
    assert fresh.value(worker) == "[1, 2, 3]"
    assert fresh.value("1 + 1") == "2"


def test_allocations_that_fail(fresh: Client) -> None:
    fresh.run(
        "import resource, tapescope as ts\n"
        "used = int(open('/proc/self/statm').read().split()[0]) * resource.getpagesize()\n"
        "resource.setrlimit(resource.RLIMIT_AS, (used + (1 << 30), resource.RLIM_INFINITY))"
    )
    failed = fresh.run("ts.ones(1 << 29)")  # 2 GiB
    assert failed.reply["status"] == "error"
    assert failed.reply["ename"] == "MemoryError" and "2147483648 bytes" in failed.reply["evalue"]
    assert fresh.run("bytearray(1 << 32)").reply["ename"] == "MemoryError"
    assert fresh.value("ts.ones(3).sum().item()") == "3.0"


def test_threads_that_raise_leave_the_kernel_alive(fresh: Client) -> None:
    told = fresh.run("import threading\nt = threading.Thread(target=lambda: 1 / 0, name='worker'); t.start(); t.join()")
    assert "ZeroDivisionError" in told.stderr and "worker" in told.stderr
    assert told.reply["status"] == "ok"
    assert fresh.value("1 + 1") == "2"


def test_several_kernels_at_once() -> None:
    with running_kernel() as one, running_kernel() as two:
        one.run("who = 'one'")
        two.run("who = 'two'")
        assert one.value("who") == "'one'"
        assert two.value("who") == "'two'"


def test_the_kernelspec_names_no_place_and_has_its_logos() -> None:
    spec = get_kernel_spec("tapescope")
    assert spec.display_name == "Tapescope" and spec.language == "python"
    command = ["-Xfrozen_modules=off", "-m", "tapescope_kernel", "-f", "{connection_file}"]
    assert spec.argv == ["python", *command]  # the environment's own
    assert not spec.env
    for name in ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg"):
        assert (Path(spec.resource_dir) / name).stat().st_size > 0
