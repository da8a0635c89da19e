"""A computational graph as SVG: built once, and told for each frame what its parts show."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from html import escape
from typing import Any

import networkx as nx
import numpy as np

from adlib.study.graph import uses
from adlib.viz.labels import short
from adlib.viz.layout import BADGE, HEAD, LABEL, VALUE, Plan
from adlib.viz.style import ROLES

__all__ = ["LiveGraph"]

Shown = dict[str, tuple[str, str]]
"""By an element's key: the classes that say how it looks, and what is written in it, as HTML."""


class LiveGraph(Plan):
    """What `adlib.viz.graphs.GraphDrawing` draws, as the text of an SVG element.

    Parameters
    ----------
    graph : networkx.DiGraph
    width, height : float
        The room, in points; the picture is as high as it needs.
    badge_lines, edge_labels
        As for `GraphDrawing`; there is room for one badge.
    drags : mapping of node to str, optional
        Nodes that are dragged, and the control that they move.

    Attributes
    ----------
    svg : str
        Its elements carry keys (``data-k``), which `show` fills, and the names of what belongs together.
    """

    def __init__(
        self,
        graph: nx.DiGraph,
        width: float = 641.0,
        height: float = 153.0,
        drags: Mapping[Any, str] | None = None,
    ) -> None:
        for node in graph:  # boxes are as wide as any number needs, not those of the first point
            graph.nodes[node]["value"] = ""
        super().__init__(graph, None, (width, height), 1, True, 1.15)
        self.drags = drags or {}
        edges, lows, highs = self._edges()
        low, high = min(lows), max(highs)
        self.svg = (
            f'<svg class="al-graph" viewBox="0 {_n(-high - 4)} {_n(width)} {_n(high - low + 8)}" role="img" '
            f'aria-label="" xmlns="http://www.w3.org/2000/svg">{edges}{"".join(map(self._node, graph))}'
            f"{self._partials}</svg>"
        )

    def show(
        self,
        *,
        values: Mapping[Any, Any],
        lit: Mapping[Any, str] | None = None,
        lit_edges: Mapping[Any, str] | None = None,
        badges: Mapping[Any, Mapping[str, Any]] | None = None,
        labels: Mapping[Any, Any] | None = None,
        waiting: Collection[Any] = (),
    ) -> Shown:
        """Say how everything looks; the parameters are those of `GraphDrawing.show`."""
        lit, lit_edges, badges, labels = lit or {}, lit_edges or {}, badges or {}, labels or {}
        shown: Shown = {}
        for node in self.graph:
            if node in lit:
                shown[f"{node}"] = f"al-lit al-as-{lit[node]}", ""
            elif node in waiting:
                shown[f"{node}"] = "al-waits", ""
            if node not in waiting and not self.compact:
                shown[f"{node}.v"] = "", _number(values[node])
            for role, number in badges.get(node, {}).items():
                looks = f"al-lit al-as-{role}"
                shown[f"{node}.b"] = looks, ""
                shown[f"{node}.t"] = looks, f"{ROLES[role].symbol} {_number(number)}"
        for edge in self.graph.edges:
            key, lights = "{}/{}".format(*edge), lit_edges.get(edge)
            turned = " al-turned" if lights in ("adjoint", "trouble") else ""
            if lights:
                shown[key] = f"al-lit al-as-{lights}{turned}", ""
            elif edge[1] in waiting:
                shown[key] = "al-waits", ""
            if edge in labels and not self.compact:
                looks = f"al-lit al-as-{lights}" if lights else ""
                shown[f"{key}.l"] = looks, _number(labels[edge], 4)
        return shown

    def _edges(self) -> tuple[str, list[float], list[float]]:
        arrivals, told, lines = self.arrivals(), [], {}
        s = self.scale
        for edge in self.graph.edges:
            paths, heads = [], []
            xs: list[float] = []
            ys: list[float] = []
            for k in range(uses(self.graph, edge)):
                x, y = self.curve(edge, arrivals[edge, k])
                paths.append("M" + "L".join(f"{_n(a)} {_n(-b)}" for a, b in zip(x, y, strict=True)))
                heads.append(_head("ahead", x[-1] + 4 * s, y[-1], -6 * s))
                heads.append(_head("back", x[0] - 2.5 * s, y[0], 7 * s))
                xs += [*x, np.nan]
                ys += [*y, np.nan]
            lines[edge] = np.column_stack([xs, ys])
            told.append(
                '<g data-k="{0}/{1}" data-link="{0} {1}" class="al-edge">'.format(*edge)
                + "".join(f'<path d="{path}"/>' for path in paths)
                + f"{''.join(heads)}</g>"
            )
        half = self.box_height / 2
        places = {} if self.compact else self.label_places(lines)
        self._partials = "".join(
            _text("{}/{}.l".format(*edge), "al-partial", x, y, LABEL * s, "middle")
            for edge, (x, y) in places.items()
        )
        centres = [self.centre(node)[1] for node in self.graph]
        bends = [y for points in lines.values() for y in points[~np.isnan(points[:, 1]), 1]]
        marks = [y for _, y in places.values()]
        lows = [y - half for y in centres] + bends + [y - 6 * s for y in marks]
        return "".join(told), lows, [y + half for y in centres] + bends + [y + 6 * s for y in marks]

    def _node(self, node: Any) -> str:
        s, w, h = self.scale, self.box_width, self.box_height
        x, y = self.centre(node)
        top = y + h / 2
        kind = self.graph.nodes[node].get("kind", "operation")
        corner = {"input": 0.0, "output": 10 * s}.get(kind, 4 * s)
        name, sign = escape(self.symbols[node]), escape(self.signs[node])
        parts = [
            f'<rect class="al-box" x="{_n(x - w / 2)}" y="{_n(-top)}" width="{_n(w)}" height="{_n(h)}" '
            f'rx="{_n(corner)}"/>'
        ]
        if self.compact:
            parts.append(
                _text("", f"al-name al-kind-{kind}", x, top - 8 * s, (HEAD - 1.5) * s, "middle", name)
            )
            parts.append(_text("", "", x, top - 19.5 * s, (HEAD - 0.5) * s, "middle", sign))
        else:
            side, low = w / 2 - 5 * s, top - 44 * s
            parts.append(
                _text("", f"al-name al-kind-{kind}", x - side, top - 9.5 * s, HEAD * s, "start", name)
            )
            parts.append(_text("", "", x + side, top - 9.5 * s, HEAD * s, "end", sign))
            parts.append(_text(f"{node}.v", "", x, top - 22.5 * s, VALUE * s, "middle"))
            parts.append(
                f'<g data-k="{node}.b" class="al-badge"><rect x="{_n(x - w / 2 + 2 * s)}" '
                f'y="{_n(-low - 13.5 * s)}" width="{_n(w - 4 * s)}" height="{_n(12.5 * s)}"/></g>'
            )
            parts.append(_text(f"{node}.t", "al-badge", x, low + 7 * s, BADGE * s, "middle"))
            parts.append(_mark(kind, x - w / 2 + (2.5 * s if kind == "output" else 0), -top, 2.6 * s))
        if node in self.outputs:
            end = escape(self.result(node))
            parts.append(_text("", f"al-name al-kind-{kind}", x + w / 2 + 3 * s, y, VALUE * s, "start", end))
        drag = f' data-drag="{self.drags[node]}"' if node in self.drags else ""
        return (
            f'<g data-k="{node}" class="al-node al-kind-{kind}" data-link="{node}"{drag}>{"".join(parts)}</g>'
        )


@lru_cache(4096)  # most stay the same from frame to frame
def _number(x: Any, digits: int = 6) -> str:
    return escape(short(x, digits))


def _n(x: float) -> str:
    return f"{round(x, 1) + 0:g}"


def _text(key: str, looks: str, x: float, y: float, size: float, side: str, text: str = "") -> str:
    keyed = f'data-k="{key}" ' if key else ""
    return (
        f'<text {keyed}class="{looks}" x="{_n(x)}" y="{_n(-y + 0.36 * size)}" font-size="{_n(size)}" '
        f'text-anchor="{side}">{text}</text>'
    )


def _head(kind: str, x: float, y: float, long: float) -> str:
    """Draw an arrow's head whose tip is at x; it lies on the other side of a positive length."""
    wide = abs(long) * 0.5
    points = f"M{_n(x)} {_n(-y)}l{_n(long)} {_n(wide)}v{_n(-2 * wide)}z"
    return f'<path class="al-head al-{kind}" d="{points}"/>'


def _mark(kind: str, x: float, y: float, r: float) -> str:
    if kind == "operation":
        return f'<circle class="al-mark" cx="{_n(x)}" cy="{_n(y)}" r="{_n(r)}"/>'
    turned = f' transform="rotate(45 {_n(x)} {_n(y)})"' if kind == "output" else ""
    return f'<rect class="al-mark" x="{_n(x - r)}" y="{_n(y - r)}" width="{_n(2 * r)}" height="{_n(2 * r)}"{turned}/>'
