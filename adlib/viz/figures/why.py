"""The pictures of notebook 01: a loss surface, the domain of f, and descents on both."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.lesson import examples
from adlib.viz.drawings.surface import OUTSIDE, descent, draw_contours, draw_surface
from adlib.viz.figures.registry import figure
from adlib.viz.style import CARD, INK, METHODS, ROLES, WARNING, Picture, new_figure

__all__ = ["X", "Y", "loss"]

X = np.array([0.0, 0.5, 1.0, 1.5, 2.0, 2.5])
Y = np.array([1.1, 1.4, 2.2, 2.4, 3.1, 3.3])
"""Six measurements, to be fitted by a line."""


def loss(a: Any, b: Any) -> Any:
    """Mean squared error of the line a + b x over the six measurements; a and b may be tracked."""
    return np.mean((a + b * X - Y) ** 2)


@figure("loss-surface")
def loss_surface() -> Picture:
    """Show a descent in the space of the data and in the space of the parameters."""
    points, _ = descent(loss, (3.0, -1.0), 0.2, 100)
    drawing = new_figure(9.0, 3.9)
    left, right = drawing.subplots(1, 2)
    left.plot(X, Y, linestyle="none", marker="o", color=INK, label="measurements")
    line = np.array([-0.2, 2.7])
    looks = {0: ":", 10: "--", 100: "-"}
    colour = ROLES["output"].colour
    for step, dashes in looks.items():
        a, b = points[step]
        label = f"after {step} steps" if step else "the first guess"
        left.plot(line, a + b * line, color=colour, linestyle=dashes, label=label)
    left.set(
        xlabel="$x$", ylabel="$y$", xlim=(-0.2, 2.7), ylim=(0, 5.2), title="One line for each pair (a, b)"
    )
    left.legend(loc="upper left", ncols=2)
    a, b = np.meshgrid(np.linspace(-0.6, 3.6, 201), np.linspace(-1.6, 2.6, 201))
    heights = np.mean((a[..., None] + b[..., None] * X - Y) ** 2, axis=-1)
    draw_contours(right, a, b, heights, (0, 0.05, 0.2, 0.5, 1, 2, 4, 8, 12, 60), (0.5, 2, 4, 8, 12))
    right.plot(*points.T, color=colour, marker=".", markersize=5, linewidth=1.2)
    for step in looks:
        right.plot(*points[step], marker="o", markersize=9, markerfacecolor=CARD, color=colour)
        shift = {0: (10, -3), 10: (9, 6), 100: (-14, 8)}[step]
        right.annotate(str(step), points[step], xytext=shift, textcoords="offset points")
    right.set(xlabel="$a$", ylabel="$b$", title="The loss, and a descent of 100 steps")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: six measurements that lie near a rising line, and three lines: a first guess that falls, one after "
        "10 steps, and one after 100 steps that runs through the measurements. Right: contours of the loss over "
        "the two parameters a and b, a long narrow valley. The descent first jumps across into the valley, "
        "then walks along its floor to the lowest point.",
    )


@figure("domain")
def domain() -> Picture:
    """Show where f has a value, and f along one line through it."""
    drawing = new_figure(9.0, 4.0)
    left, right = drawing.subplots(1, 2, width_ratios=(1.25, 1))
    draw_surface(left, -3.2, 4.2)
    for x, y in ((-1.7, 1.0), (2.1, 2.13), (-1.7, 2.78)):
        left.text(x, y, r"$x_1 / \sin(x_2^2) < 1$", ha="center", va="center")
    left.plot(2.0, 1.0, marker="o", color=CARD, markeredgecolor=INK, markersize=7)
    left.annotate("(2, 1)", (2.0, 1.0), xytext=(7, 4), textcoords="offset points")
    left.set_title("f has a value where it is coloured")
    x1 = np.concatenate([np.sin(1) + np.logspace(-9, -1.5, 60), np.linspace(np.sin(1) + 0.04, 2.6, 200)])
    mark = METHODS["by hand"]
    right.plot(x1, examples.f(x1, 1.0), color=mark.colour, label="$f(x_1, 1)$")
    right.plot(
        x1,
        examples.df_dx1(x1, 1.0),
        color=ROLES["adjoint"].colour,
        linestyle="-.",
        label=r"$\partial f/\partial x_1$",
    )
    right.axvspan(0, np.sin(1), color=OUTSIDE)
    right.axvline(np.sin(1), color=WARNING, linewidth=1.6)
    right.text(np.sin(1) / 2, 3.0, "no value", ha="center", va="center")
    right.set(xlim=(0, 2.6), ylim=(0, 6), xlabel="$x_1$, with $x_2 = 1$")
    right.set_title("At the edge, f is 0 and infinitely steep")
    right.legend(loc="upper right")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: the plane of x1 and x2, coloured with contours where f has a value, grey elsewhere. The domain is in "
        "pieces, bounded by the curve x1 = sin(x2²): right of the curve where the sine is positive, left of it "
        "where the sine is negative. Right: f along the line x2 = 1 starts at 0 at the edge, and its derivative "
        "by x1 falls from infinity.",
    )


@figure("descent-on-f")
def descent_on_f() -> Picture:
    """Show three descents on f, which differ in the learning rate alone."""
    drawing = new_figure(9.0, 4.2)
    left, right = drawing.subplots(1, 2, width_ratios=(1.15, 1))
    draw_surface(left, top=2.1)
    looks = {0.02: ("input", "."), 0.1: ("primal", "s"), 0.4: ("output", "D")}
    for rate, (role, marker) in looks.items():
        points, values = descent(examples.f, (3.0, 0.5), rate, 200)
        inside = np.isfinite(values)
        colour = ROLES[role].colour
        label = f"rate {rate:g}"
        look: dict[str, Any] = {"color": colour, "marker": marker, "markersize": 3.5}
        left.plot(*points[inside].T, linewidth=1.2, **look)
        right.plot(np.arange(len(values))[inside], values[inside], linewidth=1.2, label=label, **look)
        if not inside[-1]:
            left.plot(*points[-2:].T, color=colour, linestyle=":", linewidth=1.4)
            left.plot(
                *points[-1], color=WARNING, marker="x", markersize=9, markeredgewidth=2, linestyle="none"
            )
            last = (len(values) - 2, values[-2])
            right.plot(*last, color=WARNING, marker="x", markersize=9, markeredgewidth=2, linestyle="none")
    left.plot(3.0, 0.5, marker="o", color=CARD, markeredgecolor=INK, markersize=8)
    left.set_title("Downhill leads to the edge of the domain")
    right.set(xlabel="step", ylabel="$f$", xlim=(-1, 70), ylim=(0, 5))
    right.set_title("The smaller the rate, the later it is left")
    right.plot([], [], color=WARNING, marker="x", linestyle="none", label="the next step leaves the domain")
    right.legend()
    drawing.tight_layout()
    return Picture(
        drawing,
        "Left: contours of f with three descents from the point (3, 0.5), for three learning rates. Two of them "
        "walk to the edge of the domain near x1 = 1 and end with a step across it; with the largest rate the first "
        "step already leaves the domain. Right: f along each descent. It falls the whole way; with the smallest "
        "rate it takes most steps and comes lowest.",
    )
