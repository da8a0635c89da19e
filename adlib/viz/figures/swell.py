"""The pictures of notebook 03."""

from __future__ import annotations

import numpy as np

from adlib.viz.drawings.swell import MOST, draw_sizes, sizes
from adlib.viz.figures.registry import figure
from adlib.viz.style import MUTED, Picture, new_figure


@figure("expression-swell")
def expression_swell() -> Picture:
    """Draw the sizes of derivatives as trees and as DAGs, with their growth."""
    drawing = new_figure(9.6, 3.6)
    left, right = drawing.subplots(1, 2)
    n = np.arange(2, MOST + 1)
    draw_sizes(left, "the logistic map")
    trees, dags = (np.array(values, float) for values in sizes("the logistic map"))
    rate, start = np.polyfit(n[4:], np.log(trees[4:]), 1)
    left.plot(n, np.exp(start + rate * n), ":", color=MUTED, linewidth=3, zorder=0)
    left.text(7.2, 4500, f"× {np.exp(rate):.2f} with each n", color=MUTED, ha="right")
    slope = np.polyfit(n, dags, 1)[0]
    left.text(9.6, 22, f"+ {slope:.0f} with each n", color=MUTED)
    left.set_title("Nested: exponential as a tree, linear as a DAG")
    draw_sizes(right, "a product of n factors")
    trees, dags = (np.array(values, float) for values in sizes("a product of n factors"))
    a, b, c = np.polyfit(n, trees, 2).round(6)
    right.plot(n, a * n**2 + b * n + c, ":", color=MUTED, linewidth=3, zorder=0)
    right.text(7.0, 260, f"{a:g} n² + {b:g} n {'+' if c > 0 else '−'} {abs(c):g}", color=MUTED, ha="right")
    right.set_title("Factors: quadratic as a tree, linear as a DAG")
    right.set_ylabel("")
    right.legend(loc="lower right")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Sizes of derivatives against n on logarithmic axes. Left, the logistic map's n-th iterate: the tree more "
        "than doubles with each n, the DAG grows by 8 parts each. Right, a product of n factors: the tree has "
        "2.5 n² + 7.5 n − 8 parts, the DAG grows by 9 parts each.",
    )
