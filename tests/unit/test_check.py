"""check_grads finds wrong rules, and says where to look."""

import numpy as np
import pytest

import adlib
from adlib import gates
from adlib.errors import ConstantResult
from adlib.gates import Elementwise, Linear

X = np.array([0.3, -1.2, 2.0])


def wrong(monkeypatch, function, gate):
    monkeypatch.setitem(gates.GATES, function, gate)


def test_right_rules_pass_at_every_order():
    adlib.check_grads(lambda x: np.sin(x) * np.exp(x), (X,), order=3)
    adlib.check_grads(lambda x, y: x / y, (2.0, 3.0), modes=("forward",), order=2)
    adlib.check_grads(lambda x: {"a": x * x, "b": [x]}, [X])
    adlib.check_grads(lambda p: p["w"] @ p["w"], ({"w": X},), modes=["reverse"], order=2)
    adlib.check_grads(lambda x: np.sin(x), (X.astype(np.float32),), order=2)
    adlib.check_grads(lambda x: np.log(x), (1e-4,))
    adlib.check_grads(lambda x: np.log(x - 0.9999), (1.0,))  # only the smallest steps stay in the domain
    adlib.check_grads(lambda x: 3 * x, (2.0,), order=2)


def test_a_wrong_partial(monkeypatch):
    """The article's slip: −½ instead of +½."""
    wrong(monkeypatch, np.sqrt, Elementwise(np.sqrt, lambda x, v: -1 / (2 * v)))
    with pytest.raises(AssertionError) as caught:
        adlib.check_grads(lambda x, y: y * np.sqrt(x), (4.0, 3.0))
    message = str(caught.value)
    assert message.startswith("check_grads: order 1, argument 0, forward mode: ")
    assert "difference quotients give" in message
    assert "Both modes are off: look at the local derivative" in message


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_partial_that_is_half_too_large(monkeypatch, dtype):
    wrong(monkeypatch, np.sin, Elementwise(np.sin, lambda x, v: np.cos(x) * dtype(1.5)))
    with pytest.raises(AssertionError, match="Both modes are off"):
        adlib.check_grads(np.sin, (X.astype(dtype),))


@pytest.mark.parametrize("factor", [1 + 1e-4, 0.0, np.nan])
def test_a_wrong_transpose(monkeypatch, factor):
    wrong(monkeypatch, np.flip, Linear(np.flip, lambda g, x: np.flip(g) * factor))
    with pytest.raises(
        AssertionError, match=r"argument 0, reverse mode(.|\n)*reverse rule(.|\n)*the other mode is right"
    ):
        adlib.check_grads(lambda x: np.flip(x), (X,))
    with pytest.raises(AssertionError, match="Look at the reverse rule"):
        adlib.check_grads(lambda x: np.flip(x), (X,), modes=("reverse",))
    adlib.check_grads(lambda x: np.flip(x), (X,), modes=("forward",))


def test_a_wrong_forward_rule(monkeypatch):
    class Wrong(Elementwise):
        def jvp(self, tangents, values, out, params):
            return 2 * super().jvp(tangents, values, out, params)

    wrong(monkeypatch, np.sin, Wrong(np.sin, lambda x, v: np.cos(x)))
    with pytest.raises(AssertionError, match=r"forward mode(.|\n)*forward rule \(jvp\)"):
        adlib.check_grads(np.sin, (X,))
    adlib.check_grads(np.sin, (X,), modes=("reverse",))


def test_a_derivative_that_is_wrong_at_second_order_only(monkeypatch):
    """A rule computed with plain numbers has no derivative of its own."""
    plain = lambda x, v: np.cos(adlib.engine.boxes.plain(x))  # noqa: E731
    wrong(monkeypatch, np.sin, Elementwise(np.sin, plain))
    adlib.check_grads(lambda x: np.sin(x) * x, (X,), order=1)
    with pytest.raises(AssertionError, match=r"order 2, argument 0, forward mode over forward"):
        adlib.check_grads(lambda x: np.sin(x) * x, (X,), order=2)
    with pytest.raises(AssertionError, match=r"order 2, argument 0, reverse mode over reverse"):
        adlib.check_grads(lambda x: np.sin(x) * x, (X,), modes=("reverse",), order=2)


def test_the_argument_that_is_wrong_is_named(monkeypatch):
    row = Elementwise(np.arctan2, lambda x, y, v: y / (x * x + y * y), lambda x, y, v: x / (x * x + y * y))
    wrong(monkeypatch, np.arctan2, row)
    with pytest.raises(AssertionError, match="argument 1, forward mode"):
        adlib.check_grads(np.arctan2, (1.0, 2.0))
    with pytest.raises(AssertionError, match="argument 0, leaf 1, forward mode"):
        adlib.check_grads(lambda p: np.arctan2(*p), ((1.0, 2.0),))


def test_a_rule_that_rounds_breaks_the_identity(monkeypatch):
    row = Linear(np.flip, lambda g, x: np.flip(g).astype(np.float32).astype(float))
    wrong(monkeypatch, np.flip, row)
    with pytest.raises(AssertionError, match="the dot-product identity fails"):
        adlib.check_grads(lambda x: np.flip(x), (X,))


@pytest.mark.parametrize(
    ("f", "x"), [(lambda x: np.where(x > 1.0, x, 0.0), 1.0), (np.cbrt, 0.0), (np.floor, 2.0)]
)
def test_a_jump_or_an_infinite_slope_is_told(f, x):
    with pytest.raises(AssertionError, match=r"do not settle(.|\n)*a kink, a jump or the edge of a domain"):
        adlib.check_grads(f, (x,))


@pytest.mark.parametrize("f", [lambda x: np.maximum(x, 0.0), adlib.gates.relu.function, np.linalg.norm])
def test_a_convention_at_a_kink(f):
    """Where the convention is the mean of both sides the check passes; relu′(0) = 0 is not."""
    if f is gates.relu.function:
        with pytest.raises(AssertionError, match="or for a kink at this point"):
            adlib.check_grads(f, (0.0,))
    else:
        adlib.check_grads(f, (0.0,) if f is not np.linalg.norm else (np.zeros(2),))


@pytest.mark.parametrize("args", [X, 1.0, "ab", {"x": 1.0}, None])
def test_args_is_a_sequence(args):
    with pytest.raises(TypeError, match="args is the tuple of f's arguments"):
        adlib.check_grads(np.sin, args)


def test_other_bad_input():
    with pytest.raises(TypeError, match="of type int"):
        adlib.check_grads(np.sin, (3,))
    with pytest.raises(TypeError, match="does not depend on the inputs"):
        adlib.check_grads(lambda x: 3, (1.0,))
    with pytest.warns(ConstantResult, match="does not depend on the inputs") as caught:
        adlib.check_grads(lambda x: 3.0, (1.0,), order=2)
    assert len(caught) == 1
    for modes in ("forward", (), ("sideways",)):
        with pytest.raises(ValueError, match="'forward' and 'reverse'"):
            adlib.check_grads(np.sin, (1.0,), modes=modes)
    with pytest.raises(ValueError, match="order is at least 1"):
        adlib.check_grads(np.sin, (1.0,), order=0)


def test_tolerances_and_seeds():
    rough = lambda x: x * x + 1e-5 * np.where(np.asarray(adlib.engine.boxes.plain(x)) > 0, 1.0, 0.0)  # noqa: E731
    adlib.check_grads(rough, (2.0,), atol=1e-12, rtol=1e-9, seed=7)
    with pytest.raises(AssertionError):
        adlib.check_grads(np.sin, (X.astype(np.float32),), atol=1e-12, rtol=0.0)


def by_type(x):
    return 2.0 * x if isinstance(x, float) else 3.0 * x


def guarded(x):
    try:
        return 1.0 / (x - 2.0)
    except ZeroDivisionError:
        return 0.0 * x


def distinct(xs):
    return sum(set(xs)) * 1.0


def by_identity(xs):
    return xs[0] * 2.0 if xs[0] is xs[1] else xs[0]


def of_one_type(x):
    return x * (1.0 if type(x) is np.ndarray else 2.0)


OTHER_VALUES = {
    "isinstance": (by_type, (2.0,)),
    "except ZeroDivisionError": (guarded, (2.0,)),
    "the type of an array": (of_one_type, (X,)),
    "a number beside float32": (lambda x: np.sin(x) * np.ones(2, np.float32), (2.0,)),
    "identity": (by_identity, ([5.0] * 2,)),
}


@pytest.mark.parametrize("modes", [("forward",), ("reverse",), ("forward", "reverse")])
@pytest.mark.parametrize("name", OTHER_VALUES)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_values_are_compared_first(name, modes):
    f, args = OTHER_VALUES[name]
    with pytest.raises(
        AssertionError, match="same values: your function computes something else with tracked values"
    ):
        adlib.check_grads(f, args, modes=modes)


def test_a_set_of_numbers_is_noticed_or_refused():
    with pytest.raises((AssertionError, TypeError)):
        adlib.check_grads(distinct, ([2.0, 2.0],))


def test_the_callers_list_is_left_as_it_was():
    def f(xs):
        xs.sort()
        return xs[0] * xs[0] + xs[1]

    mine = [3.0, 1.0]
    adlib.check_grads(f, (mine,))
    assert mine == [3.0, 1.0]


def test_a_function_that_answers_otherwise_when_called_again():
    rng = np.random.default_rng(0)
    with pytest.raises(AssertionError, match=r"same answer twice(.|\n)*random numbers"):
        adlib.check_grads(lambda x: x * rng.normal(), (2.0,))


@pytest.mark.parametrize(
    "x", [X, np.arange(6.0).reshape(2, 3) + 1, np.ones((2, 1, 3)), np.array(2.0), X[::2]]
)
def test_arrays_that_lie_otherwise(x):
    adlib.check_grads(lambda x: np.sum(np.ravel(x) * np.sin(x.T.ravel())), (x,))
    adlib.check_grads(lambda x: np.ravel(x, order="A") * 1.0, (x,))  # whose values rightly differ


@pytest.mark.parametrize(("order", "words"), [("F", "by columns"), ("gaps", "with gaps")])
def test_a_rule_that_depends_on_the_memory_is_found(monkeypatch, order, words):
    def transpose(g, x):
        other = x.flags.fnc if order == "F" else not x.flags.forc
        return g * (2.0 if other else 1.0)

    wrong(monkeypatch, np.real, Linear(np.real, transpose))
    with pytest.raises(AssertionError, match=f"same derivatives, {words}: .* in reverse mode"):
        adlib.check_grads(lambda x: np.real(x) * 1.0, (np.arange(6.0).reshape(2, 3),))


@pytest.mark.parametrize(("mode", "words"), [
    ("forward", "jvp is linear in the tangent"), ("reverse", "the pullback is linear in the adjoint")])  # fmt: skip
def test_a_rule_that_is_not_linear(mode, words):
    @adlib.custom_gate
    def clipped(x):
        return x * 1.0

    clipped.backward(lambda g, out, x: np.clip(g, -1.0, 1.0))
    clipped.forward(lambda tangents, out, x: np.clip(tangents[0], -1.0, 1.0))
    with pytest.raises(AssertionError, match=f"check_grads, {words}(.|\n)*The custom gate clipped fails"):
        adlib.check_grads(lambda x: clipped(x), (0.3,), modes=(mode,))
