"""Gradients against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapescope import _C


class GradcheckError(RuntimeError):
    """A gradient differs from its finite difference."""


def _outputs(f: Callable[..., Any], inputs: Sequence[Any]) -> tuple[Any, ...]:
    out = f(*inputs)
    return (out,) if isinstance(out, _C.Tensor) else tuple(out)


def _numerical(f: Callable[..., Any], inputs: Sequence[Any], which: int, out_index: int, eps: float) -> Any:
    """d outputs[out_index] / d inputs[which] by central differences: (numbers of input, elements of output).

    A complex element is two numbers, its real and its imaginary part.
    """
    x = inputs[which].detach().clone()
    flat = x.view(-1)
    rows = []
    before = _C.is_grad_enabled()
    _C._set_grad_enabled(False)
    try:
        given = [x if i == which else t for i, t in enumerate(inputs)]
        for k in range(flat.numel()):
            value = flat[k].item()
            for step in (eps, eps * 1j) if x.dtype.is_complex else (eps,):
                flat[k] = value + step
                high = _outputs(f, given)[out_index].clone()
                flat[k] = value - step
                low = _outputs(f, given)[out_index].clone()
                flat[k] = value
                rows.append(((high - low) / (2 * eps)).reshape(-1).tolist())
    finally:
        _C._set_grad_enabled(before)
    return rows


def _numbers(grad: Any, like: Any) -> list[float]:
    """A gradient's elements, or twice as many zeros: one a number of the input."""
    if not like.dtype.is_complex:
        return [0.0] * like.numel() if grad is None else grad.reshape(-1).tolist()
    values = [0j] * like.numel() if grad is None else grad.reshape(-1).tolist()
    return [part for v in values for part in (v.real, v.imag)]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    check_undefined_grad: bool = True,
) -> bool:
    """Compares the gradients of `func` with central differences.

    inputs: a tensor or a tuple; those that require grad are checked and have to be float64 or complex128.
    Raises GradcheckError with both figures if |analytic - numerical| > atol + rtol * |numerical|, or returns False.
    """
    inputs = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    checked = [i for i, t in enumerate(inputs) if isinstance(t, _C.Tensor) and t.requires_grad]
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them do.")
    for i in checked:
        if inputs[i].dtype not in (_C.float64, _C.complex128):
            raise ValueError(
                f"gradcheck: input {i} is {inputs[i].dtype}; finite differences need float64 or complex128"
            )
    outputs = _outputs(func, inputs)
    for o, out in enumerate(outputs):
        if not out.requires_grad:
            continue
        for i in checked:
            numerical = _numerical(func, inputs, i, o, eps)
            # A gradient of 1 asks for the slopes of an output's real part, one of i for those of its imaginary part.
            seeds = (1.0, 1j) if out.dtype.is_complex else (1.0,)
            for column, value in [(c, v) for c in range(out.numel()) for v in seeds]:
                seed = _C.zeros(out.shape, dtype=out.dtype)
                seed.view(-1)[column] = value
                (g,) = _C._grad([out], [inputs[i]], [seed], True, False, True)
                for row, a in enumerate(_numbers(g, inputs[i])):
                    n = numerical[row][column]
                    n = n.imag if value == 1j else n.real
                    if not abs(a - n) <= atol + rtol * abs(n):
                        if not raise_exception:
                            return False
                        raise GradcheckError(
                            f"Jacobian mismatch for output {o} with respect to input {i}, at element {row} of the "
                            f"input and {column} of the output: numerical {n!r}, analytical {a!r}"
                        )
    return True


def gradgradcheck(func: Callable[..., Any], inputs: Any, grad_outputs: Any = None, **kwargs: Any) -> bool:
    """gradcheck of the gradients of `func`: second derivatives against finite differences of the first."""
    inputs = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    checked = [i for i, t in enumerate(inputs) if isinstance(t, _C.Tensor) and t.requires_grad]
    outputs = _outputs(func, inputs)
    if grad_outputs is None:
        grad_outputs = [_C.randn(o.shape, dtype=o.dtype).requires_grad_() for o in outputs]
    count = len(inputs)

    def first(*given: Any) -> tuple[Any, ...]:
        args = list(given)
        out = _outputs(func, args[:count])
        before = _C.is_grad_enabled()
        xs = [args[i] for i in checked]
        if not before:  # finite differences run without grad mode: the first derivative still needs a graph
            xs = [x.detach().requires_grad_() for x in xs]
            for i, x in zip(checked, xs, strict=False):
                args[i] = x
            _C._set_grad_enabled(True)
            try:
                out = _outputs(func, args[:count])
                result = _C._grad(list(out), xs, list(args[count:]), False, False, True)
            finally:
                _C._set_grad_enabled(False)
        else:
            result = _C._grad(list(out), xs, list(args[count:]), True, True, True)
        return tuple(_C.zeros_like(x) if g is None else g for g, x in zip(result, xs, strict=False))

    return gradcheck(first, (*inputs, *grad_outputs), **kwargs)
