"""What a profile records, and what is known of an event."""

import threading

import calls
import pytest

import tapescope as ts
from tapescope import nn
from tapescope.profiler import FunctionEventAvg, profile, record_function

NODE = "autograd::engine::evaluate_function: "


def one(prof, name):
    (event,) = [event for event in prof.events() if event.name == name]
    return event


def test_ops_are_named_as_pytorch_names_them():
    x = ts.ones(2, 3)
    with profile() as prof:
        ((x + 1) * x).sum().exp()
        x.add_(1)
        x @ x.t()
        ts.zeros(3)
        ts.cat([x, x])
    got = [event.name for event in prof.events()]
    wanted = ["add", "mul", "sum", "exp", "add_", "t", "matmul", "zeros", "cat"]
    assert got == [f"aten::{name}" for name in wanted]


def test_events_are_in_order_and_have_ids():
    x = ts.ones(2)
    with profile() as prof:
        for _ in range(5):
            x + 1
    events = prof.events()
    assert [event.id for event in events] == list(range(5))
    starts = [event.time_range.start for event in events]
    assert starts == sorted(starts)
    calls.check_nesting(events)


def test_a_node_is_linked_to_its_forward_op():
    x = ts.ones(3, requires_grad=True)
    with profile() as prof:
        y = (x * 2).exp().sum()
        y.backward()
    for op, node in (("mul", "MulBackward0"), ("exp", "ExpBackward0"), ("sum", "SumBackward0")):
        forward, backward = one(prof, f"aten::{op}"), one(prof, NODE + node)
        assert forward.sequence_nr == backward.sequence_nr >= 0
        assert forward.node_id == backward.node_id is not None
        assert backward.fwd_thread == forward.thread
        assert forward.fwd_thread is None
    leaf = one(prof, NODE + "AccumulateGrad")
    assert leaf.sequence_nr == -1
    assert leaf.fwd_thread is None


def test_the_sequence_number_is_that_of_the_node():
    x = ts.ones(3, requires_grad=True)
    with profile() as prof:
        y = x * 2
    assert one(prof, "aten::mul").sequence_nr == y.grad_fn._sequence_nr()
    assert one(prof, "aten::mul").node_id == y.grad_fn._id


def test_an_op_without_history_has_no_sequence_number():
    x = ts.ones(3, requires_grad=True)
    with profile() as prof, ts.no_grad():
        x * 2
    assert one(prof, "aten::mul").sequence_nr == -1


def test_a_backward_on_another_thread_knows_the_thread_of_its_forward():
    x = ts.ones(3, requires_grad=True)
    with profile() as prof:
        y = (x * 2).sum()
        thread = threading.Thread(target=y.backward)
        thread.start()
        thread.join()
    node = one(prof, NODE + "MulBackward0")
    assert node.fwd_thread == one(prof, "aten::mul").thread != node.thread


def test_a_custom_function_is_named_by_its_class_with_the_sequence_number():
    class Twice(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, g):
            return g * 2

    x = ts.ones(3, requires_grad=True)
    with profile(record_shapes=True) as prof:
        y = Twice.apply(x)
        y.sum().backward()
    forward, backward = one(prof, "Twice"), one(prof, NODE + "TwiceBackward")
    assert forward.kind == "function"
    assert forward.sequence_nr == backward.sequence_nr == y.grad_fn._sequence_nr()
    assert forward.input_shapes == [[3]]
    assert backward.fwd_thread == forward.thread
    assert [child.name for child in forward.cpu_children] == ["aten::mul"]
    assert [child.name for child in backward.cpu_children] == ["aten::mul"]


def test_a_custom_function_without_gradients_makes_no_node():
    class Same(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 1

    with profile() as prof:
        Same.apply(ts.ones(3))
    assert one(prof, "Same").sequence_nr == -1


def test_a_forward_that_raises_is_an_event():
    class Fails(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            raise ValueError("on purpose")

    with profile() as prof, pytest.raises(ValueError):
        Fails.apply(ts.ones(3, requires_grad=True))
    assert one(prof, "Fails").sequence_nr == -1


def tensor_pre(grad):
    return None


def node_pre(grads):
    return None


def node_post(inputs, outputs):
    return None


def post_accumulate(leaf):
    return None


def pack(t):
    return t


def unpack(t):
    return t


def test_every_kind_of_hook_is_named_by_its_callable():
    def final():
        return None

    x = ts.ones(3, requires_grad=True)
    x.register_post_accumulate_grad_hook(post_accumulate)
    with profile() as prof:
        with ts.autograd.graph.saved_tensors_hooks(pack, unpack):
            y = x * x
        y.register_hook(tensor_pre)
        y.grad_fn.register_prehook(node_pre)
        y.grad_fn.register_hook(node_post)
        y.register_hook(lambda g: ts.autograd.Variable._execution_engine.queue_callback(final))
        y.sum().backward()
    mul = one(prof, NODE + "MulBackward0")
    within = [event.name for event in prof.events() if event.kind == "hook" and event.cpu_parent is mul]
    assert within[0] == "hook: tensor_pre"
    assert within[1].endswith("<lambda>")
    assert within[2] == "hook: node_pre"
    assert set(within[3:-1]) == {"hook: unpack"}
    assert within[-1] == "hook: node_post"
    assert one(prof, "hook: post_accumulate").cpu_parent is one(prof, NODE + "AccumulateGrad")
    assert {e.cpu_parent.name for e in calls.named(prof.events(), "hook: pack")} == {"aten::mul"}
    assert calls.named(prof.events(), "final")[0].cpu_parent is None
    calls.check_nesting(prof.events())


def test_ops_of_a_hook_lie_in_it():
    x = ts.ones(3, requires_grad=True)
    y = x * 2
    y.register_hook(lambda g: g * 3)
    with profile() as prof:
        y.sum().backward()
    (hook,) = [event for event in prof.events() if event.kind == "hook"]
    assert [child.name for child in hook.cpu_children] == ["aten::mul"]


def test_ranges_nest_and_are_annotations():
    x = ts.ones(3)
    with profile() as prof, record_function("outer"):
        with record_function("inner", "beside"):
            x + 1
        x * 2
    outer, inner = one(prof, "outer"), one(prof, "inner")
    assert outer.is_user_annotation and not one(prof, "aten::add").is_user_annotation
    assert inner.cpu_parent is outer
    assert [child.name for child in outer.cpu_children] == ["inner", "aten::mul"]
    children = sum(child.cpu_time_total for child in outer.cpu_children)
    assert outer.self_cpu_time_total == pytest.approx(outer.cpu_time_total - children)


def test_a_range_as_a_decorator():
    @record_function("load")
    def load(x, *, scale=1):
        """What it says."""
        return x * scale

    assert load.__name__ == "load"
    assert load.__doc__ == "What it says."
    with profile() as prof:
        load(ts.ones(2), scale=3)
        load(ts.ones(2))
    assert len(calls.named(prof.events(), "load")) == 2


def test_one_range_may_be_entered_again_within_itself():
    again = record_function("again")
    with profile() as prof, again, again:
        pass
    first, second = prof.events()
    assert second.cpu_parent is first


def test_a_range_that_crosses_another_is_async():
    first, second = record_function("first"), record_function("second")
    with profile() as prof:
        first.__enter__()
        second.__enter__()
        first.__exit__(None, None, None)
        second.__exit__(None, None, None)
    assert not one(prof, "first").is_async
    assert one(prof, "second").is_async
    calls.check_nesting(prof.events())


def test_names_are_any_text():
    names = ['a "quoted" \\ name', "größer", "two\nlines", "lone \ud800 surrogate", ""]
    with profile() as prof:
        for name in names:
            with record_function(name):
                pass
    assert [e.name for e in prof.events()] == [*names[:3], "lone \\ud800 surrogate", ""]


def test_a_step_of_an_optimizer_is_a_range():
    model = nn.Linear(2, 2)
    model(ts.ones(1, 2)).sum().backward()
    with profile() as prof:
        ts.optim.SGD(model.parameters(), lr=0.1).step()
        ts.optim.Adam(model.parameters(), lr=0.1).step()
    assert len(calls.named(prof.events(), "Optimizer.step#SGD.step")) == 1
    assert len(calls.named(prof.events(), "Optimizer.step#Adam.step")) == 1
    assert one(prof, "Optimizer.step#SGD.step").is_user_annotation


def test_a_step_that_calls_its_parents_is_one_range():
    class Mine(ts.optim.SGD):
        def step(self, closure=None):
            return super().step(closure)

    p = nn.Parameter(ts.ones(2))
    p.grad = ts.ones(2)
    with profile() as prof:
        Mine([p], lr=0.1).step()
    assert [e.name for e in prof.events() if e.kind == "range"] == ["Optimizer.step#Mine.step"]


def test_shapes_and_dtypes_of_arguments():
    x = ts.ones(2, 3)
    with profile(record_shapes=True) as prof:
        x + ts.ones(3, dtype=ts.float64)
        ts.cat([x, x])
        x.sum(dim=1)
    assert one(prof, "aten::add").input_shapes == [[2, 3], [3]]
    assert one(prof, "aten::add").input_dtypes == ["float32", "float64"]
    assert one(prof, "aten::cat").input_shapes[0] == [[2, 3], [2, 3]]
    assert one(prof, "aten::sum").input_shapes[0] == [2, 3]
    assert one(prof, "aten::sum").input_shapes[1] == []


def test_shapes_are_recorded_only_where_asked_for():
    with profile() as prof:
        ts.ones(2) + 1
    assert all(event.input_shapes == [] for event in prof.events())


def test_stack_holds_the_calls_innermost_first():
    def inner():
        return ts.ones(2) + 1

    def outer():
        return inner()

    prof = calls.traced(outer)
    stack = one(prof, "aten::add").stack
    assert stack[0].endswith(": inner")
    assert stack[1].endswith(": outer")
    with profile() as prof:
        outer()
    assert one(prof, "aten::add").stack == []


def test_averages_are_sums_of_the_events():
    x = ts.ones(2)
    with profile() as prof:
        for _ in range(3):
            x + 1
        x * 2
    add, mul = prof.key_averages()
    assert (add.key, add.count, mul.key, mul.count) == ("aten::add", 3, "aten::mul", 1)
    events = calls.named(prof.events(), "aten::add")
    assert add.cpu_time_total == pytest.approx(sum(e.cpu_time_total for e in events))
    assert add.cpu_time == pytest.approx(add.cpu_time_total / 3)
    assert add.self_cpu_time_total == pytest.approx(add.cpu_time_total)
    assert prof.events().self_cpu_time_total == pytest.approx(add.self_cpu_time_total + mul.self_cpu_time_total)
    assert prof.events().total_average().count == 4


def test_averages_by_shape_and_by_stack():
    def here(x):
        return x + 1

    def there(x):
        return x + 1

    def run():
        here(ts.ones(2))
        here(ts.ones(3))
        there(ts.ones(3))

    prof = calls.traced(run, record_shapes=True)
    assert [a.count for a in prof.key_averages() if a.key == "aten::add"] == [3]
    by_shape = [a for a in prof.key_averages(group_by_input_shape=True) if a.key == "aten::add"]
    assert [(a.count, a.input_shapes) for a in by_shape] == [(1, [[2], []]), (2, [[3], []])]
    by_stack = [a for a in prof.key_averages(group_by_stack_n=1) if a.key == "aten::add"]
    assert [(a.count, a.stack[0].split(": ")[1]) for a in by_stack] == [(2, "here"), (1, "there")]


def test_an_average_is_of_one_key():
    with profile() as prof:
        ts.ones(2) + 1
        ts.ones(2) * 2
    add, mul = prof.events()[1], prof.events()[3]
    average = FunctionEventAvg()
    average += add
    with pytest.raises(ValueError, match=r"'aten::add' cannot count 'aten::mul' in"):
        average += mul


def test_reprs_say_what_they_are():
    with profile() as prof:
        ts.ones(2) + 1
    assert repr(prof.events()[1]).startswith("<FunctionEvent id=1 name=aten::add cpu_time=")
    assert repr(prof.key_averages()[1]).startswith("<FunctionEventAvg key=aten::add self_cpu_time=")
    assert repr(prof.events()[1].time_range).startswith("Interval(start=")


def test_the_older_name():
    import tapescope.autograd.profiler

    assert ts.autograd.profiler.profile is ts.profiler.profile
    assert tapescope.autograd.profiler.record_function is ts.profiler.record_function


def test_stacks_as_lines_for_flame_graphs(tmp_path):
    def here():
        x = ts.ones(100, 100)
        for _ in range(20):
            x = x @ x

    prof = calls.traced(here)
    prof.export_stacks(tmp_path / "stacks.txt", "cpu_time_total")
    lines = (tmp_path / "stacks.txt").read_text().splitlines()
    assert lines
    for line in lines:
        frames, value = line.split(" ")
        assert int(value) > 0
        assert ";" in frames
    assert any("here" in line.split(" ")[0].split(";")[-1] for line in lines)
    with pytest.raises(ValueError, match="metric is self_cpu_time_total or cpu_time_total, not 'speed'"):
        prof.export_stacks(tmp_path / "stacks.txt", "speed")
    with profile() as prof:
        pass
    with pytest.raises(RuntimeError, match="there are no stacks"):
        prof.export_stacks(tmp_path / "stacks.txt")


def forward_pre(module, args):
    return None


def forward_hook(module, args, out):
    return None


def backward_pre(module, grads):
    return None


def backward_hook(module, grads, out):
    return None


def legacy_hook(module, grads, out):
    return None


def step_pre(optimizer, args, kwargs):
    return None


def step_post(optimizer, args, kwargs):
    return None


def test_hooks_of_modules_and_optimizers_are_named_too():
    model, other = nn.Linear(2, 2), nn.Tanh()
    model.register_forward_pre_hook(forward_pre)
    model.register_forward_hook(forward_hook)
    model.register_full_backward_pre_hook(backward_pre)
    model.register_full_backward_hook(backward_hook)
    other.register_backward_hook(legacy_hook)
    optimizer = ts.optim.SGD(model.parameters(), lr=0.1)
    optimizer.register_step_pre_hook(step_pre)
    optimizer.register_step_post_hook(step_post)
    with profile(with_stack=True) as prof:
        other(model(ts.ones(1, 2, requires_grad=True))).sum().backward()
        optimizer.step()
    for name in (
        "forward_pre",
        "forward_hook",
        "backward_pre",
        "backward_hook",
        "legacy_hook",
        "step_pre",
        "step_post",
    ):
        event = one(prof, f"hook: {name}")
        assert event.kind == "hook"
        called = "__call__" if name == "legacy_hook" else name  # which stands in an object that knows the module
        assert [child.name.split(": ")[1] for child in event.cpu_children] == [called]
    assert not calls.named(prof.events(), "_hook_range")
    calls.check_nesting(prof.events())


def test_an_op_of_several_nodes_has_all_their_sequence_numbers():
    x = ts.ones(3, requires_grad=True)
    with profile() as prof:
        y = ts.nn.functional.mse_loss(x, ts.zeros(3))
        x * 2
        y.backward()
    ops = [event for event in prof.events() if event.kind == "op"]
    nodes = {event.sequence_nr for event in prof.events() if event.kind == "node" and event.sequence_nr >= 0}
    assert nodes <= {number for event in ops for number in event.sequence_nrs}
    assert all(event.sequence_nr in event.sequence_nrs for event in ops if event.sequence_nr >= 0)


def test_a_generator_function_is_a_range_each_time_that_it_goes_on():
    closed = []

    @record_function("piece")
    def pieces():
        try:
            got = yield 1
            try:
                yield got
            except ValueError as error:
                yield str(error)
            return 3
        finally:
            closed.append(True)

    with profile() as prof:
        generator = pieces()
        assert next(generator) == 1 and generator.send(2) == 2
        assert generator.throw(ValueError("thrown")) == "thrown"
        with pytest.raises(StopIteration) as end:
            next(generator)
        assert end.value.value == 3
        other = pieces()
        next(other)
        other.close()
    assert [event.name for event in prof.events()] == ["piece"] * 5 and closed == [True, True]
