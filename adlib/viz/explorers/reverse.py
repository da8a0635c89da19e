"""Notebook 07: walk down a trace and back up; graph, formula and table light up together."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from adlib.formula import digits
from adlib.study.diagnosis import Diagnosis
from adlib.study.rows import AdjointStep
from adlib.study.trace import Trace
from adlib.viz.diagnoses import lost_number
from adlib.viz.explorer import alert
from adlib.viz.explorers import steppers
from adlib.viz.formulas import SUM, plain, summed
from adlib.viz.live.explorer import Control, Frame, State, walk
from adlib.viz.live.graph import LiveGraph


class ReverseStepper(steppers.Stepper):
    """Walk down the primal trace, then back up: one contribution to one adjoint at a time.

    In notebook 07.  Keywords say where the controls begin: ``function``, ``x1``, ``x2``, ``step``.
    """

    alt = (
        "Above, the computational graph of f: an arrow runs backwards along the edge over which an adjoint "
        "is handed on. In the middle, the contribution as a formula with numbers, and the sum that it makes. "
        "Below, the table of the trace: each adjoint is the sum of what it has received."
    )
    title = "Reverse mode, step by step"
    headings = (
        ("operation", "primal", 24, False),
        ("value v", "primal", 15, True),
        ("received so far, from 0", "adjoint", 41, False),
        ("adjoint v̄", "adjoint", 20, True),
    )
    numbers = (1, 2, 3)

    def controls(self) -> Mapping[str, Control]:
        """Make the controls: function, point, step."""
        return {**self.point_controls(), "step": walk("step", 14)}

    def written(self, t: Trace) -> list[list[str]]:
        """Write each row's operation."""
        return [[f"{steppers.name(row)} = {t.formula(row)}", "", "", ""] for row in t.rows]

    def update(self, function: str, x1: float, x2: float) -> State:
        """Walk through the trace: first its values, then its adjoints."""
        found = self.traced(function, x1, x2)
        t = found.trace
        scene, graph = self.drawn(t)
        steps = t.adjoint().steps
        self._lost = alert(lost_number(found))
        self._labels = {edge: steppers.label(t.partial(*edge)) for edge in graph.graph.edges}
        frames = [self._forward(found, graph, k + 1) for k in range(len(t))]
        frames += [self._backward(found, graph, steps[: k + 1], len(steps)) for k in range(len(steps))]
        return State(scene, frames)

    def _forward(self, found: Diagnosis, graph: LiveGraph, step: int) -> Frame:
        t = found.trace
        row = t.rows[step - 1]
        shown = graph.show(
            values=steppers.values(t),
            lit={row.name: "primal"},
            lit_edges={(t[p].name, row.name): "primal" for p in row.parents},
            waiting=[r.name for r in t.rows[step:]],
        )
        shown |= self.strip_shows("primal", steppers.primal_line(t, row))
        numbers = [[plain(r.value) if k < step else "", "", ""] for k, r in enumerate(t.rows)]
        shown |= self.table_shows(numbers, {step - 1: "primal"})
        more = "All values are known now; the next step turns round." if step == len(t) else ""
        told = f"Forward, row {step} of {len(t)}: {row.symbol} = {html.escape(t.text(row))}."
        return Frame(
            shown,
            f"{self._lost}<div>{told} Only values; they are kept for the way back. {more}</div>",
            f" Shown is the value of {row.symbol}, on the way forward.",
            (row.name,),
        )

    def _backward(self, found: Diagnosis, graph: LiveGraph, done: Sequence[AdjointStep], total: int) -> Frame:
        t, now = found.trace, done[-1]
        received: dict[int, list[AdjointStep]] = {}
        for one in done:
            received.setdefault(one.target.index, []).append(one)
        lit_edges = {}
        if now.source is not None:
            lit_edges = {(now.target.name, now.source.name): "adjoint"}
        shown = graph.show(
            values=steppers.values(t),
            lit={now.target.name: "adjoint"},
            lit_edges=lit_edges,
            badges={t[i].name: {"adjoint": steppers.badge(got[-1].total)} for i, got in received.items()},
            labels=self._labels,
        )
        shown |= self.strip_shows("adjoint", *self._formulas(now, received[now.target.index]))
        numbers = []
        for row in t.rows:
            got = received.get(row.index, [])
            numbers.append([plain(row.value), summed(got), plain(got[-1].total) if got else "0"])
        places = {row.index: k for k, row in enumerate(t.rows)}
        rows = {places[now.target.index]: "adjoint"}
        if now.source is not None:
            rows[places[now.source.index]] = "operation"
        shown |= self.table_shows(numbers, rows)
        words, alt = self._words(found, done, total)
        return Frame(shown, words, alt, (now.target.name,))

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

    def _words(self, found: Diagnosis, done: Sequence[AdjointStep], total: int) -> tuple[str, str]:
        t, now, where = found.trace, done[-1], f"Backward, step {len(done)} of {total}"
        told = self._lost or steppers.steep(done)
        if now.source is None:
            told += (
                f"<div>{where}: the seed. y changes by exactly as much as itself, so {now.symbol} = 1. "
                "All other adjoints start at 0.</div>"
            )
            alt = f" Shown is the first step backward: the adjoint of y, at {now.target.symbol}, is 1."
        else:
            hands = f"v̄{now.source.symbol[1:]}"
            assert now.source.gate is not None  # an input hands nothing on
            rule = f"by the rule of {now.source.gate.name}"
            if now.partial is not None:
                rule = f"multiplied by the local derivative {plain(now.partial)}"
            times = {1: "for the first time", 2: "for the second time", 3: "for the third time"}
            receives = f"{now.symbol} receives {times.get(now.visit, 'once more')}"
            alt = f" Shown is how {now.source.symbol} hands on to {now.target.symbol}: {receives}."
            told += (
                f"<div>{where}: {now.source.symbol} hands {hands} on to {now.target.symbol}, {rule}. {receives}: "
                f"it is now {plain(now.total)}.</div>"
            )
        gradient = t.gradient()
        if len(done) == total and not any(map(steppers.bad, [t.output.value, *gradient])):
            shown = ", ".join(map(plain, gradient))
            what = steppers.convention(found) or "one way back, both inputs"
            told += f'<div><b class="adlib-adjoint">∇f = ({shown})</b>: {what}.</div>'
        return told, alt
