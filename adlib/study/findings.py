"""What `adlib.diagnose` says, a `Finding` each, and the words for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from adlib.study.rows import Constant, Row
from adlib.study.trace import Trace


@dataclass(frozen=True)
class Finding:
    """One thing to know about one row of the trace.

    Attributes
    ----------
    kind : {"outside the domain", "kink", "value not finite", "derivative not finite", "0·∞ in a derivative", \
"finite derivative of nan", "branch on equality"}, or "zero: " and what made a derivative zero
    row : Row or None
        Where; ``None`` for a comparison, which leaves no row.  (Of a zero: the row that was looked at.)
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


def operation(t: Trace, row: Row) -> str:
    """Write a row with its name."""
    return f"{row.symbol} = {t.text(row)}"


def named(condition: str, t: Trace, row: Row) -> str:
    """Write a condition on x, y, z with the names of the row's operands."""
    names = dict(zip("xyz", (t.text_of(o) for o in row.operands), strict=False))
    return re.sub(r"\b[xyz]\b", lambda m: names.get(m[0], m[0]), condition.replace("np.", ""))


def at(mask: Any, t: Trace, row: Row) -> str:
    """Say which operands do it; of arrays, the first entry and how many more."""
    where = np.broadcast_to(mask, np.shape(row.value)) if np.ndim(mask) <= np.ndim(row.value) else mask
    parts = []
    for o, value in zip(row.operands, t.operand_values(row), strict=True):
        if not isinstance(o, Constant):
            parts.append(f"{t[o].symbol} is {short(pick(value, where))}")
    count = int(np.count_nonzero(where))
    index = ", ".join(map(str, np.argwhere(where)[0])) if np.ndim(where) else ""
    more = f" at [{index}], one of {count}" if index and count > 1 else f" at [{index}]" if index else ""
    return " and ".join(parts) + more


def pick(values: Any, mask: Any) -> Any:
    """Return the entry at the first place where the mask holds."""
    values, mask = np.asarray(values), np.asarray(mask)
    if values.shape != mask.shape:
        try:
            values = np.broadcast_to(values, mask.shape)
        except ValueError:
            return np.ravel(values)[0]
    return values[mask][0] if np.any(mask) else np.ravel(values)[0]


def short(x: Any) -> str:
    """Write a number, or the shape of an array."""
    if not isinstance(x, float | int | np.ndarray | np.generic):
        return repr(x) if len(repr(x)) < 20 else "..."
    return (
        format(float(x), ".6g")
        if np.ndim(x) == 0 and not isinstance(x, str)
        else f"an array of shape {np.shape(x)}"
    )
