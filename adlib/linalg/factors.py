"""Factorisations: Cholesky's, eigenvalues, singular values, QR.

A factorisation gives several matrices.  Each is a gate of its own here, so that the derivative of the
eigenvalues does not ask for that of the eigenvectors, which need not exist.  NumPy factorises once: the gates
are handed its answer as a fixed parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.engine.levels import plain
from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.shaping import shape_of
from adlib.linalg.gate import (
    REGULAR,
    MatrixGate,
    Pair,
    diagonal,
    identity,
    matrix,
    matrix_gate,
    named,
    symmetric,
    transposed,
)

# --- Equal values -----------------------------------------------------------------------------------------------
#
# One of several equal eigenvalues has one-sided derivatives only, and which vector belongs to which is arbitrary.
# A symmetric function of them, such as their sum, has a derivative.  The convention gives that exactly: each has the
# mean of their derivatives.  It is linear, in both modes the same, and for the largest eigenvalue one of Clarke's
# generalised gradients.  Used twice it would be wrong, for (λ₁ − 1)² + (λ₂ − 1)² say, so second derivatives are nan.
# (A. Lewis and M. Overton, *Eigenvalue optimization*, Acta Numerica 5, 1996.)


def _rounding(values: Any) -> Any:
    """Return how far apart rounding moves equal values of one matrix: some ten times √n ε |largest|."""
    largest = np.max(np.abs(values), axis=-1, keepdims=True, initial=0.0)
    return 10 * values.shape[-1] ** 0.5 * np.finfo(values.dtype).eps * largest


def _steps(values: Any) -> Any:
    """Return which of the sorted values, from the second on, differ from the one before."""
    return np.abs(values[..., 1:] - values[..., :-1]) > _rounding(values)


def _equal(values: Any) -> Any:
    """Return which of the sorted values are equal to which: a matrix of 0 and 1 for each matrix."""
    groups = np.zeros(values.shape, int)
    np.cumsum(_steps(values), axis=-1, out=groups[..., 1:])
    return (groups[..., None, :] == groups[..., :, None]).astype(values.dtype)


def _unsettled(values: Any, at_zero: bool) -> Any:
    """Return which values have no derivative of their own: equal ones, and singular values of 0."""
    found = values <= _rounding(values) if at_zero else np.zeros(values.shape, bool)
    equal = ~_steps(values)
    found[..., 1:] |= equal
    found[..., :-1] |= equal
    return found


def _mean_of_equals(slopes: Any, values: Any) -> Any:
    if not np.any(_unsettled(values, False)):
        return slopes
    equal = _equal(values)
    terms = np.where(equal == 1, np.expand_dims(slopes, -2), 0.0)  # not a product: 0 · nan is nan
    return np.sum(terms, axis=-1) / np.sum(equal, axis=-1)


def _gaps(values: Any, equal: Any) -> Any:
    """Return Fᵢⱼ = 1 / (λⱼ − λᵢ), with zeros where the two are equal, as on the diagonal."""
    return (1 - equal) / (np.expand_dims(values, -2) - np.expand_dims(values, -1) + equal)


def _of_settled(tangent: Any, unsettled: Any) -> Any:
    """Set the tangents of vectors that have none to nan; in reverse mode even 0 times them is nan."""
    return tangent * np.where(unsettled[..., None, :], np.nan, 1.0) if np.any(unsettled) else tangent


class TiedValues(MatrixGate):
    """A gate of the values or vectors of a factorisation, where equal values have no derivatives of their own."""

    kinks = "values are equal"

    def __init__(self, function: Callable[..., Any], noun: str, convention: str) -> None:
        super().__init__(function, "")
        self.noun, self.convention, self.at_zero = noun, convention, "slope 0" in convention

    def at_kink(self, *_: Any, factors: Any, **__: Any) -> Any:
        """Return which values are equal to others, or singular values of 0."""
        return _unsettled(factors[0], self.at_zero)

    def tell(self, *, factors: Any, **_: Any) -> str:
        """Name the values of the first matrix where some are equal: ``"eigenvalues 0 and 1 are equal (2, 2)"``."""
        unsettled = self.at_kink(factors=factors)
        first = tuple(np.argwhere(unsettled)[0])
        (*matrix, k), values = first, factors[0]
        mine = values[tuple(matrix)]
        zero = self.at_zero and mine[k] <= _rounding(mine)[0]
        places = np.flatnonzero(_equal(mine)[k])
        *most, last = map(str, places)
        noun = f"{self.noun}s {', '.join(most)} and {last} are" if most else f"{self.noun} {last} is"
        shown = " 0" if zero else f" equal ({', '.join(format(x, '.6g') for x in mine[places])})"
        return noun + shown + (f" in matrix [{', '.join(map(str, matrix))}]" if matrix else "")


_MEAN = "each of equal ones has the mean of their derivatives"
_NAN = "nan for the vectors of equal ones, and in reverse mode for all"
Triple = tuple[Any, Any, Any]


def _of_values(noun: str, convention: str) -> Callable[[Callable[..., Any]], TiedValues]:
    return lambda function: TiedValues(function, noun, convention)


# --- The factors ------------------------------------------------------------------------------------------------


@matrix_gate(REGULAR)
def _lower_factor(a: Any) -> Any:
    return np.linalg.cholesky(a)


@_lower_factor.forward  # A = L Lᵀ, so L⁻¹ Ȧ L⁻ᵀ = L⁻¹ L̇ + (L⁻¹ L̇)ᵀ, and L⁻¹ L̇ is its lower half
def _(tangents: tuple[Any], lower: Any, a: Any) -> Any:
    (da,) = tangents
    both = np.linalg.solve(lower, transposed(np.linalg.solve(lower, da)))
    half = np.tril(np.ones_like(identity(a))) - 0.5 * identity(a)
    return np.matmul(lower, both * half)


@composition(np.linalg.cholesky)
def _cholesky(a: Any, *, upper: bool = False) -> Any:
    lower = _lower_factor(symmetric(matrix(a, "cholesky"), "U" if upper else "L"))
    return transposed(lower) if upper else lower


@_of_values("eigenvalue", _MEAN)
def _eigenvalues(a: Any, *, factors: Pair) -> Any:
    return factors[0]


@_eigenvalues.forward  # A v = λ v: vᵀ Ȧ v = λ̇
def _(tangents: tuple[Any], out: Any, a: Any, factors: Pair) -> Any:
    (da,) = tangents
    v = _eigenvectors(a, factors=factors)
    return _mean_of_equals(diagonal(np.matmul(transposed(v), np.matmul(da, v))), factors[0])


@_of_values("eigenvalue", _NAN)
def _eigenvectors(a: Any, *, factors: Pair) -> Any:
    return factors[1]


@_eigenvectors.forward  # V̇ = V Ω with Ωᵢⱼ = (Vᵀ Ȧ V)ᵢⱼ / (λⱼ − λᵢ), off the diagonal
def _(tangents: tuple[Any], v: Any, a: Any, factors: Pair) -> Any:
    (da,) = tangents
    gaps = _gaps(_eigenvalues(a, factors=factors), _equal(factors[0]))
    tangent = np.matmul(v, gaps * np.matmul(transposed(v), np.matmul(da, v)))
    return _of_settled(tangent, _unsettled(factors[0], False))


def _of_symmetric(a: Any, triangle: Any, gates: tuple[TiedValues, ...]) -> list[Any]:
    a = matrix(a, "eigh")
    factors = tuple(np.linalg.eigh(plain(a), triangle))
    a = symmetric(a, triangle)
    return [gate(a, factors=factors) for gate in gates]


@composition(np.linalg.eigh)
def _eigh(a: Any, UPLO: Any = "L") -> Any:
    return named(np.linalg.eigh)(*_of_symmetric(a, UPLO, (_eigenvalues, _eigenvectors)))


@composition(np.linalg.eigvalsh)
def _eigvalsh(a: Any, UPLO: Any = "L") -> Any:
    return _of_symmetric(a, UPLO, (_eigenvalues,))[0]


# With vectors, a single singular value of 0 of a square matrix has the sign that its vectors give it, so that
# U S Vᵀ has its derivative; without them it has the slope 0, as |x| has.


@_of_values("singular value", _MEAN + "; one that is 0 has the slope 0, or with vectors that of their signs")
def _singular_values(a: Any, *, factors: Triple, signed: bool) -> Any:
    return factors[0]


@_singular_values.forward
def _(tangents: tuple[Any], out: Any, a: Any, factors: Triple, signed: bool) -> Any:
    (da,), (s, _, _) = tangents, factors
    u, v = (f(a, factors=factors, signed=signed) for f in (_left_vectors, _right_vectors))
    slopes = _mean_of_equals(diagonal(np.matmul(transposed(u), np.matmul(da, v))), s)
    flat = (s <= _rounding(s)) & _unsettled(s, not signed)
    return slopes * np.where(flat, 0.0, 1.0) if np.any(flat) else slopes


def _turned(own: Any, other: Any, da: Any, a: Any, factors: Triple, signed: bool) -> Any:
    """Return the tangent of one set of singular vectors; the other's is that of the transpose (Giles, 3.2)."""
    values, s = factors[0], _singular_values(a, factors=factors, signed=signed)
    p = np.matmul(transposed(own), np.matmul(da, other))
    row, column = np.expand_dims(s, -2), np.expand_dims(s, -1)
    tangent = np.matmul(own, _gaps(s * s, _equal(values)) * (p * row + column * transposed(p)))
    tall = shape_of(own)[-2] > shape_of(own)[-1]
    if tall:
        beyond = np.matmul(da, other) - np.matmul(own, p)
        tangent = tangent + beyond / np.where((values <= _rounding(values))[..., None, :], 1.0, row)
    return _of_settled(tangent, _unsettled(values, tall or not signed))


@_of_values("singular value", _NAN)
def _left_vectors(a: Any, *, factors: Triple, signed: bool) -> Any:
    return factors[1]


@_left_vectors.forward
def _(tangents: tuple[Any], u: Any, a: Any, factors: Triple, signed: bool) -> Any:
    return _turned(u, _right_vectors(a, factors=factors, signed=signed), tangents[0], a, factors, signed)


@_of_values("singular value", _NAN)
def _right_vectors(a: Any, *, factors: Triple, signed: bool) -> Any:
    return factors[2]


@_right_vectors.forward
def _(tangents: tuple[Any], v: Any, a: Any, factors: Triple, signed: bool) -> Any:
    u = _left_vectors(a, factors=factors, signed=signed)
    return _turned(v, u, transposed(tangents[0]), a, factors, signed)


@composition(np.linalg.svd)
def _svd(a: Any, full_matrices: bool = True, compute_uv: bool = True) -> Any:
    a = matrix(a, "svd")
    m, n = shape_of(a)[-2:]
    if full_matrices and compute_uv and m != n:
        problem = (
            f"np.linalg.svd: of {m} × {n} matrices, the vectors beyond the first {min(m, n)} are arbitrary"
        )
        raise TypeError(explain(problem, "Call it with full_matrices=False."))
    u, values, vt = np.linalg.svd(plain(a), full_matrices=False)
    factors = (values, u, transposed(vt))
    gates = (_left_vectors, _singular_values, _right_vectors)
    if not compute_uv:
        return _singular_values(a, factors=factors, signed=False)
    u, s, v = (gate(a, factors=factors, signed=True) for gate in gates)
    return named(np.linalg.svd)(u, s, transposed(v))


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
    quotient = transposed(np.linalg.solve(transposed(r), transposed(da)))
    own = np.matmul(transposed(q), quotient)
    below = np.tril(own, -1)
    return quotient, below - transposed(below), own


@composition(np.linalg.qr)
def _qr(a: Any, mode: str = "reduced") -> Any:
    a = matrix(a, "qr")
    m, n = shape_of(a)[-2:]
    if mode not in ("reduced", "r") and not (mode == "complete" and m <= n):
        problem = f"np.linalg.qr: mode={mode!r} of {m} × {n} matrices has no derivative here"
        raise TypeError(explain(problem, "Use mode='reduced' or mode='r'."))
    square = a[..., :m]  # of a wide matrix, the first columns make Q
    factors = tuple(np.linalg.qr(plain(square)))
    q, r = _orthogonal_factor(square, factors=factors), _triangular_factor(square, factors=factors)
    if n > m:
        r = np.concatenate([r, np.matmul(transposed(q), a[..., m:])], axis=-1)
    return r if mode == "r" else named(np.linalg.qr)(q, r)
