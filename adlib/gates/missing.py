"""Reductions that pass over missing values: a nan takes no part, so nothing comes back to it.

Compositions of gates: they have no rules of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.gates.composition import composition
from adlib.gates.functions import length
from adlib.gates.reductions import in_rows, _middle, _quantile


@composition(np.nansum)
def _nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    *,
    keepdims: bool = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    filled = np.where(np.isnan(a), 0.0, a)
    return np.sum(filled, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@composition(np.nanmean)
def _nanmean(
    a: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, where: Any = True
) -> Any:
    total = np.nansum(a, axis=axis, dtype=dtype, keepdims=keepdims, where=where)
    return total / np.sum(~np.isnan(a), axis=axis, keepdims=keepdims, where=where, dtype=total.dtype)


@composition(np.nanmax)
def _nanmax(
    a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = np._NoValue, where: Any = True
) -> Any:
    return _of_those_present(np.max, -np.inf, a, axis, keepdims, initial, where)


def _of_those_present(
    extreme: Callable[..., Any], filler: float, a: Any, axis: Any, keepdims: bool, initial: Any, where: Any
) -> Any:
    """Take the extreme entry of those that are no nan; where there is none the answer is nan."""
    gone = np.isnan(a)
    kept = {"axis": axis, "keepdims": keepdims}
    found = extreme(np.where(gone, filler, a), initial=initial, where=where, **kept)
    if initial is not np._NoValue:
        return found
    none_left = np.all(gone, **kept)
    return np.where(none_left, np.nan, found) if np.any(none_left) else found


@composition(np.nanmin)
def _nanmin(
    a: Any, axis: Any = None, *, keepdims: Any = False, initial: Any = np._NoValue, where: Any = True
) -> Any:
    return _of_those_present(np.min, np.inf, a, axis, keepdims, initial, where)


@composition(np.nanprod)
def _nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    *,
    keepdims: Any = False,
    initial: Any = np._NoValue,
    where: Any = True,
) -> Any:
    filled = np.where(np.isnan(a), 1.0, a)
    return np.prod(filled, axis=axis, dtype=dtype, keepdims=keepdims, initial=initial, where=where)


@composition(np.nancumsum)
def _nancumsum(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis, dtype=dtype)


@composition(np.nancumprod)
def _nancumprod(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    return np.cumprod(np.where(np.isnan(a), 1.0, a), axis=axis, dtype=dtype)


@composition(np.nanvar)
def _nanvar(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    centred, free = _centred_where_present(a, axis, ddof, keepdims)
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / free


def _centred_where_present(a: Any, axis: Any, ddof: float, keepdims: bool) -> tuple[Any, Any]:
    present = ~np.isnan(a)
    centred = np.where(present, a - np.nanmean(a, axis=axis, keepdims=True), 0.0)
    count = np.sum(present, axis=axis, keepdims=keepdims).astype(a.dtype)
    free = count - ddof  # where nothing is left NumPy answers nan
    return centred, np.where(free > 0, free, np.nan)


@composition(np.nanstd)
def _nanstd(a: Any, axis: Any = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    centred, free = _centred_where_present(a, axis, ddof, keepdims)
    return length(centred, axis=axis, keepdims=keepdims) / np.sqrt(free)


def _of_each_column(
    of_one: Callable[[Any], Any], a: Any, axis: Any, keepdims: bool, before: tuple[int, ...] = ()
) -> Any:
    """Apply a function to the entries of each column that are no nan; `before` is the shape of its answer."""
    rows, gone = in_rows(a, axis)
    kept = rows.shape[1:]
    columns = np.reshape(rows, (rows.shape[0], math.prod(kept)))
    found = [of_one(c[~np.isnan(c)]) for c in (columns[:, k] for k in range(columns.shape[1]))]
    out = np.stack(found, axis=-1) if found else np.zeros((*before, 0)) + np.sum(rows)
    out = np.reshape(out, (*before, *kept))
    return np.expand_dims(out, tuple(k + len(before) for k in gone)) if keepdims else out


@composition(np.nanquantile, ask=True)
def _nanquantile(a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False) -> Any:
    return _of_each_column(lambda c: _quantile(c, q, method=method), a, axis, keepdims, np.shape(q))


@composition(np.nanpercentile, ask=True)
def _nanpercentile(
    a: Any, q: Any, axis: Any = None, *, method: str = "linear", keepdims: bool = False
) -> Any:
    return _nanquantile(a, np.asarray(q) / 100, axis, method=method, keepdims=keepdims)


@composition(np.nanmedian, ask=True)
def _nanmedian(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _of_each_column(_middle, a, axis, keepdims)
