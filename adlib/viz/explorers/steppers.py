"""What the steppers of notebooks 05 and 07 share: the picture, its formulas, and what is said when it goes wrong."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from adlib.study.diagnosis import Diagnosis, diagnose
from adlib.study.rows import AdjointStep, Row, TangentRow
from adlib.study.trace import Trace
from adlib.viz.explorer import ExplainedError, Explorer, alert, made_anew, slider, textbox
from adlib.viz.expressions import parse
from adlib.viz.formulas import mathtext, plain, rounded, unicode_text
from adlib.viz.graphs import GraphDrawing
from adlib.viz.labels import short
from adlib.viz.style import ROLES, new_figure
from adlib.viz.tables import TraceTable

__all__ = ["ARTICLE", "MOST_ROWS", "Stepper"]

ARTICLE = "x1 * sqrt(log(x1 / sin(x2**2)))"
MOST_ROWS = 14
"""More do not fit the table."""
WIDTH, HEIGHT = 9.0, 5.3
STRIP = 13.0
"""The font size of the formulas in the middle."""


class Stepper(Explorer):
    """A function that may be typed, a point, and a slider that walks through its trace."""

    headings: Sequence[tuple[str, str, float, bool]] = ()
    panel_height = "6.5em"

    def build(self) -> Figure:
        """Make the three parts: graph above, formula in the middle, table below."""
        self._structure: Any = None
        figure = new_figure(WIDTH, HEIGHT)
        self.graph_ax = figure.add_axes((0.005, 0.595, 0.99, 0.4))
        strip = figure.add_axes((0.005, 0.458, 0.99, 0.128))
        strip.set_axis_off()
        strip.set_xlim(0, 1)
        strip.set_ylim(0, 1)
        self.strip = strip
        self.strip_box = Rectangle((0, 0), 1, 1, linewidth=0, transform=strip.transAxes)
        self.strip_edge = Rectangle((0, 0), 0.005, 1, linewidth=0, transform=strip.transAxes)
        strip.add_patch(self.strip_box)
        strip.add_patch(self.strip_edge)
        put: Any = {"fontsize": STRIP, "va": "baseline"}
        self.formulas = [strip.text(0, 0, "", **put) for _ in range(2)]
        self.numbers = [strip.text(0, 0, "", **put) for _ in range(2)]
        still, moving = (figure.add_axes((0.005, 0.008, 0.99, 0.44)) for _ in range(2))
        self.table = TraceTable(still, moving, self.headings)
        self.drawing: GraphDrawing
        self.moving(self.graph_ax, strip, moving)
        return figure

    def point_controls(self) -> dict[str, widgets.Widget]:
        """Make the controls for the function and the point."""
        return {
            "function": textbox("f(x1, x2) =", ARTICLE),
            "x1": slider("$x_1$", 2.0, -1.0, 4.0, 0.05),
            "x2": slider("$x_2$", 1.0, -2.0, 2.0, 0.05),
        }

    def traced(self, function: str, x1: float, x2: float) -> Diagnosis:
        """Run what was typed and look at the run; draw its graph and its table's formulas if they are new."""
        found = diagnose(parse(function), x1, x2)
        t = found.trace
        if not t.outputs:
            raise ExplainedError("this does not depend on x1 or x2: every derivative of it is 0")
        if len(t) > MOST_ROWS:
            raise ExplainedError(
                f"this has {len(t) - 2} operations, and {MOST_ROWS - 2} fit into the picture: "
                "take a shorter one"
            )
        # x1 and x2 have the same rows: which of them is the output tells them apart
        structure = t.outputs, [(row.gate, row.operands, t.text(row)) for row in t.rows]
        if structure != self._structure:
            self.drawing = GraphDrawing(self.graph_ax, t.graph(), badge_lines=1, edge_labels=True)
            self.table.rebuild(*self.written(t))
            self._structure = structure
            self.redraw()
        return found

    def written(self, t: Trace) -> tuple[list[list[str]], list[int]]:
        """Write the formulas of the table; see `TraceTable.rebuild`."""
        raise NotImplementedError

    def reach(self, last: int) -> None:
        """Let the slider of steps end where the trace does."""
        step = self.inputs["step"]
        if step.max != last:
            with self._held():
                step.value = min(step.value, last)
                step.max = last
            made_anew(step)

    def strip_shows(self, role: str, *lines: tuple[str, str, str]) -> None:
        """Write up to two lines on the strip: a role for the colour, LaTeX with names, text with numbers.

        Only the names are set by mathtext, which takes 15 ms for a formula that it has not met before: they
        are the same at each move.
        """
        self.strip_box.set_facecolor(ROLES[role].tint)
        self.strip_edge.set_facecolor(ROLES[role].colour)
        width = 72 * WIDTH * self.strip.get_position().width
        renderer = self.strip.get_figure().canvas.get_renderer()  # type: ignore[union-attr]
        for k, (formula, numbers) in enumerate(zip(self.formulas, self.numbers, strict=True)):
            colour, latex, text = lines[k] if k < len(lines) else ("primal", "", "")
            formula.set_text(f"${mathtext(latex)}$" if latex else "")
            numbers.set_text(text)
            at = (0.62, 0.17)[k] if len(lines) > 1 else 0.39
            size = STRIP
            for attempt in range(2):
                ends = []
                for part in (formula, numbers):
                    part.set_fontsize(size)
                    part.set_color(ROLES[colour].colour)
                    box = part.get_window_extent(renderer) if part.get_text() else None
                    ends.append(box.width * 72 / renderer.dpi if box else 0.0)
                total = 16 + sum(ends) + 0.6 * size
                if total <= width - 8 or attempt:
                    break
                size *= (width - 24) / total
            formula.set_position((16 / width, at))
            numbers.set_position(((16 + ends[0] + 0.6 * size) / width, at))


def primal_line(t: Trace, row: Row) -> tuple[str, str, str]:
    """Write a row's operation for the strip."""
    return "primal", f"{name(row)} = {t.formula(row)}", equals(t.numbers_text(row), row.value)


def equals(numbers: str, result: Any) -> str:
    """Write "= formula with numbers = result", or only the result if there is nothing between."""
    between, end = unicode_text(numbers), rounded(result)
    return f"=  {end}" if between.strip("()") == end else f"=  {between}  =  {end}"


def name(row: Row) -> str:
    """Write a row's name in LaTeX."""
    return f"v_{{{row.index}}}"


def convention(found: Diagnosis) -> str:
    """Name the first gate that stands where it has no derivative, and what it answers; empty if none does."""
    kinks = (f"{f.operation}: {f.words}" for f in found if f.kind == "kink")
    return next((f"by a convention: {html.escape(told)}" for told in kinks), "")


def steep(steps: Sequence[TangentRow | AdjointStep]) -> str:
    """Say where a derivative stops being finite though the values are."""
    for step in steps:
        sign, part = ("=", step.tangent) if isinstance(step, TangentRow) else ("+=", step.contribution)
        if bad(part):
            told = f"{step.symbol} {sign} {step.text} has no finite value here."
            return alert(f"All values are finite, a derivative is not: {told}")
    return ""


def bad(x: Any) -> bool:
    """Tell whether this is no ordinary number."""
    return not bool(np.isfinite(x))


def badge(x: Any) -> Any:
    """Write a tangent or an adjoint for the line under its value in the graph."""
    return "nan" if np.isnan(x) else short(x, 5)


def label(partial: Any) -> str:
    """Write a local derivative on its edge: in four digits, for which there is room."""
    return "nan" if np.isnan(one(partial)) else short(partial, 4)


def one(x: Any) -> Any:
    """A local derivative as a number: a gate without one, such as ``where``, has none to show."""
    return np.nan if x is None else x


def values(t: Trace) -> dict[str, Any]:
    """List what the graph's nodes carry."""
    return {r.name: plain(r.value) if bad(r.value) else r.value for r in t.rows}
