"""Formulas and numbers on a picture: LaTeX for Matplotlib's mathtext, and plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from adlib.formula import digits
from adlib.study.rows import AdjointStep


def mathtext(latex: str) -> str:
    r"""Write LaTeX so that Matplotlib's mathtext can read it, and on one line: a fraction gets a slash.

    Parameters
    ----------
    latex : str
        Without dollar signs.

    Returns
    -------
    str

    Examples
    --------
    >>> print(mathtext(r"\bar v_0 \mathrel{+}= \frac{1}{2 \, v_5} \, \bar v_5 - \frac{v_3}{v_2} \, \bar v_4"))
    \bar v_0 \;{+\!\!=}\; \bar v_5 / (2 \, v_5) - (v_3 / v_2) \, \bar v_4
    """
    latex = latex.replace(r"\mathrel{+}=", r"\;{+\!\!=}\;").replace(r"\text{", r"\mathrm{")
    latex = re.sub(r"\\mathbin\{(.)\}", r"\\;\1\\;", latex).replace(r"\mathsf{T}", r"\mathrm{T}")
    latex = latex.replace(r"\lvert", "|").replace(r"\rvert", "|").replace(" : ", r"\;:\;")
    while r"\frac{" in latex:
        start = latex.rindex(r"\frac{")  # the innermost of nested ones
        top, after = _braced(latex, start + 5)
        bottom, after = _braced(latex, after)
        latex = latex[:start] + _slash(top, bottom, latex[after:])
    return latex


def _braced(latex: str, start: int) -> tuple[str, int]:
    """Read the group in braces that starts at `start`; return its inside and where it ends."""
    depth = 0
    for end in range(start, len(latex)):
        depth += {"{": 1, "}": -1}.get(latex[end], 0)
        if depth == 0:
            return latex[start + 1 : end], end + 1
    raise ValueError(f"braces do not match in {latex!r}")


def _slash(top: str, bottom: str, rest: str) -> str:
    single = re.fullmatch(r"(\\(dot|bar) )?v_(\d|\{-?\d+\})|[\d.]+", bottom)
    bottom = bottom if single else f"({bottom})"
    moved = re.match(r" \\, (\\(?:dot|bar) v_(?:\d|\{-?\d+\}))", rest)
    if top == "1" and moved:
        return f"{moved[1]} / {bottom}{rest[moved.end() :]}"
    top = f"({top})" if re.search(r" [+-] ", top) else top
    return f"({top} / {bottom}){rest}" if rest.lstrip().startswith(r"\,") else f"{top} / {bottom}{rest}"


_FACTOR = r"(\([^()]*\)|[\d.]+(?:e[-+]\d+)?)"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unicode_text(text: str) -> str:
    """Set plain text of a formula nicely: products with a dot, whole powers raised.

    Examples
    --------
    >>> unicode_text("2 * 0.5**2 * (-3.052)"), unicode_text("1 / (2 * 0.9305) * 1.5 - 1.1 / 2 * 3")
    ('2 · 0.5² · (−3.052)', '1.5 / (2 · 0.9305) − 1.1 / 2 · 3')
    """
    text = re.sub(rf"(?<![\w.)] / )(?<![\w.])1 / {_FACTOR} \* {_FACTOR}", r"\2 / \1", text)
    text = re.sub(r"\*\*(\d+)(?![\d.])", lambda m: m[1].translate(_SUPERSCRIPTS), text)
    return digits.typeset(text.replace("**", "^").replace("*", "·"))


def rounded(x: Any) -> str:
    """Write a result for the strip: the four digits that the formula before it gives."""
    return digits.typeset(digits.operand(x, 4))


def summed(steps: Sequence[AdjointStep]) -> str:
    """Write what an adjoint has received so far, from 0: what is written adds up."""
    return digits.typeset(digits.sum_text([0, *(step.contribution for step in steps)], SUM))


def plain(x: Any) -> str:
    """Write a number for the table, the sentence and the graph: ten digits, minus as a minus."""
    return digits.typeset(digits.number(x))


SUM = 6
"""To so many digits a sum is written."""
