"""Kinds of operands: whatever NumPy takes beside a tracked value means to adlib what it means to NumPy.

Every gate of two operands meets every kind of tracked value and every kind of constant, on either side, in both
modes and to second order.  The value has NumPy's numbers, shape and type; the derivatives are those that the same
numbers give as float64.
"""

import itertools

import numpy as np
import pytest

import adlib
from adlib.engine.levels import plain
from adlib.gates import GATES, Elementwise

TRACKED = {
    "float": lambda v: float(v),
    "float64": lambda v: np.float64(v),
    "float32": lambda v: np.float32(v),
    "0-d": lambda v: np.array(v),
    "(3,)": lambda v: np.array([v, v + 0.25, v + 0.5]),
    "(2, 3)": lambda v: v + np.arange(6.0).reshape(2, 3) / 8,
    "(2, 3) by columns": lambda v: np.asfortranarray(v + np.arange(6.0).reshape(2, 3) / 8),
    "float32 (3,)": lambda v: np.array([v, v + 0.25, v + 0.5], np.float32),
    "one of several": lambda v: np.array([[v], [v + 0.25]]),
}
CONSTANTS = {
    "float": float,
    "int": int,
    "bool": lambda c: True,
    "float64": np.float64,
    "float32": np.float32,
    "int8": np.int8,
    "uint8": np.uint8,
    "int64": np.int64,
    "bool_": lambda c: np.bool_(True),
    "0-d int16": lambda c: np.array(int(c), np.int16),
    "(3,) int8": lambda c: np.array([c, c + 1, c + 2], np.int8),
    "(3,) uint8": lambda c: np.array([c, c + 1, c + 2], np.uint8),
    "(3,) bool": lambda c: np.array([True, True, True]),
    "(3,) float32": lambda c: np.array([c, c + 1, c + 2], np.float32),
    "list": lambda c: [float(c), c + 1.0, c + 2.0],
    "list of int": lambda c: [int(c), int(c) + 1, int(c) + 2],
    "(2, 3) by columns": lambda c: np.asfortranarray(c + np.arange(6.0).reshape(2, 3)),
}
BINARY = [
    function
    for function, gate in GATES.items()
    if isinstance(gate, Elementwise) and len(gate.partials) == 2 and isinstance(function, np.ufunc)
] + [np.float_power]
WIDE = 100  # arctan2(y, int8(100)) squared leaves int8


def _placed(side, x, c):
    return (x, c) if side == "left" else (c, x)


def _type_of(x):
    return np.asarray(x).dtype


def _flat(x):
    return np.asarray(x, float)


CASES = [
    pytest.param(function, side, id=f"{function.__name__}-{side}")
    for function, side in itertools.product(BINARY, ("left", "right"))
]


@pytest.mark.parametrize("constant", CONSTANTS)
@pytest.mark.parametrize(("function", "side"), CASES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_constant_of_any_kind(function, side, constant):
    large = constant in ("int8", "uint8") and function.__name__ in ("arctan2", "hypot")
    c = CONSTANTS[constant](WIDE if large else 3)
    for kind, make in TRACKED.items():
        x = make(1.3)
        f = lambda x: function(*_placed(side, x, c))  # noqa: E731
        wide = lambda x: function(*_placed(side, x, np.asarray(c, float)[()]))  # noqa: E731
        expected = f(x)
        v = np.ones_like(_flat(x))
        for derivative in (False, True):
            if derivative:
                f, wide = _slope(f, v, x), _slope(wide, v, _flat(x)[()])
                expected = None
            y, tangent = adlib.jvp(f, (x,), (np.asarray(v, _type_of(x))[()],))
            reference, wide_tangent = adlib.jvp(wide, (_flat(x)[()],), (v[()],))
            where = f"{kind}, order {1 + derivative}"
            rel = 2e-4 if np.float32 in (_type_of(y), _type_of(x)) else 1e-12
            if expected is not None:
                assert _type_of(y) == _type_of(expected), where
                ulps = 2 if function is np.float_power else 0
                np.testing.assert_array_max_ulp(np.asarray(y), np.asarray(expected), ulps)
            assert np.shape(tangent) == np.shape(y), where
            assert _type_of(tangent) == _type_of(y), where
            np.testing.assert_allclose(y, reference, rel, 1e-5 * (rel > 1e-10), err_msg=where)
            np.testing.assert_allclose(tangent, wide_tangent, rel, 1e-5 * (rel > 1e-10), err_msg=where)
            value, pullback = adlib.vjp(f, x)
            np.testing.assert_array_equal(value, y, err_msg=where)
            (adjoint,) = pullback(np.ones_like(value))
            (wide_adjoint,) = adlib.vjp(wide, _flat(x)[()])[1](np.ones_like(_flat(value)))
            assert _type_of(adjoint) == _type_of(x), where
            assert np.shape(adjoint) == np.shape(x), where
            np.testing.assert_allclose(adjoint, wide_adjoint, rel, 1e-5 * (rel > 1e-10), err_msg=where)


def _slope(f, v, x):
    return lambda x: adlib.jvp(
        f, (x,), (np.asarray(v, _type_of(x) if not hasattr(x, "level") else x.dtype)[()],)
    )[1]


# Functions of several arrays: f(x, c) with x tracked, and a constant c of any type beside it.
TOGETHER = {
    "where(True)": lambda x, c: np.where(True, x, c),
    "where(False)": lambda x, c: np.where(False, x, c),
    "where(bools)": lambda x, c: np.where(np.array([True, False, True]), x, c),
    "where(False) and on": lambda x, c: np.reciprocal(np.where(False, x, c) + x),
    "reciprocal of where": lambda x, c: np.reciprocal(np.where(True, c, x)) + x,
    "concatenate": lambda x, c: np.concatenate([x, c]),
    "concatenate(axis=None)": lambda x, c: np.concatenate([x, c], axis=None),
    "stack": lambda x, c: np.stack([x, c]),
    "hstack": lambda x, c: np.hstack([x, c]),
    "vstack": lambda x, c: np.vstack([x, c]),
    "append": lambda x, c: np.append(x, c),
    "append(axis=0)": lambda x, c: np.append(x, c, axis=0),
    "block": lambda x, c: np.block([x, np.asarray(c)]),
    "matmul": lambda x, c: np.matmul(x, c),
    "dot": lambda x, c: np.dot(c, x),
    "vdot": lambda x, c: np.vdot(x, c),
    "inner": lambda x, c: np.inner(x, c),
    "outer": lambda x, c: np.outer(x, c),
    "tensordot": lambda x, c: np.tensordot(x, c, 0),
    "kron": lambda x, c: np.kron(x, c),
    "cross": lambda x, c: np.cross(x, c),
    "einsum": lambda x, c: np.einsum("i,j->ji", x, c),
    "convolve": lambda x, c: np.convolve(x, c),
    "correlate": lambda x, c: np.correlate(x, c, "full"),
    "clip": lambda x, c: np.clip(x, c, 9),
    "interp(x)": lambda x, c: np.interp(x, np.array([0.0, 2.0, 4.0]), c),
    "interp(fp)": lambda x, c: np.interp(c, np.array([0.0, 4.0, 8.0]), x),
    "polyval(x)": lambda x, c: np.polyval(c, x),
    "polyval(p)": lambda x, c: np.polyval(x, c),
    "polyadd": lambda x, c: np.polyadd(x, c),
    "polymul": lambda x, c: np.polymul(x, c),
    "average(weights=)": lambda x, c: np.average(x, weights=c),
    "average of constants": lambda x, c: np.average(c, weights=x),
    "trapezoid(x=)": lambda x, c: np.trapezoid(x, c),
    "trapezoid of constants": lambda x, c: np.trapezoid(c, x),
    "trapezoid(dx=)": lambda x, c: np.trapezoid(x, dx=np.diff(c)),
    "linspace": lambda x, c: np.linspace(x, c, 4),
    "select": lambda x, c: np.select([np.array([True, False, False]), x > 1.4], [x, c], c),
    "choose": lambda x, c: np.choose(np.array([0, 1, 0]), [x, c]),
    "insert": lambda x, c: np.insert(x, 1, c),
    "pad": lambda x, c: np.pad(x, 1, constant_values=3),
    "diff(prepend=)": lambda x, c: np.diff(x, prepend=c),
    "ediff1d": lambda x, c: np.ediff1d(x, to_end=np.asarray(x.dtype.type(2))),
    "bincount": lambda x, c: np.bincount(np.array([0, 2, 0]), x),
    "cov": lambda x, c: np.cov(x, c),
    "ldexp": lambda x, c: np.ldexp(x, np.array([1, -2, 3])),
    "vecdot": lambda x, c: np.vecdot(x, c),
    "full_like": lambda x, c: np.full_like(x, 2) * x,
    "floor_divide": lambda x, c: x // c,
    "sum(initial=)": lambda x, c: np.sum(x, initial=3),
    "divmod": lambda x, c: np.divmod(x, c)[1],
}
LOGICAL = ("cross", "trapezoid of constants", "trapezoid(x=)", "trapezoid(dx=)", "interp(x)")
ARRAYS = {
    "int8": np.array([1, 3, 2], np.int8),
    "uint8": np.array([1, 2, 3], np.uint8),
    "int64": np.array([1, 3, 2]),
    "bool": np.array([True, True, True]),
    "float32": np.array([1.5, 3.25, 2.5], np.float32),
    "float64": np.array([1.5, 3.25, 2.5]),
    "list": [1.5, 3.25, 2.5],
    "list of int": [1, 3, 2],
}


@pytest.mark.parametrize("constant", ARRAYS)
@pytest.mark.parametrize("name", TOGETHER)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_arrays_of_mixed_types(name, constant, kind):
    c, f = ARRAYS[constant], TOGETHER[name]
    if constant == "bool" and name in LOGICAL:
        return  # NumPy adds and subtracts booleans as truth values, if at all
    x, v = np.array([1.25, 1.75, 0.5], kind), np.array([1.0, -2.0, 0.5], kind)
    expected = f(x, c)
    y, tangent = adlib.jvp(lambda x: f(x, c), (x,), (v,))
    rel = 1e-12 if expected.dtype == np.float64 == kind else 2e-6
    assert (y.shape, y.dtype) == (expected.shape, expected.dtype)
    np.testing.assert_allclose(y, expected, 4 * np.finfo(expected.dtype).eps)
    assert (np.shape(tangent), np.asarray(tangent).dtype) == (y.shape, y.dtype)
    wide = np.asarray(c, float)
    reference = adlib.jvp(lambda x: f(x, wide), (x.astype(float),), (v.astype(float),))[1]
    np.testing.assert_allclose(tangent, reference, rel, 4 * rel)
    _, pullback = adlib.vjp(lambda x: f(x, c), x)
    ybar = np.cos(np.arange(y.size, dtype=y.dtype)).reshape(y.shape)
    (adjoint,) = pullback(ybar)
    assert (adjoint.shape, adjoint.dtype) == (x.shape, x.dtype)
    assert float(np.sum(adjoint * v)) == pytest.approx(
        float(np.sum(ybar * tangent)), rel=4 * rel, abs=4 * rel
    )


@pytest.mark.parametrize("index", [None, (), ..., (None, None), (None, ...), True, (None, True)], ids=str)
def test_a_number_has_the_indices_that_numpys_have(index):
    def f(s):
        return np.sum(np.sin(s)[index] ** 3)

    adlib.check_grads(f, (0.5,))
    assert np.shape(adlib.jacobian(lambda s: s[index])(0.5)) == np.float64(0.5)[index].shape
    with pytest.raises(IndexError):
        adlib.grad(lambda s: s[0])(0.5)


# What NumPy makes an array of first, so that the type of a number counts, and what small integers would wrap in
OF_TWO = {
    "dot": np.dot,
    "inner": np.inner,
    "average": lambda a, b: np.average(a, weights=b),
    "clip": lambda a, b: np.clip(a, b, None),
    "round": lambda a, b: np.round(a, 1) * b,
    "interp": lambda a, b: np.interp(a, [0, 1, 3], b),
    "interp, nodes": lambda a, b: np.interp(a, np.sort(np.ravel(b)), np.arange(np.size(b)) + 0.5),
    "diff": lambda a, b: np.diff(a, prepend=b),
    "insert": lambda a, b: np.insert(a, 0, b),
    "linspace": lambda a, b: np.linspace(a, b, 3),
    "prod": lambda a, b: np.prod(a, initial=b),
    "max": lambda a, b: np.max(a, initial=b),
    "trapezoid": np.trapezoid,
    "outer": np.outer,
    "convolve": np.convolve,
    "polyval": np.polyval,
    "cross": np.cross,
}
OPERANDS = {
    **{str(k): k for k in (2, 1.25, True, 10**12, -1.5, [1.25, 2.0, 3.0], [1, 2, 3], (1.0, 2.0, 3.0))},
    **{f"np.{type(k).__name__}": k for k in (np.float64(1.25), np.float32(1.25), np.int8(1), np.uint8(200))},
    **{
        f"array of {kind}": np.array([1.25, 200, 3]).astype(kind)
        for kind in ("f8", ">f8", "f4", "i8", "u1", "?")
    },
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("kind", OPERANDS)
@pytest.mark.parametrize("name", OF_TWO)
def test_a_function_of_two_operands_has_numpys_value_and_type(name, kind, swapped):
    """For each kind of constant beside each kind of tracked operand; or both refuse."""
    of_two, constant = OF_TWO[name], OPERANDS[kind]
    f = (lambda x: of_two(constant, x)) if swapped else (lambda x: of_two(x, constant))
    for x in (
        1.7,
        np.float32(1.7),
        np.array(1.7),
        np.array([0.5, 1.5, 2.5]),
        np.array([0.5, 1.5, 2.5], "f4"),
    ):
        try:
            expected = f(x)
        except Exception:  # NumPy's, whatever it is
            continue
        if np.asarray(expected).dtype.kind != "f":
            continue
        inside = []

        def spy(t, inside=inside):
            inside.append(f(t))
            return inside[-1]

        try:
            y, pullback = adlib.vjp(spy, x)
        except adlib.errors.LostDerivativeError as error:
            assert "\n  at line" in str(error)  # noqa: PT017
            continue
        kinds = [np.asarray(v).dtype.newbyteorder("=") for v in (plain(inside[0]), expected)]
        assert kinds[0] == kinds[1]
        single = np.asarray(expected).dtype == np.float32
        np.testing.assert_allclose(y, expected, rtol=1e-5 if single else 1e-12)
        (g,) = pullback(np.ones(np.shape(y), np.asarray(y).dtype)[()] if np.ndim(y) else 1.0)
        tangent = adlib.jvp(f, (x,), (np.ones_like(x)[()] if np.ndim(x) else 1.0,))[1]
        sums = [np.sum(part, dtype=float) for part in (g, tangent)]
        rough = single or np.asarray(x).dtype == np.float32
        assert not np.all(np.isfinite(sums)) or np.isclose(*sums, *((1e-3, 1e-3) if rough else (1e-9, 1e-9)))
