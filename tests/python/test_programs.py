"""Random programs of views, writes and modes: the engine agrees with the reference on all that can be seen of them.

Programs of complex numbers have the ops that have a complex derivative, and conj. Those of short floats have the ops
that are exact on a few quarters, and end with the first rounding.

TAPESCOPE_HYPOTHESIS=long tries many more programs, and others each time.
"""

import contextlib
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from reference import BINARY, UNARY, Engine, Refused

import tapescope as ts

LONG = os.environ.get("TAPESCOPE_HYPOTHESIS") == "long"


def programs(count):
    return settings(
        max_examples=20_000 if LONG else count,
        derandomize=not LONG,
        database=None,
        deadline=None,
        phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],  # shrinking may outlast a test's time
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )


SHAPES = [(4,), (2, 3), (3, 2, 2), (1, 3), (2, 1), (3, 3), (), (0, 2)]
MOST = 40  # tensors and elements stay few


class Both:
    """One tensor of the program, in the engine and in the reference."""

    def __init__(self, fast, slow):
        self.fast, self.slow = fast, slow

    @property
    def shape(self):
        return self.slow.shape


class Program:
    """Of real numbers; the other kinds say what is otherwise."""

    dtypes, wide, exact = (ts.float64,), ts.float64, np.float64
    unary = tuple(name for name in UNARY if name != "conj")
    binary = tuple(BINARY)
    rtol, atol = 1e-7, 1e-9  # of gradients

    def __init__(self, data):
        self.data = data
        leaves = [self.numbers(data.draw(st.sampled_from(SHAPES))) for _ in range(data.draw(st.integers(1, 2)))]
        self.engine = Engine(leaves, self.exact)
        self.leaves = [
            Both(self.fast(a).requires_grad_(), slow) for a, slow in zip(leaves, self.engine.leaves, strict=True)
        ]
        self.tensors = list(self.leaves)
        for leaf in self.leaves:  # what is not a leaf may be written
            self.tensors.append(Both(leaf.fast * 1, leaf.slow.binary("mul", self.engine.tensor(1.0))))
        self.constant(data.draw(st.sampled_from(SHAPES)))
        self.log = [f"t{i} {t.shape}: {t.slow.values.tolist()}" for i, t in enumerate(self.tensors)]

    # --- draws

    def draw(self, strategy):
        return self.data.draw(strategy)

    def choose(self, items):
        return self.draw(st.sampled_from(list(items)))

    def numbers(self, shape):
        """Quarters, so that most results are exact and some are equal."""
        return np.random.default_rng(self.draw(st.integers(0, 999))).integers(-8, 9, shape) / 4

    def fast(self, numbers):
        return ts.tensor(numbers, dtype=self.choose(self.dtypes))

    def mask(self, shape):
        return Program.numbers(self, self.choose([shape, shape[1:]])) > 0

    def constant(self, shape):
        a = self.numbers(shape)
        self.tensors.append(Both(self.fast(a), self.engine.tensor(a)))
        return self.tensors[-1]  # its place in the list is its name

    def operand(self, shape):
        """A tensor that broadcasts to `shape`; a new one if there is none."""
        fit = [t for t in self.tensors if broadcasts(t.shape, shape)]
        return self.choose(fit) if fit and self.draw(st.booleans()) else self.constant(self.choose([shape, shape[1:]]))

    # --- steps

    def agree(self, what, fast, slow):
        """Runs a step in both; both give a result, or both refuse it with the same words."""
        self.log.append(what)
        try:
            want = slow()
        except Refused as rule:
            before = [t.fast.detach().tolist() for t in self.tensors]
            with pytest.raises(RuntimeError, match=rule.args[0]):
                fast()
            assert [t.fast.detach().tolist() for t in self.tensors] == before
            return
        got = fast()
        if want is None:
            return
        self.log[-1] += f" -> t{len(self.tensors)}"
        if isinstance(want, tuple):
            assert len(want) == len(got)
            self.tensors += [Both(g, w) for g, w in zip(got, want, strict=True)]
        else:
            self.tensors.append(Both(got, want))

    def run(self):
        for _ in range(self.draw(st.integers(6, 16))):
            with contextlib.ExitStack() as modes:
                if self.draw(st.integers(0, 4)) == 0:
                    modes.enter_context(ts.no_grad())
                    modes.enter_context(self.engine.no_grad())
                    self.log.append("no_grad:")
                self.step()
            if len(self.tensors) > MOST or any(t.slow.at.size > MOST for t in self.tensors) or self.ended():
                break

    def ended(self):
        return False

    def step(self):
        at = self.draw(st.integers(0, len(self.tensors) - 1))
        t = self.tensors[at]
        kind = self.choose(["view", "view", "write", "write", "assign", "make", "make", "make", "several", "detach"])
        if kind in ("view", "several") and not self.engine.grad and not t.slow.requires_grad and t.slow.base is None:
            return  # a view of a plain tensor that is made in no_grad mode: see the rules in reference.py
        getattr(self, kind)(t, f"t{at}")

    def call(self, t, name, fast, *args):
        self.agree(f"{name}{args}", lambda: getattr(t.fast, fast)(*args), lambda: getattr(t.slow, fast)(*args))

    def view(self, t, name):
        shape, n = t.shape, len(t.shape)
        kinds = ["unsqueeze", "squeeze", "expand", "permute", "view", "key"]
        kinds += ["select", "narrow", "transpose", "unfold"] if n and min(shape) else []
        kinds += ["diagonal"] if n > 1 else []
        dense = t.slow.at.size and (t.slow.at.reshape(-1) == t.slow.at.reshape(-1)[0] + np.arange(t.slow.at.size)).all()
        kinds += ["as_strided"] if dense else []
        kind = self.choose(kinds)
        dim = self.draw(st.integers(0, n - 1)) if n else 0
        size = shape[dim] if n else 1
        if kind == "unsqueeze":
            args = (self.draw(st.integers(0, n)),)
        elif kind == "squeeze":
            args = ()
        elif kind == "expand":
            grown = tuple(self.choose([1, 2, 3]) if s == 1 else s for s in shape)
            args = ((*((2,) if self.draw(st.booleans()) else ()), *grown),)
        elif kind == "permute":
            args = (tuple(self.draw(st.permutations(range(n)))),)
        elif kind == "view":
            if not t.fast.is_contiguous():
                return
            args = (self.choose(factors(t.slow.at.size)),)
        elif kind == "key":
            key = self.key(shape, gather=False)
            self.agree(f"{name}[{key}]", lambda: t.fast[key], lambda: t.slow[key])
            return
        elif kind == "select":
            args = (dim, self.draw(st.integers(-size, size - 1)))
        elif kind == "narrow":
            start = self.draw(st.integers(0, size))
            args = (dim, start, self.draw(st.integers(0, size - start)))
        elif kind == "transpose":
            args = (dim, self.draw(st.integers(-n, n - 1)))
        elif kind == "unfold":
            args = (dim, self.draw(st.integers(1, size)), self.choose([1, 2]))
        elif kind == "diagonal":
            a, b = self.draw(st.permutations(range(n)))[:2]
            args = (self.choose([0, 0, 1, -1]), a, b)
            if not np.diagonal(t.slow.at, *args).size:
                return
        else:
            rows, columns = self.draw(st.integers(1, 3)), self.draw(st.integers(1, 3))
            steps = (self.draw(st.integers(0, 3)), self.draw(st.integers(0, 2)))
            first = self.draw(st.integers(0, 2))
            if first + (rows - 1) * steps[0] + (columns - 1) * steps[1] >= t.slow.at.size:
                return
            args = ((rows, columns), steps, int(t.slow.at.reshape(-1)[0]) + first)
        self.call(t, f"{name}.{kind}", kind, *args)

    def several(self, t, name):
        if not t.shape or not min(t.shape):
            return
        dim = self.draw(st.integers(0, len(t.shape) - 1))
        kind = self.choose(["unbind", "split", "chunk"])
        args = (dim,) if kind == "unbind" else (self.draw(st.integers(1, 3)), dim)
        self.call(t, f"{name}.{kind}", kind, *args)

    def detach(self, t, name):
        if np.unique(t.slow.at).size != t.slow.at.size:
            return  # a base whose elements share their memory: no gradient can be laid out so
        self.call(t, f"{name}.detach", "detach")

    def make(self, t, name):
        kinds = ["clone", *self.unary, *self.binary, "masked_fill", "where"]
        kinds += ["gather", "sum"] if t.shape and t.shape[0] else []
        kind = self.choose(kinds)
        if kind == "clone":
            self.call(t, f"{name}.clone", "clone")
        elif kind == "sum":
            self.call(t, f"{name}.sum", "sum", self.draw(st.integers(0, len(t.shape) - 1)))
        elif kind == "masked_fill":
            m = self.mask(t.shape)
            self.agree(
                f"{name}.masked_fill({m.tolist()})",
                lambda: t.fast.masked_fill(ts.tensor(m), 1.5),
                lambda: t.slow.masked_fill(m, 1.5),
            )
        elif kind == "where":
            m, u = self.mask(t.shape), self.operand(t.shape)
            self.agree(
                f"where({m.tolist()}, {name}, {self.tensors.index(u)})",
                lambda: ts.where(ts.tensor(m), t.fast, u.fast),
                lambda: t.slow.where(m, u.slow),
            )
        elif kind == "gather":
            key = self.key(t.shape, gather=True)
            self.agree(f"{name}[{key}]", lambda: t.fast[torchlike(key)], lambda: t.slow[key])
        elif kind in self.unary:
            self.agree(f"{name}.{kind}", lambda: getattr(t.fast, kind)(), lambda: t.slow.unary(kind))
        else:
            u = self.operand(t.shape)
            self.agree(f"{name}.{kind}", lambda: getattr(t.fast, kind)(u.fast), lambda: t.slow.binary(kind, u.slow))

    def write(self, t, name):
        unary = [name for name in self.unary if name != "conj"]
        kind = self.choose(["fill_", "zero_", "copy_", "masked_fill_", "+=", *unary, *self.binary])
        note = f"{name}.{kind} in place"
        if kind == "fill_":
            self.agree(note, lambda: none(t.fast.fill_(0.5)), lambda: t.slow.fill_(0.5))
        elif kind == "zero_":
            self.agree(note, lambda: none(t.fast.zero_()), lambda: t.slow.zero_())
        elif kind == "masked_fill_":
            mask = self.mask(t.shape)
            self.agree(
                note, lambda: none(t.fast.masked_fill_(ts.tensor(mask), 1.5)), lambda: t.slow.masked_fill_(mask, 1.5)
            )
        elif kind in unary:
            self.agree(note, lambda: none(getattr(t.fast, kind + "_")()), lambda: t.slow.unary_(kind))
        else:
            u = self.operand(t.shape)
            note += f" with {self.tensors.index(u)}"
            if kind == "copy_":
                self.agree(note, lambda: none(t.fast.copy_(u.fast)), lambda: t.slow.copy_(u.slow))
            elif kind == "+=":
                self.agree(note, lambda: none(t.fast.__iadd__(u.fast)), lambda: t.slow.binary_("add", u.slow))
            else:
                self.agree(
                    note, lambda: none(getattr(t.fast, kind + "_")(u.fast)), lambda: t.slow.binary_(kind, u.slow)
                )

    def assign(self, t, name):
        if not self.engine.grad and not t.slow.requires_grad and t.slow.base is None:
            return
        gather = self.draw(st.booleans())
        key = self.key(t.shape, gather=gather)
        if self.draw(st.integers(0, 3)) == 0:
            number = self.engine.tensor(0.5)
            self.agree(
                f"{name}[{key}] = 0.5",
                lambda: t.fast.__setitem__(torchlike(key), 0.5),
                lambda: t.slow.assign(key, number),
            )
            return
        u = self.operand(t.slow.at[key].shape)
        if gather and u.fast.dtype != t.fast.dtype:
            return  # refused: where elements are put by index, nothing is cast
        self.agree(
            f"{name}[{key}] = {self.tensors.index(u)}",
            lambda: t.fast.__setitem__(torchlike(key), u.fast),
            lambda: t.slow.assign(key, u.slow),
        )

    def key(self, shape, gather):
        """Numbers, slices, None and ...; with `gather` also one list or mask, in place of the first number or slice."""
        gather = gather and shape and shape[0]
        if gather and self.draw(st.booleans()):
            return Program.numbers(self, shape) > 0
        parts = []
        for i, size in enumerate(shape[: self.draw(st.integers(bool(gather), len(shape)))]):
            kinds = ["slice", "number"] if size else ["slice"]
            kind = "list" if gather and not i else self.choose(kinds)
            if kind == "number":
                parts.append(self.draw(st.integers(-size, size - 1)))
            elif kind == "slice":
                ends = st.none() | st.integers(-size - 1, size + 1)
                parts.append(slice(self.draw(ends), self.draw(ends), self.choose([None, 1, 2])))
            else:
                # Each place once: which of several values stays is not said.
                parts.append(list(self.draw(st.permutations(range(size)))[: self.draw(st.integers(1, size))]))
        if not gather and self.draw(st.booleans()):
            parts.insert(self.draw(st.integers(0, len(parts))), None)
        if not gather and self.draw(st.booleans()):
            parts.append(...)
        return tuple(parts)

    # --- what is compared

    def weights(self, shape, i):
        return np.cos(np.arange(np.prod(shape, dtype=int)) + i).reshape(shape)

    def compare(self):
        for i, t in enumerate(self.tensors):
            case = f"t{i}"
            got = t.fast.detach().to(self.wide).numpy()
            np.testing.assert_allclose(got, t.slow.values, rtol=self.rtol / 100, atol=1e-12, err_msg=case)
            assert t.fast._version == t.slow._version, case
            if not t.slow.forbidden:
                assert t.fast.requires_grad == t.slow.requires_grad, case
                assert t.fast.is_leaf == t.slow.is_leaf, case
        parts = [t for t in self.tensors if t.slow.requires_grad and not t.slow.forbidden]
        weights = [self.weights(t.shape, i) for i, t in enumerate(parts)]
        if not parts:
            return
        loss = sum(ts.real((t.fast * ts.tensor(w)).sum()) for t, w in zip(parts, weights, strict=True))
        leaves = [leaf.fast for leaf in self.leaves]
        try:
            want = self.engine.gradients([t.slow for t in parts], weights)
        except Refused as rule:
            with pytest.raises(RuntimeError, match=rule.args[0]):
                ts.autograd.grad(loss, leaves, allow_unused=True)
            return
        for again in (True, False):
            grads = ts.autograd.grad(loss, leaves, retain_graph=again, materialize_grads=True, allow_unused=True)
            assert [g.dtype for g in grads] == [leaf.dtype for leaf in leaves]
            got = np.concatenate([self.numbers_of(g.to(self.wide).numpy().reshape(-1)) for g in grads])
            np.testing.assert_allclose(got, want, rtol=self.rtol, atol=self.atol)

    def numbers_of(self, gradient):
        """In the order of the reference's derivatives."""
        return gradient


class ComplexProgram(Program):
    dtypes, wide, exact = (ts.complex128,), ts.complex128, np.complex128
    unary = ("exp", "sin", "tanh", "neg", "conj")
    binary = ("add", "sub", "mul")

    def numbers(self, shape):
        return super().numbers(shape) + 1j * super().numbers(shape)

    def weights(self, shape, i):
        return super().weights(shape, i) + 1j * super().weights(shape, i + 1)

    def ended(self):
        # Beyond, what comes of infinities and of differences of large numbers is another question.
        return any(not np.all(np.abs(t.slow.memory.values) < 1e3) for t in self.tensors)

    def numbers_of(self, gradient):
        return np.concatenate([gradient.real, gradient.imag])


class ShortProgram(Program):
    dtypes = (ts.float32, ts.float16, ts.bfloat16)
    unary = ("neg", "relu", "abs")
    rtol, atol = 2**-7, 2**-5

    def weights(self, shape, i):
        return ((np.arange(np.prod(shape, dtype=int)) + i) % 5 - 2.0).reshape(shape)

    def ended(self):
        def rounds(memory):
            return np.any(memory.values.astype(np.float32).view(np.uint32) & 0xFFFF)  # bfloat16 is a float32's half

        return any(rounds(t.slow.memory) for t in self.tensors)


def none(_):
    """A step that makes no tensor."""


def torchlike(key):
    if isinstance(key, np.ndarray):
        return ts.tensor(key)
    return key


def broadcasts(shape, to):
    try:
        return np.broadcast_shapes(shape, to) == tuple(to)
    except ValueError:
        return False


def factors(n):
    """Shapes of n elements."""
    if not n:
        return [(0,), (0, 2)]
    return [(n,), (1, n), *((k, n // k) for k in range(2, n) if n % k == 0)]


def tried(p):
    try:
        p.run()
        p.compare()
    except BaseException as e:
        e.add_note("\n".join(["The program:", *p.log]))
        raise


@programs(400)
@given(st.data())
def test_programs(data):
    tried(Program(data))


@programs(150)
@given(st.data())
def test_programs_of_complex_numbers(data):
    tried(ComplexProgram(data))


@programs(150)
@given(st.data())
def test_programs_of_short_floats_of_several_dtypes(data):
    tried(ShortProgram(data))
