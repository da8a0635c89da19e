"""Notebook 07: walk down a trace and back up; graph, formula and table light up together."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

import ipywidgets as widgets

from adlib.formula import digits
from adlib.study.diagnosis import Diagnosis
from adlib.study.rows import AdjointStep
from adlib.study.trace import Trace
from adlib.viz.diagnoses import lost_number
from adlib.viz.explorer import alert, step_slider
from adlib.viz.explorers import steppers
from adlib.viz.formulas import SUM, plain, summed


class ReverseStepper(steppers.Stepper):
    """Walk down the primal trace, then back up: one contribution to one adjoint at a time.

    In notebook 07.  Keywords say where the controls begin: ``function``, ``x1``, ``x2``, ``step``.
    """

    alt = (
        "Above, the computational graph of f: an arrow runs backwards along the edge over which an adjoint "
        "is handed on. In the middle, the contribution as a formula with numbers, and the sum that it makes. "
        "Below, the table of the trace: each adjoint is the sum of what it has received."
    )
    headings = (
        ("operation", "primal", 0.012, False),
        ("value v", "primal", 0.33, True),
        ("received so far, from 0", "adjoint", 0.40, False),
        ("adjoint v̄", "adjoint", 0.985, True),
    )

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the controls: function, point, step."""
        return {**self.point_controls(), "step": step_slider("step", 14, 1, 17)}

    def written(self, t: Trace) -> tuple[list[list[str]], list[int]]:
        """Write each row's operation."""
        return [[f"{steppers.name(row)} = {t.formula(row)}", "", "", ""] for row in t.rows], [1, 2, 3]

    def update(self, function: str, x1: float, x2: float, step: int) -> str:
        """Show the trace as far as the step: first its values, then its adjoints."""
        found = self.traced(function, x1, x2)
        t = found.trace
        contributions = t.adjoint().steps
        self.reach(len(t) + len(contributions))
        step = min(step, len(t) + len(contributions))
        done = contributions[: max(0, step - len(t))]
        return self._forward(found, step) if not done else self._backward(found, done, len(contributions))

    def _forward(self, found: Diagnosis, step: int) -> str:
        t = found.trace
        row = t.rows[step - 1]
        edges = {(t[p].name, row.name): "primal" for p in row.parents}
        self.drawing.show(
            values=steppers.values(t),
            lit={row.name: "primal"},
            lit_edges=edges,
            waiting=[r.name for r in t.rows[step:]],
        )
        self.strip_shows("primal", steppers.primal_line(t, row))
        numbers = [[plain(r.value) if k < step else "", "", ""] for k, r in enumerate(t.rows)]
        self.table.show(numbers, {step - 1: "primal"})
        more = "All values are known now; the next step turns round." if step == len(t) else ""
        self.alt += f" Shown is the value of {row.symbol}, on the way forward."
        told = f"Forward, row {step} of {len(t)}: {row.symbol} = {html.escape(t.text(row))}."
        return f"{alert(lost_number(found))}<div>{told} Only values; they are kept for the way back. {more}</div>"

    def _backward(self, found: Diagnosis, done: Sequence[AdjointStep], total: int) -> str:
        t, now = found.trace, done[-1]
        received: dict[int, list[AdjointStep]] = {}
        for one in done:
            received.setdefault(one.target.index, []).append(one)
        lit = {now.target.name: "adjoint"}
        lit_edges = {}
        if now.source is not None:
            lit_edges = {(now.target.name, now.source.name): "adjoint"}
        self.drawing.show(
            values=steppers.values(t),
            lit=lit,
            lit_edges=lit_edges,
            badges={t[i].name: {"adjoint": steppers.badge(got[-1].total)} for i, got in received.items()},
            labels={edge: steppers.label(t.partial(*edge)) for edge in self.drawing.graph.edges},
        )
        self.strip_shows("adjoint", *self._formulas(now, received[now.target.index]))
        numbers = []
        for row in t.rows:
            got = received.get(row.index, [])
            numbers.append([plain(row.value), summed(got), plain(got[-1].total) if got else "0"])
        places = {row.index: k for k, row in enumerate(t.rows)}
        rows = {places[now.target.index]: "adjoint"}
        if now.source is not None:
            rows[places[now.source.index]] = "operation"
        self.table.show(numbers, rows)
        return self._words(found, done, total)

    @staticmethod
    def _formulas(now: AdjointStep, got: Sequence[AdjointStep]) -> list[tuple[str, str, str]]:
        bar = rf"\bar v_{{{now.target.index}}}"
        if now.source is None:
            return [("adjoint", rf"\bar y = {bar}", "=  1")]
        numbers = steppers.equals(now.numbers_text, now.contribution)
        total = digits.typeset(digits.operand(now.total, SUM))
        return [
            ("adjoint", rf"{bar} \mathrel{{+}}= {now.formula}", numbers),
            ("adjoint", bar, f"=  {summed(got)}  =  {total}"),
        ]

    def _words(self, found: Diagnosis, done: Sequence[AdjointStep], total: int) -> str:
        t, now, where = found.trace, done[-1], f"Backward, step {len(done)} of {total}"
        told = alert(lost_number(found)) or steppers.steep(done)
        if now.source is None:
            told += (
                f"<div>{where}: the seed. y changes by exactly as much as itself, so {now.symbol} = 1. "
                "All other adjoints start at 0.</div>"
            )
            self.alt += f" Shown is the first step backward: the adjoint of y, at {now.target.symbol}, is 1."
        else:
            hands = f"v̄{now.source.symbol[1:]}"
            assert now.source.gate is not None  # an input hands nothing on
            rule = f"by the rule of {now.source.gate.name}"
            if now.partial is not None:
                rule = f"multiplied by the local derivative {plain(now.partial)}"
            times = {1: "for the first time", 2: "for the second time", 3: "for the third time"}
            receives = f"{now.symbol} receives {times.get(now.visit, 'once more')}"
            self.alt += f" Shown is how {now.source.symbol} hands on to {now.target.symbol}: {receives}."
            told += (
                f"<div>{where}: {now.source.symbol} hands {hands} on to {now.target.symbol}, {rule}. {receives}: "
                f"it is now {plain(now.total)}.</div>"
            )
        gradient = t.gradient()
        if len(done) == total and not any(map(steppers.bad, [t.output.value, *gradient])):
            shown = ", ".join(map(plain, gradient))
            what = steppers.convention(found) or "one way back, both inputs"
            told += f'<div><b class="adlib-adjoint">∇f = ({shown})</b>: {what}.</div>'
        return told
