"""Nothing cuts a derivative in silence; `stop_gradient` and `detach` do it on purpose; no rule passes for linear."""

import array
import copy
import decimal
import functools
import math
import operator
import pickle
import struct

import numpy as np
import pytest

import adlib
from adlib import gates
from adlib.errors import LostDerivativeError

START = np.linspace(0.2, 1.4, 600)

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
