"""The pictures of notebook 15."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.lesson.pitfalls import PITFALLS
from adlib.study.diagnosis import diagnose
from adlib.viz.diagnoses import diagnosis_picture
from adlib.viz.drawings.pitfalls import draw_pitfall
from adlib.viz.figures.registry import figure
from adlib.viz.style import Picture, new_figure


def share(x: float, y: float) -> Any:
    """Divide a distance from the origin by something harmless."""
    return np.sqrt(x * x + y * y) / (x + y + 1.0)


@figure("diagnosis")
def diagnosis() -> Picture:
    """Draw where a derivative at the origin becomes nan."""
    return diagnosis_picture(diagnose(share, 0.0, 0.0))


@figure("pitfalls")
def pitfalls() -> Picture:
    """Draw all pitfalls side by side."""
    drawing = new_figure(9.6, 9.6)
    for ax, pitfall in zip(drawing.subplots(4, 2).flat, PITFALLS, strict=True):
        draw_pitfall(ax, pitfall)
    drawing.tight_layout(rect=(0, 0.035, 1, 1))
    drawing.legend(*drawing.axes[0].get_legend_handles_labels(), loc="lower center", ncols=3)
    return Picture(
        drawing,
        "Eight small plots, one for each pitfall: the true derivative as a broad grey line, the naive program's "
        "dashed, the mended program's dotted. Naive answers are nan up to 0 behind a where, wrong at the single "
        "point 1 after a branch on equality, a staircase for a table, late for a solver, slow after a warm start, "
        "below e for Euler's method, exploding where the value cancels, and off the true path after 50 chaotic steps.",
    )
