"""Notebook 12: a pitfall to choose, one slider, and three derivatives: naive, mended, true."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from adlib.pitfalls import PITFALLS, Pitfall
from adlib.viz.explorer import Explorer, choice, step_slider
from adlib.viz.style import INK, MUTED, WARNING, Mark, new_figure

__all__ = ["KINDS", "PitfallExplorer", "curves", "draw_pitfall", "explore_pitfalls"]

KINDS: Mapping[str, Mark] = {
    "true": Mark("the true derivative", MUTED, "#eceef1", "", "-", "━"),
    "naive": Mark("of the naive program", WARNING, "#fbe9e7", "x", "--", "✕"),
    "mended": Mark("of the mended program", "#00735a", "#d7efe8", "o", ":", "●"),
}
_WINDOWS = {
    "a table of values": (-1.2, 1.2),
    "nan behind a where": (-0.3, 3.5),
    "a warm start": (0, 0.4),
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
    """Draw the three derivatives against the parameter."""
    for kind, values in curves(pitfall).items():
        mark, y = KINDS[kind], np.array(values)
        with np.errstate(invalid="ignore"):
            y = np.abs(y) if pitfall.logarithmic else y
        if kind == "naive":  # a point that stands alone is no part of a line
            alone = _alone(y, np.array(curves(pitfall)["true"]))
            ax.plot(
                np.array(pitfall.values)[alone], y[alone], "x", color=WARNING, markersize=7, markeredgewidth=2
            )
            y[alone] = np.nan
        wide = 4.0 if kind == "true" else 1.2
        colour = "#b9c0c8" if kind == "true" else mark.colour
        ax.plot(pitfall.values, y, mark.linestyle, color=colour, linewidth=wide, label=mark.name)
        if kind == "naive":
            lost = [v for v, answer in zip(pitfall.values, values, strict=True) if math.isnan(answer)]
            ax.plot(lost, np.zeros(len(lost)), "x", color=WARNING, markersize=4)
    ax.set(xlabel=pitfall.parameter, ylabel="size of the derivative" if pitfall.logarithmic else pitfall.unit)
    ax.set_yscale("log" if pitfall.logarithmic else "linear")
    if pitfall.name in _WINDOWS:
        ax.set_ylim(*_WINDOWS[pitfall.name])
    if pitfall.logarithmic and "power" in pitfall.parameter:
        ax.set_ylim(1e-12, 1e10)
    ax.set_title(pitfall.name[0].upper() + pitfall.name[1:])


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
    """Slide one number through a pitfall."""

    alt = (
        "Three derivatives against the number that slides: the true one as a broad grey line, that of the naive "
        "program dashed in red, that of the mended program dotted in green, with marks at the slider's place."
    )
    panel_height = "10.5em"

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the menu and the slider; the slider counts places, whatever they mean."""
        first = PITFALLS[0]
        return {
            "pitfall": choice("pitfall", [(p.name, p.name) for p in PITFALLS]),
            "place": step_slider("slide", _place(first), 0, len(first.values) - 1),
        }

    def build(self) -> Figure:
        """Make room; what is drawn depends on the pitfall."""
        figure = new_figure(8.0, 3.6)
        self.ax = figure.subplots()
        self.shown = ""
        self._show(PITFALLS[0])
        return figure

    def _show(self, pitfall: Pitfall) -> None:
        self.ax.clear()
        draw_pitfall(self.ax, pitfall)
        self._moving.clear()
        self.here = self.ax.axvline(0, color=INK, linewidth=1)
        self.marks = {
            k: self.ax.plot([], [], KINDS[k].marker, color=KINDS[k].colour, markersize=9, markeredgewidth=2)[
                0
            ]
            for k in ("naive", "mended")
        }
        self.moving(self.here, *self.marks.values())
        figure = self.ax.figure
        figure.legends.clear()
        figure.tight_layout(rect=(0, 0.09, 1, 1))  # type: ignore[union-attr]
        figure.legend(*self.ax.get_legend_handles_labels(), loc="lower center", ncols=3)
        self.shown = pitfall.name
        self.redraw()

    def update(self, pitfall: str, place: int) -> str:
        """Move the marks, and tell the three numbers, the reason and the remedy."""
        chosen = next(p for p in PITFALLS if p.name == pitfall)
        if pitfall != self.shown:
            self._show(chosen)
            self.inputs["place"].max = len(chosen.values) - 1
            place = _place(chosen)
            with self._held():
                self.inputs["place"].value = place
        place = min(place, len(chosen.values) - 1)
        value = chosen.values[place]
        self.here.set_xdata([value, value])
        rows = []
        for kind, answers in curves(chosen).items():
            answer, mark = answers[place], KINDS[kind]
            if kind in self.marks:
                height = abs(answer) if chosen.logarithmic else answer
                self.marks[kind].set_data([value], [0.0 if math.isnan(height) else height])
            rows.append(
                f"<tr><td style='color:{mark.colour}'>{mark.symbol} {mark.name}</td>"
                f"<td class='adlib-number'>{answer:.10g}</td></tr>"
            )
        return (
            f"<p>{chosen.parameter}: <b>{value:g}</b></p><table>{''.join(rows)}</table>"
            f"<p><b>Why:</b> {chosen.why}<br><b>Remedy:</b> {chosen.remedy}</p>"
        )


def _place(pitfall: Pitfall) -> int:
    return min(range(len(pitfall.values)), key=lambda k: abs(pitfall.values[k] - pitfall.start))


def explore_pitfalls(**start: object) -> PitfallExplorer:
    """Make the explorer of notebook 12.

    Parameters
    ----------
    **start
        Where the controls begin: ``pitfall``, ``place``.

    Returns
    -------
    PitfallExplorer
    """
    return PitfallExplorer(**start)
