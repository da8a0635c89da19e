"""How an expression is written: in plain text, in LaTeX, and as Python that computes in the same order.

Each writer returns the text and how tightly it binds, so that whoever puts it into a larger piece knows
whether it needs parentheses.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adlib import gates
from adlib.engine.boxes import Box
from adlib.gates import ATOM, PRODUCT, Gate
from adlib.gates.notation import call


def is_formula(x: Any) -> bool:
    """Tell an expression from a number."""
    return isinstance(x, Box)


def nodes(e: Any) -> list[Any]:
    """List the parts of an expression, each once, operands before what is made of them.

    >>> import numpy as np
    >>> from adlib import symbols
    >>> x = symbols("x")
    >>> nodes(x * np.sin(x))
    [<Expr x>, <Expr sin(x)>, <Expr x * sin(x)>]
    """
    order: list[Any] = []
    seen: set[int] = set()
    todo = [(e, False)]
    while todo:
        node, ready = todo.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            todo.append((node, True))
            todo += [(a, False) for a in reversed(node.args) if is_formula(a)]
    return order


def exact(x: Any) -> tuple[str, int]:
    """Write a number with all its digits."""
    text = repr(int(x) if float(x).is_integer() and abs(x) < 1e15 else float(x))
    return text, 3 if x < 0 else ATOM


def python_of(gate: Gate, parts: list[tuple[str, int]], called: Callable[[Gate], str]) -> tuple[str, int]:
    """Write one gate in Python, of operands that are written already."""
    name = gate.name
    if name in _PYTHON:
        return _infix(name, parts, " ")
    if name == "negative":
        return "-" + _wrapped(parts[0], _BINDS[name], "({})"), _BINDS[name]
    if gate.symbol in ("<", "<=", ">", ">=", "==", "!="):
        return f"({parts[0][0]} {gate.symbol} {parts[1][0]})", ATOM
    if gate.spelled:
        return _spelled(gate, parts)
    return f"{called(gate)}({', '.join(p for p, _ in parts)})", ATOM


def python_text(e: Any, called: Callable[[Gate], str]) -> str:
    """Write an expression as Python that computes in the same order.

    Parameters
    ----------
    e : Any or number
    called : callable
        From a gate to the name by which it is called.

    Examples
    --------
    >>> import numpy as np
    >>> from adlib import symbols
    >>> x, y = symbols("x y")
    >>> python_text(x * (y * np.sin(x)), lambda gate: f"np.{gate.name}")
    'x * (y * np.sin(x))'
    """
    if not is_formula(e):
        return exact(e)[0]
    texts: dict[int, tuple[str, int]] = {}
    for node in nodes(e):
        parts = [texts[id(a)] if is_formula(a) else exact(a) for a in node.args]
        if node.gate is gates.power and not parts[1][0].lstrip("-").isdigit():
            texts[id(node)] = (
                f"{called(gates.power)}({parts[0][0]}, {parts[1][0]})",
                ATOM,
            )  # (-8.0) ** 0.5 is complex
        else:
            texts[id(node)] = (node.name, ATOM) if node.gate is None else python_of(node.gate, parts, called)
    return texts[id(e)][0]


_PYTHON = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@"}


_BINDS = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "matmul": 2, "negative": 3, "power": 4}


def text_of(x: Any) -> tuple[str, int]:
    """Write in Python's notation; return the text and how tightly it binds."""
    if not is_formula(x):
        return number_text(x), 3 if x < 0 else ATOM
    if x.gate is None:
        return x.name, ATOM
    name, parts = x.gate.name, [text_of(a) for a in x.args]
    level = _BINDS.get(name, ATOM)
    if name == "negative":
        return "-" + _wrapped(parts[0], level, "({})"), level
    if name in _PYTHON:
        return _infix(name, parts, "" if name == "power" else " ")
    if x.gate.symbol in ("<", "<=", ">", ">=", "==", "!="):
        return f"({parts[0][0]} {x.gate.symbol} {parts[1][0]})", ATOM
    if x.gate.spelled:
        return _spelled(x.gate, parts)
    return f"{name}({', '.join(p for p, _ in parts)})", ATOM


def _spelled(gate: Gate, parts: list[tuple[str, int]]) -> tuple[str, int]:
    return gate.spelled.format(*(_wrapped(part, _BINDS["power"], "({})") for part in parts)), _BINDS[
        "multiply"
    ]


def _infix(name: str, parts: list[tuple[str, int]], gap: str) -> tuple[str, int]:
    level = _BINDS[name]
    left, right = (level + 1, level) if name == "power" else (level, level + (name in ("subtract", "divide")))
    if parts[1][1] == level and name in ("add", "multiply"):
        right += 1  # x * (y * z), not x * y * z: what is computed first stays visible
    a, b = _wrapped(parts[0], left, "({})"), _wrapped(parts[1], right, "({})")
    if name == "add" and b.startswith("-"):
        return f"{a} - {b[1:]}", level
    return f"{a}{gap}{_PYTHON[name]}{gap}{b}", level


def latex_of(x: Any) -> tuple[str, int]:
    """Write in LaTeX; return the text and how tightly it binds."""
    if not is_formula(x):
        return number_latex(x), PRODUCT if x < 0 else ATOM
    if x.gate is None:
        return x.symbol_latex, PRODUCT if x.symbol_latex.startswith("-") else ATOM
    template, level, wanted = x.gate.notation
    if len(wanted) != len(x.args):
        template, wanted = call(x.gate.name, len(x.args))[::2]
    parts = []
    for k, (a, w) in enumerate(zip(x.args, wanted, strict=True)):
        text, binds = latex_of(a)
        if text.startswith("-"):
            binds = min(binds, PRODUCT)
            inside = k > 0 or x.gate is gates.negative
            w += inside and w > 0 and x.gate is not gates.add  # a·(-b), never a·-b
        parts.append(_wrapped((text, binds), w, r"\left({}\right)"))
    if x.gate is gates.multiply:
        parts[0] = _closed(x.args[0], parts[0])
    if x.gate is gates.multiply and (parts[1][0].isdigit() or parts[1].startswith(r"\left(-")):
        template = r"{} \cdot {}"  # two numbers side by side would read as one
    if x.gate is gates.add and parts[1].startswith("-"):
        return f"{parts[0]} - {parts[1][1:]}", level
    if x.gate is gates.divide and parts[0].startswith("-"):
        return "-" + template.format(parts[0][1:], parts[1]), PRODUCT
    return template.format(*parts), level


def _closed(e: Any, text: str) -> str:
    """Bracket the argument of a function that ends a factor: cos(v) w, as cos v w might be cos(v w)."""
    last = e.args[1] if is_formula(e) and e.gate is gates.multiply else e
    if not is_formula(last) or last.gate is None or len(last.args) != 1:
        return text
    template: str = last.gate.notation.template
    argument, _ = latex_of(last.args[0])
    bare = template.format(argument)
    if not template.endswith(" {}") or not text.endswith(bare):
        return text
    return text.removesuffix(bare) + template.format(rf"\left({argument}\right)")


def _wrapped(part: tuple[str, int], needed: int, brackets: str) -> str:
    text, level = part
    return text if level >= needed else brackets.format(text)


def number_text(x: Any, digits: int = 10) -> str:
    """Write a number in plain text: ``2`` rather than ``2.0``; a fraction in at most so many digits."""
    return str(int(x)) if type(x) is int else format(float(x), f".{digits}g")


def number_latex(x: Any, digits: int = 4) -> str:
    """Write a number in LaTeX, rounded to so many digits."""
    text = str(x) if type(x) is int else format(float(x), f".{digits}g")
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}.get(text, text)
