"""Domains: where NumPy has a finite value, what is answered outside, and numbers that a formula could lose."""

import math

import numpy as np
import pytest

import adlib
from adlib import gates
from adlib.gates import Elementwise
from tests.unit.cases.elementwise import REFERENCE, ROWS

OUTSIDE = {
    # name: points outside the domain, and points on its edge that belong to it
    "divide": ([(1.0, 0.0)], []),
    "reciprocal": ([(0.0,)], []),
    "power": ([(-1.0, 0.5), (0.0, -1.0)], [(-2.0, 3.0), (0.0, 0.0), (-2.0, -1.0)]),
    "sqrt": ([(-1e-300,)], [(0.0,)]),
    "log": ([(0.0,), (-1.0,)], [(5e-324,)]),
    "log2": ([(0.0,), (-1.0,)], [(5e-324,)]),
    "log10": ([(0.0,), (-1.0,)], [(5e-324,)]),
    "log1p": ([(-1.0,), (-2.0,)], [(-0.9999999999,)]),
    "arcsin": ([(1.0000001,), (-2.0,)], [(1.0,), (-1.0,)]),
    "arccos": ([(1.0000001,), (-2.0,)], [(1.0,), (-1.0,)]),
    "arccosh": ([(0.9999999,), (-3.0,)], [(1.0,)]),
    "arctanh": ([(1.0,), (-1.0,), (2.0,)], [(0.9999999999,)]),
    "remainder": ([(1.0, 0.0)], []),
    "fmod": ([(1.0, 0.0)], []),
    "floor_divide": ([(1.0, 0.0)], []),
}


def test_every_domain_has_a_case():
    assert {name for name, gate in ROWS.items() if gate.domain} == set(OUTSIDE)


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_domain_is_where_numpy_has_a_finite_value(name):
    gate, (outside, edge) = ROWS[name], OUTSIDE[name]
    with np.errstate(all="ignore"):
        for point in outside:
            assert not gate.in_domain(*point)
            assert not np.isfinite(gate.function(*map(np.float64, point)))
        for point in edge:
            assert gate.in_domain(*point)
            assert np.isfinite(gate.function(*map(np.float64, point)))
    points = [np.array(axis) for axis in zip(*outside, *edge, strict=True)]
    np.testing.assert_array_equal(gate.in_domain(*points), [False] * len(outside) + [True] * len(edge))


@pytest.mark.parametrize("name", REFERENCE)
def test_the_points_of_the_cases_are_inside_and_off_the_kinks(name):
    for point in REFERENCE[name][1]:
        point = point if isinstance(point, tuple) else (point,)
        assert ROWS[name].in_domain(*point) == True  # noqa: E712  # np.True_
        assert ROWS[name].at_kink(*point) == False  # noqa: E712


@pytest.mark.parametrize("name", OUTSIDE)
def test_outside_the_domain_values_are_numpys(name):
    gate, point = ROWS[name], OUTSIDE[name][0][0]
    with np.errstate(all="ignore"):
        expected = gate.function(*map(np.float64, point))
        for f in (
            lambda *x: adlib.vjp(gate.function, *x),
            lambda *x: adlib.jvp(gate.function, x, [1.0] * len(x)),
        ):
            assert f(*point)[0] == pytest.approx(expected, nan_ok=True)
            assert type(f(*point)[0]) is float


@pytest.mark.parametrize(
    ("f", "x", "value"),
    [
        (np.sign, math.nan, math.nan),
        (np.maximum, (math.nan, 1.0), math.nan),
        (np.minimum, (1.0, math.nan), math.nan),
        (np.fmax, (math.nan, 1.0), 1.0),
        (gates.relu, math.nan, math.nan),
        (np.exp, 1000.0, math.inf),
        (np.cosh, 1000.0, math.inf),
        (lambda x: x**400, 1e10, math.inf),
        (lambda x: x * 1e300, 1e300, math.inf),
        (np.sin, math.inf, math.nan),
        (lambda x: 1 / x, -0.0, -math.inf),
        (np.log, 0.0, -math.inf),
        (np.sqrt, -1.0, math.nan),
        (lambda x, y: x // y, (1.0, 0.0), math.inf),
        (lambda x, y: x % y, (1.0, 0.0), math.nan),
        (lambda x: np.power(x, 0.5), -1.0, math.nan),
    ],
)
def test_values_are_numpys_where_pythons_arithmetic_raises(f, x, value):
    x = x if isinstance(x, tuple) else (x,)
    f = f.function if isinstance(f, Elementwise) else f
    with np.errstate(all="ignore"):
        for found in (adlib.vjp(f, *x)[0], adlib.jvp(f, x, [1.0] * len(x))[0]):
            assert found == pytest.approx(value, nan_ok=True)
            assert type(found) is float
        numpys = f(*map(np.float64, x))
        assert numpys == pytest.approx(value, nan_ok=True)


def test_numbers_that_a_formula_could_lose():
    assert adlib.grad(np.log1p)(1e-16) == 1.0
    assert adlib.grad(np.expm1)(1e-16) == 1.0
    assert adlib.grad(lambda x: np.logaddexp(x, 1000.0))(1000.0) == pytest.approx(0.5, rel=1e-13)
    assert adlib.grad(lambda x: np.logaddexp(x, -np.inf))(2.0) == 1.0
    assert adlib.grad(np.tanh)(20.0) == pytest.approx(1.6993417021166355e-17, rel=0.4)  # 1 - v² would be 0
    assert adlib.grad(np.hypot, (0, 1))(3e200, 4e200) == pytest.approx((0.6, 0.8), rel=1e-15)
    assert adlib.grad(np.arcsin)(1 - 2**-53) == pytest.approx(67108864.0, rel=1e-7)
