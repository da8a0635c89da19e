"""Notebook 11: which mode when, counted; and a checkpointing schedule, move by move."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.figure import Figure

from adlib.study.cost import Action, costs, fewest_steps, schedule
from adlib.viz.drawings.cost import LABELS, MARKS, draw_schedule
from adlib.viz.explorer import Explorer, made_anew, step_slider
from adlib.viz.style import INK, MUTED, ROLES, new_figure

__all__ = ["SIZES", "CheckpointExplorer", "CostExplorer", "counted", "layer"]

KEPT = 1.04
"""Where the row of kept states stands, as a part of the axes' height."""
SIZES = (1, 2, 4, 8, 16, 32, 64)


def layer(m: int, n: int) -> Any:
    """Make a function of m inputs and n outputs: sin(Wx), with a fixed matrix of weights."""
    W = np.cos(np.arange(m * n).reshape(n, m))
    return lambda x: np.sin(np.matmul(W, x))


@functools.cache
def counted(m: int, n: int) -> dict[str, int]:
    """Count the operations of `layer` and of its Jacobian, three ways.

    Examples
    --------
    >>> counted(4, 1)["reverse"] < counted(4, 1)["forward"]
    True
    """
    return costs(layer(m, n), np.linspace(0.5, 1.5, m))


class CostExplorer(Explorer):
    """Slide the number of inputs and of outputs; see what a whole Jacobian costs in each mode.

    In notebook 11.  Keywords say where the controls begin: ``m``, ``n`` (exponents of two).
    """

    alt = (
        "Left: counted operations of a Jacobian against the number of inputs, for forward differences, forward mode "
        "and reverse mode, with the chosen number marked. Right: a table of inputs against outputs, each cell marked "
        "with the cheaper of the two modes."
    )
    panel_height = "8em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the sliders of m and n; both go through powers of two."""
        return {
            "m": step_slider("log₂ m", 3, 0, 6),
            "n": step_slider("log₂ n", 1, 0, 6),
        }

    def build(self) -> Figure:
        """Draw the axes, and the whole table of winners."""
        figure = new_figure(9.2, 3.9)
        left, right = figure.subplots(1, 2, width_ratios=(1.35, 1))
        self.lines = {
            name: left.plot(SIZES, np.ones(7), **mark.line, label=LABELS[name])[0]
            for name, mark in MARKS.items()
        }
        left.set(
            xscale="log", yscale="log", ylim=(3, 3e6), xlabel="m, the number of inputs", ylabel="operations"
        )
        left.set_xticks(SIZES, [str(v) for v in SIZES])
        left.minorticks_off()
        left.legend(loc="upper left")
        left.set_title("A whole Jacobian")
        self.here = left.axvline(1, color=MUTED, linewidth=1)
        for i, n in enumerate(SIZES):
            for j, m in enumerate(SIZES):
                cost = counted(m, n)
                mark = ROLES["tangent" if cost["forward"] < cost["reverse"] else "adjoint"]
                right.plot([j], [i], mark.marker, color=mark.colour, markersize=9)
        (self.cell,) = right.plot([], [], "s", markersize=20, markerfacecolor="none", color=INK)
        right.set(xlim=(-0.6, 6.6), ylim=(-0.6, 6.6), xlabel="m inputs", ylabel="n outputs")
        right.set_xticks(range(7), [str(v) for v in SIZES])
        right.set_yticks(range(7), [str(v) for v in SIZES])
        right.grid(False)
        right.set_title("Cheaper: ▶ forward, ◀ reverse")
        figure.tight_layout()
        self.moving(*self.lines.values(), self.here, self.cell)
        return figure

    def update(self, m: int, n: int) -> str:
        """Set the curves for n outputs, and tell the counts at m inputs."""
        inputs, outputs = SIZES[m], SIZES[n]
        for name, line in self.lines.items():
            line.set_ydata([counted(size, outputs)[name] for size in SIZES])
        self.here.set_xdata([inputs, inputs])
        self.cell.set_data([m], [n])
        found = counted(inputs, outputs)
        rows = "".join(
            f"<tr><td style='color:{mark.colour}'>{mark.symbol} {LABELS[name]}</td>"
            f"<td class='adlib-number'>{found[name]:,}</td>"
            f"<td class='adlib-number'>{found[name] / found['function']:.1f} × f</td></tr>"
            for name, mark in MARKS.items()
        )
        return (
            f"<p>{inputs} input{'s' * (inputs > 1)}, {outputs} output{'s' * (outputs > 1)}: "
            f"f itself takes {found['function']:,} operations.</p>"
            f"<table><tr><th>the whole Jacobian by</th><th>operations</th><th></th></tr>{rows}</table>"
        )


def kept_after(moves: list[Action]) -> set[int]:
    """Say which states are kept after these moves."""
    kept: set[int] = set()
    for move in moves:
        if move.kind == "store":
            kept.add(move.start)
        elif move.kind == "reverse":
            kept.discard(move.start)
    return kept


class CheckpointExplorer(Explorer):
    """Play a checkpointing schedule: few states are kept, the others are computed again.

    In notebook 11.  Keywords say where the controls begin: ``move``, ``length``, ``snapshots``.
    """

    alt = (
        "The moves of a schedule, one below the other: black lines run forward through the chain, blue squares keep a "
        "state, blue circles go back to one, green arrows record one step and walk back over it."
    )
    panel_height = "6.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the sliders of the move, the length and the number of snapshots."""
        return {
            "move": step_slider("move", 12, 1, len(schedule(10, 3))),
            "length": step_slider("steps l", 10, 1, 40),
            "snapshots": step_slider("snapshots s", 3, 1, 8),
        }

    def build(self) -> Figure:
        """Make room; the schedule is drawn when its length or its snapshots change."""
        figure = new_figure(8.4, 4.2)
        self.ax = figure.subplots()
        figure.subplots_adjust(left=0.1, right=0.98, bottom=0.13, top=0.92)  # for any length alike
        self.shown: tuple[int, int] = (0, 0)
        (self.curtain,) = self.ax.fill([], [], color="white", alpha=0.85, zorder=5)
        return figure

    def _show(self, length: int, snapshots: int) -> None:
        self.shown = (length, snapshots)
        self.moves = schedule(length, snapshots)
        self.ax.clear()
        self._moving.clear()
        draw_schedule(self.ax, self.moves, length)
        free = 0.3 + 0.02 * len(self.moves)  # above the first mark and below the last one
        self.ax.set_ylim(len(self.moves) + free, 1 - free)
        (self.curtain,) = self.ax.fill([0], [0], color="white", alpha=0.88, zorder=5)
        # What is kept now stands in a row of its own, above the first move.
        above: dict[str, Any] = {"transform": self.ax.get_xaxis_transform(), "clip_on": False}
        (self.kept,) = self.ax.plot([], [], "s", color=ROLES["input"].colour, markersize=9, **above)
        self.ax.text(-0.012, KEPT, "kept now", transform=self.ax.transAxes, ha="right", va="center")
        self.moving(self.curtain, self.kept)
        self.redraw()

    def update(self, move: int, length: int, snapshots: int) -> str:
        """Uncover the moves so far, and tell what they took."""
        if (length, snapshots) != self.shown:
            self._show(length, snapshots)
            with self._held():
                self.inputs["move"].max = len(self.moves)
            made_anew(self.inputs["move"])
        move = min(move, len(self.moves))
        low, end = move + 0.5, 2 * len(self.moves)
        self.curtain.set_xy([(-1, low), (length + 1, low), (length + 1, end), (-1, end)])
        done = self.moves[:move]
        kept = sorted(kept_after(done))
        self.kept.set_data(kept, [KEPT] * len(kept))
        ran = sum(a.stop - a.start for a in done if a.kind == "advance")
        back = sum(a.kind == "reverse" for a in done)
        last = done[-1]
        words = {
            "store": f"keep the state at {last.start}",
            "advance": f"run on from {last.start} to {last.stop}, without a tape",
            "restore": f"go back to the kept state at {last.start}",
            "reverse": f"record step {last.start + 1}, and walk back over it",
        }[last.kind]
        fewest = fewest_steps(length, snapshots)
        return (
            f"<p>Move {move} of {len(self.moves)}: <b>{words}</b>.</p><p>Kept now: {len(kept)} of {snapshots}. "
            f"Steps run so far: <b>{ran}</b>; walked back over: {back} of {length}. The whole schedule runs "
            f"{fewest} step{'s' if fewest != 1 else ''}: no schedule with {snapshots} "
            f"snapshot{'s' if snapshots > 1 else ''} needs fewer.</p>"
        )
