"""Jacobians side by side: the right one and the reader's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from adlib.viz.style import CARD, GRID, ROLES, Picture, new_figure, style

__all__ = ["jacobian_picture"]


def jacobian_picture(pairs: Mapping[str, tuple[Any, Any]], width: float = 7.2) -> Picture:
    """Draw Jacobians, the right one and yours, with the entries that differ marked.

    Parameters
    ----------
    pairs : dict of str to (ndarray, ndarray)
        For each input's name both matrices, as `adlib.lesson.puzzles.jacobians` makes them: a row for each entry of
        the result, a column for each entry of the input; nan where there is no number.
    width : float
        In inches.

    Returns
    -------
    Picture
        Its alternative text says how many entries differ.

    Examples
    --------
    >>> jacobian_picture({"x": (np.eye(2), np.ones((2, 2)))})
    Picture: The Jacobian by x, the right one and yours: 2 of 4 entries differ.
    """
    found = {name: ~np.isclose(mine, theirs, rtol=1e-6, atol=1e-9) for name, (theirs, mine) in pairs.items()}
    said = {
        name: f"{np.sum(off)} of {off.size} entries differ" if off.any() else "all entries agree"
        for name, off in found.items()
    }
    said |= {
        name: "not a matrix of this shape" for name, (_, mine) in pairs.items() if np.all(np.isnan(mine))
    }
    shapes = [theirs.shape for theirs, _ in pairs.values()]
    heights = [min(max(1.1, 0.9 + 0.45 * width * n / max(m, n)), 3.6) for n, m in shapes]
    figure = new_figure(width, sum(heights))
    with style():
        axes = figure.subplots(len(pairs), 2, squeeze=False, height_ratios=heights)
        for (left, right), (name, both) in zip(axes, pairs.items(), strict=True):
            limit = max(np.nanmax(np.abs(both[0]), initial=1e-12), 1e-12)
            for ax, matrix, title in ((left, both[0], "right"), (right, both[1], f"yours: {said[name]}")):
                _matrix(ax, matrix, limit, found[name] if ax is right else None)
                ax.set_title(f"∂y/∂{name}, {title}")
                ax.set_xlabel(f"entry of {name}")
            left.set_ylabel("entry of y")
        figure.tight_layout()
    words = "; ".join(f"by {name}, the right one and yours: {said[name]}" for name in pairs)
    return Picture(figure, f"The Jacobian {words}.")


def _matrix(ax: Any, matrix: Any, limit: float, off: Any) -> None:
    ax.grid(visible=False)
    ax.set_facecolor(GRID)  # shows where there is no number
    ax.imshow(np.ma.masked_invalid(matrix), cmap="viridis", vmin=-limit, vmax=limit, aspect="auto")
    ax.set_xticks([])
    ax.set_yticks([])
    small = matrix.shape[0] <= 9 and matrix.shape[1] <= 9
    trouble = ROLES["trouble"]
    for (i, j), number in np.ndenumerate(matrix):
        wrong = off is not None and off[i, j]
        if wrong:
            ax.add_patch(Rectangle((j - 0.46, i - 0.46), 0.92, 0.92, fill=False, ec=trouble.colour, lw=2))
        if small or wrong:
            text = "?" if np.isnan(number) else f"{number:.2g}" if small else ""
            # Viridis grows lighter with the number: black can be read on it from here on, white below.
            ink = CARD if number < -0.14 * limit else "#000000"
            mark = trouble.symbol if wrong else ""
            ax.text(j, i, f"{text}{mark}", ha="center", va="center", fontsize=7.5, color=ink)
