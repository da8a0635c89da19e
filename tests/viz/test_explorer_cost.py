"""The explorers of notebook 11: both ends of everything, and what they say."""

import pytest

from adlib.study.cost import fewest_steps, schedule
from adlib.viz.explorers.cost import SIZES, CheckpointExplorer, CostExplorer, counted, kept_after


@pytest.mark.parametrize("make", [CostExplorer, CheckpointExplorer])
def test_sweep(make):
    explorer, seen = make(), set()
    for _ in explorer.sweep():
        assert explorer.error is None
        seen.add(explorer.picture.value)
    assert len(seen) >= 6


def test_the_counts_shown_are_counted():
    explorer = CostExplorer(m=6, n=0)
    found = counted(64, 1)
    for kind in ("numerical", "forward", "reverse"):
        assert f"{found[kind]:,}" in explorer.words
    assert found["reverse"] < found["forward"] / 30


def test_the_modes_cross_near_the_diagonal():
    for n in SIZES:
        for m in SIZES:
            found = counted(m, n)
            if m >= 2 * n:
                assert found["reverse"] < found["forward"], (m, n)
            if m <= n:
                assert found["forward"] < found["reverse"], (m, n)


def test_the_player_tells_each_move():
    explorer = CheckpointExplorer(length=10, snapshots=3)
    moves = schedule(10, 3)
    assert explorer.inputs["move"].max == len(moves)
    explorer.set(move=len(moves))
    assert f"Steps run so far: <b>{fewest_steps(10, 3)}</b>; walked back over: 10 of 10" in explorer.words
    explorer.set(move=1)
    assert "keep the state at 0" in explorer.words
    assert kept_after(moves) == set()
    assert max(len(kept_after(moves[:k])) for k in range(len(moves))) == 3
    explorer.set(length=2, snapshots=1)
    assert explorer.error is None


def test_moves_are_whole_numbers_from_1_and_the_picture_keeps_its_place():
    explorer = CheckpointExplorer()
    room = explorer.ax.get_position().bounds
    for length in (11, 20, 40, 2, 1):
        explorer.set(length=length)
        assert explorer.ax.get_position().bounds == room
        ticks = [t for t in explorer.ax.get_yticks() if t <= len(schedule(length, 3)) + 0.7]
        assert ticks[0] == 1
        assert all(float(t).is_integer() for t in [*ticks, *explorer.ax.get_xticks()])
    assert ticks == [1, 2]  # keep the state, walk back: nothing else is to be done for one step
    assert "runs 0 steps" in explorer.words
    explorer.set(length=2, snapshots=1)
    assert "runs 1 step:" in explorer.words
    below = {round(float(y), 6) for line in explorer.ax.lines[:-1] for y in line.get_ydata()}
    assert min(below) == 1
    assert max(below) == len(schedule(2, 1))


def test_one_input_is_no_inputs():
    assert "<p>1 input, 1 output: " in CostExplorer(m=0, n=0).words
    assert "<p>2 inputs, 4 outputs: " in CostExplorer(m=1, n=2).words
