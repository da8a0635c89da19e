"""Errors: they name the reader's own line, his own errors come through, and none leaves a trace behind."""

import math

import numpy as np
import pytest

import adlib
from adlib.errors import LostDerivativeError
from tests.unit.cases.entries import ENTRIES

X = np.array([1.0, 2.0, 3.0])


def test_the_line_named_is_the_readers_own():
    def f(x):
        y = x * 2.0
        return math.sin(y)

    with pytest.raises(LostDerivativeError, match=r"at line \d+ of f: return math\.sin\(y\)"):
        adlib.grad(f)(1.0)


def test_errors_of_the_function_come_through():
    def f(x):
        raise KeyError("mine")

    for differentiate in ENTRIES.values():
        with pytest.raises(KeyError, match="mine"):
            differentiate(f, 1.0)
    with pytest.raises(ValueError, match="matmul"):
        adlib.grad(lambda x: x @ np.ones(4))(X)
    with pytest.raises(IndexError):
        adlib.grad(lambda x: x[7])(X)
    with pytest.raises(TypeError, match="len"):
        adlib.grad(lambda x: x * len(x))(1.0)
    with pytest.raises(TypeError, match="not a sequence"):
        adlib.grad(lambda x: sum(x))(1.0)


def test_an_error_in_the_middle_leaves_no_state():
    def f(x):
        adlib.grad(lambda y: y * x)(1.0)
        raise RuntimeError

    for differentiate in ENTRIES.values():
        with pytest.raises(RuntimeError):
            differentiate(f, 1.0)
        assert adlib.grad(lambda x: x**3)(2.0) == 12.0
        assert adlib.jvp(lambda x: x**3, (2.0,), (1.0,)) == (8.0, 12.0)
