"""Plots as pure functions: data in, artists on the Axes that were handed in.

The step-size plots rest on a `Case` of `adlib.viz.cases`: a function of one variable at a point.  `measure` runs
a method on it, `draw_v` draws the error against the step, `draw_microscope` what the function looks like over a
few steps, `draw_methods` one row per method.

In a plot of errors the colour and the marker say which method, the line style which error: truncation dashed,
round-off dotted, measured points without a line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import NDArray

from adlib import numerical
from adlib.viz.cases import Case
from adlib.viz.style import GRID, INK, METHODS, MUTED

__all__ = [
    "FLOOR",
    "STEPS",
    "draw_methods",
    "draw_microscope",
    "draw_v",
    "errors",
    "measure",
    "microscope",
    "microscope_window",
    "power_of_ten",
    "right_digits",
    "scientific",
    "set_microscope",
]

FLOOR = 1e-17
"""Where an error of exactly zero is drawn; the axis says so."""
STEPS: NDArray[np.float64] = 10.0 ** np.arange(-16, 0.01, 0.1)
"""The steps of the error plots, ten a decade."""

Quotient = Literal["forward difference", "central difference", "complex step"]


def measure(
    case: Case, steps: NDArray[np.float64], method: Quotient, dtype: type[np.floating[Any]] = np.float64
) -> NDArray[np.float64]:
    """Evaluate a difference quotient, or the complex step, for many steps at once.

    Parameters
    ----------
    case : Case
    steps : array of shape (k,)
    method : {"forward difference", "central difference", "complex step"}
    dtype : float32 or float64
        In which x, h and f are computed.

    Returns
    -------
    array of shape (k,)
        NaN where the quotient leaves the domain.  A step that is lost in x + h gives 0, as the formula does.
    """
    x, h = dtype(case.x), steps.astype(dtype)
    two = dtype(2)
    with np.errstate(all="ignore"):
        if method == "forward difference":
            quotient = (case.f(x + h) - case.f(x)) / h
        elif method == "central difference":
            quotient = (case.f(x + h) - case.f(x - h)) / (two * h)
        elif method == "complex step":
            quotient = case.f(x + h.astype(np.result_type(dtype, np.complex64)) * 1j).imag / h
        else:
            raise ValueError(f"no quotient is called {method!r}")
    return np.asarray(quotient, dtype=np.float64)


def right_digits(value: float, exact: float, digits: int = 16) -> tuple[str, str]:
    """Split a number, written out, into the digits that are right and the rest.

    A relative error of 10⁻ᵏ counts as k right digits.  To compare digit by digit would not do: 1.3799 and 1.3801 have
    two in common, 1.3801 and 1.3803 have four, and the numbers of both pairs are equally near.

    Parameters
    ----------
    value, exact : float
    digits : int
        How many significant digits to write.

    Returns
    -------
    right, rest : str
        `right` has as many significant digits as are right, to the nearest whole number of them.

    Examples
    --------
    >>> right_digits(-1.37998, -1.38016557, digits=6)
    ('-1.379', '98')
    >>> right_digits(0.5, -1.38, digits=6)
    ('', '0.500000')
    """
    if not np.isfinite(value):
        return "", str(value)
    places = digits - 1 - (int(np.floor(np.log10(abs(value)))) if value else 0)
    text = f"{value:.{max(places, 0)}f}"
    off = abs(value - exact) / abs(exact) if exact else float(value != exact)
    count = min(digits, round(-math.log10(off))) if off else digits
    if not value or count <= 0:
        return "", text
    significant = [k for k, c in enumerate(text) if c.isdigit() and text[: k + 1].strip("-0.")]
    cut = significant[count - 1] + 1 if count <= len(significant) else len(text)
    return text[:cut], text[cut:]


def scientific(value: float) -> str:
    """Write a number with a power of ten as the sliders' readouts do.

    Examples
    --------
    >>> scientific(0.01), scientific(2.5e-12), scientific(0.0)
    ('1.0e-2', '2.5e-12', '0')
    """
    if value == 0 or not np.isfinite(value):
        return f"{value:g}"
    lead, exponent = f"{value:.1e}".split("e")
    return f"{lead}e{int(exponent):+d}"


def power_of_ten(value: float) -> str:
    """Write a number for a label: ``$10^{-8}$``, ``$3\\cdot10^{-5}$``, or ``0``."""
    if value == 0:
        return "0"
    exponent = int(np.floor(np.log10(abs(value))))
    lead = round(value / 10.0**exponent)
    if abs(lead) == 10:
        lead, exponent = lead // 10, exponent + 1
    return f"$10^{{{exponent}}}$" if lead == 1 else rf"${lead}\cdot10^{{{exponent}}}$"


def _log_axis(axis: Any, low: int, high: int, every: int, zero: bool = False) -> None:
    ticks = [10.0**k for k in range(low, high + 1, every)]
    if zero:
        ticks = [FLOOR, *(t for t in ticks if t > 3 * FLOOR)]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())

    def write(t: float, _position: object) -> str:
        return "0" if zero and t < 2 * FLOOR else f"$10^{{{round(np.log10(t))}}}$"

    axis.set_major_formatter(FuncFormatter(write))


def errors(case: Case, got: NDArray[np.float64]) -> NDArray[np.float64]:
    """Take |got − f′|, with zeros lifted to `FLOOR` so that a logarithmic axis can show them."""
    return np.maximum(np.abs(got - case.first), FLOOR)


def draw_v(
    ax: Axes,
    case: Case,
    methods: Sequence[Quotient] = ("forward difference", "central difference"),
    dtype: type[np.floating[Any]] = np.float64,
    model: bool = True,
    marks: bool = True,
) -> dict[str, Line2D]:
    """Draw the error of each method against its step, measured, over the model's two lines.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    case : Case
    methods : sequence of str
    dtype : float32 or float64
    model : bool
        Draw truncation (dashed) and round-off (dotted).
    marks : bool
        Mark √ε and ∛ε above the axes.

    Returns
    -------
    dict of str to matplotlib.lines.Line2D
        The measured points by method, and the model's lines as "<method> truncation" and "<method>
        round-off".
    """
    epsilon = float(np.finfo(dtype).eps)
    lines: dict[str, Line2D] = {}
    ax.set_xscale("log")
    ax.set_yscale("log")
    for method in methods:
        mark = METHODS[method]
        got = errors(case, measure(case, STEPS, method, dtype))
        (lines[method],) = ax.plot(
            STEPS,
            got,
            **mark.points,
            markersize=4.5,
            markerfacecolor=mark.tint,
            markeredgewidth=0.8,
            markevery=5 if method == "complex step" else 2,
            zorder=2.5 if method == "complex step" else 3,
            label=method,
        )
        if model and method != "complex step":
            kind: Any = method.split()[0]
            derivative = case.second if kind == "forward" else case.third
            for name, dashes, values in (
                ("truncation", (0, (5, 2)), numerical.truncation_error(STEPS, derivative, kind)),
                ("round-off", (0, (1, 1.6)), numerical.roundoff_error(STEPS, case.value, kind, dtype)),
            ):
                (lines[f"{method} {name}"],) = ax.plot(
                    STEPS, np.maximum(values, FLOOR / 100), color=mark.colour, linestyle=dashes, zorder=4
                )
    if marks:
        for power, name in ((1 / 2, r"$\sqrt{\varepsilon}$"), (1 / 3, r"$\sqrt[3]{\varepsilon}$")):
            ax.axvline(epsilon**power, color=MUTED, linewidth=0.8, zorder=1)
            ax.annotate(
                name,
                (epsilon**power, 1),
                xycoords=("data", "axes fraction"),
                xytext=(3, -3),
                textcoords="offset points",
                va="top",
                fontsize=9,
                color=MUTED,
            )
    ax.axhspan(FLOOR / 10, 2 * FLOOR, color=GRID, alpha=0.6, zorder=0)
    ax.set_xlim(4e-17, 2.5)
    ax.set_ylim(3e-18, 1e3)
    _log_axis(ax.xaxis, -16, 0, 4)
    _log_axis(ax.yaxis, -16, 2, 3, zero=True)
    ax.set_xlabel("step $h$")
    ax.set_ylabel("error $|D(h) - f'(x)|$")
    return lines


def microscope(
    case: Case, h: float, dtype: type[np.floating[Any]] = np.float64, points: int = 401
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Look at f over four steps around x, in units of h: t and (f(x + t h) − f(x)) / h.

    Parameters
    ----------
    case : Case
    h : float
    dtype : float32 or float64
    points : int

    Returns
    -------
    t, rise : arrays of shape (points,)
        As h → 0 the rise would become the line f′·t, were there no rounding.
    """
    t = np.linspace(-2, 2, points)
    with np.errstate(all="ignore"):
        x = dtype(case.x)
        rise = (case.f(x + t.astype(dtype) * dtype(h)) - case.f(x)) / dtype(h)
    return t, np.asarray(rise, dtype=np.float64)


def microscope_window(case: Case) -> tuple[float, float]:
    """Tell from where to where the microscope's heights go: the tangent crosses the whole window.

    Parameters
    ----------
    case : Case

    Returns
    -------
    low, high : float

    Examples
    --------
    >>> from adlib.viz.cases import case_of
    >>> microscope_window(case_of(lambda x: x * x, 2.0, "a square"))
    (-12.8, 12.8)
    """
    reach = 3.2 * abs(case.first) or 3.2
    return -reach, reach


def draw_microscope(
    ax: Axes,
    case: Case,
    h: float,
    method: Literal["forward difference", "central difference"] = "forward difference",
    dtype: type[np.floating[Any]] = np.float64,
) -> dict[str, Line2D]:
    """Draw f over four steps, its true tangent, and the secant that the method takes.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    case : Case
    h : float
    method : {"forward difference", "central difference"}
    dtype : float32 or float64

    Returns
    -------
    dict of str to matplotlib.lines.Line2D
        "curve", "tangent", "secant" (a line) and "ends" (its two points).
    """
    mark = METHODS[method]
    t, rise = microscope(case, h, dtype)
    lines = {}
    (lines["tangent"],) = ax.plot(
        t, case.first * t, color=MUTED, linewidth=1.0, linestyle=(0, (6, 3)), label="true slope", zorder=2
    )
    (lines["curve"],) = ax.plot(t, rise, color=INK, linewidth=1.4, label="f, as computed", zorder=3)
    (lines["secant"],) = ax.plot(
        [], [], color=mark.colour, linewidth=1.8, label="the quotient's slope", zorder=4
    )
    (lines["ends"],) = ax.plot([], [], **mark.points, markersize=7, zorder=5)
    set_microscope(lines, case, h, method, dtype)
    ax.set_xlim(-2, 2)
    ax.set_ylim(*microscope_window(case))
    ax.xaxis.set_major_locator(FixedLocator([-1, 0, 1]))
    ax.set_xticklabels(["$x-h$", "$x$", "$x+h$"])
    ax.set_xlabel("argument")
    ax.set_ylabel("$(f(x+th) - f(x))\\,/\\,h$")
    return lines


def set_microscope(
    lines: Mapping[str, Line2D],
    case: Case,
    h: float,
    method: Literal["forward difference", "central difference"],
    dtype: type[np.floating[Any]],
) -> None:
    """Move what `draw_microscope` drew to another case, step or method."""
    t, rise = microscope(case, h, dtype)
    lines["curve"].set_data(t, rise)
    lines["tangent"].set_data(t, case.first * t)
    begin = 0.0 if method == "forward difference" else -1.0
    with np.errstate(all="ignore"):
        x = dtype(case.x)
        low, high = (float((case.f(x + dtype(s) * dtype(h)) - case.f(x)) / dtype(h)) for s in (begin, 1.0))
    slope = (high - low) / (1 - begin)
    ends = np.array([-2.0, 2.0])
    lines["secant"].set_data(ends, low + slope * (ends - begin))
    lines["ends"].set_data([begin, 1.0], [low, high])
    mark = METHODS[method]
    lines["secant"].set_color(mark.colour)
    lines["ends"].set(color=mark.colour, marker=mark.marker)


def draw_methods(ax: Axes, relative: Mapping[str, float]) -> dict[str, Line2D]:
    """Draw one row per method: how far its answer is off, relatively.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    relative : mapping of str to float
        Relative error by the names of `METHODS`; NaN is not drawn, zero is drawn at the floor.

    Returns
    -------
    dict of str to matplotlib.lines.Line2D
        One point per method.
    """
    names = list(relative)
    lines = {}
    ax.set_xscale("log")
    ax.axvspan(FLOOR / 10, 2 * FLOOR, color=GRID, alpha=0.6, zorder=0)
    for row, name in enumerate(names):
        mark = METHODS[name]
        (lines[name],) = ax.plot(
            [max(relative[name], FLOOR)], [row], **mark.points, markersize=8, clip_on=False, zorder=4
        )
    ax.set_yticks(range(len(names)), names)
    for label, name in zip(ax.get_yticklabels(), names, strict=True):
        label.set_color(METHODS[name].colour)
    ax.tick_params(axis="y", length=0)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xlim(4e-18, 10)
    _log_axis(ax.xaxis, -15, 0, 3, zero=True)
    ax.set_xlabel("relative error (10$^{-k}$: about $k$ correct digits)")
    return lines
