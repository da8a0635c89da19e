"""The pictures of notebook 13: wrong rules beside difference quotients, a solver's derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

import adlib
from adlib.engine.custom import CustomGate
from adlib.viz.drawings.custom import BUGS, REACH, blind_spots, claimed, gate_with, measured
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, METHODS, MUTED, ROLES, WARNING, Picture, new_figure

__all__ = ["fixed_point", "solver_errors"]


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
