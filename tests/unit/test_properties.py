"""Random programs: forward mode, reverse mode, difference quotients and 50-digit arithmetic agree."""

import mpmath
import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import adlib
from adlib.numerical import richardson

mpmath.mp.dps = 50
bounded = settings(
    max_examples=120, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)

# --- Scalar programs: each line computes a new value from two earlier ones -------------------------------------

UNARY = {  # name: NumPy's, mpmath's; made safe for every argument by what stands inside
    "sin": (np.sin, mpmath.sin),
    "cos": (np.cos, mpmath.cos),
    "tanh": (np.tanh, mpmath.tanh),
    "arctan": (np.arctan, mpmath.atan),
    "arcsinh": (np.arcsinh, mpmath.asinh),
    "exp": (lambda x: np.exp(np.sin(x)), lambda x: mpmath.exp(mpmath.sin(x))),
    "log": (lambda x: np.log(2 + x * x), lambda x: mpmath.log(2 + x * x)),
    "sqrt": (lambda x: np.sqrt(1 + x * x), lambda x: mpmath.sqrt(1 + x * x)),
    "power": (lambda x: (1 + x * x) ** 0.3, lambda x: (1 + x * x) ** mpmath.mpf(0.3)),
    "cube": (lambda x: np.tanh(x) ** 3, lambda x: mpmath.tanh(x) ** 3),
    "reciprocal": (lambda x: 1 / (2 + np.cos(x)), lambda x: 1 / (2 + mpmath.cos(x))),
    "negative": (lambda x: -x, lambda x: -x),
    "branch": (lambda x: x if x > 0.123 else np.sin(x), lambda x: x if x > 0.123 else mpmath.sin(x)),
    "where": (lambda x: np.where(x > 0.321, x * 2, -x), lambda x: x * 2 if x > 0.321 else -x),
}
BINARY = {
    "add": (lambda x, y: x + y, lambda x, y: x + y),
    "subtract": (lambda x, y: x - y, lambda x, y: x - y),
    "multiply": (lambda x, y: x * y, lambda x, y: x * y),
    "divide": (lambda x, y: x / (2 + y * y), lambda x, y: x / (2 + y * y)),
    "hypot": (lambda x, y: np.hypot(x, 1 + y * y), lambda x, y: mpmath.hypot(x, 1 + y * y)),
    "arctan2": (lambda x, y: np.arctan2(x, 1 + y * y), lambda x, y: mpmath.atan2(x, 1 + y * y)),
    "logaddexp": (np.logaddexp, lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y))),
    "maximum": (np.maximum, max),
}
line = st.tuples(st.sampled_from([*UNARY, *BINARY]), st.integers(0, 99), st.integers(0, 99))
programs = st.lists(line, min_size=1, max_size=8)
numbers = st.floats(-2, 2).map(lambda x: round(x, 3))


def run(lines, inputs, which):
    values = list(inputs)
    for name, i, j in lines:
        x, y = values[i % len(values)], values[j % len(values)]
        new = UNARY[name][which](x) if name in UNARY else BINARY[name][which](x, y)
        values.append(np.tanh(new) if which == 0 else mpmath.tanh(new))  # keeps values in reach
    return values[-1] + 0 * inputs[0] + 0 * inputs[1]


def far_from_kinks(lines, point):
    """Tell whether no small step changes a branch: the derivative is that of one smooth piece."""
    try:
        here = [run(lines, p, 0) for p in (point, (point[0] + 1e-3, point[1]), (point[0], point[1] + 1e-3))]
    except OverflowError:
        return False
    return all(np.isfinite(here))


@bounded
@given(programs, numbers, numbers)
def test_scalar_programs(lines, a, b):
    point = (a, b)
    f = lambda x, y: run(lines, (x, y), 0)  # noqa: E731
    exact = lambda x, y: run(lines, (x, y), 1)  # noqa: E731
    kinks = {"branch", "where", "maximum"} & {name for name, _, _ in lines}
    assume(far_from_kinks(lines, point))
    value, reverse = adlib.value_and_grad(f, (0, 1))(*point)
    forward = [adlib.jvp(f, point, e)[1] for e in ((1.0, 0.0), (0.0, 1.0))]
    assert value == pytest.approx(float(exact(*map(mpmath.mpf, point))), rel=1e-12, abs=1e-13)
    np.testing.assert_allclose(forward, reverse, rtol=1e-12, atol=1e-14)
    if kinks:
        return  # a tie or a branch at the very point: the conventions, tested elsewhere
    for k, slope in enumerate(reverse):
        precise = mpmath.diff(exact, tuple(map(mpmath.mpf, point)), (1 - k, k), h=mpmath.mpf(10) ** -20)
        assert slope == pytest.approx(float(precise), rel=1e-11, abs=1e-13)
        quotient = richardson(f, point, k)
        assert slope == pytest.approx(quotient.value, rel=1e-6, abs=1e-6)


@bounded
@given(programs, numbers, numbers)
def test_second_derivatives_of_scalar_programs_are_symmetric(lines, a, b):
    f = lambda x: run(lines, (x[0], x[1]), 0)  # noqa: E731
    x = np.array([a, b])
    hessian = adlib.hessian(f)(x)
    np.testing.assert_allclose(hessian, hessian.T, rtol=1e-10, atol=1e-12)
    for inner in ("forward", "reverse"):
        again = adlib.jacobian(adlib.jacobian(f, mode=inner), mode="reverse")(x)
        np.testing.assert_allclose(again, hessian, rtol=1e-10, atol=1e-12)


# --- Array programs: every step takes an array to an array of a known shape -------------------------------------


def _square(x):
    return x[:, None] * x if x.ndim == 1 else x @ np.swapaxes(x, -1, -2)


def _halved(x):
    """Halve as often as the numbers themselves ask for."""
    while np.sum(x * x) > 1.37:
        x = x / 2.0
    return x


def _spread(x):
    """A symmetric matrix far from singular."""
    v = np.tanh(x.reshape(-1))
    return 4.0 * np.eye(v.shape[0]) + v[:, None] * v / v.shape[0]


STEPS = {
    "sin": lambda x, k: np.sin(x),
    "exp": lambda x, k: np.exp(-x * x),
    "affine": lambda x, k: 2.5 * x - k,
    "sum kept": lambda x, k: x - np.mean(x, axis=k % x.ndim, keepdims=True),
    "sum": lambda x, k: np.sum(x, axis=k % x.ndim) if x.ndim > 1 else x,
    "transpose": lambda x, k: x.T,
    "reshape": lambda x, k: np.reshape(x, -1) if k % 2 else x[None],
    "slice": lambda x, k: x[k % x.shape[0] :],
    "reverse": lambda x, k: x[..., ::-1],
    "fancy": lambda x, k: x[[k % x.shape[0], 0, 0]],
    "int": lambda x, k: x[k % x.shape[0]] if x.ndim > 1 else x,
    "mask": lambda x, k: x[np.arange(x.shape[0]) % 2 == 0],
    "outer": lambda x, k: _square(x) if x.size < 40 and x.ndim < 3 else x,
    "matmul": lambda x, k: x @ np.cos(np.arange(x.shape[-1] * 2.0)).reshape(x.shape[-1], 2),
    "broadcast": lambda x, k: x[..., None] * np.array([1.0, -0.5]) if x.size < 40 and x.ndim < 3 else x,
    "concatenate": lambda x, k: np.concatenate([x, x * x], axis=k % x.ndim) if x.size < 40 else x,
    "stack": lambda x, k: np.stack([x, np.cos(x)], axis=-1) if x.size < 40 and x.ndim < 3 else x,
    "cumsum": lambda x, k: np.cumsum(x, axis=k % x.ndim),
    "roll": lambda x, k: np.roll(x, k, axis=-1),
    "pad": lambda x, k: np.pad(x, 1, mode="edge") if x.size < 40 else x,
    "diff": lambda x, k: np.diff(x, axis=-1) if x.shape[-1] > 1 else x,
    "where": lambda x, k: np.where(np.arange(x.shape[-1]) % 2 == 0, x, np.tanh(x)),
    "prod": lambda x, k: np.prod(x, axis=-1, keepdims=True),
    "einsum": lambda x, k: np.einsum("...i,...i->...i", x, np.sin(x)),
    "loop": lambda x, k: sum(np.sin(j * x) for j in range(1, 4)),
    "norm": lambda x, k: x / np.sqrt(1.0 + np.sum(x * x)),
    "while": lambda x, k: _halved(x),
    "gradient inside": lambda x, k: adlib.grad(lambda t: np.sum(np.sin(t) * x * t))(np.cos(x)),
    "tangent inside": lambda x, k: adlib.jvp(lambda t: t * np.tanh(t * x), (x,), (np.sin(x),))[1],
    "solve": lambda x, k: np.linalg.solve(_spread(x), x.reshape(-1)),
    "log det": lambda x, k: x * np.linalg.slogdet(_spread(x))[1],
    "eigenvalues": lambda x, k: np.linalg.eigh(_spread(x) + np.diag(np.arange(1.0, x.size + 1)))[0],
}
recipes = st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.integers(0, 5)), min_size=1, max_size=6)
shapes = st.lists(st.integers(1, 3), min_size=1, max_size=3).map(tuple)


def cook(recipe):
    def f(x):
        for name, k in recipe:
            x = STEPS[name](x, k)
        return np.tanh(x) + 0.1 * x

    return f


@bounded
@given(recipes, shapes, st.integers(0, 2**20))
def test_array_programs(recipe, shape, seed):
    f, rng = cook(recipe), np.random.default_rng(seed)
    x, tangent = rng.uniform(-1, 1, shape), rng.normal(size=shape)
    value, pushed = adlib.jvp(f, (x,), (tangent,))
    again, pullback = adlib.vjp(f, x)
    plain = f(x)
    assume(plain.size > 0)
    np.testing.assert_array_equal(value, plain)
    np.testing.assert_array_equal(again, plain)
    one, two = rng.normal(size=plain.shape), rng.normal(size=plain.shape)
    (pulled,) = pullback(one)
    assert pulled.shape == shape
    scale = 1 + np.sum(np.abs(one * pushed))
    assert np.sum(one * pushed) == pytest.approx(np.sum(pulled * tangent), rel=1e-11, abs=1e-12 * scale)
    # linear in the adjoint
    both = pullback(2 * one - two)[0]
    np.testing.assert_allclose(both, 2 * pulled - pullback(two)[0], rtol=1e-9, atol=1e-10 * scale)
    # and against difference quotients along the direction
    h = 1e-5
    quotient = (f(x + h * tangent) - f(x - h * tangent)) / (2 * h)
    np.testing.assert_allclose(pushed, quotient, rtol=1e-4, atol=1e-5 * scale)


@settings(bounded, max_examples=40)
@given(recipes, st.integers(1, 3), st.integers(0, 2**20))
def test_hessians_of_array_programs_are_symmetric_in_all_nestings(recipe, n, seed):
    f, x = cook(recipe), np.random.default_rng(seed).uniform(-1, 1, n)
    total = lambda t: np.sum(f(t))  # noqa: E731
    hessian = adlib.hessian(total)(x)
    scale = 1 + np.max(np.abs(hessian))
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-11 * scale)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            again = adlib.jacobian(adlib.jacobian(total, mode=inner), mode=outer)(x)
            np.testing.assert_allclose(again, hessian, atol=1e-11 * scale)
    v = np.cos(np.arange(n))
    np.testing.assert_allclose(adlib.hvp(total, (x,), (v,)), hessian @ v, atol=1e-11 * scale)
