"""profile: takes a profile of a block, or of some steps of a long run."""

from __future__ import annotations

import gzip
import os
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable
from typing import Any

from tapescope import _C
from tapescope.nn.modules.module import Module
from tapescope.optim.optimizer import Optimizer
from tapescope.profiler.event_list import EventList
from tapescope.profiler.function_event import events_of
from tapescope.profiler.python_tracer import ThreadHook, _prefixes
from tapescope.profiler.schedule import ProfilerAction, ProfilerActivity, Schedule, always

_RECORDED = (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE)


def supported_activities() -> set[ProfilerActivity]:
    """What can be profiled here."""
    return {ProfilerActivity.CPU}


def _checked(activities: Iterable[ProfilerActivity] | None) -> set[ProfilerActivity]:
    if isinstance(activities, ProfilerActivity) or not isinstance(activities, (Iterable, type(None))):
        raise TypeError(
            f"profile: activities is a list of ProfilerActivity, such as [ProfilerActivity.CPU], not {activities!r}"
        )
    wanted = supported_activities() if activities is None else set(activities)
    for activity in wanted:
        if not isinstance(activity, ProfilerActivity):
            raise TypeError(f"profile: activities are of ProfilerActivity, but one is {activity!r}")
    if ProfilerActivity.CUDA in wanted:
        warnings.warn("CUDA is not available, disabling CUDA profiling", stacklevel=3)
    if not wanted & supported_activities():
        raise ValueError("profile: no activity that can be profiled was given; ProfilerActivity.CPU is one")
    return wanted & supported_activities()


class profile:
    """Records what runs, when, for how long and with how much memory, on all threads.

    >>> with profile(record_shapes=True, profile_memory=True) as prof:
    ...     loss = model(x).sum()
    ...     loss.backward()
    >>> print(prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=10))
    >>> prof.export_chrome_trace("trace.json")

    What is recorded: each op that Python calls ("aten::add"), each node of a backward pass with its hooks
    ("autograd::engine::evaluate_function: MulBackward0"), each hook by the name of its callable, the forward of each
    custom Function by its class, ranges of `record_function`, and steps of optimizers.

    activities: of ProfilerActivity; CPU is what there is. schedule: which steps are recorded, see `schedule`; step()
    begins the next one. on_trace_ready: called with the profile when a cycle of the schedule, or the profile, ends.
    record_shapes: with shapes and dtypes of the ops' arguments. profile_memory: with the bytes that tensors' memory
    takes; memory that is shared with NumPy is not counted. with_stack: with all calls of Python (see PythonTracer),
    which costs more than all the rest.

    One profile runs at a time in a process; start() raises RuntimeError for a second one. A profile may be used again:
    what it had found is forgotten at its next start. It may be stopped on another thread than that which started it.

    Not covered: ops that an op calls inside (the one that Python called is told as a whole), kernels on other devices,
    and memory that is not a tensor's.
    """

    def __init__(
        self,
        activities: Iterable[ProfilerActivity] | None = None,
        *,
        schedule: Schedule | None = None,
        on_trace_ready: Callable[[profile], Any] | None = None,
        record_shapes: bool = False,
        profile_memory: bool = False,
        with_stack: bool = False,
    ) -> None:
        self.activities = _checked(activities)
        for name, function in (("schedule", schedule), ("on_trace_ready", on_trace_ready)):
            if function is not None and not callable(function):
                raise TypeError(f"profile: {name} must be callable, but it is a {type(function).__name__}")
        self.schedule = schedule or always
        self.on_trace_ready = on_trace_ready
        self.record_shapes = bool(record_shapes)
        self.profile_memory = bool(profile_memory)
        self.with_stack = bool(with_stack)
        self.step_num = 0
        self.current_action = ProfilerAction.NONE
        self._marks_steps = schedule is not None
        self._started = False  # between start() and stop()
        self._recording = False  # the engine's profiler runs for this profile
        self._step_token = 0
        self._hook = ThreadHook()
        self._unix_ns = 0
        self._trace: Any = None
        self._events: EventList | None = None

    def __enter__(self) -> profile:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def __del__(self) -> None:
        if getattr(self, "_recording", False):
            self._record_no_more(keep=False)
            warnings.warn("a profile was never stopped: call stop(), or use it in a with statement", stacklevel=2)

    def start(self) -> None:
        """Begins the profile, and its step 0. Raises RuntimeError if this one or another runs."""
        if self._started:
            raise RuntimeError("profile: start() was called already; call stop() before it is started again")
        if _C._profiler_enabled():
            raise RuntimeError(
                "profile: another profile runs in this process, and profiles do not nest: stop that one first, or name "
                "the inner part with record_function"
            )
        self._trace = self._events = None
        self.step_num = 0
        self.current_action = self._action(0)
        if self.current_action is not ProfilerAction.NONE:
            self._record()
        self._started = True
        self._begin_step()

    def stop(self) -> None:
        """Ends the profile; on_trace_ready is called if something was recorded in its last step.

        Raises RuntimeError if it was not started.
        """
        if not self._started:
            raise RuntimeError("profile: stop() was called before start(); use it in a with statement, or start it")
        self._end_step()
        self._started = False
        action, self.current_action = self.current_action, ProfilerAction.NONE
        if self._recording:
            self._record_no_more(keep=action in _RECORDED)
            if action in _RECORDED:
                self._ready()

    def step(self) -> None:
        """Ends a step and begins the next: what is done in it, the schedule says. Without a schedule it counts only.

        Raises RuntimeError if the profile does not run.
        """
        if not self._started:
            raise RuntimeError("profile: step() was called while the profile does not run; call start() first")
        self._end_step()
        before = self.current_action
        self.step_num += 1
        self.current_action = self._action(self.step_num)
        now = self.current_action
        ends = before is ProfilerAction.RECORD_AND_SAVE
        if before is ProfilerAction.RECORD and now not in _RECORDED:
            warnings.warn(
                f"profile: the schedule lets RECORD be followed by {now.name}: RECORD_AND_SAVE ends what is recorded",
                stacklevel=2,
            )
            ends = True
        try:
            if ends:
                self._record_no_more(keep=True)
                self._ready()
            elif before is ProfilerAction.WARMUP and now is not ProfilerAction.WARMUP:
                self._record_no_more(keep=False)
        finally:
            if now is not ProfilerAction.NONE and not self._recording:
                self._record()
            self._begin_step()

    def _action(self, step: int) -> ProfilerAction:
        action = self.schedule(step)
        if not isinstance(action, ProfilerAction):
            raise TypeError(f"profile: the schedule must give a ProfilerAction, but gave {action!r} for step {step}")
        return action

    def _record(self) -> None:
        self._unix_ns = time.time_ns()
        _C._profiler_start(self.record_shapes, self.profile_memory, self.with_stack)
        self._recording = True
        if self.with_stack:
            self._hook.install()

    def _record_no_more(self, keep: bool) -> None:
        if self.with_stack:
            self._hook.remove()
        self._recording = False
        trace = _C._profiler_stop(_prefixes() if self.with_stack else [], keep)
        if not keep or trace is None:
            return
        trace.name_threads({thread.native_id: thread.name for thread in threading.enumerate() if thread.native_id})
        self._trace, self._events = trace, None
        if trace.dropped:
            warnings.warn(
                f"profile: there was no room for {trace.dropped} records, and they are left out: profile fewer steps, "
                "with a schedule",
                stacklevel=3,
            )

    def _ready(self) -> None:
        if self.on_trace_ready is not None:
            self.on_trace_ready(self)

    def _begin_step(self) -> None:
        if self._marks_steps and self._recording:
            self._step_token = _C._begin_step(f"ProfilerStep#{self.step_num}")

    def _end_step(self) -> None:
        token, self._step_token = self._step_token, 0
        _C._end_step(token)

    def _found(self) -> Any:
        if self._trace is None:
            why = "it runs still: stop it first" if self._recording else "nothing was recorded yet"
            raise RuntimeError(f"profile: there is no trace: {why}")
        return self._trace

    def events(self) -> EventList:
        """All events of the latest trace, in order of their start. Raises RuntimeError if there is none yet."""
        if self._events is None:
            self._events = EventList(
                events_of(self._found()), profile_memory=self.profile_memory, record_shapes=self.record_shapes
            )
        return self._events

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """The events by name, and by more where wanted: see EventList.key_averages.

        Raises RuntimeError if there is no trace yet.
        """
        return self.events().key_averages(group_by_input_shape, group_by_stack_n)

    def export_chrome_trace(self, path: str | os.PathLike[str]) -> None:
        """Writes the latest trace in Chrome's trace-event format, compressed if the path ends in ".gz".

        chrome://tracing and ui.perfetto.dev show it. Times are in µs since the profile's start. Raises RuntimeError if
        there is no trace yet, OSError if the file cannot be written.
        """
        text = self._found().chrome_trace(
            os.getpid(),
            os.path.basename(sys.executable) or "python",
            self._unix_ns,
            self.with_stack,
            self.profile_memory,
            self.record_shapes,
        )
        opened = gzip.open if os.fspath(path).endswith(".gz") else open
        with opened(path, "wb") as file:
            file.write(text)

    def export_stacks(self, path: str | os.PathLike[str], metric: str = "self_cpu_time_total") -> None:
        """Writes the calls of Python around each event, for flame graphs: see EventList.export_stacks.

        Raises RuntimeError if there is no trace yet, or the profile was not taken with_stack.
        """
        if not self.with_stack:
            raise RuntimeError("profile: there are no stacks: take the profile with with_stack=True")
        self.events().export_stacks(path, metric)


# What of the profiler is on the stack while it starts, steps and stops is no part of a trace. Nor is the call that ends
# a range, which would cross the range's end.
_C._known_code(
    Module.__call__.__code__,
    Optimizer.step.__code__,
    [
        *(f.__code__ for f in (profile.__enter__, profile.__exit__, profile.start, profile.stop, profile.step)),
        profile.__del__.__code__,
        _C._RecordFunction.__exit__,
        _C._profiler_enabled,
        _C._hook_range,
    ],
)
