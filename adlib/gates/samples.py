"""Calculus and polynomials on samples: differences, integrals, interpolation, grids.

Compositions of gates: they have no rules of their own.
"""

from __future__ import annotations

import operator
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.shaping import as_array, as_dtype, axes_of, in_double, operand, shape_of


@composition(np.interp, ask=True)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    x, xp, fp = (in_double(operand(v)) for v in (x, xp, fp))  # NumPy's are; and small integers would wrap
    if period is not None:  # once around, with a neighbour at either end
        period = np.abs(period)
        x, xp = x % period, xp % period
        order = np.argsort(xp)
        xp, fp, left, right = xp[order], fp[order], None, None
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    if shape_of(xp)[0] == 1:  # a constant function, through one point
        inside = 0 * x + fp[0]
        inside = np.where(x < xp[0], fp[0] if left is None else left, inside)
        return np.where(x > xp[-1], fp[-1] if right is None else right, inside)
    k = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, shape_of(xp)[0] - 2)
    share = (x - xp[k]) / (xp[k + 1] - xp[k])
    inside = fp[k] + share * (fp[k + 1] - fp[k])
    inside = np.where(x < xp[0], fp[0] if left is None else left, inside)
    return np.where(x > xp[-1], fp[-1] if right is None else right, inside)


@composition(np.trapezoid, ask=True)
def _trapezoid(y: Any, x: Any = None, dx: float = 1.0, axis: int = -1) -> Any:
    y = operand(y)
    (along,) = axes_of(axis, len(shape_of(y)))
    before: tuple[Any, ...] = (slice(None),) * along
    steps: Any
    if x is None:
        steps = dx  # an array of steps spreads over all axes of y, as it lies there
    else:
        x = operand(x)
        steps = np.diff(x, axis=-1 if len(shape_of(x)) == 1 else axis)
        if len(shape_of(x)) == 1:
            steps = np.expand_dims(steps, tuple(range(1, len(shape_of(y)) - along)))
    return np.sum(steps * (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) / 2.0, axis=axis)


@composition(np.gradient, ask=True)
def _gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Difference quotients of sampled values: central inside, one-sided at both ends."""
    f = operand(f)
    axes = axes_of(axis, len(shape_of(f)))
    spacings = varargs if len(varargs) == len(axes) else (varargs or (1.0,)) * len(axes)
    found = tuple(_slope(f, operand(h), k, edge_order) for h, k in zip(spacings, axes, strict=True))
    return found[0] if len(found) == 1 else found


def _slope(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """Differentiate along one axis; the spacing is one step, or the coordinates of the samples."""
    v, even = np.moveaxis(f, axis, 0), shape_of(spacing) == ()
    steps = spacing if even else np.reshape(np.diff(spacing), (-1,) + (1,) * (v.ndim - 1))
    first = [spacing] * 2 if even else [steps[:1], steps[1:2]]
    last = first if even else [steps[-1:], steps[-2:-1]]
    if even:
        inside = (v[2:] - v[:-2]) / (2 * spacing)
    else:
        a, b = steps[:-1], steps[1:]
        inside = a / b / (a + b) * v[2:] + (b - a) / (a * b) * v[1:-1] - b / a / (a + b) * v[:-2]
    if edge_order == 1:
        start, end = (v[1:2] - v[:1]) / first[0], (v[-1:] - v[-2:-1]) / last[0]
    else:
        start, end = _one_sided(v[:1], v[1:2], v[2:3], *first), -_one_sided(v[-1:], v[-2:-1], v[-3:-2], *last)
    out = np.moveaxis(np.concatenate([start, inside, end]), 0, axis)
    return out.astype(f.dtype) if f.dtype.kind == "f" else out


def _one_sided(v0: Any, v1: Any, v2: Any, a: Any, b: Any) -> Any:
    """The slope at v0 of the parabola through three values, `a` and `b` apart."""
    return (a + b) / (a * b) * v1 - (2 * a + b) / (a * (a + b)) * v0 - a / b / (a + b) * v2


@composition(np.polyval)
def _polyval(p: Any, x: Any) -> Any:
    tracked = isinstance(p, list | tuple) and any(hasattr(c, "__array_function__") for c in p)
    p, x = p if tracked else operand(p), operand(x)
    y = np.zeros_like(x) if len(p) else x * 0  # Horner's rule
    for coefficient in p:
        y = y * x + coefficient
    return y


@composition(np.vander, ask=True)
def _vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    powers = np.arange(x.shape[0] if N is None else N)
    return x[:, None] ** (powers if increasing else powers[::-1]).astype(float)


@composition(np.polyadd, ask=True)
def _polyadd(a1: Any, a2: Any) -> Any:
    a1, a2 = np.atleast_1d(operand(a1)), np.atleast_1d(operand(a2))
    n = max(shape_of(a1)[0], shape_of(a2)[0])
    return np.pad(a1, (n - shape_of(a1)[0], 0)) + np.pad(a2, (n - shape_of(a2)[0], 0))


@composition(np.polysub, ask=True)
def _polysub(a1: Any, a2: Any) -> Any:
    return np.polyadd(a1, np.negative(a2))


@composition(np.polymul, ask=True)
def _polymul(a1: Any, a2: Any) -> Any:
    return np.convolve(_without_leading_zeros(a1), _without_leading_zeros(a2))


def _without_leading_zeros(p: Any) -> Any:
    p = np.atleast_1d(operand(p))
    first = np.flatnonzero(p)
    return p[first[0] :] if first.size else p[-1:]


@composition(np.polyder)
def _polyder(p: Any, m: int = 1) -> Any:
    for _ in range(operator.index(m)):
        p = p[:-1] * np.arange(shape_of(p)[0] - 1, 0, -1)
    return p


@composition(np.polyint)
def _polyint(p: Any, m: int = 1, k: Any = None) -> Any:
    """Integrate `m` times, each time with its own constant."""
    k = np.atleast_1d(np.zeros(m) if k is None else operand(k))
    for i in range(operator.index(m)):
        p = np.append(p / np.arange(shape_of(p)[0], 0, -1), k[i if len(k) > 1 else 0])
    return p


@composition(np.linspace)
def _linspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    start, stop = operand(start), operand(stop)
    way = stop - start
    parts = num - 1 if endpoint else num
    steps = np.arange(num, dtype=way.dtype) / max(parts, 1)
    out = start + np.reshape(steps, (-1,) + (1,) * len(shape_of(way))) * way
    if endpoint and num > 1:  # without rounding
        last = np.broadcast_to(as_dtype(as_array(stop), out), (1, *shape_of(way)))
        out = np.concatenate([out[:-1], last])
    out = np.moveaxis(out if dtype is None else out.astype(dtype), 0, axis)
    return (out, way / parts if parts else np.nan) if retstep else out


@composition(np.logspace)
def _logspace(
    start: Any,
    stop: Any,
    num: int = 50,
    endpoint: bool = True,
    base: Any = 10.0,
    dtype: Any = None,
    axis: int = 0,
) -> Any:
    base = operand(base)
    if shape_of(base):
        rank = max(len(shape_of(x)) for x in map(operand, (start, stop, base)))
        start, stop, base = (
            np.reshape(x, (1,) * (rank - np.ndim(x)) + shape_of(x)) for x in map(operand, (start, stop, base))
        )
        base = np.expand_dims(base, axis)
    out = base ** np.linspace(start, stop, num, endpoint, axis=axis)
    return out if dtype is None else out.astype(dtype)


@composition(np.geomspace, ask=True)
def _geomspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0
) -> Any:
    if np.any(np.sign(start) != np.sign(stop)):
        raise ValueError(
            explain("np.geomspace: start and stop have different signs", "Nothing lies between them.")
        )
    steps = np.linspace(np.log(np.abs(start)), np.log(np.abs(stop)), num, endpoint)
    out = np.sign(start) * np.exp(steps)
    return np.moveaxis(out if dtype is None else out.astype(dtype), 0, axis)


@composition(np.diff, ask=True)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    if n == 0:
        return a
    a = operand(a)
    before: tuple[Any, ...] = (slice(None),) * axes_of(axis, len(shape_of(a)))[0]
    edge = tuple(1 if k == len(before) else size for k, size in enumerate(shape_of(a)))
    parts = [
        x if np.ndim(x) else np.broadcast_to(operand(x), edge)
        for x in (prepend, a, append)
        if x is not np._NoValue
    ]
    if len(parts) > 1:
        a = np.concatenate(parts, axis=axis)
    for _ in range(operator.index(n)):
        a = a[(*before, slice(1, None))] - a[(*before, slice(None, -1))]
    return a


@composition(np.ediff1d)
def _ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    parts = [np.diff(np.ravel(ary))]
    if to_begin is not None:
        parts.insert(0, np.ravel(to_begin).astype(ary.dtype))
    if to_end is not None:
        parts.append(np.ravel(to_end).astype(ary.dtype))
    return np.concatenate(parts)
