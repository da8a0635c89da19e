"""Every function of NumPy that the tables have, called at random.

What NumPy answers is answered alike, or refused by name; what NumPy refuses is refused.  Where there is an answer,
both modes have its derivative: they agree with each other and with difference quotients.
"""

import inspect
import random

import numpy as np
import pytest

import adlib
from adlib.engine.levels import plain
from adlib.gates import GATES
from adlib.gates.composition import COMPOSITIONS
from tests.tools.calls import SEED, TIMES, seeded

CALLS = 40 * TIMES
NORMAL = np.random.default_rng(5 + SEED).normal
ARRAYS = [
    *(2.0, 0.0, -1.5, np.float64(0.3), NORMAL(size=3), np.abs(NORMAL(size=3)) + 0.5, NORMAL(size=4)),
    *(NORMAL(size=(2, 3)), NORMAL(size=(1, 3)), NORMAL(size=(3, 3)) + 2 * np.eye(3), NORMAL(size=(2, 3, 3))),
    *(
        np.array([1.0, np.nan, 3.0]),
        np.array([0.0, 0.0, 1.0]),
        np.array([[1.0, np.nan, 0.0], [2.0, 2.0, 2.0]]),
    ),
    *(np.zeros(0), np.zeros((0, 3)), NORMAL(size=(2, 3)).astype(np.float32)),
]
WHOLE = [-3, -2, -1, 0, 1, 2, 3, 5]
ROWS = [True, False, True]
ARGUMENTS = {
    "axis": [None, 0, 1, -1, 2, -2, 3, (0, 1), (-1, 0), (0, 0)],
    "axes": [None, 0, 1, 2, (0, 1), (1, 0), (1, 0, 2), ((0,), (0,)), ([1], [0])],
    **dict.fromkeys(("axis1", "axis2", "offset", "k", "n", "start"), WHOLE),
    "shift": [*WHOLE, (1, 2)],
    "repeats": [0, 1, 2, [1, 2, 3], [1, 2], -1],
    "reps": [0, 1, 2, (2, 1), (2, 2, 2)],
    "indices": [0, 1, -1, 5, [0, 2], [[0, 1], [1, 0]], [-4]],
    **{
        name: [True, False]
        for name in ("keepdims", "rowvar", "bias", "upper", "increasing", "include_initial")
    },
    "ddof": [0, 1, 2, 10],
    "q": [0, 0.5, 1, [0.2, 0.7], 1.5, [[0.1, 0.2], [0.3, 0.4]]],
    "decimals": [0, 1, -1],
    **{name: [None, 0.5, 0.0] for name in ("a_min", "a_max", "left", "right")},
    "ord": [None, 1, 2, -1, -2, np.inf, -np.inf, "fro", "nuc", 0, 3, 0.5],
    "pad_width": [0, 1, (1, 2), ((1, 2), (0, 1)), ((1, 2),), -1],
    "mode": ["full", "same", "valid", "reduced", "edge", "reflect", "wrap", "constant", "symmetric", "r"],
    "shape": [(3,), (2, 3), (2, 2, 3), 6, -1, (-1,), (3, 2), (3, -1), ()],
    "source": [0, 1, -1, (0, 1), 3],
    "destination": [0, -1, (1, 0), 1],
    "obj": [0, 1, [0, 1], slice(0, 2), 5, -1, ROWS],
    "indices_or_sections": [1, 2, 3, [1], [1, 2], 0],
    "dx": [1.0, 0.5],
    "p": [0, 1, 2],
    **{name: [0.0, 1.0] for name in ("prepend", "append")},
    **{name: [False] for name in ("full_matrices", "compute_uv")},
    "UPLO": ["L", "U"],
    "rcond": [None, 1e-10],
    "weights": [None, [1.0, 2.0, 3.0], [1.0, 2.0], np.ones((2, 3)), 0.0],
    **{name: [None, 2, 3] for name in ("M", "N")},
    "nan": [0.0, 1.0],
    "condition": [ROWS, [True], np.array([ROWS] * 2), True],
    "ind": [1, 2],
    "subscripts": ["ij->ji", "i->", "ii", "...i->...", "ij,jk"],
    **{name: [None, 1.0] for name in ("to_end", "to_begin")},
    "kth": [0, 1, 2, -1, 5],
    "minlength": [0, 5],
    "where": [True, ROWS],
}
SEQUENCES = {"arrays", "arys", "tup"}  # parameters that take a list of arrays
# Known to differ, at the very edge, and never by a number for another number.
NO_NUMBERS = {
    "trim_zeros",
    "insert",
    "gradient",
    "diff",
    "mean",
    "var",
    "std",
    "norm",
    "vector_norm",
    "cumulative_sum",
}
NO_EMPTY = {
    "pad",
    "polyadd",
    "polysub",
    "polymul",
    "trim_zeros",
    "unique",
    "tensorsolve",
    "vector_norm",
    "norm",
}
NO_EMPTY |= {"nanquantile", "nanpercentile", "matrix_norm"}
NO_NAN = {"dot", "inner", "tensordot", "polymul", "interp"}  # BLAS takes 0 · nan for 0; and all of np.linalg
NO_LIST_OF_AXES = {"cumulative_sum", "cumulative_prod", "cumprod", "nancumprod"}
# functions as arguments; np.copyto inside; no array at all; any order of the rest; nan · 0 at the ends
LEFT_OUT = {"piecewise", "apply_along_axis", "full_like", "astype", "partition", "convolve", "correlate"}

FUNCTIONS = sorted(
    {
        f
        for f in (*GATES, *COMPOSITIONS)
        if not isinstance(f, np.ufunc) and f.__module__.startswith("numpy") and f.__name__ not in LEFT_OUT
    },
    key=lambda f: (f.__module__, f.__name__),
)


# Written in C, they tell their parameters only since NumPy 2.4.
TOLD = {
    np.bincount: lambda x, /, weights=None, minlength=0: None,
    np.concatenate: lambda arrays, /, axis=0, out=None, *, dtype=None, casting="same_kind": None,
    np.dot: lambda a, b, out=None: None,
    np.inner: lambda a, b, /: None,
    np.vdot: lambda a, b, /: None,
    np.where: lambda condition, x=None, y=None, /: None,
}


def parameters(f):
    try:
        return inspect.signature(f).parameters
    except ValueError:
        return inspect.signature(TOLD[f]).parameters


def test_what_is_told_of_functions_in_c_is_so():
    for f in TOLD:
        try:
            known = inspect.signature(f)
        except ValueError:
            continue
        assert str(known) == str(inspect.signature(TOLD[f])), f


def has_nan(x):
    return isinstance(x, float | np.ndarray) and bool(np.any(np.isnan(x)))


def a_call(f, draw):
    """Draw arguments; return f as a function of one of them, which is to be tracked, and that one."""
    args, kwargs = [], {}
    for name, parameter in parameters(f).items():
        if parameter.kind is parameter.VAR_POSITIONAL:
            args.append(draw.choice(ARRAYS))
        elif parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD:
            some = [draw.choice(ARRAYS) for _ in range(draw.choice((1, 2, 2)))]
            args.append(some if name in SEQUENCES else draw.choice(ARGUMENTS.get(name, ARRAYS)))
        elif name in ARGUMENTS and draw.random() < 0.45:
            kwargs[name] = draw.choice(ARGUMENTS[name])
    given = [x for a in args for x in (a if type(a) is list else [a])]
    left_out = (
        (f.__name__ in NO_NUMBERS and any(np.ndim(x) == 0 for x in given if isinstance(x, float)))
        or (f.__name__ in NO_EMPTY and any(np.size(x) == 0 for x in given))
        or (f.__name__ in NO_LIST_OF_AXES and isinstance(kwargs.get("axis"), tuple))
        or (f.__name__ == "diff" and kwargs.get("n") == 0)  # then NumPy looks at nothing
        or ((f.__name__ in NO_NAN or f.__module__ == "numpy.linalg") and any(map(has_nan, given)))
    )
    places = [
        i for i, a in enumerate(args) if isinstance(a, float | np.ndarray) and np.asarray(a).dtype.kind == "f"
    ]
    lists = [i for i, a in enumerate(args) if type(a) is list and isinstance(a[0], float | np.ndarray)]
    if left_out or not places + lists:
        return None
    i = draw.choice(places + lists)

    def of_one(x):
        one = [x, *args[i][1:]] if i in lists else x
        return f(*args[:i], one, *args[i + 1 :], **kwargs)

    return of_one, args[i][0] if i in lists else args[i], (args, kwargs, i)


def leaves(result):
    if isinstance(result, list | tuple):
        return [leaf for part in result for leaf in leaves(part)]
    return [result]


def attempt(f, x):
    """Return the parts of f(x), or the error."""
    try:
        return leaves(f(x)), None
    except Exception as error:  # whatever NumPy raises
        return None, error


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f"{f.__module__}.{f.__name__}")
def test_random_calls(f):
    draw = random.Random(seeded(f.__name__))
    for _ in range(CALLS):
        drawn = a_call(f, draw)
        if drawn is None:
            continue
        g, x, call = drawn
        with np.errstate(all="ignore"):
            expected, refusal = attempt(g, x)
            found, ours = [], []

            def spy(t, g=g, found=found):
                found[:] = leaves(g(t))
                return 0.0 * np.sum(t)

            try:
                adlib.vjp(spy, x)
            except Exception as error:
                ours.append(error)
            if ours:  # NumPy refuses it, too, or we say so by name
                assert refusal is not None or "\n  at line " in str(ours[0]), (call, ours[0])
                continue
            assert refusal is None, (call, refusal)
            values = [np.asarray(plain(v)) for v in found]
            assert [v.shape for v in values] == [np.shape(e) for e in expected], call
            for v, e in zip(values, expected, strict=True):
                np.testing.assert_allclose(v, e, rtol=2e-5, atol=1e-6, err_msg=str(call))
            # ties are kinks
            if (
                np.asarray(x).dtype == np.float64
                and 0 < np.size(x) == np.unique(x).size
                and np.all(np.isfinite(x))
            ):
                compare_derivatives(g, x, expected, call)


def compare_derivatives(g, x, expected, call):
    rng = np.random.default_rng(len(expected))
    weights = [rng.normal(size=np.shape(e)) for e in expected]

    def weighted(t):
        parts = zip(weights, leaves(g(t)), strict=True)
        return sum(
            (np.sum(w * p) for w, p in parts if np.asarray(plain(p)).dtype.kind == "f"), 0.0 * np.sum(t)
        )

    try:
        direction = rng.normal(size=np.shape(x)) if np.ndim(x) else 0.7
        reverse = float(np.sum(adlib.grad(weighted)(x) * direction))
        forward = float(adlib.jvp(weighted, (x,), (direction,))[1])
    except np.linalg.LinAlgError:
        return  # a derivative needs an inverse
    h = 1e-6
    both = [(weighted(x + s * direction) - weighted(x - s * direction)) / (2 * s) for s in (h, h / 10)]
    if not np.all(np.isfinite([reverse, forward, *both])):
        return
    size = 1 + abs(both[0])
    assert abs(reverse - forward) <= 1e-6 * size, call
    if abs(both[0] - both[1]) < 1e-4 * size:  # elsewhere there is a jump or a kink
        assert abs(reverse - both[0]) <= 1e-3 * size, call
