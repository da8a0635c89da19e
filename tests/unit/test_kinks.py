"""Kinks: every convention holds where the table states it, in both modes, and ties share."""

import math

import numpy as np
import pytest

import adlib
from adlib.gates import GATES, conventions
from tests.unit.cases.elementwise import ROWS

INF, NAN = math.inf, math.nan
KINKS = {
    # name: [(point, partials)]
    "absolute": [((0.0,), (0.0,)), ((-0.0,), (0.0,))],
    "arccos": [((1.0,), (-INF,)), ((-1.0,), (-INF,))],
    "arccosh": [((1.0,), (INF,))],
    "arcsin": [((1.0,), (INF,)), ((-1.0,), (INF,))],
    "arctan2": [((0.0, 0.0), (NAN, NAN)), ((0.0, -2.0), (-0.5, 0.0))],
    "cbrt": [((0.0,), (INF,))],
    "ceil": [((2.0,), (0.0,))],
    "copysign": [((0.0, -1.0), (0.0, 0.0))],
    "floor": [((-1.0,), (0.0,))],
    "floor_divide": [((4.0, 2.0), (0.0, 0.0))],
    "fmax": [((1.5, 1.5), (0.5, 0.5)), ((NAN, 1.0), (0.0, 1.0)), ((1.0, NAN), (1.0, 0.0))],
    "fmin": [((1.5, 1.5), (0.5, 0.5)), ((NAN, 1.0), (0.0, 1.0)), ((1.0, NAN), (1.0, 0.0))],
    "fmod": [((4.0, 2.0), (1.0, -2.0)), ((-4.0, 2.0), (1.0, 2.0))],
    "heaviside": [((0.0, 0.5), (0.0, 1.0))],
    "hypot": [((0.0, 0.0), (0.0, 0.0))],
    "maximum": [((1.5, 1.5), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5))],
    "minimum": [((1.5, 1.5), (0.5, 0.5)), ((0.0, -0.0), (0.5, 0.5))],
    "power": [
        ((0.0, 0.5), (INF, 0.0)),
        ((0.0, 0.0), (0.0, 0.0)),
        ((0.0, 2.0), (0.0, 0.0)),
        ((0.0, 1.0), (1.0, 0.0)),
    ],
    "relu": [((0.0,), (0.0,))],
    "remainder": [((4.0, 2.0), (1.0, -2.0)), ((-4.0, 2.0), (1.0, 2.0))],
    "rint": [((0.5,), (0.0,))],
    "sign": [((0.0,), (0.0,))],
    "sqrt": [((0.0,), (INF,))],
    "trunc": [((3.0,), (0.0,))],
}
SELECTIONS = {"max", "min", "norm"}  # tested with the reductions, and in test_removable.py


def test_every_convention_has_a_case():
    assert {name for name, _, _ in conventions()} == set(KINKS) | SELECTIONS


@pytest.mark.parametrize(
    "make", [float, np.float64, lambda x: np.array([x])], ids=["float", "float64", "array"]
)
@pytest.mark.parametrize(
    ("name", "point", "partials"), [(n, *case) for n, cs in KINKS.items() for case in cs]
)
def test_the_convention_holds_at_the_kink_in_both_modes(name, point, partials, make):
    gate = ROWS[name]
    if not any(map(math.isnan, point)):
        assert gate.at_kink(*point) or name == "power"
        assert gate.in_domain(*point)
    args = tuple(map(make, point))
    one, zero = make(1.0), make(0.0)
    value, pullback = adlib.vjp(gate.function, *args)
    for i, (adjoint, expected) in enumerate(zip(pullback(one), partials, strict=True)):
        # differentiated in one argument only: the other is a constant
        alone, tangent = adlib.jvp(
            lambda x, i=i: gate.function(*args[:i], x, *args[i + 1 :]), (args[i],), (one,)
        )
        both = adlib.jvp(gate.function, args, [one if j == i else zero for j in range(len(args))])[1]
        np.testing.assert_array_equal(np.ravel(adjoint), [expected])
        np.testing.assert_array_equal(np.ravel(tangent), [expected])
        np.testing.assert_array_equal(alone, value)
        if all(map(math.isfinite, partials)):
            np.testing.assert_array_equal(np.ravel(both), [expected])


@pytest.mark.parametrize("zero", [0.0, -0.0, np.zeros(1)[0]])
def test_kinks_follow_the_stated_conventions(zero):
    """HIPS/autograd#141 and jax#37821 (ties share), pytorch#184572 (four formulas of one function, three answers)."""
    assert adlib.grad(lambda x: np.maximum(x, 0.0))(zero) == 0.5
    assert adlib.grad(lambda x: np.clip(x, 0.0, None))(zero) == 0.5
    assert adlib.grad(adlib.gates.relu.function)(zero) == 0.0
    assert adlib.grad(np.abs)(zero) == 0.0
    assert adlib.grad(lambda x: np.where(x > 0, x, 0.0))(zero) == 0.0  # the branch that is taken


@pytest.mark.parametrize("f", [np.max, np.min])
def test_equal_extremes_share(f):
    x = np.array([[1.0, 1.0, 1.0], [0.0, 2.0, 2.0]])
    shared = {np.max: [[1 / 3] * 3, [0.0, 0.5, 0.5]], np.min: [[1 / 3] * 3, [1.0, 0.0, 0.0]]}[f]
    np.testing.assert_allclose(adlib.grad(lambda t: np.sum(f(t, axis=1)))(x), shared)
    tangent = np.array([[3.0, 0.0, 0.0], [1.0, 4.0, 0.0]])
    np.testing.assert_allclose(
        adlib.jvp(lambda t: f(t, axis=1), (x,), (tangent,))[1], np.sum(tangent * shared, axis=1)
    )


def test_clip_at_its_bounds_follows_the_ties():
    np.testing.assert_array_equal(
        adlib.grad(lambda x: np.sum(np.clip(x, 0, 1)))(np.array([0.0, 0.5, 1.0])), [0.5, 1, 0.5]
    )


def test_a_nan_is_no_tie():
    gate = GATES[np.max]
    assert not gate.at_kink(np.array([np.nan, 1.0]))
    assert gate.at_kink(np.array([2.0, 2.0, 1.0]))
    assert not gate.at_kink(np.array([2.0, 1.0]))
    np.testing.assert_array_equal(gate.at_kink(np.array([[2.0, 2.0], [1.0, 2.0]]), axis=1), [True, False])
    np.testing.assert_array_equal(
        gate.at_kink(np.array([[2.0, 2.0], [1.0, 2.0]]), axis=1, keepdims=True), [[True], [False]]
    )


@pytest.mark.parametrize("decimals", [0, 1, -1])
def test_rounding_is_a_step(decimals):
    x = np.array([12.3456, -0.7])
    value, gradient = adlib.value_and_grad(lambda t: np.sum(np.round(t, decimals) + t.round(decimals)))(x)
    assert value == pytest.approx(2 * np.sum(np.round(x, decimals)))
    np.testing.assert_array_equal(gradient, [0.0, 0.0])


@pytest.mark.parametrize("zero", [0.0, np.zeros(2)])
def test_the_rectifier_is_itself_inside_another_derivative(zero):
    """Its value inside an outer derivative is recorded as relu, not as the maximum it is computed by."""
    relu = adlib.gates.relu.function
    one = np.ones_like(zero)[()]
    inner = lambda x: adlib.jvp(relu, (x,), (one,))[0]  # noqa: E731
    np.testing.assert_array_equal(adlib.jvp(inner, (zero,), (one,))[1], 0.0 * zero)
    back = lambda x: np.sum(adlib.vjp(relu, x)[0])  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(back)(zero), 0.0 * zero)
