"""Hooks of optimisers. Figures are PyTorch's."""

import copy
import pickle
from typing import Any

import pytest

import tapescope as ts
from tapescope import nn
from tapescope.optim import optimizer as optimizers


def made(**options: Any) -> tuple[nn.Parameter, ts.optim.SGD]:
    p = nn.Parameter(ts.ones(1))
    p.grad = ts.ones(1)
    return p, ts.optim.SGD([p], lr=0.5, **options)


def test_step_hooks_see_the_optimizer_and_its_arguments_around_the_step() -> None:
    (p, opt), seen = made(), list[Any]()
    opt.register_step_pre_hook(lambda o, args, kwargs: seen.append((o is opt, args[0] is opt, kwargs, p.item())))
    opt.register_step_post_hook(lambda o, args, kwargs: seen.append((o is opt, args[0] is opt, kwargs, p.item())))
    opt.step()
    assert seen == [(True, True, {}, 1.0), (True, True, {}, 0.5)]


def test_a_step_pre_hook_replaces_the_arguments() -> None:
    _, opt = made()
    opt.register_step_pre_hook(lambda o, args, kwargs: ((o,), {"closure": lambda: 7.0}))
    assert opt.step() == 7.0


def test_a_step_pre_hook_returns_both_or_none() -> None:
    p, opt = made()
    opt.register_step_pre_hook(lambda o, args, kwargs: 3)
    with pytest.raises(RuntimeError, match=r"must return None or a tuple of \(new_args, new_kwargs\), but got 3"):
        opt.step()
    assert p.item() == 1.0


def test_what_a_step_post_hook_returns_is_not_looked_at() -> None:
    _, opt = made()
    opt.register_step_post_hook(lambda o, args, kwargs: 3)
    assert opt.step(lambda: 7.0) == 7.0


def test_hooks_of_all_optimizers_are_the_outer_ones() -> None:
    (_, opt), seen = made(), list[str]()
    opt.register_step_pre_hook(lambda *_: seen.append("pre"))
    opt.register_step_post_hook(lambda *_: seen.append("post"))
    with (
        optimizers.register_optimizer_step_pre_hook(lambda *_: seen.append("pre all")),
        optimizers.register_optimizer_step_post_hook(lambda *_: seen.append("post all")),
    ):
        opt.step()
    opt.step()
    assert seen == ["pre all", "pre", "post", "post all", "pre", "post"]


def test_a_removed_step_hook_runs_no_more() -> None:
    (_, opt), seen = made(), list[int]()
    opt.register_step_pre_hook(lambda *_: seen.append(1)).remove()
    opt.step()
    assert seen == []


def test_a_step_of_a_subclass_runs_the_hooks_once() -> None:
    class Twice(ts.optim.SGD):
        def step(self, closure: Any = None) -> Any:
            super().step(closure)
            return super().step(closure)

    p = nn.Parameter(ts.ones(1))
    p.grad = ts.ones(1)
    opt, seen = Twice([p], lr=0.25), list[float]()
    opt.register_step_pre_hook(lambda *_: seen.append(p.item()))
    opt.register_step_post_hook(lambda *_: seen.append(p.item()))
    opt.step()
    assert seen == [1.0, 0.5]


def test_a_step_that_raises_runs_no_post_hook() -> None:
    (_, opt), seen = made(), list[int]()
    opt.register_step_post_hook(lambda *_: seen.append(1))

    def closure() -> float:
        raise KeyError("closure")

    with pytest.raises(KeyError):
        opt.step(closure)
    assert seen == []


def test_state_dict_hooks_run_before_and_after() -> None:
    (_, opt), seen = made(), list[Any]()
    opt.register_state_dict_pre_hook(lambda o: seen.append("1"))
    opt.register_state_dict_pre_hook(lambda o: seen.append("0"), prepend=True)
    opt.register_state_dict_post_hook(lambda o, state: {**state, "mine": 1})
    opt.register_state_dict_post_hook(lambda o, state: seen.append("mine" in state))
    opt.register_state_dict_post_hook(lambda o, state: seen.append("mine" in state), prepend=True)
    assert opt.state_dict()["mine"] == 1
    assert seen == ["0", "1", False, True]


def test_load_state_dict_hooks_run_before_and_after() -> None:
    (_, opt), seen = made(), list[Any]()
    state = opt.state_dict()
    lr = 0.125

    def writes(o: Any, given: dict[str, Any]) -> None:
        given["param_groups"] = [{**g, "lr": lr} for g in given["param_groups"]]

    opt.register_load_state_dict_pre_hook(writes)
    opt.register_load_state_dict_post_hook(lambda o: seen.append(o.param_groups[0]["lr"]))
    opt.register_load_state_dict_post_hook(lambda o: seen.append("first"), prepend=True)
    opt.load_state_dict(state)
    assert seen == ["first", lr]
    assert state["param_groups"][0]["lr"] == 0.5  # the hook had a copy


def test_a_load_state_dict_pre_hook_replaces_the_state_dict() -> None:
    _, opt = made()
    state = opt.state_dict()
    opt.register_load_state_dict_pre_hook(lambda o, given: given["wrapped"])
    opt.load_state_dict({"wrapped": state})


def test_copies_and_pickles_have_no_hooks() -> None:
    (p, opt), seen = made(momentum=0.5), list[int]()
    opt.step()
    opt.register_step_pre_hook(lambda *_: seen.append(1))
    for other in (copy.deepcopy(opt), pickle.loads(pickle.dumps(opt))):
        assert not other._optimizer_step_pre_hooks
        assert other.param_groups[0]["lr"] == 0.5
        (q,) = other.param_groups[0]["params"]
        assert q is not p and other.state[q]["momentum_buffer"].tolist() == [1.0]
        other.step()
    assert seen == []
