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
from adlib.gates.reductions import _middle, _quantile, in_rows


def _filled(function: Callable[..., Any], filler: float, whole: Callable[..., Any]) -> None:
    """Compose NumPy's reduction of those present of the `whole` one, which takes the same arguments."""

    @composition(function)
    def reduced(a: Any, *args: Any, **kwargs: Any) -> Any:
        return whole(np.where(np.isnan(a), filler, a), *args, **kwargs)


_filled(np.nansum, 0.0, np.sum)
_filled(np.nanprod, 1.0, np.prod)
_filled(np.nancumsum, 0.0, np.cumsum)
_filled(np.nancumprod, 1.0, np.cumprod)


@composition(np.nanmean)
def _nanmean(a: Any, axis: Any = None, dtype: Any = None, **how: Any) -> Any:
    total = np.nansum(a, axis, dtype, **how)
    return total / np.sum(~np.isnan(a), axis, dtype=total.dtype, **how)


def _of_those_present(function: Callable[..., Any], filler: float, whole: Callable[..., Any]) -> None:
    """Take the extreme entry of those that are no nan; where there is none the answer is nan."""

    @composition(function)
    def extreme(a: Any, axis: Any = None, *, keepdims: bool = False, **how: Any) -> Any:
        gone = np.isnan(a)
        found = whole(np.where(gone, filler, a), axis=axis, keepdims=keepdims, **how)
        none_left = np.all(gone, axis=axis, keepdims=keepdims)
        return np.where(none_left, np.nan, found) if "initial" not in how and np.any(none_left) else found


_of_those_present(np.nanmax, -np.inf, np.max)
_of_those_present(np.nanmin, np.inf, np.min)


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
