"""Near points where a formula fails though the function does not: derivatives 1 to 4 beside 50-digit arithmetic.

A quotient that is 0/0 at a point, two contributions that cancel, a root of a square: the first derivative may look
right and the next be nonsense.  So every smooth row is differentiated four times, near 0 and near the edges of its
domain, in several nestings of the modes.
"""

import itertools
import math

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import adlib
from adlib import gates
from adlib.gates import GATES, Elementwise

INF, NAN = math.inf, math.nan

NEAR_ZERO = (0.0, 1e-12, -1e-12, 1e-8, -1e-4, 0.03)
NEAR_ONE = (1 - 1e-12, 1 - 1e-6, -1 + 1e-9)
SMOOTH = {
    "sinc": (mpmath.sincpi, (*NEAR_ZERO, 0.6, 0.64, -1.0, 1.0, 7.3)),
    "tanh": (mpmath.tanh, (*NEAR_ZERO, 3.0, -9.0)),
    "arcsin": (mpmath.asin, (*NEAR_ZERO, *NEAR_ONE)),
    "arccos": (mpmath.acos, (*NEAR_ZERO, *NEAR_ONE)),
    "arctanh": (mpmath.atanh, (*NEAR_ZERO, *NEAR_ONE)),
    "arctan": (mpmath.atan, (*NEAR_ZERO, 1e3)),
    "arcsinh": (mpmath.asinh, (*NEAR_ZERO, 1e3)),
    "arccosh": (mpmath.acosh, (1 + 1e-6, 1.5, 1e3)),
    "sin": (mpmath.sin, NEAR_ZERO),
    "cos": (mpmath.cos, NEAR_ZERO),
    "tan": (mpmath.tan, NEAR_ZERO),
    "sinh": (mpmath.sinh, NEAR_ZERO),
    "cosh": (mpmath.cosh, NEAR_ZERO),
    "exp": (mpmath.exp, NEAR_ZERO),
    "exp2": (lambda x: mpf(2) ** x, NEAR_ZERO),
    "expm1": (mpmath.expm1, NEAR_ZERO),
    "log1p": (mpmath.log1p, (*NEAR_ZERO, -1 + 1e-9)),
    "log": (mpmath.log, (1e-9, 1.0, 1 + 1e-9)),
    "log2": (lambda x: mpmath.log(x) / mpmath.log(2), (1e-9, 1.0, 1 + 1e-9)),
    "log10": (mpmath.log10, (1e-9, 1.0, 1 + 1e-9)),
    "sqrt": (mpmath.sqrt, (1e-9, 1.0)),
    "cbrt": (mpmath.cbrt, (1e-9, 1.0)),
    "reciprocal": (lambda x: 1 / x, (1e-9, -1e-3)),
    "square": (lambda x: x * x, NEAR_ZERO),
    "circle": (lambda x: 1 - x * x, (*NEAR_ZERO, *NEAR_ONE)),
}
# Linear, or made of pieces: nothing there can cancel.
STRAIGHT = {
    *(
        "positive",
        "negative",
        "stop_gradient",
        "degrees",
        "radians",
        "absolute",
        "sign",
        "floor",
        "ceil",
        "trunc",
        "rint",
        "relu",
    ),
}


def test_every_row_of_one_argument_is_here():
    unary = {g.name for g in GATES.values() if isinstance(g, Elementwise) and g.unary}
    assert unary == set(SMOOTH) | STRAIGHT


def forward(f):
    return lambda x: adlib.jvp(f, (x,), (1.0,))[1]


def differentiated(f, modes):
    for mode in modes:
        f = {"f": forward, "r": adlib.grad}[mode](f)
    return f


NESTINGS = [n for k in range(1, 5) for n in itertools.product("fr", repeat=k)]
CHOSEN = [
    n for n in NESTINGS if len(n) <= 2 or n in [tuple("fff"), tuple("rrf"), tuple("ffff"), tuple("rfrf")]
]


@pytest.mark.parametrize(("name", "x"), [(n, x) for n, (_, xs) in SMOOTH.items() for x in xs])
def test_four_derivatives_keep_their_digits(name, x):
    function = next(g.function for g in GATES.values() if g.name == name)
    reference = SMOOTH[name][0]
    with mpmath.workdps(150):  # differences, with a step far below the distance to any edge
        exact = [float(mpmath.diff(reference, mpf(x), k, h=mpf(10) ** -30)) for k in range(5)]
    for modes in CHOSEN:
        found = differentiated(function, modes)(x)
        expected = exact[len(modes)] if abs(exact[len(modes)]) > 1e-25 else 0.0
        assert found == pytest.approx(expected, rel=2e-9, abs=1e-25), "".join(modes)


@pytest.mark.parametrize("n", range(8))
@pytest.mark.parametrize("x", [0.0, 1e-9, 0.2, 0.6365, 0.6367, 0.9, -1.4, 3.0, 50.5])
def test_the_slopes_of_sinc(n, x):
    exact = float(
        mpmath.quad(
            lambda u: (mpmath.pi * u) ** n * mpmath.cos(mpmath.pi * u * x + n * mpmath.pi / 2),
            np.linspace(0, 1, 60).tolist(),
        )
    )
    scale = math.pi**n / (n + 1)
    found = gates.sinc_slope(x, n)
    assert found == pytest.approx(exact, abs=1e-13 * scale)
    assert gates.sinc_slope(np.array([x, x], np.float32), n).dtype == np.float32


def test_sinc_is_numpys_and_stays_in_its_type():
    x = np.linspace(-3, 3, 31)
    np.testing.assert_array_equal(adlib.vjp(np.sinc, x)[0], np.sinc(x))
    assert adlib.grad(lambda x: np.sum(np.sinc(x)))(x.astype(np.float32)).dtype == np.float32
    adlib.check_grads(np.sinc, (x,), order=3)


# --- Partial derivatives of two arguments, far out and near 0 ------------------------------------------------------


@pytest.mark.parametrize("size", [1e-200, 1e-20, 1.0, 1e20, 1e200])
def test_angles_and_lengths_have_no_scale(size):
    y, x = 3.0 * size, -4.0 * size
    assert adlib.grad(np.arctan2, (0, 1))(y, x) == pytest.approx((-0.16 / size, -0.12 / size), rel=1e-14)
    assert adlib.grad(np.hypot, (0, 1))(y, x) == pytest.approx((0.6, -0.8), rel=1e-14)


# --- Norms: slope 0 at the zero vector, and nothing swallowed -------------------------------------------------------

NORMS = {
    "norm": np.linalg.norm,
    "norm(ord=2)": lambda x: np.linalg.norm(x, 2),
    "norm(ord=3)": lambda x: np.linalg.norm(x, 3),
    "norm(axis=)": lambda x: np.linalg.norm(x, axis=0),
    "Frobenius": lambda x: np.linalg.norm(np.reshape(x, (1, -1)), "fro"),
    "vector_norm": np.linalg.vector_norm,
    "matrix_norm": lambda x: np.linalg.matrix_norm(np.reshape(x, (1, -1))),
    "hypot": lambda x: np.hypot(x[0], x[1]),
    "std": np.std,
    "std(ddof=)": lambda x: np.std(x, ddof=1),
    "std(where=)": lambda x: np.std(x, where=np.array([True, True])),
    "nanstd": np.nanstd,
}
OUTER = {
    "itself": (lambda r: r, 0.0),
    "squared": (lambda r: r**2, 0.0),
    "its inverse": (lambda r: 1 / r, NAN),
    "its logarithm": (np.log, NAN),
    "its root": (np.sqrt, NAN),
    "times nan": (lambda r: NAN * r, NAN),
    "times infinity": (lambda r: INF * r, NAN),
    "plus infinity": (lambda r: r + INF, 0.0),
}
every_norm = pytest.mark.parametrize("norm", NORMS.values(), ids=NORMS)


@every_norm
@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_both_modes_say_the_same_at_a_norm_that_is_zero(norm, outer):
    g, slope = OUTER[outer]
    f = lambda x: g(norm(x))  # noqa: E731
    x = np.zeros(2)
    np.testing.assert_array_equal(adlib.grad(f)(x), [slope, slope])
    np.testing.assert_array_equal(adlib.jacobian(f)(x), [slope, slope])


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_row_of_zeros_spoils_no_other_row():
    found = adlib.grad(lambda x: np.sum(1 / np.linalg.norm(x, axis=1)))(np.array([[0.0, 0.0], [3.0, 4.0]]))
    np.testing.assert_allclose(found, [[NAN, NAN], [-0.024, -0.032]], rtol=1e-14)


@every_norm
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_a_norm_is_zero_its_curvature_is_no_number(norm):
    """The second derivative does not exist; 0, for norm(x)**2 whose Hessian is 2, would be a silent wrong number."""
    for g in (lambda x: norm(x), lambda x: norm(x) ** 2):
        assert not np.any(np.isfinite(np.diagonal(adlib.hessian(g)(np.zeros(2)))))


@every_norm
def test_elsewhere_a_norm_has_two_derivatives(norm):
    adlib.check_grads(norm, (np.array([0.7, -1.2]),), order=2)


@every_norm
def test_diagnose_names_the_convention(norm):
    found = str(adlib.diagnose(norm, np.zeros(2)))
    assert (
        "adlib answers: slope 0 at the zero vector" in found or "both partials are 0 at the origin" in found
    )
