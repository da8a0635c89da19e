"""Checks that every derivative makes on what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.boxes import Box
from adlib.errors import explain
from adlib.tree import Rebuild, flatten


def real_leaves(operation: str, arguments: Any) -> tuple[list[Any], Rebuild]:
    """Flatten arguments, and insist that each leaf is a real floating number or array.

    Raises
    ------
    TypeError
        For integers, booleans, complex numbers and what is no number: it says what to write instead.
    """
    leaves, rebuild = flatten(arguments)
    for x in leaves:
        if type(x) is float or isinstance(x, Box):
            continue
        if isinstance(x, np.ndarray | np.generic | float) and np.asarray(x).dtype.kind == "f":
            continue
        raise TypeError(explain(f"{operation}: cannot differentiate with respect to {_describe(x)}", _remedy(x)))
    return leaves, rebuild


def _describe(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"an array of {x.dtype}"
    text = repr(x)
    return f"{text if len(text) < 40 else 'a value'}, of type {type(x).__name__}"


def _remedy(x: Any) -> str:
    kind = np.asarray(x).dtype.kind if isinstance(x, int | complex | np.ndarray | np.generic) else ""
    if kind in "iub" and kind:
        if isinstance(x, np.ndarray) and x.ndim:
            return "Integers cannot move by a small step. Write x.astype(float), or np.array([1.0, ...])."
        return f"Integers cannot move by a small step. Write {float(x)!r} instead."
    if kind == "c":
        return "Complex analysis is out of scope here: split it into real and imaginary parts."
    return "Inputs are floats, arrays of floats, or tuples, lists and dicts of them."


def no_dependence(operation: str, f: Callable[..., Any], out: Sequence[Any]) -> TypeError:
    """Build the error for a function whose result is not tracked."""
    name = getattr(f, "__name__", "the function")
    got = _describe(out[0]) if out else "None"
    return TypeError(
        explain(
            f"{operation}: {name} returned {got}, which does not depend on the inputs",
            "Was a `return` forgotten, or the value rebuilt from plain numbers? If it is constant on purpose, "
            "return it plus 0.0 * x.",
        )
    )
