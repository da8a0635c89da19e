"""Notebook 03: rules applied one at a time, and how large the results get, as trees and as DAGs."""

from __future__ import annotations

import functools
from collections.abc import Mapping

import ipywidgets as widgets
from matplotlib.figure import Figure

from adlib.formula.derivation import Step, derivation
from adlib.formula.expr import symbols
from adlib.lesson import examples
from adlib.viz.drawings.swell import FAMILIES, MOST, draw_sizes, sizes
from adlib.viz.explorer import Explorer, choice, step_slider
from adlib.viz.style import INK, MUTED, new_figure

__all__ = ["SwellExplorer", "steps_of_f"]


@functools.cache
def steps_of_f() -> tuple[Step, ...]:
    """Differentiate the running example by x₂, one rule at a time."""
    x1, x2 = symbols("x1 x2")
    return tuple(derivation(examples.f(x1, x2), x2))


class SwellExplorer(Explorer):
    """Slide through the rules, and through n.

    In notebook 03.  Keywords say where the controls begin: ``step``, ``n``, ``family``.
    """

    alt = (
        "Above: the derivative of f by the second input after so many rules, with what is still to be differentiated "
        "in brackets. Below: the size of a derivative against n on a logarithmic axis, written out as a tree and "
        "shared as a DAG, with the chosen n marked."
    )
    panel_height = "8.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the sliders of the rule and of n, and the menu of families."""
        return {
            "step": step_slider("rules applied", 0, 0, len(steps_of_f()) - 1),
            "n": step_slider("n", 4, 2, MOST),
            "family": choice("family", FAMILIES),
        }

    def build(self) -> Figure:
        """Draw the sizes, and make room for the formula."""
        figure = new_figure(9.6, 4.3)
        grid = figure.add_gridspec(
            2, 1, height_ratios=(1, 2.1), left=0.08, right=0.98, top=0.97, bottom=0.13, hspace=0.25
        )
        top = figure.add_subplot(grid[0])
        top.set_axis_off()
        self.rule = top.text(0.0, 1.0, "", weight="bold", va="top", color=INK, transform=top.transAxes)
        self.formula = top.text(0.0, 0.3, "", va="center", color=INK, transform=top.transAxes)
        self.ax = figure.add_subplot(grid[1])
        self.lines = draw_sizes(self.ax, next(iter(FAMILIES)))
        self.ax.legend(loc="upper left")
        self.here = self.ax.axvline(4, color=MUTED, linewidth=1)
        self.marks = [
            self.ax.plot([], [], "o", markersize=11, markerfacecolor="none", color=INK)[0] for _ in range(2)
        ]
        self.shown = next(iter(FAMILIES))
        self.moving(self.rule, self.formula, self.here, *self.marks)
        return figure

    def update(self, step: int, n: int, family: str) -> str:
        """Show the formula after so many rules, and the sizes at n."""
        at_n = [values[n - 2] for values in sizes(family)]
        self.here.set_xdata([n, n])
        for mark, value in zip(self.marks, at_n, strict=True):
            mark.set_data([n], [value])
        if family != self.shown:
            self.shown = family
            for line, values in zip(self.lines.values(), sizes(family), strict=True):
                line.set_ydata(values)
            self.ax.relim()  # the marks count, too: they are in their new places
            self.ax.autoscale_view(scalex=False)
            self.redraw()
        current = steps_of_f()[step]
        self.rule.set_text(f"{step}: {current.rule}")
        text = current.result.latex().replace(r"\,", r"\ ")
        self.formula.set_text(rf"$\frac{{\partial f}}{{\partial x_2}}\ =\ {text}$" if step else f"${text}$")
        self._fit()
        trees, dags = at_n
        left = str(current.result).count("D(")
        still = (
            "nothing is left to differentiate"
            if not left
            else f"{left} part{'s' if left > 1 else ''} still to go"
        )
        return (
            f"<p><b>{current.rule}</b>: {current.result.tree_size} parts, {still}.</p>"
            f"<p>{family}, n = {n}: the derivative has <b>{trees:,}</b> parts written out, and "
            f"<b>{dags:,}</b> different ones, {trees / dags:.1f} to 1.</p>"
        )

    def _fit(self) -> None:
        """Make the formula as large as fits."""
        room = self.figure.bbox.width * 0.9
        self.formula.set_fontsize(15)
        wide = self.formula.get_window_extent(self.figure.canvas.get_renderer()).width  # type: ignore[attr-defined]
        if wide > room:
            self.formula.set_fontsize(15 * room / wide)
