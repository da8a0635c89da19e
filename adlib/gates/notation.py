"""How gates are written: LaTeX templates, and how tightly each piece binds."""

from __future__ import annotations

from typing import NamedTuple

# How tightly a piece of notation binds: an operand that binds less tightly than its place needs parentheses.
ANY, SUM, PRODUCT, FUNCTION, POWER, ATOM = range(6)


class Notation(NamedTuple):
    """How a gate is written: a template, how tightly it binds, and how tightly each operand must."""

    template: str
    level: int
    operands: tuple[int, ...]


def named(latex: str) -> Notation:
    r"""Notation of an ordinary function, such as ``\sin``."""
    return Notation(latex + " {}", FUNCTION, (ATOM,))


def call(name: str, arguments: int) -> Notation:
    """Notation of a function of several arguments, in parentheses."""
    text = r"\operatorname{" + name.replace("_", r"\_") + "}"
    text = text.replace("{", "{{").replace("}", "}}")
    return Notation(text + "(" + ", ".join(["{}"] * arguments) + ")", ATOM, (ANY,) * arguments)


def subscript(index: int) -> str:
    """Write an index below the line, as in v₋₁.

    >>> subscript(-12)
    '₋₁₂'
    """
    return str(index).translate(_SUBSCRIPTS)


_SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")
