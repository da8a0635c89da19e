"""What a matrix gate is, and the words that the rows use."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.engine.custom import CustomGate
from adlib.errors import explain
from adlib.gates.shaping import operand, shape_of

Pair = tuple[Any, Any]
REGULAR = "The matrix is singular; a derivative needs an inverse."


class MatrixGate(CustomGate):
    """A gate whose forward rule is the differential of a matrix function.

    Attributes
    ----------
    regular : str
        What the derivative needs of the matrix.
    """

    of_the_table = True

    def __init__(self, function: Callable[..., Any], regular: str) -> None:
        super().__init__(function, name=function.__name__.strip("_"))
        self.regular = regular

    def _answer(self, kind: str, rule: Any, *rest: Any) -> Any:
        try:
            return super()._answer(kind, rule, *rest)
        except np.linalg.LinAlgError as error:
            if "np.linalg" in str(error):  # a rule inside this one has said it
                raise
            problem = f"np.linalg, {self.name}: at this matrix there is no derivative"
            raise np.linalg.LinAlgError(explain(problem, self.regular)) from None

    def _insist_on_linear(self, *_: Any) -> None:
        """Take it as tested."""


def matrix_gate(regular: str) -> Callable[[Callable[..., Any]], MatrixGate]:
    """Make a gate of the decorated value function; `regular` tells what its derivative needs."""
    return lambda function: MatrixGate(function, regular)


def transposed(a: Any) -> Any:
    """Return Aᵀ, of each matrix of a stack."""
    return np.swapaxes(a, -1, -2)


def identity(a: Any) -> Any:
    """Return the identity that a is multiplied by from the right."""
    return np.eye(shape_of(a)[-1], dtype=a.dtype)


def diagonal(a: Any) -> Any:
    """Return the diagonal, of each matrix of a stack."""
    return np.diagonal(a, 0, -2, -1)


def matrix(a: Any, name: str) -> Any:
    """Return `a` as a matrix of floats, or a stack of them."""
    a = operand(a)
    if len(shape_of(a)) < 2:
        problem = f"np.linalg.{name}: an operand has shape {shape_of(a)}, and a matrix has two axes"
        raise np.linalg.LinAlgError(explain(problem, "Give it a matrix, or a stack of matrices."))
    return a if a.dtype.kind == "f" else a.astype(float)


def symmetric(a: Any, triangle: str) -> Any:
    """Fill the other triangle, which NumPy does not read."""
    lower = a if triangle.upper() == "L" else transposed(a)
    return np.tril(lower) + transposed(np.tril(lower, -1))


@functools.cache
def named(f: Callable[..., Any]) -> Any:
    """Return the named tuple that a function of NumPy's answers with."""
    return type(f(np.eye(1)))
