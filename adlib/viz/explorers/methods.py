"""Notebook 00: six methods on the same function, and what the step does to two of them."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib.lesson import examples
from adlib.viz import cases, plots
from adlib.viz.explorer import ExplainedError, Explorer, choice, log_slider, slider
from adlib.viz.style import INK, METHODS, MUTED, WARNING, new_figure

__all__ = ["MethodsExplorer"]

X1 = 2.0
NAMES = (
    "forward difference",
    "central difference",
    "complex step",
    "forward mode",
    "reverse mode",
    "by hand",
)


class MethodsExplorer(Explorer):
    """Pick a method and a step; see its slope on the curve, its digits, and everybody's error.

    In notebook 00.  Keywords say where the controls begin: ``h``, ``method``, ``x2``.
    """

    alt = (
        "Left: the curve f(2, x2) with a line of the slope that the chosen method answers. "
        "Right: the relative error of six methods on a logarithmic axis."
    )
    panel_height = "6.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the method's menu, the step's slider, the point's slider."""
        return {
            "h": log_slider("step h", 1e-2, -16, 0, 0.25),
            "method": choice("method", NAMES),
            "x2": slider("x₂", 1.0, 0.1, 1.9, 0.05),
        }

    def build(self) -> Figure:
        """Draw the curve on the left and a row per method on the right."""
        figure = new_figure(9.0, 3.7)
        left, right = figure.subplots(1, 2, width_ratios=(1, 1.15))
        t = np.linspace(0.05, np.sqrt(np.pi) - 1e-3, 400)
        left.plot(t, examples.f(X1, t), color=INK)
        left.axvspan(np.sqrt(np.pi), 2.0, color="#eceef1")
        left.text(1.885, 4.0, "outside the domain", rotation=90, color=MUTED, ha="center", va="center")
        (self.slope,) = left.plot([], [], linewidth=2)
        (self.points,) = left.plot([], [], linestyle="none", markersize=8)
        (self.here,) = left.plot([], [], marker="o", color=INK, markersize=4)
        left.set(xlim=(0, 2), ylim=(0, 8), xlabel="$x_2$", ylabel="$f(2, x_2)$")
        left.set_title("The slope that the method answers")
        self.rows = plots.draw_methods(right, dict.fromkeys(NAMES, 1e-10))
        (self.ring,) = right.plot([], [], marker="o", markersize=16, markerfacecolor="none", color=INK)
        # A method without an answer says so at the right edge of its row.
        at_edge = {"transform": right.get_yaxis_transform(), "color": WARNING, "ha": "right", "va": "center"}
        self.no_answer = {
            name: right.text(0.99, row, "✕ no answer", **at_edge)
            for row, name in enumerate(NAMES)
            if "difference" in name
        }
        right.set_title("How far off each of them is")
        figure.tight_layout()
        marks = [self.slope, self.points, self.here, *self.rows.values(), self.ring]
        self.moving(*marks, *self.no_answer.values())
        return figure

    def update(self, h: float, method: str, x2: float) -> str:
        """Move the slope, the points and the rows; tell the digits."""
        with np.errstate(all="ignore"):
            inside = bool(np.isfinite(examples.f(X1, x2)))
        if not inside:
            raise ExplainedError(
                f"f is not defined at (2, {x2:.2f}): sin(x₂²) = {np.sin(x2**2):.3f} is not positive, so log "
                "has nothing to take. No method can answer; move x₂ below √π ≈ 1.77."
            )
        got = cases.answers(h, X1, x2)
        # Where the machine has them, more digits than a float64; elsewhere the row "by hand" is at 0.
        precise = examples.df_dx2(np.longdouble(X1), np.longdouble(x2))
        exact, scale = got["by hand"], max(abs(float(precise)), 1e-300)
        for name, line in self.rows.items():
            error = float(abs(got[name] - precise)) / scale
            line.set_xdata([np.nan if np.isnan(error) else max(error, plots.FLOOR)])
            if name in self.no_answer:
                self.no_answer[name].set_visible(np.isnan(error))
        mark, answer = METHODS[method], got[method]
        row = list(self.rows).index(method)
        self.ring.set_data(self.rows[method].get_xdata(), [row])
        value = float(examples.f(X1, x2))
        touching = {"forward difference": [x2, x2 + h], "central difference": [x2 - h, x2 + h]}.get(
            method, [x2]
        )
        with np.errstate(all="ignore"):
            heights = [float(examples.f(X1, t)) for t in touching]
        self.points.set_data(touching, heights)
        self.points.set(color=mark.colour, marker=mark.marker)
        base = (touching[0], heights[0]) if np.all(np.isfinite(heights)) else (x2, value)
        ends = np.array([-1.0, 3.0])
        self.slope.set_data(ends, base[1] + answer * (ends - base[0]))
        self.slope.set_color(mark.colour)
        self.here.set_data([x2], [value])
        return self._words(method, answer, exact, h)

    def _words(self, method: str, answer: float, exact: float, h: float) -> str:
        mark = METHODS[method]
        step = f" with h = {plots.scientific(h)}" if "difference" in method else ""
        right, rest = plots.right_digits(answer, exact)
        if not np.isfinite(answer):
            told = "one of its two points is outside the domain of f, so there is no answer."
        elif not right:
            told = "not one digit is right."
        elif len(rest) <= 1:
            told = "all digits of a float are right, up to the last rounding."
        else:
            count = sum(c.isdigit() for c in right.lstrip("-0."))
            told = f"{count} digit{'s' if count != 1 else ''} right."
        shown = f"<b>{right}</b><span class='adlib-muted'>{rest}</span>"
        return (
            f"<table><tr><td style='color:{mark.colour}'><b>{mark.symbol} {method}</b>{step}</td>"
            f"<td class='adlib-number'>{shown}</td><td>{told}</td></tr>"
            f"<tr><td>the formula by hand</td><td class='adlib-number'>{exact:.16g}</td><td></td></tr>"
            "</table>"
        )
