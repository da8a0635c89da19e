r"""Gates of your own: a value, and a rule for its derivative.

The table of gates knows NumPy's functions.  What is made of them needs no rule.  A gate of your own is for the
rest: a value that is computed by other means (an iteration, a library, a table), a derivative that is computed
better than its parts would (without overflow, say), or an operation that should leave one node on the tape
instead of a thousand.

A `CustomGate` is a gate like any other, so the engines, nested derivatives, traces, graphs and checks need to
know nothing about it.

One rule is enough.  The backward rule maps an adjoint ȳ to ȳ J, the forward rule a tangent ẋ to J ẋ.  Both are
*linear* maps, by the same matrix J, so each is the other's transpose; and the transpose of a linear function
is what reverse mode computes.  So the missing rule is had by running reverse mode on the one that is there.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from adlib.engine.boxes import Box
from adlib.engine.calls import snapshot
from adlib.engine.levels import apply, plain
from adlib.engine.reverse import record
from adlib.engine.tree import flatten
from adlib.errors import explain
from adlib.gates import Gate
from adlib.gates.shaping import as_dtype, operand, shape_of, zeros_like
from adlib.gates.transposes import dense

Function = Callable[..., Any]


@overload
def custom_gate(value: Function) -> CustomGate: ...


@overload
def custom_gate(*, name: str | None = None, saves: bool = False) -> Callable[[Function], CustomGate]: ...


def custom_gate(value: Function | None = None, *, name: str | None = None, saves: bool = False) -> Any:
    """Make a gate of a function that computes its value; then give it a rule.

    Parameters
    ----------
    value : callable
        ``value(*operands, **parameters)`` returns one float or one array of floats.  It is called with plain
        numbers and arrays, never with tracked values, so it may do anything: loop, call another library,
        write into arrays of its own.  Its positional parameters are the gate's *operands*, which may be
        differentiated.  Those behind a ``*`` can only be given by name: they are fixed *parameters*.
    name : str, optional
        How traces call it; the function's name.
    saves : bool
        Whether `value` returns ``(result, saved)``.  What is saved is handed to the rules as ``saved=``, and
        lives as long as the record of this one call.

    Returns
    -------
    CustomGate
        To be called as the function was, and to be given a rule with `CustomGate.backward` or
        `CustomGate.forward`.

    Notes
    -----
    The counterpart of ``torch.autograd.Function``: `value` is its ``forward``, `CustomGate.backward` its
    ``backward``, `CustomGate.forward` its ``jvp``.  JAX has ``custom_vjp`` and ``custom_jvp``.

    Examples
    --------
    >>> @custom_gate
    ... def softplus(x):
    ...     return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))
    >>> @softplus.backward
    ... def softplus_backward(g, out, x):
    ...     return g * np.exp(x - out)
    >>> from adlib import grad
    >>> grad(softplus)(0.0), grad(grad(softplus))(0.0), grad(softplus)(1000.0)
    (0.5, 0.25, 1.0)
    """
    if value is None:
        return lambda function: CustomGate(function, name=name, saves=saves)
    return CustomGate(value, name=name, saves=saves)


class CustomGate(Gate):
    """A gate with rules of your own; made by `custom_gate`."""

    at_once = True
    of_the_table = False  # whether adlib vouches for its rules

    def __init__(self, function: Function, *, name: str | None = None, saves: bool = False) -> None:
        if not callable(function):
            raise TypeError(f"custom_gate: give the function that computes the value, not {function!r}")
        super().__init__(function, name=name or getattr(function, "__name__", "gate"))
        functools.update_wrapper(self, function)
        self.value = self._compute
        self.signature, self.saves, self.saved = _signature(function), saves, None
        self.backward_rule: Function | None = None
        self.forward_rule: Function | None = None
        self.tried: dict[str, tuple[float, float]] = {}  # the least and the largest seed of each rule so far

    # --- Rules ----------------------------------------------------------------------------------------------

    def backward(self, rule: Function) -> Function:
        """Give the gate its reverse rule; a decorator, which returns the rule as it is.

        Parameters
        ----------
        rule : callable
            ``rule(g, out, *operands, **parameters)``: the adjoint `g` of the result, the result `out` itself
            (both of the result's shape), and what the gate was called with.  Returns a tuple with one adjoint
            for each operand, of the operand's shape; ``None`` for zero.  A gate with one operand may return
            its adjoint without the tuple.

        Raises
        ------
        TypeError
            If the rule cannot take these arguments.

        Notes
        -----
        Written in NumPy, the rule is itself differentiated: that is all that higher derivatives need.
        """
        self._fits(rule, "backward", "g, out")
        self.backward_rule = rule
        return rule

    def forward(self, rule: Function) -> Function:
        """Give the gate its rule for forward mode; a decorator, which returns the rule as it is.

        Parameters
        ----------
        rule : callable
            ``rule(tangents, out, *operands, **parameters)``: a tuple with one tangent for each operand, of
            the operand's shape (zeros for a constant one), the result, and what the gate was called with.
            Returns the tangent of the result, of its shape.

        Raises
        ------
        TypeError
            If the rule cannot take these arguments.
        """
        self._fits(rule, "forward", "tangents, out")
        self.forward_rule = rule
        return rule

    def _fits(self, rule: Function, kind: str, first: str) -> None:
        names = [p.name for p in self.signature.parameters.values() if p.kind in _POSITIONAL]
        fixed = {p.name: None for p in self.signature.parameters.values() if p.kind is p.KEYWORD_ONLY}
        if self.saves:
            fixed["saved"] = None
        try:
            _signature(rule).bind(*first.split(", "), *names, **fixed)
        except TypeError as error:
            wanted = ", ".join([first, *names, *([f"*, {', '.join(fixed)}"] if fixed else [])])
            problem = f"{self.name}: the {kind} rule cannot be called as ({wanted}): {error}"
            raise TypeError(explain(problem, f"Write: def rule({wanted}): ...")) from None

    # --- Value ----------------------------------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Compute the value; tracked, if an operand is."""
        operands, params = self.bind(args, kwargs)
        gate = self
        if self.saves:  # what one call saves belongs to that call alone
            gate = copy.copy(self)
            gate.value = gate._compute
        return gate.value(*operands, **params)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Split a call's arguments into operands and fixed parameters, as the value's signature does."""
        try:
            bound = self.signature.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(explain(f"{self.name}: {error}", "Call it as its value function.")) from None
        bound.apply_defaults()
        operands, params = tuple(map(operand, bound.args)), bound.kwargs
        for k, x in enumerate(operands):
            if isinstance(plain(x), Box):  # a formula: there is no number behind it
                problem = (
                    f"{self.name} is a custom gate: its rule is code, and there is no formula to write down"
                )
                raise TypeError(explain(problem, "Call it with numbers, or write it in gates of the table."))
            if not isinstance(x, Box | float | int | np.ndarray | np.generic):
                problem = f"{self.name}: operand {k} is of type {type(x).__name__}, not a number or an array"
                remedy = "Put a * before it in the value's parameters: what is given by name is not differentiated."
                raise TypeError(explain(problem, remedy))
        for name, fixed in params.items():
            if any(isinstance(x, Box) for x in flatten(fixed)[0]):
                problem = f"{self.name}: {name}= is a fixed parameter, and its value is tracked"
                remedy = "Make it an operand: let it stand before the * in the value's parameters, and in the rule."
                raise TypeError(explain(problem, remedy))
        return operands, params

    def _compute(self, *operands: Any, **params: Any) -> Any:
        if any(isinstance(x, Box) for x in operands):
            return apply(self, snapshot(operands), snapshot(params))
        out = _run(self.function, *map(_read_only, operands), **params)
        if self.saves:
            if not isinstance(out, tuple) or len(out) != 2:
                problem = f"{self.name}: the value function returned no pair"
                raise TypeError(explain(problem, "With saves=True it returns (result, saved)."))
            out, self.saved = out[0], snapshot(out[1])
        return self._one_value(out, operands)

    def _one_value(self, out: Any, operands: Sequence[Any]) -> Any:
        if isinstance(out, Box):
            problem = f"{self.name}: its value depends on a tracked value that is not among its operands"
            raise TypeError(
                explain(problem, "Hand it to the gate as an operand, and give it an adjoint in the rule.")
            )
        if type(out) is int or type(out) is float:
            return float(out)
        if not isinstance(out, np.ndarray | np.generic) or out.dtype.kind != "f":
            got = f"an array of {out.dtype}" if isinstance(out, np.ndarray) else f"a {type(out).__name__}"
            problem = f"{self.name}: the value function returned {got}"
            raise TypeError(
                explain(
                    problem, "A gate has one value, a float or an array of floats; np.stack joins several."
                )
            )
        if type(out) is np.float64 and not any(isinstance(x, np.ndarray | np.generic) for x in operands):
            return float(out)
        return np.copy(out)[()]  # it may be an operand, or a buffer of the function's own

    def ieee(self, *values: Any, **params: Any) -> Any:
        """Raise the value function's own error again: there is no second way to compute it."""
        raise

    # --- Derivatives ----------------------------------------------------------------------------------------

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Push tangents through the gate, by the forward rule or the transpose of the backward rule."""
        if self.forward_rule is not None:
            pushed = self._pushed(tangents, values, out, params)
            if self.backward_rule is None:
                self._try("forward", lambda t: [self._pushed(t, values, out, params)], tangents, [pushed])
            return pushed
        self._needs_a_rule()
        rule = lambda leaf: self._pulled(leaf[0], values, out, params)  # noqa: E731
        return self._transposed(rule, "backward", [out], tangents)[0]

    def pullback(self, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Sequence[Any]:
        """Pull an adjoint back to all operands, by the backward rule or the transpose of the forward rule."""
        if self.backward_rule is not None:
            pulled = self._pulled(g, values, out, params)
            if self.forward_rule is None:
                self._try("backward", lambda g: self._pulled(g[0], values, out, params), [g], pulled)
            return pulled
        self._needs_a_rule()
        moving = [k for k, x in enumerate(values) if np.dtype(getattr(x, "dtype", type(x))).kind == "f"]

        def rule(leaves: Sequence[Any]) -> Sequence[Any]:
            tangents: list[Any] = [None] * len(values)
            for k, leaf in zip(moving, leaves, strict=True):
                tangents[k] = leaf
            return [self._pushed(tangents, values, out, params)]

        found = self._transposed(rule, "forward", [values[k] for k in moving], [g])
        adjoints: list[Any] = [None] * len(values)
        for k, adjoint in zip(moving, found, strict=True):
            adjoints[k] = adjoint
        return adjoints

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Pull an adjoint back to one operand."""
        return self.pullback(g, values, out, params)[i]

    def _needs_a_rule(self) -> None:
        if self.forward_rule is None and self.backward_rule is None:
            problem = f"{self.name} has a value but no rule, so its derivative is not known"
            raise TypeError(explain(problem, f"Give it one with @{self.name}.backward."))

    def _pulled(self, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Sequence[Any]:
        """Apply the backward rule, and see that there is one adjoint for each operand, of its shape."""
        answer = self._answer("backward", self.backward_rule, g, values, out, params)
        adjoints = list(answer) if isinstance(answer, tuple | list) else [answer]
        if len(adjoints) != len(values):
            counts = f"{_count(adjoints, 'adjoint')} for {_count(values, 'operand')}"
            problem = f"{self.name}: the backward rule returned {counts}"
            raise ValueError(
                explain(problem, "Return a tuple with one for each operand; None stands for zero.")
            )
        return [
            None if c is None else self._fitted(f"the adjoint of operand {k}", "the operand", c, x)
            for k, (c, x) in enumerate(zip(adjoints, values, strict=True))
        ]

    def _pushed(
        self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]
    ) -> Any:
        """Apply the forward rule, and see that the tangent has the shape of the result."""
        filled = tuple(zeros_like(x) if t is None else t for t, x in zip(tangents, values, strict=True))
        answer = self._answer("forward", self.forward_rule, filled, values, out, params)
        if answer is None or isinstance(answer, tuple | list):
            problem = f"{self.name}: the forward rule returned {'None' if answer is None else f'{len(answer)} values'}"
            raise ValueError(
                explain(problem, "It returns the tangent of the result: one value, of its shape.")
            )
        return self._fitted("the forward rule's tangent", "the result", answer, out)

    def _answer(
        self, kind: str, rule: Any, seed: Any, values: Sequence[Any], out: Any, params: dict[str, Any]
    ) -> Any:
        if self.saves:
            if any(isinstance(x, Box) for x in values):
                problem = (
                    f"{self.name}: its {kind} rule uses saved numbers, whose own derivatives nobody knows"
                )
                remedy = "For higher derivatives write it without saves=True: compute all from the operands and out."
                raise TypeError(explain(problem, remedy))
            params = {**params, "saved": self.saved}
        arguments = (seed, out, *values)
        if isinstance(seed, tuple):
            arguments = (tuple(map(_read_only, seed)), out, *values)
        try:
            return _run(rule, *map(_read_only, arguments), **params)
        except (ZeroDivisionError, OverflowError):  # as in the table's rows: NumPy answers inf or nan here
            with np.errstate(all="ignore"):
                return rule(*map(_in_numpy, arguments), **params)

    def _fitted(self, what: str, whose: str, given: Any, x: Any) -> Any:
        """Insist on the shape of `x`, and take on its type."""
        if not isinstance(given, Box):
            given = np.asarray(given)[()]
            if given.dtype.kind not in "fiub":
                problem = f"{self.name}: {what} is not a real number, nor an array of them"
                raise TypeError(explain(problem, "Look at what the rule returns."))
        if shape_of(given) != shape_of(x):
            problem = f"{self.name}: {what} has shape {shape_of(given)}, and {whose} has shape {shape_of(x)}"
            remedy = "Where the value function broadcasts an operand, the backward rule sums over the copies."
            raise ValueError(explain(problem, remedy if "adjoint" in what else "Give it that shape."))
        if isinstance(given, Box):
            return as_dtype(given, x)
        return float(given) if type(plain(x)) in (float, int) else as_dtype(given, x)

    def _transposed(
        self,
        rule: Callable[[Sequence[Any]], Sequence[Any]],
        kind: str,
        of: Sequence[Any],
        seeds: Sequence[Any],
    ) -> list[Any]:
        """Apply the transpose of a linear rule, by reverse mode of the rule.

        Its derivative is the same everywhere, so it may be taken anywhere: here at ones.
        """

        def without_none(given: Sequence[Any]) -> list[Any]:  # which stands for zero
            return [0.0 if y is None else y for y in rule(given)]

        ones = [zeros_like(x) + np.ones((), getattr(x, "dtype", float))[()] for x in of]
        with np.errstate(all="ignore"):
            try:
                run = record(without_none, ones, lambda inputs: (inputs,))
            except TypeError as error:
                raise self._not_transposable(kind, error) from error
            found = [_dense(g, x) for g, x in zip(run.swept(seeds), of, strict=True)]
            self._insist_on_linear(kind, list(zip(run.outputs, seeds, strict=True)), found)
            if not any(isinstance(seed, Box) for seed in seeds):
                self._try(kind, rule, [_size(seeds) * one for one in ones])
        return found

    def _not_transposable(self, kind: str, error: Exception) -> TypeError:
        other = "forward" if kind == "backward" else "backward"
        reason = str(error).partition("\n")[0]
        problem = f"{self.name} has no {other} rule, and its {kind} rule cannot be transposed: {reason}"
        return TypeError(explain(problem, f"Write the {kind} rule in NumPy, or add @{self.name}.{other}."))

    def _insist_on_linear(self, kind: str, pairs: list[tuple[Any, Any]], found: Sequence[Any]) -> None:
        """Check L(1) · seed = 1 · Lᵀ(seed), which holds for every linear L."""
        left = [_number(y) * _number(seed) for y, seed in pairs if y is not None and seed is not None]
        right = [_number(c) for c in found]
        sums = [float(np.sum([np.sum(part) for part in side])) for side in (left, right)]
        scale = float(np.sum([np.sum(np.abs(part)) for part in (*left, *right)]))
        eps = max(np.finfo(getattr(c, "dtype", float)).eps for c in found)
        if np.isfinite(scale) and not abs(sums[0] - sums[1]) <= eps**0.5 * scale:
            raise self._not_linear(kind)

    def _try(
        self,
        kind: str,
        rule: Callable[[Sequence[Any]], Sequence[Any]],
        seeds: Sequence[Any],
        whole: Any = None,
    ) -> None:
        """Check L(g) = -1024 L(-g/1024), once for each size of g: a rule that clips looks linear at ones."""
        if any(isinstance(g, Box) for g in seeds):
            return
        size = _size(seeds)
        least, most = self.tried.get(kind, (np.inf, 0.0))
        if least <= size <= most or not 0 < size < np.inf:
            return
        parts = rule([None if g is None else g * -(0.5**10) for g in seeds])
        for a, b in zip(rule(seeds) if whole is None else whole, parts, strict=True):
            if a is not None and b is not None and not isinstance(a, Box) and not isinstance(b, Box):
                scale, kind_of = np.abs(a) + 1024 * np.abs(b), np.finfo(getattr(a, "dtype", float))
                slack = kind_of.eps**0.5 * np.max(scale, initial=0.0) + 2.0**20 * kind_of.tiny
                if np.any(np.abs(a + 1024 * b) > slack) and np.all(np.isfinite(scale)):
                    raise self._not_linear(kind)

        self.tried[kind] = min(least, size), max(most, size)

    def _not_linear(self, kind: str) -> ValueError:
        what, other = ("g", "forward") if kind == "backward" else ("the tangents", "backward")
        problem = f"{self.name}: the {kind} rule is not linear in {what}, so it is no derivative"
        remedy = f"Multiply by {what} in every term; if it is meant to be so, add @{self.name}.{other}."
        return ValueError(explain(problem, remedy))


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _signature(function: Function) -> inspect.Signature:
    """Return a function's signature; a NumPy or SciPy ufunc's are its operands alone."""
    if isinstance(function, np.ufunc):
        names = [f"x{k + 1}" for k in range(function.nin)]
        return inspect.Signature([inspect.Parameter(name, _POSITIONAL[0]) for name in names])
    try:
        return inspect.signature(function)
    except ValueError:  # some builtins have none
        return inspect.signature(lambda *operands, **parameters: None)


def _run(function: Function, *args: Any, **params: Any) -> Any:
    """Call a value function or a rule; where it writes to what it was given, say what to do."""
    try:
        return function(*args, **params)
    except ValueError as error:
        if "read-only" in str(error):
            error.add_note("adlib: a custom gate's operands cannot be written to. Write to x.copy().")
        raise


def _read_only(x: Any) -> Any:
    """Hide the right to write: an array seen by a value or a rule belongs to others as well."""
    if isinstance(x, np.ndarray) and x.flags.writeable:
        x = x.view()
        x.flags.writeable = False
    return x


def _in_numpy(x: Any) -> Any:
    if isinstance(x, tuple):
        return tuple(map(_in_numpy, x))
    return np.float64(x) if type(x) in (float, int) else _read_only(x)


def _size(seeds: Sequence[Any]) -> float:
    return max((float(np.max(np.abs(g), initial=0.0)) for g in seeds if g is not None), default=0.0)


def _number(x: Any) -> Any:
    return np.asarray(plain(x), float)


def _dense(g: Any, x: Any) -> Any:
    """Return an adjoint that reverse mode has left at a leaf, in the form of `x`."""
    g = dense(g, x)
    return float(g) if type(g) is np.float64 and type(plain(x)) in (float, int) else as_dtype(g, x)


def _count(things: Sequence[Any], noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"
