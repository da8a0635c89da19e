"""The pictures of notebook 13: wrong rules beside difference quotients, a solver's derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import adlib
from adlib.engine.custom import CustomGate
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, METHODS, MUTED, ROLES, WARNING, Picture, new_figure

__all__ = [
    "BUGS",
    "REACH",
    "blind_spots",
    "checked",
    "claimed",
    "fixed_point",
    "gate_with",
    "measured",
    "solver_errors",
]

REACH = 2.5
"""The pictures show x from -REACH to REACH."""

Rule = Callable[[Any, Any, Any], Any]
BUGS: Mapping[str, tuple[str, Rule]] = {
    "wrong sign": (
        "g * (np.sin(2*x) - 2*x * np.cos(2*x))",
        lambda g, out, x: g * (np.sin(2 * x) - 2 * x * np.cos(2 * x)),
    ),
    "missing factor": (
        "g * (np.sin(2*x) + x * np.cos(2*x))",
        lambda g, out, x: g * (np.sin(2 * x) + x * np.cos(2 * x)),
    ),
    "missing term": ("g * 2*x * np.cos(2*x)", lambda g, out, x: g * 2 * x * np.cos(2 * x)),
    "wrong argument": (
        "g * (np.sin(2*x) + 2*x * np.cos(2*out))",
        lambda g, out, x: g * (np.sin(2 * x) + 2 * x * np.cos(2 * out)),
    ),
    "none": (
        "g * (np.sin(2*x) + 2*x * np.cos(2*x))",
        lambda g, out, x: g * (np.sin(2 * x) + 2 * x * np.cos(2 * x)),
    ),
}
"""Backward rules for the gate x·sin(2x), as code and as a function; the last one is right."""


def gate_with(bug: str) -> CustomGate:
    """Make the gate x·sin(2x) with one of the rules of `BUGS`."""

    @adlib.custom_gate
    def wave(x: Any) -> Any:
        return x * np.sin(2 * x)

    wave.backward(BUGS[bug][1])
    return wave


def claimed(gate: CustomGate, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differentiate a gate at many points, as its rule would have it."""
    slopes: NDArray[np.float64] = adlib.grad(lambda t: np.sum(gate(t)))(x)
    return slopes


def measured(gate: CustomGate, x: NDArray[np.float64], h: float = 1e-5) -> NDArray[np.float64]:
    """Differentiate a gate at many points by central differences, which know nothing of its rule."""
    slopes: NDArray[np.float64] = (gate(x + h) - gate(x - h)) / (2 * h)
    return slopes


def checked(gate: CustomGate, x: float) -> str:
    """Return what `adlib.check_grads` says of a gate's backward rule at a point; empty if it is silent."""
    try:
        adlib.check_grads(gate, (x,), modes=["reverse"])
    except AssertionError as error:
        return str(error)
    return ""


@figure("gradient-check")
def gradient_check() -> Picture:
    """Show four wrong rules for one gate beside its difference quotients, and where they agree."""
    drawing = new_figure(9.0, 5.6)
    axes = drawing.subplots(2, 2, sharex=True, sharey=True)
    x = np.linspace(-REACH, REACH, 401)
    points = x[4::14]
    quotient, claim = METHODS["central difference"], ROLES["adjoint"]
    for ax, bug in zip(axes.flat, list(BUGS)[:4], strict=True):
        gate = gate_with(bug)
        ax.plot(x, claimed(gate, x), color=claim.colour, linewidth=2.0, label="claimed by the backward rule")
        label = "measured by central differences"
        ax.plot(points, measured(gate, points), **quotient.points, markersize=4, label=label)
        blind = blind_spots(gate)
        there = measured(gate, np.array(blind))
        marks: dict[str, Any] = {
            "marker": "o",
            "markersize": 11,
            "markerfacecolor": "none",
            "linestyle": "none",
        }
        ax.plot(blind, there, color=WARNING, **marks, label="they agree: no check here sees the bug")
        ax.set_title(f"{bug}:  {BUGS[bug][0].replace('np.', '')}", fontsize=9.5)
    axes[0, 0].set(xlim=(-REACH, REACH), ylim=(-6.5, 6.5))
    for ax in axes[1]:
        ax.set_xlabel("$x$")
    for ax in axes[:, 0]:
        ax.set_ylabel("derivative")
    handles, names = axes[0, 0].get_legend_handles_labels()
    drawing.suptitle(
        r"Four wrong rules for $x\,\sin 2x$: each is right somewhere, and at 0 all of them are",
        x=0.01,
        ha="left",
        fontsize=10.5,
        fontweight="bold",
    )
    drawing.legend(handles, names, loc="lower center", ncols=3)
    drawing.tight_layout(rect=(0, 0.05, 1, 1))
    return Picture(
        drawing,
        "Four panels, one for each wrong backward rule of the gate x sin 2x: wrong sign, missing factor, missing "
        "term, wrong argument. The claimed derivative leaves the difference quotients nearly everywhere, "
        "but in each panel the two meet at a few circled points, and in all four panels x = 0 is one of them.",
    )


def blind_spots(gate: CustomGate) -> list[float]:
    """List where the claimed derivative meets the true one, by crossing it or by touching it."""
    right = gate_with("none")

    def apart(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.abs(claimed(gate, x) - claimed(right, x))

    x = np.linspace(-REACH, REACH, 4001)
    far = apart(x)
    spots = []
    for near in x[1:-1][(far[1:-1] <= far[:-2]) & (far[1:-1] <= far[2:])]:
        spot, reach = near, x[1] - x[0]
        while reach > 1e-9:  # look closer and closer
            closer = np.linspace(spot - reach, spot + reach, 21)
            spot, reach = closer[np.argmin(apart(closer))], reach / 8
        if apart(np.array([spot]))[0] < 1e-7:
            spots.append(float(spot))
    return spots


def fixed_point() -> CustomGate:
    """Make the gate that solves x = cos(θ x), with the rule of the implicit function theorem."""

    @adlib.custom_gate
    def solved(theta: Any) -> Any:
        x, last = 1.0, 0.0
        while abs(x - last) > 1e-15:
            x, last = float(np.cos(theta * x)), x
        return x

    @solved.backward
    def implicit(g: Any, out: Any, theta: Any) -> Any:
        s = np.sin(theta * out)
        return -g * out * s / (1 + theta * s)

    return solved


def solver_errors(turns: int, theta: float = 1.0) -> dict[str, NDArray[np.float64]]:
    """Iterate x ← cos(θ x) from 1, and measure after each turn how far off the derivatives by θ are.

    Parameters
    ----------
    turns : int
    theta : float

    Returns
    -------
    dict of str to array
        Absolute errors after 1, 2, … turns, of the ``value`` and of the ``first`` and ``second`` derivative by θ
        of the iteration as it ran.
    """

    def iterates(t: Any) -> list[Any]:
        x, seen = 1.0 + 0 * t, []
        for _ in range(turns):
            x = np.cos(t * x)
            seen.append(x)
        return seen

    def slopes(t: Any) -> tuple[Any, Any]:
        return adlib.jvp(iterates, (t,), (1.0,))

    (values, first), (_, second) = adlib.jvp(slopes, (theta,), (1.0,))
    solved = fixed_point()
    slope = adlib.grad(solved)
    limits = {"value": solved(theta), "first": slope(theta), "second": adlib.grad(slope)(theta)}
    found = {"value": values, "first": first, "second": second}
    return {name: np.abs(np.array(found[name]) - limit) for name, limit in limits.items()}


@figure("solver-derivatives")
def solver_derivatives() -> Picture:
    """Show how far off value and derivatives of an unrolled iteration are, turn by turn."""
    errors = solver_errors(100)
    drawing = new_figure(7.6, 3.6)
    ax = drawing.subplots()
    turns = np.arange(1, 101)
    looks = {
        "value": (ROLES["primal"].line, "the value x"),
        "first": (ROLES["tangent"].line, "dx/dθ, by unrolling"),
        "second": (METHODS["Richardson"].line, "d²x/dθ², by unrolling"),
    }
    for name, (look, label) in looks.items():
        ax.semilogy(turns, np.maximum(errors[name], 1e-17), **look, markevery=8, label=label)
    ax.axhline(1e-6, color=MUTED, linewidth=0.8)
    ax.text(99, 1.5e-6, "six digits", color=MUTED, ha="right")
    for name in looks:
        needed = int(np.argmax(errors[name] < 1e-6)) + 1
        ax.plot([needed], [1e-6], marker="o", markersize=10, markerfacecolor="none", color=INK)
        ax.text(needed + 1.2, 2e-6, str(needed), va="bottom")
    ax.set(xlabel="turns of the loop", ylabel="absolute error", xlim=(0, 100), ylim=(1e-16, 10))
    ax.set_title("Every derivative of the loop arrives later than what it is the derivative of")
    ax.legend(loc="lower left")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Absolute error against the number of turns of x ← cos(θ x), on a logarithmic axis. Value, first and second "
        "derivative of the unrolled loop fall along parallel lines, one above the other: six digits take "
        "the second derivative many more turns than the value.",
    )
