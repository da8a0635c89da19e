r"""Expressions: the gates, applied to names instead of numbers.

An ``Expr`` is a box that stands for no number.  A gate that meets one computes nothing; it is written down.
So calling a plain NumPy function with symbols gives its formula, and evaluating a row of the gates table
with symbols gives the formula of a local derivative: the rows are not written a second time for display.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from adlib import gates
from adlib.boxes import Box, Level
from adlib.errors import explain
from adlib.gates import ATOM, PRODUCT, Gate, Notation


class Expr(Box):
    """A formula: a gate and its operands, or a symbol.

    Expressions that share a part hold the same object, so they form a directed acyclic graph.

    Attributes
    ----------
    gate : Gate or None
        ``None`` for a symbol.
    args : tuple
        Operands: expressions and numbers.
    name, symbol_latex : str
        A symbol's name in plain text and in LaTeX.

    Examples
    --------
    >>> x1, x2 = symbols("x1 x2")
    >>> y = np.log(x1 / np.sin(x2**2))
    >>> print(y)
    log(x1 / sin(x2**2))
    >>> print(y.latex())
    \\log \\left(\\frac{x_1}{\\sin \\left(x_2^{2}\\right)}\\right)
    """

    __slots__ = ("args", "gate", "name", "symbol_latex")

    def __init__(
        self, gate: Gate | None, args: tuple[Any, ...], name: str = "", symbol_latex: str = ""
    ) -> None:
        self.gate, self.args, self.name, self.symbol_latex = gate, args, name, symbol_latex
        self.level = _SYMBOLIC

    @property
    def value(self) -> Expr:
        """The expression itself: there is no number behind it."""
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Always ``()``: expressions are scalars."""
        return ()

    @property
    def dtype(self) -> Any:
        """None: an expression has no floating type."""
        return None

    def __bool__(self) -> bool:
        problem = "a condition on a symbol is neither true nor false"
        raise TypeError(explain(problem, "Trace the function at a number, or use np.where."))

    def __repr__(self) -> str:
        return f"<Expr {self}>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __str__(self) -> str:
        return _text(self)[0]

    def latex(self) -> str:
        """Write the expression in LaTeX, without dollar signs."""
        return _latex(self)[0]

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


class _Symbolic(Level):
    """The level of all expressions: older than every derivative call, so those see formulas as numbers."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.number = -1

    def record(
        self, gate: Gate, args: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Any:
        """Write the gate down, unless it plainly does nothing."""
        if params:
            problem = f"{gate.name} with {', '.join(params)} needs an array, and an expression is a scalar"
            raise TypeError(explain(problem, "Use expressions for functions of scalars."))
        unchanged = _unchanged(gate, args)
        return Expr(gate, args) if unchanged is None else unchanged


_SYMBOLIC = _Symbolic()


def _unchanged(gate: Gate, args: tuple[Any, ...]) -> Any:
    """Return the operand that the gate leaves as it is (x·1, x + 0, x¹ ...), or None."""
    if len(args) != 2:
        return None
    x, y = args
    if gate in (gates.multiply, gates.divide, gates.power) and _is(y, 1):
        return x
    if gate in (gates.add, gates.subtract) and _is(y, 0):
        return x
    if (gate is gates.multiply and _is(x, 1)) or (gate is gates.add and _is(x, 0)):
        return y
    return None


def _is(x: Any, number: int) -> bool:
    return not isinstance(x, Box) and bool(x == number)


def symbol(name: str, latex: str | None = None) -> Expr:
    """Make one symbol.

    Parameters
    ----------
    name : str
        Plain text.
    latex : str, optional
        Its LaTeX; by default digits at the end of the name become a subscript.

    Returns
    -------
    Expr
    """
    if latex is None:
        letters = name.rstrip("0123456789")
        index = name[len(letters) :]
        latex = (
            letters if not index else f"{letters}_{index}" if len(index) == 1 else f"{letters}_{{{index}}}"
        )
    return Expr(None, (), name, latex)


def symbols(names: str) -> Any:
    """Make symbols from a text of names, separated by spaces or commas.

    Parameters
    ----------
    names : str
        Such as ``"x1 x2"``.

    Returns
    -------
    Expr or tuple of Expr
        One symbol, or a tuple of several.

    Raises
    ------
    ValueError
        If there is no name.

    Examples
    --------
    >>> symbols("t")
    <Expr t>
    """
    made = tuple(symbol(name) for name in names.replace(",", " ").split())
    if not made:
        raise ValueError("symbols: give at least one name, such as symbols('x1 x2')")
    return made[0] if len(made) == 1 else made


# --- Comparisons of symbols: a bracket that is 1 where it holds and 0 elsewhere (Iverson) --------

_COMPARISONS: dict[str, tuple[np.ufunc, str, str]] = {
    "lt": (np.less, "<", "<"),
    "le": (np.less_equal, "<=", r"\le"),
    "gt": (np.greater, ">", ">"),
    "ge": (np.greater_equal, ">=", r"\ge"),
    "eq": (np.equal, "==", "="),
    "ne": (np.not_equal, "!=", r"\ne"),
}


def _comparison(ufunc: np.ufunc, sign: str, latex: str) -> Callable[[Expr, Any], Expr]:
    gate = Gate(ufunc, symbol=sign, latex=Notation(r"\left[{} " + latex + r" {}\right]", ATOM, (0, 0)))
    return lambda self, other: Expr(gate, (self, other))


for _name, _facts in _COMPARISONS.items():
    setattr(Expr, f"__{_name}__", _comparison(*_facts))
setattr(Expr, "__hash__", object.__hash__)  # noqa: B010  # comparing must not lose the identity


# --- Writing -------------------------------------------------------------------------------------

_PYTHON = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@"}
_BINDS = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "matmul": 2, "negative": 3, "power": 4}


def _text(x: Any) -> tuple[str, int]:
    """Write in Python's notation; return the text and how tightly it binds."""
    if not isinstance(x, Expr):
        return number_text(x), 3 if x < 0 else ATOM
    if x.gate is None:
        return x.name, ATOM
    name, parts = x.gate.name, [_text(a) for a in x.args]
    level = _BINDS.get(name, ATOM)
    if name == "negative":
        return "-" + _wrapped(parts[0], level, "({})"), level
    if name in _PYTHON:
        left, right = (
            (level + 1, level) if name == "power" else (level, level + (name in ("subtract", "divide")))
        )
        a, b = _wrapped(parts[0], left, "({})"), _wrapped(parts[1], right, "({})")
        if name == "add" and b.startswith("-"):
            return f"{a} - {b[1:]}", level
        gap = "" if name == "power" else " "
        return f"{a}{gap}{_PYTHON[name]}{gap}{b}", level
    if x.gate.symbol in ("<", "<=", ">", ">=", "==", "!="):
        return f"({parts[0][0]} {x.gate.symbol} {parts[1][0]})", ATOM
    return f"{name}({', '.join(p for p, _ in parts)})", ATOM


def _latex(x: Any) -> tuple[str, int]:
    """Write in LaTeX; return the text and how tightly it binds."""
    if not isinstance(x, Expr):
        return number_latex(x), PRODUCT if x < 0 else ATOM
    if x.gate is None:
        return x.symbol_latex, PRODUCT if x.symbol_latex.startswith("-") else ATOM
    template, level, wanted = x.gate.notation
    if len(wanted) != len(x.args):
        template, wanted = gates.call(x.gate.name, len(x.args))[::2]
    parts = []
    for k, (a, w) in enumerate(zip(x.args, wanted, strict=True)):
        text, binds = _latex(a)
        if text.startswith("-"):
            binds = min(binds, PRODUCT)
            w += k > 0 and w > 0 and x.gate is not gates.add  # a·(-b), never a·-b
        parts.append(_wrapped((text, binds), w, r"\left({}\right)"))
    if x.gate is gates.multiply and (parts[1][0].isdigit() or parts[1].startswith(r"\left(-")):
        template = r"{} \cdot {}"  # two numbers side by side would read as one
    if x.gate is gates.add and parts[1].startswith("-"):
        return f"{parts[0]} - {parts[1][1:]}", level
    if x.gate is gates.divide and parts[0].startswith("-"):
        return "-" + template.format(parts[0][1:], parts[1]), PRODUCT
    return template.format(*parts), level


def _wrapped(part: tuple[str, int], needed: int, brackets: str) -> str:
    text, level = part
    return text if level >= needed else brackets.format(text)


def number_text(x: Any, digits: int = 10) -> str:
    """Write a number in plain text: ``2`` rather than ``2.0``, at most so many digits."""
    return format(float(x), f".{digits}g")


def number_latex(x: Any, digits: int = 4) -> str:
    """Write a number in LaTeX, rounded to so many digits."""
    text = format(float(x), f".{digits}g")
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}.get(text, text)


def _unsupported(self: Expr, *args: Any) -> NoReturn:
    raise TypeError(explain("an expression is a scalar; it has no entries", "Use one symbol for each entry."))


for _name in ("__getitem__", "__len__", "__iter__"):
    setattr(Expr, _name, _unsupported)
