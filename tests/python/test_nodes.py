"""Nodes: their wrappers, calls, edges, metadata and numbers, and what is told of a running backward (PyTorch 2.10)."""

import gc
import threading
import weakref

import pytest

import tapescope as ts
from tapescope.autograd import Function
from tapescope.autograd.graph import Node, get_gradient_edge


def leaf(*values):
    return ts.tensor([float(v) for v in values or (1, 2)], requires_grad=True)


def raises(error, words, call):
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value), caught.value


class Pass(Function):
    @staticmethod
    def forward(ctx, x):
        return x * 1

    @staticmethod
    def backward(ctx, g):
        return g


class Token:
    """Something whose end can be seen."""


# --- wrappers


def test_the_wrapper_of_a_node_is_one_object():
    y = leaf() * 2
    z = y.sin()
    node = y.grad_fn
    assert y.grad_fn is node and z.grad_fn.next_functions[0][0] is node and get_gradient_edge(y).node is node


def test_results_of_one_op_have_one_node_and_numbers():
    a, b = ts.ones(2, 2, requires_grad=True).unbind(0)
    assert a.grad_fn is b.grad_fn and (a.output_nr, b.output_nr) == (0, 1)


def test_a_wrapper_has_a_class_of_its_type_of_node():
    x = leaf()
    a, b, c = x.sin().grad_fn, (x * 2).sin().grad_fn, x.exp().grad_fn
    assert type(a) is type(b) is not type(c)
    assert type(a).__name__ == a.name() == "SinBackward0" and type(c).__name__ == "ExpBackward0"


def test_every_wrapper_is_a_node_and_nothing_else_is():
    x = leaf()
    nodes = [x.sin().grad_fn, get_gradient_edge(x).node, Pass.apply(x).grad_fn, (x * 1)[:1].grad_fn]
    base = x * 1
    base[:1].mul_(2)
    nodes.append(base.grad_fn)
    assert all(isinstance(node, Node) and issubclass(type(node), Node) for node in nodes)
    assert not any(isinstance(other, Node) for other in (None, 3, x, Node, print))


def test_the_wrapper_keeps_the_graph_below_its_node():
    x = leaf()
    y = x * 2
    z = y.sin()
    node = z.grad_fn
    kept = weakref.ref(y)
    del y, z
    gc.collect()
    assert kept() is not None
    assert node(ts.ones(2)).tolist() == pytest.approx((x * 2).cos().tolist())


def test_a_wrapper_that_dies_leaves_its_node():
    x = leaf()
    y = x * 2
    name = y.grad_fn.name()
    gc.collect()
    y.sum().backward()
    assert y.grad_fn.name() == name and x.grad.tolist() == [2, 2]


@pytest.mark.parametrize("register", ["register_hook", "register_prehook"])
def test_a_circle_through_the_hooks_of_a_node_is_collected(register):
    y, token = leaf() * 2, Token()
    gone = weakref.ref(token)
    getattr(y.grad_fn, register)(lambda *_, node=y.grad_fn, token=token: None)
    del y, token
    gc.collect()
    assert gone() is None


def test_the_class_of_a_node_outlives_circles_of_its_nodes():
    y = leaf().tanh()
    y.grad_fn.register_hook(lambda *_, node=y.grad_fn: None)
    del y
    gc.collect()
    node = leaf().tanh().grad_fn
    assert node.name() == "TanhBackward0" and isinstance(node, Node) and len(node.next_functions) == 1


def test_hooks_of_a_node_that_others_hold_survive_a_collection():
    y, seen = leaf() * 2, []
    y.grad_fn.register_hook(lambda *_, node=y.grad_fn: seen.append(node.name()))
    z = y.sin()
    del y
    gc.collect()
    z.sum().backward()
    assert seen == ["MulBackward0"]


# --- calls


def test_a_called_node_gives_one_gradient_as_it_is_and_several_as_a_tuple():
    x, w = leaf(), leaf(3, 4)
    one, several = x.neg().grad_fn(ts.ones(2)), (x * w).grad_fn(ts.ones(2))
    assert one.tolist() == [-1, -1]
    assert isinstance(several, tuple) and [g.tolist() for g in several] == [[3, 4], [1, 2]]


def test_a_called_node_gives_none_where_no_gradient_goes():
    g, none = (leaf() * ts.ones(2)).grad_fn(ts.ones(2))
    assert g.tolist() == [1, 1] and none is None


def test_a_called_node_takes_none_for_a_gradient_that_is_not_there():
    assert leaf().neg().grad_fn(None) is None


def test_a_node_is_called_with_as_many_gradients_as_it_has_results():
    x = ts.ones(2, 2, requires_grad=True)
    unbind, sine = x.unbind(0)[0].grad_fn, x.sin().grad_fn
    raises(TypeError, "expected 1 arguments, got 0", sine)
    raises(TypeError, "expected 1 arguments, got 2", lambda: sine(x, x))
    raises(TypeError, "expected 2 arguments, got 1", lambda: unbind(ts.ones(2)))
    assert unbind(ts.ones(2), ts.zeros(2)).tolist() == [[1, 1], [0, 0]]


def test_a_node_is_called_with_tensors_by_position():
    node = leaf().sin().grad_fn
    for call in (
        lambda: node(grad=ts.ones(2)),
        lambda: node(1.0),
        lambda: node("gradient"),
        lambda: node([ts.ones(2)]),
    ):
        with pytest.raises(TypeError):
            call()


def test_a_called_accumulator_adds_to_its_leaf():
    x = leaf()
    get_gradient_edge(x).node(ts.ones(2))
    assert x.grad.tolist() == [1, 1]


def test_a_called_node_frees_nothing_and_records_where_the_grad_mode_is_on():
    x = leaf()
    y = x.sin()
    first = y.grad_fn(ts.ones(2))
    with ts.no_grad():
        second = y.grad_fn(ts.ones(2))
    assert first.requires_grad and not second.requires_grad and first.tolist() == second.tolist()
    y.sum().backward()
    assert x.grad.tolist() == first.tolist()


# --- edges


def test_edges_are_pairs_of_a_node_or_none_and_a_number():
    x = leaf()
    y = x * 2
    a, b = ts.ones(2, 2, requires_grad=True).unbind(0)
    assert (y * b).grad_fn.next_functions == ((y.grad_fn, 0), (b.grad_fn, 1))
    assert (y * ts.ones(2)).grad_fn.next_functions == ((y.grad_fn, 0), (None, 0))
    assert type(a.grad_fn.next_functions[0][0]).__name__ == "AccumulateGrad"
    assert isinstance(y.grad_fn.next_functions, tuple)


def test_a_leaf_has_one_accumulator_without_edges_in_all_graphs():
    x = leaf()
    y, z = x.sin(), x.cos()
    node = y.grad_fn.next_functions[0][0]
    assert z.grad_fn.next_functions[0][0] is node and node.next_functions == ()
    assert node.variable is x and type(node).__name__ == "AccumulateGrad"


def test_only_an_accumulator_has_a_variable():
    with pytest.raises(AttributeError):
        _ = leaf().sin().grad_fn.variable


# --- metadata


def test_metadata_is_a_dict_of_the_node_that_outlives_the_wrapper():
    y, token = leaf().sin(), Token()
    gone = weakref.ref(token)
    assert y.grad_fn.metadata == {} and y.grad_fn.metadata is y.grad_fn.metadata
    y.grad_fn.metadata["mine"] = token
    del token
    gc.collect()
    assert y.grad_fn.metadata["mine"] is gone()
    del y
    gc.collect()
    assert gone() is None


def test_a_custom_functions_metadata_is_a_dict_too():
    y = Pass.apply(leaf())
    y.grad_fn.metadata["mine"] = 1
    assert y.grad_fn.metadata == {"mine": 1}


def test_input_metadata_tells_dtype_shape_and_device_of_each_gradient():
    y = ts.ones(2, 3, dtype=ts.float64, requires_grad=True).sin()
    (m,) = y.grad_fn._input_metadata
    assert m.dtype is ts.float64 and tuple(m.shape) == (2, 3) and m.device == ts.device("cpu")


def test_input_metadata_has_an_entry_for_each_result():
    a, _ = ts.ones(2, 3, requires_grad=True).split([2, 1], 1)
    assert [tuple(m.shape) for m in a.grad_fn._input_metadata] == [(2, 2), (2, 1)]
    (m,) = get_gradient_edge(leaf()).node._input_metadata
    assert tuple(m.shape) == (2,) and m.dtype is ts.float32


def test_input_metadata_of_a_custom_function_is_that_of_its_results():
    y = Pass.apply(ts.ones(3, requires_grad=True))
    (m,) = y.grad_fn._input_metadata
    assert tuple(m.shape) == (3,)


def test_the_compilers_state_of_a_custom_function_is_set_once():
    y = Pass.apply(leaf())
    assert y.grad_fn._compiled_autograd_backward_state is None and y.grad_fn._get_compiled_autograd_symints() == ()
    y.grad_fn._compiled_autograd_backward_state = state = ["mine"]
    assert y.grad_fn._compiled_autograd_backward_state is state
    with pytest.raises(RuntimeError):
        y.grad_fn._compiled_autograd_backward_state = state


# --- numbers


def test_sequence_numbers_grow_and_an_accumulators_is_the_highest():
    x = leaf()
    numbers = [y.grad_fn._sequence_nr() for y in (x.sin(), x.cos(), Pass.apply(x), x.exp())]
    assert sorted(set(numbers)) == numbers
    assert get_gradient_edge(x).node._sequence_nr() == 2**64 - 1


def test_sequence_numbers_are_counted_by_each_thread():
    numbers = []

    def run():
        x = leaf()
        numbers.append(x.sin().grad_fn._sequence_nr())

    for _ in range(2):
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    assert numbers[0] == numbers[1]


def ran(root, **nodes):
    """The names of `nodes` in the order in which a backward of `root` runs them."""
    order = []
    for name, node in nodes.items():
        node.register_prehook(lambda g, name=name: order.append(name))
    root.backward()
    return order


def test_of_ready_nodes_the_one_with_the_highest_number_runs_first():
    x = leaf()
    a, b, c = x.sin(), x.cos(), x.exp()
    root = a.sum() + b.sum() + c.sum()
    assert ran(root, a=a.grad_fn, b=b.grad_fn, c=c.grad_fn) == ["c", "b", "a"]


def test_a_number_that_was_set_changes_the_order():
    x = leaf()
    a, b, c = x.sin(), x.cos(), x.exp()
    c.grad_fn._set_sequence_nr(0)
    a.grad_fn._set_sequence_nr(10**9)
    assert a.grad_fn._sequence_nr() == 10**9
    # all three are ready at once, behind one node
    root = ts.cat([a, b, c]).sum()
    assert ran(root, a=a.grad_fn, b=b.grad_fn, c=c.grad_fn) == ["a", "b", "c"]


def test_the_number_of_a_custom_function_can_be_set_too():
    x = leaf()
    a, b = Pass.apply(x), x.cos()
    a.grad_fn._set_sequence_nr(10**9)
    root = ts.cat([a, b]).sum()
    assert ran(root, a=a.grad_fn, b=b.grad_fn) == ["a", "b"]


def test_a_node_waits_for_all_gradients_whatever_its_number():
    x = leaf()
    y = x.sin()
    z = y.cos()
    y.grad_fn._set_sequence_nr(10**9)
    root = ts.cat([y, z]).sum()
    assert ran(root, y=y.grad_fn, z=z.grad_fn) == ["z", "y"]


# --- what is told of a running backward


def test_outside_of_a_backward_there_is_no_task():
    assert ts._C._current_graph_task_id() == -1
    raises(RuntimeError, "should only be called during the backward pass", lambda: will_run(leaf().sin().grad_fn))
    raises(RuntimeError, "should only be called during the backward pass", ts._C._current_graph_task_execution_order)


def will_run(node):
    return ts._C._will_engine_execute_node(node)


def in_backward_of(y, call, **kwargs):
    """What `call` gives when the gradient of `y` is there."""
    got = []
    handle = y.register_hook(lambda g: got.append(call()))
    y.sum().backward(retain_graph=True, **kwargs)
    handle.remove()
    return got[0]


def test_each_backward_has_its_own_task():
    y = leaf().sin()
    ids = [in_backward_of(y, ts._C._current_graph_task_id) for _ in range(2)]
    assert ids[0] != ids[1] and min(ids) >= 0 and ts._C._current_graph_task_id() == -1


def test_the_order_of_nodes_is_told_before_they_run():
    x = leaf()
    y, told, order = (x.sin() * x.cos()).sum(), [], []
    nodes = [y.grad_fn]
    for node in nodes:
        nodes.extend(n for n, _ in node.next_functions if n is not None and n not in nodes)
        node.register_prehook(lambda g, node=node: order.append(node))
    y.register_hook(lambda g: told.extend(ts._C._current_graph_task_execution_order()))
    with ts.autograd.set_multithreading_enabled(False):
        y.backward()
    assert told == order and len(order) == 5


def test_in_a_whole_backward_every_node_of_the_graph_will_run():
    x, w = leaf(), leaf()
    y = x * w
    inside = [y.grad_fn, *(node for node, _ in y.grad_fn.next_functions)]
    other = w.sin().grad_fn
    assert in_backward_of(y, lambda: [will_run(node) for node in [*inside, other]]) == [True] * 3 + [False]


def test_in_a_backward_to_some_inputs_the_nodes_on_the_way_will_run():
    x, w = leaf(), leaf()
    y = x * w
    nodes = [y.grad_fn, *(node for node, _ in y.grad_fn.next_functions)]
    assert in_backward_of(y, lambda: [will_run(node) for node in nodes], inputs=[x]) == [True, True, False]


def test_in_grad_an_input_counts_as_a_node_that_runs():
    x = leaf()
    y = x * 2
    z = y.sin()
    nodes, got = [z.grad_fn, y.grad_fn, get_gradient_edge(x).node], []
    z.register_hook(lambda g: got.extend(will_run(node) for node in nodes))
    ts.autograd.grad(z.sum(), y)
    assert got == [True, True, False]


# --- the end of a graph


@pytest.mark.parametrize("op", [lambda t: t + 1, lambda t: t.sin(), lambda t: t.view(2), lambda t: t * t], ids="asvm")
def test_a_deep_graph_dies_without_a_deep_stack(op):
    y, token = op(leaf()), Token()
    y.grad_fn.metadata["token"] = token
    gone = weakref.ref(token)
    del token
    for _ in range(100_000):
        y = op(y)
    assert gone() is not None
    del y
    gc.collect()
    assert gone() is None


def test_a_deep_graph_of_custom_functions_dies_without_a_deep_stack():
    y, token = Pass.apply(leaf()), Token()
    y.grad_fn.token = token
    gone = weakref.ref(token)
    del token
    for _ in range(20_000):
        y = Pass.apply(y)
    del y
    gc.collect()
    assert gone() is None
