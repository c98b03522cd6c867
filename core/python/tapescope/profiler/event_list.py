"""The events of a profile as a list, its averages and its table."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from tapescope.profiler.function_event import FunctionEvent, FunctionEventAvg, key_function
from tapescope.profiler.table import build_table


class EventList(list[Any]):
    """FunctionEvents in order of their start, or FunctionEventAvgs; printed as a table."""

    def __init__(
        self, events: Iterable[Any] = (), *, profile_memory: bool = False, record_shapes: bool = False
    ) -> None:
        super().__init__(events)
        self._profile_memory = profile_memory
        self._record_shapes = record_shapes

    def __str__(self) -> str:
        return self.table()

    @property
    def self_cpu_time_total(self) -> float:
        """The time of all events together, in µs: each moment of a thread is counted once."""
        return float(sum(event.self_cpu_time_total for event in self))

    def table(
        self,
        sort_by: str | None = None,
        row_limit: int = 100,
        max_src_column_width: int = 75,
        max_name_column_width: int = 55,
        max_shapes_column_width: int = 80,
        header: str | None = None,
        top_level_events_only: bool = False,
        time_unit: str | None = None,
    ) -> str:
        """The events as text, one a row.

        sort_by: cpu_time, cpu_time_total, self_cpu_time_total, cpu_memory_usage, self_cpu_memory_usage or count, the
        largest first; None: in the list's order. row_limit: how many rows; -1: all. header: a line above.
        top_level_events_only: without events that lie in others, and of averages without those of which all do.
        time_unit: "s", "ms" or "us" for all times; None: for each what suits it. Raises AttributeError for another
        sort_by, ValueError for another time_unit.
        """
        return build_table(
            self,
            sort_by,
            row_limit,
            max_src_column_width,
            max_name_column_width,
            max_shapes_column_width,
            header,
            top_level_events_only,
            time_unit,
            self._profile_memory,
            self._record_shapes,
        )

    def key_averages(self, group_by_input_shape: bool = False, group_by_stack_n: int = 0) -> EventList:
        """A FunctionEventAvg for each name.

        group_by_input_shape: for each name and shapes of arguments. group_by_stack_n: for each name and the innermost
        n calls of Python around it; 0: wherever it was.
        """
        key = key_function(group_by_input_shape, group_by_stack_n)
        groups: dict[tuple[Any, ...], FunctionEventAvg] = {}
        event: FunctionEvent
        for event in self:
            average = groups.setdefault(key(event), FunctionEventAvg())
            if not average.count:
                average.input_shapes = event.input_shapes if group_by_input_shape else []
                average.stack = event.stack[:group_by_stack_n] if group_by_stack_n > 0 else []
            average.add(event)
        return EventList(
            groups.values(),
            profile_memory=self._profile_memory,
            record_shapes=self._record_shapes and group_by_input_shape,
        )

    def export_stacks(self, path: str | os.PathLike[str], metric: str = "self_cpu_time_total") -> None:
        """Writes a line for each event that has a stack: its calls, the outermost first, and its µs, for flame graphs.

        metric: self_cpu_time_total or cpu_time_total. Raises ValueError for another one, OSError if the file cannot be
        written.
        """
        if metric not in ("self_cpu_time_total", "cpu_time_total"):
            raise ValueError(f"export_stacks: metric is self_cpu_time_total or cpu_time_total, not {metric!r}")
        in_a_line = str.maketrans(" ;\t\n", "____")
        with open(path, "w", encoding="utf-8") as file:
            for event in self:
                value = int(getattr(event, metric))
                if event.stack and value > 0:
                    frames = [*reversed(event.stack), event.name] if event.is_python_function else event.stack[::-1]
                    file.write(";".join(frame.translate(in_a_line) for frame in frames) + f" {value}\n")

    def total_average(self) -> FunctionEventAvg:
        """The sum of all, under the key "Total"."""
        total = FunctionEventAvg()
        for event in self:
            total.key = event.key
            total.add(event)
        total.key = "Total"
        return total
