"""Hard cases: each went wrong somewhere, in a system that people rely on.

Every test names the report or the paper it comes from (repository#number).  What has tests elsewhere is cited
there: nested confusion in test_nesting, long chains, threads and lost values in test_behaviour, NaN and kinks in
test_diagnosis and test_pitfalls, repeated singular values (jax#2311) in test_linalg.
"""

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

import adlib
from adlib import nn
from adlib.errors import ConstantResult
from adlib.optim import SGD

X = np.array([1.0, 2.0, 3.0])


def D(f, x):
    """The derivative, by forward mode."""
    return adlib.jvp(f, (x,), (1.0,))[1]


# --- Perturbation confusion -------------------------------------------------------------------------------------


@pytest.mark.parametrize("inner", [D, lambda f, x: adlib.grad(f)(x)], ids=["forward", "reverse"])
@pytest.mark.parametrize("outer", [D, lambda f, x: adlib.grad(f)(x)], ids=["forward", "reverse"])
def test_an_inner_function_closes_over_the_outer_argument(outer, inner):
    """ForwardDiff.jl#83, after Siskind and Pearlmutter, IFL 2005."""
    assert outer(lambda x: x * inner(lambda y: x + y, 1.0), 1.0) == 1.0
    assert outer(lambda x: x * inner(lambda y: x * y, 2.0), 4.0) == 8.0  # ReverseDiff.jl#45
    v = np.array([3.0])
    assert adlib.grad(lambda v: np.sum(v) * inner(lambda y: y * np.linalg.norm(v), 1.0))(v) == 6.0


def test_three_levels_close_over_each_other():
    """d/dx [x · d/dy (y · d/dz (x y z))] = d/dx [x · 2 x y] = 4 x y, at x = 3, y = 5."""
    for modes in np.ndindex(2, 2, 2):
        d = [(D, lambda f, x: adlib.grad(f)(x))[m] for m in modes]
        f = lambda x: x * d[1](lambda y: y * d[2](lambda z: x * y * z, 7.0), 5.0)  # noqa: B023, E731
        assert d[0](f, 3.0) == 60.0


def test_a_callable_that_differentiates_itself():
    """ForwardDiff.jl#313: a tag made from the function's type is the same for both levels."""

    class Confuse:
        def __init__(self, outer, x):
            self.outer, self.x = outer, x

        def __call__(self, y):
            return y * D(Confuse(False, y), 1.0) if self.outer else self.x + y

    assert D(Confuse(True, 0.0), 1.0) == 1.0


def test_a_closure_that_keeps_the_value_of_an_ended_derivative():
    """ForwardDiff.jl#443: it answers 2.  Here the value that escaped is refused."""

    def f(x):
        def keep(y):
            nonlocal x
            x = x * y
            return x

        D(keep, 1.0)
        return D(keep, 1.0)

    with pytest.raises(RuntimeError, match=r"derivative call that has ended\n  at line \d+ of keep"):
        D(f, 1.0)


def test_a_function_that_returns_a_function():
    """Manzyuk et al., *Perturbation confusion in forward AD of higher-order functions*, JFP 2019."""
    shift = lambda s: lambda f: lambda y: f(y + s)  # noqa: E731
    with pytest.raises(TypeError, match="returned a function, and a derivative must come back as numbers"):
        D(shift, 0.0)
    # what it stands for, written out: derivatives at a point are numbers, and those nest
    first = lambda f, y: D(lambda s: shift(s)(f)(y), 0.0)  # noqa: E731
    assert first(lambda u: first(np.exp, u), 1.0) == pytest.approx(math.e, rel=1e-15)


def test_the_hamiltonian_of_a_lagrangian():
    """ForwardDiff.jl#238: Legendre's transform takes a gradient and a Hessian inside the function."""
    mass, gravity = 1.0, 9.8

    def lagrangian(q, v):
        return mass / 2 * np.dot(v, v) - mass * gravity * q[1]

    def hamiltonian(q, p):
        along = lambda v: lagrangian(q, v)  # noqa: E731
        still = np.zeros(2)
        v = np.linalg.solve(adlib.hessian(along)(still), p - adlib.grad(along)(still))
        return np.dot(v, p) - along(v)

    q, p = np.array([1.0, 2.0]), np.array([5.0, 6.0])
    np.testing.assert_allclose(adlib.grad(hamiltonian)(q, p), [0.0, 9.8], rtol=1e-14)
    np.testing.assert_allclose(adlib.grad(hamiltonian, argnums=1)(q, p), [5.0, 6.0], rtol=1e-14)


# --- Records ----------------------------------------------------------------------------------------------------


def test_a_value_that_is_used_twice_receives_twice():
    """micrograd#2 and micrograd#64: without an order, b hands on before it has received everything."""
    a = adlib.Variable(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert a.grad == 4.0


def test_backward_twice_needs_to_be_meant():
    """micrograd#53 and micrograd#102: the second call also adds up what the first left in the middle."""
    a, b = adlib.Variable(3.0), adlib.Variable(2.0)
    e = (a + b) * 5.0
    e.backward(retain_graph=True)
    e.backward()
    assert (a.grad, b.grad) == (10.0, 10.0)  # twice 5, as PyTorch adds; micrograd has 15
    with pytest.raises(RuntimeError, match="released by an earlier backward"):
        e.backward()


def test_gradients_of_the_last_step_stay_until_they_are_forgotten():
    """PyTorch's most asked question; zero_grad() is the answer."""
    p = adlib.Variable(1.0)
    for expected in (2.0, 4.0):
        (p * 2.0).backward()
        assert p.grad == expected
    SGD([p], lr=0.1).zero_grad()
    (p * 2.0).backward()
    assert p.grad == 2.0


def test_a_step_between_a_loss_and_its_backward():
    """PyTorch: "one of the variables needed for gradient computation has been modified by an inplace operation"."""
    weights = adlib.Variable(np.ones(2))
    optimizer = SGD([weights], lr=0.1)
    one, two = np.sum(weights * weights), np.sum(weights**3)
    one.backward()
    optimizer.step()
    with pytest.raises(RuntimeError, match="a parameter was changed after this value was computed"):
        two.backward()
    np.sum(weights**3).backward()


def test_values_kept_in_a_generator():
    """A generator runs on when it is asked again, which may be after its derivative has ended."""
    kept = []

    def f(x):
        powers = (x**k for k in range(1, 9))
        kept.append(powers)
        return next(powers) * next(powers)

    assert adlib.grad(f)(2.0) == 12.0
    with pytest.raises(RuntimeError, match="derivative call that has ended"):
        next(kept[0])


def test_a_derivative_inside_the_value_of_a_gate():
    """Re-entrance: a gate may differentiate while it is being differentiated."""

    @adlib.custom_gate
    def slope_of_the_sine(x):
        return adlib.grad(np.sin)(x)

    slope_of_the_sine.backward(lambda g, out, x: -g * np.sin(x))
    assert adlib.grad(lambda x: x * slope_of_the_sine(x))(0.5) == pytest.approx(
        math.cos(0.5) - 0.5 * math.sin(0.5), rel=1e-15
    )
    assert adlib.grad(lambda x: adlib.grad(lambda y: y * slope_of_the_sine(x * y))(1.0))(
        0.5
    ) == pytest.approx(-2 * math.sin(0.5) - 0.5 * math.cos(0.5), rel=1e-14)


def test_copies():
    """pytorch#3307 (the copy forgot its gradient) and pytorch#1678 (only leaves could be copied)."""
    leaf = adlib.Variable(np.array([1.0, 2.0]))
    np.sum(leaf * leaf).backward()
    for twin in (copy.copy(leaf), copy.deepcopy(leaf), pickle.loads(pickle.dumps(leaf))):
        assert twin is not leaf
        np.testing.assert_array_equal(twin.grad, [2.0, 4.0])
        twin.grad = None
        np.sum(twin**3).backward()
        np.testing.assert_array_equal(twin.grad, [3.0, 12.0])
    np.testing.assert_array_equal(leaf.grad, [2.0, 4.0])
    for copied in (copy.copy, copy.deepcopy, np.copy):  # inside a function, a copy is a value like any other
        assert adlib.grad(lambda x: copied(x * x))(3.0) == 6.0  # noqa: B023
        np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(copied(x) * x))(X), 2 * X)  # noqa: B023


def test_a_network_can_be_copied_and_pickled():
    """pytorch#54580: deepcopy(model) fails where a computed value is kept on the model; the parameters are leaves."""
    net = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)), nn.ReLU())
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        pairs = list(zip(net.parameters(), twin.parameters(), strict=True))
        assert all(p is not q and p.value is not q.value for p, q in pairs)
        np.sum(twin(X[None, :])).backward()
        assert all(p.grad is None for p, _ in pairs)
        SGD(twin.parameters(), lr=0.1).step()
    np.testing.assert_array_equal(net(X[None, :]).value, copy.deepcopy(net)(X[None, :]).value)


def test_a_computed_value_cannot_be_pickled():
    y = adlib.Variable(2.0) * 3.0
    with pytest.raises(TypeError, match=r"pickling a tracked value(.|\n)*pickle the result"):
        pickle.dumps(y)


# --- Writing into arrays ----------------------------------------------------------------------------------------


def test_writing_into_an_array_with_a_tracked_value():
    """HIPS/autograd#58, #177, #375, #559: "setting an array element with a sequence"."""

    def f(b):
        c = np.zeros(2)
        c[0] = b[0] * b[0]
        return np.sum(c)

    for derivative in (adlib.grad(f), lambda x: adlib.jvp(f, (x,), (x,))):
        with pytest.raises(
            adlib.errors.LostDerivativeError, match=r"storing x in an array(.|\n)*c\[0\] = b\[0\]"
        ):
            derivative(X)


def test_writing_to_an_input_after_its_value_was_used():
    x = X.copy()
    _, pullback = adlib.vjp(lambda x: np.sum(x * x), x)
    leaf = adlib.Variable(x)
    y = np.sum(leaf * leaf)
    x[:] = 100.0
    y.backward()
    np.testing.assert_array_equal(pullback(1.0)[0], 2 * X)
    np.testing.assert_array_equal(leaf.grad, 2 * X)


@pytest.mark.parametrize("depth", [1, 2])
def test_a_buffer_that_is_filled_again(depth):
    """What a step has used is needed once more, on the way back: the record has a copy of its own."""
    buffer = np.zeros(3)

    def f(x):
        total = 0.0
        for k in range(3):
            buffer[:] = k
            total = total + np.sum(x * buffer)
        return total

    g = f if depth == 1 else lambda x: adlib.grad(f)(x)[0]
    np.testing.assert_array_equal(adlib.grad(g)(X), [3.0, 3.0, 3.0] if depth == 1 else [0.0, 0.0, 0.0])
    assert adlib.jvp(f, (X,), (np.ones(3),)) == (18.0, 9.0)


def test_constants_are_the_users_to_write_to_all_the_time():
    a, b = np.eye(3), np.ones((3, 3))
    b.flags.writeable = False

    def f(x):
        y = np.sum(a @ x + (b @ x) * a[0])
        assert a.flags.writeable
        assert not b.flags.writeable
        return y

    adlib.grad(f)(X)


def test_adding_to_an_array_would_leave_its_other_names_behind():
    """An alias: NumPy's += changes both.  A tracked array never changes, so going on would give another number."""

    def f(x):
        y = x * 1.0
        z = y
        z += 1.0
        return np.sum(y * z)

    with pytest.raises(TypeError, match=r"at line \d+ of f: z \+= 1\.0\n  Write y = y \+ \.\.\."):
        adlib.grad(f)(X)


# --- Types ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("x", [100, np.int64(3), np.array([1, 2]), True])
def test_integers_are_refused(x):
    """pyautodiff#11: the derivative of x**2 at 100 was 0.0.  HIPS/autograd#3, tangent#32, pytorch#3226."""
    with pytest.raises(TypeError, match="Integers cannot move by a small step"):
        adlib.grad(lambda x: np.sum(x**2))(x)


@pytest.mark.parametrize(
    "f", [lambda x: np.sum(x * 0.2), lambda x: np.sum(np.max(x, axis=0)), lambda x: np.sum(x**2)]
)
def test_float32_stays(f):
    """HIPS/autograd#163 (sum of squares), #199 (max), AutoGrad.jl#69 (a constant of double precision)."""
    x = np.ones((3, 3), np.float32)
    assert adlib.grad(f)(x).dtype == np.float32
    assert adlib.jvp(f, (x,), (x,))[1].dtype == np.float32


def test_arrays_without_axes():
    for x in (np.array(3.0), np.float64(3.0)):
        g = adlib.grad(lambda x: x * x)(x)
        assert type(g) is type(x)
        assert g == 6.0
    assert adlib.hessian(lambda x: x**3)(np.array(2.0)) == 12.0


class Labelled(np.ndarray):
    """A harmless subclass."""


class Money(np.ndarray):
    """A subclass with an arithmetic of its own."""

    def __array_ufunc__(self, *args, **kwargs):
        return NotImplemented


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
@pytest.mark.parametrize("place", ["input", "operator", "ufunc", "array function", "on the left"])
@pytest.mark.parametrize(
    "make",
    [np.matrix, lambda a: np.ma.array(a, mask=a > 1.5), lambda a: a.view(Money)],
    ids=["matrix", "masked", "own"],
)
def test_classes_with_their_own_arithmetic(make, place):
    """``*`` of np.matrix is a matrix product, a masked array leaves entries out: the table knows nothing of that."""
    odd = make(np.array([[1.0, 2.0], [3.0, 4.0]]))
    f = {
        "input": lambda x: np.sum(x),
        "operator": lambda x: np.sum(x * odd),
        "ufunc": lambda x: np.sum(np.multiply(x, odd)),
        "array function": lambda x: np.sum(np.where([[True, False]], x, odd)),
        "on the left": lambda x: np.sum(np.subtract(odd, x)),
    }[place]
    with pytest.raises(TypeError, match=r"arithmetic of its own(.|\n)*plain array"):
        adlib.grad(f)(odd if place == "input" else np.ones((2, 2)))


def test_subclasses_that_change_nothing():
    x = X.view(Labelled)
    g = adlib.grad(lambda a: np.sum(a * a * x))(x)
    assert type(g) is np.ndarray
    np.testing.assert_array_equal(g, 2 * X * X)


@pytest.mark.parametrize(
    "odd", [np.array([1, 2.0, 3], dtype=object), np.array([1j, 2, 3]), np.array(["a", "b", "c"])]
)
@pytest.mark.parametrize(
    "f", [lambda x, y: x * y, lambda x, y: np.add(y, x), lambda x, y: np.where(True, x, y)]
)
def test_arrays_that_are_not_of_real_numbers(odd, f):
    with pytest.raises(
        TypeError, match=r"an array of \S+ meets a tracked value, and adlib computes with real numbers only"
    ):
        adlib.grad(lambda x: np.sum(f(x, odd)))(X)


def test_other_numbers_of_python():
    assert adlib.grad(lambda x: Fraction(1, 2) * x * x / Fraction(2))(3.0) == 1.5
    assert adlib.grad(lambda x: True * x + x**2)(3.0) == 7.0
    for z in (1j, np.complex64(1j)):
        with pytest.raises(
            TypeError, match="meets a tracked value, and adlib computes with real numbers only"
        ):
            adlib.grad(lambda x: abs(x * z))(3.0)  # noqa: B023
        with pytest.raises(TypeError, match=r"meets a tracked value|computes with complex"):
            adlib.grad(lambda x: abs(z - x))(3.0)  # noqa: B023


def test_results_that_are_constants():
    """Zygote.jl#275: nothing, zero, or an error?  Zero, with a warning; a forgotten `return` is an error."""
    for constant in (20.0, np.ones(())):
        with pytest.warns(ConstantResult, match="does not depend on the inputs"):
            assert adlib.grad(lambda x: constant)(1.0) == 0.0  # noqa: B023
    with pytest.raises(TypeError, match=r"does not depend on the inputs(.|\n)*`return` forgotten"):
        adlib.grad(lambda x: None)(1.0)
    assert adlib.grad(lambda x: 20.0 + 0.0 * x)(1.0) == 0.0
    value, slopes = adlib.jvp(lambda x: (x * x, 20.0), (3.0,), (1.0,))
    assert (value, slopes) == ((9.0, 20.0), (6.0, 0.0))  # beside a result that depends


def test_empty_arrays():
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
    rows = np.zeros((0, 3))
    np.testing.assert_array_equal(adlib.jacobian(lambda x: np.prod(x, axis=0))(rows), np.zeros((3, 0, 3)))
    with pytest.raises(ValueError, match="zero-size array to reduction operation maximum"):
        adlib.grad(np.max)(nothing)


# --- Powers, kinks and branches ---------------------------------------------------------------------------------

POWERS = [
    # base, exponent, by base, by exponent
    (0.0, 2.0, 0.0, 0.0),
    (0.0, 1.0, 1.0, 0.0),
    (0.0, 0.5, math.inf, 0.0),
    (0.0, 0.0, 0.0, 0.0),  # a convention: 0**p jumps from 1 to 0 there
    (0.0, -1.0, -math.inf, -math.inf),
    (-2.0, 2.0, -4.0, math.nan),
    (-2.0, 3.0, 12.0, math.nan),
]


@pytest.mark.parametrize(("x", "p", "by_x", "by_p"), POWERS)
def test_powers_of_zero(x, p, by_x, by_p):
    """stan#3031, ChainRules.jl#513, ForwardDiff.jl#414, pytorch#27134, clad#1383: nan where a limit exists."""
    with np.errstate(all="ignore"):
        for f, a, expected in ((lambda x: x**p, x, by_x), (lambda p: x**p, p, by_p)):
            for found in (adlib.grad(f)(a), D(f, a), adlib.grad(lambda a: np.sum(f(a)))(np.array([a]))[0]):  # noqa: B023
                np.testing.assert_equal(found, expected)


@pytest.mark.parametrize("d", [D, lambda f, x: adlib.grad(f)(x)], ids=["forward", "reverse"])
def test_every_derivative_of_a_power_at_zero(d):
    """ForwardDiff.jl#331: the (n + 1)-th derivative of x**n was nan; johnhenry/mallory#74: that of x**0."""
    for n in range(5):
        f = lambda x, n=n: x**n  # noqa: E731
        for k in range(n + 2):
            expected = math.factorial(n) if k == n else 0.0
            g = f
            for _ in range(k):
                g = lambda x, g=g: d(g, x)  # noqa: E731
            assert g(0.0) == expected
    assert d(lambda x: (x - np.floor(x)) ** 0, 1.0) == 0.0  # jax#12409


@pytest.mark.parametrize(
    "f", [np.linalg.norm, lambda x: np.linalg.norm(x) ** 2, lambda x: np.linalg.norm(x, axis=-1)]
)
def test_the_norm_of_zero(f):
    """pytorch#2421, jax#21723, HIPS/autograd#151, #183, #617: nan.  Zero is the one answer that keeps it even."""
    np.testing.assert_array_equal(adlib.grad(f)(np.zeros(3)), np.zeros(3))
    np.testing.assert_array_equal(adlib.jvp(f, (np.zeros(3),), (X,))[1], 0.0)


@pytest.mark.parametrize("zero", [0.0, -0.0, np.zeros(1)[0]])
def test_kinks_follow_the_stated_conventions(zero):
    """HIPS/autograd#141 and jax#37821 (ties share), pytorch#184572 (four formulas of one function, three answers)."""
    assert adlib.grad(lambda x: np.maximum(x, 0.0))(zero) == 0.5
    assert adlib.grad(lambda x: np.clip(x, 0.0, None))(zero) == 0.5
    assert adlib.grad(adlib.gates.relu.function)(zero) == 0.0
    assert adlib.grad(np.abs)(zero) == 0.0
    assert adlib.grad(lambda x: np.where(x > 0, x, 0.0))(zero) == 0.0  # the branch that is taken


WHERE = {
    "HIPS/autograd#802": (lambda x: np.where(x >= 0, x, np.sqrt(-x)), 1.0, "sqrt"),
    "jax#347": (lambda x: np.where(x > 0.5, np.sqrt(x * x), 1.0), 0.0, "sqrt"),
    "pytorch#68425": (lambda x: np.where(x <= 0, np.exp(x), 1 + x), 1000.0, "exp"),
    "pytorch#108618": (lambda x: np.where(x > 2, np.log2(x), 2 * x), 0.0, "log2"),
}


@pytest.mark.parametrize("name", WHERE)
def test_the_branch_not_taken_is_found(name):
    """A nan from the other branch is nan here too: 0 · ∞ is nan.  But it is said where it was born."""
    f, x, gate = WHERE[name]
    with np.errstate(all="ignore"):
        assert math.isfinite(f(x))
        assert math.isnan(adlib.grad(f)(x))
        text = str(adlib.diagnose(f, x))
    assert gate in text
    assert "where" in text


def test_a_branch_on_equality_is_told():
    """ForwardDiff.jl#480: at x = 1 the program is the constant 1, whatever calculus says."""

    def square(x):
        return 1.0 + 0.0 * x if x == 1 else x**2

    def product(xs):
        p = 1.0
        for x in xs:
            p = p * x
            if p == 0:
                break  # the answer is known; the derivative is not
        return p

    assert adlib.grad(square)(1.0) == 0.0
    assert "x == 1" in str(adlib.diagnose(square, 1.0))
    xs = np.array([2.0, 0.0, 3.0])
    np.testing.assert_array_equal(adlib.grad(product)(xs), [0.0, 2.0, 0.0])  # calculus: 0, 6, 0
    assert "p == 0" in str(adlib.diagnose(product, xs))


@pytest.mark.parametrize("shape", [(1,), (1, 1), ()])
def test_a_single_entry_spread_over_nothing(shape):
    """Broadcasting one entry to none: what comes back is a sum of nothing."""
    x = np.full(shape, 2.0)
    np.testing.assert_array_equal(adlib.grad(lambda x: np.sum(x * np.zeros(0)))(x), np.zeros(shape))
    np.testing.assert_array_equal(
        adlib.grad(lambda x: np.sum(np.broadcast_to(x, (0, 1))))(x), np.zeros(shape)
    )


def test_attributes_of_arrays_are_there_or_refused_by_name():
    seen = {}

    def f(x):
        seen.update(
            shape=x.shape, size=x.size, nbytes=x.nbytes, itemsize=x.itemsize, ndim=x.ndim, dtype=x.dtype
        )
        return np.sum(x)

    adlib.grad(f)(np.ones((2, 3), np.float32))
    assert seen == {"shape": (2, 3), "size": 6, "nbytes": 24, "itemsize": 4, "ndim": 2, "dtype": np.float32}
    for name in ("fill", "put", "resize", "setfield", "setflags", "byteswap"):
        with pytest.raises(
            AttributeError, match=rf"x\.{name}\(\.\.\.\) writes into a tracked array(.|\n)*new array"
        ):
            adlib.grad(lambda x: getattr(x, name))(X)  # noqa: B023
    for name in ("view", "flat", "tobytes", "base", "data", "ctypes", "strides", "flags", "choose"):
        with pytest.raises(
            AttributeError, match=rf"x\.{name} of a tracked value would show the array behind it"
        ):
            adlib.grad(lambda x: getattr(x, name))(X)  # noqa: B023
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        adlib.grad(lambda x: x.nothing)(X)
