"""A derivative by rules, one rule at a time, as one would do it on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from adlib import gates
from adlib.formula.expr import Expr, is_number, nodes_of_symbols, symbols, unchanged_by
from adlib.gates import ATOM, Gate, Notation


@dataclass(frozen=True)
class Step:
    """One application of one rule.

    Attributes
    ----------
    rule : str
        Its name.
    result : Expr or number
        The expression after it.  What is still to be differentiated stands as ``D(...)``.
    """

    rule: str
    result: Any


_RULES = {
    "add": "sum rule",
    "subtract": "difference rule",
    "negative": "constant factor",
    "multiply": "product rule",
    "divide": "quotient rule",
}


def derivation(e: Expr, by: Expr) -> list[Step]:
    """Differentiate by hand: apply one rule at a time, to the first part that is still to be differentiated.

    Parameters
    ----------
    e, by : Expr
        The expression, and a symbol.

    Returns
    -------
    list of Step
        The first is the question itself; the last has no ``D`` left.

    Examples
    --------
    >>> import numpy as np
    >>> from adlib import symbols
    >>> x = symbols("x")
    >>> for step in derivation(x * np.sin(x**2), x):
    ...     print(f"{step.rule:32} {step.result}")
    the question                     D(x * sin(x**2))
    product rule                     sin(x**2) * D(x) + x * D(sin(x**2))
    dx/dx = 1                        sin(x**2) + x * D(sin(x**2))
    chain rule, sin′ = cos(u)        sin(x**2) + x * (cos(x**2) * D(x**2))
    chain rule, power: 2 * u         sin(x**2) + x * (cos(x**2) * (2 * x * D(x)))
    dx/dx = 1                        sin(x**2) + x * (cos(x**2) * (2 * x))
    """
    latex = rf"\frac{{{{\partial}}}}{{{{\partial {by.symbol_latex.replace('{', '{{').replace('}', '}}')}}}}}"
    pending = Gate(lambda u: u, name="D", latex=Notation(latex + r"\left[{}\right]", ATOM, (0,)))
    current: Any = Expr(pending, (e,))
    steps = [Step("the question", current)]
    while True:
        first = next((n for n in _outermost(current) if n.gate is pending), None)
        if first is None:
            return steps
        (u,) = first.args
        rule, new = _apply_one(u, by, pending)
        current = _replaced(current, first, new)
        steps.append(Step(rule, current))
        if not isinstance(current, Expr):
            return steps


def _apply_one(u: Expr, by: Expr, pending: Gate) -> tuple[str, Any]:
    if u is by:
        return f"d{by.name}/d{by.name} = 1", 1
    if u.gate is None or by not in nodes_of_symbols(u):
        return f"{u if u.gate is None else 'this'} does not depend on {by.name}", 0
    moving = [isinstance(a, Expr) and by in nodes_of_symbols(a) for a in u.args]
    dots = [Expr(pending, (a,)) if m else None for a, m in zip(u.args, moving, strict=True)]
    new = u.gate.jvp(dots, u.args, u, {})
    if (u.gate is gates.multiply and not all(moving)) or (u.gate is gates.divide and not moving[1]):
        return "constant factor", new
    if u.gate.name in _RULES:
        return _RULES[u.gate.name], new
    letters = iter(symbols("u v w"))
    inner = [next(letters) if m else None for m in moving]
    outer = Expr(u.gate, tuple(a if i is None else i for i, a in zip(inner, u.args, strict=True)))
    if len(u.args) == 1:
        return f"chain rule, {u.gate.name}′ = {outer.diff(inner[0])}", new
    if sum(moving) == 1:
        return f"chain rule, {u.gate.name}: {next(outer.diff(i) for i in inner if i is not None)}", new
    slopes = [f"∂/∂{i} = {outer.diff(i)}" for i in inner if i is not None]
    return f"chain rule, {u.gate.name}: {', '.join(slopes)}", new


def _outermost(e: Any) -> Iterator[Expr]:
    todo = [e]
    while todo:
        node = todo.pop()
        if isinstance(node, Expr):
            yield node
            todo += reversed(node.args)


def _replaced(e: Any, old: Expr, new: Any) -> Any:
    """Put `new` in the place of the object `old`, and leave out what it makes plainly superfluous."""
    if e is old:
        return new
    if not isinstance(e, Expr) or e.gate is None:
        return e
    args = tuple(_replaced(a, old, new) for a in e.args)
    if all(a is b for a, b in zip(args, e.args, strict=True)):
        return e
    if e.gate is gates.multiply and any(is_number(a, 0) for a in args):
        return 0
    unchanged = unchanged_by(e.gate, args)
    return Expr(e.gate, args) if unchanged is None else unchanged
