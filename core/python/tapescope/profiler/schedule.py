"""When a profile records: a schedule of steps."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum


class ProfilerAction(Enum):
    """What a profile does in a step."""

    NONE = 0
    WARMUP = 1  # records, and forgets: what the first recorded steps would cost more, these do
    RECORD = 2
    RECORD_AND_SAVE = 3  # the last step of a cycle


class ProfilerActivity(Enum):
    """What can be profiled. The engine runs on CPU: CUDA is known by name, and cannot be profiled."""

    CPU = 0
    CUDA = 2


Schedule = Callable[[int], ProfilerAction]


def schedule(
    *, wait: int, warmup: int, active: int, repeat: int = 0, skip_first: int = 0, skip_first_wait: int = 0
) -> Schedule:
    """A schedule for `profile`: after `skip_first` steps, cycles of `wait` + `warmup` + `active` steps.

    repeat: how many cycles; 0: as long as the profile goes on. skip_first_wait: not 0: the first cycle does not wait.
    Returns a function from a step's number to what is done in it. Raises ValueError for a negative number of steps, or
    an `active` that is not positive.
    """
    numbers = {"wait": wait, "warmup": warmup, "repeat": repeat, "skip_first": skip_first}
    for name, number in numbers.items():
        if number < 0:
            raise ValueError(f"schedule: {name} is a number of steps and cannot be negative, but it is {number}")
    if active <= 0:
        raise ValueError(f"schedule: active must be at least 1, but it is {active}: nothing would be recorded")

    def action(step: int) -> ProfilerAction:
        if step < 0:
            raise ValueError(f"schedule: steps are counted from 0, but {step} was asked for")
        if step < skip_first:
            return ProfilerAction.NONE
        step -= skip_first
        cycle = wait + warmup + active
        if skip_first_wait:
            step += wait
        if repeat > 0 and step // cycle >= repeat:
            return ProfilerAction.NONE
        step %= cycle
        if step < wait:
            return ProfilerAction.NONE
        if step < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD if step < cycle - 1 else ProfilerAction.RECORD_AND_SAVE

    return action


def always(step: int) -> ProfilerAction:
    """What is done without a schedule."""
    return ProfilerAction.RECORD
