"""Shapes: joining, splitting, padding, reordering.

Compositions of gates: they have no rules of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.functions import scatter
from adlib.gates.shaping import as_array, axes_of, operand, shape_of, with_initial


@composition(np.unique)
def _unique(ar: Any) -> Any:
    entries = np.sort(ar, axis=None)
    return entries[np.append(True, entries[1:] != entries[:-1])]


@composition(np.concatenate, ask=True)
def _concatenate(
    arrays: Sequence[Any], axis: int | None = 0, *, dtype: Any = None, casting: Any = None
) -> Any:
    """Convert first; NumPy, which is asked, says whether `casting` allows it."""
    parts = [operand(a) for a in arrays]
    return np.concatenate(parts if dtype is None else [a.astype(dtype) for a in parts], axis)


@composition(np.stack)
def _stack(arrays: Sequence[Any], axis: int = 0, **how: Any) -> Any:
    return np.concatenate([np.expand_dims(a, axis) for a in arrays], axis, **how)


@composition(np.vstack)
def _vstack(tup: Sequence[Any], **how: Any) -> Any:
    return np.concatenate([np.atleast_2d(a) for a in tup], **how)


@composition(np.hstack)
def _hstack(tup: Sequence[Any], **how: Any) -> Any:
    parts = [np.atleast_1d(a) for a in tup]
    return np.concatenate(parts, 0 if parts[0].ndim == 1 else 1, **how)


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
def _meshgrid(*xi: Any, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    n = len(xi)
    order = (1, 0, *range(2, n)) if indexing == "xy" and n > 1 else tuple(range(n))
    spread = [np.reshape(x, [-1 if a == order[k] else 1 for a in range(n)]) for k, x in enumerate(xi)]
    return tuple(spread if sparse else np.broadcast_arrays(*spread))


@composition(np.full_like, ask=True)
def _full_like(a: Any, fill_value: Any, dtype: Any = None, order: str = "K", *, shape: Any = None) -> Any:
    filled = np.broadcast_to(operand(fill_value), shape_of(a) if shape is None else shape)
    return filled.astype(
        np.asarray(a).dtype if dtype is None and not hasattr(a, "dtype") else dtype or a.dtype
    )


@composition(np.insert, ask=True)
def _insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Insert the positions of the new entries between those of the old."""
    arr, values = as_array(arr), operand(values)
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


@composition(np.real)
def _real(val: Any) -> Any:
    return val


@composition(np.real_if_close)
def _real_if_close(a: Any, tol: float = 100) -> Any:
    return a


@composition(np.imag)
def _imag(val: Any) -> Any:
    return np.zeros_like(val)[()]


@composition(np.append)
def _append(arr: Any, values: Any, axis: int | None = None) -> Any:
    if axis is None:
        arr, values, axis = np.ravel(arr), np.ravel(values), 0
    return np.concatenate([arr, values], axis=axis)


def _at_least(function: Callable[..., Any], shapes: Callable[[tuple[int, ...]], Any]) -> None:
    """Give what has too few axes the next of these shapes, by the number that it has."""

    @composition(function)
    def reshaped(*arys: Any) -> Any:
        found = []
        for a in map(operand, arys):
            wanted, rank = shapes(shape_of(a)), len(shape_of(a))
            found.append(np.reshape(a, wanted[rank]) if rank < len(wanted) else a)
        return found[0] if len(found) == 1 else tuple(found)


_at_least(np.atleast_1d, lambda shape: [(1,)])
_at_least(np.atleast_2d, lambda shape: [(1, 1), (1, *shape)])
_at_least(np.atleast_3d, lambda shape: [(1, 1, 1), (1, *shape, 1), (*shape, 1)])


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
def _trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    filt = operand(filt)
    rank = len(shape_of(filt))
    index = [slice(None)] * rank
    for k in axes_of(axis, rank):
        kept = np.flatnonzero(np.any(filt != 0, axis=tuple(a for a in range(rank) if a != k)))
        first, last = (kept[0], kept[-1] + 1) if kept.size else (0, 0)
        index[k] = slice(first if "f" in trim.lower() else None, last if "b" in trim.lower() else None)
    return filt[tuple(index)]


@composition(np.split, np.array_split, ask=True)
def _split(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    n = shape_of(ary)[axis]
    pieces = np.array_split(np.arange(n), indices_or_sections, axis=0)
    before: tuple[Any, ...] = (slice(None),) * axes_of(axis, len(shape_of(ary)))[0]
    edges = [0, *np.cumsum([len(p) for p in pieces]).tolist()]
    return [ary[(*before, slice(a, b))] for a, b in itertools.pairwise(edges)]


@composition(np.pad, ask=True)
def _pad(array: Any, pad_width: Any, mode: str = "constant", *, constant_values: Any = 0) -> Any:
    """Pad the positions of the entries; a position tells which entry to copy."""
    positions = np.arange(array.size).reshape(array.shape)
    if mode == "constant":
        positions = np.pad(positions, pad_width, constant_values=-1)
        copies = np.take(np.ravel(array), np.maximum(positions, 0))
        if np.ndim(constant_values):  # one for each side, or each axis
            like = np.zeros(array.shape, array.dtype)
            constant_values = np.pad(like, pad_width, constant_values=constant_values)
        return np.where(positions >= 0, copies, constant_values)
    if mode not in ("edge", "reflect", "symmetric", "wrap"):
        problem = f"np.pad of a tracked value has no mode={mode!r}"
        raise TypeError(explain(problem, "Use constant, edge, reflect, symmetric or wrap."))
    return np.take(np.ravel(array), np.pad(positions, pad_width, mode=mode))  # type: ignore[call-overload]


@composition(np.trace)
def _trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


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

    def _cumulative(function: Callable[..., Any], start: float, running: Callable[..., Any]) -> None:
        @composition(function, ask=True)
        def cumulative(x: Any, /, *, include_initial: bool = False, **how: Any) -> Any:
            out = running(x, **how)
            return with_initial(out, start, how.get("axis")) if include_initial else out

    _cumulative(np.cumulative_sum, 0.0, np.cumsum)
    _cumulative(np.cumulative_prod, 1.0, np.cumprod)


if hasattr(np, "matvec"):  # NumPy 2.2

    @composition(np.matvec)
    def _matvec(x1: Any, x2: Any) -> Any:
        return np.matmul(x1, np.expand_dims(x2, -1))[..., 0]

    @composition(np.vecmat)
    def _vecmat(x1: Any, x2: Any) -> Any:
        return np.matmul(np.expand_dims(x1, -2), x2)[..., 0, :]
