"""Functions whose difference quotients are measured: each at a point, with its derivatives there.

A `Case` is what the step-size plots rest on.  The derivatives of `CASES` are known from elsewhere, to more digits than
a float holds; `case_of` finds those of any other function, where it has some.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import adlib
from adlib import numerical
from adlib.lesson import examples

__all__ = ["CASES", "Case", "answers", "case_of"]


@dataclass(frozen=True)
class Case:
    """A function of one variable at a point, and what is known about it there.

    Attributes
    ----------
    name, latex : str
        In words and as a formula, of the derivative that is looked for.
    f : callable
        Elementwise.
    x : float
    value, first, second, third : float
        f and its derivatives at x.
    """

    name: str
    latex: str
    f: Callable[[Any], Any]
    x: float
    value: float
    first: float
    second: float
    third: float


# Derivatives from 50-digit arithmetic; tests/viz/test_plots.py computes them again.
CASES: Mapping[str, Case] = {
    "f": Case(
        "f at (2, 1), by x₂",
        r"$\partial f/\partial x_2$ at $(2, 1)$",
        lambda x2: examples.f(2.0, x2),
        1.0,
        1.86091475014739672,
        -1.38016556832272458,
        3.66757045653898725,
        10.7808418355979058,
    ),
    "logistic": Case(
        "logistic map l₄ at 0.2",
        r"$l_4'$ at $0.2$",
        lambda x: examples.logistic(x, 4),
        0.2,
        0.28901376,
        9.0660864,
        67.395584,
        -3948.87168,
    ),
    "squire": Case(
        "eˣ / √(sin³x + cos³x) at 1.5",
        r"$(e^x/\sqrt{\sin^3 x+\cos^3 x})'$ at $1.5$",
        examples.martins_sturdza_alonso,
        1.5,
        4.49778005394616195,
        4.05342789389862066,
        9.46307368159660335,
        32.1679045136889409,
    ),
}


def case_of(f: Callable[[Any], Any], x: float, name: str) -> Case:
    """Make a case of any function, with derivatives by nested forward mode.

    Parameters
    ----------
    f : callable
        Of one variable, elementwise.
    x : float
    name : str
        In words; its formula is the same.

    Returns
    -------
    Case
        The derivatives are correct to float64's rounding only: smaller errors cannot be told from zero.

    Raises
    ------
    ValueError
        If f or a derivative up to the third is not finite at `x`, or if f has a kink or a jump there.

    Examples
    --------
    >>> case_of(lambda x: x**3, 2.0, "a cube").second
    12.0
    >>> case_of(lambda x: abs(x - 1), 1.0, "a kink")
    Traceback (most recent call last):
        ...
    ValueError: at x = 1 this function has no derivative: its slope is -1 to the left and 1 to the right. ...
    """

    def derivative(g: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda t: adlib.jvp(g, (t,), (1.0,))[1]

    first = derivative(f)
    second = derivative(first)
    kinds = {
        "value": f,
        "derivative": first,
        "second derivative": second,
        "third derivative": derivative(second),
    }
    values = []
    for kind, g in kinds.items():
        try:
            with np.errstate(all="ignore"):
                values.append(float(g(np.float64(x))))
        except ArithmeticError:  # of numbers that are Python's own, as in 1/0
            values.append(np.nan)
        if not np.isfinite(values[-1]):
            if len(values) > 2:  # at a kink the first may be a convention, and the others nothing
                _must_be_smooth(f, x, values[1], 0.0, 0.0)
            raise ValueError(f"at x = {x:g} this function has no finite {kind}: take another")
    _must_be_smooth(f, x, *values[1:])
    return Case(name, name, f, x, *values)


def _must_be_smooth(f: Callable[[Any], Any], x: float, first: float, second: float, third: float) -> None:
    """Raise an error if short steps to one side see another slope, or a jump: at a kink f′ is a convention."""
    h = 2.0 ** np.arange(-20, -11)
    with np.errstate(all="ignore"):
        left, right = (np.asarray((f(x + side * h) - f(x)) / (side * h)) for side in (-1, 1))
        bent = 10 * (h * abs(second) + h**2 * abs(third))  # as far off as a smooth f may be
    found = set()
    for slopes in (left, right):
        off = np.abs(slopes - first)
        if np.all(off > bent + 1e-3 * np.maximum(np.abs(slopes), abs(first))):
            # Rounding would differ from step to step: a kink does not, nor does a jump's height.
            found |= {kind for kind, y in (("kink", off), ("jump", h * off)) if np.ptp(y) < 0.05 * np.max(y)}
    if not found:
        return
    sides = f"its slope is {left[0] + 0.0:.4g} to the left and {right[0] + 0.0:.4g} to the right"
    raise ValueError(
        f"at x = {x:g} this function has no derivative: {'it jumps there' if 'jump' in found else sides}. "
        "There is nothing to measure an error against: take another function"
    )


def answers(h: float, x1: float = 2.0, x2: float = 1.0) -> dict[str, float]:
    """Differentiate the running example by x₂ in six ways.

    Parameters
    ----------
    h : float
        The step of the two differences; the complex step uses its own.
    x1, x2 : float

    Returns
    -------
    dict of str to float
        By the names of `METHODS`.
    """

    def along(t: float) -> float:
        return float(examples.f(x1, t))

    with np.errstate(all="ignore"):
        return {
            "forward difference": (along(x2 + h) - along(x2)) / h,
            "central difference": (along(x2 + h) - along(x2 - h)) / (2 * h),
            "complex step": float(numerical.complex_step(examples.f, (x1, x2), argnum=1)),
            "forward mode": float(adlib.jvp(examples.f, (x1, x2), (0.0, 1.0))[1]),
            "reverse mode": float(adlib.grad(examples.f, argnums=1)(x1, x2)),
            "by hand": float(examples.df_dx2(x1, x2)),
        }
