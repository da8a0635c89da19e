"""Notebook 15: a pitfall to choose, one slider, and three derivatives: naive, mended, true."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from adlib.lesson.pitfalls import PITFALLS, Pitfall
from adlib.viz.drawings.pitfalls import KINDS, NAN_ROW, above, curves, draw_pitfall
from adlib.viz.explorer import Explorer, choice, made_anew, slider
from adlib.viz.style import INK, new_figure

__all__ = ["PitfallExplorer"]


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
        self.lost = {k: self.ax.plot([], [], **look, **above(self.ax))[0] for k, look in looks.items()}
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
