"""The explorers of notebooks 14 and 15: both ends of everything, and what they say."""

import itertools

import numpy as np
import pytest

from adlib.lesson.pitfalls import PITFALLS
from adlib.viz import figures
from adlib.viz.drawings.curvature import LANDSCAPES, conic, gradient_path, newton_path
from adlib.viz.drawings.pitfalls import KINDS, curves, draw_pitfall
from adlib.viz.explorers import CurvatureExplorer, PitfallExplorer
from adlib.viz.style import new_figure


@pytest.mark.parametrize("make", [CurvatureExplorer, PitfallExplorer])
def test_sweep(make):
    explorer, seen = make(), set()
    for _ in explorer.sweep():
        assert explorer.error is None
        seen.add(explorer.picture.value)
    assert len(seen) >= 8


def test_a_bowl_takes_newton_one_step():
    land = LANDSCAPES["a bowl"]
    np.testing.assert_allclose(newton_path(land.function, np.array([1.3, -0.7]), 1)[-1], 0, atol=1e-12)
    explorer = CurvatureExplorer(landscape="a bowl", x=1.0, y=1.0, steps=1)
    assert "Newton's method, 1 step</td>" in explorer.words
    assert "its curvatures are 1 and 10" in explorer.words


def test_descent_survives_up_to_two_over_the_largest_curvature():
    bowl = LANDSCAPES["a bowl"].function
    start = np.array([1.0, 1.0])
    assert np.linalg.norm(gradient_path(bowl, start, 0.199, 2000)[-1]) < 1e-6
    assert np.linalg.norm(gradient_path(bowl, start, 0.201, 2000)[-1]) > 1e3


def test_newton_goes_to_the_saddle_and_descent_does_not():
    f, start = LANDSCAPES["a saddle between two hollows"].function, np.array([0.5, 0.3])
    np.testing.assert_allclose(newton_path(f, start, 8)[-1], [0, 0], atol=1e-9)
    np.testing.assert_allclose(gradient_path(f, start, 0.1, 400)[-1], [0, np.sqrt(2)], atol=1e-6)
    assert "a saddle" in CurvatureExplorer(landscape="a saddle between two hollows", x=0.5, y=0.3).words


@pytest.mark.parametrize(
    "curvature", [np.diag([2.0, 5.0]), np.diag([-2.0, 5.0]), np.array([[1.0, 3.0], [3.0, 1.0]])]
)
def test_the_models_level_line_is_level(curvature):
    slope, point = np.array([0.7, -0.4]), np.array([1.0, 2.0])
    d = conic(point, slope, curvature) - point
    d = d[~np.isnan(d[:, 0])]
    values = d @ slope + 0.5 * np.einsum("ki,ij,kj->k", d, curvature, d)
    np.testing.assert_allclose(values, 0, atol=1e-9 * (1 + np.max(np.abs(d)) ** 2))


def test_without_curvature_there_is_no_line():
    assert np.all(np.isnan(conic(np.zeros(2), np.ones(2), np.zeros((2, 2)))))


def test_a_singular_hessian_ends_newtons_walk():
    path = newton_path(lambda p: p[0] ** 2 + 0.0 * p[1], np.array([1.0, 1.0]), 5)
    assert len(path) == 1


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda p: p.name)
def test_choosing_a_pitfall_goes_to_where_it_bites(pitfall):
    explorer = PitfallExplorer()
    explorer.set(pitfall=pitfall.name)
    control = explorer.inputs["at"]
    assert control.description == pitfall.parameter == explorer.ax.get_xlabel()
    assert (control.min, control.max, control.value) == (pitfall.values[0], pitfall.values[-1], pitfall.start)
    assert f"{pitfall.parameter} = <b>{pitfall.start:g}</b>" in explorer.words
    for text in (pitfall.why, pitfall.remedy, pitfall.unit):
        assert text in explorer.words
    for answers in curves(pitfall).values():
        assert f"{answers[pitfall.values.index(pitfall.start)]:.10g}" in explorer.words


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda p: p.name)
def test_the_slider_stops_at_each_value_and_reads_it(pitfall):
    explorer = PitfallExplorer(pitfall=pitfall.name)
    control = explorer.inputs["at"]
    stops = control.min + control.step * np.arange(len(pitfall.values))
    np.testing.assert_allclose(stops, pitfall.values, atol=1e-12)
    for value in pitfall.values[:: len(pitfall.values) // 7]:
        explorer.set(at=value)
        np.testing.assert_allclose(explorer.here.get_xdata(), [value, value])
        assert f"{pitfall.parameter} = <b>{value:g}</b>" in explorer.words
        assert float(format(value, control.readout_format)) == value


@pytest.mark.newest  # ipywidgets 7 sends nothing where there is no kernel, so there is nothing to look at
def test_the_browser_gets_a_new_range_and_a_new_value_at_once(monkeypatch):
    explorer, sent = PitfallExplorer(), []
    monkeypatch.setattr(
        explorer.inputs["at"],
        "send_state",
        lambda key: sent.append({key} if isinstance(key, str) else set(key)),
    )
    explorer.inputs["pitfall"].value = "chaos"
    # A slider that gets its range first answers with the end that is nearer.
    assert {"min", "max", "value", "description"} <= sent[0]
    assert sent[1:] == [{"orientation"}, {"orientation"}]  # and then is made anew


def test_nan_has_a_place_of_its_own():
    explorer = PitfallExplorer()
    low, high = explorer.ax.get_ylim()
    for x, lost in ((-1.0, True), (-0.05, True), (0.0, True), (0.05, False), (3.0, False)):
        explorer.set(at=x)
        assert (len(explorer.lost["naive"].get_xdata()) == 1) == lost
        assert np.isnan(explorer.marks["naive"].get_ydata()[0]) == lost
        assert len(explorer.lost["mended"].get_xdata()) == 0
    explorer.set(at=-1.0)
    box = explorer.lost["naive"].get_window_extent()
    assert box.y0 > explorer.ax.get_window_extent().y1  # above the axes, whose numbers go to `high`
    crosses = [line for line in explorer.ax.lines if line.get_marker() == "x" and len(line.get_xdata()) > 9]
    assert [line.get_xdata()[-1] for line in crosses] == [0.0]
    assert all(line.get_window_extent().y0 > explorer.ax.get_window_extent().y1 for line in crosses)
    assert low < 0 < high
    assert "nan" in {text.get_text() for text in explorer.ax.texts}


def test_at_a_jump_there_is_no_derivative_and_no_line():
    behind_a_where = PITFALLS[0]
    assert np.isnan(behind_a_where.true(0.0))
    explorer = PitfallExplorer(at=0.0)
    assert "there is none" in explorer.words
    figure = new_figure(4, 3)
    ax = figure.subplots()
    draw_pitfall(ax, behind_a_where)
    for kind in ("true", "mended"):
        x, y = next(line for line in ax.lines if line.get_label() == KINDS[kind].name).get_data()
        joined = np.isfinite(y[:-1]) & np.isfinite(y[1:]) & (x[:-1] <= 0) & (x[1:] > 0)
        assert not np.any(joined)
        assert np.nanmax(y) > ax.get_ylim()[1]  # up to the upper edge: it grows without bound


def test_the_figure_says_what_each_panel_shows():
    axes = {ax.get_title(loc="left"): ax for ax in figures.show("pitfalls").figure.axes}
    assert axes["Chaos"].get_ylabel() == "derivative ÷ the true one"
    assert axes["Cancellation in the value"].get_ylabel() == "size of the derivative"
    assert all(ax.get_ylabel() for ax in axes.values())


@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_every_start_is_whole_in_the_picture(landscape):
    e = CurvatureExplorer(landscape=landscape, steps=0)
    for x, y in itertools.product(*((e.inputs[k].min, e.inputs[k].max) for k in "xy")):
        e.set(x=x, y=y)
        for value, (low, high) in ((x, e.left.get_xlim()), (y, e.left.get_ylim())):
            assert low <= value <= high, (x, y)
        assert not e.start.get_clip_on()
