"""Graphs of many nodes: how many of them a picture has, and what it weighs."""

import json

import pytest

import tapescope as ts


def chain(steps):
    y = x = ts.ones(4, requires_grad=True)
    for _ in range(steps):
        y = (y * x + x).tanh()
    return y.sum()


def rows(table):
    return table["length"] if isinstance(table, dict) else len(table)


def test_a_picture_that_was_asked_for_has_a_hundred_thousand_nodes():
    document = ts.explore(chain(33_332)).document
    assert rows(document["nodes"]) == 3 * 33_332 + 2 and not document.get("left_out")
    assert len(json.dumps(document, separators=(",", ":"))) < 5_000_000


def test_of_a_larger_graph_the_last_nodes_are_shown_and_the_others_counted():
    document = ts.explore(chain(100), max_nodes=50).document
    assert rows(document["nodes"]) == 50
    assert document["left_out"] == [{"table": "nodes", "count": 252, "reason": "limit"}]
    assert document["nodes"][0]["name"] == "SumBackward0"


@pytest.mark.parametrize("wrong", [0, -1, 131_073, 2.5, "many", None])
def test_another_number_of_nodes_is_refused(wrong):
    with pytest.raises(ValueError, match="max_nodes is a whole number from 1 to 131,072"):
        ts.explore(chain(1), max_nodes=wrong)
