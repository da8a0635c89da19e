"""The running example over the plane of its inputs, and descents on it: notebook 01."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap
from numpy.typing import NDArray

import adlib
from adlib.lesson import examples
from adlib.viz.style import INK, WARNING

LEVELS = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10)
"""Where the contour lines of f are drawn."""
OUTSIDE = "#dfe2e6"


def descent(
    f: Callable[..., Any], start: tuple[float, float], rate: float, steps: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Step against the gradient: x ← x − rate · ∇f(x).

    Parameters
    ----------
    f : callable
        Of two floats.
    start : tuple of float
    rate : float
        The learning rate.
    steps : int
        How many, at most: the path ends with the first point at which f has no finite value or gradient.

    Returns
    -------
    points : array, shape (k + 1, 2)
        The start, and the point after each step.
    values : array, shape (k + 1,)
        f there.  Only the last one may be nan or infinite.

    Examples
    --------
    >>> points, values = descent(lambda x, y: x * x + y * y, (1.0, 2.0), 0.25, 2)
    >>> points.tolist(), values.tolist()
    ([[1.0, 2.0], [0.5, 1.0], [0.25, 0.5]], [5.0, 1.25, 0.3125])
    """
    slope = adlib.value_and_grad(f, argnums=(0, 1))
    point, points, values = start, [start], []
    with np.errstate(all="ignore"):
        for k in range(steps + 1):
            value, gradient = slope(*point)
            values.append(float(value))
            if k == steps or not np.all(np.isfinite((value, *gradient))):
                break
            point = (point[0] - rate * gradient[0], point[1] - rate * gradient[1])
            points.append(point)
    return np.array(points), np.array(values)


def surface_of_f(
    x1: NDArray[np.float64], x2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Evaluate the running example on a grid: nan outside its domain."""
    grid1, grid2 = np.meshgrid(x1, x2)
    with np.errstate(all="ignore"):
        return grid1, grid2, np.asarray(examples.f(grid1, grid2))


def draw_contours(
    ax: Axes,
    x: Any,
    y: Any,
    values: NDArray[np.float64],
    levels: tuple[float, ...],
    labels: tuple[float, ...],
) -> ListedColormap:
    """Draw contours with one colour for each interval between `levels`, and a few of the levels written."""
    colours = ListedColormap(_pale("viridis", len(levels) - 1))
    ax.contourf(x, y, values, levels=levels, cmap=colours, norm=BoundaryNorm(levels, colours.N))
    lines = ax.contour(x, y, values, levels=levels[1:-1], colors=INK, linewidths=0.5)
    ax.clabel(lines, levels=labels, fontsize=8, fmt="%g")
    ax.grid(visible=False)
    return colours


def _pale(name: str, count: int) -> NDArray[np.float64]:
    """Take colours of a map, mixed with white until text and lines read well on them."""
    full = matplotlib.colormaps[name](np.linspace(0.05, 0.95, count))
    return np.asarray(1 - 0.5 * (1 - full))


def draw_surface(ax: Axes, low: float = 0.0, high: float = 4.2, top: float = 3.2) -> None:
    """Draw contours of f over (x₁, x₂); what is outside the domain stays grey."""
    x2 = np.linspace(0.002, top, 641)
    grid1, grid2, values = surface_of_f(np.linspace(low, high, 421), x2)
    positive = (0.0, *LEVELS, 40.0)
    levels = positive if low >= 0 else tuple(-v for v in positive[:0:-1]) + positive
    ax.set_facecolor(OUTSIDE)
    edge, middle = np.sin(x2**2), len(levels) - len(positive)
    colours = draw_contours(ax, grid1, grid2, values, levels, (1, 2, 3, 4, 6))
    # A grid stops a little before the edge; the strip up to it has the colours nearest to 0.
    above, below = edge > 0, edge <= 0
    ax.fill_betweenx(
        x2, np.maximum(edge, low), edge + 0.02, where=above, color=colours(middle), linewidth=0, zorder=0
    )
    if low < 0:
        ax.fill_betweenx(x2, edge - 0.02, edge, where=below, color=colours(middle - 1), linewidth=0, zorder=0)
    ax.plot(edge, x2, color=WARNING, linewidth=1.6)
    ax.set(xlim=(low, high), ylim=(0, top), xlabel="$x_1$", ylabel="$x_2$")
