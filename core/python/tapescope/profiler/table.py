"""The table of a profile, in the layout that PyTorch's has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapescope.profiler.function_event import FunctionEvent, FunctionEventAvg, format_memory, format_time

Row = FunctionEvent | FunctionEventAvg

_WIDTH = 12
_GAP = "  "

# What a table can be sorted by, and what the names that PyTorch takes too stand for.
_SORT_KEYS = ("cpu_time", "cpu_time_total", "self_cpu_time_total", "cpu_memory_usage", "self_cpu_memory_usage", "count")


# A name may hold anything; a row is one line.
_ON_A_LINE = {code: repr(chr(code))[1:-1] for code in (*range(32), 127, 0x85, 0x2028, 0x2029)}


def _share(part: float, whole: float) -> str:
    return f"{part * 100 / whole:.2f}%" if whole else "NaN"


def _cut(text: str, width: int) -> str:
    text = text.translate(_ON_A_LINE)
    return text if len(text) < width - 2 else text[: width - 3] + "..."


def _tail(text: str, width: int) -> str:
    """The end of a path says more than its begin."""
    return text if len(text) <= width else "..." + text[len(text) - width + 3 :]


def _time(value: float, unit: str | None) -> str:
    if unit is None:
        return format_time(value)
    if unit not in ("s", "ms", "us"):
        raise ValueError(f"table: time_unit is 's', 'ms', 'us' or None, not {unit!r}")
    return f"{value / {'s': 1e6, 'ms': 1e3, 'us': 1.0}[unit]:.3f}{unit}"


def build_table(
    rows: Sequence[Row],
    sort_by: str | None,
    row_limit: int,
    max_src_column_width: int,
    max_name_column_width: int,
    max_shapes_column_width: int,
    header: str | None,
    top_level_events_only: bool,
    time_unit: str | None,
    profile_memory: bool,
    record_shapes: bool,
) -> str:
    """See EventList.table."""
    if sort_by is not None and sort_by not in _SORT_KEYS:
        raise AttributeError(f"table: rows cannot be sorted by {sort_by!r}, but by {', '.join(_SORT_KEYS)}")
    if not rows:
        return ""
    total = sum(row.self_cpu_time_total for row in rows)
    shown = list(rows)
    if sort_by is not None:
        shown.sort(key=lambda row: getattr(row, sort_by), reverse=True)
    if top_level_events_only:
        shown = [row for row in shown if row.cpu_parent is None]
    if row_limit >= 0:
        shown = shown[:row_limit]

    name_width = min(max(len(row.key.translate(_ON_A_LINE)) for row in rows) + 4, max_name_column_width)
    # (title, width, how it is aligned, the row's text)
    columns: list[tuple[str, int, str, Callable[[Row], str]]] = [
        ("Name", name_width, ">", lambda row: _cut(row.key, name_width)),
        ("Self CPU %", _WIDTH, ">", lambda row: _share(row.self_cpu_time_total, total)),
        ("Self CPU", _WIDTH, ">", lambda row: _time(row.self_cpu_time_total, time_unit)),
        ("CPU total %", _WIDTH, ">", lambda row: "0" if row.is_async else _share(row.cpu_time_total, total)),
        ("CPU total", _WIDTH, ">", lambda row: _time(row.cpu_time_total, time_unit)),
        ("CPU time avg", _WIDTH, ">", lambda row: _time(row.cpu_time, time_unit)),
    ]
    if profile_memory:
        columns.append(("CPU Mem", _WIDTH, ">", lambda row: format_memory(row.cpu_memory_usage)))
        columns.append(("Self CPU Mem", _WIDTH, ">", lambda row: format_memory(row.self_cpu_memory_usage)))
    columns.append(("# of Calls", _WIDTH, ">", lambda row: str(row.count)))
    if record_shapes and any(row.input_shapes for row in rows):
        width = min(max(max(len(str(row.input_shapes)) for row in rows) + 4, _WIDTH), max_shapes_column_width)
        columns.append(("Input Shapes", width, ">", lambda row: _cut(str(row.input_shapes), width)))
    grouped_by_stack = [row.stack for row in rows if isinstance(row, FunctionEventAvg) and row.stack]
    if grouped_by_stack:
        longest = max(len(line) for stack in grouped_by_stack for line in stack)
        source_width = min(max(longest + 4, len("Source Location")), max_src_column_width)
        columns.append(("Source Location", source_width, "<", lambda row: _source(row, 0, source_width)))

    lines = _lines(columns, shown)
    if grouped_by_stack:
        lines = _with_stacks(lines, columns, shown)
    ruler = _GAP.join("-" * width for _, width, _, _ in columns) + _GAP
    titles = _GAP.join(f"{title:{align}{width}}" for title, width, align, _ in columns) + _GAP
    out = []
    if header is not None:
        out += ["=" * len(ruler.rstrip()), header]
    if top_level_events_only:
        out += ["=" * len(ruler.rstrip()), "This report only display top-level ops statistics"]
    out += [ruler, titles, ruler, *lines, ruler]
    return "\n".join(out) + f"\nSelf CPU time total: {_time(total, time_unit)}\n"


def _source(row: Any, at: int, width: int) -> str:
    return _tail(row.stack[at], width) if at < len(row.stack) else ""


def _lines(columns: Sequence[tuple[str, int, str, Callable[[Row], str]]], rows: Sequence[Row]) -> list[str]:
    return [_GAP.join(f"{text(row):{align}{width}}" for _, width, align, text in columns) + _GAP for row in rows]


def _with_stacks(lines: list[str], columns: Sequence[tuple[Any, ...]], rows: Sequence[Row]) -> list[str]:
    """Below each row the rest of its stack, in the last column."""
    *others, source = columns
    indent = _GAP.join(" " * width for _, width, _, _ in others) + _GAP
    out = []
    for line, row in zip(lines, rows, strict=True):
        out.append(line)
        out += [f"{indent}{_source(row, at, source[1]):<{source[1]}}{_GAP}" for at in range(1, len(row.stack))]
        out.append("")
    return out
