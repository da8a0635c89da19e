"""One visual language for every graph and plot: the roles of `adlib.study.palette`, and the methods.

A *method* is a way to differentiate.  It has, as a role has, one colour **and** one mark.  Every picture brings its
card, opaque and light, along with it, so that it reads the same in JupyterLab's dark theme.

How to draw::

    figure = new_figure(7.2, 3.6)              # no pyplot: nothing global, nothing to close
    with style():                              # fonts, grid, colours
        ax = figure.subplots()
        ax.plot(x, y, **ROLES["tangent"].line)
    Picture(figure, alt="…")                   # last line of a notebook's cell: shows the PNG
"""

from __future__ import annotations

import base64
import io
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import matplotlib
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from adlib.study.palette import CARD, GRID, INK, MUTED, ROLES, WARNING, Mark

__all__ = [
    "CARD",
    "CSS",
    "GRID",
    "INK",
    "METHODS",
    "MUTED",
    "ROLES",
    "WARNING",
    "Mark",
    "Picture",
    "new_figure",
    "png",
    "style",
]

METHODS: Mapping[str, Mark] = {
    "forward difference": Mark("forward difference", "#8a6100", "#f8edd2", "^", "-", "▲"),
    "central difference": Mark("central difference", "#5a48b0", "#e7e4f6", "s", "-", "■"),
    "complex step": Mark("complex step", "#006d7c", "#d5eef1", "X", "-", "✖"),
    "Richardson": Mark("Richardson", "#8c2d4b", "#f5e0e6", "P", "-", "✚"),
    "symbolic": Mark("symbolic", "#4d6b00", "#e9f0d6", "p", "-", "⬟"),
    "forward mode": ROLES["tangent"],
    "reverse mode": ROLES["adjoint"],
    "by hand": ROLES["primal"],
}
"""Ways to differentiate.  In error plots the colour says which method, the line style which error:
measured points, truncation dashed, round-off dotted."""

RC: dict[Any, Any] = {
    "figure.facecolor": CARD,
    "axes.facecolor": CARD,
    "savefig.facecolor": CARD,
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "mathtext.fontset": "dejavusans",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 9,
    "ytick.labelsize": 9,
    "lines.linewidth": 1.6,
    "lines.markersize": 5,
    "legend.frameon": False,
    "legend.fontsize": 9,
    "svg.hashsalt": "adlib",
    "path.simplify": True,
}


LOCK = threading.RLock()
"""Held while the settings are ours: JupyterLab calls explorers in other threads, and Matplotlib has but one set."""


@contextmanager
def style() -> Iterator[None]:
    """Draw in the notebooks' style inside a ``with`` block, whatever the user's own Matplotlib settings
    are."""
    with LOCK, matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)
        yield


def new_figure(width: float = 7.2, height: float = 3.6, dpi: float = 100) -> Figure:
    """Make a figure that belongs to nobody: no pyplot, no window, nothing to close.

    Parameters
    ----------
    width, height : float
        In inches; at the default `dpi` a cell of JupyterLab holds 9 inches without scrolling.
    dpi : float
        Dots per inch.

    Returns
    -------
    matplotlib.figure.Figure
        With a `FigureCanvasAgg`.
    """
    with style():
        figure = Figure(figsize=(width, height), dpi=dpi, facecolor=CARD)
    FigureCanvasAgg(figure)
    return figure


def png(figure: Figure, dpi: float | None = None) -> bytes:
    """Encode a figure as PNG bytes that depend on the drawing alone: no date, no version.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    dpi : float, optional
        Default: the figure's own.

    Returns
    -------
    bytes
    """
    out = io.BytesIO()
    with style():
        figure.savefig(
            out,
            format="png",
            dpi=dpi or figure.dpi,
            facecolor=CARD,
            metadata={"Software": None, "Date": None},
        )
    return out.getvalue()


class Picture:
    """A figure as the last line of a notebook's cell: a PNG, sharp on dense screens, and its words.

    The words are the picture's alternative text: they are what a screen reader, a terminal and a strict
    notebook test see, so they say what there is to see and carry no digit that differs between machines.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    alt : str
        What the picture shows, in a sentence or two.
    """

    def __init__(self, figure: Figure, alt: str) -> None:
        self.figure = figure
        self.alt = alt

    def __repr__(self) -> str:
        return f"Picture: {self.alt}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> tuple[Any, Any]:
        return bundle(self.figure, self.alt, repr(self))


def bundle(figure: Figure, alt: str, text: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Pack a figure for IPython's display: the PNG at double density, its size on the page, its words."""
    width, height = (round(side * 100) for side in figure.get_size_inches())
    data = {"image/png": base64.b64encode(png(figure, dpi=200)).decode(), "text/plain": text}
    return data, {"image/png": {"width": width, "height": height, "alt": alt}}


def live(model_id: str) -> dict[str, Any]:
    """Name a widget to the page that shows it, as ipywidgets 8 does; ipywidgets 7 has no method for it."""
    view = {"version_major": 2, "version_minor": 0, "model_id": model_id}
    return {"application/vnd.jupyter.widget-view+json": view}


def _css() -> str:
    rules = [
        f".adlib-card{{background:{CARD};color:{INK};padding:8px 12px;border-radius:6px;"
        "font-size:13px;line-height:1.45;overflow-x:auto}",
        f".adlib-card table{{border-collapse:collapse;background:{CARD};color:{INK};margin:4px 0}}",
        f".adlib-card th{{text-align:left;font-weight:600;padding:3px 12px 3px 4px;"
        f"border-bottom:1.5px solid {MUTED};background:{CARD};color:{INK}}}",
        f".adlib-card td{{text-align:left;padding:3px 12px 3px 4px;border-bottom:1px solid {GRID};"
        f"font-variant-numeric:tabular-nums;background:{CARD};color:{INK}}}",
        ".adlib-card td.adlib-number{text-align:right;font-family:monospace}",
        f".adlib-card .adlib-muted{{color:{MUTED}}}",
        # For screen readers only.
        ".adlib-card .adlib-unseen{position:absolute;width:1px;height:1px;overflow:hidden;"
        "clip-path:inset(50%)}",
        f".adlib-alert{{color:{WARNING};border-left:4px solid {WARNING};padding:2px 10px;margin:4px 0;"
        "white-space:pre-wrap}",
        f".adlib-alert pre{{color:{WARNING};background:{CARD};margin:2px 0;font-size:13px}}",
    ]
    for name, mark in ROLES.items():
        rules.append(f".adlib-card .adlib-{name}{{color:{mark.colour}}}")
        rules.append(f".adlib-card tr.adlib-now-{name} td{{background:{mark.tint};font-weight:600}}")
    return "".join(rules)


CSS = _css()
"""Rules for tables in HTML: classes ``adlib-card``, ``adlib-input`` … ``adlib-adjoint`` for text in a
role's colour, ``adlib-now-input`` … for the row that is lit, ``adlib-number``, ``adlib-muted``,
``adlib-alert``."""
