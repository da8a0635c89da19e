"""NumPy functions that are compositions of gates.

Each function here takes what NumPy's function of the same name takes, and computes the same value by calling
gates.  It needs no derivative rule: its derivative follows from theirs, to any order.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates import axes_of, length, operand, scatter, shape_of

COMPOSITIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy's function to ours."""


ASKED: set[Callable[..., Any]] = set()
"""NumPy's functions that are called first, for what they refuse: an uneven split, a filter with two axes ..."""


def composition(
    *functions: Callable[..., Any], ask: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the composition that computes these NumPy functions.

    With `ask`, NumPy's function sees the plain values before, and what it refuses it refuses here, in its words.
    """

    def register(f: Callable[..., Any]) -> Callable[..., Any]:
        for numpy_function in functions:
            COMPOSITIONS[numpy_function] = f
        ASKED.update(functions if ask else ())
        return f

    return register


signature = functools.cache(inspect.signature)  # asked at every call, found at the first


def _count(x: Any, axis: Any) -> int:
    return int(np.prod([shape_of(x)[a] for a in axes_of(axis, len(shape_of(x)))]))


# --- What sums, products and extremes take beside an axis, which is all that their gates take ----------------


def _masked(a: Any, where: Any, filler: float) -> Any:
    """Put the filler where the mask is false; the mask spreads over `a`, and not the other way round."""
    return np.where(np.broadcast_to(where, shape_of(a)), a, np.array(filler, a.dtype))


def _reduction(function: Callable[..., Any], filler: float, join: Callable[..., Any]) -> None:
    """Compose NumPy's reduction with a mask, an initial value or a type of the gate without."""

    @composition(function)
    def reduced(
        a: Any,
        axis: Any = None,
        dtype: Any = None,
        out: None = None,
        keepdims: bool = False,
        initial: Any = None,
        where: Any = True,
    ) -> Any:
        _insist_on_no(out, function)
        a = operand(a) if dtype is None else operand(a).astype(dtype)
        initial = None if initial is np._NoValue else initial
        if where is not True:
            if math.isinf(filler) and initial is None:
                problem = f"np.{function.__name__}: with where= there may be nothing left to choose from"
                raise ValueError(explain(problem, "Say by initial= what it is then."))
            a = _masked(a, where, filler)
        if a.size == 0 and initial is not None:
            return np.sum(a, axis=axis, keepdims=keepdims) + initial
        result = function(a, axis=axis, keepdims=keepdims)
        return result if initial is None else join(result, initial)


def _insist_on_no(out: Any, function: Callable[..., Any]) -> None:
    if out is not None:
        problem = f"np.{function.__name__} of a tracked value does not take out="
        remedy = "out= would overwrite a value that the derivative needs: use what the function returns."
        raise TypeError(explain(problem, remedy))


_reduction(np.sum, 0.0, np.add)
_reduction(np.prod, 1.0, np.multiply)
_reduction(np.max, -math.inf, np.maximum)
_reduction(np.min, math.inf, np.minimum)


# --- Averages -------------------------------------------------------------------------------------


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
    a = operand(a)
    weights = np.ones(shape_of(a), a.dtype) if weights is None else operand(weights)
    weights = weights.astype(np.result_type(a, weights, *(["f8"] if a.dtype.kind in "iub" else [])))
    if shape_of(weights) != shape_of(a):  # an axis of the weights for each of `axis`, in that order
        axes = axes_of(axis, a.ndim)
        weights = np.transpose(weights, np.argsort(axes))
        weights = np.expand_dims(weights, [k for k in range(a.ndim) if k not in axes])
    total = np.sum(np.broadcast_to(weights, shape_of(a)), axis=axis, keepdims=keepdims)
    out = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    return (out, np.broadcast_to(total, shape_of(out))) if returned else out


@composition(np.var)
def _var(
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
    _insist_on_no(out, np.var)
    centred, free = _centred(a, axis, dtype, ddof, keepdims, where, mean, correction)
    return np.sum(centred * centred, axis=axis, keepdims=keepdims) / free


def _centred(
    a: Any, axis: Any, dtype: Any, ddof: float, keepdims: bool, where: Any, mean: Any, correction: Any
) -> tuple[Any, Any]:
    """Return the distances from the mean, 0 for what takes no part, and by how many their squares are divided."""
    a = a if dtype is None else operand(a).astype(dtype)
    ddof = ddof if correction is None or correction is np._NoValue else correction
    if mean is None or mean is np._NoValue:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
    if where is True:
        n, centred = _count(a, axis), a - mean
    else:
        n, centred = _kept(a, axis, keepdims, where), _masked(_masked(a, where, 0.0) - mean, where, 0.0)
    free = max(n - ddof, 0) if where is True else np.maximum(n - ddof, 0)  # 0 / 0, where nothing is left
    return centred, free


@composition(np.std)
def _std(
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
    """The length of the distances from the mean: of equal values it has slope 0, as a norm has."""
    _insist_on_no(out, np.std)
    centred, free = _centred(a, axis, dtype, ddof, keepdims, where, mean, correction)
    return length(centred, axis=axis, keepdims=keepdims) / free**0.5


@composition(np.ptp)
def _ptp(a: Any, axis: Any = None, keepdims: bool = False) -> Any:
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def _variables(m: Any, rowvar: bool) -> Any:
    """Make a variable of each row, in double precision."""
    wide = np.atleast_2d(m).astype(float)
    return wide if rowvar or len(shape_of(m)) < 2 else wide.T


@composition(np.cov, ask=True)
def _cov(m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None) -> Any:
    rows = _variables(m, rowvar)
    if y is not None:
        rows = np.concatenate([rows, _variables(y, rowvar)])
    n = max(rows.shape[1] - ((0 if bias else 1) if ddof is None else ddof), 0)
    centred = rows - np.mean(rows, axis=1, keepdims=True)
    return np.squeeze(np.matmul(centred, centred.T) / n)


@composition(np.corrcoef, ask=True)
def _corrcoef(x: Any, y: Any = None, rowvar: bool = True) -> Any:
    c = np.cov(x, y, rowvar)
    if shape_of(c) == ():
        return c / c
    deviations = np.sqrt(np.diag(c))
    return c / np.outer(deviations, deviations)


# --- Missing values: a nan takes no part, so nothing comes back to it ------------------------------


@composition(np.nansum)
def _nansum(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.sum(np.where(np.isnan(a), 0.0, a), axis=axis, keepdims=keepdims)


@composition(np.nanmean)
def _nanmean(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    present = np.sum(~np.isnan(a), axis=axis, keepdims=keepdims).astype(a.dtype)
    return np.nansum(a, axis=axis, keepdims=keepdims) / present


@composition(np.nanmax)
def _nanmax(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return _of_those_present(np.max, -np.inf, a, axis, keepdims)


def _of_those_present(extreme: Callable[..., Any], filler: float, a: Any, axis: Any, keepdims: bool) -> Any:
    """Take the extreme entry of those that are no nan; where there is none the answer is nan."""
    gone = np.isnan(a)
    found = extreme(np.where(gone, filler, a), axis=axis, keepdims=keepdims)
    none_left = np.all(gone, axis=axis, keepdims=keepdims)
    return np.where(none_left, np.nan, found) if np.any(none_left) else found


@composition(np.nanmin)
def _nanmin(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return _of_those_present(np.min, np.inf, a, axis, keepdims)


@composition(np.nanprod)
def _nanprod(a: Any, axis: Any = None, *, keepdims: Any = False) -> Any:
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, keepdims=keepdims)


@composition(np.nancumsum)
def _nancumsum(a: Any, axis: int | None = None) -> Any:
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis)


@composition(np.nancumprod)
def _nancumprod(a: Any, axis: int | None = None) -> Any:
    return np.cumprod(np.where(np.isnan(a), 1.0, a), axis=axis)


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
    rows, gone = _in_rows(a, axis)
    kept = rows.shape[1:]
    columns = np.reshape(rows, (rows.shape[0], math.prod(kept)))
    found = [of_one(c[~np.isnan(c)]) for c in (columns[:, k] for k in range(columns.shape[1]))]
    out = np.stack(found, axis=-1) if found else np.zeros((*before, 0)) + np.sum(rows)
    out = np.reshape(out, (*before, *kept))
    return np.expand_dims(out, tuple(k + len(before) for k in gone)) if keepdims else out


@composition(np.nanquantile, ask=True)
def _nanquantile(a: Any, q: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _of_each_column(lambda c: _quantile(c, q), a, axis, keepdims, np.shape(q))


@composition(np.nanpercentile, ask=True)
def _nanpercentile(a: Any, q: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _nanquantile(a, np.asarray(q) / 100, axis, keepdims=keepdims)


@composition(np.nanmedian, ask=True)
def _nanmedian(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _of_each_column(_middle, a, axis, keepdims)


# --- Kinks ----------------------------------------------------------------------------------------


@composition(np.clip, ask=True)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@composition(np.round, np.around)
def _round(a: Any, decimals: int = 0) -> Any:
    return np.rint(a) if decimals == 0 else np.rint(a * 10.0**decimals) / 10.0**decimals


@composition(np.fix)
def _fix(x: Any) -> Any:
    return np.trunc(x)


@composition(np.divmod)
def _divmod(x1: Any, x2: Any) -> tuple[Any, Any]:
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


@composition(np.modf)
def _modf(x: Any) -> tuple[Any, Any]:
    whole = np.trunc(x)
    return x - whole, whole


@composition(np.ldexp)
def _ldexp(x1: Any, x2: Any) -> Any:
    """Multiply by a power of 2, in four steps: 2ⁿ alone may be no floating number where x 2ⁿ is one."""
    quarter = np.asarray(x2) // 4
    for n in (quarter, quarter, quarter, x2 - 3 * quarter):
        x1 = x1 * np.ldexp(np.ones((), x1.dtype), n)
    return x1


@composition(np.float_power)
def _float_power(x1: Any, x2: Any) -> Any:
    return _in_double(x1) ** _in_double(x2)


def _in_double(x: Any) -> Any:
    """Return `x` in double precision, whatever floating type it has (a formula has none)."""
    return x if getattr(x, "dtype", None) in (None, np.float64) else x.astype(float)


@composition(np.unwrap, ask=True)
def _unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """Add whole periods, which are constants as long as no jump comes or goes."""
    steps = np.diff(p, axis=axis)
    turns = np.floor(steps / period + 0.5)
    turns = np.where((steps / period + 0.5 == turns) & (steps > 0), turns - 1.0, turns)  # half a turn stays
    turns = np.where(np.abs(steps) < (period / 2 if discont is None else discont), 0.0, turns)
    return p - period * _with_initial(np.cumsum(turns, axis=axis), 0.0, axis)


@composition(np.nan_to_num)
def _nan_to_num(
    x: Any, copy: bool = True, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Any:
    limits = np.finfo(x.dtype)
    high, low = (limits.max if posinf is None else posinf), (limits.min if neginf is None else neginf)
    finite = np.where(np.isnan(x), np.array(nan, x.dtype), x)
    finite = np.where(np.isposinf(x), np.array(high, x.dtype), finite)
    return np.where(np.isneginf(x), np.array(low, x.dtype), finite)


@composition(np.sort)
def _sort(a: Any, axis: int | None = -1) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    return np.take_along_axis(a, np.argsort(a, axis=axis), axis)


@composition(np.partition)
def _partition(a: Any, kth: Any, axis: int | None = -1) -> Any:
    if axis is None:
        a, axis = np.ravel(a), 0
    return np.take_along_axis(a, np.argpartition(a, kth, axis=axis), axis)


@composition(np.unique)
def _unique(ar: Any) -> Any:
    entries = np.sort(ar, axis=None)
    return entries[np.append(True, entries[1:] != entries[:-1])]


def _in_rows(a: Any, axis: Any) -> tuple[Any, tuple[int, ...]]:
    """Bring the axes that are to go together, to the front; return them, too."""
    rank = len(shape_of(a))
    gone = axes_of(axis, rank)
    kept = [k for k in range(rank) if k not in gone]
    rows = np.transpose(a, (*gone, *kept))
    count = math.prod(shape_of(a)[k] for k in gone)
    return np.reshape(rows, (count, *(shape_of(a)[k] for k in kept))), gone


@composition(np.quantile, ask=True)
def _quantile(a: Any, q: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """Sort, and go from one entry to the next in a straight line (NumPy's ``method="linear"``)."""
    rows, gone = _in_rows(a, axis)
    if rows.shape[0] == 0:
        rows = np.sum(rows, axis=0, keepdims=True) + a.dtype.type(np.nan)  # of nothing: nan
    rows = np.sort(rows, axis=0)
    place = np.asarray(q) * (rows.shape[0] - 1)
    low = np.floor(place).astype(int)
    share = np.reshape(place - low, np.shape(place) + (1,) * (rows.ndim - 1)).astype(a.dtype)
    below, above = rows[low], rows[np.ceil(place).astype(int)]
    between = np.where(
        share > 0, below + share * (above - below), below
    )  # an infinite neighbour does not count
    out = np.where(np.any(np.isnan(rows), axis=0), np.array(np.nan, a.dtype), between)
    if keepdims:
        out = np.expand_dims(out, tuple(k + np.ndim(place) for k in gone))
    return out


@composition(np.percentile, ask=True)
def _percentile(a: Any, q: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return _quantile(a, np.asarray(q) / 100, axis, keepdims=keepdims)


@composition(np.median, ask=True)
def _median(a: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    """The middle entry, or the mean of the two in the middle."""
    rows, gone = _in_rows(a, axis)
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


# --- Functions by pieces --------------------------------------------------------------------------


@composition(np.select, ask=True)
def _select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0.0) -> Any:
    *choices, default = map(operand, (*choicelist, default))
    kind = np.result_type(*choices, default)  # a plain number among arrays takes their type
    *choices, default = (kind.type(c) if isinstance(c, float | int) else c for c in (*choices, default))
    for condition, choice in reversed(list(zip(condlist, choices, strict=True))):
        default = np.where(condition, choice, default)
    return default


@composition(np.piecewise)
def _piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """Call each function on its own entries alone: what it does elsewhere cannot spoil the derivative."""
    if shape_of(x) == ():  # of a number NumPy makes an array with one entry
        each = np.reshape(np.asarray(condlist, bool), (-1, 1))
        return np.piecewise(np.reshape(x, (1,)), list(each), funclist, *args, **kw)[0]
    conditions = [condlist] if np.ndim(condlist[0]) == 0 and x.ndim > 0 else list(condlist)
    conditions = [np.asarray(c, bool) for c in conditions]
    taken = np.zeros(x.shape, bool)
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    total: Any = 0.0
    for condition, f in reversed(
        list(zip(conditions, funclist, strict=True))
    ):  # of two, NumPy takes the last
        here = condition & ~taken
        taken |= condition
        value = f(x[here], *args, **kw) if callable(f) else f
        value = np.broadcast_to(value, (int(np.count_nonzero(here)),))
        total = total + scatter((value,), [here], x.shape, x.dtype)
    return total


@composition(np.interp, ask=True)
def _interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    x, xp, fp = operand(x), operand(xp), operand(fp)
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
    return np.sum(steps * (y[(*before, slice(1, None))] + y[(*before, slice(None, -1))]) / 2.0, axis=along)


@composition(np.gradient, ask=True)
def _gradient(f: Any, spacing: Any = 1.0, *, axis: int | None = None) -> Any:
    """Difference quotients of sampled values: central inside, one-sided at both ends."""
    if np.ndim(spacing) > 0:
        problem = "np.gradient of a tracked value takes one spacing, a number"
        raise TypeError(explain(problem, "For uneven samples divide np.diff(f) by np.diff(x)."))
    if axis is None:
        found = [np.gradient(f, spacing, axis=k) for k in range(f.ndim)]
        return found[0] if len(found) == 1 else found
    v = np.moveaxis(f, axis, 0)
    inside = (v[2:] - v[:-2]) / (2 * spacing)
    out = np.concatenate([(v[1:2] - v[:1]) / spacing, inside, (v[-1:] - v[-2:-1]) / spacing])
    return np.moveaxis(out, 0, axis)


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
def _polyint(p: Any, m: int = 1) -> Any:
    for _ in range(operator.index(m)):
        p = np.append(p / np.arange(shape_of(p)[0], 0, -1), 0.0)
    return p


@composition(np.linspace)
def _linspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    start, stop = operand(start), operand(stop)
    way = stop - start
    steps = np.arange(num, dtype=way.dtype) / max(num - 1 if endpoint else num, 1)
    return start + np.reshape(steps, (-1,) + (1,) * len(shape_of(way))) * way


@composition(np.logspace)
def _logspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: float = 10.0) -> Any:
    return base ** np.linspace(start, stop, num, endpoint)


@composition(np.geomspace, ask=True)
def _geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True) -> Any:
    if np.any(np.sign(start) != np.sign(stop)):
        raise ValueError(
            explain("np.geomspace: start and stop have different signs", "Nothing lies between them.")
        )
    steps = np.linspace(np.log(np.abs(start)), np.log(np.abs(stop)), num, endpoint)
    return np.sign(start) * np.exp(steps)


# --- Products -------------------------------------------------------------------------------------


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
    n = max(minlength, int(np.max(x)) + 1)
    return scatter((_in_double(weights),), [np.asarray(x)], (n,), np.float64)


@composition(np.vecdot)
def _vecdot(x1: Any, x2: Any) -> Any:
    return np.sum(x1 * x2, axis=-1)


@composition(np.dot)
def _dot(a: Any, b: Any) -> Any:
    a, b = operand(a), operand(b)
    if shape_of(a) == () or shape_of(b) == ():
        return a * b
    return np.matmul(a, b) if len(shape_of(b)) <= 2 else np.tensordot(a, b, (-1, -2))


@composition(np.inner, ask=True)
def _inner(a: Any, b: Any) -> Any:
    a, b = operand(a), operand(b)
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
def _cross(a: Any, b: Any) -> Any:
    a, b = operand(a), operand(b)
    if shape_of(a)[-1] != 3 or shape_of(b)[-1] != 3:
        problem = "np.cross of tracked values wants vectors of three entries along the last axis"
        raise TypeError(explain(problem, "Write x[0] * y[1] - x[1] * y[0] for two entries."))
    (a0, a1, a2), (b0, b1, b2) = (tuple(v[..., k] for k in range(3)) for v in (a, b))
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)


@composition(np.cumprod)
def _cumprod(a: Any, axis: int | None = None) -> Any:
    """Double the span of each partial product in every step (Hillis and Steele 1986): no division."""
    if axis is None or shape_of(a) == ():
        a, axis = np.ravel(a), axis or 0
    a = np.moveaxis(a, axis, 0)
    span = 1
    while span < shape_of(a)[0]:
        a = np.concatenate([a[:span], a[span:] * a[:-span]])
        span *= 2
    return np.moveaxis(a, 0, axis)


# --- Shapes and pieces ----------------------------------------------------------------------------


@composition(np.stack)
def _stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis=axis)


@composition(np.vstack)
def _vstack(tup: Sequence[Any]) -> Any:
    return np.concatenate([np.atleast_2d(a) for a in tup])


@composition(np.hstack)
def _hstack(tup: Sequence[Any]) -> Any:
    parts = [np.atleast_1d(a) for a in tup]
    return np.concatenate(parts, axis=0 if parts[0].ndim == 1 else 1)


@composition(np.column_stack)
def _column_stack(tup: Sequence[Any]) -> Any:
    columns = [np.reshape(a, (-1, 1)) if len(shape_of(a)) < 2 else a for a in map(operand, tup)]
    return np.concatenate(columns, axis=1)


@composition(np.dstack)
def _dstack(tup: Sequence[Any]) -> Any:
    deep = [a if len(shape_of(a)) > 2 else np.expand_dims(np.atleast_2d(a), 2) for a in map(operand, tup)]
    return np.concatenate(deep, axis=2)


@composition(np.block)
def _block(arrays: Any) -> Any:
    def depth(x: Any) -> int:
        return 1 + max(map(depth, x)) if isinstance(x, list) else 0

    def rank(x: Any) -> int:
        return max(map(rank, x)) if isinstance(x, list) else len(shape_of(x))

    levels = depth(arrays)
    axes = max(levels, rank(arrays))

    def join(x: Any, level: int) -> Any:
        if isinstance(x, list):
            return np.concatenate([join(part, level - 1) for part in x], axis=-level)
        return np.reshape(x, (1,) * (axes - len(shape_of(x))) + shape_of(x))

    return join(arrays, levels)


@composition(np.broadcast_arrays)
def _broadcast_arrays(*args: Any) -> tuple[Any, ...]:
    shape = np.broadcast_shapes(*map(shape_of, args))
    return tuple(np.broadcast_to(a, shape) for a in args)


@composition(np.meshgrid)
def _meshgrid(*xi: Any, indexing: str = "xy") -> tuple[Any, ...]:
    n = len(xi)
    order = (1, 0, *range(2, n)) if indexing == "xy" and n > 1 else tuple(range(n))
    spread = [np.reshape(x, [-1 if a == order[k] else 1 for a in range(n)]) for k, x in enumerate(xi)]
    return tuple(np.broadcast_arrays(*spread))


@composition(np.full_like)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, *, shape: Any = None) -> Any:
    filled = np.broadcast_to(operand(fill_value), shape_of(a) if shape is None else shape)
    return filled.astype(
        np.asarray(a).dtype if dtype is None and not hasattr(a, "dtype") else dtype or a.dtype
    )


@composition(np.insert, ask=True)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Insert the positions of the new entries between those of the old."""
    arr, values = operand(arr), operand(values)
    n = int(np.prod(shape_of(arr)))
    new = n + np.arange(int(np.prod(shape_of(values)))).reshape(shape_of(values))
    positions = np.insert(np.arange(n).reshape(shape_of(arr)), obj, new, axis=axis)
    return np.take(np.concatenate([np.ravel(arr), np.ravel(values).astype(arr.dtype)]), positions)


@composition(np.compress, ask=True)
def _compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    return np.take(a, np.flatnonzero(condition), axis=axis)


@composition(np.extract)
def _extract(condition: Any, arr: Any) -> Any:
    return np.take(np.ravel(arr), np.flatnonzero(condition))


@composition(np.rollaxis, ask=True)
def _rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    (axis,), start = axes_of(axis, a.ndim), start + a.ndim if start < 0 else start
    return np.moveaxis(a, axis, start - (start > axis))


@composition(np.apply_along_axis)
def _apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    moved = np.moveaxis(arr, axis, -1)
    outer = moved.shape[:-1]
    rows = [func1d(moved[index], *args, **kwargs) for index in np.ndindex(*outer)]
    table = np.stack([operand(row) for row in rows])
    out = np.reshape(table, outer + shape_of(table)[1:])
    new, place = range(len(outer), len(shape_of(out))), axis % arr.ndim
    return np.moveaxis(out, tuple(new), tuple(range(place, place + len(new))))


@composition(np.real, np.real_if_close)
def _real(val: Any) -> Any:
    return val


@composition(np.imag)
def _imag(val: Any) -> Any:
    return np.zeros(shape_of(val), val.dtype)[()]


@composition(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate([arr, values], axis=axis)


@composition(np.atleast_1d)
def _atleast_1d(a: Any) -> Any:
    return np.reshape(a, (1,)) if shape_of(a) == () else a


@composition(np.atleast_2d)
def _atleast_2d(a: Any) -> Any:
    return a if len(shape_of(a)) >= 2 else np.reshape(a, (1, -1))


@composition(np.atleast_3d)
def _atleast_3d(a: Any) -> Any:
    shape = shape_of(a)
    wanted = {0: (1, 1, 1), 1: (1, *shape, 1), 2: (*shape, 1)}
    return np.reshape(a, wanted[len(shape)]) if len(shape) < 3 else a


@composition(np.hsplit, ask=True)
def _hsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=min(len(shape_of(ary)) - 1, 1))


@composition(np.vsplit, ask=True)
def _vsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=0)


@composition(np.dsplit, ask=True)
def _dsplit(ary: Any, indices_or_sections: Any) -> Any:
    return np.split(ary, indices_or_sections, axis=2)


@composition(np.trim_zeros, ask=True)
def _trim_zeros(filt: Any, trim: str = "fb") -> Any:
    kept = np.flatnonzero(filt)
    first = int(kept[0]) if "f" in trim.lower() and kept.size else 0
    last = int(kept[-1]) + 1 if "b" in trim.lower() and kept.size else shape_of(filt)[0]
    return filt[first:last]


@composition(np.choose, ask=True)
def _choose(a: Any, choices: Any) -> Any:
    a, choices = np.broadcast_arrays(a, *(operand(c) for c in choices))[0], [operand(c) for c in choices]
    return np.select([a == k for k in range(len(choices))], choices)


@composition(np.split, np.array_split, ask=True)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    n = shape_of(ary)[axis]
    pieces = np.array_split(np.arange(n), indices_or_sections, axis=0)
    before: tuple[Any, ...] = (slice(None),) * axes_of(axis, len(shape_of(ary)))[0]
    edges = [0, *np.cumsum([len(p) for p in pieces]).tolist()]
    return [ary[(*before, slice(a, b))] for a, b in itertools.pairwise(edges)]


@composition(np.diff, ask=True)
def _diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    before: tuple[Any, ...] = (slice(None),) * axes_of(axis, len(shape_of(a)))[0]
    edge = tuple(1 if k == len(before) else size for k, size in enumerate(shape_of(a)))
    parts = [
        x if np.ndim(x) else np.broadcast_to(x, edge) for x in (prepend, a, append) if x is not np._NoValue
    ]
    if n and len(parts) > 1:
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


def _with_initial(x: Any, initial: float, axis: int | None) -> Any:
    place = axis or 0
    shape = [1 if k == place % x.ndim else n for k, n in enumerate(x.shape)]
    return np.concatenate([np.full(shape, initial, x.dtype), x], axis=place)


@composition(np.pad, ask=True)
def _pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: float = 0) -> Any:
    """Pad the positions of the entries; a position tells which entry to copy."""
    positions = np.arange(array.size).reshape(array.shape)
    if mode == "constant":
        positions = np.pad(positions, pad_width, constant_values=-1)
        copies = np.take(np.ravel(array), np.maximum(positions, 0))
        return np.where(positions >= 0, copies, constant_values)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        problem = f"np.pad of a tracked value has no mode={mode!r}"
        raise TypeError(explain(problem, "Use constant, edge, reflect, symmetric or wrap."))
    return np.take(np.ravel(array), np.pad(positions, pad_width, mode=mode))  # type: ignore[call-overload]


@composition(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1)


@composition(np.diag)
def _diag(v: Any, k: int = 0) -> Any:
    if v.ndim == 2:
        return np.diagonal(v, k)
    n = v.shape[0] + abs(k)
    rows = np.arange(v.shape[0]) + max(-k, 0)
    return scatter((v,), [(rows, rows + k)], (n, n), v.dtype)


@composition(np.diagflat)
def _diagflat(v: Any, k: int = 0) -> Any:
    return np.diag(np.ravel(v), k)


def _lower(m: Any, k: int) -> Any:
    """Mark the entries on and below diagonal `k`; NumPy makes rows of one axis."""
    rows, columns = (shape_of(m) * 2)[-2:]
    return np.tri(rows, columns, k, dtype=bool)


@composition(np.tril)
def _tril(m: Any, k: int = 0) -> Any:
    return np.where(_lower(m, k), m, 0.0)


@composition(np.triu)
def _triu(m: Any, k: int = 0) -> Any:
    return np.where(_lower(m, k - 1), 0.0, m)


@composition(np.matrix_transpose, np.linalg.matrix_transpose)
def _matrix_transpose(x: Any) -> Any:
    return np.swapaxes(x, -1, -2)


@composition(np.astype)
def _astype(x: Any, dtype: Any, /, *, copy: bool = True) -> Any:
    return x.astype(dtype)


if hasattr(np, "unstack"):  # NumPy 2.1

    @composition(np.unstack)
    def _unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
        return tuple(np.moveaxis(x, axis, 0))

    @composition(np.cumulative_sum, ask=True)
    def _cumulative_sum(x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
        out = np.cumsum(x, axis=axis)
        return _with_initial(out, 0.0, axis) if include_initial else out

    @composition(np.cumulative_prod, ask=True)
    def _cumulative_prod(x: Any, /, *, axis: int | None = None, include_initial: bool = False) -> Any:
        out = np.cumprod(x, axis=axis)
        return _with_initial(out, 1.0, axis) if include_initial else out


if hasattr(np, "matvec"):  # NumPy 2.2

    @composition(np.matvec)
    def _matvec(x1: Any, x2: Any) -> Any:
        return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]

    @composition(np.vecmat)
    def _vecmat(x1: Any, x2: Any) -> Any:
        return np.matmul(np.expand_dims(x1, -2), x2)[..., 0, :]
