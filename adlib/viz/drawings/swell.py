"""How large derivatives get, as trees and as DAGs: notebook 03."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from adlib.formula.expr import symbol
from adlib.lesson import examples
from adlib.viz.style import METHODS, ROLES

X: Any = symbol("x")
MOST = 12


def product(n: int) -> Any:
    """Multiply n different factors, sin(kx) for k from 1 to n."""
    return math.prod((np.sin(k * X) for k in range(2, n + 1)), start=np.sin(X))


def nested(n: int) -> Any:
    """Nest n sines."""
    e = X
    for _ in range(n):
        e = np.sin(e)
    return e


FAMILIES: Mapping[str, Callable[[int], Any]] = {
    "the logistic map": lambda n: examples.logistic(X, n),
    "a product of n factors": product,
    "n sines, one in another": nested,
}


@functools.cache
def sizes(family: str) -> tuple[list[int], list[int]]:
    """Count the sizes of the derivatives, as trees and as DAGs, for n from 2 to `MOST`.

    Examples
    --------
    >>> trees, dags = sizes("the logistic map")
    >>> trees[:3], dags[:3]
    ([11, 46, 140], [9, 17, 25])
    """
    found = [FAMILIES[family](n).diff(X) for n in range(2, MOST + 1)]
    return [d.tree_size for d in found], [d.dag_size for d in found]


def draw_sizes(ax: Axes, family: str) -> dict[str, Any]:
    """Draw both sizes against n, on a logarithmic axis."""
    trees, dags = sizes(family)
    n = range(2, MOST + 1)
    lines = {
        "tree": ax.plot(n, trees, "-^", color=METHODS["symbolic"].colour, label="written out, as a tree")[0],
        "dag": ax.plot(n, dags, "-o", color=ROLES["primal"].colour, label="shared, as a DAG")[0],
    }
    ax.set(yscale="log", xlabel="n", ylabel="parts of the derivative", xlim=(1.5, MOST + 0.5))
    ax.set_xticks(range(2, MOST + 1, 2))
    return lines
