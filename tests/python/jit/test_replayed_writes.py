"""In-place ops and views replay right, with other elements and other shapes."""

import re

import pytest

import tapescope as ts
from tapescope import jit


def add_to_copy(x):
    y = x.clone()
    y.add_(1)
    return y


def write_through_view(x):
    y = x * 2
    y[0].mul_(10)
    return y


def write_base_read_view(x):
    y = x * 2
    row = y[0]
    y.add_(1)
    return row


def write_view_of_view(x):
    y = x * 2
    y.t()[0].fill_(7)
    return y


def set_item(x):
    y = x.clone()
    y[0] = 3
    y[:, 1] = x[:, 0]
    return y


def set_mask(x):
    y = x.clone()
    y[x > 0.5] = 0.0
    return y


def read_between_writes(x):
    y = x.clone()
    a = y * 2
    y.add_(1)
    b = y * 2
    y.mul_(3)
    return a, b, y


def equal_ops_around_a_write(x):
    y = x.clone()
    a = y.sin()
    y.add_(1)
    return a + y.sin()


def alias_of_result(x):
    y = x * 2
    z = y.view(-1)
    z.add_(1)
    return y, z


def relu_in_place(x):
    return (x - 0.5).relu_().mul_(2)


def swap_rows(x):
    y = x.clone()
    first = y[0].clone()
    y[0] = y[1]
    y[1] = first
    return y


def zeros_filled(x):
    out = (x * 0).detach()
    for i in range(2):
        out[i] = x[i] * i
    return out


def detached_write(x):
    y = x.clone()
    y.detach().mul_(5)
    return y


def transposed(x):
    return x.t().contiguous().add_(x.t())


def narrowed(x):
    y = x.clone()
    y.narrow(1, 0, 1).zero_()
    return y


def chunks(x):
    y = x.clone()
    a, b = y.split(1, 0)[0], y.split(1, 0)[1]
    a.add_(1)
    b.mul_(2)
    return y


def copied(x):
    y = (x * 0).clone()
    y.copy_(x)
    return y.sub_(1)


def two_outputs_of_one(x):
    y = x.clone()
    return y, y.add_(1)


PROGRAMS = [
    add_to_copy, write_through_view, write_base_read_view, write_view_of_view, set_item, set_mask, read_between_writes,
    equal_ops_around_a_write, alias_of_result, relu_in_place, swap_rows, zeros_filled, detached_write, transposed,
    narrowed, chunks, copied, two_outputs_of_one,
]  # fmt: skip


def lists(out):
    return [t.tolist() for t in out] if isinstance(out, tuple) else out.tolist()


def gradient(f):
    """Of the first output's squares, or the error that it is where what is saved is written over."""
    x = ts.tensor([[0.1, 0.7, 0.3], [0.9, 0.2, 0.6]], requires_grad=True)
    try:
        out = f(x)
        out = out[0] if isinstance(out, tuple) else out
        (out * out).sum().backward()
    except ts.AutogradError as error:
        text = str(error).split("\nIt was traced at ")[0]  # which a replay adds
        return re.sub(r" on line \d+ of \S+", "", text)  # known while a cell is recorded; a replay's is the call
    return x.grad.tolist()


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::tapescope.jit.TracerWarning")
def test_writes_replay(program):
    traced = jit.trace(program, ts.rand(2, 3))
    for shape in ((2, 3), (2, 5)):
        x = ts.rand(*shape)
        before = x.tolist()
        assert lists(traced(x)) == lists(program(x)) and x.tolist() == before


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::tapescope.jit.TracerWarning")
def test_writes_replay_twice_alike(program):
    traced, x = jit.trace(program, ts.rand(2, 3)), ts.rand(2, 3)
    assert lists(traced(x)) == lists(traced(x))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::tapescope.jit.TracerWarning")
def test_writes_replay_with_gradients(program):
    traced = jit.trace(program, ts.rand(2, 3))
    assert gradient(traced) == gradient(program)


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda f: f.__name__)
@pytest.mark.filterwarnings("ignore::tapescope.jit.TracerWarning")
def test_graphs_with_writes_read_back_and_run(program):
    graph = jit.trace(program, ts.rand(2, 3)).graph
    again = jit.parse_ir(str(graph))
    assert str(again) == str(graph)
    x = ts.rand(2, 4)
    assert lists(jit.ScriptFunction(again)(x)) == lists(program(x))


def test_a_write_to_an_input_is_replayed():
    def f(x):
        x.add_(1)
        return x * 2

    traced, x = jit.trace(f, ts.zeros(2), check_trace=False), ts.zeros(2)
    assert traced(x).tolist() == [2, 2] and x.tolist() == [1, 1]


def test_a_write_whose_result_nobody_reads_is_kept():
    def f(x, y):
        y.add_(1)
        return x * 2

    traced, y = jit.trace(f, (ts.zeros(2), ts.zeros(2)), check_trace=False), ts.zeros(2)
    traced(ts.zeros(2), y)
    assert y.tolist() == [1, 1]


def test_a_view_of_the_input_stays_a_view():
    traced, x = jit.trace(lambda x: x[0], ts.rand(2, 3)), ts.zeros(2, 3)
    traced(x).add_(1)
    assert x.tolist() == [[1, 1, 1], [0, 0, 0]]


def test_a_constant_is_not_changed_by_a_replay():
    outside = ts.zeros(2)
    traced = jit.trace(lambda x: (x + outside).add_(1), ts.rand(2))
    first = traced(ts.zeros(2))
    first.add_(100)
    assert outside.tolist() == [0, 0] and traced(ts.zeros(2)).tolist() == [1, 1]


@pytest.mark.parametrize("name", ["float64", "float16", "bfloat16", "int64", "complex64"])
def test_a_trace_runs_with_other_dtypes(name):
    f = lambda x: x * 2 + x  # noqa: E731
    x = ts.ones(3).to(getattr(ts, name))
    out = jit.trace(f, ts.rand(3))(x)
    assert out.dtype == f(x).dtype and out.tolist() == f(x).tolist()


def test_a_number_keeps_its_digits_for_a_wider_dtype():
    traced, x = jit.trace(lambda x: x * 0.1, ts.rand(3)), ts.ones(3, dtype=ts.float64)
    assert traced(x).tolist() == [0.1, 0.1, 0.1]
