"""Products: of vectors, matrices and tensors, and running ones.

Compositions of gates: they have no rules of their own.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.functions import scatter
from adlib.gates.gate import GATES
from adlib.gates.reductions import in_rows
from adlib.gates.shaping import SCALARS, as_array, axes_of, in_double, operand, shape_of


@composition(np.convolve, ask=True)
def _convolve(a: Any, v: Any, mode: str = "full") -> Any:
    """Slide the shorter over the longer: a matrix of windows times a vector."""
    a, v = (np.ravel(operand(x)) for x in (a, v))
    if shape_of(v)[0] > shape_of(a)[0]:
        a, v = v, a
    n, m = shape_of(a)[0], shape_of(v)[0]
    windows = np.arange(n + m - 1)[:, None] + np.arange(m)
    full = np.matmul(np.pad(a, m - 1)[windows], v[::-1])
    start, stop = {"full": (0, n + m - 1), "same": ((m - 1) // 2, (m - 1) // 2 + n), "valid": (m - 1, n)}[
        mode
    ]
    return full[start:stop]


@composition(np.correlate, ask=True)
def _correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    a, v = operand(a), operand(v)
    if mode == "valid" and shape_of(v)[0] > shape_of(a)[0]:
        return np.convolve(v, a[::-1], mode)[::-1]
    if mode == "same" and shape_of(v)[0] > shape_of(a)[0]:
        return np.correlate(v, a, mode)[::-1]
    return np.convolve(a, v[::-1], mode)


@composition(np.bincount)
def _bincount(x: Any, /, weights: Any = None, minlength: int = 0) -> Any:
    """Add up the weights that fall on each number."""
    if weights is None:
        problem = "np.bincount counts whole numbers, and a tracked value is none"
        raise TypeError(explain(problem, "Give it plain integers, and tracked weights=."))
    x, weights = np.asarray(x), operand(weights)
    n = len(np.bincount(x, np.zeros(shape_of(weights)), minlength))  # refuses what NumPy refuses
    return scatter((in_double(weights),), [x], (n,), np.float64)


@composition(np.vecdot, ask=True)
def _vecdot(x1: Any, x2: Any) -> Any:
    return np.sum(x1 * x2, axis=-1)


@composition(np.dot)
def _dot(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    if shape_of(a) == () or shape_of(b) == ():
        return a * b
    return np.matmul(a, b) if len(shape_of(b)) <= 2 else np.tensordot(a, b, (-1, -2))


@composition(np.inner, ask=True)
def _inner(a: Any, b: Any) -> Any:
    a, b = as_array(a), as_array(b)
    return a * b if shape_of(a) == () or shape_of(b) == () else np.tensordot(a, b, (-1, -1))


@composition(np.vdot)
def _vdot(a: Any, b: Any) -> Any:
    return np.matmul(np.reshape(a, -1), np.reshape(b, -1))


@composition(np.outer)
def _outer(a: Any, b: Any) -> Any:
    return np.reshape(a, (-1, 1)) * np.reshape(b, (1, -1))


@composition(np.tensordot, ask=True)
def _tensordot(a: Any, b: Any, axes: Any = 2) -> Any:
    """Bring the summed axes together, and the tensor product is a matrix product."""
    a, b = operand(a), operand(b)
    na, nb = len(shape_of(a)), len(shape_of(b))
    if np.ndim(axes) == 0 and isinstance(axes, int | np.integer):
        left, right = tuple(range(na - int(axes), na)), tuple(range(int(axes)))
    else:
        left, right = axes_of(axes[0], na), axes_of(axes[1], nb)
    kept_a = tuple(k for k in range(na) if k not in left)
    kept_b = tuple(k for k in range(nb) if k not in right)
    shape = tuple(shape_of(a)[k] for k in kept_a) + tuple(shape_of(b)[k] for k in kept_b)
    n = int(np.prod([shape_of(a)[k] for k in left]))
    rows = np.reshape(np.transpose(a, kept_a + left), (math.prod(shape[: len(kept_a)]), n))
    columns = np.reshape(np.transpose(b, right + kept_b), (n, math.prod(shape[len(kept_a) :])))
    return np.reshape(np.matmul(rows, columns), shape)


@composition(np.kron)
def _kron(a: Any, b: Any) -> Any:
    a, b = operand(a), operand(b)
    n = max(len(shape_of(a)), len(shape_of(b)))
    sa = (1,) * (n - len(shape_of(a))) + shape_of(a)
    sb = (1,) * (n - len(shape_of(b))) + shape_of(b)
    spaced_a = np.reshape(a, [k for pair in zip(sa, (1,) * n, strict=True) for k in pair])
    spaced_b = np.reshape(b, [k for pair in zip((1,) * n, sb, strict=True) for k in pair])
    return np.reshape(spaced_a * spaced_b, [p * q for p, q in zip(sa, sb, strict=True)])


@composition(np.cross, ask=True)
def _cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(operand(a), axisa, -1), np.moveaxis(operand(b), axisb, -1)
    if shape_of(a)[-1] != 3 or shape_of(b)[-1] != 3:
        problem = "np.cross of tracked values wants vectors of three entries"
        raise TypeError(explain(problem, "Write x[0] * y[1] - x[1] * y[0] for two entries."))
    (a0, a1, a2), (b0, b1, b2) = (tuple(v[..., k] for k in range(3)) for v in (a, b))
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=axisc)


@composition(np.cumprod)
def _cumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Double the span of each partial product in every step (Hillis and Steele 1986): no division."""
    a = operand(a) if dtype is None else operand(a).astype(dtype)
    if axis is None or shape_of(a) == ():
        a, axis = np.ravel(a), axis or 0
    return _running(np.multiply, a, axis)


def _running(ufunc: np.ufunc, a: Any, axis: int | None = 0) -> Any:
    axis = axis or 0
    a = np.moveaxis(operand(a), axis, 0)
    span = 1
    while span < shape_of(a)[0]:
        a = np.concatenate([a[:span], ufunc(a[:-span], a[span:])])
        span *= 2
    return np.moveaxis(a, 0, axis)


def _folded(ufunc: np.ufunc, a: Any, axis: Any = 0, *, keepdims: bool = False) -> Any:
    """Reduce by halves, as an associative function may be."""
    rows, gone = in_rows(operand(a), axis)
    if shape_of(rows)[0] == 0:
        problem = f"np.{ufunc.__name__}.reduce of a tracked value: there is nothing to reduce"
        raise ValueError(explain(problem, "Give it at least one entry."))
    while half := shape_of(rows)[0] // 2:
        rows = np.concatenate([ufunc(rows[:half], rows[half : 2 * half]), rows[2 * half :]])
    return np.expand_dims(rows[0], gone) if keepdims else rows[0]


def _outer_of(ufunc: np.ufunc, a: Any, b: Any) -> Any:
    a, b = (np.asarray(x) if type(x) in SCALARS else operand(x) for x in (a, b))
    return ufunc(np.reshape(a, shape_of(a) + (1,) * len(shape_of(b))), b)


_ASSOCIATIVE = (np.maximum, np.minimum, np.fmax, np.fmin, np.logaddexp, np.logaddexp2, np.hypot)

_METHODS: dict[tuple[np.ufunc, str], Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
    **{(f, "accumulate"): functools.partial(_running, f) for f in _ASSOCIATIVE},
    **{(f, "reduce"): functools.partial(_folded, f) for f in _ASSOCIATIVE[2:]},
}


def ufunc_method(ufunc: np.ufunc, method: str) -> Callable[..., Any] | None:
    """Find how ``np.add.reduce``, ``np.subtract.outer`` and the like are computed, if they are."""
    if method == "outer" and ufunc in GATES and ufunc.nin == 2:
        return functools.partial(_outer_of, ufunc)
    return _METHODS.get((ufunc, method))
