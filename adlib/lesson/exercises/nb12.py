"""The exercises of notebook 12: answers, and the verdict on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.lesson.examples import article_network
from adlib.lesson.exercises.kinds import choice, exercise, number, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong

number(
    "12-1",
    0.064,
    "the mean's gradient is 640 times smaller, so the learning rate is 640 times larger",
    [
        (1e-4, "the mean's gradient is smaller than the sum's, so the same rate makes smaller steps"),
        (1e-4 / 640, "the other way round: the mean's gradient is already smaller"),
        (64e-4, "the mean is over all entries: 64 examples of 10 outputs each"),
        (10e-4, "the mean is over all entries: 64 examples of 10 outputs each"),
        (640, "that is the factor; times the learning rate of the sum"),
    ],
    hint="the step is the learning rate times the gradient; what does dividing the loss by 640 do to the gradient?",
)

_BATCH = "batch: each step sees 16 examples, chosen at random"
_ORDER = "order: each step sees all 64 examples, in a random order"
_WEIGHTS = "weights: each run starts from other random weights"
_RATE = "rate: a larger learning rate"

choice(
    "12-2",
    _BATCH,
    "16 examples give a gradient that is right on average only: that chance is what the S stands for",
    {
        _ORDER: "the loss is a sum over all examples, and a sum does not depend on the order",
        _WEIGHTS: "the start is then random, but each step from there is the exact gradient",
        _RATE: "a larger step along the exact gradient is still the exact gradient",
    },
    {
        _BATCH: ("batch", "minibatch", "batches"),
        _ORDER: ("order", "random order", "shuffling"),
        _WEIGHTS: ("weights", "random weights", "initial weights"),
        _RATE: ("rate", "learning rate", "a larger learning rate"),
    },
)

Gradients = tuple[Any, Any, Any, Any]


def _gradients(
    x: Any,
    y: Any,
    w1: Any,
    b1: Any,
    w2: Any,
    b2: Any,
    *,
    slope: Callable[[Any], Any] = lambda a: 1 - a**2,
    factor: float = 2.0,
) -> Gradients:
    a = np.tanh(x @ w1.T + b1)
    e_bar = factor * (a @ w2.T + b2 - y)
    z_bar = (e_bar @ w2) * slope(a)
    return z_bar.T @ x, z_bar.sum(axis=0), e_bar.T @ a, e_bar.sum(axis=0)


_SLIPS: list[tuple[dict[str, Any], str]] = [
    ({"factor": 1.0}, "the square's local derivative is 2 e: the 2 is missing"),
    ({"factor": -2.0}, "the sign is wrong: the error is the prediction minus the target"),
    ({"slope": np.ones_like}, "the adjoint passes the tanh without its local derivative, 1 − a²"),
    ({"slope": lambda a: a > 0}, "that is the ReLU's local derivative; the tanh's is 1 − a²"),
    ({"slope": lambda a: 1 - a}, "the local derivative is 1 − a²: the square is missing"),
    (
        {"slope": lambda a: 1 - np.arctanh(a) ** 2},
        "the local derivative is 1 − a², with a = tanh z, not 1 − z²",
    ),
]


@exercise("12-3")
def _backward_with_tanh(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    x, y, weights = article_network(3, sizes=(5, 4, 3, 2))
    arguments: tuple[Any, ...] = (x, y, *weights.values())
    try:
        value = given(*(a.copy() for a in arguments))
    except Exception as error:
        return wrong(f"it stops with {type(error).__name__}: {error}")
    if value is None or value is ...:
        return unanswered("your function returns nothing yet")
    if isinstance(value, tuple | list) and len(value) == 2 and np.ndim(value[0]) == 0:
        return wrong("that is what by_hand returns, loss and gradients; return the four gradients alone")
    if not isinstance(value, tuple | list) or len(value) != 4:
        much = f"{len(value)} things" if isinstance(value, tuple | list) else type(value).__name__
        return wrong(f"return four arrays, the gradients of w1, b1, w2 and b2, not {much}")
    for name, got, weight in zip(("w1", "b1", "w2", "b2"), value, weights.values(), strict=True):
        if np.shape(got) != weight.shape:
            hint = (
                "a bias is added to each row: sum over the rows"
                if weight.ndim == 1
                else "a gradient has the shape of what it belongs to; is it transposed?"
            )
            return wrong(f"the gradient of {name} has shape {np.shape(got)}, not {weight.shape}: {hint}")

    def agrees(other: Gradients) -> list[bool]:
        return [bool(np.allclose(g, o, rtol=1e-6, atol=1e-9)) for g, o in zip(value, other, strict=True)]

    matched = agrees(_gradients(*arguments))
    if all(matched):
        return right(
            "the ReLU's mask became 1 − a², and nothing else changed: every layer has its own way back"
        )
    for slip, words in _SLIPS:
        if all(agrees(_gradients(*arguments, **slip))):
            return wrong(words)
    halves = [
        " and ".join(
            name for name, good in zip(("w1", "b1", "w2", "b2"), matched, strict=True) if good is wanted
        )
        for wanted in (True, False)
    ]
    said = f"right for {halves[0]}, not for {halves[1]}" if halves[0] else "not one of the four is right"
    return wrong(f"{said}. Go back line by line: square, layer 2, tanh, layer 1")
