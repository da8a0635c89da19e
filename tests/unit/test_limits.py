"""The page of limits: every line of ``notebooks/limits.md`` is run."""

import math
import re
import warnings
from pathlib import Path

import numpy as np
import pytest

import adlib
from adlib.engine.tree import flatten
from tests.unit.test_object_arrays import total

PAGE = (Path(__file__).parents[2] / "notebooks" / "limits.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(.+?)` \| (.+) \| `(.+?)` \|$", re.MULTILINE)
SILENT, REFUSED = (ROW.findall(part) for part in PAGE.split("## What is refused"))
EQUAL = {row[0] for row in ROW.findall(PAGE.split("### Equal values")[1].split("## What is refused")[0])}

PROGRAMS = {  # what does not fit in a line
    "match x: case float(): ...": """
match x:
    case float():
        result = x**2
    case _:
        result = x**3
""",
    "try: 1 / x ... except ZeroDivisionError: ...": """
try:
    result = 1 / x
except ZeroDivisionError:
    result = 7.0 * y
""",
    "try: x**2000 ... except OverflowError: ...": """
try:
    result = x**2000
except OverflowError:
    result = y * x
""",
    "out[0] = x": "out[0] = x; result = out",
    "v[0] = 1.0": "v[0] = 1.0; result = v",
    "v += 1.0": "v += 1.0; result = v",
    "adlib.grad(f)(3)": "result = x * adlib.grad(np.sin)(3)",
    "adlib.grad(f)(3.0)": "result = x * adlib.grad(np.sin)(3.0)",
    # a plain number has no x.value
    "x * x.value": "result = x * getattr(x, 'value', x)",
}
POINTS = {
    "try: 1 / x ... except ZeroDivisionError: ...": (0.0, 3.0),
    "y if x in {2.0, 3.0} else x": (2.0, 3.0),
    **dict.fromkeys(("max(x, y)", "np.max([x, y])"), (2.0, 2.0)),
}
# where a program asks for one point, or two pieces meet, differences have nothing to say
BY_HAND = {
    "max(x, y)": [0.5, 0.5],
    "np.max([x, y])": [0.5, 0.5],
    "try: 1 / x ... except ZeroDivisionError: ...": [0.0, 7.0],
    "y if x in {2.0, 3.0} else x": [0.0, 1.0],
}


class Sparse:
    """A library's matrix, which takes plain arrays alone."""

    __array_ufunc__ = None

    def __matmul__(self, v):
        return A @ np.asarray(v, float)


A = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.3], [0.0, 0.3, 4.0]])
ERF = np.frompyfunc(math.erf, 1, 1)


def gate(value, rule):
    made = adlib.custom_gate(value)
    made.backward(rule)
    return made


NAMES = {
    "np": np,
    "math": math,
    "adlib": adlib,
    "A": A,
    "a": np.array([0.5, 1.5, 2.5]),
    "n": 3,
    "sparse": Sparse(),
    "a32": np.array([0.5, 1.7, 2.5], np.float32),
    "scipy_special_erf": ERF,
    "custom_erf": gate(lambda x: math.erf(x), lambda g, out, x: g * 2 / math.sqrt(math.pi) * np.exp(-x * x)),
    "custom_product": gate(lambda v: A @ v, lambda g, out, v: A.T @ g),
}


def program(code):
    """Make a function of x, y and v of a line of the page."""
    text = PROGRAMS.get(code, f"result = {code}")
    compiled = compile(text, "<page>", "exec")

    def f(x, y, v):
        names = NAMES | {"x": x, "y": y, "v": v, "out": np.zeros(3), "rng": np.random.default_rng(0)}
        exec(compiled, names)
        return total(names["result"]) + 0.0 * (y + np.sum(v))

    return f


def arguments(code):
    return (*map(float, POINTS.get(code, (1.7, 3.0))), np.array([1.0, 3.0, 2.0]))


def gradient(f, args):
    return np.concatenate([np.ravel(g) for g in flatten(adlib.grad(f, (0, 1, 2))(*args))[0]])


def test_the_page_has_its_lines():
    assert (len(SILENT), len(REFUSED)) == (11, 27)
    rows = [line for line in PAGE.splitlines() if line.startswith("| `")]
    assert len(rows) == len(SILENT) + len(REFUSED)
    assert set(PROGRAMS) | set(POINTS) <= {code for row in SILENT + REFUSED for code in (row[0], row[2])}


@pytest.mark.parametrize(("wrong", "right"), [(a, b) for a, _, b in SILENT], ids=[row[0] for row in SILENT])
def test_what_goes_wrong_silently(wrong, right):
    f, remedy, args = program(wrong), program(right), arguments(wrong)
    with warnings.catch_warnings(action="ignore"):
        value, found = adlib.vjp(f, *args)[0], gradient(f, args)
    same_value = value == f(*args)
    assert not same_value or not np.allclose(found, gradient(remedy, args), rtol=1e-12), (value, found)
    if wrong in EQUAL:
        assert same_value
        assert "branch on equality" in repr(adlib.diagnose(f, *args))
    else:
        with warnings.catch_warnings(action="ignore"), pytest.raises(AssertionError):
            adlib.check_grads(f, args)
    assert remedy(*args) == f(*args), "both are the same plain program"


@pytest.mark.parametrize("wrong", [row[0] for row in REFUSED])
def test_what_is_refused(wrong):
    f, args = program(wrong), arguments(wrong)
    with (
        warnings.catch_warnings(action="ignore"),
        pytest.raises((TypeError, ValueError, AttributeError)) as caught,
    ):
        adlib.grad(f, (0, 1, 2))(*args)
    assert "\n  at line " in str(caught.value)


@pytest.mark.parametrize(("wrong", "right"), [(row[0], row[2]) for row in SILENT + REFUSED])
def test_the_remedy_has_the_right_derivative(wrong, right):
    if right == "custom_i0(x)":
        return test_a_gate_for_a_function_of_numpys()
    args = arguments(wrong)
    if wrong in BY_HAND:
        np.testing.assert_array_equal(gradient(program(right), args)[:2], BY_HAND[wrong])
    else:
        adlib.check_grads(program(right), args)


def test_a_gate_for_a_function_of_numpys():
    slope = lambda g, out, x: g * (np.i0(x + 1e-5) - np.i0(x - 1e-5)) / 2e-5  # noqa: E731
    adlib.check_grads(gate(lambda x: float(np.i0(x)), slope), (2.0,), order=1)


def test_what_the_page_says_of_cutting():
    assert "the derivative of `x * adlib.stop_gradient(x)` is `x`" in PAGE
    assert adlib.grad(lambda x: x * adlib.stop_gradient(x))(3.0) == 3.0
    x = adlib.Variable(3.0)
    (x * x.detach()).backward()
    assert x.grad == 3.0


def test_what_the_page_says_of_a_rule_that_reads_an_array_from_around_it():
    around = A[0].copy()
    reads = gate(lambda v: v * around, lambda g, out, v: g * around)
    takes = gate(lambda v, a: v * a, lambda g, out, v, a: (g * a, g * v))
    for f, expected in ((reads, np.zeros(3)), (lambda v: takes(v, around), A[0])):
        around[:] = A[0]
        pullback = adlib.vjp(f, np.ones(3))[1]
        around[:] = 0
        np.testing.assert_array_equal(pullback(np.ones(3))[0], expected)


def test_what_the_page_says_of_arrays_of_objects():
    def f(x):
        out = np.zeros(3, object)
        out[1] = x * x
        return np.sum(out)

    adlib.check_grads(f, (2.0,))
    assert "out = np.zeros(3, object)" in PAGE
