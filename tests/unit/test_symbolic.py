"""Expressions: what a gate writes when it meets a symbol."""

import numpy as np
import pytest

import adlib
from adlib import gates
from adlib.engine.boxes import UNTRACKED, UNTRACKED_UFUNCS
from adlib.formula.derivation import derivation
from adlib.formula.expr import Expr, symbol, symbols
from adlib.formula.writing import number_latex, python_text
from adlib.lesson.examples import f


def test_a_numpy_function_called_with_symbols_gives_its_formula():
    x1, x2 = symbols("x1, x2")
    y = f(x1, x2)
    assert str(y) == "x1 * sqrt(log(x1 / sin(x2**2)))"
    assert y.latex() == r"x_1 \, \sqrt{\log \left(\frac{x_1}{\sin \left(x_2^{2}\right)}\right)}"
    assert y._repr_latex_() == f"${y.latex()}$"


def test_a_shared_part_is_one_object():
    (x,) = (symbols("x"),)
    t = np.sin(x)
    y = t * t
    assert y.args[0] is y.args[1] is t


@pytest.mark.parametrize(
    ("formula", "text", "latex"),
    [
        (lambda x, y: x - (y - x), "x - (y - x)", r"x - \left(y - x\right)"),
        (lambda x, y: x - y - x, "x - y - x", "x - y - x"),
        (lambda x, y: x / (y / x), "x / (y / x)", r"\frac{x}{\frac{y}{x}}"),
        (lambda x, y: x / y * x, "x / y * x", r"\frac{x}{y} \, x"),
        (lambda x, y: (x + y) * x, "(x + y) * x", r"\left(x + y\right) \, x"),
        (lambda x, y: (x + y) ** 2, "(x + y)**2", r"\left(x + y\right)^{2}"),
        (lambda x, y: (x**y) ** y, "(x**y)**y", r"\left(x^{y}\right)^{y}"),
        (lambda x, y: x ** (y**x), "x**y**x", r"x^{y^{x}}"),
        (lambda x, y: -(x**2), "-x**2", r"-x^{2}"),
        (lambda x, y: (-x) ** 2, "(-x)**2", r"\left(-x\right)^{2}"),
        (lambda x, y: x + -y, "x - y", "x - y"),
        (lambda x, y: x - -y, "x - -y", r"x - \left(-y\right)"),
        (lambda x, y: x * -y, "x * -y", r"x \cdot \left(-y\right)"),
        (lambda x, y: -(x + y), "-(x + y)", r"-\left(x + y\right)"),
        (lambda x, y: -x / y, "-x / y", r"-\frac{x}{y}"),
        (lambda x, y: 2 * x * 3, "2 * x * 3", r"2 \, x \cdot 3"),
        (lambda x, y: np.exp(-x), "exp(-x)", r"e^{-x}"),
        (lambda x, y: np.sqrt(x + y), "sqrt(x + y)", r"\sqrt{x + y}"),
        (lambda x, y: np.sin(x) ** 2, "sin(x)**2", r"\left(\sin x\right)^{2}"),
        (lambda x, y: np.maximum(x, y), "maximum(x, y)", r"\operatorname{max}(x, y)"),
        (lambda x, y: np.log10(x), "log10(x)", r"\log_{10} x"),
        (lambda x, y: x > y, "(x > y)", r"\left[x > y\right]"),
        (lambda x, y: abs(x), "absolute(x)", r"\left|x\right|"),
    ],
)
def test_brackets_stand_where_they_are_needed_and_only_there(formula, text, latex):
    x, y = symbols("x y")
    e = formula(x, y)
    assert str(e) == text
    assert e.latex() == latex


@pytest.mark.parametrize(
    "formula",
    [
        lambda x, y: x - (y - x) * -y / (x / -y),
        lambda x, y: -(x**2) + (-x) ** 2 * y - -y,
        lambda x, y: x / y / x * (y + -x) ** 3,
        lambda x, y: 2 ** (x - y) - (x - 2) ** -y,
    ],
)
def test_the_text_is_python_that_computes_the_same(formula):
    e = formula(*symbols("x y"))
    assert eval(str(e), {"x": 3.7, "y": 1.3}) == pytest.approx(formula(3.7, 1.3), rel=1e-14)


def test_gates_that_do_nothing_are_not_written():
    x = symbols("x")
    for same in (x * 1, 1 * x, x + 0, 0.0 + x, x - 0, x / 1, x**1):
        assert same is x
    assert str(0 * x) == "0 * x"  # not 0: x may be infinite
    assert str(0 - x) == "0 - x"


def test_rows_of_the_table_give_the_formulas_of_local_derivatives():
    x, v, g = symbol("x"), symbol("v"), symbol("g")
    assert str(gates.sin.vjp(0, g, (x,), v, {})) == "cos(x) * g"
    assert str(gates.sqrt.vjp(0, g, (x,), v, {})) == "1 / (2 * v) * g"
    assert str(gates.power.vjp(0, g, (x, 2), v, {})) == "2 * x * g"


def test_every_partial_of_the_table_can_be_written():
    names = symbols("x y")
    for gate in dict.fromkeys(gates.GATES.values()):
        if isinstance(gate, gates.Elementwise) and gate is not gates.attach:
            for k in range(len(gate.partials)):
                written = gate.partial(k, names[: len(gate.partials)], symbol("v"))
                assert isinstance(written, Expr | float | int), gate
                assert "{}" not in (written.latex() if isinstance(written, Expr) else "")


def test_derivatives_go_through_expressions():
    x1, x2 = symbols("x1 x2")
    value, slope = adlib.jvp(lambda t: x1 * t**2, (x2,), (1.0,))
    assert str(value) == "x1 * x2**2"
    assert str(slope) == "x1 * (2 * x2)"


def test_a_symbol_has_no_truth_no_entries_and_no_number():
    x = symbols("x")
    with pytest.raises(TypeError, match="neither true nor false"):
        bool(x > 0)
    with pytest.raises(TypeError, match="it has no entries"):
        x[0]
    with pytest.raises(TypeError, match="float"):
        float(x)
    with pytest.raises(TypeError, match="an expression is a scalar"):
        np.sum(x, axis=0)


def test_symbols_need_a_name():
    with pytest.raises(ValueError, match="at least one name"):
        symbols("  ")


@pytest.mark.parametrize(
    ("number", "latex"),
    [
        (2.0, "2"),
        (0.841470984, "0.8415"),
        (-1e-7, r"-1 \cdot 10^{-7}"),
        (np.inf, r"\infty"),
        (np.nan, r"\mathrm{nan}"),
    ],
)
def test_numbers_are_rounded_for_reading(number, latex):
    assert number_latex(number) == latex


def test_a_factor_of_minus_one_is_a_sign():
    """It is not written as a product, so the derivative of a difference does not grow by it."""
    x, y = symbols("x y")
    assert str((x - y).diff(y)) == "-1"
    slope = (x * (1 - 4 * x)).diff(x)
    assert "-1" not in str(slope), str(slope)


def test_sharing_joins_equal_parts_and_keeps_different_symbols():
    x, y = symbols("x y")
    e = np.sin(x) * np.sin(y) + np.sin(x) * 2.0
    shared = e.share()
    assert str(shared) == str(e)
    assert shared.args[0].args[0] is shared.args[1].args[0]
    assert shared.args[0].args[0].args[0] is x
    assert shared.args[0].args[1].args[0] is y
    assert (np.sin(x) ** 2.0 + np.sin(x) ** 3.0).share().args[0].args[1] == 2.0


def test_expressions_are_older_than_every_derivative():
    """A Variable times a symbol is a Variable with a formula for its value; so is its gradient."""
    x, v = symbols("x"), adlib.Variable(2.0)
    (v * x).backward()
    assert v.grad is x


@pytest.mark.parametrize(
    ("formula", "rules"),
    [
        (lambda x, y: x / 2, ["constant factor", "dx/dx = 1"]),
        (lambda x, y: 2 / x, ["quotient rule", "dx/dx = 1"]),
        (
            lambda x, y: x / np.sin(x),
            ["quotient rule", "dx/dx = 1", "chain rule, sin′ = cos(u)", "dx/dx = 1"],
        ),
        (lambda x, y: x * 2 + 3, ["sum rule", "constant factor", "dx/dx = 1"]),
        (lambda x, y: np.sin(y) * x, ["constant factor", "dx/dx = 1"]),
        (lambda x, y: -x, ["constant factor", "dx/dx = 1"]),
        (lambda x, y: x - 2 * y, ["difference rule", "dx/dx = 1"]),
        (lambda x, y: y, ["y does not depend on x"]),
        (lambda x, y: y * y, ["this does not depend on x"]),
        (lambda x, y: 2**x, ["chain rule, power: 2**u * 0.6931471806", "dx/dx = 1"]),
        (lambda x, y: y**x, ["chain rule, power: y**u * log(y)", "dx/dx = 1"]),
        (
            lambda x, y: x**x,
            ["chain rule, power: ∂/∂u = v * u**(v - 1), ∂/∂v = u**v * log(u)", "dx/dx = 1", "dx/dx = 1"],
        ),
        (
            lambda x, y: np.where(y > 0, x, -x),
            [
                "chain rule, where: ∂/∂u = where((y > 0), 1, 0), ∂/∂v = where((y > 0), 0, 1)",
                "dx/dx = 1",
                "constant factor",
                "dx/dx = 1",
            ],
        ),
    ],
)
def test_each_step_names_its_rule(formula, rules):
    x, y = symbols("x y")
    first, *steps = derivation(formula(x, y), x)
    assert first.rule == "the question"
    assert [s.rule for s in steps] == rules
    last = steps[-1].result
    found = last.evaluate({"x": 0.7, "y": 1.3}) if isinstance(last, Expr) else last
    right = adlib.grad(lambda t: formula(t, 1.3) + 0.0 * t)(0.7)
    assert float(found) == pytest.approx(right, rel=1e-14)


def test_a_step_writes_no_factor_of_nothing():
    """What is multiplied by 0 is left out; what is added to 0 is not."""
    x, y = symbols("x y")
    results = [str(s.result) for s in derivation(x * np.floor(x) + y, x)]
    assert results[-1] == "floor(x)"


@pytest.mark.parametrize(
    ("formula", "text", "latex", "python"),
    [
        (lambda x: (-2.0) ** x, "(-2)**x", r"\left(-2\right)^{x}", "(-2) ** x"),
        (lambda x: 0.0**x, "0**x", "0^{x}", "0 ** x"),
        (lambda x: 2.0**x, "2**x", "2^{x}", "2 ** x"),
        (lambda x: x**-2.0, "x**(-2)", "x^{-2}", "x ** (-2)"),
        (lambda x: x + 1e15, "x + 1e+15", r"x + 1 \cdot 10^{15}", "x + 1000000000000000.0"),
        (lambda x: x + 1e16, "x + 1e+16", r"x + 1 \cdot 10^{16}", "x + 1e+16"),
        (lambda x: x + 999999999999999.0, "x + 1e+15", r"x + 1 \cdot 10^{15}", "x + 999999999999999"),
        (lambda x: (-0.5) ** x, "(-0.5)**x", r"\left(-0.5\right)^{x}", "(-0.5) ** x"),
        (lambda x: x**-x, "x**(-x)", "x^{-x}", "x ** (-x)"),
        (lambda x: np.negative(-x), "--x", r"-\left(-x\right)", "--x"),
        (lambda x: -(x / 3), "-(x / 3)", r"-\frac{x}{3}", "-(x / 3)"),
        (
            lambda x: (x + 1 > x * 2) * x,
            "(x + 1 > x * 2) * x",
            r"\left[x + 1 > x \cdot 2\right] \, x",
            "(x + 1 > x * 2) * x",
        ),
        (lambda x: x + 123456.0, "x + 123456", r"x + 1.235 \cdot 10^{5}", "x + 123456"),
        (lambda x: x * -3.0, "x * -3", r"x \cdot \left(-3\right)", "x * -3"),
        (lambda x: -3.0 * x, "-3 * x", r"-3 \, x", "-3 * x"),
        (lambda x: 0.0 * x, "0 * x", r"0 \, x", "0 * x"),
        (lambda x: x / -2.0, "x / -2", r"\frac{x}{-2}", "x / -2"),
        (lambda x: -2.0 / x, "-2 / x", r"-\frac{2}{x}", "-2 / x"),
        (lambda x: x - -2.0, "x - -2", r"x - \left(-2\right)", "x - -2"),
        (lambda x: x + -2.0, "x - 2", "x - 2", "x - 2"),
        (lambda x: x + 0.1, "x + 0.1", "x + 0.1", "x + 0.1"),
        (lambda x: np.cos(x) * x, "cos(x) * x", r"\cos \left(x\right) \, x", "np.cos(x) * x"),
        (lambda x: x * np.cos(x), "x * cos(x)", r"x \, \cos x", "x * np.cos(x)"),
        (lambda x: np.cos(x) + x, "cos(x) + x", r"\cos x + x", "np.cos(x) + x"),
        (lambda x: np.exp(x) * x, "exp(x) * x", r"e^{x} \, x", "np.exp(x) * x"),
        (
            lambda x: x * np.sin(x) * x,
            "x * sin(x) * x",
            r"x \, \sin \left(x\right) \, x",
            "x * np.sin(x) * x",
        ),
        (lambda x: (x > 2) * x, "(x > 2) * x", r"\left[x > 2\right] \, x", "(x > 2) * x"),
        (lambda x: adlib.gates.relu(x), "relu(x)", r"\operatorname{relu}(x)", "relu(x)"),
    ],
)
def test_numbers_and_functions_in_three_notations(formula, text, latex, python):
    x = symbols("x")
    e = formula(x)
    g = e.compile(x)
    assert (str(e), e.latex(), g.source) == (text, latex, f"def g(x):\n    return {python}")
    assert g(1.7) == formula(1.7) or np.isnan(formula(1.7))


def test_a_compiled_expression_computes_shared_parts_once():
    x, v1 = symbols("x v1")
    s = np.sin(x)
    g = (s * s + np.cos(v1)).compile(x, v1)
    assert g.source == "def g(x, v1):\n    v2 = np.sin(x)\n    return v2 * v2 + np.cos(v1)"
    assert (s + np.cos(x)).compile(x).source == "def g(x):\n    return np.sin(x) + np.cos(x)"


def test_a_nested_expression_is_compiled_to_several_lines():
    """Python's parser allows so many brackets and no more; after 13 there is a new line."""
    e = x = symbols("x")
    for _ in range(30):
        e = np.sin(e)
    lines = e.compile(x).source.splitlines()[1:]
    assert [line.count("sin") for line in lines] == [13, 13, 4]
    assert float(e.compile(x)(0.5)) == float(e.evaluate({x: 0.5}))


@pytest.mark.parametrize("ufunc", sorted(UNTRACKED_UFUNCS, key=lambda f: f.__name__))
def test_a_question_about_a_number_ends(ufunc):
    """Where a number of NumPy's stands on the left, its comparison is NumPy's, and not ours."""
    x = adlib.symbols("x")
    if ufunc.__name__ in ("less", "less_equal", "greater", "greater_equal", "equal", "not_equal"):
        for left in (np.float64(2.0), np.float32(2.0), 2.0, x):
            e = ufunc(left, x + 0.5)
            assert e.evaluate({"x": 1.5}) == ufunc(2.0 if left is not x else 1.5, 2.0)
    else:
        with pytest.raises(TypeError, match=f"np.{ufunc.__name__} asks about a number"):
            ufunc(*[x] * ufunc.nin)


@pytest.mark.parametrize("function", sorted(UNTRACKED, key=lambda f: f.__name__))
def test_a_question_about_an_array_ends(function):
    """In an answer or in a TypeError, and not in a RecursionError."""
    try:
        assert function(adlib.symbols("x")) in ((), 0, 1)
    except TypeError as error:
        assert "expression" in str(error) or "argument" in str(error)  # noqa: PT017


@pytest.mark.parametrize("f", [np.maximum, np.minimum, np.fmax, np.fmin, np.hypot, np.power, np.arctan2])
@pytest.mark.parametrize("constant", [2.0, np.float64(2.0), np.float32(2.0)])
def test_a_constant_of_numpys_in_a_trace(f, constant):
    for program in (lambda x: f(constant, x), lambda x: f(x, constant)):
        t = adlib.trace(program, 1.5)
        for table in (t.tangent((1.0,)), t.adjoint()):
            assert all(step.formula and step.numbers_text for step in table)
        assert t.gradient() == (adlib.grad(program)(1.5),)


def test_a_comparison_is_a_step():
    x, y = symbols("x y")
    for step in (x > y, x >= 2, x < y, x <= 1, x == y, x != y):
        assert (step.diff(x), step.diff(y)) == (0, 0)
        assert str((step * x).diff(x)) == str(step)


def test_what_is_to_be_differentiated_is_written_so():
    x = symbols("x1")
    question, *_ = derivation(np.sin(x) + x, x)
    assert question.result.latex() == r"\frac{\partial}{\partial x_1}\left[\sin x_1 + x_1\right]"
    with pytest.raises(AttributeError):
        question.rule = "none"


def test_evaluating_says_which_symbol_has_no_value():
    x, y = symbols("x y")
    with pytest.raises(KeyError, match="no value for y; given: x"):
        (x * y).evaluate({x: 1.0})
    with pytest.raises(KeyError, match="no value for x; given: none"):
        (x * y).evaluate({})


def test_numbers_alone_are_python_too():
    assert python_text(2.0, str) == "2"
    assert python_text(0.5, str) == "0.5"
