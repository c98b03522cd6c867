"""The interpreter does what Python did, bit for bit, and leaves the same backward graph."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

import tapescope as ts
from tapescope import jit
from tapescope.nn import Linear, Sequential, Tanh

W = ts.tensor([[0.5, -0.25, 0.125], [1.5, 2.0, -1.0], [0.75, 0.3, 0.1]])

PROGRAMS = {
    "chain": lambda x: (x * 2 + 1).tanh().exp().sin(),
    "equal_ops": lambda x: x.sin() * x.sin() + x.sin(),
    "equal_products": lambda x: (x * x) + (x * x),
    "diamond": lambda x: (lambda y: y.sin() + y.cos() * y)(x * 2),
    "matmul": lambda x: (x @ W).relu() @ W.t(),
    "softmax": lambda x: x.softmax(dim=1).log(),
    "log_softmax": lambda x: x.log_softmax(dim=-1),
    "reductions": lambda x: x.sum(dim=0) * x.mean(dim=0) + x.var(dim=0) + x.std(dim=0),
    "max_dim": lambda x: x.max(dim=1)[0] * 2 + x.min(dim=1)[0],
    "max": lambda x: x.max() - x.min(),
    "views": lambda x: x.view(-1).reshape(3, 2).t().unsqueeze(0).squeeze(0).transpose(0, 1).permute(1, 0) * 1,
    "indexing": lambda x: x[0] * x[:, 1].sum() + x[..., -1].sum() + x[1:].sum() + x[None].sum(),
    "index_tensor": lambda x: x[ts.tensor([1, 0, 1])],
    "mask": lambda x: x[x > 0.2].sum() * x.masked_fill(x > 0.5, -1.0),
    "where": lambda x: ts.where(x > 0.4, x * 2, x.sin()),
    "cat": lambda x: ts.cat([x, x * 2, x.sin()], dim=1),
    "stack": lambda x: ts.stack([x, x.cos()]).sum(dim=0),
    "split": lambda x: (lambda a, b, c: a * b + c)(*x.split(1, 1)),
    "chunk": lambda x: (lambda a, b: a * b)(*x.chunk(2, 0)),
    "unbind": lambda x: (lambda a, b: a - b)(*x.unbind(0)),
    "broadcast": lambda x: x * x.sum(dim=1, keepdim=True) + x.sum(dim=0),
    "scalar": lambda x: x * x.sum() / 3 - 1,
    "reversed_scalar": lambda x: 1 / (2 - x * 3) + 2**x,
    "pow": lambda x: x**3 + x.pow(0.5),
    "clamp": lambda x: x.clamp(0.2, 0.8) + x.clamp(min=0.5) + x.clamp(max=0.3),
    "minimum": lambda x: ts.minimum(x, x * x) + ts.maximum(x, x.sin()),
    "detach": lambda x: x * x.detach() + x.sin().detach(),
    "detach_twice": lambda x: x * x.detach() + x.detach() * 2,
    "casts": lambda x: x.double().sin().float() + x.to(ts.float64).float(),
    "compare": lambda x: (x > 0.5).float() * x + (x == x).float(),
    "integers": lambda x: x * ts.arange(3) + x.argmax(dim=1, keepdim=True),
    "complex": lambda x: ts.complex(x, x.sin()).abs(),
    "loss": lambda x: ts.nn.functional.cross_entropy(x, ts.tensor([0, 2])),
    "mse": lambda x: ts.mse_loss(x, x.detach() * 2),
    "tuple": lambda x: (x.sin(), (x * 2, x.sum())),
    "same_tensor_twice": lambda x: (lambda y: (y, y))(x * 2),
    "equal_outputs": lambda x: (x.sin(), x.sin()),
    "equal_views": lambda x: (x * 2, x[0], x[0]),
    "constant_only": lambda x: x * (W * 2).sum(),
    "zeros": lambda x: x + ts.zeros(2, 3) + ts.ones(3) + ts.full((2, 1), 0.5),
    "negative_zero": lambda x: 1 / (x - 10).clamp(max=-0.0) + 1 / (x * 0).clamp(min=0.0, max=0.0),
    "zero_signs": lambda x: 1 / (x - x - 1).clamp(min=0.0) + 2 / (x - x - 1).clamp(min=-0.0),
    "full_zero_signs": lambda x: x * 0 + 1 / ts.full((2, 3), 0.0) * (1 / ts.full((2, 3), -0.0)),
    "expand": lambda x: x.sum(dim=0, keepdim=True).expand(4, 3) * 2,
    "as_strided": lambda x: x.as_strided((2, 2), (1, 1)) * 2,
    "diagonal": lambda x: (x.t() @ x).diagonal().sum(),
    "linear": lambda x: ts.linear(x, W, W[0]),
    "addmm": lambda x: ts.addmm(W[:2], x, W),
    "clamp_to_infinity": lambda x: x.clamp(min=float("inf")) + x.clamp(max=float("inf")),
    "unfold": lambda x: x.unfold(1, 2, 1).sum(dim=-1),
}


def example():
    return ts.tensor([[0.1, 0.7, 0.3], [0.9, 0.2, 0.6]], requires_grad=True)


def flat(out):
    """All tensors of a result, in order."""
    return [t for part in out for t in flat(part)] if isinstance(out, (tuple, list)) else [out]


def bits(t):
    return (t.dtype, tuple(t.shape), t.detach().numpy().tobytes())


def backward_graph(tensor):
    """Names of the nodes in the order of a walk, with the places where a node is met again."""
    seen, out = {}, []

    def walk(node):
        if node is None:
            out.append(None)
        elif node in seen:
            out.append(seen[node])
        else:
            seen[node] = len(seen)
            out.append(node.name())
            for nearer, _ in node.next_functions:
                walk(nearer)

    walk(tensor.grad_fn)
    return out


def grads(f, x):
    total = sum((t.double() * (i + 1)).sum() for i, t in enumerate(flat(f(x))) if t.requires_grad)
    x.grad = None
    total.backward()
    return bits(x.grad)


@pytest.fixture(params=PROGRAMS)
def program(request):
    return PROGRAMS[request.param]


@pytest.fixture
def traced(program):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jit.TracerWarning)
        return jit.trace(program, example().detach())


def test_results_are_the_same_bit_for_bit(program, traced):
    x = example()
    assert [bits(t) for t in flat(traced(x))] == [bits(t) for t in flat(program(x))]


def test_results_without_gradients_are_the_same_bit_for_bit(program, traced):
    x = example().detach()
    with ts.no_grad():
        assert [bits(t) for t in flat(traced(x))] == [bits(t) for t in flat(program(x))]


def test_backward_graphs_are_the_same(program, traced):
    x = example()
    assert [backward_graph(t) for t in flat(traced(x))] == [backward_graph(t) for t in flat(program(x))]


def test_gradients_are_the_same_bit_for_bit(program, traced):
    assert grads(traced, example()) == grads(program, example())


def test_results_are_as_many_tensors_as_in_python(program, traced):
    def alike(out):
        return [[a is b for b in flat(out)] for a in flat(out)]

    x = example()
    assert alike(traced(x)) == alike(program(x))


def test_a_trace_made_with_grad_runs_like_one_without(program, traced):
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", jit.TracerWarning)
        other = jit.trace(program, example())
    x = example()
    assert [bits(t) for t in flat(other(x))] == [bits(t) for t in flat(traced(x))]


def test_programs_read_back_from_their_text(traced):
    text = str(traced.graph)
    assert str(jit.parse_ir(text)) == text
    fused = str(traced.graph_for())
    assert str(jit.parse_ir(fused)) == fused


# --- modes and threads


def test_grad_modes_are_those_of_the_caller():
    traced, x = jit.trace(PROGRAMS["chain"], example()), example()
    assert traced(x).requires_grad
    with ts.no_grad():
        assert not traced(x).requires_grad
    with ts.inference_mode():
        assert traced(x).is_inference() and PROGRAMS["chain"](x).is_inference()


def test_backward_twice_needs_retain_graph_as_in_python():
    traced, x = jit.trace(PROGRAMS["chain"], example()), example()
    out = traced(x).sum()
    out.backward(retain_graph=True)
    out.backward()
    with pytest.raises(RuntimeError, match="second time"):
        out.backward()


def test_second_derivatives():
    def second(f):
        x = example()
        (first,) = ts.autograd.grad(f(x).sum(), x, create_graph=True)
        return bits(ts.autograd.grad(first.sum(), x)[0])

    traced = jit.trace(PROGRAMS["chain"], example())
    assert second(traced) == second(PROGRAMS["chain"])


def test_several_threads_run_one_trace_at_once():
    model = Sequential(Linear(8, 16), Tanh(), Linear(16, 4))
    traced = jit.trace(model, ts.rand(2, 8))
    inputs = [ts.rand(n, 8) for n in range(1, 33)]
    wanted = [model(x).tolist() for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            assert [t.tolist() for t in pool.map(traced, inputs)] == wanted


def test_several_threads_run_a_fused_chain_at_once():
    traced = jit.trace(PROGRAMS["chain"], ts.rand(4))
    inputs = [ts.rand(5000) for _ in range(16)]
    wanted = [bits(PROGRAMS["chain"](x)) for x in inputs]
    with ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            assert [bits(t) for t in pool.map(traced, inputs)] == wanted


def test_several_threads_run_a_custom_function():
    class Double(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    traced = jit.trace(lambda x: Double.apply(x) + 1, ts.rand(2))
    with ThreadPoolExecutor(8) as pool:
        assert [t.tolist() for t in pool.map(traced, [ts.ones(1)] * 200)] == [[3]] * 200


def test_a_trace_runs_in_a_thread_while_another_traces():
    traced, stop, failed = jit.trace(PROGRAMS["chain"], ts.rand(4)), threading.Event(), []

    def run():
        x = ts.rand(4)
        wanted = traced(x).tolist()
        while not stop.is_set():
            if traced(x).tolist() != wanted:
                failed.append(x)

    thread = threading.Thread(target=run)
    thread.start()
    for _ in range(50):
        jit.trace(lambda x: x.sin() * 3, ts.rand(3))
    stop.set()
    thread.join()
    assert failed == []


# --- errors


def test_a_wrong_shape_raises_what_the_op_raises():
    traced = jit.trace(lambda x: x @ W, ts.rand(2, 3))
    with pytest.raises(ts.ShapeError):
        traced(ts.rand(2, 4))


def test_a_wrong_number_of_arguments_of_a_function_is_told():
    traced = jit.trace(lambda x, y: x + y, (ts.rand(2), ts.rand(2)))
    with pytest.raises(TypeError, match="2 inputs, but 1"):
        traced(ts.rand(2))


def test_a_wrong_number_of_arguments_of_a_module_does_not_count_the_module():
    traced = jit.trace(Linear(2, 2), ts.rand(1, 2))
    with pytest.raises(TypeError, match=r"takes 1 (input|argument)s?, but 2"):
        traced(ts.rand(1, 2), ts.rand(1, 2))


@pytest.mark.parametrize("bad", [3, None, "x", [1], (1,), {1}, object()], ids=lambda b: type(b).__name__)
def test_an_argument_of_another_type_is_told(bad):
    traced = jit.trace(lambda x, y: x + y, (ts.rand(2), ts.rand(2)))
    with pytest.raises(TypeError):
        traced(ts.rand(2), bad)


def test_a_tuple_of_another_length_is_told():
    traced = jit.trace(lambda p: p[0] + p[1], ((ts.rand(2), ts.rand(2)),))
    with pytest.raises(ValueError, match="2 elements here, but now there are 3"):
        traced((ts.rand(2),) * 3)


def test_a_tuple_of_other_types_is_told():
    traced = jit.trace(lambda p: p[0] + p[1], ((ts.rand(2), ts.rand(2)),))
    with pytest.raises(TypeError):
        traced((ts.rand(2), 3))


def test_a_key_that_is_missing_is_told():
    traced = jit.trace(lambda d: d["a"] * 2, ({"a": ts.rand(2)},))
    with pytest.raises((KeyError, ValueError), match="no key 'a'"):
        traced({"b": ts.rand(2)})
