"""Reductions that weigh their entries, a row each: the largest, the smallest, the product, the length.

Equal entries, at a tie, share the derivative.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.gates.arguments import refuse
from adlib.gates.elementwise import ratio, sign
from adlib.gates.functions import length
from adlib.gates.gate import Gate, register
from adlib.gates.shaping import as_dtype, axes_of, inverse, like, operand, shape_of, spread


class Selection(Gate):
    """A reduction along axes that weighs the entries: ``max``, ``min``, ``prod``.

    A row gives the weights dv/dx as a function of the array, the result (spread over the reduced axes),
    those axes, and what parameters there are beside ``axis`` and ``keepdims``; and, where it has kinks, which
    results are at one, as a function of the array and the result (both as above), and ``axis`` and ``keepdims``.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        weights: Callable[..., Any],
        name: str,
        kinks: str = "",
        convention: str = "",
        undecided: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(function, name=name)
        self.weights, self.kinks, self.convention, self.undecided = weights, kinks, convention, undecided
        self.own = set(inspect.signature(weights).parameters) - {"x", "v", "axes"}
        self.signature = inspect.signature(function)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the array, ``axis`` and ``keepdims``."""
        if len(args) == 1:
            (x,), bound = args, kwargs
        else:
            bound = self.signature.bind(*args, **kwargs).arguments
            x = bound.pop("a")
        params = {k: v for k, v in bound.items() if v is not None and v is not np._NoValue}
        refuse(self.name, {k: v for k, v in params.items() if k not in {"axis", "keepdims", *self.own}})
        return (operand(x),), params

    def takes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Tell whether there is nothing beside ``axis`` and ``keepdims``."""
        return len(args) <= 2 and kwargs.keys() <= {"axis", "keepdims", *self.own}

    def at_kink(self, *values: Any, axis: Any = None, keepdims: bool = False, **own: Any) -> Any:
        """Return which results the row's convention is about: several entries are the largest, say."""
        if self.undecided is None:
            return False
        (x,) = values
        v = spread(self(x, axis=axis, keepdims=keepdims, **own), x, axis, keepdims)
        return np.any(self.undecided(x, v, axis), axis=axis, keepdims=keepdims)

    def _weights(self, x: Any, out: Any, axis: Any = None, keepdims: bool = False, **own: Any) -> Any:
        return self.weights(x, spread(out, x, axis, keepdims), axes_of(axis, len(shape_of(x))), **own)

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Sum weight × tangent along the axes."""
        axis, keepdims = params.get("axis"), params.get("keepdims", False)
        (x,), (tangent,) = values, tangents
        weighted = self._weights(x, out, **params) * tangent
        return as_dtype(np.sum(weighted, axis=axis, keepdims=keepdims), out)

    def jvps(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Sum weight × tangent along the axes: the weights serve all directions."""
        (x,), (bundle,) = values, tangents
        axes = tuple(a + 1 for a in axes_of(params.get("axis"), len(shape_of(x))))
        weighted = self._weights(x, out, **params) * bundle
        return as_dtype(np.sum(weighted, axis=axes, keepdims=params.get("keepdims", False)), out)

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Spread the adjoint along the axes, by the weights."""
        axis, keepdims = params.get("axis"), params.get("keepdims", False)
        (x,) = values
        return like(self._weights(x, out, **params) * spread(g, x, axis, keepdims), x)


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
