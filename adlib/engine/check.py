"""Check derivatives: forward mode, reverse mode and difference quotients must give one number.

For a random direction ẋ and a random adjoint ȳ the number ȳ · (J ẋ) can be had in three ways: forward mode
gives J ẋ, reverse mode gives ȳ J, and the function s ↦ ȳ · f(x + s ẋ) has it as its slope at 0, which
difference quotients find without any rule.  A wrong rule changes at least one of them, for almost every
direction.  That the first two agree is the *dot-product identity*; it holds to the last digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.calls import real_leaves
from adlib.engine.custom import CustomGate
from adlib.engine.forward import jvp
from adlib.engine.reverse import record, vjp
from adlib.engine.tree import flatten
from adlib.gates.shaping import as_dtype
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
        If two numbers disagree: it says of which order, mode and argument, both numbers, and where to look.
        A custom gate in f that fails the same check by itself is named.
    TypeError
        If `args` is not a sequence, an argument is not real and floating, or f loses track of its input.
    ValueError
        For another mode, an order below 1.

    Notes
    -----
    Richardson-extrapolated central differences along one random direction for each argument.  At a kink the
    stated convention and the difference quotients may rightly disagree: choose another point.
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
    leaves, _ = real_leaves("check_grads", tuple(args))
    usual = max((_TOLERANCE.get(np.asarray(x).dtype, 1e-6) for x in leaves), default=1e-6)
    tolerances = usual if atol is None else atol, usual if rtol is None else rtol
    try:
        _check(f, tuple(args), tuple(modes), order, (), tolerances, np.random.default_rng(seed))
    except AssertionError as error:
        suspects = _wrong_rules(f, args, modes, order, tolerances, seed)
        raise AssertionError("\n  ".join([str(error), *suspects])) from None


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
    outs = flatten(f(*args))[0]
    adjoints = [rng.uniform(0.5, 1, np.shape(y)) * rng.choice([-1, 1], np.shape(y)) for y in outs]
    tangents = [_direction(x, rng) for x in leaves]
    for k, name in enumerate(_names(args)):
        seeds = [t if j == k else 0 * t for j, t in enumerate(tangents)]
        found = {}
        if "forward" in modes:
            found["forward"] = _dot(adjoints, flatten(jvp(f, args, rebuild(seeds))[1])[0])
        if "reverse" in modes:
            value, pullback = vjp(f, *args)
            found["reverse"] = _dot(flatten(pullback(flatten(value)[1](adjoints)))[0], seeds)
        slope = _slope(f, leaves, rebuild, seeds, adjoints)
        _compare(found, slope, name, before, tolerances, leaves)
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
    shape = np.shape(x)
    return as_dtype((size * rng.uniform(0.5, 1, shape) * rng.choice([-1, 1], shape))[()], x)


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
