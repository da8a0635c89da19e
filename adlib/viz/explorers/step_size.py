"""Notebook 02: the step h from 1 to 1e-16, the function under a microscope beside the error's V."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib import numerical
from adlib.viz import cases, plots
from adlib.viz.explorer import Explorer, choice, log_slider, textbox
from adlib.viz.expressions import parse
from adlib.viz.style import INK, METHODS, MUTED, WARNING, new_figure

__all__ = ["StepSizeExplorer"]

OWN = "your own, at x = 1"
MORE = 20
"""By what factor a measured error may leave the model before the words leave it, too."""


class StepSizeExplorer(Explorer):
    """Slide the step; see the function over a few steps, and where its error lies on the V.

    In notebook 02.  Keywords say where the controls begin: ``h``, ``method``, ``function``,
    ``precision``, ``own``.
    """

    alt = (
        "Left: the function over four steps around x, with its true slope and the quotient's. "
        "Right: the quotient's error against the step, both axes logarithmic, with the truncation and "
        "round-off lines of the model; a marker shows the current step."
    )
    panel_height = "8.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the step's slider, three menus, and the line to type into."""
        self._shown: Any = None
        self._typed: dict[str, cases.Case] = {}
        menu = [(case.name, name) for name, case in cases.CASES.items()] + [(OWN, "own")]
        made = {
            "h": log_slider("step h", 0.1, -16, 0, 0.25),
            "method": choice("method", ["forward difference", "central difference"]),
            "function": choice("function", menu),
            "precision": choice("numbers", ["float64", "float32"]),
            "own": textbox("your own f(x)", "exp(sin(3*x))"),
        }
        made["own"].observe(self._choose_own, names="value")
        return made

    def build(self) -> Figure:
        """Draw the microscope on the left, the V on the right."""
        figure = new_figure(9.0, 4.1)
        self.left, self.right = figure.subplots(1, 2)
        case = cases.CASES["f"]
        self.scope = plots.draw_microscope(self.left, case, 0.1)
        self.left.set_title("f between x − 2h and x + 2h")
        method: plots.Quotient = "forward difference"
        self.v = plots.draw_v(self.right, case, (method,), marks=False)
        self.points = self.v[method]
        self.truncation, self.roundoff = self.v[f"{method} truncation"], self.v[f"{method} round-off"]
        self.best = self.right.axvline(1e-8, color=MUTED, linewidth=0.8)
        (self.cursor,) = self.right.plot([], [], color=INK, linewidth=1.0, zorder=1)
        (self.now,) = self.right.plot([], [], linestyle="none", markersize=11, markeredgecolor=INK, zorder=6)
        at_edge: Any = {"transform": self.right.get_xaxis_transform(), "clip_on": False}
        (self.none,) = self.right.plot([], [], "x", color=WARNING, markersize=9, markeredgewidth=2, **at_edge)
        self.no_answer = self.right.text(
            1, 0.93, "no answer", color=WARNING, ha="right", va="center", **at_edge
        )
        self.right.set_title("The quotient's error makes a V")
        figure.subplots_adjust(left=0.095, right=0.985, bottom=0.22, top=0.92, wspace=0.24)
        self.moving(*self.scope.values(), self.cursor, self.now, self.none, self.no_answer)
        return figure

    def update(self, h: float, method: Any, function: str, precision: str, own: str) -> str:
        """Move the microscope and the marker; redraw the V if function, method or precision changed."""
        case = self._case(function, own)
        dtype: type[np.floating[Any]] = np.float32 if precision == "float32" else np.float64
        kind: Any = method.split()[0]
        derivative = case.second if kind == "forward" else case.third
        best = numerical.best_step(case.value, derivative, kind, dtype)
        key = (case, method, precision)
        plots.set_microscope(self.scope, case, h, method, dtype)
        if self._shown != key:
            self._draw_v(case, method, dtype, kind, derivative, best.h)
            self._shown = key
        got = float(plots.measure(case, np.array([h]), method, dtype)[0])
        error = float(plots.errors(case, np.array([got]))[0])
        self.cursor.set_data([h, h], [plots.FLOOR / 10, 1e4])
        self.now.set_data([h], [error])
        answered = bool(np.isfinite(got))
        self.none.set_data(*(([], []) if answered else ([h], [0.93])))
        self.no_answer.set(x=0.35 * h, visible=not answered)
        told = self._told(h, got, case, method, dtype)
        truncation = float(numerical.truncation_error(h, derivative, kind))
        roundoff = float(numerical.roundoff_error(h, case.value, kind, dtype))
        off = plots.scientific(abs(got - case.first)) if answered else ""
        # The model takes round-off for a fraction of f: where f is 0 it sees none, and names no best step.
        bottom = "any" if np.isinf(best.h) else plots.scientific(best.h) if best.h else "none: f is 0"
        return (
            f"<div>{told}</div><table><tr><th>h</th><th>quotient</th><th>f′(x)</th><th>error</th>"
            "<th>┅ truncation</th><th>⋯ round-off</th><th>best h</th></tr>"
            f"<tr><td>{plots.scientific(h)}</td><td class='adlib-number'>{got:.12g}</td>"
            f"<td class='adlib-number'>{case.first:.12g}</td><td>{off}</td>"
            f"<td>{plots.scientific(truncation)}</td><td>{plots.scientific(roundoff)}</td>"
            f"<td>{bottom}</td></tr></table>"
        )

    def _choose_own(self, _change: object) -> None:
        """Who types a function wants to see it."""
        self.inputs["function"].value = "own"

    def _case(self, function: str, own: str) -> cases.Case:
        if function != "own":
            return cases.CASES[function]
        if own not in self._typed:
            f = parse(own, ["x"])
            # + 0x: a constant, too, has one value for each x
            self._typed = {own: cases.case_of(lambda x: f(x) + 0 * x, 1.0, own)}
        return self._typed[own]

    def _draw_v(
        self, case: cases.Case, method: Any, dtype: Any, kind: Any, derivative: float, best: float
    ) -> None:
        mark = METHODS[method]
        self.points.set_ydata(plots.errors(case, plots.measure(case, plots.STEPS, method, dtype)))
        self.points.set(color=mark.colour, marker=mark.marker, markerfacecolor=mark.tint)
        low = plots.FLOOR / 100
        self.truncation.set_ydata(np.maximum(numerical.truncation_error(plots.STEPS, derivative, kind), low))
        self.roundoff.set_ydata(
            np.maximum(numerical.roundoff_error(plots.STEPS, case.value, kind, dtype), low)
        )
        for line in (self.truncation, self.roundoff):
            line.set_color(mark.colour)
        self.best.set_xdata([best, best])
        self.now.set(color=mark.colour, marker=mark.marker, markeredgecolor=INK)
        below: Any = {
            "loc": "upper center",
            "bbox_to_anchor": (0.5, -0.15),
            "handlelength": 1.5,
            "columnspacing": 0.7,
        }
        self.right.legend(
            [self.points, self.truncation, self.roundoff, self.best],
            ["measured", "truncation", "round-off", "best h"],
            ncols=4,
            **below,
        )
        lines = [self.scope[name] for name in ("curve", "secant", "tangent")]
        self.left.legend(lines, ["f, as computed", "quotient's slope", "true slope"], ncols=3, **below)
        self.left.set_ylim(*plots.microscope_window(case))
        self.redraw()

    @staticmethod
    def _told(h: float, got: float, case: cases.Case, method: Any, dtype: Any) -> str:
        """Say which error rules, and what to do; the model is asked only where it is near what is measured."""
        kind = method.split()[0]
        truncation = float(
            numerical.truncation_error(h, case.second if kind == "forward" else case.third, kind)
        )
        roundoff = float(numerical.roundoff_error(h, case.value, kind, dtype))
        error, x, step = abs(got - case.first), dtype(case.x), dtype(h)
        if not np.isfinite(got):
            return "One of the two points is outside the domain: there is no quotient."
        if error == 0:
            return "The quotient is f′(x), to the last digit: no error that a float could show."
        if x + step == x and (kind == "forward" or x - step == x):
            return "The step is lost in rounding: x + h is x, so both values of f are the same, and the quotient is 0."
        if error > MORE * (truncation + roundoff):
            smaller, larger = _best_around(h, case, method, dtype)
            if smaller < min(larger, error):
                return (
                    "More than both lines of the model: within a step, f has a kink or a jump, or bends in a way "
                    "that the model's one term does not see. A smaller step helps."
                )
            if larger < error:
                return (
                    "More than both lines of the model: f loses more digits inside than by the one rounding that "
                    "the model counts. A larger step helps."
                )
            return "More than both lines of the model, and no other step does much better."
        if truncation > 3 * roundoff and error < truncation / MORE:
            return (
                "Less than the model says: its dashed line takes f to be smooth, with one term that rules. "
                "Here f is not, or its terms cancel at this very step."
            )
        if truncation > 3 * roundoff:
            return "Truncation dominates: the curve bends away from its tangent within a step. A smaller step helps."
        if roundoff > 3 * truncation and got == 0:
            return "The step is lost in rounding: both values of f are the same, and the quotient is 0."
        if roundoff > 3 * truncation:
            return "Round-off rules: f has only so many digits, and the quotient divides what is lost by h."
        return "Near the bottom: both errors are about equally large, and no step does much better."


def _best_around(h: float, case: cases.Case, method: Any, dtype: Any) -> tuple[float, float]:
    """Return the least error by smaller and by larger steps; of five neighbours the worst, as luck may not count."""
    with np.errstate(all="ignore"):
        error = plots.errors(case, plots.measure(case, plots.STEPS, method, dtype))
    error = np.where(np.isfinite(error), error, np.inf)
    worst = np.max(np.lib.stride_tricks.sliding_window_view(error, 5), axis=1)
    below = plots.STEPS[4:] < h
    above = plots.STEPS[:-4] > h
    return float(np.min(worst[below], initial=np.inf)), float(np.min(worst[above], initial=np.inf))
