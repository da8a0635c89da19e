"""The exercises of notebook 13: answers, and the verdict on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.lesson.exercises.kinds import choice, exercise, function, number, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong


def _shares(g: float, out: float, x: Any) -> Any:
    return g * np.exp(x - out)


_POINTS = tuple(np.array(x) for x in ([0.0, 1.0, -2.0], [3.0, 3.0], [1000.0, 999.0, 0.0]))


@exercise("13-1")
def _backward_of_logsumexp(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    slips: list[tuple[Callable[..., Any], str]] = [
        (lambda g, out, x: np.exp(x - out), "that is the local derivative: every term is multiplied by g"),
        (
            lambda g, out, x: g * np.exp(x),
            "each entry's share is e^x divided by the whole sum, which is e^out",
        ),
        (
            lambda g, out, x: g * np.exp(x) / out,
            "out is the sum's logarithm; divide by the sum itself, which is e^out",
        ),
        (lambda g, out, x: g * np.exp(out - x), "upside down: the share of an entry grows with the entry"),
        (
            lambda g, out, x: g * np.ones_like(x),
            "the entries do not all count the same: larger ones count more",
        ),
    ]
    found = []
    for x in _POINTS:
        out = float(np.max(x) + np.log(np.sum(np.exp(x - np.max(x)))))
        try:
            with np.errstate(all="ignore"):
                answer = given(0.5, out, x)
        except Exception as error:
            return wrong(f"it stops with {type(error).__name__} for x = {x.tolist()}: {error}")
        if answer is None or answer is ...:
            return unanswered("your function returns nothing yet")
        if isinstance(answer, tuple) and len(answer) == 1:
            (answer,) = answer
        if np.shape(answer) != x.shape:
            return wrong(
                f"the adjoint of x has the shape of x, {x.shape}; yours has shape {np.shape(answer)}"
            )
        found.append((out, x, np.asarray(answer, float)))

    def agrees(rule: Callable[..., Any]) -> bool:
        return all(np.allclose(a, rule(0.5, out, x), rtol=1e-6, atol=1e-12) for out, x, a in found[:2])

    if agrees(_shares):
        if not np.allclose(found[2][2], _shares(0.5, *found[2][:2])):
            return wrong(
                "the formula is right, but it overflows for x = [1000, 999, 0]: take differences before the "
                "exponential"
            )
        return right(
            "x̄ᵢ = ȳ · e^(xᵢ − out): the shares add up to ȳ, and nothing overflows. Their name is softmax"
        )
    for rule, words in slips:
        if agrees(rule):
            return wrong(words)
    return wrong("∂out/∂xᵢ = e^(xᵢ) / Σ e^(xⱼ), and log Σ e^(xⱼ) is at hand: it is out")


_CUBICS = tuple((g, float(out), float(out**3 + out)) for g, out in ((1.0, 1.0), (0.5, -0.7), (-2.0, 0.3)))

function(
    "13-2",
    [(arguments, arguments[0] / (3 * arguments[1] ** 2 + 1)) for arguments in _CUBICS],
    "(3x² + 1)·dx = dθ, at the solution; how it was found plays no part",
    [
        (lambda g, out, theta: g / (3 * theta**2 + 1), "F′ belongs at the solution, which is out, not at θ"),
        (lambda g, out, theta: g * (3 * out**2 + 1), "upside down: that is how θ answers to x"),
        (
            lambda g, out, theta: 1 / (3 * out**2 + 1),
            "that is the local derivative: the adjoint g is missing",
        ),
        (
            lambda g, out, theta: -g / (3 * out**2 + 1),
            "−F_θ / F_x, and F_θ is −1 here: the two minus signs cancel",
        ),
    ],
    hint="Differentiate both sides of x³ + x = θ by θ, and solve for dx/dθ.",
)

number(
    "13-3",
    float(np.pi / 2),
    "the missing term is sin 2x, and sin π = 0: at x = π/2 the wrong rule gives the right number",
    [
        (0.0, "at 0, indeed; but the question was for the smallest one that is positive"),
        (float(np.pi / 4), "at π/4 the *other* term, 2x cos 2x, is 0; the one that is missing is sin 2x"),
        (float(np.pi), "right, but there is a smaller one: sin 2x is 0 twice as often as sin x"),
    ],
    rel=1e-3,
    hint="the check is silent where the missing term, sin 2x, is 0",
)

choice(
    "13-4",
    "both",
    "on the way back the variable holds the last call's solution, for both calls: already the first derivative is "
    "wrong; and a noted number does not move with θ, so the second would be wrong after a single call",
    {
        "only the first": "a noted number is a constant to the next derivative, but x moves with θ: the second, too",
        "only the second": "that is so for a single call; but here the second call overwrites what the first noted, "
        "before the way back begins",
        "neither": "the way back begins when both calls are over: whose solution does the variable hold then?",
    },
    {
        "both": ("the first and the second", "first and second"),
        "only the first": ("first", "the first"),
        "only the second": ("second", "the second"),
        "neither": ("none",),
    },
)
