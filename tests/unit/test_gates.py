"""Every elementwise gate against 50-digit arithmetic, at its kinks, at the edges of its domain, in every type."""

import math
import operator
import string

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import adlib
from adlib import gates
from adlib.gates import GATES, Elementwise, conventions
from adlib.gates.gate import function
from adlib.numerical import richardson

mpmath.mp.dps = 50

# Two rows take a constant beside their argument: attach, and sinc_slope (tests/unit/test_removable.py).  The derivative
# of stop_gradient is not that of its value (tests/unit/test_cutting.py).
ROWS = {
    gate.name: gate
    for gate in GATES.values()
    if isinstance(gate, Elementwise) and gate not in (gates.attach, gates.sinc_slope, gates.stop_gradient)
}

# The point 0.9999 stands near the edge of a domain, 1e-3 near a pole, 40 where a naive formula loses all digits.
ANY = [-2.3, -0.7, 0.4, 1.9]
POSITIVE = [1e-3, 0.7, 3.2, 40.0]
PAIRS = [(1.3, 0.7), (-0.8, 2.1), (2.5, -1.7), (-1.1, -0.6)]


def _max(x, y):
    return x if x > y else y


def _min(x, y):
    return x if x < y else y


def _mod(x, y):
    return x - y * mpmath.floor(x / y)


def _fmod(x, y):
    q = x / y
    return x - y * (mpmath.floor(q) if q > 0 else mpmath.ceil(q))


def _log(base):
    return lambda x: mpmath.log(x) / mpmath.log(base)


REFERENCE = {
    "positive": (lambda x: +x, ANY),
    "negative": (lambda x: -x, ANY),
    "add": (operator.add, PAIRS),
    "subtract": (operator.sub, PAIRS),
    "multiply": (operator.mul, PAIRS),
    "divide": (operator.truediv, [*PAIRS, (1.0, 1e-3)]),
    "reciprocal": (lambda x: 1 / x, [-2.3, 1e-3, 0.4]),
    "square": (lambda x: x * x, ANY),
    "power": (lambda x, p: x**p, [(1.3, 0.7), (0.2, -1.4), (2.0, 3.0), (1e-3, 1.5), (2.0, 0.0), (7.0, 1.0)]),
    "sqrt": (mpmath.sqrt, POSITIVE),
    "cbrt": (lambda x: mpmath.sign(x) * mpmath.root(abs(x), 3), [*ANY, 1e-3]),
    "exp": (mpmath.exp, [*ANY, 40.0]),
    "exp2": (lambda x: mpf(2) ** x, ANY),
    "expm1": (mpmath.expm1, [*ANY, 1e-12]),
    "log": (mpmath.log, POSITIVE),
    "log2": (_log(2), POSITIVE),
    "log10": (_log(10), POSITIVE),
    "log1p": (mpmath.log1p, [*POSITIVE, -0.999, 1e-12]),
    "logaddexp": (lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)), [*PAIRS, (900.0, 901.0)]),
    "logaddexp2": (
        lambda x, y: mpmath.log(mpf(2) ** x + mpf(2) ** y) / mpmath.log(2),
        [*PAIRS, (2000.0, 2001.0)],
    ),
    "sin": (mpmath.sin, [*ANY, 40.0]),
    "cos": (mpmath.cos, [*ANY, 40.0]),
    "tan": (mpmath.tan, [*ANY, 1.57]),
    "arcsin": (mpmath.asin, [-0.9999, -0.4, 0.3, 0.9999]),
    "arccos": (mpmath.acos, [-0.9999, -0.4, 0.3, 0.9999]),
    "arctan": (mpmath.atan, [*ANY, 40.0]),
    "sinh": (mpmath.sinh, ANY),
    "cosh": (mpmath.cosh, ANY),
    "tanh": (mpmath.tanh, ANY),
    "arcsinh": (mpmath.asinh, [*ANY, 1e3]),
    "arccosh": (mpmath.acosh, [1.0001, 1.7, 40.0]),
    "arctanh": (mpmath.atanh, [-0.9999, -0.4, 0.3, 0.9999]),
    "arctan2": (mpmath.atan2, PAIRS),
    "hypot": (mpmath.hypot, [*PAIRS, (3e-3, 4.0), (0.0, 2.0)]),
    "circle": (lambda x: 1 - x * x, [*ANY, 0.9999]),
    "ratio": (operator.truediv, PAIRS),
    "sinc": (lambda x: mpmath.sincpi(x), [*ANY, 1e-3, 40.3]),
    "degrees": (mpmath.degrees, ANY),
    "radians": (mpmath.radians, ANY),
    "absolute": (abs, ANY),
    "sign": (mpmath.sign, ANY),
    "maximum": (_max, PAIRS),
    "minimum": (_min, PAIRS),
    "fmax": (_max, PAIRS),
    "fmin": (_min, PAIRS),
    "copysign": (lambda x, y: abs(x) * mpmath.sign(y), PAIRS),
    "remainder": (_mod, [*PAIRS, (1.0, 0.1), (7.5, -2.0)]),
    "fmod": (_fmod, [*PAIRS, (1.0, 0.1), (-7.5, 2.0)]),
    "floor": (mpmath.floor, ANY),
    "ceil": (mpmath.ceil, ANY),
    "trunc": (lambda x: mpmath.floor(x) if x > 0 else mpmath.ceil(x), ANY),
    "rint": (mpmath.nint, ANY),
    "floor_divide": (lambda x, y: mpmath.floor(x / y), PAIRS),
    "heaviside": (lambda x, y: mpf(x > 0), PAIRS),
    "relu": (lambda x: _max(x, mpf(0)), ANY),
}
CASES = [
    pytest.param(name, point if isinstance(point, tuple) else (point,), id=f"{name}-{point}")
    for name, (_, points) in REFERENCE.items()
    for point in points
]


def test_every_row_of_the_table_has_a_case():
    assert set(REFERENCE) == set(ROWS)


def exact(name, point, orders):
    """Differentiate the reference in 50 digits."""
    reference = REFERENCE[name][0]
    return mpmath.diff(reference, tuple(map(mpf, point)), orders, h=mpf(10) ** -20)


def close(found, expected, rel=3e-14):
    """Compare within a few units of the last place, or of rounding in the arguments where that is larger."""
    assert found == pytest.approx(float(expected), rel=rel, abs=1e-15)


def magnified(point):
    """By how much the last digit of an argument counts: near a pole, and in e^x at large x."""
    return (
        1e4
        if any(abs(abs(x) - 1) < 1e-3 or abs(x - 1.57) < 1e-3 for x in point)
        else max(1, *map(abs, point), 1)
    )


@pytest.mark.parametrize(("name", "point"), CASES)
def test_value_and_first_partials_in_both_modes(name, point):
    gate, units = ROWS[name], 3e-14 * magnified(point)
    value, pullback = adlib.vjp(gate.function, *point)
    adjoints = pullback(1.0)
    assert type(value) is float
    close(value, REFERENCE[name][0](*map(mpf, point)), units)
    for i, adjoint in enumerate(adjoints):
        seeds = [float(j == i) for j in range(len(point))]
        out, tangent = adlib.jvp(gate.function, point, seeds)
        partial = exact(name, point, tuple(int(s) for s in seeds))
        assert out == value
        assert type(adjoint) is type(tangent) is float
        close(adjoint, partial, units)
        close(tangent, partial, units)


@pytest.mark.parametrize(("name", "point"), CASES)
def test_second_partials_in_all_four_nestings(name, point):
    gate, n, units = ROWS[name], len(point), 2e-13 * magnified(point)
    unit = np.eye(n).tolist()
    expected = {
        (i, k): exact(name, point, tuple(map(int, np.add(unit[i], unit[k]))))
        for i in range(n)
        for k in range(n)
    }

    def pushed(i):
        return lambda *x: adlib.jvp(gate.function, x, unit[i])[1]

    def pulled(i):
        return lambda *x: adlib.vjp(gate.function, *x)[1](1.0)[i]

    for (i, k), number in expected.items():
        for inner in (pushed(i), pulled(i)):
            close(adlib.jvp(inner, point, unit[k])[1], number, units)
            close(adlib.vjp(inner, *point)[1](1.0)[k], number, units)


@pytest.mark.parametrize(("name", "point"), CASES)
def test_arrays_give_the_same_numbers_as_floats(name, point):
    gate = ROWS[name]
    arrays = [np.array([x, x]) for x in point]
    value, pullback = adlib.vjp(gate.function, *arrays)
    scalar, scalar_pullback = adlib.vjp(gate.function, *point)
    np.testing.assert_allclose(value, [scalar, scalar], rtol=1e-14)
    ybar = np.array([1.0, -2.0])
    for i, (found, one) in enumerate(zip(pullback(ybar), scalar_pullback(1.0), strict=True)):
        np.testing.assert_allclose(found, ybar * one, rtol=1e-13)
        seeds = [ybar if j == i else 0 * ybar for j in range(len(point))]
        np.testing.assert_allclose(adlib.jvp(gate.function, arrays, seeds)[1], ybar * one, rtol=1e-13)


@pytest.mark.parametrize("name", REFERENCE)
def test_difference_quotients_agree(name):
    point = REFERENCE[name][1][-1 if name == "reciprocal" else 1]
    point = point if isinstance(point, tuple) else (point,)
    gradient = adlib.vjp(ROWS[name].function, *point)[1](1.0)
    for i, slope in enumerate(gradient):
        found = richardson(ROWS[name].function, point, i, h=0.01)
        assert slope == pytest.approx(found.value, rel=1e-8, abs=1e-8)


# --- Types ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize(
    "make",
    [np.float64, np.float32, lambda x: np.array(x, np.float32), lambda x: np.array([x], np.float32)],
    ids=["float64", "float32", "0-d float32", "1-d float32"],
)
def test_types_stay(name, make):
    gate, point = ROWS[name], REFERENCE[name][1][1]
    point = tuple(map(make, point if isinstance(point, tuple) else (point,)))
    seeds = tuple(np.ones_like(x)[()] for x in point)
    value, pullback = adlib.vjp(gate.function, *point)
    results = [value, *pullback(np.ones_like(value)[()]), *adlib.jvp(gate.function, point, seeds)]
    for result in results:
        assert result.dtype == point[0].dtype
        assert result.shape == point[0].shape
    again = adlib.vjp(lambda *x: adlib.vjp(gate.function, *x)[1](np.ones_like(value)[()])[0], *point)
    assert again[0].dtype == again[1](np.ones_like(value)[()])[0].dtype == point[0].dtype


@pytest.mark.parametrize("make", [float, np.float64, np.float32, lambda x: np.array([x, 2 * x])])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (lambda x: x * 2, 2.0),
        (lambda x: 2 * x, 2.0),
        (lambda x: x**2, 3.0),
        (lambda x: np.power(x, 3), 6.75),
        (lambda x: 2**x, 2**1.5 * math.log(2)),
        (lambda x: x**0, 0.0),
        (lambda x: x**-1, -1 / 2.25),
        (lambda x: x + True, 1.0),
        (lambda x: 1 - x, -1.0),
        (lambda x: 1 / x, -1 / 2.25),
        (lambda x: np.maximum(x, 0), 1.0),
        (lambda x: np.where(x > 0, x, 0), 1.0),
        (lambda x: np.where(x < 0, x, 0), 0.0),
        (lambda x: np.minimum(x, 1), 0.0),
        (lambda x: np.clip(x, 0, 5), 1.0),
    ],
)
def test_integer_and_truth_constants_mix_in(f, slope, make):
    x = make(1.5)
    one = 1.0 if isinstance(x, float) else np.ones_like(x)[()]
    value, tangent = adlib.jvp(f, (x,), (one,))
    again, pullback = adlib.vjp(f, x)
    (adjoint,) = pullback(one)
    tolerance = 1e-6 if getattr(x, "dtype", None) == np.float32 else 1e-14
    for y in (value, tangent, again, adjoint):
        assert type(y) is type(x)
        assert getattr(y, "dtype", None) == getattr(x, "dtype", None)
    assert np.ravel(tangent)[0] == pytest.approx(slope, rel=tolerance)
    assert np.ravel(adjoint)[0] == pytest.approx(slope, rel=tolerance)


def test_arrays_of_truth_values_and_integers_are_constants():
    x, mask, count = np.array([1.0, 2.0, 3.0]), np.array([True, False, True]), np.array([3, 0, 2])
    np.testing.assert_array_equal(adlib.grad(lambda t: np.sum(t * mask))(x), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(adlib.grad(lambda t: np.sum(count * t))(x), [3.0, 0.0, 2.0])
    np.testing.assert_array_equal(adlib.grad(lambda t: np.sum(t**count))(x), [3.0, 0.0, 6.0])
    np.testing.assert_array_equal(adlib.grad(lambda t: np.sum(np.where(mask, t, count)))(x), [1.0, 0.0, 1.0])


# --- Kinks and edges --------------------------------------------------------------------------------------------

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


def test_mixed_derivative_of_power_where_the_exponent_is_zero():
    mixed = adlib.grad(lambda p: adlib.grad(np.power)(2.0, p))
    assert mixed(0.0) == pytest.approx(0.5, rel=1e-15)  # (1 + p log x) xᵖ⁻¹
    assert mixed(1.0) == pytest.approx(1 + math.log(2), rel=1e-15)


@pytest.mark.parametrize(("n", "expected"), [(0, 1.0), (1, 0.0), (2, 0.0), (3, 0.0)])
def test_powers_at_zero_have_every_derivative(n, expected):
    f = lambda x: x**3  # noqa: E731
    derivatives = [f]
    for _ in range(4):
        derivatives.append(adlib.grad(derivatives[-1]))
    assert [d(0.0) for d in derivatives] == [0.0, 0.0, 0.0, 6.0, 0.0]
    assert adlib.grad(lambda x: x**n)(0.0) == float(n == 1)
    assert np.power(0.0, n) == expected


def test_aliases_share_the_row():
    for alias, name in {
        np.fabs: "absolute",
        np.rad2deg: "degrees",
        np.deg2rad: "radians",
        np.true_divide: "divide",
        np.mod: "remainder",
        np.abs: "absolute",
        np.asinh: "arcsinh",
        np.pow: "power",
    }.items():
        assert GATES[alias] is ROWS[name]


def test_gates_can_be_called():
    assert gates.sin(0.5) == math.sin(0.5)
    assert repr(gates.sin) == "<gate sin>"
    np.testing.assert_array_equal(gates.relu(np.array([-1.0, 2.0])), [0.0, 2.0])


def test_every_notation_has_a_place_for_each_operand():
    for gate in GATES.values():
        places = [
            field for _, field, _, _ in string.Formatter().parse(gate.notation.template) if field is not None
        ]
        assert len(places) == len(gate.notation.operands), gate
        if isinstance(gate, Elementwise):
            assert len(places) == len(gate.partials), gate
        else:
            assert len(places) == max(1, len(getattr(gate, "transposes", ()))), gate


def test_a_row_may_have_three_operands(monkeypatch):
    """v = x y + z, as one gate: nothing else has to know."""

    def fused(x, y, z):
        return x * y + z

    fused = function(fused)
    gate = Elementwise(
        fused, lambda x, y, z, v: y, lambda x, y, z, v: x, 1, scalar=lambda x, y, z: x * y + z, name="fused"
    )
    monkeypatch.setitem(GATES, fused, gate)
    assert adlib.grad(fused, (0, 1, 2))(2.0, 3.0, 4.0) == (3.0, 2.0, 1.0)
    assert adlib.jvp(fused, (2.0, 3.0, 4.0), (1.0, 10.0, 100.0)) == (10.0, 123.0)
    adlib.check_grads(fused, (np.array([1.0, 2.0]), np.array([[3.0], [4.0]]), 0.5), order=2)
    x = adlib.symbols("x")
    assert str(fused(x, 2.0, 1.0)) == "fused(x, 2, 1)"
    assert str(adlib.trace(fused, 2.0, 3.0, 4.0).output.value) == "10.0"
