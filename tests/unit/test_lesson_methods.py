"""Gauss-Newton with conjugate gradients, Taylor series, and two estimators of a mean's derivative."""

import math
import operator

import mpmath
import numpy as np
import pytest

import adlib
from adlib.lesson import examples
from adlib.lesson.methods import (
    Series,
    conjugate_gradients,
    gauss_newton_product,
    pathwise,
    score_function,
    taylor,
)


def decay(p):
    return p[0] * np.exp(-p[1] * np.linspace(0.0, 2.0, 7)) - np.linspace(1.0, 0.2, 7)


@pytest.mark.parametrize("seed", range(5))
def test_the_gauss_newton_product_is_that_of_the_matrix(seed):
    rng = np.random.default_rng(seed)
    x, v, w = rng.normal(size=(3, 2))
    J = adlib.jacobian(decay)(x)
    np.testing.assert_allclose(gauss_newton_product(decay, x, v), J.T @ J @ v, rtol=1e-12)
    assert v @ gauss_newton_product(decay, x, v) >= 0
    np.testing.assert_allclose(
        v @ gauss_newton_product(decay, x, w), w @ gauss_newton_product(decay, x, v), rtol=1e-10
    )


def test_without_residuals_it_is_the_hessian():
    x = np.array([1.3, 0.7])
    exact = decay(x)

    def residuals(p):
        return decay(p) - exact

    H = adlib.hessian(lambda p: 0.5 * np.sum(residuals(p) ** 2))(x)
    for v in np.eye(2):
        np.testing.assert_allclose(gauss_newton_product(residuals, x, v), H @ v, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 20])
def test_conjugate_gradients_need_no_more_steps_than_unknowns(n):
    rng = np.random.default_rng(n)
    Q = np.linalg.qr(rng.normal(size=(n, n)))[0]
    M = Q @ np.diag(np.linspace(1.0, 5.0, n)) @ Q.T
    b = rng.normal(size=n)
    x, steps = conjugate_gradients(lambda v: M @ v, b, tolerance=1e-8)
    assert steps <= n
    np.testing.assert_allclose(M @ x, b, atol=1e-7)
    x, steps = conjugate_gradients(lambda v: M @ v, np.zeros(n))
    assert (steps, *x) == (0, *np.zeros(n))
    assert conjugate_gradients(lambda v: M @ v, b, steps=1)[1] == 1


def test_three_eigenvalues_take_three_steps_and_any_shape_will_do():
    weights = np.array([[1.0, 2.0, 4.0], [4.0, 1.0, 2.0]])
    b = np.arange(1.0, 7.0).reshape(2, 3)
    x, steps = conjugate_gradients(lambda v: weights * v, b)
    assert steps == 3
    np.testing.assert_allclose(x, b / weights)


def test_a_matrix_that_is_not_positive_is_found():
    with pytest.raises(ValueError, match=r"v·\(M v\) is -1 in step 1; M must be positive"):
        conjugate_gradients(lambda v: -v, np.array([1.0, 0.0]))


def test_gauss_newton_fits_a_decay():
    p = np.array([1.0, 1.0])
    for _ in range(20):
        r, pull = adlib.vjp(decay, p)
        step, _ = conjugate_gradients(lambda v, p=p: gauss_newton_product(decay, p, v), -pull(r)[0])
        p = p + step
    np.testing.assert_allclose(adlib.grad(lambda p: np.sum(decay(p) ** 2))(p), 0, atol=1e-9)


# -- Taylor series.

FUNCTIONS = [
    (lambda x, m: 2 + x * x * 3 - x, 0.7),
    (lambda x, m: 1 - x / (x + 2) + 1 / x, 0.7),
    (lambda x, m: m.exp(-x * x), 0.3),
    (lambda x, m: m.log(1 + x**2), -1.2),
    (lambda x, m: m.sin(x) * m.cos(2 * x), 0.4),
    (lambda x, m: m.sqrt(x) + x**2.5 + x**-1, 1.7),
    (lambda x, m: m.log(m.exp(x) + m.sin(x)) / m.cos(x), 0.2),
    (lambda x, m: x**3 + x**0, 0.0),
    (lambda x, m: 2 * m.sqrt(m.log(2 / m.sin(x**2))), 1.0),
]


@pytest.mark.parametrize("order", [0, 1, 2, 9])
@pytest.mark.parametrize(("f", "at"), FUNCTIONS)
def test_coefficients_to_50_digits(f, at, order):
    with mpmath.workdps(50):
        wanted = [float(c) for c in mpmath.taylor(lambda x: f(x, mpmath), mpmath.mpf(at), order)]
    np.testing.assert_allclose(taylor(lambda x: f(x, np), at, order), wanted, rtol=1e-11, atol=1e-13)


def random_series(rng, first=None):
    c = rng.normal(size=8)
    c[0] = first if first is not None else c[0]
    return Series(c)


@pytest.mark.parametrize("seed", range(10))
def test_the_rules_undo_and_agree_with_each_other(seed):
    rng = np.random.default_rng(seed)
    u, v = random_series(rng), random_series(rng, first=1.5)
    pairs = [
        ((u / v) * v, u),
        (np.log(np.exp(u)), u),
        (np.exp(np.log(v)), v),
        (np.sin(u) ** 2 + np.cos(u) ** 2, Series(np.eye(8)[0])),
        (np.sqrt(v) ** 2, v),
        (v**-2.0, 1 / (v * v)),
        (v**3, v * v * v),
        (u - v, -(v - u)),
        (np.exp(u + v), np.exp(u) * np.exp(v)),
        (np.sin(2 * u), 2 * np.sin(u) * np.cos(u)),
        (3 - u, -(u - 3)),
        (np.float64(2) * u + np.float64(1), u * 2 + 1),
    ]
    for k, (left, right) in enumerate(pairs):
        np.testing.assert_allclose(left.c, right.c, rtol=1e-8, atol=1e-8, err_msg=str(k))


@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_nested_derivatives_are_the_coefficients_times_factorials(order):
    g = f = lambda x: np.exp(np.sin(x)) / (1 + x * x)
    for _ in range(order):
        g = adlib.grad(g)
    assert math.isclose(math.factorial(order) * taylor(f, 0.6, order)[order], g(0.6), rel_tol=1e-12)


def test_a_constant_and_a_program_have_their_series():
    np.testing.assert_array_equal(taylor(lambda x: 5.0, 1.0, 2), [5, 0, 0])
    derivatives = taylor(examples.logistic, 0.2, 4)
    assert math.isclose(derivatives[1], adlib.grad(examples.logistic)(0.2), rel_tol=1e-13)
    with pytest.raises(TypeError, match="tanh"):
        taylor(np.tanh, 1.0, 2)


# -- Estimators.

NOISE = np.random.default_rng(7).standard_normal(200_000)


def shifted(mean, noise):
    return mean + 0.5 * noise


def log_normal(x, mean):
    return -(((x - mean) / 0.5) ** 2) / 2


def near(draws, truth):
    return abs(np.mean(draws) - truth) < 5 * np.std(draws) / len(draws) ** 0.5


@pytest.mark.parametrize("mean", [-1.0, 0.3, 2.0])
@pytest.mark.parametrize(
    ("h", "slope"),
    [
        (lambda x: x**2, lambda mean: 2 * mean),
        (np.sin, lambda mean: math.exp(-1 / 8) * math.cos(mean)),
        (np.exp, lambda mean: math.exp(mean + 1 / 8)),
    ],
)
def test_both_estimate_the_same_derivative(h, slope, mean):
    path = pathwise(h, shifted, mean, NOISE)
    score = score_function(h, shifted, log_normal, mean, NOISE)
    assert path.shape == score.shape == NOISE.shape
    assert near(path, slope(mean))
    assert near(score, slope(mean))
    assert np.var(score) > np.var(path)
    x = shifted(mean, NOISE[:50])
    np.testing.assert_allclose(score[:50], h(x) * (x - mean) / 0.25, rtol=1e-12)


def test_a_baseline_lowers_the_variance_and_leaves_the_mean():
    def h(x):
        return 10 + x**2

    plain = score_function(h, shifted, log_normal, 1.0, NOISE)
    less = score_function(h, shifted, log_normal, 1.0, NOISE, baseline=11.0)
    assert near(plain, 2.0)
    assert near(less, 2.0)
    assert np.var(less) < np.var(plain) / 40


def test_where_h_jumps_the_path_says_nothing_and_the_score_the_truth():
    density = math.exp(-((0.2 / 0.5) ** 2) / 2) / (0.5 * math.sqrt(2 * math.pi))

    def paid(x):
        return np.where(x > 1.0, 1.0, 0.0) + 0.0 * x

    assert np.all(pathwise(paid, shifted, 0.8, NOISE) == 0)
    assert near(score_function(paid, shifted, log_normal, 0.8, NOISE), density)


@pytest.mark.parametrize("operation", [operator.add, operator.mul, operator.sub, operator.truediv])
def test_plain_numbers_on_either_side(operation):
    u = Series([2.0, -1.0, 0.5])
    five = Series([5.0, 0.0, 0.0])
    np.testing.assert_allclose(operation(5, u).c, operation(five, u).c)
    np.testing.assert_allclose(operation(u, 5).c, operation(u, five).c)
