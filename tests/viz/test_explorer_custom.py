"""The gradient-check explorer, and the pure functions that its picture and its figures come from."""

import re

import numpy as np
import pytest

from adlib.viz.drawings import custom
from adlib.viz.explorers import GradientCheckExplorer
from adlib.viz.figures.custom import solver_errors


@pytest.fixture
def explorer():
    return GradientCheckExplorer()


def test_both_ends_of_everything(explorer):
    seen = set()
    for values in explorer.sweep():
        assert explorer.error is None, (values, explorer.error)
        assert bytes(explorer.picture.value).startswith(b"\x89PNG")
        seen.add(values["bug"])
    assert seen == set(custom.BUGS)


@pytest.mark.parametrize("bug", list(custom.BUGS)[:4])
def test_a_wrong_rule_is_found_at_every_stop_of_the_slider_but_0(explorer, bug):
    for x in np.arange(-50, 51) * 0.05:
        explorer.set(bug=bug, x=float(x))
        found = "adlib-alert" in explorer.words
        assert found == (abs(x) > 1e-9), x
        assert ("look at its backward rule" in explorer.words) == found
        assert ("silent, although the rule is wrong" in explorer.words) == (not found)


@pytest.mark.parametrize("bug", list(custom.BUGS)[:4])
def test_the_checks_two_numbers_are_those_of_the_table_times_one_factor(explorer, bug):
    for x in np.arange(-50, 51, 3) * 0.05:
        explorer.set(bug=bug, x=float(x))
        claimed, measured = (float(n) for n in re.findall(r"'adlib-number'>(\S+)</td>", explorer.words))
        words = re.sub("<[^>]*>", "", explorer.words)
        equations = re.findall(r"(\S+) · \(?([^ )]+)\)? ≈ (\S+\d)", words)
        told = re.search(r"is (\S+), difference quotients give (\S+)", words)
        assert told is not None
        assert [float(e[1]) for e in equations] == [claimed, measured]
        assert equations[0][0] == equations[1][0]
        for (factor, slope, product), number in zip(equations, told.groups(), strict=True):
            assert float(factor) * float(slope) == pytest.approx(float(product), rel=1e-5)
            assert float(number) == pytest.approx(float(product), rel=1e-5)
        # the mistake is in a backward rule, and that is what the words are about
        assert "reverse mode" in explorer.words
        assert "forward mode" not in explorer.words
        assert re.search(r"<span style='white-space:nowrap'>\S+ ± \d(\.\d)?e-\d+</span>", explorer.words)


def test_the_right_rule_is_never_blamed(explorer):
    for x in np.arange(-50, 51) * 0.05:
        explorer.set(bug="none", x=float(x))
        assert "silent, and rightly so" in explorer.words


def test_the_rule_shown_is_the_rule_used():
    g, x = 0.7, np.linspace(-2, 2, 9)
    for code, rule in custom.BUGS.values():
        out = x * np.sin(2 * x)
        np.testing.assert_allclose(
            eval(code, {"np": np}, {"g": g, "out": out, "x": x}), rule(g, out, x), rtol=1e-15
        )


@pytest.mark.parametrize("bug", list(custom.BUGS)[:4])
def test_blind_spots_are_blind_and_complete(bug):
    gate, right = custom.gate_with(bug), custom.gate_with("none")
    spots = np.array(custom.blind_spots(gate))
    assert np.min(np.abs(spots)) < 1e-6
    np.testing.assert_allclose(custom.claimed(gate, spots), custom.claimed(right, spots), atol=1e-6)
    x = np.linspace(-custom.REACH, custom.REACH, 5001)
    off = custom.claimed(gate, x) - custom.claimed(right, x)
    crossings = x[:-1][off[:-1] * off[1:] < 0]
    assert all(np.min(np.abs(spots - c)) < 2e-3 for c in crossings)


def test_the_picture_moves_with_the_values(explorer):
    explorer.set(bug="wrong sign", x=-1.5)
    picture = bytes(explorer.picture.value)
    assert explorer.at.get_ydata()[0] == pytest.approx(np.sin(-3) + 3 * np.cos(-3))
    assert explorer.true.get_ydata()[0] == pytest.approx(np.sin(-3) - 3 * np.cos(-3), rel=1e-8)
    explorer.set(bug="none", x=2.5)
    explorer.set(bug="wrong sign", x=-1.5)
    assert bytes(explorer.picture.value) == picture


def test_a_solvers_derivatives_arrive_one_after_the_other():
    errors = solver_errors(100)
    late = [int(np.argmax(errors[name] < 1e-6)) for name in ("value", "first", "second")]
    assert late[0] < late[1] < late[2]
    assert all(error[-1] < 1e-12 for error in errors.values())
