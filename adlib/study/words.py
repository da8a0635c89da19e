"""How a trace is written: LaTeX and plain text, with names and with numbers.

The formulas are not written here: they are the rows of the gates table, applied to symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib import gates
from adlib.formula import digits
from adlib.formula.expr import Expr, symbol
from adlib.formula.writing import number_latex
from adlib.gates import Elementwise, Linear
from adlib.study.columns import BAR, DOT
from adlib.study.rows import Constant, Row


class Rows:
    """The rows of a trace: they can be looked up, and written."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self._by_index = {row.index: row for row in rows}

    def __getitem__(self, name: int | str) -> Row:
        """Return the row v_i, by its number ``i`` or its name ``"v_i"``."""
        index = int(name.removeprefix("v_")) if isinstance(name, str) else name
        if index not in self._by_index:
            last = self.rows[-1].name
            raise KeyError(f"the trace has no row {name!r}: its rows are {self.rows[0].name} to {last}")
        return self._by_index[index]

    def __len__(self) -> int:
        return len(self.rows)

    def formula(self, row: Row) -> str:
        """Write a row's operation in LaTeX, with the names of its operands."""
        if row.gate is not None:
            return self._operation(row, 0).latex()
        return symbol(row.label).latex() if is_indexed(row.label) else rf"\mathrm{{{escaped(row.label)}}}"

    def text(self, row: Row) -> str:
        """Write a row's operation in plain text."""
        return row.label if row.gate is None else str(self._operation(row, 0))

    def text_of(self, operand: Any) -> str:
        """Write one of a row's operands in plain text: a name or a number."""
        return number_text(operand.value) if isinstance(operand, Constant) else self[operand].symbol

    def numbers(self, row: Row, least: int = 4) -> str:
        """Write a row's operation in LaTeX, with the numbers of its operands put in; see `numbers_text`."""
        return number_latex_of(row.value) if row.gate is None else self._with_numbers(row, least)[0]

    def numbers_text(self, row: Row, least: int = 4) -> str:
        """Write a row's operation in plain text, with the numbers of its operands put in.

        Parameters
        ----------
        row : Row
        least : int
            How many digits numbers have: more only where it takes more to give the value to so many digits.

        Returns
        -------
        str

        Examples
        --------
        >>> from adlib import trace
        >>> t = trace(lambda x, y: np.sin(x) / np.cos(y), 0.5625, 1.5625)
        >>> [t.numbers_text(row) for row in t.rows[2:]]
        ['sin(0.5625)', 'cos(1.5625)', '0.5333 / 0.008296']
        """
        return number_plain(row.value, least) if row.gate is None else self._with_numbers(row, least)[1]

    def tangent_words(self, row: Row, tangents: dict[int, Any], with_numbers: bool) -> tuple[str, str]:
        """Write the rule that gave a row's tangent, in LaTeX and in plain text."""

        def rule(more: int) -> Any:
            operands = [self._written(o, more) for o in row.operands]
            dots = [None if isinstance(o, Constant) else dot(self[o], more) for o in row.operands]
            if isinstance(row.gate, Elementwise):
                return row.gate.jvp(dots, operands, stands_for(row, more), {})
            linear = isinstance(row.gate, Linear) and row.gate
            if linear and linear.joint:  # the gate itself, applied to the tangents
                fixed = zip(operands, dots, linear._rules(len(dots)), strict=True)
                return applied(row, [o if r is None else 0 if d is None else d for o, d, r in fixed])
            terms: list[Any] = []
            for k, d in enumerate(dots):
                if d is not None and linear:
                    terms.append(applied(row, [*operands[:k], d, *operands[k + 1 :]]))
                elif d is not None:
                    jacobian = symbol(*jacobian_text(row, self[row.operands[k]]))
                    terms.append(Expr(gates.multiply, (jacobian, d)))
            return sum(terms[1:], start=terms[0]) if terms else 0

        def dot(r: Row, more: int) -> Expr:
            if more:
                return as_symbol(tangents[r.index], more)
            return symbol("v" + DOT + r.symbol[1:], rf"\dot {v_latex(r)}")

        return written(rule, tangents[row.index], with_numbers)

    def adjoint_words(self, row: Row, k: int, g: Any, c: Any, with_numbers: bool) -> tuple[str, str]:
        """Write what a row of adjoint `g` hands on to operand `k`, which is `c`, in LaTeX and in plain text."""

        def rule(more: int) -> Any:
            name = symbol("v" + BAR + row.symbol[1:], rf"\bar {v_latex(row)}")
            bar = as_symbol(g, more) if more else name
            if isinstance(row.gate, Elementwise):
                operands = [self._written(o, more) for o in row.operands]
                return row.gate.vjp(k, bar, operands, stands_for(row, more), {})
            text, latex = jacobian_text(row, self[row.operands[k]])
            return Expr(gates.multiply, (symbol(f"{text}ᵀ", rf"{latex}^{{\mathsf{{T}}}}"), bar))

        return written(rule, c, with_numbers)

    def _with_numbers(self, row: Row, least: int) -> tuple[str, str]:
        return numbered(lambda more: self._operation(row, more), row.value, least)

    def _operation(self, row: Row, more: int) -> Expr:
        return applied(row, [self._written(o, more) for o in row.operands])

    def _written(self, operand: Any, more: int) -> Any:
        if not isinstance(operand, Constant):
            return stands_for(self[operand], more)
        return operand.value if np.ndim(operand.value) == 0 else symbol("array", r"\mathrm{array}")


# --- Rules and operations -----------------------------------------------------------------------------


def written(rule: Callable[[int], Any], result: Any, with_numbers: bool) -> tuple[str, str]:
    """Write what a gate's rule says of symbols, in LaTeX and in plain text.

    Parameters
    ----------
    rule : callable
        From a number of digits to the formula with numbers of so many; from 0 to the formula with names.
    result : float or array
        What the formula gives.
    with_numbers : bool
    """

    def known(more: int) -> Any:
        e = rule(more)
        return 0 if e is None else e

    with np.errstate(all="ignore"):  # a rule may take the logarithm of a constant, say
        if with_numbers:
            return numbered(known, result)
        e = known(0)
        return e.latex() if isinstance(e, Expr) else number_latex(e), str(e)


def seed_words(seed: Any, with_numbers: bool) -> tuple[str, str]:
    """Write what a column starts from, in LaTeX and in plain text."""
    latex = number_latex_of(seed) if np.ndim(seed) == 0 else r"\text{seed}"
    return latex, number_plain(seed) if with_numbers else "seed"


def numbered(write: Callable[[int], Any], result: Any, least: int = 4) -> tuple[str, str]:
    """Write a formula with numbers, in LaTeX and in plain text, in as few digits as give the result."""

    def gives(more: int) -> float | None:
        return digits.computed(digits.cut(write(more), more))

    more = least if np.ndim(result) else digits.fewest(gives, result, least)
    e = write(more) if more else as_symbol(result, least)  # a convention, which no calculator knows
    return digits.cut(e, more, in_latex=True).latex(), str(digits.cut(e, more))


def applied(row: Row, operands: Sequence[Any]) -> Expr:
    """Write a row's gate, applied to whatever stands for its operands."""
    assert row.gate is not None
    fixed = {k: v for k, v in row.params.items() if v is not None and v is not False and not _empty(v)}
    if not fixed:
        return Expr(row.gate, tuple(operands))
    texts = [str(o) for o in operands]
    latex = [o.latex() if isinstance(o, Expr) else number_latex(o) for o in operands]
    if row.gate.name == "getitem":
        index = index_text(fixed["index"])
        return symbol(f"{texts[0]}[{index}]", rf"{latex[0]}\,[{index}]")
    fixes = [index_text(v) if key == "how" else f"{key}={index_text(v)}" for key, v in fixed.items()]
    set_upright = [rf"\mathrm{{{escaped(fix)}}}" for fix in fixes]
    return symbol(
        f"{row.gate.name}({', '.join([*texts, *fixes])})",
        rf"\operatorname{{{escaped(row.gate.name)}}}"
        rf"({', '.join([*latex, *set_upright])})",
    )


def _empty(x: Any) -> bool:
    return type(x) is tuple and not x


def index_text(x: Any) -> str:
    """Write an index, or another fixed parameter, as in a program."""
    if isinstance(x, tuple):
        return ", ".join(map(index_text, x))
    if isinstance(x, slice):
        return ":".join(
            "" if part is None else str(part) for part in (x.start, x.stop, x.step)[: 2 + bool(x.step)]
        )
    return (
        "array" if isinstance(x, np.ndarray) else "..." if x is Ellipsis else getattr(x, "__name__", str(x))
    )


def jacobian_text(row: Row, operand: Row) -> tuple[str, str]:
    """Name a local derivative that is a matrix."""
    return (
        f"(∂{row.symbol}/∂{operand.symbol})",
        rf"\left(\frac{{\partial {v_latex(row)}}}{{\partial {v_latex(operand)}}}\right)",
    )


# --- Names and numbers --------------------------------------------------------------------------------


def stands_for(row: Row, more: int) -> Expr:
    """Write a row by its name, or, in so many digits, as its number."""
    return as_symbol(row.value, more) if more else symbol(row.symbol, v_latex(row))


def as_symbol(x: Any, more: int) -> Expr:
    """Stand in for a number in a formula: so it is written, not computed with."""
    return digits.stand_in(x, more) if np.ndim(x) == 0 else symbol(number_plain(x), number_latex_of(x))


def number_plain(x: Any, least: int = 4) -> str:
    """Write a number for a formula in plain text, in parentheses where it is negative."""
    text = digits.operand(x, least) if np.ndim(x) == 0 else number_text(x)
    return f"({text})" if text.startswith("-") else text


def v_latex(row: Row) -> str:
    """Write a row's name in LaTeX."""
    return f"v_{row.index}" if 0 <= row.index <= 9 else f"v_{{{row.index}}}"


def escaped(text: str) -> str:
    """Write an underscore in LaTeX."""
    return text.replace("_", r"\_")


def is_indexed(label: str) -> bool:
    """Tell whether a label is a letter and a number, as x1 is."""
    return label.isidentifier() and len(label.rstrip("0123456789")) == 1


def number_text(x: Any) -> str:
    """Write a number, or a short array, in plain text."""
    if np.ndim(x) == 0:
        return digits.number(x)
    if np.ndim(x) == 1 and np.size(x) <= 6:
        return np.array2string(x + 0, precision=4, separator=", ")  # -0 + 0 is 0
    return "array " + "×".join(map(str, np.shape(x)))


def number_latex_of(x: Any) -> str:
    """Write a number in LaTeX, and of an array its shape."""
    if np.ndim(x) == 0:
        return digits.latex(digits.operand(x, 4))
    return r"\text{array " + "×".join(map(str, np.shape(x))) + "}"
