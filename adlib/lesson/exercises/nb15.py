"""The exercises of notebook 15: answers, and the verdict on each."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from adlib.engine.derivatives import grad
from adlib.lesson.exercises.kinds import choice, exercise, number, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong


@exercise("15-1")
def _a_distance_with_a_gradient_where_points_meet(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    with np.errstate(all="ignore"):
        try:
            values = [given(p.copy(), q.copy()) for p, q in _PAIRS]
        except Exception as error:  # the reader's code may raise anything
            return wrong(f"it stops with {type(error).__name__}: {error}")
        if values[0] is None or values[0] is ...:
            return unanswered("your function returns nothing yet")
        value = _wrong_value(values)
        if value is not None:
            return value
        gradient = _wrong_gradient(given)
        if gradient is not None:
            return gradient
    return right(
        "no root meets the 0 at which its slope is infinite, so nothing is 0 · ∞; and the value is the same"
    )


class _Noting(np.ndarray):
    """An array that notes which of NumPy's functions it meets."""

    met: ClassVar[set[str]] = set()

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        self.met.add(func.__name__)
        return super().__array_function__(func, types, args, kwargs)


_P, _O = np.array([1.0, 2.0]), np.zeros(2)
_PAIRS = ((_P, np.array([4.0, 6.0])), (_P, _P), (_O, np.array([3e-9, 4e-9])))


def _wrong_value(values: list[Any]) -> Verdict | None:
    try:
        apart, met, near = (float(value) for value in values)
    except (TypeError, ValueError):
        return wrong(f"return one number, not {quoted(values[0])}")
    if not np.allclose([apart, met], [5.0, 0.0], atol=1e-6):
        return wrong(
            f"the distance of (1, 2) and (4, 6) is 5, and of a point to itself 0; yours: {apart:g}, {met:g}"
        )
    if met != 0.0:
        return wrong(
            f"where they meet it gives {met:g}, not 0: a small number under the root keeps nan away, but it changes "
            "the value"
        )
    if not np.isclose(near, 5e-9, rtol=1e-6, atol=0):
        return wrong(
            f"the distance of (0, 0) and (3e-9, 4e-9) is 5e-9; yours: {near:g}: they are close, but apart"
        )
    return None


def _wrong_gradient(given: Any) -> Verdict | None:
    p, q = _PAIRS[0]
    try:
        slope = grad(given)(p, q)
    except TypeError as error:
        return wrong(f"adlib cannot follow it: {error}".splitlines()[0])
    _Noting.met.clear()
    given(p.view(_Noting), q.view(_Noting))
    if "norm" in _Noting.met:
        return wrong(
            "np.linalg.norm does it, and adlib's rule for it is written with care; do without it here"
        )
    if not np.allclose(slope, [-0.6, -0.8]):
        return wrong(
            f"where the points are apart the gradient by p is (-0.6, -0.8); yours is {slope.tolist()}"
        )
    # An `if` may return a plain 0.0, of which grad warns.  Here it is meant.
    try:
        there = grad(lambda p, q: given(p, q) + 0.0 * np.sum(p))(_P, _P.copy())
    except TypeError as error:
        return wrong(f"where they meet adlib cannot follow it: {error}".splitlines()[0])
    if np.any(np.isnan(there)):
        return wrong(
            "still nan where they meet: the root's argument must be safe there, too, inside the outer where"
        )
    if not np.allclose(there, 0.0):
        return wrong(f"where they meet the gradient is {there.tolist()}, not 0")
    return None


number(
    "15-2",
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
    "15-3",
    "the derivative of a step is 0",
    "between two steps the function is flat, so 0 is exact, and no rate moves w; round only after training",
    {
        "a bug of the library": "measure the slope by a small difference: what do you get at 0.3?",
        "the learning rate": "any rate times 0 is 0",
    },
    {
        "the derivative of a step is 0": ("derivative is 0", "the derivative is 0", "zero derivative"),
        "a bug of the library": ("a bug", "bug"),
        "the learning rate": ("learning rate", "a small learning rate"),
    },
)
