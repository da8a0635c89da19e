"""Training that can be watched: a run in portions, its pictures, and a progress bar for a notebook's own loop.

A `Run` is numbers alone.  The explorer of notebook 12 and the figures beside it draw the same one.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, Literal

import ipywidgets as widgets
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes

from adlib import nn, optim
from adlib.lesson import data
from adlib.viz.style import INK, MUTED, ROLES, WARNING, live, new_figure, png, style

__all__ = ["ACTIVATIONS", "SEEN", "STEPS", "Run", "draw_digits", "draw_losses", "watch"]

ACTIVATIONS = {"ReLU": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "none": nn.Identity}
SEEN = 100
"""How many digits a run learns from: the first ones."""
HELD_OUT = slice(898, None)
"""The second half of the digits, which no run learns from."""
STEPS = 600
LOST = 1e4
"""A loss per digit from which no run has come back."""
KNOWS_NOTHING = 0.9
"""The loss per digit of answering ⅒ to every question."""


class Run:
    """A network of two layers that learns handwritten digits by gradient descent, a few steps at a time.

    Parameters
    ----------
    lr : float
        The learning rate.
    width : int
        H, the number of hidden units.
    activation : str
        One of `ACTIVATIONS`.
    shuffled : bool
        Learn from labels that were dealt out anew, so that there is nothing to learn.
    steps : int
        Where the run ends.

    Attributes
    ----------
    losses : list of float
        The sum of squared errors before each step, per digit.
    held_out : list of (int, float)
        After how many steps, and the same sum for the digits held out.
    lost : bool
        Whether the loss has left all bounds; the run then ends early.
    """

    def __init__(
        self, lr: float, width: int, activation: str = "ReLU", shuffled: bool = False, steps: int = STEPS
    ) -> None:
        images, labels = data.handwritten_digits()
        x, y = images.reshape(-1, 64), np.eye(10)[labels]
        rng = np.random.default_rng(1)
        layers = nn.Linear(64, width, rng=rng), ACTIVATIONS[activation](), nn.Linear(width, 10, rng=rng)
        self.x, self.y, self.x_held, self.y_held = x[:SEEN], y[:SEEN], x[HELD_OUT], y[HELD_OUT]
        if shuffled:
            self.y = np.random.default_rng(2).permutation(self.y)
        self.model = nn.Sequential(*layers)
        self.loss_function = nn.MSELoss(reduction="sum")
        self.optimizer = optim.SGD(self.model.parameters(), lr=lr)
        self.steps, self.lost = steps, False
        self.losses: list[float] = []
        self.held_out: list[tuple[int, float]] = []
        self._look()

    @property
    def done(self) -> int:
        """How many steps were made."""
        return len(self.losses)

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to do."""
        return self.lost or self.done >= self.steps

    def advance(self, seconds: float = float("inf")) -> Run:
        """Train until the time is over, or the run; at least one step."""
        until = time.perf_counter() + seconds
        with np.errstate(all="ignore"):  # a run that leaves all bounds is a part of the lesson
            while not self.finished:
                loss = self.loss_function(self.model(self.x), self.y)
                self.losses.append(loss.item() / SEEN)
                self.lost = not self.losses[-1] < LOST
                if self.lost:
                    break
                self.optimizer.zero_grad()
                loss.backward()
                self.optimizer.step()
                if self.done % 10 == 0:
                    self._look()
                if time.perf_counter() > until:
                    break
        return self

    def score(self, which: Literal["seen", "held out"]) -> float:
        """Return the share of digits whose largest output is the label's."""
        x, y = (self.x, self.y) if which == "seen" else (self.x_held, self.y_held)
        with np.errstate(all="ignore"):
            answers = np.argmax(self.model(x), axis=1)
        return float(np.mean(answers == np.argmax(y, axis=1)))

    def silent(self) -> int:
        """Count the hidden units that are 0 for every digit seen."""
        with np.errstate(all="ignore"):
            hidden = self.model[1](self.model[0](self.x)).value
        return int(np.sum(np.all(hidden == 0, axis=0)))

    def _look(self) -> None:
        loss = self.loss_function(self.model(self.x_held), self.y_held).item() / len(self.x_held)
        self.held_out.append((self.done, loss))


def draw_losses(ax: Axes, run: Run, label: str = "", colour: str = ROLES["output"].colour) -> dict[str, Any]:
    """Draw a run's loss on the digits it has seen, solid, and on those held out, dashed.

    Returns
    -------
    dict of str to artist
        ``"seen"``, ``"held out"`` and ``"end"``, the mark of where it stands.
    """
    steps, held = zip(*run.held_out, strict=True)
    (seen,) = ax.plot(range(run.done), run.losses, color=colour, label=label or "seen")
    (out,) = ax.plot(steps, held, color=INK, linestyle="--", label="held out")
    (end,) = ax.plot(
        [max(run.done - 1, 0)],
        [min(run.losses[-1], LOST) if run.losses else held[0]],
        color=WARNING if run.lost else colour,
        marker="X" if run.lost else ROLES["output"].marker,
        linestyle="none",
        markersize=9 if run.lost else 6,
    )
    return {"seen": seen, "held out": out, "end": end}


def draw_digits(axes: Any, images: Any, words: Any, alarms: Any = ()) -> None:
    """Draw images of digits in a row of axes, each with its word; those with an alarm in the warning colour."""
    for k, (ax, image, word) in enumerate(zip(axes, images, words, strict=True)):
        ax.imshow(image, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
        ax.set_title(
            word, loc="center", fontsize=9, color=WARNING if k in alarms else INK, fontweight="normal"
        )
        ax.set(xticks=[], yticks=[])
        ax.grid(False)
        for side in ax.spines.values():
            side.set(visible=True, color=MUTED, linewidth=0.8)


class _Watch(widgets.VBox):
    """A progress bar, and the loss curve below it while the loop runs."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.bar = widgets.IntProgress(
            max=steps, description="step", layout=widgets.Layout(width="28em", max_width="98%")
        )
        self.words = widgets.Label()
        self.figure = new_figure(6.0, 2.4)
        with style():
            self.ax = self.figure.subplots()
            (self.curve,) = self.ax.plot([], [], color=ROLES["output"].colour)
            self.ax.set(xlabel="step", ylabel="loss", yscale="log", xlim=(0, steps))
            self.figure.subplots_adjust(left=0.13, right=0.98, top=0.96, bottom=0.21)
        self.picture = widgets.Image(format="png", layout=widgets.Layout(width="600px", max_width="100%"))
        super().__init__([widgets.HBox([self.bar, self.words]), self.picture])

    def show(self, done: int, losses: list[float]) -> None:
        """Move the bar and the curve."""
        self.bar.value = done
        self.words.value = f"{done} of {self.steps}" + (f", loss {losses[-1]:.4g}" if losses else "")
        shown = [loss for loss in losses if 0 < loss < float("inf")]
        if shown:
            self.curve.set_data(range(len(losses)), losses)
            self.ax.set_ylim(min(shown) / 2, max(shown) * 2)
            self.picture.value = png(self.figure)

    def __repr__(self) -> str:
        steps = "1 step" if self.steps == 1 else f"{self.steps} steps"
        return f"{steps}, with a progress bar and the loss as it falls while they run"

    _ipython_display_ = None  # that of ipywidgets 7 would not say what it shows

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        return {**live(self.model_id), "text/plain": repr(self)}


def watch(steps: int, losses: list[float], every: float = 0.1) -> Iterator[int]:
    """Count steps like ``range(steps)``, and show how far the loop is and the losses so far.

    Parameters
    ----------
    steps : int
    losses : list of float
        To which the loop appends.
    every : float
        Seconds between two pictures.  The picture goes when the loop has ended; draw what remains of interest.

    Yields
    ------
    int
        0, 1, …, steps − 1.

    Examples
    --------
    >>> losses = []
    >>> for step in watch(3, losses):
    ...     losses.append(1 / (1 + step))
    3 steps, with a progress bar and the loss as it falls while they run
    >>> len(losses)
    3
    """
    shown = _Watch(steps)
    display(shown)
    last = time.perf_counter()
    try:
        for step in range(steps):
            yield step
            if time.perf_counter() - last > every:
                shown.show(step + 1, losses)
                last = time.perf_counter()
        shown.show(steps, losses)
    finally:
        shown.picture.layout.display = "none"
