"""Branches: the one that is taken counts, the one that is not must not leak, and one on equality is told."""

import math

import numpy as np
import pytest

import adlib


def test_control_flow_follows_the_values():
    def f(x):
        y = 1.0
        while x * y < 10.0:
            y = y * x
        return y if x > 1.5 else -y

    assert adlib.grad(f)(2.0) == 12.0  # 2 → x³
    assert adlib.grad(f)(3.0) == 6.0


WHERE = {
    "HIPS/autograd#802": (lambda x: np.where(x >= 0, x, np.sqrt(-x)), 1.0, "sqrt"),
    "jax#347": (lambda x: np.where(x > 0.5, np.sqrt(x * x), 1.0), 0.0, "sqrt"),
    "pytorch#68425": (lambda x: np.where(x <= 0, np.exp(x), 1 + x), 1000.0, "exp"),
    "pytorch#108618": (lambda x: np.where(x > 2, np.log2(x), 2 * x), 0.0, "log2"),
}


@pytest.mark.parametrize("name", WHERE)
def test_the_branch_not_taken_is_found(name):
    """A nan from the other branch is nan here too: 0 · ∞ is nan.  But it is said where it was born."""
    f, x, gate = WHERE[name]
    with np.errstate(all="ignore"):
        assert math.isfinite(f(x))
        assert math.isnan(adlib.grad(f)(x))
        text = str(adlib.diagnose(f, x))
    assert gate in text
    assert "where" in text


def test_a_branch_on_equality_is_told():
    """ForwardDiff.jl#480: at x = 1 the program is the constant 1, whatever calculus says."""

    def square(x):
        return 1.0 + 0.0 * x if x == 1 else x**2

    def product(xs):
        p = 1.0
        for x in xs:
            p = p * x
            if p == 0:
                break  # the answer is known; the derivative is not
        return p

    assert adlib.grad(square)(1.0) == 0.0
    assert "x == 1" in str(adlib.diagnose(square, 1.0))
    xs = np.array([2.0, 0.0, 3.0])
    np.testing.assert_array_equal(adlib.grad(product)(xs), [0.0, 2.0, 0.0])  # calculus: 0, 6, 0
    assert "p == 0" in str(adlib.diagnose(product, xs))


def test_where_does_not_let_the_branch_not_taken_leak():
    """The row's own rule multiplies nothing by zero; what is inside the branch still can (use two wheres)."""
    x = np.array([-1.0, 4.0])
    safe = lambda t: np.sum(np.where(t > 0, np.sqrt(np.where(t > 0, t, 1.0)), 0.0))  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(safe)(x), [0.0, 0.25])
    infinite = lambda t: np.sum(np.where(t > 0, t, np.inf))  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(infinite)(x), [0.0, 1.0])
    np.testing.assert_array_equal(adlib.jvp(lambda t: np.where(t > 0, t, np.nan), (x,), (x,))[1], [0.0, 4.0])
    adjoints = adlib.vjp(lambda a, b: np.where(x > 0, a, b), x, x)[1](np.array([np.inf, np.nan]))
    np.testing.assert_array_equal(adjoints, [[0.0, np.nan], [np.inf, 0.0]])


def test_where_of_floats_chooses_one():
    assert adlib.grad(lambda x: np.where(x > 1, x * x, 0.0))(3.0) == 6.0
    assert adlib.grad(lambda x: np.where(x > 1, x * x, np.log(x)))(0.5) == 2.0
    assert adlib.jvp(lambda x: np.where(x > 1, 7.0, np.log(x)), (0.5,), (1.0,))[1] == 2.0
