"""Why is this derivative zero?  Find where each path from an input to the result was cut.

Forwards over the trace: which rows depend on the input.  Backwards: which edge takes an adjoint that is not zero and
hands on zero.  Where no row of the result depends on the input at all, the path left the record: a comparison, an index
or a shape was all that looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from adlib.engine.levels import plain
from adlib.engine.tape import Variable
from adlib.gates import Elementwise, Selection
from adlib.gates.shaping import as_dtype
from adlib.study.findings import Finding, operation, short
from adlib.study.rows import Constant, Row
from adlib.study.trace import Trace

_COMPARING = frozenset({
    *("<", "<=", ">", ">=", "==", "!="),
    *("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"),
})  # fmt: skip
SIGNS = _COMPARING | {
    *("bool", "in", "isclose", "allclose", "array_equal", "array_equiv", "isin", "any", "all", "signbit"),
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
}  # fmt: skip
"""What compares."""

INDICES = frozenset({
    *("argmax", "argmin", "argsort", "argpartition", "nonzero", "argwhere", "flatnonzero", "count_nonzero"),
    *("unravel_index", "digitize", "lexsort", "searchsorted", "nanargmax", "nanargmin", "matrix_rank"),
})  # fmt: skip
"""What finds a place, or counts."""

SHAPES = frozenset({"shape", "ndim", "size", "len", "zeros_like", "ones_like", "empty_like"})
"""What looks at a shape alone."""

_ROUNDING = frozenset({"floor", "ceil", "rint", "trunc", "floor_divide"})
_PIECES = _ROUNDING | {
    *("maximum", "minimum", "fmax", "fmin", "max", "min", "absolute", "relu", "sign", "heaviside")
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Look:
    """One look at a tracked value by what leaves no row: a comparison, an index, a shape."""

    sign: str  # ">" or "argmax"
    box: Variable
    operands: tuple[Any, ...]  # the box and what it was looked at with
    line: str  # the user's
    theirs: bool  # whether code of adlib did it, on behalf of that line

    @property
    def is_sign(self) -> bool:
        """Whether it is one of Python's comparisons, with two sides."""
        return not self.sign[0].isalpha()

    def text(self, symbols: dict[int, str]) -> str:
        """Write it with the names of the rows, by the identity of their nodes."""
        parts = [symbols.get(id(x)) or short(plain(x)) for x in self.operands]
        if self.is_sign:
            return f"{parts[0]} {self.sign} {parts[1]}"
        return f"{self.sign}({', '.join(parts)})"


def of_zeros(t: Trace, lines: dict[int, str], looks: list[Look]) -> Iterator[Finding]:
    """Say for every input whose derivative is zero what made it so; of findings alike, on one line, the first."""
    sources: dict[int, list[Row]] = {}
    totals = _seeds(t)
    cuts: list[tuple[Row, Row, int, Any]] = []

    def told(row: Row, target: Row, g: Any, k: int, c: Any) -> None:
        if np.any(np.asarray(c) != 0):
            sources.setdefault(target.index, []).append(row)
            totals[target.index] = totals.get(target.index, 0.0) + c
        elif np.any(np.asarray(g) != 0):
            cuts.append((row, target, k, g))

    adjoints: list[Any] = [None] * len(t.rows)
    for index, g in totals.items():
        adjoints[t[index].node.number] = g
    t.walk(adjoints, told)
    zero = {row.index for row in t.rows if np.size(row.value) and not np.any(totals.get(row.index, 0.0))}
    bits = {row.index: 1 << j for j, row in enumerate(t.inputs) if row.index in zero}
    if not bits:
        return
    depends = _dependence(t, bits)
    reached = 0
    for index in t.outputs:
        reached |= depends[index]
    cancelled = {index: rows for index, rows in sources.items() if index in zero}
    by_cause: dict[tuple[str, str], tuple[Finding, int]] = {}
    for finding, mask in (
        *_on_the_way(t, lines, cuts, cancelled, depends, reached),
        *_off_the_record(t, lines, looks, depends, sum(bits.values()) & ~reached),
    ):
        key = finding.kind, finding.line or finding.operation
        first, before = by_cause.get(key, (finding, 0))
        by_cause[key] = first, before | mask
    for finding, mask in by_cause.values():
        names = [row.symbol for j, row in enumerate(t.inputs) if mask >> j & 1]
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        words = f"{finding.words}; so the derivative by {', '.join(names[:3])}{more} is 0"
        yield replace(finding, words=words)


def _seeds(t: Trace) -> dict[int, Any]:
    """Start from numbers without a pattern: a sum of probabilities, say, is constant, and each of them is not."""
    rng = np.random.default_rng(0)
    rows = [t[index] for index in t.outputs]
    return {row.index: as_dtype(1.0 + rng.random(np.shape(row.value)), row.value) for row in rows}


def _dependence(t: Trace, bits: dict[int, int]) -> dict[int, int]:
    """Walk forwards: of each row, the inputs that it depends on, a bit each."""
    depends: dict[int, int] = {}
    for row in t.rows:
        mask = bits.get(row.index, 0)
        for p in row.parents:
            mask |= depends[p]
        depends[row.index] = mask
    return depends


def _on_the_way(
    t: Trace,
    lines: dict[int, str],
    cuts: list[tuple[Row, Row, int, Any]],
    cancelled: dict[int, list[Row]],
    depends: dict[int, int],
    reached: int,
) -> Iterator[tuple[Finding, int]]:
    """Look at edges over which an adjoint that is not zero goes in and zero comes out, and at sums that are zero."""
    for row, target, k, g in cuts:
        mask = depends[target.index] & reached
        assert row.gate is not None
        if not mask:
            continue
        if row.gate.name == "attach":
            yield from ((f, mask) for f in _constant_derivatives(t, lines, row, depends, mask))
            continue
        kink = np.asarray(row.gate.at_kink(*t.operand_values(row), **row.params))
        if row.gate.name not in _ROUNDING and np.all(kink | (np.asarray(g) == 0)):
            continue  # what a kink answers has been said
        kind, words = _why(t, row, target, k, g)
        yield Finding(f"zero: {kind}", row, target, operation(t, row), lines[row.index], words), mask
    for index, (last, *rest) in cancelled.items():
        if mask := depends[index] & reached:
            names = " and ".join(dict.fromkeys(s.symbol for s in (last, *rest)))
            words = f"contributions cancel: what {names} hands on to {t[index].symbol} adds up to 0"
            yield Finding("zero: cancels", t[index], None, operation(t, last), lines[last.index], words), mask


def _why(t: Trace, row: Row, target: Row, k: int, g: Any) -> tuple[str, str]:
    """Say why a row hands nothing on to one of its operands, although its adjoint is not zero."""
    gate, values = row.gate, t.operand_values(row)
    assert gate is not None
    edge, name = f"∂{row.symbol}/∂{target.symbol}", gate.name
    others = [(j, o) for j, o in enumerate(row.operands) if j != k]
    zero_others = [o for j, o in others if np.size(values[j]) and not np.any(np.asarray(values[j]))]
    if name == "stop_gradient":
        return "cut", "cut on purpose: stop_gradient hands nothing on"
    if isinstance(gate, Elementwise):
        if type(gate.partials[k]) is int:
            if name in _ROUNDING:
                return "rounding", f"rounding by {name} makes a step, and the derivative of a step is 0"
            return "step", f"{name} is a step, and the derivative of a step is 0"
        if name in _PIECES and (others or name == "relu"):
            if name == "relu" or (name == "maximum" and zero_others):
                return "dead ReLU", f"dead ReLU: {target.symbol} is below 0, where the slope is 0"
            return "flat piece", f"flat here: {name} takes the other operand, {t.text_of(others[0][1])}"
        if np.any((np.asarray(gate.partial(k, values, row.value)) != 0) & (np.asarray(g) != 0)):
            return "underflow", f"the adjoint times {edge} is too small for a number: it is rounded to 0"
        if _moves(gate, k, values, g, {k}):
            return "zero factor", f"zero factor: the local derivative of this gate, {edge}, is 0 here"
        if _moves(gate, k, values, g, {j for j, _ in others}):
            named = [(o, short(values[j])) for j, o in others]
            what = [
                f"{'the other operand' if isinstance(o, Constant) else t.text_of(o)} is {v}" for o, v in named
            ]
            return "zero factor", f"zero factor: {' and '.join(what)}, so {edge} is 0"
        return "flat piece", f"{name} is flat here: {edge} is 0, and stays 0 nearby"
    if gate.function is np.where:
        return "other branch", f"the condition takes the other branch, not {target.symbol}"
    if name == "prod":
        return "zero factor", f"zero factor: other entries of {target.symbol} are 0"
    if zero_others and not getattr(gate, "joint", False):
        return "zero factor", f"zero factor: {' and '.join(map(t.text_of, zero_others))} is 0 in every entry"
    if isinstance(gate, Selection) or not hasattr(gate, "backward_rule"):
        return "other entries", f"only other entries of {row.symbol}, or of its operands, go on to the result"
    return "zero factor", f"zero factor: the rule of {name} hands on 0 to {target.symbol}"


def _moves(gate: Elementwise, k: int, values: list[Any], g: Any, which: set[int]) -> bool:
    """Tell whether the partial, 0 here, is another number when some operands move a little."""
    for step in (0.01, -0.01):
        moved = [
            np.asarray(v, float) + step * (np.abs(np.asarray(v, float)) + 0.01) if j in which else v
            for j, v in enumerate(values)
        ]
        partial = np.asarray(gate.partial(k, moved, gate.function(*moved)))
        if np.any((np.abs(partial) > 0) & (np.asarray(g) != 0)):
            return True
    return False


def _constant_derivatives(
    t: Trace, lines: dict[int, str], row: Row, depends: dict[int, int], mask: int
) -> Iterator[Finding]:
    """A derivative taken inside does not vary: name the gates by pieces that the function inside went through."""
    pieces = [r for r in t.rows if r.gate and r.gate.name in _PIECES and depends[r.index] & mask]
    for r in pieces or [row]:
        words = "the derivative inside is constant: of a function that is linear in what it was taken by"
        if r is not row and r.gate is not None:
            words = f"the derivative inside is constant: the slope of {r.gate.name} is a step"
        yield Finding("zero: constant", r, None, operation(t, r), lines[r.index], words)


def _off_the_record(
    t: Trace, lines: dict[int, str], looks: list[Look], depends: dict[int, int], wanted: int
) -> Iterator[tuple[Finding, int]]:
    """Say what happened to inputs on which no row of the result depends."""
    if not wanted:
        return
    rows = {id(row.node): row for row in t.rows}
    symbols = {node: row.symbol for node, row in rows.items()}
    used = {p for row in t.rows for p in row.parents}
    told = 0
    for names in (SIGNS | INDICES, SHAPES):
        here = 0
        for look in looks:
            row = rows.get(id(look.box))
            mask = depends[row.index] & wanted & ~told if row and look.sign in names else 0
            if not mask or not look.line or ": assert " in look.line:
                continue
            here |= mask
            kind = "comparison" if look.sign in SIGNS else "index" if look.sign in INDICES else "shape"
            words = "nothing in the result depends on it but by its shape"
            if kind != "shape":
                words = (
                    f"nothing in the result depends on it but by this {kind}, which is constant between jumps"
                )
            yield Finding(f"zero: {kind}", row, None, look.text(symbols), look.line, words), mask
        told |= here
    for row in t.rows:
        mask = depends[row.index] & wanted & ~told
        if not mask or row.index in used:
            continue
        words, line = "not used: no gate is applied to it (or to its shape alone)", ""
        if row.gate is not None:
            words, line = f"{row.symbol} is not in the result, nor is what follows from it", lines[row.index]
        yield Finding("zero: not used", row, None, operation(t, row), line, words), mask


def undecided(look: Look) -> str:
    """Say what ties in a look, where a little to the side the answer is another; empty where nothing does."""
    values = [v for v in map(_numbers, look.operands) if v is not None]
    if not values or any(v.dtype.kind not in "fiub" for v in values):
        return ""
    first, sign = values[0], look.sign
    if sign in _ABOUT_ZERO:
        return "a value is 0" if any(np.any(v == 0) for v in values[:2]) else ""
    if sign in _COMPARING or sign in _MEMBERS:
        if len(values) < 2 or look.operands[0] is look.operands[1]:
            return ""
        same = np.isin(first, values[1]) if sign == "isin" else first == values[1]
        all_of_them = sign in ("array_equal", "array_equiv")
        return "both sides are equal" if (np.all if all_of_them else np.any)(same) else ""
    if sign in ("searchsorted", "digitize"):
        return "a value lies on a border" if np.any(np.isin(first, values[1])) else ""
    if sign in ("argsort", "argpartition", "argmax", "argmin") and first.size > 1:
        k = 2 if sign == "argpartition" else 1
        axis = look.operands[k] if len(look.operands) > k else -1 if k == 2 or sign == "argsort" else None
        rows = np.moveaxis(first, axis, 0) if type(axis) is int else np.ravel(first)
        gaps = np.diff(np.sort(rows, axis=0), axis=0)
        gaps = gaps[-1:] if sign == "argmax" else gaps[:1] if sign == "argmin" else gaps
        return "entries are equal" if np.any(gaps == 0) else ""
    return ""


_MEMBERS = frozenset({"in", "isin", "array_equal", "array_equiv"})
_ABOUT_ZERO = frozenset({
    *("bool", "any", "all", "nonzero", "argwhere", "flatnonzero", "count_nonzero", "signbit"),
    *("logical_and", "logical_or", "logical_not", "logical_xor"),
})  # fmt: skip


def _numbers(x: Any) -> np.ndarray[Any, Any] | None:
    """Return the numbers in an operand, a list of tracked ones also; None where it has none."""
    if isinstance(x, list | tuple):
        parts = [_numbers(part) for part in x]
        whole = parts and all(part is not None and part.shape == () for part in parts)
        return np.array(parts) if whole else None
    x = plain(x)
    known = isinstance(x, float | int | np.ndarray | np.generic) and not isinstance(x, bool)
    return np.asarray(x) if known else None
