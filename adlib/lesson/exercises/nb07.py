"""The exercises of notebook 07: answers, and the verdict on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.lesson.exercises.kinds import choice, exercise, number, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong

number(
    "07-1",
    3,
    "each of the two uses hands on 3; the second assignment overwrites the first, so 3 is left, not 3 + 3",
    [
        (6, "that is the derivative, and what += gives; with = the second contribution replaces the first"),
        (9, "that is x·x itself"),
        (0, "something does arrive: ȳ = 1 times the other factor"),
        (1, "ȳ = 1 is multiplied by the other factor before it arrives"),
    ],
    rel=0,
    hint="the product hands on twice, to its left and to its right operand, which are the same x",
)

choice(
    "07-2",
    "add",
    "both its local derivatives are 1, whatever the operands are: no value to keep",
    {
        "multiply": "each factor's adjoint is multiplied by the other factor: both values are kept",
        "sin": "its local derivative is the cosine of the operand: that value is kept",
        "divide": "its local derivatives are 1/v and −u/v²: the values are kept",
        "log": "its local derivative is 1/v: the operand is kept",
        "sqrt": "its local derivative is 1/(2√v): the operand or the result is kept",
    },
    {
        "add": ("addition", "plus", "sum", "np.add"),
        "multiply": ("multiplication", "times", "product", "mul"),
        "divide": ("division", "quotient", "div"),
        "sin": ("sine",),
        "log": ("logarithm",),
        "sqrt": ("square root", "root"),
    },
)


def _neuron_slope(w: float, b: float, x: float, t: float) -> tuple[float, float]:
    z = np.tanh(w * x + b)
    bar = 2 * (z - t) * (1 - z * z)
    return float(bar * x), float(bar)


def _with_slope(w: float, b: float, x: float, t: float, slope: float) -> tuple[float, float]:
    bar = float(2 * (np.tanh(w * x + b) - t) * slope)
    return bar * x, bar


_NEURONS = ((0.5, -0.2, 1.5, 1.0), (-1.0, 0.3, 0.7, 0.0), (2.0, 0.0, -0.4, -0.5))


@exercise("07-3")
def _backward_through_a_neuron(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    slips: list[tuple[Callable[..., tuple[float, ...]], str]] = [
        (
            lambda w, b, x, t: _neuron_slope(w, b, x, t)[::-1],
            "both are there, in the other order: return the adjoint of w first",
        ),
        (
            lambda w, b, x, t: tuple(s / 2 for s in _neuron_slope(w, b, x, t)),
            "the square's local derivative is 2 (z − t): the 2 is missing",
        ),
        (
            lambda w, b, x, t: tuple(-s for s in _neuron_slope(w, b, x, t)),
            "the sign is wrong: the square's local derivative by z is 2 (z − t)",
        ),
        (
            lambda w, b, x, t: tuple(s / (1 - np.tanh(w * x + b) ** 2) for s in _neuron_slope(w, b, x, t)),
            "the tanh is passed without its local derivative, 1 − z²",
        ),
        (
            lambda w, b, x, t: _with_slope(w, b, x, t, 1 - (w * x + b) ** 2),
            "the tanh's local derivative is 1 − z² with its *result*, z = tanh s; not with s",
        ),
        (
            lambda w, b, x, t: _with_slope(w, b, x, t, 1 - np.tanh(w * x + b)),
            "the tanh's local derivative is 1 − z²: the square is missing",
        ),
        (
            lambda w, b, x, t: (_neuron_slope(w, b, x, t)[1] * w, _neuron_slope(w, b, x, t)[1]),
            "w̄ is the adjoint of the product times the *other* factor, which is x",
        ),
    ]
    results = []
    for arguments in _NEURONS:
        try:
            value = given(*arguments)
        except Exception as error:
            return wrong(f"it stops with {type(error).__name__} for {arguments}: {error}")
        if value is None or value is ...:
            return unanswered("your function returns nothing yet")
        try:
            left, right_ = (float(v) for v in value)
        except (TypeError, ValueError):
            return wrong(f"return two numbers, the adjoints of w and of b, not {quoted(value)}")
        results.append((left, right_))

    def agrees(other: Callable[..., tuple[float, ...]]) -> bool:
        return bool(np.allclose(results, [other(*a) for a in _NEURONS], rtol=1e-6, atol=1e-12))

    if agrees(_neuron_slope):
        return right("one pass back, and both derivatives are there; a network is the same, with more rows")
    for slip, words in slips:
        if agrees(slip):
            return wrong(words)
    good = [
        np.allclose(column, wanted, rtol=1e-6, atol=1e-12)
        for column, wanted in zip(
            zip(*results, strict=True), zip(*(_neuron_slope(*a) for a in _NEURONS), strict=True), strict=True
        )
    ]
    if good[0]:
        return wrong("w̄ is right, b̄ is not: b is added, so what arrives at the sum goes on to b as it is")
    if good[1]:
        return wrong("b̄ is right, w̄ is not: the product hands b̄'s number on, times the other factor, x")
    return wrong("go back row by row: square, difference, tanh, sum, product; each multiplies what arrives")
