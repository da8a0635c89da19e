"""Computational graphs as pictures: drawn once, lit up and filled with numbers at each move.

::

    figure, drawing = graph_figure(t.graph(), badge_lines=1)    # t = adlib.trace(f, 2.0, 1.0)
    drawing.show(lit={"v_3": "tangent"},                        # roles of adlib.viz.style
                 lit_edges={("v_2", "v_3"): "tangent"},
                 badges={"v_3": {"tangent": -3.05}},            # a line under the value: ▶ -3.05
                 labels={("v_2", "v_3"): -2.82},                # the local partial on its edge
                 waiting=["v_4", "v_5", "v_6"])                 # pale, without value: not reached yet
    Picture(figure, describe(t.graph()))

In an explorer, `GraphDrawing` draws into an axes that is moved as a whole: ``self.moving(drawing.ax)``.  `show`
changes colours and texts only (about 1 ms), so the axes can be drawn again at each move.

`adlib.viz.layout` says where everything goes, and `adlib.viz.labels` what is written there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text

from adlib.study.graph import Layout, layout, uses
from adlib.viz.labels import short
from adlib.viz.layout import BADGE, HEAD, LABEL, SMALLEST, VALUE, Plan
from adlib.viz.style import CARD, INK, MUTED, ROLES, new_figure, style

__all__ = ["GraphDrawing", "graph_figure"]

_PALE = "#c3c8ce"


class GraphDrawing(Plan):
    """A graph, drawn into an axes as large as fits, and changed by `show`.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Emptied first; its data coordinates are the points of the `Plan`.  Its place in the figure must be final.
    graph : networkx.DiGraph
        As of `adlib.study.trace.Trace.graph`.
    places : adlib.study.graph.Layout, optional
        Default: computed.
    badge_lines : int
        Lines that are kept free under each value for tangents and adjoints.
    edge_labels : bool
        Whether edges are spread so that they can carry a number.
    scale : float
        Fonts may grow so far.

    Attributes
    ----------
    boxes : dict of node to FancyBboxPatch
    lines : dict of edge to Line2D
    texts : dict of node to (name, gate, value)
    """

    def __init__(
        self,
        ax: Axes,
        graph: nx.DiGraph,
        places: Layout | None = None,
        *,
        badge_lines: int = 0,
        edge_labels: bool = False,
        scale: float = 1.15,
    ) -> None:
        self.ax = ax
        box, figure = ax.get_position(), ax.get_figure()
        assert isinstance(figure, Figure)
        width, height = figure.get_size_inches()
        room = 72 * width * box.width, 72 * height * box.height
        with style():
            super().__init__(graph, places, room, badge_lines, edge_labels, scale)
            ax.clear()
            ax.set_axis_off()
            ax.set_in_layout(False)
            ax.set_xlim(0, self.width)
            ax.set_ylim(0, self.height)
            self._draw_edges()
            self._draw_nodes()
            self._draw_labels()
        self.show()

    # What everybody calls.

    def show(
        self,
        *,
        values: Mapping[Any, Any] | None = None,
        lit: Mapping[Any, str] | None = None,
        lit_edges: Mapping[Any, str] | None = None,
        badges: Mapping[Any, Mapping[str, Any]] | None = None,
        labels: Mapping[Any, Any] | None = None,
        waiting: Collection[Any] = (),
    ) -> None:
        """Set all colours and texts; what is not named here goes back to its plain look.

        Parameters
        ----------
        values : mapping of node to number or str, optional
            Default: the graph's own values.
        lit : mapping of node to role, optional
            Nodes that stand out, in the colour of a role (``"primal"``, ``"tangent"``, ``"adjoint"`` ...).
        lit_edges : mapping of edge to role, optional
            In the roles ``"adjoint"`` and ``"trouble"`` an arrow points backwards, from use to operand.
        badges : mapping of node to mapping of role to number or str, optional
            Lines under the value, as many as the drawing's `badge_lines`; in a `compact` drawing there is room
            for neither, and the caller must say so.
        labels : mapping of edge to number or str, optional
            On edges; needs `edge_labels`.
        waiting : collection of node, optional
            Nodes not reached yet: pale and without value, as are the edges into them.
        """
        values, lit, lit_edges = values or {}, lit or {}, lit_edges or {}
        badges, labels, pale = badges or {}, labels or {}, set(waiting)
        for node, facts in self.graph.nodes(data=True):
            value = values.get(node, facts.get("value", ""))
            self._show_node(node, value, lit.get(node), node in pale)
            self._show_badges(node, badges.get(node, {}))
        for edge, line in self.lines.items():
            role = lit_edges.get(edge)
            backwards = role in ("adjoint", "trouble")
            colour = ROLES[role].colour if role else _PALE if edge[1] in pale else MUTED
            line.set_color(colour)
            line.set_linewidth((2.6 if role else 1.2) * self.scale)
            line.set_marker("<" if backwards else ">")
            line.set_markevery(self._ends[edge][0 if backwards else 1])
            line.set_markersize((8 if role else 6) * self.scale)
            line.set_zorder(2.5 if role else 2)
        for edge, text in self._labels.items():
            role = lit_edges.get(edge)
            text.set_text(short(labels[edge], 4) if edge in labels else "")
            text.set_color(ROLES[role].colour if role else INK)

    # Artists.

    def _draw_edges(self) -> None:
        self.lines: dict[Any, Line2D] = {}
        self._ends: dict[Any, tuple[list[int], list[int]]] = {}
        arrivals = self.arrivals()
        for edge in self.graph.edges:
            xs: list[float] = []
            ys: list[float] = []
            starts: list[int] = []
            stops: list[int] = []
            for k in range(uses(self.graph, edge)):
                x, y = self.curve(edge, arrivals[edge, k])
                starts.append(len(xs))
                stops.append(len(xs) + len(x) - 1)
                xs += [*x, np.nan]
                ys += [*y, np.nan]
            (self.lines[edge],) = self.ax.plot(xs, ys, solid_capstyle="butt", markeredgewidth=0)
            self._ends[edge] = (starts, stops)

    def _draw_nodes(self) -> None:
        self.boxes: dict[Any, FancyBboxPatch] = {}
        self.texts: dict[Any, tuple[Text, Text, Text]] = {}
        self._strips: dict[Any, list[tuple[Rectangle, Text]]] = {}
        s, w, h = self.scale, self.box_width, self.box_height
        for node in self.graph:
            x, y = self.centre(node)
            kind = self._kind(node)
            corner = {"input": 0.01, "output": 10 * s}.get(kind, 4 * s)
            shape = f"round,pad=0,rounding_size={corner}"
            box = FancyBboxPatch((x - w / 2, y - h / 2), w, h, boxstyle=shape, zorder=3)
            self.ax.add_patch(box)
            self.boxes[node] = box
            colour = ROLES[kind].colour
            top = y + h / 2
            if self.compact:
                name = self._write(x, top - 8 * s, self.symbols[node], HEAD - 1.5, colour, "center", "bold")
                gate = self._write(x, top - 19.5 * s, self.signs[node], HEAD - 0.5, INK, "center")
            else:
                side = w / 2 - 5 * s
                name = self._write(x - side, top - 9.5 * s, self.symbols[node], HEAD, colour, "left", "bold")
                gate = self._write(x + side, top - 9.5 * s, self.signs[node], HEAD, INK, "right")
            value = self._write(x, top - 22.5 * s, "", VALUE, INK, "center")
            self.texts[node] = name, gate, value
            self._strips[node] = []
            for line in range(0 if self.compact else self.badge_lines):
                low = top - (30.5 + 13.5 * (line + 1)) * s
                strip = Rectangle((x - w / 2 + 2 * s, low + 1 * s), w - 4 * s, 12.5 * s, zorder=3.5, lw=0)
                self.ax.add_patch(strip)
                text = self._write(x, low + 7 * s, "", BADGE, INK, "center", "bold")
                self._strips[node].append((strip, text))
            if node in self.outputs:
                self._write(x + w / 2 + 3 * s, y, self.result(node), VALUE, colour, "left", "bold")
        for kind in ("input", "operation", "output"):
            corners = [self.centre(node) for node in self.graph if self._kind(node) == kind]
            if corners and not self.compact:
                mark = ROLES[kind]
                self.ax.plot(
                    [x - w / 2 + (2.5 * s if kind == "output" else 0) for x, _ in corners],
                    [y + h / 2 - (2.5 * s if kind == "output" else 0) for _, y in corners],
                    linestyle="none",
                    marker=mark.marker,
                    color=mark.colour,
                    markersize=5 * s,
                    markeredgecolor=CARD,
                    markeredgewidth=0.8 * s,
                    zorder=5,
                )

    def _draw_labels(self) -> None:
        self._labels: dict[Any, Text] = {}
        if not self.edge_labels or self.compact:
            return
        lines = {edge: np.asarray(line.get_xydata()) for edge, line in self.lines.items()}
        for edge, place in self.label_places(lines).items():
            text = self._write(*place, "", LABEL, INK, "center")
            text.set_bbox({"facecolor": CARD, "edgecolor": "none", "pad": 0.8 * self.scale})
            text.set_zorder(4)
            self._labels[edge] = text

    def _write(
        self, x: float, y: float, text: str, size: float, colour: str, side: str, weight: str = "normal"
    ) -> Text:
        return self.ax.text(
            x,
            y,
            text,
            fontsize=size * self.scale,
            color=colour,
            ha=side,
            va="center_baseline",
            weight=weight,
            zorder=6,
        )

    # Looks.

    def _kind(self, node: Any) -> str:
        kind = self.graph.nodes[node].get("kind", "operation")
        return kind if kind in ROLES else "operation"

    def _show_node(self, node: Any, value: Any, role: str | None, pale: bool) -> None:
        box, (name, gate, number) = self.boxes[node], self.texts[node]
        mark = ROLES[role or self._kind(node)]
        box.set_facecolor(CARD if pale and not role else mark.tint)
        box.set_edgecolor(_PALE if pale and not role else mark.colour)
        box.set_linewidth((2.8 if role else 1.2) * self.scale)
        name.set_color(MUTED if pale else ROLES[self._kind(node)].colour)
        gate.set_color(MUTED if pale else INK)
        number.set_text("" if pale or self.compact else short(value))

    def _show_badges(self, node: Any, badges: Mapping[str, Any]) -> None:
        strips: Iterable[tuple[Rectangle, Text]] = self._strips[node]
        shown = list(badges.items())
        for k, (strip, text) in enumerate(strips):
            if k < len(shown):
                role, value = shown[k]
                mark = ROLES[role]
                strip.set_facecolor(mark.tint)
                text.set_text(f"{mark.symbol} {short(value)}")
                text.set_color(mark.colour)
            else:
                strip.set_facecolor("none")
                text.set_text("")


def graph_figure(
    graph: nx.DiGraph,
    *,
    width: float = 9.0,
    badge_lines: int = 0,
    edge_labels: bool = False,
    title: str = "",
) -> tuple[Figure, GraphDrawing]:
    """Draw a graph in a figure of its own, as high as it needs.

    Parameters
    ----------
    graph : networkx.DiGraph
    width : float
        In inches; a graph with many layers gets more.
    badge_lines, edge_labels
        See `GraphDrawing`.
    title : str
        What the picture finds.

    Returns
    -------
    figure : matplotlib.figure.Figure
    drawing : GraphDrawing
    """
    places = layout(graph)
    wide, high = Plan(graph, places, (4320.0, 4320.0), badge_lines, edge_labels, 1.15).size
    width = max(width, min(1.6 * width, wide * SMALLEST / 72 + 0.1))
    scale = min(1.1, 72 * (width - 0.1) / wide)
    head = 0.34 if title else 0.0
    height = 1.05 * scale * high / 72 + head + 0.1
    figure = new_figure(width, height)
    with style():
        ax = figure.add_axes((0.05 / width, 0.05 / height, 1 - 0.1 / width, 1 - (head + 0.1) / height))
        if title:
            figure.text(
                0.12 / width, 1 - 0.1 / height, title, va="top", weight="bold", fontsize=10.5, color=INK
            )
    drawing = GraphDrawing(ax, graph, places, badge_lines=badge_lines, edge_labels=edge_labels)
    return figure, drawing
