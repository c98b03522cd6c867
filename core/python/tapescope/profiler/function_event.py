"""What happened once, and what of it happened often: FunctionEvent and FunctionEventAvg. Times are in µs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# A shape for each tensor, a list of shapes for several, [] for what is no tensor.
Shapes = list[Any]


def format_time(time_us: float) -> str:
    """As the table has it: the largest of s, ms and us that leaves a whole number."""
    if time_us >= 1e6:
        return f"{time_us / 1e6:.3f}s"
    if time_us >= 1e3:
        return f"{time_us / 1e3:.3f}ms"
    return f"{time_us:.3f}us"


def format_memory(nbytes: int) -> str:
    """As the table has it, in powers of 1024."""
    for unit, size in (("GB", 1024**3), ("MB", 1024**2), ("KB", 1024)):
        if abs(nbytes) >= size:
            return f"{nbytes / size:.2f} {unit}"
    return f"{nbytes} B"


class Interval:
    """From `start` to `end`, in µs since the start of the profile."""

    __slots__ = ("end", "start")

    def __init__(self, start: float, end: float) -> None:
        self.start, self.end = start, end

    def elapsed_us(self) -> float:
        return self.end - self.start

    def __repr__(self) -> str:
        return f"Interval(start={self.start:.3f}, end={self.end:.3f})"


class _Formatted:
    """Texts of the times, as PyTorch names them."""

    __slots__ = ()

    @property
    def cpu_time_str(self: Any) -> str:
        return format_time(self.cpu_time)

    @property
    def cpu_time_total_str(self: Any) -> str:
        return format_time(self.cpu_time_total)

    @property
    def self_cpu_time_total_str(self: Any) -> str:
        return format_time(self.self_cpu_time_total)


class FunctionEvent(_Formatted):
    """One event of a profile: an op, a node of a backward pass, a hook, a range, a call of Python.

    id: its place in the list of all. name: as it is shown. kind: "op", "node", "function" (a custom Function's
    forward), "hook", "range", "step", "python", "module" (a call of nn.Module.__call__), "c", or "memory" (what was
    allocated or freed outside of all others).
    time_range: an Interval, in µs. cpu_time_total, self_cpu_time_total: its time in µs, and what its children leave.
    thread: threads are numbered from 1, in the order in which they were seen. fwd_thread: of a node, the thread of the
    op that made it; else None. sequence_nr: of an op that made a node, and of that node; else -1. sequence_nrs: range
    of those of all nodes that an op made; of others the one that it is. node_id: the id of that node in the explorer;
    else None.
    input_shapes, input_dtypes: of the arguments of an op, with record_shapes; else [].
    stack: names of the calls of Python that it lies in, the innermost first, with with_stack; else [].
    cpu_memory_usage, self_cpu_memory_usage: bytes allocated less bytes freed, with profile_memory; else 0.
    cpu_parent, cpu_children: what it lies in, and what lies in it directly.
    is_async: it crosses the bounds of other events, and counts as part of none.
    """

    # There may be a million of them.
    __slots__ = (
        "__weakref__",
        "count",
        "cpu_children",
        "cpu_memory_usage",
        "cpu_parent",
        "fwd_thread",
        "id",
        "input_dtypes",
        "input_shapes",
        "is_async",
        "kind",
        "name",
        "node_id",
        "python_id",
        "python_module_id",
        "python_parent_id",
        "self_cpu_memory_usage",
        "self_cpu_time_total",
        "sequence_nr",
        "sequence_nrs",
        "thread",
        "time_range",
    )

    def __init__(self, id: int, kind: str, name: str, thread: int, start_us: float, end_us: float) -> None:
        self.id = id
        self.kind = kind
        self.name = name
        self.thread = thread
        self.time_range = Interval(start_us, end_us)
        self.count = 1
        self.self_cpu_time_total = 0.0
        self.fwd_thread: int | None = None
        self.sequence_nr = -1
        self.sequence_nrs = range(0)
        self.node_id: int | None = None
        self.input_shapes: Shapes = []
        self.input_dtypes: list[str] = []
        self.cpu_memory_usage = 0
        self.self_cpu_memory_usage = 0
        self.cpu_parent: FunctionEvent | None = None
        self.cpu_children: list[FunctionEvent] = []
        self.is_async = False
        self.python_id: int | None = None
        self.python_parent_id: int | None = None
        self.python_module_id: int | None = None

    @property
    def key(self) -> str:
        return self.name

    @property
    def is_user_annotation(self) -> bool:
        return self.kind in ("range", "step")

    @property
    def is_python_function(self) -> bool:
        return self.kind in ("python", "module", "c")

    @property
    def cpu_time_total(self) -> float:
        return self.time_range.elapsed_us()

    @property
    def cpu_time(self) -> float:
        return self.cpu_time_total

    @property
    def stack(self) -> list[str]:
        names, event = [], self.cpu_parent
        while event is not None:
            if event.is_python_function:
                names.append(event.name)
            event = event.cpu_parent
        return names

    def __repr__(self) -> str:
        return (
            f"<FunctionEvent id={self.id} name={self.name} cpu_time={self.cpu_time_str} "
            f"start_us={self.time_range.start:.3f} end_us={self.time_range.end:.3f} "
            f"cpu_children={[child.id for child in self.cpu_children]} thread={self.thread} "
            f"input_shapes={self.input_shapes} cpu_memory_usage={self.cpu_memory_usage} is_async={self.is_async} "
            f"seq_nr={self.sequence_nr}>"
        )


class FunctionEventAvg(_Formatted):
    """All events of one key. Times and bytes are sums over `count` events; cpu_time is the mean.

    key: the events' name. input_shapes, stack: those that the events share, where they were grouped by them.
    cpu_parent: what the first of them lies in; None if one of them lies in no other.
    """

    def __init__(self) -> None:
        self.key = ""
        self.kind = ""
        self.count = 0
        self.is_async = False
        self.is_user_annotation = False
        self.input_shapes: Shapes = []
        self.stack: list[str] = []
        self.cpu_parent: FunctionEvent | None = None
        self.cpu_time_total = 0.0
        self.self_cpu_time_total = 0.0
        self.cpu_memory_usage = 0
        self.self_cpu_memory_usage = 0

    def add(self, event: FunctionEvent | FunctionEventAvg) -> FunctionEventAvg:
        """Counts it in. Returns self. Raises ValueError for an event of another key."""
        if not self.count:
            self.key, self.kind = event.key, event.kind
            self.is_async, self.is_user_annotation = event.is_async, event.is_user_annotation
            self.cpu_parent = event.cpu_parent
        elif event.key != self.key:
            raise ValueError(f"FunctionEventAvg of '{self.key}' cannot count '{event.key}' in")
        if event.cpu_parent is None:
            self.cpu_parent = None
        self.count += event.count
        self.cpu_time_total += event.cpu_time_total
        self.self_cpu_time_total += event.self_cpu_time_total
        self.cpu_memory_usage += event.cpu_memory_usage
        self.self_cpu_memory_usage += event.self_cpu_memory_usage
        return self

    def __iadd__(self, event: FunctionEvent | FunctionEventAvg) -> FunctionEventAvg:
        return self.add(event)

    @property
    def cpu_time(self) -> float:
        return self.cpu_time_total / self.count if self.count else 0.0

    def __repr__(self) -> str:
        return (
            f"<FunctionEventAvg key={self.key} self_cpu_time={self.self_cpu_time_total_str} "
            f"cpu_time={self.cpu_time_str} input_shapes={self.input_shapes} cpu_memory_usage={self.cpu_memory_usage}>"
        )


def events_of(trace: Any) -> list[FunctionEvent]:
    """Events of the engine's trace, and those of memory outside of all others, in order of their start."""
    out: list[FunctionEvent] = []
    for row in trace.events():
        kind, name, thread, start, end, self_ns, parent, sequence, forward, node, size, self_size, is_async = row[:13]
        event = FunctionEvent(len(out), kind, name, thread, start / 1e3, end / 1e3)
        event.self_cpu_time_total = self_ns / 1e3
        event.sequence_nr = -1 if sequence is None else sequence
        event.fwd_thread, event.node_id, event.is_async = forward, node, is_async
        event.cpu_memory_usage, event.self_cpu_memory_usage = size, self_size
        python_id, python_parent, module_nr, first_made, end_made, arguments = row[13:]
        if first_made < end_made:
            event.sequence_nrs = range(first_made, end_made)
        elif sequence is not None:
            event.sequence_nrs = range(sequence, sequence + 1)
        if python_id:
            event.python_id, event.python_parent_id = python_id, python_parent or None
            event.python_module_id = module_nr if module_nr >= 0 else None
        if arguments is not None:
            event.input_shapes, event.input_dtypes = arguments
        if parent >= 0:
            event.cpu_parent = out[parent]
            if not is_async:
                out[parent].cpu_children.append(event)
        out.append(event)
    for at, thread, within, size, _total in trace.allocations():
        if within < 0:
            event = FunctionEvent(len(out), "memory", "[memory]", thread, at / 1e3, at / 1e3)
            event.cpu_memory_usage = event.self_cpu_memory_usage = size
            out.append(event)
    return out


def key_function(by_shape: bool, by_stack: int) -> Callable[[FunctionEvent], tuple[Any, ...]]:
    """What events are grouped by: their name, and, where wanted, the shapes and the innermost calls."""

    def key(event: FunctionEvent) -> tuple[Any, ...]:
        shapes = str(event.input_shapes) if by_shape else ""
        stack = tuple(event.stack[:by_stack]) if by_stack > 0 else ()
        return (event.name, event.is_async, shapes, stack)

    return key
