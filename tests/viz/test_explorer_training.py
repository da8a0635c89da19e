"""The training explorer and the watched loop: runs, both ends, a live event loop, moves that end a run."""

import asyncio
import itertools

import numpy as np
import pytest

from adlib.viz import training
from adlib.viz.explorers.training import SHUFFLED, TrainingExplorer


@pytest.fixture(scope="module")
def explorer():
    return TrainingExplorer(width=20)


def test_both_ends_of_everything(explorer):
    for values in explorer.sweep():
        assert explorer.error is None, values
        assert bytes(explorer.picture.value).startswith(b"\x89PNG")
        assert explorer.run.finished
        assert f"{explorer.run.done} of 600" in explorer.words


def test_what_it_says(explorer):
    for values, told in (
        ({}, "It has learned"),
        ({"lr": 1e-6}, "Hardly better than knowing nothing"),
        ({"lr": 1e-1}, "Diverged"),
        ({"lr": 1e-2, "width": 50}, "Silent"),
        ({"labels": SHUFFLED, "width": 150}, "memorises"),
    ):
        explorer.set(**{"lr": 1e-3, "width": 20, "activation": "ReLU", "labels": "as written", **values})
        assert told in explorer.words, values
    assert explorer.run.score("seen") > 0.9
    assert explorer.run.score("held out") < 0.2


def test_the_picture_depends_on_the_values_alone(explorer):
    explorer.set(lr=1e-3, width=20, activation="ReLU", labels="as written")
    picture = explorer.picture.value
    explorer.set(lr=1e-1, activation="tanh")
    assert explorer.bar.bar_style == "danger"
    explorer.set(lr=1e-3, activation="ReLU")
    assert explorer.picture.value == picture
    assert explorer.bar.bar_style == ""


def test_in_a_running_loop_it_trains_in_portions_and_stays_free(monkeypatch):
    monkeypatch.setattr("adlib.viz.explorers.training.PORTION", 0.0)  # one step a portion
    explorer = TrainingExplorer(width=5)
    whole = explorer.run.losses

    async def moves():
        explorer.inputs["width"].value = 6
        first = explorer.run
        seen = [first.done]
        for _ in range(3):
            await asyncio.sleep(0.05)
            seen.append(first.done)
        assert not first.finished
        assert "Training …" in explorer.words
        assert sorted(set(seen)) == seen  # it moved while we slept
        explorer.inputs["width"].value = 5  # ends the first run
        await asyncio.sleep(0.05)
        stopped = first.done
        monkeypatch.setattr("adlib.viz.explorers.training.PORTION", 1.0)
        await asyncio.wait_for(explorer._task, 60)
        assert first.done == stopped
        assert explorer.run.finished
        assert explorer.bar.value == 600

    asyncio.run(moves())
    assert explorer.run.losses == pytest.approx(whole, rel=1e-9)
    assert "600 of 600" in explorer.words


@pytest.mark.parametrize("activation", training.ACTIVATIONS)
def test_a_run_in_portions_is_the_run_in_one(activation):
    one = training.Run(1e-3, 8, activation, steps=30).advance()
    other = training.Run(1e-3, 8, activation, steps=30)
    while not other.finished:
        before = other.done
        other.advance(0.0)
        assert other.done == before + 1
    assert other.losses == pytest.approx(one.losses, rel=1e-12)
    assert [step for step, _ in one.held_out] == [0, 10, 20, 30]
    assert one.losses[-1] < one.losses[0]


def test_a_run_that_is_lost_ends():
    run = training.Run(0.1, 20).advance()
    assert run.lost
    assert run.finished
    assert run.done < 20
    assert run.advance().done == run.done


def test_shuffled_labels_are_the_same_labels_elsewhere():
    one, other = training.Run(1e-3, 5), training.Run(1e-3, 5, shuffled=True)
    assert np.array_equal(one.y.sum(axis=0), other.y.sum(axis=0))
    assert not np.array_equal(one.y, other.y)
    assert one.x is not one.x_held
    assert len(one.x) + len(one.x_held) == 100 + 899


def test_no_digit_held_out_was_seen():
    images = training.data.handwritten_digits()[0]
    seen = {image.tobytes() for image in images[: training.SEEN]}
    assert not any(image.tobytes() in seen for image in images[training.HELD_OUT])


def test_watch_counts_and_shows_and_puts_the_picture_away(monkeypatch):
    shown = []
    monkeypatch.setattr(training, "display", shown.append)
    losses = []
    for step in training.watch(12, losses, every=0.0):
        losses.append(1.0 / (1 + step) if step != 5 else float("inf"))
        if step == 8:
            assert shown[0].bar.value == 8
            assert bytes(shown[0].picture.value).startswith(b"\x89PNG")
            assert shown[0].picture.layout.display is None
    (one,) = shown
    assert len(losses) == 12
    assert (one.bar.value, one.words.value) == (12, "12 of 12, loss 0.08333")
    assert one.picture.layout.display == "none"
    assert "12 steps, with a progress bar" in one._repr_mimebundle_()["text/plain"]


def test_watch_ends_well_when_the_loop_breaks(monkeypatch):
    shown = []
    monkeypatch.setattr(training, "display", shown.append)
    for step in itertools.islice(training.watch(5, []), 2):
        assert step < 2
    assert shown[0].picture.layout.display == "none"
