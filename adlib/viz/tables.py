"""The table below a stepper's graph: the rows of a trace, whose formulas stay and whose numbers move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text

from adlib.viz.formulas import mathtext
from adlib.viz.style import MUTED, ROLES, WARNING


class _Heading(NamedTuple):
    title: str
    role: str
    left: float  # where the column's text begins, or ends if it is to the right: as a part of the width
    right: bool


class TraceTable:
    """The rows of a trace in the lower part of the figure; formulas stay, numbers move.

    Parameters
    ----------
    still, moving : matplotlib.axes.Axes
        Two layers in the same place: one for what depends on the function alone, and one for what changes.
    headings : sequence of (title, role, place, right)
    """

    def __init__(self, still: Axes, moving: Axes, headings: Sequence[tuple[str, str, float, bool]]) -> None:
        self.still, self.moving = still, moving
        self.headings = [_Heading(*h) for h in headings]
        box, figure = still.get_position(), still.get_figure()
        assert isinstance(figure, Figure)
        width, height = figure.get_size_inches()
        self.width, self.height = 72 * width * box.width, 72 * height * box.height
        self.cells: list[list[Text]] = []
        self.bands: list[Rectangle] = []
        self.numbers: Sequence[int] = ()

    def rebuild(self, formulas: Sequence[Sequence[str]], numbers: Sequence[int]) -> None:
        """Write the formulas anew.

        Parameters
        ----------
        formulas : sequence of rows
            LaTeX for each column that stays, in the order of the headings; "" where a number comes.
        numbers : sequence of int
            Which columns hold what moves.
        """
        for ax in (self.still, self.moving):
            ax.clear()
            ax.set_axis_off()
            ax.set_xlim(0, self.width)
            ax.set_ylim(self.height, 0)
        count = len(formulas)
        head = 17.0
        self.pitch = min(19.0, (self.height - head) / count)
        self.size = min(9.5, 0.52 * self.pitch)
        for heading in self.headings:
            self._write(self.still, heading, 8.0, 8.5, ROLES[heading.role].colour, weight="bold").set_text(
                f"{ROLES[heading.role].symbol} {heading.title}"
            )
        self.still.plot([0, self.width], [head - 2, head - 2], color=MUTED, linewidth=1)
        self.bands, self.cells, self.numbers = [], [], numbers
        for k, row in enumerate(formulas):
            y = head + (k + 0.5) * self.pitch
            band = Rectangle((0, y - self.pitch / 2), self.width, self.pitch, linewidth=0, alpha=0.14)
            edge = Rectangle((0, y - self.pitch / 2), 4, self.pitch, linewidth=0)
            self.moving.add_patch(band)
            self.moving.add_patch(edge)
            self.bands += [band, edge]
            texts = []
            for column, heading in enumerate(self.headings):
                if column in numbers:
                    texts.append(self._write(self.moving, heading, y, self.size, ROLES[heading.role].colour))
                elif row[column]:
                    cell = self._write(self.still, heading, y, self.size, ROLES[heading.role].colour)
                    cell.set_text(f"${mathtext(row[column])}$")
                    self._fit(cell, column)
            self.cells.append(texts)

    def _fit(self, cell: Text, column: int) -> None:
        """Make a formula smaller until it ends before the next column begins."""
        after = self.headings[column + 1]
        room = (after.left - self.headings[column].left - (0.13 if after.right else 0.02)) * self.width
        figure = self.still.get_figure()
        assert figure is not None
        wide = cell.get_window_extent(figure.canvas.get_renderer()).width * 72 / figure.dpi  # type: ignore[attr-defined]
        if wide > room:
            cell.set_fontsize(self.size * room / wide)

    def _write(
        self, ax: Axes, heading: _Heading, y: float, size: float, colour: str, weight: str = "normal"
    ) -> Text:
        return ax.text(
            heading.left * self.width,
            y,
            "",
            fontsize=size,
            color=colour,
            weight=weight,
            ha="right" if heading.right else "left",
            va="center_baseline",
            zorder=3,
        )

    def show(self, numbers: Sequence[Sequence[str]], lit: Mapping[int, str]) -> None:
        """Set the numbers of each row, and light rows in the colour of a role."""
        for k, (texts, row) in enumerate(zip(self.cells, numbers, strict=True)):
            role = lit.get(k)
            for text, number in zip(texts, row, strict=True):
                text.set_text(number)
                text.set_fontweight("bold" if role else "normal")
            for text, number, column in zip(texts, row, self.numbers, strict=True):
                wrong = "nan" in number or "inf" in number
                text.set_color(WARNING if wrong else ROLES[self.headings[column].role].colour)
            for patch in self.bands[2 * k : 2 * k + 2]:
                patch.set_visible(role is not None)
                patch.set_facecolor(ROLES[role or "operation"].colour)
