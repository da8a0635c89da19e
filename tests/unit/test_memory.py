"""Memory: what the caller gives and gets is the caller's to write to, and entries are read in the order NumPy reads.

A program that writes into a result, a seed or an input after the call must not change what a derivative says, now
or later.  What may not be written to is in test_refused_writing.
"""

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


# --- Gradients belong to the caller -----------------------------------------------------------------------------


V = np.array([1.0, 2.0, 3.0])


def test_results_do_not_alias_the_seeds_or_inputs():
    seed, x = np.ones(3), V.copy()
    (adjoint,) = adlib.vjp(lambda t: t * 1.0, x)[1](seed)
    gradient = adlib.grad(lambda t: np.sum(t) + np.sum(t[:2]))(x)
    gradient[:] = 7.0
    again = adlib.grad(lambda t: np.sum(t) + np.sum(t[:2]))(x)
    np.testing.assert_array_equal(again, [2.0, 2.0, 1.0])
    assert adjoint is not x
    np.testing.assert_array_equal(x, V)


def test_gradients_do_not_share_memory():
    weights = np.array([1.0, 5.0, 7.0])
    f = lambda a, b, c: np.sum((a + b - np.reshape(c, 3)) * weights)  # noqa: E731
    leaves = [adlib.Variable(V), adlib.Variable(V), adlib.Variable(V[None])]
    f(*leaves).backward()
    for gradients in (adlib.grad(f, (0, 1, 2))(V, V, V[None]), [leaf.grad for leaf in leaves]):
        gradients[0][:] = 100.0
        gradients[1][:] += 100.0
        np.testing.assert_array_equal(gradients[1], weights + 100.0)
        np.testing.assert_array_equal(gradients[2], [-weights])
    seed = np.ones(3)
    (adjoint,) = adlib.vjp(lambda x: x, V)[1](seed)
    adjoint += 1.0
    np.testing.assert_array_equal(seed, np.ones(3))
    leaf = adlib.Variable(V)
    leaf.backward(seed)
    leaf.grad += 1.0
    np.testing.assert_array_equal(seed, np.ones(3))


def test_gradients_can_be_written_to():
    for f in (np.sum, np.mean, lambda x: np.sum(np.broadcast_to(x, (2, 3))), lambda x: x[0]):
        gradient = adlib.grad(f)(V)
        gradient += 1.0
        leaf = adlib.Variable(V)
        f(leaf).backward()
        leaf.grad += 1.0
