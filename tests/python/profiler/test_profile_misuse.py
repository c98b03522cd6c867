"""Profiles used in other ways than they are made for: what is said, and that the profiler is off afterwards."""

import threading

import calls
import pytest

import tapescope as ts
from tapescope.profiler import ProfilerActivity, profile, record_function, schedule


@pytest.fixture(autouse=True)
def _off_afterwards():
    yield
    assert not ts._C._profiler_enabled()
    assert threading.getprofile() is None


def test_stop_before_start():
    with pytest.raises(RuntimeError, match=r"stop\(\) was called before start\(\)"):
        profile().stop()


def test_step_before_start():
    with pytest.raises(RuntimeError, match=r"step\(\) was called while the profile does not run"):
        profile(schedule=schedule(wait=0, warmup=0, active=1)).step()


def test_start_twice():
    with profile() as prof, pytest.raises(RuntimeError, match=r"start\(\) was called already"):
        prof.start()


def test_stop_twice():
    with profile() as prof:
        pass
    with pytest.raises(RuntimeError, match=r"before start\(\)"):
        prof.stop()


def test_profiles_do_not_nest():
    with profile() as outer:
        ts.ones(2)
        with pytest.raises(RuntimeError, match="profiles do not nest: stop that one first, or name the inner part"):
            profile(with_stack=True).start()
        ts.zeros(2)
    assert [event.name for event in outer.events()] == ["aten::ones", "aten::zeros"]


def test_a_second_profile_waits_in_vain_for_its_schedule():
    with profile(), pytest.raises(RuntimeError, match="do not nest"):
        profile(schedule=schedule(wait=1, warmup=0, active=1)).start()


def test_results_before_there_are_any(tmp_path):
    prof = profile()
    for ask in (prof.events, prof.key_averages, lambda: prof.export_chrome_trace(tmp_path / "t.json")):
        with pytest.raises(RuntimeError, match="there is no trace: nothing was recorded yet"):
            ask()
    with prof, pytest.raises(RuntimeError, match="it runs still: stop it first"):
        prof.events()
    assert not (tmp_path / "t.json").exists()


def test_a_profile_used_twice_forgets_the_first_time():
    prof = profile()
    with prof:
        ts.ones(2)
    assert [event.name for event in prof.events()] == ["aten::ones"]
    with prof:
        ts.zeros(2)
        prof.step()
    assert [event.name for event in prof.events()] == ["aten::zeros"]
    assert prof.step_num == 1


@pytest.mark.parametrize("with_stack", [False, True])
def test_an_exception_in_the_block_ends_the_profile(with_stack):
    with pytest.raises(ZeroDivisionError), profile(with_stack=with_stack) as prof, record_function("fails"):
        ts.ones(2)
        1 / 0  # noqa: B018
    assert calls.named(prof.events(), "fails")
    calls.check_nesting(prof.events())


def test_an_op_that_raises_is_an_event():
    with profile() as prof:
        with pytest.raises(RuntimeError):
            ts.ones(2) + ts.ones(3)
        ts.ones(2)
    assert [event.name for event in prof.events()].count("aten::add") == 1
    calls.check_nesting(prof.events())


def test_a_hook_that_raises_ends_its_events():
    x = ts.ones(2, requires_grad=True)
    y = x * 2

    def fails(g):
        raise ValueError("on purpose")

    y.register_hook(fails)
    with profile() as prof:
        with pytest.raises(ValueError, match="on purpose"):
            y.sum().backward()
        ts.ones(2)
    last = prof.events()[-1]
    assert last.name == "aten::ones"
    assert last.cpu_parent is None
    assert calls.named(prof.events(), "fails")
    calls.check_nesting(prof.events())


def test_a_handler_that_raises_leaves_the_profiler_off():
    def fails(prof):
        raise ValueError("on purpose")

    with pytest.raises(ValueError, match="on purpose"), profile(on_trace_ready=fails) as prof:
        ts.ones(2)
    assert len(prof.events()) == 1


def test_a_handler_that_raises_in_a_step_lets_the_profile_go_on():
    def fails(prof):
        raise ValueError("on purpose")

    prof = profile(schedule=schedule(wait=0, warmup=0, active=1), on_trace_ready=fails)
    prof.start()
    with pytest.raises(ValueError, match="on purpose"):
        prof.step()
    ts.ones(2)
    with pytest.raises(ValueError, match="on purpose"):
        prof.stop()
    assert [event.name for event in prof.events()] == ["ProfilerStep#1", "aten::ones"]


def test_a_profile_stopped_in_a_hook():
    x = ts.ones(2, requires_grad=True)
    y = x * 2
    prof = profile(profile_memory=True)

    def stops(g):
        prof.stop()

    y.register_hook(stops)
    prof.start()
    y.sum().backward()
    (hook,) = calls.named(prof.events(), "stops")
    assert hook.cpu_parent.name.endswith("MulBackward0")
    calls.check_nesting(prof.events())


def test_a_profile_started_in_a_hook():
    x = ts.ones(2, requires_grad=True)
    y = x * 2
    prof = profile(profile_memory=True, with_stack=True)
    y.register_hook(lambda g: prof.start())
    y.sum().backward()
    prof.stop()
    assert calls.named(prof.events(), "AccumulateGrad")
    calls.check_nesting(prof.events())


def test_a_profile_stopped_on_another_thread():
    prof = profile(with_stack=True)
    prof.start()
    ts.ones(2)
    thread = threading.Thread(target=prof.stop)
    thread.start()
    thread.join()
    assert calls.named(prof.events(), "aten::ones")
    calls.check_nesting(prof.events())


def test_a_range_outside_of_a_profile_is_nothing():
    with record_function("nothing") as r:
        assert r.name == "nothing"
    with profile() as prof:
        pass
    assert prof.events() == []


def test_a_range_that_is_open_when_the_profile_starts_or_stops():
    early, late = record_function("early"), record_function("late")
    early.__enter__()
    with profile() as prof:
        early.__exit__(None, None, None)
        late.__enter__()
    late.__exit__(None, None, None)
    assert [event.name for event in prof.events()] == ["late"]


def test_what_a_range_is_given_is_checked():
    with pytest.raises(TypeError):
        record_function(3)
    with pytest.raises(TypeError, match="args must be a str or None, not int"):
        record_function("name", 3)


def test_what_a_profile_is_given_is_checked():
    with pytest.raises(TypeError, match="schedule must be callable, but it is a int"):
        profile(schedule=3)
    with pytest.raises(TypeError, match="on_trace_ready must be callable, but it is a str"):
        profile(on_trace_ready="x")


def test_a_path_that_cannot_be_written(tmp_path):
    with profile() as prof:
        ts.ones(2)
    for name in ("missing/trace.json", "missing/trace.json.gz"):
        with pytest.raises(OSError):
            prof.export_chrome_trace(tmp_path / name)


@pytest.mark.parametrize("activities", [True, 3, ProfilerActivity.CPU])
def test_activities_are_a_list(activities):
    with pytest.raises(TypeError, match=r"activities is a list of ProfilerActivity, such as \[ProfilerActivity.CPU\]"):
        profile(activities)


def test_record_function_decorates_functions():
    async def later():
        pass

    with pytest.raises(TypeError, match=r"later is async.*between its awaits"):
        record_function("a")(later)
    for wrong in (3, dict):
        with pytest.raises(TypeError, match="it decorates functions"):
            record_function("a")(wrong)
