"""Notebook 04: values flow through the graph of a function; another input can give another graph."""

from __future__ import annotations

import html
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib.formula import digits
from adlib.lesson import examples
from adlib.study.diagnosis import Diagnosis, diagnose
from adlib.study.graph import count_paths
from adlib.study.rows import Row
from adlib.study.trace import Trace
from adlib.viz.diagnoses import lost_number
from adlib.viz.explorer import (
    ExplainedError,
    Explorer,
    alert,
    choice,
    made_anew,
    slider,
    step_slider,
    textbox,
)
from adlib.viz.expressions import parse
from adlib.viz.graphs import GraphDrawing
from adlib.viz.style import WARNING, new_figure

__all__ = ["FUNCTIONS", "GraphExplorer"]

TYPED = "your own, typed below"
DIGITS = 6
"""As many as a node of the graph has."""


FUNCTIONS: Mapping[str, Callable[..., Any] | None] = {
    "the article's f": examples.f,
    "the survey's example": examples.survey,
    "an if": examples.branching,
    "a while loop": examples.looping,
    TYPED: None,
}
"""What the menu offers; None stands for the text box."""


class GraphExplorer(Explorer):
    """Choose or type a function, slide its inputs, and step through the rows of its trace.

    In notebook 04.  Keywords say where the controls begin: ``function`` (a key of `FUNCTIONS`), ``x1``,
    ``x2``, ``row``, ``typed``.
    """

    alt = (
        "A computational graph, inputs on the left, output on the right. Each node carries its name, its gate"
        " and its value; the row that the slider points at is lit, and rows after it are still empty."
    )
    panel_height = "8em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the menu, the text box, the inputs, the row."""
        made = {
            "function": choice("function", FUNCTIONS),
            "x1": slider("x₁", 2.0, -1.0, 5.0, 0.1),
            "row": step_slider("rows done", 8, 1, 8),
            "x2": slider("x₂", 1.0, -1.0, 5.0, 0.1),
            "typed": textbox("your own", "x1 * exp(-x2**2)"),
        }
        made["typed"].observe(self._choose_typed, names="value")
        return made

    def build(self) -> Figure:
        """Make room for the graph; which one it is, only a trace can tell."""
        figure = new_figure(9.0, 3.3)
        self.ax = figure.add_axes((0.006, 0.02, 0.988, 0.96))
        self.drawing: GraphDrawing | None = None
        self._drawn: Any = None
        self.moving(self.ax)
        return figure

    def update(self, function: str, x1: float, x2: float, row: int, typed: str) -> str:
        """Trace the function at the point, light the row, fill in what is known by then."""
        f = FUNCTIONS[function] or parse(typed)
        found = self._diagnosed(f, x1, x2)
        t = found.trace
        done = self._limit(row, len(t))
        drawing = self._draw(t)
        current = t.rows[done - 1]
        unknown = [r.name for r in t.rows[done:]]
        drawing.show(
            values={r.name: r.value for r in t.rows},
            lit={current.name: "primal"},
            lit_edges={(t[p].name, current.name): "primal" for p in current.parents},
            waiting=unknown,
        )
        lost = [r.name for r in t.rows[:done] if not np.isfinite(r.value)]
        for name in lost:
            drawing.boxes[name].set_edgecolor(WARNING)
        return alert(lost_number(found) if lost else "") + self._words(f, t, current, done)

    # How it works.

    def _choose_typed(self, _change: object) -> None:
        """Who types wants to see what was typed."""
        self.inputs["function"].value = TYPED

    def _diagnosed(self, f: Callable[..., Any], x1: float, x2: float) -> Diagnosis:
        found = diagnose(f, float(x1), float(x2))
        if not found.trace.outputs:
            raise ExplainedError("this uses neither x1 nor x2: there is no graph to draw. Put one in.")
        return found

    def _limit(self, row: int, rows: int) -> int:
        """Let the slider end where the trace ends; who was at the end stays there."""
        control = self.inputs["row"]
        if control.max != rows:
            at_end = row >= control.max
            with self._held():
                control.max = rows
                if at_end:
                    control.value = rows
            made_anew(control)
            row = control.value
        return min(row, rows)

    def _draw(self, t: Trace) -> GraphDrawing:
        """Draw the trace's graph, unless the one on the picture has the same gates and edges."""
        rows = [(r.name, r.label, r.gate and r.gate.name, repr(r.operands)) for r in t.rows]
        shape = t.outputs, rows  # x1 and x2 have the same rows, but not the same output
        if self.drawing is None or shape != self._drawn:
            self.drawing = GraphDrawing(self.ax, t.graph())
            self._drawn = shape
        return self.drawing

    def _words(self, f: Callable[..., Any], t: Trace, row: Row, done: int) -> str:
        paths = count_paths(self.drawing.graph) if self.drawing else {}
        ways = ", ".join(f"{paths[r.name]} from {r.label}" for r in t.inputs)
        count = len(t) - len(t.inputs)
        made = f"the input {row.label}" if row.gate is None else f"{t.text(row)} = {_with_numbers(t, row)}"
        value = digits.typeset(digits.operand(row.value, DIGITS))
        return (
            f"<div style='display:flex;flex-wrap:wrap;gap:0 3em'>"
            f"<pre style='margin:4px 0;color:inherit'>{html.escape(_source(f))}</pre>"
            f"<div><p style='margin:4px 0'>row {done} of {len(t)}: &nbsp; {row.symbol} = {html.escape(made)}"
            f" = <b>{value}</b></p><p style='margin:4px 0' class='adlib-muted'>"
            f"This run met {count} gate{'s' if count != 1 else ''}. Paths to y: {ways}.</p></div></div>"
        )


def _with_numbers(t: Trace, row: Row) -> str:
    """Write a row's operation with the values of its operands."""
    written = re.sub(
        r"(?<=\w)\(\((-[^()]+)\)\)", r"(\1)", t.numbers_text(row, DIGITS)
    )  # log(-2), not log((-2))
    return digits.typeset(written)


def _source(f: Callable[..., Any]) -> str:
    """Show a function's code, without its docstring and its types."""
    text: str = getattr(f, "source", "") or inspect.getsource(f)
    text = re.sub(r'\s*"""(?s:.*?)"""', "", text, count=1)
    return re.sub(r"(: Any| -> Any)", "", text).strip()
