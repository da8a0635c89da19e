"""Notebook 15: a pitfall to choose, one slider, and three derivatives: naive, mended, true."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlib.lesson.pitfalls import PITFALLS, Pitfall
from adlib.viz.explorer import Explorer, choice, made_anew, slider
from adlib.viz.style import INK, MUTED, ROLES, WARNING, Mark, new_figure

__all__ = ["KINDS", "PitfallExplorer", "curves", "draw_pitfall"]

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
        ax.plot(lost, [NAN_ROW] * len(lost), "x", color=WARNING, markersize=4, **_above(ax))
        ax.text(-0.01, NAN_ROW, "nan", color=WARNING, ha="right", va="center", transform=ax.transAxes)
    ax.set(xlabel=pitfall.parameter, ylabel="size of the derivative" if pitfall.logarithmic else pitfall.unit)
    ax.set_yscale("log" if pitfall.logarithmic else "linear")
    if pitfall.name in _WINDOWS:
        ax.set_ylim(*_WINDOWS[pitfall.name])
    ax.set_title(pitfall.name[0].upper() + pitfall.name[1:], pad=18 if lost else None)


def _above(ax: Axes) -> dict[str, Any]:
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


class PitfallExplorer(Explorer):
    """Slide one number through a pitfall.

    In notebook 15.  Keywords say where the controls begin: ``pitfall``, ``at`` (the value of its
    parameter).
    """

    alt = (
        "Three derivatives against the number that slides: the true one as a broad grey line, that of the naive "
        "program dashed in red, that of the mended program dotted in green, with marks at the slider's place. "
        "Where the naive program answers nan, its crosses stand in a row of their own above the axes."
    )
    panel_height = "10.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the menu, and the slider of the first pitfall's parameter."""
        first = PITFALLS[0]
        low, high, step = _range(first)
        return {
            "pitfall": choice("pitfall", [(p.name, p.name) for p in PITFALLS]),
            "at": slider(first.parameter, first.start, low, high, step, _format(first)),
        }

    def build(self) -> Figure:
        """Make room; what is drawn depends on the pitfall."""
        figure = new_figure(8.0, 3.8)
        self.ax = figure.subplots()
        figure.subplots_adjust(left=0.1, right=0.98, bottom=0.22, top=0.85)  # for all pitfalls alike
        self.shown = PITFALLS[0].name  # the slider is already that of the first one
        self._show(PITFALLS[0])
        return figure

    def _show(self, pitfall: Pitfall) -> None:
        self.ax.clear()
        draw_pitfall(self.ax, pitfall)
        self._moving.clear()
        self.here = self.ax.axvline(0, color=INK, linewidth=1)
        looks: dict[str, Any] = {
            k: {"marker": KINDS[k].marker, "color": KINDS[k].colour, "markersize": 9, "markeredgewidth": 2}
            for k in ("naive", "mended")
        }
        looks["naive"]["zorder"] = 4  # a cross on a disc is seen, under it is not
        self.marks = {k: self.ax.plot([], [], **look)[0] for k, look in looks.items()}
        self.lost = {k: self.ax.plot([], [], **look, **_above(self.ax))[0] for k, look in looks.items()}
        self.moving(self.here, *self.marks.values(), *self.lost.values())
        figure = self.ax.figure
        figure.legends.clear()
        figure.legend(*self.ax.get_legend_handles_labels(), loc="lower center", ncols=3)
        self.redraw()

    def _choose(self, pitfall: Pitfall) -> None:
        """Make the slider that of another pitfall's parameter, and go to where that one bites."""
        self.shown = pitfall.name
        control, (low, high, step) = self.inputs["at"], _range(pitfall)
        with self._held(), control.hold_sync():  # one by one, the browser would answer with the nearer end
            control.min = min(control.min, low)  # never may the one end pass the other
            control.max, control.min = high, low
            control.step, control.readout_format = step, _format(pitfall)
            control.description = pitfall.parameter
            control.value = pitfall.start
        made_anew(control)

    def update(self, pitfall: str, at: float) -> str:
        """Move the marks, and tell the three numbers, the reason and the remedy."""
        chosen = next(p for p in PITFALLS if p.name == pitfall)
        if pitfall != self.shown:
            self._show(chosen)
            self._choose(chosen)
            at = chosen.start
        place = min(range(len(chosen.values)), key=lambda k: abs(chosen.values[k] - at))
        value = chosen.values[place]
        self.here.set_xdata([value, value])
        rows = []
        for kind, answers in curves(chosen).items():
            answer, mark = answers[place], KINDS[kind]
            if kind in self.marks:
                height = abs(answer) if chosen.logarithmic else answer
                self.marks[kind].set_data([value], [height])  # a nan is not drawn
                self.lost[kind].set_data(*(([value], [NAN_ROW]) if math.isnan(answer) else ([], [])))
            told = "there is none" if kind == "true" and math.isnan(answer) else f"{answer:.10g}"
            rows.append(
                f"<tr><td style='color:{mark.colour}'>{mark.symbol} {mark.name}</td>"
                f"<td class='adlib-number'>{told}</td></tr>"
            )
        return (
            f"<p>{chosen.parameter} = <b>{value:g}</b></p>"
            f"<table><tr><th></th><th>{chosen.unit}</th></tr>{''.join(rows)}</table>"
            f"<p><b>Why:</b> {chosen.why}<br><b>Remedy:</b> {chosen.remedy}</p>"
        )


def _range(pitfall: Pitfall) -> tuple[float, float, float]:
    """Tell where a pitfall's parameter begins and ends, and by how much it moves."""
    first, second, *_, last = pitfall.values
    return first, last, round(second - first, 10)


def _format(pitfall: Pitfall) -> str:
    """Write a slider's number with as many decimals as its step has."""
    return f".{len(f'{_range(pitfall)[2]:g}'.partition('.')[2])}f"
