"""Memory: what the caller gives and gets is the caller's to write to, and entries are read in the order NumPy reads.

A program that writes into a result, a seed or an input after the call must not change what a derivative says, now
or later.  A program that writes into a tracked value is refused, since a derivative needs what was there.
"""

import operator

import numpy as np
import pytest

import adlib
from adlib.engine.calls import kept
from adlib.gates import GATES, Elementwise

X = np.array([[0.3, -0.7], [1.1, 0.4], [-0.2, 0.9]])
W = np.array([0.5, -0.25])


# --- Results, seeds and inputs --------------------------------------------------------------------------------

IDENTITIES = {
    "x": lambda x: x,
    "+x": lambda x: +x,
    "x + 0": lambda x: x + 0.0,
    "negative": lambda x: np.negative(-x),
    "x[...]": lambda x: x[...],
    "x.T.T": lambda x: x.T.T,
    "reshape": lambda x: np.reshape(x, x.shape),
    "ravel": lambda x: np.ravel(x),
    "broadcast_to": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "where": lambda x: np.where(True, x, 0.0 * x),
    "squeeze": lambda x: np.squeeze(x),
    "copy": lambda x: x.copy(),
    "flip": lambda x: np.flip(x),
    "concatenate": lambda x: np.concatenate([x]),
    "maximum": lambda x: np.maximum(x, -9.0),
    "tanh": lambda x: np.tanh(x),
    "exp": lambda x: np.exp(x),
    "product": lambda x: x * x,
    "matmul": lambda x: x @ np.eye(x.shape[-1]),
    "both": lambda x: (x, x),
    "and a view": lambda x: (x, x.T),
}
every_identity = pytest.mark.parametrize("f", IDENTITIES.values(), ids=IDENTITIES)


def _arrays(nest):
    return [a for part in nest for a in _arrays(part)] if isinstance(nest, tuple) else [nest]


def _spoil(nest):
    for a in _arrays(nest):
        assert a.flags.writeable
        a[...] = np.nan


def _seeds(nest):
    return tuple(map(_seeds, nest)) if isinstance(nest, tuple) else np.ones_like(nest)


@every_identity
def test_a_result_that_is_written_to_leaves_the_record_as_it_was(f):
    value, pullback = adlib.vjp(f, X)
    again, (expected,) = _copied(value), pullback(_seeds(value))
    expected = expected.copy()
    _spoil(value)
    (found,) = pullback(_seeds(again))
    np.testing.assert_array_equal(found, expected)
    _spoil(found)
    np.testing.assert_array_equal(pullback(_seeds(again))[0], expected)
    assert np.all(np.isfinite(X))


def _copied(nest):
    return tuple(map(_copied, nest)) if isinstance(nest, tuple) else nest.copy()


@every_identity
@pytest.mark.parametrize("cut", [lambda a: a, lambda a: a[:]], ids=["array", "view"])
def test_a_pullback_shares_nothing_with_its_seed(f, cut):
    value, pullback = adlib.vjp(f, X)
    whole = _seeds(value)
    seed = tuple(map(cut, whole)) if isinstance(whole, tuple) else cut(whole)
    (found,) = pullback(seed)
    _spoil(found)
    assert all(np.all(s == 1) for s in _arrays(whole))


@every_identity
def test_jvp_shares_nothing_with_what_it_was_given(f):
    x, v = X.copy(), np.ones_like(X)
    y, tangent = adlib.jvp(f, (x,), (v,))
    both = (*_arrays(y), *_arrays(tangent))
    for k, a in enumerate(both):
        assert not any(np.shares_memory(a, b) for b in both[k + 1 :])
    _spoil(y)
    _spoil(tangent)
    np.testing.assert_array_equal(x, X)
    np.testing.assert_array_equal(v, np.ones_like(X))


def test_gauss_newton_as_everyone_writes_it():
    target = np.array([0.1, 0.2, 0.3])
    residual, pullback = adlib.vjp(lambda w: np.tanh(X @ w), W)
    residual -= target
    (found,) = pullback(residual)
    slope = (1 - np.tanh(X @ W) ** 2)[:, None] * X
    np.testing.assert_allclose(found, slope.T @ (np.tanh(X @ W) - target), rtol=1e-13)


def test_a_constant_among_the_results_is_the_callers_own():
    table = np.ones(3)
    (_, constant), pullback = adlib.vjp(lambda x: (x * table, table), np.arange(3.0))
    constant *= 0
    np.testing.assert_array_equal(pullback((np.ones(3), np.ones(3)))[0], np.ones(3))
    np.testing.assert_array_equal(table, np.ones(3))


@every_identity
def test_gradients_of_a_variable_are_its_own(f):
    x = adlib.Variable(X)
    outs = _arrays(f(x)) if not isinstance(f(x), tuple) else f(x)
    y = outs[0] if isinstance(outs, tuple | list) else outs
    seed = np.ones(y.shape)
    y.backward(seed[...])
    x.grad[...] = np.nan
    assert np.all(seed == 1)


# --- The order of entries -------------------------------------------------------------------------------------

LAYOUTS = {
    "by rows": np.arange(6.0).reshape(2, 3),
    "by columns": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "transposed": np.arange(6.0).reshape(3, 2).T,
    "every second": np.arange(24.0).reshape(4, 6)[::2, ::2],
    "reversed": np.arange(6.0).reshape(2, 3)[:, ::-1],
    "three axes": np.arange(24.0).reshape(2, 3, 4),
    "three axes, turned": np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1),
    "one axis": np.arange(6.0),
}
READERS = {
    "ravel": lambda x, order: np.ravel(x, order),
    "x.ravel": lambda x, order: x.ravel(order=order),
    "reshape": lambda x, order: np.reshape(x, (-1, 2), order=order),
    "x.reshape": lambda x, order: x.reshape(-1, order=order),
    "after an operation": lambda x, order: (2 * x + 1).ravel(order=order),
    "x.T": lambda x, order: x.T.ravel(order=order),
    "x.T of a sum": lambda x, order: (x + 1).T.reshape(-1, order=order),
    "a part": lambda x, order: x[1:].ravel(order=order),
    "copy": lambda x, order: np.copy(x, order=order).ravel(),
}


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_entries_are_read_in_numpys_order_or_refused(layout, reader, order):
    x, f = LAYOUTS[layout], READERS[reader]
    if order == "K" and "reshape" in reader:
        return  # NumPy refuses it, too
    try:
        expected = f(x, order)
    except ValueError:
        return
    weights = np.cos(np.arange(expected.size)).reshape(expected.shape)
    v = np.sin(np.arange(x.size)).reshape(x.shape)
    try:
        value, pullback = adlib.vjp(lambda x: f(x, order), x)
    except TypeError as error:
        if order != "K" or "order='K' reads this array" not in str(error):
            raise
        return
    np.testing.assert_array_equal(value, expected)
    y, tangent = adlib.jvp(lambda x: f(x, order), (x,), (v,))
    np.testing.assert_array_equal(y, expected)
    # a rearrangement is linear: the tangent is the function of the tangent, were it laid out as x is
    laid_alike = kept(x)
    assert [laid_alike.flags.c_contiguous, laid_alike.flags.f_contiguous] == [
        x.flags.c_contiguous,
        x.flags.f_contiguous,
    ]
    laid_alike += 1e-3 * v
    np.testing.assert_allclose(tangent, (f(laid_alike, order) - expected) / 1e-3, atol=1e-8)
    (adjoint,) = pullback(weights)
    assert float(np.sum(adjoint * v)) == pytest.approx(float(np.sum(weights * tangent)), rel=1e-12, abs=1e-12)


# Functions whose result NumPy lays out in its own way: like the input, by rows, by columns
LAID = {
    "sort": lambda x: np.sort(x, axis=0),
    "partition": lambda x: np.partition(x, 1),
    "round": lambda x: np.round(x, 1),
    "pad": lambda x: np.pad(x, 1),
    "pad by reflection": lambda x: np.pad(x, 1, mode="reflect"),
    "gradient": lambda x: np.gradient(x, axis=0),
    "full_like": lambda x: np.full_like(x, np.sum(x)),
    "insert": lambda x: np.insert(x, 1, 5.0, axis=-1),
    "select": lambda x: np.select([x > 2], [x], -x),
    "cross": lambda x: np.cross(x, 2 * x + 1, axis=x.shape.index(3)),
    "meshgrid": lambda x: np.meshgrid(x.ravel(), x.ravel())[1],
    "clip": lambda x: np.clip(x, 1, 4),
    "quantile": lambda x: np.quantile(x, [0.2, 0.7], axis=0),
    "cumprod": lambda x: np.cumprod(x, axis=0),
    "diff": lambda x: np.diff(x, axis=0),
    "where": lambda x: np.where(x > 2, x, 0.0),
    "where true": lambda x: np.where(True, x, 0.0),
    "triu": lambda x: np.triu(x),
    "nan_to_num": lambda x: np.nan_to_num(x),
}


@pytest.mark.parametrize("order", ["C", "F", "A", "K"])
@pytest.mark.parametrize("name", LAID)
@pytest.mark.parametrize("layout", LAYOUTS)
def test_results_of_compositions_are_read_in_numpys_order_or_refused(layout, name, order):
    x, laid = LAYOUTS[layout], LAID[name]
    f = lambda x: laid(x).ravel(order=order)  # noqa: E731
    try:
        expected = f(x)
    except (ValueError, IndexError):  # an axis too few
        return
    try:
        value, pullback = adlib.vjp(f, x)
    except TypeError as error:
        if order != "K" or "order='K' reads this array" not in str(error):
            raise
        return
    np.testing.assert_array_equal(value, expected)
    v, weights = np.sin(np.arange(x.size)).reshape(x.shape), np.cos(np.arange(expected.size))
    tangent = adlib.jvp(f, (x,), (v,))[1]
    assert float(np.sum(pullback(weights)[0] * v)) == pytest.approx(float(weights @ tangent), abs=1e-11)


def test_the_smallest_program_that_read_the_wrong_entries():
    f = lambda x: np.sum(x.T.ravel("A") * np.arange(6.0))  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(f)(np.ones((2, 3))), [[0, 1, 2], [3, 4, 5]])


# --- Writing into tracked values ------------------------------------------------------------------------------

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


# --- Every gate: pulling back twice gives the same, whatever was written to in between -------------------------

UNARY = [g for f, g in GATES.items() if isinstance(f, np.ufunc) or g.name in ("matmul", "einsum", "sinc")]


@pytest.mark.parametrize("gate", UNARY, ids=lambda g: g.name)
def test_what_a_gate_hands_back_is_no_part_of_the_record(gate):
    if isinstance(gate, Elementwise):
        arguments = [np.array([0.25, 0.5, 0.75]) + 2 * (gate.name == "arccosh") for _ in gate.partials]
    else:
        arguments = [np.eye(2) + 0.5, np.eye(2) - 0.25]
    f = (lambda *xs: np.einsum("ij,jk", *xs)) if gate.name == "einsum" else gate.function
    value, pullback = adlib.vjp(f, *arguments)
    seed = np.ones_like(value)
    first = [g.copy() for g in pullback(seed)]
    for g in pullback(seed):
        g[...] = np.nan
    value[...] = np.nan
    for a, b in zip(pullback(seed), first, strict=True):
        np.testing.assert_array_equal(a, b)
