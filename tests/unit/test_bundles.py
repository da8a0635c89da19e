"""Bundles: k tangents pushed through a gate at once are what they are one by one.

Every gate meets bundles, by its own rule for them or by the general one; linear gates in all their forms, with numbers,
arrays that broadcast, stacks, masks and index arrays; and inside derivatives of any order.
"""

import numpy as np
import pytest

import adlib
from adlib.gates import GATES, Elementwise

RNG = np.random.default_rng(3)
X = RNG.uniform(0.2, 0.9, (2, 3))
CUBE = RNG.uniform(0.2, 0.9, (2, 3, 3))
A, V = RNG.normal(size=(3, 4)), RNG.normal(size=3)
MASK = np.array([[True, False, True], [False, False, True]])

ELEMENTWISE = sorted(
    {g.name: g for g in GATES.values() if isinstance(g, Elementwise) and g.name != "attach"}.items()
)

FORMS = {
    "sum": (X, [{}, {"axis": 0}, {"axis": -1, "keepdims": True}, {"axis": (0, 1)}, {"axis": ()}], np.sum),
    "reshape": (X, [{"shape": (3, 2)}, {"shape": -1}, {"shape": (3, 2), "order": "F"}], np.reshape),
    "ravel": (X, [{}, {"order": "F"}], np.ravel),
    "squeeze": (X[:1], [{}, {"axis": 0}], np.squeeze),
    "expand_dims": (X, [{"axis": 0}, {"axis": -1}, {"axis": (0, 2)}], np.expand_dims),
    "transpose": (CUBE, [{}, {"axes": (1, 2, 0)}, {"axes": (-1, 0, 1)}], np.transpose),
    "swapaxes": (CUBE, [{"axis1": 0, "axis2": -1}], np.swapaxes),
    "moveaxis": (
        CUBE,
        [{"source": 0, "destination": -1}, {"source": (0, 1), "destination": (2, 0)}],
        np.moveaxis,
    ),
    "broadcast_to": (X, [{"shape": (4, 2, 3)}, {"shape": (2, 3)}], np.broadcast_to),
    "cumsum": (X, [{}, {"axis": 0}, {"axis": -1}], np.cumsum),
    "flip": (X, [{}, {"axis": 1}], np.flip),
    "roll": (X, [{"shift": 1}, {"shift": 2, "axis": 0}], np.roll),
    "repeat": (X, [{"repeats": 2}, {"repeats": [1, 2], "axis": 0}], np.repeat),
    "take": (X, [{"indices": [0, 2, 2], "axis": 1}, {"indices": 4}], np.take),
    "diagonal": (CUBE, [{}, {"axis1": 1, "axis2": 2, "offset": 1}], np.diagonal),
    "max": (X, [{}, {"axis": 0}, {"axis": -1, "keepdims": True}], np.max),
    "prod": (X, [{}, {"axis": 1}, {"axis": (0, 1), "keepdims": True}], np.prod),
    "norm": (X, [{}, {"axis": 0}, {"axis": 1, "keepdims": True}], np.linalg.norm),
    "sort": (X, [{}, {"axis": 0}, {"axis": None}], np.sort),
    "mean": (X, [{}, {"axis": 0}], np.mean),
    "copy": (X, [{}, {"order": "F"}], np.copy),
}
INDICES = {
    "number": 1,
    "numpy number": np.int64(1),
    "slice": slice(None, None, -1),
    "pair": (0, 2),
    "new axis": (None, slice(None), 1),
    "ellipsis": (..., 0),
    "list": [1, 0, 1],
    "array": (slice(None), np.array([[0, 2], [2, 2]])),
    "two arrays": (np.array([0, 1, 1]), np.array([2, 2, 0])),
    "apart": (np.array([0, 1]), slice(None), np.array([2, 0])),
    "number and array": (0, slice(None), np.array([2, 0])),
    "array and number": (np.array([1, 0]), 1),
    "mask": MASK,
    "mask and number": (MASK, 1),
    "truth": True,
}
PRODUCTS = [
    ((3,), (3,)),
    ((2, 3), (3,)),
    ((3,), (3, 4)),
    ((2, 3), (3, 4)),
    ((5, 2, 3), (3, 4)),
    ((2, 3), (5, 3, 4)),
]
PRODUCTS += [((5, 2, 3), (3,)), ((3,), (5, 3, 4)), ((5, 2, 3), (5, 3, 4)), ((1, 2, 3), (5, 3, 4))]
JOINS = {
    "concatenate": lambda x: np.concatenate([x, A[:2, :3], 2 * x]),
    "concatenate, axis -1": lambda x: np.concatenate([x, x * x], axis=-1),
    "concatenate, flat": lambda x: np.concatenate([x, A], axis=None),
    "stack": lambda x: np.stack([x, A[:2, :3]], axis=1),
    "where": lambda x: np.where(MASK, x, V),
    "where, broadcast": lambda x: np.where(MASK, x[0], x[:, :1]),
    "where, one": lambda x: np.where(True, x, 0.0),
    "einsum": lambda x: np.einsum("ij,kj,j->ik", x, x, V),
    "einsum of a diagonal": lambda x: np.einsum("ii->i", x @ x.T),
    "block": lambda x: np.block([[x], [V]]),
    "astype": lambda x: x.astype(np.float32),
    "solve": lambda x: np.linalg.solve(x.T @ x + np.eye(3), x.T),
}


def one_by_one(f, x):
    """The Jacobian by one pass of jvp a column."""
    columns = [adlib.jvp(f, (x,), (e.reshape(np.shape(x))[()],))[1] for e in np.eye(np.size(x))]
    return np.reshape(np.stack(columns, -1), np.shape(columns[0]) + np.shape(x))


def agrees(f, x):
    found, expected = adlib.jacobian(f)(x), one_by_one(f, x)
    assert np.shape(found) == np.shape(expected)
    assert np.asarray(found).dtype == np.asarray(expected).dtype
    np.testing.assert_allclose(found, expected, 1e-12, 1e-14)
    # the bundle is itself differentiated, in either mode
    once = lambda x: np.sum(np.sin(f(x)))  # noqa: E731
    rows = adlib.jacobian(adlib.grad(once), mode="reverse")(x)
    np.testing.assert_allclose(adlib.hessian(once)(x), rows, 1e-6, 1e-6)
    np.testing.assert_allclose(adlib.jacobian(adlib.jacobian(once))(x), rows, 1e-6, 1e-6)
    np.testing.assert_allclose(adlib.jacobian(adlib.jacobian(once), mode="reverse")(x), rows, 1e-6, 1e-6)


@pytest.mark.parametrize("name", dict(ELEMENTWISE))
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_elementwise_gates(name):
    gate = dict(ELEMENTWISE)[name]
    shift = 1.5 if name in ("arccosh", "log", "log2", "log10") else 0.0
    if len(gate.partials) == 1:
        agrees(lambda x: gate.function(x + shift), X)
        assert isinstance(adlib.jacobian(gate.function)(0.5 + shift), float)
    elif name != "sinc_slope":
        for other in (0.75, V[:3] ** 2 + 0.1, X[:, :1] + 1, CUBE[:, :2]):
            agrees(lambda x, other=other: gate.function(x, other), X)
            agrees(lambda x, other=other: gate.function(other, x), X)
        agrees(lambda x: gate.function(x[:1], x.T[:, :1]), X)


@pytest.mark.parametrize("name", FORMS)
def test_gates_with_parameters(name):
    x, forms, function = FORMS[name]
    for params in forms:
        agrees(lambda x, params=params: function(x * x, **params), x)


@pytest.mark.parametrize("name", INDICES)
def test_indices(name):
    x = CUBE if name in ("mask and number", "apart", "number and array") else X
    agrees(lambda x: x[INDICES[name]] ** 2, x)


@pytest.mark.parametrize(("left", "right"), PRODUCTS)
def test_products_of_matrices(left, right):
    a, b = RNG.normal(size=left), RNG.normal(size=right)
    agrees(lambda a: np.matmul(a, b), a)
    agrees(lambda b: np.matmul(a, b), b)
    both = adlib.jacobian(np.matmul, argnums=(0, 1))(a, b)
    for found, expected in zip(both, adlib.jacobian(np.matmul, (0, 1), mode="reverse")(a, b), strict=True):
        np.testing.assert_allclose(found, expected, 1e-12, 1e-14)


@pytest.mark.parametrize("name", JOINS)
def test_joins_and_the_rest(name):
    agrees(JOINS[name], X)


def test_a_custom_gate_gets_its_tangents_one_by_one():
    calls = []

    @adlib.custom_gate
    def cube(x):
        return x**3

    @cube.forward
    def _(tangents, out, x):
        (dx,) = tangents
        calls.append(np.shape(dx))
        return 3 * x**2 * dx

    agrees(cube, V)
    assert set(calls) == {(3,)}


def test_float32_stays():
    x = X.astype(np.float32)
    assert adlib.jacobian(lambda x: np.tanh(x) @ A.astype(np.float32))(x).dtype == np.float32
    assert adlib.hessian(lambda x: np.sum(x**3))(x).dtype == np.float32


def test_the_way_round_a_nested_derivative_does_not_matter():
    f = lambda x: adlib.grad(lambda y: np.sum(x * y**3))(x)  # noqa: E731  # 3 x y² at y = x
    np.testing.assert_allclose(adlib.jacobian(f)(V), np.diag(9 * V**2), 1e-12)
    np.testing.assert_allclose(adlib.jacobian(f, mode="reverse")(V), np.diag(9 * V**2), 1e-12)


@pytest.mark.parametrize("derivative", [adlib.jacobian, adlib.hessian])
def test_a_function_that_draws_is_not_put_together_of_several_draws(derivative):
    rng = np.random.default_rng(0)

    def f(x, rng=rng):
        y = x * x * rng.normal(size=x.shape)
        return np.sum(y) if derivative is adlib.hessian else y

    derivative(f)(np.ones(5))  # one pass, one draw
    with pytest.raises(ValueError, match="gave another value when it ran again"):
        derivative(f)(np.ones(300))
    derivative(lambda x: f(x, np.random.default_rng(0)))(np.ones(300))
