"""The trace steppers of notebooks 05 and 07: what each step says, both ends of each slider, typed functions."""

import html
import re

import numpy as np
import pytest

from adlib.study.diagnosis import diagnose
from adlib.viz.explorers import ForwardStepper, ReverseStepper
from adlib.viz.explorers.steppers import MOST_ROWS
from adlib.viz.expressions import FUNCTIONS, parse
from adlib.viz.formulas import mathtext


@pytest.fixture(params=[ForwardStepper, ReverseStepper])
def stepper(request):
    return request.param()


def text(explorer):
    """All words beside the picture, without tags."""
    words = re.sub(r"<[^>]+>", " ", explorer.panel.value.split("</style>")[-1])
    return " ".join(html.unescape(words).split())


def numbers(explorer):
    """The moving cells of the table, row by row."""
    return [[cell.get_text() for cell in row] for row in explorer.table.cells]


def badges(explorer):
    strips = explorer.drawing._strips
    return {node: strips[node][0][1].get_text() for node in strips}


def test_forward_fills_row_by_row():
    e = ForwardStepper()
    for step in range(1, 9):
        e.set(step=step)
        assert [bool(row[1]) for row in numbers(e)] == [True] * step + [False] * (8 - step)
    assert [row[1] for row in numbers(e)] == [
        "0",
        "1",
        "2",
        "1.080604612",
        "−3.052238889",
        "−1.284185232",
        "−0.6900827842",
        "−1.380165568",
    ]
    assert "ẏ = −1.380165568 is the derivative of f at this point in the direction (0, 1)" in text(e)


def test_graph_row_and_formula_are_lit_together():
    e = ForwardStepper(step=5)
    bands = [band.get_visible() for band in e.table.bands[::2]]
    assert bands == [k == 4 for k in range(8)]
    wide = {node for node, box in e.drawing.boxes.items() if box.get_linewidth() > 2}
    assert wide == {"v_3"}
    assert [line.get_text() for line in e.numbers] == [
        "=  2 / 0.8415  =  2.377",
        "=  0 / 0.84147 − 2.3768 / 0.84147 · 1.0806  =  −3.052",
    ]
    assert badges(e) == {
        "v_-1": "▶ 0",
        "v_0": "▶ 1",
        "v_1": "▶ 2",
        "v_2": "▶ 1.0806",
        "v_3": "▶ −3.0522",
        "v_4": "",
        "v_5": "",
        "v_6": "",
    }


def test_the_seed_is_the_readers():
    e = ForwardStepper(seed1=1.0, seed2=0.0, step=8)
    assert numbers(e)[-1][1] == "1.467827504"
    e.set(seed1=2.0)
    assert numbers(e)[-1][1] == "2.935655009"


def test_reverse_goes_forward_then_back():
    e = ReverseStepper(step=8)
    assert "the next step turns round" in text(e)
    assert {row[1] for row in numbers(e)} == {""}
    e.set(step=9)
    assert [row[2] for row in numbers(e)] == ["0"] * 7 + ["1"]
    assert "All other adjoints start at 0" in text(e)


def test_the_first_input_receives_twice():
    e = ReverseStepper(step=10)
    assert numbers(e)[0] == ["2", "0 + 0.930457", "0.9304573751"]
    e.set(step=13)
    assert numbers(e)[0][1] == "0 + 0.930457"
    e.set(step=14)
    assert numbers(e)[0] == ["2", "0 + 0.930457 + 0.537370", "1.467827504"]
    assert "v₃ hands v̄₃ on to v₋₁" in text(e)
    assert "receives for the second time: it is now 1.467827504" in text(e)
    assert [line.get_text() for line in e.numbers][1] == "=  0 + 0.930457 + 0.537370  =  1.46783"
    e.set(step=17)
    assert "∇f = (1.467827504, −1.380165568)" in text(e)


def test_one_product_may_hand_on_twice():
    e = ReverseStepper(function="x1*x1 + x2", step=17)
    assert numbers(e)[0] == ["2", "0 + 2 + 2", "4"]


@pytest.mark.parametrize(
    ("function", "seed", "told"),
    [
        ("x1", (0.0, 1.0), "ẏ = v̇₋₁ = 0 is"),
        ("x1", (1.0, 0.0), "ẏ = v̇₋₁ = 1 is"),
        ("x2", (0.0, 1.0), "ẏ = 1 is"),
        ("x2", (1.0, 0.0), "ẏ = 0 is"),
        ("sin(x1)", (0.0, 1.0), "ẏ = 0 is"),
        ("x2*x2", (1.0, 0.0), "ẏ = 0 is"),
        ("where(x1 > x2, x1, log(x2))", (0.0, 1.0), "ẏ = 0 is"),
    ],
)
def test_the_output_need_not_be_the_last_row(function, seed, told):
    e = ForwardStepper(function=function, seed1=seed[0], seed2=seed[1], step=20)
    assert e.error is None
    e.set(step=e.inputs["step"].max)
    assert told in text(e)
    assert f"in the direction ({seed[0]:g}, {seed[1]:g})" in text(e)
    for name, value in (("x1", 1), ("x2", 2)):
        r = ReverseStepper(function=name, step=20)
        r.set(step=r.inputs["step"].max)
        assert f"∇f = ({2 - value}, {value - 1})" in text(r)


def test_the_arrow_to_y_moves_with_the_output(stepper):
    def output():
        (arrow,) = (t for t in stepper.drawing.ax.texts if t.get_text() == "→ y")
        return round(arrow.get_position()[1])

    places = []
    for function in ("x1", "x2"):
        stepper.set(function=function)
        places.append(output())
    assert places[0] != places[1]


EITHER, ALL_THE_SAME = "So the result is no number, either.", "The result is a number all the same."


@pytest.mark.parametrize(
    ("function", "words", "end"),
    [
        ("x1 + 1/0", "v₁ = v₋₁ + inf, no ordinary number: it is computed with a constant", EITHER),
        ("(x1**64)**64", "v₂ = v₁**64, value not finite: all operands are finite", EITHER),
        ("(-x1)**0.5 + x2", "v₂ = v₁**0.5, outside the domain: ", EITHER),
        ("where(x1 > 0, x1, log(-x2))", "v₂ = log(v₁), outside the domain: ", ALL_THE_SAME),
        ("exp(-1/(x2 - 1)**2)", "outside the domain: divide is defined where v₂ ≠ 0", ALL_THE_SAME),
    ],
)
def test_it_says_why_there_is_no_number(stepper, function, words, end):
    stepper.set(function=function, x1=2.0, x2=1.0, step=20)
    assert stepper.error is None
    assert words in text(stepper)
    assert end in text(stepper)


def test_it_says_what_diagnose_says(stepper):
    function = stepper.inputs["function"].value
    for x1, x2 in ((0.5, 1.0), (2.0, 1.9), (2.0, 0.0)):
        stepper.set(x1=x1, x2=x2, step=8)
        first = diagnose(parse(function), x1, x2)[0]
        assert f"{first.operation}, {first.kind}: {first.words[:20]}" in text(stepper)


@pytest.mark.parametrize("function", ["x1 + 1/0", "x1 - 0/0 + x2", "exp(1000*x1)"])
def test_where_there_is_no_value_there_is_no_derivative(stepper, function):
    stepper.set(function=function, x1=2.0, step=3)
    stepper.set(step=stepper.inputs["step"].max)
    assert EITHER in text(stepper)
    assert "is the derivative" not in text(stepper)
    assert "∇f =" not in text(stepper)


@pytest.mark.parametrize(
    ("function", "convention"),
    [("abs(x1)", "|x|′(0) = 0"), ("maximum(x1, 0) + x2", "½ each"), ("x2 - abs(x1) * x2", "|x|′(0) = 0")],
)
def test_at_a_kink_a_convention_is_not_called_the_derivative(stepper, function, convention):
    stepper.set(function=function, x1=0.0, x2=1.0, step=20)
    stepper.set(step=stepper.inputs["step"].max)
    assert "by a convention" in text(stepper)
    assert convention in text(stepper)
    assert "is the derivative" not in text(stepper)
    stepper.set(x1=0.5)
    assert "by a convention" not in text(stepper)


def test_rows_that_do_not_need_the_lost_number_are_not_said_to_lack_theirs(stepper):
    function = "sqrt(x1 - 3) + sin(x2)"
    stepper.set(function=function, x1=2.0, x2=1.0, step=20)
    t = stepper.traced(function, 2.0, 1.0).trace
    assert np.isnan(t["v_2"].value)
    assert np.isfinite(t["v_3"].value)
    assert EITHER in text(stepper)


def test_both_ends_of_every_control(stepper):
    for values in stepper.sweep():
        assert bytes(stepper.picture.value[:4]) == b"\x89PNG"
        if np.isnan(stepper.traced(values["function"], values["x1"], values["x2"]).trace.value):
            assert EITHER in text(stepper)


def test_a_move_does_not_depend_on_the_move_before(stepper):
    first = stepper.picture.value
    start = stepper.values
    stepper.set(step=1, x1=0.5, function="x1 * x2")
    stepper.set(function=start["function"])  # the slider reaches as far as before
    stepper.set(**start)
    assert stepper.picture.value == first


@pytest.mark.parametrize(
    ("x1", "x2", "words"),
    [
        (0.5, 1.0, "v₅ = sqrt(v₄), outside the domain: sqrt is defined where v₄ ≥ 0, and v₄ is −0.520543"),
        (2.0, 1.9, "v₄ = log(v₃), outside the domain: log is defined where v₃ > 0, and v₃ is −"),
        (2.0, 0.0, "v₃ = v₋₁ / v₂, outside the domain: divide is defined where v₂ ≠ 0"),
    ],
)
def test_outside_the_domain_it_says_which_gate(stepper, x1, x2, words):
    stepper.set(x1=x1, x2=x2, step=8)
    assert stepper.error is None
    assert words in text(stepper)
    stepper.set(x1=2.0, x2=1.0)
    assert "⚠" not in text(stepper)


def test_a_slope_without_end_is_told(stepper):
    stepper.set(function="sqrt(x1) + x2", x1=0.0, step=17)
    assert stepper.error is None
    assert "All values are finite, a derivative is not" in text(stepper)


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("x1 * sen(x2)", "unknown function 'sen': did you mean 'sin'?"),
        ("x1 ^ 2", "a power is written **"),
        ("(x1 + x2", "1 bracket is not closed"),
        ("3.0", "this does not depend on x1 or x2"),
        ("*".join(["x1"] * 15), "this has 14 operations, and 12 fit into the picture"),
    ],
)
def test_a_mistake_in_a_typed_function_is_told_and_mended(stepper, typed, message):
    before = stepper.picture.value
    stepper.inputs["function"].value = typed
    assert message in text(stepper)
    assert stepper.error is not None
    stepper.inputs["function"].value = type(stepper)().inputs["function"].value
    assert stepper.error is None
    assert stepper.picture.value == before


def test_the_slider_ends_where_the_trace_does(stepper):
    stepper.set(function="x1 + x2", step=17)
    assert stepper.inputs["step"].max == {ForwardStepper: 3, ReverseStepper: 6}[type(stepper)]
    assert stepper.error is None


@pytest.mark.parametrize(
    ("explorer", "names"),
    [(ForwardStepper, list(FUNCTIONS)), (ReverseStepper, [n for n, count in FUNCTIONS.items() if count > 1])],
)
def test_every_function_that_may_be_typed_is_drawn(explorer, names):
    e = explorer()
    for name in names:
        arguments = {1: "x1/4", 2: "x1, x2", 3: "x1 > x2, x1*x1, -x2"}[FUNCTIONS[name]]
        e.set(function=f"{name}({arguments}) * x2", x1=2.0, x2=1.5)
        e.set(step=e.inputs["step"].max - 1)
        assert e.error is None, name


def test_the_most_rows_still_fit(stepper):
    stepper.set(function="*".join(["x1"] * (MOST_ROWS - 1)), step=40)
    assert stepper.error is None
    low = stepper.table.moving.get_ylim()[0]
    assert stepper.table.cells[-1][0].get_position()[1] + stepper.table.pitch / 2 <= low + 0.01


def test_formulas_fit_their_columns(stepper):
    for function in (stepper.inputs["function"].value, "arctan2(x1, x2) + logaddexp(x1*x2, hypot(x1, x2))"):
        stepper.set(function=function, step=6)
        figure = stepper.figure
        renderer = figure.canvas.get_renderer()
        boxes = [
            text.get_window_extent(renderer)
            for ax in (stepper.table.still, stepper.table.moving, stepper.strip)
            for text in ax.texts
            if text.get_text()
        ]
        assert all(box.x1 <= figure.bbox.x1 for box in boxes)
        for k, one in enumerate(boxes):
            overlaps = [two for two in boxes[k + 1 :] if one.shrunk(0.9, 0.5).overlaps(two.shrunk(0.9, 0.5))]
            assert not overlaps


def test_the_saved_picture_shows_the_whole_figure(stepper):
    data, _ = stepper._repr_mimebundle_()
    assert data["text/plain"] == repr(stepper)
    assert len(data["image/png"]) > 80_000  # what moves is on it, too
    assert all(artist.get_animated() for artist in stepper._moving)


def test_latex_becomes_one_line():
    assert mathtext(r"\frac{v_1 + v_2}{v_3} \, \dot v_1") == r"((v_1 + v_2) / v_3) \, \dot v_1"
    assert mathtext(r"\frac{\frac{1}{v_2}}{v_3}") == r"1 / v_2 / v_3"
    with pytest.raises(ValueError, match="braces do not match"):
        mathtext(r"\frac{1}{2")


def test_the_alternative_text_is_true_after_every_move():
    e = ReverseStepper()
    assert e.alt.endswith("Shown is how v₃ hands on to v₋₁: v̄₋₁ receives for the second time.")
    assert e.alt in html.unescape(e.panel.value)
    e.set(step=9)
    assert e.alt.endswith("Shown is the first step backward: the adjoint of y, at v₆, is 1.")
    e.set(step=3)
    assert e.alt.endswith("Shown is the value of v₁, on the way forward.")
    assert e.alt in html.unescape(e.panel.value)
    assert e.alt in repr(e)
    e.inputs["function"].value = "x1 +"
    assert e.alt == ReverseStepper.alt  # the picture is pale, of values that are gone
