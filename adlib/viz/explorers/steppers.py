"""Notebooks 05 and 07: walk through a trace, row by row; graph, formula and table light up together."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from adlib.formula import digits
from adlib.gates import Elementwise
from adlib.study.rows import AdjointStep, Constant, Row, TangentRow
from adlib.study.trace import Trace, trace
from adlib.viz.explorer import ExplainedError, Explorer, made_anew, slider, step_slider, textbox
from adlib.viz.expressions import parse
from adlib.viz.graphs import GraphDrawing, draw_graph, short
from adlib.viz.style import MUTED, ROLES, WARNING, new_figure

__all__ = ["ForwardStepper", "ReverseStepper", "trouble"]

ARTICLE = "x1 * sqrt(log(x1 / sin(x2**2)))"
MOST_ROWS = 14
"""More do not fit the table."""
WIDTH, HEIGHT = 9.0, 5.3


# --- The table ---------------------------------------------------------------------------------------


class _Heading(NamedTuple):
    title: str
    role: str
    left: float  # where the column's text begins, or ends if it is to the right: as a part of the width
    right: bool


class TraceTable:
    """The rows of a trace in the lower part of the figure; formulas stay, numbers move.

    Parameters
    ----------
    still, moving : matplotlib.axes.Axes
        Two layers in the same place: one for what depends on the function alone, and one for what changes.
    headings : sequence of (title, role, place, right)
    """

    def __init__(self, still: Axes, moving: Axes, headings: Sequence[tuple[str, str, float, bool]]) -> None:
        self.still, self.moving = still, moving
        self.headings = [_Heading(*h) for h in headings]
        box = still.get_position()
        self.width, self.height = 72 * WIDTH * box.width, 72 * HEIGHT * box.height
        self.cells: list[list[Text]] = []
        self.bands: list[Rectangle] = []
        self.numbers: Sequence[int] = ()

    def rebuild(self, formulas: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
        """Write the formulas anew.

        Parameters
        ----------
        formulas : sequence of rows
            LaTeX for each column that stays, in the order of the headings; "" where a number comes.
        numbers : sequence of int
            Which columns hold what moves.
        """
        for ax in (self.still, self.moving):
            ax.clear()
            ax.set_axis_off()
            ax.set_xlim(0, self.width)
            ax.set_ylim(self.height, 0)
        count = len(formulas)
        head = 17.0
        self.pitch = min(19.0, (self.height - head) / count)
        self.size = min(9.5, 0.52 * self.pitch)
        for heading in self.headings:
            self._write(self.still, heading, 8.0, 8.5, ROLES[heading.role].colour, weight="bold").set_text(
                f"{ROLES[heading.role].symbol} {heading.title}"
            )
        self.still.plot([0, self.width], [head - 2, head - 2], color=MUTED, linewidth=1)
        self.bands, self.cells, self.numbers = [], [], numbers
        for k, row in enumerate(formulas):
            y = head + (k + 0.5) * self.pitch
            band = Rectangle((0, y - self.pitch / 2), self.width, self.pitch, linewidth=0, alpha=0.14)
            edge = Rectangle((0, y - self.pitch / 2), 4, self.pitch, linewidth=0)
            self.moving.add_patch(band)
            self.moving.add_patch(edge)
            self.bands += [band, edge]
            texts = []
            for column, heading in enumerate(self.headings):
                if column in numbers:
                    texts.append(self._write(self.moving, heading, y, self.size, ROLES[heading.role].colour))
                elif row[column]:
                    cell = self._write(self.still, heading, y, self.size, ROLES[heading.role].colour)
                    cell.set_text(f"${mathtext(row[column])}$")
                    self._fit(cell, column)
            self.cells.append(texts)

    def _fit(self, cell: Text, column: int) -> None:
        """Make a formula smaller until it ends before the next column begins."""
        after = self.headings[column + 1]
        room = (after.left - self.headings[column].left - (0.13 if after.right else 0.02)) * self.width
        figure = self.still.get_figure()
        assert figure is not None
        wide = cell.get_window_extent(figure.canvas.get_renderer()).width * 72 / figure.dpi  # type: ignore[attr-defined]
        if wide > room:
            cell.set_fontsize(self.size * room / wide)

    def _write(
        self, ax: Axes, heading: _Heading, y: float, size: float, colour: str, weight: str = "normal"
    ) -> Text:
        return ax.text(
            heading.left * self.width,
            y,
            "",
            fontsize=size,
            color=colour,
            weight=weight,
            ha="right" if heading.right else "left",
            va="center_baseline",
            zorder=3,
        )

    def show(self, numbers: Sequence[Sequence[str]], lit: Mapping[int, str]) -> None:
        """Set the numbers of each row, and light rows in the colour of a role."""
        for k, (texts, row) in enumerate(zip(self.cells, numbers, strict=True)):
            role = lit.get(k)
            for text, number in zip(texts, row, strict=True):
                text.set_text(number)
                text.set_fontweight("bold" if role else "normal")
            for text, number, column in zip(texts, row, self.numbers, strict=True):
                wrong = "nan" in number or "inf" in number
                text.set_color(WARNING if wrong else ROLES[self.headings[column].role].colour)
            for patch in self.bands[2 * k : 2 * k + 2]:
                patch.set_visible(role is not None)
                patch.set_facecolor(ROLES[role or "operation"].colour)


def mathtext(latex: str) -> str:
    r"""Write LaTeX so that Matplotlib's mathtext can read it, and on one line: a fraction gets a slash.

    Parameters
    ----------
    latex : str
        Without dollar signs.

    Returns
    -------
    str

    Examples
    --------
    >>> print(mathtext(r"\bar v_0 \mathrel{+}= \frac{1}{2 \, v_5} \, \bar v_5 - \frac{v_3}{v_2} \, \bar v_4"))
    \bar v_0 \;{+\!\!=}\; \bar v_5 / (2 \, v_5) - (v_3 / v_2) \, \bar v_4
    """
    latex = latex.replace(r"\mathrel{+}=", r"\;{+\!\!=}\;").replace(r"\text{", r"\mathrm{")
    latex = re.sub(r"\\mathbin\{(.)\}", r"\\;\1\\;", latex).replace(r"\mathsf{T}", r"\mathrm{T}")
    latex = latex.replace(r"\lvert", "|").replace(r"\rvert", "|").replace(" : ", r"\;:\;")
    while r"\frac{" in latex:
        start = latex.rindex(r"\frac{")  # the innermost of nested ones
        top, after = _braced(latex, start + 5)
        bottom, after = _braced(latex, after)
        latex = latex[:start] + _slash(top, bottom, latex[after:])
    return latex


def _braced(latex: str, start: int) -> tuple[str, int]:
    """Read the group in braces that starts at `start`; return its inside and where it ends."""
    depth = 0
    for end in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[end], 0)
        if depth == 0:
            return latex[start + 1 : end], end + 1
    raise ValueError(f"braces do not match in {latex!r}")


def _slash(top: str, bottom: str, rest: str) -> str:
    single = re.fullmatch(r"(\\(dot|bar) )?v_(\d|\{-?\d+\})|[\d.]+", bottom)
    bottom = bottom if single else f"({bottom})"
    moved = re.match(r" \\, (\\(?:dot|bar) v_(?:\d|\{-?\d+\}))", rest)
    if top == "1" and moved:
        return f"{moved[1]} / {bottom}{rest[moved.end() :]}"
    top = f"({top})" if re.search(r" [+-] ", top) else top
    return f"({top} / {bottom}){rest}" if rest.lstrip().startswith(r"\,") else f"{top} / {bottom}{rest}"


_FACTOR = r"(\([^()]*\)|[\d.]+(?:e[-+]\d+)?)"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unicode_text(text: str) -> str:
    """Set plain text of a formula nicely: products with a dot, whole powers raised.

    Examples
    --------
    >>> unicode_text("2 * 0.5**2 * (-3.052)"), unicode_text("1 / (2 * 0.9305) * 1.5 - 1.1 / 2 * 3")
    ('2 · 0.5² · (−3.052)', '1.5 / (2 · 0.9305) − 1.1 / 2 · 3')
    """
    text = re.sub(rf"(?<![\w.)] / )(?<![\w.])1 / {_FACTOR} \* {_FACTOR}", r"\2 / \1", text)
    text = re.sub(r"\*\*(\d+)(?![\d.])", lambda m: m[1].translate(_SUPERSCRIPTS), text)
    return digits.typeset(text.replace("**", "^").replace("*", "·"))


def rounded(x: Any) -> str:
    """Write a result for the strip: the four digits that the formula before it gives."""
    return digits.typeset(digits.operand(x, 4))


def summed(steps: Sequence[AdjointStep]) -> str:
    """Write what an adjoint has received so far, from 0: what is written adds up."""
    return digits.typeset(digits.sum_text([0, *(step.contribution for step in steps)], SUM))


def plain(x: Any) -> str:
    """Write a number for the table, the sentence and the graph: ten digits, minus as a minus."""
    return digits.typeset(digits.number(x))


# --- What is wrong outside the domain ----------------------------------------------------------------


def trouble(t: Trace) -> tuple[Row, str] | None:
    """Find where a trace leaves the numbers, and say why.

    Parameters
    ----------
    t : Trace

    Returns
    -------
    (Row, str) or None
        The first row whose value is not finite though its operands' are, and the reason in words.

    Examples
    --------
    >>> from adlib.lesson.examples import f
    >>> with np.errstate(invalid="ignore"):
    ...     row, why = trouble(trace(f, 0.5, 1.0))
    >>> why
    'v₅ = sqrt(v₄) needs v₄ ≥ 0, and v₄ = −0.5205434343: this row has no number, and so the result has none.'
    """
    for row in t.rows:
        if np.isfinite(row.value):
            continue
        parents = [t[p] for p in dict.fromkeys(row.parents)]
        given = ", ".join(f"{p.symbol} = {plain(p.value)}" for p in parents)
        infinite = [o for o in row.operands if isinstance(o, Constant) and not np.isfinite(o.value)]
        if infinite:
            why = f"computes with {t.text_of(infinite[0])}, which is no ordinary number"
        elif isinstance(row.gate, Elementwise) and not in_domain(t, row):
            needs = row.gate.domain.replace("np.", "").replace("&", "and").replace("|", "or")
            for sign, nice in (("!=", "≠"), (">=", "≥"), ("<=", "≤"), ("==", "=")):
                needs = needs.replace(sign, nice)
            for letter, operand in zip("xyz", row.operands, strict=False):
                needs = re.sub(rf"(?<![\w.]){letter}(?!\w)", t.text_of(operand), needs)
            why = f"needs {needs}, and {given}"
        else:
            why = f"is too large for a float, with {given}"
        end = "this row has no number, and so the result has none"
        if np.isfinite(t.output.value):
            end = "this row has no number, though the result has one"
        return row, f"{row.symbol} = {t.text(row)} {why}: {end}."
    return None


def in_domain(t: Trace, row: Row) -> bool:
    """Tell whether a row's gate is defined where it was computed: else its value is too large for a float."""
    assert row.gate is not None
    with np.errstate(all="ignore"):
        return bool(row.gate.in_domain(*t.operand_values(row)))


# --- What both explorers share -----------------------------------------------------------------------


class _Stepper(Explorer):
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

    def traced(self, function: str, x1: float, x2: float) -> Trace:
        """Trace what was typed, and draw its graph and its table's formulas if they are new."""
        f = parse(function)
        try:
            with np.errstate(all="ignore"):
                t = trace(f, x1, x2)
        except TypeError:
            raise ExplainedError("this does not depend on x1 or x2: every derivative of it is 0") from None
        if len(t) > MOST_ROWS:
            raise ExplainedError(
                f"this has {len(t) - 2} operations, and {MOST_ROWS - 2} fit into the picture: "
                "take a shorter one"
            )
        # x1 and x2 have the same rows: which of them is the output tells them apart
        structure = t.outputs, [(row.gate, row.operands, t.text(row)) for row in t.rows]
        if structure != self._structure:
            self.drawing = draw_graph(self.graph_ax, t.graph(), badge_lines=1, edge_labels=True)
            self.table.rebuild(*self.written(t))
            self._structure = structure
            self.redraw()
        return t

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
        renderer = self.figure_renderer()
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

    def figure_renderer(self) -> Any:
        """Return what measures text."""
        return self.strip.get_figure().canvas.get_renderer()  # type: ignore[union-attr]


STRIP = 13.0
"""The strip's font size."""
SUM = 6
"""To so many digits a sum is written."""


def _primal_line(t: Trace, row: Row) -> tuple[str, str, str]:
    return "primal", f"{_latex(row)} = {t.formula(row)}", _equals(t.numbers_text(row), row.value)


def _equals(numbers: str, result: Any) -> str:
    """Write "= formula with numbers = result", or only the result if there is nothing between."""
    between, end = unicode_text(numbers), rounded(result)
    return f"=  {end}" if between.strip("()") == end else f"=  {between}  =  {end}"


def _latex(row: Row) -> str:
    return f"v_{{{row.index}}}"


def _told(t: Trace) -> str:
    """Say what is wrong with the values, as an alert; empty if nothing is."""
    found = trouble(t)
    return f'<div class="adlib-alert" role="alert">⚠ {html.escape(found[1])}</div>' if found else ""


def _convention(t: Trace) -> str:
    """Name the first gate that stands where it has no derivative, and what the table answers; empty if none does."""
    for row in t.rows:
        if row.gate is None:
            continue
        with np.errstate(all="ignore"):
            at_kink = np.any(row.gate.at_kink(*t.operand_values(row), **row.params))
        if at_kink:
            where = f"{row.symbol} = {html.escape(t.text(row))} has no derivative here"
            return f"by a convention: {where}, and adlib answers: {html.escape(row.gate.convention)}"
    return ""


def _bad(x: Any) -> bool:
    return not bool(np.isfinite(x))


# --- 05: forward -------------------------------------------------------------------------------------


class ForwardStepper(_Stepper):
    """Walk down the primal and the tangent trace together.

    In notebook 05.  Keywords say where the controls begin:
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
            [f"{_latex(row)} = {t.formula(row)}", "", rf"\dot v_{{{row.index}}} = {rule}", ""]
            for row, rule in zip(t.rows, rules, strict=True)
        ]
        return rows, [1, 3]

    def update(self, function: str, x1: float, x2: float, seed1: float, seed2: float, step: int) -> str:
        """Show the trace as far as the row."""
        t = self.traced(function, x1, x2)
        self.reach(len(t))
        step = min(step, len(t))
        tangents = t.tangent((seed1, seed2)).steps
        now = tangents[step - 1]
        row, names = now.row, [r.name for r in t.rows]
        edges = {(t[p].name, row.name): "tangent" for p in row.parents}
        self.drawing.show(
            values=_values(t),
            lit={row.name: "tangent"},
            lit_edges=edges,
            badges={s.row.name: {"tangent": _badge(s.tangent)} for s in tangents[:step]},
            labels={edge: _label(t.partial(*edge)) for edge in edges},
            waiting=names[step:],
        )
        rule = r"\mathrm{seed}" if row.gate is None else now.formula
        result = _equals(now.numbers_text, now.tangent)
        self.strip_shows(
            "tangent", _primal_line(t, row), ("tangent", rf"\dot v_{{{row.index}}} = {rule}", result)
        )
        self.table.show(
            [
                [plain(s.row.value), plain(s.tangent)] if k < step else ["", ""]
                for k, s in enumerate(tangents)
            ],
            {step - 1: "tangent"},
        )
        return self._words(t, tangents, step, (seed1, seed2))

    def _words(self, t: Trace, tangents: Sequence[Any], step: int, seed: tuple[float, float]) -> str:
        now, told = tangents[step - 1], [_told(t)]
        if not told[0]:
            told.append(_steep(tangents))
        if now.row.gate is None:
            words = f"an input. Its tangent {now.symbol} is the seed."
        else:
            parts = " + ".join(
                f"({plain(_one(t.partial(t[p].name, now.row.name)))}) · v̇{t[p].symbol[1:]}"
                for p in dict.fromkeys(now.row.parents)
            )
            words = f"{now.symbol} = {parts}. The factors are the local derivatives, on the lit edges."
        told.append(f"<div>Row {step} of {len(t)}: {words}</div>")
        (last,) = (s for s in tangents if s.row is t.output)  # not always the last row: f may be an input
        if step == len(t) and (_bad(last.tangent) or _bad(t.output.value)):
            told.append("<div>There is no derivative at this point.</div>")
        elif step == len(t):
            name = "" if last is now else f" = {last.symbol}"
            agreed, along = _convention(t), f"in the direction ({plain(seed[0])}, {plain(seed[1])})"
            what = f"{along}, {agreed}" if agreed else f"is the derivative of f at this point {along}"
            told.append(f'<div><b class="adlib-tangent">ẏ{name} = {plain(last.tangent)}</b> {what}.</div>')
        return "".join(told)


def _badge(x: Any) -> Any:
    return "nan" if np.isnan(x) else short(x, 5)


def _label(partial: Any) -> str:
    """Write a local derivative on its edge: in four digits, for which there is room."""
    return "nan" if np.isnan(_one(partial)) else short(partial, 4)


def _one(x: Any) -> Any:
    """A local derivative as a number: a gate without one, such as ``where``, has none to show."""
    return np.nan if x is None else x


def _steep(steps: Sequence[TangentRow | AdjointStep]) -> str:
    """Say where a derivative stops being finite though the values are."""
    for step in steps:
        if _bad(step.tangent if isinstance(step, TangentRow) else step.contribution):
            sign = "=" if isinstance(step, TangentRow) else "+="
            return (
                '<div class="adlib-alert" role="alert">⚠ All values are finite, a derivative is not: '
                f"{step.symbol} {sign} {html.escape(step.text)} has no finite value here.</div>"
            )
    return ""


# --- 07: reverse -------------------------------------------------------------------------------------


class ReverseStepper(_Stepper):
    """Walk down the primal trace, then back up: one contribution to one adjoint at a time.

    In notebook 07.  Keywords say where the controls begin:
    """

    alt = (
        "Above, the computational graph of f: an arrow runs backwards along the edge over which an adjoint "
        "is handed on. In the middle, the contribution as a formula with numbers, and the sum that it makes. "
        "Below, the table of the trace: each adjoint is the sum of what it has received. Shown is the second "
        "contribution to the adjoint of the first input, which had received one already."
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
        return [[f"{_latex(row)} = {t.formula(row)}", "", "", ""] for row in t.rows], [1, 2, 3]

    def update(self, function: str, x1: float, x2: float, step: int) -> str:
        """Show the trace as far as the step: first its values, then its adjoints."""
        t = self.traced(function, x1, x2)
        contributions = t.adjoint().steps
        self.reach(len(t) + len(contributions))
        step = min(step, len(t) + len(contributions))
        done = contributions[: max(0, step - len(t))]
        return self._forward(t, step) if not done else self._backward(t, done, len(contributions))

    def _forward(self, t: Trace, step: int) -> str:
        row = t.rows[step - 1]
        edges = {(t[p].name, row.name): "primal" for p in row.parents}
        self.drawing.show(
            values=_values(t),
            lit={row.name: "primal"},
            lit_edges=edges,
            waiting=[r.name for r in t.rows[step:]],
        )
        self.strip_shows("primal", _primal_line(t, row))
        numbers = [[plain(r.value) if k < step else "", "", ""] for k, r in enumerate(t.rows)]
        self.table.show(numbers, {step - 1: "primal"})
        more = "All values are known now; the next step turns round." if step == len(t) else ""
        return (
            f"{_told(t)}<div>Forward, row {step} of {len(t)}: {row.symbol} = {html.escape(t.text(row))}. "
            f"Only values; they are kept for the way back. {more}</div>"
        )

    def _backward(self, t: Trace, done: Sequence[AdjointStep], total: int) -> str:
        now = done[-1]
        received: dict[int, list[AdjointStep]] = {}
        for one in done:
            received.setdefault(one.target.index, []).append(one)
        lit = {now.target.name: "adjoint"}
        lit_edges = {}
        if now.source is not None:
            lit_edges = {(now.target.name, now.source.name): "adjoint"}
        self.drawing.show(
            values=_values(t),
            lit=lit,
            lit_edges=lit_edges,
            badges={t[i].name: {"adjoint": _badge(got[-1].total)} for i, got in received.items()},
            labels={edge: _label(t.partial(*edge)) for edge in self.drawing.graph.edges},
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
        return self._words(t, done, total)

    @staticmethod
    def _formulas(now: AdjointStep, got: Sequence[AdjointStep]) -> list[tuple[str, str, str]]:
        bar = rf"\bar v_{{{now.target.index}}}"
        if now.source is None:
            return [("adjoint", rf"\bar y = {bar}", "=  1")]
        numbers = _equals(now.numbers_text, now.contribution)
        total = digits.typeset(digits.operand(now.total, SUM))
        return [
            ("adjoint", rf"{bar} \mathrel{{+}}= {now.formula}", numbers),
            ("adjoint", bar, f"=  {summed(got)}  =  {total}"),
        ]

    @staticmethod
    def _words(t: Trace, done: Sequence[AdjointStep], total: int) -> str:
        now, where = done[-1], f"Backward, step {len(done)} of {total}"
        told = _told(t) or _steep(done)
        if now.source is None:
            told += (
                f"<div>{where}: the seed. y changes by exactly as much as itself, so {now.symbol} = 1. "
                "All other adjoints start at 0.</div>"
            )
        else:
            hands = f"v̄{now.source.symbol[1:]}"
            assert now.source.gate is not None  # an input hands nothing on
            rule = f"by the rule of {now.source.gate.name}"
            if now.partial is not None:
                rule = f"multiplied by the local derivative {plain(now.partial)}"
            ordinals = {1: "for the first time", 2: "for the second time", 3: "for the third time"}
            told += (
                f"<div>{where}: {now.source.symbol} hands {hands} on to {now.target.symbol}, {rule}. "
                f"{now.symbol} receives {ordinals.get(now.visit, 'once more')}: "
                f"it is now {plain(now.total)}.</div>"
            )
        gradient = t.gradient()
        if len(done) == total and not any(map(_bad, [t.output.value, *gradient])):
            shown = ", ".join(map(plain, gradient))
            what = _convention(t) or "one way back, both inputs"
            told += f'<div><b class="adlib-adjoint">∇f = ({shown})</b>: {what}.</div>'
        return told


def _values(t: Trace) -> dict[str, Any]:
    return {r.name: plain(r.value) if _bad(r.value) else r.value for r in t.rows}
