"""The graph explorer, as a plain object: both ends of every control, branches, mistakes, the domain."""

import itertools

import numpy as np
import pytest

from adlib.viz.explorers.graph import FUNCTIONS, TYPED, GraphExplorer


@pytest.fixture
def explorer():
    return GraphExplorer()


def test_both_ends_of_everything(explorer):
    seen = set()
    for values in explorer.sweep():
        assert explorer.error is None, (values, explorer.error)
        assert bytes(explorer.picture.value).startswith(b"\x89PNG")
        seen.add(values["function"])
    assert seen == set(FUNCTIONS)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_corners_and_zeros(explorer, function):
    for x1, x2 in itertools.product((-1.0, 0.0, 1.0, 5.0), (-1.0, 0.0, 1.8, 5.0)):
        explorer.set(function=function, x1=x1, x2=x2)
        assert explorer.error is None
        assert "row" in explorer.words


def test_stepping_fills_in_a_row_at_a_time(explorer):
    rows = explorer.inputs["row"]
    for done in range(1, rows.max + 1):
        explorer.set(row=done)
        filled = [t[2].get_text() for t in explorer.drawing.texts.values()]
        assert [bool(text) for text in filled] == [k < done for k in range(8)]
        assert f"row {done} of 8" in explorer.words
    assert "1.86091" in explorer.words


def test_the_current_row_and_its_edges_are_thick(explorer):
    explorer.set(row=5)
    thick = {e for e, line in explorer.drawing.lines.items() if line.get_linewidth() > 2}
    assert thick == {("v_-1", "v_3"), ("v_2", "v_3")}


def test_the_branch_changes_with_the_input(explorer):
    explorer.set(function="an if", x1=2.0, x2=1.0)
    one = set(explorer.drawing.signs.values())
    explorer.set(x1=0.5)
    two = set(explorer.drawing.signs.values())
    assert ("sin" in one, "exp" in one) == (True, False)
    assert ("sin" in two, "exp" in two) == (False, True)


@pytest.mark.parametrize(("x1", "turns"), [(0.5, 0), (1.0, 0), (2.0, 1), (4.0, 2), (5.0, 3)])
def test_the_loop_grows_with_the_input(explorer, x1, turns):
    explorer.set(function="a while loop", x1=x1)
    assert list(explorer.drawing.signs.values()).count("· ÷ 2") == turns
    assert explorer.inputs["row"].max == explorer.inputs["row"].value == turns + 4


def test_the_picture_depends_on_the_values_alone(explorer):
    explorer.set(x1=3.0, x2=0.5)
    picture = explorer.picture.value
    explorer.set(function="a while loop", x1=5.0)
    explorer.set(function="the article's f", x1=3.0, x2=0.5)
    assert explorer.picture.value == picture


@pytest.mark.parametrize(("x1", "x2"), [(-1.0, 1.0), (0.5, 1.0), (2.0, 2.0), (2.0, 0.0)])
def test_outside_the_domain_there_are_words(explorer, x1, x2):
    explorer.set(x1=x1, x2=x2)
    assert explorer.error is None
    assert "outside the domain" in explorer.words
    assert "log((" not in explorer.words
    explorer.set(row=1)
    assert "outside" not in explorer.words  # not before the row is reached


def test_typing_chooses_what_was_typed(explorer):
    explorer.inputs["typed"].value = "x1 * sin(x1)"
    assert explorer.inputs["function"].value == TYPED
    assert "np.sin(x1)" in explorer.words
    assert "2 from x1, 0 from x2" in explorer.words


def test_overflow_and_a_branch_not_taken_are_told(explorer):
    explorer.set(typed="(x1**64)**64", function=TYPED, x1=2.0, row=20)
    assert "v₂ = v₁**64, value not finite: all operands are finite, the value is inf" in explorer.words
    assert "So the result is no number" in explorer.words
    explorer.set(typed="x1 + 1/0")
    assert "v₁ = v₋₁ + inf, no ordinary number: " in explorer.words
    explorer.set(typed="where(x1 > 0, x1, log(-x2))", x2=1.0, row=20)
    explorer.set(row=explorer.inputs["row"].max)
    assert "v₂ = log(v₁), outside the domain: log is defined where v₁ &gt; 0, and v₁ is −1" in explorer.words
    assert "The result is a number all the same." in explorer.words


def test_the_arrow_to_y_moves_with_the_output(explorer):
    places = []
    for typed in ("x1", "x2"):
        explorer.set(typed=typed, function=TYPED)
        (arrow,) = (t for t in explorer.drawing.ax.texts if t.get_text() == "→ y")
        places.append(round(arrow.get_position()[1]))
    assert places[0] != places[1]


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("x1 * sen(x2)", "sin"),
        ("3", "neither"),
        ("", "type an expression"),
        ("x1 +", "missing at the end, after"),
        ("x1; x2", "one"),
    ],
)
def test_mistakes_are_told_and_mended(explorer, typed, told):
    explorer.set(typed=typed, function=TYPED)
    assert isinstance(explorer.error, ValueError)
    assert told in explorer.panel.value
    explorer.set(typed="x1 + x2")
    assert explorer.error is None


def test_no_text_leaves_the_picture(explorer):
    for typed in (
        "x1*x1*x1*sin(x1*x2)+log(x1/x2)-x1**3*exp(x2+2*x1)-x2",
        "x1+x2+1+x1+x2+1+x1+x2+1+x1+x2+1+x1+x2",
    ):
        explorer.set(typed=typed, function=TYPED, x1=2.0, x2=1.0)
        for text in explorer.drawing.ax.texts:
            if text.get_text():
                box = text.get_window_extent(explorer.figure.canvas.get_renderer())
                assert box.x0 >= 0
                assert box.x1 <= explorer.figure.bbox.x1
                assert text.get_fontsize() > 4


def test_values_follow_the_sliders(explorer):
    for x1 in (1.5, 4.0):
        explorer.set(x1=x1)
        assert explorer.drawing.texts["v_-1"][2].get_text() == f"{x1:g}"
    assert np.isfinite(float(explorer.drawing.texts["v_6"][2].get_text()))
