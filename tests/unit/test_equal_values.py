"""Equal eigenvalues and singular values: what has a derivative is exact, the rest is a convention with a name, or nan.

The matrices are made of a list of values with clusters, and of orthogonal factors: random ones, so that rounding
keeps equal values only nearly equal, or permutations, so that they are equal to the last bit.
"""

import numpy as np
import pytest

import adlib

L = np.linalg
RNG = np.random.default_rng(20240229)
CLUSTERS = {
    "two of three": [1.0, 1.0, 2.0],
    "the last two of three": [1.0, 2.0, 2.0],
    "all three": [2.0, 2.0, 2.0],
    "two and two": [1.0, 1.0, 3.0, 3.0],
    "two and three": [1.0, 1.0, 4.0, 4.0, 4.0],
    "two of twelve": [*np.arange(1.0, 11.0), 11.0, 11.0],
    "large and small": [0.003, 1.0, 1.0, 50.0],
}
SIGNED = {**CLUSTERS, "on both sides of 0": [-2.0, -2.0, 3.0, 3.0, 5.0], "two zeros": [0.0, 0.0, 1.0]}
SINGULAR = {"one zero": [0.0, 1.0, 2.0], "two zeros": [0.0, 0.0, 1.0], "all zero": [0.0, 0.0, 0.0]}


def rotation(n):
    return L.qr(RNG.normal(size=(n, n)))[0]


def factors_of(values, kind, m=0):
    n = len(values)
    if kind == "exactly":
        return np.eye(max(m, n))[:, RNG.permutation(max(m, n))[:n]], np.eye(n)[RNG.permutation(n)]
    return rotation(max(m, n))[:, :n], rotation(n)


def symmetric(values, kind):
    q, _ = factors_of(values, kind)
    a = (q * values) @ q.T
    return (a + a.T) / 2


def with_singular_values(values, kind, m=0):
    u, v = factors_of(values, kind, m)
    return (u * values) @ v.T


def groups(values):
    """The places of equal values, in NumPy's order of eigenvalues."""
    values = np.sort(values)
    return [np.flatnonzero(values == v) for v in np.unique(values)]


def direction(shape, even=False):
    v = RNG.normal(size=shape)
    return (v + np.swapaxes(v, -1, -2)) / 2 if even else v


def slopes(f, a, v):
    """The directional derivative by forward and by reverse mode."""
    forward = adlib.jvp(f, (a,), (v,))[1]
    return float(forward), float(np.sum(adlib.grad(f)(a) * v))


def quotient(f, a, v, sides=(-1, 1)):
    h = 3e-6
    low, high = (f(a + side * h * v) for side in sides)
    return (high - low) / (h * (sides[1] - sides[0]))


SYMMETRIC_FUNCTIONS = {
    "sum": np.sum,
    "sum of squares": lambda w: np.sum(w * w),
    "product": np.prod,
    "sum of exponentials": lambda w: np.sum(np.exp(-w)),
    "length": lambda w: np.sqrt(np.sum(w * w) + 1.0),
    "largest": np.max,
}
KINDS = ["exactly", "by rounding"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", list(SYMMETRIC_FUNCTIONS)[:-1])
@pytest.mark.parametrize("name", SIGNED)
def test_a_symmetric_function_of_the_equal_eigenvalues_has_its_derivative(name, function, kind):
    g = SYMMETRIC_FUNCTIONS[function]
    a = symmetric(SIGNED[name], kind)
    for places in groups(SIGNED[name]):
        f = lambda a, places=places: g(L.eigvalsh(a)[places])  # noqa: E731
        v = direction(a.shape, even=True)
        expected = quotient(f, a, v)
        np.testing.assert_allclose(slopes(f, a, v), expected, rtol=1e-5, atol=1e-5 * (1 + abs(expected)))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("function", list(SYMMETRIC_FUNCTIONS)[:-1])
@pytest.mark.parametrize("m", [0, 7])
@pytest.mark.parametrize("name", [n for n in CLUSTERS if n != "two of twelve"])
def test_a_symmetric_function_of_the_equal_singular_values_has_its_derivative(name, m, function, kind):
    g = SYMMETRIC_FUNCTIONS[function]
    values = np.array(CLUSTERS[name])
    wide = with_singular_values(values, kind, m).T
    for a in (wide, wide.T):
        for places in groups(values):
            f = lambda a, places=places: g(L.svdvals(a)[::-1][places])  # noqa: E731
            v = direction(a.shape)
            expected = quotient(f, a, v)
            np.testing.assert_allclose(slopes(f, a, v), expected, rtol=1e-5, atol=1e-5 * (1 + abs(expected)))


def one_sided(a, v, places):
    """What the equal eigenvalues become, in order, per step to the right: the eigenvalues of v among their vectors."""
    basis = L.eigh(a)[1][:, places]
    return L.eigvalsh(basis.T @ v @ basis)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", SIGNED)
def test_one_of_several_equal_eigenvalues_has_the_mean_of_their_derivatives(name, kind):
    a = symmetric(SIGNED[name], kind)
    for places in groups(SIGNED[name]):
        v = direction(a.shape, even=True)
        sides = one_sided(a, v, places)
        right = [
            quotient(lambda a, k=k: L.eigvalsh(a)[k], a, v, (0, 1)) for k in places
        ]  # they exist, and differ
        np.testing.assert_allclose(right, sides, rtol=1e-3, atol=1e-3 * (1 + np.max(np.abs(sides))))
        for k in places:
            found = slopes(lambda a, k=k: L.eigvalsh(a)[k], a, v)
            np.testing.assert_allclose(found, np.mean(sides), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    "f",
    [
        lambda a: L.eigvalsh(a)[0],
        lambda a: L.eigh(a)[0][-1],
        lambda a: L.svdvals(a)[1],
        lambda a: L.norm(a, 2),
    ],
)
@pytest.mark.parametrize("values", [[2.0, 2.0], [2.0, 2.0, 2.0], [5.0, 5.0, 5.0, 5.0]])
def test_the_answer_does_not_depend_on_the_vectors_that_numpy_chose(f, values):
    """At a multiple of the identity every basis is one of eigenvectors."""
    n = len(values)
    v = np.triu(np.arange(1.0, n * n + 1).reshape(n, n))
    v = v + v.T
    found = slopes(f, values[0] * np.eye(n), v)
    np.testing.assert_allclose(found, np.trace(v) / n, rtol=1e-12)
    q = rotation(n)
    np.testing.assert_allclose(slopes(f, values[0] * np.eye(n), q.T @ v @ q), np.trace(v) / n, rtol=1e-12)


def test_the_rule_is_linear():
    f = lambda a: L.eigvalsh(a) ** 2.0  # noqa: E731
    a = symmetric([1.0, 1.0, 4.0, 4.0, 4.0], "by rounding")
    v, w = direction(a.shape, even=True), direction(a.shape, even=True)
    one, two, both = (adlib.jvp(f, (a,), (t,))[1] for t in (v, w, 2.0 * v - 3.0 * w))
    np.testing.assert_allclose(both, 2.0 * one - 3.0 * two, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
@pytest.mark.parametrize(
    ("gap", "equal"), [(0.0, True), (2e-16, True), (1e-15, True), (1e-13, False), (1e-7, False)]
)
def test_equal_is_a_matter_of_rounding_relative_to_the_largest(gap, equal, scale):
    values = scale * np.array([1.0, 1.0 + gap, 2.0])
    v = np.diag([1.0, 5.0, 7.0])
    for f in (lambda a: L.eigvalsh(a)[0], lambda a: L.svdvals(a)[-1]):
        np.testing.assert_allclose(slopes(f, np.diag(values), v), 3.0 if equal else 1.0, rtol=1e-9)


def test_each_matrix_of_a_stack_has_its_own_clusters():
    values = [[1.0, 1.0, 2.0], [1.0, 2.0, 3.0], [3.0, 3.0, 3.0], [0.0, 2.0, 2.0]]
    stack = np.stack([symmetric(v, "by rounding") for v in values]).reshape(2, 2, 3, 3)
    v = direction(stack.shape, even=True)
    for f in (L.eigvalsh, L.svdvals):
        found = adlib.jvp(f, (stack,), (v,))[1]
        for i in np.ndindex(2, 2):
            np.testing.assert_allclose(found[i], adlib.jvp(f, (stack[i],), (v[i],))[1], rtol=1e-9, atol=1e-12)
            np.testing.assert_allclose(
                adlib.grad(lambda a, f=f: np.sum(f(a)[..., 1]))(stack)[i],
                adlib.grad(lambda a, f=f: f(a)[..., 1])(stack[i]),
                rtol=1e-9,
                atol=1e-12,
            )


def test_float32_has_its_own_rounding():
    q = rotation(3)
    a = ((q * [1.0, 1.0, 2.0]) @ q.T).astype(np.float32)
    v = direction(a.shape, even=True).astype(np.float32)
    basis = L.eigh(a.astype(float))[1][:, :2]
    value, slope = adlib.jvp(L.eigvalsh, (a,), (v,))
    assert value.dtype == slope.dtype == np.float32
    np.testing.assert_allclose(slope[:2], np.trace(basis.T @ v @ basis) / 2, rtol=1e-5)


# --- Singular matrices -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("m", [0, 5])
@pytest.mark.parametrize("name", SINGULAR)
def test_a_singular_value_of_0_has_the_slope_0(name, m, kind):
    """As |x| has: to either side it grows.  So the nuclear norm has the smallest of its subgradients."""
    wide = with_singular_values(SINGULAR[name], kind, m).T
    for a in (wide, wide.T):
        zeros = int(np.sum(np.array(SINGULAR[name]) == 0))
        rank = 3 - zeros
        v = direction(a.shape)
        for k in range(rank, 3):
            assert slopes(lambda a, k=k: L.svdvals(a)[k], a, v) == (0.0, 0.0)
            assert quotient(lambda a, k=k: L.svdvals(a)[k], a, v, (0, 1)) >= -1e-9
            assert quotient(lambda a, k=k: L.svdvals(a)[k], a, v, (-1, 0)) <= 1e-9
        u, _, vt = L.svd(a, full_matrices=False)
        expected = u[:, :rank] @ vt[:rank]
        np.testing.assert_allclose(adlib.grad(lambda a: L.norm(a, "nuc"))(a), expected, atol=1e-12)
        np.testing.assert_allclose(adlib.grad(lambda a: np.sum(L.svdvals(a) ** 2.0))(a), 2 * a, atol=1e-12)


def test_the_norm_of_a_rank_1_matrix_has_its_gradient():
    a = np.outer([1.0, 2.0, 2.0], [3.0, 0.0, 4.0])
    v = direction(a.shape)
    for f in (lambda a: L.norm(a, 2), lambda a: L.matrix_norm(a, ord=2)):
        np.testing.assert_allclose(slopes(f, a, v), quotient(f, a, v), rtol=1e-6)


@pytest.mark.parametrize("p", [None, 2, -2])
def test_the_condition_number_with_several_largest_and_smallest_values(p):
    """It has no derivative where they are equal: the convention is that of each."""
    a = with_singular_values([1.0, 1.0, 4.0, 4.0], "by rounding")
    v = direction(a.shape)
    largest, smallest = (slopes(lambda a, k=k: L.svdvals(a)[k], a, v)[0] for k in (0, -1))
    expected = largest - 4.0 * smallest if p != -2 else (smallest - largest / 4.0) / 4.0
    np.testing.assert_allclose(slopes(lambda a: L.cond(a, p), a, v), expected, rtol=1e-9)


# --- Vectors -----------------------------------------------------------------------------------------------------


VECTORS = {
    "eigh": (lambda a: L.eigh(a)[1], symmetric, [1.0, 1.0, 2.0, 5.0], [0, 1]),
    "svd left": (lambda a: L.svd(a)[0], with_singular_values, [1.0, 3.0, 2.0, 2.0], [1, 2]),
    "svd right": (lambda a: L.svd(a)[2].T, with_singular_values, [1.0, 3.0, 2.0, 2.0], [1, 2]),
    "svd left, singular": (lambda a: L.svd(a)[0], with_singular_values, [0.0, 0.0, 2.0, 1.0], [2, 3]),
    "svd, tall": (
        lambda a: L.svd(a, full_matrices=False)[0],
        lambda s, kind: with_singular_values(s, kind, 6),
        [0.0, 5.0, 2.0, 1.0],
        [3],
    ),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", VECTORS)
def test_vectors_of_equal_values_have_no_derivative_and_the_others_have_theirs(name, kind):
    """Forward mode tells them apart; reverse mode multiplies the nan of the equal ones by 0, which is nan."""
    f, make, values, equal = VECTORS[name]
    a = make(values, kind)
    v = direction(a.shape, even=name == "eigh")
    tangent = adlib.jvp(f, (a,), (v,))[1]
    for k in range(4):
        x = np.arange(1.0, len(tangent) + 1)
        g = lambda a, k=k, x=x: (x @ f(a)[:, k]) ** 2.0  # noqa: E731  (whatever the sign)
        forward, backward = slopes(g, a, v)
        assert np.isnan(backward)
        if k in equal:
            assert np.all(np.isnan(tangent[:, k]))
        else:
            np.testing.assert_allclose(forward, quotient(g, a, v), rtol=1e-5, atol=1e-6)


PRODUCTS = {
    "V W Vᵀ": (lambda a: (lambda w, v: (v * w) @ v.T)(*L.eigh(a)), [0.0, 0.0, 2.0]),
    "V (W − 1) Vᵀ": (lambda a: (lambda w, v: (v * (w - 1.0)) @ v.T)(*L.eigh(a)), [1.0, 1.0, 2.0]),
    "U S Vᵀ": (lambda a: (lambda u, s, vt: (u * s) @ vt)(*L.svd(a)), [0.0, 0.0, 2.0]),
    "U S Vᵀ, one 0": (lambda a: (lambda u, s, vt: (u * s) @ vt)(*L.svd(a)), [0.0, 1.0, 2.0]),
    "U S³ Vᵀ cut": (lambda a: (lambda u, s, vt: (u * s**3.0)[:, :2] @ vt[:2])(*L.svd(a)), [0.0, 1.0, 2.0]),
    "U S Vᵀ of equal ones": (lambda a: (lambda u, s, vt: (u * (s - 1.0)) @ vt)(*L.svd(a)), [1.0, 1.0, 2.0]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PRODUCTS)
def test_values_and_vectors_together_are_right_or_nan(name, kind):
    """Where a value is 0, its vectors get an adjoint of 0: that must not hide that they have no derivative."""
    f, values = PRODUCTS[name]
    a = symmetric(values, kind)
    weights, v = direction(a.shape), direction(a.shape, even=True)
    g = lambda a: np.sum(weights * f(a))  # noqa: E731
    for found in slopes(g, a, v):
        if "one 0" in name or "cut" in name or not np.isnan(found):
            np.testing.assert_allclose(found, quotient(g, a, v), rtol=1e-5, atol=1e-6)


# --- Second derivatives ------------------------------------------------------------------------------------------

NESTINGS = {
    "forward over forward": lambda f, a, v: adlib.jvp(lambda a: adlib.jvp(f, (a,), (v,))[1], (a,), (v,))[1],
    "forward over reverse": lambda f, a, v: np.sum(v * adlib.jvp(adlib.grad(f), (a,), (v,))[1]),
    "reverse over forward": lambda f, a, v: np.sum(v * adlib.grad(lambda a: adlib.jvp(f, (a,), (v,))[1])(a)),
    "reverse over reverse": lambda f, a, v: np.sum(v * adlib.grad(lambda a: np.sum(v * adlib.grad(f)(a)))(a)),
}
SECOND = {
    "squares of eigenvalues around their value": (
        lambda a: np.sum((L.eigvalsh(a) - 1.0) ** 2.0),
        [1.0, 1.0, 1.0],
    ),
    "squares of eigenvalues": (lambda a: np.sum(L.eigvalsh(a) ** 2.0), [1.0, 1.0, 2.0]),
    "cubes around": (lambda a: np.sum((L.eigvalsh(a) - 1.0) ** 3.0), [1.0, 1.0, 2.0]),
    "squares of singular values": (lambda a: np.sum(L.svdvals(a) ** 2.0), [1.0, 1.0, 2.0]),
    "squares of singular values of 0": (lambda a: np.sum(L.svdvals(a) ** 2.0), [0.0, 1.0, 2.0]),
    "squares of two of 0": (lambda a: np.sum(L.svdvals(a) ** 2.0), [0.0, 0.0, 2.0]),
    "the smallest alone, squared": (lambda a: L.svdvals(a)[-1] ** 2.0, [0.0, 1.0, 2.0]),
    "one vector, squared": (lambda a: (L.eigh(a)[1][:, 2] @ np.ones(3)) ** 2.0, [1.0, 1.0, 2.0]),
    "a product with a vector": (
        lambda a: np.sum((L.eigh(a)[1] @ np.array([0.0, 0.0, 1.0])) ** 4.0),
        [1.0, 1.0, 2.0],
    ),
    "the smallest with vectors, squared": (lambda a: L.svd(a)[1][-1] ** 2.0, [0.0, 1.0, 2.0]),
    "the simple one": (lambda a: L.eigvalsh(a)[2], [1.0, 1.0, 2.0]),
    "the simple norm": (lambda a: L.norm(a, 2), [0.0, 0.0, 2.0]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("name", SECOND)
def test_a_second_derivative_is_right_or_nan(name, nesting, kind):
    """The first-order convention, squared, would be a wrong number."""
    f, values = SECOND[name]
    a = symmetric(values, kind)
    v = direction(a.shape, even=True)
    found = NESTINGS[nesting](f, a, v)
    if not np.isnan(found):
        h = 1e-4
        expected = (f(a + h * v) - 2 * f(a) + f(a - h * v)) / h**2
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)
    if name.startswith("the simple") and nesting == "forward over forward":
        assert np.isfinite(found)


# --- diagnose says so --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("f", "values", "words"),
    [
        (lambda a: L.eigvalsh(a)[0], [1.0, 1.0, 2.0], "eigenvalues 0 and 1 are equal (1, 1)"),
        (lambda a: L.eigh(a)[1][0, 0], [1.0, 2.0, 2.0], "eigenvalues 1 and 2 are equal (2, 2)"),
        (L.svdvals, [1.0, 1.0, 1.0], "singular values 0, 1 and 2 are equal (1, 1, 1)"),
        (lambda a: L.norm(a, "nuc"), [0.0, 1.0, 2.0], "singular value 2 is 0"),
        (lambda a: L.svd(a)[0], [0.0, 0.0, 1.0], "singular values 1 and 2 are 0"),
        (L.cond, [3.0, 4.0, 4.0], "singular values 0 and 1 are equal (4, 4)"),
    ],
)
def test_diagnose_names_the_values(f, values, words):
    found = adlib.diagnose(f, np.diag(values))
    assert any(one.kind == "kink" and words in one.words for one in found), found


def test_diagnose_names_the_matrix_of_a_stack():
    found = adlib.diagnose(L.eigvalsh, np.stack([np.diag([1.0, 2.0]), np.diag([3.0, 3.0])]))
    assert "eigenvalues 0 and 1 are equal (3, 3) in matrix [1]" in found[0].words


def test_diagnose_names_what_ran_alone():
    """The eigenvalues alone ask for no vectors."""
    assert [one.row.gate.name for one in adlib.diagnose(L.eigvalsh, np.eye(2))] == ["eigenvalues"]


def test_diagnose_finds_nothing_where_all_differ():
    assert (
        len(adlib.diagnose(lambda a: np.sum(L.svdvals(a)) + np.sum(L.eigvalsh(a)), np.diag([1.0, 2.0, 3.0])))
        == 0
    )


# --- det is a polynomial -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("nesting", NESTINGS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "values",
    [
        [0.0, 0.0],
        [0.0, 2.0],
        [0.0, 1.0, 2.0],
        [0.0, 0.0, 2.0],
        [0.0] * 3,
        [0.0, 0.0, 2.0, 2.0],
        [1.0, 1.0, 2.0],
    ],
)
def test_the_determinant_has_two_derivatives_everywhere(values, kind, nesting):
    a = with_singular_values(values, kind)
    v = direction(a.shape)
    points = np.linspace(-1.0, 1.0, 9)
    line = np.polynomial.Polynomial.fit(points, [L.det(a + t * v) for t in points], len(values)).convert()
    expected = line.deriv(2)(0.0)
    np.testing.assert_allclose(NESTINGS[nesting](L.det, a, v), expected, rtol=1e-9, atol=1e-9)


def test_the_second_derivatives_of_det_in_a_stack():
    stack = np.stack(
        [with_singular_values(v, "by rounding") for v in ([0.0, 1.0, 2.0], [0.0, 0.0, 1.0], [1.0, 2.0, 3.0])]
    )
    found = adlib.hessian(lambda a: np.sum(L.det(a)))(stack)
    for k in range(3):
        np.testing.assert_allclose(found[k, :, :, k], adlib.hessian(L.det)(stack[k]), atol=1e-12)


def test_the_third_derivative_of_det_at_a_regular_matrix():
    """Along a straight line it is 6 det(V), of 3 × 3 matrices."""
    a, v = RNG.normal(size=(3, 3)) + 3 * np.eye(3), RNG.normal(size=(3, 3))
    f = lambda t: L.det(a + t * v)  # noqa: E731
    assert adlib.grad(adlib.grad(adlib.grad(f)))(0.0) == pytest.approx(6 * L.det(v), rel=1e-9)
    along = lambda f: lambda t: adlib.jvp(f, (t,), (1.0,))[1]  # noqa: E731
    assert along(along(along(f)))(0.0) == pytest.approx(6 * L.det(v), rel=1e-9)
    assert along(adlib.grad(along(f)))(0.0) == pytest.approx(6 * L.det(v), rel=1e-9)
    assert adlib.grad(along(adlib.grad(f)))(0.0) == pytest.approx(6 * L.det(v), rel=1e-9)
