"""Memory in a profile: bytes by event."""

import calls
import numpy as np

import tapescope as ts
from tapescope.profiler import profile, record_function


def one(prof, name):
    (event,) = [event for event in prof.events() if event.name == name]
    return event


def test_an_op_is_told_the_bytes_of_its_result():
    x = ts.ones(1000)
    with profile(profile_memory=True) as prof:
        y = x + 1
        z = x[:1] * 2
    assert one(prof, "aten::add").cpu_memory_usage == 4000
    assert one(prof, "aten::mul").self_cpu_memory_usage == 4
    del y, z


def test_what_is_freed_counts_against():
    with profile(profile_memory=True) as prof, record_function("block"):
        x = ts.ones(1000)
        del x
    assert one(prof, "aten::ones").cpu_memory_usage == 4000
    assert one(prof, "block").self_cpu_memory_usage == -4000
    assert one(prof, "block").cpu_memory_usage == 0


def test_memory_outside_of_all_events_has_events_of_its_own():
    x = ts.ones(1000)
    with profile(profile_memory=True) as prof:
        del x
    (event,) = prof.events()
    assert (event.name, event.kind, event.cpu_memory_usage) == ("[memory]", "memory", -4000)
    assert event.cpu_time_total == 0


def test_a_view_takes_no_memory():
    x = ts.ones(10, 10)
    with profile(profile_memory=True) as prof:
        x.t()
        x[2:]
    assert all(event.cpu_memory_usage == 0 for event in prof.events())


def test_large_blocks_are_counted():
    with profile(profile_memory=True) as prof:
        x = ts.zeros(1 << 20)
    assert one(prof, "aten::zeros").cpu_memory_usage == 4 << 20
    del x


def test_memory_of_others_is_not_counted():
    array = np.ones(1000, dtype=np.float32)
    with profile(profile_memory=True) as prof:
        x = ts.from_numpy(array)
        del x
    assert sum(event.self_cpu_memory_usage for event in prof.events()) == 0


def test_nodes_are_told_the_bytes_of_their_gradients():
    x = ts.ones(1000, requires_grad=True)
    y = (x * 2).sum()
    with profile(profile_memory=True) as prof:
        y.backward()
    (node,) = calls.named(prof.events(), "MulBackward0")
    assert 3990 <= node.cpu_memory_usage <= 4000  # numbers that the graph had kept go with it


def test_without_it_nothing_is_counted():
    with profile() as prof:
        x = ts.ones(1000)
    assert one(prof, "aten::ones").cpu_memory_usage == 0
    del x
