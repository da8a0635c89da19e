"""Programs whose derivative surprises, each with a remedy and with the truth: the material of notebook 15.

A `Pitfall` has one number that slides.  At each of its values there are three derivatives: the naive program's,
by automatic differentiation; the mended program's; and the true one, from a formula or from arithmetic with many
digits.  The naive answer is never a bug of the method: it is the exact derivative of what
the program computes, and the program is not quite what its author had in mind.
"""

from __future__ import annotations

import decimal
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

import numpy as np

from adlib.engine.derivatives import grad
from adlib.engine.forward import jvp
from adlib.gates import relu


def _slope(f: Callable[[Any], Any], x: float) -> float:
    with np.errstate(all="ignore"):
        return float(jvp(f, (float(x),), (1.0,))[1])


def _pulled(f: Callable[[Any], Any], x: float) -> float:
    with np.errstate(all="ignore"):
        return float(grad(f)(float(x)))


# --- The programs -----------------------------------------------------------------------------------


def babylonian(a: Any, steps: int) -> Any:
    """Approach √a from 1 by x ← (x + a/x) / 2, so many times.

    >>> round(babylonian(2.0, 4), 12)
    1.414213562375
    """
    x = a * 0.0 + 1.0
    for _ in range(steps):
        x = (x + a / x) / 2
    return x


def fixed_point(a: Any, start: Any, steps: int) -> Any:
    """Approach √a by x ← x − (x² − a) / 10, which needs many steps.

    >>> round(fixed_point(2.0, 1.0, 100), 12)
    1.414213562373
    """
    x = start + a * 0.0
    for _ in range(steps):
        x = x - (x * x - a) / 10
    return x


def implicit_root(a: Any, found: Any) -> Any:
    """Take one step of Newton's method at a root of x² = a that is already found, and is held constant.

    Its value is the root, and its derivative by a is 1/(2x), the implicit function theorem's.

    >>> jvp(lambda a: implicit_root(a, 2.0), (4.0,), (1.0,))
    (2.0, 0.25)
    """
    return found - (found * found - a) / (2 * found)


def euler(rate: Any, steps: int) -> Any:
    """Solve y′ = rate · y from y(0) = 1 to y(1) by Euler's method.

    >>> round(grad(euler)(1.0, 10), 9)
    2.357947691
    """
    y = rate * 0.0 + 1.0
    for _ in range(steps):
        y = y + rate * y / steps
    return y


def runge_kutta(rate: Any, steps: int) -> Any:
    """Solve the same by the classical method of order 4.

    >>> abs(grad(runge_kutta)(1.0, 10) - np.e) < 1e-4
    True
    """
    y, h = rate * 0.0 + 1.0, 1 / steps
    for _ in range(steps):
        k1 = rate * y
        k2 = rate * (y + h / 2 * k1)
        k3 = rate * (y + h / 2 * k2)
        k4 = rate * (y + h * k3)
        y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return y


def iterate(x: Any, n: int) -> Any:
    """Apply x ↦ 4x(1 − x) n times; chaotic: a small change doubles at each step, on the average.

    >>> round(iterate(0.2, 3), 8)
    0.28901376
    """
    for _ in range(n):
        x = 4 * x * (1 - x)
    return x


def iterate_slope(x: float, n: int, digits: int = 80) -> float:
    """Differentiate `iterate` with so many digits: the product of 4(1 − 2xₖ) along the way.

    Parameters
    ----------
    x : float
        Taken as the decimal number that it prints as.
    n, digits : int

    Examples
    --------
    >>> round(iterate_slope(0.2, 3), 7)
    9.0660864
    """
    with decimal.localcontext() as context:
        context.prec = digits
        value, slope = decimal.Decimal(repr(x)), decimal.Decimal(1)
        for _ in range(n):
            value, slope = 4 * value * (1 - value), slope * 4 * (1 - 2 * value)
        return float(slope)


def versine_quotient(x: Any) -> Any:
    """Compute (1 − cos x) / x² as it is written; for small x the numerator has no digits left.

    >>> float(versine_quotient(1e-9))
    0.0
    """
    return (1 - np.cos(x)) / x**2


def versine_quotient_safe(x: Any) -> Any:
    """Compute the same near 0 by its series, ½ − x²/24 + x⁴/720 − …, where nothing cancels.

    >>> float(versine_quotient_safe(1e-9))
    0.5
    """
    near = np.abs(x) < 0.5
    t = x * x
    series = 0.5 - t / 24 * (1 - t / 30 * (1 - t / 56 * (1 - t / 90 * (1 - t / 132))))
    return np.where(near, series, versine_quotient(np.where(near, 1.0, x)))


def _versine_slope(x: float) -> float:
    with decimal.localcontext() as context:
        context.prec = 60
        t, total, term = decimal.Decimal(x), decimal.Decimal(0), decimal.Decimal(1) / 2
        for k in range(1, 30):  # Σ (−1)ᵏ x²ᵏ / (2k+2)!, term by term
            term = -term * t * t / ((2 * k + 1) * (2 * k + 2))
            total += term * (2 * k) / t
        return float(total)


_NODES = np.linspace(0.0, np.pi, 9)


def _table(x: Any) -> Any:
    return np.interp(x, _NODES, np.sin(_NODES))


def _hermite(x: Any) -> Any:
    """Interpolate sin from a table of its values *and* slopes, by cubics."""
    width = _NODES[1]
    k = int(np.searchsorted(_NODES[1:-1], x, side="right"))
    t = (x - _NODES[k]) / width
    (a, b), (c, d) = np.sin(_NODES[k : k + 2]), width * np.cos(_NODES[k : k + 2])
    return a + t * (c + t * (3 * (b - a) - 2 * c - d + t * (2 * (a - b) + c + d)))


def _square_with_a_shortcut(x: Any) -> Any:
    return x if x == 1.0 else x * x


# --- Kinks, here and elsewhere ----------------------------------------------------------------------


_KINKS: dict[str, tuple[Callable[..., Any], tuple[Any, ...]]] = {
    "|x| at 0": (abs, (0.0,)),
    "relu(x) at 0": (relu, (0.0,)),
    "maximum(x, y) at a tie": (np.maximum, (1.0, 1.0)),
    "max of (1, 1)": (np.max, (np.ones(2),)),
    "norm(x) at (0, 0)": (np.linalg.norm, (np.zeros(2),)),
    "sqrt(x) at 0": (np.sqrt, (0.0,)),
    "floor(x) at 1": (np.floor, (1.0,)),
}


def kinks() -> dict[str, tuple[str, ...]]:
    """Ask for derivatives where there are none.

    Returns
    -------
    dict of str to tuple of str
        By question: the answers of adlib, computed, and of PyTorch, JAX and HIPS autograd, as recorded by
        ``python -m tests.tools.kinks`` in ``adlib/lesson/data/kinks.json`` (with their versions).

    Examples
    --------
    >>> kinks()["maximum(x, y) at a tie"][:2]
    ('0.5, 0.5', '0.5, 0.5')
    """
    text = resources.files("adlib.lesson").joinpath("data", "kinks.json").read_text(encoding="utf-8")
    others = [library["answers"] for library in json.loads(text).values()]
    table = {}
    for question, (f, x) in _KINKS.items():
        with np.errstate(all="ignore"):
            ours = grad(f, argnums=tuple(range(len(x))))(*x)
        found = [np.concatenate([np.ravel(g) for g in ours]), *(np.array(o[question], float) for o in others)]
        table[question] = tuple(", ".join(f"{v:g}" for v in answer) for answer in found)
    return table


# --- The table ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pitfall:
    """One surprise.

    Attributes
    ----------
    name : str
    parameter : str
        What slides.
    values : sequence of float
        All its values, from one end of the slider to the other.
    naive, mended, true : callable
        From the parameter to a derivative; `true` is nan where there is none.
    logarithmic : bool
        Whether to plot the size of the derivatives on a logarithmic axis.
    why, remedy : str
        One sentence each.
    start : float
        Where the slider begins.
    unit : str
        What the three numbers are.
    jumps : sequence of float
        Where the true derivative jumps: no line of a picture joins its two sides.
    """

    name: str
    parameter: str
    values: Sequence[float]
    naive: Callable[[float], float]
    mended: Callable[[float], float]
    true: Callable[[float], float]
    why: str
    remedy: str
    start: float
    logarithmic: bool = False
    unit: str = "derivative"
    jumps: Sequence[float] = ()


def _grid(low: float, high: float, count: int) -> list[float]:
    return [round(float(v), 10) for v in np.linspace(low, high, count)]


_COUNTS = [float(n) for n in range(1, 61)]

PITFALLS: tuple[Pitfall, ...] = (
    Pitfall(
        "nan behind a where",
        "x",
        _grid(-1, 3, 81),
        lambda x: _pulled(lambda t: np.where(t > 0, np.sqrt(t), 0.0), x),
        lambda x: _pulled(lambda t: np.where(t > 0, np.sqrt(np.where(t > 0, t, 1.0)), 0.0), x),
        lambda x: 0.5 / math.sqrt(x) if x > 0 else 0.0 if x < 0 else math.nan,
        "In reverse mode the branch not taken gets the adjoint 0, times its derivative; and 0 · nan is nan.",
        "Give the branch not taken an argument that is safe: a where inside the where.",
        -0.5,
        jumps=(0.0,),
    ),
    Pitfall(
        "a branch on equality",
        "x",
        _grid(0, 2, 41),
        lambda x: _slope(_square_with_a_shortcut, x),
        lambda x: _slope(lambda t: t * t, x),
        lambda x: 2 * x,
        "At x = 1 the shortcut returns x: the right value, by a branch that holds for this point alone.",
        "Do not decide by == on a value that you differentiate by; diagnose() points at such lines.",
        1.0,
    ),
    Pitfall(
        "a table of values",
        "x",
        _grid(0.02, 3.12, 156),
        lambda x: _slope(_table, x),
        lambda x: _slope(_hermite, x),
        math.cos,
        "The table's straight pieces are close to sin, but their slopes are those of a staircase.",
        "Approximate so that the derivative is approximated, too: here by cubics that know the slopes.",
        1.0,
    ),
    Pitfall(
        "a solver stopped early",
        "steps",
        [float(n) for n in range(13)],
        lambda n: _slope(lambda a: babylonian(a, int(n)), 30.0),
        lambda n: _slope(lambda a: implicit_root(a, babylonian(30.0, int(n))), 30.0),
        lambda n: 0.5 / math.sqrt(30.0),
        "The value is good before the derivative is, and the ratio of their errors grows from step to step.",
        "Differentiate the equation that the solver solves, not the steps by which it does.",
        4.0,
    ),
    Pitfall(
        "a warm start",
        "steps",
        _COUNTS,
        lambda n: _slope(lambda a: fixed_point(a, math.sqrt(2.0), int(n)), 2.0),
        lambda n: _slope(lambda a: implicit_root(a, fixed_point(2.0, math.sqrt(2.0), int(n))), 2.0),
        lambda n: 0.5 / math.sqrt(2.0),
        "Started at the solution, the value is right after one step; but the start does not depend on a.",
        "Let it run on until the derivative has settled, or differentiate the equation.",
        3.0,
    ),
    Pitfall(
        "the program is not the equation",
        "steps",
        _COUNTS,
        lambda n: _slope(lambda r: euler(r, int(n)), 1.0),
        lambda n: _slope(lambda r: runge_kutta(r, int(n)), 1.0),
        lambda n: math.e,
        "The derivative is exact for Euler's method with so many steps; e belongs to the differential equation.",
        "Approximate better: the derivative of a method converges as the method does.",
        10.0,
    ),
    Pitfall(
        "cancellation in the value",
        "log₁₀ x",
        _grid(-9, 0, 46),
        lambda k: _slope(versine_quotient, 10.0**k),
        lambda k: _slope(versine_quotient_safe, 10.0**k),
        lambda k: _versine_slope(10.0**k),
        "Differentiation does not subtract what was close, but it uses values that have lost their digits.",
        "Write it so that neither the value nor the contributions to its derivative cancel: here, as a series.",
        -4.0,
        logarithmic=True,
    ),
    Pitfall(
        "chaos",
        "iterations",
        [float(n) for n in range(1, 81)],
        lambda n: _slope(lambda x: iterate(x, int(n)), 0.2) / iterate_slope(0.2, int(n)),
        lambda n: iterate_slope(0.2, int(n), 17 + int(n)) / iterate_slope(0.2, int(n)),
        lambda n: 1.0,
        "Each step doubles the rounding error of the value, so after 50 steps the derivative is that of another path.",
        "More digits, one decimal for every three steps; or ask a question that has an answer.",
        40.0,
        unit="derivative ÷ the true one",
    ),
)
"""In the order in which notebook 15 shows them."""
