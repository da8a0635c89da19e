"""A reverse-mode engine in a page: the class that the reader builds in the notebooks, filled in.

A `Value` is a number that remembers from what it was made, each operand with its local derivative.  `Value.backward`
walks that record from its end.  Notebooks import this one where the reader has no engine yet, and train with it.
"""

from __future__ import annotations

import itertools
import math
from typing import Any


class Value:
    """A number that takes notes while one computes with it.

    Parameters
    ----------
    value : float
    parents : sequence of (Value, float)
        What it was made from, each with the local derivative; an input has none.

    Attributes
    ----------
    grad : float
        The adjoint.  That of an input is added to by every `backward`; set it to 0 before a new gradient.

    Examples
    --------
    >>> x, y = Value(2.0), Value(3.0)
    >>> z = x * y + x
    >>> z.backward()
    >>> z.value, x.grad, y.grad
    (8.0, 4.0, 2.0)
    """

    _numbers = itertools.count()

    def __init__(self, value: float, parents: Any = ()) -> None:
        self.value, self.parents, self.grad = value, parents, 0.0
        self.number = next(Value._numbers)  # its place on the tape: who is made later has the larger one

    def __add__(self, other: Any) -> Value:
        other = as_value(other)
        return Value(self.value + other.value, [(self, 1.0), (other, 1.0)])

    def __mul__(self, other: Any) -> Value:
        other = as_value(other)
        return Value(self.value * other.value, [(self, other.value), (other, self.value)])

    def __sub__(self, other: Any) -> Value:
        other = as_value(other)
        return Value(self.value - other.value, [(self, 1.0), (other, -1.0)])

    def __truediv__(self, other: Any) -> Value:
        other = as_value(other)
        quotient = self.value / other.value
        return Value(quotient, [(self, 1 / other.value), (other, -quotient / other.value)])

    def __pow__(self, other: Any) -> Value:
        if not isinstance(
            other, Value
        ):  # by far the commonest: no logarithm is needed, and x may be negative
            slope = other * self.value ** (other - 1) if other else 0.0
            return Value(self.value**other, [(self, slope)])
        power = self.value**other.value
        by_base = other.value * self.value ** (other.value - 1)
        return Value(power, [(self, by_base), (other, power * math.log(self.value))])

    def __neg__(self) -> Value:
        return Value(-self.value, [(self, -1.0)])

    # With a plain number on the left, Python asks the right operand.
    __radd__, __rmul__ = __add__, __mul__

    def __rsub__(self, other: float) -> Value:
        return Value(other) - self

    def __rtruediv__(self, other: float) -> Value:
        return Value(other) / self

    def __rpow__(self, other: float) -> Value:
        return Value(other) ** self

    # NumPy's functions call these: np.sin(x) asks an object that it does not know for x.sin().
    def exp(self) -> Value:
        """Compute eˣ, which is its own derivative."""
        result = math.exp(self.value)
        return Value(result, [(self, result)])

    def log(self) -> Value:
        """Compute log x."""
        return Value(math.log(self.value), [(self, 1 / self.value)])

    def sqrt(self) -> Value:
        """Compute √x."""
        root = math.sqrt(self.value)
        return Value(root, [(self, 0.5 / root)])

    def sin(self) -> Value:
        """Compute sin x."""
        return Value(math.sin(self.value), [(self, math.cos(self.value))])

    def cos(self) -> Value:
        """Compute cos x."""
        return Value(math.cos(self.value), [(self, -math.sin(self.value))])

    def tanh(self) -> Value:
        """Compute tanh x."""
        t = math.tanh(self.value)
        return Value(t, [(self, 1 - t * t)])

    def relu(self) -> Value:
        """Compute max(x, 0); the slope at 0 is 0."""
        return Value(max(self.value, 0.0), [(self, float(self.value > 0))])

    def backward(self) -> None:
        """Add this number's derivative by each input to the input's `grad`."""
        nodes, todo = {self}, [self]  # a list, no recursion: Python gives up after a thousand calls
        while todo:
            for parent, _ in todo.pop().parents:
                if parent not in nodes:
                    nodes.add(parent)
                    todo.append(parent)
        for node in nodes:
            if node.parents:
                node.grad = 0.0  # what an earlier walk left has been handed on already
        self.grad += 1.0
        for node in sorted(nodes, key=lambda node: node.number, reverse=True):  # users before their operands
            for parent, slope in node.parents:
                parent.grad += node.grad * slope

    def __repr__(self) -> str:
        return f"Value({self.value})"


def as_value(x: Any) -> Value:
    """Make a plain number a `Value`: a constant is an input whose `grad` nobody reads."""
    return x if isinstance(x, Value) else Value(x)
