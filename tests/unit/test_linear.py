"""Linear and structural gates, reductions and compositions: NumPy's values, and derivatives three ways.

One case is a function of arrays (tests/unit/cases).  For each: the value is NumPy's own, both modes agree with
difference quotients and with each other (the dot-product identity), and so do second derivatives.
"""

import inspect

import numpy as np
import pytest

import adlib
from adlib.gates import GATES, Elementwise
from adlib.gates.composition import COMPOSITIONS
from adlib.gates.functions import astype, getitem, scatter
from tests.unit.cases import CASES
from tests.unit.cases.arrays import V


def flat(result):
    parts = result if isinstance(result, list) else [result]
    return np.concatenate([np.ravel(p) for p in parts])


@pytest.mark.parametrize("name", CASES)
def test_value_is_numpys(name):
    f, *args = CASES[name]
    expected = f(*args)
    for found in (adlib.vjp(f, *args)[0], adlib.jvp(f, args, [np.ones_like(a)[()] for a in args])[0]):
        if isinstance(expected, list):
            assert [np.shape(a) for a in found] == [np.shape(a) for a in expected]
        else:
            assert np.shape(found) == np.shape(expected)
            assert np.asarray(found).dtype == np.asarray(expected).dtype
        np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-14)


@pytest.mark.parametrize("name", CASES)
def test_both_modes_agree_with_difference_quotients_and_each_other(name):
    f, *args = CASES[name]
    adlib.check_grads(f, args, order=1, atol=1e-8, rtol=1e-8)


NONLINEAR = {name: case for name, case in CASES.items() if case[0] not in (np.sum,)}


@pytest.mark.parametrize("name", NONLINEAR)
def test_second_order(name):
    """Squares make the linear gates count at second order."""
    f, *args = NONLINEAR[name]

    def squared(*xs):
        y = f(*[x * x for x in xs])
        return [p * p for p in y] if isinstance(y, list) else y * y

    for first in ("forward", "reverse"):
        for second in ("forward", "reverse"):
            x = [np.asarray(a, float) for a in args]
            assert _second(squared, x, first, second) == pytest.approx(
                _second(squared, x, "forward", "forward"), rel=1e-11, abs=1e-11
            )
    adlib.check_grads(squared, args, modes=("reverse",), order=2)


def _second(f, args, first, second):
    """ȳ · D²f [ẋ, ẋ'] with fixed directions, by the given modes."""
    rng = np.random.default_rng(3)
    one = [rng.normal(size=a.shape) for a in args]
    two = [rng.normal(size=a.shape) for a in args]

    def scalar(*xs):
        y = f(*xs)
        parts = y if isinstance(y, list) else [y]
        total = 0.0
        for k, p in enumerate(parts):
            weights = np.cos(np.arange(np.size(np.empty(p.shape)))).reshape(p.shape) + k
            total = total + np.sum(p * weights)
        return total

    def slope(g, xs, ts, mode):
        if mode == "forward":
            return adlib.jvp(g, xs, ts)[1]
        bars = adlib.vjp(g, *xs)[1](1.0)
        return sum(np.sum(b * t) for b, t in zip(bars, ts, strict=True))

    return float(slope(lambda *xs: slope(scalar, xs, one, first), args, two, second))


# --- Every row and every composition is reached -----------------------------------------------------------------


def test_every_linear_gate_and_composition_has_a_case(monkeypatch):
    reached = set()
    rest = {f: g for f, g in GATES.items() if not isinstance(g, Elementwise)}
    for f, g in rest.items():

        def jvp(*args, _f=f, _jvp=g.jvp, **kwargs):
            reached.add(_f)
            return _jvp(*args, **kwargs)

        monkeypatch.setattr(g, "jvp", jvp)
    composed_here = {f: c for f, c in COMPOSITIONS.items() if c.__module__.startswith("adlib.gates.")}
    for f, composed in composed_here.items():

        def call(*args, _f=f, _composed=composed, **kwargs):
            reached.add(_f)
            return _composed(*args, **kwargs)

        call.__signature__ = inspect.signature(composed)
        monkeypatch.setitem(COMPOSITIONS, f, call)
    for f, *args in CASES.values():
        adlib.jvp(f, args, [np.ones_like(a)[()] for a in args])
    adlib.jvp(lambda x: x.astype(np.float32), (V,), (V,))
    assert {getattr(f, "__name__", f) for f in (set(rest) | set(composed_here)) - reached} == set()


def test_our_own_gates_are_functions_too():
    np.testing.assert_array_equal(getitem(V, 1), V[1])
    np.testing.assert_array_equal(astype(V, np.float32), V.astype(np.float32))
    np.testing.assert_array_equal(scatter((1.0, 2.0), (0, 0), (3,), float), [3.0, 0.0, 0.0])
    np.testing.assert_array_equal(adlib.grad(lambda x: scatter((x, x * x), (0, 0), (3,), float)[0])(3.0), 7.0)


def test_what_gives_truth_values_indices_or_shapes_sees_plain_values():
    def f(x):
        assert type(x > 1) is np.ndarray
        assert np.argmax(x) == np.argmax(V)
        assert x.argmin() == np.argmin(V)
        assert np.any(x > 100) == False  # noqa: E712
        assert np.shape(x) == (4,)
        assert np.isfinite(x).all()
        assert np.allclose(x, V)
        assert x.dtype == float
        assert V[0] in x
        assert (np.zeros_like(x) == 0).all()
        assert np.sign(x).shape == (4,)
        assert not np.isnan(x).any()
        assert list(np.argsort(x)) == list(np.argsort(V))
        assert np.searchsorted(np.array([0.0, 10.0]), x).tolist() == [1] * 4
        assert f"{x[0]:.3f}" == f"{V[0]:.3f}"
        return np.sum(x)

    adlib.grad(f)(V)
    adlib.jvp(f, (V,), (V,))


def test_entries_and_the_whole_of_one_array():
    """Adjoints of entries wait to be put together; those of the whole array join them, one after the other."""
    x = np.array([2.0, 3.0, 5.0])
    f = lambda x: np.sum(x) + np.sum(x * x) + x[0] * x[2] + x[0]  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(f)(x), 1 + 2 * x + [6.0, 0.0, 2.0])
    g = lambda x: x[1] + np.sum(x * x) + x[1] * 2.0 + np.sum(x**3) + np.sum(x[:2])  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(g)(x), 2 * x + 3 * x**2 + [1.0, 4.0, 0.0])
    np.testing.assert_array_equal(adlib.hessian(g)(x), np.diag(2 + 6 * x))
