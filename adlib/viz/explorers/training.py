"""Notebook 12: a network learns digits while you watch; learning rate, width, activation and labels to choose."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets
from matplotlib.figure import Figure

from adlib.viz import training
from adlib.viz.explorer import Explorer, choice, log_slider, step_slider
from adlib.viz.style import INK, MUTED, ROLES, WARNING, new_figure

__all__ = ["TrainingExplorer"]

PORTION = 0.02
"""Seconds of training between two pictures."""
TRUE, SHUFFLED = "as written", "shuffled: noise"
LOW, HIGH = 1e-3, 1e3


class TrainingExplorer(Explorer):
    """Each move starts a new run.  In a notebook it is trained in portions, and every portion is drawn; the sliders
    stay free meanwhile, and the next move ends the run.  Without an event loop a move trains to the end.

    In notebook 12.  Keywords say where the controls begin: ``lr``, ``width``, ``activation``,
    ``labels``.
    """

    alt = (
        "Left: the loss per digit against the step, on a logarithmic axis, solid for the 100 digits that the network "
        "learns from, dashed for the digits held out, with a line at the loss of a network that knows nothing. "
        "Right: which share of both it reads right, with a line at a tenth, which is chance."
    )
    panel_height = "8.5em"
    children: Any

    def __init__(self, **start: Any) -> None:
        self._live = False  # the first run is complete before anyone sees it, and is what a saved page shows
        self._task: asyncio.Task[None] | None = None
        self.bar = widgets.IntProgress(
            max=training.STEPS,
            description="step",
            style={"description_width": "8.5em"},
            layout=widgets.Layout(width="28em", max_width="98%"),
        )
        super().__init__(**start)
        rules, rows, *rest = self.children
        self.children = (rules, rows, self.bar, *rest)
        self._live = True

    def controls(self) -> Mapping[str, widgets.Widget]:
        """Make two sliders and two menus."""
        return {
            "lr": log_slider("learning rate", 1e-3, -6, -1, 0.25),
            "width": step_slider("width H", 50, 1, 200),
            "activation": choice("activation", training.ACTIVATIONS),
            "labels": choice("labels", [TRUE, SHUFFLED]),
        }

    def build(self) -> Figure:
        """Draw two axes, and the lines that mark ignorance."""
        self.run = self._new_run()
        figure = new_figure(9.0, 3.6)
        left, right = figure.subplots(1, 2, width_ratios=(2.2, 1))
        self.artists = training.draw_losses(left, self.run)
        nothing = left.axhline(training.KNOWS_NOTHING, color=MUTED, linewidth=1.1, linestyle=":")
        left.set(xlim=(-5, training.STEPS + 5), ylim=(LOW, HIGH), yscale="log", xlabel="step")
        left.set_ylabel("loss per digit")
        left.set_title("The loss, as it trains")
        handles = [self.artists["seen"], self.artists["held out"], nothing]
        left.legend(handles, ["100 digits seen", "899 digits held out", "knows nothing"], loc="upper right")
        self.bars = right.barh(
            [1, 0], [0, 0], height=0.5, edgecolor=[ROLES["output"].colour, INK], linewidth=1.2
        )
        self.bars[0].set(facecolor=ROLES["output"].tint)
        self.bars[1].set(facecolor=ROLES["primal"].tint, linestyle="--")
        self.shares = [right.text(0, y, "", va="center", fontsize=9) for y in (1, 0)]
        right.axvline(0.1, color=MUTED, linewidth=0.9, linestyle=":")
        right.text(0.13, 1.62, "chance", color=MUTED, fontsize=9)
        right.set(xlim=(0, 1.25), ylim=(-0.6, 1.9), yticks=[1, 0], yticklabels=["seen", "held out"])
        right.set_xticks([0, 0.5, 1], ["0", "50 %", "100 %"])
        right.set_title("Read right")
        right.grid(False)
        figure.subplots_adjust(left=0.075, right=0.99, bottom=0.14, top=0.91, wspace=0.26)
        self.moving(*self.artists.values(), *self.bars, *self.shares)
        return figure

    def refresh(self) -> None:
        """Start a new run for the controls' values, and show it; go on with it in the background if there is one."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.run = self._new_run()
        try:
            loop = asyncio.get_running_loop() if self._live else None
        except RuntimeError:
            loop = None
        self.run.advance(PORTION if loop else float("inf"))
        super().refresh()
        if loop and not self.run.finished:
            self._task = loop.create_task(self._go_on(self.run))

    async def _go_on(self, run: training.Run) -> None:
        while not run.finished:
            await asyncio.sleep(0.005)  # the kernel reads the next move here, and that move cancels us
            run.advance(PORTION)
            super().refresh()

    def _new_run(self) -> training.Run:
        v = self.values
        return training.Run(v["lr"], v["width"], v["activation"], v["labels"] == SHUFFLED)

    def update(self, lr: float, width: int, activation: str, labels: str) -> str:
        """Draw how far the run is."""
        run = self.run
        steps, held = zip(*run.held_out, strict=True)
        self.artists["seen"].set_data(range(run.done), run.losses)
        self.artists["held out"].set_data(steps, held)
        end, mark = self.artists["end"], ROLES["output"]
        end.set_data([run.done - 1], [min(max(run.losses[-1], LOW * 1.08), HIGH / 1.4)])
        end.set(marker="X" if run.lost else mark.marker, color=WARNING if run.lost else mark.colour)
        end.set_markersize(11 if run.lost else 6)
        shares = [run.score("seen"), run.score("held out")]
        for bar, text, share in zip(self.bars, self.shares, shares, strict=True):
            bar.set_width(share)
            text.set(x=share + 0.02, text=f"{100 * share:.0f} %")
        self.bar.value, self.bar.bar_style = run.done, "danger" if run.lost else ""
        return (
            f"<div>{self._told(run, labels)}</div>"
            "<table><tr><th>step</th><th>loss, seen</th><th>loss, held out</th><th>parameters</th>"
            "<th>hidden units that are always 0</th></tr>"
            f"<tr><td>{run.done} of {run.steps}</td><td class='adlib-number'>{run.losses[-1]:.4g}</td>"
            f"<td class='adlib-number'>{held[-1]:.4g}</td>"
            f"<td class='adlib-number'>{sum(p.size for p in run.model.parameters())}</td>"
            f"<td class='adlib-number'>{run.silent()} of {width}</td></tr></table>"
        )

    @staticmethod
    def _told(run: training.Run, labels: str) -> str:
        if run.lost:
            return (
                f"<b>Diverged</b> after {run.done} steps: each step overshoots by more than the last. What the bars "
                "say is chance. Take a smaller learning rate."
            )
        if not run.finished:
            return "Training … Move a slider: the run starts anew."
        if run.silent() == len(run.model[0].bias):
            return (
                "<b>Silent</b>: every hidden unit is 0 for every digit. No adjoint comes back through a ReLU at 0, "
                "so they stay so, and only the last bias still moves."
            )
        if run.losses[-1] > 0.75 * training.KNOWS_NOTHING:
            return "Hardly better than knowing nothing: the steps are too small to arrive, or too large to settle."
        if labels == SHUFFLED:
            return (
                "The labels mean nothing, and yet the loss falls: the network memorises them. The digits held out give "
                "it away."
            )
        return "It has learned: the digits it never saw are read right far more often than by chance."
