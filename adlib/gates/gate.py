"""What a gate is: a value, a rule for tangents, a rule for adjoints; and `GATES`, where the engines look one up.

- `Gate`: what the engines ask of any gate: `jvp`, `vjp`, its domain, its kinks.
- `Elementwise`: acts entry by entry; a row gives its partial derivatives.
- `Linear`: is its own forward rule; a row gives its transpose.  `Variadic` has any number of operands.
- `elementwise`, `linear`, `register`: how a row enters the table.  `conventions`: what the rows answer at kinks.
"""

from __future__ import annotations

import functools
import inspect
import operator
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.gates.arguments import asked, refuse
from adlib.gates.notation import Notation, call
from adlib.gates.shaping import (
    ARRAYS,
    SCALARS,
    along,
    as_dtype,
    joined,
    lifted,
    like,
    of_one_type,
    operand,
    scaled,
    shape_of,
    spread_like,
    zero_bundle,
    zeros_like,
)

_OPERATORS = (operator.pos, operator.neg, operator.add, operator.sub, operator.mul, operator.truediv)

ARITHMETIC = (ZeroDivisionError, OverflowError, ValueError)

GATES: dict[Callable[..., Any], Gate] = {}
"""NumPy's function (or one of ours) to its gate: what ``Expr``, ``Dual`` and ``Variable`` look up."""


class Gate:
    """An elementary operation, with its forward rule (`jvp`) and its reverse rule (`vjp`).

    Attributes
    ----------
    function : callable
        The NumPy function that this row is about; also its key in `GATES`.
    name, symbol : str
        Its NumPy name, and a short sign for graphs (``"×"``).
    notation : Notation
        How to write it in LaTeX.
    spelled : str
        How to write it in Python's operators, as a product, where no NumPy function has its name:
        ``"(1 - {0}) * (1 + {0})"``; empty for the others.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *,
        name: str | None = None,
        symbol: str | None = None,
        latex: Notation | None = None,
        spelled: str = "",
        arity: int = 1,
    ) -> None:
        self.function = self.value = function
        self.spelled = spelled
        self.name = name or function.__name__
        self.symbol = symbol or self.name
        self.notation = latex or call(self.name, arity)

    def __repr__(self) -> str:
        return f"<gate {self.name}>"

    def __call__(self, *values: Any, **params: Any) -> Any:
        """Compute the gate's value."""
        return self.value(*values, **params)

    def ieee(self, *values: Any, **params: Any) -> Any:
        """Compute the value again where `value` raised an arithmetic error."""
        return self.value(*values, **params)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Split a call's arguments into operands, which may be differentiated, and fixed parameters."""
        if kwargs:
            args, kwargs = asked(self.function, args, kwargs)
            refuse(self.name, kwargs)
        return args, kwargs

    def takes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Tell whether `bind` knows all these arguments; a composition serves the others."""
        return not kwargs

    domain = kinks = convention = ""
    moves_only = False  # whether entries are moved, repeated or dropped, without arithmetic
    reads = True  # whether the rules look at the numbers in a constant operand

    def in_domain(self, *values: Any, **params: Any) -> Any:
        """Return where the gate's value is defined: everywhere, for a gate that says nothing else."""
        return True

    def at_kink(self, *values: Any, **params: Any) -> Any:
        """Return where the gate has no derivative: nowhere, for a gate that says nothing else."""
        return False

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Push tangents through the gate.

        Parameters
        ----------
        tangents : sequence
            One per operand, of the operand's shape; ``None`` where the operand is constant.
        values : sequence
            The operands.
        out : object
            The gate's value there.
        params : dict
            Fixed parameters, such as ``axis``.

        Returns
        -------
        object
            The tangent of `out`, of its shape.
        """
        raise NotImplementedError

    def jvps(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Push bundles of k tangents through the gate: as `jvp`, with an axis of length k in front of each.

        One by one, unless the gate knows better.
        """
        count = next(shape_of(t)[0] for t in tangents if t is not None)
        columns = ([t if t is None else t[j] for t in tangents] for j in range(count))
        return np.stack([self.jvp(column, values, out, params) for column in columns])

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Pull the adjoint `g` of `out` back to operand `i`.

        Returns
        -------
        object
            This gate's contribution to the operand's adjoint, of the operand's shape; ``None`` for zero.
        """
        raise NotImplementedError

    at_once = False  # whether `pullback` is cheaper than `vjp` for one operand after the other

    def pullback(self, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Sequence[Any]:
        """Pull the adjoint `g` of `out` back to all operands; see `vjp`."""
        return [self.vjp(i, g, values, out, params) for i in range(len(values))]


class Elementwise(Gate):
    """A gate that acts entry by entry: a row gives its partial derivatives.

    Attributes
    ----------
    partials : tuple
        One per argument: a function ``(x, ..., v)`` of the arguments and the result, or a number where the
        partial derivative is constant (0 means: the derivative is zero wherever it exists).
    scalar : callable
        The same function for Python floats.  It costs a tenth of NumPy's.
    domain, kinks : str
        Where the gate has a finite value, and where it has one but no derivative: conditions on the
        arguments.
    convention : str
        What the row answers at a kink.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        *partials: Callable[..., Any] | int,
        scalar: Callable[..., Any] | None = None,
        array: Callable[..., Any] | None = None,
        latex: Notation | None = None,
        symbol: str | None = None,
        name: str | None = None,
        spelled: str = "",
        domain: str = "",
        kinks: str = "",
        convention: str = "",
    ) -> None:
        super().__init__(
            function, name=name, symbol=symbol, latex=latex, spelled=spelled, arity=len(partials)
        )
        self.partials, self.unary = partials, len(partials) == 1
        self.reads = any(callable(partial) for partial in partials)
        self.scalar = scalar or (lambda *values: float(function(*values)))
        self.array = array or function
        # one of Python's operators serves arrays as well
        self.value = self.scalar if scalar in _OPERATORS else _either(self.scalar, self.array, len(partials))
        self.domain, self.kinks, self.convention = domain, kinks, convention

    def __call__(self, *values: Any, **params: Any) -> Any:
        """Compute the value inside a rule: inf or nan where Python's arithmetic raises, without a warning."""
        try:
            return self.value(*values)
        except ARITHMETIC:
            with np.errstate(all="ignore"):
                return self.ieee(*values)

    def ieee(self, *values: Any, **params: Any) -> Any:
        """Compute the value in NumPy's arithmetic: where Python raises an error, this has inf or nan."""
        out = self.function(*values)
        return float(out) if type(out) is np.float64 else out

    def partial(self, i: int, values: Sequence[Any], out: Any) -> Any:
        """Evaluate the local partial derivative with respect to argument `i`."""
        rule: Any = self.partials[i]
        if type(rule) is int:
            return rule
        if not self.unary and type(out) is not float:
            values = of_one_type(values, out)
        try:
            return rule(*values, out)
        except ARITHMETIC:
            with np.errstate(all="ignore"):
                return rule(*[np.float64(v) if type(v) in SCALARS else v for v in (*values, out)])

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Add up partial × tangent over the operands."""
        total = None
        for i, tangent in enumerate(tangents):
            rule: Any = self.partials[i]
            if tangent is None or not rule:
                continue
            if type(rule) is int:
                term = tangent if rule == 1 else -tangent
            else:
                try:
                    if self.unary:
                        term = rule(values[0], out) * tangent
                    else:
                        same = values if type(out) is float else of_one_type(values, out)
                        term = (rule(same[0], same[1], out) if len(same) == 2 else rule(*same, out)) * tangent
                except ARITHMETIC:
                    term = self.partial(i, values, out) * tangent
            total = term if total is None else total + term
        if total is None:
            return zeros_like(out)
        return total if type(total) is type(out) is float else spread_like(total, out)

    def jvps(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Add up partial × tangent over the operands: a partial serves all directions."""
        total, ndim = None, len(shape_of(out))
        for i, tangent in enumerate(tangents):
            if tangent is not None and self.partials[i] != 0:
                term = scaled(self.partial(i, values, out), lifted(tangent, values[i], ndim))
                total = term if total is None else total + term
        if total is None:
            return zero_bundle(tangents, out)
        return as_dtype(along(total, out, out), out)

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Multiply the adjoint by the partial, and sum it to the shape of the operand."""
        rule: Any = self.partials[i]
        if type(rule) is int:
            if rule == 0:
                return None
            c = g if rule == 1 else -g
        else:
            try:
                if self.unary:
                    c = rule(values[0], out) * g
                else:
                    same = values if type(out) is float else of_one_type(values, out)
                    c = (rule(same[0], same[1], out) if len(same) == 2 else rule(*same, out)) * g
            except ARITHMETIC:
                c = self.partial(i, values, out) * g
        return c if type(c) is float else like(c, values[i])

    def in_domain(self, *values: Any, **params: Any) -> Any:
        """Return where the gate's value is defined (a bool, or an array of them)."""
        return self._holds(self.domain, values, True)

    def at_kink(self, *values: Any, **params: Any) -> Any:
        """Return where the gate has no derivative, so that the row's convention answers."""
        return self._holds(self.kinks, values, False)

    def _holds(self, condition: str, values: Sequence[Any], default: bool) -> Any:
        if not condition:
            return np.full(np.broadcast_shapes(*map(np.shape, values)), default)[()]
        return eval(condition, {"np": np}, dict(zip("xyz", map(np.asarray, values), strict=False)))


class Linear(Gate):
    """A gate that is linear in its operands: a row gives the transpose for each.

    Attributes
    ----------
    transposes : tuple
        One per operand: a function ``(g, *operands, **params)`` that maps an adjoint of the result to one of
        the operand; ``None`` for an operand that is not differentiated (a condition, say).
    value : callable
        What computes the value, where `function` alone does not serve.
    joint : bool
        ``concatenate`` is linear in all its operands together, ``matmul`` only in each while the other stays.
    many : tuple of callable, or callable
        How it acts on bundles of tangents, where `adlib.gates.directions` says it.
    """

    many: Any = ()

    def __init__(
        self,
        function: Callable[..., Any],
        *transposes: Callable[..., Any] | None,
        joint: bool = False,
        value: Callable[..., Any] | None = None,
        name: str | None = None,
        symbol: str | None = None,
        latex: Notation | None = None,
    ) -> None:
        super().__init__(function, name=name, symbol=symbol, latex=latex, arity=len(transposes))
        self.value, self.transposes = value or function, transposes
        self.joint, self.reads = joint, not joint or None in transposes
        first = next(t for t in transposes if t is not None)
        _, *parameters = inspect.signature(first).parameters.values()
        self.signature = inspect.Signature([p for p in parameters if p.name != "i"])
        self.places = [k for k, p in self.signature.parameters.items() if p.kind is p.POSITIONAL_OR_KEYWORD]
        parameters = parameters[len(transposes) :]
        self.required = {p.name for p in parameters if p.default is p.empty and p.name != "i"}

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take operands and parameters by their names in the transpose."""
        operands, params = self._split(args, kwargs)
        return tuple(map(operand, operands)), params

    def _split(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        count = len(self.transposes)
        names = self.places[count : len(args)]
        if (
            count <= len(args) <= len(self.places)
            and (
                not kwargs or kwargs.keys() <= self.signature.parameters.keys() - {*self.places[: len(args)]}
            )
            and (not self.required or self.required <= {*names, *kwargs})
        ):  # it fits at first sight: binding takes ten times as long
            return args[:count], dict(zip(names, args[count:], strict=True)) | kwargs
        try:
            bound = self.signature.bind(*args, **kwargs).arguments
        except TypeError:
            bound = self._bind_asked(*asked(self.function, args, kwargs))
        operands = tuple(bound.pop(n) for n in list(self.signature.parameters)[:count])
        return operands, bound

    def _bind_asked(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
        names = list(self.signature.parameters)
        own = {k: v for k, v in kwargs.items() if k in names}
        try:
            bound = self.signature.bind(*args, **own)
        except TypeError:
            refuse(self.name, own | kwargs or {"these arguments": None})
        refuse(self.name, {k: v for k, v in kwargs.items() if k not in names})
        return bound.arguments

    def takes(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
        """Tell whether the transpose has parameters of these names and places."""
        return len(args) <= len(self.places) and kwargs.keys() <= self.signature.parameters.keys()

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Apply the gate to the tangent."""
        if self.joint:
            moved = [
                v if rule is None else (zeros_like(v) if t is None else t)
                for v, t, rule in zip(values, tangents, self._rules(len(values)), strict=True)
            ]
            return self(*moved, **params)
        total = None
        for i, tangent in enumerate(tangents):
            if tangent is not None:
                term = self(*values[:i], tangent, *values[i + 1 :], **params)
                total = term if total is None else total + term
        return zeros_like(out) if total is None else total

    def jvps(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Apply the gate to all tangents of a bundle at once, where the row says how."""
        total = None
        if self.many and self.joint:
            bundles = [
                zero_bundle(tangents, v) if t is None else t for t, v in zip(tangents, values, strict=True)
            ]
            total = self.many(bundles, values, out, **params)
        elif self.many:
            terms = [self.many[i](t, *values, out, **params) for i, t in enumerate(tangents) if t is not None]
            total = None if any(term is None for term in terms) else functools.reduce(operator.add, terms)
        return super().jvps(tangents, values, out, params) if total is None else total

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Apply the transpose to the adjoint."""
        rule = self._rules(len(values))[i]
        return None if rule is None else rule(g, *values, **params)

    def _rules(self, count: int) -> tuple[Callable[..., Any] | None, ...]:
        return self.transposes


class Variadic(Linear):
    """A jointly linear gate of any number of operands: one transpose, told which operand is meant.

    Its function takes the operands as a sequence, as ``np.concatenate`` does.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        transpose: Callable[..., Any],
        name: str = "",
        joint: bool = True,
    ) -> None:
        value = lambda *operands, **params: function(operands, **params)  # noqa: E731
        super().__init__(function, transpose, name=name, joint=joint, value=value)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the operands out of their sequence."""
        (operands,), params = self._split(args, kwargs)
        return tuple(map(operand, operands)), params

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Apply the transpose for operand `i` to the adjoint."""
        (rule,) = self.transposes
        return rule(g, values, i=i, **params)  # type: ignore[misc]

    def _rules(self, count: int) -> tuple[Callable[..., Any] | None, ...]:
        return self.transposes * count


def function(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of ours speak NumPy's protocol, so that it can be a gate beside NumPy's own."""

    def dispatching(*args: Any, **kwargs: Any) -> Any:
        args = tuple(map(joined, args))
        for a in args[0] if args and type(args[0]) is tuple else args:
            if hasattr(type(a), "__array_function__") and not isinstance(a, ARRAYS):
                return a.__array_function__(dispatching, (type(a),), args, kwargs)
        return f(*args, **kwargs)

    dispatching.__name__ = f.__name__
    dispatching.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
    dispatching.__doc__ = f.__doc__
    return dispatching


def _either(scalar: Callable[..., Any], array: Callable[..., Any], arity: int) -> Callable[..., Any]:
    """Make a function that computes with `scalar` on Python's numbers and with `array` on all else."""
    if arity == 1:
        return lambda x: scalar(x) if type(x) is float else array(x)

    def both(x: Any, y: Any) -> Any:
        return scalar(x, y) if type(x) in SCALARS and type(y) in SCALARS else array(x, y)

    def all_of_them(*values: Any) -> Any:
        return scalar(*values) if all(type(v) in SCALARS for v in values) else array(*values)

    return both if arity == 2 else all_of_them


def register(gate: Any, *also: Callable[..., Any], moves_only: bool = False) -> Any:
    """Put a gate into the table, under its function and its other names; say whether it only moves entries."""
    gate.moves_only = moves_only
    for f in (gate.function, *also):
        GATES[f] = gate
    return gate


def elementwise(f: Callable[..., Any], *partials: Callable[..., Any] | int, **facts: Any) -> Elementwise:
    """Add a row for an elementwise gate; the facts are those of `Elementwise`, and `moves_only`."""
    moves_only = facts.pop("moves_only", False)
    gate: Elementwise = register(Elementwise(f, *partials, **facts), moves_only=moves_only)
    return gate


def linear(f: Callable[..., Any], *transposes: Callable[..., Any] | None, **facts: Any) -> Linear:
    """Add a row for a linear gate; the facts are those of `Linear`, and `moves_only`."""
    moves_only = facts.pop("moves_only", False)
    gate: Linear = register(Linear(f, *transposes, **facts), moves_only=moves_only)
    return gate


def conventions() -> list[tuple[str, str, str]]:
    """List what every gate answers where it has no derivative.

    Returns
    -------
    list of (name, where, convention)
        `where` is the condition on the arguments, as the row states it.

    Examples
    --------
    >>> [row for row in conventions() if row[0] == "absolute"]
    [('absolute', 'x == 0', '|x|′(0) = 0')]
    """
    return sorted({(gate.name, gate.kinks, gate.convention) for gate in GATES.values() if gate.convention})
