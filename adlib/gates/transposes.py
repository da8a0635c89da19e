"""The kinds of linear gate, and the transposes that take more than a line.

- `Reading` settles the order in which entries are read; `Rearrangement` only moves them.
- `Scattered` is a sum of entries put back where they came from, not carried out yet.
- `Einsum` exchanges its subscripts; `matmul_left` and `matmul_right` are the two sides of a product.
"""

from __future__ import annotations

import functools
import inspect
import operator
import string
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.gates.arguments import asked, refuse
from adlib.gates.functions import scatter
from adlib.gates.gate import Linear, Variadic
from adlib.gates.shaping import SCALARS, as_dtype, innermost, like, operand, shape_of, zeros_like

# fmt: on


# Each transpose maps the adjoint g of the result to that of an operand; it may look at the operands' shapes.


def choice(condition: Any, x: Any, y: Any) -> Any:
    """Compute ``np.where``, without a copy where one condition decides for all entries."""
    if isinstance(condition, bool | np.bool_) and shape_of(x) == shape_of(y):
        chosen, other = (x, y) if condition else (y, x)
        if type(chosen) in SCALARS and type(other) in SCALARS:
            return float(chosen)
        kind = np.result_type(chosen, other)  # that of both, whichever is chosen
        if type(chosen) in SCALARS:
            return kind.type(chosen)
        return chosen if chosen.dtype == kind else chosen.astype(kind)
    return np.where(condition, x, y)


def cumsum_transpose(g: Any, x: Any, axis: int | None) -> Any:
    """Sum from the end instead of from the start."""
    a = 0 if axis is None else axis
    return np.reshape(np.flip(np.cumsum(np.flip(g, a), a), a), shape_of(x))


class Reading(Linear):
    """A gate that reads the entries of an array in an order: of rows (C), of columns (F), or as they lie (A, K).

    How they lie is a matter of the value.  Its tangent and its adjoint may lie otherwise, so the order is
    settled here, once for all three.
    """

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the array, and turn the orders A and K into C or F."""
        (x,), params = super().bind(args, kwargs)
        order = params.get("order")
        if order in ("A", "K"):
            params["order"] = _order_of(np.asarray(innermost(x)), order, self.name)
        return (x,), params


def _order_of(x: np.ndarray[Any, Any], order: str, name: str) -> str:
    if order == "A":
        return "F" if x.flags.fnc else "C"
    if x.flags.c_contiguous:
        return "C"
    if x.flags.f_contiguous:
        return "F"
    problem = f"np.{name}: order='K' reads this array as it lies in memory, neither by rows nor by columns"
    raise TypeError(explain(problem, "Say order='C' or order='F'."))


class Scattered:
    """A sum of scattered adjoints that waits to be carried out.

    ``x[0] * x[1] * ...`` takes n entries of x one by one.  Carrying out each entry's transpose alone would
    write n arrays of n numbers.  Sums of `Scattered` only collect; `dense` writes one array, when it is
    needed."""

    __array_ufunc__ = None  # NumPy's arrays leave additions to this class
    __slots__ = ("dtype", "gs", "indices", "rest", "shape")

    def __init__(self, g: Any, index: Any, x: Any) -> None:
        self.gs, self.indices, self.shape, self.dtype = [g], [index], shape_of(x), getattr(x, "dtype", float)
        self.rest: Any = None

    def __add__(self, other: Any) -> Scattered:
        if type(other) is Scattered:
            self.gs += other.gs
            self.indices += other.indices
            other = other.rest
        if other is not None:
            self.rest = other if self.rest is None else self.rest + other
        return self

    __radd__ = __add__

    def dense(self) -> Any:
        """Carry out the sum."""
        total = scatter(tuple(self.gs), self.indices, self.shape, self.dtype)
        return total if self.rest is None else total + self.rest


# Rearrangements only move entries.  Apply one to their *positions*, and it tells where each entry came from.
def dense(g: Any, x: Any) -> Any:
    """Carry out a sum that waits to be; and write zeros where nothing arrived at a value `x`."""
    return zeros_like(x) if g is None else g.dense() if type(g) is Scattered else g


class Rearrangement(Linear):
    """A gate that moves, repeats or drops the entries of an array, without arithmetic."""

    def __init__(self, f: Callable[..., Any]) -> None:
        value = lambda x, how=(), **params: f(x, *how, **params)  # noqa: E731
        super().__init__(f, self._transpose, value=value)
        self.signature = inspect.signature(f)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the array; all else is fixed."""
        if args and not kwargs:
            return args[:1], {"how": args[1:]}
        bound = self.signature.bind(*args, **kwargs)
        if bound.arguments.get("out") is not None:
            refuse(self.name, {"out": None})
        return bound.args[:1], {"how": bound.args[1:], **bound.kwargs}

    def _transpose(self, g: Any, x: Any, **params: Any) -> Any:
        shape = shape_of(x)
        size = int(np.prod(shape))
        positions = self(np.arange(size).reshape(shape), **params)
        flat = scatter((np.ravel(g),), [np.ravel(positions)], (size,), getattr(x, "dtype", float))
        return np.reshape(flat, shape)


# Joining
def part(g: Any, xs: Sequence[Any], axis: int = 0, *, i: int) -> Any:
    """Cut the piece of `g` that came from operand `i` of a concatenation."""
    if axis is None:
        start = sum(int(np.prod(shape_of(x))) for x in xs[:i])
        mine = g[start : start + int(np.prod(shape_of(xs[i])))]
        return as_dtype(np.reshape(mine, shape_of(xs[i])), xs[i])
    start = sum(shape_of(x)[axis] for x in xs[:i])
    cut = [slice(None)] * len(g.shape)
    cut[axis] = slice(start, start + shape_of(xs[i])[axis])
    return as_dtype(g[tuple(cut)], xs[i])


# Products: linear in each factor
def matmul_left(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of the left factor: g Bᵀ."""
    if b.ndim == 1:
        out = np.expand_dims(g, -1) * b
    elif a.ndim == 1:
        out = np.matmul(b, np.expand_dims(g, -1))[..., 0]
    else:
        out = _product(g, np.swapaxes(b, -1, -2), a)
    return like(out, a)


def matmul_right(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of the right factor: Aᵀ g."""
    if a.ndim == 1:
        if b.ndim == 1:
            return like(g * a, b)
        out = a[:, None] * np.expand_dims(g, -2)
    elif b.ndim == 1:
        out = np.matmul(np.swapaxes(a, -1, -2), np.expand_dims(g, -1))[..., 0]
    else:
        out = _product(np.swapaxes(a, -1, -2), g, b)
    return like(out, b)


def _product(a: Any, b: Any, x: Any) -> Any:
    """Multiply two matrices into one that lies in memory as `x` does: what adds it to `x` then walks along both."""
    if type(x) is np.ndarray and x.flags.fnc:
        return np.swapaxes(np.matmul(np.swapaxes(b, -1, -2), np.swapaxes(a, -1, -2)), -1, -2)
    return np.matmul(a, b)


class Einsum(Variadic):
    """``np.einsum``: its transposes are again sums of products, with the subscripts exchanged."""

    def __init__(self) -> None:
        super().__init__(np.einsum, self._transpose, name="einsum", joint=False)
        self.value = lambda *values, subscripts, **how: np.einsum(subscripts, *values, **how)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the operands, and write their subscripts out."""
        refuse("einsum", {k: v for k, v in asked(np.einsum, (), kwargs)[1].items() if k != "optimize"})
        if not isinstance(args[0], str):
            args = _with_letters(args)
        operands = tuple(map(operand, args[1:]))
        how = {k: v for k, v in kwargs.items() if k == "optimize" and v is not False}
        return operands, {"subscripts": _explicit(args[0], operands), **how}

    def jvps(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Give the directions a letter of their own."""
        inputs, output = params["subscripts"].split("->")
        letter = next(c for c in string.ascii_letters if c not in inputs + output)
        contributions = []
        for i, tangent in enumerate(tangents):
            if tangent is not None:
                terms = inputs.split(",")
                terms[i] = letter + terms[i]
                operands = (*values[:i], tangent, *values[i + 1 :])
                contributions.append(np.einsum(",".join(terms) + "->" + letter + output, *operands))
        return functools.reduce(operator.add, contributions)

    @staticmethod
    def _transpose(g: Any, values: Sequence[Any], subscripts: str, *, i: int, optimize: Any = False) -> Any:
        inputs, output = subscripts.split("->")
        terms = inputs.split(",")
        pairs: list[tuple[str, Any]] = list(zip(terms, values, strict=True))
        own, others = terms[i], pairs[:i] + pairs[i + 1 :]
        spare = iter(sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(subscripts)))
        target, extra = "", list[tuple[str, Any]]()
        for axis, letter in enumerate(own):
            n = shape_of(values[i])[axis]
            if letter in target:  # a diagonal was taken: put it back with an identity matrix
                fresh = next(spare)
                extra.append((letter + fresh, np.eye(n)))
                letter = fresh
            elif letter not in output and not any(letter in t for t, _ in others):
                extra.append((letter, np.ones(n)))  # an axis summed on its own: spread over it again
            target += letter
        pieces = [(output, g), *others, *extra]
        exchanged = ",".join(t for t, _ in pieces) + "->" + target
        if isinstance(optimize, list):  # a path for these operands, not for those of the transpose
            optimize = True
        return like(np.einsum(exchanged, *(v for _, v in pieces), optimize=optimize), values[i])


def _with_letters(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Write ``(x, [0, 1], y, [1, 2], [0, 2])`` as ``("ab,bc->ac", x, y)``; NumPy's axes count to 51."""

    def term(axes: Any) -> str:
        return "".join("..." if a is Ellipsis else string.ascii_letters[operator.index(a)] for a in axes)

    operands, axes = args[: len(args) // 2 * 2 : 2], args[1::2]
    subscripts = ",".join(map(term, axes)) + ("->" + term(args[-1]) if len(args) % 2 else "")
    return subscripts, *operands


def _explicit(subscripts: str, values: Sequence[Any]) -> str:
    """Write out an einsum's output and its ellipses."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    spare = [c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts]
    terms, widest = [], 0
    for term, value in zip(inputs.split(","), values, strict=True):
        width = len(shape_of(value)) - len(term.replace("...", ""))
        widest = max(widest, width if "..." in term else 0)
        terms.append(term.replace("...", "".join(reversed(spare[:width]))))
    ellipsis = "".join(reversed(spare[:widest]))
    if not arrow:
        letters = "".join(terms)
        output = "..." + "".join(c for c in sorted(set(letters) - set(ellipsis)) if letters.count(c) == 1)
    return ",".join(terms) + "->" + output.replace("...", ellipsis)
