"""A process that ends, or forks, while a profile runs."""

from processes import run


def test_a_process_may_end_while_a_profile_runs():
    status, out, _ = run("""
from tapescope.profiler import profile

prof = profile(with_stack=True, profile_memory=True)
prof.start()
for t in start(lambda: [backward(10) for _ in iter(int, 1)], 3, daemon=True):
    pass
backward(10)
print("done")
""")
    assert (status, out) == (0, "done\n")


def test_a_child_has_the_profile_of_its_own_thread():
    status, out, complaints = run("""
from tapescope.profiler import profile


def child():
    backward(10)
    prof.stop()
    names = [e.name for e in prof.events() if e.kind == "op"]
    assert names.count("aten::tanh") == 2, names
    with profile(with_stack=True) as again:
        backward(10)
    assert any(e.name == "aten::tanh" for e in again.events())


for _ in range(20):
    prof = profile(profile_memory=True)
    prof.start()
    backward(10)
    busy = Busy(lambda: ts.ones(3) + 1)
    pid = fork(child)
    busy.end()
    prof.stop()
    wait(pid)
print("done")
""")
    assert (status, out) == (0, "done\n"), complaints
