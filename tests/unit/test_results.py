"""What comes out of a derivative call: results of one entry, and what comes along untracked (has_aux)."""

import numpy as np
import pytest

import adlib

X = np.array([0.5, 1.5, 2.5])
SHAPES = [(), (1,), (1, 1), (1, 1, 1)]


def of_shape(shape):
    """A function with one entry of that shape: the sum of the cubes."""
    return lambda x: np.reshape(np.sum(x**3), shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_one_entry_of_any_shape_may_be_differentiated(shape):
    f = of_shape(shape)
    np.testing.assert_allclose(adlib.grad(f)(X), 3 * X**2)
    value, gradient = adlib.value_and_grad(f)(X)
    assert np.shape(value) == shape
    np.testing.assert_allclose(gradient, 3 * X**2)
    np.testing.assert_allclose(adlib.hessian(f)(X), np.diag(6 * X))
    np.testing.assert_allclose(adlib.hvp(f, (X,), (np.ones(3),)), 6 * X)
    assert adlib.grad(lambda s: f(np.array([s, 1.0])))(2.0) == 12.0


@pytest.mark.parametrize("shape", SHAPES[1:])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_one_entry_keeps_its_type(shape, kind):
    x = X.astype(kind)
    value, gradient = adlib.value_and_grad(of_shape(shape))(x)
    assert value.dtype == gradient.dtype == kind


@pytest.mark.parametrize("shape", [(2,), (0,), (1, 2)])
def test_several_entries_have_no_gradient(shape):
    with pytest.raises(TypeError, match=r"grad: .* returned shape .*, and only a scalar has a gradient"):
        adlib.grad(lambda x: np.full(shape, 1.0) * x)(2.0)


# --- has_aux ----------------------------------------------------------------------------------------------------


def noting(x):
    """Return a value, and beside it tracked and untracked things."""
    y = np.sin(x) * x
    return np.sum(y), {"y": y, "list": [np.sum(x), None, "text"], "count": 3, "joined": np.array([y[0], 2.0])}


def check_noted(aux):
    y = np.sin(X) * X
    assert list(aux) == ["y", "list", "count", "joined"]
    assert type(aux["y"]) is np.ndarray
    np.testing.assert_array_equal(aux["y"], y)
    assert aux["list"] == [4.5, None, "text"]
    assert not isinstance(aux["list"][0], adlib.Variable)
    assert aux["count"] == 3
    assert aux["joined"].dtype == float
    np.testing.assert_array_equal(aux["joined"], [y[0], 2.0])


def test_aux_comes_along_as_jax_has_it():
    total, slope, ones = np.sum(np.sin(X) * X), np.sin(X) + X * np.cos(X), np.ones(3)
    gradient, aux = adlib.grad(noting, has_aux=True)(X)
    np.testing.assert_allclose(gradient, slope)
    check_noted(aux)
    (value, aux), gradient = adlib.value_and_grad(noting, has_aux=True)(X)
    assert value == total
    np.testing.assert_allclose(gradient, slope)
    check_noted(aux)
    for mode in ("forward", "reverse"):
        rows, aux = adlib.jacobian(noting, mode=mode, has_aux=True)(X)
        np.testing.assert_allclose(rows, slope)
        check_noted(aux)
    value, pullback, aux = adlib.vjp(noting, X, has_aux=True)
    assert value == total
    np.testing.assert_allclose(pullback(1.0)[0], slope)
    check_noted(aux)
    value, tangent, aux = adlib.jvp(noting, (X,), (ones,), has_aux=True)
    assert (value, tangent) == (total, pytest.approx(np.sum(slope)))
    check_noted(aux)
    curvature, aux = adlib.hessian(noting, has_aux=True)(X)
    np.testing.assert_allclose(curvature, np.diag(2 * np.cos(X) - X * np.sin(X)))
    check_noted(aux)


def test_aux_beside_several_arguments_and_constants():
    f = lambda x, n, y: (x**n * y, (x * y, n))  # noqa: E731
    assert adlib.grad(f, argnums=(0, 2), has_aux=True)(2.0, 3, 5.0) == ((60.0, 8.0), (10.0, 3))
    assert adlib.grad(f, argnums=2, has_aux=True)(2.0, 3, 5.0) == (8.0, (10.0, 3))


def test_writing_to_aux_changes_no_derivative():
    def f(x):
        y = np.exp(x)
        return np.sum(y), y

    _, pullback, aux = adlib.vjp(f, X, has_aux=True)
    aux[:] = 0.0
    np.testing.assert_array_equal(pullback(1.0)[0], np.exp(X))


INNER = {
    "grad": lambda f, y: adlib.grad(f, has_aux=True)(y)[1],
    "value_and_grad": lambda f, y: adlib.value_and_grad(f, has_aux=True)(y)[0][1],
    "jacobian": lambda f, y: adlib.jacobian(f, has_aux=True)(y)[1],
    "rows": lambda f, y: adlib.jacobian(f, mode="reverse", has_aux=True)(y)[1],
    "hessian": lambda f, y: adlib.hessian(f, has_aux=True)(y)[1],
    "vjp": lambda f, y: adlib.vjp(f, y, has_aux=True)[2],
    "jvp": lambda f, y: adlib.jvp(f, (y,), (1.0,), has_aux=True)[2],
}
OUTER = {
    "grad": lambda f: adlib.grad(f)(2.0),
    "jvp": lambda f: adlib.jvp(f, (2.0,), (1.0,))[1],
    "second": lambda f: adlib.grad(adlib.grad(lambda x: f(x) * x))(2.0),
}


@pytest.mark.parametrize("outer", OUTER)
@pytest.mark.parametrize("inner", INNER)
def test_the_aux_of_an_inner_call_is_tracked_by_the_outer(inner, outer):
    """The inner call takes its own boxes off, and leaves those of the calls around it."""
    f = lambda x: INNER[inner](lambda y: (y**2, x * x * y), 3.0)  # noqa: E731 (3 x²)
    assert OUTER[outer](f) == {"grad": 12.0, "jvp": 12.0, "second": 36.0}[outer]
    g = lambda x: INNER[inner](lambda y: (y**2, y * y), x)  # noqa: E731 (x²: the argument itself is tracked)
    assert OUTER[outer](g) == {"grad": 4.0, "jvp": 4.0, "second": 12.0}[outer]


@pytest.mark.parametrize("result", [lambda x: x, lambda x: (x,), lambda x: (x, x, x), lambda x: [x, 1.0]])
@pytest.mark.parametrize("name", ["grad", "value_and_grad", "jacobian", "vjp", "jvp", "hessian"])
def test_has_aux_wants_a_pair(name, result):
    call = {
        "vjp": lambda: adlib.vjp(result, 2.0, has_aux=True),
        "jvp": lambda: adlib.jvp(result, (2.0,), (1.0,), has_aux=True),
    }.get(name, lambda: getattr(adlib, name)(result, has_aux=True)(2.0))
    with pytest.raises(TypeError, match=rf"^{name}: with has_aux=True a function returns \(value, aux\)"):
        call()


def test_has_aux_of_no_function():
    with pytest.raises(TypeError, match="adlib differentiates functions, and was given"):
        adlib.vjp(3.0, 2.0, has_aux=True)


def test_f_runs_once():
    runs = []

    def f(x):
        runs.append(1)
        return np.sum(x * x), x

    adlib.grad(f, has_aux=True)(X)
    adlib.value_and_grad(f, has_aux=True)(X)
    adlib.vjp(f, X, has_aux=True)
    adlib.jvp(f, (X,), (X,), has_aux=True)
    assert len(runs) == 4


@pytest.mark.parametrize("mode", ["forward", "reverse"])
@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.float16, np.longdouble])
def test_a_derivative_of_a_number_by_a_number_has_its_type(kind, mode):
    x = kind(0.5)
    f = lambda x: np.sin(x) * x  # noqa: E731
    found = [
        adlib.grad(f)(x),
        adlib.jvp(f, (x,), (x,))[1],
        adlib.jacobian(f, mode=mode)(x),
        adlib.hessian(f)(x),
    ]
    assert [type(g) for g in found] == 4 * [kind]
