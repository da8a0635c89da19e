"""`linearize`: one run of f, then J ẋ and ȳ J without it, to the last bit those of `jvp` and `vjp`."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adlib
from adlib.lesson import examples

RNG = np.random.default_rng(7)
A = RNG.standard_normal((3, 4))
X = RNG.standard_normal(4)


def softmax_loss(x):
    z = A @ np.tanh(x)
    return np.log(np.sum(np.exp(z - np.max(z)))) - z[0]


def many(x):
    return {
        "pair": (np.sum(x[1:] * x[:-1]), np.sort(x)[::-1]),
        "joined": np.concatenate([x, np.ones(2), x * 2.0]),
        "chosen": np.where(x > 0, x**2, 1.0),
        "norm": np.linalg.norm(np.outer(x, x) + np.eye(4)),
        "solved": np.linalg.solve(np.outer(x, x) + 3 * np.eye(4), np.sin(x)),
        "einsum": np.einsum("ij,j->i", A, x),
        "untouched": np.arange(3.0),
    }


def nested_inputs(arguments, z):
    x, y = arguments["x"], arguments["ys"][0]
    return x * y * z, [np.exp(x) * np.ones(2), y]


PROGRAMS = [
    (examples.f, (2.0, 1.0)),
    (examples.survey, (2.0, 5.0)),
    (examples.looping, (5.0, 1.0)),
    (softmax_loss, (X,)),
    (many, (X,)),
    (many, (X.astype(np.float32),)),
    (nested_inputs, ({"x": 1.5, "ys": [0.3]}, np.float64(2.0))),
    (lambda x: x, (2.0,)),
    (lambda x: (x, x), (X,)),
    (lambda x: (3.0, x), (2.0,)),
    (lambda x, y: np.array([x, [y, x * y][1]]), (2.0, 3.0)),
    pytest.param(
        lambda x: 3.0, (2.0,), marks=pytest.mark.filterwarnings("ignore::adlib.errors.ConstantResult")
    ),
    (lambda x: np.sum(np.zeros((0, 4)) * x), (X,)),
]


def leaves(x):
    if isinstance(x, dict):
        return [leaf for v in x.values() for leaf in leaves(v)]
    return [leaf for v in x for leaf in leaves(v)] if isinstance(x, list | tuple) else [x]


def like(x, rng):
    if isinstance(x, dict):
        return {k: like(v, rng) for k, v in x.items()}
    if isinstance(x, list | tuple):
        return type(x)(like(v, rng) for v in x)
    return rng.standard_normal(np.shape(x)).astype(getattr(x, "dtype", float))[()]


def same(one, two):
    pairs = list(zip(leaves(one), leaves(two), strict=True))
    return all(type(a) is type(b) and np.array_equal(a, b) and np.shape(a) == np.shape(b) for a, b in pairs)


@pytest.mark.parametrize(("f", "x"), PROGRAMS)
def test_both_ways_are_those_of_jvp_and_vjp_to_the_last_bit(f, x):
    value, linear_map = adlib.linearize(f, *x)
    y, pullback = adlib.vjp(f, *x)
    assert same(value, y)
    for seed in range(3):
        rng = np.random.default_rng(seed)
        tangents, adjoints = like(x, rng), like(value, rng)
        assert same(linear_map(*tangents), adlib.jvp(f, x, tangents)[1])
        assert same(linear_map.transpose(adjoints), pullback(adjoints))


def test_f_runs_once():
    runs = []

    def f(x):
        runs.append(x)
        return np.sin(x) * x

    _, linear_map = adlib.linearize(f, X)
    for _ in range(3):
        linear_map(np.ones(4))
        linear_map.transpose(np.ones(4))
    assert len(runs) == 1


def test_what_else_f_returns_is_handed_out():
    value, linear_map, aux = adlib.linearize(lambda x: (x * x, {"root": np.sqrt(x)}), 4.0, has_aux=True)
    assert (value, linear_map(1.0), aux) == (16.0, 8.0, {"root": 2.0})


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.2, 3), st.floats(0.2, 3))
def test_it_is_linear(s, t, x, y):
    _, linear_map = adlib.linearize(examples.survey, x, y)
    once = linear_map(s, t)
    assert linear_map(2 * s, 2 * t) == pytest.approx(
        2 * once, rel=1e-15, abs=1e-300
    )  # tiny numbers lose digits
    assert linear_map(s, 0.0) + linear_map(0.0, t) == pytest.approx(once, rel=1e-12, abs=1e-12)


def test_nothing_that_is_written_to_later_changes_it():
    x, b = X.copy(), np.ones(4)
    value, linear_map = adlib.linearize(lambda x: np.concatenate([x * b, b]) * np.append(b, b), x)
    before = linear_map(np.ones(4)), linear_map.transpose(np.ones(8))[0]
    for array in (x, b, value, *before):
        kept = array.copy()
        array *= 5.0
        assert np.array_equal(linear_map(np.ones(4)), np.append(np.ones(4), np.zeros(4)))
        assert np.array_equal(linear_map.transpose(np.ones(8))[0], np.ones(4))
        array[...] = kept


# --- Nested in other derivatives, in any order -----------------------------------------------------------


def cubic(x):
    return np.sin(x) * x**3


@pytest.mark.parametrize("outer", ["grad", "jvp", "linearize", "transpose"])
@pytest.mark.parametrize("inner", ["grad", "jvp", "linearize", "transpose"])
def test_second_derivatives(inner, outer):
    slope = {
        "grad": adlib.grad,
        "jvp": lambda f: lambda x: adlib.jvp(f, (x,), (1.0,))[1],
        "linearize": lambda f: lambda x: adlib.linearize(f, x)[1](1.0),
        "transpose": lambda f: lambda x: adlib.linearize(f, x)[1].transpose(1.0)[0],
    }
    x = 0.7
    exact = -np.sin(x) * x**3 + 6 * np.cos(x) * x**2 + 6 * np.sin(x) * x
    assert slope[outer](slope[inner](cubic))(x) == pytest.approx(exact, rel=1e-13)


def test_hessian_times_vector_by_linearizing_the_gradient():
    rosenbrock = examples.rosenbrock
    x, v = np.array([-1.2, 1.0]), np.array([1.0, 0.5])
    _, times = adlib.linearize(adlib.grad(rosenbrock), x)
    assert np.array_equal(times(v), adlib.hvp(rosenbrock, (x,), (v,)))
    assert times.transpose(v)[0] == pytest.approx(times(v), rel=1e-13)  # symmetric


def test_derivatives_by_the_tangent_and_by_the_adjoint():
    _, linear_map = adlib.linearize(lambda x: A @ np.sin(x), X)
    jacobian = A * np.cos(X)
    assert adlib.jacobian(linear_map)(X) == pytest.approx(jacobian)
    assert adlib.jacobian(linear_map, mode="reverse")(X) == pytest.approx(jacobian)
    assert adlib.jacobian(lambda g: linear_map.transpose(g)[0])(np.ones(3)) == pytest.approx(jacobian.T)
    _, again = adlib.linearize(linear_map, X)  # of a linear map: itself
    assert again(np.ones(4)) == pytest.approx(linear_map(np.ones(4)))


def test_perturbations_are_not_confused():
    def outer(x):
        _, linear_map = adlib.linearize(lambda y: x * y, 2.0)
        return x * linear_map(1.0)

    assert adlib.grad(outer)(3.0) == 6.0
    assert adlib.jvp(outer, (3.0,), (1.0,))[1] == 6.0


def test_gates_with_rules_of_their_own():
    @adlib.custom_gate
    def cube(x):
        return x**3

    cube.backward(lambda g, v, x: g * 3 * x**2)
    _, linear_map = adlib.linearize(lambda x: cube(x) + cube(2.0 * x), 1.5)
    assert linear_map(1.0) == linear_map.transpose(1.0)[0] == 9 * 3 * 1.5**2


# --- Text --------------------------------------------------------------------------------------------------


def test_a_line_a_gate_with_the_numbers_that_were_fixed():
    _, linear_map = adlib.linearize(examples.f, 2.0, 1.0)
    assert str(linear_map).splitlines() == [
        "v̇₁ = 2 v̇₀",
        "v̇₂ = 0.5403 v̇₁",
        "v̇₃ = 1.188 v̇₋₁ - 2.825 v̇₂",
        "v̇₄ = 0.4207 v̇₃",
        "v̇₅ = 0.5374 v̇₄",
        "v̇₆ = 0.9305 v̇₋₁ + 2 v̇₅",
        "result: v̇₆",
    ]


def test_arrays_by_their_shape_and_linear_gates_by_their_names():
    def f(x):
        y = np.tanh(A @ x)
        return (
            np.sum(y),
            np.concatenate([y, np.ones(2)]),
            np.where(y > 0, y, 0.0),
            np.prod(y),
            -np.floor(y),
            3.0,
        )

    _, linear_map = adlib.linearize(f, X)
    assert str(linear_map).splitlines() == [
        "v̇₁ = matmul([array 3×4], v̇₀)",
        "v̇₂ = [array 3] v̇₁",
        "v̇₃ = sum(v̇₂)",
        "v̇₄ = concatenate(v̇₂, 0)",
        "v̇₅ = where([array 3], v̇₂, 0)",
        "v̇₆ = (∂v₆/∂v₂) v̇₂",
        "v̇₇ = 0",
        "v̇₈ = -v̇₇",
        "result: v̇₃, v̇₄, v̇₅, v̇₆, v̇₈, 0",
    ]


def test_the_printed_numbers_are_right():
    """Read the lines of a scalar program back, and compute."""
    _, linear_map = adlib.linearize(examples.f, 2.0, 1.0)
    moved = {"v̇₋₁": 0.3, "v̇₀": -0.8}
    for line in str(linear_map).splitlines()[:-1]:
        left, right = line.split(" = ")
        total, sign, factor = 0.0, 1.0, 1.0
        for word in right.split():
            if word in "+-":
                sign = 1.0 if word == "+" else -1.0
            elif word in moved:
                total += sign * factor * moved[word]
                factor = 1.0
            else:
                factor = float(word)
        moved[left] = total
    assert moved["v̇₆"] == pytest.approx(linear_map(0.3, -0.8), rel=2e-3)


# --- Errors ------------------------------------------------------------------------------------------------


def test_what_does_not_fit_is_refused():
    _, linear_map = adlib.linearize(examples.f, 2.0, 1.0)
    with pytest.raises(ValueError, match="linear map: 2 inputs but 1 tangents"):
        linear_map(1.0)
    with pytest.raises(ValueError, match=r"linear map: a tangent of shape \(2,\)"):
        linear_map(np.ones(2), 1.0)
    with pytest.raises(ValueError, match="transpose: 2 adjoints for 1 results"):
        linear_map.transpose((1.0, 2.0))
    with pytest.raises(TypeError, match="linearize: cannot differentiate with respect to 2"):
        adlib.linearize(examples.f, 2, 1.0)
    with pytest.raises(TypeError, match="differentiates functions"):
        adlib.linearize(3.0, 2.0)
