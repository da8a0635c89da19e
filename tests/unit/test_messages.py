"""What errors say: the operation, the user's own line, and the remedy, whatever library lies between."""

import importlib
import linecache
import math
import re
import statistics
import sys

import numpy as np
import pytest

import adlib

V = np.array([1.0, 2.0, 3.0])
MODES = {
    "grad": lambda f, x: adlib.grad(f)(x),
    "jvp": lambda f, x: adlib.jvp(f, (x,), (np.ones_like(x)[()],)),
    "hessian": lambda f, x: adlib.hessian(f)(x),
}
every_mode = pytest.mark.parametrize("differentiate", MODES.values(), ids=MODES)
INDEX = "(an index or a count|a length), which is a whole number"
COMPLEX = "adlib computes with real numbers only"


FILLING = """
def f(x):
    out = np.zeros(3)
    for k in range(3):
        out[k] = x**k
    return np.sum(out)
"""
FILLING_A_PART = """
def f(x):
    out = np.zeros(3)
    out[:2] = x
    return np.sum(out)
"""

# of what x is, the program's text, what the message has, and what it has not
NUMBERS = {
    "text": ("x * 'a'", r"the str 'a' meets a tracked value.*float\('a'\)", "index"),
    "text in front": ("'a' * x", r"the str 'a' meets a tracked value.*float\('a'\)", "index"),
    "bytes": ("x * b'a'", "the bytes b'a' meets a tracked value", "index"),
    "pow of three": ("pow(x, 2, 3)", r"pow\(x, y, z\).*Write x\*\*y % z", "positional"),
    "full_like": ("np.full_like(V, x)", r"np\.copyto would store.*np\.full\(a\.shape, x\)", "tracked array,"),
    "copyto": ("np.copyto(V, x)", r"np\.copyto would store.*np\.stack", "writes into"),
    "put": ("np.put(V, 0, x)", r"np\.put would store.*np\.stack", "writes into"),
    "an index": ("V[x]", f"{INDEX}.*from plain numbers", "np.stack"),
    "an index of a list": ("[1.0, 2.0][x]", f"{INDEX}.*from plain numbers", "np.stack"),
    "an index to write at": ("[1.0].__setitem__(x, 1.0)", f"{INDEX}.*from plain numbers", "np.stack"),
    "range": ("list(range(x))", f"{INDEX}.*from plain numbers", "np.stack"),
    "zeros": ("np.zeros(x)", f"{INDEX}.*from plain numbers", "np.stack"),
    "a time": (
        "x * np.timedelta64(1, 's')",
        rf"timedelta64 .*{COMPLEX}.*np\.timedelta64\(1, 's'\)",
        "imaginary",
    ),
    "a complex branch": ("np.where(x > 0, x, 1j)", f"complex number 1j.*{COMPLEX}.*imaginary", "shape"),
    "a complex operand": ("np.add(x, 1j)", f"complex number 1j.*{COMPLEX}.*imaginary", "shape"),
    "random.normal": ("np.random.normal(x, 1.0)", r"m \+ s \* rng\.normal\(size=n\)", "np.stack"),
    "rng.normal": ("RNG.normal(x, 1.0, size=3)", r"m \+ s \* rng\.normal\(size=n\)", "np.stack"),
    "rng.exponential": ("RNG.exponential(x)", "Draw plain numbers, then move and scale them", "np.stack"),
    "arange": ("np.arange(0.0, x)", r"a \+ h \* np\.arange\(n\)", "np.stack"),
    "a lost bracket": ("np.array(x, x)", r"takes one list: np\.array\(\[x, y\]\)", "np.stack"),
    "filling an array": (FILLING, r"out\[k\] = x\*\*k.*Make the entries, then join them: np\.stack", "A @ x"),
    "filling a part": (
        FILLING_A_PART,
        r"out\[:2\] = x.*Make the entries, then join them: np\.stack",
        "A @ x",
    ),
    "math": ("math.sin(x)", r"np\.sin for math\.sin", "A @ x"),
    "a mean of a list": ("np.mean([x, 1.0])", r"join them: np\.stack", "A @ x"),
    "a function of a list": ("np.exp([x, 1.0])", r"tracked numbers as objects.*np\.stack", "A @ x"),
    "a test of a list": ("np.isnan([x, 1.0])", r"tracked numbers as objects.*np\.stack", "A @ x"),
    "a cast": ("np.array([x, x], float)", r"join them: np\.stack", "A @ x"),
    "statistics": (
        "statistics.fmean([x, 1.0])",
        r"statistics wants plain numbers.*adlib\.custom_gate",
        "np.stack",
    ),
    "unknown of NumPy": ("np.i0(x)", r"np\.i0 is not in adlib's table.*GATES.*adlib\.custom_gate", "row"),
    "no library's": ("np.frompyfunc(abs, 1, 1)(x)", r"the ufunc abs \(vec.*adlib\.custom_gate", r"np\.abs"),
}
ARRAYS = {
    "A.dot(x)": ("np.sum(np.eye(3).dot(x))", r"Write A @ x for A\.dot\(x\)", r"float\("),
    "np.asarray": ("np.asarray(x)", r"Use NumPy's functions on x itself|np\.stack", "A @ x"),
    "np.array of arrays": ("np.array([x, x])", r"np\.stack", "A @ x"),
}


def cell(source):
    """Run a program as a notebook runs a cell: with its text known, and return the function f."""
    text = source if "\n" in source else f"f = lambda x: {source}\n"
    place = f"<cell {len(linecache.cache)}>"
    linecache.cache[place] = (len(text), None, text.splitlines(keepends=True), place)
    names = {"np": np, "math": math, "statistics": statistics, "V": V.copy(), "RNG": np.random.default_rng(0)}
    exec(compile(text, place, "exec"), names)
    return names["f"]


def told(call):
    with pytest.raises((TypeError, ValueError, IndexError)) as caught:
        call()
    return str(caught.value)


@every_mode
@pytest.mark.parametrize("name", [*NUMBERS, *ARRAYS])
def test_the_message_has_the_remedy_and_the_users_line(name, differentiate):
    source, needed, unwanted = (NUMBERS | ARRAYS)[name]
    message = told(lambda: differentiate(cell(source), 2.0 if name in NUMBERS else V))
    assert re.search(needed, message, re.DOTALL), message
    assert not re.search(unwanted, message), message
    (line,) = re.findall(r"^  at line \d+ of (?:<lambda>|f): (.*)$", message, re.MULTILINE)
    assert line in source + f"f = lambda x: {source}"


def test_tuples_are_arrays_beside_a_tracked_number():
    value, slope = adlib.jvp(lambda x: (1.0, 2.0, 3.0) * x, (2.0,), (1.0,))
    np.testing.assert_array_equal(value, [2.0, 4.0, 6.0])
    np.testing.assert_array_equal(slope, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x - (1.0, 2.0, 3.0)))(V), np.ones(3))


# --- The operation that the user called -------------------------------------------------------------------------

OPERATIONS = {
    "grad": lambda f, *x: adlib.grad(f)(*x),
    "value_and_grad": lambda f, *x: adlib.value_and_grad(f)(*x),
    "hessian": lambda f, *x: adlib.hessian(f)(*x),
    "hvp": lambda f, *x: adlib.hvp(f, x, x),
    "jacobian": lambda f, *x: adlib.jacobian(f)(*x),
    "vjp": lambda f, *x: adlib.vjp(f, *x),
    "jvp": lambda f, *x: adlib.jvp(f, x, x),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_operation_named_is_the_users(name):
    call = OPERATIONS[name]
    wrong = [lambda: call(np.sin, 3), lambda: call(lambda x: None, 3.0), lambda: call(lambda x: "text", 3.0)]
    if name not in ("jacobian", "vjp", "jvp"):
        wrong += [lambda: call(lambda x: x, V), lambda: call(lambda x: (x, x), 2.0)]
    for program in wrong:
        assert told(program).startswith(f"{name}: "), told(program)


def test_jacobian_by_rows_names_itself():
    assert told(lambda: adlib.jacobian(lambda x: None, mode="reverse")(2.0)).startswith("jacobian: ")


def test_hvp_with_too_few_tangents():
    assert told(lambda: adlib.hvp(lambda x, y: x * y, (1.0, 2.0), (1.0,))).startswith(
        "hvp: 2 inputs but 1 tangents"
    )


@pytest.mark.parametrize("bad", [3, "name", None.__class__])
def test_what_stands_beside_parameters_goes_elsewhere(bad):
    message = told(lambda: adlib.grad(lambda p: p["w"] * 2.0)({"w": 1.0, "other": bad}))
    assert "argument of its own, which argnums leaves out" in message
    message = told(lambda: adlib.grad(lambda p: p)(3))
    assert "leaves out" not in message


def test_two_results_ask_for_has_aux():
    assert "has_aux=True" in told(lambda: adlib.grad(lambda x: (x, "noted"))(2.0))
    assert "has_aux=True" in told(lambda: adlib.grad(lambda x: (x, x))(2.0))


# --- Libraries --------------------------------------------------------------------------------------------------

LIBRARY = """
import numpy as np
_erf = np.frompyfunc(abs, 1, 1)

def expm(a):
    return np.asarray(a, float) * 2.0

def integrate(f, y):
    return helper(f, np.asarray(y))

def helper(f, y):
    return f(y) + 0.0

def casting(a):
    return np.isnan(np.asarray(a))

class Sparse:
    __array_ufunc__ = None

    def __matmul__(self, x):
        return np.asanyarray(x, float)
"""


@pytest.fixture
def somelib(tmp_path, monkeypatch):
    """A library where pip would put it, with a ufunc of its own."""
    place = tmp_path / "site-packages" / "somelib"
    (place / "special").mkdir(parents=True)
    (place / "__init__.py").write_text(LIBRARY)
    ufunc = "import numpy as np\nfrom numpy._core._umath_tests import inner1d as _\nerf = np.frompyfunc(abs, 1, 1)\n"
    (place / "special" / "__init__.py").write_text(ufunc)
    monkeypatch.syspath_prepend(str(place.parent))
    importlib.import_module("somelib.special")
    yield sys.modules["somelib"]
    for name in ("somelib", "somelib.special"):
        del sys.modules[name]


@every_mode
def test_a_librarys_line_is_never_named(somelib, differentiate):
    programs = {
        "expm": lambda x: somelib.expm(x),
        "integrate": lambda x: somelib.integrate(lambda y: math.sin(y[0]), [x, 1.0]),
        "casting": lambda x: somelib.casting(x),
        "sparse": lambda x: somelib.Sparse() @ x,
    }
    for name, f in programs.items():
        message = told(lambda f=f: differentiate(f, 2.0))
        assert f'"{name}": lambda x: ' in message, message
        wanted = (
            "np.sin for math.sin"
            if name == "integrate"
            else r"somelib wants plain numbers(.|\n)*adlib\.custom_gate"
        )
        assert re.search(wanted, message), message


@pytest.mark.parametrize(
    "imported", ["from somelib.special import erf", "import somelib.special as s; erf = s.erf"]
)
def test_a_librarys_function_has_its_librarys_name(somelib, imported, monkeypatch):
    names = {}
    exec(imported, names)
    erf = names["erf"]
    # frompyfunc's name is "abs (vectorized)": give the module that attribute, as a compiled ufunc has its own name
    monkeypatch.setitem(vars(sys.modules["somelib.special"]), erf.__name__, erf)
    message = told(lambda: adlib.grad(lambda x: erf(x))(2.0))
    assert message.startswith(f"somelib.special.{erf.__name__} is not in adlib's table")
    assert "adlib.custom_gate" in message
    assert "np." not in message.partition("\n")[0]


def test_a_ufunc_of_numpys_own_tests_is_no_np_function():
    from numpy._core import _umath_tests

    message = told(lambda: adlib.grad(lambda x: _umath_tests.inner1d(x, x))(V))
    assert message.startswith("numpy._core._umath_tests.inner1d is not in adlib's table")
