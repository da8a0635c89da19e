"""The exercises of notebook 14: answers, and the verdict on each."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.lesson.exercises.kinds import as_number, choice, exercise, number, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong
from adlib.study.cost import Counted, Counter

number(
    "14-1",
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
    "14-2",
    "forward over forward",
    "it gives one number, w · H v, for two directions v and w; all of H v would take a pass for each parameter",
    {
        "forward over reverse": "it does: one forward pass along v makes H v of the gradient",
        "reverse over forward": "it does: ∇f · v is one number, made by a forward pass, and its gradient is H v",
        "reverse over reverse": "it does: ∇f · v is one number, however it was made, and its gradient is H v; but "
        "the outer tape must keep the inner one",
    },
)


def _cubic(x: Any) -> Any:
    return np.sum(x**3) + x[0] * x[1]


def _wave(x: Any) -> Any:
    return np.sin(x[0]) * np.exp(x[1])


def _first(f: Callable[[Any], Any], x: Any, v: Any, h: float = 1e-5) -> float:
    return float((f(x + h * v) - f(x - h * v)) / (2 * h))


_X, _V = np.array([0.5, -1.0]), np.array([1.0, 2.0])

_CASES: list[tuple[Callable[[Any], Any], Any, Any, float]] = [
    (_cubic, _X, _V, -17.0),
    (_wave, _X, _V, float(np.exp(-1.0) * (3 * np.sin(0.5) + 4 * np.cos(0.5)))),
    (_cubic, np.append(_X, [0.3, 2.0, -0.7]), np.append(_V, [1.0, -0.5, 2.0]), -29.0),
]


def _grows_like_a_hessian(given: Callable[..., Any]) -> bool:
    """Run it with 5 and with 40 inputs: two passes cost about 8 times as much then, a Hessian 64 times."""
    counts = []
    for n in (5, 40):
        counter = Counter()
        with contextlib.suppress(TypeError):  # float(result), at the end: by then all is counted
            given(_cubic, Counted(np.linspace(0.5, 1.5, n), counter), Counted(np.ones(n), counter))
        counts.append(counter.operations)
    return counts[1] > 16 * counts[0]


def _calls(f: Callable[[Any], Any], calls: list[bool]) -> Callable[[Any], Any]:
    """Make an f that notes each of its calls: was the argument a plain array?"""

    def noting(x: Any) -> Any:
        calls.append(isinstance(x, np.ndarray) and x.dtype != object)
        return f(x)

    return noting


@exercise("14-3")
def _curvature_along_a_line(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    results, calls = [], list[bool]()
    for f, x, v, _ in _CASES:
        calls.clear()
        try:
            value = given(_calls(f, calls), x.copy(), v.copy())
        except Exception as error:  # the reader's code may raise anything
            return wrong(f"it stops with {type(error).__name__}: {error}")
        if value is None or value is ...:
            return unanswered("your function returns nothing yet")
        result = as_number(value)
        if isinstance(result, Verdict):
            return wrong(f"it returns {quoted(value)}, which is not one number")
        results.append(result)

    def agrees(rule: Callable[..., float], rel: float = 1e-6) -> bool:
        return bool(np.allclose(results, [rule(*case) for case in _CASES], rtol=rel, atol=0))

    for rule, words in (
        (lambda f, x, v, _: _first(f, x, v), "that is the first derivative along v; differentiate once more"),
        (lambda f, x, v, _: _first(f, x, v) ** 2, "the square of the slope is not the slope of the slope"),
        (lambda *case: -case[3], "the size is right, the sign is not"),
        (
            lambda *case: case[3] / 2,
            "a factor of 2 is missing: the term of second order is half the curvature",
        ),
    ):
        if agrees(rule):
            return wrong(words)
    if all(calls) and agrees(lambda *case: case[3], 1e-2):
        return wrong("that is a difference quotient, and rounded; differentiate twice instead")
    if not agrees(lambda *case: case[3]):
        return wrong("write D(lambda s: D(lambda t: f(x + t v), s), 0)")
    if _grows_like_a_hessian(given):
        return wrong(
            "the number is right, but the work grows with the square of the number of inputs, as a Hessian's does: "
            "two passes, one inside the other, are enough"
        )
    return right(
        "d/ds twice along a line is v · H v: the work grows as that of f does, and no matrix was made"
    )
