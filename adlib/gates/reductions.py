"""Reductions: sums, means, spreads, and what sorting tells (medians, quantiles).

Compositions of gates: they have no rules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.functions import length
from adlib.gates.shaping import as_array, as_dtype, axes_of, operand, shape_of


def _count(x: Any, axis: Any) -> int:
    shape = shape_of(x)
    return math.prod(shape if axis is None else [shape[a] for a in axes_of(axis, len(shape))])


def _masked(a: Any, where: Any, filler: float) -> Any:
    """Put the filler where the mask is false; the mask spreads over `a`, and not the other way round."""
    return np.where(np.broadcast_to(where, shape_of(a)), a, np.array(filler, a.dtype))


def _reduction(filler: float, join: Callable[..., Any], function: Callable[..., Any], *also: Any) -> None:
    """Compose NumPy's reduction with a mask, an initial value or a type of the gate without."""

    @composition(function, *also)
    def reduced(
        a: Any,
        axis: Any = None,
        *,
        dtype: Any = None,
        keepdims: bool = False,
        initial: Any = np._NoValue,
        where: Any = True,
    ) -> Any:
        initial = None if initial is np._NoValue else initial
        a = operand(a) if dtype is None else operand(a).astype(dtype)
        if where is not True:
            if math.isinf(filler) and initial is None:
                problem = f"np.{function.__name__}: with where= there may be nothing left to choose from"
                raise ValueError(explain(problem, "Say by initial= what it is then."))
            a = _masked(a, where, filler)
        if initial is not None and a.dtype.kind == "f":
            initial = as_dtype(operand(initial), a)
        if a.size == 0 and initial is not None:
            return np.sum(a, axis=axis, keepdims=keepdims) + initial
        result = function(a, axis=axis, keepdims=keepdims)
        return result if initial is None else join(result, initial)


def _insist_on_no(out: Any, function: Callable[..., Any]) -> None:
    if out is not None:
        problem = f"np.{function.__name__} of a tracked value does not take out="
        remedy = "out= would overwrite a value that the derivative needs: use what the function returns."
        raise TypeError(explain(problem, remedy))


_reduction(0.0, np.add, np.sum)

_reduction(1.0, np.multiply, np.prod)

_reduction(-math.inf, np.maximum, np.max, np.amax)

_reduction(math.inf, np.minimum, np.min, np.amin)


@composition(np.mean)
def _mean(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    *,
    where: Any = True,
) -> Any:
    _insist_on_no(out, np.mean)
    if where is True and dtype is None:
        return np.sum(a, axis=axis, keepdims=keepdims) / _count(a, axis)
    a = a if dtype is None else operand(a).astype(dtype)
    return np.sum(_masked(a, where, 0.0), axis=axis, keepdims=keepdims) / _kept(a, axis, keepdims, where)


def _kept(a: Any, axis: Any, keepdims: bool, where: Any) -> Any:
    """Count the entries that take part, in the type of `a`, which then stays."""
    return np.sum(np.broadcast_to(where, shape_of(a)), axis=axis, keepdims=keepdims, dtype=a.dtype)


@composition(np.average, ask=True)
def _average(
    a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False
) -> Any:
    a = as_array(a)
    weights = np.ones(shape_of(a), a.dtype) if weights is None else as_array(weights)
    weights = weights.astype(np.result_type(a, weights, *(["f8"] if a.dtype.kind in "iub" else [])))
    if shape_of(weights) != shape_of(a):  # an axis of the weights for each of `axis`, in that order
        axes = axes_of(axis, a.ndim)
        weights = np.transpose(weights, np.argsort(axes))
        weights = np.expand_dims(weights, [k for k in range(a.ndim) if k not in axes])
    total = np.sum(np.broadcast_to(weights, shape_of(a)), axis=axis, keepdims=keepdims)
    out = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (out, np.broadcast_to(total, shape_of(out))) if returned else out


def _spread(function: Callable[..., Any], finish: Callable[..., Any]) -> None:
    """Compose NumPy's measure of spread: what `finish` makes of the distances from the mean, and of their number."""

    @composition(function)
    def spread(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: None = None,
        ddof: float = 0,
        keepdims: bool = False,
        *,
        where: Any = True,
        mean: Any = None,
        correction: Any = None,
    ) -> Any:
        _insist_on_no(out, function)
        a = a if dtype is None else operand(a).astype(dtype)
        ddof = ddof if correction is None or correction is np._NoValue else correction
        if mean is None or mean is np._NoValue:
            mean = np.mean(a, axis=axis, keepdims=True, where=where)
        if where is True:
            free, centred = max(_count(a, axis) - ddof, 0), a - mean
        else:  # what takes no part has distance 0
            centred = _masked(_masked(a, where, 0.0) - mean, where, 0.0)
            free = np.maximum(_kept(a, axis, keepdims, where) - ddof, 0)  # 0 / 0, where nothing is left
        return finish(centred, free, axis=axis, keepdims=keepdims)


_spread(np.var, lambda centred, free, **along: np.sum(centred * centred, **along) / free)

# The length of the distances: of equal values it has slope 0, as a norm has.
_spread(np.std, lambda centred, free, **along: length(centred, **along) / free**0.5)


@composition(np.ptp)
def _ptp(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def _variables(m: Any, rowvar: bool) -> Any:
    """Make a variable of each row, in double precision."""
    wide = np.atleast_2d(m).astype(float)
    return wide if rowvar or len(shape_of(m)) < 2 else wide.T


@composition(np.cumsum)
def _cumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    return np.cumsum(operand(a) if dtype is None else operand(a).astype(dtype), axis=axis)


@composition(np.cov, ask=True)
def _cov(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    rows = _variables(m, rowvar)
    if y is not None:
        rows = np.concatenate([rows, _variables(y, rowvar)])
    rows = rows if dtype is None else rows.astype(dtype)
    ddof = (0 if bias else 1) if ddof is None else ddof
    weights: Any = None if fweights is None else np.asarray(fweights, float)
    if aweights is not None:
        aweights = operand(aweights)
        weights = aweights if weights is None else weights * aweights
    if weights is None:
        n, mean = rows.shape[1] - ddof, np.mean(rows, axis=1, keepdims=True)
        weights = 1.0
    else:
        total = np.sum(weights)
        lost = 0 if ddof == 0 else ddof if aweights is None else ddof * np.sum(weights * aweights) / total
        n, mean = total - lost, np.sum(rows * weights, axis=1, keepdims=True) / total
    centred = rows - mean
    product = np.matmul(centred * weights, centred.T)
    return np.squeeze(product * np.true_divide(1, np.maximum(n, 0))).astype(product.dtype)


@composition(np.corrcoef, ask=True)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    c = np.cov(x, y, rowvar, dtype=dtype)
    if shape_of(c) == ():
        return c / c
    deviations = np.sqrt(np.diag(c))
    return c / np.outer(deviations, deviations)


@composition(np.sort)
def _sort(a: Any, axis: int | None = -1, kind: Any = None, *, stable: bool | None = None) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    return np.take_along_axis(a, np.argsort(a, axis=axis, kind=kind, stable=stable), axis)


@composition(np.partition)
def _partition(a: Any, kth: Any, axis: int | None = -1) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    return np.take_along_axis(a, np.argpartition(a, kth, axis=axis), axis)


def in_rows(a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Bring the axes that are to go together, to the front; return them, too."""
    rank = len(shape_of(a))
    gone = axes_of(axis, rank)
    kept = [k for k in range(rank) if k not in gone]
    rows = np.transpose(a, (*gone, *kept))
    count = math.prod(shape_of(a)[k] for k in gone)
    return np.reshape(rows, (count, *(shape_of(a)[k] for k in kept))), gone


@composition(np.quantile, ask=True)
def _quantile(a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    """Sort, and go from one entry to the next in a straight line; NumPy says how far, of 0, 1, 2 ..."""
    rows, gone = in_rows(a, axis)
    if rows.shape[0] == 0:
        rows = np.sum(rows, axis=0, keepdims=True) + a.dtype.type(np.nan)  # of nothing: nan
    rows = np.sort(rows, axis=0)
    place = np.asarray(q, float) * (rows.shape[0] - 1)
    if method != "linear":
        place = np.quantile(np.arange(float(rows.shape[0])), q, method=method)  # type: ignore[call-overload]
    low = np.floor(place).astype(int)
    share = np.reshape(place - low, np.shape(place) + (1,) * (rows.ndim - 1))
    below, above = rows[low], rows[np.ceil(place).astype(int)]
    between = np.where(
        share > 0, below + share * (above - below), below
    )  # an infinite neighbour does not count
    out = np.where(np.any(np.isnan(rows), axis=0), np.nan, between)
    if keepdims:
        out = np.expand_dims(out, tuple(k + np.ndim(place) for k in gone))
    return out


@composition(np.percentile, ask=True)
def _percentile(a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    return _quantile(a, np.asarray(q) / 100, axis, method=method, keepdims=keepdims)


@composition(np.median, ask=True)
def _median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The middle entry, or the mean of the two in the middle."""
    rows, gone = in_rows(a, axis)
    out = _middle(rows)
    return np.expand_dims(out, gone) if keepdims else out


def _middle(rows: Any) -> Any:
    n = shape_of(rows)[0]
    if n == 0:
        return np.sum(rows, axis=0) + rows.dtype.type(np.nan)
    ordered = np.sort(rows, axis=0)
    low, high = ordered[(n - 1) // 2], ordered[n // 2]
    middle = low if n % 2 else (low + high) / 2
    return np.where(np.any(np.isnan(rows), axis=0), np.array(np.nan, rows.dtype), middle)
