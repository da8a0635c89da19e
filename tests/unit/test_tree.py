"""Nests of tuples, lists and dicts."""

from typing import NamedTuple

import numpy as np
import pytest

import adlib
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


# --- Nested arguments and results -------------------------------------------------------------------------------


class Pair(NamedTuple):
    a: float
    b: float


def test_inputs_may_be_nested():
    params = {"layers": [(np.ones((2, 3)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))], "scale": 2.0}

    def loss(p, x):
        for W, b in p["layers"]:
            x = np.tanh(W @ x + b)
        return p["scale"] * np.sum(x)

    gradient = adlib.grad(loss)(params, np.array([1.0, 2.0, 3.0]))
    assert list(gradient) == ["layers", "scale"]
    assert [type(layer) for layer in gradient["layers"]] == [tuple, tuple]
    assert gradient["layers"][0][0].shape == (2, 3)
    assert gradient["scale"] == pytest.approx(loss(params, np.array([1.0, 2.0, 3.0])) / 2.0)
    adlib.check_grads(loss, (params, np.array([1.0, 2.0, 3.0])), order=2)


def test_named_tuples_lists_and_none():
    g = adlib.grad(lambda p: p.a * p.b)(Pair(2.0, 3.0))
    assert type(g) is Pair
    assert g == (3.0, 2.0)
    assert adlib.grad(lambda p: p[0] * p[2])([2.0, None, 3.0]) == [3.0, None, 2.0]
    value, tangent = adlib.jvp(lambda x: Pair(x * x, -x), (3.0,), (1.0,))
    assert type(value) is type(tangent) is Pair
    assert tangent == (6.0, -1.0)


def test_results_may_be_nested():
    f = lambda x: {"square": x * x, "both": [x, (3.0 * x, 7.0)]}  # noqa: E731
    value, tangent = adlib.jvp(f, (2.0,), (1.0,))
    assert value == {"square": 4.0, "both": [2.0, (6.0, 7.0)]}
    assert tangent == {"square": 4.0, "both": [1.0, (3.0, 0.0)]}
    again, pullback = adlib.vjp(f, 2.0)
    assert again == value
    assert pullback({"square": 1.0, "both": [10.0, (100.0, 1000.0)]}) == (314.0,)
    assert pullback({"square": 1.0, "both": [0.0, (0.0, 0.0)]}) == (4.0,)  # any number of times
    for mode in ("forward", "reverse"):
        assert adlib.jacobian(lambda x: {"a": x * x, "b": 3 * x}, mode=mode)(2.0) == {"a": 4.0, "b": 3.0}
        blocks = adlib.jacobian(lambda p, q: (p["u"] * q, q), (0, 1), mode=mode)({"u": 2.0}, 5.0)
        assert blocks == (({"u": 5.0}, 2.0), ({"u": 0.0}, 1.0))
