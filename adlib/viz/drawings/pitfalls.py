"""A pitfall's three derivatives against the number that slides: notebook 15."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from adlib.lesson.pitfalls import Pitfall
from adlib.viz.style import MUTED, ROLES, WARNING, Mark

KINDS: Mapping[str, Mark] = {
    "true": Mark("the true derivative", MUTED, "#eceef1", "", "-", "━"),
    "naive": Mark("of the naive program", WARNING, "#fbe9e7", "x", "--", "✕"),
    "mended": Mark("of the mended program", ROLES["adjoint"].colour, ROLES["adjoint"].tint, "o", ":", "●"),
}
NAN_ROW = 1.06
"""Where what is not a number stands: as a part of the axes' height, above their upper edge."""
_WINDOWS = {
    "a table of values": (-1.2, 1.2),
    "nan behind a where": (-0.3, 3.5),
    "a warm start": (0, 0.4),
    "cancellation in the value": (1e-12, 1e10),
    "chaos": (-2, 4),
}
_DRAWN: dict[str, dict[str, list[float]]] = {}


def curves(pitfall: Pitfall) -> dict[str, list[float]]:
    """Compute the three derivatives at all values of the parameter; once, as they take a while.

    Examples
    --------
    >>> curves(PITFALLS[1])["naive"][19:22]
    [1.9, 1.0, 2.1]
    """
    if pitfall.name not in _DRAWN:
        _DRAWN[pitfall.name] = {kind: [getattr(pitfall, kind)(v) for v in pitfall.values] for kind in KINDS}
    return _DRAWN[pitfall.name]


def draw_pitfall(ax: Axes, pitfall: Pitfall) -> None:
    """Draw the three derivatives against the parameter; nan stands in a row of its own, above the axes."""
    places, heights = _lines(pitfall)
    for kind, y in heights.items():
        mark = KINDS[kind]
        with np.errstate(invalid="ignore"):
            y = np.abs(y) if pitfall.logarithmic else y
        if kind == "naive":  # a point that stands alone is no part of a line
            alone = _alone(y, heights["true"])
            ax.plot(places[alone], y[alone], "x", color=WARNING, markersize=7, markeredgewidth=2)
            y[alone] = np.nan
        wide = 4.0 if kind == "true" else 1.2
        colour = "#b9c0c8" if kind == "true" else mark.colour
        at = np.searchsorted(places, pitfall.jumps, side="right")
        line = np.insert(places, at, pitfall.jumps), np.insert(y, at, np.nan)
        ax.plot(*line, mark.linestyle, color=colour, linewidth=wide, label=mark.name)
    lost = [v for v, y in zip(pitfall.values, curves(pitfall)["naive"], strict=True) if math.isnan(y)]
    if lost:
        ax.plot(lost, [NAN_ROW] * len(lost), "x", color=WARNING, markersize=4, **above(ax))
        ax.text(-0.01, NAN_ROW, "nan", color=WARNING, ha="right", va="center", transform=ax.transAxes)
    ax.set(xlabel=pitfall.parameter, ylabel="size of the derivative" if pitfall.logarithmic else pitfall.unit)
    ax.set_yscale("log" if pitfall.logarithmic else "linear")
    if pitfall.name in _WINDOWS:
        ax.set_ylim(*_WINDOWS[pitfall.name])
    ax.set_title(pitfall.name[0].upper() + pitfall.name[1:], pad=18 if lost else None)


def above(ax: Axes) -> dict[str, Any]:
    """Place marks by the parameter to the right, and upwards by a part of the axes' height: 1 is the upper edge."""
    return {"transform": ax.get_xaxis_transform(), "clip_on": False}


def _lines(pitfall: Pitfall) -> tuple[Any, dict[str, Any]]:
    """Compute what is drawn: at all of the slider's values, and at more of them close to where the derivative jumps."""
    step, parts = pitfall.values[1] - pitfall.values[0], (0.1, 0.2, 0.4, 0.7)
    close = [jump + side * part * step for jump in pitfall.jumps for side in (-1, 1) for part in parts]
    order = np.argsort([*pitfall.values, *close])
    heights = {
        kind: np.array([*known, *(getattr(pitfall, kind)(v) for v in close)])[order]
        for kind, known in curves(pitfall).items()
    }
    return np.array([*pitfall.values, *close])[order], heights


def _alone(y: Any, true: Any) -> Any:
    """Mark the answers that are wrong between two that are right."""
    off = np.abs(y - true) > 1e-9
    return (
        off
        & ~np.roll(off, 1)
        & ~np.roll(off, -1)
        & (np.arange(len(y)) > 0)
        & (np.arange(len(y)) < len(y) - 1)
    )
