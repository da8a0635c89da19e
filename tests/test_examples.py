"""The examples against numbers computed elsewhere, to 50 digits."""

import math

import mpmath
import numpy as np
import pytest

from adlib.lesson import examples


def close(a, b):
    return abs(a - b) <= 1e-12 * max(abs(b), 1e-3)


def test_f_at_both_points():
    assert close(examples.f(*examples.POINT), 1.86091475014739672)
    assert close(examples.f(*examples.SECOND_POINT), 4.73899841098233509)


def test_partials_by_hand():
    assert close(examples.df_dx1(2.0, 1.0), 1.46782750442583198)
    assert close(examples.df_dx2(2.0, 1.0), -1.38016556832272458)
    assert close(examples.df_dx1(3.0, 0.5), 1.89618871622179048)
    assert close(examples.df_dx2(3.0, 0.5), -3.71880861999563622)


def test_f_takes_arrays():
    x2 = np.array([1.0, 0.5])
    assert np.allclose(examples.f(np.array([2.0, 3.0]), x2), [1.86091475014739672, 4.73899841098233509])


def test_survey():
    assert close(examples.survey(*examples.SURVEY_POINT), 11.6520714552230838)


@pytest.mark.parametrize("n", range(1, 7))
def test_logistic_map_and_its_closed_form_agree(n):
    for x in (0.1, 0.2, 0.5, 0.9):
        assert close(examples.logistic(x, n), float(examples.logistic_closed_form(x, n)))


def test_logistic_value_and_first_index():
    assert close(examples.logistic(0.2, 4), 0.28901376)
    assert examples.logistic(0.2, 1) == 0.2
    for function in (examples.logistic, examples.logistic_closed_form):
        with pytest.raises(ValueError, match="l_0"):
            function(0.2, 0)


def test_speelpenning_is_one_over_n_plus_one():
    for n in (1, 5, 20):
        x = [(i + 1) / (i + 2) for i in range(n)]
        assert close(examples.speelpenning(x), 1 / (n + 1))


def test_rosenbrock():
    assert close(examples.rosenbrock(np.array([-1.2, 1.0])), 24.2)
    assert examples.rosenbrock(np.ones(7)) == 0


def test_martins_sturdza_alonso():
    exact = mpmath.exp(1.5) / mpmath.sqrt(mpmath.sin(1.5) ** 3 + mpmath.cos(1.5) ** 3)
    assert close(examples.martins_sturdza_alonso(1.5), float(exact))


def test_helmholtz_against_the_formula_written_out():
    x, b = [0.2, 0.3, 0.1], [0.5, 0.4, 0.3]
    A = [[2.0, 0.5, 0.1], [0.5, 1.0, 0.2], [0.1, 0.2, 3.0]]
    bx = sum(bi * xi for bi, xi in zip(b, x, strict=True))
    ideal = 2.0 * 3.0 * sum(xi * math.log(xi / (1 - bx)) for xi in x)
    xAx = sum(x[i] * A[i][j] * x[j] for i in range(3) for j in range(3))
    root = math.sqrt(2)
    log = math.log((1 + (1 + root) * bx) / (1 + (1 - root) * bx))
    expected = ideal - xAx / (math.sqrt(8) * bx) * log
    assert close(examples.helmholtz(np.array(x), np.array(A), np.array(b), R=2.0, T=3.0), expected)


def test_level_order_trap():
    assert close(examples.level_order_trap(1.0), math.exp(math.sin(1.0)))
