"""``np.array([x, y])`` of tracked numbers, and lists of them given to NumPy's functions.

NumPy makes an array of objects of them.  Where adlib sees it, it is one tracked array; what NumPy does with it alone is
right, or one clear error.
"""

import functools
import inspect
import itertools
import warnings

import numpy as np
import pytest

import adlib
from adlib.engine.tree import flatten
from adlib.gates import GATES
from adlib.gates.composition import COMPOSITIONS

P = (0.3, 0.7)
KINDS = {
    "all tracked": lambda x, y: [x, y],
    "all tracked, above 1": lambda x, y: [x + 2.0, y * y + 1.0],
    "one constant": lambda x, y: [0.5, x * y],
    "nested": lambda x, y: [[x, y + 1.0], [x * y, 2.0]],
    "nested, all tracked": lambda x, y: [[x + 1, y], [x * y, y + 1]],
}
FORMS = {"array": np.array, "list": lambda entries: entries, "tuple": tuple}
SOLVING = np.array([[2.0, 0.3], [0.3, 1.0]])
# what NumPy's functions want beside the array, by the name of the parameter
BESIDE = {
    "axis1": 0,
    "axis2": 0,
    "source": 0,
    "destination": -1,
    "repeats": 2,
    "reps": 2,
    "shift": 1,
    "kth": 1,
    "indices": [1, 0],
    "q": 0.4,
    "shape": (2, -1),
    "newshape": (-1,),
    "pad_width": 1,
    "obj": 1,
    "values": 5.0,
    "indices_or_sections": 2,
    "condition": [True, False],
    "choicelist": None,
    "ord": None,
    "dtype": float,
    "fill_value": 1.5,
    "weights": None,
    "N": 2,
    "n": 2,
    "a_min": 0.4,
    "a_max": 0.6,
    "xp": [0.0, 1.0],
    "fp": [1.0, 3.0],
    "deg": 1,
    "lags": 1,
    "subscripts": "i...->...",
    "func1d": np.sum,
    "condlist": None,
    "funclist": None,
    "axis": 0,
    "start": 0,
    "to_end": None,
    "rowvar": True,
    "tup": None,
    "arrays": None,
}


def calls(function):
    """Yield ways to call a function of the tables on an array."""
    if isinstance(function, np.ufunc):
        if function.nin == 1:
            yield function.__name__, lambda a: function(a)
        else:
            yield function.__name__ + "(a, number)", lambda a: function(a, 0.45)
            yield function.__name__ + "(number, a)", lambda a: function(0.45, a)
            yield function.__name__ + "(a, array)", lambda a: function(a, np.array([0.6, 0.8]))
            yield function.__name__ + "(array, a)", lambda a: function(np.array([0.6, 0.8]), a)
            yield function.__name__ + "(a, a)", lambda a: function(a, a)
        return
    special = SPECIAL.get(function)
    if special is not None:
        yield function.__name__, special
        return
    try:
        parameters = inspect.signature(function).parameters.values()
    except ValueError:
        parameters = ()
    wanted = [
        p
        for p in parameters
        if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
    ]
    names = [p.name for p in wanted]
    if len(names) == 2 and names[1] not in BESIDE:
        yield function.__name__ + "(a, a)", lambda a: function(a, a)
        yield function.__name__ + "(a, array)", lambda a: function(a, SOLVING)
        yield function.__name__ + "(array, a)", lambda a: function(SOLVING, a)
        return
    yield function.__name__, lambda a: function(a, *(BESIDE[n] for n in names[1:]))


SPECIAL = {
    np.where: lambda a: np.where([True, False], a, 0.0),
    np.concatenate: lambda a: np.concatenate([a, a]),
    **{
        f: lambda a, f=f: f([a, a])
        for f in (np.stack, np.vstack, np.hstack, np.dstack, np.column_stack, np.block)
    },
    np.einsum: lambda a: np.einsum("i...,i->...", a, [2.0, 3.0]),
    np.interp: lambda a: np.interp(a, [0.0, 1.0, 3.0], [1.0, 3.0, 0.0]),
    np.choose: lambda a: np.choose([0, 1], [a, a]),
    np.select: lambda a: np.select([[True, False]], [a], 0.0),
    np.compress: lambda a: np.compress([False, True], a),
    np.extract: lambda a: np.extract([False, True], a),
    np.apply_along_axis: lambda a: np.apply_along_axis(np.sum, 0, a),
    np.piecewise: lambda a: np.piecewise(a, [np.array([True, False])], [lambda t: t * t, 0.0]),
    np.meshgrid: lambda a: np.meshgrid(a, a),
    np.broadcast_arrays: lambda a: np.broadcast_arrays(a, np.ones((2, 2))),
    np.cross: lambda a: np.cross(np.concatenate([a, [1.0]]), [1.0, 2.0, 3.0]),
    np.linalg.cross: lambda a: np.linalg.cross(np.concatenate([a, [1.0]]), [1.0, 2.0, 3.0]),
    np.linalg.multi_dot: lambda a: np.linalg.multi_dot([a, SOLVING, a]),
    np.bincount: lambda a: np.bincount([0, 1], a),
    np.append: lambda a: np.append(a, 2.0),
    np.polyval: lambda a: np.polyval(a, 2.0),
    np.digitize: lambda a: np.digitize(a, [0.5]),
    np.trapezoid: lambda a: np.trapezoid(a),
    np.broadcast_to: lambda a: np.broadcast_to(a, (3, 2, 2)),
    np.reshape: lambda a: np.reshape(a, (-1,)),
    np.transpose: lambda a: np.transpose(a),
    np.expand_dims: lambda a: np.expand_dims(a, 0),
    np.copy: lambda a: np.copy(a),
    np.clip: lambda a: np.clip(a, 0.4, 0.6),
    np.tensordot: lambda a: np.tensordot(a, SOLVING, 1),
    np.vecdot: lambda a: np.vecdot(a, [1.0, 2.0]),
    np.linalg.vecdot: lambda a: np.linalg.vecdot(a, [1.0, 2.0]),
    np.linalg.tensorsolve: lambda a: np.linalg.tensorsolve(SOLVING, a),
    np.linalg.solve: lambda a: np.linalg.solve(SOLVING, a),
    np.pad: lambda a: np.pad(a, 1),
    np.convolve: lambda a: np.convolve(a, [1.0, 2.0]),
    np.correlate: lambda a: np.correlate(a, [1.0, 2.0]),
    np.full_like: lambda a: np.full_like(np.ones(2), a),
    np.take_along_axis: lambda a: np.take_along_axis(a, np.array([1, 0]), 0),
}
FUNCTIONS = sorted(
    {
        f
        for f in (*GATES, *COMPOSITIONS)
        if isinstance(f, np.ufunc) or (f.__module__ or "").startswith("numpy")
    },
    key=lambda f: f"{getattr(f, '__module__', '')}.{f.__name__}",
)
CALLS = [
    (f"{getattr(f, '__module__', 'np')}.{name}".replace("numpy", "np"), call)
    for f in FUNCTIONS
    for name, call in calls(f)
]


def total(out):
    """Weigh all entries of a result, nested or not, and sum them."""
    leaves = [np.reshape(leaf, (-1,)) for leaf in flatten(out)[0]]
    return sum((1.0 + k) * entry for k, entry in enumerate(entry for leaf in leaves for entry in leaf))


def slopes(f):
    """Return the value of f at P, its gradient in both modes, and the Hessian."""
    forward = tuple(adlib.jvp(f, P, seed)[1] for seed in ((1.0, 0.0), (0.0, 1.0)))
    return [f(*P), adlib.grad(f, (0, 1))(*P), forward, adlib.hessian(f, (0, 1))(*P)]


def stacked(entries):
    """Join numbers without NumPy's help: what ``np.array`` of them should be."""
    return np.stack([stacked(e) if isinstance(e, list) else e for e in entries])


def same(got, want):
    return all(
        np.allclose(flatten(g)[0], flatten(w)[0], rtol=1e-9, atol=1e-8)
        for g, w in zip(got, want, strict=True)
    )


def outcomes(call, forms=tuple(FORMS)):
    """Tell of each use that NumPy allows its kind and form, and the error that it met (None for a right answer)."""
    found = []
    for kind, make in KINDS.items():
        measured = lambda built, make=make: lambda x, y: total(call(built(make(x, y)))) + 0 * x * y  # noqa: E731
        try:
            value, want = measured(np.array)(*P), slopes(measured(stacked))
        except (TypeError, ValueError, IndexError, AttributeError):
            continue
        for form in forms:
            try:
                if measured(FORMS[form])(*P) != value:
                    continue  # np.block: a list of lists means something else
            except (TypeError, AttributeError):
                continue
            try:
                got = slopes(measured(FORMS[form]))
            except (TypeError, ValueError, IndexError, AttributeError) as error:
                found.append((kind, form, error))
            else:
                assert same(got, want), (kind, form, got, want)
                found.append((kind, form, None))
    return found


@functools.cache
def outcomes_of(name):
    with warnings.catch_warnings(action="ignore"):
        return outcomes(dict(CALLS)[name])


@pytest.mark.parametrize("name", [name for name, _ in CALLS])
def test_each_use_is_right_or_one_clear_error(name):
    for kind, form, error in outcomes_of(name):
        if error is not None:
            assert isinstance(error, TypeError | AttributeError), (kind, form, error)
            assert "np.stack" in str(error), (kind, form, error)
            assert (
                "function(" in str(error)
                or "lambda a" in str(error)
                or "np." in str(error).split("at line")[1]
            )


def test_nearly_every_function_has_a_use():
    used = {name.partition("(")[0] for name, _ in CALLS if outcomes_of(name)}
    functions = {name.partition("(")[0] for name, _ in CALLS}
    assert functions - used == {"np.dsplit", "np.linalg.tensorinv", "np.full_like", "np.resize", "np.ldexp"}


# Python's math.floor and math.trunc give whole numbers, and NumPy has no modf for objects
STEPS = {"trunc", "floor", "ceil", "modf"}


@pytest.mark.parametrize(
    "name", [n for n, _ in CALLS if "(" not in n and isinstance(getattr(np, n[3:], 0), np.ufunc)]
)
def test_functions_of_one_number_act_on_the_entries(name):
    errors = [error for kind, _, error in outcomes_of(name) if "all tracked" in kind]
    assert errors
    assert set(errors) == {None} or name[3:] in STEPS


COMMON = {  # of an array, and of a list
    "sum": lambda a: np.sum(a),
    "prod": lambda a: np.prod(a),
    "max": lambda a: np.max(a),
    "cumsum": lambda a: np.cumsum(a),
    "where": lambda a: np.where([True, False], a, 0.0),
    "A @ [x, y]": lambda a: SOLVING @ a,
    "[x, y] @ A": lambda a: a @ SOLVING,
    "dot": lambda a: np.dot(SOLVING, a),
    "einsum": lambda a: np.einsum("ij,j...->i...", SOLVING, a),
    "mean of columns": lambda a: np.mean(np.multiply.outer(a, [1.0, 2.0]), axis=0),
}
OF_ARRAYS = {
    "operators": lambda a: 2.0 * a**2 - SOLVING / a,
    "a gate of ours": lambda a: adlib.gates.relu(a),
    "indexing": lambda a: a[..., ::-1].T,
    "methods": lambda a: a.reshape(-1).sum() * a.max(),
}


@pytest.mark.parametrize("name", [*COMMON, *OF_ARRAYS])
def test_common_uses_work(name):
    found = outcomes(COMMON[name]) if name in COMMON else outcomes(OF_ARRAYS[name], ("array",))
    assert len(found) >= 4
    assert {error for _, _, error in found} == {None}


def test_the_result_may_be_an_array_of_objects():
    f = lambda x, y: np.array([[x * y, 2.0], [y, x]])  # noqa: E731
    (dx, dy) = adlib.jacobian(f, (0, 1))(2.0, 3.0)
    np.testing.assert_array_equal(dx, [[3.0, 0.0], [0.0, 1.0]])
    np.testing.assert_array_equal(dy, [[2.0, 0.0], [1.0, 0.0]])
    (dx, dy) = adlib.jacobian(f, (0, 1), mode="reverse")(2.0, 3.0)
    np.testing.assert_array_equal(dx, [[3.0, 0.0], [0.0, 1.0]])
    value, pullback = adlib.vjp(f, 2.0, 3.0)
    assert value.dtype == float
    assert pullback(np.ones((2, 2))) == (4.0, 3.0)


def test_an_inner_derivative_takes_one():
    f = lambda x: adlib.grad(lambda w: np.sum(w**3))(np.array([x, 2.0 * x]))[1]  # noqa: E731
    assert adlib.grad(f)(2.0) == 48.0  # 3 (2x)²
    g = lambda x: adlib.jvp(np.sin, (np.ones(2),), (np.array([x, x * x]),))[1][1]  # noqa: E731
    assert adlib.grad(g)(2.0) == pytest.approx(4.0 * np.cos(1.0))


def test_numbers_of_several_levels_meet_in_one_array():
    def f(x):
        return adlib.grad(lambda y: np.sum(np.array([x, y, x * y]) * np.array([y, x, 1.0])))(3.0)

    assert adlib.grad(f)(2.0) == 3.0  # y x + x y + x y


@pytest.mark.parametrize("number", [1.5, 2, True, np.float32(1.5), np.float64(1.5), np.int8(3)])
def test_constants_beside_tracked_numbers(number):
    value, slope = adlib.jvp(lambda x: np.array([x, number]) * 1.0 * x, (2.0,), (1.0,))
    np.testing.assert_array_equal(value, np.array([2.0, number]) * 2.0)
    np.testing.assert_array_equal(slope, [4.0, number])


def test_float32_stays():
    value, slope = adlib.jvp(lambda x: np.array([x, x * x]), (np.float32(2.0),), (np.float32(1.0),))
    assert value.dtype == slope.dtype == np.float32


@pytest.mark.parametrize("bad", [None, "1", 1j, np.datetime64("2020-01-01"), object()])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(TypeError, match=r"an array of object meets a tracked value(.|\n)*astype\(float\)"):
        adlib.grad(lambda x: np.sum(x * np.array([x, bad], object)))(2.0)


def test_entries_may_be_stored_in_an_array_of_objects():
    def f(x):
        out = np.zeros(3, object)
        for k in range(3):
            out[k] = x**k
        out += x
        return np.sum(out * np.arange(3.0))

    adlib.check_grads(f, (2.0,))


@pytest.mark.parametrize(
    "f",
    [
        lambda v: np.array(v),
        lambda v: np.asarray(v),
        lambda v: np.array([v, v]),
        lambda v: np.array([v[0], v]),
        lambda v: np.eye(3).dot(v),
        lambda v: np.array([v[0], v[1]], dtype=float),
        lambda v: np.array([v[0], v[1]]).astype(float),
        lambda v: np.asarray(v[0], float),
    ],
)
@pytest.mark.parametrize("entry", [lambda f: adlib.grad(f), lambda f: lambda v: adlib.jvp(f, (v,), (v,))])
def test_whole_arrays_and_casts_are_refused(f, entry):
    with pytest.raises(adlib.errors.LostDerivativeError, match=r"lambda v: (.|\n)*(np\.stack|A @ x)"):
        entry(lambda v: np.sum(f(v)))(np.ones(3))


def test_numpys_own_maximum_picks_one_of_equal_entries():
    assert adlib.grad(lambda x: np.max([x, x]))(2.0) == 1.0  # both are x
    picked = adlib.grad(lambda x, y: np.max([x, y]), (0, 1))(2.0, 2.0)
    assert sorted(picked) == [0.0, 1.0]
    assert adlib.grad(lambda x, y: np.max(np.stack([x, y])), (0, 1))(2.0, 2.0) == (0.5, 0.5)


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "**": lambda a, b: a**b,
    "%": lambda a, b: a % b,
    "@": lambda a, b: a @ b,
    "np.add": np.add,
    "np.arctan2": np.arctan2,
    "np.matmul": np.matmul,
}


@pytest.mark.parametrize("operation", OPERATORS)
@pytest.mark.parametrize("form", FORMS)
def test_beside_a_tracked_array(operation, form):
    """In either place: one tracked array, and none inside another."""
    act, built = OPERATORS[operation], FORMS[form]
    for swap in (False, True):

        def program(made, act=act, swap=swap):
            def f(x, y):
                pair = (stacked([x + 1.0, y]), made([y, x * y + 1.0]))
                return total([act(*reversed(pair)) if swap else act(*pair)])

            return f

        got, want = slopes(program(built)), slopes(program(stacked))
        assert type(got[1][0]) is float
        assert same(got, want)


PLACES = [np.array([0.3, 0.7, 1.2, 2.1]), np.array([[1.3, 0.2], [0.4, 2.1]]), 0.8]
NOT_NUMBERS = {"out", "dtype", "where", "keepdims", "axis", "rowvar"}


def uses(function):
    """Yield programs of t: numbers made of it for one parameter, beside plain and tracked arrays for the others."""
    parameters = list(inspect.signature(function).parameters.values())
    needed = [p.name for p in parameters if p.default is p.empty and p.kind < 2]
    for name in {p.name for p in parameters} - NOT_NUMBERS:
        for place, moves, v in itertools.product(
            PLACES, (0.0, 1.0), (0.317, [0.217, 0.613], [0.113, 0.219, 0.513, 0.917], 2.017)
        ):

            def f(t, name=name, place=place, moves=moves, v=v):
                made = t * v if isinstance(v, float) else [t * c for c in v]
                args = [made if n == name else place * (1.0 + 0.07 * k) for k, n in enumerate(needed)]
                if needed and needed[0] != name and moves:
                    args[0] = args[0] * t
                return total(function(*args, **({} if name in needed else {name: made})))

            yield f


SIGNED = [
    f for f in FUNCTIONS if not isinstance(f, np.ufunc) and getattr(f, "__text_signature__", "") is not None
]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("function", SIGNED, ids=lambda f: f.__name__)
def test_any_argument_that_holds_tracked_numbers_is_followed_or_refused(function):
    for f in uses(function):
        try:
            value, h = f(1.0), 1e-6
            slope = (f(1.0 + h) - f(1.0 - h)) / (2 * h)
        except Exception:  # NumPy does not take it
            continue
        for differentiate in (
            lambda f=f: adlib.jvp(f, (1.0,), (1.0,)),
            lambda f=f: adlib.value_and_grad(f)(1.0),
        ):
            try:
                got, derivative = differentiate()
            except (TypeError, ValueError, IndexError, AttributeError, RuntimeError):
                continue
            np.testing.assert_allclose(got, value, rtol=1e-9)
            np.testing.assert_allclose(derivative, slope, rtol=1e-4, atol=1e-5)
