"""Reductions: masks, given means, axes that a number lacks, quantiles, and the edges of their values."""

import numpy as np
import pytest

import adlib
from tests.unit.cases.arrays import M, T, V


def test_a_reduction_is_written_with_its_operand():
    t = adlib.trace(lambda x: np.prod(x) * np.max(x), V)
    latex = t.primal()._repr_html_()
    assert "prod" in latex
    assert r"\operatorname{prod}(v_{0})" in latex or r"\operatorname{prod}(v_0)" in latex
    assert r"\operatorname{max}(v_{0})" in latex or r"\operatorname{max}(v_0)" in latex


def test_arguments_that_ask_for_nothing_are_fine():
    np.testing.assert_array_equal(adlib.grad(lambda x: np.max(x, out=None))(V), adlib.grad(np.max)(V))
    np.testing.assert_array_equal(
        adlib.vjp(lambda x: np.max(x, axis=None, keepdims=True), M)[0], [[np.max(M)]]
    )
    np.testing.assert_array_equal(
        adlib.vjp(lambda x: np.sum(x, axis=1, dtype=None, out=None), M)[0], M.sum(1)
    )


def test_a_variance_around_a_given_mean():
    centre = np.mean(M, axis=1, keepdims=True)
    for f in (
        lambda x: np.var(x, axis=1, mean=np.mean(x, axis=1, keepdims=True)),
        lambda x: np.var(x, axis=1, mean=centre, correction=1),
        lambda x: np.std(x, axis=1, correction=1),
    ):
        np.testing.assert_allclose(adlib.vjp(f, M)[0], f(M), rtol=1e-14)
        adlib.check_grads(f, (M,), order=2)


def test_what_is_masked_may_be_nan():
    x = np.array([1.0, np.nan, 3.0])
    keep = ~np.isnan(x)
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x, where=keep))(x), [1.0, 0.0, 1.0])
    np.testing.assert_array_equal(adlib.grad(lambda x: np.mean(x, where=keep))(x), [0.5, 0.0, 0.5])
    np.testing.assert_array_equal(adlib.grad(lambda x: np.var(x, where=keep))(x), [-1.0, 0.0, 1.0])


@pytest.mark.parametrize("f", [np.sum, np.prod, np.max, np.min])
@pytest.mark.parametrize("axis", [0, -1])
def test_a_number_is_summed_along_an_axis_that_it_lacks(f, axis):
    assert f(2.0, axis=axis) == 2.0
    assert adlib.value_and_grad(lambda x: f(x, axis=axis))(2.0) == (2.0, 1.0)
    assert adlib.jvp(lambda x: f(x, axis=axis), (2.0,), (3.0,)) == (2.0, 3.0)


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: np.unwrap(x, period=2.0), [0.0, 1.0, 0.0, 1.5, 3.0, 2.0, 0.5]),
        (np.nan_to_num, [1.0, np.nan, np.inf, -np.inf]),
        (lambda x: np.nan_to_num(x, nan=2.0, posinf=3.0, neginf=-3.0), [1.0, np.nan, np.inf, -np.inf]),
        (np.median, [np.inf, 1.0, -2.0]),
        (np.median, [np.nan, 1.0, -2.0]),
        (lambda x: np.quantile(x, [0.25, 0.5]), [np.inf, 1.0, -2.0, 5.0]),
        (lambda x: np.polymul(x, [0.0, 1.0, 2.0]), [0.0, 0.0, 3.0]),
        (lambda x: np.polymul(x, [1.0, 2.0]), [0.0, 0.0]),
        (lambda x: np.var(x, ddof=5), [1.0, 2.0, 4.0]),
    ],
)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_at_the_edge_are_numpys(f, x):
    x = np.array(x)
    np.testing.assert_array_equal(adlib.vjp(lambda x: (f(x), 0.0 * np.sum(x)), x)[0][0], f(x))


def test_quantiles_along_several_axes():
    for f in (
        lambda x: np.median(x, axis=(0, 2)),
        lambda x: np.quantile(x, [0.3, 0.8], axis=(-1, 0), keepdims=True),
        lambda x: np.nanmedian(x, axis=(1, 2)),
        lambda x: np.nanquantile(x, [0.3, 0.8], axis=1),
    ):
        np.testing.assert_allclose(adlib.vjp(f, T)[0], f(T), rtol=1e-14)
        adlib.check_grads(f, (T,))
