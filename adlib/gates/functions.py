"""Functions that rows are about and NumPy does not have.

Like NumPy's own, they ask a tracked value first what to do (`adlib.gates.gate.function`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from adlib.gates.gate import function

# fmt: on


@function
def rectified(x: Any) -> Any:
    """The rectifier max(x, 0), with derivative 0 at 0."""
    return np.maximum(x, 0)


@function
def stop_gradient(x: Any) -> Any:
    """Return `x`, as a value without a past: to a derivative it is a constant.

    Parameters
    ----------
    x : float or array
        A nest of them goes leaf by leaf: ``adlib.stop_gradient`` takes one.

    Returns
    -------
    float or array
        An array is copied.
    """
    return x.copy() if isinstance(x, np.ndarray) else x


@function
def attached_to(g: Any, x: Any) -> Any:
    """The constant `g`, as a value that depends on `x` with derivative zero."""
    return g


@function
def one_minus_square(x: Any) -> Any:
    """The number 1 - x², which near x = ±1 loses no digit.

    A gate of its own, since the two contributions to its derivative, (1 - x) - (1 + x), would cancel near 0.
    """
    return (1 - x) * (1 + x)


@function
def quotient(x: Any, y: Any) -> Any:
    """The quotient x / y, and 0 where both are 0: the slope of a length where it is 0, by convention.

    Its own partial derivatives are those of a quotient, so there a second derivative is inf or nan.
    """
    return np.divide(x, np.where((x == 0) & (y == 0), 1, y))


@function
def sinc_derivative(x: Any, n: Any) -> Any:
    """The n-th derivative of np.sinc.

    With t = πx it is πⁿ times the integral of uⁿ cos(tu + nπ/2) over u from 0 to 1: for small t by its power
    series, for large t by partial integration, from one n to the next.  Neither loses digits there.
    """
    n, kind = int(n), np.result_type(x, 0.0)
    t = np.pi * np.asarray(x, float)
    near = np.abs(t) < max(2.0, n / math.e)
    small, large = np.where(near, t, 0.0), np.where(near, 1.0, t)
    series = sum(
        (-1) ** ((n + j) // 2) * small**j / (math.factorial(j) * (n + j + 1)) for j in range(n % 2, 60, 2)
    )
    turns = [np.sin(large), np.cos(large), -np.sin(large), -np.cos(large)]
    parts = turns[0] / large
    for m in range(1, n + 1):
        parts = (turns[m % 4] - m * parts) / large
    return (np.pi**n * np.where(near, series, parts)).astype(kind)[()]


@function
def astype(x: Any, dtype: Any) -> Any:
    """Convert to another floating type."""
    return np.asarray(x).astype(dtype)[()]


# Indexing, and its transpose: put back where it came from, adding where several came from one place
@function
def getitem(x: Any, index: Any) -> Any:
    """Return ``x[index]``; a number has the empty index and new axes, as NumPy's have."""
    numpys: Any = np.float64(x) if type(x) is float else x
    return numpys[index]


@function
def scatter(gs: tuple[Any, ...], indices: Any, shape: Any, dtype: Any) -> Any:
    """Return zeros of `shape`, with each ``g`` of `gs` added at its index."""
    total = np.zeros(shape, dtype)
    for g, index in zip(gs, indices, strict=True):
        if all(map(is_basic, index if type(index) is tuple else (index,))):
            total[index] += g  # no entry twice, so plain addition does
        else:
            np.add.at(total, index, g)
    return total[()]


def is_basic(part: Any) -> bool:
    """Tell whether a part of an index takes no entry twice: a number, a slice, a new axis."""
    return type(part) in (int, slice) or part is None or part is Ellipsis


@function
def length(a: Any, axis: Any = None, keepdims: bool = False, p: float = 2) -> Any:
    """Return the p-norm of the entries along axes: (Σ |a|ᵖ)^(1/p)."""
    if p == 2:
        return np.sqrt(np.sum(a * a, axis=axis, keepdims=keepdims))
    return np.sum(np.abs(a) ** p, axis=axis, keepdims=keepdims) ** (1 / p)
