"""The exercises of notebook 06: answers, and the verdict on each."""

from __future__ import annotations

from typing import Any

import numpy as np

from adlib.lesson.exercises.kinds import choice, exercise, number, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong

number(
    "06-1",
    10,
    "2·(−1) + 3·4 = 10; the fourth product, 3·(−1), has ε² and is gone",
    [
        (-3, "that is the product of the two coefficients of ε, which belongs to ε², and is gone"),
        (14, "mind the sign of −ε: 2·(−1)"),
        (7, "that is 10 − 3: the product with ε² is 0"),
        (8, "that is the real part"),
        (12, "3·4 is one of two products with a single ε"),
    ],
    rel=0,
    hint="the real part of each times the ε part of the other",
)


@exercise("06-2")
def _the_quotient_of_dual_numbers(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    for u, u_dot, v, v_dot in ((6.0, 1.0, 2.0, 0.5), (1.0, 0.0, 4.0, 1.0), (3.0, -2.0, -0.5, 0.25)):
        try:
            found = given(u, u_dot, v, v_dot)
        except Exception as error:  # the reader's code may raise anything
            return wrong(f"it stops with {type(error).__name__}: {error}")
        if found is None:
            return unanswered("your function returns nothing yet")
        try:
            pair = np.array(found, float)
        except (TypeError, ValueError):
            pair = np.zeros(0)
        if pair.shape != (2,):
            return wrong(f"return two numbers, as a tuple, not {quoted(found)}")
        found = pair
        if not np.isclose(found[0], u / v):
            return wrong(
                f"the real part of ({u} + {u_dot}ε)/({v} + {v_dot}ε) is {u / v:g}; yours is {found[0]:g}"
            )
        dot = (u_dot * v - u * v_dot) / v**2
        if np.isclose(found[1], -dot):
            return wrong("the size is right, the sign is not: the numerator's tangent comes with a plus")
        if np.isclose(found[1], dot * v**2):
            return wrong("the numerator is right; divide it by v²")
        if not np.isclose(found[1], dot):
            return wrong(
                f"the coefficient of ε in ({u} + {u_dot}ε)/({v} + {v_dot}ε) is {dot:g}; yours is {found[1]:g}. "
                "The bottom becomes (v + v̇ε)(v − v̇ε) = v²."
            )
    return right("(u + u̇ε)(v − v̇ε) over v²: the quotient rule, from algebra alone")


choice(
    "06-3",
    "overloading",
    "overloading sees only the operations on numbers; a transformation must have been taught every statement",
    {"transformation": "it must read the text of every function, and understand each statement in it"},
    {
        "overloading": ("operator overloading", "overload", "overloaded operators"),
        "transformation": ("source transformation", "source code transformation", "rewriting"),
    },
)
