"""What is written into a graph's picture: a node's number and its sign, and the whole in words."""

from __future__ import annotations

import re
from typing import Any

import networkx as nx
import numpy as np

from adlib.formula.digits import typeset

SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def short(x: Any, digits: int = 6) -> str:
    """Write a value in at most ten characters.

    Parameters
    ----------
    x : float, array or str
        Arrays become their shape.
    digits : int
        How many digits of a number are shown, at most.

    Returns
    -------
    str

    Examples
    --------
    >>> short(0.8414709848), short(2.0), short(-0.000012345), short(1234567.0), short(np.zeros((3, 4)))
    ('0.841471', '2', '−1.23e−5', '1.23e6', '3×4 array')
    """
    if isinstance(x, str):
        return x
    if np.ndim(x):
        return "×".join(map(str, np.shape(x))) + " array"
    return typeset(_short(float(x) + 0.0, digits))  # -0 + 0 is 0


def _short(number: float, digits: int) -> str:
    if not np.isfinite(number):
        return "undefined" if np.isnan(number) else "∞" if number > 0 else "−∞"
    size = abs(number)
    if number == 0 or 0.1 <= size < 1e6:
        return f"{number:.{digits}g}" if size < 10**digits else f"{number:.0f}"
    if 1e-3 <= size < 0.1:
        return f"{number:.{digits}f}".rstrip("0").rstrip(".")
    mantissa, exponent = f"{number:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def sign(graph: nx.DiGraph, node: Any) -> str:
    """Write what a node does, without its operands: ``÷``, ``sin``, ``(·)²``, ``4 × ·``; an input's name.

    Parameters
    ----------
    graph : networkx.DiGraph
        As of `adlib.trace.Trace.graph`.
    node : node

    Returns
    -------
    str
    """
    facts = graph.nodes[node]
    label, gate = str(facts.get("label", node)), str(facts.get("gate", ""))
    if not graph.pred[node] and gate in ("", "="):
        letters = label.rstrip("0123456789")
        return letters + label[len(letters) :].translate(SUBSCRIPTS)
    if graph.in_degree(node) == 1:
        (operand,) = graph.pred[node]
        name = re.escape(str(graph.nodes[operand].get("symbol", operand)))
        number = r"(\(?-?[\d.]+(?:e[+-]?\d+)?\)?)"
        if power := re.fullmatch(rf"\(?{name}\)?\*\*\(?(-?\d+)(?:\.0)?\)?", label):
            return "(·)" + power[1].translate(_SUPERSCRIPTS)
        if power := re.fullmatch(rf"\(?{name}\)?\*\*{number}", label):
            return f"(·)^{_brief(power[1])}"
        if after := re.fullmatch(rf"{name} ([-+*/]) {number}", label):
            return f"· {_infix(after[1])} {_brief(after[2])}"
        if before := re.fullmatch(rf"{number} ([-+*/]) {name}", label):
            return f"{_brief(before[1])} {_infix(before[2])} ·"
        if re.fullmatch(rf"-{name}", label):
            return "− ·"
    return gate


def _infix(operator: str) -> str:
    return {"*": "×", "/": "÷", "-": "−"}.get(operator, operator)


def _brief(number: str) -> str:
    return format(float(number.strip("()")), ".3g")


def describe(graph: nx.DiGraph) -> str:
    """Say in words what the picture of a graph shows, for those who do not see it.

    Parameters
    ----------
    graph : networkx.DiGraph

    Returns
    -------
    str

    Examples
    --------
    >>> from adlib.study.trace import trace
    >>> print(describe(trace(lambda x: x * np.sin(x), 2.0).graph()))
    Computational graph, inputs on the left, output on the right: v₀ = x, v₁ = sin(v₀), v₂ = v₀ * v₁.
    """
    facts = (graph.nodes[node] for node in graph)
    rows = [f"{d.get('symbol', '')} = {d.get('label', '')}" for d in facts]
    listed = ", ".join(rows) if len(rows) <= 12 else f"{', '.join(rows[:5])} … {rows[-1]}"
    return f"Computational graph, inputs on the left, output on the right: {listed}."
