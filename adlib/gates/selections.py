"""Reductions that weigh their entries, a row each: the largest, the smallest, the product, the length.

Equal entries, at a tie, share the derivative.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adlib.gates.elementwise import ratio, sign
from adlib.gates.functions import length
from adlib.gates.gate import Selection, register
from adlib.gates.shaping import inverse, shape_of


def _ties_share(x: Any, v: Any, axes: tuple[int, ...]) -> Any:
    """Weight 1 for the chosen entry; equal entries share it."""
    chosen = x == v
    return chosen / np.sum(chosen, axis=axes, keepdims=True)


def _product_of_others(x: Any, v: Any, axes: tuple[int, ...]) -> Any:
    """The product of all other entries, from both ends inwards: no division, so zeros are no trouble."""
    shape = shape_of(x)
    if not shape:
        return 1.0
    kept = tuple(a for a in range(len(shape)) if a not in axes)
    n = math.prod(shape[a] for a in axes)
    rows = np.reshape(np.transpose(x, kept + axes), (*(shape[a] for a in kept), n))
    ones = np.ones((*rows.shape[:-1], min(n, 1)), rows.dtype)
    before = np.cumprod(np.concatenate([ones, rows[..., :-1]], axis=-1), axis=-1)
    after = np.flip(np.cumprod(np.concatenate([ones, np.flip(rows, -1)[..., :-1]], axis=-1), axis=-1), -1)
    others = np.reshape(before * after, (*(shape[a] for a in kept), *(shape[a] for a in axes)))
    return np.transpose(others, inverse(kept + axes))


def _several(x: Any, v: Any, axis: Any) -> Any:
    return np.sum(x == v, axis=axis, keepdims=True) > 1


def _directions(x: Any, v: Any, axes: tuple[int, ...], p: float = 2) -> Any:
    """The slope of a length: the unit vector for p = 2, and 0 at the zero vector."""
    return ratio(x, v) if p == 2 else sign(x) * ratio(np.abs(x), v) ** (p - 1)


_TIES = "equal largest or smallest entries share the derivative"

register(Selection(np.max, _ties_share, "max", "ties", _TIES, _several), np.amax)

register(Selection(np.min, _ties_share, "min", "ties", _TIES, _several), np.amin)

register(Selection(np.prod, _product_of_others, "prod"))

_ZERO = "slope 0 at the zero vector; the second derivative there is inf or nan"

register(Selection(length, _directions, "norm", "x is the zero vector", _ZERO, lambda x, v, axis: v == 0))
