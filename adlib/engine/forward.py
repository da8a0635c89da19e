r"""Forward mode: carry a tangent along with every value.

A dual number is a value v and its tangent v̇, written v + v̇ε with ε² = 0.  A gate g takes it to
g(v) + g′(v) v̇ ε.  Going through gate after gate multiplies the local derivatives, which is the chain rule.
One pass gives the derivative in one direction, the *seed*.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.boxes import Box
from adlib.engine.calls import (
    attached,
    evaluate,
    fitting,
    insist_on_tuples,
    nested_alike,
    own,
    real_leaves,
    tracked,
    values_of,
)
from adlib.engine.levels import Level, ended
from adlib.gates import Gate
from adlib.gates.gate import ARITHMETIC
from adlib.gates.shaping import shape_of


class Dual(Box):
    """A value with its tangent.

    Attributes
    ----------
    value, tangent : float, array or Box
        v and v̇, of one shape.
    """

    __slots__ = ("tangent",)

    def __init__(self, value: Any, tangent: Any, level: Level) -> None:
        self.value, self.tangent, self.level = value, tangent, level

    def __repr__(self) -> str:
        return f"Dual({self.value!r}, {self.tangent!r})"


class Pass(Level):
    """One pass of forward mode."""

    __slots__ = ("open",)

    def __init__(self) -> None:
        super().__init__()
        self.open = True

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Dual:
        """Compute the gate's value, and push the operands' tangents through it."""
        if not self.open:
            ended(self)
        tangents = [None if p is None else p.tangent for p in parents]
        try:
            out = gate.value(*values, **params)
        except ARITHMETIC:
            out = gate.ieee(*values, **params)
        if type(out) is float:
            return Dual(out, gate.jvp(tangents, values, out, params), self)
        with np.errstate(all="ignore"):  # at the edge of a domain the derivative is inf or nan, as documented
            return Dual(out, gate.jvp(tangents, values, out, params), self)


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    r"""Compute f(x) and its derivative in the direction ẋ, J(x) ẋ, in one pass of forward mode.

    Parameters
    ----------
    f : callable
        Takes as many arguments as there are primals: floats, arrays of any shape, or nested tuples, lists and
        dicts of them.  Returns any of these.
    primals : sequence
        The arguments x, of floating type.
    tangents : sequence
        The seed ẋ: as nested and as shaped as `primals`.

    Returns
    -------
    value, tangent
        f(x), and J(x) ẋ of the same nest and shapes.

    Raises
    ------
    TypeError
        If an input is not real and floating, if f loses track of its input, or if its result does not depend
        on it.
    ValueError
        If tangents and primals differ in nest or shape.

    Notes
    -----
    Griewank and Walther, *Evaluating Derivatives*, 2nd ed., section 3.1.

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))
    >>> y, ydot = jvp(f, (2.0, 1.0), (0.0, 1.0))
    >>> round(y, 9), round(ydot, 9)
    (1.86091475, -1.380165568)
    """
    insist_on_tuples("jvp", primals, tangents)
    leaves, rebuild = real_leaves("jvp", tuple(primals))
    mismatch = "jvp: {count} inputs but {seeds} tangents; give one for each input"
    seeds = nested_alike(tuple(tangents), len(leaves), rebuild, mismatch)
    level = Pass()
    duals = [Dual(x, fitting("jvp: a tangent", t, x), level) for x, t in zip(leaves, seeds, strict=True)]
    try:
        out, rebuild_out = evaluate(f, rebuild(duals))
    finally:
        level.open = False
    mine = tracked(out, level)
    values = values_of("jvp", f, out, mine)
    slopes = [own(y.tangent) if m else np.zeros(shape_of(y))[()] for y, m in zip(out, mine, strict=True)]
    return rebuild_out(values), rebuild_out(attached(slopes, (*leaves, *seeds, *values)))
