"""Refused: what a derivative cannot be taken of.  Inputs, argnums, seeds, and what comes back.

Every error names the function that was called, the user's own line, and the remedy.
"""

import math
import re

import numpy as np
import pytest

import adlib
from tests.unit.cases.entries import ENTRIES

X = np.array([1.0, 2.0, 3.0])
# --- What goes in -----------------------------------------------------------------------------------------------
BAD_INPUTS = [
    (3, r"3, of type int", r"Write 3\.0 instead"),
    (np.int64(3), "of type int64", r"Write 3\.0 instead"),
    (True, "True, of type bool", r"Write 1\.0 instead"),
    (np.array([1, 2]), "an array of int64", r"x\.astype\(float\)"),
    (np.array([True]), "an array of bool", r"x\.astype\(float\)"),
    (1j, "1j, of type complex", "split it into real and imaginary parts"),
    (np.array([1j]), "an array of complex128", "split it into real and imaginary parts"),
    ("3.0", "'3.0', of type str", "Inputs are floats, arrays of floats, or tuples, lists and dicts"),
    (object(), "of type object", "Inputs are floats"),
    ([1.0, 2], "2, of type int", r"Write 2\.0 instead"),
    ({"w": 1.0, "b": "x"}, "of type str", "Inputs are floats"),
]


@pytest.mark.parametrize(("x", "what", "remedy"), BAD_INPUTS)
@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("grad", lambda f, x: adlib.grad(f)(x)),
        ("value_and_grad", lambda f, x: adlib.value_and_grad(f)(x)),
        ("jvp", lambda f, x: adlib.jvp(f, (x,), (1.0,))),
        ("vjp", lambda f, x: adlib.vjp(f, x)),
        ("jacobian", lambda f, x: adlib.jacobian(f)(x)),
        ("hessian", lambda f, x: adlib.hessian(f)(x)),
        ("check_grads", lambda f, x: adlib.check_grads(f, (x,))),
    ],
)
def test_inputs_that_are_not_real_floats(x, what, remedy, name, call):
    with pytest.raises(TypeError) as caught:
        call(lambda t: t, x)
    message = str(caught.value)
    assert message.startswith(f"{name}: cannot differentiate with respect to ")
    assert what.replace("\\", "") in message
    assert remedy.replace("\\", "") in message
    assert "call(lambda t: t, x)" in message or "lambda f, x: adlib." in message  # the user's line


def test_variable_takes_real_floats_only():
    with pytest.raises(TypeError, match=r"Variable: cannot differentiate with respect to 3, of type int"):
        adlib.Variable(3)


@pytest.mark.parametrize(
    ("x", "text"), [(3, "3.0"), (np.array([1, 2]), "array([1., 2.])"), (np.bool_(True), "1.0")]
)
def test_what_to_write_instead_of_integers_can_be_copied(x, text):
    with pytest.raises(TypeError, match=re.escape(f"write {text} instead of")):
        adlib.numerical.central_difference(lambda x: x * x, x)


@pytest.mark.parametrize("x", [100, np.int64(3), np.array([1, 2]), True])
def test_integers_are_refused(x):
    """pyautodiff#11: the derivative of x**2 at 100 was 0.0.  HIPS/autograd#3, tangent#32, pytorch#3226."""
    with pytest.raises(TypeError, match="Integers cannot move by a small step"):
        adlib.grad(lambda x: np.sum(x**2))(x)


def test_a_second_input_is_checked_too():
    with pytest.raises(TypeError, match="cannot differentiate with respect to 2, of type int"):
        adlib.jvp(lambda x, y: x * y, (1.0, 2), (1.0, 0.0))
    with pytest.raises(TypeError, match="cannot differentiate with respect to 2, of type int"):
        adlib.jvp(lambda x, y: x * y, (X, 2), (X, 0.0))
    with pytest.raises(TypeError, match="cannot differentiate with respect to 2, of type int"):
        adlib.grad(lambda x: adlib.jvp(lambda u, v: u * v, (x, 2), (1.0, 0.0))[1])(1.0)
    with pytest.raises(TypeError, match=r"returned 'b', of type str, which does not depend"):
        adlib.vjp(lambda x: (1.5, "b"), 1.0)


def test_what_would_fill_the_line_is_not_quoted():
    for length, shown in ((37, True), (38, False)):
        text = "a" * length
        with pytest.raises(TypeError, match="cannot differentiate with respect to") as caught:
            adlib.grad(lambda x: x)(text)
        assert (repr(text) in str(caught.value)) is shown
        assert ("a value, of type str" in str(caught.value)) is not shown


def test_a_value_in_place_of_the_function():
    for call in (
        lambda: adlib.grad(9.0),
        lambda: adlib.jacobian(9.0),
        lambda: adlib.vjp(9.0, 3.0),
        lambda: adlib.jvp(9.0, (3.0,), (1.0,)),
        lambda: adlib.trace(9.0, 3.0),
        lambda: adlib.diagnose(9.0, 3.0),
    ):
        with pytest.raises(
            TypeError, match=r"differentiates functions, and was given 9\.0(.|\n)*grad\(f\)\(x\)"
        ):
            call()


# --- Which arguments, which mode, which seeds -------------------------------------------------------------------


@pytest.mark.parametrize("argnums", [1, -2, (0, 1)])
def test_argnums_beyond_the_arguments(argnums):
    with pytest.raises(TypeError, match=r"argnums=.*1 positional argument"):
        adlib.grad(lambda x: x, argnums=argnums)(1.0)


@pytest.mark.parametrize("argnums", [(), (0, 0), (1, -1)])
def test_argnums_name_each_argument_once(argnums):
    with pytest.raises(TypeError, match="at least one argument, and none twice"):
        adlib.grad(lambda x, y: x * y, argnums=argnums)(1.0, 2.0)


def f(x, y, z):
    return np.sum(x * x) * y + z**3


POINT = (X, 2.0, 5.0)


@pytest.mark.parametrize("k", [3, 4, 7, -4, -5, (0, 3)])
@pytest.mark.parametrize("derivative", [adlib.grad, adlib.jacobian, adlib.hessian])
def test_arguments_that_are_not_there(derivative, k):
    with pytest.raises(TypeError, match=r"argnums=.*but the call has 3 positional argument"):
        derivative(f, argnums=k)(*POINT)


@pytest.mark.parametrize("derivative", [adlib.grad, adlib.jacobian, adlib.hessian])
@pytest.mark.parametrize("k", [(), (1, 1), (0, -3)])
def test_arguments_named_not_at_all_or_twice(derivative, k):
    with pytest.raises(TypeError, match="name at least one argument, and none twice"):
        derivative(f, argnums=k)(*POINT)


@pytest.mark.parametrize("argnums", ["b", 1.0, None])
def test_argnums_are_numbers(argnums):
    for derivative in (adlib.grad, adlib.jacobian, adlib.hessian, adlib.value_and_grad):
        with pytest.raises(TypeError, match=r"argnums=.*count positional arguments from 0"):
            derivative(lambda a, b: a * b, argnums)(2.0, 3.0)


def test_another_mode_is_refused_at_once():
    with pytest.raises(ValueError, match="mode is 'forward' or 'reverse', not 'sideways'"):
        adlib.jacobian(f, mode="sideways")


def test_seeds_that_do_not_fit():
    with pytest.raises(ValueError, match="2 inputs but 1 tangents"):
        adlib.jvp(lambda x, y: x, (1.0, 2.0), (1.0,))
    with pytest.raises(ValueError, match=r"jvp: a tangent of shape \(2,\) for a value of shape \(3,\)"):
        adlib.jvp(np.sum, (X,), (np.ones(2),))
    with pytest.raises(ValueError, match=r"an adjoint of shape \(\) for a value of shape \(3,\)"):
        adlib.vjp(np.sin, X)[1](1.0)
    with pytest.raises(ValueError, match="1 adjoints for 2 results"):
        adlib.vjp(lambda x: (x, x), 1.0)[1]((1.0,))
    with pytest.raises(ValueError, match="'forward' or 'reverse', not 'sideways'"):
        adlib.jacobian(np.sin, mode="sideways")


def test_seeds_nested_differently():
    f = lambda p: p["a"] * 10 + p["b"]  # noqa: E731
    with pytest.raises(
        ValueError, match=r"jvp: seeds and values are nested differently: .*'b': 0, 'a': 1.*'a': 0"
    ):
        adlib.jvp(f, ({"a": 1.0, "b": 2.0},), ({"b": 1.0, "a": 0.0},))
    with pytest.raises(ValueError, match="pullback: seeds and values are nested differently"):
        adlib.vjp(lambda x: {"a": x, "b": 2 * x}, 1.0)[1]({"b": 1.0, "a": 0.0})
    assert adlib.jvp(f, [{"a": 1.0, "b": 2.0}], ({"a": 1.0, "b": 0.0},))[1] == 10.0


@pytest.mark.parametrize("primals", [1.0, X, {"x": 1.0}])
def test_primals_are_a_tuple(primals):
    with pytest.raises(TypeError, match=r"jvp: primals and tangents are tuples, such as \(x,\), not a"):
        adlib.jvp(np.sin, primals, primals)


# --- What comes out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "got"),
    [
        (lambda x: x * 2, r"shape \(3,\)"),
        (lambda x: (x[0], x[1]), "2 results"),
        (lambda x: [x[0]], "1 results"),
        (lambda x: np.stack([x, x]), r"shape \(2, 3\)"),
    ],
)
@pytest.mark.parametrize("make", [adlib.grad, adlib.value_and_grad, adlib.hessian])
def test_only_a_scalar_has_a_gradient(f, got, make):
    with pytest.raises(
        TypeError,
        match=rf"(grad|hessian): .* returned {got}, and only a scalar has a gradient(.|\n)*adlib.jacobian",
    ):
        make(f)(X)


def test_only_one_number_has_a_gradient():
    for result, got in (
        (lambda x: x, r"shape \(3,\)"),
        (lambda x: (np.sum(x), np.sum(x)), "2 results"),
        (lambda x: [np.sum(x)], "1 results"),
        (lambda x: {"a": x}, "1 results"),
    ):
        with pytest.raises(TypeError, match=rf"returned {got}, and only a scalar has a gradient"):
            adlib.grad(result)(X)


@pytest.mark.parametrize(
    ("f", "got"),
    [
        (lambda x: 3, "3, of type int"),
        (lambda x: None, "None"),
        (lambda x: np.arange(3), "an array of int64"),
        (lambda x: "three", "'three', of type str"),
        (lambda x: {1.0}, "of type set"),
        (lambda x: (1.0, 3), "3, of type int"),
        (lambda x: x > 0, "of type bool"),
        (lambda x: (), "None"),
        (lambda x: np.argmax(x), "of type int64"),
    ],
)
@pytest.mark.parametrize(
    "call",
    [lambda f: adlib.grad(f)(1.0), lambda f: adlib.jvp(f, (1.0,), (1.0,)), lambda f: adlib.jacobian(f)(1.0)],
)
def test_a_result_that_depends_on_nothing(f, got, call):
    with pytest.raises(
        TypeError, match=rf"returned .*{got}, which does not depend on the inputs(.|\n)*`return` forgotten"
    ):
        call(f)


@pytest.mark.parametrize(
    "call",
    [lambda f: adlib.grad(f)(1.0), lambda f: adlib.jvp(f, (1.0,), (1.0,)), lambda f: adlib.jacobian(f)(1.0)],
)
def test_a_result_that_is_a_function(call):
    with pytest.raises(TypeError, match=r"returned a function(.|\n)*Call that function"):
        call(lambda x: lambda y: x * y)


def D(f, x):
    """The derivative, by forward mode."""
    return adlib.jvp(f, (x,), (1.0,))[1]


def test_a_function_that_returns_a_function():
    """Manzyuk et al., *Perturbation confusion in forward AD of higher-order functions*, JFP 2019."""
    shift = lambda s: lambda f: lambda y: f(y + s)  # noqa: E731
    with pytest.raises(TypeError, match="returned a function, and a derivative must come back as numbers"):
        D(shift, 0.0)
    # what it stands for, written out: derivatives at a point are numbers, and those nest
    first = lambda f, y: D(lambda s: shift(s)(f)(y), 0.0)  # noqa: E731
    assert first(lambda u: first(np.exp, u), 1.0) == pytest.approx(math.e, rel=1e-15)


def test_backward_of_what_is_not_a_scalar():
    x = adlib.Variable(X)
    with pytest.raises(
        TypeError, match=r"backward\(\): the value has shape \(3,\)(.|\n)*y\.backward\(gradient\)"
    ):
        (x * 2).backward()
    (x * 2).backward(np.array([1.0, 0.0, 5.0]))
    np.testing.assert_array_equal(x.grad, [2.0, 0.0, 10.0])


@pytest.mark.parametrize("name", ["grad", "jvp"])
@pytest.mark.parametrize(
    "inner",
    [
        lambda x: adlib.Variable(x),
        lambda x: (x * adlib.Variable(1.0)).backward(),
        lambda x: x.backward(),
    ],
)
def test_backward_does_not_work_inside_other_derivatives(inner, name):
    with pytest.raises(TypeError, match=r"backward\(\) do not work on tracked values(.|\n)*use adlib\.grad"):
        ENTRIES[name](lambda x: inner(x) or x, 2.0)
