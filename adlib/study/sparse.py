"""Jacobians with many zeros, in few passes.

Two columns of a Jacobian that have no row in common can share a pass: seed both inputs at once, and every result
belongs to one of the two.  Which columns may share is a question of colours.  Draw a node for each column, and join
two that meet in a row; a colouring that gives neighbours different colours gives one pass for each colour.

A. R. Curtis, M. J. D. Powell and J. K. Reid, "On the estimation of sparse Jacobian matrices", IMA Journal of Applied
Mathematics 13:117–119, 1974; A. H. Gebremedhin, F. Manne and A. Pothen, "What color is your Jacobian?", SIAM Review
47:629–705, 2005.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np

from adlib.engine.forward import jvp

__all__ = ["SparseJacobian", "colours", "column_graph", "sparse_jacobian"]


@dataclass(frozen=True)
class SparseJacobian:
    """A Jacobian, and how it was found.

    Attributes
    ----------
    matrix : array of shape (n, m)
    colours : array of int of shape (m,)
        Columns of one colour shared a pass.
    passes : int
        The number of forward passes.
    """

    matrix: Any
    colours: Any
    passes: int


def column_graph(pattern: Any) -> nx.Graph:
    """Join two columns where they meet in a row.

    Parameters
    ----------
    pattern : array of bool of shape (n, m)
        Where the Jacobian may be different from 0.

    Returns
    -------
    networkx.Graph
        Nodes 0 to m − 1.

    Examples
    --------
    >>> sorted(column_graph(np.array([[1, 1, 0], [0, 1, 1]])).edges)
    [(0, 1), (1, 2)]
    """
    pattern = np.asarray(pattern, bool)
    graph = nx.Graph()
    graph.add_nodes_from(range(pattern.shape[1]))
    for row in pattern:
        columns = np.flatnonzero(row).tolist()
        graph.add_edges_from((a, b) for k, a in enumerate(columns) for b in columns[k + 1 :])
    return graph


def colours(pattern: Any) -> Any:
    """Colour the columns such that those that meet in a row differ (greedily, in order: few, not always fewest).

    Examples
    --------
    >>> colours(np.eye(4, dtype=bool) | np.eye(4, k=1, dtype=bool)).tolist()
    [0, 1, 0, 1]
    """
    found = nx.greedy_color(column_graph(pattern), strategy=lambda graph, _: sorted(graph))
    return np.array([found[k] for k in range(len(found))])


def sparse_jacobian(f: Callable[[Any], Any], x: Any, pattern: Any) -> SparseJacobian:
    """Compute a Jacobian whose zeros are known in one forward pass for each colour.

    Parameters
    ----------
    f : callable
        From an array of shape (m,) to one of shape (n,).
    x : array of shape (m,)
    pattern : array of bool of shape (n, m)
        Where the Jacobian may be different from 0.  It is not checked: where it wrongly promises a 0, the
        entry there is added to another one.

    Returns
    -------
    SparseJacobian

    Raises
    ------
    ValueError
        If the pattern does not fit x and f(x).

    Examples
    --------
    >>> f = lambda x: x[1:] * x[:-1]
    >>> pattern = np.eye(4, 5, dtype=bool) | np.eye(4, 5, k=1, dtype=bool)
    >>> found = sparse_jacobian(f, np.arange(1.0, 6.0), pattern)
    >>> found.passes, found.matrix[1].tolist()
    (2, [0.0, 3.0, 2.0, 0.0, 0.0])
    """
    pattern = np.asarray(pattern, bool)
    n, m = np.size(f(x)), np.size(x)
    if pattern.shape != (n, m):
        raise ValueError(f"sparse_jacobian: the Jacobian has shape {(n, m)}, the pattern {pattern.shape}")
    found = colours(pattern)
    matrix = np.zeros((n, m))
    for colour in range(int(found.max()) + 1):
        chosen = found == colour
        _, tangent = jvp(f, (x,), (chosen.astype(float),))
        rows, columns = np.nonzero(pattern & chosen)
        matrix[rows, columns] = tangent[rows]
    return SparseJacobian(matrix, found, int(found.max()) + 1)
