"""Hooks of modules: what they are given, what becomes of what they return, and their order. Figures are PyTorch's."""

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

import tapescope as ts
from tapescope import Tensor, nn
from tapescope.nn.modules import module as modules


class Pair(nn.Module):
    """Two outputs of two inputs."""

    def forward(self, a: Tensor, b: Tensor, scale: float = 1) -> tuple[Tensor, Tensor]:
        return a * b * scale, a + 1


class Fails(nn.Module):
    def forward(self, a: Tensor) -> Tensor:
        raise KeyError("forward")


def keep_quiet(*_: Any) -> None:
    """A hook that can be pickled."""


def test_a_forward_pre_hook_that_returns_a_value_replaces_the_arguments() -> None:
    m = nn.ReLU()
    m.register_forward_pre_hook(lambda mod, args: args[0] * 3)
    assert m(ts.ones(2)).tolist() == [3, 3]


def test_a_forward_pre_hook_that_returns_a_tuple_replaces_all_arguments() -> None:
    m = Pair()
    m.register_forward_pre_hook(lambda mod, args: (args[0], args[0] * 5))
    assert m(ts.ones(2), ts.zeros(2))[0].tolist() == [5, 5]


def test_a_forward_pre_hook_with_kwargs_replaces_both() -> None:
    m = Pair()
    m.register_forward_pre_hook(lambda mod, args, kwargs: (args, {"scale": kwargs["scale"] + 1}), with_kwargs=True)
    assert m(ts.ones(2), ts.ones(2), scale=2)[0].tolist() == [3, 3]


def test_a_forward_pre_hook_with_kwargs_has_to_return_both() -> None:
    m = nn.ReLU()
    m.register_forward_pre_hook(lambda mod, args, kwargs: 3, with_kwargs=True)
    with pytest.raises(RuntimeError, match=r"return None or a tuple of \(new_args, new_kwargs\), but got 3"):
        m(ts.ones(2))


def test_a_forward_hook_sees_module_arguments_and_output() -> None:
    m, seen = nn.ReLU(), list[Any]()
    m.register_forward_hook(lambda *given: seen.append(given))
    x = ts.ones(2)
    y = m(x)
    ((module, args, output),) = seen
    assert module is m and args[0] is x and len(args) == 1 and output is y


def test_a_forward_hook_that_returns_a_value_replaces_the_output() -> None:
    m = nn.ReLU()
    m.register_forward_hook(lambda mod, args, output: output * 2)
    m.register_forward_hook(lambda mod, args, output: None)
    m.register_forward_hook(lambda mod, args, output: [output, 7])
    y, seven = m(ts.ones(2))
    assert y.tolist() == [2, 2] and seven == 7


def test_a_forward_hook_with_kwargs_sees_them_before_the_output() -> None:
    m = Pair()
    m.register_forward_hook(lambda mod, args, kwargs, output: (len(args), kwargs, len(output)), with_kwargs=True)
    assert m(ts.ones(2), ts.ones(2), scale=2) == (2, {"scale": 2}, 2)


def test_prepended_hooks_run_first_and_those_of_all_modules_before_them() -> None:
    m, seen = nn.ReLU(), list[str]()

    def says(word: str) -> Callable[..., None]:
        return lambda *_: seen.append(word)

    m.register_forward_pre_hook(says("pre 1"))
    m.register_forward_pre_hook(says("pre 0"), prepend=True)
    m.register_forward_hook(says("post 1"))
    m.register_forward_hook(says("post 0"), prepend=True)
    with (
        modules.register_module_forward_pre_hook(says("pre all")),
        modules.register_module_forward_hook(says("post all")),
    ):
        m(ts.ones(2))
    assert seen == ["pre all", "pre 0", "pre 1", "post all", "post 0", "post 1"]


def test_a_removed_hook_runs_no_more() -> None:
    m, seen = nn.ReLU(), list[int]()
    handle = m.register_forward_hook(lambda *_: seen.append(1), with_kwargs=True, always_call=True)
    m(ts.ones(2))
    handle.remove()
    m(ts.ones(2))
    assert seen == [1]
    assert not (m._forward_hooks or m._forward_hooks_with_kwargs or m._forward_hooks_always_called)


def test_a_hook_that_is_put_into_the_table_runs() -> None:
    m, seen = nn.ReLU(), list[int]()
    m._forward_hooks[-1] = lambda *_: seen.append(1)
    m(ts.ones(2))
    m._forward_hooks.clear()
    m(ts.ones(2))
    assert seen == [1]


def test_a_hook_may_remove_itself_while_it_runs() -> None:
    m, seen = nn.ReLU(), list[int]()

    def once(*_: Any) -> None:
        seen.append(1)
        handle.remove()

    handle = m.register_forward_hook(once)
    m.register_forward_hook(lambda *_: seen.append(2))
    m(ts.ones(2))
    m(ts.ones(2))
    assert seen == [1, 2, 2]


def test_always_call_runs_when_forward_raises_without_an_output() -> None:
    m, seen = Fails(), list[Any]()
    m.register_forward_hook(lambda mod, args, output: seen.append(output), always_call=True)
    m.register_forward_hook(lambda mod, args, output: seen.append("not this"))
    with pytest.raises(KeyError, match="forward"):
        m(ts.ones(2))
    assert seen == [None]


def test_always_call_with_kwargs_gets_them_when_forward_raises() -> None:
    m, seen = Fails(), list[Any]()
    m.register_forward_hook(lambda mod, args, kwargs, output: seen.append(kwargs), with_kwargs=True, always_call=True)
    with pytest.raises(KeyError):
        m(a=1)
    assert seen == [{"a": 1}]


def test_what_an_always_called_hook_raises_after_another_error_is_a_warning() -> None:
    def hook(*_: Any) -> None:
        raise ValueError("of the hook")

    m = Fails()
    m.register_forward_hook(hook, always_call=True)
    with (
        pytest.warns(UserWarning, match="was silenced as another error was raised in forward: of the hook"),
        pytest.raises(KeyError),
    ):
        m(ts.ones(2))


def test_an_always_called_hook_that_raises_is_called_once() -> None:
    count = [0]

    def hook(*_: Any) -> None:
        count[0] += 1
        raise ValueError("of the hook")

    m = nn.ReLU()
    m.register_forward_hook(hook, always_call=True)
    with pytest.raises(ValueError, match="of the hook"):
        m(ts.ones(2))
    assert count == [1]


@pytest.mark.parametrize("where", ["pre", "forward", "post"])
def test_after_an_error_ops_belong_to_the_caller_again(where: str) -> None:
    def raises(*_: Any) -> None:
        raise ValueError("hook")

    m = Fails() if where == "forward" else nn.ReLU()
    if where == "pre":
        m.register_forward_pre_hook(raises)
    else:
        m.register_forward_hook(raises)
    outer = ts._C._push_module(77)
    try:
        with pytest.raises((ValueError, KeyError)):
            m(ts.ones(2))
        assert ts._C._push_module(77) == 77
    finally:
        ts._C._push_module(outer)


def test_the_forward_is_recorded_as_the_modules_and_the_hooks_as_the_callers() -> None:
    seen = list[int]()

    def here(*_: Any) -> None:
        module = ts._C._push_module(0)
        ts._C._push_module(module)
        seen.append(module)

    class Asks(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            here()
            return x

    m = Asks()
    m.register_forward_pre_hook(here)
    m.register_forward_hook(here)
    m(ts.ones(2))
    assert seen == [0, m._module_id, 0]


def test_hooks_of_all_modules_see_each_module_that_is_called() -> None:
    model, seen = nn.Sequential(nn.ReLU(), nn.Tanh()), list[str]()
    with modules.register_module_forward_hook(lambda mod, args, out: seen.append(type(mod).__name__)):
        model(ts.ones(2))
    model(ts.ones(2))
    assert seen == ["ReLU", "Tanh", "Sequential"]
    assert not modules._global_forward_hooks


def test_a_hook_of_all_modules_takes_kwargs_and_is_always_called() -> None:
    seen = list[Any]()
    with (
        modules.register_module_forward_hook(
            lambda mod, args, kwargs, out: seen.append(out), with_kwargs=True, always_call=True
        ),
        pytest.raises(KeyError),
    ):
        Fails()(ts.ones(2))
    assert seen == [None]


def test_a_deep_copy_has_the_hooks_and_its_own_tables() -> None:
    m = nn.ReLU()
    handle = m.register_forward_hook(keep_quiet)
    copied = copy.deepcopy(m)
    handle.remove()
    assert not m._forward_hooks and list(copied._forward_hooks) == [handle.id]
    assert copied._forward_hooks[handle.id] is keep_quiet


def test_a_pickle_has_the_hooks() -> None:
    m, seen = nn.ReLU(), list[int]()
    handle = m.register_forward_pre_hook(keep_quiet)
    again, of_again = pickle.loads(pickle.dumps((m, handle)))
    assert list(again._forward_pre_hooks) == [handle.id]
    of_again.remove()
    assert not again._forward_pre_hooks and m._forward_pre_hooks
    m.register_forward_hook(lambda *_: seen.append(1))
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps(m)


def test_a_pickle_brings_its_hooks_to_a_program_that_had_none() -> None:
    m = nn.ReLU()
    m.register_forward_hook(print)
    program = "import pickle, sys, tapescope as ts; pickle.loads(sys.stdin.buffer.read())(ts.ones(1))"
    done = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(m), capture_output=True, check=True)
    assert done.stdout.startswith(b"ReLU()")
