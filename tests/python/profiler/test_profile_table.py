"""The table: its text where it is the same each time, and what it is asked for."""

import pytest

import tapescope as ts
from tapescope.profiler import EventList, FunctionEvent, profile, record_function
from tapescope.profiler.function_event import format_memory, format_time


def event(id, name, start, end, self_us, shapes=(), memory=0):
    e = FunctionEvent(id, "op", name, 1, start, end)
    e.self_cpu_time_total = self_us
    e.input_shapes = list(shapes)
    e.cpu_memory_usage = e.self_cpu_memory_usage = memory
    return e


def some(**options):
    return EventList(
        [
            event(0, "train", 0, 2_000_000, 996_500.0, memory=3 << 20),
            event(1, "aten::linear", 10, 1_000_010, 1_000_000.0, [[8, 4], [3, 4], []], 3 << 20),
            event(2, "aten::add", 1_500_000, 1_502_500, 2_500.0, [[8, 3], [3]], 96),
            event(3, "aten::add", 1_600_000, 1_601_000, 1_000.0, [[8, 3], [8, 3]], 1536),
        ],
        **options,
    )


GOLDEN = """\
----------------  ------------  ------------  ------------  ------------  ------------  ------------  
            Name    Self CPU %      Self CPU   CPU total %     CPU total  CPU time avg    # of Calls  
----------------  ------------  ------------  ------------  ------------  ------------  ------------  
    aten::linear        50.00%        1.000s        50.00%        1.000s        1.000s             1  
           train        49.83%     996.500ms       100.00%        2.000s        2.000s             1  
       aten::add         0.17%       3.500ms         0.17%       3.500ms       1.750ms             2  
----------------  ------------  ------------  ------------  ------------  ------------  ------------  
Self CPU time total: 2.000s
"""  # noqa: W291


def test_its_text():
    assert some().key_averages().table(sort_by="self_cpu_time_total") == GOLDEN


def test_columns_of_memory_and_shapes():
    averages = some(profile_memory=True, record_shapes=True).key_averages(group_by_input_shape=True)
    lines = averages.table().splitlines()
    titles = "Name, Self CPU %, Self CPU, CPU total %, CPU total, CPU time avg, CPU Mem, Self CPU Mem, # of Calls, "
    assert ", ".join(c.strip() for c in lines[1].split("  ") if c.strip()) == titles + "Input Shapes"
    assert [line.split("  ")[-2].strip() for line in lines[3:7]] == [
        "[]",
        "[[8, 4], [3, 4], []]",
        "[[8, 3], [3]]",
        "[[8, 3], [8, 3]]",
    ]
    assert "1.50 KB" in lines[6] and "96 B" in lines[5] and "3.00 MB" in lines[3]
    assert len({len(line) for line in lines[:-1]}) == 1


def test_a_real_one_is_aligned():
    x = ts.ones(4, 4, requires_grad=True)
    with profile(record_shapes=True, profile_memory=True, with_stack=True) as prof:
        (x @ x).tanh().sum().backward()
    for by_shape, by_stack in ((False, 0), (True, 0), (False, 3)):
        lines = prof.key_averages(by_shape, by_stack).table(sort_by="cpu_time_total").splitlines()[:-1]
        assert len({len(line) for line in lines if line}) == 1


def test_each_column_that_it_can_be_sorted_by():
    for key in ("cpu_time", "cpu_time_total", "self_cpu_time_total", "cpu_memory_usage", "count"):
        rows = some().key_averages()
        largest = max(rows, key=lambda row: getattr(row, key))
        assert rows.table(sort_by=key).splitlines()[3].split()[0] == largest.key


def test_sorted_by_what_there_is_not():
    with pytest.raises(AttributeError, match="cannot be sorted by 'speed', but by cpu_time, cpu_time_total"):
        some().table(sort_by="speed")


def test_rows_are_limited():
    assert len(some().table(row_limit=2).splitlines()) == 7
    assert len(some().table(row_limit=-1).splitlines()) == 9
    assert len(some().table(row_limit=0).splitlines()) == 5


def test_header_and_top_level_events():
    events = some()
    events[1].cpu_parent = events[0]
    lines = events.table(header="Step 3", top_level_events_only=True).splitlines()
    assert lines[1] == "Step 3"
    assert lines[3] == "This report only display top-level ops statistics"
    assert "aten::linear" not in "\n".join(lines)


def test_one_unit_for_all_times():
    assert "2000000.000us" in some().table(time_unit="us")
    assert "2000.000ms" in some().table(time_unit="ms")
    assert "0.003s" in some().table(time_unit="s")
    with pytest.raises(ValueError, match="time_unit is 's', 'ms', 'us' or None, not 'h'"):
        some().table(time_unit="h")


def test_long_names_are_cut():
    events = EventList([event(0, "n" * 80, 0, 1, 1.0)])
    row = events.table().splitlines()[3]
    assert row.startswith("n" * 52 + "...  ")
    assert "n" * 80 in events.table(max_name_column_width=100)


def test_an_empty_list_is_an_empty_text():
    assert EventList().table() == ""
    assert str(some()) == some().table()


@pytest.mark.parametrize(
    ("us", "text"), [(0, "0.000us"), (999.9994, "999.999us"), (1000, "1.000ms"), (1.5e6, "1.500s"), (-2.0, "-2.000us")]
)
def test_times(us, text):
    assert format_time(us) == text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1024, "1.00 KB"), (-3 << 20, "-3.00 MB"), (5 << 30, "5.00 GB")]
)
def test_sizes(size, text):
    assert format_memory(size) == text


def test_top_level_rows_of_averages_are_those_that_lie_in_no_other():
    x = ts.ones(3)
    with profile() as prof:
        with record_function("outer"):
            x + 1
            x * 2
        x + 1
    text = prof.key_averages().table(top_level_events_only=True)
    assert "outer" in text and "aten::add" in text and "aten::mul" not in text


def test_a_name_of_several_lines_is_one_row():
    with profile() as prof, record_function("a\nb\x1b[31m\u2028c"):
        pass
    text = prof.key_averages().table()
    assert "a\\nb\\x1b[31m\\u2028c" in text and len(text.splitlines()) == 6, text
