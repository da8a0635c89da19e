"""Systems of linear equations, inverses, powers and determinants."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from adlib.engine.levels import plain
from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.shaping import like, operand, shape_of
from adlib.linalg.gate import (
    REGULAR,
    Pair,
    diagonal,
    identity,
    matrix,
    matrix_gate,
    named,
    symmetric,
    transposed,
)


@matrix_gate(REGULAR)
def _solve(a: Any, b: Any) -> Any:
    return np.linalg.solve(a, b)


@_solve.forward  # A X = B, so Ȧ X + A Ẋ = Ḃ
def _(tangents: Pair, x: Any, a: Any, b: Any) -> Any:
    return np.linalg.solve(a, tangents[1] - np.matmul(tangents[0], x))


@_solve.backward
def _(g: Any, x: Any, a: Any, b: Any) -> Pair:
    adjoint = np.linalg.solve(transposed(a), g)
    return like(-np.matmul(adjoint, transposed(x)), a), like(adjoint, b)


@composition(np.linalg.solve)
def _solve_system(a: Any, b: Any) -> Any:
    a, b = matrix(a, "solve"), operand(b)
    if len(shape_of(b)) == 1:
        return _solve(a, np.expand_dims(b, -1))[..., 0]
    return _solve(a, b)


@composition(np.linalg.inv)
def _inv(a: Any) -> Any:
    a = matrix(a, "inv")
    return _solve(a, np.broadcast_to(identity(a), shape_of(a)))


@matrix_gate("The rank of the matrix changes here, and the pseudo-inverse jumps.")
def _pinv(a: Any, *, options: dict[str, Any]) -> Any:
    return np.linalg.pinv(a, **options)


@_pinv.forward  # Golub and Pereyra, theorem 4.3: where the rank does not change
def _(tangents: tuple[Any], p: Any, a: Any, options: dict[str, Any]) -> Any:
    (da,) = tangents
    outside = identity(transposed(a)) - np.matmul(a, p)
    within = identity(a) - np.matmul(p, a)
    left = np.matmul(np.matmul(p, transposed(p)), np.matmul(transposed(da), outside))
    right = np.matmul(np.matmul(within, transposed(da)), np.matmul(transposed(p), p))
    return left + right - np.matmul(p, np.matmul(da, p))


@composition(np.linalg.pinv)
def _pseudo_inverse(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    a = matrix(a, "pinv")
    a = symmetric(a, "L") if hermitian else a
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
    a, b = matrix(a, "lstsq"), operand(b)
    _, residuals, rank, _ = np.linalg.lstsq(plain(a), plain(b), rcond=rcond)
    if rcond is None or rcond < 0:
        rcond = np.finfo(a.dtype).eps * (max(shape_of(a)) if rcond is None else 1)
    x = np.matmul(np.linalg.pinv(a, rcond), b)
    if residuals.size:
        residuals = np.sum(np.atleast_1d((b - np.matmul(a, x)) ** 2.0), axis=0)
        residuals = np.atleast_1d(residuals)
    return x, residuals, rank, np.linalg.svd(a, compute_uv=False)


@composition(np.linalg.matrix_power, ask=True)
def _matrix_power(a: Any, n: int) -> Any:
    a = matrix(a, "matrix_power")
    if n == 0:
        return a * 0.0 + identity(a)
    return functools.reduce(np.matmul, [a if n > 0 else np.linalg.inv(a)] * abs(n))


@composition(np.linalg.multi_dot, ask=True)
def _multi_dot(arrays: Sequence[Any]) -> Any:
    return functools.reduce(np.dot, arrays)


@composition(np.linalg.tensorsolve, ask=True)
def _tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    a, b = operand(a), operand(b)
    if axes is not None:  # they come last, in this order
        a = np.moveaxis(a, axes, range(-len(axes), 0))
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


@matrix_gate("")
def _cofactors(a: Any) -> Any:
    """Compute det(A) A⁻ᵀ without a division, so at singular matrices too."""
    u, s, vt = np.linalg.svd(a)
    return _turned_back(u, np.eye(s.shape[-1], dtype=s.dtype) * _products_without(s)[..., None, :], vt)


def _products_without(s: Any) -> Any:
    """For each number, multiply all others."""
    n, one = s.shape[-1], np.ones_like(s[..., :1])
    before, after = (np.cumprod(np.concatenate([one, x], -1), -1)[..., :n] for x in (s, s[..., ::-1]))
    return before * after[..., ::-1]


def _turned_back(u: Any, middle: Any, vt: Any) -> Any:
    """Return the cofactors of U S Vᵀ, or their tangent, from those of S."""
    sign = np.linalg.det(u) * np.linalg.det(vt)
    return np.matmul(u * sign[..., None, None], np.matmul(middle, vt))


@_cofactors.forward
def _(tangents: tuple[Any], out: Any, a: Any) -> Any:
    return _cofactors_along(tangents[0], a)


@_cofactors.backward  # second derivatives of det, so it does not matter which comes first
def _(g: Any, out: Any, a: Any) -> Any:
    return _cofactors_along(g, a)


@matrix_gate("The matrix is singular, where adlib has two derivatives of det, and no third.")
def _cofactors_along(d: Any, a: Any) -> Any:
    """Compute the tangent of the cofactors in the direction D, without a division."""
    u, s, vt = np.linalg.svd(a)
    b = np.matmul(transposed(u), np.matmul(d, transposed(vt)))
    rest = [_products_without(np.delete(s, k, -1)) for k in range(s.shape[-1])]
    pairs = np.stack([np.insert(others, k, 0.0, -1) for k, others in enumerate(rest)], -2)
    own = np.matmul(pairs, diagonal(b)[..., None])
    return _turned_back(u, np.eye(s.shape[-1], dtype=s.dtype) * own - pairs * transposed(b), vt)


@_cofactors_along.forward
def _(tangents: Pair, out: Any, d: Any, a: Any) -> Any:
    return _cofactors_along(tangents[0], a) + _third(tangents[1], d, a)


@_cofactors_along.backward
def _(g: Any, out: Any, d: Any, a: Any) -> Pair:
    return _cofactors_along(g, a), _third(g, d, a)


def _third(e: Any, d: Any, a: Any) -> Any:
    """Return the tangent of tr(Cᵀ D) X − C Dᵀ X in the direction E, for the cofactors C and X = A⁻ᵀ."""
    x, c, dc = transposed(np.linalg.inv(a)), _cofactors(a), _cofactors_along(e, a)
    slope, change = (np.sum(y * d, axis=(-2, -1), keepdims=True) for y in (c, dc))
    moved = np.matmul(x, np.matmul(transposed(e), x))
    first = change * x - np.matmul(dc, np.matmul(transposed(d), x))
    return first - slope * moved + np.matmul(c, np.matmul(transposed(d), moved))


@composition(np.linalg.det)
def _det(a: Any) -> Any:
    return _determinant(matrix(a, "det"))


@matrix_gate(REGULAR)
def _log_determinant(a: Any) -> Any:
    return np.linalg.slogdet(a)[1]


@_log_determinant.forward
def _(tangents: tuple[Any], out: Any, a: Any) -> Any:
    (da,) = tangents
    return np.sum(diagonal(np.linalg.solve(a, da)), axis=-1)


@composition(np.linalg.slogdet)
def _slogdet(a: Any) -> Any:
    a = matrix(a, "slogdet")
    return named(np.linalg.slogdet)(np.linalg.slogdet(plain(a))[0], _log_determinant(a))
