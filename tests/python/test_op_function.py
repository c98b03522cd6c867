"""How the offered ops are called from Python: places, names, overloads, help, and what does not fit."""

import inspect
import pydoc

import pytest

import tapescope as ts

X = ts.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


def test_sizes_one_by_one_or_as_a_sequence():
    for shape in ((3, 2), [3, 2], ts.ones(3, 2).shape):
        assert X.view(shape).shape == X.view(*shape).shape == ts.reshape(X, shape).shape == (3, 2)
    assert X.view(-1).shape == (6,)
    assert X.permute(1, 0).shape == X.permute((1, 0)).shape == (3, 2)


def test_arguments_by_name_also_by_numpys_names():
    assert ts.sum(input=X, dim=0).tolist() == X.sum(axis=0).tolist() == [5, 7, 9]
    assert X.sum(dim=1, keepdim=True).shape == X.sum(axis=1, keepdims=True).shape == (2, 1)
    assert ts.transpose(X, dim1=0, dim0=1).shape == (3, 2)


def test_overloads_are_told_apart_by_what_is_given():
    assert X.max().item() == 6
    values, indices = X.max(1)
    assert (values.tolist(), indices.tolist()) == ([3, 6], [2, 2])
    assert X.max(0).values.tolist() == [4, 5, 6]
    assert X.max(X * 0 + 4).tolist() == [[4, 4, 4], [4, 5, 6]]


def test_a_number_takes_after_the_tensor_beside_it():
    assert ts.where(X > 2, X, 0).dtype == ts.where(X > 2, 0, X).dtype == ts.float32
    assert ts.where(X > 2, 1, 0).dtype == ts.int64
    assert X.double().eq(0.1).dtype == ts.bool


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: X.narrow(0), "narrow(self, dim, start, length): missing argument 'start'"),
        (lambda: X.narrow(0, 0, "2"), "argument 'length' must be int, not str"),
        (lambda: ts.sum(), "sum(input, dim=None, keepdim=False, *, dtype=None): missing argument 'input'"),
        (lambda: X.sum(0, False, ts.float32), "takes 3 positional arguments, but 4 were given"),
        (lambda: X.sum(over=1), "got an unexpected keyword argument 'over'"),
        (lambda: X.sum(0, dim=1), "got several values for argument 'dim'"),
        (lambda: X.view(2.5), "got (tapescope.Tensor, float), but takes (self, dtype) or (self, *shape)"),
        (lambda: X.expand(2.5), "argument 'size' must be int, not float"),
        (lambda: X.unsqueeze(True), "must be int, not bool"),
        (lambda: X.eq("1"), "argument 'other' must be Tensor or a number, not str"),
        (lambda: ts.cat([X, None]), "argument 'tensors' must be Sequence[Tensor], but its element 1 is NoneType"),
        (lambda: X.max("1"), "got (tapescope.Tensor, str), but takes (self) or (self, dim, keepdim=False) or"),
        (lambda: ts.matmul(X, None), "argument 'other' must be Tensor, not NoneType"),
    ],
)
def test_what_does_not_fit_is_said(call, words):
    with pytest.raises(TypeError) as caught:
        call()
    assert words in str(caught.value)


def test_a_number_too_large_is_an_error_of_its_own():
    with pytest.raises(OverflowError):
        X.unsqueeze(1 << 70)


def test_help_says_types_and_defaults():
    assert str(inspect.signature(ts.sum)) == "(input, dim=None, keepdim=False, *, dtype=None)"
    assert list(inspect.signature(X.narrow).parameters) == ["dim", "start", "length"]
    assert ts.Tensor.narrow.__doc__.startswith("narrow(self: Tensor, dim: int, start: int, length: int) -> Tensor")
    assert "copy" in pydoc.render_doc(ts.Tensor.reshape)
    assert (ts.cat.__name__, ts.Tensor.view.__qualname__) == ("cat", "Tensor.view")


def test_random_integers_like():
    y = ts.randint_like(X, 3, 5)
    assert y.shape == X.shape and y.dtype == X.dtype and set(y.flatten().tolist()) <= {3, 4}
    assert ts.randint_like(X, 2, dtype=ts.int64).max().item() <= 1


def test_the_fast_path_gives_the_bits_of_the_long_one():
    # Exact types, contiguous, small: straight to the kernel. Strides, subclasses, casts and size go the long way.
    a, b = ts.rand(37), ts.rand(37)
    wide_a, wide_b = ts.zeros(37, 2), ts.zeros(37, 2)
    wide_a[:, 0], wide_b[:, 0] = a, b
    parameter = ts.nn.Parameter(a)
    large_a, large_b = ts.cat([a] * 3000), ts.cat([b] * 3000)
    for op in (ts.add, ts.mul, ts.div, ts.maximum):
        fast = op(a, b).tolist()
        assert op(wide_a[:, 0], wide_b[:, 0]).tolist() == fast
        assert op(parameter, b).tolist() == fast and type(op(parameter, b)) is ts.Tensor
        assert op(large_a, large_b)[-37:].tolist() == fast
        assert op(a.double(), b.double()).float().tolist() == pytest.approx(fast, rel=1e-6)
