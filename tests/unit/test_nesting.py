"""Derivatives inside derivatives: no perturbation confusion, whatever the modes, to three levels."""

import itertools
import math

import numpy as np
import pytest

import adlib


def forward(f, x):
    return adlib.jvp(f, (x,), (1.0,))[1]


def reverse(f, x):
    return adlib.vjp(f, x)[1](1.0)[0]


def by_backward(f, x):
    leaf = adlib.Variable(x)
    f(leaf).backward()
    return leaf.grad


MODES = {"forward": forward, "reverse": reverse}
PAIRS = list(itertools.product(MODES.values(), repeat=2))
TRIPLES = list(itertools.product(MODES.values(), repeat=3))
two = pytest.mark.parametrize(("outer", "inner"), PAIRS)
three = pytest.mark.parametrize("modes", TRIPLES)


@two
def test_the_classics_of_confusion(outer, inner):
    assert outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0) == 1.0  # untagged: 2
    assert outer(lambda x: x * inner(lambda y: x * y, 1.0), 4.0) == 8.0
    assert outer(lambda x: x * inner(lambda y: y * y, 3.0), 5.0) == 6.0
    assert outer(lambda x: inner(lambda y: x * y * y, x), 3.0) == 12.0  # d(2x²)


@pytest.mark.parametrize("inner", MODES.values())
def test_backward_outside(inner):
    assert by_backward(lambda x: x * inner(lambda y: x + y, 1.0), 1.0) == 1.0
    assert by_backward(lambda x: inner(lambda y: x * y * y, x), 3.0) == 12.0


@three
def test_three_levels(modes):
    a, b, c = modes
    assert a(lambda x: b(lambda y: c(lambda z: x * y * z, 2.0), 3.0), 5.0) == 1.0
    assert a(lambda x: x * b(lambda y: y * c(lambda z: x * y * z * z, y), x), 2.0) == 192.0  # d(6x⁴)
    assert a(lambda x: b(lambda y: c(lambda z: z**5, y), x), 2.0) == 240.0
    assert a(lambda x: x * b(lambda y: x + c(lambda z: y + z, 1.0) * y, 1.0), 7.0) == 1.0


@three
def test_mixed_third_derivative(modes):
    a, b, c = modes
    g = lambda x, y, z: np.sin(x * y) * np.exp(z * x)  # noqa: E731
    found = a(lambda x: b(lambda y: c(lambda z: g(x, y, z), 0.3), 0.7), 1.1)
    x, y, z = 1.1, 0.7, 0.3  # ∂z: x e^{zx} sin xy; ∂y: x² e^{zx} cos xy; ∂x of that
    expected = np.exp(z * x) * ((2 * x + z * x**2) * np.cos(x * y) - x**2 * y * np.sin(x * y))
    assert found == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES, repeat=2)))
def test_gradient_of_a_sum_of_directional_derivatives(outer, inner):
    """x ↦ Σ x·D(t ↦ |x|·t)(1) is Σx·|x|: the inner derivative closes over the outer point."""
    x = np.array([1.0, 2.0, 2.0])

    def total(v):
        slope = MODES[inner](lambda t: np.linalg.norm(v) * t, 1.0)
        return np.sum(v * slope)

    expected = 3.0 + np.sum(x) * x / 3.0
    np.testing.assert_allclose(adlib.jacobian(total, mode=outer)(x), expected, rtol=1e-15)


@pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES, repeat=2)))
def test_jacobian_of_the_gradient_of_a_bilinear_form(outer, inner):
    A = np.arange(9.0).reshape(3, 3)
    y = np.array([0.3, -1.0, 2.0])

    def gradient_in_y(x):
        return adlib.jacobian(lambda z: z @ (A @ x), mode=inner)(y)

    np.testing.assert_array_equal(adlib.jacobian(gradient_in_y, mode=outer)(np.ones(3)), A)


@two
def test_mixed_partials_of_a_lagrangian(outer, inner):
    """L = ½ m v² − ½ k q² v: d/dt ∂L/∂v along q(t) = cos t, v = q̇."""
    m, k = 2.0, 3.0
    lagrangian = lambda q, v: 0.5 * m * v * v - 0.5 * k * q * q * v  # noqa: E731
    path = np.cos
    along = lambda t: inner(lambda v: lagrangian(path(t), v), inner(path, t))  # noqa: E731
    t = 0.4
    expected = -m * np.cos(t) + k * np.cos(t) * np.sin(t)
    assert outer(along, t) == pytest.approx(expected, rel=1e-14)


@two
def test_a_closed_over_outer_value_is_a_constant_inside(outer, inner):
    seen = []

    def g(x):
        slope = inner(lambda y: x**2 + 0 * y, 3.0)
        seen.append(adlib.engine.boxes.plain(slope))
        return x * x + slope

    assert outer(g, 5.0) == 10.0
    assert seen == [0.0]


@two
def test_derivatives_that_are_constants(outer, inner):
    assert outer(lambda x: inner(lambda y: 3.0 * y, x), 2.0) == 0.0
    assert outer(lambda x: inner(lambda y: y, x), 2.0) == 0.0
    assert outer(lambda x: inner(np.sign, x), 2.0) == 0.0
    assert outer(lambda x: inner(lambda y: np.floor(y) + y, x), 2.5) == 0.0
    assert outer(lambda x: inner(lambda y: x * y, x), 2.0) == 1.0


@pytest.mark.parametrize("make", [adlib.grad, lambda f: lambda x: forward(f, x)])
def test_derivatives_to_the_seventh_order(make):
    f = lambda x: x**5 + np.exp(2 * x)  # noqa: E731
    expected = [5, 20, 60, 120, 120, 0, 0]
    for n, c in enumerate(expected, 1):
        f = make(f)
        power = c if n >= 5 else c * 1.0
        assert f(1.0) == pytest.approx(power + 2**n * np.exp(2.0), rel=1e-13)


def test_hessians_of_linear_functions_and_of_unused_inputs():
    x = np.array([1.0, 2.0])
    np.testing.assert_array_equal(adlib.hessian(lambda t: np.sum(t))(x), np.zeros((2, 2)))
    np.testing.assert_array_equal(adlib.hessian(lambda t: 3 * t[0])(x), np.zeros((2, 2)))
    assert adlib.grad(adlib.grad(lambda t: 3 * t))(1.0) == 0.0
    assert adlib.grad(lambda a, b: a * a, (0, 1))(3.0, 4.0) == (6.0, 0.0)
    assert adlib.jacobian(lambda a, b: a * a, (0, 1))(3.0, 4.0) == (6.0, 0.0)
    assert adlib.hessian(lambda a, b: a * a, (0, 1))(3.0, 4.0) == ((2.0, 0.0), (0.0, 0.0))


def test_the_same_function_again_inside_itself():
    def f(x, depth=0):
        return x * x if depth == 2 else x * adlib.grad(lambda y: f(y, depth + 1))(x)

    # depth 2: x², depth 1: x·2x = 2x², depth 0: x·4x = 4x²
    assert f(3.0) == 36.0
    assert adlib.grad(f)(3.0) == 24.0


# --- Confusions that were reported ------------------------------------------------------------------------------


@pytest.mark.parametrize("inner", [forward, lambda f, x: adlib.grad(f)(x)], ids=["forward", "reverse"])
@pytest.mark.parametrize("outer", [forward, lambda f, x: adlib.grad(f)(x)], ids=["forward", "reverse"])
def test_an_inner_function_closes_over_the_outer_argument(outer, inner):
    """ForwardDiff.jl#83, after Siskind and Pearlmutter, IFL 2005."""
    assert outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y, 2.0), 4.0) == 8.0  # ReverseDiff.jl#45
    v = np.array([3.0])
    assert adlib.grad(lambda v: np.sum(v) * inner(lambda y: y * np.linalg.norm(v), 1.0))(v) == 6.0


def test_three_levels_close_over_each_other():
    """d/dx [x · d/dy (y · d/dz (x y z))] = d/dx [x · 2 x y] = 4 x y, at x = 3, y = 5."""
    for modes in np.ndindex(2, 2, 2):
        d = [(forward, lambda f, x: adlib.grad(f)(x))[m] for m in modes]
        f = lambda x: x * d[1](lambda y: y * d[2](lambda z: x * y * z, 7.0), 5.0)  # noqa: B023, E731
        assert d[0](f, 3.0) == 60.0


def test_a_callable_that_differentiates_itself():
    """ForwardDiff.jl#313: a tag made from the function's type is the same for both levels."""

    class Confuse:
        def __init__(self, outer, x):
            self.outer, self.x = outer, x

        def __call__(self, y):
            return y * forward(Confuse(False, y), 1.0) if self.outer else self.x + y

    assert forward(Confuse(True, 0.0), 1.0) == 1.0


def test_the_hamiltonian_of_a_lagrangian():
    """ForwardDiff.jl#238: Legendre's transform takes a gradient and a Hessian inside the function."""
    mass, gravity = 1.0, 9.8

    def lagrangian(q, v):
        return mass / 2 * np.dot(v, v) - mass * gravity * q[1]

    def hamiltonian(q, p):
        along = lambda v: lagrangian(q, v)  # noqa: E731
        still = np.zeros(2)
        v = np.linalg.solve(adlib.hessian(along)(still), p - adlib.grad(along)(still))
        return np.dot(v, p) - along(v)

    q, p = np.array([1.0, 2.0]), np.array([5.0, 6.0])
    np.testing.assert_allclose(adlib.grad(hamiltonian)(q, p), [0.0, 9.8], rtol=1e-14)
    np.testing.assert_allclose(adlib.grad(hamiltonian, argnums=1)(q, p), [5.0, 6.0], rtol=1e-14)


def test_a_derivative_inside_the_value_of_a_gate():
    """Re-entrance: a gate may differentiate while it is being differentiated."""

    @adlib.custom_gate
    def slope_of_the_sine(x):
        return adlib.grad(np.sin)(x)

    slope_of_the_sine.backward(lambda g, out, x: -g * np.sin(x))
    assert adlib.grad(lambda x: x * slope_of_the_sine(x))(0.5) == pytest.approx(
        math.cos(0.5) - 0.5 * math.sin(0.5), rel=1e-15
    )
    assert adlib.grad(lambda x: adlib.grad(lambda y: y * slope_of_the_sine(x * y))(1.0))(
        0.5
    ) == pytest.approx(-2 * math.sin(0.5) - 0.5 * math.cos(0.5), rel=1e-14)
