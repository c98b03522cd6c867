"""Where a replay could differ from the program, and does not: numbers, blocks without gradients, state of modules."""

import copy

import pytest

import tapescope as ts
from tapescope import jit, nn


@pytest.mark.parametrize(
    "dtype", [ts.int64, ts.int32, ts.bool, ts.float16, ts.float32, ts.float64, ts.complex64], ids=repr
)
@pytest.mark.parametrize("number", [2, 1.5, True, 1j], ids=repr)
def test_a_number_has_the_dtype_that_it_has_in_python(dtype, number):
    x = ts.ones(3).to(dtype)
    seen = []

    def f(x):
        y = x * number
        seen.append(y.dtype)
        return y

    traced = jit.trace(f, x, check_trace=False)
    assert seen.pop() == f(x).dtype
    assert traced(x).dtype == f(x).dtype
    assert traced(x).tolist() == f(x).tolist()


def test_what_is_saved_of_a_number_is_the_same():
    x = ts.ones(2, requires_grad=True)
    traced = jit.trace(lambda x: x * 2, x)
    assert repr(traced(x).grad_fn._saved_other) == repr((x * 2).grad_fn._saved_other)


def test_no_gradient_goes_through_a_block_without_any():
    class Centred(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = nn.Parameter(ts.tensor([1.0, 2.0]))

        def forward(self, x):
            with ts.no_grad():
                mean = (x * self.w).mean()
            return x * self.w - mean

    model, x = Centred(), ts.tensor([3.0, 5.0])
    traced = jit.trace(model, x)
    traced(x).sum().backward()
    of_trace = model.w.grad.tolist()
    model.w.grad = None
    model(x).sum().backward()
    assert of_trace == model.w.grad.tolist() == [3, 5]


def test_train_and_eval_are_kept_by_a_copy_and_a_file(tmp_path):
    traced = jit.trace(nn.Sequential(nn.Linear(2, 2)), ts.ones(1, 2))
    traced.eval()
    assert copy.deepcopy(traced).training is False
    traced.save(tmp_path / "model")
    assert jit.load(tmp_path / "model").training is False


def test_a_buffer_that_forward_replaces_passes_the_check():
    class Counts(nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("n", ts.zeros(1))

        def forward(self, x):
            self.n = self.n + 1
            return x * self.n

    module = Counts()
    with pytest.warns(jit.TracerWarning, match="does not match"):  # each call gives another number
        traced = jit.trace(module, ts.ones(2))
    assert traced.graph.findNode("aten::mul") is not None


def test_random_numbers_go_on_as_if_the_check_had_not_run():
    ts.manual_seed(0)
    jit.trace(lambda x: x * ts.rand(2), ts.ones(2), check_trace=False)
    wanted = ts.rand(3).tolist()
    ts.manual_seed(0)
    with pytest.warns(jit.TracerWarning):
        jit.trace(lambda x: x * ts.rand(2), ts.ones(2))
    assert ts.rand(3).tolist() == wanted


def test_check_inputs_may_be_tensors():
    traced = jit.trace(lambda x: x * 2, ts.ones(2), check_inputs=[ts.ones(3), (ts.zeros(4),)])
    assert traced(ts.ones(1)).tolist() == [2]


def test_the_text_of_a_trace_is_its_graph():
    traced = jit.trace(lambda x: x.tanh(), ts.ones(2))
    assert repr(ts.explore(traced)) == str(traced.graph)
