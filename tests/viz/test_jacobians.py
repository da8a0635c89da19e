"""Jacobians drawn, the right one and the reader's."""

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from adlib.lesson import puzzles
from adlib.viz.jacobians import jacobian_picture


def marked(ax):
    return len([patch for patch in ax.patches if not patch.get_fill()])


@pytest.mark.parametrize("trial", [0, 1, 2])
@pytest.mark.parametrize("name", puzzles.PUZZLES)
def test_every_entry_that_differs_is_marked_and_counted(name, trial):
    pairs = puzzles.jacobians(name, lambda y_bar, *inputs: tuple(np.ones_like(x) for x in inputs), trial)
    picture = jacobian_picture(pairs)
    axes = picture.figure.axes
    assert len(axes) == 2 * len(pairs)
    for (which, (theirs, mine)), left, right in zip(pairs.items(), axes[::2], axes[1::2], strict=True):
        if np.isnan(mine).all():
            assert right.get_title("left") == f"∂y/∂{which}, yours: not a matrix of this shape"
            continue
        off = int(np.sum(np.abs(theirs - mine) > 1e-6))
        words = f"{off} of {mine.size} entries differ" if off else "all entries agree"
        assert (marked(left), marked(right)) == (0, off)
        assert right.get_title("left") == f"∂y/∂{which}, yours: {words}"
        assert f"by {which}, the right one and yours: {words}" in picture.alt


def contrast(one, other):
    """As the Web Content Accessibility Guidelines define it."""
    lights = []
    for colour in (one, other):
        parts = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in to_rgb(colour)]
        lights.append(0.05 + np.dot(parts, [0.2126, 0.7152, 0.0722]))
    return max(lights) / min(lights)


def test_numbers_can_be_read_on_their_cells():
    matrix = np.linspace(-1, 1, 81).reshape(9, 9)
    ax = jacobian_picture({"x": (matrix, matrix)}).figure.axes[0]
    colours = matplotlib.colormaps["viridis"]
    for text, number in zip(ax.texts, matrix.ravel(), strict=True):
        assert contrast(text.get_color(), colours((number + 1) / 2)[:3]) >= 4.5, number


def test_one_without_numbers_says_so_and_a_large_one_writes_none():
    picture = jacobian_picture(puzzles.jacobians("puzzle-1", lambda y_bar, x: y_bar))
    assert picture.alt == "The Jacobian by x, the right one and yours: not a matrix of this shape."
    assert not jacobian_picture({"x": (np.eye(10), np.eye(10))}).figure.axes[0].texts
