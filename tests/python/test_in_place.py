"""Writes: to leaves, views, parts, in every mode; what PyTorch 2.13 answers to the same programs."""

import pytest

import tapescope as ts


def base():
    return ts.ones(4, requires_grad=True) * 1


def no_grad_view():
    b = base()
    with ts.no_grad():
        return b, b[:2]


def inference_view():
    b = base()
    with ts.inference_mode():
        return b, b[:2]


def raises(words, call):
    with pytest.raises(RuntimeError) as caught:
        call()
    assert words in str(caught.value), caught.value


LEAF = "a leaf Variable that requires grad is being used in an in-place operation"
VIEW = "a view of a leaf Variable that requires grad is being used in an in-place operation"
SEVERAL = "This view is the output of a function that returns multiple views"


def test_leaves_and_their_views():
    x = ts.ones(4, requires_grad=True)
    for write in (lambda: x.mul_(2), lambda: x.zero_(), lambda: x.uniform_(), lambda: x.masked_fill_(x > 0, 1)):
        raises(LEAF, write)
    raises(LEAF, lambda: x.__setitem__(0, 1.0))
    raises(VIEW, lambda: x[:2].mul_(2))
    raises(VIEW, lambda: x.view(2, 2).t().add_(1))
    with ts.no_grad():
        x.mul_(2)
        x[:2].zero_()
    assert x.tolist() == [0, 0, 2, 2] and x.is_leaf and x._version == 2


def test_views_that_were_made_in_no_grad_mode():
    made, changed = "A view was created in no_grad mode and", "with grad mode enabled"
    for other in (2, ts.ones(2, requires_grad=True)):
        _, v = no_grad_view()
        raises(f"{made} is being modified inplace {changed}", lambda v=v, o=other: v.mul_(o))
    b, v = no_grad_view()
    assert v.requires_grad and v.grad_fn is None
    b.mul_(2)
    raises(f"{made} its base or another view of its base has been modified inplace {changed}", lambda: v.grad_fn)
    b, v = no_grad_view()
    with ts.no_grad():
        v.mul_(3)
    assert b.tolist() == [3, 3, 1, 1]


def test_views_that_were_made_in_inference_mode():
    b, v = inference_view()
    assert not v.is_inference()
    assert (v * b[:2]).requires_grad
    raises("A view was created in inference mode and is being modified inplace in normal mode", lambda: v.mul_(2))


def test_views_that_came_several_at_once():
    for parts in (lambda b: b.unbind(), lambda b: b.split(2), lambda b: b.chunk(2), lambda b: b.split([1, 3])):
        raises(SEVERAL, lambda parts=parts: parts(base())[0].mul_(2))
    raises(f"is a view and is being modified inplace. {SEVERAL}", lambda: base().chunk(2)[0][0].mul_(2))
    b = base()
    part = b.chunk(2)[1]
    b.mul_(2)
    raises("its base or another view of its base has been modified inplace", lambda: part.grad_fn)
    raises("its base or another view of its base has been modified inplace", lambda: part * 2)
    x = ts.ones(4)  # without history there is nothing to get wrong
    x.chunk(2)[1].mul_(2)
    assert x.tolist() == [1, 1, 2, 2]


def test_elements_that_share_their_memory():
    for x in (ts.ones(2, 3).expand(2, 2, 3), ts.arange(4.0).unfold(0, 2, 1), ts.ones(1).expand(3)):
        for write in (lambda x=x: x.add_(1), lambda x=x: x.copy_(x), lambda x=x: x.sqrt_()):
            raises("more than one element of the written-to tensor refers to a single memory location", write)
    x = ts.arange(4.0)
    x[1:].add_(x[:-1].clone())
    assert x.tolist() == [0, 1, 3, 5]


def test_a_stale_view_asks_its_base():
    x = ts.ones(4, requires_grad=True)
    b = x * 2
    v = b[1:3]
    assert v.grad_fn.name() == "SliceBackward0"
    b.mul_(x)
    assert v.grad_fn.name() == "AsStridedBackward0"
    v.sum().backward()
    assert x.grad.tolist() == [0, 4, 4, 0]


def test_a_write_through_a_view_is_the_bases():
    x = ts.ones(2, 2, requires_grad=True)
    b = x * 3
    b.diagonal().mul_(10)
    assert b.grad_fn.name() == "CopySlices"
    b.t()[0].zero_()
    b.sum().backward()
    assert x.grad.tolist() == [[0, 3], [0, 30]]


def test_inference_tensors():
    with ts.inference_mode():
        assert ts.is_inference_mode_enabled() and not ts.is_grad_enabled()
        y = ts.ones(3)
        y.add_(1)
        z = ts.ones(3, requires_grad=True) * 2
        assert y.is_inference() and z.is_inference() and not z.requires_grad and y[1:].is_inference()
        raises("Inference tensors do not track version counter", lambda: y._version)
        with ts.enable_grad():
            assert not (ts.ones(2, requires_grad=True) * 2).requires_grad
        with ts.inference_mode(False):
            assert not ts.ones(2).is_inference() and ts.is_grad_enabled()
        assert ts.is_inference_mode_enabled()
    assert not ts.is_inference_mode_enabled() and ts.is_grad_enabled()
    raises("Inplace update to inference tensor outside InferenceMode is not allowed", lambda: y.add_(1))
    raises("Setting requires_grad=True on inference tensor outside InferenceMode", lambda: y.requires_grad_())
    x = ts.ones(3, requires_grad=True)
    raises("Inference tensors cannot be saved for backward", lambda: x * y)
    assert (x + y).requires_grad  # saves nothing
    assert (y * 2).tolist() == [4, 4, 4] and not y.clone().is_inference()


def test_inference_mode_decorates():
    @ts.inference_mode
    def bare():
        return ts.ones(1).is_inference()

    @ts.inference_mode()
    def called():
        return ts.ones(1).is_inference()

    @ts.inference_mode(mode=False)
    def off():
        return ts.ones(1).is_inference()

    assert bare() and called() and not off()
    with ts.no_grad(), ts.inference_mode():
        pass
    assert ts.is_grad_enabled()


def test_detach_in_place():
    y = base()
    assert y.detach_() is y and y.is_leaf and not y.requires_grad and y.grad_fn is None
    raises("Can't detach views in-place. Use detach() instead", lambda: base()[:2].detach_())


def test_resize():
    x = ts.arange(4.0)
    assert x.resize_(2, 2).tolist() == [[0, 1], [2, 3]]
    array = x.numpy()
    assert x.resize_((3, 3)).shape == (3, 3) and x[0].tolist() == [0, 1, 2]
    x.zero_()
    assert array.tolist() == [[0, 1], [2, 3]]  # keeps the memory that it was made of
    raises("cannot resize variables that require grad", lambda: base().resize_(4, 1))
    with pytest.raises(ValueError, match="shares with others"):
        x[:1].resize_(100)


def test_requires_grad_of_what_is_no_leaf():
    raises("you can only change requires_grad flags of leaf variables", lambda: base().requires_grad_(False))
    assert base().requires_grad_().grad_fn is not None
    raises(
        "only Tensors of floating point and complex dtype can require gradients", lambda: ts.arange(3).requires_grad_()
    )


def test_gradients_are_laid_out_as_their_leaves():
    dense = ts.arange(6.0).reshape(2, 3).t().requires_grad_()
    (dense * ts.ones(3, 2)).sum().backward()
    assert dense.grad.stride() == dense.stride() == (1, 3)
    gaps = ts.zeros(4, 4)[:, ::2].requires_grad_()
    gaps.t().exp().sum().backward()
    assert gaps.grad.stride() == (2, 1)


def test_a_view_of_a_plain_base_that_got_a_history_by_a_write():
    x = ts.ones(2, requires_grad=True)
    b = ts.zeros(3)
    written, other = b[:2], b[1:]
    written.add_(x)
    assert other.requires_grad and not other.is_leaf  # before its grad_fn was read
    (g,) = ts.autograd.grad((other * 2).sum(), x, retain_graph=True)
    assert g.tolist() == [0, 2]
    other.mul_(3)
    (g,) = ts.autograd.grad(b.sum(), x)
    assert g.tolist() == [1, 3]


def test_hooks_on_a_view_whose_base_was_written():
    x = ts.ones(2, requires_grad=True)
    for read in (lambda v: None, lambda v: v.grad_fn):
        b = ts.zeros(3)
        v, w = b[1:], b[1:]
        read(v)
        b[:2].add_(x)
        seen = []
        v.register_hook(seen.append)
        w.retain_grad()
        (v * 2 + w).sum().backward()
        assert seen[0].tolist() == [2, 2] and w.grad.tolist() == [1, 1]


def test_writes_through_views_of_a_base_that_is_laid_out_otherwise():
    x = ts.arange(6.0).reshape(2, 3)
    w = ts.tensor([1.0, 2.0], requires_grad=True)
    for base in (x.t().detach(), x[:, 1:].detach(), x.reshape(-1)[1:].detach(), x[:, ::2].detach()):
        part = base[1] if base.ndim == 2 else base[1:3]
        before = part.clone()
        part.mul_(w)
        weights = ts.arange(float(base.numel())).reshape(base.shape)
        (g,) = ts.autograd.grad((base * weights).sum(), w, create_graph=True)
        assert g.tolist() == (before * (weights[1] if base.ndim == 2 else weights[1:3])).tolist()


def test_the_second_gradient_of_a_part_of_the_memory():
    x, v = ts.ones(4, requires_grad=True), ts.zeros(2, requires_grad=True)
    (g,) = ts.autograd.grad(x[1:3], x, v, create_graph=True)
    assert ts.autograd.grad(g, v, ts.arange(6.0)[2:])[0].tolist() == [3, 4]


def test_a_write_that_is_refused_for_its_operand_writes_nothing():
    b = base()
    part = b.chunk(2)[0]
    b.mul_(2)
    x = ts.zeros(2)
    raises(SEVERAL, lambda: x.copy_(part))
    raises(SEVERAL, lambda: x.__setitem__(..., part))
    raises(SEVERAL, lambda: x.add_(part))
    assert x.tolist() == [0, 0] and x._version == 0


def test_a_view_that_a_plain_base_gave_in_no_grad_mode():
    x = ts.ones(2, requires_grad=True)
    for then in (lambda u: u.grad_fn, lambda u: u * 1, lambda u: u.add_(x)):
        y = ts.zeros(3)
        with ts.no_grad():
            u = y[:2]
        y[1:].add_(x)
        raises("A view was created in no_grad mode and", lambda u=u, f=then: f(u))
    y = ts.zeros(3)
    with ts.no_grad():
        u = y[:2]
    u.add_(1)  # nothing has a history: no question
    raises("A view was created in no_grad mode and is being modified inplace", lambda: u.add_(x))


@pytest.mark.parametrize("mode", [ts.no_grad, ts.inference_mode])
def test_a_view_requires_grad_as_its_base_does(mode):
    x = ts.ones(3, 2, requires_grad=True)
    for of in (x, x * 1):
        with mode():
            views = of[0], of.view(6), of.unbind()[0], of.reshape(6), of.expand(3, 2), of.t()
            copies = of.detach(), of[ts.tensor([0])], of.clone()
        for v in views:
            assert v.requires_grad and v.is_leaf and v.grad_fn is None
            assert "requires_grad=True" in repr(v)
            raises("Can't call numpy() on Tensor that requires grad", v.numpy)
        assert not any(c.requires_grad for c in copies)
    y = views[0] * 2
    assert y.grad_fn.next_functions == ((None, 0), (None, 0))
    y.sum().backward()
    assert x.grad is None and views[0].grad is None
    raises("appears to not have been used in the graph", lambda: ts.autograd.grad(y.sum(), views[0]))
    assert ts.autograd.grad((views[0] * 2).sum(), views[0], allow_unused=True) == (None,)
    raises("does not require grad and does not have a grad_fn", lambda: views[0].backward(ts.ones(2)))


def test_a_view_follows_a_base_that_is_asked_for_gradients_later():
    u = ts.ones(3)
    v = u[:2]
    assert not v.requires_grad
    u.requires_grad_()
    assert v.requires_grad and v.is_leaf and (v * 2).requires_grad
    raises(VIEW, lambda: v.mul_(2))


def test_one_value_may_be_written_where_elements_share_a_place():
    one = ts.zeros(1)
    for write, value in ((lambda x: x.fill_(2), 2), (lambda x: x.zero_(), 0), (lambda x: x.fill_(ts.tensor(3.0)), 3)):
        assert write(one.expand(3)).tolist() == [value] * 3 and one.tolist() == [value]
    assert one._version == 3
    line = ts.arange(4.0)
    assert line.as_strided((3, 2), (1, 1)).fill_(2).sum() == 12 and line.tolist() == [2, 2, 2, 2]
    for write in (lambda x: x.add_(2), lambda x: x.copy_(ts.ones(3)), lambda x: x.__setitem__(slice(None), 2.0)):
        raises("more than one element of the written-to tensor", lambda w=write: w(one.expand(3)))
    x = ts.ones(2, requires_grad=True)
    b = x * 1
    b[:1].expand(3).zero_()
    (b * ts.tensor([2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [0, 3]


def test_a_filled_value_becomes_an_element():
    i, mask = ts.tensor([6, 3]), ts.tensor([True, False])
    for value in (1.5, ts.tensor(1.5), True, ts.tensor(1, dtype=ts.int8)):
        assert i.clone().masked_fill_(mask, value).tolist() == i.masked_fill(mask, value).tolist() == [1, 3]
    assert ts.tensor([1, 2], dtype=ts.uint8).masked_fill_(mask, -1).tolist() == [255, 2]
    assert mask.masked_fill(mask, 2.5).tolist() == [True, False]
    for dtype, value in ((ts.uint8, 300), (ts.int64, ts.nan), (ts.int64, ts.inf), (ts.int32, 1e10)):
        for write in (lambda x, v: x.masked_fill_(mask, v), lambda x, v: x.fill_(v), lambda x, v: x.__setitem__(0, v)):
            with pytest.raises(ValueError, match="cannot be converted to type"):
                write(ts.tensor([6, 3], dtype=dtype), value)
    for x in (i, ts.ones(2)):
        with pytest.raises(ts.DTypeError, match="complex"):
            x.masked_fill_(mask, 1j)
    with pytest.raises(ts.ShapeError, match="0-dimensional value"):
        i.masked_fill_(mask, ts.tensor([1]))
    v = ts.tensor(2.0, requires_grad=True)
    ts.ones(2).masked_fill(mask, v).sum().backward()
    assert v.grad == 1


def test_values_at_an_index_have_the_type_of_the_tensor():
    i, f, at, mask = ts.tensor([6, 3]), ts.tensor([1.0, 2.0]), ts.tensor([0]), ts.tensor([True, False])
    wrong = [(i, ts.tensor([1.5])), (f, ts.tensor([1])), (f, ts.tensor(1.0, dtype=ts.float64))]
    for x, value in wrong:
        for write in (lambda x, v: x.index_put_((at,), v), lambda x, v: x.__setitem__(at, v)):
            raises("Index put requires the source and destination dtypes match", lambda w=write, x=x, v=value: w(x, v))
    raises("dtypes match", lambda: i.__setitem__(ts.tensor([True, True]), ts.tensor([1.5, 2.5])))
    raises("dtypes match", lambda: f.index_put_((mask,), ts.tensor([1]), accumulate=True))
    assert i._version == f._version == 0
    i[at] = 1.5  # a number has no type of its own
    assert i.tolist() == [1, 3]
    i[mask] = ts.tensor([7.5])  # a mask and one value are masked_fill_
    i[[1]] = 2.7
    assert i.tolist() == [7, 2]
    i[:] = ts.tensor([1.5, 2.5])  # a copy casts
    assert i.tolist() == [1, 2]


def test_powers_are_written_in_place():
    x = ts.tensor([3.0])
    same = x
    x **= 2
    assert x is same and x.tolist() == [9] and x._version == 1
    leaf = ts.ones(1, requires_grad=True)
    with pytest.raises(RuntimeError, match="leaf"):
        leaf **= 2


def test_a_view_of_several_made_in_no_grad_mode_says_so():
    b = ts.ones(2, 2, requires_grad=True) * 1
    with ts.no_grad():
        v = b.unbind()[0]
        v.mul_(2)
    with pytest.raises(RuntimeError, match="A view was created in no_grad mode and"):
        v.mul_(2)


def test_rows_of_an_iteration_are_views_that_come_several_at_once():
    x = ts.ones(2, 2, requires_grad=True) * 1
    assert {row.grad_fn.name() for row in x} == {"UnbindBackward0"}
    with pytest.raises(RuntimeError, match="returns multiple views"):
        for row in x:
            row.mul_(2)


def test_fill_with_a_tensor_passes_its_gradient():
    p = ts.tensor(2.0, requires_grad=True)
    y = ts.ones(3, requires_grad=True) * 1
    y.fill_(p)
    y.sum().backward()
    assert y.tolist() == [2, 2, 2] and p.grad.item() == 3


def test_bounds_that_would_lose_a_gradient_are_refused():
    p = ts.tensor(2.0, requires_grad=True)
    with pytest.raises(TypeError, match=r"clamp: takes numbers here, and a tensor that requires grad would lose"):
        ts.ones(2).clamp(min=p)
    with ts.no_grad():
        assert ts.ones(2).clamp(min=p).tolist() == [2, 2]


def test_leading_ones_of_what_is_assigned_are_no_dimensions():
    x = ts.zeros(2, 3, 4)
    x[0] = ts.ones(1, 3, 4)
    x[ts.tensor([1])] = ts.ones(1, 1, 3, 4) * 2
    assert x[0].sum() == 12 and x[1].sum() == 24
    x[x > 1] = ts.ones(1, 12) * 3
    assert x[1].sum() == 36
    with pytest.raises(RuntimeError):
        x[0] = ts.ones(2, 3, 4)


def test_an_empty_list_takes_nothing():
    x = ts.ones(3, 4)
    assert x[[]].shape == (0, 4)
    x[[]] = 5
    assert x.sum() == 12


@pytest.mark.parametrize("dtype", [ts.float32, ts.float16, ts.bfloat16, ts.int64, ts.complex64])
@pytest.mark.parametrize("write", ["add_", "sub_", "mul_"])
def test_an_operand_that_is_a_part_of_what_is_written_is_read_before(dtype, write):
    for shape in ((2,), (3000,), (2, 3), (2, 3000), (300, 300)):
        x = (ts.arange(6000) % 7 + 2).to(dtype)[: ts.ones(shape).numel()].view(shape) if shape[0] < 300 else None
        x = ts.full(shape, 3, dtype=dtype) if x is None else x.clone()
        for part in (x[:1], x[0], x[..., :1]):
            want = getattr(x.clone(), write)(part.clone())
            try:
                getattr(x, write)(part)
            except RuntimeError as e:  # as PyTorch has it
                assert "some elements of the input tensor and the written-to tensor" in str(e)
            else:
                assert x.tolist() == want.tolist()


def test_elements_that_interleave_share_no_memory():
    x = ts.zeros(12)
    x.as_strided((2, 3), (3, 2), 0).fill_(1.0)
    assert x.sum().item() == 6


def test_what_is_wrong_with_the_written_is_said_before_what_is_wrong_with_the_operand():
    b = base()
    part = b.split(3)[0]
    with ts.no_grad():
        v = ts.ones(2, 3, requires_grad=True).unbind(0)[0]
        b.fill_(0.0)
    raises("A view was created in no_grad mode and is being modified inplace", lambda: v.copy_(part))
