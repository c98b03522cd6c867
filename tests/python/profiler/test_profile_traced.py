"""What a profile shows of a traced function: the loops that ran, not the ops that they stand for."""

import tapescope as ts
from tapescope import jit
from tapescope.profiler import profile


def names(prof):
    return [event.name for event in prof.events() if event.kind == "op"]


def test_a_fused_loop_is_one_op():
    traced, x = jit.trace(lambda x: (x * x + 1).relu() @ x, ts.rand(3, 3)), ts.rand(3, 3)
    before = traced(x).tolist()
    with profile(record_shapes=True) as prof:
        assert traced(x).tolist() == before
    assert names(prof) == ["aten::FusionGroup(mul, add, relu)", "aten::matmul"]
    assert prof.events()[0].input_shapes == [[3, 3]]


def test_where_a_gradient_is_wanted_the_ops_run_by_themselves():
    traced, x = jit.trace(lambda x: (x * x + 1).relu(), ts.rand(3)), ts.rand(3, requires_grad=True)
    with profile() as prof:
        traced(x)
    assert names(prof) == ["aten::mul", "aten::add", "aten::relu"]
