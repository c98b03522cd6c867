"""What becomes a constant of a graph, and what does not: fill values, `.data`, memory and tensors from elsewhere."""

import threading
import warnings

import pytest

import tapescope as ts
from tapescope import jit


def told(function, *inputs):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        traced = jit.trace(function, inputs, check_trace=False)
    return traced, [str(w.message) for w in caught]


@pytest.mark.parametrize("make", [lambda x, n: ts.full((2,), n), lambda x, n: ts.full_like(x[:2].long(), n)])
def test_a_size_that_fills_is_followed(make):
    traced, messages = told(lambda x: make(x, x.shape[0]), ts.ones(3))
    assert not messages
    for n in (3, 5):
        assert traced(ts.ones(n)).tolist() == [n, n] and traced(ts.ones(n)).dtype == ts.int64


def test_the_dtype_of_a_fill_is_that_of_its_number():
    assert ts.full((1,), ts.tensor(3)).dtype == ts.int64
    assert ts.full((1,), ts.tensor(True)).dtype == ts.bool
    assert ts.full((1,), ts.tensor(3.0, dtype=ts.float64)).dtype == ts.float32
    assert ts.full((1,), ts.tensor(1j)).dtype == ts.complex64
    with pytest.raises(RuntimeError, match="2"):
        ts.full((1,), ts.ones(2))


def test_data_is_an_op():
    traced, messages = told(lambda x: x * x.data, ts.ones(3))
    assert not messages and traced.graph.findNode("aten::data")
    x = ts.full((3,), 2.0, requires_grad=True)
    traced(x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_writes_through_data_are_not_counted_in_a_replay_either():
    def f(x):
        y = x * 1
        z = y * y
        y.data.mul_(3)
        return z

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced = jit.trace(f, ts.ones(2), check_trace=False)
    for function in (f, traced):
        x = ts.full((2,), 2.0, requires_grad=True)
        function(x).sum().backward()
        assert x.grad.tolist() == [12, 12]


def of_another_thread(x):
    made = []
    thread = threading.Thread(target=lambda: made.append(x.detach() + 1))
    thread.start()
    thread.join()
    return x * made[0]


def gradient_inside(x):
    y = x.detach().requires_grad_()
    (gradient,) = ts.autograd.grad((y * y).sum(), y)
    return x * gradient


FROM_ELSEWHERE = {
    "dlpack": lambda x: x * ts.from_dlpack(x.detach()),
    "thread": of_another_thread,
    "gradient": gradient_inside,
}


@pytest.mark.parametrize("how", FROM_ELSEWHERE)
def test_a_tensor_that_no_op_of_the_trace_made_warns(how):
    _, messages = told(FROM_ELSEWHERE[how], ts.rand(3))
    (message,) = [m for m in messages if "becomes a constant" in m]
    assert "Float of shape (3,)" in message and "by no op of it" in message


def test_what_was_made_before_is_a_constant_without_a_word():
    before = ts.rand(3)
    assert told(lambda x: x * before, ts.rand(3))[1] == []


LITERALS = {
    "number": lambda x: x + 2,
    "indices": lambda x: x[[0, 2]],
    "assigned": lambda x: x.clone().__setitem__(0, 2.0) or x,
    "assigned list": lambda x: x.clone().__setitem__(slice(0, 2), [1.0, 2.0]) or x,
    "mask": lambda x: x.masked_fill(x > 0.5, 3.0),
    "where": lambda x: ts.where(x > 0.5, x, 0.0),
    "fill": lambda x: x + ts.full((3,), 2.0),
    "zeros": lambda x: x + ts.zeros(3),
    "power": lambda x: 2**x,
    "random": lambda x: x + ts.rand(3),
}


@pytest.mark.parametrize("what", LITERALS)
def test_what_the_program_wrote_down_is_a_constant_without_a_word(what):
    assert told(LITERALS[what], ts.rand(3))[1] == []


def test_an_array_warns_once():
    np = pytest.importorskip("numpy")
    _, messages = told(lambda x: x * ts.from_numpy(np.ones(3, dtype="f4")), ts.rand(3))
    assert len(messages) == 1 and messages[0].startswith("tapescope.from_numpy results are registered as constants")


def test_a_hook_inside_warns_and_the_check_goes_on():
    def f(x):
        y = x * 2
        y.register_hook(lambda g: g * 3)
        return y

    with pytest.warns(jit.TracerWarning, match="no part of the graph"):
        traced = jit.trace(f, ts.ones(2, requires_grad=True))
    assert traced(ts.ones(2)).tolist() == [2, 2]


def test_a_function_that_needs_gradients_is_told_so_by_the_check():
    def f(x):
        y = x * 2
        y.grad_fn.metadata["seen"] = True
        return y

    with pytest.raises(jit.TracingCheckError, match="The check runs without gradients: pass check_trace=False"):
        jit.trace(f, ts.ones(2, requires_grad=True))
