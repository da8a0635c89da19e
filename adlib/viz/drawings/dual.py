"""A dual number as an arrow, on its two axes and on a curve: notebook 06."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from adlib.viz.style import INK, MUTED, ROLES


def square(x: Any) -> Any:
    """x²."""
    return x * x


def sine(x: Any) -> Any:
    """A sine."""
    return np.sin(2.0 * x)


def root(x: Any) -> Any:
    """A root, which has no value left of 0."""
    return np.sqrt(x)


def bell(x: Any) -> Any:
    """A bell."""
    return 2.0 * np.exp(-x * x)


CURVES: Mapping[str, Callable[[Any], Any]] = {"x²": square, "sin 2x": sine, "√x": root, "2 exp(−x²)": bell}
WINDOW = (-2.5, 2.5), (-2.2, 3.2)
"""What is seen of the x axis and of the f axis, unless an arrow needs more."""


def draw_curve(ax: Axes, f: Callable[[Any], Any]) -> Any:
    """Draw the function, between the two axes that the arrows live on."""
    t = np.linspace(-4, 4, 641)
    with np.errstate(invalid="ignore"):
        (curve,) = ax.plot(t, f(t), color=MUTED, linewidth=1.5)
    ax.axhline(0, color="#b9c0c8", linewidth=1)
    ax.axvline(0, color="#b9c0c8", linewidth=1)
    across, up = WINDOW
    ax.set(xlim=across, ylim=up, xlabel="x", ylabel="f(x)")
    return curve


def draw_arrows(ax: Axes, x: float, x_dot: float, y: float, y_dot: float) -> list[Any]:
    """Draw x + ẋε on the x axis, its image on the f axis, and on the curve the arrow that has both as shadows."""
    mark = ROLES["tangent"]
    low, left = ax.get_ylim()[0], ax.get_xlim()[0]
    made: list[Any] = [
        ax.plot([x, x, left], [low, y, y], ":", color=mark.colour, linewidth=1)[0],
        ax.plot([x], [low], "o", color=INK, clip_on=False)[0],
        ax.plot([left], [y], "o", color=INK, clip_on=False)[0],
        ax.plot([x], [y], "o", color=INK)[0],
    ]
    for start, step in (((x, low), (x_dot, 0.0)), ((left, y), (0.0, y_dot)), ((x, y), (x_dot, y_dot))):
        made.append(
            ax.quiver(
                *start,
                *step,
                color=mark.colour,
                angles="xy",
                scale_units="xy",
                scale=1,
                width=0.006,
                clip_on=False,
                zorder=5,
            )
        )
    return made
