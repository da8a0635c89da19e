"""Shapes and types of numbers and arrays: an adjoint is summed back over broadcast axes, a tangent spread over them.

Written in NumPy, so that it differentiates, too.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from adlib.errors import explain

ARRAYS = (np.ndarray, np.generic)

SCALARS = frozenset({float, int, bool})

LISTS = (list, tuple)  # as ``list | tuple``, which Python would make anew at every check


def scaled(partial: Any, g: Any) -> Any:
    """Multiply a tangent or an adjoint by a local partial derivative, which is often just 1 or -1."""
    if type(partial) is int:
        return g if partial == 1 else -g if partial == -1 else partial * g
    return partial * g


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a float, an array or a tracked value."""
    shape: tuple[int, ...] = getattr(x, "shape", ())
    return shape


def joined(x: Any) -> Any:
    """Make one tracked array of the array of objects that ``np.array([x, y])`` of tracked numbers is.

    Anything else is returned as it is.
    """
    if not isinstance(x, np.ndarray) or x.dtype.kind != "O":
        return x
    entries = x.ravel().tolist()
    tracked = [hasattr(type(e), "__array_ufunc__") and not isinstance(e, ARRAYS) for e in entries]
    numbers = all(
        shape_of(e) == () and (t or isinstance(e, int | float | np.bool | np.integer | np.floating))
        for e, t in zip(entries, tracked, strict=True)
    )
    if not (numbers and any(tracked)):
        return x
    if x.ndim == 0:
        return entries[0]
    line = np.stack(entries)
    return line if x.ndim == 1 else np.reshape(line, x.shape)


def operand(x: Any) -> Any:
    """Make an array of a list, as NumPy's functions do, and refuse what the rows would misread."""
    if type(x) in SCALARS:  # the usual case first
        return x
    if isinstance(x, LISTS):
        x = np.asarray(x)
    if isinstance(x, np.ndarray):
        x = joined(x) if x.dtype.kind == "O" else x
        return with_usual_arithmetic(x) if isinstance(x, np.ndarray) else x
    if isinstance(x, _NUMBERS) and not isinstance(x, float) and np.dtype(type(x)).kind not in "fiub":
        kind = "complex number" if isinstance(x, complex | np.complexfloating) else type(x).__name__
        problem = f"the {kind} {x!r} meets a tracked value, and adlib computes with real numbers only"
        remedy = "Split the computation into real and imaginary parts." if "complex" in kind else _AS_FLOATS
        raise TypeError(explain(problem, remedy))
    return x


_NUMBERS = (complex, np.generic)


def as_array(x: Any) -> Any:
    """Make an array of a list or of Python's number, where NumPy's function does: its type then counts."""
    if type(x) in SCALARS:
        return np.asarray(x)
    x = operand(x)
    return x.astype(float) if shape_of(x) == () and type(innermost(x)) is float else x


def innermost(x: Any) -> Any:
    """Take all boxes off a value."""
    while (inside := getattr(x, "_value", x)) is not x:
        x = inside
    return x


def with_usual_arithmetic(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Insist on entries that are real numbers, and on NumPy's own meaning of ``*``.

    Raises
    ------
    TypeError
        For complex numbers and objects, and for a class such as ``np.matrix``, whose ``*`` is another.
    """
    kind = type(x)
    if x.dtype.kind not in "fiub":
        problem = f"an array of {x.dtype} meets a tracked value, and adlib computes with real numbers only"
        split = "Split it into real and imaginary parts."
        raise TypeError(explain(problem, split if x.dtype.kind == "c" else _AS_FLOATS))
    if kind is not np.ndarray and (
        kind.__mul__ is not np.ndarray.__mul__ or kind.__array_ufunc__ is not np.ndarray.__array_ufunc__
    ):
        problem = f"{kind.__module__}.{kind.__name__} has an arithmetic of its own, which adlib does not know"
        remedy = "Give it as a plain array: np.asarray(x), or x.filled(0.0) for a masked one."
        raise TypeError(explain(problem, remedy))
    return x


_AS_FLOATS = "Convert it to floats first: an array by .astype(float), a time by t / np.timedelta64(1, 's')."


def zeros_like(x: Any) -> Any:
    """Return a zero of the shape and type of `x`."""
    return 0.0 if type(x) in SCALARS else np.zeros(x.shape, x.dtype)[()]


def as_dtype(g: Any, x: Any) -> Any:
    """Return `g` in the floating type of `x`: float32 in, float32 out."""
    want, have = getattr(x, "dtype", None), getattr(g, "dtype", None)
    if have is not None and have.kind == "c":
        problem = "the function computes with complex numbers"
        raise TypeError(explain(problem, "Split it into real and imaginary parts, of real arrays."))
    if want is None or want == have:
        return g
    if have is None:
        return want.type(g) if type(g) in SCALARS else g
    return g.astype(want)


def like(g: Any, x: Any) -> Any:
    """Give an adjoint the shape and type of the operand `x`: sum over the axes along which `x` was broadcast.

    Broadcasting copies an entry to many places.  Its transpose adds up what comes back from them.
    """
    have, want = shape_of(g), shape_of(x)
    if have != want:
        extra = len(have) - len(want)
        axes = (*range(extra), *(extra + k for k, n in enumerate(want) if n == 1))
        g = np.sum(g, axis=axes, keepdims=True)
        if extra:
            g = np.reshape(g, want)
    return as_dtype(g, x)


def spread_like(t: Any, out: Any) -> Any:
    """Give a tangent the shape and type of the result."""
    if type(out) is float:
        return float(t) if type(t) is np.float64 else t
    if shape_of(t) != shape_of(out):
        t = np.broadcast_to(t, shape_of(out))
    return as_dtype(t, out)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that ``axis=`` means, each counted from the front."""
    axes: Any = range(ndim) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
    counted = tuple(map(operator.index, axes))
    if ndim == 0 and set(counted) <= {0, -1}:
        return ()  # of a number NumPy sums along these two as well
    for a in counted:
        if not -ndim <= a < ndim:
            raise np.exceptions.AxisError(a, ndim)
    return tuple(a % ndim for a in counted)


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Undo the shape of a reduction: repeat `g` along the axes of `x` that were summed."""
    shape = shape_of(x)
    if not keepdims and shape_of(g) != ():
        g = np.expand_dims(g, axes_of(axis, len(shape)))
    return np.broadcast_to(g, shape)


def of_one_type(values: Sequence[Any], out: Any) -> Sequence[Any]:
    """Cast operands to the floating type of the result, in which a rule computes.

    Integers and booleans count as real numbers, and a float32 constant beside float64 must not round the
    derivative to float32: NumPy chooses a type for each operation of a rule, from the operands of that one.
    """
    kind = out.dtype
    for v in values:  # mostly there is nothing to do, so this loop is what counts
        if type(v) is np.ndarray:
            if v.dtype is not kind:
                break
        elif type(v) not in SCALARS and v.dtype is not kind:
            break
    else:
        return values
    if kind is None:  # a formula has no type
        return values
    return [v if type(v) in SCALARS or v.dtype == kind else v.astype(kind) for v in values]


# Bundles of tangents, with an axis of directions in front
def lifted(t: Any, x: Any, ndim: int) -> Any:
    """Put axes behind the directions, so that a tangent of `x` broadcasts against arrays of `ndim` axes as `x` does."""
    missing = ndim - len(shape_of(x))
    return np.reshape(t, (shape_of(t)[0],) + (1,) * missing + shape_of(x)) if missing > 0 else t


def zero_bundle(tangents: Sequence[Any], x: Any) -> Any:
    """Return as many zeros of the shape and type of `x` as there are directions in the bundles `tangents`."""
    count = next(shape_of(t)[0] for t in tangents if t is not None)
    return np.zeros((count, *shape_of(x)), getattr(x, "dtype", float))


def along(t: Any, x: Any, out: Any) -> Any:
    """Repeat a bundle over the axes along which `x` was broadcast to `out`."""
    shape = (shape_of(t)[0], *shape_of(out))
    return t if shape_of(t) == shape else np.broadcast_to(lifted(t, x, len(shape) - 1), shape)


# Shapes
def inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """Invert a permutation."""
    return tuple(np.argsort(axes).tolist())


def in_double(x: Any) -> Any:
    """Return `x` in double precision, whatever floating type it has (a formula has none)."""
    return x if getattr(x, "dtype", None) in (None, np.float64) else x.astype(float)


def with_initial(x: Any, initial: float, axis: int | None) -> Any:
    """Put the number that a running sum or product starts from before it."""
    place = axis or 0
    shape = [1 if k == place % x.ndim else n for k, n in enumerate(x.shape)]
    return np.concatenate([np.full(shape, initial, x.dtype), x], axis=place)
