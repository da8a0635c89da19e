"""Programs that once went wrong, each with its right answer, or with the words of its refusal.

One line each, whatever they are about: what made them go wrong is tested by family elsewhere.
"""

import threading
import warnings
from collections import deque

import numpy as np
import pytest

import adlib
from adlib import diagnose, grad, hessian, jacobian, jvp, stop_gradient, trace, value_and_grad, vjp
from adlib.engine.tree import flatten

V = np.array([1.0, 2.0, 5.0])
X = np.array([[0.5, 1.0, -1.0], [2.0, 0.3, 0.7], [1.0, 1.0, 0.2], [0.1, -0.4, 3.0]])
W = np.array([0.3, -0.2, 0.1])


def gauss_newton():
    r, pullback = vjp(lambda w: np.tanh(X @ w), W)
    r -= 1.0
    return pullback(r)[0]


def gauss_newton_by_hand():
    y = np.tanh(X @ W)
    return X.T @ ((1 - y * y) * (y - 1.0))


def seed_written_to():
    s = np.ones(3)
    _, d = jvp(lambda a: a + 1.0, (V,), (s,))
    d *= 5
    return s


def primal_written_to():
    x = V.copy()
    y, _ = jvp(lambda a: a, (x,), (np.ones(3),))
    y *= 0
    return x


def constant_overwritten():
    buffer = V.copy()
    _, pullback = vjp(lambda w: np.sum(np.sin(w * buffer)), 2.0)
    buffer[:] = 0
    return pullback(1.0)[0]


def batch_overwritten():
    w, buffer = adlib.Variable(2.0), V.copy()
    y = np.sum(np.sin(w * buffer))
    buffer[:] = 0
    y.backward()
    return w.grad


def view_overwritten():
    base, s = X.copy(), []

    def f(w):
        row = base[1]
        s[:] = [np.sum(np.sin(w * row))]
        return s[0]

    _, pullback = vjp(f, 2.0)
    base[1] = 0
    return pullback(1.0)[0]


def two_threads():
    """One record ends while the other still uses the constant; then somebody writes to it."""
    c, first, go, found = V.copy(), threading.Event(), threading.Event(), []

    def f(x):
        first.set()
        y = np.sum(x * x * c)
        assert go.wait(20)
        return y

    worker = threading.Thread(target=lambda: found.append(vjp(f, 3.0)[1]))
    worker.start()
    assert first.wait(20)
    grad(lambda x: np.sum(x * c))(1.0)
    go.set()
    worker.join()
    c[:] = 0
    return found[0](1.0)[0]


def log_det(A):
    """2 Σ log diag(cholesky) is the log of the determinant."""
    return 2 * np.sum(np.log(np.diagonal(np.linalg.cholesky(A))))


def filled(x):
    out = np.zeros(3, object)
    out[1] = x * x
    return np.sum(out)


def piecewise(x):
    return np.piecewise(x, [x < 0, x >= 0], [lambda t: -t, lambda t: t * t])


A32, I8 = np.array([0.5, 1.7, 2.5], np.float32), np.int8(100)
SIXES, TWELVE = np.arange(6.0).reshape(3, 2), np.arange(12.0).reshape(2, 2, 3)
S = np.array([[2.0, 0.4], [0.4, 1.0]])
both = lambda f, x: [jvp(f, (x,), (1.0,))[1], grad(f)(x)]  # noqa: E731
inside = lambda f, x: vjp(f, x)[0]  # noqa: E731

RIGHT = {
    # a tangent of a number beside an array
    "sum(s + ones)": (lambda: both(lambda s: np.sum(s + np.ones(4)), 2.0), [4, 4]),
    "sum(remainder(s, a))": (lambda: both(lambda s: np.sum(np.remainder(s, 3 * np.ones(4))), 2.0), [4, 4]),
    "jacobian(s - ones)": (lambda: jacobian(lambda s: s - np.ones(4))(2.0), np.ones(4)),
    # what the caller writes to
    "r -= t; pullback(r)": (gauss_newton, gauss_newton_by_hand()),
    "d *= 5, a tangent": (seed_written_to, np.ones(3)),
    "y *= 0, a value": (primal_written_to, V),
    "constant overwritten, vjp": (constant_overwritten, np.sum(V * np.cos(2 * V))),
    "constant overwritten, Variable": (batch_overwritten, np.sum(V * np.cos(2 * V))),
    "base of a view overwritten": (view_overwritten, np.sum(X[1] * np.cos(2 * X[1]))),
    "two threads, one constant": (two_threads, 6 * np.sum(V)),
    "tuple * x": (lambda: grad(lambda x: np.sum((1.0, 2.0) * np.sin(x)))(0.0), 3),
    # memory order
    "x.T.ravel('A')": (
        lambda: grad(lambda x: np.sum(x.T.ravel("A") * np.arange(6.0)))(np.ones((2, 3))),
        [[0, 1, 2], [3, 4, 5]],
    ),
    "x.T.ravel('K')": (
        lambda: jvp(lambda x: np.sum(x.T.ravel("K") * np.arange(6.0)), (np.ones((2, 3)),), (np.eye(2, 3),))[
            1
        ],
        4,
    ),
    # whole-number constants
    "arctan2(y, int8)": (lambda: grad(lambda y: np.arctan2(y, I8))(1.0), 100 / 10001),
    "uint8 ** gamma": (lambda: grad(lambda g: np.uint8(100) ** g)(1.0), 100 * np.log(100)),
    "x ** uint8 0": (lambda: grad(lambda x: x ** np.uint8(0))(100.0), 0),
    "copysign(x, bool)": (lambda: grad(lambda x: np.copysign(x, np.array([True])))(-2.0), -1),
    "reciprocal(where(True, int, x)) + x": (
        lambda: value_and_grad(lambda x: np.reciprocal(np.where(True, np.int64(2), x)) + x)(1.3),
        (1.8, 1),
    ),
    "sin(s)[None]": (lambda: jacobian(lambda s: np.sin(s)[None])(0.5), [np.cos(0.5)]),
    "sin(s)[()]": (lambda: grad(lambda s: np.sin(s)[()])(0.5), np.cos(0.5)),
    "nanmax of nan": (lambda: inside(lambda x: np.nanmax(x), np.array([np.nan, np.nan])), np.nan),
    "interp, one knot": (lambda: value_and_grad(lambda x: np.interp(x, [1.0], [3.0]))(2.0), (3, 0)),
    # arrays of objects, lists
    "np.array([x, y])": (
        lambda: hessian(lambda x, y: np.sum(np.array([x * y, x]) ** 2), (0, 1))(2.0, 3.0),
        ((20, 24), (24, 8)),
    ),
    "np.exp([x, x * x])": (
        lambda: grad(lambda x: np.sum(np.exp(np.array([x, x * x]))))(0.5),
        np.exp(0.5) + np.exp(0.25),
    ),
    "np.where(c, [x, x], 0)": (lambda: grad(lambda x: np.sum(np.where([True, False], [x, x], 0)))(0.5), 1),
    "np.sum([x, y])": (lambda: grad(lambda x: np.sum([x, x * x]))(0.5), 2),
    "np.r_": (lambda: grad(lambda x: np.sum(np.r_[x, 2 * x, 1.0]))(0.5), 3),
    "filled object array": (lambda: grad(filled)(3.0), 6),
    "np.full(3, x)": (lambda: grad(lambda x: np.sum(np.full(3, x)))(1.0), 3),
    "np.add.outer": (lambda: grad(lambda x: np.sum(np.add.outer(x, x)))(V), [6, 6, 6]),
    "np.maximum.accumulate": (
        lambda: grad(lambda x: np.sum(np.maximum.accumulate(x)))(np.array([1.0, 0.0, 2.0])),
        [2, 0, 1],
    ),
    "np.logaddexp.reduce": (lambda: grad(np.logaddexp.reduce)(V), np.exp(V) / np.sum(np.exp(V))),
    # constants
    "grad of grad(lambda y: 3 * x)": (lambda: grad(lambda x: x * grad(lambda y: 3.0 * x)(2.0))(5.0), 0),
    "x**2 if x > 0 else 0.0": (lambda: grad(lambda x: x**2 if x > 0 else 0.0)(-1.0), 0),
    "one entry": (lambda: grad(lambda x: np.sum(x * x, keepdims=True))(V), 2 * V),
    "has_aux": (lambda: grad(lambda x: (x * x, x + 1), has_aux=True)(3.0), (6, 4)),
    # optional arguments
    "einsum, lists": (lambda: grad(lambda x: np.sum(np.einsum(x, [0], V, [0])))(V), V),
    "cross(axis=)": (lambda: grad(lambda x: np.sum(np.cross(x, V, axis=0)))(V), np.cross(V, np.ones(3))),
    "vstack(dtype=)": (
        lambda: inside(lambda x: np.vstack([x, V], dtype=np.float32), V).dtype == np.float32,
        True,
    ),
    "gradient, axes": (lambda: inside(lambda x: np.gradient(x, axis=(0, 1))[1], SIXES), np.ones((3, 2))),
    "flatten('F')": (
        lambda: grad(lambda x: np.sum(x.flatten("F") * np.arange(6.0)))(SIXES),
        np.arange(6.0).reshape(2, 3).T,
    ),
    "atleast_1d(a, b)": (lambda: grad(lambda x: np.sum(np.atleast_1d(x, 2 * x)[1]))(3.0), 2),
    "quantile(method=)": (
        lambda: inside(lambda x: np.quantile(x, 0.3, method="hazen"), V),
        np.quantile(V, 0.3, method="hazen"),
    ),
    "interp(period=)": (lambda: inside(lambda x: np.interp(x, [0.0, 1.0], [0.0, 1.0], period=2), 1.5), 0.5),
    "cov(aweights=)": (
        lambda: inside(lambda x: np.cov(x, aweights=[1, 2, 1]), V),
        np.cov(V, aweights=[1, 2, 1]),
    ),
    "std at equal values": (lambda: grad(np.std)(np.array([1.0, 1.0])), [0, 0]),
    "trapezoid(dx, axis)": (
        lambda: inside(lambda y: np.trapezoid(y, dx=np.array([[1.0], [2.0]]), axis=0), SIXES),
        [7, 10],
    ),
    "average(axis=(1, 0))": (
        lambda: inside(lambda x: np.average(x, axis=(1, 0), weights=np.array([[1.0, 2], [3, 5]])), TWELVE),
        np.average(TWELVE, axis=(1, 0), weights=np.array([[1.0, 2], [3, 5]])),
    ),
    "linspace, one of several": (
        lambda: inside(lambda x: np.linspace(x, 2.0, 1, retstep=True), V)[1],
        np.linspace(V, 2.0, 1, retstep=True)[1],
    ),
    "ldexp": (lambda: inside(lambda x: np.ldexp(x, 1100), 1e-300), np.ldexp(1e-300, 1100)),
    "ldexp down": (lambda: inside(lambda x: np.ldexp(x, -1100), 1e300), np.ldexp(1e300, -1100)),
    "concat float32": (
        lambda: str(grad(lambda x: np.sum(np.concat([x, V], axis=None)))(A32).dtype),
        "float32",
    ),
    "array namespace": (lambda: grad(lambda x: x.__array_namespace__().sum(x * x))(V), 2 * V),
    "bincount float32": (lambda: str(inside(lambda x: np.bincount([0, 1, 1], x), A32).dtype), "float64"),
    "float_power float32": (lambda: str(inside(lambda x: np.float_power(x, 2), A32).dtype), "float64"),
    "polyval float32": (
        lambda: str(inside(lambda x: np.polyval([1.0, 2.0], x), A32).dtype),
        str(np.polyval([1.0, 2.0], A32).dtype),
    ),
    "resize of nothing": (lambda: inside(lambda x: np.resize(x, 2), np.zeros(0)), [0, 0]),
    "float + float32": (lambda: str(jvp(lambda x: x + np.float32(1), (2.0,), (1.0,))[1].dtype), "float32"),
    # special points
    "sinc, fourth at 0": (lambda: grad(grad(grad(grad(np.sinc))))(0.0), np.pi**4 / 5),
    "sinc, second at 1e-8": (lambda: grad(grad(np.sinc))(1e-8), -(np.pi**2) / 3),
    "1 / norm at 0": (lambda: grad(lambda x: 1 / np.linalg.norm(x))(np.zeros(2)), [np.nan, np.nan]),
    "log norm at 0": (lambda: grad(lambda x: np.log(np.linalg.norm(x)))(np.zeros(2)), [np.nan, np.nan]),
    "Hessian of norm ** 2 at 0": (
        lambda: hessian(lambda x: np.linalg.norm(x) ** 2)(np.zeros(2)),
        np.full((2, 2), np.nan),
    ),
    "norm ** 2 at 0": (lambda: grad(lambda x: np.linalg.norm(x) ** 2)(np.zeros(2)), [0, 0]),
    "piecewise": (lambda: both(piecewise, 0.5), [1, 1]),
    "x * stop_gradient(x)": (lambda: grad(lambda x: x * stop_gradient(x))(3.0), 3),
    "x * x.detach()": (lambda: grad(lambda x: x * x.detach())(3.0), 3),
    "eigvalsh at I": (
        lambda: jvp(lambda a: np.linalg.eigvalsh(a)[0], (np.eye(2),), (np.array([[1.0, 2], [2, 5]]),))[1],
        3,
    ),
    "arctan2 at 1e-200": (lambda: grad(lambda y: np.arctan2(y, 1e-200))(1e-200), 5e199),
    "tanh'' near 0": (lambda: grad(grad(np.tanh))(1e-12), -2e-12),
    "Hessian of det, singular": (lambda: hessian(np.linalg.det)(np.ones((2, 2)))[0, 0], [[0, 0], [0, 1]]),
    "cholesky": (lambda: grad(log_det)(S) + grad(log_det)(S).T, 2 * np.linalg.inv(S)),
    "pairwise, masked": (
        lambda: grad(lambda x: np.sum(np.where(np.eye(2, dtype=bool), 0.0, np.abs(x[:, None] - x))))(
            np.array([1.0, 3.0])
        ),
        [-2, 2],
    ),
    # tracing
    "trace of a mask": (lambda: trace(lambda x: np.sum(x[x > 1.5] ** 2), V).value, 29),
    "adjoint of an index array": (
        lambda: len(diagnose(lambda x: np.sum(x[np.array([0, 1, 2])]), V).findings),
        0,
    ),
    "median, traced": (lambda: trace(np.median, V).value, 2),
    # programs
    "generator": (lambda: grad(lambda x: sum(x * k for k in range(4)))(2.0), 6),
    "deque": (lambda: grad(lambda x: (lambda d: d.popleft() * d.pop())(deque([x, 2.0, x])))(3.0), 6),
    "x += 1 of a number": (
        lambda: grad(lambda x: (lambda y: y.__iadd__(1.0) if hasattr(y, "__iadd__") else y + 1.0)(x) ** 2)(
            2.0
        ),
        6,
    ),
    "two leaves": (lambda: grad(lambda x: x[0] * x[1])([1.0] * 4), [1, 1, 0, 0]),
}


def wrong_clip():
    gate = adlib.custom_gate(lambda x: 5.0 * x)
    gate.backward(lambda g, out, x: np.clip(5.0 * g, -3, 3))
    return gate


def write(how):
    def f(x):
        names = {"x": x, "X": x, "np": np}
        exec(how, names)
        return np.sum(names["x"])

    return f


D = np.array([3.0, 1.0, 2.0])
REFUSED = {
    **{
        how: (lambda how=how: grad(write(how))(D.copy()), "Build a new array|[Ww]rite|np.sort|np.partition")
        for how in (
            "y = x.copy(); y.sort()",
            "y = x.copy(); y.partition(1)",
            "y = x[1:]; y += 1.0",
            "y = x.reshape(3, 1); y *= 2",
            "x *= 2",
            "x[0] = 1.0",
            "np.sin(x, out=np.zeros(3))",
            "x.fill(2.0)",
        )
    },
    "rows *= 2": (lambda: grad(write("for row in X:\n    row *= 2"))(np.ones((2, 3))), "rite"),
    "x in {2.0}": (lambda: grad(lambda x: x if x in {2.0, 3.0} else 1.0)(2.0), "hash"),
    "{1.0: 10.0}.get(x)": (lambda: grad(lambda x: x * {1.0: 10.0}.get(x, 0.0))(1.0), "hash"),
    "set(x)": (lambda: grad(lambda x: sum(set(x)))(V), "hash"),
    "x.value": (lambda: grad(lambda x: x * x.value)(3.0), "stop_gradient"),
    "float(x)": (lambda: grad(lambda x: x * float(x))(3.0), "NumPy"),
    "None": (lambda: grad(lambda x: None)(3.0), "return"),
    "whole numbers": (lambda: grad(lambda x: 3)(3.0), "float"),
    "a function": (lambda: grad(lambda x: lambda y: x)(3.0), "Call that function"),
    "clipped rule": (lambda: vjp(wrong_clip(), 1.0)[1](1.0), "not linear"),
    "np.add(x, 1j)": (lambda: jvp(lambda x: np.add(x, 1j), (1.0,), (1.0,)), "real"),
    "x * 1j": (lambda: jvp(lambda x: x * 1j, (1.0,), (1.0,)), "real"),
    "where(c, x, 1j)": (lambda: jvp(lambda x: np.where(True, x, 1j), (1.0,), (1.0,)), "real"),
    "x * timedelta": (lambda: jvp(lambda x: x * np.timedelta64(1, "s"), (1.0,), (1.0,)), "time"),
    "x * 'a'": (lambda: grad(lambda x: x * "a")(2.0), "number"),
    "pow(x, 2, 3)": (lambda: grad(lambda x: pow(x, 2, 3))(2.0), "pow|modul"),
    "np.full_like": (lambda: grad(lambda x: np.sum(np.full_like(V, x)))(2.0), "np.full"),
    "V[x]": (lambda: grad(lambda x: V[x])(2.0), "index"),
    "np.mean([x])": (lambda: grad(lambda x: np.mean([x, x]))(2.0), "np.stack"),
    "out[0] = x": (lambda: grad(write("out = np.zeros(3); out[0] = x"))(2.0), "np.stack"),
    "np.array([v, v])": (lambda: grad(lambda x: np.sum(np.array([x, x])))(V), "np.stack"),
    "A.dot(x)": (lambda: grad(lambda x: np.sum(X.dot(x)))(V), "A @ x"),
    "rng.normal(m, 1.0)": (
        lambda: grad(lambda m: np.random.default_rng(0).normal(m, 1.0))(2.0),
        r"m \+ s \* rng",
    ),
    "np.random.normal(m, 1.0)": (lambda: grad(lambda m: np.random.normal(m, 1.0))(2.0), r"m \+ s \* rng"),  # noqa: NPY002
    "np.arange(0, x)": (lambda: grad(lambda x: np.sum(np.arange(0.0, x)))(2.0), "linspace"),
    "np.fft": (lambda: grad(lambda x: np.sum(np.fft.rfft(x)))(V), "Fourier"),
    "integers": (lambda: grad(lambda x: x * x)(3), "3.0"),
    "an int in a dict": (lambda: grad(lambda p: p["a"] * p["n"])({"a": 2.0, "n": 3}), "argnums"),
    "several results": (lambda: grad(lambda x: (x, x))(3.0), "has_aux"),
    "vector result": (lambda: grad(lambda x: x * x)(V), "jacobian"),
    "stale box": (lambda: leak(), "has ended"),
    "requires_grad": (lambda: adlib.Variable(1.0).requires_grad, "leaf"),
    "is_leaf": (lambda: adlib.Variable(1.0).is_leaf, "gate is None"),
    "retain_grad": (lambda: adlib.Variable(1.0).retain_grad(), "leaves"),
    "create_graph": (lambda: (adlib.Variable(1.0) * 2).backward(create_graph=True), "grad"),
    "backward twice": (lambda: twice(), "retain_graph"),
}


def leak():
    kept = []
    grad(lambda x: kept.append(x) or x * x)(2.0)
    return kept[0] * 2


def twice():
    y = adlib.Variable(2.0) * 2
    y.backward()
    y.backward()


@pytest.mark.parametrize("name", RIGHT)
def test_right(name):
    program, expected = RIGHT[name]
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        found = program()
    if isinstance(expected, str):
        assert found == expected
        return
    pairs = (
        zip(flatten(found)[0], flatten(expected)[0], strict=True)
        if type(found) is tuple
        else [(found, expected)]
    )
    for a, b in pairs:
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-7, atol=1e-12 if np.size(b) > 1 else 0)


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    program, words = REFUSED[name]
    with warnings.catch_warnings(action="ignore"), pytest.raises(Exception, match=words):
        program()
