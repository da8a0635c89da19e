"""Types: float32 stays float32, a float stays a float, and integers beside them are constants."""

import math

import numpy as np
import pytest

import adlib
from tests.unit.cases import CASES
from tests.unit.cases.elementwise import REFERENCE, ROWS

X = np.array([1.0, 2.0, 3.0])


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


@pytest.mark.parametrize("name", CASES)
def test_float32_stays(name):
    f, *args = CASES[name]
    narrow = [np.float32(a) if isinstance(a, float) else a.astype(np.float32) for a in args]
    value, pullback = adlib.vjp(f, *narrow)
    plain = f(*narrow)
    if all(np.asarray(p).dtype == np.float32 for p in (plain if isinstance(plain, list) else [plain])):
        ones = [np.ones_like(v) for v in value] if isinstance(value, list) else np.ones_like(value)
        tangent = adlib.jvp(f, narrow, [np.ones_like(a) for a in narrow])[1]
        parts = tangent if isinstance(tangent, list) else [tangent]
        values = value if isinstance(value, list) else [value]
        for found in (*pullback(ones), *parts, *values):
            assert found.dtype == np.float32


def test_reductions_convert_before_they_add():
    """A float32 sum with dtype=float64 is a float64, and its gradient a float32 again."""
    x = np.array([1.0, 1e-9, -1.0], np.float32)
    for f, right in ((np.sum, 1e-9), (np.mean, 1e-9 / 3)):
        value, gradient = adlib.value_and_grad(lambda x, f=f: f(x, dtype=np.float64))(x)
        assert (value.dtype, gradient.dtype) == (np.float64, np.float32)
        assert value == pytest.approx(right, rel=1e-6)
    assert adlib.vjp(lambda x: np.var(x, dtype=np.float64), x)[0].dtype == np.float64


@pytest.mark.parametrize(
    "f", [lambda x: np.sum(x * 0.2), lambda x: np.sum(np.max(x, axis=0)), lambda x: np.sum(x**2)]
)
def test_float32_stays_beside_wider_constants(f):
    """HIPS/autograd#163 (sum of squares), #199 (max), AutoGrad.jl#69 (a constant of double precision)."""
    x = np.ones((3, 3), np.float32)
    assert adlib.grad(f)(x).dtype == np.float32
    assert adlib.jvp(f, (x,), (x,))[1].dtype == np.float32


def test_arrays_without_axes():
    for x in (np.array(3.0), np.float64(3.0)):
        g = adlib.grad(lambda x: x * x)(x)
        assert type(g) is type(x)
        assert g == 6.0
    assert adlib.hessian(lambda x: x**3)(np.array(2.0)) == 12.0


class Labelled(np.ndarray):
    """A harmless subclass."""


def test_subclasses_that_change_nothing():
    x = X.view(Labelled)
    g = adlib.grad(lambda a: np.sum(a * a * x))(x)
    assert type(g) is np.ndarray
    np.testing.assert_array_equal(g, 2 * X * X)


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
