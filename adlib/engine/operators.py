"""Python's operators on tracked values."""

from __future__ import annotations

import operator
from collections.abc import Callable
from numbers import Rational
from sys import _getframe
from typing import Any

import numpy as np

from adlib.engine.levels import NO_PARAMS, Tracked, apply, notice, plain
from adlib.engine.refusals import in_place, not_a_number
from adlib.errors import explain
from adlib.gates import GATES, Gate
from adlib.gates.shaping import operand

_OPERANDS = (Tracked, float, int, complex, np.ndarray, np.generic, list, tuple)
_PLAIN = frozenset({float, int})
_NO_KEY = "It has the value of a number, but not its hash: compare with ==, or look in a list or a tuple."


def _operand(other: Any) -> Any:
    """Return the other operand of an operator in NumPy's terms."""
    if isinstance(other, _OPERANDS):
        return operand(other)
    if isinstance(other, str | bytes):  # Python would try to repeat it, and ask for a whole number
        problem = f"the {type(other).__name__} {other!r} meets a tracked value, and is no number"
        raise TypeError(explain(problem, f"Convert it first: float({other!r})."))
    return float(other) if isinstance(other, Rational) else NotImplemented


def _one_way(gate: Gate) -> Callable[..., Any]:
    """Make ``-x`` of a gate."""
    return lambda self: self.level.record(gate, (self._value,), (self,), NO_PARAMS)


def _two_ways(gate: Gate) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Make ``x * other`` and ``other * x`` of a gate of two operands."""

    def forth(self: Any, other: Any, modulus: Any = None) -> Any:
        if modulus is not None:
            problem = "pow(x, y, z) is for whole numbers, and adlib computes with real ones"
            raise TypeError(explain(problem, "Write x**y % z."))
        kind = type(other)
        if kind in _PLAIN:  # the usual cases first: no search for the newest level
            return self.level.record(gate, (self._value, other), (self, None), NO_PARAMS)
        if kind is type(self) and other.level is self.level:
            return self.level.record(gate, (self._value, other._value), (self, other), NO_PARAMS)
        if kind is np.ndarray and other.dtype.kind in "fiub":
            return self.level.record(gate, (self._value, other), (self, None), NO_PARAMS)
        other = _operand(other)
        return other if other is NotImplemented else apply(gate, (self, other))

    def back(self: Any, other: Any) -> Any:
        kind = type(other)
        if kind in _PLAIN or (kind is np.ndarray and other.dtype.kind in "fiub"):
            return self.level.record(gate, (other, self._value), (None, self), NO_PARAMS)
        other = _operand(other)
        return other if other is NotImplemented else apply(gate, (other, self))

    return forth, back


# Where ``np.multiply(x, y)`` goes, and ``x * y``
WAYS = {gate: _two_ways(gate) for f, gate in GATES.items() if isinstance(f, np.ufunc) and f.nin == 2}


def _augmented(sign: str, forth: Callable[..., Any]) -> Callable[..., Any]:
    """Make ``y += z``: of a number it gives the name y a new value, as in Python.

    NumPy would write into an array, and every other name of it (an alias, a view, a list, the caller's) would
    see that.  A tracked array cannot be written to, and going on with a new one would leave those behind.
    """

    def method(self: Any, other: Any) -> Any:
        if type(self._value) is not float and isinstance(plain(self), np.ndarray):
            raise in_place(
                f"y {sign}= ...", f"Write y = y {sign} ...: a new array, and all else stays as it was."
            )
        return forth(self, other)

    return method


def _compared(sign: str, compare: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    """Make a comparison, which looks at the values and leaves no trace; the levels take notice."""

    def method(self: Any, other: Any) -> Any:
        value = self._value
        if type(value) is float and type(other) in _PLAIN:  # the usual case first
            self.level.compared(sign, self, other, _getframe(1))
            return compare(value, other)
        notice(sign, (self, other), _getframe(1))
        return compare(plain(self), plain(other))

    return method


class Operators(Tracked):
    """Python's operators: each goes through the gate of the NumPy function that does the same."""

    __slots__ = ()

    __add__, __radd__ = WAYS[GATES[np.add]]
    __sub__, __rsub__ = WAYS[GATES[np.subtract]]
    __mul__, __rmul__ = WAYS[GATES[np.multiply]]
    __truediv__, __rtruediv__ = WAYS[GATES[np.divide]]
    __floordiv__, __rfloordiv__ = WAYS[GATES[np.floor_divide]]
    __mod__, __rmod__ = WAYS[GATES[np.remainder]]
    __pow__, __rpow__ = WAYS[GATES[np.power]]
    __matmul__, __rmatmul__ = WAYS[GATES[np.matmul]]

    __iadd__ = _augmented("+", __add__)
    __isub__ = _augmented("-", __sub__)
    __imul__ = _augmented("*", __mul__)
    __itruediv__ = _augmented("/", __truediv__)
    __ifloordiv__ = _augmented("//", __floordiv__)
    __imod__ = _augmented("%", __mod__)
    __ipow__ = _augmented("**", __pow__)
    __imatmul__ = _augmented("@", __matmul__)

    __lt__ = _compared("<", operator.lt)
    __le__ = _compared("<=", operator.le)
    __gt__ = _compared(">", operator.gt)
    __ge__ = _compared(">=", operator.ge)
    __eq__ = _compared("==", operator.eq)
    __ne__ = _compared("!=", operator.ne)

    def __hash__(self) -> int:
        raise not_a_number("hashing x, as a set, the key of a dict and functools.cache do,", _NO_KEY)

    __neg__ = _one_way(GATES[np.negative])
    __pos__ = _one_way(GATES[np.positive])
    __abs__ = _one_way(GATES[np.absolute])

    def __divmod__(self, other: Any) -> tuple[Any, Any]:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> tuple[Any, Any]:
        return other // self, other % self
