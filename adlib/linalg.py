r"""Matrices: rows of the table for ``np.linalg``.

A matrix function has no list of partial derivatives; it has a *differential*.  From A A⁻¹ = I follows
Ȧ A⁻¹ + A (A⁻¹)˙ = 0, so (A⁻¹)˙ = −A⁻¹ Ȧ A⁻¹.  Every row below is found in this way: write the equations that
the result satisfies, push a tangent through them, and solve for the tangent of the result.  The rule is linear
in Ȧ, so reverse mode is its transpose, which `custom_gate` takes by itself.

A factorisation gives several matrices.  Each is a gate of its own here, so that the derivative of the
eigenvalues does not ask for that of the eigenvectors, which need not exist.  NumPy factorises once: the gates
are handed its answer as a fixed parameter.

Where NumPy reads only one triangle of a symmetric matrix (``cholesky``, ``eigh``), so does the derivative.

References
----------
M. Giles, *An extended collection of matrix derivative results for forward and reverse mode AD*, Oxford 2008.
G. Golub and V. Pereyra, *The differentiation of pseudo-inverses ...*, SIAM J. Numer. Anal. 10, 1973.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.custom import CustomGate
from adlib.engine.levels import plain
from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.functions import length
from adlib.gates.shaping import axes_of, like, operand, shape_of

Pair = tuple[Any, Any]


class MatrixGate(CustomGate):
    """A gate whose forward rule is the differential of a matrix function.

    Attributes
    ----------
    regular : str
        What the derivative needs of the matrix.
    """

    of_the_table = True

    def __init__(self, function: Callable[..., Any], regular: str) -> None:
        super().__init__(function, name=function.__name__.strip("_"))
        self.regular = regular

    def _answer(self, kind: str, rule: Any, *rest: Any) -> Any:
        try:
            return super()._answer(kind, rule, *rest)
        except np.linalg.LinAlgError as error:
            if "np.linalg" in str(error):  # a rule inside this one has said it
                raise
            problem = f"np.linalg, {self.name}: at this matrix there is no derivative"
            raise np.linalg.LinAlgError(explain(problem, self.regular)) from None

    def _insist_on_linear(self, *_: Any) -> None:
        """Take it as tested."""


def matrix_gate(regular: str) -> Callable[[Callable[..., Any]], MatrixGate]:
    """Make a gate of the decorated value function; `regular` tells what its derivative needs."""
    return lambda function: MatrixGate(function, regular)


# --- Words that the rows use --------------------------------------------------------------------------------


def _t(a: Any) -> Any:
    return np.swapaxes(a, -1, -2)


def _identity(a: Any) -> Any:
    """Return the identity that a is multiplied by from the right."""
    return np.eye(shape_of(a)[-1], dtype=a.dtype)


def _diagonal(a: Any) -> Any:
    return np.diagonal(a, 0, -2, -1)


def _matrix(a: Any, name: str) -> Any:
    """Return `a` as a matrix of floats, or a stack of them."""
    a = operand(a)
    if len(shape_of(a)) < 2:
        problem = f"np.linalg.{name}: an operand has shape {shape_of(a)}, and a matrix has two axes"
        raise np.linalg.LinAlgError(explain(problem, "Give it a matrix, or a stack of matrices."))
    return a if a.dtype.kind == "f" else a.astype(float)


def _symmetric(a: Any, triangle: str) -> Any:
    """Fill the other triangle, which NumPy does not read."""
    lower = a if triangle.upper() == "L" else _t(a)
    return np.tril(lower) + _t(np.tril(lower, -1))


def _gaps(values: Any) -> Any:
    """Return Fᵢⱼ = 1 / (λⱼ − λᵢ), with zeros on the diagonal; inf where two are equal."""
    eye = _identity(values)
    return (1 - eye) / (np.expand_dims(values, -2) - np.expand_dims(values, -1) + eye)


@functools.cache
def _named(f: Callable[..., Any]) -> Any:
    """Return the named tuple that a function of NumPy's answers with."""
    return type(f(np.eye(1)))


# --- Linear systems -----------------------------------------------------------------------------------------

_REGULAR = "The matrix is singular; a derivative needs an inverse."


@matrix_gate(_REGULAR)
def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


@_solve.forward  # A X = B, so Ȧ X + A Ẋ = Ḃ
def _(tangents: Pair, x: Any, a: Any, b: Any) -> Any:
    return np.linalg.solve(a, tangents[1] - np.matmul(tangents[0], x))


@_solve.backward
def _(g: Any, x: Any, a: Any, b: Any) -> Pair:
    adjoint = np.linalg.solve(_t(a), g)
    return like(-np.matmul(adjoint, _t(x)), a), like(adjoint, b)


@composition(np.linalg.solve)
def _solve_system(a: Any, b: Any) -> Any:
    a, b = _matrix(a, "solve"), operand(b)
    if len(shape_of(b)) == 1:
        return _solve(a, np.expand_dims(b, -1))[..., 0]
    return _solve(a, b)


@composition(np.linalg.inv)
def _inv(a: Any) -> Any:
    a = _matrix(a, "inv")
    return _solve(a, np.broadcast_to(_identity(a), shape_of(a)))


@matrix_gate("The rank of the matrix changes here, and the pseudo-inverse jumps.")
def _pinv(a: Any, *, options: dict[str, Any]) -> Any:
    return np.linalg.pinv(a, **options)


@_pinv.forward  # Golub and Pereyra, theorem 4.3: where the rank does not change
def _(tangents: tuple[Any], p: Any, a: Any, options: dict[str, Any]) -> Any:
    (da,) = tangents
    outside = _identity(_t(a)) - np.matmul(a, p)
    within = _identity(a) - np.matmul(p, a)
    left = np.matmul(np.matmul(p, _t(p)), np.matmul(_t(da), outside))
    right = np.matmul(np.matmul(within, _t(da)), np.matmul(_t(p), p))
    return left + right - np.matmul(p, np.matmul(da, p))


@composition(np.linalg.pinv)
def _pseudo_inverse(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    a = _matrix(a, "pinv")
    a = _symmetric(a, "L") if hermitian else a
    options = {} if rcond is None else {"rcond": rcond}
    if rtol is not np._NoValue:
        options["rtol"] = rtol
    for limit in options.values():
        if limit is not None:
            _insist_on_small_cuts(np.linalg.svd(plain(a), compute_uv=False), limit, max(shape_of(a)[-2:]))
    return _pinv(a, options=options)


def _insist_on_small_cuts(s: Any, limit: Any, size: int) -> None:
    """Refuse to cut singular values that are more than rounding: what is cut moves what is kept (not in the rule)."""
    largest = np.max(s, axis=-1, keepdims=True, initial=0.0)
    cut = np.where(s <= np.asarray(limit)[..., None] * largest, s, 0.0)
    if np.any(cut > 1000 * size * np.finfo(s.dtype).eps * largest):
        problem = (
            f"np.linalg.pinv or lstsq: {limit} times the largest singular value cuts {np.max(cut):.3g} away, which is "
            "more than rounding; there is no derivative of that here"
        )
        raise TypeError(
            explain(problem, "Compose it from np.linalg.svd(a, full_matrices=False) and keep what counts.")
        )


@composition(np.linalg.lstsq)
def _lstsq(a: Any, b: Any, rcond: Any = None) -> tuple[Any, Any, int, Any]:
    a, b = _matrix(a, "lstsq"), operand(b)
    _, residuals, rank, _ = np.linalg.lstsq(plain(a), plain(b), rcond=rcond)
    if rcond is None or rcond < 0:
        rcond = np.finfo(a.dtype).eps * (max(shape_of(a)) if rcond is None else 1)
    x = np.matmul(np.linalg.pinv(a, rcond), b)
    if residuals.size:
        residuals = np.sum(np.atleast_1d((b - np.matmul(a, x)) ** 2.0), axis=0)
        residuals = np.atleast_1d(residuals)
    return x, residuals, rank, _singular(a)


@composition(np.linalg.matrix_power, ask=True)
def _matrix_power(a: Any, n: int) -> Any:
    a = _matrix(a, "matrix_power")
    if n == 0:
        return a * 0.0 + _identity(a)
    return functools.reduce(np.matmul, [a if n > 0 else np.linalg.inv(a)] * abs(n))


@composition(np.linalg.multi_dot, ask=True)
def _multi_dot(arrays: Sequence[Any]) -> Any:
    return functools.reduce(np.dot, arrays)


@composition(np.linalg.tensorsolve, ask=True)
def _tensorsolve(a: Any, b: Any) -> Any:
    a, b = operand(a), operand(b)
    rest = shape_of(a)[len(shape_of(b)) :]
    n = math.prod(rest)
    return np.reshape(np.linalg.solve(np.reshape(a, (n, n)), np.ravel(b)), rest)


@composition(np.linalg.tensorinv, ask=True)
def _tensorinv(a: Any, ind: int = 2) -> Any:
    front, back = shape_of(a)[:ind], shape_of(a)[ind:]
    square = np.reshape(a, (math.prod(front), math.prod(back)))
    return np.reshape(np.linalg.inv(square), back + front)


# --- Determinants -------------------------------------------------------------------------------------------


@matrix_gate("")
def _determinant(a: Any) -> Any:
    return np.linalg.det(a)


@_determinant.forward  # Jacobi's formula
def _(tangents: tuple[Any], out: Any, a: Any) -> Any:
    (da,) = tangents
    return np.sum(_cofactors(a) * da, axis=(-2, -1))


@matrix_gate("The matrix is singular, where the first derivative of det is all that adlib has.")
def _cofactors(a: Any) -> Any:
    """Compute det(A) A⁻ᵀ without a division, so at singular matrices too."""
    u, s, vt = np.linalg.svd(a)
    n = s.shape[-1]
    others = [np.prod(np.delete(s, k, axis=-1), axis=-1) for k in range(n)]
    weights = np.stack(others, axis=-1) * (np.linalg.det(u) * np.linalg.det(vt))[..., None]
    return np.matmul(u * weights[..., None, :], vt)


@_cofactors.forward
def _(tangents: tuple[Any], out: Any, a: Any) -> Any:
    (da,) = tangents
    inverse = _t(np.linalg.inv(a))
    slope = np.sum(out * da, axis=(-2, -1), keepdims=True)
    return slope * inverse - np.matmul(out, np.matmul(_t(da), inverse))


@composition(np.linalg.det)
def _det(a: Any) -> Any:
    return _determinant(_matrix(a, "det"))


@matrix_gate(_REGULAR)
def _log_determinant(a: Any) -> Any:
    return np.linalg.slogdet(a)[1]


@_log_determinant.forward
def _(tangents: tuple[Any], out: Any, a: Any) -> Any:
    (da,) = tangents
    return np.sum(_diagonal(np.linalg.solve(a, da)), axis=-1)


@composition(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    a = _matrix(a, "slogdet")
    return _named(np.linalg.slogdet)(np.linalg.slogdet(plain(a))[0], _log_determinant(a))


# --- Factorisations -----------------------------------------------------------------------------------------


@matrix_gate(_REGULAR)
def _lower_factor(a: Any) -> Any:
    return np.linalg.cholesky(a)


@_lower_factor.forward  # A = L Lᵀ, so L⁻¹ Ȧ L⁻ᵀ = L⁻¹ L̇ + (L⁻¹ L̇)ᵀ, and L⁻¹ L̇ is its lower half
def _(tangents: tuple[Any], lower: Any, a: Any) -> Any:
    (da,) = tangents
    both = np.linalg.solve(lower, _t(np.linalg.solve(lower, da)))
    half = np.tril(np.ones_like(_identity(a))) - 0.5 * _identity(a)
    return np.matmul(lower, both * half)


@composition(np.linalg.cholesky)
def _cholesky(a: Any, *, upper: bool = False) -> Any:
    lower = _lower_factor(_symmetric(_matrix(a, "cholesky"), "U" if upper else "L"))
    return _t(lower) if upper else lower


@matrix_gate("")
def _eigenvalues(a: Any, *, factors: Pair) -> Any:
    return factors[0]


@_eigenvalues.forward  # A v = λ v: vᵀ Ȧ v = λ̇
def _(tangents: tuple[Any], out: Any, a: Any, factors: Pair) -> Any:
    (da,) = tangents
    v = _eigenvectors(a, factors=factors)
    return _diagonal(np.matmul(_t(v), np.matmul(da, v)))


@matrix_gate("")
def _eigenvectors(a: Any, *, factors: Pair) -> Any:
    return factors[1]


@_eigenvectors.forward  # V̇ = V Ω with Ωᵢⱼ = (Vᵀ Ȧ V)ᵢⱼ / (λⱼ − λᵢ), off the diagonal
def _(tangents: tuple[Any], v: Any, a: Any, factors: Pair) -> Any:
    (da,) = tangents
    gaps = _gaps(_eigenvalues(a, factors=factors))
    return np.matmul(v, gaps * np.matmul(_t(v), np.matmul(da, v)))


@composition(np.linalg.eigh)
def _eigh(a: Any, UPLO: Any = "L") -> Any:
    a = _matrix(a, "eigh")
    factors = tuple(np.linalg.eigh(plain(a), UPLO))
    a = _symmetric(a, UPLO)
    return _named(np.linalg.eigh)(_eigenvalues(a, factors=factors), _eigenvectors(a, factors=factors))


@composition(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: Any = "L") -> Any:
    return np.linalg.eigh(a, UPLO)[0]


@matrix_gate("")
def _singular_values(a: Any, *, factors: tuple[Any, ...]) -> Any:
    return factors[1]


@_singular_values.forward
def _(tangents: tuple[Any], out: Any, a: Any, factors: tuple[Any, ...]) -> Any:
    (da,) = tangents
    u, v = _left_vectors(a, factors=factors), _right_vectors(a, factors=factors)
    return _diagonal(np.matmul(_t(u), np.matmul(da, v)))


def _turned(own: Any, other: Any, da: Any, s: Any) -> Any:
    """Return the tangent of one set of singular vectors; the other's is that of the transpose (Giles, 3.2)."""
    p = np.matmul(_t(own), np.matmul(da, other))
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    tangent = np.matmul(own, _gaps(s * s) * (p * row + column * _t(p)))
    if shape_of(own)[-2] > shape_of(own)[-1]:
        beyond = np.matmul(da, other) - np.matmul(own, p)
        tangent = tangent + beyond / row
    return tangent


@matrix_gate("")
def _left_vectors(a: Any, *, factors: tuple[Any, ...]) -> Any:
    return factors[0]


@_left_vectors.forward
def _(tangents: tuple[Any], u: Any, a: Any, factors: tuple[Any, ...]) -> Any:
    (da,) = tangents
    v, s = _right_vectors(a, factors=factors), _singular_values(a, factors=factors)
    return _turned(u, v, da, s)


@matrix_gate("")
def _right_vectors(a: Any, *, factors: tuple[Any, ...]) -> Any:
    return _t(factors[2])


@_right_vectors.forward
def _(tangents: tuple[Any], v: Any, a: Any, factors: tuple[Any, ...]) -> Any:
    (da,) = tangents
    u, s = _left_vectors(a, factors=factors), _singular_values(a, factors=factors)
    return _turned(v, u, _t(da), s)


@composition(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    a = _matrix(a, "svd")
    m, n = shape_of(a)[-2:]
    if full_matrices and compute_uv and m != n:
        problem = (
            f"np.linalg.svd: of {m} × {n} matrices, the vectors beyond the first {min(m, n)} are arbitrary"
        )
        raise TypeError(explain(problem, "Call it with full_matrices=False."))
    factors = tuple(np.linalg.svd(plain(a), full_matrices=False))
    s = _singular_values(a, factors=factors)
    if not compute_uv:
        return s
    return _named(np.linalg.svd)(_left_vectors(a, factors=factors), s, _t(_right_vectors(a, factors=factors)))


_INDEPENDENT = "The first columns of the matrix depend on each other; the factors of such a matrix jump."


@matrix_gate(_INDEPENDENT)
def _orthogonal_factor(a: Any, *, factors: Pair) -> Any:
    return factors[0]


@_orthogonal_factor.forward
def _(tangents: tuple[Any], q: Any, a: Any, factors: Pair) -> Any:
    (da,) = tangents
    quotient, spin, own = _qr_parts(da, q, _triangular_factor(a, factors=factors))
    return np.matmul(q, spin) + quotient - np.matmul(q, own)


@matrix_gate(_INDEPENDENT)
def _triangular_factor(a: Any, *, factors: Pair) -> Any:
    return factors[1]


@_triangular_factor.forward
def _(tangents: tuple[Any], r: Any, a: Any, factors: Pair) -> Any:
    (da,) = tangents
    _, spin, own = _qr_parts(da, _orthogonal_factor(a, factors=factors), r)
    return np.matmul(own - spin, r)


def _qr_parts(da: Any, q: Any, r: Any) -> tuple[Any, Any, Any]:
    """Return Ȧ R⁻¹, the antisymmetric Qᵀ Q̇, and Qᵀ Ȧ R⁻¹, whose lower half Qᵀ Q̇ has (Ṙ R⁻¹ has none)."""
    quotient = _t(np.linalg.solve(_t(r), _t(da)))
    own = np.matmul(_t(q), quotient)
    below = np.tril(own, -1)
    return quotient, below - _t(below), own


@composition(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    a = _matrix(a, "qr")
    m, n = shape_of(a)[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        problem = f"np.linalg.qr: mode={mode!r} of {m} × {n} matrices has no derivative here"
        raise TypeError(explain(problem, "Use mode='reduced' or mode='r'."))
    square = a[..., :m]  # of a wide matrix, the first columns make Q
    factors = tuple(np.linalg.qr(plain(square)))
    q, r = _orthogonal_factor(square, factors=factors), _triangular_factor(square, factors=factors)
    if n > m:
        r = np.concatenate([r, np.matmul(_t(q), a[..., m:])], axis=-1)
    return r if mode == "r" else _named(np.linalg.qr)(q, r)


# --- Norms, and what follows from all this ------------------------------------------------------------------


@composition(np.linalg.norm)
def _norm(x: Any, ord: Any = None, axis: Any = None, keepdims: bool = False) -> Any:  # noqa: A002
    x = operand(x)
    rank = len(shape_of(x))
    axes = axes_of(axis, rank)
    if ord is None or (ord == "fro" and len(axes) == 2):
        return length(x, axis=axes, keepdims=keepdims)
    if len(axes) == 1 and not isinstance(ord, str):
        return _vector_norm(x, ord, axes[0], keepdims)
    if len(axes) != 2 or ord not in _MATRIX_NORMS:
        problem = f"np.linalg.norm: there is no ord={ord!r} over {len(axes)} of the axes"
        raise TypeError(explain(problem, "NumPy's documentation of np.linalg.norm lists which there are."))
    out = _MATRIX_NORMS[ord](np.moveaxis(x, axes, (-2, -1)))
    return np.expand_dims(out, sorted(axes)) if keepdims else out


def _vector_norm(x: Any, p: Any, axis: Any, keepdims: bool) -> Any:
    if p == np.inf:
        return np.max(np.abs(x), axis=axis, keepdims=keepdims)
    if p == -np.inf:
        return np.min(np.abs(x), axis=axis, keepdims=keepdims)
    if p == 0:  # how many are not zero
        return np.sum(np.abs(np.sign(x)), axis=axis, keepdims=keepdims)
    if p == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    return length(x, axis=axis, keepdims=keepdims, p=float(p))


def _sums(along: int, largest: Any) -> Callable[[Any], Any]:
    return lambda x: largest(np.sum(np.abs(x), axis=along), axis=-1)


_MATRIX_NORMS: dict[Any, Callable[[Any], Any]] = {
    1: _sums(-2, np.max),
    -1: _sums(-2, np.min),
    np.inf: _sums(-1, np.max),
    -np.inf: _sums(-1, np.min),
    2: lambda x: np.max(_singular(x), axis=-1),
    -2: lambda x: np.min(_singular(x), axis=-1),
    "nuc": lambda x: np.sum(_singular(x), axis=-1),
}


def _singular(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)


@composition(np.linalg.cond)
def _cond(x: Any, p: Any = None) -> Any:
    x = _matrix(x, "cond")
    if p is None or p in (2, -2):
        s = _singular(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return _matrix_norm(x, ord=p) * _matrix_norm(np.linalg.inv(x), ord=p)


# --- The array API's names for the same -----------------------------------------------------------------------


@composition(np.linalg.svdvals)
def _svdvals(x: Any, /) -> Any:
    return np.linalg.svd(x, compute_uv=False)


@composition(np.linalg.vector_norm, ask=True)
def _vector_norm_of(x: Any, /, *, axis: Any = None, keepdims: bool = False, ord: Any = 2) -> Any:  # noqa: A002
    axes = axes_of(axis, len(shape_of(x)))
    rest = [k for k in range(len(shape_of(x))) if k not in axes]
    moved = np.transpose(x, (*rest, *axes))
    ord = 2 if ord is None else ord  # noqa: A001
    out = _vector_norm(np.reshape(moved, (*(shape_of(x)[k] for k in rest), -1)), ord, -1, False)
    return np.expand_dims(out, sorted(axes)) if keepdims else out


@composition(np.linalg.matrix_norm)
def _matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:  # noqa: A002
    return np.linalg.norm(x, ord, axis=(-2, -1), keepdims=keepdims)


@composition(np.linalg.diagonal)
def _diagonal_of(x: Any, /, *, offset: int = 0) -> Any:
    return np.diagonal(x, offset, -2, -1)


@composition(np.linalg.trace)
def _trace(x: Any, /, *, offset: int = 0) -> Any:
    return np.trace(x, offset, -2, -1)


@composition(np.linalg.matmul)
def _matmul(x1: Any, x2: Any, /) -> Any:
    return np.matmul(x1, x2)


@composition(np.linalg.outer, ask=True)
def _outer(x1: Any, x2: Any, /) -> Any:
    return np.outer(x1, x2)


@composition(np.linalg.vecdot, ask=True)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    x1, x2 = np.moveaxis(operand(x1), axis, -1), np.moveaxis(operand(x2), axis, -1)
    return np.sum(x1 * x2, axis=-1)


@composition(np.linalg.cross, ask=True)
def _cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return np.moveaxis(np.cross(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)), -1, axis)


@composition(np.linalg.tensordot)
def _tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    return np.tensordot(x1, x2, axes)
