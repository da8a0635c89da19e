"""The explorers of notebooks 03 and 06: both ends of everything, and what they say."""

import numpy as np
import pytest

import adlib
from adlib.viz.explorers.dual import CURVES, explore_dual
from adlib.viz.explorers.swell import FAMILIES, MOST, X, explore_swell, sizes, steps_of_f


@pytest.mark.parametrize("make", [explore_dual, explore_swell])
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
    explorer = explore_swell(family=family, n=5)
    assert f"<b>{d.tree_size:,}</b> parts written out" in explorer.words


def test_the_rules_are_walked_to_the_end():
    explorer = explore_swell(step=0)
    assert "1 part still to go" in explorer.words
    for k in range(1, len(steps_of_f())):
        explorer.set(step=k)
        assert steps_of_f()[k].rule in explorer.words
        width = explorer.formula.get_window_extent(explorer.figure.canvas.get_renderer()).width
        assert width <= 0.92 * explorer.figure.bbox.width
    assert "nothing is left to differentiate" in explorer.words


@pytest.mark.parametrize("name", CURVES)
def test_both_roads_are_shown_and_agree(name):
    explorer = explore_dual(function=name, x=0.7, x_dot=0.5)
    value, tangent = adlib.jvp(CURVES[name], (0.7,), (0.5,))
    assert explorer.words.count(f"{float(value)!r}, {float(tangent)!r}") == 2
    arrow = explorer.arrows[-1]
    np.testing.assert_allclose((arrow.U, arrow.V), ([0.5], [tangent]))


def test_outside_the_domain_it_says_so_and_comes_back():
    explorer = explore_dual(function="√x", x=0.5)
    explorer.set(x=-1.0)
    assert "move x to the right of 0" in explorer.panel.value
    explorer.set(x=1.0)
    assert explorer.error is None
