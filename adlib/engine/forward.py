r"""Forward mode: carry a tangent along with every value.

A dual number is a value v and its tangent v̇, written v + v̇ε with ε² = 0.  A gate g takes it to
g(v) + g′(v) v̇ ε.  Going through gate after gate multiplies the local derivatives, which is the chain rule.
One pass gives the derivative in one direction, the *seed*: `jvp`.  Or in many: a value can carry a *bundle* of
tangents, one for each direction, and every local derivative then multiplies them all (`jvps`, by which
`adlib.jacobian` works).
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.boxes import Box
from adlib.engine.calls import (
    aside,
    attached,
    evaluate,
    fitting,
    flat,
    insist_on_tuples,
    kept,
    nested_alike,
    own,
    real_leaves,
    tracked,
    values_of,
)
from adlib.engine.levels import Level, ended
from adlib.engine.tree import Rebuild
from adlib.gates import Gate
from adlib.gates.gate import ARITHMETIC


class Dual(Box):
    """A value with its tangent.

    Attributes
    ----------
    value, tangent : float, array or Box
        v and v̇, of one shape.
    """

    __slots__ = ("tangent",)

    def __init__(self, value: Any, tangent: Any, level: Level) -> None:
        self._value, self.tangent, self.level = value, tangent, level

    def __repr__(self) -> str:
        return f"Dual({self._value!r}, {self.tangent!r})"


class Pass(Level):
    """One pass of forward mode.

    Attributes
    ----------
    bundled : bool
        Whether it goes in many directions at once: each tangent then has an axis of them in front.
    quiet : contextvars.Context
        Where NumPy does not warn: at the edge of a domain the derivative is inf or nan, as documented.
    """

    __slots__ = ("bundled", "inside", "open", "quiet")

    def __init__(self, bundled: bool = False) -> None:
        super().__init__()
        self.bundled, self.open, self.inside = bundled, True, False
        self.quiet = contextvars.copy_context()
        self.quiet.run(np.seterr, all="ignore")

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Dual:
        """Compute the gate's value, and push the operands' tangents through it."""
        if not self.open:
            ended(self)
        try:
            out = gate.value(*values, **params) if params else gate.value(*values)
        except ARITHMETIC:
            out = gate.ieee(*values, **params)
        if len(parents) == 2:  # the usual cases without a comprehension, which is a function call
            p, q = parents
            tangents: Any = None if p is None else p.tangent, None if q is None else q.tangent
        else:
            tangents = (
                (parents[0].tangent,)
                if len(parents) == 1
                else [p if p is None else p.tangent for p in parents]
            )
        dual = Dual.__new__(Dual)
        dual._value, dual.level = out, self
        rule = gate.jvps if self.bundled else gate.jvp
        if (type(out) is float and not self.bundled) or self.inside:
            dual.tangent = rule(tangents, values, out, params)
            return dual
        self.inside = True
        try:
            dual.tangent = self.quiet.run(rule, tangents, values, out, params)
            return dual
        finally:
            self.inside = False


def jvp(
    f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
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
    has_aux : bool
        Whether f returns ``(value, aux)``: aux is handed out, untracked, behind the tangent.

    Returns
    -------
    value, tangent
        f(x), and J(x) ẋ of the same nest and shapes.

    Raises
    ------
    TypeError
        If an input is not real and floating, or if f loses track of its input.
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
    f, aux = aside("jvp", f) if has_aux else (f, [])
    return (*pushed("jvp", f, primals, tangents), *aux)


def pushed(
    operation: str, f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]
) -> tuple[Any, Any]:
    """Do what `jvp` does, for the operation that the user called."""
    insist_on_tuples(operation, primals, tangents)
    leaves, rebuild = real_leaves(operation, tuple(primals))
    mismatch = f"{operation}: {{count}} inputs but {{seeds}} tangents; give one for each input"
    seeds = nested_alike(tuple(tangents), len(leaves), rebuild, mismatch)
    fitted = [fitting(f"{operation}: a tangent", t, x) for t, x in zip(seeds, leaves, strict=True)]
    values, slopes, rebuild_out = _through(operation, f, leaves, rebuild, fitted, Pass())
    return rebuild_out(values), rebuild_out(slopes)


def jvps(
    operation: str, f: Callable[..., Any], leaves: Sequence[Any], rebuild: Rebuild, bundles: Sequence[Any]
) -> tuple[list[Any], list[Any], Rebuild]:
    """Do what `jvp` does in k directions at once, for the operation that the user called.

    Parameters
    ----------
    operation : str
    f : callable
    leaves : sequence of float or array
        f's arguments, flat.
    rebuild : callable
        Nests a list like the leaves again.
    bundles : sequence of array
        For each leaf its k tangents: of the leaf's shape, with an axis of length k in front.

    Returns
    -------
    values, tangents : list
        f's results, flat, and a bundle of tangents for each.
    rebuild : callable
        Nests a list like the results again.
    """
    return _through(operation, f, leaves, rebuild, bundles, Pass(bundled=True))


def _through(
    operation: str,
    f: Callable[..., Any],
    leaves: Sequence[Any],
    rebuild: Rebuild,
    seeds: Sequence[Any],
    level: Pass,
) -> tuple[list[Any], list[Any], Rebuild]:
    """Run f on leaves that carry tangents, and return its results with theirs."""
    duals = [Dual(kept(x), t, level) for x, t in zip(leaves, seeds, strict=True)]
    try:
        out, rebuild_out = evaluate(f, rebuild(duals))
    finally:
        level.open = False
    mine = tracked(out, level)
    values = values_of(operation, f, out, mine, level)
    lead = np.shape(seeds[0])[:1] if level.bundled else ()
    slopes = [own(y.tangent) if m else flat(y, lead) for y, m in zip(out, mine, strict=True)]
    return values, attached(slopes, (*leaves, *seeds, *values)), rebuild_out
