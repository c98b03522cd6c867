"""Traced modules: GetAttr chains, calls of submodules, parameters and buffers, several methods."""

import pytest

import tapescope as ts
from tapescope import jit
from tapescope.nn import Linear, Module, Sequential
from tapescope.utils.checkpoint import checkpoint


class Layer(Module):
    """One linear layer, called `times` times."""

    def __init__(self, times=1):
        super().__init__()
        self.l = Linear(3, 3)
        self.times = times

    def forward(self, x):
        for _ in range(self.times):
            x = self.l(x)
        return x.relu()

    def doubled(self, x):
        return self.l(x) * 2


class Holder(Module):
    """A module of whatever attributes and body."""

    def __init__(self, body, **attributes):
        super().__init__()
        self.body = body
        for name, value in attributes.items():
            if isinstance(value, ts.Tensor) and not isinstance(value, ts.nn.Parameter):
                self.register_buffer(name, value)
            else:
                setattr(self, name, value)

    def forward(self, *args):
        return self.body(self, *args)


def calls(graph):
    return [n.attribute("name") for n in graph.findAllNodes("prim::CallMethod")]


def x23():
    return ts.rand(2, 3)


# --- text


def test_a_graph_of_a_module_has_self_getattr_and_callmethod():
    text = str(jit.trace(Layer(), x23()).graph)
    assert text.startswith("graph(%self.1 : __module__.test_modules.Layer,\n")
    assert '%l : __module__.tapescope.nn.linear.Linear = prim::GetAttr[name="l"](%self.1)' in text
    assert 'prim::CallMethod[name="forward"](%l, %x.1)' in text


def test_the_inlined_graph_is_flat_and_shows_scopes():
    graph = jit.trace(Layer(), x23()).inlined_graph
    assert graph.findNode("prim::CallMethod") is None
    assert ", scope: __module.l # " in str(graph)
    assert graph.findNode("aten::linear").scopeName() == "__module.l"
    assert graph.findNode("aten::relu").scopeName() == ""


def test_a_submodule_called_twice_has_forward_and_forward1():
    traced = jit.trace(Layer(2), x23())
    assert calls(traced.graph) == ["forward", "forward1"]
    x = x23()
    assert traced(x).tolist() == Layer.forward(_with(Layer(2), traced), x).tolist()


def _with(module, traced):
    module.l.weight.data.copy_(traced.l.weight)
    module.l.bias.data.copy_(traced.l.bias)
    return module


def test_a_submodule_has_the_graph_of_its_call():
    text = str(jit.trace(Layer(), x23()).l.graph)
    assert text.startswith("graph(%self.1 : __module__.tapescope.nn.linear.Linear,\n")
    assert 'prim::GetAttr[name="weight"](%self.1)' in text and "aten::linear" in text


def test_deep_submodules_are_calls_inside_calls():
    traced = jit.trace(Sequential(Sequential(Linear(3, 3), ts.nn.ReLU()), Linear(3, 2)), x23())
    assert calls(traced.graph) == ["forward", "forward"]
    inner = dict(traced.named_modules())["0"]
    assert calls(inner.graph) == ["forward", "forward"]
    scopes = [n.scopeName() for n in traced.inlined_graph.findAllNodes("aten::linear")]
    assert scopes == ["__module.0/__module.0.0", "__module.1"]


def test_a_traced_module_prints_its_parts():
    text = repr(jit.trace(Layer(), x23()))
    assert "original_name=Layer" in text and "(l): " in text and "original_name=Linear" in text


def test_inlining_the_calls_gives_the_same_results():
    traced = jit.trace(Layer(2), x23())
    flat = traced.graph.copy()
    flat.inline()
    flat.lint()
    assert flat.findNode("prim::CallMethod") is None and len(flat.findAllNodes("aten::linear")) == 2


def test_graphs_of_modules_read_back():
    traced = jit.trace(Layer(2), x23())
    for graph in (traced.graph, traced.inlined_graph, traced.l.graph):
        assert str(jit.parse_ir(str(graph))) == str(graph)


def test_a_checkpointed_part_is_traced_as_what_it_runs():
    module = Holder(lambda self, x: checkpoint(self.l, x, use_reentrant=False).relu(), l=Linear(3, 3))
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist() and "^" not in str(traced.inlined_graph)


# --- parameters and buffers


def test_parameters_are_those_of_the_module():
    module = Layer()
    traced = jit.trace(module, x23())
    assert traced.l.weight is module.l.weight
    assert [name for name, _ in traced.named_parameters()] == ["l.weight", "l.bias"]


def test_a_changed_parameter_changes_the_result():
    module = Layer()
    traced, x = jit.trace(module, x23()), x23()
    with ts.no_grad():
        module.l.weight.mul_(2)
    assert traced(x).tolist() == module(x).tolist()


def test_a_parameter_set_on_the_traced_module_is_used():
    traced = jit.trace(Layer(), x23())
    traced.l.weight = ts.nn.Parameter(ts.zeros(3, 3))
    traced.l.bias = ts.nn.Parameter(ts.ones(3))
    assert traced(x23()).tolist() == [[1, 1, 1]] * 2


def test_gradients_reach_the_parameters():
    module = Layer()
    x = x23()
    module(x).sum().backward()
    wanted = module.l.weight.grad.tolist()
    module.l.weight.grad = None
    jit.trace(module, x)(x).sum().backward()
    assert module.l.weight.grad.tolist() == wanted


def test_an_optimizer_trains_a_traced_module():
    module, x = Layer(), x23()
    with ts.no_grad():
        module.l.weight.fill_(0.5)  # all results are positive: relu lets gradients through
    traced = jit.trace(module, x)
    before = traced(x).tolist()
    optimizer = ts.optim.SGD(traced.parameters(), lr=0.5)
    traced(x).sum().backward()
    optimizer.step()
    assert traced(x).tolist() != before


def test_a_state_dict_may_be_loaded_into_a_traced_module():
    module, other = jit.trace(Layer(), x23()), Layer()
    module.load_state_dict(other.state_dict())
    x = x23()
    assert module(x).tolist() == other(x).tolist()


def test_buffers_are_attributes():
    traced = jit.trace(Holder(lambda self, x: x * self.scale, scale=ts.tensor([1.0, 2.0, 3.0])), x23())
    assert 'prim::GetAttr[name="scale"](%self.1)' in str(traced.graph)
    assert [name for name, _ in traced.named_buffers()] == ["scale"]
    assert traced(ts.ones(1, 3)).tolist() == [[1, 2, 3]]


def test_a_buffer_that_forward_counts_in_place_counts_on():
    def body(self, x):
        self.count.add_(1)
        return x + self.count

    module = Holder(body, count=ts.zeros(1))
    traced = jit.trace(module, ts.zeros(1), check_trace=False)
    first = module.count.item()
    assert traced(ts.zeros(1)).item() == first + 1 and module.count.item() == first + 1


def test_tied_parameters_stay_tied():
    module = Sequential(Linear(3, 3), Linear(3, 3))
    module[1].weight = module[0].weight
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist() and len(list(traced.parameters())) == 3
    with ts.no_grad():
        module[0].weight.mul_(2)
    assert traced(x).tolist() == module(x).tolist()


def test_one_module_under_two_names_is_one_module():
    inner = Linear(3, 3)
    module = Holder(lambda self, x: self.a(x) + self.b(x), a=inner, b=inner)
    traced, x = jit.trace(module, x23()), x23()
    assert traced(x).tolist() == module(x).tolist()


def test_an_attribute_name_that_is_no_identifier_reads_back():
    module = Module()
    module.add_module("my layer", Linear(3, 3))
    module.forward = lambda x: module._modules["my layer"](x)
    traced = jit.trace(module, x23())
    for graph in (traced.graph, traced.inlined_graph):
        assert str(jit.parse_ir(str(graph))) == str(graph)


def test_a_parameter_the_module_does_not_hold_is_refused():
    hidden = [Linear(3, 3)]
    with pytest.raises(RuntimeError, match=r"requires grad as a constant|registered as submodules"):
        jit.trace(Holder(lambda self, x: hidden[0](x)), x23())


def test_a_submodule_that_is_not_called_is_still_there():
    traced = jit.trace(Holder(lambda self, x: x * 2, unused=Linear(3, 3)), x23())
    assert len(list(traced.parameters())) == 2
    with pytest.raises(AttributeError, match="did not call forward"):
        print(traced.unused.graph)
