"""The pictures of notebook 12."""

from __future__ import annotations

import numpy as np

from adlib import nn, optim
from adlib.lesson import data, examples
from adlib.viz import training
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, METHODS, MUTED, ROLES, WARNING, Picture, new_figure


@figure("losses-beside-pytorch")
def losses_beside_pytorch() -> Picture:
    """Show the article's 500 losses, PyTorch's beside them, and the loss on fresh noise."""
    recorded = data.pytorch_run()
    x, y, weights = examples.article_network(recorded.seed)
    fresh_x, fresh_y, _ = examples.article_network(recorded.seed + 1)
    model = nn.Sequential(nn.Linear(1000, 100), nn.ReLU(), nn.Linear(100, 10))
    model.load_state_dict(weights)
    loss_function, optimizer = nn.MSELoss(reduction="sum"), optim.SGD(model.parameters(), lr=1e-4)
    losses, fresh, asked = [], [], [*range(0, 500, 50), 499]
    for step in range(500):
        loss = loss_function(model(x), y)
        losses.append(loss.item())
        if step in asked:
            fresh.append(loss_function(model(fresh_x), fresh_y).item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    drawing = new_figure(7.6, 3.5)
    ax = drawing.subplots()
    ax.plot(losses, color=ROLES["output"].colour, label="adlib")
    every = range(0, 500, 25)
    ax.plot(
        every,
        recorded.losses[::25],
        linestyle="none",
        marker="o",
        markersize=7,
        markerfacecolor="none",
        markeredgecolor=INK,
        label="PyTorch, each 25th step",
    )
    ax.plot(asked, fresh, color=INK, linestyle="--", label="adlib, on fresh noise")
    nothing = float(np.sum(fresh_y**2))
    ax.axhline(nothing, color=MUTED, linestyle=":", label="always answering 0, on fresh noise")
    ax.set(
        yscale="log", xlabel="step", ylabel="loss: sum of squared errors", ylim=(1e-7, 3e4), xlim=(-8, 505)
    )
    ax.set_title("The loss falls to almost 0, and nothing was learned")
    ax.legend(loc="lower left")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Loss against step on a logarithmic axis. The curve of adlib falls from about 650 to about 2e-6 in 500 "
        "steps, and the circles of PyTorch lie on it. On fresh noise the loss of the same network starts there too, "
        "and stays above the loss of always answering 0.",
    )


@figure("learning-rates")
def learning_rates() -> Picture:
    """Show five learning rates on a hundred digits."""
    drawing = new_figure(7.6, 3.6)
    ax = drawing.subplots()
    looks = {
        1e-5: (METHODS["forward difference"], "0.00001: hardly moves"),
        1e-4: (METHODS["complex step"], "0.0001: slow"),
        1e-3: (ROLES["output"], "0.001: learns"),
        1e-2: (METHODS["central difference"], "0.01: every ReLU falls silent"),
        1e-1: (METHODS["Richardson"], "0.1: diverges"),
    }
    for rate, (mark, words) in looks.items():
        run = training.Run(rate, 50, steps=400).advance()
        ax.plot(run.losses, color=mark.colour)
        at = run.done - 1
        last = min(run.losses[-1], 600.0)
        ax.plot(
            [at],
            [last],
            marker="X" if run.lost else mark.marker,
            color=WARNING if run.lost else mark.colour,
            markersize=9 if run.lost else 6,
        )
        ax.annotate(
            words, (at, last), xytext=(8, 0), textcoords="offset points", va="center", color=mark.colour
        )
    ax.hlines(training.KNOWS_NOTHING, 0, 390, color=MUTED, linestyle=":")
    ax.set(yscale="log", xlim=(-5, 560), ylim=(1e-2, 1e3), xlabel="step", ylabel="loss per digit")
    ax.set_xticks(range(0, 401, 100))
    ax.set_title("Too small a step does not arrive, too large a step does not settle")
    drawing.tight_layout()
    return Picture(
        drawing,
        "Loss per digit against step, on a logarithmic axis, for five learning rates. With 0.00001 it hardly moves, "
        "with 0.0001 it falls slowly, with 0.001 it falls far. With 0.01 it jumps up and stays there: every ReLU is "
        "silent. With 0.1 it leaves the picture within a few steps. A dotted line marks the loss of knowing nothing.",
    )


@figure("handwritten-digits")
def handwritten_digits() -> Picture:
    """Show some digits of the held-out half, and how a trained network reads them."""
    images, labels = data.handwritten_digits()
    x, half = images.reshape(-1, 64), 898
    rng = np.random.default_rng(0)
    model = nn.Sequential(nn.Linear(64, 100, rng=rng), nn.ReLU(), nn.Linear(100, 10, rng=rng))
    loss_function, optimizer = nn.MSELoss(reduction="sum"), optim.SGD(model.parameters(), lr=3e-4)
    for _ in range(300):
        loss = loss_function(model(x[:half]), np.eye(10)[labels[:half]])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    read = np.argmax(model(x), axis=1)
    held = np.arange(half, len(x))
    right, wrong = held[read[held] == labels[held]][:10], held[read[held] != labels[held]][:10]
    drawing = new_figure(8.4, 2.5)
    rows = drawing.subplots(2, 10)
    for axes, chosen, alarm in ((rows[0], right, ()), (rows[1], wrong, range(10))):
        words = [f"{labels[k]}" if not alarm else f"{labels[k]}, read {read[k]}" for k in chosen]
        training.draw_digits(axes, images[chosen], words, alarm)
    rows[0][0].set_ylabel("right", rotation=0, ha="right", va="center", labelpad=8)
    rows[1][0].set_ylabel("wrong", rotation=0, ha="right", va="center", labelpad=8)
    drawing.subplots_adjust(left=0.07, right=0.995, top=0.91, bottom=0.02, wspace=0.35, hspace=0.25)
    return Picture(
        drawing,
        "Twenty small images of handwritten digits that the network has not seen. In the first row ten that it reads "
        "right; in the second row ten that it reads wrong, each with what was meant and what was read. Some of these "
        "are hard to read for people, too.",
    )
