"""Checks that every derivative makes on what goes in (integers are refused, say) and on what comes out."""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

from adlib.engine.boxes import Box
from adlib.engine.levels import Level, apply, plain
from adlib.engine.refusals import AS_ONE, remedy_here
from adlib.engine.tree import Rebuild, flatten, map_leaves
from adlib.errors import LostDerivativeError, explain, line_at, warn
from adlib.gates import attach
from adlib.gates.shaping import as_dtype, joined, shape_of, with_usual_arithmetic


def real_leaves(operation: str, arguments: Any) -> tuple[list[Any], Rebuild]:
    """Flatten arguments, and insist that each leaf is a real floating number or array.

    Raises
    ------
    TypeError
        For integers, booleans, complex numbers and what is no number: it says what to write instead.
    """
    leaves, rebuild = flatten(arguments)
    for k, x in enumerate(leaves):
        if isinstance(x, np.ndarray) and x.dtype.kind == "O":
            leaves[k] = x = joined(x)
        if type(x) is float or isinstance(x, Box):
            continue
        if isinstance(x, np.ndarray | np.generic | float) and np.asarray(x).dtype.kind == "f":
            if isinstance(x, np.ndarray):
                with_usual_arithmetic(x)
            continue
        problem = f"{operation}: cannot differentiate with respect to {_describe(x)}"
        beside = len(leaves) > 1 and any(isinstance(y, float | np.ndarray | Box) for y in leaves)
        raise TypeError(explain(problem, _remedy(x) + (_SPLIT if beside else "")))
    return leaves, rebuild


def _describe(x: Any) -> str:
    if isinstance(x, np.ndarray):
        return f"an array of {x.dtype}"
    text = repr(x)
    return f"{text if len(text) < 40 else 'a value'}, of type {type(x).__name__}"


def _remedy(x: Any) -> str:
    kind = np.asarray(x).dtype.kind if isinstance(x, int | complex | np.ndarray | np.generic) else ""
    if kind in "iub" and kind:
        if isinstance(x, np.ndarray) and x.ndim:
            return "Integers cannot move by a small step. Write x.astype(float), or np.array([1.0, ...])."
        return f"Integers cannot move by a small step. Write {float(x)!r} instead."
    if kind == "c":
        return "Complex analysis is out of scope here: split it into real and imaginary parts."
    return "Inputs are floats, arrays of floats, or tuples, lists and dicts of them."


_SPLIT = "  What is not to be differentiated goes into an argument of its own, which argnums leaves out."


def insist_on_a_function(f: Any) -> None:
    """Raise TypeError where someone gave a value, most likely f(x) instead of f."""
    if not callable(f):
        problem = f"adlib differentiates functions, and was given {_describe(f)}"
        raise TypeError(
            explain(problem, "Hand over the function itself, as in adlib.grad(f)(x), not its value.")
        )


def insist_on_tuples(operation: str, *given: Any) -> None:
    """Raise TypeError unless primals, and tangents, come as tuples or lists."""
    for x in given:
        if not isinstance(x, tuple | list):
            problem = f"{operation}: primals and tangents are tuples, such as (x,), not a {type(x).__name__}"
            raise TypeError(explain(problem, f"Write adlib.{operation}(f, (x,), (v,))."))


def evaluate(f: Callable[..., Any], arguments: Any) -> tuple[list[Any], Rebuild]:
    """Call the function with its tracked arguments, and flatten what it returns."""
    insist_on_a_function(f)
    thresholds = gc.get_threshold()
    if 0 < thresholds[0] < _SELDOM:
        gc.set_threshold(_SELDOM, *thresholds[1:])
    try:
        out, rebuild = flatten(f(*arguments))
    except _CAUGHT as error:
        if "\n  at " in str(error):  # it is explained already
            raise
        if isinstance(error.__cause__, LostDerivativeError):  # NumPy put its own error before ours
            raise error.__cause__ from None
        made_objects = any(isinstance(x, Box) and x.level.objects for x in flatten(arguments)[0])
        made_objects |= "got 'Dual(" in str(error) or "got 'Variable(" in str(error)
        for words, problem, remedy in _IN_OUR_WORDS if made_objects else ():
            if re.search(words, str(error)):
                remedy = remedy_here(remedy, error.__traceback__) if remedy is AS_ONE else remedy
                text = explain(f"{problem} (NumPy: {error})", remedy, error.__traceback__)
                kind = next(k for k in _CAUGHT if isinstance(error, k))
                raise kind(text) from error
        raise
    finally:
        if gc.get_threshold()[0] == _SELDOM:  # nobody else set another: a thread that began before, say
            gc.set_threshold(*thresholds)
    return [joined(y) for y in out], rebuild


# A growing tape has no cycles, and to search it for some after every 700 nodes takes longer than to record it.
_SELDOM = 10**5

_CAUGHT = (TypeError, ValueError, IndexError, AttributeError)

# NumPy's words where it met tracked objects, and ours
_IN_OUR_WORDS = [
    (
        "expected a sequence of integers",
        "a tracked value cannot be a length, which is a whole number",
        "Compute it from plain numbers.",
    ),
    (
        r"no callable \w+ method|the input types|array type object|'(float|int|bool)' object has no|'O'|object arrays",
        "NumPy takes tracked numbers as objects (a list or an array of them, say), and this function cannot",
        AS_ONE,
    ),
]


def aside(operation: str, f: Callable[..., Any]) -> tuple[Callable[..., Any], list[Any]]:
    """Split f, which returns ``(value, aux)``, into a function of the value alone and the place where aux goes.

    Aux is put there without the boxes of the derivative call that f's arguments belong to: plain, or tracked by
    the calls around it.
    """
    insist_on_a_function(f)
    found: list[Any] = []

    def value(*arguments: Any) -> Any:
        out = f(*arguments)
        if not (isinstance(out, tuple) and len(out) == 2):
            problem = f"{operation}: with has_aux=True a function returns (value, aux), not {_describe(out)}"
            raise TypeError(explain(problem, "Write: return value, aux."))
        levels = {x.level for x in flatten(arguments)[0]}

        def bare(x: Any) -> Any:
            x = joined(x)
            return own(x._value) if isinstance(x, Box) and x.level in levels else x

        found[:] = [map_leaves(bare, out[1])]
        return out[0]

    value.__name__ = getattr(f, "__name__", "f")
    return value, found


def tracked(out: Sequence[Any], level: Level) -> list[bool]:
    """Tell which of a function's results depend on its inputs, by the level that tracked them."""
    return [isinstance(y, Box) and y.level is level for y in out]


def values_of(
    operation: str,
    f: Callable[..., Any],
    out: Sequence[Any],
    mine: Sequence[bool],
    level: Level | None = None,
    quiet: bool = False,
) -> list[Any]:
    """Take what a function returned out of its boxes, and insist that something was `tracked`.

    Floating numbers that were not are constants, if the `level` is given: of these it warns, unless `quiet`.
    Whole numbers, truth values, ``None`` and text were hardly meant to be differentiated.
    """
    if not any(mine):
        if level is None or not out or not all(map(_is_floating, out)):
            raise _no_dependence(operation, f, out)
        if not quiet:
            _warn_of_constant(operation, f, out, level.seen)
    return [own(y._value if m else y) for y, m in zip(out, mine, strict=True)]


def own(x: Any) -> Any:
    """Return a result that nobody else can write to: a copy of an array."""
    return np.array(x, subok=True) if isinstance(x, np.ndarray) else x


def kept(x: Any) -> Any:
    """Return an input that nobody else can write to: a copy of an array, which lies in memory as `x` does.

    ``x.ravel("A")`` reads an array in one piece by rows or columns, and one that has gaps by rows.
    """
    if not isinstance(x, np.ndarray) or x.flags.forc:
        return own(x)
    axes = np.argsort([-abs(n) for n in x.strides], kind="stable")
    if np.transpose(x, axes).flags.c_contiguous:
        return x.copy(order="K")
    with_gaps = np.empty((*(x.shape[a] for a in axes), 2), x.dtype)[..., 0]
    copy = np.transpose(with_gaps, np.argsort(axes))
    copy[...] = x
    return copy


# Until a large block has been freed once, glibc hands freed memory back to the system after every call, and to page it
# in again for the next call's copies costs more than a network's gradient.  Nobody touches these 16 MB.
np.empty(2**24, np.uint8)

_snapshots: weakref.WeakValueDictionary[int, np.ndarray[Any, Any]] = weakref.WeakValueDictionary()
_LARGE = 4096  # bytes; to copy less than that is cheaper than to look whether there is a copy
_BITS = {size: np.dtype(f"i{size}") for size in (1, 2, 4, 8)}


def snapshot(x: Any) -> Any:
    """Return what `x` holds now, for a record: a copy of an array, also of those inside lists, tuples and dicts.

    A large array that was copied before, and holds the same numbers bit by bit, shares that copy.  Where an array was
    found is only a hint as to which copy to compare it with, so nothing depends on who writes to it, when and how.
    """
    kind = type(x)
    if kind in _NESTS:
        return {k: snapshot(v) for k, v in x.items()} if kind is dict else kind(map(snapshot, x))
    if not isinstance(x, np.ndarray):
        return x
    if x.nbytes < _LARGE:
        return x.copy(order="K")
    before = _snapshots.get(id(x))
    if before is x or (before is not None and _same_bits(before, x)):
        return before
    copy = x.copy(order="K")
    _snapshots[id(x)] = _snapshots[id(copy)] = copy
    return copy


_NESTS = frozenset({dict, list, tuple})
FIXED = frozenset(
    {int, bool, str, slice, type(None)}
)  # what gates mostly have for parameters: nothing to copy


def _same_bits(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> bool:
    """Tell whether two arrays are alike to the last bit: 0.0 is not -0.0, and a nan is itself."""
    bits = _BITS.get(a.itemsize)
    if bits is None or a.dtype != b.dtype or a.shape != b.shape or type(a) is not type(b):
        return False
    return bool((a.view(bits) == b.view(bits)).all())


def nested_alike(seeds: Any, count: int, rebuild: Rebuild, mismatch: str) -> list[Any]:
    """Flatten seeds, and insist that they are nested as the `count` values that `rebuild` puts together.

    Raises
    ------
    ValueError
        If they are not: a dict in another order, say, would hand each seed to the wrong value.
    """
    flat, rebuild_seeds = flatten(seeds)
    if len(flat) != count:
        raise ValueError(mismatch.format(count=count, seeds=len(flat)))
    places = range(count)
    if rebuild(places) != rebuild_seeds(places):
        raise ValueError(
            f"{mismatch.partition(':')[0]}: seeds and values are nested differently: "
            f"{rebuild_seeds(places)} beside {rebuild(places)}"
        )
    return flat


def fitting(operation: str, seed: Any, x: Any) -> Any:
    """Give a seed, a tangent or an adjoint, the type of the value `x` that it belongs to; an array is copied.

    Raises
    ------
    ValueError
        If its shape is another.
    """
    seed = joined(seed)
    shape = np.shape(seed)
    if shape != shape_of(x):
        raise ValueError(f"{operation} of shape {shape} for a value of shape {shape_of(x)}")
    if isinstance(seed, Box):
        return seed
    return float(seed) if type(plain(x)) is float else as_dtype(np.array(seed)[()], x)


def attached(derivatives: Iterable[Any], sources: Iterable[Any]) -> list[Any]:
    """Make derivatives depend, if only by zero, on the tracked values that went in or came out beside them.

    The derivative of a linear function is a constant.  To the derivative *around* it, it is still a function
    of its input: one that does not vary.  One tracked value of each derivative call around is enough, so n
    derivatives by n inputs take n steps.
    """
    around = {x.level: x for x in sources if isinstance(x, Box)}
    if not around:
        return list(derivatives)
    found = []
    for derivative in derivatives:
        for level, x in around.items():
            if not (isinstance(derivative, Box) and derivative.level is level):
                derivative = apply(attach, (derivative, x))
        found.append(derivative)
    return found


_told: ContextVar[set[str] | None] = ContextVar("told", default=None)


@contextmanager
def warning_once() -> Iterator[None]:
    """Warn of a constant result once, however often a function runs in here."""
    token = _told.set(set()) if _told.get() is None else None
    try:
        yield
    finally:
        if token is not None:
            _told.reset(token)


def _no_dependence(operation: str, f: Callable[..., Any], out: Sequence[Any]) -> TypeError:
    """Build the error for a function whose result is not tracked."""
    name = getattr(f, "__name__", "the function")
    if out and callable(out[0]):
        problem = f"{operation}: {name} returned a function, and a derivative must come back as numbers"
        return TypeError(explain(problem, "Call that function in there, and return what it returns."))
    other = [y for y in out if not _is_floating(y)] or out
    got = _describe(other[0]) if other else "None"
    problem = f"{operation}: {name} returned {got}, which does not depend on the inputs"
    remedy = (
        "Was a `return` forgotten?  What is constant on purpose is a float, such as 3.0: its derivative is 0."
    )
    return TypeError(explain(problem, remedy))


def _warn_of_constant(operation: str, f: Callable[..., Any], out: Sequence[Any], seen: Any) -> None:
    """Warn of a constant result, and name what looked at a tracked value last."""
    name = getattr(f, "__name__", "the function")
    message = (
        f"{operation}: {name} returned {_describe(plain(out[0]))}, which does not depend on the inputs: "
    )
    message += "its derivative is 0"
    line = line_at(*seen[1:]) if seen else ""
    if seen and line:
        what = "the comparison" if seen[0][0] in "<>=!" else "the function"
        message += f"\n  The last to look at a tracked value was {what} {seen[0]}, at {line}"
    told, fact = _told.get(), message.removeprefix(operation)
    if told is None or fact not in told:
        warn(f"{message}\n  adlib.diagnose says where the path was cut.")
    if told is not None:
        told.add(fact)


def _is_floating(y: Any) -> bool:
    """Tell whether a result is a real floating number or array, tracked by another level or not at all."""
    y = plain(y)
    return isinstance(y, float | np.generic | np.ndarray) and np.asarray(y).dtype.kind == "f"


def flat(y: Any, lead: tuple[int, ...] = ()) -> Any:
    """Return the tangent of a result that does not depend on the inputs: zeros, of its type if that is floating.

    With an axis of directions in front (`lead`), if it has a bundle of tangents.
    """
    kind = getattr(plain(y), "dtype", float) if _is_floating(y) else float
    zeros = np.zeros(lead + shape_of(y), kind)[()]
    return float(zeros) if type(plain(y)) is float and not lead else zeros
