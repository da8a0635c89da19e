"""Gradients, Jacobians and Hessians, from `jvp` and `vjp` alone.

Throughout, f has m inputs and n outputs, and `argnums` says by which of its positional arguments to differentiate.  All
insist on inputs that are real and floating, with a TypeError.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib import gates
from adlib.engine.boxes import Box
from adlib.engine.calls import aside, insist_on_a_function, insist_on_tuples, real_leaves, warning_once
from adlib.engine.forward import jvps, pushed
from adlib.engine.levels import plain
from adlib.engine.reverse import pulled
from adlib.engine.tree import flatten, map_leaves
from adlib.errors import explain
from adlib.gates.shaping import shape_of

Argnums = int | tuple[int, ...]

BUNDLE = 128  # columns of a Jacobian in one pass


def _restricted(f: Callable[..., Any], argnums: Argnums, args: Any, kwargs: dict[str, Any]) -> Any:
    """Return f as a function of the chosen arguments alone, and those arguments."""
    try:
        chosen = tuple(map(operator.index, argnums if isinstance(argnums, tuple | list) else (argnums,)))
    except TypeError:
        problem = f"argnums={argnums!r}: count positional arguments from 0, as in argnums=1 or argnums=(0, 2)"
        raise TypeError(problem) from None
    for k in chosen:
        if not -len(args) <= k < len(args):
            raise TypeError(f"argnums={argnums!r}, but the call has {len(args)} positional argument(s)")
    if len({k % len(args) for k in chosen}) < len(chosen) or not chosen:
        raise TypeError(f"argnums={argnums!r}: name at least one argument, and none twice")

    def of_chosen(*values: Any) -> Any:
        full = list(args)
        for k, v in zip(chosen, values, strict=True):
            full[k] = v
        return f(*full, **kwargs)

    of_chosen.__name__ = getattr(f, "__name__", "f")
    return of_chosen, tuple(args[k] for k in chosen)


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Make the function that computes f and its gradient, in one pass of reverse mode.

    Parameters
    ----------
    f : callable
        Returns a number, or an array of one entry.  Its arguments may be floats, arrays, or nested tuples, lists
        and dicts of them.
    argnums : int or tuple of int
        Which positional arguments to differentiate with respect to.
    has_aux : bool
        Whether f returns ``(value, aux)``: aux may be anything, and is handed out untracked.

    Returns
    -------
    callable
        Takes f's arguments and returns ``(value, gradient)``, or ``((value, aux), gradient)``.  The gradient has
        the nest and shapes of the argument; for a tuple `argnums` it is a tuple of those.

    Raises
    ------
    TypeError
        When called: if the result has several entries, or an input is not real and floating.

    Examples
    --------
    >>> value_and_grad(lambda x: x**3)(2.0)
    (8.0, 12.0)
    """
    both = lambda value, gradient, *aux: ((value, *aux) if aux else value, gradient)  # noqa: E731
    return _gradient("value_and_grad", f, argnums, has_aux, both)


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Make the function that computes the gradient of f, in one pass of reverse mode.

    Parameters
    ----------
    f, argnums, has_aux
        As for `value_and_grad`.

    Returns
    -------
    callable
        Takes f's arguments and returns the gradient, or ``(gradient, aux)``.  The gradient has the nest and shapes
        of the argument; for a tuple `argnums` it is a tuple of those.

    Raises
    ------
    TypeError
        When called: if the result has several entries, or an input is not real and floating.

    Examples
    --------
    >>> f = lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))
    >>> [round(g, 9) for g in grad(f, argnums=(0, 1))(2.0, 1.0)]
    [1.467827504, -1.380165568]
    >>> grad(grad(lambda x: x**3))(2.0)
    12.0
    """
    return _gradient("grad", f, argnums, has_aux)


def _alone(value: Any, gradient: Any, *aux: Any) -> Any:
    return (gradient, *aux) if aux else gradient


def _gradient(
    operation: str,
    f: Callable[..., Any],
    argnums: Argnums,
    has_aux: bool = False,
    arranged: Callable[..., Any] = _alone,
) -> Callable[..., Any]:
    """Make the function of value, gradient and aux (if f has one), for the operation that the user called."""

    def compute(*args: Any, **kwargs: Any) -> Any:
        g, chosen = _restricted(f, argnums, args, kwargs)
        of_value, aux = aside(operation, g) if has_aux else (g, [])
        results, rebuild, back = pulled(operation, of_value, *real_leaves(operation, chosen))
        value = rebuild(results)
        if len(results) != 1 or results[0] is not value or math.prod(shape_of(value)) != 1:
            got = f"shape {shape_of(value)}" if results and results[0] is value else f"{len(results)} results"
            problem = f"{operation}: {g.__name__} returned {got}, and only a scalar has a gradient"
            remedy = "Use adlib.jacobian, or reduce the result to one number."
            if isinstance(value, tuple) and len(value) == 2 and not has_aux:
                remedy += "  If the second is beside the point, say has_aux=True."
            raise TypeError(explain(problem, remedy))
        shape = shape_of(value)
        gradient = back([np.ones(shape) if shape else 1.0])
        return arranged(value, gradient if isinstance(argnums, tuple | list) else gradient[0], *aux)

    return _named(compute, f, operation)


def _named(compute: Callable[..., Any], f: Callable[..., Any], what: str) -> Callable[..., Any]:
    insist_on_a_function(f)
    compute.__name__ = f"{what}({getattr(f, '__name__', 'f')})"
    return compute


def jacobian(
    f: Callable[..., Any], argnums: Argnums = 0, mode: str = "forward", has_aux: bool = False
) -> Callable[..., Any]:
    """Make the function that computes the Jacobian of f.

    Parameters
    ----------
    f : callable
        Takes and returns floats, arrays, or nested tuples, lists and dicts of them.
    argnums : int or tuple of int
        Which positional arguments to differentiate with respect to.
    mode : {"forward", "reverse"}
        Forward: columns, many of them carried along in one pass (`BUNDLE`).  Reverse: rows, one pass and a
        walk back for each.  The numbers agree; the cost does not.
    has_aux : bool
        Whether f returns ``(value, aux)``: the result is then ``(jacobian, aux)``, with aux untracked.

    Returns
    -------
    callable
        Takes f's arguments.  For a result of shape s and an argument of shape t it returns an array of shape
        s + t (a number where both are scalars).  For nested results and arguments: the nest of the result,
        with the nest of the argument at each leaf.

    Raises
    ------
    ValueError
        For another mode.  When called: if f has to run again, and gives another value then (it draws numbers, say).
    TypeError
        When called: if an input is not real and floating.

    Examples
    --------
    >>> jacobian(lambda x: np.array([[1.0, 2.0], [3.0, 4.0]]) @ x)(np.array([5.0, 6.0]))
    array([[1., 2.],
           [3., 4.]])
    """
    if mode not in ("forward", "reverse"):
        raise ValueError(f"jacobian: mode is 'forward' or 'reverse', not {mode!r}")
    return _jacobian("jacobian", f, argnums, mode, has_aux)


def _jacobian(
    operation: str, f: Callable[..., Any], argnums: Argnums, mode: str, has_aux: bool
) -> Callable[..., Any]:
    """Do what `jacobian` does, for the operation that the user called."""

    def compute(*args: Any, **kwargs: Any) -> Any:
        g, chosen = _restricted(f, argnums, args, kwargs)
        of_value, aux = aside(operation, g) if has_aux else (g, [])
        leaves, rebuild = real_leaves(operation, chosen)
        columns_or_rows = _columns if mode == "forward" else _rows
        with warning_once():
            blocks, rebuild_out = columns_or_rows(operation, of_value, leaves, rebuild)
        nested = [rebuild(row) for row in blocks]
        full = rebuild_out(
            [block for (block,) in nested] if not isinstance(argnums, tuple | list) else nested
        )
        return (full, *aux) if aux else full

    return _named(compute, f, operation)


def _basis(x: Any) -> list[Any]:
    """List the unit vectors of the shape of `x`."""
    shape = shape_of(x)
    if shape == ():
        return [1.0]
    n = int(np.prod(shape))
    return list(np.eye(n, dtype=x.dtype).reshape(n, *shape))


def _columns(
    operation: str, f: Callable[..., Any], leaves: list[Any], rebuild: Any
) -> tuple[list[list[Any]], Any]:
    """Compute the blocks column by column, many columns in one forward pass.

    A pass carries `BUNDLE` numbers for each number of f, or fewer where the inputs alone are many, so memory
    stays bounded.
    """
    sizes = [math.prod(shape_of(x)) for x in leaves]
    starts = [0, *itertools.accumulate(sizes)]
    count = max(1, min(BUNDLE, BUNDLE * 10**4 // max(1, *sizes)))
    values: list[Any] = []
    passes: list[list[Any]] = []
    for first in range(0, max(starts[-1], 1), count):  # shapes are needed where there are no entries, too
        k = min(count, starts[-1] - first)
        bundles = [
            np.eye(k, size, first - start, getattr(x, "dtype", float)).reshape(k, *shape_of(x))
            for x, start, size in zip(leaves, starts, sizes, strict=False)
        ]
        again, tangents, rebuild_out = jvps(operation, f, leaves, rebuild, bundles)
        values = values or again
        if passes and not all(map(_alike, values, again)):
            problem = f"{operation}: {getattr(f, '__name__', 'the function')} gave another value when it ran again, "
            remedy = "Draw random numbers before, or make their generator inside."
            raise ValueError(explain(problem + "for the next columns", remedy))
        passes.append(tangents)
    blocks = []
    for y, *tangents in zip(values, *passes, strict=True):
        columns = tangents[0] if len(tangents) == 1 else np.concatenate(tangents)
        axes = (*range(1, len(shape_of(columns))), 0)
        row = []
        for x, start, size in zip(leaves, starts, sizes, strict=False):
            block: Any = np.transpose(columns[start : start + size], axes)
            block = np.reshape(block, shape_of(y) + shape_of(x))
            if not (shape_of(block) or isinstance(block, Box)):
                block = float(block) if type(y) is float else block[()]
            row.append(block)
        blocks.append(row)
    return blocks, rebuild_out


def _alike(a: Any, b: Any) -> bool:
    """Tell whether two runs of a function gave one value, up to rounding."""
    a, b = plain(a), plain(b)
    return np.shape(a) == np.shape(b) and np.allclose(a, b, 1e-3, 1e-6, equal_nan=True)


def _rows(
    operation: str, f: Callable[..., Any], leaves: list[Any], rebuild: Any
) -> tuple[list[list[Any]], Any]:
    """Compute the blocks row by row: one pass forwards, then one backwards for each entry of each result."""
    results, rebuild_out, back = pulled(operation, f, leaves, rebuild)
    zeros = [np.zeros(shape_of(y))[()] for y in results]
    blocks = []
    for k, y in enumerate(results):
        rows = [flatten(back([*zeros[:k], e, *zeros[k + 1 :]]))[0] for e in _basis(y)]
        blocks.append([_gathered(r, y) for r in zip(*rows, strict=True)] or [_none(y, x) for x in leaves])
    return blocks, rebuild_out


def _none(y: Any, x: Any) -> Any:
    """Return the derivative of `y` by `x` where one of them has no entries."""
    return np.zeros(shape_of(y) + shape_of(x), getattr(x, "dtype", float))


def _gathered(pieces: Sequence[Any], over: Any) -> Any:
    """Join derivatives, one for each entry of `over`, along new axes of that shape in front."""
    if shape_of(over) == ():
        (piece,) = pieces
        return piece
    return np.reshape(np.stack(pieces), shape_of(over) + shape_of(pieces[0]))


def hessian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Make the function that computes the Hessian of a scalar f: forward mode over reverse mode.

    Parameters
    ----------
    f, argnums, has_aux
        As for `value_and_grad`, and so are the errors.

    Returns
    -------
    callable
        Takes f's arguments.  For an argument of shape t it returns an array of shape t + t; for several, or
        nested, arguments the nest of blocks.  With `has_aux` it returns ``(hessian, aux)``.

    Examples
    --------
    >>> rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> hessian(rosenbrock)(np.array([-1.2, 1.0]))
    array([[1330.,  480.],
           [ 480.,  200.]])
    """
    gradient = _gradient("hessian", f, argnums, has_aux)
    return _named(_jacobian("hessian", gradient, argnums, "forward", has_aux), f, "hessian")


def stop_gradient(x: Any) -> Any:
    """Return `x` as a constant, whatever it was computed from: the name for cutting a derivative on purpose.

    Parameters
    ----------
    x : float, array, or nested tuples, lists and dicts of them
        Tracked or not.

    Returns
    -------
    object
        The same numbers in the same nest.  An array is copied.

    Notes
    -----
    JAX's name; PyTorch's is `detach`.  It is a gate of derivative zero in both modes, for every derivative call
    around it, and `adlib.trace` shows it as a row.

    Examples
    --------
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    return map_leaves(gates.stop_gradient.function, x)


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Compute the Hessian of a scalar f times a vector, without the Hessian.

    Forward mode over reverse mode: the cost is a small multiple of that of f, whatever the number of inputs
    (Pearlmutter, *Fast exact multiplication by the Hessian*, Neural Computation 6, 1994).

    Parameters
    ----------
    f : callable
        Returns a number, or an array of one entry.
    primals : sequence
        The arguments.
    tangents : sequence
        The vector, as nested and shaped as `primals`.

    Returns
    -------
    object
        H v, like the argument; for several arguments a tuple.

    Raises
    ------
    TypeError
        If the result has several entries, or an input is not real and floating.

    Examples
    --------
    >>> rosenbrock = lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2
    >>> hvp(rosenbrock, (np.array([-1.2, 1.0]),), (np.array([1.0, 0.0]),))
    array([1330.,  480.])
    """
    insist_on_tuples("hvp", primals, tangents)
    argnums: Argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return pushed("hvp", _gradient("hvp", f, argnums), primals, tangents)[1]
