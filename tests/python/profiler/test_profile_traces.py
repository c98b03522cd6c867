"""A profile and the tracer of ops at once: both see each call."""

import calls

import tapescope as ts
from tapescope import jit
from tapescope.profiler import profile


def test_a_function_is_traced_under_a_profile():
    x = ts.ones(3)

    def f(x):
        return (x * 2).tanh()

    with profile() as prof:
        traced = jit.trace(f, x)
    names = [event.name for event in prof.events()]
    assert names.count("aten::tanh") >= 1
    assert "tanh" in str(traced.graph)
    assert (traced(x) == f(x)).all()
    calls.check_nesting(prof.events())


def test_a_profile_within_a_trace_changes_nothing():
    def f(x):
        with profile(record_shapes=True, profile_memory=True):
            return (x * 2).tanh()

    x = ts.ones(3)
    traced = jit.trace(f, x)
    assert (traced(x * 3) == (x * 6).tanh()).all()
