"""Custom gates: both modes from one rule, all nestings, traces, what is saved, and every error by its text."""

import functools
import itertools
import math

import numpy as np
import pytest

import adlib
from adlib.engine.boxes import Box


def forward(f, x):
    return adlib.jvp(f, (x,), (1.0,))[1]


def reverse(f, x):
    return adlib.vjp(f, x)[1](1.0)[0]


def by_backward(f, x):
    leaf = adlib.Variable(x)
    f(leaf).backward()
    return leaf.grad


MODES = {"forward": forward, "reverse": reverse}
two = pytest.mark.parametrize(("outer", "inner"), list(itertools.product(MODES.values(), repeat=2)))
RULES = ("backward", "forward", "both")
rules = pytest.mark.parametrize("rules", RULES)


def cube_with(rules):
    """x³, by code that no engine can follow."""

    @adlib.custom_gate
    def cube(x):
        assert not isinstance(x, Box)
        return math.prod([x, x, x]) if isinstance(x, float) else np.asarray(np.asarray(x) ** 3)

    if rules in ("backward", "both"):
        cube.backward(lambda g, out, x: 3 * x**2 * g)
    if rules in ("forward", "both"):
        cube.forward(lambda tangents, out, x: 3 * x**2 * tangents[0])
    return cube


def blend_with(rules):
    """a ** power · x + sin x: two operands of different shapes, and a parameter."""

    @adlib.custom_gate
    def blend(a, x, *, power=2):
        return a**power * x + np.sin(x)

    if rules in ("backward", "both"):

        @blend.backward
        def backward(g, out, a, x, *, power):
            return np.sum(g * power * a ** (power - 1) * x), g * (a**power + np.cos(x))

    if rules in ("forward", "both"):

        @blend.forward
        def forward(tangents, out, a, x, *, power):
            a_dot, x_dot = tangents
            return power * a ** (power - 1) * a_dot * x + (a**power + np.cos(x)) * x_dot

    return blend


# --- Derivatives --------------------------------------------------------------------------------------------


@rules
@pytest.mark.parametrize("mode", [*MODES.values(), by_backward])
def test_first_derivatives(rules, mode):
    found = mode(lambda x: np.sin(cube_with(rules)(x)), 0.7)
    assert found == pytest.approx(math.cos(0.343) * 3 * 0.49, rel=1e-15)
    assert type(found) is float


@rules
@two
def test_second_derivatives_in_every_nesting(rules, outer, inner):
    cube = cube_with(rules)
    found = outer(lambda x: inner(lambda y: np.exp(cube(y) * x), x), 0.7)
    x = 0.7  # d/dx of 3x³·exp(x⁴)
    assert found == pytest.approx((9 * x**2 + 12 * x**6) * math.exp(x**4), rel=1e-14)


@rules
@two
def test_no_perturbation_is_confused(rules, outer, inner):
    cube = cube_with(rules)
    assert outer(lambda x: x * inner(lambda y: x + cube(y), 2.0), 1.0) == 12.0
    assert outer(lambda x: x * inner(lambda y: cube(x) * y, 3.0), 1.0) == 4.0


@rules
def test_third_derivative(rules):
    for a, b, c in itertools.product(MODES.values(), repeat=3):
        assert a(functools.partial(b, functools.partial(c, cube_with(rules))), 5.0) == 6.0


@rules
def test_arrays_parameters_and_the_gradient_check(rules):
    blend, rng = blend_with(rules), np.random.default_rng(0)
    x = rng.normal(size=(2, 3))
    for power in (2, 3):
        adlib.check_grads(lambda a, x, power=power: blend(a, x, power=power), (1.3, x), order=2)
    adlib.check_grads(lambda x: np.sum(blend(2.0, x) ** 2), (x,), order=2)  # a constant operand
    a_bar, x_bar = adlib.grad(lambda a, x: np.sum(blend(a, x)), (0, 1))(1.3, x)
    assert a_bar == pytest.approx(2 * 1.3 * np.sum(x))
    np.testing.assert_allclose(x_bar, 1.69 + np.cos(x), rtol=1e-15)
    np.testing.assert_allclose(
        adlib.hessian(lambda x: np.sum(blend(1.3, x)))(x[0]), np.diag(-np.sin(x[0])), atol=1e-15
    )


@rules
def test_custom_gates_stay_in_float32(rules):
    x = np.array([0.5, 2.0], np.float32)
    y, y_dot = adlib.jvp(cube_with(rules), (x,), (np.ones(2),))
    (x_bar,) = adlib.vjp(cube_with(rules), x)[1](np.ones(2))
    assert y.dtype == y_dot.dtype == x_bar.dtype == np.float32


def test_the_rule_runs_once_for_all_operands():
    calls = []

    @adlib.custom_gate
    def product(*xs):
        return math.prod(xs)

    @product.backward
    def backward(g, out, *xs):
        calls.append(len(xs))
        return tuple(g * out / x for x in xs)

    for _ in range(2):
        calls.clear()
        assert adlib.grad(product, (0, 1, 2))(2.0, 3.0, 5.0) == (15.0, 10.0, 6.0)
    assert calls == [3]  # the first time it is tried at half the seed as well: is it linear?


def test_none_is_zero():
    @adlib.custom_gate
    def first(x, y):
        return 2 * x

    first.backward(lambda g, out, x, y: (2 * g, None))
    assert adlib.grad(first, (0, 1))(3.0, 4.0) == (2.0, 0.0)
    assert adlib.jvp(first, (3.0, 4.0), (1.0, 1.0)) == (6.0, 2.0)


def test_at_the_edge_of_a_domain_the_rule_answers_as_ieee_arithmetic_does():
    root = adlib.custom_gate(lambda x: math.sqrt(x), name="root")
    root.backward(lambda g, out, x: g * 0.5 / out)
    assert adlib.grad(root)(0.0) == np.inf
    assert adlib.jvp(root, (0.0,), (1.0,))[1] == np.inf


def test_a_ufunc_from_elsewhere_becomes_a_gate():
    square = adlib.custom_gate(np.frompyfunc(lambda x: x * x, 1, 1), name="square")
    square.backward(lambda g, out, x: 2 * g * x)
    assert adlib.grad(square)(3.0) == 6.0


# --- What the rest of adlib sees ----------------------------------------------------------------------------


def test_called_with_numbers_it_is_the_function():
    blend = blend_with("backward")
    assert blend(1.0, 0.0) == 0.0
    assert type(blend(1.0, 0.0)) is float
    assert blend(2.0, 1.0, power=3) == pytest.approx(8 + math.sin(1))
    assert blend(x=1.0, a=2.0, power=3) == blend(2.0, 1.0, power=3)
    assert blend.__name__ == "blend"


def test_a_trace_has_a_row_of_its_name():
    blend = blend_with("backward")
    t = adlib.trace(lambda a, x: a * blend(a, x, power=3), 2.0, 1.5)
    assert [t.text(row) for row in t.rows] == ["a", "x", "blend(v₋₁, v₀, power=3)", "v₋₁ * v₁"]
    assert t.gradient() == pytest.approx(adlib.grad(lambda a, x: a * blend(a, x, power=3), (0, 1))(2.0, 1.5))
    tangent = t.tangent((1.0, 0.0)).steps[-1].tangent
    assert tangent == pytest.approx(t.gradient()[0])
    assert t.graph().nodes["v_1"]["gate"] == "blend"
    assert t.partial("v_0", "v_1") == pytest.approx(8 + math.cos(1.5))
    assert r"\operatorname{blend}" in t._repr_html_()


def test_a_parameter_that_is_a_function_is_shown_by_its_name():
    @adlib.custom_gate
    def applied(x, *, f):
        return f(x)

    applied.backward(lambda g, out, x, *, f: g * adlib.grad(f)(x))

    def halves(x):
        return x / 2

    t = adlib.trace(lambda x: applied(x, f=halves), 3.0)
    assert t.text(t.output) == "applied(v₀, f=halves)"
    assert t.gradient() == (0.5,)


def test_rules_and_values_cannot_write_into_what_is_not_theirs():
    x = np.array([1.0, 2.0])

    @adlib.custom_gate
    def doubled(x):
        x *= 2
        return x

    with pytest.raises(ValueError, match="read-only"):
        doubled(x)

    @adlib.custom_gate
    def same(x):
        return x

    @same.backward
    def backward(g, out, x):
        g *= 3
        return g

    with pytest.raises(ValueError, match="read-only"):
        adlib.grad(lambda x: np.sum(same(x) + x))(x)
    y = same(x)
    y[0] = 9.0  # the reader's own array
    assert x.tolist() == [1.0, 2.0]


# --- Saving -------------------------------------------------------------------------------------------------


def solver():
    @adlib.custom_gate(saves=True)
    def inverse_times(A, b):
        inverse = np.linalg.inv(A)
        return inverse @ b, inverse

    @inverse_times.backward
    def backward(g, out, A, b, *, saved):
        b_bar = saved.T @ g
        return -np.outer(b_bar, out), b_bar

    return inverse_times


def test_what_is_saved_belongs_to_one_call():
    solve, rng = solver(), np.random.default_rng(1)
    A, b = rng.normal(size=(3, 3)) + 3 * np.eye(3), rng.normal(size=3)
    np.testing.assert_allclose(solve(A, b), np.linalg.solve(A, b))
    assert solve.saved is None
    adlib.check_grads(lambda A, b: solve(A, solve(A + 1.0, b)), (A, b))
    leaf = adlib.Variable(b)
    np.sum(solve(A, leaf)).backward()
    np.testing.assert_allclose(leaf.grad, np.linalg.solve(A.T, np.ones(3)))


def test_saved_numbers_are_not_differentiated_again():
    A, b = np.eye(2) * 2.0, np.ones(2)
    with pytest.raises(TypeError, match=r"uses saved numbers[\s\S]*without saves=True"):
        adlib.hessian(lambda b: np.sum(solver()(A, b) ** 2))(b)


# --- Errors -------------------------------------------------------------------------------------------------


def gate_of(value=lambda x, y: x * y, backward=None, forward=None, **options):
    gate = adlib.custom_gate(name="mine", **options)(value)
    if backward:
        gate.backward(backward)
    if forward:
        gate.forward(forward)
    return gate


def derive(gate, *args, mode="reverse"):
    if mode == "reverse":
        return adlib.grad(gate, tuple(range(len(args))))(*args)
    return adlib.jvp(gate, args, tuple(np.ones(np.shape(x)) for x in args))


def test_no_rule():
    for mode in MODES:
        with pytest.raises(TypeError, match=r"mine has a value but no rule[\s\S]*@mine\.backward"):
            derive(gate_of(), 1.0, 2.0, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_the_wrong_number_of_adjoints(mode):
    gate = gate_of(backward=lambda g, out, x, y: g * y)
    with pytest.raises(
        ValueError, match=r"mine: the backward rule returned 1 adjoint for 2 operands[\s\S]*tuple"
    ):
        derive(gate, 1.0, 2.0, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_the_wrong_shape_of_an_adjoint(mode):
    gate = gate_of(lambda x, y: x * y, lambda g, out, x, y: (g * y, g * x))
    problem = r"the adjoint of operand 1 has shape \(3,\), and the operand has shape \(\)[\s\S]*sums over the copies"
    with pytest.raises(ValueError, match=problem):
        derive(lambda x, y: np.sum(gate(x, y)), np.ones(3), 2.0, mode=mode)


@pytest.mark.parametrize("mode", MODES)
def test_the_wrong_tangent(mode):
    gate = gate_of(lambda x, y: np.sum(x * y), forward=lambda dots, out, x, y: dots[0] * y + x * dots[1])
    with pytest.raises(
        ValueError, match=r"the forward rule's tangent has shape \(3,\), and the result has shape \(\)"
    ):
        derive(gate, np.ones(3), np.ones(3), mode=mode)
    gate = gate_of(forward=lambda dots, out, x, y: (dots[0] * y, x * dots[1]))
    with pytest.raises(ValueError, match=r"the forward rule returned 2 values"):
        derive(gate, 1.0, 2.0, mode=mode)


def test_what_is_no_number():
    with pytest.raises(TypeError, match=r"the adjoint of operand 0 is not a real number"):
        derive(gate_of(lambda x: x, lambda g, out, x: "g"), 1.0)


@pytest.mark.parametrize(
    "bad", [lambda g, out, x: 3 * x**2, lambda g, out, x: g**2 * x, lambda g, out, x: g + 1]
)
def test_a_backward_rule_that_is_not_linear_is_not_transposed(bad):
    gate = gate_of(lambda x: x**3, bad)
    with pytest.raises(ValueError, match=r"the backward rule is not linear in g[\s\S]*add @mine\.forward"):
        derive(gate, 2.0, mode="forward")


def test_a_forward_rule_that_is_not_linear_is_not_transposed():
    gate = gate_of(lambda x: x**3, forward=lambda dots, out, x: 3 * x**2)
    with pytest.raises(
        ValueError, match=r"the forward rule is not linear in the tangents[\s\S]*add @mine\.backward"
    ):
        derive(gate, 2.0)


def test_a_rule_that_cannot_be_followed_is_not_transposed():
    gate = gate_of(lambda x: x**3, lambda g, out, x: math.fsum([g]) * 3 * x**2)
    assert derive(gate, 2.0) == (12.0,)
    problem = (
        r"mine has no forward rule, and its backward rule cannot be transposed: [\s\S]*add @mine\.forward"
    )
    with pytest.raises(TypeError, match=problem):
        derive(gate, 2.0, mode="forward")
    gate = gate_of(lambda x: x**3, lambda g, out, x: np.array([g], float)[0] * 3 * x**2)
    with pytest.raises(TypeError, match=problem):
        derive(gate, 2.0, mode="forward")


def test_rules_of_the_wrong_signature_are_refused_at_once():
    with pytest.raises(
        TypeError, match=r"mine: the backward rule cannot be called as \(g, out, x, y\)[\s\S]*def rule"
    ):
        gate_of(backward=lambda g, x, y: g)
    with pytest.raises(TypeError, match=r"the forward rule cannot be called as \(tangents, out, x, \*, p\)"):
        gate_of(lambda x, *, p=1: x, forward=lambda dots, out, x: dots[0])
    with pytest.raises(TypeError, match=r"cannot be called as \(g, out, x, \*, saved\)"):
        gate_of(lambda x: (x, 1), lambda g, out, x: g, saves=True)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (lambda x: None, "returned a NoneType"),
        (lambda x: (x, x), "returned a tuple"),
        (lambda x: np.arange(3), "returned an array of int64"),
        (lambda x: x > 0, "returned a bool"),
    ],
)
def test_values_that_are_no_value(value, told):
    with pytest.raises(TypeError, match=told):
        gate_of(value)(1.0)
    with pytest.raises(TypeError, match=told):
        derive(gate_of(value, lambda g, out, x: g), 1.0)


def test_saving_wants_a_pair():
    with pytest.raises(TypeError, match=r"returned no pair[\s\S]*\(result, saved\)"):
        gate_of(lambda x: x, saves=True)(1.0)


def test_wrong_calls():
    gate = gate_of(lambda x, *, p=1: x * p, lambda g, out, x, *, p: g * p)
    with pytest.raises(TypeError, match="mine: missing a required argument: 'x'"):
        gate()
    with pytest.raises(TypeError, match=r"operand 0 is of type str[\s\S]*Put a \* before it"):
        gate("a")
    with pytest.raises(
        TypeError, match=r"p= is a fixed parameter, and its value is tracked[\s\S]*before the \*"
    ):
        adlib.grad(lambda p: gate(1.0, p=p))(2.0)
    with pytest.raises(TypeError, match=r"custom_gate: give the function"):
        adlib.custom_gate(3)


def test_a_symbol_is_refused():
    with pytest.raises(TypeError, match=r"mine is a custom gate: its rule is code[\s\S]*gates of the table"):
        gate_of()(adlib.symbols("x"), 1.0)


def test_a_tracked_value_by_the_back_door_is_refused():
    def f(w):
        gate = gate_of(lambda x: w * x, lambda g, out, x: g * w)
        return gate(w)

    with pytest.raises(TypeError, match=r"a tracked value that is not among its operands"):
        adlib.grad(f)(2.0)


def test_an_error_of_the_value_function_arrives_as_it_is():
    def diverges(x):
        raise ValueError("no convergence")

    with pytest.raises(ValueError, match=r"^no convergence$"):
        derive(gate_of(diverges, lambda g, out, x: g), 1.0)


# --- The check leads to the rule ----------------------------------------------------------------------------


def through(gate):
    return lambda x: np.sum(np.sin(cube_with("backward")(x)) * gate(x))


@pytest.mark.parametrize(
    ("wrong", "told", "mode"),
    [
        ({"backward": lambda g, out, x: -g * np.cos(x)}, "backward", "forward mode"),
        ({"forward": lambda dots, out, x: dots[0] * np.sin(x)}, "forward", "forward mode"),
        (
            {"forward": lambda dots, out, x: dots[0] * np.cos(x), "backward": lambda g, out, x: g * x},
            "backward",
            "reverse mode",
        ),
        (
            {"backward": lambda g, out, x: g * np.cos(x), "forward": lambda dots, out, x: 2 * dots[0]},
            "forward",
            "forward mode",
        ),
    ],
)
def test_a_wrong_rule_is_named(wrong, told, mode):
    gate = gate_of(np.sin, **wrong)
    with pytest.raises(AssertionError) as caught:
        adlib.check_grads(through(gate), (np.array([0.3, 0.8]),))
    text = str(caught.value)
    assert f"argument 0, {mode}" in text
    assert text.endswith(f"The custom gate mine fails this check by itself: look at its {told} rule.")
    assert "cube" not in text


def test_a_rule_that_is_right_but_does_not_differentiate_again_is_named_at_second_order():
    noted = {}

    def value(x):
        noted["slope"] = math.cos(x)  # a number without a history
        return math.sin(x)

    gate = gate_of(value, lambda g, out, x: g * noted["slope"])
    adlib.check_grads(gate, (0.3,))
    with pytest.raises(AssertionError, match=r"order 2[\s\S]*custom gate mine fails"):
        adlib.check_grads(gate, (0.3,), order=2)


def test_without_a_custom_gate_nobody_is_blamed():
    with pytest.raises(AssertionError) as caught:
        adlib.check_grads(lambda x: np.where(x > 0, x, 0.0), (0.0,))
    assert "custom gate" not in str(caught.value)


def test_at_a_jump_no_rule_is_blamed():
    step = gate_of(lambda x: np.where(x > 0, 1.0, 0.0), lambda g, out, x: 0.0 * g)
    with pytest.raises(AssertionError, match="do not settle") as caught:
        adlib.check_grads(lambda x: x + step(x), (0.0,))
    assert "custom gate" not in str(caught.value)
