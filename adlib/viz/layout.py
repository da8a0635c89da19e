"""Where everything in a graph's picture goes: boxes, edges and their labels, in points.

Which column and row a node stands in comes from `adlib.study.graph.layout`, which keeps edges off nodes; sizes come
from measured text.  `adlib.viz.graphs` draws what is planned here.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import networkx as nx
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from adlib.study.graph import Layout, layout, uses
from adlib.viz.labels import SUBSCRIPTS, short, sign

HEAD, VALUE, BADGE, LABEL = 9.5, 9.0, 8.5, 8.0
"""Font sizes at scale 1."""
SMALLEST = 0.74
"""The scale below which nodes lose their values, to stay readable."""


class Plan:
    """The places of a graph's parts in a room of so many points.

    Attributes
    ----------
    graph : networkx.DiGraph
    layout : adlib.study.graph.Layout
    width, height : float
        The room, in points.
    size : (float, float)
        What the graph would like to have of it, at scale 1.
    scale : float
        Fonts are this many times their normal size.
    compact : bool
        Whether nodes are too many to carry values and badges.
    box_width, box_height : float
        Of every node, in points.
    symbols, signs : dict of node to str
        A node's name and what it does, as they are written.
    """

    compact: bool
    box_width: float
    box_height: float
    gap: float

    def __init__(
        self,
        graph: nx.DiGraph,
        places: Layout | None,
        room: tuple[float, float],
        badge_lines: int,
        edge_labels: bool,
        scale: float,
    ) -> None:
        self.graph, self.layout = graph, places or layout(graph)
        self.width, self.height = room
        self.badge_lines, self.edge_labels = badge_lines, edge_labels
        self.signs = {node: sign(graph, node) for node in graph}
        self.symbols = {node: str(graph.nodes[node].get("symbol", node)) for node in graph}
        self.outputs = [node for node, kind in graph.nodes(data="kind") if kind == "output"]
        self._renderer = FigureCanvasAgg(Figure(dpi=72)).get_renderer()
        self._measure(scale)

    def _text_width(self, text: str, size: float, weight: str = "normal") -> float:
        prop = FontProperties(family="DejaVu Sans", size=size, weight=weight)
        return float(self._renderer.get_text_width_height_descent(text, prop, False)[0])

    def _measure(self, scale: float) -> None:
        for compact in (False, True):
            self._measure_box(compact)
            columns, rows = self.layout.columns, self.layout.rows
            pitch = self.box_height / 0.7
            right = max((self._text_width(self.result(k), VALUE) + 4 for k in self.outputs), default=0)
            wide = columns * self.box_width + (columns - 1) * self.gap + right + 6
            high = (rows - 1) * pitch + self.box_height + 8
            self.size = (wide, high)
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

    def result(self, node: Any) -> str:
        """Write what leaves the graph at an output."""
        k = self.outputs.index(node) + 1
        return "→ y" if len(self.outputs) == 1 else f"→ y{str(k).translate(SUBSCRIPTS)}"

    def arrivals(self) -> dict[Any, float]:
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

    def curve(self, edge: Any, arrival: float) -> tuple[list[float], list[float]]:
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

    def centre(self, node: Any) -> tuple[float, float]:
        """Tell where a node's box has its centre."""
        x, y = self._place(*self.layout.positions[node])
        return float(x), float(y)

    def label_places(self, lines: Mapping[Any, Any]) -> dict[Any, tuple[float, float]]:
        """Give each edge, whose points are known by now, the place for its label that touches least."""
        wide, high = self._text_width("−0.8888", LABEL) * self.scale + 2, 10 * self.scale
        offsets = [(0.72, 0.0), (-0.72, 0.4), (1.2, 0.5), (-1.2, 0.6), (1.7, 0.8), (-1.7, 0.9)]
        nodes = np.array([self.centre(node) for node in self.graph])
        taken: dict[Any, tuple[float, float]] = {}
        for edge, points in sorted(lines.items(), key=lambda item: len(item[1])):
            points = points[~np.isnan(points[:, 0])]
            ways = np.linspace(0, len(points) - 1, 41)[5:-9]
            spots = np.column_stack([np.interp(ways, range(len(points)), points[:, k]) for k in (0, 1)])
            spots = np.concatenate([spots + np.array([0, up * high]) for up, _ in offsets])
            middle = np.abs(np.linspace(-1, 1, len(ways)))
            cost = np.concatenate([middle + more for _, more in offsets])
            for x, y in nodes:
                cost += 100 * _touch(spots, x, y, (self.box_width + wide) / 2, (self.box_height + high) / 2)
            for x, y in taken.values():
                cost += 50 * _touch(spots, x, y, wide, high)
            for other, path in lines.items():
                apart = np.abs(spots[:, None, :] - path[None, :, :])
                hit = (apart[..., 0] < wide / 2) & (apart[..., 1] < high / 2)
                cost += hit.any(axis=1) * (3 if other == edge else 5)
            taken[edge] = tuple(spots[int(np.argmin(cost))])
        return taken


def _touch(spots: Any, x: float, y: float, wide: float, high: float) -> Any:
    return (np.abs(spots[:, 0] - x) < wide) & (np.abs(spots[:, 1] - y) < high)
