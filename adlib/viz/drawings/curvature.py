"""Landscapes, two ways down, and the level line of a quadratic model: notebook 14."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from adlib.engine.derivatives import grad, hessian
from adlib.viz.style import Mark

DESCENT = Mark("gradient descent", "#8a6100", "#f8edd2", "o", "-", "●")
NEWTON = Mark("Newton's method", "#5a48b0", "#e7e4f6", "s", "-", "■")


def valley(p: Any) -> Any:
    """Rosenbrock's curved valley."""
    x, y = p
    return 100.0 * (y - x**2) ** 2 + (1.0 - x) ** 2


def bowl(p: Any) -> Any:
    """A bowl ten times as steep one way as the other."""
    x, y = p
    return 0.5 * x**2 + 5.0 * y**2


def saddle(p: Any) -> Any:
    """Two hollows at (0, ±√2), and a saddle between them at (0, 0)."""
    x, y = p
    return x**2 - y**2 + 0.25 * y**4


class Landscape(NamedTuple):
    """A function of two numbers, and the window to look at it through."""

    function: Callable[[Any], Any]
    formula: str
    x: tuple[float, float]
    y: tuple[float, float]
    lowest: float
    levels: tuple[float, ...]


LANDSCAPES: Mapping[str, Landscape] = {
    "Rosenbrock's valley": Landscape(
        valley, "100 (y − x²)² + (1 − x)²", (-2, 2), (-3.5, 3), 0.0, (0.3, 3, 15, 60, 200, 600, 1500)
    ),
    "a bowl": Landscape(bowl, "x²/2 + 5y²", (-2, 2), (-2, 3), 0.0, (0.1, 0.5, 1.5, 4, 8, 14, 20, 30, 42)),
    "a saddle between two hollows": Landscape(
        saddle, "x² − y² + y⁴/4", (-2, 2), (-2, 3), -1.0, (-0.9, -0.6, -0.2, 0, 0.4, 1.2, 2.5, 4, 8)
    ),
}


def gradient_path(f: Callable[[Any], Any], start: Any, rate: float, steps: int) -> Any:
    """Walk downhill: p ← p − rate ∇f(p).

    Parameters
    ----------
    f : callable
        Takes an array of shape (n,), returns a number.
    start : array of shape (n,)
    rate : float
    steps : int

    Returns
    -------
    array of shape (steps + 1, n)
        It ends early where the walk leaves all bounds.

    Examples
    --------
    >>> gradient_path(bowl, np.array([1.0, 1.0]), 0.1, 2).tolist()
    [[1.0, 1.0], [0.9, 0.0], [0.81, 0.0]]
    """
    path, slope = [np.asarray(start, float)], grad(f)
    for _ in range(steps):
        after = path[-1] - rate * slope(path[-1])
        if not np.all(np.abs(after) < 1e6):
            break
        path.append(after)
    return np.array(path)


def newton_path(f: Callable[[Any], Any], start: Any, steps: int) -> Any:
    """Jump to where the gradient of the quadratic model is 0: p ← p − H⁻¹ ∇f(p).

    Parameters
    ----------
    f, start, steps
        See `gradient_path`.

    Returns
    -------
    array of shape (steps + 1, n)
        It ends early at a point with a singular Hessian.

    Examples
    --------
    >>> newton_path(bowl, np.array([1.0, 1.0]), 1).tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    path, slope, curvature = [np.asarray(start, float)], grad(f), hessian(f)
    for _ in range(steps):
        try:
            after = path[-1] - np.linalg.solve(curvature(path[-1]), slope(path[-1]))
        except np.linalg.LinAlgError:
            break
        if not np.all(np.abs(after) < 1e6):
            break
        path.append(after)
    return np.array(path)


def conic(point: Any, slope: Any, curvature: Any) -> Any:
    """Draw the line on which the quadratic model has the value that it has at the point.

    Returns
    -------
    array of shape (k, 2)
        An ellipse or two branches of a hyperbola (a row of nan between them); its centre is the Newton step.
    """
    values, axes = np.linalg.eigh(curvature)
    if np.min(np.abs(values)) < 1e-12:
        return np.full((1, 2), np.nan)
    centre = -np.linalg.solve(curvature, slope)
    s = centre @ curvature @ centre
    with np.errstate(invalid="ignore", divide="ignore"):
        reach = np.sqrt(np.abs(s / values))
    if values[0] * values[1] > 0:
        t = np.linspace(0, 2 * np.pi, 121)
        pieces = [np.stack([np.cos(t), np.sin(t)])]
    else:
        t = np.linspace(-3, 3, 61)
        gap = np.full((2, 1), np.nan)
        open_first = s * values[0] > 0
        sides = [np.stack([sign * np.cosh(t), np.sinh(t)]) for sign in (1, -1)]
        pieces = [sides[0] if open_first else sides[0][::-1], gap, sides[1] if open_first else sides[1][::-1]]
    unit = np.concatenate(pieces, axis=1) * reach[:, None]
    return (np.asarray(point)[:, None] + centre[:, None] + axes @ unit).T
