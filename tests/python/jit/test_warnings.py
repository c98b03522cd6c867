"""What a trace does not see is told in a TracerWarning at the line of the program."""

import inspect
import os
import warnings

import numpy as np
import pytest

import tapescope as ts
from tapescope import jit


def told(function, *inputs, **options):
    """The warnings of a trace: (message, file, line)."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        jit.trace(function, inputs or (ts.rand(2, 3),), check_trace=False, **options)
    assert all(w.category is jit.TracerWarning for w in caught)
    return [(str(w.message), w.filename, w.lineno) for w in caught]


def branch(x):
    if x.sum() > 0:
        return x * 2
    return x * 3


CONVERSIONS = {
    "boolean": branch,
    "integer": lambda x: x * int(x.sum()),
    "float": lambda x: x * float(x.sum()),
    "complex": lambda x: x * complex(x.sum()).real,
    "number": lambda x: x * x.sum().item(),
    "list": lambda x: x * x.tolist()[0][0],
}


@pytest.mark.parametrize("what", CONVERSIONS)
def test_a_conversion_to_a_python_value_warns(what):
    ((message, file, _),) = told(CONVERSIONS[what])
    assert message.startswith(f"Converting a tensor to a Python {what} might cause the trace to be incorrect.")
    assert "We can't record the data flow of Python values" in message
    # The reader of digests stands between the program and these two.
    assert file == __file__ or ("TAPESCOPE_DIGESTS" in os.environ and what in ("number", "list"))


def test_a_conversion_to_a_numpy_array_warns():
    ((message, file, _),) = told(lambda x: x * float(x.numpy().sum()))
    assert message.startswith("Converting a tensor to a NumPy array might cause the trace to be incorrect.")
    assert file == __file__


def test_a_conversion_by_numpy_itself_warns():
    messages = [m for m, _, _ in told(lambda x: x * float(np.asarray(x).sum()))]
    assert any(m.startswith("Converting a tensor to a NumPy array") for m in messages)


def test_len_warns():
    messages = [m for m, _, _ in told(lambda x: x * len(x))]
    assert len(messages) == 1 and messages[0].startswith("Using len to get tensor shape might cause the trace to be")
    assert "tensor.shape[0]" in messages[0]


def test_iteration_warns():
    messages = [m for m, _, _ in told(lambda x: sum(row for row in x))]
    assert messages[0].startswith("Iterating over a tensor might cause the trace to be incorrect.")
    assert "won't change the number of iterations executed" in messages[0]


def test_unpacking_is_iteration():
    def f(x):
        a, b = x
        return a + b

    assert any(m.startswith("Iterating over a tensor") for m, _, _ in told(f))


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("tapescope.tensor", lambda x: x * ts.tensor([1.0, 2.0, 3.0])),
        ("tapescope.as_tensor", lambda x: x * ts.as_tensor([1.0, 2.0, 3.0])),
        ("tapescope.from_numpy", lambda x: x * ts.from_numpy(np.ones(3, "float32"))),
    ],
    ids=["tensor", "as_tensor", "from_numpy"],
)
def test_constructors_warn_that_results_are_constants(name, function):
    ((message, file, _),) = told(function)
    assert message.startswith(f"{name} results are registered as constants in the trace.") and file == __file__


def test_live_references_warn_where_in_place_ops_are_forced_out():
    def f(x):
        y = x * 1
        row = y[0]
        row.add_(1)
        return row

    ((message, _, _),) = told(f, _force_outplace=True)
    assert message.startswith("There are 2 live references to the data region being modified when tracing in-place")
    assert "add_" in message


def test_one_reference_does_not_warn():
    assert told(lambda x: (x * 1).add_(1), _force_outplace=True) == []


def test_in_place_ops_are_recorded_out_of_place_where_forced():
    def f(x):
        y = x * 2
        y.add_(1)
        return y.relu_()

    x = ts.rand(2, 3)
    forced = jit.trace(f, x, _force_outplace=True)
    kept = jit.trace(f, x)
    names = [[n.kind() for n in t.graph.nodes() if n.kind() != "prim::Constant"] for t in (forced, kept)]
    assert names == [["aten::mul", "aten::add", "aten::relu"], ["aten::mul", "aten::add_", "aten::relu_"]]
    assert forced(x).tolist() == kept(x).tolist() == f(x).tolist()


def test_a_list_among_the_outputs_warns():
    ((message, _, _),) = told(lambda x: [x * 2])
    assert message.startswith("Encountering a list at the output of the tracer might cause the trace to be incorrect")
    assert told(lambda x: [x * 2], strict=False) == []


def test_a_branch_on_data_names_its_line():
    ((_, file, line),) = told(branch)
    assert file == __file__ and line == inspect.getsourcelines(branch)[1] + 1


def test_a_branch_on_data_keeps_one_branch():
    with pytest.warns(jit.TracerWarning):
        traced = jit.trace(branch, ts.ones(2))
    assert traced(-ts.ones(2)).tolist() == [-2, -2]


@pytest.mark.parametrize(
    "loop",
    [
        lambda x: x * 2 if x.any() else x,
        lambda x: x * 2 if (x > 0).all() and x.sum() < 100 else x,
        lambda x: x * max(1, int(x.sum())),
        lambda x: x * (1 if not x.sum() else 2),
        lambda x: x[: int(x.sum())],
    ],
    ids=["any", "and", "max", "not", "slice"],
)
def test_control_flow_on_data_warns_at_this_file(loop):
    found = told(loop, ts.ones(2))
    assert found and all(file == __file__ for _, file, _ in found)


def test_a_while_loop_on_data_warns_for_each_round():
    def f(x):
        while x.sum() < 10:
            x = x * 2
        return x

    assert len(told(f, ts.ones(2))) == 4


def test_asserts_on_data_warn():
    def f(x):
        assert x.sum() > 0
        return x * 2

    assert told(f, ts.ones(2))[0][0].startswith("Converting a tensor to a Python boolean")


def test_what_the_library_does_itself_is_silent():
    losses = [ts.nn.CrossEntropyLoss(), ts.nn.MSELoss()]
    assert told(lambda x: losses[0](x, ts.zeros(2, dtype=ts.int64)) + losses[1](x, x * 2)) == []
    assert told(lambda x: ts.stack([x, x]).softmax(dim=0).std() + x.var()) == []


def test_looking_at_a_tensor_warns_nothing_wrong():
    def f(x):
        y = x * 2
        repr(y)
        return y.sin()

    traced = jit.trace(f, ts.rand(2), check_trace=False)
    assert traced(ts.zeros(2)).tolist() == [0, 0] and "aten::sin" in str(traced.graph)


def test_nothing_warns_outside_of_a_trace():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        x = ts.ones(2)
        assert bool(x.sum() > 0) and int(x.sum()) == 2 and len(x) == 2 and list(x) and x.tolist()


def test_tracer_warnings_have_their_own_category():
    assert issubclass(jit.TracerWarning, Warning) and not issubclass(jit.TracerWarning, UserWarning)


def test_a_tensor_made_of_a_tensors_elements_is_a_constant():
    with pytest.warns(jit.TracerWarning):
        traced = jit.trace(lambda x: x + ts.tensor(x.sum().item()), ts.ones(2), check_trace=False)
    assert traced(ts.zeros(2)).tolist() == [2, 2]
