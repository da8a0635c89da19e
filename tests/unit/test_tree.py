"""Nests of tuples, lists and dicts."""

from typing import NamedTuple

import pytest

from adlib.engine.tree import flatten, map_leaves


class Point(NamedTuple):
    x: float
    y: float


@pytest.mark.parametrize(
    ("tree", "leaves"),
    [
        (1.0, [1.0]),
        ((), []),
        (None, []),
        ([None, 1.0], [1.0]),
        ({"b": 1.0, "a": (2.0, [3.0, {}])}, [1.0, 2.0, 3.0]),
        (Point(1.0, (2.0, 3.0)), [1.0, 2.0, 3.0]),
        ("text", ["text"]),
    ],
)
def test_flatten_and_rebuild(tree, leaves):
    found, rebuild = flatten(tree)
    assert found == leaves
    again = rebuild(leaves)
    assert again == tree
    assert type(again) is type(tree)


def test_rebuild_with_other_leaves_keeps_the_kinds():
    _, rebuild = flatten({"p": Point(1.0, 2.0), "q": [None, (3.0,)]})
    again = rebuild([10, 20, 30])
    assert again == {"p": Point(10, 20), "q": [None, (30,)]}
    assert type(again["p"]) is Point


def test_map_leaves():
    assert map_leaves(lambda a, b, c: a + b * c, [1, (2,)], [3, (4,)], [5, (6,)]) == [16, (26,)]
    with pytest.raises(ValueError, match=r"shorter|longer"):
        map_leaves(lambda a, b: a, (1, 2), (1,))
