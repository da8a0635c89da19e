"""Check derivatives: forward mode, reverse mode and difference quotients must give one number.

For a random direction ẋ and a random adjoint ȳ the number ȳ · (J ẋ) can be had in three ways: forward mode
gives J ẋ, reverse mode gives ȳ J, and the function s ↦ ȳ · f(x + s ẋ) has it as its slope at 0, which
difference quotients find without any rule.  A wrong rule changes at least one of them, for almost every
direction.  That the first two agree is the *dot-product identity*; it holds to the last digits.

All of this speaks of f only if the tracked run computes f.  So values are compared first.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.calls import own, real_leaves, warning_once
from adlib.engine.custom import CustomGate
from adlib.engine.forward import jvp
from adlib.engine.reverse import record, vjp
from adlib.engine.tree import Rebuild, flatten
from adlib.gates.shaping import as_dtype, shape_of
from adlib.numerical import Richardson, richardson

MODES = ("forward", "reverse")


class _UnsettledError(AssertionError):
    """The difference quotients do not say what the derivative is: no rule is to blame."""


_TOLERANCE = {np.dtype(np.float16): 1e-1, np.dtype(np.float32): 2e-2}  # of difference quotients


def check_grads(
    f: Callable[..., Any],
    args: Sequence[Any],
    modes: Sequence[str] = MODES,
    order: int = 1,
    *,
    atol: float | None = None,
    rtol: float | None = None,
    seed: int = 0,
) -> None:
    """Compare derivatives of f with difference quotients, and the two modes with each other.

    Parameters
    ----------
    f : callable
        Takes and returns floats, arrays, or nested tuples, lists and dicts of them.
    args : sequence
        The point: f's arguments, of floating type.
    modes : sequence of {"forward", "reverse"}
        What to check.
    order : int
        Up to which order.  From the second on, every mode is checked over every mode.
    atol, rtol : float, optional
        How far a derivative may be from the difference quotients: ``atol + rtol * |number|``.  Default: 1e-6
        both, for arguments in float32 2e-2.
    seed : int
        Of the random directions.

    Raises
    ------
    AssertionError
        If a check fails.  It says which: that f answers alike when it is called twice; that it computes the same
        with tracked values, also for arrays that lie otherwise in memory (by columns, with gaps); that both
        modes agree with difference quotients (of which order, mode and argument, both numbers, and where to
        look) and with each other; that tangents and adjoints go through linearly.  A custom gate in f that
        fails the same check by itself is named.
    TypeError
        If `args` is not a sequence, an argument is not real and floating, or f loses track of its input.
    ValueError
        For another mode, an order below 1.

    Notes
    -----
    Richardson-extrapolated central differences along one random direction for each argument, of length 1 in
    units of its entries.  At a kink the stated convention and the difference quotients may rightly disagree:
    choose another point.
    Griewank and Walther, *Evaluating Derivatives*, 2nd ed., section 3.3 for the identity.

    Examples
    --------
    >>> check_grads(lambda x, y: x * np.sin(y), (2.0, 0.5), order=2)
    >>> check_grads(lambda W, x: np.tanh(W @ x), (np.eye(2), np.array([0.3, -0.4])))
    """
    if isinstance(args, np.ndarray | str | dict) or not isinstance(args, Sequence):
        kind = type(args).__name__
        raise TypeError(
            f"check_grads: args is the tuple of f's arguments, such as (x,), not a value of type {kind}"
        )
    if isinstance(modes, str) or not modes or any(mode not in MODES for mode in modes):
        raise ValueError(f"check_grads: modes is a sequence of 'forward' and 'reverse', not {modes!r}")
    if order < 1:
        raise ValueError(f"check_grads: order is at least 1, not {order}")
    leaves, rebuild = real_leaves("check_grads", tuple(args))
    usual = max((_TOLERANCE.get(np.asarray(x).dtype, 1e-6) for x in leaves), default=1e-6)
    tolerances = usual if atol is None else atol, usual if rtol is None else rtol
    with warning_once():
        _compare_values(f, leaves, rebuild, modes)
        try:
            _check(f, tuple(args), tuple(modes), order, (), tolerances, np.random.default_rng(seed))
        except AssertionError as error:
            suspects = _wrong_rules(f, args, modes, order, tolerances, seed)
            raise AssertionError("\n  ".join([str(error), *suspects])) from None


def _compare_values(f: Callable[..., Any], leaves: list[Any], rebuild: Rebuild, modes: Sequence[str]) -> None:
    """Insist that f answers alike when called twice, with tracked values, and however its arrays lie in memory."""
    expected = _plainly(f, leaves, rebuild)
    again = _plainly(f, leaves, rebuild)
    if not _alike(expected, again, exactly=True):
        raise AssertionError(
            f"check_grads, same answer twice: f(x) is {_shown(expected)}, and {_shown(again)} when called again\n"
            "  Look for random numbers drawn inside, or for something that f changes: pass it as an argument."
        )
    numbers: dict[str, list[Any]] = {}
    for words, lay in _LAYOUTS.items():
        laid = [lay(x) if isinstance(x, np.ndarray) and x.ndim else x for x in leaves]
        if words and all(a is b or a.strides == b.strides for a, b in zip(laid, leaves, strict=True)):
            continue
        plain = _plainly(f, laid, rebuild) if words else expected
        for mode in modes:
            value, derivative = _run(f, laid, rebuild, mode)
            if not _alike(plain, value):
                raise AssertionError(
                    f"check_grads, same values{words}: your function computes something else with tracked values, "
                    f"{_shown(value)} in {mode} mode and {_shown(plain)} without\n"
                    "  Look for isinstance(x, float), except ZeroDivisionError, sets and dicts of numbers, and writing."
                )
            if _alike(plain, expected) and not _alike(numbers.setdefault(mode, derivative), derivative):
                raise AssertionError(
                    f"check_grads, same derivatives{words}: {_shown(derivative)} in {mode} mode, and "
                    f"{_shown(numbers[mode])} for the array as it was given\n"
                    "  Look for a rule that depends on how an array lies in memory: strides, ravel, order."
                )


def _run(f: Callable[..., Any], leaves: list[Any], rebuild: Rebuild, mode: str) -> tuple[Any, list[Any]]:
    """Return f's value in a mode, and a derivative: in the direction of ones, or from adjoints of ones."""
    if mode == "forward":
        value, tangent = jvp(f, rebuild(leaves), rebuild([np.ones(shape_of(x))[()] for x in leaves]))
        return flatten(value)[0], flatten(tangent)[0]
    value, pullback = vjp(f, *rebuild(leaves))
    results, rebuild_out = flatten(value)
    return results, flatten(pullback(rebuild_out([np.ones(shape_of(y))[()] for y in results])))[0]


def _plainly(f: Callable[..., Any], leaves: list[Any], rebuild: Rebuild) -> list[Any]:
    """Call f, which may write to its arguments, with copies."""
    return flatten(f(*rebuild([x.copy("K") if isinstance(x, np.ndarray) else x for x in leaves])))[0]


def _with_gaps(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.repeat(x, 2, axis=-1)[..., ::2]


_LAYOUTS: dict[str, Callable[..., Any]] = {
    "": own,
    ", by columns": np.asfortranarray,
    ", with gaps": _with_gaps,
}


def _alike(left: list[Any], right: list[Any], exactly: bool = False) -> bool:
    """Compare numbers: to the last digit, or but for rounding."""
    if len(left) != len(right):
        return False
    for a, b in zip(left, right, strict=True):
        x, y = np.asarray(a), np.asarray(b)
        if x.shape != y.shape or x.dtype != y.dtype:
            return False
        if x.dtype.kind not in "fiub":
            continue  # what no derivative is taken of
        size = np.max(np.abs(x), initial=0.0, where=np.isfinite(x))
        eps = max((np.finfo(v.dtype).eps for v in (x, y) if v.dtype.kind == "f"), default=0.0)
        close = 0.0 if exactly else 10 * eps ** (2 / 3) * (1 + size)
        if not np.allclose(x, y, rtol=0.0, atol=close, equal_nan=True):
            return False
    return True


def _shown(values: list[Any]) -> str:
    arrays = [np.asarray(y) for y in values[:3]]
    kinds = ["" if y.dtype == float else f" of {y.dtype}" for y in arrays]
    shown = ", ".join(
        np.array2string(y, precision=10, threshold=8) + k for y, k in zip(arrays, kinds, strict=True)
    )
    return " ".join(shown.split()) + (" ..." if len(values) > 3 else "")


def _wrong_rules(
    f: Callable[..., Any],
    args: Sequence[Any],
    modes: Sequence[str],
    order: int,
    tolerances: tuple[float, float],
    seed: int,
) -> list[str]:
    """Check each custom gate that f went through by itself, at the operands that it had there."""
    leaves, rebuild = flatten(tuple(args))
    found: dict[str, None] = {}
    for node in record(f, leaves, rebuild).nodes:
        gate = node.gate
        if not isinstance(gate, CustomGate) or gate.of_the_table:
            continue
        moving = [k for k, x in enumerate(node.values) if np.asarray(x).dtype.kind == "f"]

        def alone(*moved: Any, node: Any = node, moving: Any = moving) -> Any:
            operands = list(node.values)
            for k, x in zip(moving, moved, strict=True):
                operands[k] = x
            return node.gate(*operands, **node.params)

        for mode in modes:
            forward = gate.forward_rule is not None and (mode == "forward" or gate.backward_rule is None)
            rule = "forward" if forward else "backward"
            operands = tuple(node.values[k] for k in moving)
            try:
                _check(alone, operands, (mode,), order, (), tolerances, np.random.default_rng(seed))
            except _UnsettledError:
                continue
            except AssertionError:
                found[f"The custom gate {gate.name} fails this check by itself: look at its {rule} rule."] = (
                    None
                )
    return list(found)


def _check(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    modes: tuple[str, ...],
    order: int,
    before: tuple[str, ...],
    tolerances: tuple[float, float],
    rng: np.random.Generator,
) -> None:
    """Check first derivatives of f, which is itself a derivative, taken by the modes `before`."""
    leaves, rebuild = flatten(args)
    outs = _plainly(f, leaves, rebuild)
    adjoints = [_unit(np.shape(y), rng) for y in outs]
    tangents = [_direction(x, rng) for x in leaves]
    maps: dict[str, tuple[Linear, list[Any], list[Any]]] = {}
    if "forward" in modes:
        forward: Linear = lambda seeds: flatten(jvp(f, args, rebuild(seeds))[1])[0]  # noqa: E731
        maps["jvp is linear in the tangent"] = forward, tangents, [_direction(x, rng) for x in leaves]
    if "reverse" in modes:
        value, pullback = vjp(f, *args)
        nest = flatten(value)[1]
        backward: Linear = lambda bars: flatten(pullback(nest(bars)))[0]  # noqa: E731
        maps["the pullback is linear in the adjoint"] = (
            backward,
            adjoints,
            [_unit(np.shape(y), rng) for y in outs],
        )
        pulled = backward(adjoints)
    for k, name in enumerate(_names(args)):
        seeds = [t if j == k else 0 * t for j, t in enumerate(tangents)]
        found = {}
        if "forward" in modes:
            found["forward"] = _dot(adjoints, forward(seeds))
        if "reverse" in modes:
            found["reverse"] = _dot(pulled, seeds)
        slope = _slope(f, leaves, rebuild, seeds, adjoints)
        _compare(found, slope, name, before, tolerances, leaves)
    for words, (apply, a, b) in maps.items():
        _insist_on_linear(f"{words}, order {len(before) + 1}", apply, a, b)
    if order == 1:
        return
    if "forward" in modes:
        _check(
            lambda *x: jvp(f, x, rebuild(tangents))[1],
            args,
            modes,
            order - 1,
            (*before, "forward"),
            tolerances,
            rng,
        )
    if "reverse" in modes:

        def pulled_back(*x: Any) -> Any:
            value, pullback = vjp(f, *x)
            return pullback(flatten(value)[1](adjoints))

        _check(pulled_back, args, modes, order - 1, (*before, "reverse"), tolerances, rng)


def _direction(x: Any, rng: np.random.Generator) -> Any:
    """Choose a tangent that moves no entry by more than its own size: log x keeps x > 0."""
    size = np.clip(np.where(x == 0, 1.0, np.abs(x)), 1e-3, 1.0)
    return as_dtype((size * _unit(np.shape(x), rng))[()], x)


def _unit(shape: tuple[int, ...], rng: np.random.Generator) -> Any:
    """Choose a vector of length 1 with no entry near 0."""
    v = rng.uniform(0.5, 1, shape) * rng.choice([-1, 1], shape)
    return v / np.sqrt(np.sum(v * v)) if v.size else v


Linear = Callable[[list[Any]], list[Any]]


def _insist_on_linear(words: str, apply: Linear, a: list[Any], b: list[Any]) -> None:
    """Insist on L(64a - 3b) / 64 = L(a) - 3/64 L(b); to a rule that clips, 64 is large."""
    together = [x / 64 for x in apply([64 * s - 3 * t for s, t in zip(a, b, strict=True)])]
    one_by_one = [x - y * (3 / 64) for x, y in zip(apply(a), apply(b), strict=True)]
    finite = all(np.all(np.isfinite(x)) for x in (*map(np.asarray, together), *one_by_one))
    if finite and not _alike(together, one_by_one):
        raise AssertionError(
            f"check_grads, {words}: it is not, of 64a - 3b it makes 64 times {_shown(together)}, and "
            f"64 times {_shown(one_by_one)} of a and b one by one\n"
            "  Look for a rule that clips, takes a modulus or a sign of what it is given."
        )


def _names(args: tuple[Any, ...]) -> list[str]:
    """Name every leaf by the argument it belongs to."""
    names = []
    for k, arg in enumerate(args):
        count = len(flatten(arg)[0])
        names += [f"argument {k}" + (f", leaf {j}" if count > 1 else "") for j in range(count)]
    return names


def _dot(left: Sequence[Any], right: Sequence[Any]) -> float:
    terms = [np.sum(np.asarray(a, float) * np.asarray(b, float)) for a, b in zip(left, right, strict=True)]
    return float(np.sum(terms))


def _slope(
    f: Callable[..., Any], leaves: list[Any], rebuild: Any, seeds: list[Any], adjoints: list[Any]
) -> Richardson:
    """Differentiate s ↦ ȳ · f(x + s ẋ) at 0 by difference quotients."""

    def along(s: Any) -> Any:
        moved = [as_dtype(x + s * t, x) for x, t in zip(leaves, seeds, strict=True)]
        results = flatten(f(*rebuild(moved)))[0]
        same = [np.shape(y) for y in results] == [np.shape(a) for a in adjoints]
        return _dot(adjoints, results) if same else np.nan  # a branch that returns something else

    zero = np.float32(0.0) if any(np.asarray(x).dtype in _TOLERANCE for x in leaves) else 0.0
    with np.errstate(all="ignore"):  # the largest steps may leave the domain, or cross a kink
        best = richardson(along, zero, h=0.1)
        for h in (0.01, 0.001):
            if best.error > 1e-9 * (1 + abs(best.value)):
                best = min(best, richardson(along, zero, h=h), key=lambda found: found.error)
    return best


def _compare(
    found: dict[str, float],
    slope: Richardson,
    name: str,
    before: tuple[str, ...],
    tolerances: tuple[float, float],
    leaves: list[Any],
) -> None:
    """Raise an error if the numbers disagree."""
    atol, rtol = tolerances
    place = f"check_grads: order {len(before) + 1}, {name}"
    over = "".join(f" over {mode}" for mode in reversed(before))
    allowed = atol + rtol * abs(slope.value)
    if not slope.error <= allowed:
        raise _UnsettledError(
            f"{place}: the difference quotients do not settle ({slope.value:.10g} ± {slope.error:.2g})\n"
            "  Look at the point: a kink, a jump or the edge of a domain is near. Choose another."
        )
    wrong = [mode for mode, number in found.items() if not abs(number - slope.value) <= allowed]
    if wrong:
        mode = wrong[0]
        raise AssertionError(
            f"{place}, {mode} mode{over}: ȳ·(J ẋ) is {found[mode]:.10g}, "
            f"difference quotients give {slope.value:.10g} ± {slope.error:.2g}\n"
            f"  {_where_to_look(wrong, found)}"
        )
    eps = max(np.finfo(np.asarray(x).dtype).eps for x in leaves)
    numbers = list(found.values())
    close = max(eps**0.75, 1e-11) * (1 + abs(slope.value))
    if len(numbers) == 2 and not abs(numbers[0] - numbers[1]) <= close:
        raise AssertionError(
            f"{place}{over}: the dot-product identity fails, ȳ·(J ẋ) is {numbers[0]:.17g} in forward mode "
            f"and {numbers[1]:.17g} in reverse mode\n"
            "  Both are near the difference quotients: look for a rule that rounds, or drops a small term."
        )


def _where_to_look(wrong: list[str], found: dict[str, float]) -> str:
    if len(wrong) == 2:
        return "Both modes are off: look at the local derivative that both use, or for a kink at this point."
    rules = {"forward": "forward rule (jvp)", "reverse": "reverse rule (vjp, transpose)"}[wrong[0]]
    other = "; the other mode is right" if len(found) == 2 else ""
    return f"Look at the {rules} of the gates in f{other}."
