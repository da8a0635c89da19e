"""Every optional argument of every function of NumPy that the tables have, crossed with the others.

Each call gives NumPy's value, type, shape and layout, with derivatives that agree with each other and with difference
quotients; or it is refused, by name, and stands in `REFUSED`.  Shapes are also square, so that a mistake about axes,
which raises an error for other shapes, shows.
"""

import copy
import inspect
import itertools
import random
import warnings

import numpy as np
import pytest

import adlib
from adlib.engine.levels import plain
from adlib.gates import GATES, Linear
from adlib.gates.composition import COMPOSITIONS
from tests.tools.calls import TIMES, seeded
from tests.unit.optional_calls import CALLS, OPTIONS
from tests.unit.test_like_numpy import leaves, parameters

# What is never tracked: it counts, chooses or names.
FIXED = {
    *("q", "where", "ddof", "correction", "decimals", "funclist", "func1d", "casting", "discont", "tol"),
    *("ord", "rcond", "rtol"),
}
WEIGHED = ("quantile", "percentile", "nanquantile", "nanpercentile")
REFUSED = {
    ("clip", "dtype"): "a ufunc's arguments; convert before",
    **dict.fromkeys([("einsum", p) for p in ("dtype", "order", "casting")], "convert before"),
    **dict.fromkeys(
        [(f, p) for f in ("nanvar", "nanstd") for p in ("dtype", "where", "mean", "correction")],
        "give np.var the mask ~np.isnan(x)",
    ),
    ("nan_to_num", "copy"): "copy=False writes into x",
    ("meshgrid", "copy"): "copy=False gives views to write to",
    **dict.fromkeys(
        [("unique", p) for p in ("return_index", "return_inverse", "return_counts")],
        "integers beside the values",
    ),
    **dict.fromkeys([("unique", p) for p in ("axis", "equal_nan")], "rows, and one nan or all"),
    **dict.fromkeys([("pad", p) for p in ("mode", "reflect_type")], "modes that compute"),
    ("full_like", "dtype"): "an integer type",
    **dict.fromkeys(
        [(f, "weights") for f in WEIGHED],
        "an order for each column",
    ),
    ("linalg.trace", "dtype"): "convert before",
    ("linalg.svd", "hermitian"): "use np.linalg.eigh",
    ("linalg.svd", "full_matrices"): "the vectors beyond are arbitrary",
}
REPEATS = 3 * TIMES


# Deprecated, and gone from the newest NumPy
GONE = {"corrcoef": ("bias", "ddof"), **dict.fromkeys(WEIGHED, ("interpolation",))}


def optional(f):
    """The optional parameters that CALLS[f] does not give by place."""
    known = parameters(f)
    several = known[next(iter(known))].kind is inspect.Parameter.VAR_POSITIONAL
    given = () if several else list(known)[: min(len(args) for args in CALLS[f][0])]
    gone = (*given, *GONE.get(f.__name__, ()))
    return [p for p, about in known.items() if about.default is not inspect.Parameter.empty and p not in gone]


def drawn(f):
    """Yield calls: every value of every option three times, among others at random."""
    operands, own = CALLS[f]
    options = {p: own.get(p, OPTIONS.get(p)) for p in parameters(f) if p in own or p in optional(f)}
    assert None not in options.values(), (f, options)
    draw = random.Random(seeded(f.__name__))
    chosen = [(p, v) for p, values in options.items() for v in values] or [(None, None)]
    for (param, value), _ in itertools.product(
        chosen, range(REPEATS if len(options) > 1 else len(operands) * TIMES)
    ):
        for _attempt in range(12):
            kwargs = {p: draw.choice(v) for p, v in options.items() if draw.random() < 0.35} | {param: value}
            kwargs.pop(None, None)
            for p in [p for p, v in kwargs.items() if isinstance(v, dict)]:
                kwargs |= kwargs.pop(p)  # one that goes with others
            args = draw.choice(operands)
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    expected = leaves(f(*copy.deepcopy(args), **kwargs))  # overwrite_input= does
            except Exception:
                continue
            yield param, args, kwargs, expected
            break


def tracked(tree, fixed, found):
    """Replace floats and arrays of floats by their places in `found`."""
    if isinstance(tree, list | tuple) and not all(type(x) in (int, float) for x in tree):
        return type(tree)(tracked(x, fixed, found) for x in tree)
    if not fixed and isinstance(tree, float | np.ndarray) and np.asarray(tree).dtype.kind == "f":
        found.append(tree)
        return Place(len(found) - 1)
    return tree


class Place(int):
    pass


def filled(tree, xs):
    if isinstance(tree, list | tuple):
        return type(tree)(filled(x, xs) for x in tree)
    return xs[tree] if type(tree) is Place else tree


def read_alike(ours, numpys):
    """Whether order="A" and "K" read the same order, or K is refused."""
    if ours.ndim < 2 or ours.size == 0:
        return True
    by = "C" if ours.flags.c_contiguous else "F" if ours.flags.f_contiguous else "K"
    same = np.array_equal(numpys.ravel(by), numpys.ravel("K"), equal_nan=True)
    return ours.flags.fnc == numpys.flags.fnc and same


def wave(x, k, of=np.cos):
    """A direction of the type, the shape and the layout of x."""
    v = np.zeros_like(x)
    v[...] = of(1.0 + k + np.arange(v.size)).reshape(v.shape)
    return v[()]


def check(f, args, kwargs, expected, alone):
    """Track all numbers of a call, or the first alone, and compare."""
    xs = []
    names = list(parameters(f))
    several = parameters(f)[names[0]].kind is inspect.Parameter.VAR_POSITIONAL
    args = [tracked(a, (not several and names[i] in FIXED) or (alone and xs), xs) for i, a in enumerate(args)]
    kwargs = {k: tracked(v, k in FIXED or (alone and xs), xs) for k, v in kwargs.items()}
    if xs:
        call = lambda *xs: f(*filled(args, xs), **{k: filled(v, xs) for k, v in kwargs.items()})  # noqa: E731
        agrees(call, xs, expected, "overwrite_input" not in kwargs, kwargs.get("dtype") == np.float32)


def agrees(f, xs, expected, laid=True, coarse=False):
    """Compare value, type, shape and layout with NumPy's, both modes with each other and with a quotient."""
    inside = []

    def run(*xs):
        out = leaves(f(*xs))
        inside[:] = [np.asarray(plain(v)) for v in out]
        zero = 0.0 * sum(np.sum(x[np.isfinite(x)]) if np.ndim(x) else x for x in xs)
        return (*(v for v, p in zip(out, inside, strict=True) if p.dtype.kind == "f"), zero)

    _, pullback = adlib.vjp(run, *xs)
    single = coarse or any(np.asarray(a).dtype == np.float32 for a in (*xs, *inside))
    for v, e in zip(inside, map(np.asarray, expected), strict=True):
        assert (v.shape, v.dtype) == (e.shape, e.dtype)
        assert read_alike(v, e) or not laid, "layout"
        np.testing.assert_allclose(v, e, rtol=2e-5 if single else 1e-12, atol=1e-5 if single else 1e-12)
    vs = [wave(x, k) for k, x in enumerate(xs)]
    ys, ts = adlib.jvp(run, xs, vs)
    finite = [np.isfinite(y) for y in ys]
    bars = [
        np.where(ok, wave(y, 0, np.sin), 0).astype(np.asarray(y).dtype)[()]
        for y, ok in zip(ys, finite, strict=True)
    ]
    back = sum(float(np.sum(g * v)) for g, v in zip(pullback(tuple(bars)), vs, strict=True))
    forth = sum(float(np.sum((b * t)[ok])) for b, t, ok in zip(bars, ts, finite, strict=True))
    size = 1 + abs(forth)
    if not np.all(list(map(np.all, finite))) and np.isnan(back):
        return  # 0 · nan
    assert abs(back - forth) <= (1e-4 if single else 1e-10) * size, ("modes", back, forth)
    if single:
        return

    def quotient(h):
        ends = [run(*(x + s * h * v for x, v in zip(xs, vs, strict=True))) for s in (1, -1)]
        if any(
            np.shape(p) != np.shape(y) or np.shape(m) != np.shape(y)
            for p, m, y in zip(*ends, ys, strict=True)
        ):
            return np.nan  # zeros or ties that the steps undo
        return sum(
            float(np.sum((b * (p - m))[ok])) / (2 * h)
            for b, p, m, ok in zip(bars, *ends, finite, strict=True)
        )

    near, nearer = quotient(1e-6), quotient(1e-7)
    if abs(near - nearer) < 1e-4 * size:
        assert abs(back - near) <= 1e-4 * size, ("slope", back, near)


def called(f):
    return f"{f.__module__}.{f.__name__}".removeprefix("numpy.")


def tried(f):
    """Check the calls of f; return the parameters that were refused, and those that NumPy took."""
    taken, refused = set(), set()
    for param, args, kwargs, expected in drawn(f):
        taken.add(param)
        for alone in (False, True):
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    check(f, args, kwargs, expected, alone)
            except TypeError as error:
                if "order='K' reads this array" in str(error):  # which may lie otherwise than NumPy's
                    continue
                guilty = {p for p in kwargs if (called(f), p) in REFUSED}
                if not guilty or "\n  at line" not in str(error):
                    raise
                refused |= guilty
    return taken, refused


@pytest.mark.parametrize("f", CALLS, ids=called)
def test_every_optional_argument(f):
    taken, refused = tried(f)
    assert set(optional(f)) <= taken
    assert {p for name, p in REFUSED if name == called(f)} == refused


FUNCTIONS = {
    f for f in (*GATES, *COMPOSITIONS) if not isinstance(f, np.ufunc) and f.__module__.startswith("numpy")
}


def test_every_function_is_called():
    assert set(map(called, FUNCTIONS)) == set(map(called, CALLS))


def test_our_parameters_stand_where_numpys_do():
    """Else the second of ``np.sum(x, 0, np.float32)`` might be read as another parameter."""
    for f in FUNCTIONS:
        gate = GATES.get(f)
        rows = [gate.signature] if isinstance(gate, Linear) and f is not np.einsum else []
        for ours in (*rows, *([inspect.signature(COMPOSITIONS[f])] if f in COMPOSITIONS else [])):
            kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
            places = [p for p, about in ours.parameters.items() if about.kind in kinds]
            theirs = list(parameters(f))
            for k, p in enumerate(places):
                if ours.parameters[p].default is not inspect.Parameter.empty:
                    assert theirs[k : k + 1] in ([p], [], ["newshape"]), called(f)  # newer NumPys have more


@pytest.mark.parametrize("f", [f for f in CALLS if "out" in parameters(f)], ids=called)
def test_out_is_refused_and_never_written_to(f):
    args = CALLS[f][0][0]
    store = np.full_like(f(*args), np.nan, dtype=float)
    at = next(i for i, a in enumerate(args) if type(a) is list or (np.ndim(a) and a.dtype.kind == "f"))
    track = lambda x: f(*args[:at], x, *args[at + 1 :], out=store)  # noqa: E731
    with pytest.raises(TypeError, match=r"of a tracked value does not take out="):
        adlib.vjp(track, args[at])
    assert np.all(np.isnan(store))
