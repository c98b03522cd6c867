"""Every op of the engine, one line each: how it is called, and what NumPy makes of the same numbers.

test_op_table.py reads them: values in every dtype, both derivatives, layouts, writes. An op that has no line
fails there, so a new op starts with one. `by_hand` says what the op means in NumPy and never calls the engine; it gets
long doubles where the op gets floats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

import tapescope as ts


@dataclass(frozen=True)
class Op:
    name: str  # as the engine offers it
    call: Callable[..., Any]  # on tensors; gives one or several
    by_hand: Callable[..., Any]  # on arrays
    shapes: tuple[tuple[int, ...], ...] = ((3, 4),)  # of the operands
    low: float = -2.0  # where the operands' elements are drawn from
    high: float = 2.0
    slopes: int = 2  # derivatives that exist; 0: no gradient flows
    dtypes: str = "fhizb"  # kinds: floating, half precision, integers, complex, bool
    pointwise: int = 0  # operands, if it works element by element on any shapes that broadcast
    scalars: int = 0  # numbers behind them
    integers: bool = True  # integers give integers; else float32
    write: Callable[..., Any] | None = None  # the same as a write to its first operand
    ulps: float = 4.0  # a pointwise op: of the result; any other: of the largest element of the result
    overlaps: bool = False  # writes one value, and so where several elements lie in one place
    view: bool = False  # shares the memory of its operand, and may be written


def pointwise(name: str, by_hand: Callable[..., Any], operands: int = 1, **kw: Any) -> Op:
    """A function, a method and a method that writes, all of one name."""

    def write(x: Any, *rest: Any) -> Any:
        return getattr(x, name + "_")(*rest)

    return Op(name, getattr(ts, name), by_hand, ((2, 3),) * operands, pointwise=operands, write=write, **kw)


def numbered(name: str, by_hand: Callable[..., Any], *numbers: Any, **kw: Any) -> Op:
    """The same with numbers behind the operand."""

    def call(x: Any) -> Any:
        return getattr(x, name)(*numbers)

    def write(x: Any) -> Any:
        return getattr(x, name + "_")(*numbers)

    return Op(name, call, by_hand, ((2, 3),), pointwise=1, scalars=len(numbers), write=write, **kw)


def writes(name: str, write: Callable[..., Any], by_hand: Callable[..., Any], *shapes: Any, **kw: Any) -> Op:
    """A method that writes and has no other form: called on a copy."""

    def call(x: Any, *rest: Any) -> Any:
        return write(x.clone(), *rest)

    return Op(name, call, by_hand, shapes or ((3, 4),), write=write, **kw)


def view(name: str, call: Callable[..., Any], by_hand: Callable[..., Any], *shapes: tuple[int, ...], **kw: Any) -> Op:
    return Op(name, call, by_hand, shapes or ((3, 4),), view=kw.pop("view", True), **kw)


def floats(name: str, call: Callable[..., Any], by_hand: Callable[..., Any], *shapes: tuple[int, ...], **kw: Any) -> Op:
    return Op(name, call, by_hand, shapes or ((3, 4),), dtypes=kw.pop("dtypes", "fh"), **kw)


def ordered(name: str, call: Callable[..., Any], by_hand: Callable[..., Any], *more: Any, **kw: Any) -> Op:
    """Complex numbers have no order."""
    return Op(name, call, by_hand, *more, dtypes="fhib", **kw)


def truth(name: str, call: Callable[..., Any], by_hand: Callable[..., Any], dtypes: str = "fhizb") -> Op:
    return Op(name, call, by_hand, ((2, 3),) * 2, slopes=0, pointwise=2, dtypes=dtypes)


def pick(x: Any, mask: Any) -> Any:
    """x[mask] as torch spells it: both broadcast."""
    x, mask = np.broadcast_arrays(x, mask)
    return x[mask]


def put(x: Any, key: Any, value: Any, add: bool = False) -> Any:
    """A copy of x with value at key."""
    x = x.copy()
    if add:
        np.add.at(x, key, value)
    else:
        x[key] = value
    return x


def log_softmax(x: Any, dim: int) -> Any:
    x = x - x.max(dim, keepdims=True)
    return x - np.log(np.exp(x).sum(dim, keepdims=True))


def whole(f: Callable[..., Any]) -> Callable[..., Any]:
    """f of floats; integers are whole as they are."""
    return lambda x: x.copy() if x.dtype.kind in "iu" else f(x)


def flag(x: Any, value: Any) -> Any:
    """PyTorch's any and all of uint8 are uint8."""
    return np.asarray(value, x.dtype if x.dtype == np.uint8 else np.bool_)


def step_view(x: Any, shape: Any, steps: Any, offset: int) -> Any:
    flat = np.ascontiguousarray(x).reshape(-1)[offset:]
    return as_strided(flat, shape, [s * x.itemsize for s in steps])


ROWS, COLUMNS = [0, 2, 0], [3, 1, 1]
MASK = [[True, False, False, True], [False] * 4, [True, True, False, True]]
LABELS = [0, 3, 1]


def const(values: Any) -> Any:
    return ts.tensor(values)


TABLE: list[Op] = [
    # --- pointwise, two operands
    pointwise("add", np.add, 2),
    pointwise("sub", np.subtract, 2, dtypes="fhiz"),
    pointwise("mul", np.multiply, 2),
    pointwise("div", np.divide, 2, low=0.5, integers=False),
    pointwise("pow", np.power, 2, low=0.5, dtypes="fhiz"),
    pointwise("maximum", np.maximum, 2, dtypes="fhib"),
    pointwise("minimum", np.minimum, 2, dtypes="fhib"),
    pointwise("remainder", np.remainder, 2, dtypes="fhi", low=0.5, high=5),
    pointwise("fmod", np.fmod, 2, dtypes="fhi", low=0.5, high=5),
    pointwise("floor_divide", np.floor_divide, 2, dtypes="fhi", low=0.5, high=5, slopes=0),
    pointwise("bitwise_and", np.bitwise_and, 2, dtypes="ib", slopes=0),
    pointwise("bitwise_or", np.bitwise_or, 2, dtypes="ib", slopes=0),
    pointwise("bitwise_xor", np.bitwise_xor, 2, dtypes="ib", slopes=0),
    # --- pointwise, one operand
    pointwise("bitwise_not", np.invert, dtypes="ib", slopes=0),
    pointwise("exp", np.exp, integers=False),
    pointwise("log", np.log, low=0.1, integers=False),
    pointwise("sqrt", np.sqrt, low=0.1, integers=False),
    pointwise("tanh", np.tanh, integers=False),
    pointwise("sigmoid", lambda x: 1 / (1 + np.exp(-x)), integers=False),
    pointwise("neg", np.negative, dtypes="fhiz"),
    pointwise("abs", np.abs, dtypes="fhi"),
    Op("abs", ts.abs, np.abs, ((2, 3),), dtypes="z"),
    pointwise("relu", lambda x: np.where(x < 0, 0, x), dtypes="fhi"),
    pointwise("sin", np.sin, integers=False),
    pointwise("cos", np.cos, integers=False),
    pointwise("floor", whole(np.floor), dtypes="fhi"),
    pointwise("ceil", whole(np.ceil), dtypes="fhi"),
    pointwise("trunc", whole(np.trunc), dtypes="fhi"),
    numbered("pow", lambda x: x**3, 3, dtypes="fhiz", ulps=8),
    numbered("pow", lambda x: x**0, 0, dtypes="fhiz"),
    numbered("pow", lambda x: x**-1.5, -1.5, low=0.5, integers=False),
    numbered("clamp", lambda x: np.clip(x, -1, 1), -1, 1, dtypes="fhi"),
    numbered("clamp", lambda x: np.maximum(x, 0.5), 0.5, None, dtypes="fh"),
    # --- comparisons and choice
    truth("eq", lambda a, b: a == b, np.equal),
    truth("ne", lambda a, b: a != b, np.not_equal),
    truth("lt", lambda a, b: a < b, np.less, "fhib"),
    truth("le", lambda a, b: a <= b, np.less_equal, "fhib"),
    truth("gt", lambda a, b: a > b, np.greater, "fhib"),
    truth("ge", lambda a, b: a >= b, np.greater_equal, "fhib"),
    truth("logical_and", ts.logical_and, np.logical_and),
    truth("logical_or", ts.logical_or, np.logical_or),
    Op("logical_not", ts.logical_not, np.logical_not, ((2, 3),), slopes=0, pointwise=1),
    Op(
        "where",
        lambda a, b: ts.where(a > b, a, b * b),
        lambda a, b: np.where(a > b, a, b * b),
        ((2, 3),) * 2,
        pointwise=2,
        dtypes="fhib",
    ),
    Op("masked_fill", lambda a: a.masked_fill(a > 0, 1), lambda a: np.where(a > 0, 1, a), pointwise=1, dtypes="fhi"),
    Op("masked_fill", lambda a, b: a.masked_fill(const(MASK), b), lambda a, b: np.where(MASK, b, a), ((3, 4), ())),
    writes("masked_fill_", lambda a, b: a.masked_fill_(const(MASK), b), lambda a, b: np.where(MASK, b, a), (3, 4), ()),
    Op("masked_select", lambda a: a.masked_select(const(MASK)), lambda a: pick(a, MASK)),
    Op("masked_select", lambda a: a.masked_select(const(MASK[0])), lambda a: pick(a, MASK[0]), ((2, 1, 4),)),
    # --- reductions
    Op("sum", lambda x: x.sum(), lambda x: x.sum()),
    Op("sum", lambda x: x.sum((0, 2), keepdim=True), lambda x: x.sum((0, 2), keepdims=True), ((2, 3, 2),)),
    Op("sum", lambda x: x.sum(0), lambda x: x.sum(0), ((0, 3),)),
    floats("mean", lambda x: x.mean(), lambda x: x.mean(), dtypes="fhz"),
    floats("mean", lambda x: x.mean(1), lambda x: x.mean(1), (2, 3, 2), dtypes="fhz"),
    floats("var", lambda x: x.var(), lambda x: x.var(ddof=1), dtypes="fhz"),
    floats("var", lambda x: x.var(1, correction=0, keepdim=True), lambda x: x.var(1, keepdims=True), dtypes="fhz"),
    floats("std", lambda x: x.std((0, 1)), lambda x: x.std(ddof=1), dtypes="fhz"),
    floats("std", lambda x: x.std(1), lambda x: x.std(1, ddof=1), (2, 4), dtypes="fhz"),
    ordered("max", lambda x: x.max(), lambda x: x.max()),
    ordered("max", lambda x: x.max(1), lambda x: (x.max(1), x.argmax(1))),
    ordered("max", lambda a, b: ts.max(a, b), np.maximum, ((3, 4), (4,))),
    ordered("min", lambda x: x.min(), lambda x: x.min()),
    ordered("min", lambda x: x.min(-2, keepdim=True), lambda x: (x.min(0, keepdims=True), x.argmin(0)[None])),
    ordered("min", lambda a, b: ts.min(a, b), np.minimum, ((3, 4), (4,))),
    Op("argmax", lambda x: x.argmax(), lambda x: x.argmax(), dtypes="fhi", slopes=0),
    Op("argmax", lambda x: x.argmax(1), lambda x: x.argmax(1), dtypes="fhi", slopes=0),
    Op("argmin", lambda x: x.argmin(0, keepdim=True), lambda x: x.argmin(0)[None], dtypes="fhi", slopes=0),
    Op("any", lambda x: x.any(), lambda x: flag(x, x.any()), slopes=0),
    Op("any", lambda x: x.any(), lambda x: flag(x, x.any()), ((0,),), slopes=0),
    Op("all", lambda x: x.all(), lambda x: flag(x, x.all()), slopes=0),
    Op("all", lambda x: x.all(), lambda x: flag(x, x.all()), ((0,),), slopes=0),
    # --- products
    Op("mm", ts.mm, np.matmul, ((2, 3), (3, 4)), dtypes="fhiz"),
    Op("mm", ts.mm, np.matmul, ((2, 0), (0, 3)), dtypes="fhiz"),
    Op("mv", ts.mv, np.matmul, ((2, 3), (3,)), dtypes="fhiz"),
    Op("dot", ts.dot, np.dot, ((4,), (4,)), dtypes="fhiz", ulps=16),
    Op("bmm", ts.bmm, np.matmul, ((2, 2, 3), (2, 3, 2)), dtypes="fhiz"),
    Op("addmm", ts.addmm, lambda c, a, b: c + a @ b, ((2,), (3, 2), (2, 2)), dtypes="fhiz"),
    Op("matmul", lambda a, b: a @ b, np.matmul, ((2, 1, 2, 3), (2, 3, 2)), dtypes="fhiz"),
    Op("matmul", lambda a, b: a @ b, np.matmul, ((3,), (2, 3, 2)), dtypes="fhiz"),
    Op("matmul", lambda a, b: a @ b, np.matmul, ((2, 2, 3), (3,)), dtypes="fhiz"),
    Op("linear", ts.linear, lambda x, w, b: x @ w.T + b, ((2, 2, 3), (2, 3), (2,)), dtypes="fhiz"),
    Op("linear", ts.linear, lambda x, w: x @ w.T, ((2, 3), (2, 3)), dtypes="fhiz"),
    # --- views of all elements
    view("view", lambda x: x.contiguous().view(2, -1), lambda x: x.reshape(2, -1), view=False),
    view("view_as", lambda x: x.contiguous().view_as(ts.ones(6, 2)), lambda x: x.reshape(6, 2), view=False),
    view("reshape", lambda x: x.reshape(2, 6), lambda x: x.reshape(2, 6)),
    view("reshape_as", lambda x: x.reshape_as(ts.ones(6, 2)), lambda x: x.reshape(6, 2)),
    view("ravel", lambda x: x.ravel(), lambda x: x.reshape(-1)),
    view("flatten", lambda x: x.flatten(1), lambda x: x.reshape(2, 6), (2, 3, 2)),
    view("unflatten", lambda x: x.unflatten(1, (2, -1)), lambda x: x.reshape(3, 2, 2)),
    view("t", lambda x: x.t(), np.transpose),
    view("transpose", lambda x: x.transpose(0, -1), lambda x: x.swapaxes(0, 2), (2, 3, 2)),
    view("swapaxes", lambda x: x.swapaxes(0, 1), lambda x: x.swapaxes(0, 1)),
    view("swapdims", lambda x: x.swapdims(1, 0), lambda x: x.swapaxes(0, 1)),
    view("permute", lambda x: x.permute(2, 0, -2), lambda x: x.transpose(2, 0, 1), (2, 3, 2)),
    view("movedim", lambda x: x.movedim((0, 1), (2, 0)), lambda x: np.moveaxis(x, (0, 1), (2, 0)), (2, 3, 2)),
    view("squeeze", lambda x: x.squeeze(), np.squeeze, (1, 3, 1)),
    view("squeeze", lambda x: x.squeeze(-1), lambda x: x[..., 0], (1, 3, 1)),
    view("squeeze", lambda x: x.squeeze((0, -1, 1)), lambda x: x[0, ..., 0], (1, 3, 1)),
    view("unsqueeze", lambda x: x.unsqueeze(1), lambda x: x[:, None]),
    view("expand", lambda x: x.expand(2, -1, 3), lambda x: np.broadcast_to(x, (2, 2, 3)), (2, 1), view=False),
    view("expand_as", lambda x: x.expand_as(ts.ones(2, 3)), lambda x: np.broadcast_to(x, (2, 3)), (3,), view=False),
    # --- views of a part
    view("select", lambda x: x.select(1, -2), lambda x: x[:, -2]),
    view("narrow", lambda x: x.narrow(1, 1, 2), lambda x: x[:, 1:3]),
    view("slice", lambda x: x[1:, 0:4:3], lambda x: x[1:, 0:4:3]),
    view("diagonal", lambda x: x.diagonal(), lambda x: np.einsum("ii->i", x[:3, :3])),
    view("diagonal", lambda x: x.diagonal(-1, 0, 2), lambda x: np.einsum("iji->ji", x[1:, :, :2]), (3, 2, 4)),
    view("unfold", lambda x: x.unfold(1, 2, 2), lambda x: sliding_window_view(x, 2, 1, writeable=True)[:, ::2]),
    view("unfold", lambda x: x.unfold(0, 2, 1), lambda x: sliding_window_view(x, 2, 0), view=False),
    view(
        "as_strided",
        lambda x: x.contiguous().clone().as_strided((2, 2), (5, 2), 1),
        lambda x: step_view(x, (2, 2), (5, 2), 1),
        view=False,
    ),
    view(
        "as_strided",
        lambda x: x.contiguous().clone().as_strided((3, 2), (1, 1), 0),
        lambda x: step_view(x, (3, 2), (1, 1), 0),
        view=False,
    ),
    view("unbind", lambda x: x.unbind(1), lambda x: tuple(x.swapaxes(0, 1)), view=False),
    view("split", lambda x: x.split(3, 1), lambda x: (x[:, :3], x[:, 3:]), view=False),
    view("split", lambda x: x.split([1, 0, 2]), lambda x: (x[:1], x[1:1], x[1:]), view=False),
    view("chunk", lambda x: x.chunk(3, 1), lambda x: (x[:, :2], x[:, 2:]), view=False),
    view("detach", lambda x: x.detach(), lambda x: x, slopes=0),
    # --- indexing
    Op("index", lambda x: x[ROWS], lambda x: x[ROWS]),
    Op("index", lambda x: x[const(ROWS), const(COLUMNS)], lambda x: x[ROWS, COLUMNS]),
    Op(
        "index",
        lambda x: x[const(ROWS), :, None, const(COLUMNS)],
        lambda x: x[np.array(ROWS), :, None, np.array(COLUMNS)],
        ((3, 2, 4),),
    ),
    Op("index", lambda x: x[const(ROWS)[:0]], lambda x: x[:0]),
    Op("index", lambda x: x[const(MASK)], lambda x: x[np.array(MASK)]),
    writes(
        "index_put_",
        lambda x, v: x.index_put_((None, const([1, 2])), v),
        lambda x, v: put(x, (slice(None), [1, 2]), v),
        (3, 4),
        (2,),
    ),
    writes(
        "index_put_",
        lambda x, v: x.index_put_((const(ROWS),), v, accumulate=True),
        lambda x, v: put(x, (ROWS,), v, add=True),
        (3, 4),
        (3, 4),
        dtypes="fhiz",
    ),
    # --- joining
    Op("cat", lambda a, b: ts.cat([a, b, a], 1), lambda a, b: np.concatenate([a, b, a], 1), ((2, 3), (2, 1))),
    Op("cat", lambda a, b: ts.cat([a, b]), lambda a, b: np.concatenate([a, b]), ((0, 3), (2, 3))),
    Op("stack", lambda a, b: ts.stack([a, b], -1), lambda a, b: np.stack([a, b], -1), ((2, 3), (2, 3))),
    # --- losses and softmax
    floats("softmax", lambda x: x.softmax(0), lambda x: np.exp(log_softmax(x, 0))),
    floats("softmax", lambda x: x.softmax(-1), lambda x: np.exp(log_softmax(x, -1))),
    floats("log_softmax", lambda x: x.log_softmax(1), lambda x: log_softmax(x, 1), (2, 3, 2)),
    floats("nll_loss", lambda x: ts.nll_loss(x, const(LABELS)), lambda x: -x[range(3), LABELS].mean()),
    floats("nll_loss", lambda x: ts.nll_loss(x, const(LABELS), "none"), lambda x: -x[range(3), LABELS]),
    floats(
        "cross_entropy",
        lambda x: ts.cross_entropy(x, const(LABELS)),
        lambda x: -log_softmax(x, 1)[range(3), LABELS].mean(),
    ),
    floats(
        "cross_entropy",
        lambda x, p: ts.cross_entropy(x, p, "sum"),
        lambda x, p: -(log_softmax(x, 1) * p).sum(),
        (3, 4),
        (3, 4),
    ),
    floats("mse_loss", ts.mse_loss, lambda a, b: ((a - b) ** 2).mean(), (3, 4), (3, 4)),
    floats("mse_loss", lambda a, b: ts.mse_loss(a, b, "none"), lambda a, b: (a - b) ** 2, (3, 4), (3, 4)),
    # --- complex numbers
    Op("complex", ts.complex, lambda a, b: a + 1j * b, ((3, 4), (3, 4)), dtypes="f"),
    Op("polar", ts.polar, lambda a, b: a * np.exp(1j * b), ((3, 4), (3, 4)), dtypes="f", low=0.5),
    Op("conj", lambda x: x.conj(), np.conj, dtypes="fhiz"),
    Op("adjoint", lambda x: x.adjoint(), lambda x: np.conj(x).swapaxes(-1, -2), ((2, 3, 2),), dtypes="fhiz"),
    Op("angle", lambda x: x.angle(), np.angle, dtypes="fhz", low=0.5),
    Op("sgn", lambda x: x.sgn(), np.sign, dtypes="fhiz"),
    Op("real", ts.real, np.real, dtypes="fhiz"),
    Op("imag", ts.imag, np.imag, dtypes="z"),
    Op("view_as_real", ts.view_as_real, lambda x: np.stack([x.real, x.imag], -1), dtypes="z"),
    Op(
        "view_as_complex",
        lambda x: ts.view_as_complex(x.contiguous().clone()),
        lambda x: x[..., 0] + 1j * x[..., 1],
        ((3, 2),),
        dtypes="f",
    ),
    Op("view", lambda x: x.clone().view(ts.uint8), lambda x: x.view(np.uint8), dtypes="b", slopes=0),
    # --- copies, casts, fills
    Op("clone", lambda x: x.clone(), np.copy),
    Op("contiguous", lambda x: x.contiguous(), np.copy),
    Op("to", lambda x: x.to(ts.float64), lambda x: x.astype(np.float64), dtypes="fhib"),
    Op("to", lambda x: x.to("cpu", ts.float64, copy=True), lambda x: x.astype(np.float64), dtypes="fhib"),
    Op("to", lambda x: x.to(ts.ones(1, dtype=ts.float64)), lambda x: x.astype(np.float64), dtypes="fhib"),
    Op("type_as", lambda x: x.type_as(ts.ones(1, dtype=ts.float64)), lambda x: x.astype(np.float64), dtypes="fhib"),
    Op("double", lambda x: x.double(), lambda x: x.astype(np.float64), dtypes="fhib"),
    Op("float", lambda x: x.float(), lambda x: x.astype(np.float32), dtypes="fhib", slopes=0),
    Op("long", lambda x: x.long(), lambda x: np.trunc(x).astype(np.int64), dtypes="fhib", slopes=0),
    Op("bool", lambda x: x.bool(), lambda x: x != 0, slopes=0),
    writes("copy_", lambda a, b: a.copy_(b), lambda a, b: a * 0 + b, (3, 4), (4,), dtypes="fhiz"),
    writes("fill_", lambda x: x.fill_(2), lambda x: np.full_like(x, 2), overlaps=True),
    writes("zero_", lambda x: x.zero_(), np.zeros_like, overlaps=True),
    Op("detach_", lambda x: x.clone().detach_(), np.copy, slopes=0),
    Op("resize_", lambda x: x.detach().contiguous().clone().resize_(2, 2, 3), lambda x: x.reshape(2, 2, 3), slopes=0),
    Op(
        "resize_as_",
        lambda x: x.detach().contiguous().clone().resize_as_(ts.ones(4, 2)),
        lambda x: x.reshape(-1)[:8].reshape(4, 2),
        slopes=0,
    ),
    # --- random numbers: what they replace gets the gradient 0, whatever they are
    floats("uniform_", lambda x: x.clone().uniform_(1, 2) * 0, np.zeros_like),
    floats("normal_", lambda x: x.clone().normal_() * 0, np.zeros_like),
    floats("exponential_", lambda x: x.clone().exponential_() * 0, np.zeros_like),
    floats("bernoulli_", lambda x: x.clone().bernoulli_(0.25) * 0, np.zeros_like, dtypes="fhiz"),
    floats("random_", lambda x: x.clone().random_() * 0, np.zeros_like, dtypes="fhi"),
    floats("random_", lambda x: x.clone().random_(9) * 0, np.zeros_like, dtypes="fhi"),
    floats("random_", lambda x: x.clone().random_(0, 9) * 0, np.zeros_like, dtypes="fhi"),
    floats("bernoulli_", lambda x: x.clone().bernoulli_(ts.full((1,), 0.25)) * 0, np.zeros_like, dtypes="fhiz"),
    floats("bernoulli", lambda x: ts.bernoulli(x * 0 + 0.5) * 0, np.zeros_like),
    floats("log_normal_", lambda x: x.clone().log_normal_() * 0, np.zeros_like),
    floats("cauchy_", lambda x: x.clone().cauchy_() * 0, np.zeros_like),
    floats("geometric_", lambda x: x.clone().geometric_(0.5) * 0, np.zeros_like, dtypes="fhiz"),
]


def _labelled(table: list[Op]) -> dict[str, Op]:
    out: dict[str, Op] = {}
    for op in table:
        count = sum(key.split("-")[0] == op.name for key in out)
        out[f"{op.name}-{count + 1}" if count else op.name] = op
    return out


OPS = _labelled(TABLE)
