"""Why is this derivative infinite, nan, zero, or a convention?  Walk through one run of a function and say.

Nothing here computes a derivative anew.  The trace has every value; the gates table knows where each gate is
defined and where it has a kink; a walk back over the trace meets the first derivative that is not finite.

>>> def slope_of_a_safe_root(x):
...     return np.where(x > 0, np.sqrt(x), 0.0)
>>> diagnose(slope_of_a_safe_root, 0.0)
diagnosis of slope_of_a_safe_root: 3 findings
kink                    v₁ = sqrt(v₀)
                        at line 2 of slope_of_a_safe_root: return np.where(x > 0, np.sqrt(x), 0.0)
                        sqrt has no derivative where v₀ == 0; adlib answers: √′(0) = ∞
0·∞ in a derivative     v₁ = sqrt(v₀)
                        at line 2 of slope_of_a_safe_root: return np.where(x > 0, np.sqrt(x), 0.0)
                        the adjoint v̄₁ is 0 and ∂v₁/∂v₀ is inf: their product is nan, and goes on to v₀
branch on equality      > 0
                        at line 2 of slope_of_a_safe_root: return np.where(x > 0, np.sqrt(x), 0.0)
                        both sides are equal: the comparison decides for this very point; ...
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import numpy as np

from adlib.engine.custom import CustomGate
from adlib.engine.levels import plain
from adlib.engine.tape import Tape, Variable
from adlib.errors import is_adlibs, user_line
from adlib.gates import Elementwise, Gate
from adlib.gates.transposes import dense
from adlib.linalg.factors import TiedValues
from adlib.study.columns import BAR, escape
from adlib.study.findings import Finding, at, named, operation, pick, short
from adlib.study.rows import Row
from adlib.study.trace import Trace, traced
from adlib.study.zeros import INDICES, SIGNS, Look, of_zeros, undecided

__all__ = ["Diagnosis", "Finding", "diagnose"]


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
    unseen : list of str
        Comparisons and indices whose other answer `diagnose` did not look at: there a function may jump.  And
        gates with a rule of the reader's own.
    """

    def __init__(
        self, trace: Trace, findings: list[Finding], adjoints: dict[int, Any], unseen: list[str]
    ) -> None:
        self.trace, self.findings, self.adjoints, self.unseen = trace, findings, adjoints, unseen

    def __getitem__(self, k: Any) -> Any:
        return self.findings[k]

    def __len__(self) -> int:
        return len(self.findings)

    def __repr__(self) -> str:
        count = "1 finding" if len(self) == 1 else f"{len(self)} findings"
        clean = "every value and derivative is finite, and no gate is at a kink"
        lines = [f"diagnosis of {self.trace.name}: {count if self.findings else clean}"]
        for f in self.findings:
            first, *rest = [t for t in (f.operation, f.line and f"at {f.line}", f.words) if t]
            lines += [f"{f.kind:22}  {first}", *(f"{'':22}  {text}" for text in rest)]
        return "\n".join([*lines, *self._notes()])

    def _notes(self) -> list[str]:
        if not self.unseen:
            return []
        shown, more = self.unseen[:5], len(self.unseen) - 5
        lines = [f"not looked at: {note}" for note in shown]
        return [*lines, f"not looked at: {more} more"] if more > 0 else lines

    def _repr_html_(self) -> str:
        if not self.findings:
            return "".join(f"<p>{escape(line)}</p>" for line in repr(self).splitlines())
        # JupyterLab's own rules put tables to the right and heed the style only, GitHub strips the style.
        left = "align='left' style='text-align:left'"
        head = "<tr>" + "".join(f"<th {left}>{word}</th>" for word in ("what", "where", "why")) + "</tr>"
        body = "".join(
            f"<tr><td {left}><b>{escape(f.kind)}</b></td>"
            f"<td {left}><code>{escape(f.operation)}</code><br>{escape(f.line)}</td>"
            f"<td {left}>{escape(f.words)}</td></tr>"
            for f in self.findings
        )
        notes = "".join(f"<p>{escape(note)}</p>" for note in self._notes())
        return f"<table>{head}{body}</table>{notes}"


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
        is *born* is it reported, not where it goes.  Then, for each input whose derivative is zero in every
        entry, what made it so; and comparisons that something equal decided.

    Raises
    ------
    TypeError
        If an input is not real and floating, or the result neither that nor dependent on the inputs.

    Examples
    --------
    >>> diagnose(lambda x: np.log(x) * 2.0, -1.0)[0].words
    'log is defined where v₀ > 0, and v₀ is -1: the value is nan'
    >>> diagnose(np.exp, 1.0)
    diagnosis of exp: every value and derivative is finite, and no gate is at a kink
    """
    tape = _Watched()
    with np.errstate(all="ignore"):
        t = traced("diagnose", f, args, tape, constants=True)
        lines = dict(zip([row.index for row in t.rows if row.gate], tape.lines, strict=True))
        adjoints: dict[int, Any] = {}
        of_values = list(_of_values(t, lines))
        of_derivatives = _of_derivatives(t, lines, adjoints)
        zeros = list(of_zeros(t, lines, tape.looks))
        equalities, notes = _of_looks(t, lines, tape.looks)
    told = {f.line for f in zeros}
    unseen = [f"{note} at {line}" for line, note in notes.items() if line not in told]
    return Diagnosis(t, [*of_values, *of_derivatives, *zeros, *equalities], adjoints, unseen)


class _Watched(Tape):
    """A tape that also notes the user's line of every gate, and what looks at a value without leaving a row."""

    __slots__ = ("lines", "looks")

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.looks: list[Look] = []

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Variable:
        """Record the gate, and the line."""
        self.lines.append(user_line())
        return super().record(gate, values, parents, params)

    def compared(self, sign: str, box: Any, other: Any, frame: FrameType) -> None:
        """Note what looked, at what, and in which line."""
        operands = other if type(other) is tuple else (box, other)
        self.looks.append(Look(sign, box, operands, user_line(), is_adlibs(frame)))


def _of_looks(t: Trace, lines: dict[int, str], looks: list[Look]) -> tuple[list[Finding], dict[str, str]]:
    """Find the comparisons, orders and places that something equal decided, and those that nothing did."""
    symbols = {id(row.node): row.symbol for row in t.rows}
    found: dict[Finding, None] = {}
    notes: dict[str, str] = {}
    for look in looks:
        why = undecided(look)
        if look.theirs and (look.sign in SIGNS or not why):
            continue
        if why:
            words = (
                f"{why}: the {'comparison' if look.sign in SIGNS else 'order'} decides for this very point; "
            )
            words += "next to it another branch may run, and the derivative of the branch that ran need not be the "
            words += "function's"
            shown = f"{look.sign} {short(plain(look.operands[1]))}" if look.is_sign else look.text(symbols)
            found[Finding("branch on equality", None, None, shown, look.line, words)] = None
        elif look.sign in SIGNS | INDICES and look.line:
            notes.setdefault(look.line, f"the other answer of {look.text(symbols)}")
    for finding in found:
        notes.pop(finding.line, None)
    for row in t.rows:
        if isinstance(row.gate, CustomGate) and not row.gate.of_the_table:
            notes.setdefault(lines[row.index], f"the rule of {row.gate.name}")
    return list(found), notes


def _of_values(t: Trace, lines: dict[int, str]) -> Iterator[Finding]:
    """Look at each gate's arguments: in its domain, at a kink; and whether a value stops being finite."""
    for row in t.rows:
        if row.gate is None:
            continue
        values, gate, place = t.operand_values(row), row.gate, (lines[row.index],)
        outside = ~np.asarray(gate.in_domain(*values, **row.params))
        born = ~np.isfinite(row.value) & np.all([np.all(np.isfinite(v)) for v in values])
        if np.any(outside):
            words = f"{gate.name} is defined where {named(gate.domain, t, row)}, and {at(outside, t, row)}: "
            words += f"the value is {short(pick(row.value, outside))}"
            yield Finding("outside the domain", row, None, operation(t, row), *place, words)
        elif np.any(born):
            words = (
                f"all operands are finite, the value is {short(pick(row.value, born))}: {at(born, t, row)}"
            )
            yield Finding("value not finite", row, None, operation(t, row), *place, words)
        kink = np.asarray(gate.at_kink(*values, **row.params)) & ~outside
        if np.any(kink):
            where = "entries tie" if gate.kinks == "ties" else named(gate.kinks, t, row)
            count = f" ({np.count_nonzero(kink)} of {kink.size} entries)" if kink.size > 1 else ""
            if isinstance(gate, TiedValues):
                where, count = gate.tell(**row.params), ""
            words = f"{gate.name} has no derivative where {where}{count}; adlib answers: {gate.convention}"
            yield Finding("kink", row, None, operation(t, row), *place, words)


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
    where = (row, operand, operation(t, row), line)
    partial = (
        row.gate.partial(k, t.operand_values(row), row.value) if isinstance(row.gate, Elementwise) else 1.0
    )
    partial = np.broadcast_to(partial, np.broadcast_shapes(np.shape(partial), np.shape(g)))
    spread = np.broadcast_to(g, partial.shape)
    into, out_of = np.isinf(partial) & (spread == 0), np.isinf(spread) & (partial == 0)
    if np.any(into | out_of):
        sizes = ("0", "inf") if np.any(into) else (short(pick(spread, out_of)), "0")
        words = f"the adjoint {bar} is {sizes[0]} and {edge} is {sizes[1]}: their product is nan, "
        return Finding("0·∞ in a derivative", *where, words + f"and goes on to {operand.symbol}")
    if np.all(np.isfinite(g)) and not np.all(np.isfinite(c)):
        product = spread * partial
        bad = ~np.isfinite(product)
        size = "0" if np.any(bad) and pick(spread, bad) == 0 else "finite"
        shown = short(pick(product, bad)) if np.any(bad) else "not finite"
        words = f"the adjoint {bar} is {size}, and what goes on to {operand.symbol} is {shown}"
        words += f", as {edge} is {short(pick(partial, bad))}" if np.any(~np.isfinite(partial)) else ""
        return Finding("derivative not finite", *where, words)
    unreal = np.isnan(row.value) & np.isfinite(
        np.broadcast_to(partial, np.broadcast_shapes(partial.shape, np.shape(row.value)))
    )
    if isinstance(row.gate, Elementwise) and np.any(unreal) and np.all(np.isfinite(t.operand_values(row)[k])):
        words = (
            f"{row.symbol} is nan, yet {edge} is {short(pick(partial, unreal))}: a formula's answer, of a "
        )
        return Finding("finite derivative of nan", *where, words + "function that has no value here")
    return None
