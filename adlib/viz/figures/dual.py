"""The pictures of notebook 06."""

from __future__ import annotations

import numpy as np

from adlib.engine.forward import jvp
from adlib.viz.drawings.dual import bell, draw_arrows, draw_curve
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, MUTED, ROLES, Picture, new_figure


@figure("dual-arrows")
def dual_arrows() -> Picture:
    """Draw one arrow carried through a function at three points."""
    drawing = new_figure(9.6, 3.4)
    for ax, x in zip(drawing.subplots(1, 3, sharey=True), (-1.4, -0.7, 0.0), strict=True):
        draw_curve(ax, bell)
        y, y_dot = jvp(bell, (x,), (0.7,))
        draw_arrows(ax, x, 0.7, y, y_dot)
        ax.set_title(
            f"f({x:g} + 0.7 ε) = {y:.2f} {'+' if y_dot >= 0 else '−'} {abs(y_dot):.2f} ε", fontsize=9.5
        )
    drawing.axes[1].set_ylabel("")
    drawing.axes[2].set_ylabel("")
    drawing.tight_layout()
    return Picture(
        drawing,
        "A bell curve at three points. The same arrow of length 0.7 starts on the x axis. Where the curve rises "
        "steeply the image arrow on the f axis is longer than 0.7, where it rises slowly it is shorter, at the top it "
        "has no length.",
    )


@figure("shear-and-rotation")
def shear_and_rotation() -> Picture:
    """Draw what multiplying by 1 + tε and by 1 + ti does to a grid."""
    drawing = new_figure(8.4, 3.6)
    left, right = drawing.subplots(1, 2)
    t = 0.6
    for ax, matrix, name, rule in (
        (left, np.array([[1, 0], [t, 1]]), "1 + 0.6 ε", "ε² = 0: a shear"),
        (right, np.array([[1, -t], [t, 1]]), "1 + 0.6 i", "i² = −1: a rotation, and longer"),
    ):
        square = np.array([[0, 1, 1, 0, 0], [0, 0, 1, 1, 0]])
        ax.plot(*square, color=MUTED, linewidth=1.5)
        ax.fill(*(matrix @ square), color=ROLES["tangent"].tint)
        ax.plot(*(matrix @ square), color=ROLES["tangent"].colour, linewidth=2)
        for corner in square.T[1:4]:
            ax.annotate("", matrix @ corner, corner, arrowprops={"arrowstyle": "->", "color": INK, "lw": 0.9})
        ax.set(xlim=(-0.9, 1.6), ylim=(-0.25, 1.8), aspect="equal", xlabel="real part")
        ax.set_ylabel("coefficient of " + name[-1])
        ax.set_title(f"times {name}\n{rule}")
    drawing.tight_layout()
    return Picture(
        drawing,
        "The unit square, and what multiplication makes of it. By 1 + 0.6 epsilon it is sheared: real parts stay, the "
        "coefficients of epsilon grow by 0.6 times the real part. By 1 + 0.6 i it is turned and enlarged.",
    )
