"""The exercises of notebook 01: answers, and the verdict on each."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.lesson.exercises.kinds import as_number, choice, exercise, function, number
from adlib.lesson.exercises.verdicts import Verdict, right, wrong

function(
    "01-1",
    [((x1, x2), float(x1 - np.cos(x2))) for x1, x2 in ((2.0, 5.0), (0.5, -1.0), (3.0, 0.2))],
    "log x₁ does not move with x₂, x₁x₂ moves at the rate x₁, and sin x₂ at the rate cos x₂",
    [
        (lambda x1, x2: x1 + np.cos(x2), "the sine is subtracted, and so is its derivative"),
        (lambda x1, x2: 1 / x1 + x2, "that is the derivative by x₁"),
        (
            lambda x1, x2: 1 / x1 + x1 - np.cos(x2),
            "log x₁ does not change when x₂ does: its derivative by x₂ is 0",
        ),
        (lambda x1, x2: x2 - np.cos(x2), "x₁ x₂ changes by x₁ for each unit of x₂, not by x₂"),
        (lambda x1, x2: x1 - np.sin(x2), "the derivative of a sine is a cosine"),
        (lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), "that is y itself; the exercise asks for ∂y/∂x₂"),
    ],
    hint="Three terms, three derivatives by x₂, with x₁ held still.",
)

number(
    "01-2",
    1.0,
    "one step multiplies θ by 1 − 2η; for η = 1 that is −1, so θ jumps from side to side and gets no nearer",
    [
        (0.5, "there 1 − 2η is 0: a single step arrives. Larger rates still get nearer, for a while"),
        (2.0, "one step makes (1 − 2η) θ of θ, not (1 − η) θ: the derivative of θ² is 2θ"),
        (0.0, "with a small positive rate it does get nearer, slowly"),
    ],
    hint="one step makes (1 − 2η) θ of θ. When is that no smaller than θ?",
)

_END = float(np.sqrt(np.pi))


@exercise("01-3")
def _where_f_ends(given: Any) -> Verdict:
    value = as_number(given)
    if isinstance(value, Verdict):
        return value
    if 1.77 <= value <= _END + 1e-4:  # 1.77 and longer; roundings of √π, too
        return right(
            "sin(x₂²) is positive up to x₂² = π, and 2 is more than any sine: f(2, x₂) exists for all x₂ "
            "between 0 and √π"
        )
    slips = [
        (np.pi, "it is x₂² that must stay below π, not x₂"),
        (_END / np.sqrt(2), "there sin(x₂²) is 1, its largest value, and 2 is more than that: f has a value"),
        (_END * np.sqrt(2), "there the sine is 0 for the second time; between, it is negative"),
    ]
    for slip, words in slips:
        if abs(value - slip) < 5e-3:
            return wrong(words)
    if value <= 0:
        return wrong("x₂ grows from 0, so it is positive")
    if abs(value - _END) < 0.02:
        there = "f still has a value" if value < _END else "f is nan already"
        return wrong(f"close, but at x₂ = {value:.6g} {there}: look between 1.76 and 1.78")
    return wrong(
        "both conditions: sin(x₂²) > 0, and 2 > sin(x₂²). Which of them fails first as x₂ grows from 0?"
    )


choice(
    "01-4",
    "stochastic",
    "which examples are drawn is a matter of chance, and so is the gradient: right on average, noisy in each step",
    {
        "plain": "plain gradient descent takes the gradient of the whole loss, over all examples, in every step",
    },
    {
        "stochastic": ("stochastic gradient descent", "SGD", "minibatch"),
        "plain": ("plain gradient descent", "gradient descent", "batch", "full batch"),
    },
)
