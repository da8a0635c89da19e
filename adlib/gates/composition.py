"""How a NumPy function becomes a composition of gates.

A composition takes what NumPy's function of the same name takes, and computes the same value by calling
gates.  It needs no derivative rule: its derivative follows from theirs, to any order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

COMPOSITIONS: dict[Callable[..., Any], Callable[..., Any]] = {}
"""NumPy's function to ours."""

ASKED: set[Callable[..., Any]] = set()
"""NumPy's functions that are called first, for what they refuse: an uneven split, a filter with two axes ..."""


def composition(
    *functions: Callable[..., Any], ask: bool = False
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register the decorated function as the composition that computes these NumPy functions.

    With `ask`, NumPy's function sees the plain values before, and what it refuses it refuses here, in its words.
    """

    def register(f: Callable[..., Any]) -> Callable[..., Any]:
        for numpy_function in functions:
            COMPOSITIONS[numpy_function] = f
        ASKED.update(functions if ask else ())
        return f

    return register
