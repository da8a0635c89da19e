"""Notebook 01: a point on the surface of f, its gradient, and a descent from there."""

from __future__ import annotations

from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch

import adlib
from adlib.lesson import examples
from adlib.viz.drawings.surface import descent, draw_surface
from adlib.viz.explorer import Explorer, alert, log_slider, slider, step_slider
from adlib.viz.style import CARD, INK, ROLES, WARNING, new_figure

__all__ = ["DescentExplorer"]

ARROW = 0.55
STEPS = 60
TOP = 3.5
"""How far up x₂ is seen; the slider ends below, so that the mark of its end is whole."""


class DescentExplorer(Explorer):
    """Choose a start, a learning rate and a number of steps; see the path, and f along it.

    In notebook 01.  Keywords say where the controls begin: ``x1``, ``x2``, ``rate``, ``steps``.
    """

    alt = (
        "Left: contours of f over x1 and x2, grey outside its domain, with a point, an arrow along its gradient, "
        "and the path of a descent. Right: f after each step of the descent."
    )
    panel_height = "8em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make sliders for the start, the learning rate and the steps."""
        return {
            "x1": slider("x₁", 3.0, 0.1, 4.0, 0.05),
            "x2": slider("x₂", 0.5, 0.05, 3.2, 0.05),
            "rate": log_slider("learning rate", 0.05, -3, 0, 0.05),
            "steps": step_slider("steps", 20, 0, STEPS),
        }

    def build(self) -> Figure:
        """Draw the surface on the left, the axes for f on the right."""
        figure = new_figure(9.0, 4.3)
        left, right = figure.subplots(1, 2, width_ratios=(1.2, 1))
        draw_surface(left, top=TOP)
        path = ROLES["output"]
        (self.path,) = left.plot([], [], color=path.colour, marker=".", markersize=5, linewidth=1.3)
        (self.out,) = left.plot([], [], color=WARNING, linestyle=":", linewidth=1.4)
        (self.lost,) = left.plot(
            [], [], color=WARNING, marker="x", markersize=9, markeredgewidth=2, linestyle="none", zorder=6
        )
        self.arrow = FancyArrowPatch(
            (0, 0),
            (1, 1),
            arrowstyle="-|>",
            mutation_scale=13,
            color=ROLES["adjoint"].colour,
            linewidth=2,
            zorder=5,
            clip_on=False,
        )
        left.add_patch(self.arrow)
        (self.start,) = left.plot(
            [], [], marker="o", markersize=9, markerfacecolor=CARD, color=INK, linestyle="none"
        )
        left.set_aspect("equal")  # or the gradient would not look as if it crossed contours at right angles
        left.set_title("The point, its gradient, the descent")
        (self.values_line,) = right.plot([], [], color=path.colour, marker=".", markersize=5, linewidth=1.3)
        (self.end,) = right.plot(
            [], [], color=WARNING, marker="x", markersize=9, markeredgewidth=2, linestyle="none"
        )
        right.set(xlabel="step", ylabel="$f$", xlim=(-1, STEPS + 1), ylim=(0, 12))
        right.set_title("f after each step")
        figure.tight_layout()
        self.moving(self.path, self.out, self.lost, self.arrow, self.start, self.values_line, self.end)
        return figure

    def update(self, x1: float, x2: float, rate: float, steps: int) -> str:
        """Walk down from the point, and say how far it went."""
        with np.errstate(all="ignore"):
            value, gradient = adlib.value_and_grad(examples.f, argnums=(0, 1))(x1, x2)
        self.start.set_data([x1], [x2])
        self.arrow.set_visible(bool(np.all(np.isfinite((value, *gradient)))))
        if not self.arrow.get_visible():
            for line in (self.path, self.out, self.values_line, self.end):
                line.set_data([], [])
            self.lost.set_data([x1], [x2])
            return alert(self._why_not(x1, x2))
        points, values = descent(examples.f, (x1, x2), rate, steps)
        inside = np.isfinite(values)
        left = not inside[-1]
        self.path.set_data(*points[inside].T)
        self.out.set_data(*(points[-2:].T if left else ([], [])))
        self.lost.set_data(*(points[-1:].T if left else ([], [])))
        length = float(np.hypot(*gradient))
        tip = (x1 + ARROW * gradient[0] / length, x2 + ARROW * gradient[1] / length)
        self.arrow.set_positions((x1, x2), tip)
        taken = np.arange(len(values))[inside]
        self.values_line.set_data(taken, values[inside])
        self.end.set_data(*(([taken[-1]], [values[inside][-1]]) if left else ([], [])))
        return self._words(value, gradient, points, values, left)

    @staticmethod
    def _why_not(x1: float, x2: float) -> str:
        s = float(np.sin(x2**2))
        why = "its logarithm is below 0: the root" if s > 0 else "the logarithm"
        return (
            f"f has no value at ({x1:.2f}, {x2:.2f}): sin(x₂²) = {s:.3f}, so x₁ / sin(x₂²) = {x1 / s:.3f} "
            f"is below 1, and {why} has nothing to take."
        )

    @staticmethod
    def _words(
        value: float, gradient: tuple[float, float], points: np.ndarray, values: np.ndarray, left: bool
    ) -> str:
        taken = len(values) - 1 - left
        last, end = points[taken], values[taken]
        if left:
            place = f"({points[-1][0]:.2f}, {points[-1][1]:.2f})"
            told = f"⚠ Step {taken + 1} leaves the domain, for {place}: there is no f there."
        elif not (0 <= last[0] <= 4.2 and 0 <= last[1] <= TOP):
            told = "⚠ A step was so large that the path has left the picture."
        elif taken == 0:
            told = "No step yet. The arrow shows the way up; a descent goes the other way."
        elif np.any(np.diff(values[: taken + 1]) > 0):
            told = "Not every step went down: the learning rate is large for this place."
        else:
            told = "Every step went down."
        return (
            "<table><tr><th></th><th>x₁</th><th>x₂</th><th>f</th><th class='adlib-adjoint'>∂f/∂x₁</th>"
            "<th class='adlib-adjoint'>∂f/∂x₂</th></tr>"
            f"<tr><td>start</td><td>{points[0][0]:.2f}</td><td>{points[0][1]:.2f}</td>"
            f"<td class='adlib-number'>{value:.4f}</td><td class='adlib-number'>{gradient[0]:.4f}</td>"
            f"<td class='adlib-number'>{gradient[1]:.4f}</td></tr>"
            f"<tr><td>after {taken} step{'s' if taken != 1 else ''}</td><td>{last[0]:.2f}</td><td>{last[1]:.2f}</td>"
            f"<td class='adlib-number'>{end:.4f}</td><td></td><td></td></tr></table><div>{told}</div>"
        )
