r"""Linearizing: run a function once, and keep the linear map of its tangents.

At a fixed point every gate's tangent is a linear function of its operands' tangents: v̇ = cos(v₁) v̇₁, and cos(v₁) is
a number by now.  So the tape of one run, read from its first node to its last, is a program without branches that maps
ẋ to J ẋ.  Read from its last node to its first, every step transposed, it maps ȳ to ȳ J: reverse mode is forward mode,
linearized and then transposed.

R. Frostig, M. J. Johnson, D. Maclaurin, A. Paszke and A. Radul, "Decomposing reverse-mode automatic differentiation",
2021, https://arxiv.org/abs/2105.09469; A. Radul and the same authors, "You only linearize once", POPL 2023.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.calls import aside, attached, fitting, flat, nested_alike, own, real_leaves, values_of
from adlib.engine.levels import plain
from adlib.engine.reverse import Recording, pullback_of, record
from adlib.engine.tape import Tape, Variable
from adlib.engine.tree import Rebuild
from adlib.gates import Elementwise, Linear
from adlib.gates.notation import subscript


class LinearMap:
    """The derivative of a function at a point, as a linear map: called with ẋ it returns J ẋ.

    Printed, it is one line a gate, with the numbers that the run has fixed (arrays by their shapes).
    """

    def __init__(
        self, run: Recording, leaves: Sequence[Any], rebuild: Rebuild, values: Sequence[Any]
    ) -> None:
        self._run, self._leaves, self._nested, self._values = run, leaves, rebuild, values

    def __call__(self, *tangents: Any) -> Any:
        """Map tangents of the primals, as nested and shaped as these, to the tangent of the value."""
        run, leaves = self._run, self._leaves
        mismatch = "linear map: {count} inputs but {seeds} tangents; give one for each input"
        seeds = nested_alike(tangents, len(leaves), self._nested, mismatch)
        moved: list[Any] = [None] * len(run.nodes)
        moved += [fitting("linear map: a tangent", t, x) for t, x in zip(seeds, leaves, strict=True)]
        with np.errstate(all="ignore"):  # at the edge of a domain the derivative is inf or nan, as documented
            for node in run.nodes:
                dots = [None if p is None else moved[p.number] for p in node.parents]
                moved[node.number] = node.gate.jvp(dots, node.values, node._value, node.params)  # type: ignore[union-attr]
        slopes = [
            own(moved[y.number]) if mine else flat(y)
            for y, mine in zip(run.outputs, run.tracked, strict=True)
        ]
        return run.rebuild(attached(slopes, (*leaves, *seeds, *self._values)))

    def transpose(self, adjoint: Any) -> tuple[Any, ...]:
        """Map an adjoint of the value, as nested and shaped as that, to a tuple with one of each primal."""
        run = self._run
        mismatch = "transpose: {seeds} adjoints for {count} results; give one for each"
        seeds = nested_alike(adjoint, len(run.outputs), run.rebuild, mismatch)
        return pullback_of(run, self._leaves, self._nested, self._values)(seeds)

    # --- Text -------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        with np.errstate(all="ignore"):
            lines = [f"{self._dot(node)} = {self._right(node)}" for node in self._run.nodes]
        results = zip(self._run.outputs, self._run.tracked, strict=True)
        lines.append(f"result: {', '.join(self._dot(y) if mine else '0' for y, mine in results)}")
        return "\n".join(lines)

    def _index(self, node: Variable) -> str:
        count, inputs = len(self._run.nodes), len(self._run.inputs)
        return subscript(node.number + 1 if node.number < count else node.number + 1 - count - inputs)

    def _dot(self, node: Variable) -> str:
        return f"v\u0307{self._index(node)}"

    def _right(self, node: Variable) -> str:
        """Write how a node's tangent is made of its operands'."""
        gate, parents = node.gate, node.parents
        moving = [(k, p, self._dot(p)) for k, p in enumerate(parents) if p is not None]
        if isinstance(gate, Linear):
            params = [
                f"{k}={v if np.ndim(v) == 0 else _short(v)}" for k, v in node.params.items() if v is not None
            ]
            each = [[d if k == j else _short(v) for j, v in enumerate(node.values)] for k, _, d in moving]
            if gate.joint:  # all tangents at once, 0 for a constant
                names, rules = {k: d for k, _, d in moving}, gate._rules(len(parents))
                whole = enumerate(zip(node.values, rules, strict=True))
                each = [[_short(v) if rule is None else names.get(k, "0") for k, (v, rule) in whole]]
            return " + ".join(f"{gate.name}({', '.join([*operands, *params])})" for operands in each)
        terms = []
        for k, parent, dot in moving:
            slope = f"(∂v{self._index(node)}/∂v{self._index(parent)})"
            if isinstance(gate, Elementwise):
                slope = _short(gate.partial(k, node.values, node._value))
            if slope != "0":
                terms.append({"1": dot, "-1": f"-{dot}"}.get(slope, f"{slope} {dot}"))
        return " + ".join(terms).replace("+ -", "- ") or "0"


def _short(x: Any) -> str:
    """Write a number in four digits, an array by its shape."""
    x = plain(x)
    return f"[array {'×'.join(map(str, np.shape(x)))}]" if np.ndim(x) else format(float(x) + 0.0, ".4g")


def linearize(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    r"""Compute f(x), and its derivative there as a linear map that does not run f again.

    Parameters
    ----------
    f, *primals, has_aux
        As for `adlib.vjp`.

    Returns
    -------
    value
        f(x).
    linear_map : LinearMap
        ``linear_map(*tangents)`` is J ẋ, the same as by `adlib.jvp`; ``linear_map.transpose(adjoint)`` is ȳ J, the
        same as by `adlib.vjp`; ``print(linear_map)`` shows it.

    Raises
    ------
    TypeError
        If an input is not real and floating, if f loses track of its input, or if its result does not depend
        on it.
    ValueError
        From the map, if tangents or adjoints do not fit.

    Notes
    -----
    Names and order are JAX's.  For many directions at one point: f's own work is done once.  The map holds the tape.

    Examples
    --------
    >>> y, linear_map = linearize(lambda x1, x2: x1 * x2 - np.sin(x2), 2.0, 5.0)
    >>> print(linear_map)
    v̇₁ = 5 v̇₋₁ + 2 v̇₀
    v̇₂ = 0.2837 v̇₀
    v̇₃ = v̇₁ - v̇₂
    result: v̇₃
    >>> linear_map(1.0, 0.0), linear_map.transpose(1.0)[0]
    (5.0, 5.0)
    """
    f, aux = aside("linearize", f) if has_aux else (f, [])
    leaves, rebuild = real_leaves("linearize", primals)
    level = Tape()
    run = record(f, leaves, rebuild, level)
    values = values_of("linearize", f, run.outputs, run.tracked, level)
    return (run.rebuild(values), LinearMap(run, leaves, rebuild, values), *aux)
