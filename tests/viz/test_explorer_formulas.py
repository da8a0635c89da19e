"""The explorers of notebooks 03 and 06: both ends of everything, and what they say."""

import numpy as np
import pytest

import adlib
from adlib.viz.drawings.dual import CURVES
from adlib.viz.drawings.swell import FAMILIES, MOST, X, sizes
from adlib.viz.explorers.dual import DualExplorer
from adlib.viz.explorers.swell import SwellExplorer, steps_of_f


@pytest.mark.parametrize("make", [DualExplorer, SwellExplorer])
def test_sweep(make):
    explorer, seen = make(), set()
    for _ in explorer.sweep():
        assert explorer.error is None or isinstance(explorer.error, ValueError)
        seen.add(explorer.picture.value)
    assert len(seen) >= 8
    assert explorer.error is None


@pytest.mark.parametrize("family", FAMILIES)
def test_sizes_are_those_of_the_derivatives(family):
    trees, dags = sizes(family)
    assert len(trees) == len(dags) == MOST - 1
    d = FAMILIES[family](5).diff(X)
    assert (trees[3], dags[3]) == (d.tree_size, d.dag_size)
    explorer = SwellExplorer(family=family, n=5)
    assert f"<b>{d.tree_size:,}</b> parts written out" in explorer.words


def test_the_rules_are_walked_to_the_end():
    explorer = SwellExplorer(step=0)
    assert "1 part still to go" in explorer.words
    for k in range(1, len(steps_of_f())):
        explorer.set(step=k)
        assert steps_of_f()[k].rule in explorer.words
        width = explorer.formula.get_window_extent(explorer.figure.canvas.get_renderer()).width
        assert width <= 0.92 * explorer.figure.bbox.width
    assert "nothing is left to differentiate" in explorer.words


@pytest.mark.parametrize("name", CURVES)
def test_both_roads_are_shown_and_agree(name):
    explorer = DualExplorer(function=name, x=0.7, x_dot=0.5)
    value, tangent = adlib.jvp(CURVES[name], (0.7,), (0.5,))
    assert explorer.words.count(f"{float(value)!r}, {float(tangent)!r}") == 2
    arrow = explorer.arrows[-1]
    np.testing.assert_allclose((arrow.U, arrow.V), ([0.5], [tangent]))


def test_the_point_and_its_arrow_are_in_the_picture_wherever_the_sliders_are():
    explorer = DualExplorer()
    for name in CURVES:
        for x in np.linspace(-2, 2, 17):
            for x_dot in (-1.5, 0.0, 1.5):
                explorer.set(function=name, x=float(x), x_dot=x_dot)
                if explorer.error is not None:
                    assert name == "√x"
                    assert x <= 0
                    continue
                (left, right), (low, high) = explorer.ax.get_xlim(), explorer.ax.get_ylim()
                arrow = explorer.arrows[-1]
                for part in (0, 1):
                    at = arrow.X[0] + part * arrow.U[0], arrow.Y[0] + part * arrow.V[0]
                    assert left < at[0] < right, (name, x, x_dot)
                    assert low < at[1] < high, (name, x, x_dot)
                on_x, on_f = explorer.arrows[-3:-1]
                assert (on_x.Y[0], on_f.X[0]) == (low, left)  # they lie on the axes, wherever those are now


def test_outside_the_domain_it_says_so_and_comes_back():
    explorer = DualExplorer(function="√x", x=0.5)
    for x, x_dot in ((0.0, 0.8), (0.0, 0.0), (-1.0, 0.8)):  # at 0 the root has a value, and no slope
        explorer.set(x=x, x_dot=x_dot)
        assert "move x to the right of 0" in explorer.panel.value, (x, x_dot)
    explorer.set(x=1.0)
    assert explorer.error is None
    explorer.set(function="x²", x=-1.0)
    explorer.set(function="√x")  # the pale picture is of one function, the one before
    assert explorer.error is not None
    x, y = explorer.curve.get_data()
    np.testing.assert_allclose(y, x**2)
    assert explorer.arrows[-1].Y[0] == 1.0
