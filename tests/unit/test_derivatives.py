"""Which arguments, which mode, which shapes: what grad, jacobian, hessian and hvp promise beside the numbers."""

import numpy as np
import pytest

import adlib

X = np.array([1.0, 2.0, 3.0])


def f(x, y, z):
    return np.sum(x * x) * y + z**3


POINT = (X, 2.0, 5.0)
PARTIALS = [4 * X, 14.0, 75.0]


@pytest.mark.parametrize("k", [0, 1, 2, -1, -2, -3])
def test_argnums_count_from_both_ends(k):
    np.testing.assert_array_equal(adlib.grad(f, argnums=k)(*POINT), PARTIALS[k])
    np.testing.assert_array_equal(adlib.value_and_grad(f, k)(*POINT)[1], PARTIALS[k])
    np.testing.assert_array_equal(adlib.jacobian(f, argnums=k)(*POINT), PARTIALS[k])


def test_the_first_argument_is_the_usual_one():
    np.testing.assert_array_equal(adlib.grad(f)(*POINT), 4 * X)
    np.testing.assert_array_equal(adlib.value_and_grad(f)(*POINT)[1], 4 * X)
    np.testing.assert_array_equal(adlib.jacobian(f)(*POINT), 4 * X)
    np.testing.assert_array_equal(adlib.hessian(f)(*POINT), 4 * np.eye(3))


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_of_three_arguments_and_two_results(mode):
    def g(x, y, z):
        return {"sum": np.sum(x) * y, "all": x * z}

    found = adlib.jacobian(g, argnums=(0, 1, 2), mode=mode)(*POINT)
    np.testing.assert_array_equal(found["sum"][0], [2.0, 2.0, 2.0])
    assert found["sum"][1] == 6.0
    assert found["sum"][2] == 0.0
    np.testing.assert_array_equal(found["all"][0], 5 * np.eye(3))
    np.testing.assert_array_equal(found["all"][1], [0.0, 0.0, 0.0])
    np.testing.assert_array_equal(found["all"][2], X)
    assert [np.shape(b) for b in found["all"]] == [(3, 3), (3,), (3,)]


@pytest.mark.parametrize(("mode", "box"), [("forward", "Dual"), ("reverse", "Variable")])
def test_the_mode_is_the_one_asked_for(mode, box):
    """Either mode runs the function once; in forward mode it carries a bundle of tangents."""
    calls = []

    def g(x):
        calls.append(type(x).__name__)
        return np.stack([np.sum(x), np.prod(x)])

    adlib.jacobian(g, mode=mode)(np.ones((2, 3)))
    assert calls == [box]


@pytest.mark.parametrize(("entries", "runs"), [(1, 1), (128, 1), (129, 2), (300, 3), (10**6, None)])
def test_memory_is_bounded_by_blocks_of_columns(entries, runs):
    """A pass carries 128 columns at most, and fewer of a large input."""
    widths = []

    class EnoughError(Exception):
        pass

    def g(x):
        widths.append(len(x.tangent))
        if runs is None:
            raise EnoughError
        return x[:2] * x[-1]

    x = np.linspace(1.0, 2.0, entries)
    if runs is None:
        with pytest.raises(EnoughError):
            adlib.jacobian(g)(x)
        assert widths == [1]
        return
    found = adlib.jacobian(g)(x)
    assert len(widths) == runs
    assert sum(widths) == entries
    np.testing.assert_array_equal(found, adlib.jacobian(lambda x: x[:2] * x[-1], mode="reverse")(x))


def test_hvp_of_one_and_of_several():
    g = lambda x, y: np.sum(x**3) * y  # noqa: E731
    np.testing.assert_array_equal(adlib.hvp(lambda x: np.sum(x**3), (X,), (np.ones(3),)), 6 * X)
    by_x, by_y = adlib.hvp(g, (X, 2.0), (np.ones(3), 1.0))
    np.testing.assert_array_equal(by_x, 12 * X + 3 * X**2)
    assert by_y == np.sum(3 * X**2)


def test_items_and_accumulations():
    with pytest.raises(ValueError, match=r"shape \(0,\), and only one number can be returned"):
        adlib.Variable(np.zeros(0)).item()
    table = np.arange(1.0, 7.0).reshape(2, 3)
    for f, axes in (
        (np.add.accumulate, {}),
        (np.add.accumulate, {"axis": 1}),
        (np.multiply.accumulate, {}),
        (np.multiply.accumulate, {"axis": 1}),
        (np.add.reduce, {}),
        (np.multiply.reduce, {}),
        (np.maximum.reduce, {"axis": 1}),
    ):
        np.testing.assert_array_equal(adlib.vjp(lambda x, f=f, k=axes: f(x, **k), table)[0], f(table, **axes))


def test_methods_take_shapes_and_axes_both_ways():
    t = np.arange(24.0).reshape(2, 3, 4)
    for g in (
        lambda x: x.transpose(2, 0, 1),
        lambda x: x.transpose((2, 0, 1)),
        lambda x: x.transpose(),
        lambda x: x.transpose(None),
        lambda x: x.reshape(4, 6),
        lambda x: x.reshape((4, 6)),
        lambda x: x.reshape(-1),
        lambda x: x.reshape(6, -1, order="F"),
        lambda x: x.flatten(),
        lambda x: x.mT,
    ):
        np.testing.assert_array_equal(adlib.vjp(g, t)[0], g(t))


def test_the_result_of_a_pullback_is_the_readers_own():
    """Neither the seed nor another result shares its memory, whatever the function is."""
    for g in (lambda x: x, lambda x: x.reshape(3), lambda x: x + 0.0, lambda x: x[::-1][::-1]):
        seed = X.copy()
        _, pullback = adlib.vjp(g, X)
        (bar,) = pullback(seed)
        assert not np.shares_memory(bar, seed)
        bar += 1.0
        np.testing.assert_array_equal(pullback(seed)[0], X)


def test_numpys_integers_and_lists_are_argnums():
    assert adlib.grad(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0
    assert adlib.grad(lambda a, b: a * b, [1, 0])(2.0, 3.0) == (2.0, 3.0)
    assert adlib.jacobian(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0


def test_hvp_takes_tuples():
    with pytest.raises(
        TypeError, match=r"hvp: primals and tangents are tuples(.|\n)*adlib\.hvp\(f, \(x,\), \(v,\)\)"
    ):
        adlib.hvp(lambda x: x * x, 2.0, 1.0)


# --- Constants, identities, shapes, names -----------------------------------------------------------------------


def test_a_constant_argument_may_be_anything():
    f = lambda x, n, how, flag=None: x**n if how == "power" else x  # noqa: E731
    assert adlib.grad(f)(2.0, 3, "power", flag=object()) == 12.0
    assert adlib.grad(f, argnums=0)(2.0, 3, how="none") == 1.0
    assert adlib.grad(lambda n, x: x**n, argnums=-1)(3, 2.0) == 12.0


def test_shapes_of_jacobians():
    A = np.arange(6.0).reshape(2, 3)
    for mode in ("forward", "reverse"):
        np.testing.assert_array_equal(adlib.jacobian(lambda x: A @ x, mode=mode)(X), A)
        assert adlib.jacobian(lambda x: np.outer(x, x), mode=mode)(X).shape == (3, 3, 3)
        assert adlib.jacobian(lambda x: x * X, mode=mode)(2.0).shape == (3,)
        assert adlib.jacobian(lambda x: np.sum(x), mode=mode)(A).shape == (2, 3)
        assert type(adlib.jacobian(lambda x: x * x, mode=mode)(2.0)) is float
        assert adlib.jacobian(lambda x: x[None], mode=mode)(A.astype(np.float32)).shape == (1, 2, 3, 2, 3)
        assert adlib.jacobian(lambda x: x * x, mode=mode)(A.astype(np.float32)).dtype == np.float32


def test_the_result_may_be_the_input_itself():
    assert adlib.grad(lambda x: x)(3.0) == 1.0
    assert adlib.jvp(lambda x: x, (3.0,), (5.0,)) == (3.0, 5.0)
    assert adlib.vjp(lambda x, y: (y, x, x), 1.0, 2.0)[1]((1.0, 10.0, 100.0)) == (110.0, 1.0)
    np.testing.assert_array_equal(adlib.jacobian(lambda x: x)(X), np.eye(3))


def test_one_object_as_two_inputs():
    x = np.array([1.0, 2.0])
    first, second = adlib.grad(lambda a, b: np.sum(a * a * b), (0, 1))(x, x)
    np.testing.assert_array_equal(first, 2 * x * x)
    np.testing.assert_array_equal(second, x * x)
    v = adlib.Variable(3.0)
    (v * v).backward()
    assert v.grad == 6.0


def test_vjp_is_linear_in_the_adjoint_and_may_be_called_again():
    _, pullback = adlib.vjp(lambda x: np.sin(x) * x[::-1], X)
    a, b = np.array([1.0, -2.0, 0.5]), np.array([0.3, 0.0, 4.0])
    np.testing.assert_allclose(
        pullback(2 * a - 3 * b)[0], 2 * pullback(a)[0] - 3 * pullback(b)[0], rtol=1e-14
    )


def test_names_of_derivatives():
    def f(x):
        return x

    assert adlib.grad(f).__name__ == "grad(f)"
    assert adlib.hessian(f).__name__ == "hessian(f)"
