"""Tensors: making, reading, printing, the Python object."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

import tapescope as ts
from tapescope import _C


def test_dtypes_follow_the_data():
    assert ts.tensor([1.0, 2]).dtype is ts.float32
    assert ts.tensor([1, 2]).dtype is ts.int64
    assert ts.tensor([True]).dtype is _C.bool
    assert ts.tensor(np.zeros(2)).dtype is ts.float64
    assert ts.tensor([1, 2], dtype=ts.float64).tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    "bad, error",
    [
        ([[1], [1, 2]], ValueError),
        ([1, [2]], ValueError),
        ("abc", TypeError),
        (None, TypeError),
        ([object()], TypeError),
    ],
)
def test_what_is_no_tensor_is_refused(bad, error):
    with pytest.raises(error):
        ts.tensor(bad)


def test_numpy_in_and_out_share_memory():
    a = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    t = ts.from_numpy(a)
    a[0, 0] = 9
    assert t[0, 0].item() == 9
    b = t.numpy()
    b[1, 1] = 7
    assert a[1, 1] == 7
    assert np.asarray(ts.ones(2)).tolist() == [1, 1]
    del t, a
    assert b[0, 0] == 9
    with pytest.raises(RuntimeError, match="detach"):
        ts.ones(2, requires_grad=True).numpy()
    with pytest.raises(TypeError, match="uint16"):
        ts.from_numpy(np.zeros(2, np.uint16))


def test_factories():
    assert ts.zeros(2, 3).shape == (2, 3) and ts.zeros((2, 3)).shape == (2, 3)
    assert ts.ones_like(ts.zeros(2)).tolist() == [1, 1]
    assert ts.full((2,), 7).dtype is ts.int64
    assert ts.arange(5).tolist() == [0, 1, 2, 3, 4]
    assert ts.arange(1, 2, 0.5).tolist() == [1, 1.5]
    assert ts.linspace(0, 1, 5).tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert ts.eye(2).tolist() == [[1, 0], [0, 1]]
    with pytest.raises(ValueError, match="arange"):
        ts.arange(0, 1, -1)
    with pytest.raises(ts.ShapeError):
        ts.zeros(-1)
    with pytest.raises(MemoryError):
        ts.zeros(1 << 50)


def test_random_numbers_depend_on_the_seed_alone():
    ts.manual_seed(3)
    a = ts.randn(1000)
    ts.manual_seed(3)
    assert ts.equal(a, ts.randn(1000))
    assert abs(a.mean().item()) < 0.15 and abs(a.std().item() - 1) < 0.1
    u = ts.rand(1000)
    assert u.min().item() >= 0 and u.max().item() < 1
    r = ts.randint(2, 5, (100,))
    assert set(r.tolist()) == {2, 3, 4}
    assert sorted(ts.randperm(10).tolist()) == list(range(10))


def test_the_object_comes_back():
    x = ts.ones(2, requires_grad=True)
    y = x * 2
    y.note = "kept"
    ref = weakref.ref(y)
    z = y * y  # saves y
    del y
    gc.collect()
    assert ref() is not None
    saved = z.grad_fn._saved_self
    assert saved.note == "kept" and saved is ref()
    del saved, z
    gc.collect()
    assert ref() is None


def test_a_plain_object_is_not_kept_alive():
    x = ts.ones(2, requires_grad=True)
    y = x * 2
    z = y * y
    assert z.grad_fn._saved_self is y
    del y
    assert z.grad_fn._saved_self.tolist() == [2, 2]


def test_the_collector_looks_only_at_tensors_with_attributes():
    x = ts.ones(2)
    assert not gc.is_tracked(x)
    x.note = 1
    assert gc.is_tracked(x)


def test_a_cycle_through_an_attribute_is_collected():
    x = ts.ones(2)
    x.me = x
    ref = weakref.ref(x)
    del x
    gc.collect()
    assert ref() is None


def test_subclass_survives_in_the_graph():
    p = ts.nn.Parameter(ts.ones(2))
    p.tag = 5
    y = p * 2
    del p
    gc.collect()
    leaf = y.grad_fn.next_functions[0][0].variable
    assert type(leaf) is ts.nn.Parameter and leaf.tag == 5 and leaf.requires_grad


def test_copy_and_pickle():
    x = ts.tensor([1.0, 2.0], requires_grad=True)
    for y in (copy.deepcopy(x), pickle.loads(pickle.dumps(x))):
        assert y.tolist() == [1, 2] and y.requires_grad and y is not x
    p = copy.deepcopy(ts.nn.Parameter(ts.ones(1)))
    assert type(p) is ts.nn.Parameter and p.requires_grad
    with pytest.raises(RuntimeError, match="detach"):
        pickle.dumps(x * 2)


def test_deepcopy_keeps_strides_and_gradients():
    t = ts.arange(6.0).reshape(2, 3)
    for view in (t.t(), t[:, ::2], t[:1].expand(4, 3), t[1:], t[:, :0], t[:, :1], t[0, 0], t[:1, :1]):
        made = copy.deepcopy(view)
        assert made.stride() == view.stride() and made.tolist() == view.tolist()
        assert made.data_ptr() != view.data_ptr() or not view.numel()
    x = ts.ones(2, requires_grad=True)
    (x * 3).sum().backward()
    made = copy.deepcopy(x)
    assert made.grad.tolist() == [3, 3] and made.grad.data_ptr() != x.grad.data_ptr() and made.is_leaf
    p = ts.nn.Parameter(ts.ones(2))
    p.grad = ts.ones(2)
    assert copy.deepcopy(p).grad is None  # as in PyTorch


def test_copy_shares_the_memory():
    for x in (ts.ones(2), ts.ones(2, requires_grad=True), ts.nn.Parameter(ts.ones(2)), ts.ones(3, 2).t()):
        y = copy.copy(x)
        assert type(y) is type(x) and y is not x and y.data_ptr() == x.data_ptr() and y.stride() == x.stride()
        assert y.requires_grad == x.requires_grad and y.is_leaf


def test_copies_keep_attributes_and_leave_hooks():
    x = ts.ones(2, requires_grad=True)
    x.tag, x.other = [5], x
    calls = []
    x.register_post_accumulate_grad_hook(calls.append)
    assert copy.copy(x).tag is x.tag
    made = copy.deepcopy(x)
    assert made.tag == [5] and made.tag is not x.tag and made.other is made
    for y in (copy.copy(x), made):
        y.sum().backward()
    assert not calls


NAN, INF = float("nan"), float("inf")
ZEROS = "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n        [0., 0., 0.,  ..., 0., 0., 0.]])"


@pytest.mark.parametrize(
    "make, text",
    [
        (lambda: ts.tensor([1.0, 2.0]), "tensor([1., 2.])"),
        (lambda: ts.tensor([1.5, -2.25]), "tensor([ 1.5000, -2.2500])"),
        (lambda: ts.tensor(3), "tensor(3)"),
        (lambda: ts.tensor([True, False]), "tensor([ True, False])"),
        (lambda: ts.tensor([[1, 20], [3, 4]]), "tensor([[ 1, 20],\n        [ 3,  4]])"),
        (lambda: ts.tensor([1.0], dtype=ts.float64), "tensor([1.], dtype=tapescope.float64)"),
        (lambda: ts.tensor([1.0], requires_grad=True), "tensor([1.], requires_grad=True)"),
        (lambda: ts.tensor([1.0], requires_grad=True) * 2, "tensor([2.], grad_fn=<MulBackward0>)"),
        (lambda: ts.tensor([float("nan"), float("inf")]), "tensor([nan, inf])"),
        (lambda: ts.tensor([1e-8, 1.0]), "tensor([1.0000e-08, 1.0000e+00])"),
        (lambda: ts.tensor([]), "tensor([])"),
        (lambda: ts.arange(2000), "tensor([   0,    1,    2,  ..., 1997, 1998, 1999])"),
        (lambda: ts.tensor([1.0, NAN]), "tensor([1., nan])"),
        (lambda: ts.tensor([1.0, INF, 12.0]), "tensor([ 1., inf, 12.])"),
        (lambda: ts.tensor([-1.0, -INF]), "tensor([-1., -inf])"),
        (lambda: ts.tensor([0.0, -INF, NAN]), "tensor([0., -inf, nan])"),
        (lambda: ts.tensor([-0.0, 1.0]), "tensor([-0., 1.])"),
        (lambda: ts.tensor([1.5, -INF, NAN]), "tensor([1.5000,   -inf,    nan])"),
        (lambda: ts.tensor([complex(1, NAN)]), "tensor([1.+nanj])"),
        (lambda: ts.zeros(10**7).reshape(2, -1), ZEROS),
    ],
)
def test_printing_is_pytorchs(make, text):
    assert repr(make()) == text


def test_printing_reads_only_what_is_shown():
    dots = "tensor([1., 1., 1.,  ..., 1., 1., 1.])"
    assert repr(ts.ones(1).expand(2**40)) == dots
    assert repr(ts.ones(1).expand(2, 2**40)).count("...") == 2
    assert repr(ts.ones(1).expand(2**40, 2)).count("...") == 1


def test_indexing():
    x = ts.arange(12).reshape(3, 4)
    n = np.arange(12).reshape(3, 4)
    for key in [
        0,
        -1,
        (1, 2),
        slice(1, None),
        (slice(None), 1),
        (Ellipsis, 0),
        (None, 1),
        (slice(None), slice(0, 4, 2)),
    ]:
        assert x[key].tolist() == n[key].tolist()
    assert x[ts.tensor([2, 0])].tolist() == n[[2, 0]].tolist()
    assert x[:, [1, 3]].tolist() == n[:, [1, 3]].tolist()
    assert x[ts.tensor([0, 1]), ts.tensor([2, 3])].tolist() == [2, 7]
    assert x[x > 8].tolist() == [9, 10, 11]
    x[0] = 5
    x[x == 7] = -1
    x[1, ts.tensor([0, 2])] = ts.tensor([8, 9])
    assert x.tolist() == [[5, 5, 5, 5], [8, 5, 9, -1], [8, 9, 10, 11]]
    for bad in (3, (0, 4), ts.tensor([5])):
        with pytest.raises(IndexError):
            x[bad]
    with pytest.raises(TypeError):
        x["a"]
    assert [r.tolist() for r in ts.eye(2)] == [[1, 0], [0, 1]]


def test_numbers_are_weak():
    i, f = ts.arange(2), ts.ones(2)
    assert (i + 1).dtype is ts.int64 and (i + 1.5).dtype is ts.float32 and (f * 2).dtype is ts.float32
    assert (i / 2).tolist() == [0, 0.5]
    assert (2 ** ts.tensor([1.0, 3.0])).tolist() == [2, 8]
    assert (1 - f).tolist() == [0, 0]
    assert (ts.ones(2, dtype=ts.float64) * np.float32(2)).dtype is ts.float64
    with pytest.raises(TypeError):
        f + "a"


def test_messages_name_the_op_and_the_rule():
    with pytest.raises(
        ts.ShapeError, match=r"matmul: cannot multiply \(3, 4\) by \(5, 2\): the inner sizes 4 and 5 differ"
    ):
        ts.ones(3, 4) @ ts.ones(5, 2)
    with pytest.raises(RuntimeError, match=r"add: cannot broadcast \(3,\) with \(4,\)"):
        ts.ones(3) + ts.ones(4)
    with pytest.raises(RuntimeError, match="a Tensor with 3 elements cannot be converted to Scalar"):
        ts.ones(3).item()
    with pytest.raises(RuntimeError, match="ambiguous"):
        bool(ts.ones(2))
    with pytest.raises(TypeError, match="unexpected keyword"):
        ts.ones(2).tanh(out=1)


def test_what_stands_behind_the_elements_wraps_with_them():
    double, ones = {"dtype": ts.float64}, "1., " * 8 + "1."
    for x, text in (
        (ts.ones(9, **double), f"tensor([{ones}], dtype=tapescope.float64)"),
        (ts.ones(12, **double), f"tensor([{ones}, 1., 1., 1.],\n       dtype=tapescope.float64)"),
        (
            ts.ones(13, **double, requires_grad=True),
            f"tensor([{ones}, 1., 1., 1., 1.],\n       dtype=tapescope.float64, requires_grad=True)",
        ),
        (
            ts.ones(9, **double, requires_grad=True) * 1,
            f"tensor([{ones}], dtype=tapescope.float64,\n       grad_fn=<MulBackward0>)",
        ),
        (
            ts.ones(2, 9, dtype=ts.float16),
            f"tensor([[{ones}],\n        [{ones}]], dtype=tapescope.float16)",
        ),
        (ts.empty(0, 3, dtype=ts.int32), "tensor([], size=(0, 3), dtype=tapescope.int32)"),
    ):
        assert repr(x) == text


def test_what_bools_have_no_meaning_for():
    b = ts.tensor([True, False])
    for op, call in {
        "relu": b.relu, "relu_": b.relu_, "argmax": b.argmax, "argmin": lambda: b.argmin(0), "pow": lambda: b**b,
        "floor": b.floor,
    }.items():  # fmt: skip
        with pytest.raises(ts.DTypeError, match=rf"{op.rstrip('_')}.*bool"):
            call()
    assert b.max().dtype is ts.bool and (b**2).tolist() == [1, 0] and (b**2).dtype is ts.int64
    assert (b**True).tolist() == [True, False] and (b**False).tolist() == [True, True]
    assert (2**b).tolist() == [2, 1] and (b**2.5).dtype is ts.float32


def test_extremes_of_nothing():
    e, rows = ts.empty(0), ts.empty(2, 0)
    for name in ("max", "min", "argmax", "argmin"):
        for x, dim in ((e, 0), (rows, 1), (rows, -1)):
            with pytest.raises(IndexError, match=rf"{name}\(\): Expected reduction dim {dim} to have non-zero size"):
                getattr(x, name)(dim)
        with pytest.raises((IndexError, RuntimeError), match="Expected reduction dim to be specified"):
            getattr(e, name)()
    assert rows.max(0).values.shape == (0,) and rows.argmax(0).dtype is ts.int64


def test_whole_ranges_are_exact():
    assert ts.arange(2**62, 2**62 + 2).tolist() == [2**62, 2**62 + 1]
    assert ts.arange(2**53 + 1, 2**53 + 2).tolist() == [2**53 + 1]
    assert ts.arange(-(2**63), 2**63 - 1, 2**62).tolist() == [-(2**63), -(2**62), 0, 2**62]
    assert ts.arange(5, -4, -3).tolist() == [5, 2, -1] and ts.arange(3, 3).shape == (0,)
    with pytest.raises(ValueError, match="arange"):
        ts.arange(3, 1)


def test_bytes_that_are_no_bools_are_refused():
    with pytest.raises(ValueError, match="a byte that is neither 0 nor 1"):
        ts.from_numpy(np.array([2, 255], "u1").view(bool))
    assert ts.from_numpy(np.array([True, False])).tolist() == [True, False]


def test_print_options() -> None:
    x = ts.tensor([1.23456, 1234.5])
    try:
        ts.set_printoptions(precision=2, sci_mode=False)
        assert repr(x) == "tensor([   1.23, 1234.50])"
        ts.set_printoptions(sci_mode=True)
        assert repr(x) == "tensor([1.23e+00, 1.23e+03])"
        ts.set_printoptions(profile="default", threshold=3, edgeitems=1)
        assert repr(ts.arange(5)) == "tensor([0,  ..., 4])"
        for bad in ({"precision": -1}, {"threshold": "a"}, {"profile": "none"}):
            with pytest.raises(ValueError, match="set_printoptions"):
                ts.set_printoptions(**bad)
    finally:
        ts.set_printoptions(profile="default")
    assert repr(x) == "tensor([   1.2346, 1234.5000])"


def test_the_old_constructor_takes_sizes_or_data() -> None:
    assert ts.Tensor(2, 3).shape == (2, 3) and ts.Tensor(4).shape == (4,) and ts.Tensor().shape == (0,)
    assert ts.Tensor([2, 3]).tolist() == [2, 3]
    with pytest.raises(TypeError, match="sizes or one sequence"):
        ts.Tensor(2, [3])


def test_bases_of_views() -> None:
    x = ts.ones(4)
    v = x.view(2, 2)[0]
    assert v._base is x and v._is_view() and x._base is None and not x._is_view()


def test_alpha_of_whole_numbers_is_whole() -> None:
    x = ts.ones(2, dtype=ts.int32)
    assert x.add(x, alpha=2).tolist() == [3, 3] and x.add(1.5, alpha=2.5).tolist() == [4.75, 4.75]
    with pytest.raises(RuntimeError, match="alpha must be a whole number"):
        x.add(1, alpha=1.5)


def test_nothing_is_subtracted_from_a_bool() -> None:
    b, x = ts.ones(2, dtype=ts.bool), ts.ones(2)
    for f in (lambda: b - 1, lambda: 1 - b, lambda: x - b, lambda: b - x, lambda: x - True, lambda: x.sub_(b)):
        with pytest.raises(RuntimeError, match="with a bool is not supported"):
            f()
