"""How a tensor is printed: PyTorch's layout, four digits, summarised past 1,000 elements."""

from __future__ import annotations

import math

from tapescope import _C


class _Options:
    threshold, edgeitems, precision, linewidth = 1000, 3, 4, 80
    sci_mode: bool | None = None


_options = _Options()
_PROFILES = {"default": (1000, 3, 4, 80), "short": (1000, 2, 2, 80), "full": (math.inf, 3, 4, 80)}


def set_printoptions(
    precision: int | None = None,
    threshold: float | None = None,
    edgeitems: int | None = None,
    linewidth: int | None = None,
    profile: str | None = None,
    sci_mode: bool | None = None,
) -> None:
    """How tensors are printed from here on; what is not given stays, but sci_mode, which is then left to the numbers.

    precision: digits after the point (4). threshold: elements above which a summary is printed (1000). edgeitems: how
    many stand at each end of one (3). linewidth: characters a line (80). profile: "default", "short" or "full", whose
    values the others then change. sci_mode: True: 1.0000e+00; False: 1.0000.
    Raises ValueError for an unknown profile and for numbers below 0.
    """
    if profile is not None:
        if profile not in _PROFILES:
            raise ValueError(f"set_printoptions: the profile {profile!r} is none of {', '.join(_PROFILES)}")
        _options.threshold, _options.edgeitems, _options.precision, _options.linewidth = _PROFILES[profile]  # type: ignore[assignment]
    given = {"precision": precision, "threshold": threshold, "edgeitems": edgeitems, "linewidth": linewidth}
    for name, value in given.items():
        if value is not None and not (isinstance(value, int | float) and value >= 0):
            raise ValueError(f"set_printoptions: {name} is a number not below 0, not {value!r}")
    for name, value in given.items():
        if value is not None:
            setattr(_options, name, value)
    _options.sci_mode = sci_mode


class _Formatter:
    """One width for all elements that are shown."""

    def __init__(self, values, dtype):
        self.floating = dtype.is_floating_point
        self.int_mode, self.scientific, self.width = True, False, 1
        if not self.floating:
            self.width = max((len(str(v)) for v in values), default=1)
            return
        finite = [v for v in values if math.isfinite(v) and v != 0]  # the others do not widen the columns
        if not finite:
            return
        self.int_mode = all(v == math.ceil(v) for v in finite)
        low, high = min(map(abs, finite)), max(map(abs, finite))
        self.scientific = high / low > 1000.0 or high > 1.0e8 or low < 1.0e-4
        if _options.sci_mode is not None:
            self.scientific = _options.sci_mode
        self.width = max(len(self._raw(v)) for v in finite)

    def _raw(self, v):
        if not self.floating or not math.isfinite(v):
            return str(v)
        if self.scientific:
            return f"{v:.{_options.precision}e}"
        return f"{v:.0f}." if self.int_mode else f"{v:.{_options.precision}f}"

    def __call__(self, v):
        return self._raw(v).rjust(self.width)


class _ComplexFormatter:
    """The same of the real and of the imaginary parts: `1.+2.j`."""

    def __init__(self, values, dtype):
        self.real = _Formatter([v.real for v in values], dtype.to_real())
        self.imag = _Formatter([v.imag for v in values], dtype.to_real())
        self.width = self.real.width + self.imag.width + 1

    def __call__(self, v):
        imag = self.imag(v.imag).lstrip() + "j"
        return self.real(v.real) + ("" if imag[0] in "+-" else "+") + imag


def _shown(x, summarize):
    """The elements that will be printed, flat."""
    if x.ndim == 0:
        return [x.item()]
    head, tail = _ends(x, summarize)
    if x.ndim == 1:
        return head.tolist() + tail.tolist()
    return [v for part in (head, tail) for i in range(part.shape[0]) for v in _shown(part[i], summarize)]


def _ends(x, summarize):
    """What is shown before and behind the dots; the second is empty where there are none."""
    n, edge = x.shape[0], _options.edgeitems
    return (x[:edge], x[n - edge :]) if summarize and n > 2 * edge else (x, x[n:])


def _text(x, indent, summarize, fmt):
    if x.ndim == 0:
        return fmt(x.item())
    head, tail = _ends(x, summarize)
    cut = tail.shape[0] > 0
    if x.ndim == 1:
        words = [*map(fmt, head.tolist()), *([" ..."] if cut else []), *map(fmt, tail.tolist())]
        per_line = max(1, (_options.linewidth - indent) // (fmt.width + 2))
        lines = [", ".join(words[i : i + per_line]) for i in range(0, len(words), per_line)]
        return "[" + (",\n" + " " * (indent + 1)).join(lines) + "]"
    above, below = ([_text(p[i], indent + 1, summarize, fmt) for i in range(p.shape[0])] for p in (head, tail))
    parts = [*above, *(["..."] if cut else []), *below]
    return "[" + ("," + "\n" * (x.ndim - 1) + " " * (indent + 1)).join(parts) + "]"


def tensor_repr(self):
    """`tensor([1., 2.], grad_fn=<MulBackward0>)`."""
    # What a picture of the program shows must not have this function's own indexing in it.
    with _Unseen():
        plain = self.detach()
        name = "tensor" if type(self) is _C.Tensor else "Parameter containing:\ntensor"
        summarize = plain.numel() > _options.threshold
        if plain.numel() == 0:
            body = "[]" + (f", size={tuple(plain.shape)}" if plain.ndim != 1 else "")
        else:
            formatter = _ComplexFormatter if plain.dtype.is_complex else _Formatter
            body = _text(plain, len("tensor("), summarize, formatter(_shown(plain, summarize), plain.dtype))
    notes = []
    default = _C.get_default_dtype()
    usual = (_C.int64, _C.bool, default.to_complex())
    if plain.dtype is not default and not (plain.numel() and plain.dtype in usual):
        notes.append(f"dtype={plain.dtype!r}")
    if self.grad_fn is not None:
        notes.append(f"grad_fn=<{self.grad_fn.name()}>")
    elif self.requires_grad:
        notes.append("requires_grad=True")
    return _with_notes(f"{name}({body}", notes)


def _with_notes(text, notes):
    """What stands behind the elements; on a new line where the last one would get too long."""
    last = len(text) - text.rfind("\n") + 1
    for note in notes:
        if last + len(note) + 2 > _options.linewidth:
            text += ",\n" + " " * len("tensor(") + note
            last = len("tensor(") + len(note)
        else:
            text += ", " + note
            last += len(note) + 2
    return text + ")"


class _Unseen:
    def __enter__(self):
        self.grad, self.record = _C.is_grad_enabled(), _C._pause_recording(True)
        self.trace = _C._get_tracing_state()
        _C._set_tracing_state(None)
        _C._set_grad_enabled(False)

    def __exit__(self, *exc):
        _C._set_grad_enabled(self.grad)
        _C._pause_recording(self.record)
        _C._set_tracing_state(self.trace)
