"""Refused: writing into a tracked value, into what a step has used, or into a plain array with a tracked value.

A derivative needs what was there.  What may be written to, and when, stands here beside it.
"""

import operator

import numpy as np
import pytest

import adlib

X = np.array([1.0, 2.0, 3.0])
AUGMENTED = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "/": operator.itruediv,
    "//": operator.ifloordiv,
    "%": operator.imod,
    "**": operator.ipow,
    "@": operator.imatmul,
}
MODES = {
    "jvp": lambda f, x: adlib.jvp(f, (x,), (np.ones_like(x)[()] if np.ndim(x) else 1.0,))[0],
    "vjp": lambda f, x: adlib.vjp(f, x)[0],
    "Variable": lambda f, x: f(adlib.Variable(x)).value,
    "nested": lambda f, x: adlib.jvp(lambda x: adlib.vjp(f, x)[0], (x,), (np.ones_like(x)[()],))[0],
}
every_mode = pytest.mark.parametrize("run", MODES.values(), ids=MODES)


@every_mode
@pytest.mark.parametrize("sign", AUGMENTED)
@pytest.mark.parametrize("x", [np.eye(2), np.array(2.0)], ids=["array", "0-d array"])
def test_augmented_assignment_to_a_tracked_array_is_refused(run, sign, x):
    update = AUGMENTED[sign]

    def f(x):
        y = x * 1.0 if np.ndim(x) else x
        y = update(y, y)
        return y

    with pytest.raises(TypeError) as caught:
        run(f, x)
    text = str(caught.value)
    assert f"y {sign}= ... writes into a tracked array" in text
    assert f"Write y = y {sign} ..." in text
    assert "of f: y = update(y, y)" in text


@every_mode
def test_augmented_assignment_rebinds_a_tracked_number(run):
    def f(x):
        y = x
        y += 1.0
        y -= 0.5
        y *= 3.0
        y /= 2.0
        y **= 2
        y %= 100.0
        z = 1.0
        z += y
        return z * x

    assert float(run(f, 2.0)) == f(2.0)
    assert float(run(f, np.float64(2.0))) == f(2.0)


ALIASES = {
    "a view": lambda x: _written(x, lambda y: operator.iadd(y, 1.0), x[1:]),
    "a shape": lambda x: _written(x, lambda y: operator.imul(y, 2.0), x.reshape(3, 1)),
    "rows": lambda x: [operator.imul(row, 2.0) for row in np.reshape(x, (3, 1))] and np.sum(x),
    "a helper": lambda x: _written(x, lambda y: operator.imul(y, 2.0), x),
}


def _written(x, write, y):
    write(y)
    return np.sum(x * x)


@pytest.mark.parametrize("f", ALIASES.values(), ids=ALIASES)
def test_an_alias_is_never_left_behind_in_silence(f):
    with pytest.raises(TypeError, match=r"Write y = y [+*] \.\.\."):
        adlib.grad(f)(np.array([1.0, 2.0, 3.0]))


def test_adding_to_an_array_would_leave_its_other_names_behind():
    """An alias: NumPy's += changes both.  A tracked array never changes, so going on would give another number."""

    def f(x):
        y = x * 1.0
        z = y
        z += 1.0
        return np.sum(y * z)

    with pytest.raises(TypeError, match=r"at line \d+ of f: z \+= 1\.0\n  Write y = y \+ \.\.\."):
        adlib.grad(f)(X)


@pytest.mark.parametrize("name", ["sort", "partition", "fill", "put", "resize", "setfield", "byteswap"])
@every_mode
def test_methods_that_write_are_refused_with_what_to_write_instead(run, name):
    def f(x):
        x = x * 1.0
        getattr(x, name)(1)
        return x[0] ** 2

    with pytest.raises(
        (AttributeError, TypeError), match=rf"x\.{name}\(\.\.\.\) writes into a tracked array"
    ) as caught:
        run(f, np.array([3.0, 1.0, 2.0]))
    if name in ("sort", "partition"):
        assert f"y = np.{name}(x" in str(caught.value)


def test_a_plain_array_does_not_swallow_a_tracked_value():
    def f(x):
        total = np.zeros(3)
        total += x
        return np.sum(total)

    with pytest.raises(TypeError, match=r"cannot take one up by a \+= x(.|\n)*write a = a \+ x"):
        adlib.grad(f)(np.ones(3))


def test_writing_into_an_array_with_a_tracked_value():
    """HIPS/autograd#58, #177, #375, #559: "setting an array element with a sequence"."""

    def f(b):
        c = np.zeros(2)
        c[0] = b[0] * b[0]
        return np.sum(c)

    for derivative in (adlib.grad(f), lambda x: adlib.jvp(f, (x,), (x,))):
        with pytest.raises(
            adlib.errors.LostDerivativeError, match=r"storing x in an array(.|\n)*c\[0\] = b\[0\]"
        ):
            derivative(X)


# --- Inputs and constants: the record keeps what it needs -------------------------------------------------------


def test_writing_to_an_input_after_its_value_was_used():
    x = X.copy()
    _, pullback = adlib.vjp(lambda x: np.sum(x * x), x)
    leaf = adlib.Variable(x)
    y = np.sum(leaf * leaf)
    x[:] = 100.0
    y.backward()
    np.testing.assert_array_equal(pullback(1.0)[0], 2 * X)
    np.testing.assert_array_equal(leaf.grad, 2 * X)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_buffer_that_is_filled_again(depth):
    """What a step has used is needed once more, on the way back: the record has a copy of its own."""
    buffer = np.zeros(3)

    def f(x):
        total = 0.0
        for k in range(3):
            buffer[:] = k
            total = total + np.sum(x * buffer)
        return total

    g = f if depth == 1 else lambda x: adlib.grad(f)(x)[0]
    np.testing.assert_array_equal(adlib.grad(g)(X), [3.0, 3.0, 3.0] if depth == 1 else [0.0, 0.0, 0.0])
    assert adlib.jvp(f, (X,), (np.ones(3),)) == (18.0, 9.0)


def test_constants_are_the_users_to_write_to_all_the_time():
    a, b = np.eye(3), np.ones((3, 3))
    b.flags.writeable = False

    def f(x):
        y = np.sum(a @ x + (b @ x) * a[0])
        assert a.flags.writeable
        assert not b.flags.writeable
        return y

    adlib.grad(f)(X)
