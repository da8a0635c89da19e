"""Many tangents at once: how a linear gate acts on an axis of directions that stands in front of a tangent.

A bundle of k tangents of an array of shape s is an array of shape (k, *s).  An elementwise gate need not know: a
partial derivative multiplies all k of them.  A linear gate does to each what it does to its operand.  A gate that
is not in the table below gets the k tangents one by one; these functions do it in one go.

Each takes the bundle `t` of the operand that moves, the operands as they are (`x`, or `a` and `b`) and the result
`out`; those of a joint gate take the bundles `ts` of all operands.  ``None``: one by one, after all.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.gates.functions import astype, getitem, is_basic, scatter
from adlib.gates.gate import GATES
from adlib.gates.linear import where
from adlib.gates.shaping import along, axes_of, lifted, shape_of
from adlib.gates.transposes import Rearrangement, choice


def next_axes(axis: Any, ndim: int) -> tuple[int, ...]:
    """Name the axes of an array in a bundle of them."""
    return tuple(a + 1 for a in axes_of(axis, ndim))


def summed(t: Any, x: Any, out: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Sum each."""
    return np.sum(t, axis=next_axes(axis, len(shape_of(x))), keepdims=keepdims)


def reshaped(t: Any, x: Any, out: Any, shape: Any = None, order: str = "C", **other: Any) -> Any:
    """Give each the result's shape."""
    return np.reshape(t, (shape_of(t)[0], *shape_of(out))) if order == "C" else None


def permuted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Permute the axes of each as `function` permutes those of one."""

    def act(t: Any, x: Any, out: Any, **params: Any) -> Any:
        # an array without entries that has its axes' numbers for lengths: what comes out names them in order
        axes = function(
            np.empty((0, *range(1, len(shape_of(x)))), bool) if shape_of(x) else np.empty(()), **params
        )
        return np.transpose(t, (0, *(a + 1 for a in axes.shape)))

    return act


def spread(t: Any, x: Any, out: Any, shape: Any) -> Any:
    """Broadcast each."""
    return along(t, x, out)


def accumulated(t: Any, x: Any, out: Any, axis: int | None = None) -> Any:
    """Sum each from its start."""
    t = np.reshape(t, (shape_of(t)[0], -1)) if axis is None else t
    return np.cumsum(t, 1 if axis is None else axis % len(shape_of(x)) + 1)


def moved(t: Any, x: Any, out: Any, **params: Any) -> Any:
    """Leave each as it is."""
    return t


def converted(t: Any, x: Any, out: Any, dtype: Any) -> Any:
    """Convert each."""
    return astype(t, dtype)


def taken(t: Any, x: Any, out: Any, index: Any) -> Any:
    """Take the same entries of each."""
    behind = _behind(index)
    return None if behind is None else getitem(t, behind)


def _behind(index: Any) -> Any:
    """Return the index that does to each array of a bundle what `index` does to one; None where none does.

    Several index arrays that do not stand side by side put their axis in front, before the directions.
    """
    parts = index if type(index) is tuple else (index,)
    numbers = [isinstance(p, int | np.integer) and not isinstance(p, bool) for p in parts]
    arrays = [k for k, p in enumerate(parts) if not (numbers[k] or is_basic(p))]
    if arrays and (
        any(numbers)
        or arrays != list(range(arrays[0], arrays[-1] + 1))
        or any(np.shape(parts[k]) == () for k in arrays)
    ):
        return None
    return (slice(None), *parts)


def put_back(ts: Sequence[Any], gs: Sequence[Any], out: Any, indices: Any, shape: Any, dtype: Any) -> Any:
    """Put the entries of each back."""
    behind = [_behind(index) for index in indices]
    if any(index is None for index in behind):
        return None
    return scatter(tuple(ts), behind, (shape_of(ts[0])[0], *shape), dtype)


def joined(ts: Sequence[Any], xs: Sequence[Any], out: Any, axis: Any = 0) -> Any:
    """Join the first ones, the second ones, and so on."""
    return None if axis is None else np.concatenate(list(ts), axis=axis % len(shape_of(out)) + 1)


def chosen(ts: Sequence[Any], values: Sequence[Any], out: Any) -> Any:
    """Choose from each as one condition says."""
    condition, x, y = values
    return choice(condition, along(ts[1], x, out), along(ts[2], y, out))


def left_factor(t: Any, a: Any, b: Any, out: Any) -> Any:
    """Multiply each with B: as rows of one matrix, where there is one B."""
    if len(shape_of(b)) > 2:
        return None if len(shape_of(a)) < 2 else np.matmul(lifted(t, a, len(shape_of(out))), b)
    return np.matmul(t, b)


def right_factor(t: Any, a: Any, b: Any, out: Any) -> Any:
    """Multiply A with each."""
    if len(shape_of(b)) == 1:
        return (
            np.matmul(t, np.swapaxes(a, -1, -2) if len(shape_of(a)) > 1 else a)
            if len(shape_of(a)) < 3
            else None
        )
    return np.matmul(a, lifted(t, b, max(len(shape_of(a)), len(shape_of(b)))))


def rearranged(gate: Callable[..., Any]) -> Callable[..., Any]:
    """Take from each the entries that the gate takes from one: it is asked by their positions."""

    def act(t: Any, x: Any, out: Any, **params: Any) -> Any:
        size = math.prod(shape_of(x))
        positions = gate(np.arange(size).reshape(shape_of(x)), **params)
        return np.reshape(t, (shape_of(t)[0], size))[:, positions]

    return act


MANY: dict[Callable[..., Any], Any] = {
    np.sum: (summed,),
    np.cumsum: (accumulated,),
    np.broadcast_to: (spread,),
    **dict.fromkeys((np.reshape, np.ravel, np.squeeze, np.expand_dims), (reshaped,)),
    **{f: (permuted(f),) for f in (np.transpose, np.swapaxes, np.moveaxis)},
    np.copy: (moved,),
    astype: (converted,),
    getitem: (taken,),
    np.matmul: (left_factor, right_factor),
    scatter: put_back,
    np.concatenate: joined,
    where.function: chosen,
    **{f: (rearranged(gate.value),) for f, gate in GATES.items() if isinstance(gate, Rearrangement)},
}
"""What each linear gate does with a bundle: a function for each operand, or one for all of a joint gate."""

for _f, _rules in MANY.items():
    GATES[_f].many = _rules  # type: ignore[attr-defined]
