"""`version` in a request: whether what the asker shows was written since."""

import pytest

import tapescope as ts
from tapescope.explore import methods
from tapescope.explore.errors import Refusal


def ask(method, **params):
    work = methods.METHODS[method](params)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value[0]


def rows(value):
    document = ts.explore(value).document
    return {table: document[table] for table in ("tensors", "saved")}


@pytest.fixture
def leaf():
    return ts.tensor([1.0, 2.0, 3.0], requires_grad=True)


def on_leaf(leaf, y):
    row = next(row for row in rows(y)["tensors"] if row.get("requires_grad") and "grad_fn" not in row)
    return {"table": "tensors", "id": row["id"]}, row.get("version", leaf._version)


@pytest.mark.parametrize("method", ["stats", "histogram", "values"])
def test_a_tensor_is_changed_once_it_was_written(leaf, method):
    y = (leaf * leaf).sum()
    on, version = on_leaf(leaf, y)
    assert ask(method, on=on, version=version)["changed"] is False
    with ts.no_grad():
        leaf.mul_(2)
    now = ask(method, on=on, version=version)
    assert now["changed"] is True
    assert now["version"] == version + 1
    assert ask(method, on=on, version=now["version"])["changed"] is False
    assert ask(method, on=on)["changed"] is False


def test_a_write_through_a_view_is_a_write(leaf):
    y = (leaf * leaf).sum()
    on, version = on_leaf(leaf, y)
    with ts.no_grad():
        leaf[:2].add_(1)
    assert ask("stats", on=on, version=version)["changed"] is True


def test_a_saved_variable_is_compared_with_its_saving_unless_a_version_is_said(leaf):
    base = leaf * 1
    y = base.exp()
    row = next(row for row in rows(y)["saved"] if row["name"] == "result")
    on = {"table": "saved", "id": row["id"]}
    assert ask("stats", on=on)["changed"] is False
    with ts.no_grad():
        y.detach().add_(1)
    now = ask("stats", on=on)
    assert now["changed"] is True
    assert ask("stats", on=on, version=now["version"])["changed"] is False


def test_a_gradient_is_changed_once_it_was_written(leaf):
    y = (leaf * leaf).sum()
    on, _ = on_leaf(leaf, y)
    y.backward()
    version = ask("grad", on=on, want="stats")["version"]
    assert ask("grad", on=on, want="stats", version=version)["changed"] is False
    with ts.no_grad():
        leaf.grad.zero_()
    assert ask("grad", on=on, want="values", version=version)["changed"] is True


@pytest.mark.parametrize("version", [-1, 1.5, "2", True, None, 2**53])
def test_a_version_that_is_none_is_refused(leaf, version):
    on, _ = on_leaf(leaf, (leaf * leaf).sum())
    with pytest.raises(Refusal, match="version must be an integer from 0") as refused:
        ask("stats", on=on, version=version)
    assert refused.value.code == "bad_request"
