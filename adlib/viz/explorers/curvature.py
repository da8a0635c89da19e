"""Notebook 14: the curvature at a point, and what gradient descent and Newton's method make of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib.engine.derivatives import grad, hessian
from adlib.viz import plots
from adlib.viz.drawings.curvature import (
    DESCENT,
    LANDSCAPES,
    NEWTON,
    Landscape,
    conic,
    gradient_path,
    newton_path,
)
from adlib.viz.explorer import Explorer, choice, log_slider, slider, step_slider
from adlib.viz.style import GRID, INK, MUTED, new_figure

__all__ = ["CurvatureExplorer"]


class CurvatureExplorer(Explorer):
    """A point in a landscape: its quadratic model, and two ways down.

    In notebook 14.  Keywords say where the controls begin: ``landscape``, ``rate``, ``x``, ``y``,
    ``steps``.
    """

    alt = (
        "Left: level lines of a function of two variables, the level line of its quadratic model through the "
        "starting point, and the paths of gradient descent and of Newton's method. Right: the length of the "
        "gradient after each step, for both, on a logarithmic axis."
    )
    panel_height = "9.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the landscape's menu and the sliders of the start, the rate and the steps."""
        return {
            "landscape": choice("landscape", LANDSCAPES),
            "rate": log_slider("learning rate", 1e-3, -4, 0, 0.1),
            "x": slider("start x", -1.2, -2, 2, 0.1, ".1f"),
            "y": slider("start y", 1.0, -2, 3, 0.1, ".1f"),
            "steps": step_slider("steps", 6, 0, 60),
        }

    def build(self) -> Figure:
        """Draw all level lines once; only one set is seen."""
        figure = new_figure(9.0, 4.0)
        self.left, right = figure.subplots(1, 2, width_ratios=(1.15, 1))
        self.contours: dict[str, Any] = {}
        for name, land in LANDSCAPES.items():
            x, y = (np.linspace(*window, 161) for window in (land.x, land.y))
            z = land.function(np.meshgrid(x, y))
            self.contours[name] = self.left.contour(
                x, y, z, land.levels, colors=MUTED, linewidths=0.8, linestyles="solid"
            )
        self.left.set(xlabel="x", ylabel="y")
        (self.model,) = self.left.plot(
            [], [], color=INK, linestyle=":", linewidth=1.6, label="the model's level line"
        )
        kinds = {"descent": DESCENT, "newton": NEWTON}
        self.paths = {
            k: self.left.plot([], [], **m.line, markersize=4, linewidth=1.6, label=m.name)[0]
            for k, m in kinds.items()
        }
        (self.start,) = self.left.plot([], [], "o", color=INK, markersize=7)
        self.lengths = {
            k: right.plot([], [], **m.line, markersize=4, linewidth=1.6, label=m.name)[0]
            for k, m in kinds.items()
        }
        right.set(xlim=(-1, 61), ylim=(1e-17, 1e5), yscale="log", xlabel="step", ylabel="|∇f|")
        right.set_yticks([1e-16, 1e-12, 1e-8, 1e-4, 1, 1e4])
        right.grid(color=GRID)
        right.set_title("How steep it still is")
        self.left.set_title("Two ways down")
        figure.tight_layout(rect=(0, 0.08, 1, 1))
        self.start.set_clip_on(
            False
        )  # whole at the edge; the layout must not look at it, as it is nowhere yet
        handles = [self.model, *self.paths.values()]
        figure.legend(handles, [h.get_label() for h in handles], loc="lower center", ncols=3)
        self.shown = ""
        self.moving(self.model, *self.paths.values(), self.start, *self.lengths.values())
        return figure

    def update(self, landscape: str, rate: float, x: float, y: float, steps: int) -> str:
        """Walk both ways from the start and tell where they are."""
        land = LANDSCAPES[landscape]
        if landscape != self.shown:
            self.shown = landscape
            for name, lines in self.contours.items():
                lines.set_visible(name == landscape)
            self.left.set(xlim=land.x, ylim=land.y)
            self.redraw()
        point, slope = np.array([x, y]), grad(land.function)
        curvature = hessian(land.function)(point)
        self.model.set_data(*conic(point, slope(point), curvature).T)
        self.start.set_data([x], [y])
        walks = {
            "descent": gradient_path(land.function, point, rate, steps),
            "newton": newton_path(land.function, point, min(steps, 12)),
        }
        told = []
        for name, path in walks.items():
            self.paths[name].set_data(*path.T)
            lengths = [float(np.hypot(*slope(p))) for p in path]
            self.lengths[name].set_data(range(len(path)), np.maximum(lengths, 1e-16))
            told.append(self._told(name, path, lengths, land, steps))
        bends = np.linalg.eigvalsh(curvature)
        kind = "a bowl" if bends[0] > 0 else "a hilltop" if bends[1] < 0 else "a saddle"
        return (
            f"<p>At the start the model is <b>{kind}</b>: its curvatures are {bends[0]:.4g} and {bends[1]:.4g}."
            f" f = {land.formula}</p><table><tr><th></th><th>ends at</th><th>f</th><th>|∇f|</th></tr>"
            f"{''.join(told)}</table>"
        )

    @staticmethod
    def _told(name: str, path: Any, lengths: list[float], land: Landscape, steps: int) -> str:
        mark = DESCENT if name == "descent" else NEWTON
        (x, y), height = path[-1], float(land.function(path[-1]))
        taken = "1 step" if len(path) == 2 else f"{len(path) - 1} steps"
        gone = (
            " and then leaves the world" if len(path) <= min(steps, 12 if name == "newton" else steps) else ""
        )
        return (
            f"<tr><td style='color:{mark.colour}'>{mark.symbol} {mark.name}, {taken}{gone}</td>"
            f"<td class='adlib-number'>({x:.4g}, {y:.4g})</td><td class='adlib-number'>{height:.3g}</td>"
            f"<td class='adlib-number'>{plots.scientific(lengths[-1])}</td></tr>"
        )
