"""The exercises of notebook 11."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.exercises.kinds import choice, function, number

number(
    "11-1",
    24.0,
    "the inner derivative is 2xy at y = 2, so 4x; the outer function is 4x², and 8x at 3 is 24",
    [
        (
            12.0,
            "that is the inner derivative, 4x, at x = 3; the outer function is x times that, differentiated",
        ),
        (36.0, "that is the value of the outer function, 4x², at 3; differentiate it"),
        (
            16.0,
            "x moves in the outer question only; inside it stands still, but its rate got into the answer",
        ),
    ],
    rel=1e-9,
    hint="the inner derivative is a formula in x; write it down first",
)

choice(
    "11-2",
    "two of them",
    "forward over reverse pushes v through the gradient; reverse over forward is the gradient of ∇f·v: H v, both",
    {
        "forward over reverse": "that does it; but what is the gradient of the number ∇f · v, for a fixed v?",
        "reverse over forward": "that does it; but what does one forward pass along v make of the gradient?",
        "forward over forward": "a forward pass over a forward pass gives one number, w · H v, for two directions",
        "reverse over reverse": "that works as well, but two of the four on the list do, with less to keep",
    },
)


def _cubic(x: Any) -> Any:
    return np.sum(x**3) + x[0] * x[1]


def _wave(x: Any) -> Any:
    return np.sin(x[0]) * np.exp(x[1])


def _first(f: Callable[[Any], Any], x: Any, v: Any, h: float = 1e-5) -> float:
    return float((f(x + h * v) - f(x - h * v)) / (2 * h))


_X, _V = np.array([0.5, -1.0]), np.array([1.0, 2.0])

function(
    "11-3",
    [((_cubic, _X, _V), -17.0), ((_wave, _X, _V), float(np.exp(-1.0) * (3 * np.sin(0.5) + 4 * np.cos(0.5))))],
    "d/ds twice along a line is v · H v: two forward passes, one inside the other, and no matrix",
    [
        (_first, "that is the first derivative along v; differentiate once more"),
        (lambda f, x, v: _first(f, x, v) ** 2, "the square of the slope is not the slope of the slope"),
    ],
    rel=1e-6,
    hint="write D(lambda s: D(lambda t: f(x + t v), s), 0)",
)
