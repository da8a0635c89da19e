"""The pictures of notebook 11."""

from __future__ import annotations

import functools
from typing import Any

import networkx as nx
import numpy as np

from adlib.lesson import examples
from adlib.study.cost import costs, schedule
from adlib.study.sparse import colours, column_graph
from adlib.viz.drawings.cost import MARKS, draw_schedule
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, METHODS, MUTED, Picture, new_figure

SIZES = (4, 8, 16, 32, 64)


def helmholtz(n: int) -> Any:
    """Make the Helmholtz energy of n components."""
    b = np.full(n, 0.5 / n)
    A = np.cos(np.arange(n)[:, None] - np.arange(n)) + 1.0
    return lambda x: examples.helmholtz(x, A, b)


@functools.cache
def ratios(name: str) -> dict[str, list[float]]:
    """Count the operations of a gradient, over those of the function, for all `SIZES`."""
    found = []
    for n in SIZES:
        f = examples.speelpenning if name == "Speelpenning's product" else helmholtz(n)
        cost = costs(f, (np.arange(n) + 1.0) / (np.arange(n) + 2.0) / 2)
        found.append({k: v / cost["function"] for k, v in cost.items()})
    return {k: [c[k] for c in found] for k in MARKS}


@figure("cost-of-a-gradient")
def cost_of_a_gradient() -> Picture:
    """Draw what a gradient costs in operations of the function, against the number of inputs."""
    drawing = new_figure(9.2, 3.5)
    axes = drawing.subplots(1, 2, sharey=True)
    for ax, name in zip(axes, ("Speelpenning's product", "the Helmholtz energy"), strict=True):
        for (kind, values), label in zip(
            ratios(name).items(), ("differences", "forward mode", "reverse mode"), strict=True
        ):
            ax.plot(SIZES, values, **MARKS[kind].line, label=label)
        ax.axhline(5, color=MUTED, linewidth=1, linestyle=":")
        ax.set(xscale="log", yscale="log", xlabel="n, the number of inputs")
        ax.set_xticks(SIZES, [str(v) for v in SIZES])
        ax.minorticks_off()
        ax.set_title(name[0].upper() + name[1:])
    axes[0].set_ylabel("operations, relative to f")
    axes[0].legend(loc="upper left")
    axes[1].text(64, 5.3, "5", color=MUTED, ha="right")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Counted operations of a gradient over those of the function, against the number of inputs from 4 to 64, on "
        "logarithmic axes. Differences and forward mode rise in proportion to the number of inputs. Reverse mode "
        "stays flat, below 5.",
    )


@figure("checkpoints")
def checkpoints() -> Picture:
    """Draw the best schedule for ten steps and three snapshots."""
    drawing = new_figure(8.4, 4.4)
    ax = drawing.subplots()
    moves = schedule(10, 3)
    draw_schedule(ax, moves, 10)
    ax.set_ylim(len(moves) + 0.7, 0)
    ax.set_xticks(range(11))
    ax.set_title("Ten steps back with three snapshots: 15 steps are run again")
    drawing.tight_layout()
    return Picture(
        drawing,
        "A schedule, move by move downwards. States at 0 and at two later steps are kept, marked by squares. The "
        "chain is run forward to its last step, which is recorded and walked back over; then the nearest kept state "
        "is taken up again, and so on until the first step.",
    )


@figure("colouring")
def colouring() -> Picture:
    """Draw a sparse Jacobian and its column graph, coloured."""
    n = 9
    pattern = sum(np.eye(n, k=k, dtype=bool) for k in (-1, 0, 1)) > 0
    found = colours(pattern)
    kinds = [METHODS[k] for k in ("forward difference", "central difference", "complex step")]
    drawing = new_figure(8.6, 3.4)
    left, right = drawing.subplots(1, 2, width_ratios=(1, 1.3))
    for row, column in np.argwhere(pattern):
        kind = kinds[found[column]]
        left.plot([column], [row], kind.marker, color=kind.colour, markersize=12)
    left.set(
        xlim=(-0.7, n - 0.3),
        ylim=(n - 0.3, -0.7),
        xlabel="column (input)",
        ylabel="row (output)",
        aspect="equal",
    )
    left.grid(False)
    left.set_title("The entries that are not 0")
    graph = column_graph(pattern)
    places = {k: (np.sin(2 * np.pi * k / n * 0.9), -np.cos(2 * np.pi * k / n * 0.9)) for k in range(n)}
    nx.draw_networkx_edges(graph, places, ax=right, edge_color=MUTED)
    for k, (x, y) in places.items():
        kind = kinds[found[k]]
        right.plot([x], [y], kind.marker, color=kind.colour, markersize=19)
        right.text(x, y, str(k), color="white", ha="center", va="center", weight="bold")
    right.set_axis_off()
    right.set_aspect("equal")
    right.set_title("Columns that meet: 3 colours, 3 passes", color=INK)
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: a 9 by 9 matrix with three diagonals; each column has one of three marks. Right: its column graph, in "
        "which each column is joined to those up to two away. Neighbours have different marks; three are enough.",
    )
