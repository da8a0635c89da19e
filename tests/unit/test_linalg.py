"""``np.linalg``: NumPy's values, and derivatives in both modes, first and second order, against difference quotients.

Beside them: what an expert tries, stacks of matrices, both triangles, singular and defective matrices, ties.
"""

import inspect

import numpy as np
import pytest

import adlib
from adlib.engine.levels import plain
from adlib.gates.composition import COMPOSITIONS
from adlib.linalg import factors, systems

RNG = np.random.default_rng(19730401)
A = RNG.normal(size=(4, 4)) + 3 * np.eye(4)
B = RNG.normal(size=(4, 2))
C = RNG.normal(size=4)
WIDE = RNG.normal(size=(3, 5))
TALL = RNG.normal(size=(5, 3))
STACK = RNG.normal(size=(2, 3, 3)) + 3 * np.eye(3)
SYMMETRIC = A @ A.T
SKEWED = SYMMETRIC + np.triu(
    RNG.normal(size=(4, 4)), 1
)  # only its lower triangle is the matrix that NumPy sees
L = np.linalg


DEEP = RNG.normal(size=(2, 1, 3, 3)) + 3 * np.eye(3)  # where counting axes from the wrong end shows
OF_STACKS = {
    "inv": L.inv,
    "det": L.det,
    "slogdet": lambda a: L.slogdet(a)[1],
    "pinv": L.pinv,
    "pinv wide": lambda a: L.pinv(a[..., :2, :]),
    "matrix_power": lambda a: L.matrix_power(a, 2),
    "matrix_power zero": lambda a: L.matrix_power(a, 0),
    "cholesky": lambda a: L.cholesky(a @ np.swapaxes(a, -1, -2)),
    "eigh": lambda a: list(L.eigh(a)),
    "svd": lambda a: list(L.svd(a)),
    "svd tall": lambda a: list(L.svd(a[..., :2], full_matrices=False)),
    "qr": lambda a: list(L.qr(a)),
    "qr wide": lambda a: list(L.qr(a[..., :2, :])),
    "cond": L.cond,
    "cond 1": lambda a: L.cond(a, 1),
    **{
        f"norm {o}": lambda a, o=o: L.norm(a, o, axis=(-2, -1))
        for o in (None, 1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")
    },
    "vector_norm": lambda a: L.vector_norm(a, axis=-2),
    "matrix_norm": L.matrix_norm,
    "diagonal": L.diagonal,
    "trace": L.trace,
}


def parts(f):
    """Make a list of the factors that f returns."""
    return lambda *args: list(f(*args))


CASES = {
    "solve": (L.solve, A, B),
    "solve a vector": (L.solve, A, C),
    "solve a stack for one matrix": (L.solve, STACK, RNG.normal(size=(3, 2))),
    "solve one matrix for a stack": (L.solve, STACK[0], RNG.normal(size=(2, 3, 2))),
    "solve with integers": (lambda b: L.solve([[2, 1], [1, 3]], b), C[:2]),
    "inv": (L.inv, A),
    "inv of a stack": (L.inv, STACK),
    "det": (L.det, A),
    "det of a stack": (L.det, STACK),
    "det of one number": (L.det, np.array([[1.7]])),
    "slogdet": (lambda a: L.slogdet(a)[1], A),
    "slogdet of a stack": (lambda a: L.slogdet(a).sign * L.slogdet(a).logabsdet, -STACK),
    "cholesky": (L.cholesky, SYMMETRIC),
    "cholesky reads one triangle": (L.cholesky, SKEWED),
    "cholesky upper": (lambda a: L.cholesky(a, upper=True), SKEWED.T),
    "cholesky of a stack": (lambda a: L.cholesky(a @ np.swapaxes(a, -1, -2)), STACK),
    "eigh": (parts(L.eigh), SYMMETRIC),
    "eigh reads one triangle": (parts(L.eigh), SKEWED),
    "eigh reads the other": (parts(lambda a: L.eigh(a, "U")), SKEWED.T),
    "eigh of a stack": (parts(lambda a: L.eigh(a)), STACK),
    "eigh by name": (lambda a: L.eigh(a).eigenvectors * L.eigh(a).eigenvalues, SYMMETRIC),
    "eigvalsh": (L.eigvalsh, SYMMETRIC),
    "svd": (parts(L.svd), A),
    "svd wide": (parts(lambda a: L.svd(a, full_matrices=False)), WIDE),
    "svd tall": (parts(lambda a: L.svd(a, full_matrices=False)), TALL),
    "svd of a stack": (parts(L.svd), STACK),
    "svd, values alone": (lambda a: L.svd(a, compute_uv=False), WIDE),
    "svdvals": (L.svdvals, TALL),
    "qr": (parts(L.qr), A),
    "qr tall": (parts(L.qr), TALL),
    "qr wide": (parts(L.qr), WIDE),
    "qr complete": (parts(lambda a: L.qr(a, mode="complete")), WIDE),
    "qr complete of a square": (parts(lambda a: L.qr(a, mode="complete")), A),
    "qr, r alone": (lambda a: L.qr(a, mode="r"), STACK),
    "pinv": (L.pinv, A),
    "pinv wide": (L.pinv, WIDE),
    "pinv tall": (L.pinv, TALL),
    "pinv of a stack": (lambda a: L.pinv(a, 1e-12), STACK),
    "lstsq": (lambda a, b: L.lstsq(a, b, rcond=None)[0], TALL, RNG.normal(size=5)),
    "lstsq residuals": (lambda a, b: L.lstsq(a, b, rcond=None)[1], TALL, RNG.normal(size=5)),
    "lstsq, its singular values": (lambda a, b: L.lstsq(a, b, rcond=None)[3], TALL, RNG.normal(size=5)),
    "lstsq of many": (lambda a, b: list(L.lstsq(a, b, 1e-12)[:2]), TALL, RNG.normal(size=(5, 2))),
    "lstsq wide": (lambda a, b: L.lstsq(a, b, rcond=None)[0], WIDE, RNG.normal(size=3)),
    "matrix_power": (lambda a: L.matrix_power(a, 3), A),
    "matrix_power, negative": (lambda a: L.matrix_power(a, -2), A),
    "matrix_power zero": (lambda a: L.matrix_power(a, 0), STACK),
    "matrix_power one": (lambda a: L.matrix_power(a, 1), A),
    "multi_dot": (lambda a, b, c: L.multi_dot([a, b, c, a]), A, B, B.T),
    "tensorsolve": (L.tensorsolve, RNG.normal(size=(2, 3, 6)), RNG.normal(size=(2, 3))),
    "tensorinv": (lambda a: L.tensorinv(a, 1), RNG.normal(size=(6, 2, 3))),
    "tensorinv of two and two": (L.tensorinv, RNG.normal(size=(2, 3, 3, 2)) + np.eye(6).reshape(2, 3, 3, 2)),
    **{
        f"norm {o} of a vector": (lambda x, o=o: L.norm(x, o), C)
        for o in (None, 1, 2, 3, -2, 2.5, np.inf, -np.inf, 0)
    },
    **{
        f"norm {o} of a matrix": (lambda x, o=o: L.norm(x, o), A)
        for o in (None, 1, -1, 2, -2, np.inf, -np.inf, "fro", "nuc")
    },
    **{f"{name} of a stack of stacks": (f, DEEP) for name, f in OF_STACKS.items()},
    "solve a stack of stacks": (L.solve, DEEP, RNG.normal(size=(2, 1, 3, 2))),
    "solve a vector for a stack": (lambda b: L.solve(A[:3, :3], b)[..., 0], RNG.normal(size=(2, 1, 3, 2))),
    "vecdot of stacks": (L.vecdot, RNG.normal(size=(2, 1, 3)), RNG.normal(size=(2, 4, 3))),
    "cross of stacks": (L.cross, RNG.normal(size=(2, 1, 3)), RNG.normal(size=(2, 4, 3))),
    "pinv to a tolerance": (lambda a: L.pinv(a, rtol=1e-6), WIDE),
    "pinv to the usual tolerance": (lambda a: L.pinv(a, rtol=None), WIDE),
    "pinv to a tolerance each": (lambda a: L.pinv(a, np.array([1e-6, 1e-9])), STACK),
    "pinv reads one triangle": (lambda a: L.pinv(a, hermitian=True), SKEWED),
    "norm of a stack": (lambda x: L.norm(x), STACK),
    "norm along": (lambda x: L.norm(x, axis=1), WIDE),
    "norm along, kept": (lambda x: L.norm(x, 1, axis=0, keepdims=True), WIDE),
    "norms of matrices": (lambda x: L.norm(x, 1, axis=(0, 2)), STACK),
    "norms of matrices, kept": (lambda x: L.norm(x, "nuc", axis=(2, 0), keepdims=True), STACK),
    "norm fro along": (lambda x: L.norm(x, "fro", axis=(-2, -1), keepdims=True), STACK),
    "matrix_norm": (lambda x: L.matrix_norm(x, ord=2), STACK),
    "vector_norm": (L.vector_norm, STACK),
    "vector_norm along": (lambda x: L.vector_norm(x, axis=(0, 2), ord=3, keepdims=True), STACK),
    "cond": (L.cond, A),
    "cond 1": (lambda a: L.cond(a, 1), A),
    "cond -1": (lambda a: L.cond(a, -1), A),
    "cond -2": (lambda a: L.cond(a, -2), STACK),
    "diagonal": (lambda x: L.diagonal(x, offset=1), STACK),
    "trace": (lambda x: L.trace(x), STACK),
    "matmul": (L.matmul, A, B),
    "outer": (L.outer, C, B[:, 0]),
    "vecdot": (lambda x, y: L.vecdot(x, y, axis=0), B, B + 1),
    "cross": (lambda x, y: L.cross(x, y, axis=0), TALL[:3], TALL[2:]),
    "tensordot": (lambda x, y: L.tensordot(x, y, axes=1), WIDE, TALL),
    "tensordot along two": (L.tensordot, WIDE, RNG.normal(size=(3, 5, 2))),
    "norm 3 of a unit vector": (lambda x: L.norm(x, 3), np.array([1.0, 0.0, 0.0])),
}


def listed(result):
    return result if isinstance(result, list) else [result]


@pytest.mark.parametrize("name", CASES)
def test_value_is_numpys(name):
    f, *args = CASES[name]
    expected = listed(f(*args))
    for found in (adlib.vjp(f, *args)[0], adlib.jvp(f, args, [np.ones_like(a) for a in args])[0]):
        for a, b in zip(listed(found), expected, strict=True):
            assert np.shape(a) == np.shape(b)
            assert np.asarray(a).dtype == np.asarray(b).dtype
            np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_derivatives_in_both_modes(name):
    f, *args = CASES[name]
    adlib.check_grads(f, args, atol=1e-7, rtol=1e-7)


@pytest.mark.parametrize("name", CASES)
def test_second_derivatives_in_all_nestings(name):
    f, *args = CASES[name]
    squared = lambda *xs: [p * p for p in listed(f(*xs))]  # noqa: E731
    adlib.check_grads(squared, args, order=2, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("name", ["solve", "inv", "det", "eigh", "svd wide", "qr tall", "pinv", "cholesky"])
def test_matrix_functions_stay_in_float32(name):
    f, *args = CASES[name]
    narrow = [a.astype(np.float32) for a in args]
    value, pullback = adlib.vjp(f, *narrow)
    seed = [np.ones_like(v) for v in value] if isinstance(value, list) else np.ones_like(value)
    tangent = adlib.jvp(f, narrow, [np.ones_like(a) for a in narrow])[1]
    for found in (*pullback(seed), *listed(tangent), *listed(value)):
        assert found.dtype == np.float32


def test_every_composition_of_linalg_has_a_case(monkeypatch):
    reached = set()
    ours = {f: c for f, c in COMPOSITIONS.items() if c.__module__.startswith("adlib.linalg.")}
    for f, composed in ours.items():

        def call(*args, _f=f, _composed=composed, **kwargs):
            reached.add(_f)
            return _composed(*args, **kwargs)

        call.__signature__ = inspect.signature(composed)
        monkeypatch.setitem(COMPOSITIONS, f, call)
    for f, *args in CASES.values():
        adlib.jvp(f, args, [np.ones_like(a) for a in args])
    assert {f.__name__ for f in set(ours) - reached} == set()


# --- Known formulas ---------------------------------------------------------------------------------------------


def test_textbook_gradients():
    inverse = L.inv(A)
    np.testing.assert_allclose(adlib.grad(L.det)(A), L.det(A) * inverse.T, rtol=1e-12)
    np.testing.assert_allclose(adlib.grad(lambda a: L.slogdet(a)[1])(A), inverse.T, rtol=1e-12)
    np.testing.assert_allclose(
        adlib.grad(lambda a: np.trace(L.inv(a)))(A), -(inverse @ inverse).T, rtol=1e-11
    )
    v = L.eigh(SYMMETRIC)[1][:, -1]
    top = adlib.grad(lambda a: L.eigh((a + a.T) / 2)[0][-1])(SYMMETRIC)
    np.testing.assert_allclose(top, np.outer(v, v), rtol=1e-12, atol=1e-13)
    u, _, vt = L.svd(WIDE, full_matrices=False)
    np.testing.assert_allclose(adlib.grad(lambda a: L.norm(a, "nuc"))(WIDE), u @ vt, rtol=1e-12, atol=1e-13)


def test_the_hessian_of_log_det():
    """∂² log det A / ∂Aᵢⱼ ∂Aₖₗ = −(A⁻¹)ⱼₖ (A⁻¹)ₗᵢ."""
    inverse = L.inv(A)
    expected = -np.einsum("jk,li->ijkl", inverse, inverse)
    found = adlib.hessian(lambda a: L.slogdet(a)[1])(A)
    np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_third_order_through_a_solution():
    """x(t) = 1 / (2 + t) solves (2 + t) x = 1."""
    f = lambda t: L.solve(np.reshape(2.0 + t, (1, 1)), np.array([1.0]))[0]  # noqa: E731
    third = adlib.grad(adlib.grad(adlib.grad(f)))(1.0)
    assert third == pytest.approx(-6 / 3**4, rel=1e-12)


def test_the_determinant_of_singular_matrices():
    rank_one_less = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [5.0, 7.0, 9.0]])  # row 3 is row 1 + row 2
    cofactors = [[3.0, -6.0, 3.0], [3.0, -6.0, 3.0], [-3.0, 6.0, -3.0]]
    np.testing.assert_allclose(adlib.grad(L.det)(rank_one_less), cofactors, rtol=1e-12)
    np.testing.assert_array_equal(adlib.grad(L.det)(np.zeros((3, 3))), np.zeros((3, 3)))
    np.testing.assert_allclose(adlib.grad(L.det)(np.zeros((1, 1))), [[1.0]])


@pytest.mark.parametrize("order", [None, 1, 2, 3, 2.5])
def test_norms_at_the_zero_vector(order):
    """The convention is a slope of 0, as for |x|."""
    f = lambda x: L.norm(x, order)  # noqa: E731
    np.testing.assert_array_equal(adlib.grad(f)(np.zeros(3)), np.zeros(3))
    assert adlib.jvp(f, (np.zeros(3),), (np.ones(3),)) == (0.0, 0.0)


# --- Where there is no derivative -------------------------------------------------------------------------------


def test_equal_eigenvalues_have_derivatives_and_their_vectors_none():
    np.testing.assert_allclose(adlib.grad(lambda a: np.sum(L.eigvalsh(a)))(np.eye(3)), np.eye(3))
    assert adlib.grad(lambda a: L.eigh(a)[0][0] + L.eigh(a)[0][1])(np.diag([1.0, 1.0, 2.0]))[2, 2] == 0.0
    vectors = adlib.grad(lambda a: L.eigh(a)[1][0, 0])(np.eye(3))
    assert not np.all(np.isfinite(vectors))
    assert not np.all(np.isfinite(adlib.jvp(lambda a: L.eigh(a)[1], (np.eye(3),), (np.ones((3, 3)),))[1]))


def test_equal_singular_values():
    np.testing.assert_allclose(adlib.grad(lambda a: np.sum(L.svdvals(a)))(np.eye(3)), np.eye(3))
    assert not np.all(np.isfinite(adlib.grad(lambda a: L.svd(a)[0][0, 1])(np.eye(3))))


SINGULAR = np.array([[1.0, 2.0], [2.0, 4.0]])
NOWHERE = {
    "log det": (lambda a: L.slogdet(a)[1], SINGULAR, "log_determinant", "singular"),
    "qr": (lambda a: L.qr(a)[1], np.zeros((2, 2)), "(orthogonal|triangular)_factor", "depend on each other"),
    "det three times": (
        lambda a: adlib.hessian(L.det)(a)[0, 1],
        np.diag([0.0, 1.0, 2.0]),
        "cofactors_along",
        "two derivatives of det",
    ),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_where_a_derivative_needs_an_inverse(name):
    f, a, gate, remedy = NOWHERE[name]
    f(a)
    for differentiate in (
        lambda: adlib.grad(lambda a: np.sum(f(a)))(a),
        lambda: adlib.jvp(f, (a,), (np.ones_like(a),)),
    ):
        with pytest.raises(
            L.LinAlgError, match=rf"np\.linalg, {gate}: .*no derivative[\s\S]*at line"
        ) as caught:
            differentiate()
        assert remedy in str(caught.value)


REFUSED = {
    "eig": (L.eig, A, r"np\.linalg\.eig gives complex", "eigh"),
    "eigvals": (L.eigvals, A, r"np\.linalg\.eigvals gives complex", "eigvalsh"),
    "svd full": (lambda a: L.svd(a)[0], WIDE, "3 × 5 matrices.*arbitrary", "full_matrices=False"),
    "qr complete": (
        lambda a: L.qr(a, mode="complete")[0],
        TALL,
        "mode='complete' of 5 × 3",
        "mode='reduced'",
    ),
    "qr raw": (lambda a: L.qr(a, mode="raw")[0], TALL, "mode='raw'", "mode='reduced'"),
    "pinv cut": (lambda a: L.pinv(a, 0.9), A, r"cuts [\d.]+ away.*no derivative", "np.linalg.svd"),
    "pinv cut by rtol": (lambda a: L.pinv(a, rtol=0.9), STACK, r"cuts [\d.]+ away", "np.linalg.svd"),
    "lstsq cut": (lambda a: L.lstsq(a, C, 0.9)[0], A, r"lstsq: 0\.9 times", "np.linalg.svd"),
    "norm fro of a vector": (lambda x: L.norm(x, "fro"), C, "ord='fro' over 1 of the axes", "documentation"),
    "norm 3 of a matrix": (lambda x: L.norm(x, 3), A, "ord=3 over 2 of the axes", "documentation"),
    "norm 1 of a stack": (lambda x: L.norm(x, 1), STACK, "ord=1 over 3 of the axes", "documentation"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_by_name(name):
    f, x, problem, remedy = REFUSED[name]
    with pytest.raises(TypeError, match=problem) as caught:
        adlib.vjp(f, x)
    assert remedy in str(caught.value)
    assert "at line" in str(caught.value)


@pytest.mark.parametrize(
    "name", ["inv", "det", "solve", "eigh", "svd", "qr", "cholesky", "slogdet", "pinv", "cond"]
)
def test_a_vector_is_no_matrix(name):
    f = getattr(L, name)
    with pytest.raises(
        L.LinAlgError, match=rf"np\.linalg\.{name}: .*shape \(4,\), and a matrix has two axes"
    ):
        adlib.vjp(lambda x: f(x, x) if name == "solve" else f(x), C)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_what_may_be_cut_is_relative_to_the_largest_singular_value(scale):
    u, _, vt = L.svd(TALL, full_matrices=False)
    for smallest, refused in ((1e-9, True), (1e-16, False)):
        a = scale * (u * [1.0, 0.5, smallest]) @ vt
        f = lambda a: np.sum(L.pinv(a, 1e-8))  # noqa: E731
        if refused:
            with pytest.raises(TypeError, match="more than rounding"):
                adlib.grad(f)(a)
        else:
            assert np.all(np.isfinite(adlib.grad(f)(a)))


@pytest.mark.parametrize(("rcond", "rank"), [(None, 2), (-1, 3), (1e-12, 2), (1e-15, 3)])
def test_lstsq_cuts_as_numpy_does(rcond, rank):
    """One singular value is 1e-14: more than the limit of pinv, less than that of lstsq with 200 rows."""
    rng = np.random.default_rng(7)
    u, _, vt = L.svd(rng.normal(size=(200, 3)), full_matrices=False)
    a, b = (u * [1.0, 0.5, 1e-14]) @ vt, rng.normal(size=200)
    expected, _, kept, _ = L.lstsq(a, b, rcond)
    assert kept == rank
    found = adlib.vjp(lambda a: L.lstsq(a, b, rcond)[0], a)[0]
    np.testing.assert_allclose(found, expected, rtol=0.2)  # kept, 1e-14 has some two digits


def test_what_numpy_refuses_numpy_refuses():
    with pytest.raises(ValueError, match="can't be both set"):
        adlib.grad(lambda a: L.pinv(a, 0.1, rtol=0.1)[0, 0])(A)
    with pytest.raises(L.LinAlgError, match="Singular matrix"):
        adlib.grad(lambda a: L.inv(a)[0, 0])(SINGULAR)
    with pytest.raises(L.LinAlgError, match="not positive definite"):
        adlib.grad(lambda a: L.cholesky(a)[0, 0])(-np.eye(2))
    with pytest.raises(ValueError, match="at least two arrays"):
        adlib.grad(lambda a: L.multi_dot([a])[0, 0])(A)
    with pytest.raises(L.LinAlgError, match="must be square"):
        adlib.grad(lambda a: L.det(a))(WIDE)


def test_factors_are_computed_once(monkeypatch):
    """`plain` is called where NumPy is asked for the factors, and nowhere else."""
    calls = []
    monkeypatch.setattr(factors, "plain", lambda a: calls.append(a) or plain(a))
    adlib.grad(lambda a: np.sum(L.svd(a, full_matrices=False)[0] ** 3.0))(TALL)
    assert len(calls) == 1


def test_check_grads_does_not_suspect_the_gates_of_the_table():
    """They take the factors as a parameter, so their values do not follow a change of the operand."""

    @adlib.custom_gate
    def wrong(x):
        return x * x

    wrong.backward(lambda g, out, x: g * x)
    with pytest.raises(AssertionError, match="custom gate wrong fails") as caught:
        adlib.check_grads(lambda a: wrong(L.eigvalsh(a)), (SYMMETRIC,), ("reverse",))
    assert str(caught.value).count("custom gate") == 1


def test_a_gaussian_likelihood():
    """The negative log likelihood of a Gaussian process, by its Cholesky factor and by inverse and determinant."""
    x, y = RNG.uniform(size=6), RNG.normal(size=6)

    def covariance(p):
        return np.exp(p[0]) * np.exp(-0.5 * (x[:, None] - x) ** 2 / np.exp(p[1])) + 0.1 * np.eye(6)

    def by_factor(p):
        lower = L.cholesky(covariance(p))
        half = L.solve(lower, y)
        return 0.5 * np.sum(half**2) + np.sum(np.log(np.diagonal(lower)))

    def by_inverse(p):
        k = covariance(p)
        return 0.5 * y @ L.inv(k) @ y + 0.5 * L.slogdet(k)[1]

    p = np.array([0.3, -1.2])
    np.testing.assert_allclose(adlib.grad(by_factor)(p), adlib.grad(by_inverse)(p), rtol=1e-9)
    np.testing.assert_allclose(adlib.hessian(by_factor)(p), adlib.hessian(by_inverse)(p), rtol=1e-7)
    adlib.check_grads(by_factor, (p,), order=2)


@pytest.mark.parametrize(
    ("s", "limit", "refused"),
    [
        ([1.0, 999.5], 1e-3, False),
        ([1.0, 1000.0], 1e-3, False),
        ([1.0, 1000.5], 1e-3, True),
        ([[1.0, 1000.5], [1e9, 1000.5]], 1e-3, True),
        ([[1e9, 1000.5], [1e9, 1000.5]], 1e-3, False),
        ([[1.0, 2000.0], [1.0, 2000.0]], [1e-3, 1e-15], True),
        ([0.0, 0.0], 1e-3, False),
    ],
)
def test_what_is_more_than_rounding(s, limit, refused):
    """In units of size × ε; the largest is 1, or 1e9 of them."""
    size, eps = 3, np.finfo(float).eps
    s = np.array(s)
    s[..., 1:] *= size * eps
    if refused:
        with pytest.raises(TypeError, match="more than rounding"):
            systems._insist_on_small_cuts(s, limit, size)
    else:
        systems._insist_on_small_cuts(s, limit, size)


def test_what_is_as_large_as_the_limit_is_cut():
    with pytest.raises(TypeError, match=r"cuts 0\.25 away"):
        systems._insist_on_small_cuts(np.array([1.0, 0.25]), 0.25, 2)


def test_the_spectral_norm_of_an_empty_matrix_is_0():
    value, pullback = adlib.vjp(lambda x: L.norm(x, 2), np.zeros((0, 3)))
    assert value == 0.0
    assert pullback(1.0)[0].shape == (0, 3)
