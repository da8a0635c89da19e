"""What differentiation costs in each mode, and a checkpointing schedule: notebook 11."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from adlib.study.cost import Action
from adlib.viz.style import INK, METHODS, ROLES

LABELS = {"numerical": "differences", "forward": "forward mode", "reverse": "reverse mode"}
MARKS = {"numerical": METHODS["forward difference"], "forward": ROLES["tangent"], "reverse": ROLES["adjoint"]}


def draw_schedule(ax: Axes, moves: list[Action], length: int) -> None:
    """Draw moves one below the other: the position in the chain to the right, time downwards, from move 1 on."""
    kept, back = ROLES["input"].colour, ROLES["adjoint"].colour
    for kind in ("advance", "reverse", "store", "restore"):
        for time, move in enumerate(moves, start=1):
            if move.kind != kind:
                continue
            if kind == "advance":
                ax.plot([move.start, move.stop], [time, time], "-", color=INK, linewidth=2)
            elif kind == "reverse":
                ax.plot([move.start + 1, move.start], [time, time], "-", color=back, linewidth=3)
                ax.plot(move.start, time, "<", color=back, markersize=6)
            elif kind == "store":
                ax.plot(move.start, time, "s", color=kept, markersize=7)
            else:
                ax.plot(move.start, time, "o", color=kept, markersize=6, markerfacecolor="white")
    ax.set(xlim=(-0.5, length + 0.5), xlabel="step of the chain", ylabel="move")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    # Moves are whole and begin with 1; the row above them is for what is kept.
    places = MaxNLocator(integer=True, steps=[1, 2, 5, 10]).tick_values(1, len(moves))
    ax.set_yticks(sorted({1, *(int(t) for t in places if 1 < t <= len(moves))}))
