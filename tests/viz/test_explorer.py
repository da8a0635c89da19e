"""Explorers: swept to both ends of every control, errors shown and mended, pictures without a kernel."""

import base64
import io

import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter
from PIL import Image

from adlib.viz.explorer import ExplainedError, Explorer, choice, slider
from adlib.viz.explorers import MethodsExplorer, StepSizeExplorer
from adlib.viz.style import ROLES, new_figure


class Wave(Explorer):
    """A sine wave whose frequency slides."""

    alt = "A wave."

    def controls(self):
        return {"frequency": slider("frequency", 1.0, 0.5, 4.0, 0.1), "kind": choice("kind", ["sin", "bad"])}

    def build(self):
        figure = new_figure(3, 2)
        ax = figure.subplots()
        self.x = np.linspace(0, 6, 100)
        (self.curve,) = ax.plot(self.x, np.sin(self.x), **ROLES["primal"].line)
        self.moving(self.curve)
        return figure

    def update(self, frequency, kind):
        if frequency > 3.9:
            raise ExplainedError("too <fast>\n  ^^^")
        if kind == "bad":
            raise ZeroDivisionError("by zero")
        self.curve.set_ydata(np.sin(frequency * self.x))
        return f"sin({frequency:.1f} x)"


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(bytes(data))).convert("RGB")).astype(int)


def test_a_move_changes_picture_and_words():
    wave = Wave()
    before = bytes(wave.picture.value)
    wave.inputs["frequency"].value = 2.0
    assert bytes(wave.picture.value) != before
    assert "sin(2.0 x)" in wave.panel.value
    wave.inputs["frequency"].value = 1.0
    assert bytes(wave.picture.value) == before


def test_the_quick_picture_is_the_full_one():
    wave = Wave()
    wave.set(frequency=2.0)
    quick = pixels(wave.picture.value)
    wave.redraw()
    wave.refresh()
    assert np.array_equal(quick, pixels(wave.picture.value))
    assert (quick != pixels(Wave().picture.value)).any()


def test_errors_are_told_and_mended():
    wave = Wave()
    good = bytes(wave.picture.value)
    wave.inputs["frequency"].value = 4.0
    assert 'role="alert"' in wave.panel.value
    assert "too &lt;fast&gt;" in wave.panel.value
    assert isinstance(wave.error, ExplainedError)
    assert bytes(wave.picture.value) != good  # pale
    wave.inputs["frequency"].value = 1.0
    assert wave.error is None
    assert "role" not in wave.panel.value
    assert bytes(wave.picture.value) == good


def test_sweep_raises_what_nobody_meant():
    wave = Wave()
    with pytest.raises(ZeroDivisionError):
        list(wave.sweep())
    assert wave.values == {"frequency": 1.0, "kind": "sin"}
    wave.set(kind="bad")
    assert "ZeroDivisionError: by zero" in wave.panel.value


def test_an_explorer_needs_words_and_knows_its_controls():
    with pytest.raises(TypeError, match="alt"):
        type("Mute", (Wave,), {"alt": ""})()
    with pytest.raises(TypeError, match="no control 'speed'; it has frequency, kind"):
        Wave(speed=1)
    assert Wave(frequency=2.0).values["frequency"] == 2.0


@pytest.mark.parametrize("make", [Wave, MethodsExplorer, StepSizeExplorer])
def test_without_a_kernel_there_is_a_picture(make):
    explorer = make()
    data, size = DisplayFormatter().format(explorer)  # as IPython asks for it
    assert data["text/plain"] == f"{type(explorer).__name__}: {explorer.alt}"
    assert "application/vnd.jupyter.widget-view+json" in data
    still = Image.open(io.BytesIO(base64.b64decode(data["image/png"])))
    assert still.width == 2 * size["image/png"]["width"]
    # the moving artists are on it: it is the live picture, twice as dense
    live = pixels(explorer.picture.value)
    small = np.asarray(still.convert("RGB").resize(live.shape[1::-1], Image.Resampling.BOX)).astype(int)
    assert np.abs(small - live).mean() < 6
    assert "adlib-explorer" in explorer._dom_classes
    assert data["image/png"] == explorer._repr_mimebundle_()[0]["image/png"]


@pytest.mark.parametrize("make", [MethodsExplorer, StepSizeExplorer])
def test_sweep(make):
    explorer = make()
    pictures = set()
    stops = 0
    for _ in explorer.sweep():
        pictures.add(bytes(explorer.picture.value))
        assert "adlib-card" in explorer.panel.value
        stops += 1
    assert stops >= 2 * len(explorer.inputs)
    assert len(pictures) > stops / 3


def test_methods_says_what_is_outside():
    explorer = MethodsExplorer(x2=1.9)
    assert "not defined at (2, 1.90)" in explorer.panel.value
    explorer.set(x2=1.0, h=1.0)
    assert "outside the domain" in explorer.panel.value
    explorer.set(h=1e-16)
    assert "not one digit is right" in explorer.panel.value
    explorer.set(method="reverse mode")
    assert "all digits of a float" in explorer.panel.value


def test_step_size_names_the_ruling_error():
    explorer = StepSizeExplorer(h=0.1)
    assert "Truncation dominates" in explorer.panel.value
    explorer.set(h=1e-12)
    assert "Round-off rules" in explorer.panel.value
    explorer.set(h=10.0**-7.75)
    assert "Near the bottom" in explorer.panel.value
    explorer.set(h=1e-16)
    assert "lost in rounding" in explorer.panel.value


def test_step_size_takes_typed_functions_and_points_at_mistakes():
    explorer = StepSizeExplorer(function="own", own="x * sen(x)")
    assert "did you mean &#x27;sin&#x27;?" in explorer.panel.value
    assert "^^^" in explorer.panel.value
    explorer.set(own="x * sin(x)", h=1e-3)
    assert explorer.error is None
    assert f"{np.sin(1) + np.cos(1):.12g}" in explorer.panel.value
    explorer.set(own="log(x - 1)")
    assert "no finite value" in explorer.panel.value
    for constant in ("3", "2*x", "pi"):
        explorer.set(own=constant)
        assert explorer.error is None


def test_typing_a_function_chooses_it():
    explorer = StepSizeExplorer()
    explorer.inputs["own"].value = "x**3"
    assert explorer.inputs["function"].value == "own"
    assert "<td class='adlib-number'>3</td>" in explorer.words
    explorer.inputs["function"].value = "f"
    assert "-1.38016556832" in explorer.words
    explorer.inputs["own"].value = "x**3 +"
    assert "something is missing at the end" in explorer.panel.value
    assert StepSizeExplorer(own="x**3").values["function"] == "own"


NO_DERIVATIVE = {
    "abs(x - 1)": "its slope is -1 to the left and 1 to the right",
    "0.00001 * abs(x - 1)": "its slope is -1e-05 to the left and 1e-05 to the right",
    "maximum(x, 1)": "its slope is 0 to the left and 1 to the right",
    "x + hypot(x - 1, 0)": "its slope is 0 to the left and 2 to the right",
    "where(x > 1, x, 0)": "it jumps there",
    "sign(x - 1)": "it jumps there",
    "1 / (x - 1)": "no finite value",
    "1 / 0 + x": "no finite value",
    "sqrt(x - 1)": "no finite derivative",
    "(x - 1)**1.5": "no finite second derivative",
}


@pytest.mark.parametrize("own", NO_DERIVATIVE)
def test_without_a_derivative_there_is_no_error_to_measure(own):
    explorer = StepSizeExplorer(own=own)
    assert type(explorer.error) is ValueError
    assert f"at x = 1 this function has {'' if 'finite' in NO_DERIVATIVE[own] else 'no derivative: '}" in str(
        explorer.error
    )
    assert NO_DERIVATIVE[own] in str(explorer.error)
    explorer.set(own="x**2")
    assert explorer.error is None


SMOOTH = [
    "(x - 1)**4",
    "sin(1000000*x)",
    "(x + 1e8) - 1e8",
    "(x + 1e8) - 1e8 - x",
    "0.1*x",
    "exp(40*x)",
    "3",
    "sin(x - 1)",
]


@pytest.mark.parametrize("own", SMOOTH)
def test_no_smooth_function_is_taken_for_a_kink(own):
    assert StepSizeExplorer(own=own).error is None


@pytest.mark.parametrize(
    ("own", "h", "told"),
    [
        ("3", 0.1, "to the last digit"),  # nothing is lost in rounding: 0 is right
        ("3", 1e-16, "to the last digit"),
        ("abs(x - 1.05)", 0.1, "A smaller step helps"),
        ("where(x > 1.01, 2, 1)", 0.1, "A smaller step helps"),
        ("(x - 1)**4", 0.1, "A smaller step helps"),
        ("(x + 1e8) - 1e8", 1e-5, "A larger step helps"),
        ("sin(x - 1)", 1e-13, "A larger step helps"),
        ("x**2", 1e-16, "x + h is x"),
        ("where(x <= 1, x**2, 2*x - 1)", 0.1, "Less than the model says"),
    ],
)
def test_the_words_are_those_of_what_is_measured(own, h, told):
    words = StepSizeExplorer(own=own, h=h).words
    assert told in words
    assert "Near the bottom" not in words


def test_where_f_is_0_the_model_names_no_best_step():
    assert "none: f is 0" in StepSizeExplorer(own="log(x)", h=1e-5).words
    assert "none: f is 0" not in StepSizeExplorer(own="log(2*x)", h=1e-5).words
    assert "<td>any</td>" in StepSizeExplorer(own="3", h=1e-5).words


def test_a_central_step_that_is_lost_on_one_side_is_not_lost():
    assert 1 - 1e-16 != 1 == 1 + 1e-16  # below 1 floats are twice as dense as above
    assert "x + h is x" in StepSizeExplorer(h=1e-16, method="forward difference").words
    assert "x + h is x" not in StepSizeExplorer(h=1e-16, method="central difference").words


def test_no_answer_has_a_mark():
    methods = MethodsExplorer(h=1.0)
    assert [t.get_visible() for t in methods.no_answer.values()] == [True, True]
    assert methods.no_answer["forward difference"].get_text() == "✕ no answer"
    methods.set(h=0.01)
    assert [t.get_visible() for t in methods.no_answer.values()] == [False, False]
    assert "h = 1.0e-2" in MethodsExplorer(h=0.01, method="forward difference").words
    steps = StepSizeExplorer(h=1.0)
    assert "no quotient" in steps.words
    assert steps.no_answer.get_visible()
    assert list(steps.none.get_xdata()) == [1.0]
    steps.set(h=0.1)
    assert not steps.no_answer.get_visible()
    assert len(steps.none.get_xdata()) == 0
    assert "<td>1.0e-1</td>" in steps.words
