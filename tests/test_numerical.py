"""Difference quotients, complex step, Richardson, and the model of their errors."""

import math

import numpy as np
import pytest

from adlib import numerical
from adlib.lesson import examples

F, DF, D2F, D3F = 0.28901376, 9.0660864, 67.395584, -3948.87168  # l4 at 0.2
FX2 = -1.38016556832272458


def l4(x):
    return examples.logistic(x, 4)


def test_forward_has_the_error_of_its_first_dropped_term():
    # (x + h)^2: the quotient is 2x + h exactly, in numbers that floats represent
    assert numerical.forward_difference(lambda x: x**2, 3.0, h=0.5) == 6.5
    assert numerical.forward_difference(lambda x: x**2, 3.0, h=-0.5) == 5.5
    # x^3: central is 3x^2 + h^2
    assert numerical.central_difference(lambda x: x**3, 2.0, h=0.5) == 12.25


def test_the_articles_derivative():
    for argnum, exact in ((0, 1.46782750442583198), (1, FX2)):
        assert abs(numerical.forward_difference(examples.f, (2.0, 1.0), argnum) - exact) < 1e-6
        assert abs(numerical.central_difference(examples.f, (2.0, 1.0), argnum) - exact) < 1e-9
        assert abs(numerical.complex_step(examples.f, (2.0, 1.0), argnum) - exact) < 1e-14


def test_complex_step_is_exact_at_any_small_step():
    exact = 4.0534278938986206577
    for h in (1e-20, 1e-200):
        got = numerical.complex_step(examples.martins_sturdza_alonso, 1.5, h=h)
        assert abs(got - exact) <= 2 * np.spacing(exact)


def test_shapes():
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    for method in (numerical.forward_difference, numerical.central_difference, numerical.complex_step):
        gradient = method(lambda x: np.sum(x**2), x)
        assert gradient.shape == (2, 3)
        assert np.allclose(gradient, 2 * x, atol=1e-6)
        jacobian = method(lambda x: np.sin(x).T, x)
        assert jacobian.shape == (3, 2, 2, 3)
        assert abs(jacobian[2, 0, 0, 2] - np.cos(3.0)) < 1e-6
        assert np.count_nonzero(np.abs(jacobian) > 1e-6) == 6
        column = method(lambda t: np.array([t, t**2]), 3.0)
        assert np.allclose(column, [1.0, 6.0], atol=1e-6)


def test_float_gives_float_and_float32_stays():
    for method in (numerical.forward_difference, numerical.central_difference, numerical.complex_step):
        assert type(method(np.sin, 1.0)) is float
        got = method(np.sin, np.float32(1.0))
        assert got.dtype == np.float32
        assert abs(float(got) - math.cos(1.0)) < 1e-3
        assert method(np.sin, np.ones(3, np.float32)).dtype == np.float32


def test_float32_gets_its_own_step():
    assert numerical.default_step(np.float32(1.0), "forward") == pytest.approx(2**-11.5)
    assert numerical.default_step(1.0, "forward") == 2.0**-26
    assert numerical.default_step(1.0) == pytest.approx(2 ** (-52 / 3))
    assert numerical.default_step(-100.0, "forward") == 100 * 2.0**-26


def test_step_follows_the_size_of_the_argument():
    # with h = 1e-8 instead of 1e-8 * 1e10, x + h would round to x
    assert numerical.forward_difference(lambda x: 2.0 * x, 1e10) == pytest.approx(2.0)


def test_integers_are_refused_with_what_to_write():
    for method in (numerical.forward_difference, numerical.central_difference, numerical.complex_step):
        with pytest.raises(TypeError, match=r"write 2\.0 instead of 2"):
            method(np.sin, 2)
        with pytest.raises(TypeError, match="integer"):
            method(np.sum, np.array([1, 2]))
        with pytest.raises(TypeError, match="float32 or float64"):
            method(np.sin, "2")
        with pytest.raises(TypeError, match="float32 or float64"):
            method(np.sin, 1j)


def test_steps_that_cannot_work_are_refused():
    with pytest.raises(ValueError, match=r"x \+ h rounds to x"):
        numerical.forward_difference(np.sin, 1.0, h=1e-17)
    for h in (0.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="finite number other than 0"):
            numerical.central_difference(np.sin, 1.0, h=h)
    with pytest.raises(ValueError, match="argnum=2"):
        numerical.forward_difference(examples.f, (2.0, 1.0), argnum=2)
    with pytest.raises(ValueError, match="empty"):
        numerical.forward_difference(np.sum, np.array([]))


def test_complex_step_refuses_what_is_not_analytic():
    with pytest.raises(TypeError, match="drops its imaginary part"):
        numerical.complex_step(abs, 1.5)
    with pytest.raises(TypeError, match=r"np\.sin, not"):
        numerical.complex_step(math.sin, 1.5)
    with pytest.raises(TypeError, match="analytic"):
        numerical.complex_step(lambda x: np.arctan2(x, 1.0), 1.5)
    with pytest.raises(TypeError, match="central_difference"):
        numerical.complex_step(lambda x: x if x > 0 else -x, 1.5)


def test_richardson_beats_the_central_difference_and_knows_its_error():
    for f, x, exact in ((np.exp, 0.5, math.exp(0.5)), (l4, 0.2, DF), (np.sin, 2.0, math.cos(2.0))):
        found = numerical.richardson(f, x)
        assert abs(found.value - exact) < 1e-10
        assert abs(found.value - exact) <= found.error < 1e-7
        assert float(found) == found.value
    assert abs(numerical.richardson(examples.f, (2.0, 1.0), argnum=1).value - FX2) < 1e-10


def test_richardson_tableau():
    found = numerical.richardson(np.exp, 0.0, h=0.4, rows=4)
    assert [len(row) for row in found.tableau] == [1, 2, 3, 4][: len(found.tableau)]
    assert found.steps[:3] == (0.4, 0.2, 0.1)
    d0, d1 = found.tableau[0][0], found.tableau[1][0]
    assert d0 == numerical.central_difference(np.exp, 0.0, h=0.4)
    assert found.tableau[1][1] == pytest.approx((4 * d1 - d0) / 3, rel=1e-15)
    # each column gains two orders
    assert abs(d1 - 1) < 0.02
    assert abs(found.tableau[1][1] - 1) < 1e-3
    assert abs(found.tableau[2][2] - 1) < 1e-6


def test_richardson_refuses():
    with pytest.raises(ValueError, match="one scalar"):
        numerical.richardson(np.sum, np.ones(2))
    with pytest.raises(ValueError, match="scalar result"):
        numerical.richardson(lambda x: np.array([x, x]), 1.0)
    for bad in ({"rows": 1}, {"ratio": 1.0}):
        with pytest.raises(ValueError, match="at least 2 rows"):
            numerical.richardson(np.sin, 1.0, **bad)


def test_best_step_is_the_bottom_of_the_model():
    for method, derivative in (("forward", D2F), ("central", D3F)):
        h, error = numerical.best_step(F, derivative, method)

        def model(h, method=method, derivative=derivative):
            return numerical.truncation_error(h, derivative, method) + numerical.roundoff_error(h, F, method)

        assert model(h) == pytest.approx(error, rel=1e-12)
        assert model(1.1 * h) > error < model(h / 1.1)


def test_best_step_numbers():
    e = 2.0**-53 * F
    assert numerical.best_step(F, D2F, "forward").h == pytest.approx(2 * math.sqrt(e / D2F))
    assert numerical.best_step(F, D3F, "central").error == pytest.approx(
        1.5 * e ** (2 / 3) * (-D3F / 3) ** (1 / 3)
    )
    assert (
        numerical.best_step(F, D2F, "forward", np.float32).h > 1e4 * numerical.best_step(F, D2F, "forward").h
    )
    assert numerical.best_step(1.0, 0.0) == (np.inf, 0.0)
    with pytest.raises(ValueError, match="backward"):
        numerical.best_step(1.0, 1.0, "backward")


@pytest.mark.parametrize("method", ["forward", "central"])
def test_measured_errors_lie_in_a_band_around_the_model(method):
    """An envelope: in each decade the largest error is within 10 times the model, on either side."""
    difference = numerical.forward_difference if method == "forward" else numerical.central_difference
    derivative = D2F if method == "forward" else D3F
    for decade in range(-12, -3):
        steps = 10.0 ** np.linspace(decade, decade + 1, 25)
        worst = max(abs(difference(l4, 0.2, h=h) - DF) for h in steps)
        model = numerical.truncation_error(steps, derivative, method) + numerical.roundoff_error(
            steps, F, method
        )
        assert model.max() / 10 < worst < model.max() * 10, (decade, worst, model.max())


def test_central_is_more_accurate_and_no_more_stable():
    """The article's "more stable" corrected: at steps where round-off rules, both are equally bad."""
    steps = 10.0 ** np.linspace(-12, -11, 40)
    forward = np.median([abs(numerical.forward_difference(l4, 0.2, h=h) - DF) for h in steps])
    central = np.median([abs(numerical.central_difference(l4, 0.2, h=h) - DF) for h in steps])
    assert 0.1 < central / forward < 10
    central, forward = numerical.central_difference(l4, 0.2), numerical.forward_difference(l4, 0.2)
    assert abs(central - DF) < 0.1 * abs(forward - DF)


def test_the_first_argument_is_the_default():
    for method in (numerical.forward_difference, numerical.central_difference, numerical.complex_step):
        assert method(examples.f, (2.0, 1.0)) == pytest.approx(1.46782750442583198, rel=1e-6)
    assert float(numerical.richardson(examples.f, (2.0, 1.0))) == pytest.approx(1.46782750442583198, rel=1e-9)


def test_the_first_argument_is_moved_unless_another_is_named():
    for quotient in (numerical.forward_difference, numerical.central_difference, numerical.complex_step):
        assert quotient(examples.f, (2.0, 1.0)) == quotient(examples.f, (2.0, 1.0), 0)


def test_argnum_counts_from_either_end():
    assert numerical.complex_step(examples.f, (2.0, 1.0), -2) == numerical.complex_step(
        examples.f, (2.0, 1.0), 0
    )
    for argnum in (2, 3, -3, -4):
        with pytest.raises(ValueError, match=f"argnum={argnum}, but x has 2"):
            numerical.central_difference(examples.f, (2.0, 1.0), argnum)


def test_an_array_of_one_entry():
    assert numerical.central_difference(np.exp, np.zeros(1)).shape == (1, 1)


def test_richardson_starts_at_a_tenth_or_a_little_more():
    assert numerical.richardson(np.sin, 0.5).steps[0] == 0.1
    assert numerical.richardson(np.sin, 100.0).steps[0] == pytest.approx(0.1 * math.log(101.0))
    assert numerical.richardson(np.sin, -100.0).steps[0] == pytest.approx(0.1 * math.log(101.0))


@pytest.mark.parametrize("x", [1e-3, 0.5, 2.0, 30.0, 100.0, 1e4])
@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (np.sin, np.cos),
        (lambda x: np.sin(10 * x), lambda x: 10 * np.cos(10 * x)),
        (lambda x: np.sin(100 * x), lambda x: 100 * np.cos(100 * x)),
        (np.log, lambda x: 1 / x),
        (np.sqrt, lambda x: 0.5 / np.sqrt(x)),
        (lambda x: 1 / x, lambda x: -1 / x**2),
        (lambda x: x**3, lambda x: 3 * x**2),
        (lambda x: np.exp(-x * x), lambda x: -2 * x * np.exp(-x * x)),
        (np.tan, lambda x: 1 / np.cos(x) ** 2),
    ],
)
def test_richardson_knows_its_error_where_the_first_steps_are_too_long(f, slope, x):
    """At 1e-3 they cross a pole; in sin(100 x) they are many waves long, and their differences agree by luck."""
    if x < 0.1:
        f = lambda x, f=f: f(np.abs(x))  # noqa: E731
    with np.errstate(divide="ignore"):
        found = numerical.richardson(f, x)
    assert abs(found.value - slope(x)) <= 3 * found.error
    assert found.error < 0.05 * max(abs(slope(x)), 1e-6)


def test_richardson_needs_two_rows_and_shrinking_steps():
    assert len(numerical.richardson(np.exp, 0.5, rows=2).tableau) == 2
    assert len(numerical.richardson(np.exp, 0.5, rows=3, ratio=1.5).tableau) == 3
    for ratio in (1.0, 0.5, -2.0, np.nan):
        with pytest.raises(ValueError, match="a ratio above 1"):
            numerical.richardson(np.exp, 0.5, ratio=ratio)


def test_richardson_takes_the_entry_that_it_trusts_most():
    """With two rows it is the corner; with forty, rounding ends it long before."""
    two = numerical.richardson(np.exp, 0.5, rows=2)
    (d0,), (d1, corner) = two.tableau
    assert two.value == corner
    assert two.error == max(abs(corner - d1), abs(corner - d0))
    many = numerical.richardson(np.exp, 0.5, rows=40)
    assert abs(many.value - math.exp(0.5)) < 1e-13
    assert many.value in [x for row in many.tableau for x in row]


def test_richardson_stops_when_smaller_steps_would_be_rounded_worse():
    found = numerical.richardson(np.exp, 0.5, rows=40)

    def rounding(row):
        return 2.0**-53 * (math.exp(0.5) + abs(0.5 * found.tableau[row][0])) / found.steps[row]

    assert len(found.tableau) < 10
    assert rounding(-1) > found.error >= rounding(-2)


def test_richardson_does_not_trust_an_agreement_by_luck():
    """All differences of a line agree; what is left is the rounding of its values and of its argument."""
    found = numerical.richardson(lambda x: 3.0 * x + 1.0, 2.0)
    assert found.value == pytest.approx(3.0, rel=1e-12)
    size, unit = 7.0, 2.0**-53
    assert found.error >= unit * (size + abs(2.0 * 3.0)) / found.steps[0]
    assert found.error <= 4 * unit * (size + abs(2.0 * 3.0)) / found.steps[1]


def test_answers_cannot_be_changed():
    with pytest.raises(AttributeError):
        numerical.richardson(np.exp, 0.0).value = 2.0
