"""Notebook 05: walk down the primal and the tangent trace, row by row; graph, formula and table light up together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ipywidgets as widgets

from adlib.study.diagnosis import Diagnosis
from adlib.study.trace import Trace
from adlib.viz.diagnoses import lost_number
from adlib.viz.explorer import alert, slider, step_slider
from adlib.viz.explorers import steppers
from adlib.viz.formulas import plain


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
    headings = (
        ("operation", "primal", 0.012, False),
        ("value v", "primal", 0.33, True),
        ("tangent's rule", "tangent", 0.40, False),
        ("tangent v̇", "tangent", 0.985, True),
    )

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the controls: function, point, seed, row."""
        return {
            **self.point_controls(),
            "seed1": slider(r"seed $\dot x_1$", 0.0, -2.0, 2.0, 0.25),
            "seed2": slider(r"seed $\dot x_2$", 1.0, -2.0, 2.0, 0.25),
            "step": step_slider("row", 5, 1, 8),
        }

    def written(self, t: Trace) -> tuple[list[list[str]], list[int]]:
        """Write each row's operation, and the rule of its tangent."""
        rules = [s.formula if s.row.gate else r"\mathrm{seed}" for s in t.tangent((1.0, 1.0)).steps]
        rows = [
            [f"{steppers.name(row)} = {t.formula(row)}", "", rf"\dot v_{{{row.index}}} = {rule}", ""]
            for row, rule in zip(t.rows, rules, strict=True)
        ]
        return rows, [1, 3]

    def update(self, function: str, x1: float, x2: float, seed1: float, seed2: float, step: int) -> str:
        """Show the trace as far as the row."""
        found = self.traced(function, x1, x2)
        t = found.trace
        self.reach(len(t))
        step = min(step, len(t))
        tangents = t.tangent((seed1, seed2)).steps
        now = tangents[step - 1]
        row, names = now.row, [r.name for r in t.rows]
        edges = {(t[p].name, row.name): "tangent" for p in row.parents}
        self.drawing.show(
            values=steppers.values(t),
            lit={row.name: "tangent"},
            lit_edges=edges,
            badges={s.row.name: {"tangent": steppers.badge(s.tangent)} for s in tangents[:step]},
            labels={edge: steppers.label(t.partial(*edge)) for edge in edges},
            waiting=names[step:],
        )
        rule = r"\mathrm{seed}" if row.gate is None else now.formula
        result = steppers.equals(now.numbers_text, now.tangent)
        self.strip_shows(
            "tangent", steppers.primal_line(t, row), ("tangent", rf"\dot v_{{{row.index}}} = {rule}", result)
        )
        self.table.show(
            [
                [plain(s.row.value), plain(s.tangent)] if k < step else ["", ""]
                for k, s in enumerate(tangents)
            ],
            {step - 1: "tangent"},
        )
        return self._words(found, tangents, step, (seed1, seed2))

    def _words(self, found: Diagnosis, tangents: Sequence[Any], step: int, seed: tuple[float, float]) -> str:
        t, now = found.trace, tangents[step - 1]
        told = [alert(lost_number(found)) or steppers.steep(tangents)]
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
