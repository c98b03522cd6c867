"""The tracer of Python calls, through with_stack and by itself."""

import gc
import itertools
import sys
import threading
import warnings

import calls
import pytest

import tapescope as ts
from tapescope import nn
from tapescope.profiler import PythonTracer, profile, record_function


def leaf(x):
    return x


def caller(x):
    return leaf(x)


def fails():
    raise ValueError("on purpose")


def recursion(depth):
    return recursion(depth - 1) if depth else calls_c()


def calls_c():
    return len([1, 2])


def names(prof):
    return [event.name for event in prof.events()]


def one(prof, part):
    (event,) = calls.named(prof.events(), part)
    return event


def test_names_a_call_by_file_line_and_function():
    event = one(calls.traced(lambda: leaf(1)), ": leaf")
    assert event.name == f"{event.name.split('(')[0]}({leaf.__code__.co_firstlineno}): leaf"
    assert event.name.endswith(f"test_call_tracer.py({leaf.__code__.co_firstlineno}): leaf")


def test_a_call_lies_in_its_caller():
    prof = calls.traced(lambda: caller(1))
    assert one(prof, ": leaf").cpu_parent is one(prof, ": caller")


def test_names_a_call_of_c_by_its_repr():
    prof = calls.traced(calls_c)
    event = one(prof, "built-in function len")
    assert event.name == "<built-in function len>"
    assert event.cpu_parent is one(prof, ": calls_c")


def test_names_a_method_of_c():
    assert calls.named(calls.traced(lambda: [].append(1)).events(), "<built-in method append of list object at 0x")


def test_a_call_of_a_module_is_named_by_class_and_number():
    model = nn.Sequential(nn.Linear(2, 2), nn.Tanh(), nn.Linear(2, 2))
    x = ts.ones(1, 2)
    prof = calls.traced(lambda: (model(x), model(x)))
    got = [event.name for event in prof.events() if event.kind == "module"]
    once = ["nn.Module: Sequential_0", "nn.Module: Linear_0", "nn.Module: Tanh_0", "nn.Module: Linear_1"]
    assert got == once * 2
    assert [e.python_module_id for e in calls.named(prof.events(), "nn.Module: Linear_")] == [0, 1, 0, 1]


def test_a_module_with_hooks_is_still_a_module():
    model = nn.Linear(2, 2)
    model.register_forward_hook(lambda *_: None)
    prof = calls.traced(lambda: model(ts.ones(1, 2)))
    assert len(calls.named(prof.events(), "nn.Module: Linear_0")) == 1


def test_a_step_of_an_optimizer_is_known(tmp_path):
    p = nn.Parameter(ts.ones(2))
    p.grad = ts.ones(2)
    optimizer = ts.optim.SGD([p], lr=0.1)
    prof = calls.traced(optimizer.step)
    (step,) = calls.named(prof.events(), "Optimizer.step#SGD.step")
    assert step.cpu_parent.name.endswith(": wrapper")
    prof.export_chrome_trace(tmp_path / "trace.json")
    assert '"Optimizer":"SGD_0"' in (tmp_path / "trace.json").read_text()


def test_frames_on_the_stack_at_the_start_begin_there():
    def inner():
        with profile(with_stack=True) as prof:
            leaf(1)
        return prof

    prof = inner()
    event = one(prof, ": inner")
    assert event.time_range.start == pytest.approx(0, abs=1e4)
    assert one(prof, ": leaf").cpu_parent is event
    assert one(prof, ": test_frames_on_the_stack_at_the_start_begin_there") is event.cpu_parent
    calls.check_nesting(prof.events())


def test_start_frames_are_the_128_innermost():
    def deep(depth):
        if depth:
            return deep(depth - 1)
        with profile(with_stack=True) as prof:
            leaf(1)
        return prof

    prof = deep(300)
    frames = calls.named(prof.events(), ": deep")
    # Two of the 128 are the profiler's own, which are not shown.
    assert 120 <= len(frames) <= 128
    assert one(prof, ": leaf").cpu_parent is frames[-1]
    calls.check_nesting(prof.events())


def test_a_stack_that_unwinds_below_the_start_frames():
    tracer = PythonTracer()

    def deep(depth):
        return deep(depth - 1) if depth else tracer.start()

    deep(300)
    caller(1)
    tracer.stop()
    events = calls.of_trace(tracer.take())
    assert len(calls.named(events, ": caller")) == 1
    calls.check_nesting(events)


def test_an_exception_ends_a_call_as_a_return_does():
    def block():
        with pytest.raises(ValueError):
            fails()
        leaf(1)

    prof = calls.traced(block)
    assert one(prof, ": leaf").cpu_parent is one(prof, ": block")
    assert one(prof, ": fails").time_range.end <= one(prof, ": leaf").time_range.start
    calls.check_nesting(prof.events())


def test_an_exception_of_c_ends_its_call():
    def block():
        with pytest.raises(TypeError):
            len(1)
        leaf(1)

    prof = calls.traced(block)
    assert one(prof, ": leaf").cpu_parent is one(prof, ": block")
    calls.check_nesting(prof.events())


def test_strict_nesting_of_a_deep_recursion():
    prof = calls.traced(lambda: recursion(50))
    frames = calls.named(prof.events(), ": recursion")
    assert len(frames) == 51
    assert all(inner.cpu_parent is outer for outer, inner in itertools.pairwise(frames))
    calls.check_nesting(prof.events())


def test_ids_are_in_order_of_time_and_parents_are_the_nearest_calls():
    prof = calls.traced(lambda: (caller(1), recursion(3)))
    python = [event for event in prof.events() if event.is_python_function]
    assert [event.python_id for event in python] == list(range(1, len(python) + 1))
    for event in python:
        parent = event.cpu_parent
        while parent is not None and not parent.is_python_function:
            parent = parent.cpu_parent
        assert event.python_parent_id == (parent.python_id if parent else None)


def test_a_call_within_an_op_has_the_nearest_call_as_its_parent():
    class Twice(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return leaf(x) * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    prof = calls.traced(lambda: Twice.apply(ts.ones(2, requires_grad=True)))
    forward = one(prof, ": forward")
    assert forward.cpu_parent.kind == "function"
    assert one(prof, ": leaf").python_parent_id == forward.python_id
    outer = next(e for e in prof.events() if e.python_id == forward.python_parent_id)
    assert outer.name.startswith("<built-in method apply")


def test_a_generator_is_a_call_each_time_it_goes_on():
    def generator():
        yield 1
        yield 2

    prof = calls.traced(lambda: list(generator()))
    parts = calls.named(prof.events(), ": generator")
    first = generator.__code__.co_firstlineno
    assert [int(e.name.split("(")[1].split(")")[0]) - first for e in parts] == [0, 1, 2]
    calls.check_nesting(prof.events())


def test_ops_lie_in_the_calls_that_make_them():
    x = ts.ones(2)

    def double():
        return x + x

    prof = calls.traced(double)
    assert one(prof, "aten::add").cpu_parent is one(prof, ": double")
    assert one(prof, "aten::add").stack[0].endswith(": double")


def test_a_range_nests_with_calls():
    def block():
        with record_function("the range"):
            leaf(1)

    prof = calls.traced(block)
    event = one(prof, "the range")
    assert not event.is_async
    assert event.cpu_parent is one(prof, ": block")
    assert one(prof, ": leaf").cpu_parent is event
    assert not calls.named(prof.events(), "__exit__")


def test_the_profiler_itself_is_not_shown():
    prof = calls.traced(lambda: leaf(1))
    assert not calls.named(prof.events(), "profiler/profiler.py")


def test_threads_that_run_already_are_covered():
    go, done, ready = threading.Event(), threading.Event(), threading.Event()

    def work():
        ready.set()
        go.wait()
        caller(1)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()

    def block():
        go.set()
        done.wait()

    prof = calls.traced(block)
    thread.join()
    event = one(prof, ": caller")
    assert event.thread != one(prof, ": block").thread
    assert event.cpu_parent.name.endswith(": work")
    calls.check_nesting(prof.events())


def test_threads_that_begin_meanwhile_are_covered():
    def work():
        caller(1)

    def block():
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    prof = calls.traced(block)
    event = one(prof, ": caller")
    assert event.thread != one(prof, ": block").thread
    assert event.cpu_parent.name.endswith(": work")
    assert threading.getprofile() is None
    calls.check_nesting(prof.events())


def test_the_hook_of_threading_comes_back():
    def hook(*_):
        return None

    threading.setprofile(hook)
    try:
        calls.traced(lambda: leaf(1))
        assert threading.getprofile() is hook
    finally:
        threading.setprofile(None)


def test_a_profile_function_of_others_is_overridden():
    seen = []
    sys.setprofile(lambda frame, *_: seen.append(frame.f_code.co_name))
    try:
        prof = calls.traced(lambda: leaf(1))
    finally:
        sys.setprofile(None)
    assert "leaf" not in seen
    assert calls.named(prof.events(), ": leaf")


def test_one_that_others_install_meanwhile_stays():
    def other(*_):
        return None

    prof = calls.traced(lambda: sys.setprofile(other))
    try:
        assert sys.getprofile() is other
    finally:
        sys.setprofile(None)
    calls.check_nesting(prof.events())


def test_a_second_start_warns_and_does_nothing():
    first, second = PythonTracer(), PythonTracer()
    first.start()
    try:
        with pytest.warns(UserWarning, match="already an active Python tracer. Refusing to register profile functions"):
            second.start()
        second.stop()
        leaf(1)
    finally:
        first.stop()
    assert calls.named(calls.of_trace(first.take()), ": leaf")
    assert not calls.of_trace(second.take())


def test_a_tracer_that_is_not_stopped_warns_when_it_goes():
    tracer = PythonTracer()
    tracer.start()
    with pytest.warns(UserWarning, match="stop.* was not called"):
        del tracer
        gc.collect()
    assert sys.getprofile() is None
    assert threading.getprofile() is None


def test_a_restart_records_on():
    tracer = PythonTracer()
    tracer.start()
    leaf(1)
    tracer.stop()
    calls_c()
    tracer.restart()
    caller(1)
    tracer.stop()
    events = calls.of_trace(tracer.take())
    assert len(calls.named(events, ": leaf")) == 2
    assert len(calls.named(events, ": caller")) == 1
    assert not calls.named(events, ": calls_c")
    calls.check_nesting(events)


def test_a_profile_that_is_never_stopped_warns_and_lets_go():
    prof = profile(with_stack=True)
    prof.start()
    with pytest.warns(UserWarning, match="never stopped"):
        del prof
        gc.collect()
    assert sys.getprofile() is None
    assert threading.getprofile() is None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert calls.named(calls.traced(lambda: leaf(1)).events(), ": leaf")


def test_code_is_let_go_when_the_trace_is_taken():
    import weakref

    namespace = {}
    exec("def passing(): pass", namespace)
    code = weakref.ref(namespace["passing"].__code__)
    prof = calls.traced(namespace["passing"])
    namespace.clear()
    gc.collect()
    assert calls.named(prof.events(), ": passing")
    assert code() is None


def test_modules_are_not_kept():
    import weakref

    gone = []

    def block():
        model = nn.Linear(2, 2)
        gone.append(weakref.ref(model))
        model(ts.ones(1, 2))

    prof = calls.traced(block)
    gc.collect()
    assert gone[0]() is None
    assert one(prof, "nn.Module: Linear_0")


def test_what_sys_setprofile_had_comes_back():
    seen = []

    def other(frame, *_):
        seen.append(frame.f_code.co_name)

    sys.setprofile(other)
    try:
        calls.traced(lambda: None)
        assert sys.getprofile() is other
    finally:
        sys.setprofile(None)
