"""What the record keeps is its own, and nothing but `stop_gradient` and `detach` cuts it.

A program may write to its arrays whenever it likes: in the next step, after the call, in another thread.  A derivative
is that at the numbers which the function saw.
"""

import array
import copy
import decimal
import functools
import math
import operator
import pickle
import struct
import threading

import numpy as np
import pytest

import adlib
from adlib import gates
from adlib.engine.calls import snapshot
from adlib.errors import LostDerivativeError

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


# --- Nothing cuts in silence ------------------------------------------------------------------------------------

CUTS = {
    "set": lambda x: x * (x in {2.0, 3.0}),
    "frozenset": lambda x: x * len(frozenset([x])),
    "dict": lambda x: {3.0: 10.0}.get(x, 0.0) * x,
    "a dict's key": lambda x: sum({x: 2.0}) * x,
    "set of entries": lambda x: sum({x, x * 1.0}),
    "cache": lambda x: functools.cache(lambda z: z * z)(x),
    "hash": lambda x: x * hash(x),
    "fromkeys": lambda x: sum(dict.fromkeys([x])),
    "x.value": lambda x: x * x.value,
    "x.data": lambda x: x * x.data,
    "x.item": lambda x: x * x.item(),
    "x.tolist": lambda x: x * x.tolist(),
    "x.numpy": lambda x: x * x.numpy(),
    "float": lambda x: x * float(x),
    "int": lambda x: x * int(x),
    "complex": lambda x: abs(complex(x)) * x,
    "round": lambda x: x * round(x),
    "round to": lambda x: x * round(x, 2),
    "math.floor": lambda x: x * math.floor(x),
    "math.ceil": lambda x: x * math.ceil(x),
    "math.trunc": lambda x: x * math.trunc(x),
    "math.sin": lambda x: x * math.sin(x),
    "math.fsum": lambda x: x * math.fsum([x, x]),
    "math.hypot": lambda x: x * math.hypot(x, x),
    "index": lambda x: x * [1.0, 2.0, 3.0, 4.0][x],
    "operator.index": lambda x: x * operator.index(x),
    "range": lambda x: x * len(range(x)),
    "np.asarray": lambda x: x * np.asarray(x),
    "np.array": lambda x: x * np.array(x),
    "np.float64": lambda x: x * np.float64(x),
    "np.asarray of dtype": lambda x: x * np.asarray(x, float),
    "np.fromiter": lambda x: x * np.fromiter([x], float)[0],
    "__array_interface__": lambda x: x * np.array(x.__array_interface__["data"]),
    "stored": lambda x: x * _stored(x),
    "filled": lambda x: x * _filled(x),
    "memoryview": lambda x: x * memoryview(x)[()],
    "bytes": lambda x: x * len(bytes(x)),
    "array": lambda x: x * array.array("d", [x])[0],
    "struct": lambda x: x * struct.unpack("d", struct.pack("d", x))[0],
    "pickle": lambda x: x * pickle.loads(pickle.dumps(x)),
    "decimal": lambda x: x * float(decimal.Decimal(x)),
    "normal": lambda x: x * np.random.default_rng(0).normal(x, 1.0),
    "old normal": lambda x: x * np.random.normal(x, 1.0),  # noqa: NPY002
    "uniform": lambda x: x * np.random.default_rng(0).uniform(0.0, x),
    "choice": lambda x: x * np.random.default_rng(0).choice(x),
    "shuffle": lambda x: np.random.default_rng(0).shuffle(x) or x * x,
    "percent": lambda x: x * float("%.3f" % x),  # noqa: UP031
    "np.copyto": lambda x: x * _copied_to(x),
}


def _stored(x):
    a = np.zeros(1)
    a[0] = x
    return a[0]


def _filled(x):
    a = np.zeros(1)
    a.fill(x)
    return a[0]


def _copied_to(x):
    a = np.zeros(1)
    np.copyto(a, x)
    return a[0]


PYTHONS_OR_NUMPYS_WORDS = {
    *("memoryview", "bytes", "decimal", "struct", "choice", "shuffle", "__array_interface__"),
}
MODES = {
    "grad": lambda f, x: adlib.grad(f)(x),
    "jvp": lambda f, x: adlib.jvp(f, (x,), (1.0,)),
    "nested": lambda f, x: adlib.grad(adlib.grad(f))(x),
    "trace": lambda f, x: adlib.trace(f, x),
    "diagnose": lambda f, x: adlib.diagnose(f, x),
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("cut", CUTS)
def test_what_would_cut_raises(cut, mode):
    with pytest.raises((TypeError, AttributeError, ValueError, struct.error)) as caught:
        MODES[mode](CUTS[cut], 3.0)
    if cut not in PYTHONS_OR_NUMPYS_WORDS:
        assert "at line" in str(caught.value)


PRESERVED = {
    "copy": (lambda x: x * copy.copy(x), 6.0),
    "deepcopy": (lambda x: x * copy.deepcopy([x])[0], 6.0),
    "text": (lambda x: x * (1.0 if f"{x:.1f}" == "3.0" else 0.0), 1.0),
    "sorted": (lambda x: sorted([x * x, x])[1], 6.0),
    "max": (lambda x: max(x, x * x), 6.0),
    "sum": (lambda x: sum([x, x * x]), 7.0),
    "list": (lambda x: x if x in [2.0, 3.0] else 0.0 * x, 1.0),
    "np.full": (lambda x: np.sum(np.full_like(x, 1.0) * x), 1.0),
}


@pytest.mark.parametrize("name", PRESERVED)
def test_what_follows_is_right(name):
    f, slope = PRESERVED[name]
    assert adlib.grad(f)(3.0) == slope
    assert adlib.jvp(f, (3.0,), (1.0,))[1] == slope


def test_the_error_of_a_hash_says_what_to_write():
    with pytest.raises(LostDerivativeError) as caught:
        adlib.grad(CUTS["set"])(3.0)
    assert "hashing x" in str(caught.value)
    assert "x in {2.0, 3.0}" in str(caught.value)
    assert "in a list or a tuple" in str(caught.value)


def test_a_leaf_of_the_users_is_itself_in_sets_and_dicts():
    w, b = adlib.Variable(2.0), adlib.Variable(2.0)
    names = {w: "w", b: "b"}
    assert [names[w], names[b], len({w, b, w})] == ["w", "b", 2]
    with pytest.raises(LostDerivativeError):
        hash(w * b)
    assert adlib.grad(lambda x: x * len(names[w]))(2.0) == 1.0


# --- Cutting on purpose -----------------------------------------------------------------------------------------

POINTS = {"number": 3.0, "array": np.array([3.0, 1.0]), "float32": np.float32(3.0), "no axes": np.array(3.0)}


@pytest.mark.parametrize("cut", [adlib.stop_gradient, lambda x: x.detach()], ids=["stop_gradient", "detach"])
@pytest.mark.parametrize("x", POINTS.values(), ids=POINTS)
def test_what_is_stopped_is_a_constant(x, cut):
    f = lambda x: np.sum(x * cut(x * x))  # noqa: E731
    np.testing.assert_allclose(adlib.grad(f)(x), x**2)
    seed = np.ones_like(x)[()] if isinstance(x, np.ndarray | np.generic) else 1.0
    np.testing.assert_allclose(adlib.jvp(f, (x,), (seed,))[1], np.sum(x**2))
    np.testing.assert_allclose(adlib.hessian(f)(x), np.zeros(np.shape(x) * 2))
    leaf = adlib.Variable(x)
    f(leaf).backward()
    np.testing.assert_allclose(leaf.grad, x**2)
    assert np.asarray(adlib.grad(f)(x)).dtype == np.asarray(x).dtype


ORDERS = {
    "reverse over reverse": lambda f: adlib.grad(adlib.grad(f)),
    "forward over reverse": lambda f: lambda x: adlib.jvp(adlib.grad(f), (x,), (1.0,))[1],
    "reverse over forward": lambda f: adlib.grad(lambda x: adlib.jvp(f, (x,), (1.0,))[1]),
    "forward over forward": lambda f: (
        lambda x: adlib.jvp(lambda z: adlib.jvp(f, (z,), (1.0,))[1], (x,), (1.0,))[1]
    ),
}


@pytest.mark.parametrize("order", ORDERS)
def test_it_stops_every_derivative_around_it(order):
    f = lambda x: x**3 * adlib.stop_gradient(x) + np.sin(adlib.stop_gradient(x * x))  # noqa: E731
    assert ORDERS[order](f)(2.0) == pytest.approx(6 * 2.0 * 2.0)
    # it stops what it is given, not what it stands in
    inner = lambda y: adlib.grad(lambda x: adlib.stop_gradient(x) * y * x)(2.0)  # noqa: E731
    assert adlib.grad(inner)(5.0) == 2.0


def test_it_stops_a_nest_and_leaves_plain_values_as_they_are():
    x = np.arange(3.0)
    stopped = adlib.stop_gradient({"a": (x, 1.0), "b": [None, np.float32(2.0)]})
    assert stopped["a"][1] == 1.0
    assert stopped["b"][0] is None
    assert stopped["b"][1].dtype == np.float32
    np.testing.assert_array_equal(stopped["a"][0], x)
    assert not np.shares_memory(stopped["a"][0], x)
    f = lambda p: np.sum(p["w"] * adlib.stop_gradient(p)["w"])  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(f)({"w": x})["w"], x)


def test_it_is_a_row_of_the_trace():
    t = adlib.trace(lambda x: x * adlib.stop_gradient(x), 3.0)
    assert [row.gate.name for row in t.rows[1:]] == ["stop_gradient", "multiply"]
    assert t.rows[1].gate is gates.stop_gradient
    assert t.gradient() == (3.0,)
    assert not adlib.diagnose(lambda x: x * adlib.stop_gradient(x), 3.0)


def test_what_is_detached_is_a_leaf_of_its_own():
    w = adlib.Variable(START)
    d = (w * 1.0).detach()
    assert type(d) is adlib.Variable
    assert d.gate is None
    assert not np.shares_memory(d.value, w.value)
    np.sum(w * d).backward()
    np.testing.assert_array_equal(w.grad, START)
    np.testing.assert_array_equal(d.grad, START)


def test_a_target_of_the_past_outlives_a_step():
    w = adlib.Variable(np.array([2.0]))
    optimizer = adlib.optim.SGD([w], lr=0.5)
    for cut in (adlib.stop_gradient, lambda v: v.detach()):
        w.value = np.array([2.0])
        target = cut(w * 1.0)
        w.grad = np.array([1.0])
        optimizer.step()
        w.grad = None
        np.sum((w - target) ** 2).backward()
        np.testing.assert_array_equal(w.grad, [2 * (1.5 - 2.0)])


def test_a_state_that_is_stopped_at_every_step_keeps_no_past():
    w, h = adlib.Variable(0.9), 1.0
    for _ in range(3):
        h = adlib.stop_gradient(np.tanh(w * h))
    assert h.parents == (None,)


PYTORCH = {
    "requires_grad": lambda v: v.requires_grad,
    "requires_grad_": lambda v: v.requires_grad_(),
    "is_leaf": lambda v: v.is_leaf,
    "retain_grad": lambda v: v.retain_grad(),
    "numpy": lambda v: v.numpy(),
    "cpu": lambda v: v.cpu(),
    "grad_fn": lambda v: v.grad_fn,
    "no_grad": lambda v: v.no_grad(),
    "data": lambda v: v.data,
    "create_graph": lambda v: (v * v).backward(create_graph=True),
}


@pytest.mark.parametrize("word", PYTORCH)
@pytest.mark.parametrize("computed", [False, True])
def test_pytorchs_words_are_answered(word, computed):
    v = adlib.Variable(2.0)
    with pytest.raises((AttributeError, TypeError)) as caught:
        PYTORCH[word](v * 1.0 if computed else v)
    text = str(caught.value)
    assert word in text
    assert "at line" in text
    assert text.count("\n  ") == 2
    assert not hasattr(v, word) or word == "create_graph"


# --- Rules that look linear at ones -----------------------------------------------------------------------------

SLY = {
    "clip": lambda g: np.clip(g, -3.0, 3.0),
    "sign": lambda g: 3.0 * np.sign(g),
    "absolute": lambda g: np.abs(g),
    "square": lambda g: g * g,
    "affine": lambda g: g + 1.0,
    "dead zone": lambda g: g * (np.abs(g) > 2.0),
    "soft": lambda g: np.tanh(g),
}
SEEDS = {"number": 5.0, "array": np.array([0.5, 5.0, 1.0]), "float32": np.array([5.0], np.float32)}


@pytest.mark.parametrize("rule", SLY)
@pytest.mark.parametrize("seed", SEEDS.values(), ids=SEEDS)
@pytest.mark.parametrize("kind", ["backward", "forward"])
def test_a_rule_is_tried_at_the_seed_that_it_is_given(rule, seed, kind):
    at = np.ones_like(seed)[()] if isinstance(seed, np.ndarray) else 1.0
    sly = SLY[rule]

    def gate():
        made = adlib.custom_gate(lambda x: x * 1.0, name="sly")
        if kind == "backward":
            made.backward(lambda g, out, x: sly(g))
        else:
            made.forward(lambda tangents, out, x: sly(tangents[0]))
        return made

    for derive in (lambda f: adlib.vjp(f, at)[1](seed), lambda f: adlib.jvp(f, (at,), (seed,))):
        made = gate()
        for _ in range(2):  # it says so every time
            with pytest.raises(ValueError, match=rf"sly: the {kind} rule is not linear in"):
                derive(made)


def test_a_rule_that_lies_on_purpose_says_so_by_giving_both():
    clipped = adlib.custom_gate(lambda x: x * 1.0)
    clipped.backward(lambda g, out, x: np.clip(g, -3.0, 3.0))
    clipped.forward(lambda tangents, out, x: tangents[0])
    assert adlib.grad(lambda x: 5.0 * clipped(x))(1.0) == 3.0
    assert adlib.jvp(clipped, (1.0,), (5.0,))[1] == 5.0


def test_a_linear_rule_passes_at_any_size():
    made = adlib.custom_gate(lambda x, y: x * y)
    made.backward(lambda g, out, x, y: (g * y, g * x))
    for size in (1.0, 1e-300, 1e300, -7.0, 0.0, np.inf, np.nan, 1e-3):
        value, pullback = adlib.vjp(made, 2.0, 3.0)
        np.testing.assert_array_equal(pullback(size), (3.0 * size, 2.0 * size))
        np.testing.assert_allclose(adlib.jvp(made, (2.0, 3.0), (size, 0.0))[1], 3.0 * size)
    assert value == 6.0
