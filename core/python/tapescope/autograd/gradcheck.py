"""Gradients against finite differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tapescope import _C

if TYPE_CHECKING:  # to import it takes longer than most of the package
    import random


class GradcheckError(RuntimeError):
    """A gradient differs from its finite difference."""


def _outputs(f: Callable[..., Any], inputs: Sequence[Any]) -> tuple[Any, ...]:
    out = f(*inputs)
    return (out,) if isinstance(out, _C.Tensor) else tuple(out)


def _value(f: Callable[..., Any], inputs: Sequence[Any], out_index: int) -> Any:
    """A copy of one output; integers and booleans as float64, whose differences are numbers."""
    out = _outputs(f, inputs)[out_index]
    return out.clone() if out.dtype.is_floating_point or out.dtype.is_complex else out.to(_C.float64)


def _with(inputs: Sequence[Any], which: int, x: Any) -> list[Any]:
    """The inputs with `x` in place of one of them, wherever it stands."""
    return [x if t is inputs[which] else t for t in inputs]


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
        given = _with(inputs, which, x)
        for k in range(flat.numel()):
            value = flat[k].item()
            for step in (eps, eps * 1j) if x.dtype.is_complex else (eps,):
                flat[k] = value + step
                high = _value(f, given, out_index)
                flat[k] = value - step
                low = _value(f, given, out_index)
                flat[k] = value
                rows.append(((high - low) / (2 * eps)).reshape(-1).tolist())
    finally:
        _C._set_grad_enabled(before)
    return rows


def _directions(like: Any, draw: random.Random) -> Any:
    """Random numbers that leave the library's own generator alone."""
    wide = like.dtype.is_complex
    values = [complex(draw.gauss(0, 1), draw.gauss(0, 1)) if wide else draw.gauss(0, 1) for _ in range(like.numel())]
    return _C.tensor(values, dtype=_C.complex128 if wide else _C.float64).reshape(like.shape)


def _product(a: Any, b: Any) -> float:
    """The sum of products of all numbers; a complex element is two."""
    return float((a.conj() * b).sum().real.item())


def _fast(f: Callable[..., Any], inputs: Sequence[Any], which: int, out_index: int, eps: float) -> tuple[float, float]:
    """(numerical, analytical) of v · J · u for random u and v: one number stands for the whole Jacobian."""
    import random

    draw = random.Random(which * 1000 + out_index)
    x = inputs[which]
    out = _outputs(f, inputs)[out_index]
    u, v = _directions(x, draw), _directions(out, draw)
    numerical = _product(v, _along(f, inputs, which, out_index, u, eps))
    (g,) = _C._grad([out], [x], [v], True, False, True)
    return numerical, 0.0 if g is None else _product(u, g.detach())


def _along(f: Callable[..., Any], inputs: Sequence[Any], which: int, out_index: int, u: Any, eps: float) -> Any:
    """J · u of outputs[out_index] and inputs[which], by one central difference."""
    x = inputs[which].detach()
    before = _C.is_grad_enabled()
    _C._set_grad_enabled(False)
    try:
        high, low = (_value(f, _with(inputs, which, (x + u * step).to(x.dtype)), out_index) for step in (eps, -eps))
        return (high - low) / (2 * eps)
    finally:
        _C._set_grad_enabled(before)


def _numbers(grad: Any, like: Any) -> list[float]:
    """A gradient's elements, or twice as many zeros: one a number of the input."""
    if not like.dtype.is_complex:
        return [0.0] * like.numel() if grad is None else grad.reshape(-1).tolist()
    values = [0j] * like.numel() if grad is None else grad.reshape(-1).tolist()
    return [part for v in values for part in (v.real, v.imag)]


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool = False,
) -> bool:
    """Compares the gradients of `func` with central differences.

    inputs: a tensor or a tuple; those that require grad are checked, and should be float64 or complex128 (else a
        UserWarning).
    nondet_tol: how far two runs of the same backward may differ.
    check_undefined_grad: outputs are asked one at a time, so that the others' gradients are undefined; always done.
    check_grad_dtypes: gradients have their input's dtype.
    fast_mode: compares v · J · u for one pair of random vectors instead of every element of the Jacobian.
    masked: is about sparse tensors in PyTorch; has no effect.
    Where no output requires grad, the differences must be 0.
    Raises GradcheckError with both figures if |analytic - numerical| > atol + rtol * |numerical|, or returns False;
    ValueError for inputs that cannot be checked, NotImplementedError for forward mode and batched gradients,
    AssertionError where nothing is left to check.
    """
    for asked, name, needs in (
        (check_forward_ad, "check_forward_ad", "forward-mode differentiation"),
        (check_batched_forward_grad, "check_batched_forward_grad", "forward-mode differentiation"),
        (check_batched_grad, "check_batched_grad", "vmap"),
    ):
        if asked:
            raise NotImplementedError(f"gradcheck: {name} needs {needs}, which Tapescope does not have yet")
    if not check_backward_ad:
        raise AssertionError("Expected at least one of check_forward_ad or check_backward_ad to be True")
    inputs = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    checked = [i for i, t in enumerate(inputs) if isinstance(t, _C.Tensor) and t.requires_grad]
    if not checked:
        raise ValueError("gradcheck expects at least one input tensor to require gradient, but none of them do.")
    for i in checked:
        if inputs[i].dtype not in (_C.float64, _C.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the inputs are not of double precision floating point or complex.",
                stacklevel=2,
            )
    try:
        outputs = _outputs(func, inputs)
        if not any(out.requires_grad for out in outputs):
            _check_zero(func, inputs, checked, len(outputs), eps, fast_mode)
        for o, out in enumerate(outputs):
            if not out.requires_grad:
                continue
            for i in checked:
                _check_repeats(out, inputs[i], o, i, nondet_tol, check_grad_dtypes)
                if fast_mode:
                    _compare_fast(func, inputs, i, o, eps, atol, rtol)
                else:
                    _compare(func, inputs, out, i, o, eps, atol, rtol)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def _check_zero(
    f: Callable[..., Any], inputs: Sequence[Any], checked: list[int], outputs: int, eps: float, fast: bool
) -> None:
    import random

    for i, o in [(i, o) for i in checked for o in range(outputs)]:
        if fast:
            rows = [_along(f, inputs, i, o, _directions(inputs[i], random.Random(i)), eps).reshape(-1).tolist()]
        else:
            rows = _numerical(f, inputs, i, o, eps)
        if any(n != 0 for row in rows for n in row):
            raise GradcheckError(
                f"Numerical gradient for function expected to be zero: no output requires grad, but output {o} depends "
                f"on input {i}, which does"
            )


def _check_repeats(out: Any, x: Any, o: int, i: int, tolerance: float, dtypes: bool) -> None:
    seed = _C.ones(out.shape, dtype=out.dtype)
    (a,) = _C._grad([out], [x], [seed], True, False, True)
    (b,) = _C._grad([out], [x], [seed], True, False, True)
    if a is None or b is None:
        return
    if dtypes and a.dtype is not x.dtype:
        raise GradcheckError(f"The gradient of input {i} is {a.dtype}; the input is {x.dtype}")
    apart = (a.detach() - b.detach()).abs()
    if apart.numel() and not apart.max().item() <= tolerance:
        raise GradcheckError(
            f"Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives "
            f"different values, although analytical gradient matches numerical gradient. The tolerance for "
            f"nondeterminism was {tolerance}; output {o}, input {i} differ by {apart.max().item()}."
        )


def _compare_fast(
    f: Callable[..., Any], inputs: Sequence[Any], i: int, o: int, eps: float, atol: float, rtol: float
) -> None:
    numerical, analytical = _fast(f, inputs, i, o, eps)
    size = max(1, inputs[i].numel())
    if not abs(analytical - numerical) <= atol * size**0.5 + rtol * abs(numerical):
        raise GradcheckError(
            f"Jacobian mismatch for output {o} with respect to input {i} (fast mode: v · J · u of random vectors): "
            f"numerical {numerical!r}, analytical {analytical!r}. fast_mode=False finds the element"
        )


def _compare(
    f: Callable[..., Any], inputs: Sequence[Any], out: Any, i: int, o: int, eps: float, atol: float, rtol: float
) -> None:
    numerical = _numerical(f, inputs, i, o, eps)
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
                raise GradcheckError(
                    f"Jacobian mismatch for output {o} with respect to input {i}, at element {row} of the input and "
                    f"{column} of the output: numerical {n!r}, analytical {a!r}"
                )


def gradgradcheck(func: Callable[..., Any], inputs: Any, grad_outputs: Any = None, **kwargs: Any) -> bool:
    """gradcheck of the gradients of `func`: second derivatives against finite differences of the first."""
    inputs = (inputs,) if isinstance(inputs, _C.Tensor) else tuple(inputs)
    checked = [i for i, t in enumerate(inputs) if isinstance(t, _C.Tensor) and t.requires_grad]

    def outputs_of(given: Sequence[Any]) -> list[Any]:
        # Those that gradients flow from: the indices that max returns are none.
        return [o for o in _outputs(func, given) if o.dtype.is_floating_point or o.dtype.is_complex]

    outputs = outputs_of(inputs)
    if grad_outputs is None:
        grad_outputs = [_C.randn(o.shape, dtype=o.dtype).requires_grad_() for o in outputs]
    elif isinstance(grad_outputs, _C.Tensor):
        grad_outputs = [grad_outputs]
    count = len(inputs)

    def first(*given: Any) -> tuple[Any, ...]:
        args = list(given)
        out = outputs_of(args[:count])
        before = _C.is_grad_enabled()
        xs = [args[i] for i in checked]
        if not before:  # finite differences run without grad mode: the first derivative still needs a graph
            leaves = {id(x): x.detach().requires_grad_() for x in xs}  # a tensor that is given twice stays one
            xs = [leaves[id(x)] for x in xs]
            for i, x in zip(checked, xs, strict=False):
                args[i] = x
            _C._set_grad_enabled(True)
            try:
                out = outputs_of(args[:count])
                result = _C._grad(out, xs, list(args[count:]), False, False, True)
            finally:
                _C._set_grad_enabled(False)
        else:
            result = _C._grad(out, xs, list(args[count:]), True, True, True)
        return tuple(_C.zeros_like(x) if g is None else g for g, x in zip(result, xs, strict=False))

    return gradcheck(first, (*inputs, *grad_outputs), **kwargs)
