"""``np.multiply(x, y)`` is ``x * y``: NumPy's functions of two operands and Python's operators take one road."""

import operator
from fractions import Fraction

import numpy as np
import pytest

import adlib
from adlib.engine.operators import WAYS
from adlib.gates import GATES, Elementwise

PAIRS = {
    np.add: operator.add,
    np.subtract: operator.sub,
    np.multiply: operator.mul,
    np.divide: operator.truediv,
    np.floor_divide: operator.floordiv,
    np.remainder: operator.mod,
    np.power: operator.pow,
}
OTHERS = {
    "float": 1.75,
    "int": 2,
    "bool": True,
    "fraction": Fraction(3, 4),
    "float32": np.float32(1.5),
    "int64": np.int64(3),
    "array": np.array([0.75, 1.5, 2.5]),
    "integers": np.array([1, 2, 3]),
    "0-d": np.array(1.25),
    "column": np.array([[0.5], [1.5]]),
    "list": [0.75, 1.5, 2.5],
    "tuple": (0.75, 1.5, 2.5),
}
POINTS = {"number": 1.3, "array": np.array([0.6, 1.1, 2.3])}


def derivatives(f, x):
    one = 1.0 if isinstance(x, float) else np.ones_like(x)
    value, tangent = adlib.jvp(f, (x,), (one,))
    return [value, tangent, adlib.grad(lambda x: np.sum(f(x)))(x)]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("function", PAIRS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("behind", [True, False], ids=["x first", "x behind"])
def test_a_function_does_what_its_operator_does(function, other, point, behind):
    x, y = POINTS[point], OTHERS[other]
    found = []
    for act in (function, PAIRS[function]):
        f = (lambda x, act=act: act(x, y)) if behind else (lambda x, act=act: act(y, x))
        found.append(derivatives(f, x))
    for ours, theirs in zip(*found, strict=True):
        assert type(ours) is type(theirs)
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("gate", WAYS, ids=lambda gate: gate.name)
def test_text_is_refused_by_all_in_the_same_words(gate):
    for f in (lambda x: gate.function(x, "2"), lambda x: gate.function("2", x)):
        with pytest.raises(TypeError, match="the str '2' meets a tracked value"):
            adlib.grad(f)(1.5)


def test_a_row_that_is_replaced_is_the_one_that_counts(monkeypatch):
    monkeypatch.setitem(GATES, np.maximum, Elementwise(np.maximum, lambda x, y, v: 7.0, 0))
    assert adlib.grad(lambda x: np.maximum(x, 1.0))(3.0) == 7.0
