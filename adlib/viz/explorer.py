"""What all explorers share: controls, one picture that is moved and never rebuilt, words beside it.

An explorer is a class with three methods and a short docstring::

    class Wave(Explorer):
        '''A sine wave whose frequency slides.'''

        alt = "A sine wave over the interval from 0 to 6."  # true after every move

        def controls(self):  # name -> widget; the name is update's keyword
            return {"frequency": slider("frequency", 1.0, 0.5, 4.0, 0.1)}

        def build(self):  # once: every axis, line and label
            figure = new_figure(7.2, 3)
            ax = figure.subplots()
            self.x = np.linspace(0, 6, 300)
            (self.curve,) = ax.plot(self.x, np.sin(self.x), **ROLES["primal"].line)
            self.moving(self.curve)  # these are redrawn at each move, all others are kept
            return figure

        def update(self, frequency):  # at each move: set data, return the words as HTML
            self.curve.set_ydata(np.sin(frequency * self.x))
            return f"sin({frequency:.1f} x)"

    Wave()  # last line of a cell

Rules for `update`
    - It is a plain function of the controls' values.  It must not depend on the move before.
    - ``self.alt += "…"`` says of the picture what is true after this move only.
    - Changing something that is not `moving` (limits, a title, ticks, which curve) needs
      ``self.redraw()``: the whole figure is then drawn anew, which takes several times as long.
    - Out of the domain is part of the lesson: raise `ExplainedError` (or any `ValueError`) with plain
      words.  The words appear as an alert, the picture turns pale, and both go when the values are mended.
      Any other error shows there too, with its type's name, and `sweep` raises it.

What shapes a picture comes from pure functions in `adlib.viz.drawings` and `adlib.viz.plots`, so that a figure
without a kernel and the explorer show the same thing.
"""

from __future__ import annotations

import html
import io
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ipywidgets as widgets
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from adlib.viz.style import CSS, bundle, live, style

__all__ = [
    "ExplainedError",
    "Explorer",
    "alert",
    "choice",
    "log_slider",
    "made_anew",
    "slider",
    "step_slider",
    "textbox",
]

_WIDE = {"description_width": "8.5em"}


class ExplainedError(ValueError):
    """Something to tell the reader: its message is shown as it is, in the explorer's alert."""


def _made(kind: Any, label: str, value: Any, width: str = "28em", **settings: Any) -> Any:
    layout = widgets.Layout(width=width, max_width="98%")
    return kind(value=value, description=label, style=_WIDE, layout=layout, **settings)


def slider(
    label: str, value: float, low: float, high: float, step: float, fmt: str = ".2f"
) -> widgets.FloatSlider:
    """Make a slider for a number; arrow keys move it by `step`.

    Parameters
    ----------
    label : str
        What is slid; `$…$` is typeset.
    value, low, high, step : float
    fmt : str
        How the number beside the slider is written.

    Returns
    -------
    ipywidgets.FloatSlider
    """
    return _made(
        widgets.FloatSlider,
        label,
        value,
        min=low,
        max=high,
        step=step,
        readout_format=fmt,
        continuous_update=True,
    )


def log_slider(label: str, value: float, low: float, high: float, step: float) -> widgets.FloatLogSlider:
    """Make a slider for a positive number over many powers of ten; low, high and step are of its logarithm."""
    ends: Any = {"min": low, "max": high, "step": step}
    kind = widgets.FloatLogSlider
    return _made(kind, label, value, base=10, readout_format=".1e", continuous_update=True, **ends)


def step_slider(label: str, value: int, low: int, high: int) -> widgets.IntSlider:
    """Make a slider for a whole number: a row of a trace, a count."""
    return _made(widgets.IntSlider, label, value, min=low, max=high, continuous_update=True)


def made_anew(control: widgets.Widget) -> None:
    """Have the browser make a slider anew, after its range has changed.

    The keys Home and End would go to the ends that the slider was made with: noUiSlider's `updateOptions` does not
    tell them. ipywidgets makes another slider only where the orientation changes, so it changes twice.
    """
    control.layout.height = (
        "var(--jp-widgets-inline-height)"  # upright, too: nothing below may jump meanwhile
    )
    control.orientation = "vertical"
    control.orientation = "horizontal"


def choice(label: str, options: Iterable[Any], value: Any = None) -> widgets.Dropdown:
    """Make a menu of strings, or of pairs of a string and what it stands for; it begins with the first."""
    items = list(options)
    first = items[0][1] if isinstance(items[0], tuple) else items[0]
    return _made(widgets.Dropdown, label, first if value is None else value, options=items)


def textbox(label: str, value: str) -> widgets.Text:
    """Make a line to type into; it counts when Enter is pressed or the line is left."""
    return _made(widgets.Text, label, value, "40em", continuous_update=False)


def alert(words: str) -> str:
    """Write in HTML what is wrong, for the reader to see first; nothing if there are no words.

    What follows the first line is set as it is, such as a caret below a mistake.
    """
    first, _, rest = words.partition("\n")
    more = f"<pre>{html.escape(rest)}</pre>" if rest else ""
    return f'<div class="adlib-alert" role="alert">⚠ {html.escape(first)}{more}</div>' if words else ""


def told(error: Exception | None) -> str:
    """Say what went wrong: an error that is not meant for the reader with its type's name."""
    if error is None or isinstance(error, ValueError | SyntaxError):
        return str(error or "")
    return f"{type(error).__name__}: {error}"


def swept(explorer: Any, ends: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Visit these values of every control, others at their start and all at once; see `Explorer.sweep`."""
    start = explorer.values
    single = [{**start, name: end} for name, choices in ends.items() for end in choices]
    corners = itertools.product(*([c[0], c[-1]] if len(c) > 1 else c for c in ends.values()))
    try:
        for stop in [*single, *(dict(zip(ends, corner, strict=True)) for corner in corners)]:
            explorer.set(**stop)
            if explorer.error is not None and not isinstance(explorer.error, ValueError):
                raise explorer.error
            yield explorer.values
    finally:
        explorer.set(**start)


class Explorer(widgets.VBox):
    """Controls, a picture, and words; see this module's text for how to write one.

    Subclasses define `controls`, `build`, `update` and the class attribute `alt`, and may set `panel_height`.

    Attributes
    ----------
    inputs : dict of str to ipywidgets.Widget
        The controls by name.
    figure : matplotlib.figure.Figure
        The one figure.
    error : Exception or None
        What the last move raised, if it did.
    words : str
        The HTML beside the picture, without its card; empty after an error.
    """

    alt: str = ""
    panel_height: str = "7em"

    def __init__(self, **start: Any) -> None:
        if not self.alt:
            raise TypeError(f"{type(self).__name__} needs a class attribute `alt`: its picture in words")
        self._moving: list[Artist] = []
        self._background: Any = None
        self._batch = 0
        self.error: Exception | None = None
        self.words = ""
        self.inputs: dict[str, widgets.Widget] = dict(self.controls())
        for name, value in start.items():
            if name not in self.inputs:
                known = ", ".join(self.inputs)
                raise TypeError(f"{type(self).__name__} has no control {name!r}; it has {known}")
            self.inputs[name].value = value
        with style():
            self.figure = self.build()
        if not isinstance(self.figure.canvas, FigureCanvasAgg):
            FigureCanvasAgg(self.figure)
        width, height = (f"{round(side * self.figure.dpi)}px" for side in self.figure.get_size_inches())
        # No tooltip: ipywidgets 8.1 cannot show an Image that has one. The panel has the words.
        self.picture = widgets.Image(
            format="png",
            # Both sides are fixed: nothing below may jump while the browser decodes the next picture.
            layout=widgets.Layout(width=width, height=height, max_width="100%", object_fit="contain"),
        )
        self.picture.add_class("adlib-picture")
        self.panel = widgets.HTML(layout=widgets.Layout(min_height=self.panel_height, width="98%"))
        self.panel.add_class("adlib-panel")
        self._rows = widgets.HBox(
            list(self.inputs.values()), layout=widgets.Layout(flex_flow="row wrap", width="100%")
        )
        # Rules that came anew with each move would have the browser restyle the whole page each time.
        rules = widgets.HTML(f"<style>{CSS}</style>", layout=widgets.Layout(display="none"))
        super().__init__(
            [rules, self._rows, self.picture, self.panel], layout=widgets.Layout(overflow="hidden")
        )
        self.add_class("adlib-explorer")
        for widget in self.inputs.values():
            widget.observe(self._moved, names="value")
        self.set(**start)

    # What a subclass writes.

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make the controls: name to widget, in the order in which they are shown."""
        raise NotImplementedError

    def build(self) -> Figure:
        """Draw everything once and return the figure; called inside `style()`."""
        raise NotImplementedError

    def update(self, *args: Any, **values: Any) -> str:
        """Move the artists to the controls' values and return the words beside the picture, as HTML."""
        raise NotImplementedError

    # What a subclass calls.

    def moving(self, *artists: Artist) -> None:
        """Name the artists that `update` moves; they are drawn over a kept image of all others."""
        for artist in artists:
            artist.set_animated(True)
        self._moving.extend(artists)
        self._moving.sort(key=lambda artist: artist.get_zorder())

    def redraw(self) -> None:
        """Have the whole figure drawn anew at the end of this move."""
        self._background = None

    # What everybody may call.

    @property
    def values(self) -> dict[str, Any]:
        """The controls' values by name."""
        return {name: widget.value for name, widget in self.inputs.items()}

    def set(self, **values: Any) -> None:
        """Set several controls and draw once.

        Parameters
        ----------
        **values
            By the controls' names.
        """
        for _ in range(2):  # a range that another control sets is right only after the first time
            with self._held():
                for name, value in values.items():
                    self.inputs[name].value = value
            self.refresh()
            if all(self.inputs[name].value == value for name, value in values.items()):
                break

    def refresh(self) -> None:
        """Run `update` on the controls' values, show its words or its error, and send the picture."""
        with style():
            self.alt = type(self).alt
            try:
                self.words = self.update(**self.values)
                self.error = None
            except Exception as error:  # every error reaches the reader, where the reader looks
                self.words, self.error, self.alt = "", error, type(self).alt
            self.picture.value = self._png()
        unseen = f'<span class="adlib-unseen">{html.escape(self.alt)}</span>'
        self.panel.value = f'<div class="adlib-card">{unseen}{alert(told(self.error))}{self.words}</div>'

    def sweep(self) -> Iterator[dict[str, Any]]:
        """Visit both ends of every control (every choice of a menu), others at their start and all at once.

        Yields
        ------
        dict
            The controls' values, after the picture was drawn for them; `error` says whether words were
            raised.

        Raises
        ------
        Exception
            What `update` raised, unless it was a `ValueError`, which is told to the reader on purpose.
        """
        return swept(self, {name: _ends(widget) for name, widget in self.inputs.items()})

    # How it works.

    @contextmanager
    def _held(self) -> Iterator[None]:
        self._batch += 1
        try:
            yield
        finally:
            self._batch -= 1

    def _moved(self, _change: object) -> None:
        if not self._batch:
            self.refresh()

    def _png(self) -> bytes:
        canvas = self.figure.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        if self._background is None:
            canvas.draw()  # leaves out what is animated
            self._background = canvas.copy_from_bbox(self.figure.bbox)
        else:
            canvas.restore_region(self._background)
        for artist in self._moving:
            (artist.axes or self.figure).draw_artist(artist)
        out = io.BytesIO()
        size = canvas.get_width_height()
        image = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
        image = image.convert("RGB")
        if self.error is not None:  # what is shown belongs to the values before the mistake: pale
            image = Image.blend(image, Image.new("RGB", size, "white"), 0.6)
        image.save(out, "png", compress_level=1)
        return out.getvalue()

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.alt}"

    _ipython_display_ = None  # that of ipywidgets 7 would show no picture where there is no kernel

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        for artist in self._moving:
            artist.set_animated(False)
        try:
            still, size = bundle(self.figure, self.alt, repr(self))
        finally:
            for artist in self._moving:
                artist.set_animated(True)
        return {**live(self.model_id), **still}, size


def _ends(widget: widgets.Widget) -> list[Any]:
    if hasattr(widget, "options"):
        return [option[1] if isinstance(option, tuple) else option for option in widget.options]
    if isinstance(widget, widgets.Checkbox | widgets.ToggleButton):
        return [False, True]
    if isinstance(widget, widgets.Text):
        return [widget.value]
    if isinstance(widget, widgets.FloatLogSlider):
        return [widget.base**widget.min, widget.base**widget.max]
    return [widget.min, widget.max]
