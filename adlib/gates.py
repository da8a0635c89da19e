r"""The table of gates: everything adlib knows about calculus stands in this file, once.

A *gate* is an elementary operation.  The rest of adlib only ever combines gates, so it needs to know just two
things about each: its value, and its **local** partial derivatives.  A row of the table says so:

    sin = elementwise(np.sin, lambda x, v: cos(x), ...)           # v = sin(x),  dv/dx = cos(x)

A row is written in NumPy's operators and in other gates.  Nothing in it is special to one way of
differentiating: on floats and arrays it gives numbers, on an ``Expr`` it gives a formula, on a ``Dual`` or a
``Variable`` it is itself differentiated, which is all that higher derivatives need.

Two kinds of gate cover nearly everything.

*Elementwise* gates give one partial derivative per argument.  Forward mode multiplies it by the tangent,
reverse mode by the adjoint.

*Linear* gates (``sum``, ``matmul``, ``reshape``, indexing ...) are their own forward rule: apply the gate to
the tangent.  Their reverse rule is their *transpose*.

What is neither is composed of these two kinds, in ``compositions.py``.

References
----------
A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapters 2 and 3.
"""

from __future__ import annotations

import inspect
import math
import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from adlib.errors import explain

# How tightly a piece of notation binds: an operand that binds less tightly than its place needs parentheses.
ANY, SUM, PRODUCT, FUNCTION, POWER, ATOM = range(6)


class Notation(NamedTuple):
    """How a gate is written: a template, how tightly it binds, and how tightly each operand must."""

    template: str
    level: int
    operands: tuple[int, ...]


def named(latex: str) -> Notation:
    r"""Notation of an ordinary function, such as ``\sin``."""
    return Notation(latex + " {}", FUNCTION, (ATOM,))


def call(name: str, arguments: int) -> Notation:
    """Notation of a function of several arguments, in parentheses."""
    text = r"\operatorname{" + name.replace("_", r"\_") + "}"
    text = text.replace("{", "{{").replace("}", "}}")
    return Notation(text + "(" + ", ".join(["{}"] * arguments) + ")", ATOM, (ANY,) * arguments)


# --- What a gate is -----------------------------------------------------------------------------------------

_ARRAYS = (np.ndarray, np.generic)
_SCALARS = frozenset({float, int, bool})
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
            _refuse(self.name, kwargs)
        return args, kwargs

    def takes(self, kwargs: dict[str, Any]) -> bool:
        """Tell whether `bind` knows all these parameters."""
        return not kwargs

    domain = kinks = convention = ""

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
            values = _of_one_type(values, out)
        try:
            return rule(*values, out)
        except ARITHMETIC:
            with np.errstate(all="ignore"):
                return rule(*[np.float64(v) if type(v) in _SCALARS else v for v in (*values, out)])

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Add up partial × tangent over the operands."""
        total = None
        for i, tangent in enumerate(tangents):
            if tangent is None or self.partials[i] == 0:
                continue
            term = scaled(self.partial(i, values, out), tangent)
            total = term if total is None else total + term
        if total is None:
            return zeros_like(out)
        return total if type(total) is type(out) is float else spread_like(total, out)

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
                    x, y = values if type(out) is float else _of_one_type(values, out)
                    c = rule(x, y, out) * g
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
    """

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
        self.value = value or function
        self.transposes = transposes
        self.joint = joint
        first = next(t for t in transposes if t is not None)
        _, *parameters = inspect.signature(first).parameters.values()
        self.signature = inspect.Signature([p for p in parameters if p.name != "i"])

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take operands and parameters by their names in the transpose."""
        operands, params = self._split(args, kwargs)
        return tuple(map(operand, operands)), params

    def _split(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        count = len(self.transposes)
        if not kwargs and len(args) == count:
            return args, kwargs
        kwargs = {k: v for k, v in kwargs.items() if not (k in ("out", "dtype", "where") and v is None)}
        try:
            bound = self.signature.bind(*args, **kwargs).arguments
        except TypeError:
            unknown = {k: v for k, v in kwargs.items() if k not in self.signature.parameters}
            _refuse(self.name, unknown or kwargs or {"these arguments": None})
        operands = tuple(bound.pop(n) for n in list(self.signature.parameters)[:count])
        return operands, bound

    def takes(self, kwargs: dict[str, Any]) -> bool:
        """Tell whether the transpose has parameters of these names."""
        return kwargs.keys() <= self.signature.parameters.keys()

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
        self, function: Callable[..., Any], transpose: Callable[..., Any], name: str = "", joint: bool = True
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


class Selection(Gate):
    """A reduction along axes that weighs the entries: ``max``, ``min``, ``prod``.

    A row gives the weights dv/dx as a function of the array, the result (spread over the reduced axes),
    those axes, and what parameters there are beside ``axis`` and ``keepdims``; and, where it has kinks, which
    results are at one, as a function of the array and the result (both as above), and ``axis`` and ``keepdims``.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        weights: Callable[..., Any],
        name: str,
        kinks: str = "",
        convention: str = "",
        undecided: Callable[..., Any] | None = None,
    ) -> None:
        super().__init__(function, name=name)
        self.weights, self.kinks, self.convention, self.undecided = weights, kinks, convention, undecided
        self.own = set(inspect.signature(weights).parameters) - {"x", "v", "axes"}

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the array, ``axis`` and ``keepdims``."""
        bound = inspect.signature(self.function).bind(*args, **kwargs).arguments
        x = bound.pop("a")
        params = {k: v for k, v in bound.items() if v is not None and v is not np._NoValue}
        _refuse(self.name, {k: v for k, v in params.items() if k not in {"axis", "keepdims", *self.own}})
        return (operand(x),), params

    def takes(self, kwargs: dict[str, Any]) -> bool:
        """Tell whether there is nothing beside ``axis`` and ``keepdims``."""
        return kwargs.keys() <= {"axis", "keepdims", *self.own}

    def at_kink(self, *values: Any, axis: Any = None, keepdims: bool = False, **own: Any) -> Any:
        """Return which results the row's convention is about: several entries are the largest, say."""
        if self.undecided is None:
            return False
        (x,) = values
        v = spread(self(x, axis=axis, keepdims=keepdims, **own), x, axis, keepdims)
        return np.any(self.undecided(x, v, axis), axis=axis, keepdims=keepdims)

    def _weights(self, x: Any, out: Any, axis: Any = None, keepdims: bool = False, **own: Any) -> Any:
        return self.weights(x, spread(out, x, axis, keepdims), axes_of(axis, len(shape_of(x))), **own)

    def jvp(self, tangents: Sequence[Any], values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Sum weight × tangent along the axes."""
        axis, keepdims = params.get("axis"), params.get("keepdims", False)
        (x,), (tangent,) = values, tangents
        weighted = self._weights(x, out, **params) * tangent
        return as_dtype(np.sum(weighted, axis=axis, keepdims=keepdims), out)

    def vjp(self, i: int, g: Any, values: Sequence[Any], out: Any, params: dict[str, Any]) -> Any:
        """Spread the adjoint along the axes, by the weights."""
        axis, keepdims = params.get("axis"), params.get("keepdims", False)
        (x,) = values
        return like(self._weights(x, out, **params) * spread(g, x, axis, keepdims), x)


def _refuse(name: str, kwargs: dict[str, Any]) -> None:
    if kwargs:
        words = ", ".join(k if " " in k else f"{k}=" for k in kwargs)
        remedies = [_INSTEAD[k] for k in kwargs if k in _INSTEAD] or ["Call it without."]
        raise TypeError(explain(f"np.{name} of a tracked value does not take {words}", " ".join(remedies)))


_INSTEAD = {
    "out": "out= would overwrite a value that the derivative needs: use what the function returns.",
    "where": "Choose by np.where, before or after.",
    "dtype": "Convert by x.astype, before or after.",
}


# --- Helpers that the rows use: written in NumPy, so that they differentiate too ----------------------------


def scaled(partial: Any, g: Any) -> Any:
    """Multiply a tangent or an adjoint by a local partial derivative, which is often just 1 or -1."""
    if type(partial) is int:
        return g if partial == 1 else -g if partial == -1 else partial * g
    return partial * g


def shape_of(x: Any) -> tuple[int, ...]:
    """Return the shape of a float, an array or a tracked value."""
    shape: tuple[int, ...] = getattr(x, "shape", ())
    return shape


def operand(x: Any) -> Any:
    """Make an array of a list, as NumPy's functions do, and refuse what the rows would misread."""
    if isinstance(x, list | tuple):
        x = np.asarray(x)
    if (
        isinstance(x, complex | np.generic)
        and not isinstance(x, float)
        and np.dtype(type(x)).kind not in "fiub"
    ):
        kind = "complex number" if isinstance(x, complex | np.complexfloating) else type(x).__name__
        problem = f"the {kind} {x!r} meets a tracked value, and adlib computes with real numbers only"
        raise TypeError(
            explain(problem, "Split the computation into real and imaginary parts, or use floats.")
        )
    return with_usual_arithmetic(x) if isinstance(x, np.ndarray) else x


def with_usual_arithmetic(x: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Insist on entries that are real numbers, and on NumPy's own meaning of ``*``.

    Raises
    ------
    TypeError
        For complex numbers and objects, and for a class such as ``np.matrix``, whose ``*`` is another.
    """
    kind = type(x)
    if x.dtype.kind not in "fiub":
        problem = f"an array of {x.dtype} meets a tracked value, and adlib computes with real numbers only"
        raise TypeError(
            explain(problem, "Convert it with .astype(float), or split it into real and imaginary parts.")
        )
    if kind is not np.ndarray and (
        kind.__mul__ is not np.ndarray.__mul__ or kind.__array_ufunc__ is not np.ndarray.__array_ufunc__
    ):
        problem = f"{kind.__module__}.{kind.__name__} has an arithmetic of its own, which adlib does not know"
        remedy = "Give it as a plain array: np.asarray(x), or x.filled(0.0) for a masked one."
        raise TypeError(explain(problem, remedy))
    return x


def zeros_like(x: Any) -> Any:
    """Return a zero of the shape and type of `x`."""
    return 0.0 if type(x) in _SCALARS else np.zeros(x.shape, x.dtype)[()]


def as_dtype(g: Any, x: Any) -> Any:
    """Return `g` in the floating type of `x`: float32 in, float32 out."""
    want, have = getattr(x, "dtype", None), getattr(g, "dtype", None)
    if have is not None and have.kind == "c":
        problem = "the function computes with complex numbers"
        raise TypeError(explain(problem, "Split it into real and imaginary parts, of real arrays."))
    if want is None or want == have:
        return g
    if have is None:
        return want.type(g) if type(g) in _SCALARS else g
    return g.astype(want)


def like(g: Any, x: Any) -> Any:
    """Give an adjoint the shape and type of the operand `x`: sum over the axes along which `x` was broadcast.

    Broadcasting copies an entry to many places.  Its transpose adds up what comes back from them.
    """
    have, want = shape_of(g), shape_of(x)
    if have != want:
        extra = len(have) - len(want)
        axes = (*range(extra), *(extra + k for k, n in enumerate(want) if n == 1))
        g = np.sum(g, axis=axes, keepdims=True)
        if extra:
            g = np.reshape(g, want)
    return as_dtype(g, x)


def spread_like(t: Any, out: Any) -> Any:
    """Give a tangent the shape and type of the result."""
    if type(out) is float:
        return float(t) if type(t) is np.float64 else t
    if shape_of(t) != shape_of(out):
        t = np.broadcast_to(t, shape_of(out))
    return as_dtype(t, out)


def axes_of(axis: Any, ndim: int) -> tuple[int, ...]:
    """Return the axes that ``axis=`` means, each counted from the front."""
    axes: Any = range(ndim) if axis is None else (axis,) if np.ndim(axis) == 0 else axis
    counted = tuple(map(operator.index, axes))
    if ndim == 0 and set(counted) <= {0, -1}:
        return ()  # of a number NumPy sums along these two as well
    for a in counted:
        if not -ndim <= a < ndim:
            raise np.exceptions.AxisError(a, ndim)
    return tuple(a % ndim for a in counted)


def spread(g: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """Undo the shape of a reduction: repeat `g` along the axes of `x` that were summed."""
    shape = shape_of(x)
    if not keepdims and shape_of(g) != ():
        g = np.expand_dims(g, axes_of(axis, len(shape)))
    return np.broadcast_to(g, shape)


def function(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function of ours speak NumPy's protocol, so that it can be a gate beside NumPy's own."""

    def dispatching(*args: Any, **kwargs: Any) -> Any:
        for a in args[0] if args and type(args[0]) is tuple else args:
            if hasattr(type(a), "__array_function__") and not isinstance(a, _ARRAYS):
                return a.__array_function__(dispatching, (type(a),), args, kwargs)
        return f(*args, **kwargs)

    dispatching.__name__ = f.__name__
    dispatching.__signature__ = inspect.signature(f)  # type: ignore[attr-defined]
    dispatching.__doc__ = f.__doc__
    return dispatching


def _of_one_type(values: Sequence[Any], out: Any) -> Sequence[Any]:
    """Cast operands to the floating type of the result, in which a rule computes.

    Integers and booleans count as real numbers, and a float32 constant beside float64 must not round the
    derivative to float32: NumPy chooses a type for each operation of a rule, from the operands of that one.
    """
    kind = out.dtype
    for v in values:  # mostly there is nothing to do, so this loop is what counts
        if type(v) not in _SCALARS and v.dtype is not kind:
            break
    else:
        return values
    if kind is None:  # a formula has no type
        return values
    return [v if type(v) in _SCALARS or v.dtype == kind else v.astype(kind) for v in values]


def _either(scalar: Callable[..., Any], array: Callable[..., Any], arity: int) -> Callable[..., Any]:
    """Make a function that computes with `scalar` on Python's numbers and with `array` on all else."""
    if arity == 1:
        return lambda x: scalar(x) if type(x) is float else array(x)

    def both(x: Any, y: Any) -> Any:
        return scalar(x, y) if type(x) in _SCALARS and type(y) in _SCALARS else array(x, y)

    return both


def _register(gate: Any, *also: Callable[..., Any]) -> Any:
    for f in (gate.function, *also):
        GATES[f] = gate
    return gate


def elementwise(f: Callable[..., Any], *partials: Callable[..., Any] | int, **facts: Any) -> Elementwise:
    """Add a row for an elementwise gate; the facts are those of `Elementwise`."""
    gate: Elementwise = _register(Elementwise(f, *partials, **facts))
    return gate


def linear(f: Callable[..., Any], *transposes: Callable[..., Any] | None, **facts: Any) -> Linear:
    """Add a row for a linear gate; the facts are those of `Linear`."""
    gate: Linear = _register(Linear(f, *transposes, **facts))
    return gate


# --- Elementwise gates --------------------------------------------------------------------------------------
# Each partial is a function of the arguments x, y and of the result v.  A row that uses another below it has
# its type written down.


def _off_zero(x: Any, where: Any) -> Any:
    """Return `x`, moved off 0 `where` the factor beside it vanishes, so that 0·∞ does not become nan."""
    if isinstance(where, bool | np.bool_ | np.ndarray) and np.any(where):
        return x + (x == 0) * where
    return x


def _power_below(x: Any, p: Any) -> Any:
    """Return ``x**(p - 1)``, for a partial derivative; squares are common, and need no power at all."""
    if type(p) in _SCALARS and p == 2:
        return x
    return power(_off_zero(x, p == 0), p - 1)  # x⁰ is constant, at 0 too


# fmt: off
# Arithmetic
positive = elementwise(np.positive, 1, scalar=operator.pos,
    symbol="=", latex=Notation("{}", SUM, (SUM,)))
negative = elementwise(np.negative, -1, scalar=operator.neg,
    symbol="−", latex=Notation("-{}", PRODUCT, (PRODUCT,)))
add = elementwise(np.add, 1, 1, scalar=operator.add,
    symbol="+", latex=Notation("{} + {}", SUM, (SUM, SUM)))
GATES[np.conjugate] = positive  # of a real number
subtract = elementwise(np.subtract, 1, -1, scalar=operator.sub,
    symbol="−", latex=Notation("{} - {}", SUM, (SUM, PRODUCT)))
multiply = elementwise(np.multiply, lambda x, y, v: y, lambda x, y, v: x, scalar=operator.mul,
    symbol="×", latex=Notation(r"{} \, {}", PRODUCT, (PRODUCT, PRODUCT)))
divide = elementwise(np.divide, lambda x, y, v: 1 / y, lambda x, y, v: -v / y,
    scalar=operator.truediv,
    symbol="÷", latex=Notation(r"\frac{{{}}}{{{}}}", FUNCTION, (ANY, ANY)), domain="y != 0")
reciprocal = elementwise(np.reciprocal, lambda x, v: -v * v, scalar=lambda x: 1 / x,
    symbol="1/", latex=Notation(r"\frac{{1}}{{{}}}", FUNCTION, (ANY,)), domain="x != 0")
square = elementwise(np.square, lambda x, v: 2 * x, scalar=lambda x: x * x,
    symbol="²", latex=Notation("{}^2", POWER, (ATOM,)))
power: Elementwise = elementwise(np.power,
    lambda x, p, v: p * _power_below(x, p),
    lambda x, p, v: v * log(_off_zero(x, p >= 0)),  # 0ᵖ stays 0 as p > 0 grows
    scalar=math.pow, array=operator.pow,  # NumPy's ** has fast paths for 2, ½ and -1
    symbol="^", latex=Notation("{}^{{{}}}", POWER, (ATOM, ANY)),
    domain="((x > 0) | ((x == 0) & (y >= 0)) | ((x < 0) & (y == np.floor(y))))",
    kinks="(x == 0) & (y > 0) & (y < 1)",
    convention="∂/∂x is ∞ at x = 0 when 0 < p < 1, and 0 when p = 0; ∂/∂p is 0 at x = 0 when p ≥ 0")

# Roots, exponentials and logarithms
sqrt = elementwise(np.sqrt, lambda x, v: 1 / (2 * v), scalar=math.sqrt,
    symbol="√", latex=Notation(r"\sqrt{{{}}}", ATOM, (ANY,)),
    domain="x >= 0", kinks="x == 0", convention="√′(0) = ∞")
cbrt = elementwise(np.cbrt, lambda x, v: 1 / (3 * v * v),
    symbol="∛", latex=Notation(r"\sqrt[3]{{{}}}", ATOM, (ANY,)), kinks="x == 0", convention="∛′(0) = ∞")
exp = elementwise(np.exp, lambda x, v: v, scalar=math.exp, latex=Notation("e^{{{}}}", POWER, (ANY,)))
exp2 = elementwise(np.exp2, lambda x, v: v * math.log(2), latex=Notation("2^{{{}}}", POWER, (ANY,)))
expm1 = elementwise(np.expm1, lambda x, v: exp(x), scalar=math.expm1)
log: Elementwise = elementwise(np.log, lambda x, v: 1 / x, scalar=math.log,
    latex=named(r"\log"), domain="x > 0")
log2 = elementwise(np.log2, lambda x, v: 1 / (x * math.log(2)), scalar=math.log2,
    latex=named(r"\log_2"), domain="x > 0")
log10 = elementwise(np.log10, lambda x, v: 1 / (x * math.log(10)), scalar=math.log10,
    latex=named(r"\log_{{10}}"), domain="x > 0")
log1p = elementwise(np.log1p, lambda x, v: 1 / (1 + x), scalar=math.log1p, domain="x > -1")
logaddexp = elementwise(np.logaddexp, lambda x, y, v: exp(x - v), lambda x, y, v: exp(y - v))
logaddexp2 = elementwise(np.logaddexp2, lambda x, y, v: exp2(x - v), lambda x, y, v: exp2(y - v))

# Trigonometric and hyperbolic functions
sin = elementwise(np.sin, lambda x, v: cos(x), scalar=math.sin, latex=named(r"\sin"))
cos: Elementwise = elementwise(np.cos, lambda x, v: -sin(x), scalar=math.cos, latex=named(r"\cos"))
tan = elementwise(np.tan, lambda x, v: 1 + v * v, scalar=math.tan, latex=named(r"\tan"))
arcsin = elementwise(np.arcsin, lambda x, v: 1 / sqrt(circle(x)), scalar=math.asin,
    latex=named(r"\arcsin"), domain="np.abs(x) <= 1", kinks="np.abs(x) == 1", convention="arcsin′(±1) = ∞")
arccos = elementwise(np.arccos, lambda x, v: -1 / sqrt(circle(x)), scalar=math.acos,
    latex=named(r"\arccos"), domain="np.abs(x) <= 1", kinks="np.abs(x) == 1", convention="arccos′(±1) = −∞")
arctan = elementwise(np.arctan, lambda x, v: 1 / (1 + x * x), scalar=math.atan, latex=named(r"\arctan"))
sinh = elementwise(np.sinh, lambda x, v: cosh(x), scalar=math.sinh, latex=named(r"\sinh"))
cosh: Elementwise = elementwise(np.cosh, lambda x, v: sinh(x), scalar=math.cosh, latex=named(r"\cosh"))
tanh = elementwise(np.tanh, lambda x, v: circle(v), scalar=math.tanh, latex=named(r"\tanh"))
arcsinh = elementwise(np.arcsinh, lambda x, v: 1 / hypot(x, 1.0), scalar=math.asinh)
arccosh = elementwise(np.arccosh, lambda x, v: 1 / (sqrt(x - 1) * sqrt(x + 1)), scalar=math.acosh,
    domain="x >= 1", kinks="x == 1", convention="arccosh′(1) = ∞")
arctanh = elementwise(np.arctanh, lambda x, v: 1 / circle(x), scalar=math.atanh,
    domain="np.abs(x) < 1")
arctan2 = elementwise(np.arctan2,  # NumPy's order: arctan2(y, x); here x is the first argument, y the second
    lambda x, y, v: y / hypot(x, y) / hypot(x, y), lambda x, y, v: -x / hypot(x, y) / hypot(x, y), scalar=math.atan2,
    kinks="(x == 0) & (y <= 0)",
    convention="no value at (0, 0): nan; on the cut the derivative of the continuous branch")
hypot: Elementwise = elementwise(np.hypot,
    lambda x, y, v: ratio(x, v), lambda x, y, v: ratio(y, v), scalar=math.hypot,
    kinks="(x == 0) & (y == 0)", convention="both partials are 0 at the origin")
degrees = elementwise(np.degrees, lambda x, v: 180 / math.pi, scalar=math.degrees)
radians = elementwise(np.radians, lambda x, v: math.pi / 180, scalar=math.radians)
GATES |= {np.rad2deg: degrees, np.deg2rad: radians}
sinc = elementwise(np.sinc, lambda x, v: sinc_slope(x, 1))

# Kinks and steps
_HALF = "a tie shares the derivative: ½ each"
_STEP = "the derivative of a step is 0, also at the jump"
absolute = elementwise(np.absolute, lambda x, v: sign(x), scalar=abs,
    symbol="|·|", latex=Notation(r"\left|{}\right|", ATOM, (ANY,)), kinks="x == 0", convention="|x|′(0) = 0")
GATES[np.fabs] = absolute
sign: Elementwise = elementwise(np.sign, 0, scalar=lambda x: float((x > 0) - (x < 0)) if x == x else x,
    kinks="x == 0", convention="sign′(0) = 0")
maximum = elementwise(np.maximum,
    lambda x, y, v: (x > y) + 0.5 * (x == y), lambda x, y, v: (x < y) + 0.5 * (x == y),
    scalar=lambda x, y: float(x if x >= y or x != x else y),
    symbol="max", latex=call("max", 2), kinks="x == y", convention=_HALF)
minimum = elementwise(np.minimum,
    lambda x, y, v: (x < y) + 0.5 * (x == y), lambda x, y, v: (x > y) + 0.5 * (x == y),
    scalar=lambda x, y: float(x if x <= y or x != x else y),
    symbol="min", latex=call("min", 2), kinks="x == y", convention=_HALF)
fmax = elementwise(np.fmax,
    lambda x, y, v: (x > y) + 0.5 * (x == y) + (y != y), lambda x, y, v: (x < y) + 0.5 * (x == y) + (x != x),
    kinks="x == y", convention=_HALF + "; a nan gets none")
fmin = elementwise(np.fmin,
    lambda x, y, v: (x < y) + 0.5 * (x == y) + (y != y), lambda x, y, v: (x > y) + 0.5 * (x == y) + (x != x),
    kinks="x == y", convention=_HALF + "; a nan gets none")
copysign: Elementwise = elementwise(np.copysign,
    lambda x, y, v: sign(x) * copysign(1.0, y), 0, scalar=math.copysign,
    kinks="x == 0", convention="∂/∂x is 0 at x = 0")
remainder = elementwise(np.remainder, 1, lambda x, y, v: -floor_divide(x, y),
    symbol="mod", domain="y != 0", kinks="np.remainder(x, y) == 0",
    convention="at a jump the derivative of the branch to the right")
fmod = elementwise(np.fmod, 1, lambda x, y, v: -rint((x - v) / y),
    domain="y != 0", kinks="(np.fmod(x, y) == 0) & (x != 0)",
    convention="at a jump the derivative of the branch towards larger |x|")
floor = elementwise(np.floor, 0, kinks="x == np.floor(x)", convention=_STEP)
ceil = elementwise(np.ceil, 0, kinks="x == np.floor(x)", convention=_STEP)
trunc = elementwise(np.trunc, 0, kinks="(x == np.floor(x)) & (x != 0)", convention=_STEP)
rint: Elementwise = elementwise(np.rint, 0, kinks="x - np.floor(x) == 0.5", convention=_STEP)
floor_divide: Elementwise = elementwise(np.floor_divide, 0, 0,
    symbol="//", domain="y != 0", kinks="np.remainder(x, y) == 0", convention=_STEP)
heaviside = elementwise(np.heaviside, 0, lambda x, y, v: x == 0, kinks="x == 0", convention=_STEP)
# fmt: on


def _relu(x: Any) -> Any:
    """The rectifier max(x, 0), with derivative 0 at 0."""
    return np.maximum(x, 0)


def _attach(g: Any, x: Any) -> Any:
    """The constant `g`, as a value that depends on `x` with derivative zero."""
    return g


def _circle(x: Any) -> Any:
    """The number 1 - x², which near x = ±1 loses no digit.

    A gate of its own, since the two contributions to its derivative, (1 - x) - (1 + x), would cancel near 0.
    """
    return (1 - x) * (1 + x)


def _ratio(x: Any, y: Any) -> Any:
    """The quotient x / y, and 0 where both are 0: the slope of a length where it is 0, by convention.

    Its own partial derivatives are those of a quotient, so there a second derivative is inf or nan.
    """
    return np.divide(x, np.where((x == 0) & (y == 0), 1, y))


def _sinc_slope(x: Any, n: Any) -> Any:
    """The n-th derivative of np.sinc.

    With t = πx it is πⁿ times the integral of uⁿ cos(tu + nπ/2) over u from 0 to 1: for small t by its power
    series, for large t by partial integration, from one n to the next.  Neither loses digits there.
    """
    n, kind = int(n), np.result_type(x, 0.0)
    t = np.pi * np.asarray(x, float)
    near = np.abs(t) < max(2.0, n / math.e)
    small, large = np.where(near, t, 0.0), np.where(near, 1.0, t)
    series = sum(
        (-1) ** ((n + j) // 2) * small**j / (math.factorial(j) * (n + j + 1)) for j in range(n % 2, 60, 2)
    )
    turns = [np.sin(large), np.cos(large), -np.sin(large), -np.cos(large)]
    parts = turns[0] / large
    for m in range(1, n + 1):
        parts = (turns[m % 4] - m * parts) / large
    return (np.pi**n * np.where(near, series, parts)).astype(kind)[()]


# fmt: off
circle: Elementwise = elementwise(function(_circle), lambda x, v: -2 * x, name="circle",
    scalar=lambda x: (1 - x) * (1 + x),
    spelled="(1 - {0}) * (1 + {0})", latex=Notation("1 - {}^2", SUM, (ATOM,)))
ratio: Elementwise = elementwise(function(_ratio), lambda x, y, v: 1 / y, lambda x, y, v: -v / y, name="ratio",
    scalar=lambda x, y: x / y if y or x else 0.0,
    spelled="{0} / {1}", latex=Notation(r"\frac{{{}}}{{{}}}", FUNCTION, (ANY, ANY)))
sinc_slope: Elementwise = elementwise(function(_sinc_slope), lambda x, n, v: sinc_slope(x, n + 1), 0,
    name="sinc_slope", latex=Notation(r"\operatorname{{sinc}}^{{({1})}}({0})", ATOM, (ANY, ANY)))
relu: Elementwise = elementwise(function(_relu), lambda x, v: x > 0, name="relu",
    array=lambda x: np.maximum(x, 0) if isinstance(x, np.ndarray | np.generic) else relu.function(x),
    scalar=lambda x: x if x > 0 or x != x else 0.0, kinks="x == 0", convention="relu′(0) = 0")
# The derivative of a linear function is a constant; for the next derivative out it still *depends on* x.
attach = elementwise(function(_attach), 1, 0, name="attach", array=lambda g, x: g, scalar=lambda g, x: g)
# fmt: on


# --- Linear gates -------------------------------------------------------------------------------------------
# Each transpose maps the adjoint g of the result to that of an operand; it may look at the operands' shapes.


def _where(condition: Any, x: Any, y: Any) -> Any:
    if isinstance(condition, bool | np.bool_) and shape_of(x) == shape_of(y):
        chosen, other = (x, y) if condition else (y, x)
        if type(chosen) in _SCALARS and type(other) in _SCALARS:
            return float(chosen)
        kind = np.result_type(chosen, other)  # that of both, whichever is chosen
        if type(chosen) in _SCALARS:
            return kind.type(chosen)
        return chosen if chosen.dtype == kind else chosen.astype(kind)
    return np.where(condition, x, y)


where = linear(
    np.where,
    None,
    lambda g, condition, x, y: like(_where(condition, g, zeros_like(g)), x),
    lambda g, condition, x, y: like(_where(condition, zeros_like(g), g), y),
    joint=True,
    value=_where,
    latex=Notation(r"\left[{} \mathbin{{?}} {} : {}\right]", ATOM, (ANY, ANY, ANY)),
)

# Sums and spreads: each is the other's transpose
linear(
    np.sum,
    lambda g, x, axis=None, keepdims=False: spread(g, x, axis, keepdims),
    symbol="Σ",
    latex=named(r"\sum"),
)
linear(np.broadcast_to, lambda g, x, shape: like(g, x))
linear(np.cumsum, lambda g, x, axis=None: _cumsum_transpose(g, x, axis))


def _cumsum_transpose(g: Any, x: Any, axis: int | None) -> Any:
    """Sum from the end instead of from the start."""
    a = 0 if axis is None else axis
    return np.reshape(np.flip(np.cumsum(np.flip(g, a), a), a), shape_of(x))


# Shapes
def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    """Invert a permutation."""
    return tuple(np.argsort(axes).tolist())


class Reading(Linear):
    """A gate that reads the entries of an array in an order: of rows (C), of columns (F), or as they lie (A, K).

    How they lie is a matter of the value.  Its tangent and its adjoint may lie otherwise, so the order is
    settled here, once for all three.
    """

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the array, and turn the orders A and K into C or F."""
        (x,), params = super().bind(args, kwargs)
        order = params.get("order")
        if order in ("A", "K"):
            value = x
            while (inside := getattr(value, "value", value)) is not value:
                value = inside
            params["order"] = _order_of(np.asarray(value), order, self.name)
        return (x,), params


def _order_of(x: np.ndarray[Any, Any], order: str, name: str) -> str:
    if order == "A":
        return "F" if x.flags.fnc else "C"
    if x.flags.c_contiguous:
        return "C"
    if x.flags.f_contiguous:
        return "F"
    problem = f"np.{name}: order='K' reads this array as it lies in memory, neither by rows nor by columns"
    raise TypeError(explain(problem, "Say order='C' or order='F'."))


_register(
    Reading(
        np.reshape,
        lambda g, x, shape=None, order="C": np.reshape(g, shape_of(x), order=order),
        value=lambda x, shape=None, order="C": np.reshape(x, shape, order),  # NumPy 2.0 calls it newshape
    )
)
_register(Reading(np.ravel, lambda g, x, order="C": np.reshape(g, shape_of(x), order=order)))
linear(np.squeeze, lambda g, x, axis=None: np.reshape(g, shape_of(x)))
linear(np.expand_dims, lambda g, x, axis: np.reshape(g, shape_of(x)))
linear(
    np.transpose,
    lambda g, x, axes=None: np.transpose(
        g, axes if axes is None else _inverse(axes_of(axes, len(shape_of(x))))
    ),
    symbol="ᵀ",
    latex=Notation(r"{}^\mathsf{{T}}", POWER, (ATOM,)),
)
linear(np.swapaxes, lambda g, x, axis1, axis2: np.swapaxes(g, axis1, axis2))
linear(np.moveaxis, lambda g, x, source, destination: np.moveaxis(g, destination, source))
linear(np.copy, lambda g, x, order="K": g)


@function
def astype(x: Any, dtype: Any) -> Any:
    """Convert to another floating type."""
    return np.asarray(x).astype(dtype)[()]


linear(astype, lambda g, x, dtype: as_dtype(g, x))


# Indexing, and its transpose: put back where it came from, adding where several came from one place
@function
def getitem(x: Any, index: Any) -> Any:
    """Return ``x[index]``."""
    return x[index]


@function
def scatter(gs: tuple[Any, ...], indices: Any, shape: Any, dtype: Any) -> Any:
    """Return zeros of `shape`, with each ``g`` of `gs` added at its index."""
    total = np.zeros(shape, dtype)
    for g, index in zip(gs, indices, strict=True):
        if _is_basic(index):
            total[index] += g  # no entry twice, so plain addition does
        else:
            np.add.at(total, index, g)
    return total[()]


def _is_basic(index: Any) -> bool:
    parts = index if type(index) is tuple else (index,)
    return all(type(p) in (int, slice) or p is None or p is Ellipsis for p in parts)


class Scattered:
    """A sum of scattered adjoints that waits to be carried out.

    ``x[0] * x[1] * ...`` takes n entries of x one by one.  Carrying out each entry's transpose alone would
    write n arrays of n numbers.  Sums of `Scattered` only collect; `dense` writes one array, when it is
    needed."""

    __array_ufunc__ = None  # NumPy's arrays leave additions to this class
    __slots__ = ("dtype", "gs", "indices", "rest", "shape")

    def __init__(self, g: Any, index: Any, x: Any) -> None:
        self.gs, self.indices, self.shape, self.dtype = [g], [index], x.shape, x.dtype
        self.rest: Any = None

    def __add__(self, other: Any) -> Scattered:
        if type(other) is Scattered:
            self.gs += other.gs
            self.indices += other.indices
            other = other.rest
        if other is not None:
            self.rest = other if self.rest is None else self.rest + other
        return self

    __radd__ = __add__

    def dense(self) -> Any:
        """Carry out the sum."""
        total = scatter(tuple(self.gs), self.indices, self.shape, self.dtype)
        return total if self.rest is None else total + self.rest


linear(getitem, lambda g, x, index: Scattered(g, index, x), symbol="[ ]", latex=call("getitem", 1))
_register(Variadic(scatter, lambda g, gs, indices, shape, dtype, *, i: as_dtype(g[indices[i]], gs[i])))


# Rearrangements only move entries.  Apply one to their *positions*, and it tells where each entry came from.
class Rearrangement(Linear):
    """A gate that moves, repeats or drops the entries of an array, without arithmetic."""

    def __init__(self, f: Callable[..., Any]) -> None:
        super().__init__(f, self._transpose, value=lambda x, how=(), **params: f(x, *how, **params))
        self.signature = inspect.signature(f)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the array; all else is fixed."""
        bound = self.signature.bind(*args, **kwargs)
        return bound.args[:1], {"how": bound.args[1:], **bound.kwargs}

    def _transpose(self, g: Any, x: Any, **params: Any) -> Any:
        shape = shape_of(x)
        size = int(np.prod(shape))
        positions = self(np.arange(size).reshape(shape), **params)
        flat = scatter((np.ravel(g),), [np.ravel(positions)], (size,), getattr(x, "dtype", float))
        return np.reshape(flat, shape)


# Joining
def _part(g: Any, xs: Sequence[Any], axis: int = 0, *, i: int) -> Any:
    """Cut the piece of `g` that came from operand `i` of a concatenation."""
    if axis is None:
        start = sum(int(np.prod(shape_of(x))) for x in xs[:i])
        mine = g[start : start + int(np.prod(shape_of(xs[i])))]
        return as_dtype(np.reshape(mine, shape_of(xs[i])), xs[i])
    start = sum(shape_of(x)[axis] for x in xs[:i])
    cut = [slice(None)] * len(g.shape)
    cut[axis] = slice(start, start + shape_of(xs[i])[axis])
    return as_dtype(g[tuple(cut)], xs[i])


_register(Variadic(np.concatenate, _part))


# Products: linear in each factor
def _matmul_left(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of the left factor: g Bᵀ."""
    if b.ndim == 1:
        out = np.expand_dims(g, -1) * b
    elif a.ndim == 1:
        out = np.matmul(b, np.expand_dims(g, -1))[..., 0]
    else:
        out = np.matmul(g, np.swapaxes(b, -1, -2))
    return like(out, a)


def _matmul_right(g: Any, a: Any, b: Any) -> Any:
    """The adjoint of the right factor: Aᵀ g."""
    if a.ndim == 1:
        if b.ndim == 1:
            return like(g * a, b)
        out = a[:, None] * np.expand_dims(g, -2)
    elif b.ndim == 1:
        out = np.matmul(np.swapaxes(a, -1, -2), np.expand_dims(g, -1))[..., 0]
    else:
        out = np.matmul(np.swapaxes(a, -1, -2), g)
    return like(out, b)


_SIDE_BY_SIDE = Notation(r"{} \, {}", PRODUCT, (PRODUCT, PRODUCT))
linear(np.matmul, _matmul_left, _matmul_right, symbol="@", latex=_SIDE_BY_SIDE)


class Einsum(Variadic):
    """``np.einsum``: its transposes are again sums of products, with the subscripts exchanged."""

    def __init__(self) -> None:
        super().__init__(np.einsum, self._transpose, name="einsum", joint=False)
        self.value = lambda *values, subscripts: np.einsum(subscripts, *values)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Take the operands, and write their subscripts out."""
        _refuse("einsum", {k: v for k, v in kwargs.items() if k != "optimize"})
        if not args or not isinstance(args[0], str):
            _refuse("einsum", {"a list of axes; write the subscripts as a string": None})
        operands = tuple(map(operand, args[1:]))
        return operands, {"subscripts": _explicit(args[0], operands)}

    @staticmethod
    def _transpose(g: Any, values: Sequence[Any], subscripts: str, *, i: int) -> Any:
        inputs, output = subscripts.split("->")
        terms = inputs.split(",")
        pairs: list[tuple[str, Any]] = list(zip(terms, values, strict=True))
        own, others = terms[i], pairs[:i] + pairs[i + 1 :]
        spare = iter(sorted(set("ABCDEFGHIJKLMNOPQRSTUVWXYZ") - set(subscripts)))
        target, extra = "", list[tuple[str, Any]]()
        for axis, letter in enumerate(own):
            n = shape_of(values[i])[axis]
            if letter in target:  # a diagonal was taken: put it back with an identity matrix
                fresh = next(spare)
                extra.append((letter + fresh, np.eye(n)))
                letter = fresh
            elif letter not in output and not any(letter in t for t, _ in others):
                extra.append((letter, np.ones(n)))  # an axis summed on its own: spread over it again
            target += letter
        pieces = [(output, g), *others, *extra]
        exchanged = ",".join(t for t, _ in pieces) + "->" + target
        return like(np.einsum(exchanged, *(v for _, v in pieces)), values[i])


def _explicit(subscripts: str, values: Sequence[Any]) -> str:
    """Write out an einsum's output and its ellipses."""
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    spare = [c for c in "zyxwvutsrqponmlkjihgfedcba" if c not in subscripts]
    terms, widest = [], 0
    for term, value in zip(inputs.split(","), values, strict=True):
        width = len(shape_of(value)) - len(term.replace("...", ""))
        widest = max(widest, width if "..." in term else 0)
        terms.append(term.replace("...", "".join(reversed(spare[:width]))))
    ellipsis = "".join(reversed(spare[:widest]))
    if not arrow:
        letters = "".join(terms)
        output = "..." + "".join(c for c in sorted(set(letters) - set(ellipsis)) if letters.count(c) == 1)
    return ",".join(terms) + "->" + output.replace("...", ellipsis)


_register(Einsum())

for _f in (
    *(np.flip, np.flipud, np.fliplr, np.roll, np.rot90, np.tile, np.repeat, np.diagonal),
    *(np.take, np.take_along_axis, np.delete, np.resize),
):
    _register(Rearrangement(_f))


# --- Reductions that weigh their entries --------------------------------------------------------------------


def _ties_share(x: Any, v: Any, axes: tuple[int, ...]) -> Any:
    """Weight 1 for the chosen entry; equal entries share it."""
    chosen = x == v
    return chosen / np.sum(chosen, axis=axes, keepdims=True)


def _product_of_others(x: Any, v: Any, axes: tuple[int, ...]) -> Any:
    """The product of all other entries, from both ends inwards: no division, so zeros are no trouble."""
    shape = shape_of(x)
    if not shape:
        return 1.0
    kept = tuple(a for a in range(len(shape)) if a not in axes)
    n = math.prod(shape[a] for a in axes)
    rows = np.reshape(np.transpose(x, kept + axes), (*(shape[a] for a in kept), n))
    ones = np.ones((*rows.shape[:-1], min(n, 1)), rows.dtype)
    before = np.cumprod(np.concatenate([ones, rows[..., :-1]], axis=-1), axis=-1)
    after = np.flip(np.cumprod(np.concatenate([ones, np.flip(rows, -1)[..., :-1]], axis=-1), axis=-1), -1)
    others = np.reshape(before * after, (*(shape[a] for a in kept), *(shape[a] for a in axes)))
    return np.transpose(others, _inverse(kept + axes))


def _several(x: Any, v: Any, axis: Any) -> Any:
    return np.sum(x == v, axis=axis, keepdims=True) > 1


@function
def length(a: Any, axis: Any = None, keepdims: bool = False, p: float = 2) -> Any:
    """Return the p-norm of the entries along axes: (Σ |a|ᵖ)^(1/p)."""
    if p == 2:
        return np.sqrt(np.sum(a * a, axis=axis, keepdims=keepdims))
    return np.sum(np.abs(a) ** p, axis=axis, keepdims=keepdims) ** (1 / p)


def _directions(x: Any, v: Any, axes: tuple[int, ...], p: float = 2) -> Any:
    """The slope of a length: the unit vector for p = 2, and 0 at the zero vector."""
    return ratio(x, v) if p == 2 else sign(x) * ratio(np.abs(x), v) ** (p - 1)


_TIES = "equal largest or smallest entries share the derivative"
_register(Selection(np.max, _ties_share, "max", "ties", _TIES, _several), np.amax)
_register(Selection(np.min, _ties_share, "min", "ties", _TIES, _several), np.amin)
_register(Selection(np.prod, _product_of_others, "prod"))
_ZERO = "slope 0 at the zero vector; the second derivative there is inf or nan"
_register(Selection(length, _directions, "norm", "x is the zero vector", _ZERO, lambda x, v, axis: v == 0))


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
    rows: dict[str, tuple[str, str, str]] = {}
    for gate in GATES.values():
        if gate.convention:
            rows[gate.name] = (gate.name, gate.kinks, gate.convention)
    return sorted(rows.values())
