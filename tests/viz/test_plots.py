"""The data behind the pictures, and the pictures' own faults: cut or overlapping words."""

import itertools

import mpmath
import numpy as np
import pytest
from matplotlib.text import Text

from adlib.lesson import examples
from adlib.viz import cases, figures, plots
from adlib.viz.cases import answers
from adlib.viz.drawings.swell import sizes
from adlib.viz.figures.__main__ import main
from adlib.viz.style import new_figure, png, style

MP = {
    "f": lambda x: 2 * mpmath.sqrt(mpmath.log(2 / mpmath.sin(x**2))),
    "logistic": lambda x: examples.logistic(x, 4),
    "squire": lambda x: mpmath.exp(x) / mpmath.sqrt(mpmath.sin(x) ** 3 + mpmath.cos(x) ** 3),
}
POINT = {"f": "1", "logistic": "0.2", "squire": "1.5"}


@pytest.mark.parametrize("name", cases.CASES)
def test_cases_against_50_digits(name):
    case = cases.CASES[name]
    with mpmath.workdps(50):
        exact = [float(mpmath.diff(MP[name], mpmath.mpf(POINT[name]), n)) for n in range(4)]
    assert [case.value, case.first, case.second, case.third] == pytest.approx(exact, rel=1e-14)
    assert float(case.f(case.x)) == pytest.approx(case.value, rel=1e-14)


def test_case_of_finds_the_same_derivatives():
    known = cases.CASES["logistic"]
    case = cases.case_of(known.f, 0.2, "l4")
    assert (case.first, case.second, case.third) == pytest.approx(
        (known.first, known.second, known.third), rel=1e-12
    )
    with pytest.raises(ValueError, match="no finite value"):
        cases.case_of(lambda x: np.log(x), 0.0, "log")


def test_measure_is_the_formula():
    case = cases.CASES["logistic"]
    steps = np.array([1e-3, 1e-20])
    got = plots.measure(case, steps, "forward difference")
    assert got[0] == (case.f(0.2 + 1e-3) - case.f(0.2)) / 1e-3
    assert got[1] == 0  # x + h rounds to x: the formula's answer, not an error
    assert plots.measure(case, steps, "complex step")[1] == pytest.approx(case.first, rel=1e-14)
    assert np.isnan(plots.measure(cases.CASES["f"], np.array([1.0]), "forward difference"))[0]
    coarse = plots.measure(case, steps, "central difference", np.float32)
    assert abs(coarse[0] - case.first) > 1e-5
    with pytest.raises(ValueError, match="no quotient"):
        plots.measure(case, steps, "guess")


def test_zero_errors_are_drawn_at_the_floor():
    case = cases.CASES["logistic"]
    assert plots.errors(case, np.array([case.first, case.first + 1]))[0] == plots.FLOOR


def test_right_digits():
    assert plots.right_digits(9.0660864, 9.0660864) == ("9.066086400000000", "")
    assert plots.right_digits(9.07, 9.0660864) == ("9.07", "0000000000000")
    assert plots.right_digits(0.0, -1.38)[0] == ""
    assert plots.right_digits(np.nan, 1.0) == ("", "nan")
    assert plots.right_digits(123.4, 123.456)[0] == "123"
    assert plots.right_digits(0.00123, 0.00124)[0] == "0.0012"
    assert plots.right_digits(0.3, 1.0)[0] == ""  # a third of it: not one digit, whatever they look like
    assert plots.right_digits(0.0, 0.0) == ("", "0.000000000000000")


def test_ten_times_the_step_s_error_is_a_digit_less():
    """Digits are counted by the error: -1.3799... is nearer to -1.3801... than -1.378... is, and has more."""
    exact = cases.CASES["f"].first
    rows = [answers(10.0**-k)["forward difference"] for k in range(1, 8)]
    assert [sum(map(str.isdigit, plots.right_digits(row, exact)[0])) for row in rows] == [1, 2, 3, 4, 5, 6, 7]


def test_the_product_s_sizes_are_the_polynomials_that_the_picture_tells():
    trees, dags = sizes("a product of n factors")
    for n, (tree, dag) in enumerate(zip(trees, dags, strict=True), start=2):
        assert (tree, dag) == (2.5 * n**2 + 7.5 * n - 8, 9 * n - 7)
    assert len(trees) == 11
    assert "2.5 n² + 7.5 n − 8" in figures.show("expression-swell").alt


def test_power_of_ten():
    assert plots.power_of_ten(1e-8) == "$10^{-8}$"
    assert plots.power_of_ten(3e-16) == r"$3\cdot10^{-16}$"
    assert plots.power_of_ten(0) == "0"


def test_complex_step_does_not_turn_up_and_the_others_do():
    for name in ("f", "logistic"):
        case = cases.CASES[name]
        tiny, best = np.array([1e-14, 1e-15]), 10.0 ** np.arange(-9, -4, 0.25)
        for method in ("forward difference", "central difference"):
            turned = plots.errors(case, plots.measure(case, tiny, method)).max()
            assert turned > 1e3 * plots.errors(case, plots.measure(case, best, method)).min()
        assert plots.errors(case, plots.measure(case, tiny, "complex step")).max() < 2e-14


MINE = ("digits", "methods", "microscope", "precision", "secants", "step-size")


@pytest.mark.parametrize("name", MINE)
def test_figures_are_reproducible_and_have_words(name):
    picture = figures.show(name)
    assert len(picture.alt) > 80
    assert png(picture.figure, 50) == png(figures.show(name).figure, 50)


@pytest.mark.parametrize("name", sorted(figures.REGISTRY))
def test_no_text_is_cut_or_covers_another(name, monkeypatch):
    figure = figures.show(name).figure
    drawn = {}
    draw = Text.draw

    def record(text, renderer):
        if text.get_visible() and text.get_text().strip():
            drawn[id(text)] = (text.get_text(), text.get_window_extent(renderer))
        draw(text, renderer)

    monkeypatch.setattr(Text, "draw", record)
    with style():
        figure.canvas.draw()
    assert len(drawn) > 5
    for words, box in drawn.values():
        assert box.x0 >= -1, words
        assert box.y0 >= -1, words
        assert box.x1 <= figure.bbox.x1 + 1, words
        assert box.y1 <= figure.bbox.y1 + 1, words
    for (one, a), (two, b) in itertools.combinations(drawn.values(), 2):
        width = min(a.x1, b.x1) - max(a.x0, b.x0)
        height = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert width <= 2 or height <= 3, (one, two)


def test_both_orders_show_the_adjoints_that_their_words_tell():
    picture = figures.show("adjoints-in-two-orders")
    shown = [text.get_text() for ax in picture.figure.axes for text in ax.texts if text.get_visible()]
    for adjoint in ("2.3198", "4.6396", "3.5732", "7.1463"):
        assert adjoint in picture.alt
        assert f"◀ {adjoint}" in shown


def test_the_command_writes_all(tmp_path, capsys):
    assert main([]) == 2
    assert "usage" in capsys.readouterr().err
    alts = figures.save_all(tmp_path)
    assert set(alts) == set(figures.REGISTRY)
    assert {path.stem for path in tmp_path.iterdir()} == set(alts)
    with pytest.raises(KeyError, match="no figure 'x'"):
        figures.show("x")
    with pytest.raises(ValueError, match="already"):
        figures.figure("digits")


def test_an_unknown_row_is_not_drawn():
    with style():
        ax = new_figure().subplots()
        lines = plots.draw_methods(ax, {"by hand": 0.0, "complex step": 1e-3})
    assert lines["by hand"].get_xdata()[0] == plots.FLOOR
    assert lines["complex step"].get_xdata()[0] == 1e-3
