"""Forked processes go on computing, whatever the threads of their parent did."""

import pytest
from processes import DEV, ends_well


@pytest.mark.parametrize("leave", ["os._exit", "sys.exit"])
def test_a_child_runs_ops_that_several_threads_share(leave):
    ends_well(
        f"""
        want = backward()

        def child():
            assert backward() == want
            a = ts.ones(200, 200)
            assert (a @ a).sum().item() == 200**3

        wait(fork(child, {leave}))
        assert backward() == want
        """
    )


def test_children_of_multiprocessing():
    ends_well(
        """
        want = backward()
        with multiprocessing.get_context("fork").Pool(3) as pool:
            assert pool.map(backward, [1_500_000] * 6) == [want] * 6
        """
    )


def test_a_child_of_a_child_and_threads_in_it():
    ends_well(
        """
        want = backward()

        def child():
            assert backward() == want
            wait(fork(grandchild, sys.exit))

        def grandchild():
            got = []
            join(start(lambda: got.append(backward()), 4))
            assert got == [want] * 4

        wait(fork(child, sys.exit))
        """
    )


@pytest.mark.parametrize("leave", ["os._exit", "sys.exit"])
def test_fork_while_other_threads_run_a_backward(leave):
    ends_well(
        f"""
        busy = Busy(lambda: backward(300_000))
        for _ in range(5):
            wait(fork(backward, {leave}))
        busy.end()
        """
    )


def test_a_child_adds_to_a_gradient_that_other_threads_were_adding_to():
    ends_well(
        """
        x = ts.ones(500_000, requires_grad=True)
        busy = Busy(lambda: (x * 2).sum().backward())
        for _ in range(20):
            wait(fork(lambda: (x * 2).sum().backward()))
        busy.end()
        """
    )


def test_fork_while_other_threads_make_small_tensors():
    ends_well(
        """
        busy = Busy(lambda: backward(30))
        for _ in range(5):
            wait(fork(lambda: [backward(30) for _ in range(50)]))
        busy.end()
        """
    )


def test_fork_while_threads_end():
    ends_well(
        """
        busy = Busy(lambda: join(start(lambda: backward(30), 5)))
        for _ in range(10):
            wait(fork(lambda: [ts.ones(30, requires_grad=True) * 2 for _ in range(1000)]))
        busy.end()
        """
    )


def test_fork_in_threads():
    ends_well(
        """
        want, ended = backward(), []

        def in_thread():
            wait(fork(lambda: backward() == want or os._exit(1)))
            ended.append(1)

        join(start(in_thread, 4))
        assert len(ended) == 4
        """
    )


def test_both_sides_of_a_fork_in_a_hook_finish_the_backward():
    ends_well(
        """
        x = ts.ones(1_500_000, requires_grad=True)
        y = (x * 2).tanh()
        pids = []
        y.register_hook(lambda g: pids.append(os.fork()))
        y.sum().backward()
        assert x.grad.shape == x.shape
        if not pids[0]:
            sys.exit()
        wait(pids[0])
        """
    )


def test_a_child_frees_the_graph_of_its_parent():
    ends_well(
        """
        x = ts.ones(2, requires_grad=True)
        y = chain(x, 20_000)
        y.register_hook(lambda g: None)

        def child():
            global y
            y.sum().backward()
            del y
            gc.collect()

        wait(fork(child, sys.exit))
        y.sum().backward()
        """,
        *DEV,
    )
