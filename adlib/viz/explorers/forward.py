"""Notebook 05: walk down the primal and the tangent trace, row by row; graph, formula and table light up together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from adlib.study.diagnosis import Diagnosis
from adlib.study.trace import Trace
from adlib.viz.diagnoses import lost_number
from adlib.viz.explorer import alert
from adlib.viz.explorers import steppers
from adlib.viz.formulas import plain
from adlib.viz.live.explorer import Control, Frame, State, walk
from adlib.viz.live.graph import LiveGraph


class ForwardStepper(steppers.Stepper):
    """Walk down the primal and the tangent trace together.

    In notebook 05.  Keywords say where the controls begin: ``function``, ``x1``, ``x2``, ``seed1``, ``seed2``,
    ``step``.
    """

    alt = (
        "Above, the computational graph of f with the row's node and its incoming edges lit. In the middle, "
        "the row's value and its tangent as formulas with numbers. Below, the table of the trace, filled "
        "from the top down to the row: each tangent comes from tangents above it and from local derivatives."
    )
    title = "Forward mode, row by row"
    headings = (
        ("operation", "primal", 22, False),
        ("value v", "primal", 14, True),
        ("tangent's rule", "tangent", 46, False),
        ("tangent v̇", "tangent", 18, True),
    )
    numbers = (1, 3)

    def controls(self) -> Mapping[str, Control]:
        """Make the controls: function, point, seed, row."""
        return {
            **self.point_controls(),
            "seed1": steppers.number("ẋ₁", "seed for x1", -2.0, 2.0, 0.25, 0.0),
            "seed2": steppers.number("ẋ₂", "seed for x2", -2.0, 2.0, 0.25, 1.0),
            "step": walk("row", 5),
        }

    def written(self, t: Trace) -> list[list[str]]:
        """Write each row's operation, and the rule of its tangent."""
        rules = [s.formula if s.row.gate else r"\mathrm{seed}" for s in t.tangent((1.0, 1.0)).steps]
        return [
            [f"{steppers.name(row)} = {t.formula(row)}", "", rf"\dot v_{{{row.index}}} = {rule}", ""]
            for row, rule in zip(t.rows, rules, strict=True)
        ]

    def update(self, function: str, x1: float, x2: float, seed1: float, seed2: float) -> State:
        """Walk through the trace, row by row."""
        found = self.traced(function, x1, x2)
        self._lost = alert(lost_number(found))
        scene, graph = self.drawn(found.trace)
        tangents = found.trace.tangent((seed1, seed2)).steps
        return State(
            scene,
            [self._row(found, graph, tangents, k + 1, (seed1, seed2)) for k in range(len(tangents))],
        )

    def _row(
        self,
        found: Diagnosis,
        graph: LiveGraph,
        tangents: Sequence[Any],
        step: int,
        seed: tuple[float, float],
    ) -> Frame:
        t, now = found.trace, tangents[step - 1]
        row, names = now.row, [r.name for r in t.rows]
        edges = {(t[p].name, row.name): "tangent" for p in row.parents}
        shown = graph.show(
            values=steppers.values(t),
            lit={row.name: "tangent"},
            lit_edges=edges,
            badges={s.row.name: {"tangent": steppers.badge(s.tangent)} for s in tangents[:step]},
            labels={edge: steppers.label(t.partial(*edge)) for edge in edges},
            waiting=names[step:],
        )
        rule = r"\mathrm{seed}" if row.gate is None else now.formula
        result = steppers.equals(now.numbers_text, now.tangent)
        shown |= self.strip_shows(
            "tangent", steppers.primal_line(t, row), ("tangent", rf"\dot v_{{{row.index}}} = {rule}", result)
        )
        numbers = [
            [plain(s.row.value), plain(s.tangent)] if k < step else ["", ""] for k, s in enumerate(tangents)
        ]
        shown |= self.table_shows(numbers, {step - 1: "tangent"})
        words = self._words(found, tangents, step, seed)
        return Frame(
            shown, words, f" Shown is row {step} of {len(t)}: {row.symbol} and {now.symbol}.", (row.name,)
        )

    def _words(self, found: Diagnosis, tangents: Sequence[Any], step: int, seed: tuple[float, float]) -> str:
        t, now = found.trace, tangents[step - 1]
        told = [self._lost or steppers.steep(tangents)]
        if now.row.gate is None:
            words = f"an input. Its tangent {now.symbol} is the seed."
        else:
            parts = " + ".join(
                f"({plain(steppers.one(t.partial(t[p].name, now.row.name)))}) · v̇{t[p].symbol[1:]}"
                for p in dict.fromkeys(now.row.parents)
            )
            words = f"{now.symbol} = {parts}. The factors are the local derivatives, on the lit edges."
        told.append(f"<div>Row {step} of {len(t)}: {words}</div>")
        (last,) = (s for s in tangents if s.row is t.output)  # not always the last row: f may be an input
        if step == len(t) and (steppers.bad(last.tangent) or steppers.bad(t.output.value)):
            told.append("<div>There is no derivative at this point.</div>")
        elif step == len(t):
            symbol = "" if last is now else f" = {last.symbol}"
            agreed, along = (
                steppers.convention(found),
                f"in the direction ({plain(seed[0])}, {plain(seed[1])})",
            )
            what = f"{along}, {agreed}" if agreed else f"is the derivative of f at this point {along}"
            told.append(f'<div><b class="adlib-tangent">ẏ{symbol} = {plain(last.tangent)}</b> {what}.</div>')
        return "".join(told)
