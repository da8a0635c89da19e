"""The pictures of notebook 04."""

from __future__ import annotations

from collections.abc import Sequence

import networkx as nx
from matplotlib.figure import Figure

from adlib.lesson import examples
from adlib.study.graph import count_paths, levels, topological_order
from adlib.study.trace import trace
from adlib.viz.figures.registry import figure
from adlib.viz.graphs import GraphDrawing, graph_figure
from adlib.viz.labels import describe
from adlib.viz.style import INK, Picture, new_figure, style


@figure("graph-of-f")
def graph_of_f() -> Picture:
    """Draw the graph of the running example, its two paths from v₋₁ in the input's colour."""
    g = trace(examples.f, *examples.POINT).graph()
    figure, drawing = graph_figure(g, title="x₁ reaches y by two paths, x₂ by one")
    ways = [("v_-1", "v_6"), ("v_-1", "v_3"), ("v_3", "v_4"), ("v_4", "v_5"), ("v_5", "v_6")]
    drawing.show(lit={"v_-1": "input"}, lit_edges=dict.fromkeys(ways, "input"))
    return Picture(
        figure, f"{describe(g)} Two paths from v₋₁ to v₆ are lit, a direct one and one through v₃, v₄, v₅."
    )


@figure("two-branches")
def two_branches() -> Picture:
    """Draw the same function with an ``if`` at two inputs, side by side."""
    points = ((2.0, 1.0), (1.0, 2.0))
    titles = [f"at ({a:g}, {b:g}): x₁ {'>' if a > b else '≤'} x₂" for a, b in points]
    figure = _panels([trace(examples.branching, *p).graph() for p in points], titles, 9.0, 2.0, columns=2)
    return Picture(
        figure,
        "Two graphs of one function with an if. At (2, 1), where x1 > x2: sin of x2, times x1. At (1, 2), "
        "where it is not: exp of the difference. Neither graph has a node for the if.",
    )


@figure("two-loops")
def two_loops() -> Picture:
    """Draw the same loop for one turn and for three."""
    points = ((2.0, 1.0), (5.0, 1.0))
    titles = ["at (2, 1): the loop turned once", "at (5, 1): it turned three times"]
    figure = _panels([trace(examples.looping, *p).graph() for p in points], titles, 9.0, 3.6, columns=1)
    return Picture(
        figure,
        "Two graphs of one function with a while loop that halves x1. At (2, 1) there is one node that "
        "divides by 2, at (5, 1) a chain of three. Neither graph has a cycle or a node for the loop.",
    )


@figure("path-counts")
def path_counts() -> Picture:
    """Draw a chain of three diamonds; each node carries the number of paths from it to y."""
    g = trace(lambda x: examples.diamonds(x, 3), 0.5).graph()
    paths = count_paths(g)
    figure, drawing = graph_figure(
        g, title="12 edges, 8 paths: each diamond adds 4 edges and doubles the paths"
    )
    drawing.show(values={node: _plural(paths[node]) for node in g}, lit={"v_0": "input"})
    return Picture(
        figure,
        "Three diamonds in a chain: v₀ forks to sin and cos, which join in a sum, and so on. Written into "
        "the nodes, the number of paths to y: 8 at the input, 4 and 2 at the next sums, 1 at the output.",
    )


@figure("two-orders")
def two_orders() -> Picture:
    """Draw t·e^(sin t) twice, numbered in reverse topological order and level by level from the output."""
    g = trace(examples.level_order_trap, 1.0).graph()
    orders = {
        "reverse topological order: every node after all that use it": topological_order(g)[::-1],
        "by edges from y: v₁ comes before v₂, which uses it": [n for level in levels(g) for n in level],
    }
    drawings: list[GraphDrawing] = []
    figure = _panels([g, g], list(orders), 9.0, 3.5, columns=1, drawings=drawings)
    for drawing, order in zip(drawings, orders.values(), strict=True):
        late = {n for n in g for user in g[n] if order.index(user) > order.index(n)}
        drawing.show(
            values={node: f"visit {k}" for k, node in enumerate(order, start=1)},
            lit=dict.fromkeys(late, "adjoint"),
            lit_edges={
                (n, user): "adjoint" for n in late for user in g[n] if order.index(user) > order.index(n)
            },
        )
    return Picture(
        figure,
        "The graph of t times exp of sin t, with t = x squared, twice. Above, nodes are visited in the order "
        "v₄, v₃, v₂, v₁, v₀. Below, by the number of edges from y, v₁ is visited before v₂, although v₂ uses it.",
    )


def _plural(count: int) -> str:
    return f"{count} path{'s' if count != 1 else ''}"


def _panels(
    graphs: Sequence[nx.DiGraph],
    titles: Sequence[str],
    width: float,
    height: float,
    columns: int,
    drawings: list[GraphDrawing] | None = None,
) -> Figure:
    """Draw several graphs in one figure, each under its title."""
    figure = new_figure(width, height)
    rows = -(-len(graphs) // columns)
    with style():
        for k, (graph, title) in enumerate(zip(graphs, titles, strict=True)):
            left, top = (k % columns) / columns, 1 - (k // columns) / rows
            head = 0.36 / height
            ax = figure.add_axes(
                (left + 0.006, top - 1 / rows + 0.01, 1 / columns - 0.024, 1 / rows - head - 0.02)
            )
            figure.text(
                left + 0.012, top - 0.08 / height, title, va="top", weight="bold", fontsize=10.5, color=INK
            )
            drawing = GraphDrawing(ax, graph, scale=1.05)
            if drawings is not None:
                drawings.append(drawing)
    return figure
