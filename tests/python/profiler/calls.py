"""What the tests of the tracer share: events of a block, and whether they nest."""

import itertools

from tapescope.profiler import profile
from tapescope.profiler.function_event import events_of


def traced(run, **options):
    """The profile of run(), with all calls of Python."""
    with profile(with_stack=True, **options) as prof:
        run()
    return prof


def named(events, part):
    """Events whose name holds `part`; ": f": calls of f."""
    exact = part.startswith(": ")
    return [event for event in events if (event.name.endswith(part) if exact else part in event.name)]


def of_trace(trace):
    return events_of(trace)


def check_nesting(events):
    """Each event lies within its parent, on its thread; siblings do not overlap; nothing lasts less than no time."""
    for event in events:
        assert event.time_range.start <= event.time_range.end
        assert event.self_cpu_time_total >= -1e-6
        parent = event.cpu_parent
        if parent is None or event.is_async:
            continue
        assert parent.thread == event.thread
        assert parent.time_range.start <= event.time_range.start
        assert event.time_range.end <= parent.time_range.end
    for event in events:
        children = event.cpu_children
        for before, after in itertools.pairwise(children):
            assert before.time_range.end <= after.time_range.start
