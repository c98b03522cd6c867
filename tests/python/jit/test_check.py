"""check_trace: traced again, run again, compared; and what trace refuses at its door."""

import itertools
import warnings

import pytest

import tapescope as ts
from tapescope import jit
from tapescope.nn import Linear, Module, Sequential


def alternating():
    """A function that does another op each time."""
    turn = itertools.count()

    def f(x):
        return x.sin() if next(turn) % 2 == 0 else x.cos()

    return f


def failed_check(function, *inputs, **options):
    with pytest.raises(jit.TracingCheckError) as error, warnings.catch_warnings():
        warnings.simplefilter("ignore", jit.TracerWarning)
        jit.trace(function, inputs or (ts.rand(2),), **options)
    return str(error.value)


def warned(function, *inputs, **options):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        jit.trace(function, inputs or (ts.rand(2),), **options)
    return [str(w.message) for w in caught]


# --- the check


def test_graphs_that_differ_are_refused():
    message = failed_check(alternating())
    assert message.startswith("Tracing failed sanity checks!\nERROR: Graphs differed across invocations!\n")
    assert "Graph diff:" in message and "aten::sin" in message and "aten::cos" in message


def test_the_first_diverging_node_and_both_stacks_are_shown():
    message = failed_check(alternating())
    assert "First diverging operator:" in message and "Node diff:" in message
    assert "Trace source location:" in message and "Check source location:" in message
    assert message.count(f"{__file__}(") >= 4


def test_constants_that_differ_are_refused():
    count = itertools.count()
    message = failed_check(lambda x: x * ts.full((2,), 1.0) + ts.tensor([float(next(count)), 0.0]))
    assert "Tensor-valued Constant nodes differed in value across invocations" in message


def test_numbers_that_differ_are_refused():
    count = itertools.count()
    failed_check(lambda x: x + next(count))


def test_the_check_can_be_left_out():
    assert warned(alternating(), check_trace=False) == []


def test_an_exception_of_the_second_run_comes_through_or_is_a_failed_check():
    count = itertools.count()

    def f(x):
        if next(count):
            raise ValueError("the second time")
        return x * 2

    with pytest.raises((ValueError, jit.TracingCheckError), match="the second time"):
        jit.trace(f, ts.rand(2))
    assert not jit.is_tracing()


def test_an_exception_of_the_python_function_is_a_failed_check():
    count = itertools.count()

    def f(x):
        if next(count) == 2:
            raise ValueError("the third time")
        return x * 2

    message = failed_check(f)
    assert "encountered an exception while running the Python function with test inputs" in message
    assert "the third time" in message


def test_an_output_that_differs_from_python_is_told():
    messages = warned(lambda x: x * (2 if jit.is_tracing() else 3))
    assert any(m.startswith("Output nr 1. of the traced function does not match the corresponding output of the Python")
               for m in messages)  # fmt: skip


def test_check_inputs_find_what_the_example_hides():
    def f(x):
        return x * 2 if x.sum() > 0 else x * 3

    failed_check(f, ts.ones(2), check_inputs=[(-ts.ones(2),)])


def test_check_inputs_of_other_shapes():
    assert warned(lambda x: x * 2, ts.ones(2), check_inputs=[(ts.ones(5),), (ts.ones(2, 2),)]) == []


def test_the_tolerance_is_relative():
    f = lambda x: x * (1000.0 if jit.is_tracing() else 1000.5)  # noqa: E731
    assert warned(f, ts.ones(2)) != []
    assert warned(f, ts.ones(2), check_tolerance=1e-2) == []


def test_random_ops_are_told():
    messages = warned(lambda x: x * ts.rand_like(x))
    assert any(m.startswith("Trace had nondeterministic nodes. Did you forget call .eval() on your model?") for m in
               messages)  # fmt: skip
    assert any("aten::rand_like" in m for m in messages)


def test_random_ops_are_told_once_though_both_runs_differ():
    messages = warned(lambda x: x * ts.rand_like(x))
    assert sum(m.startswith("Trace had nondeterministic nodes") for m in messages) == 1


class Dropout(Module):
    """Halves at random while training."""

    def forward(self, x):
        return x * ts.bernoulli(ts.full((8,), 0.5)) * 2 if self.training else x


def test_dropout_in_training_is_told_and_in_eval_is_not():
    model = Sequential(Linear(8, 8), Dropout())
    messages = warned(model, ts.rand(64, 8))
    assert any("nondeterministic nodes" in m and "aten::bernoulli" in m for m in messages)
    assert warned(model.eval(), ts.rand(64, 8)) == []


def test_replay_draws_anew():
    traced = jit.trace(lambda x: x + ts.rand(8), ts.zeros(8), check_trace=False)
    x = ts.zeros(8)
    first, second = traced(x).tolist(), traced(x).tolist()
    assert first != second
    ts.manual_seed(3)
    again = traced(x).tolist()
    ts.manual_seed(3)
    assert again == traced(x).tolist() == _seeded(3, lambda: ts.rand(8).tolist())


def _seeded(seed, function):
    ts.manual_seed(seed)
    return function()


def test_the_check_leaves_random_numbers_and_inputs_as_they_were():
    x = ts.rand(2)
    before = x.tolist()
    ts.manual_seed(0)
    jit.trace(lambda x: x * 2, x)
    assert ts.rand(2).tolist() == _seeded(0, lambda: ts.rand(2).tolist()) and x.tolist() == before


def test_the_check_makes_no_gradients():
    x = ts.rand(2, requires_grad=True)
    jit.trace(lambda x: x * 2, x)
    assert x.grad is None


def test_nan_equals_nan_in_the_check():
    assert warned(lambda x: x * float("nan"), ts.ones(2)) == []


def test_outputs_of_no_elements_and_of_bools_pass_the_check():
    assert warned(lambda x: (x[:0], x > 0), ts.ones(2)) == []


# --- at the door


def test_a_traced_thing_is_given_back_with_a_warning():
    traced = jit.trace(lambda x: x * 2, ts.rand(2))
    with pytest.warns(UserWarning, match="already"):
        assert jit.trace(traced, ts.rand(2)) is traced
    module = jit.trace(Linear(2, 2), ts.rand(1, 2))
    with pytest.warns(UserWarning, match="already"):
        assert jit.trace(module, ts.rand(1, 2)) is module


def test_a_method_of_a_module_is_refused():
    with pytest.raises(AttributeError, match="trace doesn't support compiling individual module's functions"):
        jit.trace(Linear(2, 2).reset_parameters, ts.rand(2))


def test_forward_of_a_module_is_the_module():
    module = Linear(2, 2)
    assert isinstance(jit.trace(module.forward, ts.rand(1, 2)), jit.TopLevelTracedModule)


@pytest.mark.parametrize("given", [[ts.ones(1)], ts.ones(1), "x"], ids=["list", "tensor", "text"])
def test_inputs_by_name_are_a_dict(given):
    with pytest.raises(RuntimeError, match="example_kwarg_inputs should be a dict"):
        jit.trace(lambda x: x, example_kwarg_inputs=given)


def test_an_unknown_name_of_a_modules_input_is_a_name_error():
    with pytest.raises(NameError, match="'wrong' is not in forward"):
        jit.trace(Linear(2, 2), example_kwarg_inputs={"wrong": ts.rand(1, 2)})


def test_an_unknown_name_of_a_functions_input_is_refused():
    with pytest.raises((NameError, TypeError), match="'wrong'"):
        jit.trace(lambda x: x, example_kwarg_inputs={"wrong": ts.rand(2)})


def test_no_example_is_refused():
    with pytest.raises((RuntimeError, TypeError), match="example_inputs"):
        jit.trace(lambda x: x)


@pytest.mark.parametrize("example", [3, 2.5, object()], ids=["int", "float", "object"])
def test_an_example_that_is_no_input_is_refused(example):
    with pytest.raises(TypeError, match="example_inputs"):
        jit.trace(lambda x: x, example)


def test_what_cannot_be_called_is_refused():
    with pytest.raises(TypeError, match="not a int"):
        jit.trace(3, ts.rand(2))


def test_backward_hooks_of_modules_are_refused():
    module = Sequential(Linear(2, 2))
    module[0].register_full_backward_hook(lambda m, i, o: None)
    with pytest.raises(ValueError, match="Modules that have backward hooks assigned can't be compiled"):
        jit.trace(module, ts.rand(1, 2))


def test_a_submodule_of_a_trace_cannot_be_called():
    traced = jit.trace(Sequential(Linear(2, 2)), ts.rand(1, 2))
    with pytest.raises(RuntimeError, match=r"part of a traced module|submodules cannot be called"):
        dict(traced.named_modules())["0"](ts.rand(1, 2))


@pytest.mark.parametrize(
    ("module", "inputs", "message"),
    [
        (lambda x: x, {"forward": ts.ones(1)}, "expected nn.Module as the first argument"),
        (Linear(1, 1), ts.ones(1, 1), "expected a dictionary of"),
        (Linear(1, 1), {"forwards": ts.ones(1, 1)}, "forwards"),
    ],
    ids=["function", "no_dict", "no_method"],
)
def test_trace_module_refuses(module, inputs, message):
    with pytest.raises(AttributeError, match=message):
        jit.trace_module(module, inputs)
