"""Norms and condition numbers; and the array API's names for what is elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates.composition import composition
from adlib.gates.functions import length
from adlib.gates.shaping import axes_of, operand, shape_of
from adlib.linalg.gate import matrix


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
    2: lambda x: np.sum(_singular(x)[..., :1], axis=-1),  # 0 where there are none
    -2: lambda x: _singular(x)[..., -1],
    "nuc": lambda x: np.sum(_singular(x), axis=-1),
}


def _singular(x: Any) -> Any:
    return np.linalg.svd(x, compute_uv=False)


@composition(np.linalg.cond)
def _cond(x: Any, p: Any = None) -> Any:
    x = matrix(x, "cond")
    if p is None or p in (2, -2):
        s = _singular(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return _matrix_norm(x, ord=p) * _matrix_norm(np.linalg.inv(x), ord=p)


# --- The array API's names for the same -----------------------------------------------------------------------


composition(np.linalg.svdvals)(lambda x, /: _singular(x))
composition(np.linalg.diagonal)(lambda x, /, *, offset=0: np.diagonal(x, offset, -2, -1))
composition(np.linalg.trace)(lambda x, /, *, offset=0: np.trace(x, offset, -2, -1))
composition(np.linalg.matmul)(lambda x1, x2, /: np.matmul(x1, x2))
composition(np.linalg.outer, ask=True)(lambda x1, x2, /: np.outer(x1, x2))
composition(np.linalg.tensordot)(lambda x1, x2, /, *, axes=2: np.tensordot(x1, x2, axes))


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


@composition(np.linalg.vecdot, ask=True)
def _vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    x1, x2 = np.moveaxis(operand(x1), axis, -1), np.moveaxis(operand(x2), axis, -1)
    return np.sum(x1 * x2, axis=-1)


@composition(np.linalg.cross, ask=True)
def _cross(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    return np.moveaxis(np.cross(np.moveaxis(x1, axis, -1), np.moveaxis(x2, axis, -1)), -1, axis)
