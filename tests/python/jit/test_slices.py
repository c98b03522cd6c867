"""Slices and indices are recorded as written: x[1:] of a longer input is longer."""

import pytest

import tapescope as ts
from tapescope import jit


def put(x, key, value):
    y = x.clone()
    y[key] = value
    return y


ROWS = ts.tensor([1, 0])

SLICES = {
    "from": lambda x: x[1:],
    "up_to_the_last": lambda x: x[:-1],
    "last": lambda x: x[-1],
    "last_two": lambda x: x[-2:],
    "every_second": lambda x: x[::2],
    "all": lambda x: x[:],
    "all_of_two": lambda x: x[:, :],
    "more_than_there_is": lambda x: x[:100],
    "inner": lambda x: x[1:3],
    "of_the_last_dimension": lambda x: x[..., 1:],
    "of_two_dimensions": lambda x: x[1:, :-1],
    "new_axis": lambda x: x[None, 1:],
    "written_from": lambda x: put(x, slice(1, None), 5.0),
    "written_up_to_the_last": lambda x: put(x, slice(None, -1), 5.0),
    "written_all": lambda x: put(x, slice(None), 5.0),
    "written_last": lambda x: put(x, -1, 5.0),
    "written_by_size": lambda x: put(x, x.size(0) - 1, 5.0),
    "written_mask": lambda x: put(x, x > 0.5, 5.0),
    "written_tensor": lambda x: put(x, ROWS, 5.0),
    "by_size": lambda x: x[x.size(0) - 1],
    "up_to_size": lambda x: x[: x.size(0) // 2],
}


@pytest.mark.parametrize("name", SLICES)
@pytest.mark.filterwarnings("error::tapescope.jit.TracerWarning")
def test_a_slice_fits_other_shapes(name):
    f = SLICES[name]
    traced = jit.trace(f, ts.rand(4, 3))
    for shape in ((4, 3), (6, 3), (4, 5), (9, 7)):
        x = ts.rand(*shape)
        assert traced(x).shape == f(x).shape and traced(x).tolist() == f(x).tolist()


INDEXED = {
    "item": lambda x, i: x[i],
    "item_of_a_column": lambda x, i: x[:, i],
    "from": lambda x, i: x[i:],
    "up_to": lambda x, i: x[:i],
    "written": lambda x, i: put(x, i, 5.0),
    "select": lambda x, i: x.select(0, i),
    "two_items": lambda x, i: x[i, i],
    "in_a_list": lambda x, i: x[[0, i]],
}


@pytest.mark.parametrize("name", INDEXED)
@pytest.mark.filterwarnings("ignore::tapescope.jit.TracerWarning")
def test_an_index_that_is_an_input_stays_one(name):
    f, x = INDEXED[name], ts.rand(4, 3)
    traced = jit.trace(f, (x, ts.tensor(1)))
    for i in (1, 2, 0):
        assert traced(x, ts.tensor(i)).tolist() == f(x, ts.tensor(i)).tolist()


def test_a_size_of_a_call_that_failed_is_not_taken_for_the_next():
    def f(x):
        try:
            x.view(x.size(0), "no size")
        except TypeError:
            pass
        return x[1]

    x = ts.rand(4, 3)
    assert jit.trace(f, x, check_trace=False)(x).tolist() == x[1].tolist()
