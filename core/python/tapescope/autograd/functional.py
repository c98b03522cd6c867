"""Derivatives of functions: Jacobians, Hessians, and their products with vectors.

Each function takes `func` and `inputs` (a tensor or a tuple of tensors) and calls ``func(*inputs)`` with inputs that
are differentiated for the call alone: the caller's graph is not touched unless `create_graph` asks for it. A tuple in
gives tuples out. `strict=True` raises where an output does not depend on an input; otherwise such a derivative is zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tapescope import _C
from tapescope.autograd.grad_mode import enable_grad

__all__ = ["hessian", "hvp", "jacobian", "jvp", "vhp", "vjp"]

Tensor = _C.Tensor
zeros_like = _C.zeros_like
Tensors = tuple[Tensor, ...]


def vjp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The outputs, and `v` times the Jacobian: shaped as the inputs.

    `v` is shaped as the outputs; it may be None where the output is one number.
    """
    with enable_grad():
        given, single = _prepared(inputs, "vjp", create_graph)
        outputs, single_output = _call(func, given, "vjp", strict)
        weights = _vector(v, outputs, create_graph, "the user-provided function returns")
        products = _gradients(outputs, given, weights, create_graph)
        products = _filled(products, given, strict, create_graph, "vjp")
    return _finished(outputs, single_output, create_graph), _finished(products, single, create_graph)


def jvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The outputs, and the Jacobian times `v`: shaped as the outputs.

    `v` is shaped as the inputs; it may be None where the input is one number. Computed by differentiating the product
    of a dummy vector with the Jacobian, which is linear in the dummy: two backwards, no forward mode.
    """
    with enable_grad():
        given, _ = _prepared(inputs, "jvp", create_graph)
        direction = _vector(v, given, create_graph, "the input is")
        outputs, single = _call(func, given, "jvp", strict)
        dummies = tuple(zeros_like(each, requires_grad=True) for each in outputs)
        products = _gradients(outputs, given, dummies, True)
        products = _filled(products, given, strict, True, "jvp")
        result = _gradients(products, dummies, direction, create_graph)
        result = _filled(result, outputs, strict, create_graph, "jvp", back=True)
    return _finished(outputs, single, create_graph), _finished(result, single, create_graph)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian: for an output of shape (O…) and an input of shape (I…) a tensor of shape (O…, I…).

    One tensor for one output and one input; a tuple over the inputs, or over the outputs, where those are tuples; a
    tuple over outputs of tuples over inputs for both. Costs a backward for every element of the outputs.
    """
    _need_reverse_mode("jacobian", vectorize, strategy)
    with enable_grad():
        given, single = _prepared(inputs, "jacobian", create_graph)
        outputs, single_output = _call(func, given, "jacobian", strict)
        rows = []
        for output in outputs:
            columns: list[list[Tensor]] = [[] for _ in given]
            flat = output.reshape(-1)
            for k in range(flat.numel()):
                parts = _gradients((flat[k],), given, (None,), create_graph)
                parts = _filled(parts, given, strict, create_graph, "jacobian")
                for column, part in zip(columns, parts, strict=True):
                    column.append(part)
            rows.append(
                tuple(
                    _stacked(column, each).reshape(tuple(output.shape) + tuple(each.shape))
                    for column, each in zip(columns, given, strict=True)
                )
            )
    if not create_graph:
        rows = [tuple(each.detach() for each in row) for row in rows]
    unwrapped = [row[0] if single else row for row in rows]
    return unwrapped[0] if single_output else tuple(unwrapped)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function that returns one number: for inputs of shapes (I…) and (J…) a tensor of
    shape (I…, J…); a tuple of tuples for a tuple of inputs."""
    _need_reverse_mode("hessian", vectorize, outer_jacobian_strategy)
    single = isinstance(inputs, Tensor)

    def gradient(*given: Tensor) -> Any:
        output = _one_number(func(*given), "hessian")
        if strict and not output.requires_grad:
            raise RuntimeError(
                "Output 0 of the user-provided function does not require gradients. The outputs must be computed in a "
                "differentiable manner from the input when running in strict mode."
            )
        parts = _gradients((output,), given, (None,), True)
        parts = _filled(parts, given, strict, True, "hessian")
        return parts[0] if single else parts

    return jacobian(gradient, inputs, create_graph=create_graph, strict=strict)


def vhp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The output, and `v` times the Hessian; `v` and the product are shaped as the inputs."""
    with enable_grad():
        given, single = _prepared(inputs, "vhp", create_graph)
        direction = _vector(v, given, create_graph, "the input is")
        outputs, single_output = _call(func, given, "vhp", strict)
        _one_number(outputs[0] if single_output else outputs, "vhp")
        first = _filled(_gradients(outputs, given, (None,), True), given, strict, True, "vhp")
        products = _gradients(first, given, direction, create_graph)
        products = _filled(products, given, strict, create_graph, "vhp")
    return _finished(outputs, single_output, create_graph), _finished(products, single, create_graph)


def hvp(
    func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False
) -> tuple[Any, Any]:
    """The output, and the Hessian times `v`. As `vhp` where second derivatives are continuous, at twice its cost."""
    with enable_grad():
        given, single = _prepared(inputs, "hvp", create_graph)
        direction = _vector(v, given, create_graph, "the input is")
        outputs, single_output = _call(func, given, "hvp", strict)
        _one_number(outputs[0] if single_output else outputs, "hvp")
        first = _filled(_gradients(outputs, given, (None,), True), given, strict, True, "hvp")
        dummies = tuple(zeros_like(each, requires_grad=True) for each in given)
        doubled = _filled(_gradients(first, given, dummies, True), given, strict, True, "hvp")
        products = _gradients(doubled, dummies, direction, create_graph)
        products = _filled(products, given, strict, create_graph, "hvp", back=True)
    return _finished(outputs, single_output, create_graph), _finished(products, single, create_graph)


def _need_reverse_mode(name: str, vectorize: bool, strategy: str) -> None:
    if strategy not in ("reverse-mode", "forward-mode"):
        raise ValueError(f'{name}: strategy is "reverse-mode" or "forward-mode", not {strategy!r}.')
    if strategy == "forward-mode":
        raise NotImplementedError(f'{name}: strategy="forward-mode" needs forward-mode AD, which is not there yet.')
    if vectorize:
        raise NotImplementedError(f"{name}: vectorize=True needs vmap, which is not there yet; leave it out.")


def _as_tuple(values: Any, what: str, name: str) -> tuple[Tensors, bool]:
    """The values as a tuple, and whether they were one tensor."""
    if isinstance(values, Tensor):
        return (values,), True
    if not isinstance(values, tuple | list):
        raise TypeError(
            f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but is {type(values)}."
        )
    for i, each in enumerate(values):
        if not isinstance(each, Tensor):
            raise TypeError(
                f"The {what} given to {name} must be either a Tensor or a tuple of Tensors but the value at index {i} "
                f"has type {type(each)}."
            )
    return tuple(values), False


def _prepared(inputs: Any, name: str, create_graph: bool) -> tuple[Tensors, bool]:
    """Inputs that only this call differentiates; with create_graph they stay joined to the caller's."""
    given, single = _as_tuple(inputs, "inputs", name)
    fresh = []
    for each in given:
        if create_graph and each.requires_grad:
            fresh.append(each.view_as(each))
        else:
            fresh.append(each.detach().requires_grad_())
    return tuple(fresh), single


def _call(func: Callable[..., Any], given: Tensors, name: str, strict: bool) -> tuple[Tensors, bool]:
    outputs, single = _as_tuple(func(*given), "outputs of the user-provided function", name)
    if strict:
        for i, each in enumerate(outputs):
            if not each.requires_grad:
                raise RuntimeError(
                    f"Output {i} of the user-provided function does not require gradients. The outputs must be "
                    "computed in a differentiable manner from the input when running in strict mode."
                )
    return outputs, single


def _vector(v: Any, like: Tensors, create_graph: bool, what: str) -> Tensors:
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if {what} a single Tensor with a single element.")
        return (zeros_like(like[0]) + 1,)
    given, _ = _as_tuple(v, "vector v", "the function")
    if len(given) != len(like):
        raise RuntimeError(f"v has invalid length: should be {len(like)} but got {len(given)}.")
    for i, (each, wanted) in enumerate(zip(given, like, strict=True)):
        if each.shape != wanted.shape:
            raise RuntimeError(f"v[{i}] has invalid size: should be {tuple(wanted.shape)} but got {tuple(each.shape)}.")
    return given if create_graph else tuple(each.detach() for each in given)


def _gradients(
    outputs: Sequence[Tensor], given: Tensors, weights: Sequence[Tensor | None], create_graph: bool
) -> tuple[Tensor | None, ...]:
    """None where an output does not reach an input."""
    reached = [(each, weight) for each, weight in zip(outputs, weights, strict=True) if each.requires_grad]
    if not reached:
        return (None,) * len(given)
    used, of_used = zip(*reached, strict=True)
    return tuple(_C._grad(list(used), list(given), list(of_used), True, create_graph, True))


def _filled(
    products: Sequence[Tensor | None], like: Tensors, strict: bool, create_graph: bool, name: str, back: bool = False
) -> Tensors:
    filled = []
    for i, (each, wanted) in enumerate(zip(products, like, strict=True)):
        if each is None and strict:
            if back:
                raise RuntimeError(
                    f"{name}: output {i} does not depend on the inputs. This is not allowed in strict mode."
                )
            raise RuntimeError(
                f"The output of the user-provided function is independent of input {i}. This is not allowed in strict "
                "mode."
            )
        if each is not None and strict and create_graph and not each.requires_grad:
            raise RuntimeError(
                f"The jacobian of the user-provided function with respect to input {i} is independent of the inputs. "
                "This is not allowed in strict mode when create_graph=True."
            )
        filled.append(zeros_like(wanted) if each is None else each)
    return tuple(filled)


def _finished(values: Tensors, single: bool, create_graph: bool) -> Any:
    kept = values if create_graph else tuple(each.detach() for each in values)
    return kept[0] if single else kept


def _stacked(rows: list[Tensor], like: Tensor) -> Tensor:
    return _C.stack(rows) if rows else _C.zeros((0, *like.shape), dtype=like.dtype)


def _one_number(output: Any, name: str) -> Tensor:
    if not isinstance(output, Tensor):
        raise RuntimeError(f"The function given to {name} should return a single Tensor.")
    if output.numel() != 1:
        raise RuntimeError(f"The Tensor returned by the function given to {name} should contain a single element.")
    return output
