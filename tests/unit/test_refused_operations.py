"""Refused: operations that would lose the derivative, or for which there is none.

Every error names the operation, the user's own line, and the remedy.  What `np.linalg` refuses stands in
test_linalg, what writes into a tracked value in test_refused_writing.
"""

import math
import pickle
import re
from fractions import Fraction

import numpy as np
import pytest

import adlib
from adlib.errors import LostDerivativeError
from adlib.gates import GATES
from tests.unit.cases.arrays import M
from tests.unit.cases.entries import ENTRIES

X = np.array([1.0, 2.0, 3.0])
STORE = np.zeros(3)
LOST = {
    "float(x)": (lambda x: float(x), r"float\(x\), math\.sin\(x\)", "Use NumPy's functions"),
    "math.sin(x)": (lambda x: math.sin(x), r"float\(x\), math\.sin\(x\)", "Use NumPy's functions"),
    "math.floor(x)": (lambda x: math.floor(x), r"would turn a tracked value into a plain number", "np.floor"),
    "int(x)": (lambda x: int(x), r"int\(x\)", "np.floor"),
    "complex(x)": (lambda x: complex(x), r"complex\(x\)", "Use NumPy's functions"),
    "round(x)": (lambda x: round(x), r"round\(x\)", "Use NumPy's functions"),
    "round(x, 2)": (lambda x: round(x, 2), r"round\(x\)", "Use NumPy's functions"),
    "x.item()": (lambda x: x.item(), r"x\.item\(\)", "Use NumPy's functions"),
    "x.tolist()": (lambda x: x.tolist(), r"x\.tolist\(\)", "Use NumPy's functions"),
    "a[x]": (lambda x: X[x], "as an index", "plain numbers"),
    "range(x)": (lambda x: range(x), "using x as an index", "plain numbers"),
    "np.array([x, x])": (lambda x: np.array([x, x], float), "float|np.array", "np.stack"),
    "np.asarray(x)": (lambda x: np.asarray(x), r"np\.asarray\(x\)", r"np\.stack"),
    "array[0] = x": (lambda x: STORE.__setitem__(0, x), "storing x in an array", r"np\.stack"),
    "array += x": (lambda x: STORE.__iadd__(x), "writes into|in place|out=", "Build a new array|without"),
    "x[0] = 1": (
        lambda x: x.__setitem__(0, 1.0),
        r"x\[\.\.\.\] = \.\.\. writes into a tracked array",
        r"np\.where",
    ),
    "np.add.at": (lambda x: np.add.at(STORE, 0, x), r"np\.add\.at writes into", r"np\.where"),
    "out=": (
        lambda x: np.sin(x, out=STORE),
        r"np\.sin of a tracked value does not take out=",
        "would overwrite",
    ),
    "out= of sum": (
        lambda x: np.sum(x, out=STORE),
        r"np\.sum of a tracked value does not take out=",
        "would overwrite",
    ),
    "where=": (
        lambda x: np.sin(x, where=X > 0),
        r"np\.sin of a tracked value does not take where=",
        r"by np\.where, before or after",
    ),
    "dtype=": (lambda x: np.add(x, 1.0, dtype=float), r"does not take dtype=", r"Convert by x\.astype"),
    "casting=": (lambda x: np.add(x, 1.0, casting="safe"), r"does not take casting=", "Call it without"),
    "x.item(0)": (lambda x: x.item(0), r"x\.item\(\) would turn", "keep"),
    "x.astype(int)": (lambda x: x.astype(int), r"x\.astype\(int64\) of a tracked value", r"np\.rint"),
    "unknown ufunc method": (
        lambda x: np.arctan2.reduce(x),
        r"np\.arctan2\.reduce is not in adlib's table",
        "adlib.custom_gate",
    ),
    "unknown function": (lambda x: np.i0(x), r"np\.i0 is not in adlib's table of gates", "adlib.custom_gate"),
    "unknown ufunc": (
        lambda x: np.spacing(x),
        r"np\.spacing is not in adlib's table of gates",
        "adlib.custom_gate",
    ),
    "eigenvalues that may be complex": (
        lambda x: np.linalg.eig(x),
        r"np\.linalg\.eig gives complex numbers",
        "use np.linalg.eigh",
    ),
    "a Fourier transform": (lambda x: np.fft.rfft(x), r"np\.fft\.rfft gives complex numbers", "Fourier sum"),
    "np.copyto": (
        lambda x: np.copyto(STORE, x),
        r"np\.copyto would store a tracked value in a plain array",
        r"np\.stack",
    ),
    "np.put": (lambda x: np.put(x, 0, 1.0), r"np\.put writes into a tracked array", "Build a new array"),
    "np.fill_diagonal": (
        lambda x: np.fill_diagonal(x, 1.0),
        r"np\.fill_diagonal writes into a tracked array",
        "Build a new array",
    ),
    "counting": (lambda x: np.bincount(x), r"np\.bincount counts whole numbers", "weights="),
    "pickling": (lambda x: pickle.dumps(x * 1.0), "pickling a tracked value", "Return it"),
    "pad mode": (
        lambda x: np.pad(x, 1, mode="mean"),
        r"np\.pad of a tracked value has no mode='mean'",
        "Use constant",
    ),
    "argument of a composition": (
        lambda x: np.percentile(x, 30, method="inverted_cdf", weights=X),
        r"np\.percentile of a tracked value does not take weights=",
        "without",
    ),
    "out= of mean": (lambda x: np.mean(x, out=STORE), r"np\.mean .*does not take out=", "would overwrite"),
    "einsum in another type": (
        lambda x: np.einsum(x, [0], dtype=float),
        "np.einsum of a tracked value does not take dtype=",
        "Convert by",
    ),
    "in place of an array": (lambda x: np.copyto(STORE, x), "np.copyto", r"np\.stack"),
}


@pytest.mark.parametrize(
    ("name", "entry"),
    [
        (name, entry)
        for name in LOST
        for entry in ENTRIES
        if not (entry == "backward" and name.startswith("x.item("))  # a Variable's item may be read
    ],
)
def test_what_would_lose_the_derivative_says_so(name, entry):
    f, problem, remedy = LOST[name]
    differentiate = ENTRIES[entry]

    def g(x):
        f(x)
        return np.sum(x)

    scalar = name.startswith(
        (
            "float",
            "math",
            "int",
            "complex",
            "round",
            "a[",
            "range",
            "np.array",
            "array[0]",
            "np.add",
            "x.item",
        )
    )
    with pytest.raises((TypeError, ValueError)) as caught:
        differentiate(g, 1.5 if scalar else X)
    error = caught.value
    if entry == "backward" and isinstance(error.__cause__, LostDerivativeError):
        error = error.__cause__  # outside our calls NumPy's error comes after ours, and Python shows both
    assert isinstance(error, TypeError)
    message = str(error)
    assert re.search(problem, message)
    assert any(r in message.replace("\\", "") for r in remedy.replace("\\", "").split("|")), message
    assert "of <lambda>: " in message  # the user's line
    assert "lambda x:" in message
    np.testing.assert_array_equal(STORE, np.zeros(3))


@pytest.mark.parametrize("dtype", [np.int64, bool, complex, object])
def test_converting_to_what_has_no_derivative(dtype):
    with pytest.raises(TypeError, match=r"of a tracked value has no derivative"):
        adlib.grad(lambda x: np.sum(x.astype(dtype)))(X)


def test_a_computed_value_cannot_be_pickled():
    y = adlib.Variable(2.0) * 3.0
    with pytest.raises(TypeError, match=r"pickling a tracked value(.|\n)*pickle the result"):
        pickle.dumps(y)


def test_attributes_of_arrays_are_there_or_refused_by_name():
    seen = {}

    def f(x):
        seen.update(
            shape=x.shape, size=x.size, nbytes=x.nbytes, itemsize=x.itemsize, ndim=x.ndim, dtype=x.dtype
        )
        return np.sum(x)

    adlib.grad(f)(np.ones((2, 3), np.float32))
    assert seen == {"shape": (2, 3), "size": 6, "nbytes": 24, "itemsize": 4, "ndim": 2, "dtype": np.float32}
    for name in ("fill", "put", "resize", "setfield", "setflags", "byteswap"):
        with pytest.raises(
            AttributeError, match=rf"x\.{name}\(\.\.\.\) writes into a tracked array(.|\n)*new array"
        ):
            adlib.grad(lambda x: getattr(x, name))(X)  # noqa: B023
    for name in ("view", "flat", "tobytes", "base", "data", "ctypes", "strides", "flags", "choose"):
        with pytest.raises(
            AttributeError, match=rf"x\.{name} of a tracked value would show the array behind it"
        ):
            adlib.grad(lambda x: getattr(x, name))(X)  # noqa: B023
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        adlib.grad(lambda x: x.nothing)(X)


# --- Numbers that are not real, arrays with an arithmetic of their own ------------------------------------------


def test_complex_constants_are_refused():
    for f in (lambda x: np.abs(np.sum(x * np.array([1j, 2, 3]))), lambda x: np.abs(x @ np.array([1j, 2, 3]))):
        with pytest.raises(
            TypeError, match=r"computes with real numbers only(.|\n)*real and imaginary parts"
        ):
            adlib.grad(f)(X)
    with pytest.raises(TypeError, match="complex"):
        adlib.grad(lambda x: x * 1j)(1.0)


def test_other_numbers_of_python():
    assert adlib.grad(lambda x: Fraction(1, 2) * x * x / Fraction(2))(3.0) == 1.5
    assert adlib.grad(lambda x: True * x + x**2)(3.0) == 7.0
    for z in (1j, np.complex64(1j)):
        with pytest.raises(
            TypeError, match="meets a tracked value, and adlib computes with real numbers only"
        ):
            adlib.grad(lambda x: abs(x * z))(3.0)  # noqa: B023
        with pytest.raises(TypeError, match=r"meets a tracked value|computes with complex"):
            adlib.grad(lambda x: abs(z - x))(3.0)  # noqa: B023


@pytest.mark.parametrize(
    "odd", [np.array([1, 2.0, 3], dtype=object), np.array([1j, 2, 3]), np.array(["a", "b", "c"])]
)
@pytest.mark.parametrize(
    "f", [lambda x, y: x * y, lambda x, y: np.add(y, x), lambda x, y: np.where(True, x, y)]
)
def test_arrays_that_are_not_of_real_numbers(odd, f):
    with pytest.raises(
        TypeError, match=r"an array of \S+ meets a tracked value, and adlib computes with real numbers only"
    ):
        adlib.grad(lambda x: np.sum(f(x, odd)))(X)


class Money(np.ndarray):
    """A subclass with an arithmetic of its own."""

    def __array_ufunc__(self, *args, **kwargs):
        return NotImplemented


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("place", ["input", "operator", "ufunc", "array function", "on the left"])
@pytest.mark.parametrize(
    "make",
    [np.matrix, lambda a: np.ma.array(a, mask=a > 1.5), lambda a: a.view(Money)],
    ids=["matrix", "masked", "own"],
)
def test_classes_with_their_own_arithmetic(make, place):
    """``*`` of np.matrix is a matrix product, a masked array leaves entries out: the table knows nothing of that."""
    odd = make(np.array([[1.0, 2.0], [3.0, 4.0]]))
    f = {
        "input": lambda x: np.sum(x),
        "operator": lambda x: np.sum(x * odd),
        "ufunc": lambda x: np.sum(np.multiply(x, odd)),
        "array function": lambda x: np.sum(np.where([[True, False]], x, odd)),
        "on the left": lambda x: np.sum(np.subtract(odd, x)),
    }[place]
    with pytest.raises(TypeError, match=r"arithmetic of its own(.|\n)*plain array"):
        adlib.grad(f)(odd if place == "input" else np.ones((2, 2)))


# --- Arguments --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (lambda x: GATES[np.swapaxes].bind((x, 0), {}), "np.swapaxes .* does not take these arguments"),
        (lambda x: np.unique(x, axis=0), r"np.unique of a tracked value does not take axis=\n"),
        (lambda x: GATES[np.sum].bind((x, 0), {"axis": 0}), "np.sum of a tracked value does not take axis="),
    ],
)
def test_arguments_that_are_not_supported_are_named(f, words):
    with pytest.raises(TypeError, match=words):
        adlib.vjp(f, M)


def test_an_extreme_of_some_needs_an_initial_value():
    for f in (lambda x: np.max(x, where=X > 0), lambda x: np.min(x, initial=None, where=X > 0)):
        with pytest.raises(
            ValueError, match=r"np\.(max|min): with where= (.|\n)*at line(.|\n)*Say by initial="
        ):
            adlib.grad(f)(X)


def test_a_mask_is_no_larger_than_what_it_masks():
    with pytest.raises(ValueError, match=r"more dimensions|broadcast"):
        adlib.grad(lambda x: np.sum(x, where=np.ones((2, 1, 1), bool)))(M)


NO_SUCH_AXIS = {
    "norm": lambda x: np.linalg.norm(x, axis=2),
    "norm of matrices": lambda x: np.linalg.norm(x, 1, axis=(0, 2)),
    "diff": lambda x: np.diff(x, axis=2),
    "mean": lambda x: np.mean(x, axis=-3),
    "std": lambda x: np.std(x, axis=2),
    "median": lambda x: np.median(x, axis=2),
    "average": lambda x: np.average(x, axis=2),
    "ptp": lambda x: np.ptp(x, axis=2),
    "gradient": lambda x: np.gradient(x, axis=2),
    "insert": lambda x: np.insert(x, 0, 1.0, axis=2),
    "rollaxis": lambda x: np.rollaxis(x, 2),
    "unwrap": lambda x: np.unwrap(x, axis=2),
    "sum": lambda x: np.sum(x, axis=2),
    "cumsum": lambda x: np.cumsum(x, axis=2),
    "max": lambda x: np.max(x, axis=-3),
}


@pytest.mark.parametrize("name", NO_SUCH_AXIS)
def test_an_axis_that_is_not_there(name):
    """NumPy refuses it; counted round and round, axis 2 would be axis 0."""
    f = NO_SUCH_AXIS[name]
    for call in (lambda: f(M), lambda: adlib.vjp(f, M), lambda: adlib.jvp(f, (M,), (M,))):
        with pytest.raises(np.exceptions.AxisError, match="out of bounds for array of dimension 2"):
            call()


@pytest.mark.filterwarnings("ignore:Arrays of 2-dimensional vectors:DeprecationWarning")
def test_a_cross_product_is_of_three_entries():
    with pytest.raises(
        (TypeError, ValueError), match=r"three entries|dimension"
    ):  # newer NumPy refuses it itself
        adlib.grad(lambda x: np.sum(np.cross(x[:, :2], x[:, 1:3])))(M)


def test_a_geometric_sequence_does_not_cross_zero():
    with pytest.raises(ValueError, match=r"np\.geomspace: start and stop have different signs"):
        adlib.grad(lambda x: np.geomspace(-3.0, x, 4)[1])(2.0)
