"""Results that do not depend on the inputs: zero and one warning for numbers, an error for a forgotten return."""

import re
import warnings

import numpy as np
import pytest

import adlib
from adlib.errors import ConstantResult

X = np.array([1.0, 2.0, 3.0])


def test_results_that_are_constants():
    """Zygote.jl#275: nothing, zero, or an error?  Zero, with a warning; a forgotten `return` is an error."""
    for constant in (20.0, np.ones(())):
        with pytest.warns(ConstantResult, match="does not depend on the inputs"):
            assert adlib.grad(lambda x: constant)(1.0) == 0.0  # noqa: B023
    with pytest.raises(TypeError, match=r"does not depend on the inputs(.|\n)*`return` forgotten"):
        adlib.grad(lambda x: None)(1.0)
    assert adlib.grad(lambda x: 20.0 + 0.0 * x)(1.0) == 0.0
    value, slopes = adlib.jvp(lambda x: (x * x, 20.0), (3.0,), (1.0,))
    assert (value, slopes) == ((9.0, 20.0), (6.0, 0.0))  # beside a result that depends


def constant_branch(x):
    if np.sum(x) > 0:
        return 4.0
    return np.sum(x * x)


def stairs(x):
    return np.where(np.searchsorted(EDGES, x) > 0, 1.0, 0.0) * np.ones(2)


EDGES = np.array([-1.0, 0.5])
CONSTANT = {  # a call, and what it must answer
    "grad": (lambda: adlib.grad(constant_branch)(X), np.zeros(3), ">, at line .*if np.sum"),
    "grad of a number": (lambda: adlib.grad(constant_branch)(2.0), 0.0, ">, at line .*if np.sum"),
    "value_and_grad": (lambda: adlib.value_and_grad(lambda x: 4.0)(2.0), (4.0, 0.0), "diagnose"),
    "vjp": (lambda: adlib.vjp(constant_branch, X)[1](1.0)[0], np.zeros(3), "vjp: constant_branch"),
    "jvp": (lambda: adlib.jvp(constant_branch, (X,), (X,)), (4.0, 0.0), "jvp: constant_branch"),
    "jacobian": (lambda: adlib.jacobian(stairs)(np.array([1.0, 2.0])), np.zeros((2, 2)), "searchsorted(.|\n)*np.where"),
    "jacobian, by rows": (
        lambda: adlib.jacobian(stairs, mode="reverse")(np.array([1.0, 2.0])), np.zeros((2, 2)), "searchsorted"),
    "hessian": (lambda: adlib.hessian(constant_branch)(X), np.zeros((3, 3)), "hessian: constant_branch"),
    "hvp": (lambda: adlib.hvp(constant_branch, (X,), (X,)), np.zeros(3), "hvp: constant_branch"),
    "grad of grad": (lambda: adlib.grad(adlib.grad(lambda x: 4.0))(2.0), 0.0, "grad: <lambda>"),
    "nested": (lambda: adlib.grad(lambda x: x * adlib.grad(lambda y: 3.0 * x)(2.0))(5.0), 0.0, "15.0"),
    "nested results": (
        lambda: adlib.jvp(lambda x: {"a": 1.0, "b": [np.ones(2)]}, (X,), (X,))[1]["b"][0], np.zeros(2), "1.0"),
    "float32": (lambda: adlib.jvp(lambda x: np.ones(2, np.float32), (X,), (X,))[1], np.zeros(2, np.float32), "array"),
}  # fmt: skip  # fmt: skip


@pytest.mark.parametrize("name", CONSTANT)
def test_a_constant_result_has_derivative_zero_and_one_warning(name):
    call, expected, words = CONSTANT[name]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        got = call()
    for a, b in zip(np.atleast_1d(got), np.atleast_1d(expected), strict=True):
        np.testing.assert_array_equal(a, b)
    assert getattr(got, "dtype", float) == getattr(expected, "dtype", float)
    (warning,) = caught
    assert warning.category is ConstantResult
    assert re.search(words, str(warning.message)), warning.message
    assert warning.filename == __file__  # the line that asked for the derivative


def test_constants_beside_results_that_depend_are_silent():
    value, slopes = adlib.jvp(lambda x: (x * x, 20.0, np.ones(2)), (3.0,), (1.0,))
    assert slopes[:2] == (6.0, 0.0)
    np.testing.assert_array_equal(slopes[2], np.zeros(2))
    assert value[1] == 20.0
    assert adlib.grad(lambda x, y: x * x, argnums=(0, 1))(3.0, 1.0) == (6.0, 0.0)
