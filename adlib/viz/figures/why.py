"""The pictures of notebook 01: a loss surface, the domain of f, and descents on both."""

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
from adlib.viz.figures.registry import figure
from adlib.viz.style import CARD, INK, METHODS, ROLES, WARNING, Picture, new_figure

__all__ = ["X", "Y", "descent", "draw_surface", "loss", "surface_of_f"]

X = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
Y = np.array([1.1, 1.4, 2.2, 2.4, 3.1, 3.3])
"""Six measurements, to be fitted by a line."""
LEVELS = (0.5, 1, 1.5, 2, 3, 4, 5, 6, 8, 10)
"""Where the contour lines of f are drawn."""
_OUTSIDE = "#dfe2e6"


def loss(a: Any, b: Any) -> Any:
    """Mean squared error of the line a + b x over the six measurements; a and b may be tracked."""
    return np.mean((a + b * X - Y) ** 2)


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
    ax.set_facecolor(_OUTSIDE)
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


@figure("loss-surface")
def loss_surface() -> Picture:
    """Show a descent in the space of the data and in the space of the parameters."""
    points, _ = descent(loss, (3.0, -1.0), 0.2, 100)
    drawing = new_figure(9.0, 3.9)
    left, right = drawing.subplots(1, 2)
    left.plot(X, Y, linestyle="none", marker="o", color=INK, label="measurements")
    line = np.array([-0.2, 2.7])
    looks = {0: ":", 10: "--", 100: "-"}
    colour = ROLES["output"].colour
    for step, dashes in looks.items():
        a, b = points[step]
        label = f"after {step} steps" if step else "the first guess"
        left.plot(line, a + b * line, color=colour, linestyle=dashes, label=label)
    left.set(
        xlabel="$x$", ylabel="$y$", xlim=(-0.2, 2.7), ylim=(0, 5.2), title="One line for each pair (a, b)"
    )
    left.legend(loc="upper left", ncols=2)
    a, b = np.meshgrid(np.linspace(-0.6, 3.6, 201), np.linspace(-1.6, 2.6, 201))
    heights = np.mean((a[..., None] + b[..., None] * X - Y) ** 2, axis=-1)
    draw_contours(right, a, b, heights, (0, 0.05, 0.2, 0.5, 1, 2, 4, 8, 12, 60), (0.5, 2, 4, 8, 12))
    right.plot(*points.T, color=colour, marker=".", markersize=5, linewidth=1.2)
    for step in looks:
        right.plot(*points[step], marker="o", markersize=9, markerfacecolor=CARD, color=colour)
        shift = {0: (10, -3), 10: (9, 6), 100: (-14, 8)}[step]
        right.annotate(str(step), points[step], xytext=shift, textcoords="offset points")
    right.set(xlabel="$a$", ylabel="$b$", title="The loss, and a descent of 100 steps")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: six measurements that lie near a rising line, and three lines: a first guess that falls, one after "
        "10 steps, and one after 100 steps that runs through the measurements. Right: contours of the loss over "
        "the two parameters a and b, a long narrow valley. The descent first jumps across into the valley, "
        "then walks along its floor to the lowest point.",
    )


@figure("domain")
def domain() -> Picture:
    """Show where f has a value, and f along one line through it."""
    drawing = new_figure(9.0, 4.0)
    left, right = drawing.subplots(1, 2, width_ratios=(1.25, 1))
    draw_surface(left, -3.2, 4.2)
    for x, y in ((-1.7, 1.0), (2.1, 2.13), (-1.7, 2.78)):
        left.text(x, y, r"$x_1 / \sin(x_2^2) < 1$", ha="center", va="center")
    left.plot(2.0, 1.0, marker="o", color=CARD, markeredgecolor=INK, markersize=7)
    left.annotate("(2, 1)", (2.0, 1.0), xytext=(7, 4), textcoords="offset points")
    left.set_title("f has a value where it is coloured")
    x1 = np.concatenate([np.sin(1) + np.logspace(-9, -1.5, 60), np.linspace(np.sin(1) + 0.04, 2.6, 200)])
    mark = METHODS["by hand"]
    right.plot(x1, examples.f(x1, 1.0), color=mark.colour, label="$f(x_1, 1)$")
    right.plot(
        x1,
        examples.df_dx1(x1, 1.0),
        color=ROLES["adjoint"].colour,
        linestyle="-.",
        label=r"$\partial f/\partial x_1$",
    )
    right.axvspan(0, np.sin(1), color=_OUTSIDE)
    right.axvline(np.sin(1), color=WARNING, linewidth=1.6)
    right.text(np.sin(1) / 2, 3.0, "no value", ha="center", va="center")
    right.set(xlim=(0, 2.6), ylim=(0, 6), xlabel="$x_1$, with $x_2 = 1$")
    right.set_title("At the edge, f is 0 and infinitely steep")
    right.legend(loc="upper right")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: the plane of x1 and x2, coloured with contours where f has a value, grey elsewhere. The domain is in "
        "pieces, bounded by the curve x1 = sin(x2²): right of the curve where the sine is positive, left of it "
        "where the sine is negative. Right: f along the line x2 = 1 starts at 0 at the edge, and its derivative "
        "by x1 falls from infinity.",
    )


@figure("descent-on-f")
def descent_on_f() -> Picture:
    """Show three descents on f, which differ in the learning rate alone."""
    drawing = new_figure(9.0, 4.2)
    left, right = drawing.subplots(1, 2, width_ratios=(1.15, 1))
    draw_surface(left, top=2.1)
    looks = {0.02: ("input", "."), 0.1: ("primal", "s"), 0.4: ("output", "D")}
    for rate, (role, marker) in looks.items():
        points, values = descent(examples.f, (3.0, 0.5), rate, 200)
        inside = np.isfinite(values)
        colour = ROLES[role].colour
        label = f"rate {rate:g}"
        look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 3.5}
        left.plot(*points[inside].T, linewidth=1.2, **look)
        right.plot(np.arange(len(values))[inside], values[inside], linewidth=1.2, label=label, **look)
        if not inside[-1]:
            left.plot(*points[-2:].T, color=colour, linestyle=":", linewidth=1.4)
            left.plot(
                *points[-1], color=WARNING, marker="x", markersize=9, markeredgewidth=2, linestyle="none"
            )
            last = (len(values) - 2, values[-2])
            right.plot(*last, color=WARNING, marker="x", markersize=9, markeredgewidth=2, linestyle="none")
    left.plot(3.0, 0.5, marker="o", color=CARD, markeredgecolor=INK, markersize=8)
    left.set_title("Downhill leads to the edge of the domain")
    right.set(xlabel="step", ylabel="$f$", xlim=(-1, 70), ylim=(0, 5))
    right.set_title("The smaller the rate, the later it is left")
    right.plot([], [], color=WARNING, marker="x", linestyle="none", label="the next step leaves the domain")
    right.legend()
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: contours of f with three descents from the point (3, 0.5), for three learning rates. Two of them "
        "walk to the edge of the domain near x1 = 1 and end with a step across it; with the largest rate the first "
        "step already leaves the domain. Right: f along each descent. It falls the whole way; with the smallest "
        "rate it takes most steps and comes lowest.",
    )
