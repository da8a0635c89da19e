"""Empty arrays: sums of nothing, shapes with a zero, and one entry spread over none."""

import numpy as np
import pytest

import adlib

X = np.array([1.0, 2.0, 3.0])


def test_empty_arrays():
    empty = np.zeros((0, 3))
    np.testing.assert_array_equal(adlib.grad(np.sum)(empty), empty)
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x @ np.ones((3, 2))))(empty), empty)
    np.testing.assert_array_equal(
        adlib.grad(lambda x: np.sum(np.concatenate([x, np.ones((1, 3))])))(empty), empty
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_the_median_of_nothing_is_nan():
    value, gradient = adlib.value_and_grad(np.median)(np.zeros(0))
    assert np.isnan(value)
    assert gradient.shape == (0,)


def test_reductions_of_nothing():
    nothing = np.zeros((0,))
    for f in (
        np.sum,
        np.prod,
        lambda x: np.sum(x * x),
        lambda x: np.linalg.norm(x),
        lambda x: np.sum(np.sort(x)),
    ):
        assert adlib.grad(f)(nothing).shape == (0,)
        assert adlib.jvp(f, (nothing,), (nothing,))[1] == 0.0
    rows, columns = np.zeros((0, 3)), np.zeros((2, 0))
    for f in (np.nanmedian, lambda x, axis: np.nanquantile(x, 0.3, axis=axis)):
        value, pullback = adlib.vjp(lambda x: f(x, axis=0), columns)  # noqa: B023
        assert value.shape == f(columns, axis=0).shape
        assert pullback(value)[0].shape == (2, 0)
    np.testing.assert_array_equal(adlib.jacobian(lambda x: np.prod(x, axis=0))(rows), np.zeros((3, 0, 3)))
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
        adlib.grad(np.max)(nothing)


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_a_single_entry_spread_over_nothing(shape):
    """Broadcasting one entry to none: what comes back is a sum of nothing."""
    x = np.full(shape, 2.0)
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x * np.zeros(0)))(x), np.zeros(shape))
    np.testing.assert_array_equal(
        adlib.grad(lambda x: np.sum(np.broadcast_to(x, (0, 1))))(x), np.zeros(shape)
    )


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_where_nothing_is(mode):
    nothing = np.zeros((0, 2))
    assert adlib.jacobian(lambda x: np.sum(x, axis=0), mode=mode)(nothing).shape == (2, 0, 2)
    assert adlib.jacobian(lambda x: x[:0], mode=mode)(X).shape == (0, 3)
    both = adlib.jacobian(lambda x: (x[:0], x), mode=mode)(X.astype(np.float32))
    assert [b.shape for b in both] == [(0, 3), (3, 3)]
    assert both[0].dtype == np.float32


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_beside_an_empty_argument_and_of_three_results(mode):
    g = lambda x, y: (np.sum(x) + y, y * y, np.sin(y))  # noqa: E731
    blocks = adlib.jacobian(g, argnums=(0, 1), mode=mode)(np.zeros(0), 0.5)
    assert [b[0].shape for b in blocks] == [(0,), (0,), (0,)]
    np.testing.assert_allclose([b[1] for b in blocks], [1.0, 1.0, np.cos(0.5)], rtol=1e-15)
