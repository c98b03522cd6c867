"""What goes wrong with checkpoints, and what they say. Texts have PyTorch's gist."""

import contextlib
from typing import Any

import pytest

import tapescope as ts
from tapescope import Tensor
from tapescope.utils.checkpoint import (
    CheckpointError,
    checkpoint,
    set_checkpoint_debug_enabled,
)


def leaf(value: float = 1) -> Tensor:
    return ts.full((2,), float(value), requires_grad=True)


class Steps:
    """exp(cos(sin(x))), which writes down how far its calls get."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, x: Tensor) -> Tensor:
        self.seen.append("begin")
        y = x.sin()
        self.seen.append("middle")
        z = y.cos().exp()
        self.seen.append("end")
        return z


class Changes:
    """Another function from the second call on."""

    def __init__(self, first: Any, later: Any) -> None:
        self.functions = [first]
        self.later = later

    def __call__(self, x: Tensor) -> Any:
        return (self.functions.pop() if self.functions else self.later)(x)


def test_grad_and_inputs_are_refused_with_reentrance() -> None:
    x = leaf()
    with pytest.raises(RuntimeError, match=r"incompatible with \.grad\(\) or passing an `inputs` parameter"):
        ts.autograd.grad(checkpoint(Steps(), x, use_reentrant=True).sum(), x)
    with pytest.raises(RuntimeError, match="use_reentrant=False"):
        checkpoint(Steps(), x, use_reentrant=True).sum().backward(inputs=[x])


def test_a_reentrant_checkpoint_without_gradients_warns_and_one_without_outputs_raises() -> None:
    with pytest.warns(UserWarning, match="None of the inputs have requires_grad=True"):
        checkpoint(Steps(), ts.ones(2), use_reentrant=True)
    y = checkpoint(lambda v: v.detach() * 2, leaf(), use_reentrant=True)
    with pytest.raises(RuntimeError, match="none of output has requires_grad=True"):
        y.sum().backward()


def test_options_that_do_not_go_together_are_refused() -> None:
    def contexts() -> Any:
        return contextlib.nullcontext(), contextlib.nullcontext()

    for options in ({"use_reentrant": True, "debug": True}, {"use_reentrant": True, "context_fn": contexts}):
        with pytest.raises(ValueError, match="only supported when use_reentrant=False"):
            checkpoint(Steps(), leaf(), **options)
    with pytest.raises(ValueError, match="debug=True is incompatible with non-default context_fn"):
        checkpoint(Steps(), leaf(), use_reentrant=False, debug=True, context_fn=contexts)
    with pytest.raises(ValueError, match=r"should be one of \['default', 'none'\], but got all"):
        checkpoint(Steps(), leaf(), use_reentrant=False, determinism_check="all")


def test_fewer_tensors_in_the_second_call_are_an_error() -> None:
    changes = Changes(lambda x: x.sin().sin(), lambda x: x.sin())
    y = checkpoint(changes, leaf(), use_reentrant=False)
    with pytest.raises(CheckpointError, match="A different number of tensors was saved") as e:
        y.sum().backward()
    assert "during forward: 2\nNumber of tensors saved during recomputation: 1." in str(e.value)


def test_more_tensors_in_the_second_call_are_an_error_without_early_stop() -> None:
    def through(**options: Any) -> None:
        changes = Changes(lambda x: x.sin(), lambda x: x.sin().sin())
        checkpoint(changes, leaf(), use_reentrant=False, **options).sum().backward()

    through()
    with pytest.raises(CheckpointError, match="trying to save more tensors during recomputation"):
        through(early_stop=False)


def test_tensors_of_another_shape_in_the_second_call_are_an_error() -> None:
    changes = Changes(lambda x: x.sin(), lambda x: x[:1].sin())
    y = checkpoint(changes, leaf(), use_reentrant=False)
    with pytest.raises(CheckpointError, match="have different metadata than during the forward pass") as e:
        y.sum().backward()
    assert "tensor at position 0:\nsaved metadata: {'shape': (2,), " in str(e.value)
    assert "recomputed metadata: {'shape': (1,), " in str(e.value)


@pytest.mark.parametrize("switch", [True, False])
def test_debug_lists_what_was_saved_and_where(switch: bool) -> None:
    changes = Changes(lambda x: x.sin().sin(), lambda x: x.sin())
    with set_checkpoint_debug_enabled(True if switch else None):
        y = checkpoint(changes, leaf(), use_reentrant=False, debug=not switch)
    with pytest.raises(CheckpointError) as e:
        y.sum().backward()
    forward, again = str(e.value).split("Saved during recomputation:")
    assert forward.count("float32 (2,)") == 2 and again.count("float32 (2,)") == 1
    assert __file__ in again and "x.sin()" in again


def test_a_tensor_that_is_unpacked_twice_in_a_pass_is_an_error() -> None:
    class Greedy(ts.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Tensor) -> Tensor:
            ctx.save_for_backward(x)
            return x * 2

        @staticmethod
        def backward(ctx: Any, g: Tensor) -> Tensor:
            product: Tensor = g * ctx.saved_tensors[0] * ctx.saved_tensors[0]
            return product

    y = checkpoint(lambda v: Greedy.apply(v * 1), leaf(), use_reentrant=False)
    with pytest.raises(CheckpointError, match="already unpacked once"):
        y.sum().backward()


def test_a_context_that_swallows_an_error_of_the_forward_is_refused() -> None:
    def fails(x: Tensor) -> Tensor:
        raise ValueError("mine")

    def contexts() -> Any:
        return contextlib.suppress(ValueError), contextlib.nullcontext()

    with pytest.raises(RuntimeError, match="context_fn suppressed an exception"):
        checkpoint(fails, leaf(), use_reentrant=False, context_fn=contexts)
    with pytest.raises(ValueError, match="mine"):
        checkpoint(fails, leaf(), use_reentrant=False)
    assert ts._C._default_saved_tensors_hooks() is None


def test_a_write_to_an_argument_is_an_error_in_backward() -> None:
    x = leaf() * 1
    y = checkpoint(Steps(), x, use_reentrant=False)
    with ts.no_grad():
        x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_without_use_reentrant_there_is_a_warning_and_reentrance() -> None:
    steps = Steps()
    with pytest.warns(UserWarning, match="use_reentrant parameter should be passed explicitly") as caught:
        y = checkpoint(steps, leaf())
    assert caught[0].filename == __file__
    assert y.grad_fn is not None and y.grad_fn.name() == "CheckpointFunctionBackward"
