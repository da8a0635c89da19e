"""What the record keeps is its own.

A program may write to its arrays whenever it likes: in the next step, after the call, in another thread.  A derivative
is that at the numbers which the function saw.
"""

import math
import operator
import threading

import numpy as np
import pytest

import adlib
from adlib.engine.calls import snapshot

# --- Constants that are written to ----------------------------------------------------------------------------


class Labelled(np.ndarray):
    """A subclass of arrays with the usual arithmetic."""


N = 600  # entries; a copy of so many is shared where one array is used twice
START = np.linspace(0.2, 1.4, N)

KINDS = {  # a constant, and what is written to: itself, its base, or another view of that
    "array": lambda: (c := START.copy(), c),
    "few entries": lambda: (c := START[:3].copy(), c),
    "view": lambda: ((base := START.copy())[1:-1], base),
    "base of a view": lambda: (base := START.copy(), base[:]),
    "sibling": lambda: ((base := START.copy())[::2], base[:]),
    "row": lambda: ((base := np.stack([START, START]))[1], base),
    "transposed": lambda: ((base := np.stack([START, START]).T.copy()).T, base),
    "spread": lambda: (np.broadcast_to(base := START.copy(), (2, N)), base),
    "read-only view": lambda: ((base := START.copy()).view(), base),
    "subclass": lambda: (c := START.copy().view(Labelled), c),
    "of bytes": lambda: (np.frombuffer(store := bytearray(START.tobytes())), np.frombuffer(store)),
    "float32": lambda: (c := START.astype(np.float32), c),
    "integers": lambda: (c := np.arange(1, N + 1), c),
    "booleans": lambda: (c := START > 0.7, c),
    "no axes": lambda: (c := np.array(0.7), c),
}
PLACES = {
    "times": lambda x, c: np.sum(np.sin(x * c)),
    "times from the left": lambda x, c: np.sum(np.sin(c * x)),
    "divided": lambda x, c: np.sum(c / (x + 2.0)),
    "power": lambda x, c: np.sum((x + 2.0) ** c),
    "added": lambda x, c: np.sum(np.sin(x + c)),
    "maximum": lambda x, c: np.sum(np.maximum(x, c)),
    "matmul": lambda x, c: np.sum(np.sin(np.ravel(c) @ (x * np.ones(np.size(c))))),
    "einsum": lambda x, c: np.sum(np.sin(np.einsum("i,i", np.ravel(c), x * np.ones(np.size(c))))),
    "condition": lambda x, c: np.sum(np.where(c, x * x, x)),
    "twice": lambda x, c: np.sum(np.sin(x * c) * (x * c)),
    "index": lambda x, c: np.sum((x * np.arange(1.0, 9.0))[np.asarray(c > 0.7, int)] ** 2),
    "take": lambda x, c: np.sum(np.take(x * np.arange(1.0, 9.0), np.asarray(c > 0.7, int)) ** 2),
    "custom operand": lambda x, c: np.sum(scaled(x, c)),
    "custom parameter": lambda x, c: np.sum(scaled_by(x, c=c)),
    "custom saved": lambda x, c: np.sum(scaled_and_saved(x, c)),
    "custom forward": lambda x, c: np.sum(scaled_forward(x, c)),
    "custom number": lambda x, c: total(x, c),
}


@adlib.custom_gate
def scaled(x, c):
    return np.sin(x * c)


@scaled.backward
def _scaled(g, out, x, c):
    return np.sum(g * c * np.cos(x * c)), None


@adlib.custom_gate
def scaled_by(x, *, c):
    return np.sin(x * c)


@scaled_by.backward
def _scaled_by(g, out, x, *, c):
    return np.sum(g * c * np.cos(x * c))


@adlib.custom_gate(saves=True)
def scaled_and_saved(x, c):
    return np.sin(x * c), {"slope": [np.asarray(c) * np.cos(x * c)], "c": c}


@scaled_and_saved.backward
def _scaled_and_saved(g, out, x, c, *, saved):
    return np.sum(g * saved["slope"][0] * (saved["c"] == c)), None


@adlib.custom_gate
def scaled_forward(x, c):
    return np.sin(x * c)


@scaled_forward.forward
def _scaled_forward(tangents, out, x, c):
    return c * np.cos(x * c) * tangents[0]


@adlib.custom_gate
def total(x, c):
    return float(np.sum(np.sin(x * c)))


@total.backward
def _total(g, out, x, c):
    return g * float(np.sum(c * np.cos(x * c))), None


def _spoil(a):
    a[...] = not a.flat[0] if a.dtype == bool else 5


def _vjp(f, spoil):
    _, pullback = adlib.vjp(f, 0.8)
    spoil()
    return pullback(1.0)[0]


def _then(f, spoil):
    def then(x):
        y = f(x)
        spoil()
        return y

    return then


def _variable(f, spoil):
    x = adlib.Variable(0.8)
    y = f(x)
    spoil()
    y.backward()
    return x.grad


def _trace(f, spoil):
    t = adlib.trace(f, 0.8)
    spoil()
    return t.gradient()[0]


def _other_thread(f, spoil):
    def then(x):
        y = f(x)
        writer = threading.Thread(target=spoil)
        writer.start()
        writer.join()
        return y

    return adlib.grad(then)(0.8)


def _two_recordings(f, spoil):
    """The first to end frees nothing that the second still needs."""
    started, go_on, found = threading.Event(), threading.Event(), []

    def slow(x):
        y = f(x)
        started.set()
        go_on.wait(10)
        return y

    thread = threading.Thread(target=lambda: found.append(adlib.grad(slow)(0.8)))
    thread.start()
    started.wait(10)
    adlib.grad(f)(0.8)
    spoil()
    go_on.set()
    thread.join()
    return found[0]


ENTRIES = {
    "jvp": lambda f, spoil: adlib.jvp(_then(f, spoil), (0.8,), (1.0,))[1],
    "vjp": _vjp,
    "grad": lambda f, spoil: adlib.grad(_then(f, spoil))(0.8),
    "jacobian by rows": lambda f, spoil: adlib.jacobian(_then(f, spoil), mode="reverse")(0.8),
    "jacobian by columns": lambda f, spoil: adlib.jacobian(_then(f, spoil))(0.8),
    "Variable": _variable,
    "trace": _trace,
    "another thread": _other_thread,
    "two recordings": _two_recordings,
}


def _slope(f, c):
    at = lambda x: f(x, c)  # noqa: E731
    return adlib.jvp(at, (0.8,), (1.0,))[1]


@pytest.mark.parametrize("entry", ENTRIES)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_derivative_is_that_at_the_numbers_which_the_function_saw(kind, place, entry):
    f = PLACES[place]
    c, written = KINDS[kind]()
    if kind == "read-only view":
        c.flags.writeable = False
    expected = _slope(f, c.copy())
    found = ENTRIES[entry](lambda x: f(x, c), lambda: _spoil(written))
    np.testing.assert_allclose(found, expected, rtol=1e-6 if kind == "float32" else 1e-12, atol=1e-12)
    assert written.flags.writeable  # nothing was locked


@pytest.mark.parametrize("place", [place for place in PLACES if "custom" not in place])
@pytest.mark.parametrize("kind", KINDS)
def test_so_is_a_second_derivative(kind, place):
    f = PLACES[place]
    c, written = KINDS[kind]()
    kept = c.copy()
    spoil = iter([lambda: _spoil(written)])

    def slope(x):
        _, pullback = adlib.vjp(lambda x: f(x, c), x)
        next(spoil)()
        return pullback(1.0)[0]

    expected = adlib.grad(adlib.grad(lambda x: f(x, kept)))(0.8)
    _, found = adlib.jvp(slope, (0.8,), (1.0,))
    np.testing.assert_allclose(found, expected, rtol=1e-5 if kind == "float32" else 1e-12, atol=1e-12)


def test_a_list_of_indices_that_grows():
    rows = [0, 1]
    _, pullback = adlib.vjp(lambda x: x[rows] ** 2, np.arange(1.0, 4.0))
    rows += [2]
    rows[0] = 1
    np.testing.assert_array_equal(pullback(np.ones(2))[0], [2.0, 4.0, 0.0])


def test_a_permutation_that_is_shuffled_again():
    rng, order = np.random.default_rng(0), np.arange(N)
    rng.shuffle(order)
    batch = order[:5]
    seen, w = batch.copy(), adlib.Variable(START)
    loss = np.sum(w[batch] ** 2)
    rng.shuffle(order)
    loss.backward()
    expected = np.zeros(N)
    expected[seen] = 2 * START[seen]
    np.testing.assert_array_equal(w.grad, expected)


def test_a_buffer_that_a_custom_gate_returns_every_time():
    buffer = np.zeros(3)

    @adlib.custom_gate
    def doubled(x):
        np.multiply(x, 2.0, out=buffer)
        return buffer

    doubled.backward(lambda g, out, x: 2.0 * g)
    f = lambda x: np.sum(doubled(x) * doubled(3.0 * x))  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(f)(np.arange(1.0, 4.0)), [24.0, 48.0, 72.0])


def test_a_buffer_with_other_bits_of_the_same_number():
    c = np.zeros(N)
    x = adlib.Variable(np.ones(N))
    up = np.sum(np.arctan2(x * c, -1.0))
    c[:] = -0.0
    down = np.sum(np.arctan2(x * c, -1.0))
    assert up.value == pytest.approx(N * math.pi)
    assert down.value == pytest.approx(-N * math.pi)
    first, second = snapshot(np.zeros(N)), snapshot(c)
    assert not np.signbit(first).any()
    assert np.signbit(second).all()


def test_one_copy_serves_an_array_that_nobody_wrote_to():
    c = START.copy()
    assert snapshot(c) is snapshot(c) is not c
    before, c[3] = snapshot(c), 5.0
    assert snapshot(c) is not before
    np.testing.assert_array_equal(before, START)
    nan = np.full(N, np.nan)
    assert snapshot(nan) is snapshot(nan)


def test_the_copies_go_with_the_record():
    from adlib.engine import calls

    before = len(calls._snapshots)
    for _ in range(3):
        adlib.grad(lambda x: np.sum(np.sin(x * START.copy())))(0.5)
        assert len(calls._snapshots) == before


def test_an_error_on_the_way_leaves_everything_writable():
    c = START.copy()
    for error in (ZeroDivisionError, KeyboardInterrupt):

        def f(x, error=error):
            y = np.sum(x * c)
            raise error if y else ValueError

        with pytest.raises(error):
            adlib.grad(f)(1.0)
        c[0] = 1.0


def test_check_grads_and_diagnose_see_the_numbers_of_their_own_run():
    c = START.copy()

    def f(x):
        c[:] = START
        y = np.sum(np.sin(x * c))
        c[:] = 0.0
        return y

    adlib.check_grads(f, (0.8,))
    found = adlib.diagnose(lambda x: np.sum(np.log(x - c)), 0.0)
    c[:] = 7.0
    assert found


# --- The same array twice, and what is used again --------------------------------------------------------------


def test_one_array_in_two_places():
    x = START.copy()
    product = lambda x, y: np.sum(x * np.sin(y))  # noqa: E731
    for a in (x, x[:], x[::-1][::-1]):
        np.testing.assert_allclose(adlib.grad(product)(x, a), np.sin(x))
        both = adlib.grad(product, (0, 1))(x, a)
        np.testing.assert_allclose(both[0], np.sin(x))
        np.testing.assert_allclose(both[1], x * np.cos(x))
        assert not np.shares_memory(*both)
        # as primal and as constant
        np.testing.assert_allclose(adlib.grad(lambda x, a=a: product(x, a))(x), np.sin(x))
        np.testing.assert_allclose(
            adlib.jvp(lambda x, a=a: product(a, x), (x,), (x,))[1], np.sum(x * np.cos(x) * x)
        )


def test_writing_to_the_argument_is_not_seen_by_the_function():
    """It has the numbers that it was called with, in all modes alike."""

    for derive in (
        lambda f, x: adlib.grad(f)(x)[0],
        lambda f, x: adlib.vjp(f, x)[1](1.0)[0][0],
        lambda f, x: adlib.jvp(f, (x,), (np.array([1.0, 0.0, 0.0]),))[1],
        lambda f, x: adlib.jacobian(f, mode="reverse")(x)[0],
    ):
        x = np.arange(1.0, 4.0)

        def f(z, x=x):
            y = np.sum(z * z)
            x[:] = 100.0
            return y + np.sum(z**3)

        assert derive(f, x) == 5.0


def test_a_pullback_is_called_again_with_another_seed():
    c = START.copy()
    _, pullback = adlib.vjp(lambda x: np.sin(x * c), 0.8)
    seeds = np.ones(N), np.cos(START)
    expected = [float(np.sum(g * START * np.cos(0.8 * START))) for g in seeds]
    for g, want in zip((*seeds, *seeds), expected * 2, strict=True):
        mine = g.copy()
        assert pullback(mine)[0] == pytest.approx(want, rel=1e-12)
        mine[:] = c[:] = np.nan


def test_a_leaf_in_two_graphs():
    w = adlib.Variable(START)
    first, second = np.sum(np.sin(w)), np.sum(w * w)
    second.backward()
    w.grad[:] = 0.0
    first.backward()
    np.testing.assert_allclose(w.grad, np.cos(START))


def test_a_leaf_takes_another_value_by_assignment_alone():
    w = adlib.Variable(START)
    loss = np.sum(w * w)
    for write in (lambda v: operator.setitem(v, 0, 5.0), lambda v: operator.imul(v, 2.0), lambda v: v.sort()):
        with pytest.raises(ValueError, match="read-only"):
            write(w.value)
        with pytest.raises(ValueError, match="read-only"):
            write((w * 2.0).value)
    assert not np.shares_memory(w.value, START)
    loss.backward(retain_graph=True)
    np.testing.assert_array_equal(w.grad, 2 * START)
    new = w.value - 0.1 * w.grad
    w.value = new
    new[:] = np.nan
    np.testing.assert_allclose(w.value, 0.8 * START)
    with pytest.raises(RuntimeError, match="changed after this value was computed"):
        loss.backward()
    with pytest.raises(TypeError, match=r"w has shape \(600,\)"):
        w.value = 1.0
    with pytest.raises(TypeError, match="Only a leaf"):
        (w * 2.0).value = START
    with pytest.raises(TypeError, match="Integers cannot move"):
        w.value = np.arange(N)
