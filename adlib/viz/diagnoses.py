"""A diagnosis on the graph: which gate, and along which edge a derivative stopped being a number, or became 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.study.diagnosis import Diagnosis
from adlib.viz.graphs import graph_figure, short
from adlib.viz.style import Picture

__all__ = ["diagnosis_picture"]

_WORDS = {
    "outside the domain": "outside",
    "value not finite": "born here",
    "kink": "kink",
    "finite derivative of nan": "no value",
    "zero: comparison": "compared",
}  # of another zero, what follows "zero: "


def _word(kind: str) -> str:
    return _WORDS.get(kind, kind.removeprefix("zero: "))


def _number(x: Any) -> str:
    return "nan" if np.ndim(x) == 0 and np.isnan(x) else short(x, 4)


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
        its adjoint.  The words of the diagnosis are the alternative text.

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
            labels[edge] = {"0": "0·∞", "z": _word(finding.kind)}.get(finding.kind[0], "not finite")
    marked = any("trouble" in lines for lines in badges.values())
    count = f"{len(diagnosis)} finding" + ("" if len(diagnosis) == 1 else "s")
    figure, drawing = graph_figure(
        graph,
        width=width,
        badge_lines=2 if marked else 1,
        edge_labels=bool(labels),
        title=f"{t.name}: {count}",
    )
    drawing.show(values=values, lit=lit, lit_edges=edges, badges=badges, labels=labels)
    found = "; ".join(f"{f.operation}: {f.words}" for f in diagnosis.findings) or "no finding"
    return Picture(figure, f"The graph of {t.name}, with the adjoint under each value. {found}.")
