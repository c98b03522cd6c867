"""What PyTorch 2.13 answers about a running backward, its callbacks, modes and warnings, asked of this engine."""

import warnings

import pytest

import tapescope as ts
from tapescope import _C
from tapescope.autograd import GradcheckError, Variable, gradcheck, gradgradcheck

queue_callback = Variable._execution_engine.queue_callback


def leaf(*values):
    return ts.tensor(list(values), requires_grad=True)


def test_callbacks_run_when_all_nodes_have_and_may_add_more():
    log = []

    def hook(grad):
        queue_callback(lambda: (log.append("first"), queue_callback(lambda: log.append("second"))))
        log.append("hook")

    x = leaf(1.0)
    x.register_hook(hook)
    (x * 2).sum().backward()
    assert log == ["hook", "first", "second"]
    with pytest.raises(RuntimeError, match="Final callbacks can only be installed during backward pass"):
        queue_callback(lambda: None)


def test_an_exception_of_a_callback_is_the_backwards():
    x = leaf(1.0)
    x.register_hook(lambda g: queue_callback(lambda: {}["missing"]))
    with pytest.raises(KeyError, match="missing"):
        (x * 2).sum().backward()
    assert x.grad.tolist() == [2.0]
    assert _C._current_graph_task_id() == -1


def test_the_order_of_nodes_is_foretold():
    x, w = leaf(1.0, 2.0), leaf(3.0, 4.0)
    y = x.exp() * w
    z = (y + x.tanh()).sum()
    told, ran = [], []

    def hook(grads):
        told.extend(_C._current_graph_task_execution_order())

    z.grad_fn.register_prehook(hook)
    nodes = [z.grad_fn]
    for node in nodes:
        nodes.extend(n for n, _ in node.next_functions if n is not None and n not in nodes)
    for node in nodes:
        node.register_prehook(lambda grads, node=node: ran.append(node))
    z.backward()
    assert told == ran and len(ran) == len(nodes)
    with pytest.raises(RuntimeError, match="should only be called during the backward pass"):
        _C._current_graph_task_execution_order()


def test_what_will_run_is_told():
    x, w = leaf(1.0), leaf(2.0)
    y = x * w
    z = y.exp()
    other = w.tanh().grad_fn
    answers = {}

    def hook(grad):
        answers.update(
            y=_C._will_engine_execute_node(y.grad_fn),
            x=_C._will_engine_execute_node(y.grad_fn.next_functions[0][0]),
            w=_C._will_engine_execute_node(y.grad_fn.next_functions[1][0]),
            other=_C._will_engine_execute_node(other),
            running=_C._current_autograd_node() is z.grad_fn,
        )

    z.register_hook(hook)
    z.sum().backward(inputs=[x])
    assert answers == {"y": True, "x": True, "w": False, "other": False, "running": True}
    with pytest.raises(RuntimeError, match="should only be called during the backward pass"):
        _C._will_engine_execute_node(other)
    assert _C._current_autograd_node() is None


def test_reentrant_backward_to_depth_150():
    @ts.enable_grad()  # hooks run as the backward does, which records nothing
    def deep(n):
        x = leaf(1.0)
        if n:
            x.register_hook(lambda g: deep(n - 1) and None)
        (x * 2).sum().backward()
        return x.grad.tolist()

    assert deep(150) == [2.0]


def test_warnings_come_to_the_caller():
    x = leaf(1.0)
    x.register_hook(lambda g: warnings.warn("from a hook", stacklevel=1))
    with pytest.warns(UserWarning, match="from a hook"):
        (x * 2).sum().backward()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="from a hook"):
            (x * 2).sum().backward()


def test_the_gradient_of_what_is_no_leaf_is_warned_about():
    y = leaf(1.0) * 2
    with pytest.warns(UserWarning, match="is not a leaf Tensor is being accessed"):
        assert y.grad is None
    y.retain_grad()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert y.grad is None and leaf(1.0).grad is None


def test_generators_run_in_the_mode_and_their_callers_do_not():
    @ts.no_grad()
    def body():
        try:
            while True:
                given = yield ts.is_grad_enabled()
                if given == "end":
                    return "over"
        except ValueError as error:
            yield str(error), ts.is_grad_enabled()
        finally:
            closed.append(ts.is_grad_enabled())

    closed = []
    g = body()
    assert next(g) is False and ts.is_grad_enabled()
    assert g.throw(ValueError("thrown")) == ("thrown", False) and ts.is_grad_enabled()
    g.close()
    assert closed == [False] and ts.is_grad_enabled()
    g = body()
    next(g)
    with pytest.raises(StopIteration) as end:
        g.send("end")
    assert end.value.value == "over"


def test_batched_gradients():
    x = leaf(1.0, 2.0)
    y = x * x
    (g,) = ts.autograd.grad(y, x, ts.eye(2), is_grads_batched=True, retain_graph=True)
    assert g.tolist() == [[2, 0], [0, 4]]
    (g,) = ts.autograd.grad(y, x, ts.zeros(0, 2), is_grads_batched=True, retain_graph=True)
    assert g.shape == (0, 2)
    with pytest.raises(RuntimeError, match="one more dimension than its output"):
        ts.autograd.grad(y, x, None, is_grads_batched=True)
    with pytest.warns(FutureWarning, match="only_inputs argument is deprecated"):
        ts.autograd.grad(y.sum(), x, only_inputs=False)


def test_gradcheck_in_fast_mode():
    x = ts.rand(5, dtype=ts.float64).requires_grad_()
    state = _C.get_rng_state()
    assert gradcheck(lambda a: (a * a).sum(), x, fast_mode=True)
    assert _C.get_rng_state() == state  # its vectors are not the library's random numbers
    assert gradgradcheck(lambda a: a.exp() * a, x, fast_mode=True)
    assert not gradcheck(lambda a: (a * a.detach()).sum(), x, fast_mode=True, raise_exception=False)
    with pytest.raises(RuntimeError, match="fast mode"):
        gradcheck(lambda a: (a * a.detach()).sum(), x, fast_mode=True)


@pytest.mark.parametrize("fast_mode", [False, True])
def test_gradcheck_of_what_requires_no_grad_wants_differences_of_zero(fast_mode):
    x = ts.tensor([0.5, -1.5], dtype=ts.float64, requires_grad=True)
    for wrong in (lambda a: a.detach() * 2, lambda a: (a.argmax(), a.detach())):
        with pytest.raises(GradcheckError, match="Numerical gradient for function expected to be zero"):
            gradcheck(wrong, x, fast_mode=fast_mode)
        assert not gradcheck(wrong, x, fast_mode=fast_mode, raise_exception=False)
    for right in (ts.argmax, lambda a: a.detach() > 0, lambda a: ts.ones(2), lambda a: a.detach() * 0):
        assert gradcheck(right, x, fast_mode=fast_mode)
    assert gradcheck(lambda a: (a, a.detach()), x, fast_mode=fast_mode)  # as in PyTorch: one output has a gradient


@pytest.mark.parametrize("fast_mode", [False, True])
def test_gradcheck_of_a_tensor_that_is_given_twice(fast_mode):
    x = ts.tensor([0.5, -1.5], dtype=ts.float64, requires_grad=True)
    assert gradcheck(lambda a, b: a * b, (x, x), fast_mode=fast_mode)
    assert gradgradcheck(lambda a, b: a * b * b, (x, x), fast_mode=fast_mode)
    assert not gradcheck(lambda a, b: a * b.detach(), (x, x), fast_mode=fast_mode, raise_exception=False)


def test_gradgradcheck_takes_one_tensor_as_grad_outputs():
    x = ts.tensor([0.5, -1.5], dtype=ts.float64, requires_grad=True)
    assert gradgradcheck(lambda a: a * a, x, ts.ones(2, dtype=ts.float64, requires_grad=True))


def test_gradcheck_has_something_to_check():
    x = ts.ones(2, dtype=ts.float64, requires_grad=True)
    with pytest.raises(AssertionError, match="at least one of check_forward_ad or check_backward_ad"):
        gradcheck(lambda a: a * a, x, check_backward_ad=False)
    assert gradcheck(lambda a: a * a, x, masked=False, check_batched_forward_grad=False)


def test_gradcheck_finds_a_backward_that_does_not_repeat_itself():
    x = ts.rand(3, dtype=ts.float64).requires_grad_()
    calls = []

    def wobbly(a):
        y = a * 2
        y.register_hook(lambda g: g + len(calls) * 1e-3 + (calls.append(1) or 0))
        return y

    with pytest.raises(RuntimeError, match="not reentrant"):
        gradcheck(wobbly, x)
    for later in ("check_forward_ad", "check_batched_grad", "check_batched_forward_grad"):
        with pytest.raises(NotImplementedError, match="does not have yet"):
            gradcheck(wobbly, x, **{later: True})
