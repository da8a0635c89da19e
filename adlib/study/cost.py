"""What derivatives cost: operations that really ran, bytes that the tape keeps, and how to keep fewer.

Times depend on the machine, counts do not.  So operations are counted: a box is put around the input that lets
every gate through and counts it, under derivatives of any mode.

Checkpointing trades operations for memory: of a long chain of steps only a few states are kept, and the others
are computed again.  The schedules here are the best possible ones.

A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 3, 4 and 12; "Algorithm 799:
revolve", ACM Transactions on Mathematical Software 26:19–45, 2000.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from adlib.engine.boxes import Box
from adlib.engine.calls import real_leaves
from adlib.engine.derivatives import jacobian
from adlib.engine.forward import jvp
from adlib.engine.levels import Level
from adlib.engine.reverse import record, vjp
from adlib.gates import Elementwise, Gate

__all__ = [
    "Action",
    "Checkpointed",
    "TapeSize",
    "checkpointed",
    "costs",
    "fewest_steps",
    "operations",
    "schedule",
    "tape_size",
]


# --- Counting operations ------------------------------------------------------------------------------


class Counted(Box):
    """A number or an array whose gates are counted.  It stays in view inside derivatives of any kind."""

    __slots__ = ()

    def __init__(self, value: Any, level: Level) -> None:
        self._value, self.level = value, level


class Counter(Level):
    """Counts elementary operations on numbers; moving numbers about (`moves_only`) is none.

    Attributes
    ----------
    operations : int
    """

    __slots__ = ("operations",)

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Counted:
        """Compute the gate, and count."""
        out = gate(*values, **params)
        if gate.moves_only:
            count = 0
        elif isinstance(gate, Elementwise):
            count = np.size(out)
        elif gate.name == "sum":
            count = np.size(values[0]) - np.size(out)
        elif gate.name == "scatter":
            count = sum(np.size(v) for v in values)
        elif gate.name == "matmul":
            count = 2 * np.size(out) * np.shape(values[0])[-1]
        else:
            count = max(np.size(out), *(np.size(v) for v in values))
        self.operations += int(count)
        return Counted(out, self)


def operations(f: Callable[..., Any], *args: Any) -> int:
    """Count the operations on numbers that a function carries out.

    Parameters
    ----------
    f : callable
        A function, or a derivative of one, such as ``adlib.grad(f)``.
    *args
        Floats and arrays.

    Returns
    -------
    int
        Additions, products, sines ...: one for each number computed; a product of matrices counts its sums and
        products.  Only what depends on the arguments is counted.

    Examples
    --------
    >>> operations(lambda x: np.sum(np.sin(x) * x), np.ones(10))
    29
    """
    counter = Counter()
    f(*(Counted(a, counter) for a in args))
    return counter.operations


def costs(f: Callable[[Any], Any], x: Any) -> dict[str, int]:
    """Count the operations of a function, and of its whole Jacobian in four ways.

    Parameters
    ----------
    f : callable
        From one array to a number or an array.
    x : array of shape (m,)

    Returns
    -------
    dict
        ``"function"``; ``"numerical"``: forward differences, m + 1 values and their quotients; ``"forward"``: m
        passes of `adlib.jvp`; ``"bundled"``: one pass that carries m tangents, as `adlib.jacobian` does; ``"reverse"``:
        a pass and n ways back.

    Examples
    --------
    >>> costs(lambda x: np.sum(np.sin(x)), np.ones(5))
    {'function': 9, 'numerical': 69, 'forward': 115, 'bundled': 59, 'reverse': 19}
    """
    once = operations(f, x)
    m, n = np.size(x), np.size(f(x))
    return {
        "function": once,
        "numerical": (m + 1) * once + m + 2 * m * n,
        "forward": m * operations(lambda x: jvp(f, (x,), (np.ones_like(x),)), x),
        "bundled": operations(jacobian(f, mode="forward"), x),
        "reverse": operations(jacobian(f, mode="reverse"), x),
    }


# --- The tape -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TapeSize:
    """How much a tape keeps.

    Attributes
    ----------
    nodes : int
        One for each gate.
    bytes : int
        Of the notes and of the values that they keep alive.
    """

    nodes: int
    bytes: int


def tape_size(f: Callable[..., Any], *args: Any) -> TapeSize:
    """Record a function, and weigh the tape.

    Parameters
    ----------
    f, *args
        As for `adlib.vjp`.

    Returns
    -------
    TapeSize

    Examples
    --------
    >>> tape_size(lambda x: np.sin(x) * x, 1.0).nodes
    2
    """
    leaves, rebuild = real_leaves("tape_size", args)
    nodes = record(f, leaves, rebuild).nodes
    kept: dict[int, int] = {}
    for node in nodes:
        for part in (node, node.values, node.parents, node._value, *node.values):
            owner = part
            while isinstance(owner, np.ndarray) and isinstance(owner.base, np.ndarray):
                owner = owner.base
            kept[id(owner)] = sys.getsizeof(owner)
    return TapeSize(len(nodes), sum(kept.values()))


# --- Checkpoints ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """One move of a schedule.

    Attributes
    ----------
    kind : {"store", "advance", "restore", "reverse"}
        Keep the present state; go on without a tape; go back to a kept state; record one step, and walk back.
    start, stop : int
        Step numbers: an advance goes from `start` to `stop`; the others are at `start`.
    """

    kind: str
    start: int
    stop: int


def fewest_steps(length: int, snapshots: int) -> int:
    r"""Compute the least number of steps that must be run to walk back over a chain with few snapshots.

    Parameters
    ----------
    length : int
        The number of steps l, at least 1.
    snapshots : int
        How many states may be kept at a time, s, the first one included; at least 1.

    Returns
    -------
    int
        t(l, s) = r l − C(s + r, s + 1), where r is the smallest number with l ≤ C(s + r, s).  Running a step once
        more in order to record it is not counted.

    Raises
    ------
    ValueError
        If `length` or `snapshots` is below 1.

    Notes
    -----
    Griewank and Walther 2000, Proposition 1.

    Examples
    --------
    >>> [fewest_steps(*case) for case in ((10, 3), (50, 5), (100, 10), (1000, 10))]
    [15, 122, 222, 3636]
    """
    _check(length, snapshots)
    r = _repetitions(length, snapshots)
    return r * length - math.comb(snapshots + r, snapshots + 1)


def _check(length: int, snapshots: int) -> None:
    if length < 1 or snapshots < 1:
        raise ValueError(f"a schedule needs at least one step and one snapshot, not {length} and {snapshots}")


def _repetitions(length: int, snapshots: int) -> int:
    r = 0
    while math.comb(snapshots + r, snapshots) < length:
        r += 1
    return r


def schedule(length: int, snapshots: int) -> list[Action]:
    """List the moves that walk back over a chain of steps with as few recomputed steps as possible.

    Parameters
    ----------
    length, snapshots : int
        See `fewest_steps`.

    Returns
    -------
    list of Action
        The lengths of its advances add up to ``fewest_steps(length, snapshots)``.

    Examples
    --------
    >>> for move in schedule(3, 2):
    ...     print(move.kind, move.start, move.stop)
    store 0 0
    advance 0 1
    store 1 1
    advance 1 2
    reverse 2 2
    restore 1 1
    reverse 1 1
    restore 0 0
    reverse 0 0
    """
    _check(length, snapshots)
    return [Action("store", 0, 0), *_moves(0, length, snapshots)]


def _moves(start: int, stop: int, snapshots: int) -> Iterator[Action]:
    """Walk back over the steps from `start` to `stop`; the state at `start` is kept, and is one of the snapshots."""
    length = stop - start
    if length == 1:
        yield Action("reverse", start, start)
        return
    if snapshots == 1:  # run from the start each time
        for k in range(stop - 1, start, -1):
            yield Action("advance", start, k)
            yield Action("reverse", k, k)
            yield Action("restore", start, start)
        yield Action("reverse", start, start)
        return
    r = _repetitions(length, snapshots)
    least = math.comb(snapshots + r - 2, snapshots) if r >= 2 else 1
    middle = start + max(1, least, length - math.comb(snapshots - 1 + r, snapshots - 1))
    yield Action("advance", start, middle)
    yield Action("store", middle, middle)
    yield from _moves(middle, stop, snapshots - 1)
    yield Action("restore", start, start)
    yield from _moves(start, middle, snapshots)


@dataclass(frozen=True)
class Checkpointed:
    """What a walk back with checkpoints found, and what it took.

    Attributes
    ----------
    value, adjoint : object
        The last state, and the adjoint of the first.
    steps : int
        Steps run without a tape; each step is recorded once besides.
    most_kept : int
        The largest number of states that were kept at one time.
    """

    value: Any
    adjoint: Any
    steps: int
    most_kept: int


def checkpointed(
    step: Callable[[Any], Any], x: Any, length: int, snapshots: int, seed: Any = 1.0
) -> Checkpointed:
    """Differentiate the `length`-fold repetition of a step, keeping only a few of its states.

    Parameters
    ----------
    step : callable
        From a state to the next: a float, an array, or a nest of them.
    x : object
        The first state.
    length, snapshots : int
        See `fewest_steps`.
    seed : object
        The adjoint of the last state.

    Returns
    -------
    Checkpointed

    Examples
    --------
    >>> done = checkpointed(lambda x: 4 * x * (1 - x), 0.2, length=3, snapshots=2)
    >>> round(done.adjoint, 7), done.steps, done.most_kept
    (9.0660864, 2, 2)
    """
    kept: dict[int, Any] = {}
    state, value, adjoint, ran, most = x, None, seed, 0, 0
    for move in schedule(length, snapshots):
        if move.kind == "store":
            kept[move.start] = state
            most = max(most, len(kept))
        elif move.kind == "advance":
            for _ in range(move.start, move.stop):
                state = step(state)
            ran += move.stop - move.start
        elif move.kind == "restore":
            state = kept[move.start]
        else:
            after, pullback = vjp(step, state)
            value = after if move.start == length - 1 else value
            (adjoint,) = pullback(adjoint)
            kept.pop(move.start, None)  # behind this step nobody looks again
    return Checkpointed(value, adjoint, ran, most)
