"""Calls of every function of NumPy that the tables have: operands, and several values of each optional argument."""

import numpy as np

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
    "weights": [None, {"weights": LINE, "axis": 0, "method": "inverted_cdf"}],
}
COUNTS = np.array([1, 2, 3])
REDUCTION = {"axis": [*AXIS, (0, 1), (-1, 0)]}
Q = 0.35, np.array([0.1, 0.8]), np.array([[0.0, 0.5], [0.62, 1.0]])
VARIANCE = REDUCTION | {
    "dtype": [None, np.float64, float],  # in single precision NumPy rounds the mean alone
    "mean": [{"mean": some(1, 3).astype(np.float32), "axis": 0}],
    "where": [True, ROWS],
    "out": [None],
}
GRID = {"dtype": FLOATS, "axis": [0, -1], "retstep": [False, True]}
SPLITS = [(SQUARE, 3), (SQUARE, [1]), (some(4, 4), 2), (some(4, 2, 4), [1, 3])]
REGULAR = [
    (SQUARE + 2 * np.eye(3),),
    (some(2, 3, 3) + 2 * np.eye(3),),
    (np.asfortranarray(SQUARE + 2 * np.eye(3)),),
]
POSITIVE = [(a @ a.swapaxes(-1, -2),) for (a,) in REGULAR]

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
        {key: [-1, 0, 1] for key in ("axisa", "axisb", "axisc")} | {"axis": [None, 0, 1]},
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
        {key: [False, True] for key in ("return_index", "return_inverse", "return_counts")}
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
    np.linalg.cholesky: (POSITIVE, {"upper": [False, True]}),
    np.linalg.cond: (REGULAR, {"p": [None, 1, -2, "fro"]}),
    np.linalg.cross: ([(SQUARE, SQUARE.T + 1), (TURNED.T[:3], [1.0, 2.0])], {"axis": [-1, 0]}),
    np.linalg.det: (REGULAR, {}),
    np.linalg.diagonal: ([(SQUARE,), (CUBE,), (PERMUTED,)], {}),
    np.linalg.eigh: (POSITIVE, {"UPLO": ["L", "U"]}),
    np.linalg.eigvalsh: (POSITIVE, {"UPLO": ["L", "U"]}),
    np.linalg.inv: (REGULAR, {}),
    np.linalg.lstsq: ([(some(4, 2), some(4)), (some(4, 2), some(4, 3))], {"rcond": [None, 1e-10]}),
    np.linalg.matmul: ([(SQUARE, TURNED.T), (CUBE, CUBE.swapaxes(1, 2))], {}),
    np.linalg.matrix_norm: (REGULAR, {"ord": ["fro", "nuc", 1, -2]}),
    np.linalg.matrix_power: ([(*a, n) for a in REGULAR for n in (0, 1, 3, -2)], {}),
    np.linalg.matrix_transpose: ([(SQUARE,), (PERMUTED,)], {}),
    np.linalg.multi_dot: ([([SQUARE, TURNED.T, LINE[:2]],), ([LINE, SQUARE, LINE],)], {}),
    np.linalg.norm: (ARRAYS, {"ord": [None, 1, 2, np.inf, 3, "fro"], "axis": [*AXIS, (0, 1)]}),
    np.linalg.outer: ([(LINE, LINE + 1)], {}),
    np.linalg.pinv: (POSITIVE, {"rcond": [None, 1e-10], "hermitian": [False, True], "rtol": [1e-10]}),
    np.linalg.qr: (REGULAR, {"mode": ["reduced", "r"]}),
    np.linalg.slogdet: (REGULAR, {}),
    np.linalg.solve: ([(a, some(3, 2)) for (a,) in REGULAR], {}),
    np.linalg.svd: (
        POSITIVE,
        {"full_matrices": [False, True], "compute_uv": [False], "hermitian": [False, True]},
    ),
    np.linalg.svdvals: (REGULAR, {}),
    np.linalg.tensordot: ([(SQUARE, SQUARE.T)], {"axes": [0, 1, 2, ([0], [1])]}),
    np.linalg.tensorinv: ([(some(4, 2, 2) + np.eye(4).reshape(4, 2, 2),)], {"ind": [1]}),
    np.linalg.tensorsolve: (
        [(np.swapaxes(some(2, 2, 4) + 3 * np.eye(4).reshape(2, 2, 4), 1, 2), some(2, 2))],
        {"axes": [(1,)]},
    ),
    np.linalg.trace: ([(SQUARE,), (CUBE,), (TURNED,)], {}),
    np.linalg.vecdot: ([(SQUARE, SQUARE.T), (SQUARE, LINE)], {"axis": [-1, 0]}),
    np.linalg.vector_norm: (ARRAYS, {"ord": [2, 1, np.inf, 3], "axis": [*AXIS, (0, 1)]}),
    np.where: ([(SQUARE > 1, SQUARE, 0.5), (TURNED > 1, 2.0, TURNED), (ROWS, LINE, SQUARE)], {}),
}
if hasattr(np, "unstack"):  # NumPy 2.1
    CALLS |= {
        np.cumulative_prod: (ARRAYS, {}),
        np.cumulative_sum: (ARRAYS, {}),
        np.unstack: ([(SQUARE,), (CUBE,), (PERMUTED,)], {"axis": [0, -1]}),
    }
