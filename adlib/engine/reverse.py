r"""Reverse mode as a function: `vjp` and its pullback, on one run of a function (`record`).

What is kept of the run, and the walk back, are in `adlib.engine.tape`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from adlib.engine.calls import (
    aside,
    attached,
    evaluate,
    fitting,
    nested_alike,
    real_leaves,
    tracked,
    values_of,
)
from adlib.engine.tape import Tape, Variable, final, sweep
from adlib.engine.tree import Rebuild


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    r"""Compute f(x) and the pullback, which maps an adjoint ȳ of the result to x̄ = ȳ J(x).

    Parameters
    ----------
    f : callable
        Takes as many arguments as there are primals: floats, arrays of any shape, or nested tuples, lists and
        dicts of them.  Returns any of these.
    *primals
        The arguments x, of floating type.
    has_aux : bool
        Whether f returns ``(value, aux)``: aux is handed out, untracked, behind the pullback.

    Returns
    -------
    value
        f(x).
    pullback : callable
        Takes ȳ, as nested and shaped as `value`, and returns a tuple with one x̄ for each primal, as nested
        and shaped as that.  It may be called any number of times; it keeps the tape alive.

    Raises
    ------
    TypeError
        If an input is not real and floating, or if f loses track of its input.
    ValueError
        From the pullback, if ȳ does not fit the value.

    Notes
    -----
    Griewank and Walther, *Evaluating Derivatives*, 2nd ed., section 3.2.

    Examples
    --------
    >>> import numpy as np
    >>> y, pullback = vjp(lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), 2.0, 5.0)
    >>> [round(bar, 9) for bar in pullback(1.0)]
    [5.5, 1.716337815]
    """
    f, aux = aside("vjp", f) if has_aux else (f, [])
    leaves, rebuild = real_leaves("vjp", primals)
    values, rebuild_out, back = pulled("vjp", f, leaves, rebuild)

    def pullback(seed: Any) -> tuple[Any, ...]:
        """Map an adjoint of the value to adjoints of the primals."""
        mismatch = "pullback: {seeds} adjoints for {count} results; give one for each"
        return back(nested_alike(seed, len(values), rebuild_out, mismatch))

    return (rebuild_out(values), pullback, *aux)


@dataclass(frozen=True, slots=True)
class Recording:
    """One run of a function, and what was kept of it.

    Attributes
    ----------
    nodes : list of Variable
        The tape, in the order of evaluation, by which the nodes are numbered; the inputs come behind.
    inputs : list of Variable
        The leaves, in the order in which they were given.
    outputs : list
        What the function returned, flat.
    tracked : list of bool
        Which of the outputs depend on the inputs.
    rebuild : callable
        Nests a list like the outputs again.
    """

    nodes: list[Variable]
    inputs: list[Variable]
    outputs: list[Any]
    tracked: list[bool]
    rebuild: Rebuild

    def swept(self, seeds: Sequence[Any]) -> list[Any]:
        """Walk back from the adjoints of the outputs (``None`` for zero) to those of the inputs."""
        adjoints: list[Any] = [None] * (len(self.nodes) + len(self.inputs))
        for y, mine, seed in zip(self.outputs, self.tracked, seeds, strict=True):
            if mine and seed is not None:
                so_far = adjoints[y.number]
                adjoints[y.number] = seed if so_far is None else so_far + seed
        sweep(self.nodes, adjoints)
        return adjoints[len(self.nodes) :]


def record(
    f: Callable[..., Any], leaves: Sequence[Any], rebuild: Rebuild, tape: Tape | None = None
) -> Recording:
    """Run a function on leaves, and keep what happened: the only place where a tape is filled.

    Parameters
    ----------
    f : callable
    leaves : sequence of float or array
        The tape keeps copies of arrays.
    rebuild : callable
        From a list of leaves to f's arguments.
    tape : Tape, optional
        Where to record; a new tape if there is none.
    """
    level = Tape() if tape is None else tape
    inputs = [level.leaf(x) for x in leaves]
    try:
        out, rebuild_out = evaluate(f, rebuild(inputs))
    finally:
        nodes = level.close()
    for number, node in enumerate(chain(nodes, inputs)):
        node.number = number
    return Recording(nodes, inputs, out, tracked(out, level), rebuild_out)


def pulled(
    operation: str, f: Callable[..., Any], leaves: list[Any], rebuild: Rebuild
) -> tuple[list[Any], Rebuild, Callable[[Sequence[Any]], tuple[Any, ...]]]:
    """Do what `vjp` does, for the operation that the user called, with results and their adjoints as flat lists."""
    level = Tape()
    run = record(f, leaves, rebuild, level)
    values = values_of(operation, f, run.outputs, run.tracked, level)
    return values, run.rebuild, pullback_of(run, leaves, rebuild, values)


def pullback_of(
    run: Recording, leaves: Sequence[Any], rebuild: Rebuild, values: Sequence[Any]
) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Make the pullback of a run, of the leaves that it ran on and the values that it gave: of flat adjoints."""

    def back(seeds: Sequence[Any]) -> tuple[Any, ...]:
        fitted = [
            fitting("pullback: an adjoint", g, y._value) if m else None
            for y, m, g in zip(run.outputs, run.tracked, seeds, strict=True)
        ]
        taken = set[int]()
        finals = [final(g, x._value, taken) for g, x in zip(run.swept(fitted), run.inputs, strict=True)]
        return tuple(rebuild(attached(finals, (*leaves, *values, *seeds))))

    return back
