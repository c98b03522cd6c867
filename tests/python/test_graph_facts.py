"""What PyTorch 2.13 answers about nodes, what they keep, the order they run in, and sums of gradients."""

import gc
import threading
import weakref

import pytest

import tapescope as ts
from tapescope import _C
from tapescope.autograd import set_detect_anomaly
from tapescope.autograd.graph import get_gradient_edge


def leaf(*values, **kwargs):
    return ts.tensor(list(values) or [1.0, 2.0], requires_grad=True, **kwargs)


# --- nodes


def test_a_node_has_one_wrapper_while_that_lives():
    x = leaf()
    y = x * 2
    z = y.exp()
    node = y.grad_fn
    assert y.grad_fn is node and z.grad_fn.next_functions[0][0] is node and get_gradient_edge(y).node is node
    accumulator = node.next_functions[0][0]
    assert get_gradient_edge(x).node is accumulator and accumulator.variable is x
    seen = weakref.ref(node)
    del node, accumulator
    gc.collect()
    assert seen() is None and y.grad_fn.name() == "MulBackward0"


def test_a_called_node_gives_a_single_gradient_as_it_is_and_several_as_a_tuple():
    x, w = leaf(), leaf(3.0, 4.0)
    single = x.neg().grad_fn(ts.ones(2))
    assert isinstance(single, ts.Tensor) and single.tolist() == [-1, -1]
    several = (x * w).grad_fn(ts.ones(2))
    assert isinstance(several, tuple) and [g.tolist() for g in several] == [[3, 4], [1, 2]]


def test_a_called_node_checks_its_arguments():
    node = leaf().exp().grad_fn
    for count in (0, 2):
        with pytest.raises(TypeError, match=f"expected 1 arguments, got {count}"):
            node(*[ts.ones(2)] * count)
    with pytest.raises(TypeError):
        node(grad=ts.ones(2))
    with pytest.raises(TypeError):
        node(1.0)


def test_what_a_node_saved_cannot_be_read_once_it_was_freed():
    x = leaf()
    y = x * x
    node = y.grad_fn
    y.sum().backward()
    with pytest.raises(RuntimeError, match="Trying to backward through the graph a second time"):
        _ = node._saved_self


def test_a_deep_graph_that_never_ran_is_freed_without_recursion():
    x = leaf()
    for op in (lambda t: t + 1, lambda t: t * t, lambda t: t.view(2), lambda t: t.relu()):
        y = x
        for _ in range(100_000):
            y = op(y)
        before = _C._census()["nodes"]
        del y
        gc.collect()
        assert _C._census()["nodes"] <= before - 100_000


# --- what nodes keep


def test_a_saved_input_is_the_tensor_object_that_was_given():
    x = leaf()
    y = x * 2
    y.note = "mine"
    node = (x * y).grad_fn
    assert node._saved_self is x and node._saved_other is y
    del y
    gc.collect()
    assert node._saved_other.note == "mine"


def test_a_saved_result_is_no_cycle_and_has_its_node_again():
    x = leaf()
    y = x.exp()
    node = y.grad_fn
    result = node._saved_result
    assert result is not y and result.grad_fn is node and result.data_ptr() == y.data_ptr()
    seen = weakref.ref(y)
    del y, result
    assert seen() is None  # without the garbage collector
    assert node._saved_result.tolist() == x.exp().tolist()


def test_detaching_a_saved_input_in_place_is_found_by_the_backward():
    x = leaf()
    y = x * 1
    z = (y * y).sum()
    y.detach_()
    with pytest.raises(RuntimeError, match="detach_"):
        z.backward()


def test_the_words_of_a_version_conflict():
    y = leaf().exp()
    z = y.sum()
    y.mul_(2)
    with pytest.raises(RuntimeError) as caught:
        z.backward()
    words = str(caught.value)
    assert "one of the variables needed for gradient computation has been modified by an inplace operation" in words
    assert "is at version 1; expected version 0 instead" in words and "Hint: " in words


def test_the_hint_of_a_version_conflict_is_another_in_anomaly_mode():
    def hint():
        y = leaf().exp()
        z = y.sum()
        y.mul_(2)
        with pytest.raises(RuntimeError) as caught:
            z.backward()
        return str(caught.value).split("Hint: ")[1]

    plain = hint()
    with set_detect_anomaly(True), pytest.warns(UserWarning, match="Error detected in ExpBackward0"):
        assert hint() != plain


# --- what backward and grad refuse


def test_a_gradient_is_made_up_for_a_real_number_alone():
    z = leaf(1j, 2.0, dtype=ts.complex64)
    for root, words in [(leaf() * 1, "only for scalar outputs"), (z.sum(), "only for real scalar outputs but got")]:
        with pytest.raises(RuntimeError, match=f"grad can be implicitly created {words}"):
            root.backward()
        with pytest.raises(RuntimeError, match=f"grad can be implicitly created {words}"):
            ts.autograd.grad(root, z, [None])


def test_a_given_gradient_fits_its_root():
    y = leaf() * 1
    with pytest.raises(RuntimeError, match=r"Mismatch in shape: grad_output\[0\] has a shape of"):
        y.backward(ts.ones(3))
    with pytest.raises(RuntimeError, match=r"Mismatch in shape: grad_output\[1\] has a shape of"):
        ts.autograd.backward([y, y.sum()], [ts.ones(2), ts.ones(1)])
    with pytest.raises(
        RuntimeError, match=r"grad_output\[0\] has a dtype of .*complex64 and output\[0\] has a dtype of"
    ):
        y.backward(ts.ones(2, dtype=ts.complex64))
    with pytest.raises(RuntimeError, match="both grad_output and output are required to have the same dtype"):
        (leaf(1j, 2.0, dtype=ts.complex64) * 1).backward(ts.ones(2))
    for wrong in (["gradient"], [1, 1]):
        with pytest.raises(TypeError, match="gradients can be either Tensors or None, but got"):
            y.backward(wrong)
    with pytest.raises(RuntimeError, match="got 2 tensors and 1 gradients"):
        ts.autograd.backward([y, y], [ts.ones(2)])


def test_roots_and_inputs_require_grad():
    x, plain = leaf(), ts.ones(2)
    with pytest.raises(RuntimeError, match="element 0 of tensors does not require grad and does not have a grad_fn"):
        plain.sum().backward()
    with pytest.raises(RuntimeError, match="element 1 of tensors does not require grad and does not have a grad_fn"):
        ts.autograd.grad([x.sum(), plain.sum()], x)
    for call in (lambda: ts.autograd.grad(x.sum(), plain), lambda: x.sum().backward(inputs=[x, plain])):
        with pytest.raises(RuntimeError, match="One of the differentiated Tensors does not require grad"):
            call()
    with pytest.raises(ValueError, match="Expected allow_unused to be True or not passed when materialize_grads=True"):
        ts.autograd.grad(x.sum(), x, allow_unused=False, materialize_grads=True)
    ts.autograd.backward([])  # nothing to do


# --- the order


def test_several_roots_are_summed_and_may_be_the_same():
    x = leaf()
    y, z = (x * 2).sum(), (x * 3).sum()
    ts.autograd.backward([y, z, y], retain_graph=True)
    assert x.grad.tolist() == [7, 7]
    (g,) = ts.autograd.grad([y, y], x, [ts.tensor(10.0), ts.tensor(1.0)])
    assert g.tolist() == [22, 22]
    w = leaf()
    ts.autograd.backward([w, w], [ts.ones(2), ts.tensor([1.0, 2.0])])
    assert w.grad.tolist() == [2, 3]


def recorded(log, **tensors):
    for name, t in tensors.items():
        get_gradient_edge(t).node.register_prehook(lambda grads, name=name: log.append(name))


def test_a_node_that_was_made_later_runs_first():
    x, log = leaf(), []
    a, b, c = x.exp(), x.sin(), x.tanh()
    recorded(log, a=a, b=b, c=c)
    (b.sum() + c.sum() + a.sum()).backward()
    assert log == ["c", "b", "a"]


def test_gradients_are_accumulated_before_any_other_node_runs():
    x, w, log = leaf(), leaf(), []
    first = x.exp()
    last = w * 2
    nodes = [get_gradient_edge(x).node, get_gradient_edge(w).node]  # kept, so that they are those of the graph
    recorded(log, first=first, last=last, x=x, w=w)
    (first.sum() + last.sum()).backward()
    assert log == ["last", "w", "first", "x"] and len(nodes) == 2


def test_a_gradient_is_cast_to_the_dtype_of_its_input():
    x, w = leaf(), leaf(dtype=ts.float64)
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.dtype))
    (y * w).sum().backward()
    assert seen == [ts.float32] and x.grad.dtype is ts.float32 and w.grad.dtype is ts.float64
    z = x * 1
    z.backward(ts.ones(2, dtype=ts.float64))
    assert x.grad.dtype is ts.float32
    h = leaf(dtype=ts.bfloat16)
    (h * x.detach()).sum().backward()
    assert h.grad.dtype is ts.bfloat16


def test_a_backward_has_a_number_and_outside_there_is_none():
    seen = []

    @ts.enable_grad()
    def hook(grad):
        seen.append(_C._current_graph_task_id())
        if len(seen) == 1:
            inner = leaf()
            inner.register_hook(hook)
            (inner * 2).sum().backward()
            seen.append(_C._current_graph_task_id())

    assert _C._current_graph_task_id() == -1
    x = leaf()
    x.register_hook(hook)
    (x * 2).sum().backward()
    outer, inner, again = seen
    assert outer == again != inner and min(seen) >= 0 and _C._current_graph_task_id() == -1


def test_final_callbacks_run_in_order_after_all_nodes():
    log = []
    x = leaf()
    queue = ts.autograd.Variable._execution_engine.queue_callback
    y = x * 2
    y.register_hook(lambda g: queue(lambda: log.append("a")) or queue(lambda: log.append("b")))
    x.register_post_accumulate_grad_hook(lambda t: log.append("leaf"))
    y.sum().backward()
    assert log == ["leaf", "a", "b"]


# --- threads


def test_nodes_run_on_the_thread_that_called_backward():
    seen, log = [], []
    x = leaf()
    y = x * 2
    y.register_hook(lambda g: seen.append(threading.get_ident()))
    x.register_post_accumulate_grad_hook(lambda t: seen.append(threading.get_ident()))
    thread = threading.Thread(target=lambda: (y.sum().backward(), log.append(threading.get_ident())))
    thread.start()
    thread.join()
    assert seen == log * 2 and log[0] != threading.get_ident()


def test_the_grad_mode_of_a_hook_is_create_graph_whatever_the_caller_has():
    seen = []
    x = leaf()
    x.register_hook(lambda g: seen.append(ts.is_grad_enabled()))
    y = (x * x).sum()
    ts.autograd.grad(y, x, retain_graph=True)
    ts.autograd.grad(y, x, create_graph=True)
    with ts.no_grad():
        ts.autograd.grad(y, x, create_graph=True)
        assert not ts.is_grad_enabled()
    assert seen == [False, True, True] and ts.is_grad_enabled()


# --- sums of gradients


def test_a_second_gradient_is_added_to_the_same_tensor():
    x = leaf()
    (x * 2).sum().backward()
    first, version = x.grad, x.grad._version
    (x * 3).sum().backward()
    assert x.grad is first and first.tolist() == [5, 5] and first._version == version + 1


@pytest.mark.filterwarnings("ignore:Using backward")
def test_a_second_gradient_with_a_graph_is_another_tensor():
    x = leaf()
    (x * x).sum().backward()
    first = x.grad
    (x * x).sum().backward(create_graph=True)
    assert x.grad is not first and x.grad.requires_grad
    assert first.tolist() == [2, 4] and x.grad.tolist() == [4, 8]


def test_a_gradient_that_others_hold_is_not_taken_over():
    x = leaf()
    g = ts.ones(2)
    x.backward(g)
    assert x.grad is not g and x.grad.data_ptr() != g.data_ptr()
    x.grad.zero_()
    assert g.tolist() == [1, 1]


def test_what_may_be_assigned_to_grad():
    x = leaf()
    for wrong, error, words in [
        (3, TypeError, "expected to be a Tensor or None"),
        (x, RuntimeError, "can't assign Variable as its own grad"),
        (ts.ones(2, dtype=ts.float64), RuntimeError, "different type"),
        (ts.ones(3), RuntimeError, "different size"),
    ]:
        with pytest.raises(error, match=words):
            x.grad = wrong
        assert x.grad is None
    x.grad = given = ts.ones(2)
    assert x.grad is given
    x.grad = None
    x.grad = given
    del x.grad
    assert x.grad is None


# --- versions


def test_views_and_detached_tensors_share_the_version_and_data_does_not():
    x = ts.zeros(4)
    view, detached, data = x[1:], x.detach(), x.data
    for write in (x, view, detached, view[:1].detach()):
        write.add_(1)
    assert x._version == view._version == detached._version == 4
    assert data._version == 0
    data.add_(1)
    assert data._version == 1 and x._version == 4
    assert x.tolist() == [3, 5, 4, 4]


def test_a_write_through_data_is_not_seen_by_the_backward():
    y = leaf().exp()
    y.data.zero_()
    y.sum().backward()  # wrong, and the user's wish
    z = leaf().exp()
    z.detach().zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        z.sum().backward()


def test_a_saved_tensor_that_was_detached_in_place_is_an_error():
    y = leaf(1.0, 2.0) * 2
    z = y * y
    y.detach_()
    with pytest.raises(RuntimeError, match=r"saved tensor that has been detached in-place.*MulBackward0 saved it as"):
        z.sum().backward()


@pytest.mark.parametrize(("output", "grad"), [(ts.complex64, ts.float32), (ts.float32, ts.complex64)])
def test_a_complex_output_takes_a_complex_gradient(output, grad):
    y = leaf(1.0).to(output).sum()
    with pytest.raises(RuntimeError, match="both grad_output and output are required to have the same dtype"):
        y.backward(ts.ones((), dtype=grad))
