"""Optional arguments, square shapes and rare values: what NumPy computes is computed, with its derivatives.

Arguments are crossed rather than chosen, and shapes are square, because a mistake about axes that raises an error
for other shapes is silent for these.
"""

import itertools

import numpy as np
import pytest

import adlib

RNG = np.random.default_rng(7)
CUBE = RNG.uniform(0.5, 2.0, (3, 3, 3))
SQUARE = CUBE[0]
LINE = SQUARE[0]


def agrees(f, *xs, rtol=1e-13):
    """Value as NumPy's; jvp, vjp and central differences agree."""
    expected = f(*xs)
    values, pullback = adlib.vjp(f, *xs)
    vs = [np.cos(np.arange(x.size) + k).reshape(x.shape)[()] for k, x in enumerate(map(np.asarray, xs))]
    tangents = adlib.jvp(f, xs, vs)[1]
    seeds = expected if isinstance(expected, tuple) else (expected,)
    ybars = [np.sin(1.0 + np.arange(np.size(e))).reshape(np.shape(e))[()] for e in seeds]
    one = not isinstance(expected, tuple)
    for y, e in zip((values,) if one else values, seeds, strict=True):
        np.testing.assert_allclose(y, e, rtol=rtol)
        assert np.shape(y) == np.shape(e)
    adjoints = pullback(ybars[0] if one else tuple(ybars))
    back = sum(float(np.sum(a * v)) for a, v in zip(adjoints, vs, strict=True))
    forth = sum(float(np.sum(b * t)) for b, t in zip(ybars, (tangents,) if one else tangents, strict=True))
    assert back == pytest.approx(forth, rel=1e-11, abs=1e-11)
    h = 1e-6
    there = [f(*[x + s * h * v for x, v in zip(xs, vs, strict=True)]) for s in (1, -1)]
    ends = [(e,) if one else e for e in there]
    slope = sum(float(np.sum(b * (p - m))) / (2 * h) for b, p, m in zip(ybars, *ends, strict=True))
    assert back == pytest.approx(slope, rel=2e-7, abs=2e-7)


AXES = [None, 0, 1, 2, -1, (0, 1), (1, 0), (2, 0), (0, 2), (-1, 0), (0, 1, 2), (2, 0, 1), (1, 2, 0)]


@pytest.mark.parametrize("axis", AXES, ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
def test_average_takes_weights_in_the_order_of_its_axes(axis, keepdims):
    axes = (0, 1, 2) if axis is None else (axis,) if isinstance(axis, int) else axis
    weights = RNG.uniform(0.5, 2.0, tuple(CUBE.shape[a] for a in axes))
    agrees(lambda x, w: np.average(x, axis, w, keepdims=keepdims), CUBE, weights)
    agrees(lambda x, w: np.average(x, axis, w, returned=True, keepdims=keepdims), CUBE, weights)
    agrees(lambda x, w: np.average(x, axis, w, keepdims=keepdims), CUBE, RNG.uniform(0.5, 2.0, CUBE.shape))
    agrees(lambda x: np.average(x, axis, keepdims=keepdims), CUBE)


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize("shape", [(3, 3, 3), (3, 3), (2, 2), (4, 3)], ids=str)
def test_trapezoid_spreads_its_steps_as_numpy_does(axis, shape):
    if not -len(shape) <= axis < len(shape):
        return
    y = RNG.uniform(0.5, 2.0, shape)
    n = shape[axis]
    agrees(lambda y: np.trapezoid(y, axis=axis), y)
    agrees(lambda y, dx: np.trapezoid(y, dx=dx, axis=axis), y, 0.3)
    points = np.cumsum(RNG.uniform(0.5, 2.0, n))
    agrees(lambda y, x: np.trapezoid(y, x, axis=axis), y, points)
    agrees(lambda y, x: np.trapezoid(y, x, axis=axis), y, np.cumsum(RNG.uniform(0.5, 2.0, shape), axis=axis))
    for steps in ((n - 1,), (n - 1, 1), (1, n - 1), (1,), (2,), (2, 1)):
        dx = RNG.uniform(0.5, 2.0, steps)
        try:
            np.trapezoid(y, dx=dx, axis=axis)
        except ValueError:
            with pytest.raises(ValueError, match="broadcast"):
                adlib.vjp(lambda y: np.trapezoid(y, dx=dx, axis=axis), y)  # noqa: B023
        else:
            agrees(lambda y, dx: np.trapezoid(y, dx=dx, axis=axis), y, dx)


@pytest.mark.parametrize(
    ("x", "n"),
    [
        (1e-300, 1100),
        (1e300, -1100),
        (3.0, -1074),
        (1.0, 1023),
        (2.0**-1074, 2000),
        (1.5, 3),
        (-0.75, -7),
        (1.0, 5000),
        (1.0, -5000),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_ldexp_reaches_as_far_as_numpys(x, n):
    assert adlib.vjp(lambda x: np.ldexp(x, n), x)[0] == np.ldexp(x, n)
    assert adlib.grad(lambda x: np.ldexp(x, n))(x) == np.ldexp(1.0, n)
    np.testing.assert_array_equal(
        adlib.vjp(lambda x: np.ldexp(x, np.array([n, 2])), np.array([x, 1.0]))[0], np.ldexp([x, 1.0], [n, 2])
    )


HOLES = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, np.nan], [2.0, 5.0, np.nan]])
REDUCTIONS = (np.nanmax, np.nanmin, np.nansum, np.nanmean, np.nanprod, np.nanvar, np.nanstd, np.nanmedian)


@pytest.mark.parametrize("reduction", REDUCTIONS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("axis", [None, 0, 1, -1])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_nothing_is_left_but_nan(reduction, axis, keepdims):
    for x in (HOLES, HOLES.T, np.full((2, 2), np.nan), np.array([[np.nan, -np.inf], [np.inf, 0.0]])):
        found = adlib.vjp(lambda x: reduction(x, axis=axis, keepdims=keepdims), x)[0]
        np.testing.assert_allclose(found, reduction(x, axis=axis, keepdims=keepdims), rtol=1e-14)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_row_of_nan_takes_nothing_from_the_others():
    gradient = adlib.grad(lambda x: np.nansum(np.nanmax(x, axis=1)))(HOLES)
    np.testing.assert_array_equal(gradient, [[0, 0, 1], [0, 0, 0], [0, 1, 0]])


@pytest.mark.parametrize(
    ("knots", "ends"),
    list(itertools.product([1, 2, 3], [{}, {"left": -7.0}, {"right": 9.0}, {"left": 0.5, "right": 2}])),
)
def test_interp_with_few_knots(knots, ends):
    xp, fp = np.array([1.0, 2.0, 4.0])[:knots], np.array([3.0, -1.0, 0.5])[:knots]
    x = np.array([0.3, 1.4, 3.1, 5.0])
    agrees(lambda x, fp: np.interp(x, xp, fp, **ends), x, fp)
    for number in (0.3, 1.4, 3.1, 5.0):
        agrees(lambda x: np.interp(x, xp, fp, **ends), number)
    at_the_knot = adlib.vjp(lambda x: np.interp(x, xp, fp, **ends), 1.0)[0]
    assert at_the_knot == np.interp(1.0, xp, fp, **ends)


PIECES = [
    (lambda x: [x < 0.7, x >= 0.7], [lambda x: x**2, lambda x: np.sin(x)]),
    (lambda x: [x < 0.7], [lambda x: x**2, lambda x: np.sin(x)]),
    (lambda x: [x < 0.7], [lambda x: x**2]),
    (lambda x: [x < 0.2, x > 5], [lambda x: x**2, 3.0, lambda x: -x]),
    (lambda x: [x > 0.1, x > 0.4], [lambda x: x**2, lambda x: 5 * x]),
]


@pytest.mark.parametrize(("conditions", "functions"), PIECES)
@pytest.mark.parametrize(
    "x", [0.3, 0.5, 0.9, np.float64(0.5), np.array(0.5), np.array([0.3, 0.5, 0.9])], ids=str
)
def test_piecewise_of_a_number(conditions, functions, x):
    agrees(lambda x: np.piecewise(x, conditions(x), functions), x)


def test_piecewise_takes_one_bare_condition():
    agrees(lambda x: np.piecewise(x, x > 0.4, [lambda x: x**2, lambda x: -x]), 0.5)
    agrees(lambda x: np.piecewise(x, x > 0.4, [lambda x: x**2, lambda x: -x]), LINE)


@pytest.mark.parametrize("values", [2.0, np.full(3, 2.0), np.array([[1.0, 1.0], [1.0, 2.0]])], ids=str)
@pytest.mark.parametrize("reduction", [np.std, np.nanstd])
def test_equal_values_have_a_slope_of_zero(values, reduction):
    axis = -1 if np.ndim(values) == 2 else None
    value, pullback = adlib.vjp(lambda x: reduction(x, axis=axis), values)
    np.testing.assert_allclose(value, reduction(values, axis=axis))
    (adjoint,) = pullback(np.ones_like(value))
    tangent = adlib.jvp(lambda x: reduction(x, axis=axis), (values,), (np.ones_like(values)[()],))[1]
    assert np.all(np.isfinite(adjoint))
    assert np.all(np.isfinite(tangent))
    if np.ndim(values) == 2:
        np.testing.assert_allclose(adjoint, [[0, 0], [-0.5, 0.5]])
    else:
        np.testing.assert_array_equal(adjoint, np.zeros_like(values))


# --- Indices, masks and other fixed arrays, in everything that looks at a program ----------------------------------

FIXED_ARRAYS = {
    "a mask": lambda x: np.sum(x[x > 0] ** 2),
    "an index array": lambda x: np.sum(x[np.array([0, 2])] ** 2),
    "a list of indices": lambda x: np.sum(x[[0, 1]] ** 2),
    "an empty index array": lambda x: np.sum(x[np.array([], int)]) + x[0] ** 2,
    "an empty mask": lambda x: np.sum(x[np.zeros(3, bool)]) + x[0] ** 2,
    "argmax": lambda x: x[np.argmax(x)] ** 2,
    "a median": lambda x: np.median(x) ** 2,
    "take": lambda x: np.sum(np.take(x, np.array([2, 0])) ** 2),
    "sort": lambda x: np.sort(x)[0] ** 2,
    "quantile": lambda x: np.quantile(x, 0.3) ** 2,
    "diag": lambda x: np.sum(np.diag(x) ** 2),
    "repeat": lambda x: np.sum(np.repeat(x, np.array([1, 2, 1])) ** 2),
    "delete": lambda x: np.sum(np.delete(x, np.array([1])) ** 2),
    "pad": lambda x: np.sum(np.pad(x, np.array([1, 2])) ** 2),
    "select": lambda x: np.sum(np.select([x > 0], [x**2], -x)),
    "roll": lambda x: np.sum(np.roll(x, np.array([1])) * x),
    "two index arrays": lambda x: np.sum(np.outer(x, x)[np.array([0, 1]), np.array([1, 2])]),
    "ellipsis and None": lambda x: np.sum(x[..., None] ** 2),
}


@pytest.mark.parametrize("f", FIXED_ARRAYS.values(), ids=FIXED_ARRAYS)
def test_programs_with_fixed_arrays_can_be_looked_at(f):
    x = np.array([0.5, -1.0, 2.0])
    expected = adlib.grad(f)(x)
    t = adlib.trace(f, x)
    for shown in (t, t.primal(), t.tangent((np.ones(3),)), t.adjoint()):
        assert len(str(shown).splitlines()) >= 3
        assert "<table" in shown._repr_html_()
    np.testing.assert_allclose(t.gradient()[0], expected)
    assert len(t.graph()) == len(t)
    assert str(adlib.diagnose(f, x))


def test_piecewise_takes_conditions_for_whole_rows():
    x, rows = np.array([[0.3, 1.7], [0.2, 2.0]]), [np.array([True, False])]
    f = lambda x: np.piecewise(x, rows, [lambda t: t * t, 0.5])  # noqa: E731
    agrees(f, x)
    np.testing.assert_array_equal(adlib.vjp(f, x)[0], f(x))
