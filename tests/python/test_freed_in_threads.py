"""Tensors, graphs, hooks and shared memory that another thread frees than the one that made them."""

import pytest
from processes import DEV, ends_well, run


@pytest.mark.parametrize("flags", [(), DEV])
def test_graphs_go_from_thread_to_thread(flags):
    ends_well(
        """
        threads, rounds = 8, 100
        queues = [queue.SimpleQueue() for _ in range(threads)]
        freed = []

        class Mark:
            def __del__(self):
                freed.append(1)

        def make(size):
            x, mark = ts.ones(size, requires_grad=True), Mark()
            y = (x * 2).exp()
            y.note, seen = mark, weakref.ref(y)
            z = y.sum()
            y.register_hook(lambda g, m=mark: None)
            z.grad_fn.register_prehook(lambda g, m=mark: None)
            z.grad_fn.metadata["mark"] = mark
            return z, random.choice([x, y, seen, None])

        def work(at):
            for step in range(rounds):
                queues[random.randrange(threads)].put(make(40 + at))
                while not queues[at].empty():
                    z, other = queues[at].get()
                    if step % 3 == 0:
                        z.backward()
                    del z, other
                if step % 50 == at:
                    gc.collect()

        join([t for at in range(threads) for t in start(work, args=(at,))])
        for q in queues:
            while not q.empty():
                q.get()
        gc.collect()
        assert len(freed) == threads * rounds
        assert ts._C._census() == {"nodes": 0, "tensors": 0, "bytes": 0}
        """,
        *flags,
    )


def test_the_garbage_collector_of_another_thread_frees_graphs():
    ends_well(
        """
        gc.disable()
        freed = []

        class Mark:
            def __del__(self):
                freed.append(threading.current_thread().name)

        class Holder: pass

        for _ in range(20):
            h = Holder()
            h.me, h.y = h, ts.ones(2, requires_grad=True)
            for _ in range(100):
                h.y = h.y * 1.0
                h.y.register_hook(lambda g, m=Mark(): None)
        del h
        join(start(gc.collect, name="collector"))
        assert freed == ["collector"] * 2000
        """,
        *DEV,
    )


def test_the_object_of_a_tensor_is_dropped_in_a_thread():
    ends_well(
        """
        class Sub(ts.Tensor): pass

        def make():
            s = ts.Tensor._make_subclass(Sub, ts.ones(5), True)
            s.note = ts.ones(1)
            s.note.more = [s.note.detach()]
            y = s * 2
            return y, y.grad_fn.next_functions[0][0], weakref.ref(s)

        def drop():
            while item := given.get():
                y, node, seen = item
                del item, y
                assert type(node.variable) is Sub and node.variable.note.tolist() == [1]
                assert seen() is not None
                del node
                assert seen() is None
                count.append(1)

        given, count = queue.SimpleQueue(), []
        threads = start(drop, 8)
        for _ in range(500):
            given.put(make())
        for _ in threads:
            given.put(None)
        join(threads)
        assert len(count) == 500
        """,
        *DEV,
    )


def test_memory_that_is_shared_with_numpy_outlives_its_owner_in_threads():
    ends_well(
        """
        def drop():
            while (shared := given.get()) is not None:
                if isinstance(shared, np.ndarray | ts.Tensor):
                    assert shared.sum() == 100
                del shared

        given = queue.SimpleQueue()
        threads = start(drop, 8)
        for _ in range(200):
            t = ts.ones(103)
            given.put(t.numpy()[3:])
            given.put(np.from_dlpack(t)[3:])
            given.put(ts.from_dlpack(t.__dlpack__())[3:])
            given.put(t.__dlpack__())
            given.put(memoryview(t))
            given.put(ts.from_numpy(np.ones(100)).view(2, 50))
            given.put(ts.from_dlpack(np.ones(100)))
        for _ in threads:
            given.put(None)
        join(threads)
        """,
        *DEV,
    )


def test_errors_of_backwards_in_threads():
    ends_well(
        """
        seen = []

        def fails():
            for i in range(50):
                x = ts.ones(3, requires_grad=True)
                x.register_hook(lambda g: {}[i])
                y = (x * 2).sum()
                for attempt in range(2):
                    try:
                        y.backward()
                    except (KeyError, RuntimeError) as e:
                        seen.append(type(e))

        join(start(fails, 8))
        assert seen.count(KeyError) == seen.count(ts._C.AutogradError) == 400
        assert ts._C._current_graph_task_id() == -1
        """,
        *DEV,
    )


def test_threads_that_use_up_one_graph_add_all_or_are_told_that_it_was_freed():
    ends_well(
        """
        for _ in range(5):
            x, second = ts.ones(100_000, requires_grad=True), []
            y = chain(x, 3).sum()
            (want,) = ts.autograd.grad(y, x, retain_graph=True)
            together = threading.Barrier(8)

            def run():
                together.wait()
                try:
                    y.backward()
                except RuntimeError as e:
                    assert "a second time" in str(e)
                    second.append(e)

            join(start(run, 8))
            # Those that are side by side at every node all succeed.
            assert len(second) < 8
            assert (x.grad - want * (8 - len(second))).abs().max() < 1e-4
        """
    )


def test_a_backward_that_runs_when_a_gradient_is_replaced():
    ends_well(
        """
        import warnings
        warnings.simplefilter("ignore")

        class Last:
            def __del__(self):
                (x * 1).sum().backward()

        x = ts.ones(3, requires_grad=True)
        (x * x).sum().backward()
        x.grad.note = Last()
        (x * x).sum().backward(create_graph=True)
        assert x.grad.tolist() == [5, 5, 5]
        """
    )


def test_an_error_where_a_hook_is_freed_is_reported():
    program = """
        class Last:
            def __del__(self):
                raise ValueError("of the end")
        x = ts.ones(3, requires_grad=True)
        y = x * 2
        y.register_hook(lambda g, last=Last(): None)
        z = y.sum()
        del y
        join(start(lambda: z.backward()))
        del z
        backward(3)
    """
    status, out, err = run(program, *DEV)
    assert (status, out) == (0, "") and err.startswith("Exception ignored in") and "of the end" in err
