"""The profiler's workloads on one library, as JSON: python profiler.py tapescope|torch. CPU seconds."""

import cProfile
import gc
import importlib
import json
import sys
import time


def cpu(f, *args):
    gc.collect()
    start = time.thread_time()
    f(*args)
    return time.thread_time() - start


def best(f, *args, repeat=7):
    return min(cpu(f, *args) for _ in range(repeat))


def leaf(x):
    return x


def python_calls(n):
    for i in range(n):
        leaf(i)


def c_calls(n):
    for i in range(n):
        abs(i)


class Method:
    def get(self, x, *, scale=1):
        return x


def mixed(n):
    """What programs do more: methods, keywords, calls of C within calls of Python, a generator."""
    objects = [Method() for _ in range(8)]
    for i in range(n):
        len(str(objects[i % 8].get(i, scale=2)))
        sum(x for x in (1, 2, 3))


def call_overhead(library):
    """Seconds that a call costs more under cProfile and under the tracer, turn by turn."""
    from tapescope.profiler import PythonTracer

    out = {}
    for name, work, n, events in (
        ("python_call", python_calls, 100_000, 1),
        ("c_call", c_calls, 100_000, 1),
        ("mixed_call", mixed, 20_000, 8),
    ):
        plain, theirs, ours = [], [], []
        for _ in range(9):
            plain.append(cpu(work, n))
            profiler = cProfile.Profile()
            profiler.enable()
            theirs.append(cpu(work, n))
            profiler.disable()
            tracer = PythonTracer()
            tracer.start()
            ours.append(cpu(work, n))
            tracer.stop()
        out[f"{name}_plain"] = min(plain) / n / events
        out[f"{name}_cprofile"] = (min(theirs) - min(plain)) / n / events
        out[f"{name}_tracer"] = (min(ours) - min(plain)) / n / events
    return out


def ops(t, n):
    x, y = t.ones(1), t.ones(1)
    for _ in range(n):
        x + y


def recorded_ops(t, n):
    x, y = t.ones(1, requires_grad=True), t.ones(1)
    for _ in range(n):
        x = x + y
    x.backward()


def ranges(t, n):
    record_function = t.profiler.record_function
    for _ in range(n):
        with record_function("block"):
            pass


def profiled(t, work, n, **options):
    """Least CPU seconds of the work alone, while a profile runs: what comes after it is not counted."""
    times = []
    for _ in range(7):
        with t.profiler.profile(activities=[t.profiler.ProfilerActivity.CPU], **options):
            times.append(cpu(work, t, n))
    return min(times)


def main(library):
    t = importlib.import_module(library)
    importlib.import_module(f"{library}.profiler")
    if library == "torch":
        t.set_num_threads(1)
    n = 5000
    out = call_overhead(library) if library == "tapescope" else {}
    for name, work in (("op", ops), ("recorded_op", recorded_ops), ("range", ranges)):
        out[f"{name}_off"] = best(work, t, n) / n
        out[f"{name}_on"] = profiled(t, work, n) / n
    out["op_memory"] = profiled(t, ops, n, profile_memory=True) / n
    out["op_shapes"] = profiled(t, ops, n, record_shapes=True) / n
    print(json.dumps(out))


if __name__ == "__main__":
    main(sys.argv[1])
