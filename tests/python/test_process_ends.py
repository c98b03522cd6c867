"""The interpreter ends while graphs live and threads run: no crash, no hang, no complaint."""

import signal

import pytest
from processes import DEV, ends_well, run


@pytest.mark.parametrize("flags", [(), DEV])
def test_exit_with_a_live_graph(flags):
    ends_well(
        """
        x = ts.ones(2, requires_grad=True)
        y = chain(x, 50_000)
        builtins.kept = sys.modules["kept"] = y.sum()
        """,
        *flags,
    )


@pytest.mark.parametrize("flags", [(), DEV])
def test_exit_with_a_graph_in_a_reference_cycle(flags):
    ends_well(
        """
        class Holder: pass
        h = Holder()
        x = ts.ones(2, requires_grad=True)
        y = chain(x, 50_000)
        h.me, h.y, x.owner, y.owner = h, y, h, y
        y.register_hook(lambda g, h=h: None)
        y.grad_fn.metadata["h"] = h
        del h, x, y
        """,
        *flags,
    )


def test_exit_with_every_kind_of_hook():
    ends_well(
        """
        class Last:
            def __del__(self, x=ts.ones(3, requires_grad=True)):
                assert (x * 2).requires_grad
        x = ts.ones(3, requires_grad=True)
        y = x * 2
        x.register_hook(lambda g, last=Last(): None)
        x.register_post_accumulate_grad_hook(lambda g, last=Last(): None)
        y.register_hook(lambda g, last=Last(): None)
        y.grad_fn.register_hook(lambda i, o, last=Last(): None)
        y.grad_fn.register_prehook(lambda g, last=Last(): None)
        y.grad_fn.metadata["last"] = y.note = Last()
        y.me, seen = y, weakref.ref(y, lambda _: None)
        builtins.kept = y.sum()
        """,
        *DEV,
    )


def test_a_backward_at_exit():
    program = """
        x = ts.ones(1_500_000, requires_grad=True)
        y = (x * 2).tanh().sum()

        @atexit.register
        def last():
            y.backward()
            print(x.grad.shape)
    """
    assert run(program, *DEV) == (0, "(1500000,)\n", "")


def test_exit_while_a_thread_makes_tensors():
    ends_well(
        """
        kept, started = [], threading.Barrier(4)

        def make():
            x = ts.ones(3, requires_grad=True)
            for step in range(sys.maxsize):
                t = (x * 2).exp()
                t.note = [t.detach()]
                kept.append(t)
                if step == 50:
                    started.wait()

        start(make, 3, daemon=True)
        started.wait()
        """,
        *DEV,
    )


def daemons(f):
    """Exit while threads run f again and again."""
    ends_well(
        f"""
        started = threading.Barrier(5)

        def hook(*grads):
            for step in range(1000):
                pass

        def f():
            {f}

        def loop():
            f()
            started.wait()
            while True:
                f()

        start(loop, 4, daemon=True)
        started.wait()
        """
    )


@pytest.mark.parametrize("attempt", range(3))
def test_exit_while_threads_are_in_ops_without_the_gil(attempt):
    daemons("ts.ones(3_000_000).exp()")


@pytest.mark.parametrize("attempt", range(3))
def test_exit_while_threads_are_in_a_backward(attempt):
    daemons("chain(ts.ones(300_000, requires_grad=True), 5).sum().backward()")


@pytest.mark.parametrize("register", ["register_hook", "register_post_accumulate_grad_hook"])
def test_exit_while_threads_are_in_hooks(register):
    daemons(f"x = ts.ones(3, requires_grad=True); x.{register}(hook); (x * 2).sum().backward()")


def test_exit_while_threads_record_stacks_of_nodes():
    daemons("ts.autograd.set_detect_anomaly(True); chain(ts.ones(3, requires_grad=True), 20).sum().backward()")


@pytest.mark.parametrize("flags", [(), DEV])
def test_a_thread_runs_a_backward_after_the_main_thread(flags):
    program = """
        main = threading.current_thread()
        x = ts.ones(1_500_000, requires_grad=True)

        def late():
            main.join()
            y = chain(x, 5)
            y.register_hook(lambda g: g * 0)
            y.sum().backward()
            print(x.grad.sum().item())

        start(late)
    """
    assert run(program, *flags) == (0, "0.0\n", "")


def test_exit_while_a_pool_of_threads_has_work():
    ends_well(
        """
        pool = ThreadPoolExecutor(8)
        futures = [pool.submit(backward, 200_000) for _ in range(32)]
        """
    )


def test_sys_exit_in_a_hook():
    program = """
        x = ts.ones(3, requires_grad=True)
        x.register_hook(lambda g: sys.exit(3))
        (x * 2).sum().backward()
    """
    assert run(program, *DEV) == (3, "", "")


def test_sys_exit_in_a_hook_ends_its_thread_alone():
    ends_well(
        """
        def leaves():
            x = ts.ones(3, requires_grad=True)
            x.register_hook(lambda g: sys.exit(3))
            (x * 2).sum().backward()
            print("not reached")

        join(start(leaves, 8))
        assert ts._C._current_graph_task_id() == -1
        backward(3)
        """,
        *DEV,
    )


def test_an_interrupt_while_a_backward_runs():
    program = """
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's job may have been told to ignore it
        x = ts.ones(1_500_000, requires_grad=True)
        y = chain(x, 20)
        y.register_hook(lambda g: join(start(lambda: os.kill(os.getpid(), signal.SIGINT))))
        y.sum().backward()
    """
    status, out, err = run(program)
    assert (status, out) == (-signal.SIGINT, "") and err.endswith("KeyboardInterrupt\n")


@pytest.mark.parametrize(
    "work",
    [
        "a = ts.ones(1_000_000); a + a",
        "ts.rand(1_000_000)",
        "x = ts.ones(1_000_000, requires_grad=True); (x * 2).sum().backward()",
        "a = ts.ones(400, 400); a @ a",
    ],
)
def test_exit_while_threads_are_inside_large_ops(work):
    """They compute without the interpreter's lock, and want it back when there is no interpreter any more."""
    ends_well(
        f"""
        begun = threading.Barrier(4)
        def work():
            begun.wait()
            while True:
                {work}
        start(work, 3, daemon=True)
        begun.wait()
        ts.rand(3_000_000)
        """
    )
