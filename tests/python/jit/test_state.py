"""The tracer's state: one open trace a thread, and none after whatever happens."""

import gc
import threading
import weakref

import pytest

import tapescope as ts
from tapescope import _C, jit


def tracing_is_over():
    """No trace is open, and a new one works."""
    assert not jit.is_tracing()
    traced = jit.trace(lambda x: x * 3, ts.rand(2), check_trace=False)
    return traced(ts.ones(2)).tolist() == [3, 3] and not jit.is_tracing()


def in_thread(function):
    """Its result, or what it raised."""
    out = []

    def run():
        try:
            out.append(function())
        except Exception as e:
            out.append(e)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return out[0]


def test_is_tracing_is_true_inside_only():
    seen = []
    jit.trace(lambda x: (seen.append(jit.is_tracing()), x * 2)[1], ts.rand(2), check_trace=False)
    assert seen == [True] and not jit.is_tracing()


def test_tracing_cannot_be_nested():
    def outer(x):
        return jit.trace(lambda y: y * 2, x)(x)

    with pytest.raises(RuntimeError, match="Tracing can't be nested"):
        jit.trace(outer, ts.rand(2))
    assert tracing_is_over()


def test_a_nested_trace_that_is_caught_leaves_the_outer_one_open():
    def outer(x):
        with pytest.raises(RuntimeError, match="nested"):
            jit.trace(lambda y: y * 2, x)
        return x.sin()

    traced = jit.trace(outer, ts.rand(2), check_trace=False)
    assert [n.kind() for n in traced.graph.nodes()] == ["aten::sin"] and tracing_is_over()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, StopIteration, GeneratorExit])
def test_an_exception_abandons_the_trace_and_is_rethrown(error):
    def f(x):
        x * 2
        raise error("mine")

    with pytest.raises(error, match="mine"):
        jit.trace(f, ts.rand(2))
    assert tracing_is_over()


def test_an_exception_of_an_op_abandons_the_trace():
    with pytest.raises(RuntimeError):
        jit.trace(lambda x: x @ ts.rand(7, 7), ts.rand(2, 3))
    assert tracing_is_over()


def test_an_exception_of_an_op_that_is_caught_leaves_no_node():
    def f(x):
        try:
            return x.view(7)
        except RuntimeError:
            return x.sin()

    traced = jit.trace(f, ts.rand(2))
    assert "aten::view" not in str(traced.graph) and traced(ts.zeros(3)).tolist() == [0, 0, 0]


@pytest.mark.parametrize("result", [None, 3, object(), {1}, {"a": 1}])
def test_a_bad_result_abandons_the_trace(result):
    with pytest.raises((RuntimeError, TypeError)):
        jit.trace(lambda x: result, ts.rand(2))
    assert tracing_is_over()


def test_bad_inputs_open_no_trace():
    with pytest.raises((RuntimeError, TypeError)):
        jit.trace(lambda x: x, ({1},))
    assert tracing_is_over()


def test_a_warning_made_an_error_abandons_the_trace():
    import warnings

    with warnings.catch_warnings(), pytest.raises(jit.TracerWarning):
        warnings.simplefilter("error", jit.TracerWarning)
        jit.trace(lambda x: x * float(x.sum()), ts.rand(2))
    assert tracing_is_over()


def test_the_state_shows_its_graph():
    seen = []

    def f(x):
        y = x.sin()
        state = _C._get_tracing_state()
        seen.append((str(state), repr(state), str(state.graph)))
        return y

    jit.trace(f, ts.rand(2), check_trace=False)
    text, shown, graph = seen[0]
    assert "aten::sin" in text and text == graph and "TracingState" in shown
    assert _C._get_tracing_state() is None


def test_scopes_are_pushed_and_popped():
    def f(x):
        state = _C._get_tracing_state()
        state.push_scope("outer")
        state.push_scope("inner")
        assert state.current_scope() == "outer/inner"
        y = x.sin()
        state.pop_scope()
        z = y.cos()
        state.pop_scope()
        with pytest.raises(ValueError, match="no scope"):
            state.pop_scope()
        return z

    graph, _ = _C._create_graph_by_tracing(f, (ts.rand(2),), None, True, False)
    assert [n.scopeName() for n in graph.nodes()] == ["outer/inner", "outer"]
    assert "scope: outer/inner" in str(graph)


def test_tracing_is_paused_by_taking_the_state_away():
    def f(x):
        state = _C._get_tracing_state()
        _C._set_tracing_state(None)
        assert not jit.is_tracing()
        x.cos()
        _C._set_tracing_state(state)
        return x.sin()

    assert "aten::cos" not in str(jit.trace(f, ts.rand(2)).graph)


def test_a_function_that_leaves_tracing_paused_does_no_harm():
    def f(x):
        _C._set_tracing_state(None)
        return x

    jit.trace(f, ts.rand(2), check_trace=False)
    assert tracing_is_over()


def test_a_state_kept_behind_its_trace_does_no_harm():
    kept = []
    jit.trace(lambda x: (kept.append(_C._get_tracing_state()), x.sin())[1], ts.rand(2), check_trace=False)
    _C._set_tracing_state(kept[0])
    try:
        ts.rand(2).cos()
    finally:
        _C._set_tracing_state(None)
    assert "aten::cos" in str(kept[0]) and tracing_is_over()


# --- threads and generators


def test_the_state_is_of_one_thread():
    def f(x):
        assert in_thread(jit.is_tracing) is False
        in_thread(lambda: ts.rand(2).cos())
        return x.sin()

    assert [n.kind() for n in jit.trace(f, ts.rand(2)).graph.nodes()] == ["aten::sin"]


def test_another_thread_may_trace_meanwhile():
    inner = []

    def f(x):
        inner.append(in_thread(lambda: jit.trace(lambda y: y.cos(), ts.rand(2))))
        return x.sin()

    outer = jit.trace(f, ts.rand(2))
    assert [n.kind() for n in inner[0].graph.nodes()] == ["aten::cos"]
    assert [n.kind() for n in outer.graph.nodes()] == ["aten::sin"]


def test_what_another_thread_computed_is_no_part_of_the_trace():
    with pytest.raises(RuntimeError, match="did not have observable data dependence"):
        jit.trace(lambda x: in_thread(lambda: x * 2), ts.rand(2))
    assert tracing_is_over()


def test_many_threads_trace_at_once():
    def work(n):
        for _ in range(20):
            traced = jit.trace(lambda x: x * n + x.sin(), ts.rand(3))
            assert [k.kind() for k in traced.graph.nodes()][1:] == ["aten::mul", "aten::sin", "aten::add"]
        return traced(ts.zeros(2)).tolist()

    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, range(6))) == [[0, 0]] * 6


def test_a_module_traced_in_another_thread_leaves_the_scopes_of_this_one():
    class Outer(ts.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = ts.nn.Linear(2, 2), ts.nn.Linear(2, 2)

        def forward(self, x):
            x = self.first(x)
            in_thread(lambda: jit.trace(ts.nn.Sequential(ts.nn.Linear(2, 2)), ts.rand(1, 2)))
            return self.second(x)

    graph = jit.trace(Outer(), ts.rand(1, 2)).inlined_graph
    assert [n.scopeName() for n in graph.findAllNodes("aten::linear")] == ["__module.first", "__module.second"]


def test_a_nested_trace_of_a_module_leaves_the_scopes_of_the_outer_one():
    class Outer(ts.nn.Module):
        def __init__(self):
            super().__init__()
            self.inner = ts.nn.Linear(2, 2)

        def forward(self, x):
            with pytest.raises(RuntimeError, match="nested"):
                jit.trace(self.inner, x)
            return self.inner(x)

    graph = jit.trace(Outer(), ts.rand(1, 2), check_trace=False).inlined_graph
    assert graph.findNode("aten::linear").scopeName() == "__module.inner"


def test_generators_inside_are_traced():
    def halves(x):
        while True:
            x = x / 2
            yield x

    def f(x):
        steps = halves(x)
        return next(steps) + next(steps)

    traced = jit.trace(f, ts.rand(2))
    assert traced(ts.ones(2)).tolist() == [0.75, 0.75]


def test_a_generator_that_outlives_its_trace_does_no_harm():
    kept = []

    def f(x):
        steps = (x * i for i in range(3))
        kept.append(steps)
        return next(steps)

    jit.trace(f, ts.rand(2), check_trace=False)
    assert len(list(kept[0])) == 2 and tracing_is_over()


def test_a_generator_function_is_refused():
    def f(x):
        yield x * 2

    with pytest.raises((RuntimeError, TypeError), match="generator"):
        jit.trace(f, ts.rand(2))
    assert tracing_is_over()


def test_a_traced_function_does_not_keep_what_it_was_made_of():
    def f(x):
        return x * 2

    x = ts.rand(2)
    traced = jit.trace(f, x)
    function, tensor = weakref.ref(f), weakref.ref(x)
    del f, x
    gc.collect()
    assert function() is None and tensor() is None and traced(ts.ones(1)).tolist() == [2]
