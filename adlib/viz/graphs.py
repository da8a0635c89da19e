"""Computational graphs as pictures: drawn once, lit up and filled with numbers at each move.

::

    figure, drawing = graph_figure(t.graph(), badge_lines=1)    # t = adlib.trace(f, 2.0, 1.0)
    drawing.show(lit={"v_3": "tangent"},                        # roles of adlib.viz.style
                 lit_edges={("v_2", "v_3"): "tangent"},
                 badges={"v_3": {"tangent": -3.05}},            # a line under the value: ▶ -3.05
                 labels={("v_2", "v_3"): -2.82},                # the local partial on its edge
                 waiting=["v_4", "v_5", "v_6"])                 # pale, without value: not reached yet
    Picture(figure, describe(t.graph()))

In an explorer, `draw_graph` draws into an axes that is moved as a whole: ``self.moving(drawing.ax)``.  `show`
changes colours and texts only (about 1 ms), so the axes can be drawn again at each move.

Places come from `adlib.study.graph.layout`, which keeps edges off nodes; sizes, in points, from measured text.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import FancyBboxPatch, Rectangle
from matplotlib.text import Text

from adlib.formula.digits import typeset
from adlib.study.graph import Layout, layout, uses
from adlib.viz.style import CARD, INK, MUTED, ROLES, new_figure, style

__all__ = ["GraphDrawing", "describe", "draw_graph", "graph_figure", "short", "sign"]

_PALE = "#c3c8ce"
_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

HEAD, VALUE, BADGE, LABEL = 9.5, 9.0, 8.5, 8.0
"""Font sizes at scale 1."""
SMALLEST = 0.74
"""The scale below which nodes lose their values, to stay readable."""


# --- Words for a node --------------------------------------------------------------------------------


def short(x: Any, digits: int = 6) -> str:
    """Write a value in at most ten characters.

    Parameters
    ----------
    x : float, array or str
        Arrays become their shape.
    digits : int
        How many digits of a number are shown, at most.

    Returns
    -------
    str

    Examples
    --------
    >>> short(0.8414709848), short(2.0), short(-0.000012345), short(1234567.0), short(np.zeros((3, 4)))
    ('0.841471', '2', '−1.23e−5', '1.23e6', '3×4 array')
    """
    if isinstance(x, str):
        return x
    if np.ndim(x):
        return "×".join(map(str, np.shape(x))) + " array"
    return typeset(_short(float(x) + 0.0, digits))  # -0 + 0 is 0


def _short(number: float, digits: int) -> str:
    if not np.isfinite(number):
        return "undefined" if np.isnan(number) else "∞" if number > 0 else "−∞"
    size = abs(number)
    if number == 0 or 0.1 <= size < 1e6:
        return f"{number:.{digits}g}" if size < 10**digits else f"{number:.0f}"
    if 1e-3 <= size < 0.1:
        return f"{number:.{digits}f}".rstrip("0").rstrip(".")
    mantissa, exponent = f"{number:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def sign(graph: nx.DiGraph, node: Any) -> str:
    """Write what a node does, without its operands: ``÷``, ``sin``, ``(·)²``, ``4 × ·``; an input's name.

    Parameters
    ----------
    graph : networkx.DiGraph
        As of `adlib.trace.Trace.graph`.
    node : node

    Returns
    -------
    str
    """
    facts = graph.nodes[node]
    label, gate = str(facts.get("label", node)), str(facts.get("gate", ""))
    if not graph.pred[node] and gate in ("", "="):
        letters = label.rstrip("0123456789")
        return letters + label[len(letters) :].translate(_SUBSCRIPTS)
    if graph.in_degree(node) == 1:
        (operand,) = graph.pred[node]
        name = re.escape(str(graph.nodes[operand].get("symbol", operand)))
        number = r"(\(?-?[\d.]+(?:e[+-]?\d+)?\)?)"
        if power := re.fullmatch(rf"\(?{name}\)?\*\*\(?(-?\d+)(?:\.0)?\)?", label):
            return "(·)" + power[1].translate(_SUPERSCRIPTS)
        if power := re.fullmatch(rf"\(?{name}\)?\*\*{number}", label):
            return f"(·)^{_brief(power[1])}"
        if after := re.fullmatch(rf"{name} ([-+*/]) {number}", label):
            return f"· {_infix(after[1])} {_brief(after[2])}"
        if before := re.fullmatch(rf"{number} ([-+*/]) {name}", label):
            return f"{_brief(before[1])} {_infix(before[2])} ·"
        if re.fullmatch(rf"-{name}", label):
            return "− ·"
    return gate


def _infix(operator: str) -> str:
    return {"*": "×", "/": "÷", "-": "−"}.get(operator, operator)


def _brief(number: str) -> str:
    return format(float(number.strip("()")), ".3g")


def describe(graph: nx.DiGraph) -> str:
    """Say in words what the picture of a graph shows, for those who do not see it.

    Parameters
    ----------
    graph : networkx.DiGraph

    Returns
    -------
    str

    Examples
    --------
    >>> from adlib.study.trace import trace
    >>> print(describe(trace(lambda x: x * np.sin(x), 2.0).graph()))
    Computational graph, inputs on the left, output on the right: v₀ = x, v₁ = sin(v₀), v₂ = v₀ * v₁.
    """
    facts = (graph.nodes[node] for node in graph)
    rows = [f"{d.get('symbol', '')} = {d.get('label', '')}" for d in facts]
    listed = ", ".join(rows) if len(rows) <= 12 else f"{', '.join(rows[:5])} … {rows[-1]}"
    return f"Computational graph, inputs on the left, output on the right: {listed}."


# --- The drawing -------------------------------------------------------------------------------------


class GraphDrawing:
    """A graph in an axes; made by `draw_graph`, changed by `show`.

    Attributes
    ----------
    ax : matplotlib.axes.Axes
        Holds nothing else; its data coordinates are points.
    graph : networkx.DiGraph
    layout : adlib.study.graph.Layout
    scale : float
        Fonts are this many times their normal size.
    compact : bool
        Whether nodes are too many to carry their values.
    boxes : dict of node to FancyBboxPatch
    lines : dict of edge to Line2D
    texts : dict of node to (name, gate, value)
    """

    compact: bool
    scale: float
    box_width: float
    box_height: float
    gap: float

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
        self.ax, self.graph = ax, graph
        self.layout = places or layout(graph)
        self.badge_lines, self.edge_labels = badge_lines, edge_labels
        self.signs = {node: sign(graph, node) for node in graph}
        self.symbols = {node: str(graph.nodes[node].get("symbol", node)) for node in graph}
        self.outputs = [node for node, kind in graph.nodes(data="kind") if kind == "output"]
        with style():
            self._clear()
            self._measure(scale)
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
            Lines under the value, as many as the drawing's `badge_lines`.
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

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that the graph would like to have, in points."""
        return self._natural

    # Sizes, in points.

    def _clear(self) -> None:
        self.ax.clear()
        self.ax.set_axis_off()
        self.ax.set_in_layout(False)
        box = self.ax.get_position()
        figure = self.ax.get_figure()
        assert isinstance(figure, Figure)
        width, height = figure.get_size_inches()
        self.width, self.height = 72 * width * box.width, 72 * height * box.height
        self.ax.set_xlim(0, self.width)
        self.ax.set_ylim(0, self.height)
        self._renderer = FigureCanvasAgg(Figure(dpi=72)).get_renderer()

    def _text_width(self, text: str, size: float, weight: str = "normal") -> float:
        prop = FontProperties(family="DejaVu Sans", size=size, weight=weight)
        return float(self._renderer.get_text_width_height_descent(text, prop, False)[0])

    def _measure(self, scale: float) -> None:
        for compact in (False, True):
            self._measure_box(compact)
            columns, rows = self.layout.columns, self.layout.rows
            pitch = self.box_height / 0.7
            right = max((self._text_width(self._result(k), VALUE) + 4 for k in self.outputs), default=0)
            wide = columns * self.box_width + (columns - 1) * self.gap + right + 6
            high = (rows - 1) * pitch + self.box_height + 8
            self._natural = (wide, high)
            self.scale = min(scale, self.width / wide, self.height / high)
            if self.scale >= SMALLEST:
                break
        s = self.scale
        self.box_width, self.box_height, gap, pitch = (
            s * size for size in (self.box_width, self.box_height, self.gap, pitch)
        )
        right = s * right
        if columns > 1:  # spread over what room there is, but not so far that lines get lost
            gap = min(2.4 * gap, (self.width - right - 6 * s - columns * self.box_width) / (columns - 1))
        if rows > 1:
            pitch = min(1.5 * pitch, (self.height - 8 * s - self.box_height) / (rows - 1))
        self.gap = gap
        left = 4 * s + self.box_width / 2  # inputs stay where they are when the graph grows
        bottom = (self.height - (rows - 1) * pitch) / 2
        self._place = lambda x, y: (left + x * (self.box_width + gap), bottom + y * pitch)

    def _measure_box(self, compact: bool) -> None:
        """Find the size of the one box that fits all nodes, at scale 1."""
        self.compact = compact
        needs = [self._text_width("−0.888888", VALUE)] if not self.compact else []
        for node in self.graph:
            name = self._text_width(self.symbols[node], HEAD, "bold")
            gate = self._text_width(self.signs[node], HEAD)
            while not self.compact and name + gate > 84 and len(self.signs[node]) > 3:
                self.signs[node] = self.signs[node].rstrip("…")[:-1] + "…"
                gate = self._text_width(self.signs[node], HEAD)
            value = short(self.graph.nodes[node].get("value", ""))
            needs += [name, gate] if self.compact else [name + 7 + gate, self._text_width(value, VALUE)]
        self.box_width = max(needs) + (6 if self.compact else 11)
        self.box_height = 28.0 if self.compact else 31.0 + 13.5 * self.badge_lines
        self.gap = 14.0 if self.compact else 46.0 if self.edge_labels else 26.0

    def _result(self, node: Any) -> str:
        k = self.outputs.index(node) + 1
        return "→ y" if len(self.outputs) == 1 else f"→ y{str(k).translate(_SUBSCRIPTS)}"

    # Artists.

    def _draw_edges(self) -> None:
        self.lines: dict[Any, Line2D] = {}
        self._ends: dict[Any, tuple[list[int], list[int]]] = {}
        arrivals = self._arrivals()
        for edge in self.graph.edges:
            xs: list[float] = []
            ys: list[float] = []
            starts: list[int] = []
            stops: list[int] = []
            for k in range(uses(self.graph, edge)):
                x, y = self._curve(edge, arrivals[edge, k])
                starts.append(len(xs))
                stops.append(len(xs) + len(x) - 1)
                xs += [*x, np.nan]
                ys += [*y, np.nan]
            (self.lines[edge],) = self.ax.plot(xs, ys, solid_capstyle="butt", markeredgewidth=0)
            self._ends[edge] = (starts, stops)

    def _arrivals(self) -> dict[Any, float]:
        """Spread the edges that arrive at a node over its left side, in the order in which they come."""
        height: dict[Any, float] = {}
        for node in self.graph:
            coming = [
                (-self.layout.routes[edge][-2][1], i, edge, k)
                for i, edge in enumerate(self.graph.in_edges(node))
                for k in range(uses(self.graph, edge))
            ]
            step = min(0.26, 0.6 / max(1, len(coming) - 1)) * self.box_height
            for place, (_, _, edge, k) in enumerate(sorted(coming)):
                height[edge, k] = step * ((len(coming) - 1) / 2 - place)
        return height

    def _curve(self, edge: Any, arrival: float) -> tuple[list[float], list[float]]:
        """Follow a route: level through columns, in an S between them."""
        route = [self._place(*point) for point in self.layout.routes[edge]]
        half, ramp = self.box_width / 2, np.linspace(0, 1, 17)
        rise = ramp * ramp * (3 - 2 * ramp)
        xs: list[float] = []
        ys: list[float] = []
        last = len(route) - 2
        for k, ((x0, y0), (x1, y1)) in enumerate(itertools.pairwise(route)):
            start, stop = x0 + half, x1 - half
            if k == 0:
                start += 2.5 * self.scale  # room for an arrow that points backwards
            if k == last:
                stop, y1 = stop - 4 * self.scale, y1 + arrival
            xs += list(start + ramp * (stop - start))
            ys += list(y0 + rise * (y1 - y0))
        return xs, ys

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
                self._write(x + w / 2 + 3 * s, y, self._result(node), VALUE, colour, "left", "bold")
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
        """Give each edge the place for its label that touches least."""
        self._labels: dict[Any, Text] = {}
        if not self.edge_labels or self.compact:
            return
        s = self.scale
        wide, high = self._text_width("−0.8888", LABEL) * s + 2, 10 * s
        offsets = [(0.72, 0.0), (-0.72, 0.4), (1.2, 0.5), (-1.2, 0.6), (1.7, 0.8), (-1.7, 0.9)]
        lines = {edge: np.asarray(line.get_xydata()) for edge, line in self.lines.items()}
        nodes = np.array([self.centre(node) for node in self.graph])
        taken: list[tuple[float, float]] = []
        for edge, points in sorted(lines.items(), key=lambda item: len(item[1])):
            points = points[~np.isnan(points[:, 0])]
            ways = np.linspace(0, len(points) - 1, 41)[5:-9]
            spots = np.column_stack([np.interp(ways, range(len(points)), points[:, k]) for k in (0, 1)])
            spots = np.concatenate([spots + np.array([0, up * high]) for up, _ in offsets])
            middle = np.abs(np.linspace(-1, 1, len(ways)))
            cost = np.concatenate([middle + more for _, more in offsets])
            for x, y in nodes:
                cost += 100 * _touch(spots, x, y, (self.box_width + wide) / 2, (self.box_height + high) / 2)
            for x, y in taken:
                cost += 50 * _touch(spots, x, y, wide, high)
            for other, path in lines.items():
                apart = np.abs(spots[:, None, :] - path[None, :, :])
                hit = (apart[..., 0] < wide / 2) & (apart[..., 1] < high / 2)
                cost += hit.any(axis=1) * (3 if other == edge else 5)
            x, y = spots[int(np.argmin(cost))]
            taken.append((x, y))
            text = self._write(x, y, "", LABEL, INK, "center")
            text.set_bbox({"facecolor": CARD, "edgecolor": "none", "pad": 0.8 * s})
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

    def centre(self, node: Any) -> tuple[float, float]:
        """Tell where a node's box has its centre, in the data coordinates of `ax`."""
        x, y = self._place(*self.layout.positions[node])
        return float(x), float(y)

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


def _touch(spots: Any, x: float, y: float, wide: float, high: float) -> Any:
    return (np.abs(spots[:, 0] - x) < wide) & (np.abs(spots[:, 1] - y) < high)


def draw_graph(
    ax: Axes,
    graph: nx.DiGraph,
    places: Layout | None = None,
    *,
    badge_lines: int = 0,
    edge_labels: bool = False,
    scale: float = 1.15,
) -> GraphDrawing:
    """Draw a graph into an axes, as large as fits.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        Emptied first.  Its place in the figure must be final.
    graph : networkx.DiGraph
        As of `adlib.trace.Trace.graph`.
    places : adlib.study.graph.Layout, optional
        Default: computed.
    badge_lines : int
        Lines that are kept free under each value for tangents and adjoints.
    edge_labels : bool
        Whether edges are spread so that they can carry a number.
    scale : float
        Fonts may grow so far.

    Returns
    -------
    GraphDrawing
    """
    return GraphDrawing(ax, graph, places, badge_lines=badge_lines, edge_labels=edge_labels, scale=scale)


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
        See `draw_graph`.
    title : str
        What the picture finds.

    Returns
    -------
    figure : matplotlib.figure.Figure
    drawing : GraphDrawing
    """
    places = layout(graph)
    trial = GraphDrawing(
        new_figure(60, 60).add_axes((0, 0, 1, 1)),
        graph,
        places,
        badge_lines=badge_lines,
        edge_labels=edge_labels,
    )
    wide, high = trial.size
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
    drawing = draw_graph(ax, graph, places, badge_lines=badge_lines, edge_labels=edge_labels)
    return figure, drawing
