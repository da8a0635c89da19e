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
from adlib.gates import GATES
from adlib.gates.composition import COMPOSITIONS
from tests.unit.test_like_numpy import leaves, parameters

MOST = 60  # calls of one function; of more combinations these many are drawn
RNG = np.random.default_rng(11)


def some(*shape, low=0.3, high=2.0):
    """Distinct entries in no order."""
    n = int(np.prod(shape))
    return RNG.permutation(np.linspace(low, high, n) + 0.01 * RNG.uniform(size=n)).reshape(shape)


LINE, SQUARE, OBLONG, CUBE = some(3), some(3, 3), some(2, 3), some(2, 3, 2)
TURNED = np.asfortranarray(OBLONG)
PERMUTED = CUBE.transpose(2, 0, 1)
SINGLE = OBLONG.astype(np.float32)
ARRAYS = [(a,) for a in (LINE, SQUARE, TURNED, CUBE, PERMUTED, SINGLE, 0.7, np.array(0.7))]
HOLES = np.where(SQUARE > 1.5, np.nan, SQUARE)
MISSING = [(a,) for a in (HOLES, np.asfortranarray(HOLES[:2]), HOLES.astype(np.float32), LINE)]
LISTS = [([SQUARE, SQUARE + 1],), ([LINE, LINE * 2],), ((TURNED, TURNED + 1.0),), ([SINGLE, OBLONG],)]
ROWS = np.array([True, False, True])
PAIRS = [
    (SQUARE, SQUARE.T + 1),
    (LINE, LINE + 1),
    (SQUARE, LINE),
    (2.0, LINE),
    (SINGLE[0], SINGLE[1]),
    (LINE, 3.0),
]
FLOATS = [None, np.float32, np.float64, "f8", float]

AXIS = [None, 0, -1, 1]
OPTIONS = {
    "axis": AXIS,
    "out": [None],
    "dtype": FLOATS,
    "keepdims": [False, True],
    "where": [True, ROWS, np.array([[True], [True]])],
    "initial": [0.5, -3.0],
    "ddof": [0, 1],
    "correction": [1, 0.5],
    "casting": ["same_kind", "unsafe", "no", "safe"],
    "order": ["C", "F", "A", "K"],
    "subok": [False, True],
    "copy": [True, None],
    "overwrite_input": [False, True],
    "device": [None, "cpu"],
    "decimals": [0, 1, -1],
    "offset": [0, 1, -1],
    "k": [0, 1, -1],
    "axis1": [0, -1],
    "axis2": [1, 0],
    "mode": ["raise", "wrap", "clip"],
    "method": ["linear", "hazen", "median_unbiased", "nearest"],
    "include_initial": [False, True],
    "rowvar": [True, False],
    "num": [1, 4],
    "endpoint": [True, False],
}
EDGE = {
    "kind": [None, "stable", "heapsort"],
    "order": [None],
    "axis": AXIS,
    "stable": [None, True],
}
METHODS = [
    *("inverted_cdf", "averaged_inverted_cdf", "closest_observation", "interpolated_inverted_cdf", "hazen"),
    *("weibull", "linear", "median_unbiased", "normal_unbiased", "lower", "higher", "midpoint", "nearest"),
]
QUANTILES = {
    "axis": [*AXIS, (0, 1), (1, 0)],
    "method": METHODS,
    "weights": [None],
}
COUNTS = np.array([1, 2, 3])
REDUCTION = {"axis": [*AXIS, (0, 1), (-1, 0)]}
Q = 0.35, np.array([0.1, 0.8]), np.array([[0.0, 0.5], [0.62, 1.0]])
VARIANCE = REDUCTION | {"mean": [None], "where": [True, ROWS], "out": [None]}
GRID = {"dtype": FLOATS, "axis": [0, -1], "retstep": [False, True]}
SPLITS = [(SQUARE, 3), (SQUARE, [1]), (some(4, 4), 2), (some(4, 2, 4), [1, 3])]
LINALG = [(SQUARE + 2 * np.eye(3),), (some(2, 3, 3) + 2 * np.eye(3),)]
SYMMETRIC = [(SQUARE + SQUARE.T + np.diag([1.0, 4.0, 9.0]),)]

# What a function is called with, and the options that are its own.
CALLS = {
    np.amax: (ARRAYS, REDUCTION),
    np.amin: (ARRAYS, REDUCTION),
    np.append: ([(SQUARE, SQUARE.T), (LINE, LINE), (TURNED, TURNED), (SQUARE, [[1, 2, 3]])], {}),
    np.apply_along_axis: ([(lambda r: r[::-1] * r, 0, SQUARE), (np.sum, -1, CUBE)], {}),
    np.around: (ARRAYS, {}),
    np.array_split: ([(some(5, 5), 3), *SPLITS], {"axis": [0, 1, -1]}),
    np.astype: ([(a, d) for (a,) in ARRAYS if np.ndim(a) for d in FLOATS[1:]], {"copy": [True, False]}),
    np.atleast_1d: ([*ARRAYS, (0.5, LINE, SQUARE), (LINE, [1.0, 2.0])], {}),
    np.atleast_2d: ([*ARRAYS, (0.5, LINE, SQUARE), (LINE, [1.0, 2.0])], {}),
    np.atleast_3d: ([*ARRAYS, (0.5, LINE, SQUARE), (LINE, [1.0, 2.0])], {}),
    np.average: (
        ARRAYS,
        REDUCTION | {"weights": [None, LINE, SQUARE, OBLONG, COUNTS], "returned": [False, True]},
    ),
    np.bincount: (
        [(np.array([0, 2, 1, 2]),)],
        {"weights": [some(4), SINGLE.ravel()[:4]], "minlength": [0, 2, 6]},
    ),
    np.block: ([([[SQUARE, SQUARE], [SQUARE, SQUARE.T]],), ([LINE, 2.0],), ([[LINE], [LINE]],)], {}),
    np.broadcast_arrays: ([(LINE, SQUARE), (2.0, LINE), (TURNED, TURNED)], {}),
    np.broadcast_to: ([(LINE, (3, 3)), (2.0, 3), (SQUARE[:, :1], (2, 3, 3))], {}),
    np.choose: ([(np.array([0, 1, 1]), [LINE, LINE * 2]), (np.array([0, 3, -1]), [LINE, SQUARE])], {}),
    np.clip: (
        ARRAYS,
        {
            "a_min": [None, 0.5, LINE, 1],
            "a_max": [None, 1.5, 2],
            "min": [0.5],
            "max": [1.5],
            "kwargs": [{}, {"dtype": np.float32}],
        },
    ),
    np.column_stack: ([*LISTS, ([LINE, SQUARE],)], {}),
    np.compress: ([(ROWS, SQUARE), ([True, False], TURNED), (ROWS, LINE)], {}),
    np.concatenate: (LISTS, {}),
    np.convolve: ([(LINE, some(2)), (some(2), some(4)), (LINE, LINE)], {"mode": ["full", "same", "valid"]}),
    np.copy: (ARRAYS, {}),
    np.corrcoef: ([(SQUARE,), (TURNED,), (SINGLE,), (LINE,)], {"y": [None, SQUARE, LINE]}),
    np.correlate: (
        [(LINE, some(2)), (some(2), some(4)), (LINE, LINE)],
        {"mode": ["full", "same", "valid"]},
    ),
    np.cov: (
        [(SQUARE,), (TURNED,), (SINGLE,), (LINE,)],
        {
            "y": [None, SQUARE, LINE],
            "bias": [False, True],
            "ddof": [None, 0, 2],
            "fweights": [None, COUNTS],
            "aweights": [None, LINE],
        },
    ),
    np.cross: (
        [(SQUARE, SQUARE.T + 1), (SQUARE, LINE), (some(3, 3, 3), some(3, 3, 3)), (LINE, LINE[::-1])],
        dict.fromkeys(("axisa", "axisb", "axisc"), [-1, 0, 1]) | {"axis": [None, 0, 1]},
    ),
    np.cumprod: (ARRAYS, {}),
    np.cumsum: (ARRAYS, {}),
    np.delete: ([(SQUARE, 1), (SQUARE, [0, 2]), (TURNED, slice(0, 1)), (LINE, ROWS)], {}),
    np.diag: ([(LINE,), (SQUARE,), (TURNED,)], {}),
    np.diagflat: ([(LINE,), (SQUARE,), (TURNED,)], {}),
    np.diagonal: ([(SQUARE,), (CUBE,), (TURNED,)], {}),
    np.diff: (
        ARRAYS,
        {
            "n": [1, 2, 0],
            "axis": [0, 1, -1],
            "prepend": [0.5, SQUARE, 1],
            "append": [0.5, LINE],
        },
    ),
    np.dot: (PAIRS, {}),
    np.dsplit: ([(CUBE, 2), (PERMUTED, [1])], {}),
    np.dstack: (LISTS, {}),
    np.ediff1d: (ARRAYS, {name: [None, 0.5, LINE] for name in ("to_end", "to_begin")}),
    np.einsum: (
        [
            ("ij,jk->ik", SQUARE, SQUARE),
            ("ij->", TURNED),
            ("...i,i", CUBE.swapaxes(1, 2), LINE),
            (SQUARE, [0, 1], SQUARE, [1, 2], [0, 2]),
            (SQUARE, [0, 1], LINE, [1]),
            (CUBE, [Ellipsis, 0, 1], [Ellipsis, 1, 0]),
            (SQUARE, [3, 3]),
            (SQUARE, [27, 2], [2]),
        ],
        {
            "optimize": [False, True, "greedy"],
            "kwargs": [{}, {"dtype": np.float32}, {"order": "F"}, {"casting": "safe"}],
        },
    ),
    np.expand_dims: ([(SQUARE,), (TURNED,), (2.0,)], {"axis": [0, -1, (0, 1), (0, -1)]}),
    np.extract: ([(SQUARE > 1, SQUARE), (TURNED > 1, TURNED), (ROWS, LINE)], {}),
    np.fix: (ARRAYS, {}),
    np.flip: (ARRAYS, {"axis": [*AXIS, (0, 1)]}),
    np.fliplr: ([(SQUARE,), (TURNED,)], {}),
    np.flipud: ([(SQUARE,), (TURNED,)], {}),
    np.full_like: (
        [(a, b) for a in (SQUARE, TURNED, PERMUTED, SINGLE) for b in (0.7, np.float32(2.0))]
        + [(OBLONG, LINE), (TURNED, LINE)],
        {"shape": [None, (2, 3), 3], "dtype": [*FLOATS, int]},
    ),
    np.geomspace: ([(0.5, 2.0), (LINE, 3.0), (-0.5, -2.0)], GRID),
    np.gradient: (
        [
            *ARRAYS[:6],
            (SQUARE, 0.5),
            (SQUARE, 0.5, LINE.cumsum()),
            (SQUARE, LINE.cumsum(), 2),
            (LINE, LINE.cumsum()),
            (some(4, 3), some(4).cumsum(), LINE.cumsum()),
            (some(3, 4, 3), 1.0, 2.0, 0.5),
        ],
        {"axis": [None, 0, -1, (0, 1), (1, 0), [0]], "edge_order": [1, 2]},
    ),
    np.hsplit: (SPLITS, {}),
    np.hstack: (LISTS, {}),
    np.imag: (ARRAYS, {}),
    np.inner: (PAIRS, {}),
    np.insert: (
        [(SQUARE, 1, LINE), (SQUARE, [0, 2], 0.5), (TURNED, 0, 2.0), (LINE, [1, 1], [2.0, 3.0])],
        {},
    ),
    np.interp: (
        [(some(4), np.array([0.5, 1.0, 1.4]), LINE), (0.7, np.array([0.5, 1.0, 1.4]), LINE)],
        {name: [None, 0.5] for name in ("left", "right")} | {"period": [None, 1.5, -2.0, 10]},
    ),
    np.kron: (PAIRS, {}),
    np.linspace: ([(0.5, 2.0), (LINE, 3.0), (SQUARE, LINE), (SINGLE, 1.0)], GRID),
    np.logspace: ([(0.5, 2.0), (LINE, 3.0)], GRID | {"base": [10.0, 2.0, LINE, 3]}),
    np.matrix_transpose: ([(SQUARE,), (CUBE,)], {}),
    np.max: (ARRAYS, REDUCTION),
    np.mean: (ARRAYS, REDUCTION),
    np.median: (ARRAYS, REDUCTION),
    np.meshgrid: (
        [(LINE, some(2)), (LINE,), (LINE, some(2), some(4)), (0.5, LINE)],
        {"sparse": [False, True], "indexing": ["xy", "ij"], "copy": [True, False]},
    ),
    np.min: (ARRAYS, REDUCTION),
    np.moveaxis: ([(CUBE, 0, 1), (PERMUTED, (0, 1), (-1, 0)), (SQUARE, -1, 0)], {}),
    np.nan_to_num: (
        [*MISSING, (np.array([np.inf, -np.inf, np.nan, 1.0]),), (0.5,)],
        {"nan": [0.0, 0.5, 1, LINE], "posinf": [None, 3.0], "neginf": [None, -3.0], "copy": [True, False]},
    ),
    np.nancumprod: (MISSING, {}),
    np.nancumsum: (MISSING, {}),
    np.nanmax: (MISSING, REDUCTION),
    np.nanmean: (MISSING, REDUCTION),
    np.nanmedian: (MISSING, REDUCTION),
    np.nanmin: (MISSING, REDUCTION),
    np.nanpercentile: ([(a, q * 100) for (a,) in MISSING for q in Q], QUANTILES),
    np.nanprod: (MISSING, REDUCTION),
    np.nanquantile: ([(a, q) for (a,) in MISSING for q in Q], QUANTILES),
    np.nanstd: (MISSING, VARIANCE),
    np.nansum: (MISSING, REDUCTION),
    np.nanvar: (MISSING, VARIANCE),
    np.outer: (PAIRS, {}),
    np.pad: (
        [(LINE, 1), (SQUARE, (1, 2)), (TURNED, ((1, 0), (0, 2))), (PERMUTED, ((1,), (0,), (2,)))],
        {
            "mode": ["constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "mean", "maximum"],
            "kwargs": [{}, {"constant_values": 2.0}, {"constant_values": (1, 2.5)}, {"reflect_type": "odd"}],
        },
    ),
    np.partition: (
        [(a, 1) for (a,) in ARRAYS if np.ndim(a)],
        {"kind": ["introselect"], "order": [None]},
    ),
    np.percentile: ([(a, q * 100) for (a,) in ARRAYS if np.ndim(a) for q in Q], QUANTILES),
    np.piecewise: ([(LINE, [LINE < 1], [np.sin, np.cos]), (0.5, [True], [np.sin])], {}),
    np.polyadd: ([(LINE, some(2)), (LINE, [1, 2])], {}),
    np.polyder: ([(some(4),)], {"m": [0, 1, 2, 3, 5]}),
    np.polyint: ([(LINE,), (SINGLE[0],)], {"m": [0, 1, 2], "k": [None, 0.5, some(2), [1]]}),
    np.polymul: ([(LINE, some(2)), (LINE, [1, 2])], {}),
    np.polysub: ([(LINE, some(2)), (LINE, [1, 2])], {}),
    np.polyval: ([(LINE, 0.5), (LINE, SQUARE), ([1, 2], LINE), (LINE, 2), (SINGLE[0], SINGLE)], {}),
    np.prod: (ARRAYS, REDUCTION),
    np.ptp: (ARRAYS, REDUCTION),
    np.quantile: ([(a, q) for (a,) in ARRAYS if np.ndim(a) for q in Q], QUANTILES),
    np.ravel: (ARRAYS, {}),
    np.real: (ARRAYS, {}),
    np.real_if_close: (ARRAYS, {"tol": [100, 2]}),
    np.repeat: ([(SQUARE, 2), (LINE, [1, 0, 2]), (TURNED, 2), (SQUARE, [1, 2, 0])], {}),
    np.reshape: (
        [(SQUARE, -1), (TURNED, (3, 2)), (CUBE, (4, 3)), (PERMUTED, (-1, 2))],
        {"order": list("CFA")},
    ),
    np.resize: ([(SQUARE, (2, 6)), (TURNED, 4), (LINE, (3, 3)), (LINE, 0)], {}),
    np.roll: ([(SQUARE, 1), (TURNED, -1), (SQUARE, (1, 2))], {"axis": [*AXIS, (0, 1)]}),
    np.rollaxis: ([(CUBE, 2), (PERMUTED, -1), (SQUARE, 1)], {"start": [0, 1, -1, 2]}),
    np.rot90: ([(SQUARE,), (TURNED,), (CUBE,)], {"k": [0, 1, 2, -1], "axes": [(0, 1), (1, 0)]}),
    np.round: (ARRAYS, {}),
    np.select: (
        [([SQUARE > 1, SQUARE > 0.5], [SQUARE, SQUARE * 2]), ([TURNED > 1], [TURNED]), ([ROWS], [LINE])],
        {"default": [0, 0.5, LINE]},
    ),
    np.sinc: (ARRAYS, {}),
    np.sort: (ARRAYS, EDGE),
    np.split: (SPLITS, {"axis": [0, 1, -1]}),
    np.squeeze: ([(SQUARE[:, :1],), (CUBE[:1],), (TURNED[None],)], {"axis": [None, 0, 1, (0,), -1]}),
    np.stack: (LISTS, {"axis": [0, 1, -1]}),
    np.std: (ARRAYS, VARIANCE),
    np.sum: (ARRAYS, REDUCTION),
    np.swapaxes: ([(CUBE, 0, -1), (TURNED, 0, 1)], {}),
    np.take: ([(SQUARE, [0, 2]), (TURNED, 1), (LINE, [[0, 1], [2, 4]]), (PERMUTED, [-1, 1])], {}),
    np.take_along_axis: (
        [(SQUARE, np.argsort(SQUARE, 0)), (TURNED, np.argsort(TURNED, 1)), (LINE, np.array([0, 0]))],
        {"axis": [-1, 0, None]},
    ),
    np.tensordot: (
        [(SQUARE, SQUARE.T), (SQUARE, SQUARE)],
        {"axes": [0, 1, 2, ([0], [1]), ((1, 0), (0, 1)), (0, -1)]},
    ),
    np.tile: ([(SQUARE, 2), (TURNED, (2, 1)), (LINE, (2, 1, 2)), (0.5, 3)], {}),
    np.trace: ([(SQUARE,), (CUBE,), (TURNED,), (SINGLE,)], {}),
    np.transpose: ([(CUBE,), (PERMUTED,), (0.5,)], {"axes": [None, (1, 0, 2), (-1, 0, 1)]}),
    np.trapezoid: (
        [(SQUARE,), (LINE,), (TURNED,), (CUBE,), (SINGLE,), ([1, 2, 4],)],
        {
            "x": [None, LINE.cumsum(), SQUARE.cumsum(1), [1, 2, 4]],
            "dx": [1.0, 0.5, 2, some(2), some(2, 1)],
            "axis": [-1, 0],
        },
    ),
    np.tril: ([(SQUARE,), (TURNED,), (LINE,), (CUBE,)], {}),
    np.trim_zeros: (
        [(np.array([0.0, 1.0, 2.0, 0.0]),), (np.array([[0.0, 0.0], [1.0, 2.0]]),)],
        {"trim": ["fb", "f", "b"], "axis": [None, 0, -1]},
    ),
    np.triu: ([(SQUARE,), (TURNED,), (LINE,), (CUBE,)], {}),
    np.unique: (
        [(LINE,), (SQUARE,), (np.array([2.0, 1.0, 2.0]),)],
        dict.fromkeys(("return_index", "return_inverse", "return_counts"), [False, True])
        | {"axis": [None, 0], "equal_nan": [True, False], "sorted": [True]},
    ),
    np.unwrap: (
        [(some(6, high=20.0),), (some(4, 4, high=20.0),), (SINGLE * 9,)],
        {"discont": [None, 4.0], "axis": [-1, 0], "period": [2 * np.pi, 3.0, 4]},
    ),
    np.vander: ([(LINE,), (SINGLE[0],)], {"N": [None, 2, 5], "increasing": [False, True]}),
    np.var: (ARRAYS, VARIANCE),
    np.vdot: ([(LINE, LINE + 1), (SQUARE, TURNED.T @ TURNED), (2.0, 0.5)], {}),
    np.vsplit: (SPLITS, {}),
    np.vstack: (LISTS, {}),
    np.where: ([(SQUARE > 1, SQUARE, 0.5), (TURNED > 1, 2.0, TURNED), (ROWS, LINE, SQUARE)], {}),
}

# What is never tracked: it counts, chooses or names.
FIXED = {
    "q",
    "where",
    "ddof",
    "correction",
    "decimals",
    "a_choice",
    "funclist",
    "func1d",
    "casting",
    "discont",
    "tol",
}
REFUSED = {
    ("clip", "dtype"): "a ufunc's own arguments are refused everywhere",
    **{("einsum", p): "a type or a layout of its own: convert before" for p in ("dtype", "order", "casting")},
    **{
        (f, p): "its mask, type and mean: use np.var where there is no nan"
        for f in ("nanvar", "nanstd")
        for p in ("dtype", "where", "mean", "correction")
    },
    ("nan_to_num", "copy"): "copy=False writes",
    ("meshgrid", "copy"): "copy=False gives views to write to",
    **{
        ("unique", p): "integers, which have no derivative; and rows"
        for p in ("return_index", "return_inverse", "return_counts", "axis", "equal_nan")
    },
    **{("pad", p): "modes of arithmetic" for p in ("mode", "reflect_type")},
    ("full_like", "dtype"): "an integer type",
}


def drawn(f):
    """Yield calls: every value of every option three times, among others at random."""
    operands, own = CALLS[f]
    known = parameters(f)
    given = min(map(len, operands))
    options = {
        p: own.get(p, OPTIONS.get(p))
        for i, p in enumerate(known)
        if p in own or (known[p].default is not inspect._empty and i >= given)
    }
    assert None not in options.values(), (f, options)
    draw = random.Random(f.__name__)
    chosen = [(p, v) for p, values in options.items() for v in values] or [(None, None)]
    for (param, value), _ in itertools.product(chosen, range(3 if len(options) > 1 else len(operands))):
        for _attempt in range(12):
            kwargs = {p: draw.choice(v) for p, v in options.items() if draw.random() < 0.35} | {param: value}
            kwargs.pop(None, None)
            kwargs |= kwargs.pop("kwargs", {})
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
    """Compare value, type, shape and layout with NumPy's, both modes with each other and with a quotient."""
    xs = []
    names = list(parameters(f))
    several = parameters(f)[names[0]].kind is inspect.Parameter.VAR_POSITIONAL
    args = [tracked(a, (not several and names[i] in FIXED) or (alone and xs), xs) for i, a in enumerate(args)]
    kwargs = {k: tracked(v, k in FIXED or (alone and xs), xs) for k, v in kwargs.items()}
    if not xs:
        return
    inside = []

    def run(*xs):
        out = leaves(f(*filled(args, xs), **{k: filled(v, xs) for k, v in kwargs.items()}))
        inside[:] = [np.asarray(plain(v)) for v in out]
        zero = 0.0 * sum(np.sum(x[np.isfinite(x)]) if np.ndim(x) else x for x in xs)
        return tuple(v for v, p in zip(out, inside, strict=True) if p.dtype.kind == "f") + (zero,)

    _, pullback = adlib.vjp(run, *xs)
    single = (
        any(np.asarray(a).dtype == np.float32 for a in (*xs, *inside)) or kwargs.get("dtype") == np.float32
    )
    for v, e in zip(inside, map(np.asarray, expected), strict=True):
        assert (v.shape, v.dtype) == (e.shape, e.dtype)
        assert read_alike(v, e) or "overwrite_input" in kwargs, "layout"
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


FUNCTIONS = {
    f for f in (*GATES, *COMPOSITIONS) if not isinstance(f, np.ufunc) and f.__module__.startswith("numpy")
}


def refused(f, kwargs):
    return [p for p in kwargs if (f.__name__, p) in REFUSED or ("*", p) in REFUSED]


@pytest.mark.parametrize("f", CALLS, ids=lambda f: f.__name__)
def test_every_optional_argument(f):
    reached = set()
    for param, args, kwargs, expected in drawn(f):
        reached.add(param)
        for alone in (False, True):
            try:
                with np.errstate(all="ignore"), warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    check(f, args, kwargs, expected, alone)
            except TypeError as error:
                assert "\n  at line" in str(error)
                assert refused(f, kwargs)


def test_every_function_is_called():
    assert {f.__name__ for f in FUNCTIONS - set(CALLS)} == set()
