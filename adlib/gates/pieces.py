"""Functions with kinks and steps, and functions by pieces.

Compositions of gates: they have no rules of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from adlib.gates.composition import composition
from adlib.gates.functions import scatter
from adlib.gates.shaping import as_array, in_double, operand, shape_of, with_initial


@composition(np.clip, ask=True)
def _clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:  # noqa: A002
    low, high = (a_min if min is None else min), (a_max if max is None else max)
    if not {type(low), type(high)} <= {float, int, type(None)}:  # beside these a number's type does not count
        a = as_array(a)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@composition(np.round, np.around)
def _round(a: Any, decimals: int = 0) -> Any:
    a = as_array(a)
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
    return in_double(x1) ** in_double(x2)


@composition(np.unwrap, ask=True)
def _unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * np.pi) -> Any:
    """Add whole periods, which are constants as long as no jump comes or goes."""
    steps = np.diff(p, axis=axis)
    turns = np.floor(steps / period + 0.5)
    turns = np.where((steps / period + 0.5 == turns) & (steps > 0), turns - 1.0, turns)  # half a turn stays
    turns = np.where(np.abs(steps) < (period / 2 if discont is None else discont), 0.0, turns)
    return p - period * with_initial(np.cumsum(turns, axis=axis), 0.0, axis)


@composition(np.nan_to_num)
def _nan_to_num(x: Any, *, nan: float = 0.0, posinf: float | None = None, neginf: float | None = None) -> Any:
    limits = np.finfo(x.dtype)
    high, low = (limits.max if posinf is None else posinf), (limits.min if neginf is None else neginf)
    for found, instead in ((np.isnan(x), nan), (np.isposinf(x), high), (np.isneginf(x), low)):
        x = np.where(found, instead, x).astype(x.dtype)
    return x


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
    taken = np.zeros_like(conditions[0])  # fewer axes than x has mean whole rows of it
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.any(conditions, axis=0))
    total: Any = 0.0
    for condition, f in reversed(
        list(zip(conditions, funclist, strict=True))
    ):  # of two, NumPy takes the last
        here = condition & ~taken
        taken |= condition
        there = x[here]
        value = np.broadcast_to(f(there, *args, **kw) if callable(f) else f, shape_of(there))
        total = total + scatter((value,), [here], x.shape, x.dtype)
    return total


@composition(np.choose, ask=True)
def _choose(a: Any, choices: Any, *, mode: Any = "raise") -> Any:
    choices = [operand(c) for c in choices]
    a = np.choose(a, list(range(len(choices))), mode=mode)
    a = np.broadcast_to(a, np.broadcast_shapes(a.shape, *map(shape_of, choices)))
    return np.select([a == k for k in range(len(choices))], choices)
