"""The exercises of notebook 02: answers, and the verdict on each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from adlib.lesson import examples
from adlib.lesson.exercises.kinds import as_number, choice, exercise, function
from adlib.lesson.exercises.verdicts import Verdict, right, wrong

choice(
    "02-1",
    "round-off",
    "left of the bottom the error grows as 1/h: a rounding of f, of fixed size, is divided by h",
    {
        "truncation": "truncation is the dropped Taylor terms; they shrink with h: look at the other slope",
        "both": "only one of them grows when h shrinks; the other is a power of h",
        "a bug": "the code is the formula; look at f(x + h) - f(x) for h = 1e-15: how many digits has it?",
    },
    {
        "round-off": ("rounding", "rounding error", "round-off error", "cancellation"),
        "truncation": ("truncation error",),
        "a bug": ("bug",),
    },
)


@exercise("02-2")
def _a_step_for_the_forward_difference(given: Any) -> Verdict:
    value = as_number(given)
    if isinstance(value, Verdict):
        return value
    if value <= 0:
        return wrong("a step is positive here: a power of ten")
    if 5e-10 <= value <= 2e-7:
        return right("near √ε the two errors are equally large, and no other step does much better")
    if 1e-6 <= value <= 1e-4:
        return wrong("that is the central difference's step, near ∛ε; which step does the forward one want?")
    if value > 2e-7:
        return wrong(f"{value:.3g} is where truncation still rules; √ε is about 1.5e-08")
    return wrong(f"{value:.3g} is where round-off rules: {2.2e-16 / value:.0e} of f's size is left as error")


def _forward(f: Callable[[float], float], x: float, h: float) -> float:
    return (f(x + h) - f(x)) / h


def _central(f: Callable[[float], float], x: float, h: float) -> float:
    return (f(x + h) - f(x - h)) / (2 * h)


def _five_point(f: Callable[[float], float], x: float, h: float) -> float:
    return (-f(x + 2 * h) + 8 * f(x + h) - 8 * f(x - h) + f(x - 2 * h)) / (12 * h)


def _fifth(x: float) -> float:
    return x**5


def _l4(x: float) -> float:
    return float(examples.logistic(x, 4))


_fifth.__name__, _l4.__name__ = "x⁵", "l₄"  # what a hint calls them

function(
    "02-3",
    [
        ((g, x, h), _five_point(g, x, h))
        for g, x, h in ((_fifth, 1.0, 0.5), (_l4, 0.2, 0.01), (_fifth, -0.5, 0.25))
    ],
    "(4 D(h) - D(2h)) / 3 drops the h² term; what is left shrinks as h⁴",
    [
        (_central, "that is the central difference itself: combine two of them, with steps h and 2h"),
        (_forward, "that is the forward difference; start from the central one"),
        (
            lambda f, x, h: (4 * _central(f, x, h / 2) - _central(f, x, h)) / 3,
            "the right combination, of h/2 and h; the exercise asks for h and 2h",
        ),
        (
            lambda f, x, h: 2 * _central(f, x, h) - _central(f, x, 2 * h),
            "that drops an error of size h; here it is h²: doubling h makes it 4 times as large",
        ),
        (
            lambda f, x, h: (4 * _central(f, x, 2 * h) - _central(f, x, h)) / 3,
            "the weights are swapped: the better difference, with the smaller step, gets the 4",
        ),
        (
            lambda f, x, h: (_central(f, x, h) + _central(f, x, 2 * h)) / 2,
            "a mean keeps the h² term; choose weights a + b = 1 with a + 4b = 0",
        ),
        (
            lambda f, x, h: 4 * _central(f, x, h) - _central(f, x, 2 * h),
            "the weights 4 and -1 add up to 3: divide by it",
        ),
    ],
    rel=1e-9,
    hint="Write D(h) for the central difference and solve D(h) = f' + a h², D(2h) = f' + 4 a h² for f'.",
)

choice(
    "02-4",
    "abs",
    "abs returns a real number, so the imaginary part, which held the derivative, is gone",
    {
        "exp": "exp is analytic: exp(x + ih) = exp(x)(cos h + i sin h) has the imaginary part we want",
        "sqrt": "sqrt is analytic wherever its argument is not a negative number or 0",
        "sin": "sin is analytic everywhere, and NumPy's takes complex numbers",
    },
    {
        "abs": ("np.abs", "absolute value", "|x|"),
        "exp": ("np.exp",),
        "sqrt": ("np.sqrt",),
        "sin": ("np.sin",),
    },
)
