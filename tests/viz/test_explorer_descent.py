"""The descent explorer, and the pure functions that its picture and its figures come from."""

import itertools

import numpy as np
import pytest

import adlib
from adlib.lesson import examples
from adlib.viz.drawings.surface import descent
from adlib.viz.explorers import DescentExplorer
from adlib.viz.figures import why


@pytest.fixture
def explorer():
    return DescentExplorer()


def test_both_ends_of_everything(explorer):
    told = 0
    for values in explorer.sweep():
        assert bytes(explorer.picture.value).startswith(b"\x89PNG")
        with np.errstate(all="ignore"):
            inside = np.isfinite(examples.f(values["x1"], values["x2"]))
        assert explorer.error is None
        assert ("f has no value at" in explorer.words) == (not inside), values
        assert explorer.arrow.get_visible() == inside
        told += not inside
    assert told > 0


def test_every_start_has_a_path_or_words(explorer):
    for x1, x2 in itertools.product(np.arange(0.1, 4.05, 0.3), np.arange(0.05, 3.25, 0.1)):
        explorer.set(x1=float(x1), x2=float(x2), rate=0.2, steps=60)
        assert explorer.error is None
        assert "f has no value at" in explorer.words or "start" in explorer.words


def test_every_start_is_whole_in_the_picture(explorer):
    left = explorer.figure.axes[0]
    for x2 in (0.05, 3.2):
        explorer.set(x1=4.0, x2=x2)
        mark = explorer.start if explorer.arrow.get_visible() else explorer.lost
        (x, y), box = left.transData.transform(np.transpose(mark.get_data()))[0], left.get_window_extent()
        assert box.x0 <= x <= box.x1
        assert box.y0 <= y <= box.y1 - explorer.start.get_markersize()


def test_the_path_steps_against_the_gradient(explorer):
    explorer.set(x1=3.0, x2=0.5, rate=0.05, steps=2)
    points = np.array(explorer.path.get_data()).T
    for here, there in itertools.pairwise(points):
        slope = (examples.df_dx1(*here), examples.df_dx2(*here))
        np.testing.assert_allclose(there, here - 0.05 * np.array(slope), rtol=1e-13)
    assert "Every step went down" in explorer.words
    assert "1.8962" in explorer.words
    assert "-3.7188" in explorer.words


def test_no_step_and_a_step_too_far(explorer):
    explorer.set(steps=0)
    assert "No step yet" in explorer.words
    explorer.set(steps=60, rate=0.1)
    assert "leaves the domain" in explorer.words
    assert len(explorer.lost.get_xdata()) == 1
    explorer.set(steps=5)
    assert len(explorer.lost.get_xdata()) == 0


def test_outside_the_domain_the_reason_is_told_and_mended(explorer):
    explorer.set(x2=2.0)
    assert "the logarithm has nothing to take" in explorer.words
    assert explorer.lost.get_data() == ([3.0], [2.0])
    assert len(explorer.path.get_xdata()) == len(explorer.values_line.get_xdata()) == 0
    explorer.set(x1=0.5, x2=1.0)
    assert "the root has nothing to take" in explorer.words
    explorer.set(x1=2.0)
    assert "no value" not in explorer.words
    assert len(explorer.path.get_xdata()) > 5


def test_the_picture_depends_on_the_values_alone(explorer):
    picture = bytes(explorer.picture.value)
    explorer.set(x1=1.5, rate=1.0, steps=60)
    explorer.set(x1=3.0, rate=0.05, steps=20)
    assert bytes(explorer.picture.value) == picture


def test_a_descent_finds_the_least_squares_line():
    points, values = descent(why.loss, (3.0, -1.0), 0.2, 300)
    b, a = np.polyfit(why.X, why.Y, 1)
    np.testing.assert_allclose(points[-1], (a, b), atol=1e-9)
    assert np.all(np.diff(values) < 1e-15)
    assert len(points) == len(values) == 301


def test_a_descent_ends_where_there_is_no_value():
    points, values = descent(examples.f, (3.0, 0.5), 0.1, 400)
    assert len(points) == len(values) < 401
    assert np.all(np.isfinite(values[:-1]))
    assert np.isnan(values[-1])


def test_the_edge_of_the_domain_is_where_it_is_drawn():
    x2 = np.linspace(0.05, 1.7, 50)
    edge = np.sin(x2**2)
    with np.errstate(all="ignore"):
        assert np.all(np.isfinite(examples.f(edge * (1 + 1e-12), x2)))
        assert np.all(np.isnan(examples.f(edge * (1 - 1e-9), x2)))
    slopes = [adlib.grad(examples.f)(float(np.sin(1.0)) + delta, 1.0) for delta in (1e-2, 1e-4, 1e-6)]
    ratios = np.divide(slopes[1:], slopes[:-1])
    np.testing.assert_allclose(ratios, 10, rtol=0.1)  # like 1/√δ
