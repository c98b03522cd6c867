"""The profiler: what ran, when, for how long, with how much memory, and from where it was called.

>>> from tapescope.profiler import profile, record_function
>>> with profile(with_stack=True) as prof:
...     with record_function("forward"):
...         loss = model(x).sum()
...     loss.backward()
>>> print(prof.key_averages().table(sort_by="cpu_time_total"))
>>> prof.export_chrome_trace("trace.json.gz")

After a profile, `tapescope.explore(loss)` colours the nodes by the time and the bytes that they took.
"""

from tapescope.profiler.event_list import EventList
from tapescope.profiler.function_event import FunctionEvent, FunctionEventAvg, Interval
from tapescope.profiler.profiler import profile, supported_activities
from tapescope.profiler.python_tracer import PythonTracer
from tapescope.profiler.record_function import record_function
from tapescope.profiler.schedule import ProfilerAction, ProfilerActivity, schedule

__all__ = [
    "EventList",
    "FunctionEvent",
    "FunctionEventAvg",
    "Interval",
    "ProfilerAction",
    "ProfilerActivity",
    "PythonTracer",
    "profile",
    "record_function",
    "schedule",
    "supported_activities",
]
