"""At zero: powers, products, norms and quotients, where a formula fails and the function does not."""

import math

import numpy as np
import pytest

import adlib

X = np.array([1.0, 2.0, 3.0])


def D(f, x):
    """The derivative, by forward mode."""
    return adlib.jvp(f, (x,), (1.0,))[1]


POWERS = [
    # base, exponent, by base, by exponent
    (0.0, 2.0, 0.0, 0.0),
    (0.0, 1.0, 1.0, 0.0),
    (0.0, 0.5, math.inf, 0.0),
    (0.0, 0.0, 0.0, 0.0),  # a convention: 0**p jumps from 1 to 0 there
    (0.0, -1.0, -math.inf, -math.inf),
    (-2.0, 2.0, -4.0, math.nan),
    (-2.0, 3.0, 12.0, math.nan),
]


@pytest.mark.parametrize(("x", "p", "by_x", "by_p"), POWERS)
def test_powers_of_zero(x, p, by_x, by_p):
    """stan#3031, ChainRules.jl#513, ForwardDiff.jl#414, pytorch#27134, clad#1383: nan where a limit exists."""
    with np.errstate(all="ignore"):
        for f, a, expected in ((lambda x: x**p, x, by_x), (lambda p: x**p, p, by_p)):
            for found in (adlib.grad(f)(a), D(f, a), adlib.grad(lambda a: np.sum(f(a)))(np.array([a]))[0]):  # noqa: B023
                np.testing.assert_equal(found, expected)


@pytest.mark.parametrize("d", [D, lambda f, x: adlib.grad(f)(x)], ids=["forward", "reverse"])
def test_every_derivative_of_a_power_at_zero(d):
    """ForwardDiff.jl#331: the (n + 1)-th derivative of x**n was nan; johnhenry/mallory#74: that of x**0."""
    for n in range(5):
        f = lambda x, n=n: x**n  # noqa: E731
        for k in range(n + 2):
            expected = math.factorial(n) if k == n else 0.0
            g = f
            for _ in range(k):
                g = lambda x, g=g: d(g, x)  # noqa: E731
            assert g(0.0) == expected
    assert d(lambda x: (x - np.floor(x)) ** 0, 1.0) == 0.0  # jax#12409


@pytest.mark.parametrize(("n", "expected"), [(0, 1.0), (1, 0.0), (2, 0.0), (3, 0.0)])
def test_powers_at_zero_have_every_derivative(n, expected):
    f = lambda x: x**3  # noqa: E731
    derivatives = [f]
    for _ in range(4):
        derivatives.append(adlib.grad(derivatives[-1]))
    assert [d(0.0) for d in derivatives] == [0.0, 0.0, 0.0, 6.0, 0.0]
    assert adlib.grad(lambda x: x**n)(0.0) == float(n == 1)
    assert np.power(0.0, n) == expected


def test_mixed_derivative_of_power_where_the_exponent_is_zero():
    mixed = adlib.grad(lambda p: adlib.grad(np.power)(2.0, p))
    assert mixed(0.0) == pytest.approx(0.5, rel=1e-15)  # (1 + p log x) xᵖ⁻¹
    assert mixed(1.0) == pytest.approx(1 + math.log(2), rel=1e-15)


@pytest.mark.parametrize(
    "f", [np.linalg.norm, lambda x: np.linalg.norm(x) ** 2, lambda x: np.linalg.norm(x, axis=-1)]
)
def test_the_norm_of_zero(f):
    """pytorch#2421, jax#21723, HIPS/autograd#151, #183, #617: nan.  Zero is the one answer that keeps it even."""
    np.testing.assert_array_equal(adlib.grad(f)(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(adlib.jvp(f, (np.zeros(3),), (X,))[1], 0.0)


@pytest.mark.parametrize("axis", [None, 0])
def test_the_norm_of_zero_has_derivative_zero(axis):
    zero = np.zeros(3)
    f = lambda x: np.linalg.norm(x, axis=axis)  # noqa: E731
    value, gradient = adlib.value_and_grad(f)(zero)
    assert value == 0.0
    np.testing.assert_array_equal(gradient, zero)
    assert adlib.jvp(f, (zero,), (np.ones(3),))[1] == 0.0


def test_products_with_zeros_need_no_division():
    for x in ([0.0, 2.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]):
        x = np.array(x)
        expected = [np.prod(np.delete(x, k)) for k in range(3)]
        np.testing.assert_array_equal(adlib.grad(np.prod)(x), expected)
        np.testing.assert_array_equal(adlib.jacobian(np.prod)(x), expected)
        hessian = [[x[3 - j - k] if j != k else 0.0 for k in range(3)] for j in range(3)]
        np.testing.assert_array_equal(adlib.hessian(np.prod)(x), hessian)
        last = adlib.jacobian(lambda t: np.cumprod(t)[-1])(x)
        np.testing.assert_array_equal(last, expected)


def test_sinc_at_zero():
    derivatives = [np.sinc]
    for _ in range(2):
        derivatives.append(adlib.grad(derivatives[-1]))
    assert derivatives[0](0.0) == 1.0
    assert derivatives[1](0.0) == 0.0
    assert derivatives[2](0.0) == pytest.approx(-(np.pi**2) / 3, rel=1e-15)
