"""Formulas as HTML: LaTeX as adlib writes it, on one line, without anything to load."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape

from adlib.viz.formulas import mathtext

__all__ = ["formula"]

_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|[\d.]+|\S")
_SIGNS = {
    r"\,": "\u2009",
    r"\;": " ",
    r"\!": "",
    r"\cdot": " · ",
    r"\partial": "∂",
    r"\pi": "π",
    r"\infty": "∞",
    r"\odot": " ⊙ ",
    "{": "",
    "}": "",
}
_UPRIGHT = (r"\mathrm", r"\operatorname", r"\mathbin", r"\text", r"\mathsf")
_NAMES = [
    "sin",
    "cos",
    "tan",
    "arcsin",
    "arccos",
    "arctan",
    "sinh",
    "cosh",
    "tanh",
    "log",
    "exp",
    "max",
    "min",
]
_MARKS = {r"\bar": "\u0304", r"\dot": "\u0307"}
_ADDS = "\ue000"


@lru_cache(2048)  # the same at each move
def formula(latex: str) -> str:
    r"""Write LaTeX as HTML.

    Parameters
    ----------
    latex : str
        Without dollar signs; fractions get a slash.

    Returns
    -------
    str

    Raises
    ------
    ValueError
        For a command that adlib does not write.

    Examples
    --------
    >>> formula(r"v_3 = \frac{v_{-1}}{v_2}")
    '<i>v</i><sub>3</sub> = <i>v</i><sub>−1</sub> / <i>v</i><sub>2</sub>'
    """
    tokens = _TOKEN.findall(mathtext(latex.replace(r"\mathrel{+}=", _ADDS)))
    told, rest = _read(tokens, 0, "")
    if rest != len(tokens):
        raise ValueError(f"braces do not match in {latex!r}")
    return re.sub("  +", " ", told).strip()


def _read(tokens: list[str], k: int, end: str, upright: bool = False, small: bool = False) -> tuple[str, int]:
    """Read as far as a closing token; return the HTML, and where to go on."""
    told = ""
    while k < len(tokens) and tokens[k] != end:
        part, k = _one(tokens, k, told, upright, small)
        told += part
    return told, k + 1 if end else k


def _argument(tokens: list[str], k: int, upright: bool = False, small: bool = False) -> tuple[str, int]:
    if tokens[k] == "{":
        return _read(tokens, k + 1, "}", upright, small)
    return _one(tokens, k, "", upright, small)


def _one(tokens: list[str], k: int, before: str, upright: bool, small: bool) -> tuple[str, int]:
    token = tokens[k]
    if token == "{":
        return _read(tokens, k + 1, "}", upright, small)
    if token in ("_", "^"):
        tag = "sub" if token == "_" else "sup"
        inside, k = _argument(tokens, k + 1, upright, True)
        return f"<{tag}>{inside}</{tag}>", k
    if token in _MARKS:
        inside, k = _argument(tokens, k + 1, upright, small)
        return inside.replace("</i>", f"{_MARKS[token]}</i>", 1), k
    if token in _UPRIGHT:
        inside, k = _argument(tokens, k + 1, True, small)
        return f" {inside} " if token == r"\mathbin" else inside, k
    if token == r"\sqrt":
        root = ""
        if tokens[k + 1] == "[":
            inside, k = _read(tokens, k + 2, "]", upright, True)
            root, k = f"<sup>{inside}</sup>", k - 1
        inside, k = _argument(tokens, k + 1, upright, small)
        return f'{root}√<span class="al-root">{inside}</span>', k
    if token in (r"\left", r"\right"):
        return _one(tokens, k + 1, before, upright, small)
    if token[1:] in _NAMES:
        after = tokens[k + 1] if k + 1 < len(tokens) else ""
        return token[1:] + ("" if after in ("^", "(", r"\left", "") else "\u2009"), k + 1
    if token in _SIGNS:
        return _SIGNS[token], k + 1
    if token == _ADDS:
        return " += ", k + 1
    if token in "=<>:?+-/":
        sign = escape(token.replace("-", "−"))
        unary = not before.strip() or before.rstrip().endswith((*"([=+−/·:", "&lt;", "&gt;"))
        return sign if small or (unary and token in "+-") else f" {sign} ", k + 1
    if token.startswith("\\"):
        raise ValueError(f"no way to write {token} as HTML")
    return f"<i>{token}</i>" if token.isalpha() and not upright else escape(token), k + 1
