"""What differentiation costs in each mode, and a checkpointing schedule: notebook 11."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from adlib.study.cost import Action
from adlib.viz.style import INK, METHODS, ROLES

LABELS = {"numerical": "differences", "forward": "forward mode", "reverse": "reverse mode"}
MARKS = {"numerical": METHODS["forward difference"], "forward": ROLES["tangent"], "reverse": ROLES["adjoint"]}


def segments(moves: list[Action]) -> dict[str, Any]:
    """Lay out moves: the position in the chain to the right, time downwards, from move 1 on."""
    lines: list[Any] = []
    stores: list[Any] = []
    walks: list[Any] = []
    jumps: list[Any] = []
    for time, move in enumerate(moves, start=1):
        if move.kind == "advance":
            lines.append([(move.start, time), (move.stop, time)])
        elif move.kind == "store":
            stores.append((move.start, time))
        elif move.kind == "reverse":
            walks.append([(move.start + 1, time), (move.start, time)])
        else:
            jumps.append((move.start, time))
    return {"advance": lines, "store": stores, "reverse": walks, "restore": jumps}


def draw_schedule(ax: Axes, moves: list[Action], length: int) -> None:
    """Draw moves one below the other."""
    parts = segments(moves)
    for line in parts["advance"]:
        ax.plot(*np.array(line).T, "-", color=INK, linewidth=2)
    for line in parts["reverse"]:
        ax.plot(*np.array(line).T, "-", color=ROLES["adjoint"].colour, linewidth=3)
        ax.plot(*line[1], "<", color=ROLES["adjoint"].colour, markersize=6)
    for point in parts["store"]:
        ax.plot(*point, "s", color=ROLES["input"].colour, markersize=7)
    for point in parts["restore"]:
        ax.plot(*point, "o", color=ROLES["input"].colour, markersize=6, markerfacecolor="white")
    ax.set(xlim=(-0.5, length + 0.5), xlabel="step of the chain", ylabel="move")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    # Moves are whole and begin with 1; the row above them is for what is kept.
    places = MaxNLocator(integer=True, steps=[1, 2, 5, 10]).tick_values(1, len(moves))
    ax.set_yticks(sorted({1, *(int(t) for t in places if 1 < t <= len(moves))}))
