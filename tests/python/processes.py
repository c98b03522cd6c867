"""Programs that run in a process of their own, with what they share."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest

DEV = ("-X", "dev")  # Python checks its memory, and who holds the GIL when it is asked for some

PRELUDE = """
import atexit, builtins, gc, multiprocessing, os, queue, random, signal, sys, threading, traceback, weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import tapescope as ts


def backward(n=1_500_000):
    "Of ops that several threads share, unless `n` is small."
    x = ts.ones(n, requires_grad=True)
    y = (x * 2).tanh() * x
    y.sum().backward()
    return x.grad[0].item()


def chain(x, length):
    for _ in range(length):
        x = (x * 1.01).tanh()
    return x


def start(f, count=1, **kwargs):
    threads = [threading.Thread(target=f, **kwargs) for _ in range(count)]
    for t in threads:
        t.start()
    return threads


def join(threads):
    for t in threads:
        t.join()


def fork(f, leave=os._exit):
    pid = os.fork()
    if not pid:
        try:
            f()
        except Exception:
            traceback.print_exc()
            os._exit(1)
        leave(0)
    return pid


def wait(pid):
    assert os.waitpid(pid, 0)[1] == 0


class Busy:
    "Threads that run f again and again, from the first time that each has."

    def __init__(self, f, count=3):
        self.stop = False
        ran = threading.Barrier(count + 1)

        def loop():
            f()
            ran.wait()
            while not self.stop:
                f()

        self.threads = start(loop, count)
        ran.wait()

    def end(self):
        self.stop = True
        join(self.threads)
"""


def run(program, *flags):
    """(exit status, what was printed, what was complained about)."""
    program = textwrap.dedent(program)
    assert not program.lstrip("\n").startswith(" ")  # it would go on with what stands last in the prelude
    process = subprocess.Popen(
        [sys.executable, *flags, "-c", f"{PRELUDE}\n\n{program}"],
        env=dict(os.environ, PYTHONFAULTHANDLER="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its children hold the pipes as well
        pytest.fail(f"hangs: {process.communicate()}")
    return process.returncode, out, err


def ends_well(program, *flags):
    answer = run(textwrap.dedent(program) + '\nprint("end")\n', *flags)
    assert answer == (0, "end\n", ""), answer
