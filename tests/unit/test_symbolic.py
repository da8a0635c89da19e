"""Expressions: what a gate writes when it meets a symbol."""

import numpy as np
import pytest

import adlib
from adlib import gates
from adlib.examples import f
from adlib.symbolic import Expr, number_latex, symbol, symbols


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
