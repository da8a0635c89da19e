"""Every equation printed with numbers is true: its left side, typed into a calculator, gives the right one.

A line is parsed from its text, so nothing here knows how it was made.  Its operands are the printed ones, rounded as
they are; the result has to be that of the right side, to the last digit shown.
"""

import html
import itertools
import re

import numpy as np
import pytest

from adlib.lesson import examples
from adlib.study.trace import trace
from adlib.viz import figures
from adlib.viz.explorers import ForwardStepper, ReverseStepper
from adlib.viz.explorers.graph import FUNCTIONS as FUNCTIONS_OF_04
from adlib.viz.explorers.graph import TYPED, GraphExplorer
from adlib.viz.explorers.steppers import ARTICLE, equals, primal_line
from adlib.viz.expressions import FUNCTIONS, parse

SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
NUMBER = r"(?<![\w.])(?:\d+\.?\d*(?:e[-+]?\d+)?|nan|inf)"
TYPED_FUNCTIONS = [
    ARTICLE,
    "sin(x1)*exp(-x2**2)",
    "x1 * exp(-x2**2)",
    "sin(pi*x1) + x2",
    "x1**x2",
    "1/(x1 - x2) - 1/3*x1",
    "0.123456789*x1 - 12345.678*x2**3",
    "(x1 + 1/7)**-3 - x2 + -2.5",
    "x1 - x2/3*x1 - x1*x2/7",
    "x1*x1*x1 + x2*x2",
    "where(x1 > x2, x1*x2, x1/7)",
]
POINTS = [
    (x1, x2)
    for x1 in (-1.0, -0.35, 0.0, 0.05, 0.7, 1.3, 2.0, 2.15, 4.0)
    for x2 in (-2.0, -1.25, -0.1, 0.0, 0.45, 1.0, 1.75)
]
SEEDS = [(0.0, 1.0), (1.0, 0.0), (-0.75, 1.25)]


def calculated(text):
    """Compute with what is printed."""
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda m: "**" + m[0].translate(SUPERSCRIPTS), text)
    text = text.replace("·", "*").replace("−", "-").replace("^", "**")
    known = {name: getattr(np, name) for name in re.findall(r"[a-z_]\w*(?=\()", text)}
    text = re.sub(NUMBER, lambda m: f"F({m[0]!r})", text)
    with np.errstate(all="ignore"):
        return float(eval(text, {"__builtins__": {}}, {**known, "F": np.float64}))


def is_true(left, right, digits):
    """Tell whether the left side gives the right one, rounded as it is."""
    got, told = calculated(left), calculated(right)
    shown = len(re.sub(r"e.*|\D", "", right).lstrip("0"))
    return format(got + 0, f".{max(digits, shown)}g") == format(told + 0, f".{max(digits, shown)}g")


def wrong(lines, digits=4):
    """List the lines that are not true; a line with a name in it is no equation between numbers."""
    found, seen = [], 0
    for line in lines:
        sides = [side.strip() for side in line.split("=") if side.strip()]
        if len(sides) == 2 and "∂" not in line:
            seen += 1
            if not is_true(*sides, digits):
                found.append(line)
    assert seen
    return found


def strip_lines(explorer):
    """What stands between graph and table, without the formula with names."""
    lines = [explorer.text(key) for key in ("line1", "line2")]
    return [line[line.index(" =  ") + 1 :] for line in lines if " =  " in line]


def traces(function):
    f = parse(function)
    with np.errstate(all="ignore"):
        for x1, x2 in POINTS:
            yield trace(f, float(x1), float(x2))


@pytest.mark.parametrize("function", TYPED_FUNCTIONS)
def test_what_a_stepper_prints_over_the_sliders(function):
    """The lines of the strip, without the picture around them."""
    primal, tangent, adjoint, sums = [], [], [], []
    for t in traces(function):
        primal += [primal_line(t, row)[2] for row in t.rows if row.gate]
        for seed in SEEDS:
            tangent += [equals(s.numbers_text, s.tangent) for s in t.tangent(seed).steps if s.row.gate]
        received = {}
        for step in t.adjoint().steps:
            received.setdefault(step.target.index, []).append(step)
            lines = ReverseStepper._formulas(step, received[step.target.index])
            adjoint += [lines[0][2]]
            sums += [line[2] for line in lines[1:]]
    assert wrong(primal) == []
    assert wrong(tangent) == []
    assert wrong(adjoint) == []
    assert wrong(sums, 6) == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_a_stepper_prints_of_each_function(name):
    arguments = {1: "x1/4", 2: "x1, x2", 3: "x1 > x2, x1*x1, -x2"}[FUNCTIONS[name]]
    lines = []
    for t in traces(f"{name}({arguments}) * x2"):
        lines += [primal_line(t, row)[2] for row in t.rows if row.gate]
        lines += [equals(s.numbers_text, s.tangent) for s in t.tangent((-0.75, 1.25)).steps if s.row.gate]
        lines += [equals(s.numbers_text, s.contribution) for s in t.adjoint().steps if s.source]
    assert wrong(lines) == []


@pytest.mark.parametrize("function", [ARTICLE, "(x1 + 1/7)**-3 - x2 + -2.5"])
@pytest.mark.parametrize("explorer", [ForwardStepper, ReverseStepper])
def test_what_stands_on_the_picture(explorer, function):
    e = explorer(function=function)
    for x1, x2 in [(2.0, 1.0), (2.0, -1.25), (0.5, 1.0), (2.0, 0.0)]:
        for step in range(1, e.inputs["step"].max + 1):
            e.set(x1=x1, x2=x2, step=step)
            lines = [line for line in strip_lines(e) if line.count("=") == 2]
            assert not lines or wrong(lines) == [], (x1, x2)
            assert step > 1 or strip_lines(e)
            if explorer is ReverseStepper:
                for row in range(8 if function == ARTICLE else 7):
                    _, parts, total = (e.text(f"r{row}.{c}") for c in e.numbers)
                    shown = f"{calculated(total):.6g}" if total else ""
                    assert not parts or is_true(parts, shown, 6), (x1, x2, parts, total)


def equation(words):
    """The equation in 04's words, without the names before it."""
    words = html.unescape(re.sub("<[^>]+>", "", re.search(r"row \d+ of \d+:(.*?)</p>", words)[1]))
    return "=".join(words.split("=")[-2:])


MENU = [name for name in FUNCTIONS_OF_04 if name != TYPED]


@pytest.mark.parametrize("function", [*MENU, *TYPED_FUNCTIONS])
def test_what_the_graph_explorer_prints(function):
    e = GraphExplorer(
        **({"function": function} if function in MENU else {"typed": function, "function": TYPED})
    )
    lines = []
    for x1, x2 in itertools.product((-1.0, -0.3, 0.1, 2.0, 4.7), (-1.0, 0.7, 1.3)):
        e.set(x1=x1, x2=x2)
        for row in range(3, e.inputs["row"].max + 1):
            lines.append(equation(e.update(**{**e.values, "row": row})))
    assert wrong(lines, 6) == []


def test_the_title_of_the_figure_adds_up():
    title = figures.show("reverse-trace").figure.texts[0].get_text()
    assert wrong([title.split("receives twice, ")[1]], 6) == []


def test_a_convention_is_not_written_as_an_equation():
    t = trace(parse("x1**x2"), 0.0, 1.75)
    assert equals(t.tangent((0.0, 1.0)).steps[-1].numbers_text, 0.0) == "=  0"


def mathematics_numbers(latex):
    """The numbers of a formula in LaTeX, as a calculator writes them."""
    latex = re.sub(r"([\d.]+) \\cdot 10\^\{(-?\d+)\}", r"\1e\2", latex)
    return [float(n) for n in re.findall(r"\d+\.?\d*(?:e-?\d+)?", latex)]


def plain_numbers(text):
    return [float(n) for n in re.findall(r"(?<![\w.])\d+\.?\d*(?:e[-+]?\d+)?", text)]


@pytest.mark.parametrize("f", [examples.f, examples.survey, *map(parse, TYPED_FUNCTIONS)])
def test_tables_put_in_the_same_numbers_as_the_strip(f):
    """A table's formula holds what the plain text holds, whose value is the one in the next column, in short."""
    for x1, x2 in POINTS[::5]:
        with np.errstate(all="ignore"):
            t = trace(f, float(x1), float(x2))
        steps = [(s.numbers, s.numbers_text, s.tangent) for s in t.tangent((-0.75, 1.25)).steps if s.row.gate]
        steps += [(s.numbers, s.numbers_text, s.contribution) for s in t.adjoint().steps if s.source]
        steps += [(t.numbers(r), t.numbers_text(r), r.value) for r in t.rows if r.gate]
        for latex, text, value in steps:
            among = iter(mathematics_numbers(latex))
            assert all(number in among for number in plain_numbers(text)), (latex, text)
            assert "∂" in text or is_true(text, f"{value:.4g}", 4), (text, value)


def test_a_zero_has_no_sign():
    e = ForwardStepper(function="sin(x1)*exp(-x2**2)", seed1=0.0, seed2=0.0, step=20)
    shown = [e.text(key) for key in e.frame.shown]
    assert len(shown) > 30
    assert not [text for text in shown if re.search(r"[-−]0(?![.\d])", text)]
    t = trace(parse("sin(x1)*exp(-x2**2)"), 2.0, 1.0)
    assert "-0\n" not in repr(t.tangent((0.0, 0.0))) + "\n"
    assert "−0<" not in t.tangent((0.0, 0.0))._repr_html_()


def test_the_calculator_sees_what_is_wrong():
    assert is_true("2 · 0.5² · (−3.052)", "−1.526", 4)
    assert not is_true("cos(1.562) · (−4.375)", "−0.0363", 4)
    assert is_true("sin(1.562)", "1.000", 4)
    assert not is_true("2 / 0.8415", "2.376790212", 4)
    assert not is_true("0 + 0.930457 + 0.537370", "1.467828", 6)
    assert is_true("1 / (2 · 4e−3)", "125", 4)
