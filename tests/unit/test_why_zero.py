"""Why is this derivative zero?  `diagnose` names the line that cut the path, and no other.

Each case is a small program, a point, and what stands in the line that makes its derivative zero.  A case may have
several such lines; all findings of kind "zero" must be at one of them, so a wrong line fails as well as none.
"""

import numpy as np
import pytest

import adlib
from adlib.engine import boxes
from adlib.gates import relu
from adlib.study.zeros import INDICES, SHAPES, SIGNS

RNG = np.random.default_rng(0)
Z = RNG.standard_normal(50)
W1, W2 = RNG.standard_normal((4, 2)), RNG.standard_normal(4)
TABLE = np.array([0.5, 1.5, 2.5])


def branch(x):
    y = x * x
    if y > 4.0:
        return 4.0
    return y


def digital_by_steps(T):
    total, t = 0.0, 0.0
    for _ in range(20):
        if t <= T:
            total = total + 0.05
        t += 0.05
    return total


def rounded_down(x):
    y = 3.0 * x
    cents = np.floor(y)
    return cents * 2.0


def rounded(x):
    return np.sum(np.round(x, 1) ** 2)


def index_of_largest(x):
    best = np.argmax(x * 2.0)
    return TABLE[best]


def bin_of(x):
    k = np.searchsorted(TABLE, x)
    return np.append(TABLE, 9.0)[k]


def order(x):
    ranks = np.argsort(x)
    return np.sum(TABLE[ranks] * np.arange(3.0))


def constant_branch(x):
    scale = 1.0 if np.any(x < 0) else 2.0
    return np.sum(np.ones(3) * scale)


def signs(x):
    votes = np.sign(x)
    return np.sum(votes * TABLE)


def step(x):
    on = np.heaviside(x, 0.5)
    return 3.0 * on


def dead(x):
    pre = x - 5.0
    act = np.maximum(pre, 0)
    return 2.0 * act


def dead_relu(x):
    act = relu(W1 @ x - 100.0)
    return W2 @ act


def masked_by_a_factor(x, on):
    y = np.sin(x)
    return y * on


def times_zero(x):
    return 0.0 * x + 7.0


def outside_clip(x):
    y = np.clip(x, -1.0, 1.0)
    return y**2


def saturated(x):
    h = 50.0 * x
    return np.tanh(h)


def underflow(x):
    h = -x * x
    return np.exp(h)


def unused(x, y):
    return x * 2.0


def only_its_shape(x):
    n = np.zeros_like(x)
    return np.sum(n + 1.0)


def only_its_length(x):
    n = len(x)
    return 2.0 * n


def other_branch(x, y):
    chosen = np.where(x > 0, x, y)
    return 2.0 * chosen


def power_zero(x):
    return x**0


def cancels(x):
    y = np.exp(x)
    return y - y


def turned(x):
    return np.sum(x - x[::-1])


def digital_payoff(spot):
    prices = spot * np.exp(0.2 * Z)
    paid = np.where(prices > 100.0, 1.0, 0.0)
    return np.mean(paid)


def one_zero_entry(a, b, c):
    p = np.prod(np.stack([a, b, c]))
    return p * 2.0


def computed_in_vain(x):
    y = np.sin(x)  # noqa: F841
    total = 0.0
    for _ in range(3):
        total += 1.0
    return total


def net(x):
    hidden = relu(W1 @ x + 0.1)
    return np.sum(W2 * hidden)


def curvature_of_a_net(x):
    return adlib.grad(net)(x)


def payoff(spot):
    gains = np.maximum(spot * np.exp(0.2 * Z) - 100.0, 0.0)
    return np.mean(gains)


def gamma(spot):
    return adlib.grad(payoff)(spot)


def stationary(x):
    return np.cos(x)


def square_at_zero(x):
    return x**2


def other_entry(x, y):
    both = np.stack([x, y])
    return both[1] * 3.0


def stopped(x):
    target = adlib.stop_gradient(x)
    return target**2


# name: the program, the point, which inputs have derivative zero, the cause, what stands in the lines
CASES = {
    "a comparison, and a constant branch": (branch, (3.0,), [0], "comparison", ["if y > 4.0"]),
    "t <= T, step by step": (digital_by_steps, (0.42,), [0], "comparison", ["if t <= T"]),
    "np.floor": (rounded_down, (1.1,), [0], "rounding", ["np.floor"]),
    "np.round": (rounded, (np.array([0.52, 1.29]),), [0], "rounding", ["np.round"]),
    "argmax": (index_of_largest, (np.array([0.1, 0.7, 0.3]),), [0], "index", ["np.argmax"]),
    "searchsorted": (bin_of, (1.7,), [0], "index", ["np.searchsorted"]),
    "argsort": (order, (np.array([0.1, 0.7, 0.3]),), [0], "index", ["np.argsort"]),
    "any(x < 0)": (constant_branch, (np.array([0.1, 0.7]),), [0], "comparison", ["np.any(x < 0)"]),
    "np.sign": (signs, (np.array([0.1, -0.7, 2.0]),), [0], "step", ["np.sign"]),
    "np.heaviside": (step, (0.3,), [0], "step", ["np.heaviside"]),
    "np.maximum(x, 0) below 0": (dead, (1.0,), [0], "dead ReLU", ["np.maximum"]),
    "relu, all dead": (dead_relu, (np.array([0.3, 0.4]),), [0], "dead ReLU", ["relu(W1"]),
    "a factor 0": (masked_by_a_factor, (0.7, 0.0), [0], "zero factor", ["return y * on"]),
    "0.0 * x": (times_zero, (0.7,), [0], "zero factor", ["0.0 * x"]),
    "clip, outside": (outside_clip, (3.0,), [0], "flat", ["np.clip"]),
    "tanh, saturated": (saturated, (3.0,), [0], "flat", ["np.tanh(h)"]),
    "exp, underflow": (underflow, (40.0,), [0], "flat", ["np.exp(h)"]),
    "a variable never used": (unused, (2.0, 3.0), [1], "not used", [""]),
    "an input used for zeros_like": (only_its_shape, (np.ones(3),), [0], "shape", ["np.zeros_like"]),
    "an input used for its length": (only_its_length, (np.ones(3),), [0], "shape", ["len(x)"]),
    "np.where takes the other": (other_branch, (-1.0, 3.0), [0], "other branch", ["np.where"]),
    "x ** 0": (power_zero, (3.0,), [0], "zero factor", ["x**0"]),
    "x - x": (cancels, (1.0,), [0], "cancel", ["return y - y"]),
    "x - x, turned around": (turned, (np.array([2.4, 2.4, 2.5]),), [0], "cancel", ["x - x[::-1]"]),
    "a digital payoff by Monte Carlo": (digital_payoff, (95.0,), [0], "comparison", ["prices > 100.0"]),
    "a product with two zeros": (one_zero_entry, (0.0, 0.0, 5.0), [0, 1, 2], "zero factor", ["np.prod"]),
    "computed in vain": (computed_in_vain, (1.0,), [0], "not in the result", ["np.sin"]),
    "the Hessian of a ReLU net": (
        curvature_of_a_net, (np.array([0.3, 0.4]),), [0], "relu", ["relu(W1"]),
    "gamma by Monte Carlo": (gamma, (95.0,), [0], "maximum", ["np.maximum"]),
    "cos at 0": (stationary, (0.0,), [0], "zero factor", ["np.cos(x)"]),
    "x² at 0": (square_at_zero, (0.0,), [0], "zero factor", ["x**2"]),
    "the other entry": (other_entry, (1.0, 2.0), [0], "other entries", ["np.stack", "both[1]"]),
}  # fmt: skip
if hasattr(adlib, "stop_gradient"):
    CASES["stop_gradient"] = (stopped, (3.0,), [0], "cut on purpose", ["adlib.stop_gradient"])


def zeros(d):
    return [finding for finding in d if finding.kind.startswith("zero")]


@pytest.mark.filterwarnings("ignore::adlib.errors.ConstantResult")
@pytest.mark.parametrize("name", CASES)
def test_the_line_that_cuts_the_path(name):
    f, args, which, cause, lines = CASES[name]
    d = adlib.diagnose(f, *args)
    found = zeros(d)
    assert found, repr(d)
    for finding in found:
        assert any(text in finding.line for text in lines), repr(d)
    assert any(cause in f"{finding.kind} {finding.operation} {finding.words}" for finding in found), repr(d)
    gradient = adlib.jacobian(f, argnums=tuple(range(len(args))))(*args)
    for k, g in enumerate(gradient):
        assert np.all(np.asarray(g) == 0) == (k in which)  # the case is what it says
    for k in which:
        assert any(d.trace.inputs[k].symbol in finding.words for finding in found), repr(d)


@pytest.mark.filterwarnings("ignore::adlib.errors.ConstantResult")
@pytest.mark.parametrize("name", CASES)
def test_elsewhere_nothing_is_said(name):
    """The same program, with something that does depend on each input beside it: no derivative is zero."""
    f, args, _, _, _ = CASES[name]

    def beside(*xs):
        return np.sum(f(*xs)) + sum(np.sum(np.sinh(x) + np.cosh(3 * x)) for x in xs)

    assert not zeros(adlib.diagnose(beside, *args)) or 0.0 in args


def test_a_comparison_that_did_not_cut_is_not_blamed():
    def f(x):
        if x < 0:
            raise ValueError
        y = np.floor(x)
        return y * 2.0

    (finding,) = zeros(adlib.diagnose(f, 2.5))
    assert "np.floor" in finding.line


def test_each_input_has_its_own_cause():
    def f(x, t):
        on = 1.0 if t > 0.5 else 0.0
        return np.rint(x) + on

    by_line = {finding.line.split(": ", 1)[1]: finding for finding in zeros(adlib.diagnose(f, 2.2, 0.7))}
    assert "v₋₁" in by_line["return np.rint(x) + on"].words
    assert "v₀" in by_line["on = 1.0 if t > 0.5 else 0.0"].words


def test_what_leaves_no_row_is_known():
    """Whatever sees plain values compares, finds a place, looks at a shape, or tells of no number."""
    tells_of_no_number = {
        *("isnan", "isfinite", "isinf", "isneginf", "isposinf", "isreal", "iscomplex", "iscomplexobj", "isrealobj"),
        *("result_type", "can_cast", "array_repr", "array_str", "may_share_memory", "shares_memory"),
    }  # fmt: skip
    untracked = {f.__name__ for f in boxes.UNTRACKED | boxes.UNTRACKED_UFUNCS}
    assert untracked - tells_of_no_number <= SIGNS | INDICES | SHAPES


def test_several_results_and_several_inputs():
    d = adlib.diagnose(
        lambda p: {"a": np.floor(p["u"]), "b": p["w"] * 2.0}, {"u": 1.5, "v": 2.0, "w": np.ones(2)}
    )
    assert [finding.kind for finding in d] == ["zero: rounding", "zero: not used"]
    assert "by v₋₂ is 0" in d[0].words
    assert "by v₋₁ is 0" in d[1].words


def test_a_loop_says_it_once():
    def f(x):
        total = 0.0
        for k in range(100):
            total = total + np.floor(x * k + 0.1)
        return total

    (finding,) = adlib.diagnose(f, 0.3031)
    assert "np.floor" in finding.line


@pytest.mark.parametrize("x", [np.array([0.0, 0.0]), np.array([0.7, 0.0])])
def test_a_zero_that_is_one_entry_only_is_none(x):
    """Of an array that has a derivative somewhere nothing is said."""
    assert bool(zeros(adlib.diagnose(lambda x: np.sum(x**2), x))) == (not np.any(x))
