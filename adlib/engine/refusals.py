"""What a tracked value refuses to do, and what to do instead."""

from __future__ import annotations

import re
import sys
from types import TracebackType
from typing import Any

import numpy as np

from adlib.errors import LostDerivativeError, explain, library, user_line


def name_of(f: Any) -> str:
    """Return the name by which a user calls a function: ``np.i0``, ``scipy.special.erf``."""
    name = getattr(f, "__name__", "this function")
    if isinstance(f, np.ufunc) and getattr(np, name, None) is not f:
        # NumPy does not tell whose a ufunc is: look where it can be imported from, in a package if possible
        homes = [m for m in list(sys.modules.values()) if getattr(m, "__dict__", {}).get(name) is f]
        names = sorted((m.__name__ for m in homes), key=lambda n: ("." not in n, "._" in n, len(n)))
        return f"{names[0]}.{name}" if names else f"the ufunc {name}"
    return f"{getattr(f, '__module__', 'numpy')}.{name}".replace("numpy.", "np.", 1)


def unknown(name: str) -> TypeError:
    """Build the error for an operation that is not in the table."""
    remedy = _GATE
    if name.startswith("np."):
        remedy = f"Write it with functions that are (adlib.gates.GATES lists them).  Or: {_GATE}"
    problem = f"{name} is not in adlib's table of gates, so its derivative is not known"
    return TypeError(explain(problem, remedy))


def leaves_the_reals(name: str) -> TypeError:
    """Build the error for a function that leaves the real numbers."""
    remedies = {
        "np.linalg.eig": "For a symmetric matrix use np.linalg.eigh; for singular values np.linalg.svd.",
        "np.linalg.eigvals": "For a symmetric matrix use np.linalg.eigvalsh; for singular values np.linalg.svdvals.",
    }
    remedy = "Split it into real and imaginary parts; a Fourier sum is a matrix product, C @ x and S @ x."
    problem = f"{name} gives complex numbers, and adlib differentiates real functions of real numbers"
    return TypeError(explain(problem, remedies.get(name, remedy)))


def in_place(
    operation: str, remedy: str = "Build a new array instead: np.where, np.concatenate or np.stack."
) -> TypeError:
    """Build the error for an operation that writes."""
    problem = f"{operation} writes into a tracked array, and the derivative needs what was there"
    return TypeError(explain(problem, remedy))


JOIN = "Make the entries, then join them: np.stack([...])."
AS_ONE = "Join tracked numbers to one tracked array first: np.stack([...])."

_GATE = "Give it its derivative, as a gate of your own: adlib.custom_gate."

_REMEDIES = {  # what stands in the line, and what to write there instead
    r"\b(random|rng)\b|\.(normal|uniform|standard_normal|choice|poisson|exponential)\(": "A draw has no derivative "
    "by its parameters.  Draw plain numbers, then move and scale them: m + s * rng.normal(size=n).",
    r"\barange\(": "Scale a range of plain numbers, a + h * np.arange(n), or use np.linspace(a, b, n).",
    r"\.dot\(": "Write A @ x for A.dot(x).",
    r"\barray\((?!\s*[\[(])[^()\[\]]*,(?!\s*(dtype|float|np\.))": "np.array takes one list: np.array([x, y]).",
    r"\bfull_like\(": "Write np.full(a.shape, x), or x * np.ones_like(a).",
    r"\bmath\.|\bcmath\.": "Use NumPy's functions, which adlib can follow: np.sin for math.sin.",
    r"\]\s*=(?!=)": JOIN,
    r"\b(np\.array|np\.asarray|array|asarray)\(|(\(|=\s*)\[": f"{JOIN}  Whole arrays are joined by it, too.",
}


def remedy_here(otherwise: str, traceback: TracebackType | None = None) -> str:
    """Choose the remedy by the library that was called, or else by what stands in the user's line."""
    if called := library(traceback):
        return f"{called} wants plain numbers, so adlib cannot follow it.  {_GATE}"
    line = user_line(traceback).partition(": ")[2]
    return next((remedy for words, remedy in _REMEDIES.items() if re.search(words, line)), otherwise)


def not_a_number(operation: str, remedy: str = "") -> LostDerivativeError:
    """Build the error for an operation that would leave a plain number."""
    problem = f"{operation} would turn a tracked value into a plain number and lose its derivative"
    generally = "Use NumPy's functions (np.sin, np.floor, np.stack ...), which adlib can follow."
    return LostDerivativeError(explain(problem, remedy or remedy_here(generally)))


ON_PURPOSE = "To cut the derivative on purpose, write adlib.stop_gradient(x)."

_NO_SWITCH = (
    "adlib has no such switch: a Variable that you make is a leaf, and what is computed from it is tracked. "
)
PYTORCH = {
    "requires_grad": _NO_SWITCH + "For a value without a past: x.detach() or adlib.stop_gradient(x).",
    "requires_grad_": _NO_SWITCH + "Make a leaf with adlib.Variable(value).",
    "is_leaf": _NO_SWITCH + "x.gate is None for a leaf.",
    "grad_fn": "x.gate is what made the value; None for a leaf.",
    "retain_grad": "Only leaves keep a gradient. adlib.trace(f, x).adjoint() shows those of all steps.",
    "register_hook": "adlib.trace(f, x).adjoint() shows the adjoints of all steps; a custom_gate can change one.",
    "numpy": "Outside of grad and the like, x.value is the array.",
    "cpu": "There are only NumPy arrays, on the CPU: leave it out.",
    "cuda": "There are only NumPy arrays, on the CPU: leave it out.",
    "to": "There are only NumPy arrays, on the CPU; x.astype(dtype) converts.",
    "no_grad": "Compute with x.value, outside of grad and the like, or with adlib.stop_gradient(x).",
    "zero_grad": "Set x.grad = None, or call the optimizer's zero_grad().",
}
"""PyTorch's words, and what to write instead."""
