"""dce, cse, inline, fuse, canonicalized, lint: graphs change, results do not."""

import hypothesis
import hypothesis.strategies as st
import pytest
from test_interpreter import PROGRAMS, bits, example, flat

import tapescope as ts
from tapescope import jit

PASSES = ["dce", "cse", "fuse", "inline"]


def kinds(graph):
    return [n.kind() for n in graph.nodes() if n.kind() != "prim::Constant"]


def graph_of(f, *inputs):
    return jit.trace(f, inputs or (ts.rand(4),), check_trace=False).graph


def run(graph, *inputs):
    return [bits(t) for t in flat(jit.ScriptFunction(graph)(*inputs))]


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize(
    "order", [("dce",), ("cse",), ("fuse",), ("cse", "dce", "fuse"), ("fuse", "cse", "dce")], ids="+".join
)
@pytest.mark.filterwarnings("ignore::tapescope.jit.TracerWarning")
def test_passes_keep_results(name, order):
    graph = graph_of(PROGRAMS[name], example().detach())
    changed = graph.copy()
    for each in order:
        getattr(changed, each)()
        changed.lint()
    x = example().detach()
    assert run(changed, x) == run(graph, x) == [bits(t) for t in flat(PROGRAMS[name](x))]


def test_a_copy_is_another_graph():
    graph = graph_of(lambda x: x.sin() * 2)
    copy = graph.copy()
    copy.fuse()
    assert kinds(graph) == ["aten::sin", "aten::mul"] and str(graph.copy()) == str(graph)


def test_dead_code_is_gone_after_a_trace():
    assert kinds(graph_of(lambda x: (x.cos(), x.exp().tanh(), x.sin())[2])) == ["aten::sin"]


def test_writes_are_not_dead():
    def f(x):
        y = x.clone()
        y[0].add_(1)
        return y

    assert "aten::add_" in kinds(graph_of(f))


def test_equal_nodes_are_merged():
    graph = graph_of(lambda x: x.sin() * x.sin())
    graph.cse()
    assert kinds(graph) == ["aten::sin", "aten::mul"]


def test_random_nodes_are_not_merged():
    graph = graph_of(lambda x: ts.rand_like(x) - ts.rand_like(x) + x * 0)
    graph.cse()
    assert kinds(graph).count("aten::rand_like") == 2


def test_random_nodes_of_a_traced_function_draw_twice():
    traced = jit.trace(lambda x: ts.rand(8) - ts.rand(8) + x * 0, ts.zeros(8), check_trace=False)
    assert traced(ts.zeros(8)).tolist() != [0] * 8


def test_nodes_around_a_write_are_not_merged():
    def f(x):
        y = x.clone()
        a = y.sin()
        y.add_(1)
        return a + y.sin()

    graph = graph_of(f)
    graph.cse()
    assert kinds(graph).count("aten::sin") == 2


def test_zeros_of_other_sign_are_not_merged():
    graph = graph_of(lambda x: x.clamp(0.0, 1.0) * x.clamp(-0.0, 1.0))
    graph.cse()
    assert kinds(graph).count("aten::clamp") == 2


def test_numbers_of_other_types_are_not_merged():
    graph = graph_of(lambda x: x.sum(dim=1, keepdim=True), ts.rand(2, 3))
    graph.cse()
    graph.lint()
    assert "int = prim::Constant[value=1]" in str(graph) and "bool = prim::Constant[value=1]" in str(graph)


def test_inline_without_calls_changes_nothing():
    graph = graph_of(lambda x: x.sin() * 2)
    before = str(graph)
    graph.inline()
    assert str(graph) == before


def test_inline_of_a_graph_read_from_text_says_that_methods_are_not_there():
    traced = jit.trace(ts.nn.Sequential(ts.nn.Linear(2, 2)), ts.rand(1, 2))
    with pytest.raises(ValueError, match="not known"):
        jit.parse_ir(str(traced.graph)).inline()


# --- fusion


def test_a_chain_becomes_a_group():
    graph = jit.trace(lambda x: (x * 2).sin().exp() + x, ts.rand(4)).graph_for()
    assert kinds(graph) == ["prim::FusionGroup"]
    assert "prim::FusionGroup_0(" in str(graph) and "with prim::FusionGroup_0 = graph(" in str(graph)


def test_one_op_is_no_group():
    assert kinds(jit.trace(lambda x: x.sin(), ts.rand(4)).graph_for()) == ["aten::sin"]


def test_ops_that_do_not_hang_together_are_no_group():
    graph = jit.trace(lambda x, y: (x.sin(), y.cos()), (ts.rand(4), ts.rand(4))).graph_for()
    assert "prim::FusionGroup" not in kinds(graph)


def test_nothing_is_moved_past_a_write():
    def f(x):
        y = x.clone()
        a = y.sin()
        y.add_(1)
        return a.exp() * y.cos()

    traced, x = jit.trace(f, ts.rand(4)), ts.rand(4)
    assert bits(traced(x)) == bits(f(x))


def fused_and_eager(f, *inputs):
    """The results of a chain fused, unfused and in Python."""
    graph = graph_of(f, *(ts.rand(4) for _ in inputs))
    fused = graph.copy()
    fused.fuse()
    assert "prim::FusionGroup" in kinds(fused)
    with ts.no_grad():
        return run(fused, *inputs), run(graph, *inputs), [bits(t) for t in flat(f(*inputs))]


CHAINS = {
    "unary": lambda x, y: x.sin().exp().tanh().sqrt().neg().abs(),
    "binary": lambda x, y: (x + y) * (x - y) / (x * y + 2),
    "constants": lambda x, y: (x * 0.1 + 3) / 7 - y,
    "several_outputs": lambda x, y: (lambda a: (a, a * y, a + 1))(x.sin() * y),
    "clamped": lambda x, y: x.clamp(0.2, 0.8) * y.clamp(min=0.5),
    "pow": lambda x, y: (x * y + 1) ** 2.5,
    "relu_sigmoid": lambda x, y: (x - y).relu().sigmoid() * y,
    "long": lambda x, y: _repeat(x, y, 12),
    "longer_than_a_group": lambda x, y: _repeat(x, y, 60),
}


def _repeat(x, y, n):
    for _ in range(n):
        x = (x * y).sin()
    return x


SHAPES = [
    ((4,), (4,)), ((0,), (0,)), ((1,), (1,)), ((), ()), ((5000,), (5000,)), ((70, 80), (70, 80)), ((3, 1), (1, 3)),
    ((), (7,)), ((7,), ()), ((1,), (7,)), ((2, 3), (3,)), ((2047,), (2047,)), ((2049,), (2049,)),
]  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", ["float32", "float64", "float16", "int64"])
def test_fused_chains_are_unfused_ones_bit_for_bit(chain, shapes, dtype):
    inputs = [(ts.rand(*s) * 5 + 1).to(getattr(ts, dtype)) for s in shapes]
    fused, plain, eager = fused_and_eager(CHAINS[chain], *inputs)
    assert fused == plain and (fused == eager or dtype in ("int64", "float64"))


@pytest.mark.parametrize("layout", ["transposed", "strided", "expanded", "offset"])
def test_fused_chains_of_other_layouts(layout):
    make = {
        "transposed": lambda: ts.rand(6, 5).t(),
        "strided": lambda: ts.rand(8)[::2],
        "expanded": lambda: ts.rand(1, 4).expand(3, 4),
        "offset": lambda: ts.rand(9)[5:],
    }[layout]
    x = make()
    fused, plain, eager = fused_and_eager(CHAINS["binary"], x, x * 2)
    assert fused == plain == eager


def test_fused_chains_of_mixed_dtypes():
    x, y = ts.rand(4, dtype=ts.float64), ts.rand(4)
    fused, plain, _ = fused_and_eager(CHAINS["binary"], x, y)
    assert fused == plain


def test_fused_chains_of_special_numbers():
    inf, nan = float("inf"), float("nan")
    x = ts.tensor([inf, -inf, nan, 0.0, -0.0, 1e38, -1e-45, 1.0])
    fused, plain, eager = fused_and_eager(CHAINS["binary"], x, x.reshape(-1)[::1] * -1)
    assert fused == plain == eager


def test_fused_outputs_are_tensors_of_their_own():
    traced = jit.trace(CHAINS["several_outputs"], (ts.rand(4), ts.rand(4)))
    x, y = ts.rand(4), ts.rand(4)
    wanted = [bits(t) for t in CHAINS["several_outputs"](x, y)]
    a, b, c = traced(x, y)
    a.zero_()
    assert [bits(b), bits(c)] == wanted[1:] and x.sum() > 0


OPS = ["sin", "cos", "exp", "tanh", "neg", "abs", "relu", "sigmoid", "sqrt"]


@hypothesis.settings(max_examples=60, deadline=None, derandomize=True)
@hypothesis.given(
    st.lists(
        st.tuples(st.sampled_from([*OPS, "add", "mul", "sub"]), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=25,
    )
)
def test_any_chain_fuses_to_the_same_results(steps):
    def f(x, y):
        values = [x, y]
        for op, i, j in steps:
            a, b = values[-1 - i % len(values)], values[-1 - j % len(values)]
            values.append(getattr(a, op)() if op in OPS else getattr(a, op)(b))
        return tuple(values[2:][-3:])

    x, y = ts.rand(33) + 0.5, ts.rand(33)
    graph = graph_of(f, x, y)
    changed = graph.copy()
    changed.fuse()
    changed.lint()
    with ts.no_grad():
        assert run(changed, x, y) == run(graph, x, y) == [bits(t) for t in f(x, y)]
    assert str(jit.parse_ir(str(changed))) == str(changed)


# --- canonicalized, lint


def test_canonicalized_graphs_have_no_names_and_shapes():
    text = graph_of(lambda x: (x * 2).sin()).canonicalized().str(False)
    assert text.startswith("graph(%0 : Tensor):") and "Float" not in text


def test_traces_of_other_shapes_are_canonically_the_same():
    a, b = (graph_of(lambda x: (x * 2).sin(), ts.rand(*s)).canonicalized().str(False) for s in ((2,), (3, 4)))
    assert a == b


def test_lint_names_the_node_and_the_rule():
    graph = jit.parse_ir("graph(%x : int):\n  %1 : Tensor = aten::sin(%x) # a.py:3:0\n  return (%1)\n")
    with pytest.raises(ValueError, match=r"aten::sin at a.py:3(:0)?: no op of that name takes \(int\)"):
        graph.lint()
