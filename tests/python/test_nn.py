"""Modules and optimisers."""

import copy
import pickle

import pytest

import tapescope as ts
from tapescope import nn


def model():
    ts.manual_seed(1)
    return nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))


def test_parameters_have_dotted_names():
    assert [n for n, _ in model().named_parameters()] == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert repr(model()).splitlines()[1] == "  (0): Linear(in_features=4, out_features=8, bias=True)"


def test_state_dict_round_trip():
    a, b = model(), model()
    with ts.no_grad():
        for p in b.parameters():
            p.zero_()
    b.load_state_dict(a.state_dict())
    assert all(ts.equal(p, q) for p, q in zip(a.parameters(), b.parameters(), strict=False))
    with pytest.raises(RuntimeError, match="missing keys"):
        a.load_state_dict({})


def test_assignments_before_init_are_refused():
    class Bad(nn.Module):
        def __init__(self):
            self.p = nn.Parameter(ts.ones(1))

    with pytest.raises(AttributeError, match=r"before Module\.__init__"):
        Bad()


def test_linear_graph_is_pytorchs():
    y = nn.Linear(3, 2)(ts.ones(5, 3))
    assert y.grad_fn.name() == "AddmmBackward0"
    names = [n and n.name() for n, _ in y.grad_fn.next_functions]
    assert names == ["AccumulateGrad", None, "TBackward0"]


@pytest.mark.parametrize(
    "make",
    [
        lambda p: ts.optim.SGD(p, lr=0.1),
        lambda p: ts.optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True),
        lambda p: ts.optim.Adam(p, lr=0.05),
        lambda p: ts.optim.AdamW(p, lr=0.05),
    ],
)
def test_optimisers_learn(make):
    m = model()
    opt = make(m.parameters())
    x = ts.randn(64, 4)
    target = (x[:, 0] > 0).to(ts.int64)
    first = None
    for _ in range(60):
        loss = nn.CrossEntropyLoss()(m(x), target)
        first = first or loss.item()
        opt.zero_grad()
        loss.backward()
        opt.step()
    assert loss.item() < 0.5 * first


# p, grad → p after two steps, computed by hand from the papers' formulas.
def test_steps_follow_the_formulas():
    p = nn.Parameter(ts.tensor([1.0], dtype=ts.float64))
    opt = ts.optim.SGD([p], lr=0.1, momentum=0.5, weight_decay=0.1)
    v, x = 0.0, 1.0
    for i in range(3):
        p.grad = ts.tensor([2.0], dtype=ts.float64)
        opt.step()
        g = 2.0 + 0.1 * x
        v = g if i == 0 else 0.5 * v + g
        x -= 0.1 * v
    assert p.item() == pytest.approx(x, rel=1e-12)
    q = nn.Parameter(ts.tensor([1.0], dtype=ts.float64))
    opt = ts.optim.Adam([q], lr=0.1)
    m = s = 0.0
    x = 1.0
    for t in range(1, 4):
        q.grad = ts.tensor([0.5 * t], dtype=ts.float64)
        opt.step()
        g = 0.5 * t
        m, s = 0.9 * m + 0.1 * g, 0.999 * s + 0.001 * g * g
        x -= 0.1 * (m / (1 - 0.9**t)) / ((s / (1 - 0.999**t)) ** 0.5 + 1e-8)
    assert q.item() == pytest.approx(x, rel=1e-12)


def test_bad_options():
    with pytest.raises(ValueError, match="learning rate"):
        ts.optim.SGD([nn.Parameter(ts.ones(1))], lr=-1)
    with pytest.raises(ValueError, match="empty"):
        ts.optim.Adam([])
    with pytest.raises(TypeError):
        ts.optim.Adam(ts.ones(1))


@pytest.mark.parametrize("make", [lambda p: ts.optim.SGD(p, lr=0.1, momentum=0.9), lambda p: ts.optim.Adam(p, lr=0.1)])
def test_an_optimiser_goes_on_from_its_state(make, tmp_path):
    def run(model, opt, steps):
        for _ in range(steps):
            opt.zero_grad()
            (model(ts.ones(1, 2)) ** 2).sum().backward()
            opt.step()

    model = nn.Linear(2, 3)
    opt = make(model.parameters())
    run(model, opt, 3)
    ts.save({"model": model.state_dict(), "opt": opt.state_dict()}, tmp_path / "point")
    run(model, opt, 2)

    other = nn.Linear(2, 3)
    again = make(other.parameters())
    point = ts.load(tmp_path / "point")
    other.load_state_dict(point["model"])
    again.load_state_dict(point["opt"])
    run(other, again, 2)
    assert ts.equal(other.weight, model.weight) and ts.equal(other.bias, model.bias)


def test_states_that_do_not_fit():
    opt = ts.optim.Adam([nn.Parameter(ts.ones(2))])
    state = opt.state_dict()
    with pytest.raises(ValueError, match="different number of parameter groups"):
        opt.load_state_dict({"state": {}, "param_groups": []})
    two = ts.optim.Adam([nn.Parameter(ts.ones(2)), nn.Parameter(ts.ones(2))])
    with pytest.raises(ValueError, match="match the size"):
        two.load_state_dict(state)
    state["state"] = {0: {"step": 1, "exp_avg": ts.ones(3), "exp_avg_sq": ts.ones(3)}}
    with pytest.raises(ValueError, match="no state of a parameter"):
        opt.load_state_dict(state)


def test_parameter_groups():
    a, b = nn.Parameter(ts.ones(1)), nn.Parameter(ts.ones(1))
    opt = ts.optim.SGD([a], lr=1.0)
    opt.add_param_group({"params": b, "lr": 0.5})
    (a + b).sum().backward()
    opt.step()
    assert a.item() == 0 and b.item() == 0.5
    with pytest.raises(ValueError, match="more than one parameter group"):
        opt.add_param_group({"params": [a]})


@pytest.mark.parametrize("make", [lambda p: ts.optim.SGD(p, lr=0.1, momentum=0.9), lambda p: ts.optim.Adam(p, lr=0.1)])
def test_a_step_that_fails_has_written_nothing(make):
    a, b = nn.Parameter(ts.ones(3)), nn.Parameter(ts.ones(3))
    opt = make([a, b])
    a.grad, b.grad = ts.ones(3), ts.ones(3)
    opt.step()
    before, version, state = a.tolist(), a._version, str(opt.state[a])
    opt.state[b][next(iter(k for k, v in opt.state[b].items() if isinstance(v, ts.Tensor)))] = ts.ones(2)
    with pytest.raises(RuntimeError, match=r"optimizer step: state of \(2,\) does not fit a parameter of \(3,\)"):
        opt.step()
    assert (a.tolist(), a._version, str(opt.state[a])) == (before, version, state)


def test_a_copy_is_a_module_of_its_own():
    m = ts.nn.Linear(1, 1)
    copies = [copy.copy(m), copy.deepcopy(m), pickle.loads(pickle.dumps(m))]
    assert len({each._module_id for each in (m, *copies)}) == 4
