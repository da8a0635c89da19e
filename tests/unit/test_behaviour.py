"""What users rely on, and what they are told when something cannot be done.

Every error names the operation, the user's own line, and the remedy.
"""

import gc
import math
import pickle
import re
import threading
import tracemalloc
import warnings
import weakref
from typing import NamedTuple

import numpy as np
import pytest

import adlib
from adlib.errors import ConstantResult, LostDerivativeError

X = np.array([1.0, 2.0, 3.0])
ENTRIES = {
    "grad": lambda f, x: adlib.grad(f)(x),
    "jvp": lambda f, x: adlib.jvp(f, (x,), (np.ones_like(x)[()] if np.ndim(x) else 1.0,)),
    "backward": lambda f, x: f(adlib.Variable(x)).backward(),
    "nested": lambda f, x: adlib.jvp(adlib.grad(f), (x,), (np.ones_like(x)[()] if np.ndim(x) else 1.0,)),
}
every_mode = pytest.mark.parametrize("differentiate", ENTRIES.values(), ids=ENTRIES)


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


def test_a_constant_argument_may_be_anything():
    f = lambda x, n, how, flag=None: x**n if how == "power" else x  # noqa: E731
    assert adlib.grad(f)(2.0, 3, "power", flag=object()) == 12.0
    assert adlib.grad(f, argnums=0)(2.0, 3, how="none") == 1.0
    assert adlib.grad(lambda n, x: x**n, argnums=-1)(3, 2.0) == 12.0


@pytest.mark.parametrize("argnums", [1, -2, (0, 1)])
def test_argnums_beyond_the_arguments(argnums):
    with pytest.raises(TypeError, match=r"argnums=.*1 positional argument"):
        adlib.grad(lambda x: x, argnums=argnums)(1.0)


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


@pytest.mark.parametrize("argnums", [(), (0, 0), (1, -1)])
def test_argnums_name_each_argument_once(argnums):
    with pytest.raises(TypeError, match="at least one argument, and none twice"):
        adlib.grad(lambda x, y: x * y, argnums=argnums)(1.0, 2.0)


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


def test_backward_of_what_is_not_a_scalar():
    x = adlib.Variable(X)
    with pytest.raises(
        TypeError, match=r"backward\(\): the value has shape \(3,\)(.|\n)*y\.backward\(gradient\)"
    ):
        (x * 2).backward()
    (x * 2).backward(np.array([1.0, 0.0, 5.0]))
    np.testing.assert_array_equal(x.grad, [2.0, 0.0, 10.0])


def test_backward_twice():
    x = adlib.Variable(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 12.0  # they add up, as in PyTorch
    with pytest.raises(RuntimeError, match=r"released by an earlier backward\(\)(.|\n)*retain_graph=True"):
        y.backward()
    z = y * 2.0
    with pytest.raises(RuntimeError, match="released"):
        z.backward()
    x.grad = None
    (x * x).backward()
    assert x.grad == 6.0


def test_backward_of_two_results_that_share():
    x = adlib.Variable(2.0)
    shared = x * x
    (shared * 3.0).backward(retain_graph=True)
    (shared + 1.0).backward()
    assert x.grad == 16.0


def test_backward_of_a_leaf():
    x = adlib.Variable(2.0)
    x.backward()
    assert x.grad == 1.0


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


def test_derivatives_inside_what_backward_walks():
    w = adlib.Variable(5.0)
    adlib.grad(lambda s: s * s * w * w)(2.0).backward()
    assert w.grad == 40.0
    w.grad = None
    adlib.jvp(lambda s: s * s * w * w, (2.0,), (1.0,))[1].backward()
    assert w.grad == 40.0


def test_complex_constants_are_refused():
    for f in (lambda x: np.abs(np.sum(x * np.array([1j, 2, 3]))), lambda x: np.abs(x @ np.array([1j, 2, 3]))):
        with pytest.raises(
            TypeError, match=r"computes with real numbers only(.|\n)*real and imaginary parts"
        ):
            adlib.grad(f)(X)
    with pytest.raises(TypeError, match="complex"):
        adlib.grad(lambda x: x * 1j)(1.0)


def test_grad_has_the_type_of_the_leaf():
    for value in (2.0, np.float32(2.0), np.float64(2.0), np.array(2.0), np.array([2.0, 3.0], np.float32)):
        leaf = adlib.Variable(value)
        np.sum(leaf * leaf).backward()
        assert type(leaf.grad) is type(value)
        assert np.asarray(leaf.grad).dtype == np.asarray(value).dtype
        assert np.shape(leaf.grad) == np.shape(value)


# --- Operations that would lose the derivative ------------------------------------------------------------------

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


@every_mode
@pytest.mark.parametrize("name", LOST)
def test_what_would_lose_the_derivative_says_so(name, differentiate):
    f, problem, remedy = LOST[name]
    if name.startswith("x.item(") and differentiate is ENTRIES["backward"]:
        return test_item_reads_a_variable()

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
    if differentiate is ENTRIES["backward"] and isinstance(error.__cause__, LostDerivativeError):
        error = error.__cause__  # outside our calls NumPy's error comes after ours, and Python shows both
    assert isinstance(error, TypeError)
    message = str(error)
    assert re.search(problem, message)
    assert any(r in message.replace("\\", "") for r in remedy.replace("\\", "").split("|")), message
    assert "of <lambda>: " in message  # the user's line
    assert "lambda x:" in message
    np.testing.assert_array_equal(STORE, np.zeros(3))


def test_item_reads_a_variable():
    x = adlib.Variable(1.5)
    loss = x * x
    assert (loss.item(), type(loss.item())) == (2.25, float)
    assert adlib.Variable(np.array([[3.0]], np.float32)).item() == 3.0
    assert adlib.Variable(np.array([[3.0, 4.0]])).item(0, 1) == 4.0
    with pytest.raises(
        ValueError, match=r"x\.item\(\): the value has shape \(2,\)(.|\n)*x\.value is the whole"
    ):
        adlib.Variable(np.ones(2)).item()
    loss.backward()
    assert (loss.item(), x.grad) == (2.25, 3.0)  # reading changes nothing


@pytest.mark.parametrize(
    ("x", "text"), [(3, "3.0"), (np.array([1, 2]), "array([1., 2.])"), (np.bool_(True), "1.0")]
)
def test_what_to_write_instead_of_integers_can_be_copied(x, text):
    with pytest.raises(TypeError, match=re.escape(f"write {text} instead of")):
        adlib.numerical.central_difference(lambda x: x * x, x)


def test_the_line_named_is_the_readers_own():
    def f(x):
        y = x * 2.0
        return math.sin(y)

    with pytest.raises(LostDerivativeError, match=r"at line \d+ of f: return math\.sin\(y\)"):
        adlib.grad(f)(1.0)


def test_errors_of_the_function_come_through():
    def f(x):
        raise KeyError("mine")

    for differentiate in ENTRIES.values():
        with pytest.raises(KeyError, match="mine"):
            differentiate(f, 1.0)
    with pytest.raises(ValueError, match="matmul"):
        adlib.grad(lambda x: x @ np.ones(4))(X)
    with pytest.raises(IndexError):
        adlib.grad(lambda x: x[7])(X)
    with pytest.raises(TypeError, match="len"):
        adlib.grad(lambda x: x * len(x))(1.0)
    with pytest.raises(TypeError, match="not a sequence"):
        adlib.grad(lambda x: sum(x))(1.0)


def test_an_error_in_the_middle_leaves_no_state():
    def f(x):
        adlib.grad(lambda y: y * x)(1.0)
        raise RuntimeError

    for differentiate in ENTRIES.values():
        with pytest.raises(RuntimeError):
            differentiate(f, 1.0)
        assert adlib.grad(lambda x: x**3)(2.0) == 12.0
        assert adlib.jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)


# --- Values that outlive their derivative -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["grad", "jvp"])
@pytest.mark.parametrize("use", [lambda x: x * 2.0, lambda x: np.sin(x), lambda x: x + x, lambda x: 1.0 - x])
def test_a_value_used_after_its_derivative_has_ended(name, use):
    kept = []

    def f(x):
        kept.append(x * x)
        return x * x

    ENTRIES[name](f, 3.0)
    with pytest.raises(RuntimeError, match=r"of a derivative call that has ended(.|\n)*Return the value"):
        use(kept[0])
    with pytest.raises((RuntimeError, TypeError), match=r"ended|does not depend"):
        ENTRIES[name](lambda x: kept[0] * 1.0, 3.0)


@pytest.mark.parametrize("name", ["grad", "jvp"])
def test_two_derivatives_do_not_mix(name):
    kept = []
    ENTRIES[name](lambda x: kept.append(x) or x * 1.0, 3.0)
    with pytest.raises(RuntimeError, match="ended"):
        ENTRIES[name](lambda x: x * kept[0], 2.0)


def test_interleaved_derivatives_keep_apart():
    """Two passes, each driven by a generator, step in turn."""

    def steps(x, out):
        for _ in range(3):
            x = x * x
            yield x
        out.append(x)

    def outer(x):
        inner_out, outer_out = [], []
        mine = steps(x, outer_out)
        next(mine)

        def inner(y):
            theirs = steps(y, inner_out)
            for _ in range(3):
                next(theirs)
                next(mine, None)
            list(theirs)
            return inner_out[-1]

        slope = adlib.grad(inner)(2.0)
        list(mine)
        return outer_out[-1] * slope

    assert adlib.grad(outer)(1.5) == 8 * 1.5**7 * 8 * 2.0**7


def test_threads_do_not_mix():
    def work(seed, out):
        rng = np.random.default_rng(seed)
        for _ in range(100):
            x = rng.uniform(1.0, 2.0)
            g = adlib.grad(lambda t: adlib.jvp(lambda s: s * np.sin(s * t), (t,), (1.0,))[1])(x)
            leaf = adlib.Variable(x)
            (leaf * np.sin(leaf)).backward()
            out.append((x, g, leaf.grad))

    outs = [[] for _ in range(4)]
    threads = [threading.Thread(target=work, args=(k, o)) for k, o in enumerate(outs)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for x, g, leaf in (row for o in outs for row in o):
        # D_s [s sin(s t)] at s = t is sin t² + t² cos t²; its derivative by t:
        assert g == pytest.approx(4 * x * np.cos(x * x) - 2 * x**3 * np.sin(x * x), rel=1e-12, abs=1e-12)
        assert leaf == pytest.approx(np.sin(x) + x * np.cos(x), rel=1e-14)
    assert sum(map(len, outs)) == 400


# --- A million gates --------------------------------------------------------------------------------------------


def chain(x, n):
    for _ in range(n):
        x = x * 0.999999
    return x


N = 1_000_000


def held(differentiate, n):
    """Bytes a node while it runs, and what is left afterwards."""
    differentiate(10)
    gc.collect()
    before, objects = tracemalloc.get_traced_memory()[0], len(gc.get_objects())
    tracemalloc.reset_peak()
    differentiate(n)
    peak = tracemalloc.get_traced_memory()[1]
    gc.collect()
    return (peak - before) / n, tracemalloc.get_traced_memory()[0] - before, len(gc.get_objects()) - objects


def _by_backward(n):
    leaf = adlib.Variable(1.0)
    chain(leaf, n).backward()
    assert leaf.grad == pytest.approx(0.999999**n, rel=1e-9)


CHAINS = {
    "grad": lambda n: adlib.grad(lambda x: chain(x, n))(1.0),
    "backward": _by_backward,
    "jvp": lambda n: adlib.jvp(lambda x: chain(x, n), (1.0,), (1.0,)),
}


@pytest.mark.parametrize("name", ["grad", "backward", "jvp"])
def test_a_chain_of_a_million_gates(name):
    result = CHAINS[name](N)
    if name == "grad":
        assert result == pytest.approx(0.999999**N, rel=1e-9)
    if name == "jvp":
        assert result == pytest.approx((0.999999**N, 0.999999**N), rel=1e-9)


@pytest.mark.parametrize("name", ["grad", "backward", "jvp"])
def test_memory_is_linear_and_returns(name):
    tracemalloc.start()
    try:
        per_node, left, objects = held(CHAINS[name], 50_000)
    finally:
        tracemalloc.stop()
    value = 24  # a float
    assert per_node - value <= (400 if name != "jvp" else 1)
    assert left < 20_000
    assert objects < 50


def test_a_long_chain_that_is_dropped_without_backward():
    """Python frees a chain of a million links one by one: no recursion there either."""
    y = chain(adlib.Variable(1.0), N // 10)
    del y
    gc.collect()
    y = chain(adlib.Variable(1.0), N // 10)
    y.backward(retain_graph=True)
    del y


# --- Nested arguments and results -------------------------------------------------------------------------------


class Pair(NamedTuple):
    a: float
    b: float


def test_inputs_may_be_nested():
    params = {"layers": [(np.ones((2, 3)), np.zeros(2)), (np.ones((1, 2)), np.zeros(1))], "scale": 2.0}

    def loss(p, x):
        for W, b in p["layers"]:
            x = np.tanh(W @ x + b)
        return p["scale"] * np.sum(x)

    gradient = adlib.grad(loss)(params, X)
    assert list(gradient) == ["layers", "scale"]
    assert [type(layer) for layer in gradient["layers"]] == [tuple, tuple]
    assert gradient["layers"][0][0].shape == (2, 3)
    assert gradient["scale"] == pytest.approx(loss(params, X) / 2.0)
    adlib.check_grads(loss, (params, X), order=2)


def test_named_tuples_lists_and_none():
    g = adlib.grad(lambda p: p.a * p.b)(Pair(2.0, 3.0))
    assert type(g) is Pair
    assert g == (3.0, 2.0)
    assert adlib.grad(lambda p: p[0] * p[2])([2.0, None, 3.0]) == [3.0, None, 2.0]
    value, tangent = adlib.jvp(lambda x: Pair(x * x, -x), (3.0,), (1.0,))
    assert type(value) is type(tangent) is Pair
    assert tangent == (6.0, -1.0)


def test_results_may_be_nested():
    f = lambda x: {"square": x * x, "both": [x, (3.0 * x, 7.0)]}  # noqa: E731
    value, tangent = adlib.jvp(f, (2.0,), (1.0,))
    assert value == {"square": 4.0, "both": [2.0, (6.0, 7.0)]}
    assert tangent == {"square": 4.0, "both": [1.0, (3.0, 0.0)]}
    again, pullback = adlib.vjp(f, 2.0)
    assert again == value
    assert pullback({"square": 1.0, "both": [10.0, (100.0, 1000.0)]}) == (314.0,)
    assert pullback({"square": 1.0, "both": [0.0, (0.0, 0.0)]}) == (4.0,)  # any number of times
    for mode in ("forward", "reverse"):
        assert adlib.jacobian(lambda x: {"a": x * x, "b": 3 * x}, mode=mode)(2.0) == {"a": 4.0, "b": 3.0}
        blocks = adlib.jacobian(lambda p, q: (p["u"] * q, q), (0, 1), mode=mode)({"u": 2.0}, 5.0)
        assert blocks == (({"u": 5.0}, 2.0), ({"u": 0.0}, 1.0))


def test_shapes_of_jacobians():
    A = np.arange(6.0).reshape(2, 3)
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(adlib.jacobian(lambda x: A @ x, mode=mode)(X), A)
        assert adlib.jacobian(lambda x: np.outer(x, x), mode=mode)(X).shape == (3, 3, 3)
        assert adlib.jacobian(lambda x: x * X, mode=mode)(2.0).shape == (3,)
        assert adlib.jacobian(lambda x: np.sum(x), mode=mode)(A).shape == (2, 3)
        assert type(adlib.jacobian(lambda x: x * x, mode=mode)(2.0)) is float
        assert adlib.jacobian(lambda x: x[None], mode=mode)(A.astype(np.float32)).shape == (1, 2, 3, 2, 3)
        assert adlib.jacobian(lambda x: x * x, mode=mode)(A.astype(np.float32)).dtype == np.float32


def test_the_result_may_be_the_input_itself():
    assert adlib.grad(lambda x: x)(3.0) == 1.0
    assert adlib.jvp(lambda x: x, (3.0,), (5.0,)) == (3.0, 5.0)
    assert adlib.vjp(lambda x, y: (y, x, x), 1.0, 2.0)[1]((1.0, 10.0, 100.0)) == (110.0, 1.0)
    np.testing.assert_array_equal(adlib.jacobian(lambda x: x)(X), np.eye(3))


def test_one_object_as_two_inputs():
    x = np.array([1.0, 2.0])
    first, second = adlib.grad(lambda a, b: np.sum(a * a * b), (0, 1))(x, x)
    np.testing.assert_array_equal(first, 2 * x * x)
    np.testing.assert_array_equal(second, x * x)
    v = adlib.Variable(3.0)
    (v * v).backward()
    assert v.grad == 6.0


def test_results_do_not_alias_the_seeds_or_inputs():
    seed, x = np.ones(3), X.copy()
    (adjoint,) = adlib.vjp(lambda t: t * 1.0, x)[1](seed)
    gradient = adlib.grad(lambda t: np.sum(t) + np.sum(t[:2]))(x)
    gradient[:] = 7.0
    again = adlib.grad(lambda t: np.sum(t) + np.sum(t[:2]))(x)
    np.testing.assert_array_equal(again, [2.0, 2.0, 1.0])
    assert adjoint is not x
    np.testing.assert_array_equal(x, X)


def test_gradients_do_not_share_memory():
    weights = np.array([1.0, 5.0, 7.0])
    f = lambda a, b, c: np.sum((a + b - np.reshape(c, 3)) * weights)  # noqa: E731
    leaves = [adlib.Variable(X), adlib.Variable(X), adlib.Variable(X[None])]
    f(*leaves).backward()
    for gradients in (adlib.grad(f, (0, 1, 2))(X, X, X[None]), [leaf.grad for leaf in leaves]):
        gradients[0][:] = 100.0
        gradients[1][:] += 100.0
        np.testing.assert_array_equal(gradients[1], weights + 100.0)
        np.testing.assert_array_equal(gradients[2], [-weights])
    seed = np.ones(3)
    (adjoint,) = adlib.vjp(lambda x: x, X)[1](seed)
    adjoint += 1.0
    np.testing.assert_array_equal(seed, np.ones(3))
    leaf = adlib.Variable(X)
    leaf.backward(seed)
    leaf.grad += 1.0
    np.testing.assert_array_equal(seed, np.ones(3))


def test_gradients_can_be_written_to():
    for f in (np.sum, np.mean, lambda x: np.sum(np.broadcast_to(x, (2, 3))), lambda x: x[0]):
        gradient = adlib.grad(f)(X)
        gradient += 1.0
        leaf = adlib.Variable(X)
        f(leaf).backward()
        leaf.grad += 1.0


def test_names_of_derivatives():
    def f(x):
        return x

    assert adlib.grad(f).__name__ == "grad(f)"
    assert adlib.hessian(f).__name__ == "hessian(f)"


def test_control_flow_follows_the_values():
    def f(x):
        y = 1.0
        while x * y < 10.0:
            y = y * x
        return y if x > 1.5 else -y

    assert adlib.grad(f)(2.0) == 12.0  # 2 → x³
    assert adlib.grad(f)(3.0) == 6.0


def test_vjp_is_linear_in_the_adjoint_and_may_be_called_again():
    _, pullback = adlib.vjp(lambda x: np.sin(x) * x[::-1], X)
    a, b = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.0, 4.0])
    np.testing.assert_allclose(
        pullback(2 * a - 3 * b)[0], 2 * pullback(a)[0] - 3 * pullback(b)[0], rtol=1e-14
    )


def test_text_of_tracked_values():
    seen = []
    adlib.jvp(lambda x: seen.append((repr(x), f"{x:.2f}", f"{x}")) or x, (1.5,), (2.0,))
    assert seen == [("Dual(1.5, 2.0)", "1.50", "Dual(1.5, 2.0)")]
    assert repr(adlib.Variable(1.5)) == "Variable(1.5)"


def test_an_extreme_of_some_needs_an_initial_value():
    for f in (lambda x: np.max(x, where=X > 0), lambda x: np.min(x, initial=None, where=X > 0)):
        with pytest.raises(
            ValueError, match=r"np\.(max|min): with where= (.|\n)*at line(.|\n)*Say by initial="
        ):
            adlib.grad(f)(X)


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
}  # fmt: skip


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


def test_nobody_is_kept_alive_by_a_comparison():
    class Big:
        pass

    def f(x):
        big = Big()
        seen.append(weakref.ref(big))
        return x * x if x > 0 else x

    seen = []
    adlib.vjp(f, 2.0)
    assert seen[0]() is None
