"""The exercises of notebook 12."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.derivatives import grad
from adlib.exercises.kinds import Verdict, choice, exercise, number, quoted, right, wrong


@exercise("12-1")
def _a_distance_with_a_gradient_where_points_meet(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    p, q = np.array([1.0, 2.0]), np.array([4.0, 6.0])
    with np.errstate(all="ignore"):
        try:
            apart, met = given(p, q), given(p, p)
        except Exception as error:  # the reader's code may raise anything
            return wrong(f"it stops with {type(error).__name__}: {error}")
        if apart is None:
            return Verdict("not answered yet", "your function returns nothing yet")
        if not np.allclose([apart, met], [5.0, 0.0], atol=1e-12):
            return wrong(
                f"the distance of (1, 2) and (4, 6) is 5, and of a point to itself 0; yours: {apart}, {met}"
            )
        try:
            slope = grad(given)(p, q)
        except TypeError as error:
            return wrong(f"adlib cannot follow it: {error}".splitlines()[0])
        try:
            there = grad(given)(p, p.copy())
        except TypeError:
            return wrong(
                "where they meet it returns a number that does not depend on p and q, and adlib asks whether that "
                "is meant: return 0.0 * squares there, or let np.where choose"
            )
    if not np.allclose(slope, [-0.6, -0.8]):
        return wrong(
            f"where the points are apart the gradient by p is (-0.6, -0.8); yours is {slope.tolist()}"
        )
    if np.any(np.isnan(there)):
        return wrong(
            "still nan where they meet: the root's argument must be safe there, too, inside the outer where"
        )
    if not np.allclose(there, 0.0):
        return wrong(f"where they meet the gradient is {there.tolist()}, not 0")
    return right(
        "the root never sees the 0 by which its slope is infinite, so nothing is 0 · ∞; and the value is the same"
    )


number(
    "12-2",
    0.16,
    "ẋ = 1/10 after the first step, then 1/10 − (4 · 1/10 − 1)/10 = 0.16; the equation's derivative is 1/4",
    [
        (0.1, "that is after one step; the second adds to it"),
        (0.2, "each step takes something away, too: 2xẋ/10"),
        (
            0.25,
            "that is the equation's derivative, 1/(2x); the question is what two steps of the program have",
        ),
        (0.0, "ȧ enters in the first step: ẋ = 0 − (0 − 1)/10"),
    ],
    rel=1e-9,
    hint="first step: ẋ = 0 − (2·2·0 − 1)/10; put that into the second",
)

choice(
    "12-3",
    "the derivative of a step is 0",
    "between two steps the function is flat, so 0 is exact, and no rate moves w; round only after training",
    {
        "a bug of the library": "measure the slope by a small difference: what do you get at 0.3?",
        "the learning rate": "any rate times 0 is 0",
    },
)
