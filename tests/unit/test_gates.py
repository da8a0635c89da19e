"""Every elementwise gate against 50-digit arithmetic: values, first and second derivatives, floats and arrays."""

import math
import string

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import adlib
from adlib import gates
from adlib.gates import GATES, Elementwise
from adlib.gates.gate import function
from adlib.numerical import richardson
from tests.unit.cases.elementwise import REFERENCE, ROWS

CASES = [
    pytest.param(name, point if isinstance(point, tuple) else (point,), id=f"{name}-{point}")
    for name, (_, points) in REFERENCE.items()
    for point in points
]


def test_every_row_of_the_table_has_a_case():
    assert set(REFERENCE) == set(ROWS)


def exact(name, point, orders):
    """Differentiate the reference in 50 digits."""
    reference = REFERENCE[name][0]
    return mpmath.diff(reference, tuple(map(mpf, point)), orders, h=mpf(10) ** -20)


def close(found, expected, rel=3e-14):
    """Compare within a few units of the last place, or of rounding in the arguments where that is larger."""
    assert found == pytest.approx(float(expected), rel=rel, abs=1e-15)


def magnified(point):
    """By how much the last digit of an argument counts: near a pole, and in e^x at large x."""
    return (
        1e4
        if any(abs(abs(x) - 1) < 1e-3 or abs(x - 1.57) < 1e-3 for x in point)
        else max(1, *map(abs, point), 1)
    )


@pytest.mark.parametrize(("name", "point"), CASES)
def test_value_and_first_partials_in_both_modes(name, point):
    gate, units = ROWS[name], 3e-14 * magnified(point)
    value, pullback = adlib.vjp(gate.function, *point)
    adjoints = pullback(1.0)
    assert type(value) is float
    close(value, REFERENCE[name][0](*map(mpf, point)), units)
    for i, adjoint in enumerate(adjoints):
        seeds = [float(j == i) for j in range(len(point))]
        out, tangent = adlib.jvp(gate.function, point, seeds)
        partial = exact(name, point, tuple(int(s) for s in seeds))
        assert out == value
        assert type(adjoint) is type(tangent) is float
        close(adjoint, partial, units)
        close(tangent, partial, units)


@pytest.mark.parametrize(("name", "point"), CASES)
def test_second_partials_in_all_four_nestings(name, point):
    gate, n, units = ROWS[name], len(point), 2e-13 * magnified(point)
    unit = np.eye(n).tolist()
    expected = {
        (i, k): exact(name, point, tuple(map(int, np.add(unit[i], unit[k]))))
        for i in range(n)
        for k in range(n)
    }

    def pushed(i):
        return lambda *x: adlib.jvp(gate.function, x, unit[i])[1]

    def pulled(i):
        return lambda *x: adlib.vjp(gate.function, *x)[1](1.0)[i]

    for (i, k), number in expected.items():
        for inner in (pushed(i), pulled(i)):
            close(adlib.jvp(inner, point, unit[k])[1], number, units)
            close(adlib.vjp(inner, *point)[1](1.0)[k], number, units)


@pytest.mark.parametrize(("name", "point"), CASES)
def test_arrays_give_the_same_numbers_as_floats(name, point):
    gate = ROWS[name]
    arrays = [np.array([x, x]) for x in point]
    value, pullback = adlib.vjp(gate.function, *arrays)
    scalar, scalar_pullback = adlib.vjp(gate.function, *point)
    np.testing.assert_allclose(value, [scalar, scalar], rtol=1e-14)
    ybar = np.array([1.0, -2.0])
    for i, (found, one) in enumerate(zip(pullback(ybar), scalar_pullback(1.0), strict=True)):
        np.testing.assert_allclose(found, ybar * one, rtol=1e-13)
        seeds = [ybar if j == i else 0 * ybar for j in range(len(point))]
        np.testing.assert_allclose(adlib.jvp(gate.function, arrays, seeds)[1], ybar * one, rtol=1e-13)


@pytest.mark.parametrize("name", REFERENCE)
def test_difference_quotients_agree(name):
    point = REFERENCE[name][1][-1 if name == "reciprocal" else 1]
    point = point if isinstance(point, tuple) else (point,)
    gradient = adlib.vjp(ROWS[name].function, *point)[1](1.0)
    for i, slope in enumerate(gradient):
        found = richardson(ROWS[name].function, point, i, h=0.01)
        assert slope == pytest.approx(found.value, rel=1e-8, abs=1e-8)


def test_aliases_share_the_row():
    for alias, name in {
        np.fabs: "absolute",
        np.rad2deg: "degrees",
        np.deg2rad: "radians",
        np.true_divide: "divide",
        np.mod: "remainder",
        np.abs: "absolute",
        np.asinh: "arcsinh",
        np.pow: "power",
    }.items():
        assert GATES[alias] is ROWS[name]


def test_gates_can_be_called():
    assert gates.sin(0.5) == math.sin(0.5)
    assert repr(gates.sin) == "<gate sin>"
    np.testing.assert_array_equal(gates.relu(np.array([-1.0, 2.0])), [0.0, 2.0])


def test_every_notation_has_a_place_for_each_operand():
    for gate in GATES.values():
        places = [
            field for _, field, _, _ in string.Formatter().parse(gate.notation.template) if field is not None
        ]
        assert len(places) == len(gate.notation.operands), gate
        if isinstance(gate, Elementwise):
            assert len(places) == len(gate.partials), gate
        else:
            assert len(places) == max(1, len(getattr(gate, "transposes", ()))), gate


def test_a_row_may_have_three_operands(monkeypatch):
    """v = x y + z, as one gate: nothing else has to know."""

    def fused(x, y, z):
        return x * y + z

    fused = function(fused)
    gate = Elementwise(
        fused, lambda x, y, z, v: y, lambda x, y, z, v: x, 1, scalar=lambda x, y, z: x * y + z, name="fused"
    )
    monkeypatch.setitem(GATES, fused, gate)
    assert adlib.grad(fused, (0, 1, 2))(2.0, 3.0, 4.0) == (3.0, 2.0, 1.0)
    assert adlib.jvp(fused, (2.0, 3.0, 4.0), (1.0, 10.0, 100.0)) == (10.0, 123.0)
    adlib.check_grads(fused, (np.array([1.0, 2.0]), np.array([[3.0], [4.0]]), 0.5), order=2)
    x = adlib.symbols("x")
    assert str(fused(x, 2.0, 1.0)) == "fused(x, 2, 1)"
    assert str(adlib.trace(fused, 2.0, 3.0, 4.0).output.value) == "10.0"
