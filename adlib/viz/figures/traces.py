"""The pictures of notebooks 05 and 07."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from adlib.engine.forward import jvp
from adlib.formula import digits
from adlib.lesson import examples
from adlib.study.graph import levels, topological_order
from adlib.study.trace import trace
from adlib.viz.figures.registry import figure
from adlib.viz.graphs import GraphDrawing, graph_figure
from adlib.viz.labels import short
from adlib.viz.style import INK, MUTED, ROLES, Picture, new_figure, style


@figure("forward-trace")
def forward_trace() -> Picture:
    """Draw all tangents of the running example beside the local derivatives they are made from."""
    t = trace(examples.f, *examples.POINT)
    figure, drawing = graph_figure(
        t.graph(),
        badge_lines=1,
        edge_labels=True,
        title="Forward mode: a tangent is the sum, over the edges that arrive, of tangent × local derivative",
    )
    steps = t.tangent((0.0, 1.0)).steps
    drawing.show(
        lit={t.output.name: "tangent"},
        badges={s.row.name: {"tangent": short(s.tangent, 5)} for s in steps},
        labels={edge: t.partial(*edge) for edge in drawing.graph.edges},
    )
    return Picture(
        figure,
        "The computational graph of f at (2, 1). Each edge carries a local derivative, each node its value "
        "and, below it, its tangent for the seed (0, 1): 0 and 1 at the inputs, -1.3802 at the output.",
    )


@figure("directions")
def directions() -> Picture:
    """Draw ẏ over the angle of the seed."""
    angles = np.linspace(0, 360, 25)
    seeds = [(float(np.cos(a)), float(np.sin(a))) for a in np.radians(angles)]
    rates = [float(jvp(examples.f, examples.POINT, seed)[1]) for seed in seeds]
    slope = np.array([examples.df_dx1(*examples.POINT), examples.df_dx2(*examples.POINT)])
    mark = ROLES["tangent"]
    figure = new_figure(9.0, 3.2)
    ax = figure.subplots()
    fine = np.linspace(0, 360, 361)
    curve = slope[0] * np.cos(np.radians(fine)) + slope[1] * np.sin(np.radians(fine))
    ax.plot(
        fine,
        curve,
        color=MUTED,
        linewidth=1.2,
        label="$\\partial f/\\partial x_1\\,\\cos\\varphi + \\partial f/\\partial x_2\\,\\sin\\varphi$",
    )
    ax.plot(angles, rates, **mark.points, markersize=7, label="one pass of forward mode each")
    ax.axhline(0, color=MUTED, linewidth=0.8)
    for angle, words, where in ((0.0, "seed (1, 0)", (14, 2.05)), (90.0, "seed (0, 1)", (28, -1.95))):
        rate = float(np.interp(angle, angles, rates))
        ax.annotate(
            words, (angle, rate), where, color=INK, arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.8}
        )
    top = float(np.degrees(np.arctan2(slope[1], slope[0]))) % 360
    ax.annotate(
        "along the gradient:\nthe steepest way up",
        (top, float(np.hypot(*slope))),
        (288, 0.35),
        color=INK,
        arrowprops={"arrowstyle": "-", "color": MUTED, "lw": 0.8},
    )
    ax.set_xticks(range(0, 361, 45))
    ax.set_xlim(-6, 366)
    ax.set_ylim(-2.4, 2.6)
    ax.set_xlabel("angle φ of the seed (cos φ, sin φ), in degrees")
    ax.set_ylabel("$\\dot y$")
    ax.set_title("Two passes determine all directions: ẏ is linear in the seed")
    ax.legend(loc="upper left", bbox_to_anchor=(0.3, 1.02))
    figure.tight_layout()
    return Picture(
        figure,
        "The tangent of the output against the direction of the seed, for 24 directions at the point (2, "
        "1). The points lie on a cosine wave that is fixed by the two seeds (1, 0) and (0, 1). It is "
        "highest along the gradient and crosses zero at right angles to it.",
    )


@figure("reverse-trace")
def reverse_trace() -> Picture:
    """Draw all adjoints of the running example, the two ways back to v₋₁ lit."""
    t = trace(examples.f, *examples.POINT)
    steps = t.adjoint().steps
    parts = [s.contribution for s in steps if s.target.name == "v_-1"]
    total = f"{digits.sum_text(parts, 6)} = {digits.operand(sum(parts), 6)}"
    figure, drawing = graph_figure(
        t.graph(),
        badge_lines=1,
        edge_labels=True,
        title=f"Reverse mode: v₋₁ is used twice, so its adjoint receives twice, {total}",
    )
    drawing.show(
        lit={"v_-1": "adjoint"},
        lit_edges=dict.fromkeys(drawing.graph.edges, "adjoint"),
        badges={s.target.name: {"adjoint": short(s.total, 5)} for s in steps},
        labels={edge: t.partial(*edge) for edge in drawing.graph.edges},
    )
    for edge, line in drawing.lines.items():
        if edge[0] != "v_-1":
            line.set_linewidth(1.2 * drawing.scale)
    return Picture(
        figure,
        "The computational graph of f at (2, 1). Each edge carries a local derivative, each node its value "
        "and, below it, its adjoint: 1 at the output, 1.4678 and -1.3802 at the inputs. All arrows run back. "
        "Two thick ones reach the first input, one from the output and one from v3.",
    )


@figure("adjoints-in-two-orders")
def adjoints_in_two_orders() -> Picture:
    """Draw the adjoints of the trap twice: in level order, and in reverse topological order."""
    t = trace(examples.level_order_trap, 1.0)
    g = t.graph()
    orders: Mapping[str, list[str]] = {
        "By edges from the output: v₁ hands on before it has heard from v₂": [
            n for level in levels(g) for n in level
        ],
        "Reverse topological order: v₁ waits for both": topological_order(g)[::-1],
    }
    # One below the other: side by side, boxes were too small for numbers, and titles ran into each other.
    figure = new_figure(7.0, 3.5)
    axes = [figure.add_axes((0.01, 0.5 - 0.5 * k, 0.98, 0.42)) for k in range(2)]
    for ax, (title, order) in zip(axes, orders.items(), strict=True):
        drawing = GraphDrawing(ax, g, badge_lines=1)
        total = dict.fromkeys(g, 0.0)
        handed: dict[str, float] = {}
        total[order[0]] = 1.0
        for node in order:
            handed[node] = total[node]
            for operand in g.predecessors(node):
                total[operand] += total[node] * g.edges[operand, node]["partial"]
        drawing.show(badges={n: {"adjoint": short(v, 5)} for n, v in handed.items()}, lit={"v_1": "adjoint"})
        with style():
            figure.text(0.02, ax.get_position().y1 + 0.02, title, weight="bold", fontsize=10)
    return Picture(
        figure,
        "The graph of t exp(sin t), t = x squared, at 1, drawn twice with the adjoint that each node hands "
        "on. In level order v1 hands on 2.3198 and x gets 4.6396. In reverse topological order v1 hands on "
        "3.5732 and x gets 7.1463.",
    )
