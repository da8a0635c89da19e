"""The exercises of notebook 05: answers, and the verdict on each."""

from __future__ import annotations

import numpy as np

from adlib.lesson import examples
from adlib.lesson.exercises.kinds import choice, count, function, number

choice(
    "05-1",
    "v₅",
    "v₅ = √v₄ grows with v₄, so v̇₅ must have the sign of v̇₄: +½ v₄^(−½) v̇₄",
    {
        "v₁": "v₁ = v₀² grows with v₀ where v₀ > 0, at the rate 2 v₀: that row is right",
        "v₂": "the sine's local derivative is the cosine: that row is right",
        "v₃": "that is the quotient rule, signs and all: (v̇₋₁ v₂ − v₋₁ v̇₂) / v₂²",
        "v₄": "the logarithm's local derivative is 1/v₃: that row is right",
        "v₆": "that is the product rule, both terms with a plus: that row is right",
    },
    {f"v{low}": (f"v̇{low}", f"row {k}", str(k)) for k, low in enumerate("₁₂₃₄₅₆", 1)},
)

count(
    "05-2",
    3,
    "one pass for each input; each pass gives the derivatives of all five outputs in that direction",
    [
        (5, "that would be one for each output; but one pass carries along the tangents of all outputs"),
        (15, "the Jacobian has 15 entries, but a pass gives a whole column of 5"),
        (8, "outputs cost no passes of their own: which of the two numbers counts?"),
        (1, "one pass gives one direction; how many directions span the inputs?"),
    ],
    hint="One pass gives the derivative of every output in one direction.",
)

number(
    "05-3",
    float(-examples.df_dx1(2.0, 1.0) / examples.df_dx2(2.0, 1.0)),
    "ẏ = 1.4678 ẋ₁ − 1.3802 ẋ₂ is 0 there: to first order, f stays the same in that direction",
    [
        (
            float(-examples.df_dx2(2.0, 1.0) / examples.df_dx1(2.0, 1.0)),
            "upside down: ẋ₁ = 1 is given, and ẋ₂ asked for",
        ),
        (1.0, "then ẏ = 1.4678 − 1.3802, which is small, but not 0"),
        (0.0, "then ẏ is ∂f/∂x₁, which is not 0"),
    ],
    rel=1e-3,
    hint="ẏ is linear in the seed: ẏ = a ẋ₁ + b ẋ₂. You know a and b from two passes; solve for ẋ₂",
)


def _rate_of_survey(x1: float, x2: float, x1_dot: float, x2_dot: float) -> float:
    return x1_dot / x1 + x1_dot * x2 + x1 * x2_dot - np.cos(x2) * x2_dot  # type: ignore[no-any-return]


function(
    "05-4",
    [
        (arguments, _rate_of_survey(*arguments))
        for arguments in ((2.0, 5.0, 1.0, 0.0), (2.0, 5.0, 0.0, 1.0), (0.5, -1.0, 0.3, -2.0))
    ],
    "each of the five rows has its own local rule, and nobody needed the formula of the whole",
    [
        (
            lambda x1, x2, d1, d2: d1 / x1 + d1 * x2 + x1 * d2 + np.cos(x2) * d2,
            "the last row is a difference: its second tangent comes with a minus",
        ),
        (
            lambda x1, x2, d1, d2: d1 / x1 + d1 * d2 - np.cos(x2) * d2,
            "the product's tangent is not the product of the tangents: u̇v + uv̇",
        ),
        (
            lambda x1, x2, d1, d2: d1 / x1 + x1 * d2 - np.cos(x2) * d2,
            "the product's tangent has two terms, u̇v + uv̇: the first is missing",
        ),
        (
            lambda x1, x2, d1, d2: d1 / x1 + d1 * x2 - np.cos(x2) * d2,
            "the product's tangent has two terms, u̇v + uv̇: the second is missing",
        ),
        (
            lambda x1, x2, d1, d2: 1 / x1 + d1 * x2 + x1 * d2 - np.cos(x2),
            "local derivatives alone are not enough: each is multiplied by the operand's tangent",
        ),
        (
            lambda x1, x2, d1, d2: np.log(x1) + x1 * x2 - np.sin(x2),
            "that is y itself; the exercise asks for ẏ",
        ),
    ],
    hint="Write a tangent for each of v₁ … v₅, with the local rule of its gate only.",
)
