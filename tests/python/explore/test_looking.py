"""hooks, saved_variables, why_alive and census: what they say, and that looking changes nothing."""

import gc
import sys
import types

import pytest

import tapescope as ts
from tapescope import explore


def leaf(*values):
    return ts.tensor([float(v) for v in values or (2, 3)], requires_grad=True)


@pytest.fixture
def main(monkeypatch):
    """A __main__ with no variables."""
    module = types.ModuleType("__main__")
    monkeypatch.setitem(sys.modules, "__main__", module)
    return module


def clip(grad):
    return grad.clamp(-1, 1)


def watch(*grads):
    pass


# --- hooks


def test_hooks_of_a_node_are_in_firing_order():
    x = leaf()
    y = x * 2
    y.grad_fn.register_hook(watch)
    y.grad_fn.register_prehook(watch)
    y.retain_grad()
    y.register_hook(clip)
    found = explore.hooks(y.grad_fn)
    assert [hook.kind for hook in found] == ["tensor_pre", "retain_grad", "pre", "post"]
    assert [hook.order for hook in found] == [0, 1, 2, 3]
    assert found[0].name == "clip" and found[0].file == __file__ and found[0].line == clip.__code__.co_firstlineno
    assert found[0].owner == "MulBackward0"


def test_hooks_of_a_tensor_are_its_own():
    x = leaf()
    y = x * 2
    y.grad_fn.register_hook(watch)
    y.register_hook(clip)
    x.register_post_accumulate_grad_hook(watch)
    assert [hook.kind for hook in explore.hooks(y)] == ["tensor_pre"]
    assert [hook.kind for hook in explore.hooks(x)] == ["post_accumulate_grad"]


def test_hooks_of_a_graph_are_those_of_all_its_nodes():
    x = leaf()
    y = x * 2
    y.register_hook(clip)
    x.register_hook(clip)
    assert [hook.owner for hook in explore.hooks(y.sum(), graph=True)] == ["MulBackward0", "AccumulateGrad"]


def test_hooks_tell_how_often_they_ran():
    x = leaf()
    x.register_hook(watch)
    handle = x.register_hook(clip)
    x.sum().backward()
    x.sum().backward()
    assert [hook.runs for hook in explore.hooks(x)] == [2, 2]
    handle.remove()
    assert [hook.name for hook in explore.hooks(x)] == ["watch"]


def test_hooks_tell_while_recording_what_they_changed():
    x = leaf()
    x.register_hook(lambda g: g * 3)
    x.register_hook(watch)
    x.register_hook(lambda g: g.mul_(2) and None if False else (g.mul_(2), None)[1])
    ts._C._begin_cell("", "looking_cell.py", 1)
    try:
        x.sum().backward()
    finally:
        ts._C._end_cell(None)
    replaced, nothing, in_place = explore.hooks(x)
    assert (replaced.changed, nothing.changed, in_place.changed) == ("replaced", "", "in_place")
    assert replaced.norm_before == pytest.approx(2**0.5) and replaced.norm_after == pytest.approx(3 * 2**0.5)
    assert in_place.norm_after == pytest.approx(6 * 2**0.5) and in_place.shape_before == (2,)


def test_hooks_of_a_module_are_those_of_its_parts_and_parameters():
    model = ts.nn.Sequential(ts.nn.Linear(2, 2))
    model.register_forward_hook(watch)
    model[0].register_full_backward_hook(watch)
    model[0].weight.register_hook(clip)
    found = [(hook.kind, hook.owner) for hook in explore.hooks(model)]
    assert found == [
        ("module_forward", "the module (Sequential)"),
        ("module_backward", "0 (Linear)"),
        ("tensor_pre", "0.weight"),
    ]


def test_hooks_of_an_optimizer_are_those_of_its_steps():
    optimizer = ts.optim.SGD([leaf()], lr=0.1)
    optimizer.register_step_post_hook(watch)
    (found,) = explore.hooks(optimizer)
    assert found.kind == "optimizer_step_post" and found.owner == "SGD" and found.name == "watch"


def test_hooks_of_anything_else_is_a_mistake():
    with pytest.raises(TypeError):
        explore.hooks(3)


def test_hooks_print_as_sentences():
    x = leaf()
    x.register_hook(clip)
    x.sum().backward()
    assert "tensor_pre on a tensor of shape (2,): clip (test_looking.py:" in str(explore.hooks(x)[0])
    assert "ran once" in str(explore.hooks(x)[0])


# --- saved variables


def test_saved_variables_tell_shape_memory_and_versions(main):
    main.h = h = leaf() * 2
    y = h * h
    first, second = [each for each in explore.saved_variables(y) if each.node == "MulBackward0" and each.bytes == 8]
    assert (first.slot, first.name, first.shape, first.dtype) == ("self", "h", (2,), ts.float32)
    assert first.shared == ("MulBackward0.other",) and second.shared == ("MulBackward0.self",)
    assert first.version_saved == first.version_now == 0 and first.state == "alive"
    h.add_(1)
    now = explore.saved_variables(y)[0]
    assert (now.version_saved, now.version_now) == (0, 1)
    assert "written since" in str(now)


def test_saved_variables_of_a_released_graph_are_freed():
    y = (leaf() * leaf()).sum()
    y.backward()
    assert {each.state for each in explore.saved_variables(y)} == {"freed"}


def test_saved_variables_that_hooks_hold_are_never_unpacked():
    unpacked = []

    def unpack(value):
        unpacked.append(1)
        return ts.tensor(value)

    with ts.autograd.graph.saved_tensors_hooks(lambda t: t.tolist(), unpack):
        y = leaf().exp()
    (found,) = explore.saved_variables(y)
    assert found.state == "hooked" and found.packed_by.endswith("unpack") and found.shape == (2,)
    assert found.storage is None and not unpacked


def test_saved_variables_of_a_custom_function_have_its_slots():
    class Cube(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x**3

        @staticmethod
        def backward(ctx, g):
            return g

    assert [each.slot for each in explore.saved_variables(Cube.apply(leaf()))] == ["saved_tensors[0]"]


# --- why_alive


def paths(x, **options):
    return [str(owner) for owner in explore.why_alive(x, **options)]


def test_a_variable_keeps_a_tensor(main):
    main.kept = leaf()
    assert "kept" in paths(main.kept)


def test_a_list_keeps_the_graph_of_its_losses(main):
    x = leaf()
    main.history = [x.sum(), (x * x).sum()]
    node = main.history[1].grad_fn
    (found, *_) = [each for each in explore.why_alive(node) if each.path[0].name == "history"]
    assert [link.name for link in found.path] == ["history", "[1]", ".grad_fn"]
    assert found.path[1].kind == "item"


def test_an_attribute_of_an_object_keeps_a_tensor(main):
    class Holder:
        pass

    main.holder = Holder()
    main.holder.state = leaf()
    assert "holder.state" in paths(main.holder.state)


def test_a_closure_of_a_hook_keeps_a_tensor(main):
    big, main.x = leaf(), leaf()
    main.x.register_hook(lambda g: g * big.detach())
    found = explore.why_alive(big)
    chain = next(each for each in found if each.path[0].name == "x")
    kinds = [link.kind for link in chain.path]
    assert kinds[0] == "variable" and "hook" in kinds and "closure" in kinds


def test_the_gradient_is_kept_by_its_leaf(main):
    main.x = leaf()
    main.x.sum().backward()
    assert "x.grad" in paths(main.x.grad)


def test_a_ctx_keeps_what_was_put_on_it(main):
    class F(ts.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.extra = ts.ones(3)
            return x * 1

        @staticmethod
        def backward(ctx, g):
            return g

    main.y = F.apply(leaf())
    chain = next(each for each in explore.why_alive(main.y.grad_fn.extra) if each.path[0].name == "y")
    assert "ctx" in [link.kind for link in chain.path] or chain.path[-1].name == ".extra"


def test_another_graph_keeps_what_it_saved(main):
    h = leaf() * 2
    main.loss = (h * h).sum()
    assert any(each.startswith("loss") and "_saved_self" in each for each in paths(h))


def test_what_an_owner_holds_alone_is_counted(main):
    x = leaf()
    main.loss = (x * x).sum()
    (found,) = [each for each in explore.why_alive(main.loss) if each.path[0].name == "loss"]
    assert found.nodes == 3 and found.bytes == 4  # the accumulator goes with the graph
    main.again = main.loss.grad_fn
    (found,) = [each for each in explore.why_alive(main.loss) if each.path[0].name == "loss"]
    assert found.nodes == 0


def test_the_cell_that_bound_the_name_is_told(main):
    ts._C._register_cell("cell_of_kept.py", "kept_here = make()", 7)
    main.kept_here = leaf()
    (found,) = [each for each in explore.why_alive(main.kept_here) if each.path[0].name == "kept_here"]
    assert found.path[0].cell == 7 and str(found) == "kept_here (cell [7])"


def test_why_alive_keeps_nothing(main):
    import weakref

    main.x = x = leaf()
    gone = weakref.ref(x)
    explore.why_alive(x)
    del x, main.x
    gc.collect()
    assert gone() is None


# --- census


def test_the_census_counts_by_name(main):
    x = leaf()
    main.small = (x * 1).sum()
    main.large = [ts.ones(1000) * x.sum() for _ in range(3)]
    counted = explore.census()
    assert counted.owners[0].path[0].name == "large" and counted.owners[0].bytes >= 12000
    assert {owner.path[0].name for owner in counted.owners} >= {"small", "large"}
    assert counted.tensors >= 5 and counted.nodes >= 8
    assert "large" in str(counted)


def test_the_census_counts_by_cell(main):
    ts._C._register_cell("cell_of_census.py", "y = x * 2", 11)
    space = {"x": leaf()}
    exec(compile("y = x * 2", "cell_of_census.py", "exec"), space)
    found = {each.cell: each for each in explore.census().cells}
    assert found[11].nodes == 2  # the product's, and the accumulator of its leaf


def test_a_picture_that_was_asked_for_holds_the_census(main, schema):
    main.kept = [(leaf() * 1).sum()]
    document = explore.explore(main.kept[0]).document
    assert not list(schema.iter_errors(document))
    assert document["census"]["nodes"] >= 3 and document["census"]["owners"][0]["path"][0]["name"] == "kept"


def test_hooks_of_modules_and_optimizers_are_counted_by_handle():
    model = ts.nn.Sequential(ts.nn.Linear(2, 2), ts.nn.Tanh())
    optimizer = ts.optim.SGD(model.parameters(), lr=0.1)
    handles = [
        model[0].register_forward_pre_hook(lambda *_: None),
        model[0].register_forward_hook(lambda *_: None),
        model[1].register_full_backward_pre_hook(lambda *_: None),
        model[1].register_full_backward_hook(lambda *_: None),
        optimizer.register_step_pre_hook(lambda *_: None),
        optimizer.register_step_post_hook(lambda *_: None),
    ]
    for _ in range(3):
        model(ts.ones(1, 2)).sum().backward()
    optimizer.step()
    found = {hook.kind: hook.runs for hook in [*explore.hooks(model), *explore.hooks(optimizer)]}
    assert found == {
        "module_forward_pre": 3,
        "module_forward": 3,
        "module_backward_pre": 3,
        "module_backward": 3,
        "optimizer_step_pre": 1,
        "optimizer_step_post": 1,
    }
    from tapescope.autograd.hooks import runs

    for handle in handles:
        handle.remove()
    assert not any(handle.id in runs for handle in handles)
