"""Methods on top of derivatives: least squares by curvature, Taylor coefficients, derivatives of a mean."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from adlib.engine.forward import jvp
from adlib.engine.reverse import vjp

Array = npt.NDArray[np.float64]


def gauss_newton_product(residuals: Callable[[Any], Any], x: Any, v: Any) -> Any:
    """Compute Jᵀ(J v), the Gauss-Newton matrix of ½‖r(x)‖² times v: one pass forward, one back, no matrix.

    It is the Hessian without Σ rᵢ ∇²rᵢ, and never negative.  (Schraudolph, *Fast curvature matrix-vector products*,
    Neural Computation 14, 2002.)

    Examples
    --------
    >>> A = np.array([[1.0, 2.0], [0.0, 1.0], [1.0, 0.0]])
    >>> gauss_newton_product(lambda x: A @ x - 1.0, np.zeros(2), np.array([1.0, 0.0]))
    array([2., 2.])
    """
    _, along = jvp(residuals, (x,), (v,))
    return vjp(residuals, x)[1](along)[0]


def conjugate_gradients(
    product: Callable[[Array], Any], b: Array, tolerance: float = 1e-10, steps: int | None = None
) -> tuple[Array, int]:
    """Solve M x = b for a symmetric, positive M of which only v → M v is known.

    Parameters
    ----------
    product : callable
        Takes v, and returns M v.
    b : ndarray
        Of any shape.
    tolerance : float
        It stops when ‖b − M x‖ has come down to this part of ‖b‖.
    steps : int, optional
        At most so many; default: ten for each entry of `b`.

    Returns
    -------
    (x, steps)
        The steps taken are products computed.

    Raises
    ------
    ValueError
        If v·(M v) is not positive for a direction that it meets: then M is not positive.

    Notes
    -----
    Hestenes and Stiefel, *Methods of conjugate gradients for solving linear systems*, J. Res. NBS 49, 1952.

    Examples
    --------
    >>> x, steps = conjugate_gradients(lambda v: np.array([[2.0, 1.0], [1.0, 3.0]]) @ v, np.array([3.0, 4.0]))
    >>> print(x.round(9), steps)
    [1. 1.] 2
    """
    x = np.zeros_like(b, dtype=float)
    left = np.array(b, dtype=float)
    v, size = left, float(np.sum(left * left))
    goal = tolerance**2 * size
    for step in range(10 * left.size if steps is None else steps):
        if size <= goal:
            return x, step
        moved = product(v)
        bend = float(np.sum(v * moved))
        if not bend > 0:
            raise ValueError(
                f"conjugate_gradients: v·(M v) is {bend:.3g} in step {step + 1}; M must be positive"
            )
        x = x + size / bend * v
        left = left - size / bend * moved
        before, size = size, float(np.sum(left * left))
        v = left + size / before * v
    return x, 10 * left.size if steps is None else steps


class Series:
    """The first coefficients of a Taylor series, c₀ + c₁ t + c₂ t² + …, with which one can compute.

    Each rule is a recurrence in O(k²) for k coefficients, where derivatives nested k times take 2ᵏ.  (Griewank and
    Walther, *Evaluating Derivatives*, 2nd ed., section 13.2.)

    Examples
    --------
    >>> t = Series([0.0, 1.0, 0.0, 0.0])
    >>> print(np.exp(t).c.round(6))
    [1.       1.       0.5      0.166667]
    """

    def __init__(self, coefficients: npt.ArrayLike) -> None:
        self.c = np.array(coefficients, dtype=float)

    def _like(self, other: Any) -> Array:
        return other.c if isinstance(other, Series) else float(other) * np.eye(1, len(self.c))[0]

    def __add__(self, other: Any) -> Series:
        return Series(self.c + self._like(other))

    def __neg__(self) -> Series:
        return Series(-self.c)

    def __sub__(self, other: Any) -> Series:
        return Series(self.c - self._like(other))

    def __rsub__(self, other: Any) -> Series:
        return Series(self._like(other) - self.c)

    def __mul__(self, other: Any) -> Series:
        return Series(np.convolve(self.c, self._like(other))[: len(self.c)])

    __radd__, __rmul__ = __add__, __mul__

    def __truediv__(self, other: Any) -> Series:
        u, v, w = self.c, self._like(other), np.zeros_like(self.c)
        for k in range(len(w)):
            w[k] = (u[k] - w[:k] @ v[k:0:-1]) / v[0]  # from w v = u
        return Series(w)

    def __rtruediv__(self, other: Any) -> Series:
        return Series(self._like(other)) / self

    def __pow__(self, n: float) -> Series:
        if n == int(n) >= 0:  # also where c₀ = 0
            factors = [self] * int(n)
            return math.prod(factors, start=Series(self._like(1.0)))
        u, w = self.c, np.zeros_like(self.c)
        w[0] = u[0] ** n
        for k in range(1, len(w)):  # from u w′ = n u′ w
            j = np.arange(1, k + 1)
            w[k] = ((n + 1) * j - k) * u[1 : k + 1] @ w[k - 1 :: -1] / (k * u[0])
        return Series(w)

    def sqrt(self) -> Series:
        """Compute the square root."""
        return self**0.5

    def exp(self) -> Series:
        """Compute w = eᵘ from w′ = u′ w."""
        rise, w = _rise(self.c), np.zeros_like(self.c)
        w[0] = np.exp(self.c[0])
        for k in range(1, len(w)):
            w[k] = rise[1 : k + 1] @ w[k - 1 :: -1] / k
        return Series(w)

    def log(self) -> Series:
        """Compute w = log u from w′ = u′/u."""
        quotient = Series(_rise(self.c)[1:]) / Series(self.c[:-1]) if len(self.c) > 1 else Series([])
        return Series([np.log(self.c[0]), *quotient.c / np.arange(1, len(self.c))])

    def sin(self) -> Series:
        """Compute the sine."""
        return self._sin_cos()[0]

    def cos(self) -> Series:
        """Compute the cosine."""
        return self._sin_cos()[1]

    def _sin_cos(self) -> tuple[Series, Series]:
        # Each needs the other: s′ = u′ c, c′ = −u′ s.
        rise, s, c = _rise(self.c), np.zeros_like(self.c), np.zeros_like(self.c)
        s[0], c[0] = np.sin(self.c[0]), np.cos(self.c[0])
        for k in range(1, len(s)):
            s[k] = rise[1 : k + 1] @ c[k - 1 :: -1] / k
            c[k] = -(rise[1 : k + 1] @ s[k - 1 :: -1]) / k
        return Series(s), Series(c)


def _rise(c: Array) -> Array:
    """Return t u′, whose coefficients are k cₖ."""
    return np.arange(len(c)) * c


def taylor(f: Callable[[Any], Any], x: float, order: int) -> Array:
    """Compute the Taylor coefficients of f at x, up to `order`, in one run: the k-th derivative is k! times the k-th.

    Examples
    --------
    >>> taylor(lambda x: 1 / (1 - x), 0.0, 4)
    array([1., 1., 1., 1., 1.])
    """
    start = Series([x, 1.0, *np.zeros(order)][: order + 1])
    return start._like(f(start))


def pathwise(
    h: Callable[[Any], Any], sample: Callable[[Any, Array], Any], theta: float, noise: Array
) -> Array:
    """Differentiate h(x) for x = sample(θ, ε), draw by draw; the mean estimates d E[h(x)] / dθ.

    It needs an h without jumps: where h is a step, every draw says 0, and the mean is not 0.

    Parameters
    ----------
    h : callable
        Of an array of draws.
    sample : callable
        ``sample(theta, noise)``: the draws, such as θ + σε.  The noise does not depend on θ.
    theta : float
    noise : ndarray

    Returns
    -------
    ndarray
        One derivative a draw.  Their variance, divided by their number, is that of the mean.

    Notes
    -----
    Mohamed, Rosca, Figurnov and Mnih, *Monte Carlo gradient estimation in machine learning*, JMLR 21, 2020.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(10_000)
    >>> print(pathwise(lambda x: x**2, lambda mean, e: mean + e, 3.0, noise).mean().round(1))
    6.0
    """
    return np.asarray(jvp(lambda theta: h(sample(theta, noise)), (theta,), (1.0,))[1])


def score_function(
    h: Callable[[Any], Any],
    sample: Callable[[Any, Array], Any],
    log_density: Callable[[Any, Any], Any],
    theta: float,
    noise: Array,
    baseline: float = 0.0,
) -> Array:
    """Multiply h(x) by ∂ log p(x; θ) / ∂θ, draw by draw; the mean estimates d E[h(x)] / dθ.

    h may jump, or be a table: it is not differentiated.  The price is a larger variance, which `baseline`, a number
    taken off h, makes smaller and never biased.

    Parameters
    ----------
    h, sample, theta, noise
        As for `pathwise`.
    log_density : callable
        ``log_density(x, theta)``, up to a constant.
    baseline : float
        Such as the mean of h over *other* draws.

    Returns
    -------
    ndarray
        One derivative a draw.

    Notes
    -----
    Williams, *Simple statistical gradient-following algorithms*, Machine Learning 8, 1992; and as for `pathwise`.

    Examples
    --------
    >>> noise = np.random.default_rng(0).standard_normal(100_000)
    >>> normal = lambda x, mean: -((x - mean) ** 2) / 2
    >>> step = lambda x: (x > 3.0).astype(float)
    >>> print(score_function(step, lambda mean, e: mean + e, normal, 3.0, noise).mean().round(2))  # 1/√(2π)
    0.4
    """
    x = sample(theta, noise)
    return np.asarray((h(x) - baseline) * jvp(lambda theta: log_density(x, theta), (theta,), (1.0,))[1])
