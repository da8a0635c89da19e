"""The explorers of notebooks 11 and 12: both ends of everything, and what they say."""

import numpy as np
import pytest

from adlib.pitfalls import PITFALLS
from adlib.viz.explorers.curvature import LANDSCAPES, conic, explore_curvature, gradient_path, newton_path
from adlib.viz.explorers.pitfalls import curves, explore_pitfalls


@pytest.mark.parametrize("make", [explore_curvature, explore_pitfalls])
def test_sweep(make):
    explorer, seen = make(), set()
    for _ in explorer.sweep():
        assert explorer.error is None
        seen.add(explorer.picture.value)
    assert len(seen) >= 8


def test_a_bowl_takes_newton_one_step():
    land = LANDSCAPES["a bowl"]
    np.testing.assert_allclose(newton_path(land.function, np.array([1.3, -0.7]), 1)[-1], 0, atol=1e-12)
    explorer = explore_curvature(landscape="a bowl", x=1.0, y=1.0, steps=1)
    assert "Newton's method, 1 steps" in explorer.words
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
    assert "a saddle" in explore_curvature(landscape="a saddle between two hollows", x=0.5, y=0.3).words


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
    explorer = explore_pitfalls()
    explorer.set(pitfall=pitfall.name)
    assert explorer.inputs["place"].max == len(pitfall.values) - 1
    value = pitfall.values[explorer.inputs["place"].value]
    assert value == pytest.approx(pitfall.start, abs=0.06)
    assert f"{pitfall.parameter}: <b>{value:g}</b>" in explorer.words
    for text in (pitfall.why, pitfall.remedy):
        assert text in explorer.words
    for answers in curves(pitfall).values():
        assert f"{answers[explorer.inputs['place'].value]:.10g}" in explorer.words
