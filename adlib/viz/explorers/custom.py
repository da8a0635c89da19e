"""Notebook 13: a gate with a wrong backward rule, found by the gradient check."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib.viz.drawings.custom import BUGS, REACH, blind_spots, checked, claimed, gate_with, measured
from adlib.viz.explorer import Explorer, choice, slider
from adlib.viz.style import INK, METHODS, MUTED, ROLES, new_figure

__all__ = ["GradientCheckExplorer"]

FLOOR = 1e-13


class GradientCheckExplorer(Explorer):
    """Choose a mistake and a point; see the claimed slope beside the measured one, and the check's verdict.

    In notebook 13.  Keywords say where the controls begin: ``bug``, ``x``.
    """

    alt = (
        "Above: the derivative of x sin 2x as the backward rule claims it, beside central differences. "
        "Below: how far apart the two are, on a logarithmic axis. A line marks the point of the check."
    )
    panel_height = "19.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the menu of mistakes and the point's slider."""
        return {
            "bug": choice("mistake", list(BUGS), "missing term"),
            "x": slider("x", 1.0, -REACH, REACH, 0.05),
        }

    def build(self) -> Figure:
        """Draw both derivatives above, their distance below."""
        figure = new_figure(8.6, 4.6)
        above, below = figure.subplots(2, 1, sharex=True, height_ratios=(1.7, 1))
        quotient, claim = METHODS["central difference"], ROLES["adjoint"]
        self.gates = {bug: gate_with(bug) for bug in BUGS}
        even = np.linspace(-REACH, REACH, 301)
        spots = [spot for bug, gate in self.gates.items() if bug != "none" for spot in blind_spots(gate)]
        self.grid = np.union1d(even, spots)
        truth = measured(self.gates["none"], self.grid)
        self.distances = {
            bug: np.maximum(np.abs(claimed(gate, self.grid) - truth), FLOOR)
            for bug, gate in self.gates.items()
        }
        above.plot(
            self.grid[::8],
            truth[::8],
            **quotient.points,
            markersize=4,
            label="measured by central differences",
        )
        (self.claim,) = above.plot(
            self.grid, truth, color=claim.colour, linewidth=2, label="claimed by the backward rule"
        )
        (self.at,) = above.plot([], [], **claim.points, markersize=11, markeredgecolor=INK)
        (self.true,) = above.plot([], [], **quotient.points, markersize=9, markeredgecolor=INK)
        above.set(xlim=(-REACH - 0.08, REACH + 0.08), ylim=(-6, 6), ylabel="derivative")
        above.legend(loc="lower left", bbox_to_anchor=(0, 0.99), ncols=2, borderaxespad=0)
        (self.distance,) = below.semilogy(self.grid, np.ones_like(self.grid), color=INK)
        below.axhline(1e-6, color=MUTED, linestyle="--", linewidth=1)
        told = "dashed: what the check tolerates, for numbers near 1"
        below.text(1, -0.4, told, color=MUTED, ha="right", transform=below.transAxes)
        below.set(ylim=(FLOOR, 50), xlabel="$x$", ylabel="apart by")
        below.set_yticks([1e-12, 1e-8, 1e-4, 1e0])
        self.lines = [ax.axvline(0.0, color=INK, linewidth=0.9) for ax in (above, below)]
        figure.align_ylabels((above, below))
        figure.tight_layout()
        self.moving(self.claim, self.distance, self.at, self.true, *self.lines)
        return figure

    def update(self, bug: str, x: float) -> str:
        """Move the curve to the rule's, the marks to the point, and ask `check_grads`."""
        gate, here = self.gates[bug], np.array([x])
        slope, truth = claimed(gate, here), measured(gate, here)
        self.claim.set_ydata(claimed(gate, self.grid))
        self.distance.set_ydata(self.distances[bug])
        self.at.set_data(here, slope)
        self.true.set_data(here, truth)
        for line in self.lines:
            line.set_xdata([x, x])
        said, call = checked(gate, x), f'check_grads(wave, ({x:.2f},), modes=["reverse"])'
        if said:
            told = f"✘ {call} says<pre>{_unbroken(said)}</pre>{_unbroken(_factor(said, slope[0], truth[0]))}"
            verdict = f"<div class='adlib-alert'>{told}</div>"
        elif bug == "none":
            verdict = f"<div>✔ {call} is silent, and rightly so.</div>"
        else:
            verdict = (
                f"<div>⚠ {call} is silent, although the rule is wrong: at this point the mistake happens to be "
                "0.</div>"
            )
        return (
            f"<div>the rule: <code>return {html.escape(BUGS[bug][0])}</code></div>"
            "<table><tr><th>x</th><th class='adlib-adjoint'>◀ derivative claimed by the rule</th>"
            "<th>■ derivative measured by central differences</th></tr>"
            f"<tr><td>{x:.2f}</td><td class='adlib-number'>{slope[0]:.9f}</td>"
            f"<td class='adlib-number'>{truth[0]:.9f}</td></tr></table>{verdict}"
        )


def _unbroken(said: str) -> str:
    """Keep a number such as 1.3e-14 on one line, which a browser would break at its sign."""
    return re.sub(
        r"(\S+ ± )?\S*\de[-+]\d+", r"<span style='white-space:nowrap'>\g<0></span>", html.escape(said)
    )


def _factor(said: str, claimed: float, measured: float) -> str:
    """Say how the two numbers of the check belong to the two of the table: each times ȳ·ẋ."""
    pair = re.search(r"is (\S+), difference quotients give (\S+)", said)
    if pair is None:
        return ""
    found, quotient = float(pair[1]), float(pair[2])
    factor = found / claimed if abs(claimed) > abs(measured) else quotient / measured
    times = [f"{factor:.8f} · {_inside(slope)} ≈ {factor * slope:.6g}" for slope in (claimed, measured)]
    return (
        f"These are the two derivatives above, each times the same number, ȳ·ẋ:\n  {times[0]}\n  {times[1]}"
    )


def _inside(number: float) -> str:
    return f"({number:.9f})" if number < 0 else f"{number:.9f}"
