"""Computational graphs: orders, paths, and a layout in layers.

The graph comes from a trace (`Trace.graph`): a `networkx.DiGraph` with one node for each value and one edge
from each operand to its use.  Here are the questions that the notebooks ask of it, and the one thing that
networkx does not do: places for the nodes and ways for the edges, such that no edge runs over a node.

>>> import numpy as np
>>> from adlib.study.trace import trace
>>> g = trace(lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2))), 2.0, 1.0).graph()
>>> count_paths(g)["v_-1"], count_paths(g)["v_0"]
(2, 1)
>>> layout(g).routes["v_-1", "v_6"]  # passes five columns of nodes on its own height
((0.0, 1.0), (1.0, 1.25), (2.0, 1.25), (3.0, 1.25), (4.0, 1.25), (5.0, 1.25), (6.0, 0.75))

The layout is that of Sugiyama, Tagawa and Toda (1981): layers, then as few crossings as sweeps can reach,
then heights.
"""

from __future__ import annotations

import itertools
import math
from bisect import bisect_right, insort
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import networkx as nx

__all__ = ["Layout", "count_paths", "layout", "levels", "reachable", "topological_order", "uses"]

Node: TypeAlias = Hashable
Edge: TypeAlias = tuple[Node, Node]
Point: TypeAlias = tuple[float, float]


# --- Orders and paths ------------------------------------------------------------------------------


def topological_order(graph: nx.DiGraph) -> list[Any]:
    """Put every node after all its operands; among those that are ready, the earlier one first.

    For the graph of a trace this is the order in which it ran.

    Parameters
    ----------
    graph : networkx.DiGraph

    Returns
    -------
    list of node

    Examples
    --------
    >>> topological_order(nx.DiGraph([("t", "y"), ("t", "s"), ("s", "e"), ("e", "y")]))
    ['t', 's', 'e', 'y']
    """
    place = {node: k for k, node in enumerate(graph)}
    return list(
        nx.lexicographical_topological_sort(graph, key=lambda n: graph.nodes[n].get("index", place[n]))
    )


def levels(graph: nx.DiGraph, output: Node = None) -> list[list[Any]]:
    """Group the nodes by their distance from the output: one edge away, two edges away ...

    Going through these groups is level order, with levels by *edges from the output*.  It is not an order for
    adjoints: a node may come before another node that uses it.  (Levels by the longest way from the inputs,
    in reverse, are one.)

    Parameters
    ----------
    graph : networkx.DiGraph
    output : node, optional
        Default: the outputs.

    Returns
    -------
    list of list of node
        The output itself first; nodes that do not reach it are left out.

    Examples
    --------
    >>> levels(nx.DiGraph([("t", "y"), ("t", "s"), ("s", "e"), ("e", "y")]))  # t before s, which uses it
    [['y'], ['t', 'e'], ['s']]
    """
    return [list(layer) for layer in nx.bfs_layers(graph.reverse(copy=False), _outputs(graph, output))]


def count_paths(graph: nx.DiGraph, output: Node = None) -> dict[Any, int]:
    """Count the paths from each node to the output, without walking them.

    A node has as many paths as its uses have together; so one sweep over the edges counts paths that are too
    many to list.  An operand that is used twice by one gate, as in x·x, counts twice.

    Parameters
    ----------
    graph : networkx.DiGraph
    output : node, optional
        Default: all outputs together.

    Returns
    -------
    dict of node to int

    Examples
    --------
    >>> diamonds = nx.DiGraph([(0, 1), (0, 2), (1, 3), (2, 3), (3, 4), (3, 5), (4, 6), (5, 6)])
    >>> count_paths(diamonds)[0], diamonds.number_of_edges()
    (4, 8)
    """
    ends = _outputs(graph, output)
    paths: dict[Any, int] = {}
    for node in reversed(topological_order(graph)):
        paths[node] = (node in ends) + sum(uses(graph, (node, user)) * paths[user] for user in graph[node])
    return paths


def reachable(graph: nx.DiGraph, output: Node = None) -> set[Any]:
    """Find the nodes that the output depends on; all others are dead: computed, but not used for it.

    Parameters
    ----------
    graph : networkx.DiGraph
    output : node, optional
        Default: any of the outputs.

    Returns
    -------
    set of node

    Examples
    --------
    >>> sorted(reachable(nx.DiGraph([("a", "b"), ("b", "y"), ("a", "unused")]), "y"))
    ['a', 'b', 'y']
    """
    ends = _outputs(graph, output)
    return set(ends).union(*(nx.ancestors(graph, end) for end in ends))


def uses(graph: nx.DiGraph, edge: Edge) -> int:
    """Count how often the edge's gate uses that operand: twice in x·x, else once."""
    return len(graph.edges[edge].get("operands", (0,)))


def _outputs(graph: nx.DiGraph, output: Node = None) -> list[Any]:
    if output is not None:
        return [output]
    marked = [node for node, kind in graph.nodes(data="kind") if kind == "output"]
    return marked or [node for node in graph if not graph[node]]


# --- The layout ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Layout:
    """Where nodes and edges go; x counts layers from left to right, y counts rows upwards.

    In the column of a layer, edges that pass through keep at least 0.75 rows away from the centre of every
    node, and nodes are at least 1 row apart.  So whoever draws nodes lower than that, and lets edges rise and
    fall only between columns, never draws an edge over a node.

    Attributes
    ----------
    positions : dict of node to (float, float)
        Centres.
    routes : dict of edge to tuple of (float, float)
        From the source's centre, by one point in each layer that the edge passes, to the target's centre.
    columns : int
        Number of layers.
    rows : float
        Largest y plus 1.
    crossings : int
        How often edges cross.
    """

    positions: dict[Any, Point]
    routes: dict[tuple[Any, Any], tuple[Point, ...]]
    columns: int
    rows: float
    crossings: int


_BETWEEN_NODES, _BESIDE_NODE, _BETWEEN_EDGES = 1.0, 0.75, 0.5


def layout(graph: nx.DiGraph) -> Layout:
    """Place the nodes in layers from left to right and lead long edges around them.

    The same graph always gets the same layout.

    Parameters
    ----------
    graph : networkx.DiGraph
        Without cycles.

    Returns
    -------
    Layout

    Raises
    ------
    ValueError
        If the graph is empty or has a cycle.

    Examples
    --------
    >>> diamond = nx.DiGraph([("x", "a"), ("x", "b"), ("a", "y"), ("b", "y")])
    >>> layout(diamond).positions
    {'x': (0.0, 0.5), 'a': (1.0, 1.0), 'b': (1.0, 0.0), 'y': (2.0, 0.5)}
    """
    if not graph or not nx.is_directed_acyclic_graph(graph):
        raise ValueError("layout: the graph needs at least one node, and no cycle")
    layer: dict[Any, int] = {}
    for node in topological_order(graph):
        layer[node] = 1 + max((layer[p] for p in graph.predecessors(node)), default=-1)
    chains = {edge: _chain(edge, layer) for edge in graph.edges}
    columns = _first_order(layer, chains)
    links = [pair for chain in chains.values() for pair in itertools.pairwise(chain)]
    before, after = _neighbours(links, 1), _neighbours(links, 0)
    columns = _fewest_crossings(columns, before, after)
    height = _heights(columns, before, after)
    place = {point: (float(k), height[point]) for k, column in enumerate(columns) for point in column}
    return Layout(
        {node: place[node] for node in graph},
        {edge: tuple(place[point] for point in chain) for edge, chain in chains.items()},
        len(columns),
        1 + max(height.values()),
        _crossings(columns, after),
    )


@dataclass(frozen=True)
class _Bend:
    """The point in one layer where an edge passes."""

    edge: Edge
    layer: int


_Links: TypeAlias = Mapping[Any, Sequence[Any]]


def _chain(edge: Edge, layer: Mapping[Any, int]) -> list[Any]:
    """List the points of an edge: its source, a bend for each layer between, its target."""
    source, target = edge
    return [source, *(_Bend(edge, k) for k in range(layer[source] + 1, layer[target])), target]


def _neighbours(links: Iterable[tuple[Any, Any]], end: int) -> dict[Any, list[Any]]:
    """Map each point to those that it is linked with on its left (end 1) or on its right (end 0)."""
    found: dict[Any, list[Any]] = {}
    for link in links:
        found.setdefault(link[end], []).append(link[1 - end])
    return found


def _first_order(layer: Mapping[Any, int], chains: Mapping[Edge, Sequence[Any]]) -> list[list[Any]]:
    """Fill the columns; bends above nodes, the longest edges at the top."""
    columns: list[list[Any]] = [[] for _ in range(1 + max(layer.values()))]
    for chain in sorted(chains.values(), key=len, reverse=True):
        for bend in chain[1:-1]:
            columns[bend.layer].append(bend)
    for node, k in layer.items():
        columns[k].append(node)
    return columns


def _crossings(columns: Sequence[Sequence[Any]], after: _Links) -> int:
    """Count crossings between neighbouring columns: pairs of links in the wrong order."""
    total = 0
    for left, right in itertools.pairwise(columns):
        place = {point: k for k, point in enumerate(right)}
        seen: list[int] = []
        for point in left:
            ends = sorted(place[q] for q in after.get(point, ()))
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _fewest_crossings(
    columns: list[list[Any]], before: _Links, after: _Links, sweeps: int = 12
) -> list[list[Any]]:
    """Sort each column by the mean place of its neighbours, to and fro; keep the best order met."""
    best, least = columns, _crossings(columns, after)
    for sweep in range(sweeps):
        if least == 0:
            break
        side, rightwards = (before, True) if sweep % 2 == 0 else (after, False)
        columns = [list(column) for column in columns]
        inner = range(1, len(columns)) if rightwards else range(len(columns) - 2, -1, -1)
        for k in inner:
            place = {p: i for i, p in enumerate(columns[k - 1 if rightwards else k + 1])}
            mean = {p: _mean([place[q] for q in side.get(p, ())], i) for i, p in enumerate(columns[k])}
            columns[k].sort(key=mean.__getitem__)
        columns = _swapped(columns, before, after)
        now = _crossings(columns, after)
        if now < least:
            best, least = columns, now
    return best


def _swapped(columns: list[list[Any]], before: _Links, after: _Links) -> list[list[Any]]:
    """Swap neighbours in a column as long as that removes a crossing."""
    for k, column in enumerate(columns):
        around = [
            ({p: i for i, p in enumerate(columns[j])}, side)
            for j, side in ((k - 1, before), (k + 1, after))
            if 0 <= j < len(columns)
        ]
        improved = True
        while improved:
            improved = False
            for i in range(len(column) - 1):
                upper, lower = column[i], column[i + 1]
                change = 0
                for place, side in around:
                    for p in side.get(upper, ()):
                        for q in side.get(lower, ()):
                            change += (place[p] < place[q]) - (place[p] > place[q])
                if change < 0:
                    column[i], column[i + 1] = lower, upper
                    improved = True
    return columns


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _heights(columns: list[list[Any]], before: _Links, after: _Links, sweeps: int = 120) -> dict[Any, float]:
    """Give each point a height: near its neighbours', long edges straight, distances kept."""
    depth: dict[Any, float] = {}  # measured downwards, as columns are listed
    for column in columns:
        depth.update(zip(column, _spread(column, [0.0] * len(column), [1.0] * len(column)), strict=True))
    for sweep in range(sweeps):
        for column in columns if sweep % 2 == 0 else columns[::-1]:
            wanted, weights = [], []
            for point in column:
                pull = [(_weight(q, point, before, after), depth[q]) for q in before.get(point, ())]
                pull += [(_weight(point, q, before, after), depth[q]) for q in after.get(point, ())]
                weight = sum(w for w, _ in pull)
                wanted.append(sum(w * d for w, d in pull) / weight if weight else depth[point])
                weights.append(weight or 1.0)
            depth.update(zip(column, _spread(column, wanted, weights), strict=True))
    # All distances are whole quarters: rounding to quarters keeps them, and levels out what is nearly level.
    depth = {point: _quarter(d) for point, d in depth.items()}
    for column in columns:  # a chain goes on at the height where it began
        starts = [before[p][0] if _in_chain(p, before, after) else p for p in column]
        weights = [100.0 if start is not p else 1.0 for start, p in zip(starts, column, strict=True)]
        level = _spread(column, [depth[start] for start in starts], weights)
        depth.update(zip(column, map(_quarter, level), strict=True))
    lowest = max(depth.values())
    return {point: lowest - d for point, d in depth.items()}


def _quarter(height: float) -> float:
    return math.floor(4 * height + 0.5 - 1e-6) / 4


def _in_chain(point: Any, before: _Links, after: _Links) -> bool:
    """Tell whether the link into this point neither forks nor joins another."""
    return len(before.get(point, ())) == 1 and len(after[before[point][0]]) == 1


def _weight(left: Any, right: Any, before: _Links, after: _Links) -> float:
    """Say how much a link wants to be level: most in a chain without forks, least where an edge turns off."""
    if _in_chain(right, before, after):
        return 8.0
    return 1.0 if isinstance(left, _Bend) or isinstance(right, _Bend) else 2.0


def _distance(one: Any, other: Any) -> float:
    return (_BETWEEN_NODES, _BESIDE_NODE, _BETWEEN_EDGES)[isinstance(one, _Bend) + isinstance(other, _Bend)]


def _spread(column: Sequence[Any], wanted: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Find the heights nearest to those wanted, in least squares, that keep the order and the distances.

    With the distances subtracted this is isotonic regression; pooling neighbours that are out of order
    solves it.
    """
    offset = [0.0]
    for one, other in itertools.pairwise(column):
        offset.append(offset[-1] + _distance(one, other))
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for w, target, shift in zip(weights, wanted, offset, strict=True):
        mean, weight, count = target - shift, w, 1
        while pools and pools[-1][0] > mean:
            m, v, c = pools.pop()
            mean, weight, count = (m * v + mean * weight) / (v + weight), v + weight, c + count
        pools.append((mean, weight, count))
    heights = [mean for mean, _, count in pools for _ in range(count)]
    return [height + shift for height, shift in zip(heights, offset, strict=True)]
