"""A column of a trace as a table: plain text for terminals, HTML with LaTeX for notebooks.

Formulas stand between dollar signs, so JupyterLab and GitHub typeset them.  Where styles are stripped, marks
and words still say which column is what.  With styles, the table stands on a light card of its own, so that
it reads the same in a dark theme.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from adlib.formula.digits import typeset
from adlib.study.palette import CARD, GRID, INK, MUTED, ROLES


def escape(text: str) -> str:
    """Make text safe to stand in HTML."""
    # Its table of characters takes a millisecond, which `import adlib` spares.
    from html import escape as escaped

    return escaped(text)


DOT, BAR = "\u0307", "\u0304"
_SHOWN = {name: ROLES[name] for name in ("primal", "tangent", "adjoint")}

# JupyterLab's own rules for tables name two classes: so do these.
CSS = (
    f".adlib-trace{{background:{CARD};color:{INK};padding:6px 12px;border-radius:6px;overflow-x:auto}}"
    f".adlib-trace.adlib-trace table{{border-collapse:collapse;margin:0;font-size:13px;color:{INK};"
    f"background:{CARD}}}"
    f".adlib-trace.adlib-trace table th{{text-align:left;font-weight:600;padding:3px 14px 3px 4px;color:{INK};"
    f"background:{CARD};border-bottom:1.5px solid {MUTED};white-space:nowrap}}"
    f".adlib-trace.adlib-trace table td{{text-align:left;padding:4px 14px 4px 4px;border-bottom:1px solid {GRID};"
    f"background:{CARD};color:{INK};white-space:nowrap}}"
    ".adlib-trace.adlib-trace table td.adlib-number{text-align:right;font-family:monospace;"
    "font-variant-numeric:tabular-nums}"
    + "".join(
        f".adlib-trace.adlib-trace table .adlib-{role}{{color:{mark.colour}}}"
        for role, mark in _SHOWN.items()
    )
    + "".join(
        f".adlib-trace.adlib-trace table tr.adlib-again td.adlib-{role}{{background:{mark.tint};font-weight:600}}"
        for role, mark in _SHOWN.items()
    )
)


@dataclass(frozen=True)
class Column:
    """One column of the HTML table.

    Attributes
    ----------
    role : str
        ``"primal"``, ``"tangent"`` or ``"adjoint"``: its colour, and the mark in the heading above.
    title : str
    cells : sequence of str
        LaTeX without dollar signs, or plain text if `plain`.
    plain : bool
        For numbers: set in fixed width, to the right.
    """

    role: str
    title: str
    cells: Sequence[str]
    plain: bool = False


class Table(Sequence[Any]):
    """One column of a trace, as a table; also a sequence of its steps.  Words are written when they are read.

    Attributes
    ----------
    steps : list
        `Row`, `TangentRow` or `AdjointStep`, in the order in which they happen.
    kind : str
        ``"primal"``, ``"tangent"`` or ``"adjoint"``.
    headings : dict of str to str
        What stands over the columns of each role.
    again : sequence of bool
        Which lines are a second, third ... visit.
    """

    def __init__(
        self,
        kind: str,
        steps: Sequence[Any],
        line: Callable[[Any], tuple[str, ...]],
        columns: Callable[[], list[Column]],
        headings: dict[str, str],
        again: Sequence[bool] = (),
    ) -> None:
        self.kind, self.steps, self._line, self._columns = kind, list(steps), line, columns
        self.headings, self.again = headings, again or [False] * len(self.steps)

    @cached_property
    def lines(self) -> list[tuple[str, ...]]:
        """Plain text: the name, the formula, then numbers."""
        return [self._line(step) for step in self.steps]

    @cached_property
    def columns(self) -> list[Column]:
        """What the HTML shows."""
        return self._columns()

    def __getitem__(self, k: Any) -> Any:
        return self.steps[k]

    def __len__(self) -> int:
        return len(self.steps)

    def __repr__(self) -> str:
        sign = "+=" if self.kind == "adjoint" else "="
        cells = [(line[0], sign, *line[1:]) for line in self.lines]
        widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
        lines = []
        for line in cells:
            padded = [c + " " * (w - _width(c)) for c, w in zip(line[:3], widths, strict=False)]
            numbers = [" " * (w - _width(c)) + c for c, w in zip(line[3:], widths[3:], strict=True)]
            lines.append("  ".join(padded + numbers).rstrip())
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        groups = [(role, len(list(run))) for role, run in itertools.groupby(c.role for c in self.columns)]
        over = "".join(
            f'<th colspan="{span}" class="adlib-{role}" align="left">{ROLES[role].symbol} '
            f"{escape(self.headings[role])}</th>"
            for role, span in groups
        )
        head = "".join(f'<th align="left">{escape(c.title)}</th>' for c in self.columns)
        body = []
        for k, again in enumerate(self.again):
            cells = "".join(_cell(column, column.cells[k]) for column in self.columns)
            body.append(f'<tr class="adlib-again">{cells}</tr>' if again else f"<tr>{cells}</tr>")
        return (
            f'<div class="adlib-trace"><style>{CSS}</style><table>'
            f"<thead><tr>{over}</tr><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table></div>"
        )


def _cell(column: Column, text: str) -> str:
    if column.plain:
        number = escape(typeset(text))
        return f'<td class="adlib-number adlib-{column.role}" align="right">{number}</td>'
    formula = rf"$\displaystyle {escape(text)}$" if text else ""
    return f'<td class="adlib-{column.role}" align="left">{formula}</td>'


def _width(text: str) -> int:
    """Count the places a text takes: a combining dot or bar takes none."""
    return sum(c not in (DOT, BAR) for c in text)
