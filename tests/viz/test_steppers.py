"""The trace steppers of notebooks 05 and 07: what each step says, both ends of each slider, typed functions."""

import base64
import html
import re
from xml.etree import ElementTree

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
    words = re.sub(r"<[^>]+>", " ", explorer.alert + explorer.words)
    return " ".join(html.unescape(words).split())


def rows(explorer):
    return explorer.traced(explorer.values["function"], 2.0, 1.0).trace.rows


def numbers(explorer):
    """The moving cells of the table, row by row."""
    return [[explorer.text(f"r{k}.{c}") for c in explorer.numbers] for k in range(len(rows(explorer)))]


def strip(explorer):
    """What follows the names on the lines between graph and table."""
    lines = [explorer.text(key) for key in ("line1", "line2")]
    return [f"={line.partition('=')[2]}".replace("==", "=") for line in lines if line]


def badges(explorer):
    return {row.name: explorer.text(f"{row.name}.t") for row in rows(explorer)}


def lit(explorer, start=""):
    """The keys of what is lit."""
    shown = explorer.frame.shown.items()
    return {
        key for key, (looks, _) in shown if key.startswith(start) and "al-lit" in looks and "." not in key
    }


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
    assert lit(e) == {"r4", "v_3", "v_-1/v_3", "v_2/v_3"}
    assert e.text("line1") == "v3 = v−1 / v2 =  2 / 0.8415  =  2.377"
    assert e.text("line2") == (
        "v̇3 = v̇−1 / v2 − (v3 / v2)\u2009v̇2 =  0 / 0.84147 − 2.3768 / 0.84147 · 1.0806  =  −3.052"
    )
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
    assert e.text("line2") == "v̄−1 =  0 + 0.930457 + 0.537370  =  1.46783"
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
    places = []
    for function in ("x1", "x2"):
        stepper.set(function=function)
        (place,) = re.findall(r'y="([-\d.]+)"[^>]*>→ y<', stepper.scenes[stepper.state["shape"]])
        places.append(place)
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
        assert stepper.state["frames"]
        assert stepper.state["at"]["x1"] == stepper.inputs["x1"].at
        if np.isnan(stepper.traced(values["function"], values["x1"], values["x2"]).trace.value):
            assert EITHER in text(stepper)


def test_a_move_does_not_depend_on_the_move_before(stepper):
    first, scenes = stepper.state, stepper.scenes
    start = stepper.values
    stepper.set(step=1, x1=0.5, function="x1 * x2")
    assert stepper.state != first
    stepper.set(function=start["function"])  # the slider reaches as far as before
    stepper.set(**start)
    assert stepper.state == first
    assert stepper.scenes == scenes


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
    before = stepper.state
    stepper.inputs["function"].value = typed
    assert message in text(stepper)
    assert stepper.error is not None
    assert "frames" not in stepper.state  # the page shows what was there, pale
    stepper.inputs["function"].value = type(stepper)().inputs["function"].value
    assert stepper.error is None
    assert stepper.state == before


def test_the_slider_ends_where_the_trace_does(stepper):
    stepper.set(function="x1 + x2", step=17)
    assert stepper.inputs["step"].max == (6 if isinstance(stepper, ReverseStepper) else 3)
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
    scene = stepper.scenes[stepper.state["shape"]]
    assert scene.count('class="al-row"') == MOST_ROWS
    assert "al-many" in scene  # lower rows


def test_the_still_twin_shows_what_the_live_one_does(stepper):
    stepper.set(x1=3.0, step=6)
    still = stepper.still()
    assert f'alt="{html.escape(stepper.alt)}"' in still
    assert stepper.words in still
    assert "Run this cell to slide" in still
    assert "data-k" not in still.split("base64,")[0]
    (image,) = re.findall(r"data:image/svg\+xml;base64,([^\"]+)", still)
    picture = ElementTree.fromstring(base64.b64decode(image))
    said = [node.text for node in picture.iter() if node.tag.endswith("text")]
    cells = {html.unescape(re.sub("<[^>]+>", "", cell)) for cell in re.findall("<td.*?</td>", still)}
    for key, (_, shown) in stepper.frame.shown.items():
        if shown and not key.startswith("line"):
            assert stepper.text(key) in (cells if re.match(r"r\d", key) else said), key


def test_latex_becomes_one_line():
    assert mathtext(r"\frac{v_1 + v_2}{v_3} \, \dot v_1") == r"((v_1 + v_2) / v_3) \, \dot v_1"
    assert mathtext(r"\frac{\frac{1}{v_2}}{v_3}") == r"1 / v_2 / v_3"
    with pytest.raises(ValueError, match="braces do not match"):
        mathtext(r"\frac{1}{2")


def test_the_alternative_text_is_true_after_every_move():
    e = ReverseStepper()
    assert e.alt.endswith("Shown is how v₃ hands on to v₋₁: v̄₋₁ receives for the second time.")
    e.set(step=9)
    assert e.alt.endswith("Shown is the first step backward: the adjoint of y, at v₆, is 1.")
    e.set(step=3)
    assert e.alt.endswith("Shown is the value of v₁, on the way forward.")
    assert e.alt in repr(e)
    e.inputs["function"].value = "x1 +"
    assert e.alt == ReverseStepper.alt  # the picture is pale, of values that are gone
