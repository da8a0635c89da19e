"""What a colour, a marker and a line style mean, in every table, graph and plot; pictures use it by `adlib.viz.style`.

A *role* is something that the notebooks talk about on every page: an input, a gate, the output, a value, a
tangent, an adjoint.  Each has one colour **and** one mark, so that nobody needs to tell colours apart, and a picture
printed in grey still reads.

>>> ROLES["tangent"].marker, ROLES["adjoint"].marker
('>', '<')

The colours descend from the palette of Okabe and Ito (2008), darkened until thin lines and text reach a
contrast of 4.5 to 1 against the card they are drawn on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CARD = "#ffffff"
"""What every picture and table is drawn on: opaque, in dark themes too."""
INK = "#1b1f24"
"""Text and axes."""
MUTED = "#59616b"
"""Text that may be skipped."""
GRID = "#e3e6ea"
"""Lines that carry nothing."""
WARNING = "#a3261b"
"""What went wrong; always with words."""


@dataclass(frozen=True)
class Mark:
    """How one thing looks everywhere.

    Attributes
    ----------
    name : str
        What a legend calls it.
    colour : str
        For lines and text: at least 4.5 to 1 against `CARD`.
    tint : str
        For areas behind ink-coloured text.
    marker : str
        A Matplotlib marker.
    linestyle : str
        A Matplotlib line style.
    symbol : str
        The marker as a character, for HTML.
    """

    name: str
    colour: str
    tint: str
    marker: str
    linestyle: str
    symbol: str

    @property
    def line(self) -> dict[str, Any]:
        """Keywords for ``ax.plot``: colour, line style, marker."""
        return {"color": self.colour, "linestyle": self.linestyle, "marker": self.marker}

    @property
    def points(self) -> dict[str, Any]:
        """Keywords for ``ax.plot``: colour and marker without a line."""
        return {"color": self.colour, "linestyle": "none", "marker": self.marker}


ROLES: Mapping[str, Mark] = {
    "input": Mark("input", "#0067a6", "#dcecf7", "s", "-", "■"),
    "operation": Mark("operation", "#59616b", "#eceef1", "o", "-", "●"),
    "output": Mark("output", "#9c3a75", "#f6e3ef", "D", "-", "◆"),
    "primal": Mark("primal", "#1b1f24", "#f3f4f5", "o", "-", "●"),
    "tangent": Mark("tangent", "#b34700", "#fbe6d6", ">", "--", "▶"),
    "adjoint": Mark("adjoint", "#00735a", "#d7efe8", "<", "-.", "◀"),
    "trouble": Mark("trouble", WARNING, "#fae3e0", "X", "-", "✖"),
}
"""The six things of the notebooks' tables and graphs, and what went wrong among them."""
