"""Which steps are recorded, and what happens between them."""

import pytest

import tapescope as ts
from tapescope.profiler import ProfilerAction, ProfilerActivity, profile, schedule, supported_activities

A = ProfilerAction


def test_cycles_wait_warm_up_and_record():
    plan = schedule(wait=1, warmup=1, active=2)
    got = [plan(step) for step in range(8)]
    assert got == [A.NONE, A.WARMUP, A.RECORD, A.RECORD_AND_SAVE] * 2


def test_the_first_steps_are_skipped_and_cycles_end():
    plan = schedule(wait=0, warmup=0, active=2, repeat=2, skip_first=3)
    got = [plan(step) for step in range(9)]
    assert got == [A.NONE] * 3 + [A.RECORD, A.RECORD_AND_SAVE] * 2 + [A.NONE] * 2


def test_the_first_cycle_may_do_without_its_wait():
    plan = schedule(wait=2, warmup=0, active=1, skip_first=1, skip_first_wait=1)
    assert [plan(step) for step in range(5)] == [A.NONE, A.RECORD_AND_SAVE, A.NONE, A.NONE, A.RECORD_AND_SAVE]


@pytest.mark.parametrize("wrong", [{"wait": -1}, {"warmup": -1}, {"active": 0}, {"repeat": -1}, {"skip_first": -1}])
def test_numbers_of_steps_are_checked(wrong):
    with pytest.raises(ValueError, match=f"schedule: {next(iter(wrong))}"):
        schedule(**{"wait": 1, "warmup": 1, "active": 1, **wrong})


def test_steps_are_counted_from_zero():
    with pytest.raises(ValueError, match="counted from 0"):
        schedule(wait=0, warmup=0, active=1)(-1)


def test_each_cycle_is_handed_over_when_it_ends():
    x, handed = ts.ones(2), []

    def ready(prof):
        handed.append((prof.step_num, [event.name for event in prof.events()]))

    with profile(schedule=schedule(wait=1, warmup=1, active=2, repeat=2), on_trace_ready=ready) as prof:
        for step in range(10):
            for _ in range(step):
                x + 1
            prof.step()

    def of(*steps):
        return [name for s in steps for name in (f"ProfilerStep#{s}", *["aten::add"] * s)]

    assert handed == [(4, of(2, 3)), (8, of(6, 7))]
    assert [event.name for event in prof.events()] == of(6, 7)


def test_ops_lie_in_their_step():
    with profile(schedule=schedule(wait=0, warmup=0, active=2), with_stack=True) as prof:
        for _ in range(2):
            ts.ones(2)
            prof.step()
    ones = [event for event in prof.events() if event.name == "aten::ones"]
    for number, event in enumerate(ones):
        parent = event.cpu_parent
        while parent.kind != "step":
            parent = parent.cpu_parent
        assert parent.name == f"ProfilerStep#{number}"
        assert not parent.is_async


def test_a_profile_that_ends_within_a_cycle_is_handed_over():
    handed = []
    with profile(schedule=schedule(wait=0, warmup=0, active=5), on_trace_ready=handed.append) as prof:
        ts.ones(2)
        prof.step()
    assert handed == [prof]


def test_one_that_ends_while_it_waits_or_warms_up_is_not():
    handed = []
    for plan in (schedule(wait=5, warmup=0, active=1), schedule(wait=0, warmup=5, active=1)):
        with profile(schedule=plan, on_trace_ready=handed.append) as prof:
            ts.ones(2)
            prof.step()
        with pytest.raises(RuntimeError, match="there is no trace: nothing was recorded yet"):
            prof.events()
    assert handed == []


def test_record_must_end_with_record_and_save():
    actions = [A.RECORD, A.NONE, A.NONE]
    handed = []
    with profile(schedule=actions.__getitem__, on_trace_ready=handed.append) as prof:
        ts.ones(2)
        with pytest.warns(UserWarning, match="RECORD be followed by NONE"):
            prof.step()
        ts.zeros(2)
    assert [event.name for event in prof.events()] == ["ProfilerStep#0", "aten::ones"]
    assert handed == [prof]


def test_a_schedule_gives_actions():
    with pytest.raises(TypeError, match="must give a ProfilerAction, but gave 3 for step 0"):
        profile(schedule=lambda step: 3).start()
    assert not ts._C._profiler_enabled()


def test_without_a_schedule_steps_are_counted_only():
    with profile() as prof:
        ts.ones(2)
        prof.step()
        ts.ones(2)
    assert prof.step_num == 1
    assert [event.name for event in prof.events()] == ["aten::ones"] * 2


def test_activities():
    assert supported_activities() == {ProfilerActivity.CPU}
    assert profile(activities=[ProfilerActivity.CPU]).activities == {ProfilerActivity.CPU}
    with pytest.warns(UserWarning, match="CUDA is not available"):
        profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA])
    with pytest.raises(ValueError, match="no activity"):
        profile(activities=[])
    with pytest.raises(TypeError, match="of ProfilerActivity, but one is 'cpu'"):
        profile(activities=["cpu"])
