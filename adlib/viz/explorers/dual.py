"""Notebook 06: a dual number as an arrow, carried through a function."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib.engine.forward import jvp
from adlib.formula.source import transform
from adlib.viz.drawings.dual import CURVES, WINDOW, draw_arrows, draw_curve, square
from adlib.viz.explorer import ExplainedError, Explorer, choice, slider
from adlib.viz.style import ROLES, new_figure

__all__ = ["DualExplorer"]


MARGIN = 0.2


def window(x: float, x_dot: float, y: float, y_dot: float) -> tuple[tuple[float, float], tuple[float, float]]:
    """Widen `WINDOW`, by halves, until a point and the tip of its arrow are in the picture.

    Examples
    --------
    >>> window(0.6, 0.8, 0.36, 0.96) == WINDOW
    True
    >>> window(2.0, 1.5, 4.0, 6.0)
    ((-2.5, 4.0), (-2.2, 10.5))
    """
    found = []
    for (low, high), start, step in zip(WINDOW, (x, y), (x_dot, y_dot), strict=True):
        least, most = min(start, start + step) - MARGIN, max(start, start + step) + MARGIN
        found.append((min(low, math.floor(2 * least) / 2), max(high, math.ceil(2 * most) / 2)))
    return found[0], found[1]


class DualExplorer(Explorer):
    """Slide a dual number x + ẋε along, and see what a function makes of it.

    In notebook 06.  Keywords say where the controls begin: ``x``, ``x_dot``, ``function``.
    """

    alt = (
        "The curve of a function. On the x axis stands an arrow that begins at x and is ẋ long; on the f axis the "
        "arrow that the function makes of it; on the curve the arrow, along the tangent line, whose shadows they are."
    )
    panel_height = "15em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the sliders of the point and the tangent, and the menu of functions."""
        return {
            "x": slider("x", 0.6, -2.0, 2.0, 0.05),
            "x_dot": slider("ẋ", 0.8, -1.5, 1.5, 0.05),
            "function": choice("function", CURVES),
        }

    def build(self) -> Figure:
        """Draw the curve."""
        figure = new_figure(7.6, 4.2)
        self.ax = figure.subplots()
        self.curve = draw_curve(self.ax, square)
        self.arrows: list[Any] = []
        self.shown = "x²"
        figure.tight_layout()
        self.duals: dict[str, Any] = {name: transform(f) for name, f in CURVES.items()}
        return figure

    def update(self, x: float, x_dot: float, function: str) -> str:
        """Carry x + ẋε through the function, by both roads."""
        x, x_dot = round(x, 9), round(x_dot, 9)  # a slider's 0.6 is 0.6000000000000001
        f = CURVES[function]
        with np.errstate(all="ignore"):
            value, tangent = jvp(f, (x,), (x_dot,))
            # NumPy's floats: a root's slope at 0 is then infinite, as on the other road, and no ZeroDivisionError
            again = tuple(map(float, self.duals[function](np.float64(x), np.float64(x_dot))))
        if not (np.isfinite(value) and np.isfinite(tangent)):
            raise ExplainedError(f"√x has no value, or no slope, at x = {x:.2f}; move x to the right of 0.")
        if function != self.shown:
            self.shown = function
            with np.errstate(invalid="ignore"):
                self.curve.set_ydata(f(self.curve.get_xdata()))
            self.redraw()
        seen = window(x, x_dot, value, tangent)
        if seen != (self.ax.get_xlim(), self.ax.get_ylim()):
            self.ax.set(xlim=seen[0], ylim=seen[1])
            self.redraw()
        for artist in self.arrows:
            artist.remove()
            self._moving.remove(artist)
        self.arrows = draw_arrows(self.ax, x, x_dot, value, tangent)
        self.moving(*self.arrows)
        colour = ROLES["tangent"].colour
        lines = "<br>".join(self.duals[function].source.splitlines()[1:-1]).replace("    ", "&emsp;")
        return (
            "<div style='display:flex;flex-wrap:wrap;gap:0 3em'><div>"
            f"<p>f({x:.2f} <span style='color:{colour}'>{x_dot:+.2f} ε</span>) = {value:.6f} "
            f"<span style='color:{colour}'>{tangent:+.6f} ε</span></p>"
            f"<table><tr><td>overloaded numbers</td><td class='adlib-number'>{value!r}, {tangent!r}</td></tr>"
            f"<tr><td>transformed source</td><td class='adlib-number'>{again[0]!r}, {again[1]!r}</td></tr></table>"
            f"</div><p style='font-family:monospace'>{lines}</p></div>"
        )
