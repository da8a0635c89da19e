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


@pytest.mark.parametrize("k", [3, 4, 7, -4, -5, (0, 3)])
@pytest.mark.parametrize("derivative", [adlib.grad, adlib.jacobian, adlib.hessian])
def test_arguments_that_are_not_there(derivative, k):
    with pytest.raises(TypeError, match=r"argnums=.*but the call has 3 positional argument"):
        derivative(f, argnums=k)(*POINT)


@pytest.mark.parametrize("derivative", [adlib.grad, adlib.jacobian, adlib.hessian])
@pytest.mark.parametrize("k", [(), (1, 1), (0, -3)])
def test_arguments_named_not_at_all_or_twice(derivative, k):
    with pytest.raises(TypeError, match="name at least one argument, and none twice"):
        derivative(f, argnums=k)(*POINT)


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


def test_another_mode_is_refused_at_once():
    with pytest.raises(ValueError, match="mode is 'forward' or 'reverse', not 'sideways'"):
        adlib.jacobian(f, mode="sideways")


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_where_nothing_is(mode):
    nothing = np.zeros((0, 2))
    assert adlib.jacobian(lambda x: np.sum(x, axis=0), mode=mode)(nothing).shape == (2, 0, 2)
    assert adlib.jacobian(lambda x: x[:0], mode=mode)(X).shape == (0, 3)
    both = adlib.jacobian(lambda x: (x[:0], x), mode=mode)(X.astype(np.float32))
    assert [b.shape for b in both] == [(0, 3), (3, 3)]
    assert both[0].dtype == np.float32


def test_only_one_number_has_a_gradient():
    for result, got in (
        (lambda x: x, r"shape \(3,\)"),
        (lambda x: (np.sum(x), np.sum(x)), "2 results"),
        (lambda x: [np.sum(x)], "1 results"),
        (lambda x: {"a": x}, "1 results"),
    ):
        with pytest.raises(TypeError, match=rf"returned {got}, and only a scalar has a gradient"):
            adlib.grad(result)(X)


def test_hvp_of_one_and_of_several():
    g = lambda x, y: np.sum(x**3) * y  # noqa: E731
    np.testing.assert_array_equal(adlib.hvp(lambda x: np.sum(x**3), (X,), (np.ones(3),)), 6 * X)
    by_x, by_y = adlib.hvp(g, (X, 2.0), (np.ones(3), 1.0))
    np.testing.assert_array_equal(by_x, 12 * X + 3 * X**2)
    assert by_y == np.sum(3 * X**2)


def test_a_second_input_is_checked_too():
    with pytest.raises(TypeError, match="cannot differentiate with respect to 2, of type int"):
        adlib.jvp(lambda x, y: x * y, (1.0, 2), (1.0, 0.0))
    with pytest.raises(TypeError, match="cannot differentiate with respect to 2, of type int"):
        adlib.jvp(lambda x, y: x * y, (X, 2), (X, 0.0))
    with pytest.raises(TypeError, match="cannot differentiate with respect to 2, of type int"):
        adlib.grad(lambda x: adlib.jvp(lambda u, v: u * v, (x, 2), (1.0, 0.0))[1])(1.0)
    with pytest.raises(TypeError, match=r"returned 'b', of type str, which does not depend"):
        adlib.vjp(lambda x: (1.5, "b"), 1.0)


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


@pytest.mark.parametrize("dtype", [np.int64, bool, complex, object])
def test_converting_to_what_has_no_derivative(dtype):
    with pytest.raises(TypeError, match=r"of a tracked value has no derivative"):
        adlib.grad(lambda x: np.sum(x.astype(dtype)))(X)


@pytest.mark.parametrize("mode", ["forward", "reverse"])
def test_jacobians_beside_an_empty_argument_and_of_three_results(mode):
    g = lambda x, y: (np.sum(x) + y, y * y, np.sin(y))  # noqa: E731
    blocks = adlib.jacobian(g, argnums=(0, 1), mode=mode)(np.zeros(0), 0.5)
    assert [b[0].shape for b in blocks] == [(0,), (0,), (0,)]
    np.testing.assert_allclose([b[1] for b in blocks], [1.0, 1.0, np.cos(0.5)], rtol=1e-15)


def test_what_would_fill_the_line_is_not_quoted():
    for length, shown in ((37, True), (38, False)):
        text = "a" * length
        with pytest.raises(TypeError, match="cannot differentiate with respect to") as caught:
            adlib.grad(lambda x: x)(text)
        assert (repr(text) in str(caught.value)) is shown
        assert ("a value, of type str" in str(caught.value)) is not shown


@pytest.mark.parametrize("argnums", ["b", 1.0, None])
def test_argnums_are_numbers(argnums):
    for derivative in (adlib.grad, adlib.jacobian, adlib.hessian, adlib.value_and_grad):
        with pytest.raises(TypeError, match=r"argnums=.*count positional arguments from 0"):
            derivative(lambda a, b: a * b, argnums)(2.0, 3.0)


def test_numpys_integers_and_lists_are_argnums():
    assert adlib.grad(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0
    assert adlib.grad(lambda a, b: a * b, [1, 0])(2.0, 3.0) == (2.0, 3.0)
    assert adlib.jacobian(lambda a, b: a * b, np.int64(1))(2.0, 3.0) == 2.0


def test_a_value_in_place_of_the_function():
    for call in (
        lambda: adlib.grad(9.0),
        lambda: adlib.jacobian(9.0),
        lambda: adlib.vjp(9.0, 3.0),
        lambda: adlib.jvp(9.0, (3.0,), (1.0,)),
        lambda: adlib.trace(9.0, 3.0),
        lambda: adlib.diagnose(9.0, 3.0),
    ):
        with pytest.raises(
            TypeError, match=r"differentiates functions, and was given 9\.0(.|\n)*grad\(f\)\(x\)"
        ):
            call()


def test_hvp_takes_tuples():
    with pytest.raises(
        TypeError, match=r"hvp: primals and tangents are tuples(.|\n)*adlib\.hvp\(f, \(x,\), \(v,\)\)"
    ):
        adlib.hvp(lambda x: x * x, 2.0, 1.0)
