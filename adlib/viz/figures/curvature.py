"""The pictures of notebook 14."""

from __future__ import annotations

import numpy as np

from adlib.engine.derivatives import grad, hessian
from adlib.viz.drawings.curvature import DESCENT, LANDSCAPES, NEWTON, conic, gradient_path, newton_path
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, MUTED, Picture, new_figure


@figure("two-ways-down")
def two_ways_down() -> Picture:
    """Draw both walks in Rosenbrock's valley, and how steep it still is after each step."""
    land = LANDSCAPES["Rosenbrock's valley"]
    start, steps = np.array([-1.2, 1.0]), 200
    drawing = new_figure(9.0, 3.9)
    left, right = drawing.subplots(1, 2, width_ratios=(1.15, 1))
    x, y = (np.linspace(*window, 201) for window in (land.x, land.y))
    left.contour(
        x, y, land.function(np.meshgrid(x, y)), land.levels, colors=MUTED, linewidths=0.8, linestyles="solid"
    )
    slope = grad(land.function)
    model = conic(start, slope(start), hessian(land.function)(start))
    left.plot(*model.T, ":", color=INK, linewidth=1.6, label="the model's level line")
    walks = (
        (DESCENT, gradient_path(land.function, start, 1e-3, steps)),
        (NEWTON, newton_path(land.function, start, 6)),
    )
    for mark, path in walks:
        left.plot(*path.T, **mark.line, markersize=4, linewidth=1.4, label=mark.name)
        lengths = [max(float(np.hypot(*slope(p))), 1e-16) for p in path]
        right.plot(lengths, **mark.line, markersize=4, linewidth=1.4)
    left.plot(*start, "o", color=INK, markersize=7)
    left.set(xlim=land.x, ylim=land.y, xlabel="x", ylabel="y")
    left.set_title("Rosenbrock's valley, from (−1.2, 1)")
    right.set(yscale="log", xlabel="step", ylabel="|∇f|")
    right.set_title("Six jumps arrive; 200 steps do not")
    drawing.tight_layout(rect=(0, 0.08, 1, 1))
    drawing.legend(*left.get_legend_handles_labels(), loc="lower center", ncols=3)
    return Picture(
        drawing,
        "Left: level lines of Rosenbrock's valley. From (-1.2, 1) gradient descent zigzags and creeps along the "
        "valley. Newton's method jumps to the centre of an ellipse, the level line of its quadratic model, and on "
        "to (1, 1). Right: the length of the gradient. Newton's falls to rounding error in six steps; gradient "
        "descent's has hardly fallen after two hundred.",
    )
