"""A diagnosis on the graph: which gate, and along which edge a derivative stopped being a number, or became 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.formula.digits import typeset
from adlib.study.diagnosis import Diagnosis
from adlib.viz.graphs import graph_figure
from adlib.viz.labels import short
from adlib.viz.style import Picture

__all__ = ["diagnosis_picture", "lost_number"]

_WORDS = {
    "outside the domain": "outside",
    "value not finite": "born here",
    "kink": "kink",
    "finite derivative of nan": "no value",
    "0·∞ in a derivative": "0·∞",
    "derivative not finite": "not finite",
    "zero: comparison": "compared",
}  # of another zero, what follows "zero: "; a kind that is new is named


def _word(kind: str) -> str:
    return _WORDS.get(kind, kind.removeprefix("zero: "))


def _number(x: Any) -> str:
    return "nan" if np.ndim(x) == 0 and np.isnan(x) else short(x, 4)


def lost_number(found: Diagnosis) -> str:
    """Say in a sentence or two which row of a run first has no finite value, and why; nothing if all have one.

    Examples
    --------
    >>> import adlib
    >>> lost_number(adlib.diagnose(lambda x: np.log(x) + 1, -2.0))
    'v₁ = log(v₀), outside the domain: log is defined where v₀ > 0, and v₀ is −2: the value is nan. So the result ...
    """
    t = found.trace
    row = next((row for row in t.rows if not np.all(np.isfinite(row.value))), None)
    if row is None:
        return ""
    said = (f"{f.kind}: {f.words}" for f in found if f.row is row and f.operand is None)
    why = next(said, "no ordinary number: it is computed with a constant that is none")
    for plain, nice in (("!=", "≠"), (">=", "≥"), ("<=", "≤"), ("==", "=")):
        why = why.replace(plain, nice)
    lost = not all(np.all(np.isfinite(t[k].value)) for k in t.outputs)
    end = "So the result is no number, either" if lost else "The result is a number all the same"
    return f"{row.symbol} = {t.text(row)}, {typeset(why)}. {end}."


def diagnosis_picture(diagnosis: Diagnosis, width: float = 9.0) -> Picture:
    """Draw what `adlib.diagnose` found.

    Parameters
    ----------
    diagnosis : adlib.Diagnosis
    width : float
        In inches.

    Returns
    -------
    Picture
        The graph of the run.  A gate outside its domain, at a kink, or where a value stopped being finite is
        marked and named; so is each edge along which a derivative did, or was cut to 0.  Under every value stands
        its adjoint.  The words of the diagnosis are the alternative text.  A graph too large for words and numbers
        says so.

    Examples
    --------
    >>> import numpy as np, adlib
    >>> diagnosis_picture(adlib.diagnose(lambda x: abs(x), 0.0))
    Picture: The graph of <lambda>, with the adjoint under each value. v₁ = absolute(v₀): absolute has no ...
    """
    t = diagnosis.trace
    graph = t.graph()
    values = {row.name: _number(row.value) for row in t.rows}
    badges = {row.name: {"adjoint": _number(diagnosis.adjoints.get(row.index, 0.0))} for row in t.rows}
    lit, edges, labels = {}, {}, {}
    for finding in diagnosis.findings:
        if finding.row is None:
            continue
        if finding.operand is None:
            lit[finding.row.name] = "trouble"
            badges[finding.row.name].setdefault("trouble", _word(finding.kind))
        elif finding.kind == "finite derivative of nan":
            lit[finding.row.name] = "trouble"
        else:
            edge = (finding.operand.name, finding.row.name)
            edges[edge] = "trouble"
            labels[edge] = _word(finding.kind)
    marked = any("trouble" in lines for lines in badges.values())
    title = f"{t.name}: {len(diagnosis)} finding" + ("" if len(diagnosis) == 1 else "s")
    figure, drawing = graph_figure(
        graph,
        width=width,
        badge_lines=2 if marked else 1,
        edge_labels=bool(labels),
        title=title,
    )
    drawing.show(values=values, lit=lit, lit_edges=edges, badges=badges, labels=labels)
    found = "; ".join(f"{f.operation}: {f.words}" for f in diagnosis.findings) or "no finding"
    seen = "with the adjoint under each value"
    if drawing.compact:
        seen = "which has too many gates to show their values, adjoints and findings in words"
        figure.texts[0].set_text(f"{title}; too many gates for their numbers")
    return Picture(figure, f"The graph of {t.name}, {seen}. {found}.")
