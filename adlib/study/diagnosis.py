"""Why is this derivative infinite, nan, or a convention?  Walk through one run of a function and say.

Nothing here computes a derivative anew.  The trace has every value; the gates table knows where each gate is
defined and where it has a kink; a walk back over the trace meets the first derivative that is not finite.

>>> def slope_of_a_safe_root(x):
...     return np.where(x > 0, np.sqrt(x), 0.0)
>>> diagnose(slope_of_a_safe_root, 0.0)
diagnosis of slope_of_a_safe_root: 2 findings
kink                    v₁ = sqrt(v₀)
                        at line 2 of slope_of_a_safe_root: return np.where(x > 0, np.sqrt(x), 0.0)
                        sqrt has no derivative where v₀ == 0; adlib answers: √′(0) = ∞
0·∞ in a derivative     v₁ = sqrt(v₀)
                        at line 2 of slope_of_a_safe_root: return np.where(x > 0, np.sqrt(x), 0.0)
                        the adjoint v̄₁ is 0 and ∂v₁/∂v₀ is inf: their product is nan, and goes on to v₀
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adlib.engine.tape import Tape, Variable
from adlib.errors import is_library, user_line
from adlib.gates import Elementwise, Gate
from adlib.gates.transposes import dense
from adlib.linalg.factors import TiedValues
from adlib.study.columns import BAR, escape
from adlib.study.rows import Constant, Row
from adlib.study.trace import Trace, traced

__all__ = ["Diagnosis", "Finding", "diagnose"]


@dataclass(frozen=True)
class Finding:
    """One thing to know about one row of the trace.

    Attributes
    ----------
    kind : {"outside the domain", "kink", "value not finite", "derivative not finite", "0·∞ in a derivative", \
"finite derivative of nan", "branch on equality"}
    row : Row or None
        Where; ``None`` for a comparison, which leaves no row.
    operand : Row or None
        For a derivative: the other end of the edge.
    operation, line, words : str
        The row's operation, the line of the user's code, and what happened.
    """

    kind: str
    row: Row | None
    operand: Row | None
    operation: str
    line: str
    words: str


class Diagnosis(Sequence[Finding]):
    """What `diagnose` found, in the order in which it happened.

    Attributes
    ----------
    trace : Trace
        The run that was looked at.
    findings : list of Finding
        Empty where the function is differentiable and all numbers are finite.
    adjoints : dict of int to float or array
        The adjoint of each row by its index: of the sum of all results.
    """

    def __init__(self, trace: Trace, findings: list[Finding], adjoints: dict[int, Any]) -> None:
        self.trace, self.findings, self.adjoints = trace, findings, adjoints

    def __getitem__(self, k: Any) -> Any:
        return self.findings[k]

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        if not self.findings:
            return f"diagnosis of {self.trace.name}: every value and derivative is finite, and no gate is at a kink"
        count = "1 finding" if len(self) == 1 else f"{len(self)} findings"
        lines = [f"diagnosis of {self.trace.name}: {count}"]
        for f in self.findings:
            first, *rest = [t for t in (f.operation, f.line and f"at {f.line}", f.words) if t]
            lines += [f"{f.kind:22}  {first}", *(f"{'':22}  {text}" for text in rest)]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        if not self.findings:
            return f"<p>{escape(repr(self))}</p>"
        # JupyterLab's own rules put tables to the right and heed the style only, GitHub strips the style.
        left = "align='left' style='text-align:left'"
        head = "<tr>" + "".join(f"<th {left}>{word}</th>" for word in ("what", "where", "why")) + "</tr>"
        body = "".join(
            f"<tr><td {left}><b>{escape(f.kind)}</b></td>"
            f"<td {left}><code>{escape(f.operation)}</code><br>{escape(f.line)}</td>"
            f"<td {left}>{escape(f.words)}</td></tr>"
            for f in self.findings
        )
        return f"<table>{head}{body}</table>"


def diagnose(f: Callable[..., Any], *args: Any) -> Diagnosis:
    """Run a function once, and say where its value or its derivative needs care.

    Parameters
    ----------
    f : callable
        Takes floats, arrays, or nested tuples, lists and dicts of them, and returns any of these.
    *args
        The point; of floating type.

    Returns
    -------
    Diagnosis
        A sequence of `Finding`, first those of the values, from the first row to the last, then those of the
        derivatives of the sum of all results, from the last row to the first.  Only where a nan or an infinity
        is *born* is it reported, not where it goes.

    Raises
    ------
    TypeError
        If an input is not real and floating, or if the result does not depend on the inputs.

    Examples
    --------
    >>> diagnose(lambda x: np.log(x) * 2.0, -1.0)[0].words
    'log is defined where v₀ > 0, and v₀ is -1: the value is nan'
    >>> diagnose(np.exp, 1.0)
    diagnosis of exp: every value and derivative is finite, and no gate is at a kink
    """
    tape = _Watched()
    with np.errstate(all="ignore"):
        t = traced("diagnose", f, args, tape)
        lines = dict(zip([row.index for row in t.rows if row.gate], tape.lines, strict=True))
        adjoints: dict[int, Any] = {}
        found = [*_of_values(t, lines), *_of_derivatives(t, lines, adjoints), *tape.equalities]
    return Diagnosis(t, found, adjoints)


class _Watched(Tape):
    """A tape that also notes the user's line of every gate, and comparisons with ``==``."""

    __slots__ = ("equalities", "lines")

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.equalities: list[Finding] = []

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Variable:
        """Record the gate, and the line."""
        self.lines.append(user_line())
        return super().record(gate, values, parents, params)

    def compared(self, sign: str, box: Any, other: Any, answer: Any) -> None:
        """Note an equality that held: the branch taken is right for this point alone."""
        theirs = is_library(sys._getframe(2))
        held = np.any(answer) if sign == "eq" else not np.all(answer)
        if held and not theirs:
            words = "the comparison decides for this very point; next to it another branch may run, and the "
            words += "derivative of the branch that ran need not be the function's"
            shown = f"{'==' if sign == 'eq' else '!='} {_short(other)}"
            self.equalities.append(Finding("branch on equality", None, None, shown, user_line(), words))


def _of_values(t: Trace, lines: dict[int, str]) -> Iterator[Finding]:
    """Look at each gate's arguments: in its domain, at a kink; and whether a value stops being finite."""
    for row in t.rows:
        if row.gate is None:
            continue
        values, gate, place = t.operand_values(row), row.gate, (lines[row.index],)
        outside = ~np.asarray(gate.in_domain(*values, **row.params))
        born = ~np.isfinite(row.value) & np.all([np.all(np.isfinite(v)) for v in values])
        if np.any(outside):
            words = (
                f"{gate.name} is defined where {_named(gate.domain, t, row)}, and {_at(outside, t, row)}: "
            )
            words += f"the value is {_short(_pick(row.value, outside))}"
            yield Finding("outside the domain", row, None, _operation(t, row), *place, words)
        elif np.any(born):
            words = (
                f"all operands are finite, the value is {_short(_pick(row.value, born))}: {_at(born, t, row)}"
            )
            yield Finding("value not finite", row, None, _operation(t, row), *place, words)
        kink = np.asarray(gate.at_kink(*values, **row.params)) & ~outside
        if np.any(kink):
            where = "entries tie" if gate.kinks == "ties" else _named(gate.kinks, t, row)
            count = f" ({np.count_nonzero(kink)} of {kink.size} entries)" if kink.size > 1 else ""
            if isinstance(gate, TiedValues):
                where, count = gate.tell(**row.params), ""
            words = f"{gate.name} has no derivative where {where}{count}; adlib answers: {gate.convention}"
            yield Finding("kink", row, None, _operation(t, row), *place, words)


def _of_derivatives(t: Trace, lines: dict[int, str], adjoints: dict[int, Any]) -> list[Finding]:
    """Walk back, and look at every edge over which a finite adjoint goes in and something else comes out."""
    waiting: list[Any] = [None] * len(t.rows)
    for index in t.outputs:
        number = t[index].node.number
        adjoints[index] = waiting[number] = adjoints.get(index, 0.0) + np.ones(np.shape(t[index].value))[()]
    found: list[Finding] = []

    def look(row: Row, target: Row, g: Any, k: int, c: Any) -> None:
        adjoints[row.index] = g
        if waiting[target.node.number] is not None:
            adjoints[target.index] = dense(waiting[target.node.number], target.value)
        finding = _of_edge(t, row, target, k, g, c, lines[row.index])
        if finding is not None and finding not in found[-1:]:  # x * x says it once
            found.append(finding)

    t.walk(waiting, look)
    return found


def _of_edge(t: Trace, row: Row, operand: Row, k: int, g: Any, c: Any, line: str) -> Finding | None:
    assert row.gate is not None
    bar = "v" + BAR + row.symbol[1:]
    edge = f"∂{row.symbol}/∂{operand.symbol}"
    where = (row, operand, _operation(t, row), line)
    partial = (
        row.gate.partial(k, t.operand_values(row), row.value) if isinstance(row.gate, Elementwise) else 1.0
    )
    partial = np.broadcast_to(partial, np.broadcast_shapes(np.shape(partial), np.shape(g)))
    spread = np.broadcast_to(g, partial.shape)
    into, out_of = np.isinf(partial) & (spread == 0), np.isinf(spread) & (partial == 0)
    if np.any(into | out_of):
        sizes = ("0", "inf") if np.any(into) else (_short(_pick(spread, out_of)), "0")
        words = f"the adjoint {bar} is {sizes[0]} and {edge} is {sizes[1]}: their product is nan, "
        return Finding("0·∞ in a derivative", *where, words + f"and goes on to {operand.symbol}")
    if np.all(np.isfinite(g)) and not np.all(np.isfinite(c)):
        product = spread * partial
        bad = ~np.isfinite(product)
        size = "0" if np.any(bad) and _pick(spread, bad) == 0 else "finite"
        shown = _short(_pick(product, bad)) if np.any(bad) else "not finite"
        words = f"the adjoint {bar} is {size}, and what goes on to {operand.symbol} is {shown}"
        words += f", as {edge} is {_short(_pick(partial, bad))}" if np.any(~np.isfinite(partial)) else ""
        return Finding("derivative not finite", *where, words)
    unreal = np.isnan(row.value) & np.isfinite(
        np.broadcast_to(partial, np.broadcast_shapes(partial.shape, np.shape(row.value)))
    )
    if isinstance(row.gate, Elementwise) and np.any(unreal) and np.all(np.isfinite(t.operand_values(row)[k])):
        words = (
            f"{row.symbol} is nan, yet {edge} is {_short(_pick(partial, unreal))}: a formula's answer, of a "
        )
        return Finding("finite derivative of nan", *where, words + "function that has no value here")
    return None


# --- Words ------------------------------------------------------------------------------------------


def _operation(t: Trace, row: Row) -> str:
    return f"{row.symbol} = {t.text(row)}"


def _named(condition: str, t: Trace, row: Row) -> str:
    """Write a condition on x, y, z with the names of the row's operands."""
    names = dict(zip("xyz", (t.text_of(o) for o in row.operands), strict=False))
    return re.sub(r"\b[xyz]\b", lambda m: names.get(m[0], m[0]), condition.replace("np.", ""))


def _at(mask: Any, t: Trace, row: Row) -> str:
    """Say which operands do it; of arrays, the first entry and how many more."""
    where = np.broadcast_to(mask, np.shape(row.value)) if np.ndim(mask) <= np.ndim(row.value) else mask
    parts = []
    for o, value in zip(row.operands, t.operand_values(row), strict=True):
        if not isinstance(o, Constant):
            parts.append(f"{t[o].symbol} is {_short(_pick(value, where))}")
    count = int(np.count_nonzero(where))
    index = ", ".join(map(str, np.argwhere(where)[0])) if np.ndim(where) else ""
    more = f" at [{index}], one of {count}" if index and count > 1 else f" at [{index}]" if index else ""
    return " and ".join(parts) + more


def _pick(values: Any, mask: Any) -> Any:
    """Return the entry at the first place where the mask holds."""
    values, mask = np.asarray(values), np.asarray(mask)
    if values.shape != mask.shape:
        try:
            values = np.broadcast_to(values, mask.shape)
        except ValueError:
            return np.ravel(values)[0]
    return values[mask][0] if np.any(mask) else np.ravel(values)[0]


def _short(x: Any) -> str:
    return (
        format(float(x), ".6g")
        if np.ndim(x) == 0 and not isinstance(x, str)
        else f"an array of shape {np.shape(x)}"
    )
