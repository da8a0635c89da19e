"""The numbers of the article, of the survey and of the classics, computed with 50 digits elsewhere."""

import math

import numpy as np
import pytest

import adlib


def f(x1, x2):
    return x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))


def close(found, expected, rel=1e-12):
    np.testing.assert_allclose(found, expected, rtol=rel, atol=1e-12)


GRADIENTS = {
    "reverse": lambda f, *x: adlib.grad(f, tuple(range(len(x))))(*x),
    "forward": lambda f, *x: tuple(adlib.jacobian(f, tuple(range(len(x))), mode="forward")(*x)),
    "reverse jacobian": lambda f, *x: tuple(adlib.jacobian(f, tuple(range(len(x))), mode="reverse")(*x)),
    "one jvp each": lambda f, *x: tuple(adlib.jvp(f, x, e)[1] for e in np.eye(len(x)).tolist()),
}


@pytest.mark.parametrize("mode", GRADIENTS)
@pytest.mark.parametrize(
    ("function", "point", "value", "gradient"),
    [
        (f, (2.0, 1.0), 1.86091475014739672, (1.46782750442583198, -1.38016556832272458)),
        (f, (3.0, 0.5), 4.73899841098233509, (1.89618871622179048, -3.71880861999563622)),
        (
            lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2),
            (2.0, 5.0),
            11.6520714552230838,
            (5.5, 1.71633781453677374),
        ),
    ],
    ids=["article", "article, second point", "survey"],
)
def test_gradients(mode, function, point, value, gradient):
    close(function(*point), value)
    close(GRADIENTS[mode](function, *point), gradient)


def test_gradients_by_backward():
    x1, x2 = adlib.Variable(2.0), adlib.Variable(1.0)
    y = f(x1, x2)
    y.backward()
    close([y.value, x1.grad, x2.grad], [1.86091475014739672, 1.46782750442583198, -1.38016556832272458])


def test_every_tangent_of_the_article():
    """Return every intermediate value: their tangents are the article's column."""

    def steps(x1, x2):
        v1 = x2**2
        v2 = np.sin(v1)
        v3 = x1 / v2
        v4 = np.log(v3)
        v5 = np.sqrt(v4)
        return v1, v2, v3, v4, v5, x1 * v5

    values, tangents = adlib.jvp(steps, (2.0, 1.0), (0.0, 1.0))
    close(
        values,
        [
            1.0,
            0.841470984807896507,
            2.37679021155624243,
            0.865750926829036988,
            0.930457375073698359,
            1.86091475014739672,
        ],
    )
    close(
        tangents,
        [
            2.0,
            1.08060461173627943,
            -3.05223888893051798,
            -1.28418523186866141,
            -0.690082784161362292,
            -1.38016556832272458,
        ],
    )


def test_every_adjoint_of_the_article():
    """Add a zero to every intermediate value: the derivative by it is the article's adjoint."""

    def shifted(d0, d1, d2, d3, d4, d5, direct, via):
        x1, x2 = 2.0, 1.0 + d0
        v1 = x2**2 + d1
        v2 = np.sin(v1) + d2
        v3 = (x1 + via) / v2 + d3
        v4 = np.log(v3) + d4
        v5 = np.sqrt(v4) + d5
        return (x1 + direct) * v5

    adjoints = adlib.grad(shifted, tuple(range(8)))(*[0.0] * 8)
    close(
        adjoints,
        [-1.38016556832272458, -0.690082784161362292, -1.27721606342686304, 0.452181371952286614,
         1.07474025870426725, 2.0, 0.930457375073698359, 0.537370129352133625],
    )  # fmt: skip


def test_the_hessian_of_the_article_in_all_nestings():
    expected = [[0.0843666577124219, -0.991219819788894], [-0.991219819788894, 5.15774467495316]]
    at = lambda x: f(x[0], x[1])  # noqa: E731
    x = np.array([3.0, 0.5])
    close(adlib.hessian(at)(x), expected)
    close(adlib.hessian(f, (0, 1))(3.0, 0.5), expected)
    for inner in ("forward", "reverse"):
        for outer in ("forward", "reverse"):
            close(adlib.jacobian(adlib.jacobian(at, mode=inner), mode=outer)(x), expected)
    close(adlib.hvp(at, (x,), (np.array([1.0, -2.0]),)), np.array(expected) @ [1.0, -2.0])
    close(adlib.hvp(f, (3.0, 0.5), (1.0, -2.0)), np.array(expected) @ [1.0, -2.0])


def logistic(n):
    def l(x):  # noqa: E743
        for _ in range(n - 1):
            x = 4 * x * (1 - x)
        return x

    return l


def test_the_logistic_map():
    slopes = [1, 12 / 5, -336 / 125, 9.0660864, 15.302555848409088, -39.41194390028358]
    for n, slope in enumerate(slopes, 1):
        if n > 1:
            close(adlib.grad(logistic(n))(0.2), slope)
        close(adlib.jvp(lambda x, n=n: logistic(n)(x) + 0.0, (0.2,), (1.0,))[1], slope)
        theta = math.asin(math.sqrt(0.2))
        close(logistic(n)(0.2), math.sin(2 ** (n - 1) * theta) ** 2)
    derivatives = [logistic(4)]
    for _ in range(3):
        derivatives.append(adlib.grad(derivatives[-1]))
    close([d(0.2) for d in derivatives], [0.28901376, 9.0660864, 67.395584, -3948.87168])


@pytest.mark.parametrize("n", [2, 3, 10, 50])
@pytest.mark.parametrize("product", [np.prod, lambda x: math.prod(x), lambda x: np.multiply.reduce(x)])
def test_speelpennings_product(n, product):
    x = np.arange(1, n + 1) / np.arange(2, n + 2)
    value, gradient = adlib.value_and_grad(product)(x)
    expected = 1 / (n + 1) / x
    close(value, 1 / (n + 1))
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)
    if n <= 10:
        hessian = np.outer(expected, 1 / x)
        np.fill_diagonal(hessian, 0.0)
        close(adlib.hessian(product)(x), hessian)


def test_rosenbrock():
    rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2  # noqa: E731
    x = np.array([-1.2, 1.0])
    value, gradient = adlib.value_and_grad(rosenbrock)(x)
    close(value, 24.2)
    close(gradient, [-215.6, -88.0])
    close(adlib.hessian(rosenbrock)(x), [[1330.0, 480.0], [480.0, 200.0]])


def test_the_function_of_the_complex_step():
    g = lambda x: np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)  # noqa: E731
    close(adlib.grad(g)(1.5), 4.0534278938986206577)
    close(adlib.jvp(g, (1.5,), (1.0,))[1], 4.0534278938986206577)


def test_topological_order_is_not_level_order():
    """The article's "reverse level-order" gives 4.639554 here."""

    def y(x):
        t = x**2
        return t * np.exp(np.sin(t))

    close(adlib.grad(y)(1.0), 7.146315, 1e-7)
