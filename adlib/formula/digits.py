"""Numbers in formulas: as few digits as keep the formula true.

``cos(1.562) * (-4.375) = -0.03630`` is wrong: a calculator gives -0.03848, for the operand has lost what matters.  So
the digits of a line are not chosen beforehand.  `fewest` takes four, and more until the line, computed with the
numbers as they are written, gives the result as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from adlib import gates
from adlib.formula.expr import Expr, symbol
from adlib.formula.writing import nodes, number_text

ALL = 17
"""So many digits tell a float from every other."""


def number(x: Any, digits: int = 10) -> str:
    """Write a number by itself: a zero has no sign, a fraction at most so many digits.

    >>> number(2.0), number(-0.0), number(2 / 3, 4), number(1.0)
    ('2', '0', '0.6667', '1')
    """
    return number_text(x if type(x) is int else float(x) + 0.0, digits)


def operand(x: Any, digits: int) -> str:
    """Write a number in a formula: one that is rounded shows all its digits, one that is not is short.

    Parameters
    ----------
    x : float
    digits : int
        Significant digits; from `ALL` on, as many as tell the number from every other.

    Examples
    --------
    >>> operand(2.0, 4), operand(1.99999, 4), operand(0.1 + 0.2, 4), operand(0.1 + 0.2, ALL)
    ('2', '2.000', '0.3', '0.30000000000000004')
    """
    if type(x) is int:
        return str(x)
    x = float(x)
    if digits >= ALL:
        return repr(x).removesuffix(".0")
    x += 0.0  # only among all digits is a zero's sign one
    short = format(x, f".{digits}g")
    if not np.isfinite(x) or abs(x - float(short)) <= 1e-12 * abs(x):
        return short
    mantissa, e, exponent = format(x, f"#.{digits}g").partition("e")
    return mantissa.removesuffix(".") + e + exponent


def latex(text: str) -> str:
    """Write in LaTeX what `operand` wrote.

    >>> print(latex("-1.5e-07"), latex("inf"))
    -1.5 \\cdot 10^{-7} \\infty
    """
    mantissa, e, exponent = text.partition("e")
    if e:
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}.get(text, text)


def stand_in(x: Any, digits: int) -> Expr:
    """Make a symbol that is written as a number; `computed` knows how to read it."""
    text = operand(x, digits)
    return symbol(f"({text})" if text.startswith("-") else text, latex(text))


def cut(e: Any, digits: int, in_latex: bool = False) -> Expr:
    """Write the constants of a formula, too, in so many digits."""

    def constant(x: Any) -> Any:
        if isinstance(x, bool | np.bool_):
            return x
        if x < 0 and digits <= 10 and not in_latex:  # a number binds its minus as the formula wants it
            return float(operand(x, digits))
        return stand_in(x, digits)

    if not isinstance(e, Expr):
        return stand_in(e, digits)
    made: dict[int, Expr] = {}
    for node in nodes(e):
        args = tuple(made[id(a)] if isinstance(a, Expr) else constant(a) for a in node.args)
        made[id(node)] = node if node.gate is None else Expr(node.gate, args)
    return made[id(e)]


def computed(e: Expr) -> float | None:
    """Compute a formula with the numbers as they are written; None if something in it is no number."""
    try:
        values = {node.name: float(node.name.strip("()")) for node in nodes(e) if node.gate is None}
    except ValueError:
        return None
    made: dict[int, Expr] = {}
    for node in nodes(e):
        args = tuple(made[id(a)] if isinstance(a, Expr) else a for a in node.args)
        gate = gates.divide if node.gate is gates.ratio else node.gate  # written as 0 / 0, which is no 0
        made[id(node)] = node if gate is None else Expr(gate, args)
    with np.errstate(all="ignore"):
        return float(made[id(e)].evaluate(values))


def fewest(gives: Callable[[int], float | None], result: Any, least: int = 4) -> int:
    """Find the fewest digits for the numbers of a line that keep it true.

    Parameters
    ----------
    gives : callable
        From a number of digits to what the line gives, computed with its numbers written in so many; None if that
        cannot be computed.
    result : float
        What it should give.
    least : int
        To how many digits; operands never have fewer.

    Returns
    -------
    int
        0 if no number of digits does: where a rule has a convention, such as 0·log 0 = 0.

    Examples
    --------
    >>> def line(digits):
    ...     return float(operand(2 / 3, digits)) - float(operand(1.9 / 3, digits))
    >>> print(f"{line(4):.4g} {line(5):.4g} {line(6):.4g}", fewest(line, 0.1 / 3))
    0.0334 0.03334 0.03333 6
    """
    wanted = number(result, least)
    tries: list[int] = [*range(least, 11), 12, ALL]
    for digits in tries:
        got = gives(digits)
        if got is None or number(got, least) == wanted:
            return digits
    return 0


def sum_text(parts: Iterable[Any], least: int = 6) -> str:
    """Write a sum so that what is written adds up, to so many digits.

    >>> sum_text([0, 2.0, 0.5]), sum_text([0.1234565, 0.1234565, -0.1])
    ('0 + 2 + 0.5', '0.1234565 + 0.1234565 + (-0.1)')
    """
    given = list(parts)

    def written(digits: int) -> list[str]:
        return [operand(x, digits) for x in given]

    texts = written(fewest(lambda digits: sum(map(float, written(digits))), sum(given), least) or ALL)
    return " + ".join(f"({text})" if text.startswith("-") else text for text in texts)


def typeset(text: str) -> str:
    """Set a number, or text with numbers, for the eye: a minus as long as a plus, and no zeros in an exponent.

    >>> typeset("-4.3e-05"), typeset("1e+10")
    ('−4.3e−5', '1e10')
    """
    text = re.sub(r"(?<=\d)e([-+])0*(?=\d)", lambda m: f"e{m[1].strip('+')}", text)
    return text.replace("-", "−")
