"""Methods of arrays and of ufuncs, called as NumPy's are; and code for any array library (the array-API standard)."""

import itertools

import numpy as np
import pytest

import adlib
from adlib.engine.boxes import Box
from adlib.gates import GATES
from adlib.gates.composition import COMPOSITIONS
from tests.unit.optional_calls import LINE, OBLONG, ROWS, SINGLE, TURNED
from tests.unit.test_optional_arguments import agrees, leaves

METHODS = {
    **{key: [(), ("C",), ("F",), ("A",)] for key in ("flatten", "ravel")},
    **{key: [(), (0,), (-1,)] for key in ("any", "argmax", "argmin", "argsort")},
    **{key: [()] for key in ("conj", "conjugate", "squeeze", "nonzero")},
    "all": [(), (0,)],
    "argpartition": [(1,), (0, 0)],
    "astype": [(np.float32,), ("f4", "C"), (float, "F", "unsafe", True, False), (float, "K", "safe")],
    "clip": [(1,), (0.5, 1.5), (None, 1.2)],
    "compress": [([True, False], 0), ([True, False, True],)],
    "copy": [(), ("F",), ("K",), ("A",)],
    "cumprod": [(), (0,), (1, np.float32)],
    "cumsum": [(), (0,), (1, np.float32)],
    "diagonal": [(), (1,), (0, 1, 0)],
    "dot": [(LINE,)],
    "max": [(0,), (0, None, True), (None, None, True, 9.0), (0, None, False, 0.5, ROWS)],
    "mean": [(0,), (0, np.float32), (0, None, None, True)],
    "min": [(1,), (0, None, True, -1.0)],
    "prod": [(0,), (0, np.float64, None, True), (None, None, None, False, 2.0)],
    "repeat": [(2,), ([1, 2], 0)],
    "reshape": [(3, 2), ((3, 2),), (-1,)],
    "round": [(), (1,)],
    "std": [(0,), (0, np.float64, None, 1, True)],
    "sum": [(0,), (0, np.float32), (None, None, None, True), (1, None, None, True, 2.0)],
    "swapaxes": [(0, 1)],
    "take": [([0, 1],), ([0, 1], 1), ([0, 7], 1, None, "wrap")],
    "to_device": [("cpu",)],
    "trace": [(), (1,), (0, 1, 0), (0, 0, 1, np.float32)],
    "transpose": [(), (1, 0), ((1, 0),), (None,)],
    "var": [(0,), (0, None, None, 1)],
}
ELSEWHERE = {"searchsorted"}  # wants a sorted line
NUMBERS = {"shape", "ndim", "size", "dtype", "itemsize", "nbytes", "device", "T", "mT", "real", "imag"}
OURS = {"backward", "detach", "level", "value", "item", "tolist"}
UFUNCS = {
    f.__name__ for f in (*GATES, *COMPOSITIONS) if isinstance(f, np.ufunc)
}  # x.exp(), for arrays of objects


@pytest.mark.parametrize("x", [OBLONG, TURNED, SINGLE], ids=["by rows", "by columns", "float32"])
@pytest.mark.parametrize("name", METHODS)
def test_methods_are_ndarrays(name, x):
    for args in METHODS[name]:
        agrees(lambda x: getattr(x, name)(*args), [x], leaves(getattr(x, name)(*args)))  # noqa: B023


def test_every_method_has_a_case_or_is_refused():
    public = {n for n in dir(Box) if not n.startswith("_")}
    refused = {
        n for n in public if isinstance(vars(Box).get(n), property) and vars(Box)[n].__doc__ == "@private"
    }
    assert public - refused - NUMBERS - ELSEWHERE - UFUNCS == (set(METHODS) | OURS) - UFUNCS
    assert {n for n in dir(np.ndarray) if not n.startswith("_")} <= public


# --- Methods of ufuncs ------------------------------------------------------------------------------------------

FOLDS = (np.add, np.multiply, np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot)
WAYS = [{}, {"axis": 0}, {"axis": -1}, {"axis": None}, {"axis": (0, 1)}, {"keepdims": True}, {"out": None}]
WAYS += [{"dtype": np.float32}, {"initial": 0.5}, {"initial": 0.5, "where": ROWS, "axis": 0}]


def same_or_refused(f, x, refusable):
    """Compare with NumPy's; what NumPy refuses is refused."""
    try:
        expected = leaves(f(x))
    except (TypeError, ValueError):
        with pytest.raises((TypeError, ValueError)):
            adlib.vjp(f, x)
        return
    try:
        agrees(f, [x], expected)
    except TypeError as error:
        if not refusable or "\n  at line" not in str(error):
            raise


@pytest.mark.parametrize("method", ["reduce", "accumulate"])
@pytest.mark.parametrize("ufunc", FOLDS, ids=lambda f: f.__name__)
def test_ufuncs_reduce_and_accumulate(ufunc, method):
    for x, way in itertools.product((LINE, OBLONG, TURNED, SINGLE, 0.5), WAYS):
        kept = way.keys() & {"dtype", "initial", "where"} and ufunc not in (np.add, np.multiply)
        same_or_refused(lambda x: getattr(ufunc, method)(x, **way), x, kept)  # noqa: B023
    same_or_refused(lambda x: ufunc.reduce(x, 0, None, None, True), OBLONG, False)


TWO = [f for f in GATES if isinstance(f, np.ufunc) and f.nin == 2 and f.signature is None]


@pytest.mark.parametrize("ufunc", [*TWO, np.less, np.equal], ids=lambda f: f.__name__)
def test_ufuncs_outer(ufunc):
    for x, y in itertools.product(
        (LINE, OBLONG, TURNED, SINGLE, 0.7), (LINE, 2.0, 3, [1, 2], np.arange(1, 3))
    ):
        same_or_refused(lambda x: ufunc.outer(x, y), x, False)  # noqa: B023
        same_or_refused(lambda x: ufunc.outer(y, x), x, False)  # noqa: B023


def test_an_empty_reduction_says_so():
    with pytest.raises(ValueError, match=r"np\.logaddexp\.reduce .*nothing to reduce"):
        adlib.vjp(lambda x: np.logaddexp.reduce(x), np.zeros(0))


# --- Code for any array library ---------------------------------------------------------------------------------


def softmax(x, axis=-1):
    xp = x.__array_namespace__(api_version=None)
    assert xp.isdtype(x.dtype, "real floating")
    e = xp.exp(x - xp.max(x, axis=axis, keepdims=True))
    return xp.astype(e / xp.sum(e, axis=axis, keepdims=True), x.dtype)


@pytest.mark.parametrize("x", [LINE, OBLONG, SINGLE], ids=["line", "matrix", "float32"])
def test_code_for_any_array_library(x):
    agrees(softmax, [x], leaves(softmax(x)))
    np.testing.assert_array_equal(adlib.vjp(lambda x: x.to_device(x.device), x)[0], x)
    with pytest.raises(ValueError, match="only the device 'cpu'"):
        adlib.vjp(lambda x: x.to_device("cuda"), x)


# --- Ufuncs that are made of gates ------------------------------------------------------------------------------

OPERANDS = (LINE, OBLONG, TURNED, SINGLE, 0.7, np.array(0.7), np.float32(0.7))
OTHERS = (2, 2.0, np.float32(2), LINE, np.array([1, 2, 3]), np.int32(3), [1, 2, 3])


@pytest.mark.parametrize("ufunc", [np.float_power, np.divmod, np.vecdot], ids=lambda f: f.__name__)
def test_ufuncs_of_two_operands(ufunc):
    for x, y in itertools.product(OPERANDS, OTHERS):
        same_or_refused(lambda x: ufunc(x, y), x, False)  # noqa: B023
        same_or_refused(lambda x: ufunc(y, x), x, False)  # noqa: B023


def test_ldexp_and_modf_have_numpys_types():
    for x in OPERANDS:
        same_or_refused(np.modf, x, False)
        for n in (2, np.array([1, 2, 3]), np.int32(-3), [1, 2, 3]):
            same_or_refused(lambda x: np.ldexp(x, n), x, False)  # noqa: B023


def test_arguments_of_a_ufunc_ask_for_nothing_or_are_refused():
    idle = {"where": True, "casting": "same_kind", "order": "K", "dtype": None, "subok": True, "out": None}
    for f in (np.sin, np.add, np.float_power, np.maximum):
        operands = (LINE,) * f.nin
        for name, value in idle.items():
            given = adlib.vjp(lambda x: f(*(x,) * f.nin, **{name: value}), LINE)[0]  # noqa: B023
            np.testing.assert_array_equal(given, f(*operands))
        for name, value in {"where": ROWS, "dtype": float, "casting": "safe"}.items():
            with pytest.raises(
                TypeError, match=rf"np\.{f.__name__} of a tracked value does not take {name}="
            ):
                adlib.vjp(lambda x: f(*(x,) * f.nin, **{name: value}), LINE)  # noqa: B023
