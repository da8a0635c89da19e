"""What the steppers of notebooks 05 and 07 share: the picture, its formulas, and what is said when it goes wrong."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from adlib.study.diagnosis import Diagnosis, diagnose
from adlib.study.rows import AdjointStep, Row, TangentRow
from adlib.study.trace import Trace
from adlib.viz.explorer import ExplainedError, alert
from adlib.viz.expressions import parse
from adlib.viz.formulas import plain, rounded, unicode_text
from adlib.viz.labels import short
from adlib.viz.live.explorer import Control, LiveExplorer, Scene, line, slide
from adlib.viz.live.formulas import formula
from adlib.viz.live.graph import LiveGraph, Shown
from adlib.viz.style import ROLES

__all__ = ["ARTICLE", "MOST_ROWS", "Stepper"]

ARTICLE = "x1 * sqrt(log(x1 / sin(x2**2)))"
MOST_ROWS = 14
"""More make the table higher than a window."""
SIDES = ("left", "right")
STRIP = 92
"""So many characters fit a line between graph and table."""


class Stepper(LiveExplorer):
    """A function that may be typed, a point, and a walk through its trace: graph, formulas, table."""

    headings: Sequence[tuple[str, str, int, bool]] = ()
    """Of each column: title, role, width in percent, and whether it stands to the right."""
    numbers: Sequence[int] = ()
    """Which columns hold what moves."""

    def point_controls(self) -> dict[str, Control]:
        """Make the controls for the function and the point."""
        self._scenes_of: dict[Any, tuple[Scene, LiveGraph]] = {}
        return {
            "function": line("<i>f</i>(x₁, x₂) =", "f(x1, x2)", ARTICLE),
            "x1": number("x₁", "x1", -1.0, 4.0, 0.05, 2.0),
            "x2": number("x₂", "x2", -2.0, 2.0, 0.05, 1.0),
        }

    def traced(self, function: str, x1: float, x2: float) -> Diagnosis:
        """Run what was typed, and look at the run."""
        found = diagnose(parse(function), x1, x2)
        t = found.trace
        if not t.outputs:
            raise ExplainedError("this does not depend on x1 or x2: every derivative of it is 0")
        if len(t) > MOST_ROWS:
            raise ExplainedError(
                f"this has {len(t) - 2} operations, and {MOST_ROWS - 2} fit into the picture: "
                "take a shorter one"
            )
        return found

    def drawn(self, t: Trace) -> tuple[Scene, LiveGraph]:
        """Draw the graph, and write the table's formulas, if they are new."""
        # x1 and x2 have the same rows: which of them is the output tells them apart
        structure = repr((t.outputs, [(row.operands, t.text(row)) for row in t.rows]))
        if structure not in self._scenes_of:
            graph = LiveGraph(t.graph(), drags={row.name: f"x{k + 1}" for k, row in enumerate(t.rows[:2])})
            told = (
                f'{graph.svg}<div data-k="strip" class="al-strip"><div data-k="line1" class="al-f"></div>'
                f'<div data-k="line2" class="al-f"></div></div>{self._table(t)}'
            )
            shape = hashlib.sha256(told.encode()).hexdigest()[:12]
            if len(self._scenes_of) > 20:
                self._scenes_of.clear()
            self._scenes_of[structure] = Scene(shape, told), graph
        return self._scenes_of[structure]

    def written(self, t: Trace) -> list[list[str]]:
        """Write the formulas of the table in LaTeX, by row and column; "" where a number comes."""
        raise NotImplementedError

    def _table(self, t: Trace) -> str:
        head = "".join(
            f'<th scope="col" class="al-as-{role}{" al-right" * right}" align="{SIDES[right]}" style="width:{width}%">'
            f"{ROLES[role].symbol} {title}</th>"
            for title, role, width, right in self.headings
        )
        body = ""
        for k, (row, formulas) in enumerate(zip(t.rows, self.written(t), strict=True)):
            cells = ""
            for c, (latex, (_, role, width, right)) in enumerate(zip(formulas, self.headings, strict=True)):
                inside = f'<span class="al-f">{shrunk(formula(latex), 1.15 * width)}</span>' if latex else ""
                key = "" if latex else f'data-k="r{k}.{c}" '
                tag = "td" if c else "th"
                scope = f' align="{SIDES[right]}"' + ("" if c else ' scope="row"')
                looks = f"al-as-{role}{' al-right' * right}"
                cells += f'<{tag} {key}class="{looks}"{scope}>{inside}</{tag}>'
            body += f'<tr data-k="r{k}" data-link="{row.name}" class="al-row">{cells}</tr>'
        many = " al-many" if len(t) > 9 else ""
        return f'<table class="al-table{many}"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'

    def strip_shows(self, role: str, *lines: tuple[str, str, str]) -> Shown:
        """Write up to two lines between graph and table: a role for the colour, LaTeX with names, text with numbers."""
        shown: Shown = {"strip": (f"al-as-{role}", "")}
        for k, (colour, latex, numbers) in enumerate(lines):
            told = f"{formula(latex)} {html.escape(numbers)}"
            shown[f"line{k + 1}"] = f"al-as-{colour}", shrunk(told, STRIP)
        return shown

    def table_shows(self, numbers: Sequence[Sequence[str]], lit: Mapping[int, str]) -> Shown:
        """Write the numbers of each row, and light rows in the colour of a role."""
        shown: Shown = {f"r{k}": (f"al-lit al-as-{role}", "") for k, role in lit.items()}
        for k, row in enumerate(numbers):
            for c, number in zip(self.numbers, row, strict=True):
                if number:
                    wrong = "al-wrong" if "nan" in number or "inf" in number else ""
                    shown[f"r{k}.{c}"] = wrong, html.escape(number)
        return shown


def number(label: str, aria: str, low: float, high: float, step: float, start: float) -> Control:
    """Make a slider for a number in steps of hundredths."""
    stops = [round(low + k * step, 10) for k in range(round((high - low) / step) + 1)]
    return slide(label, aria, stops, [f"{x:.2f}".replace("-", "−") for x in stops], start)


def shrunk(told: str, room: float) -> str:
    """Make HTML smaller that is longer than so many characters."""
    long = len(html.unescape(re.sub("<[^>]+>", "", told)))
    return (
        told
        if long <= room
        else f'<span style="font-size:{max(60, round(100 * room / long))}%">{told}</span>'
    )


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
