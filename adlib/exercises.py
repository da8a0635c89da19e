"""Exercises that check themselves and say why.

In a notebook the reader replaces the dots and runs the cell::

    answer = ...
    exercises.check("02-1", answer)

A verdict is one of three: *not answered yet*, *right* with the reason, or *wrong* with a hint for the
likeliest mistake.  As the last line of a cell it shows itself; ``bool(verdict)`` is true only for a right
answer.

>>> check("02-1", ...)
not answered yet: replace the ... and run this cell again
>>> check("02-1", "round-off").state
'right'

To add an exercise
    Call `choice`, `number` or `function` below with an id ``"notebook-number"`` and the words; anything
    else is a function from the answer to a `Verdict` under the decorator `exercise`.  A wrong answer that
    you expect gets its own hint, and a line in ``tests/test_exercises.py`` that proves it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from adlib import examples

__all__ = ["REGISTRY", "Verdict", "check", "choice", "exercise", "function", "number", "right", "wrong"]


@dataclass(frozen=True)
class Verdict:
    """What an exercise says to an answer.

    Attributes
    ----------
    state : {"not answered yet", "right", "wrong"}
    reason : str
        Why, or what to think about next.
    """

    state: Literal["not answered yet", "right", "wrong"]
    reason: str

    def __bool__(self) -> bool:
        return self.state == "right"

    def __repr__(self) -> str:
        return f"{self.state}: {self.reason}"

    def _repr_html_(self) -> str:
        mark, colour, back = {
            "not answered yet": ("○", "#59616b", "#f3f4f5"),
            "right": ("✔", "#00674f", "#e2f3ee"),
            "wrong": ("✘", "#a3261b", "#fbe9e7"),
        }[self.state]
        return (
            f'<div role="status" style="background:{back};color:#1b1f24;border-left:4px solid {colour};'
            f'padding:6px 12px;border-radius:4px"><b style="color:{colour}">{mark} {self.state}</b>: '
            f"{html.escape(self.reason)}</div>"
        )


def right(reason: str) -> Verdict:
    """Say that the answer is right, and why."""
    return Verdict("right", reason)


def wrong(hint: str) -> Verdict:
    """Say that the answer is wrong, and what to think about."""
    return Verdict("wrong", hint)


REGISTRY: dict[str, Callable[[Any], Verdict]] = {}
"""Every exercise by its id: a function from an answer to a verdict."""


def check(name: str, answer: Any = ...) -> Verdict:
    """Check an answer.

    Parameters
    ----------
    name : str
        The exercise's id, such as ``"02-1"``.
    answer : object
        A number, a function or a word, as the exercise asks; ``...`` and None are no answer yet.

    Returns
    -------
    Verdict

    Raises
    ------
    KeyError
        If there is no such exercise.

    Examples
    --------
    >>> check("02-2", 1e-3)
    wrong: 0.001 is where truncation still rules; √ε is about 1.5e-08
    """
    if name not in REGISTRY:
        raise KeyError(f"there is no exercise {name!r}; there are {', '.join(sorted(REGISTRY))}")
    if answer is None or answer is ...:
        return Verdict("not answered yet", "replace the ... and run this cell again")
    return REGISTRY[name](answer)


# Three kinds of exercise; most are one of them.


def exercise(name: str) -> Callable[[Callable[[Any], Verdict]], Callable[[Any], Verdict]]:
    """Register a function from an answer to a verdict under an id."""
    if not re.fullmatch(r"\d\d-\d+", name):
        raise ValueError(f"an exercise's id is notebook-number, such as '02-1', not {name!r}")
    if name in REGISTRY:
        raise ValueError(f"there already is an exercise {name}")

    def register(judge: Callable[[Any], Verdict]) -> Callable[[Any], Verdict]:
        REGISTRY[name] = judge
        return judge

    return register


def choice(name: str, answer: str, reason: str, others: Mapping[str, str]) -> None:
    """Register an exercise answered by one of several words.

    Parameters
    ----------
    name : str
    answer : str
        The right word; upper and lower case are the same.
    reason : str
        Why it is right.
    others : dict of str to str
        Each wrong word with its hint.
    """
    words = sorted([answer, *others])

    @exercise(name)
    def judge(given: Any) -> Verdict:
        if not isinstance(given, str):
            return wrong(f"answer with one of the words {', '.join(map(repr, words))}")
        word = given.strip().lower()
        if word == answer.lower():
            return right(reason)
        for other, hint in others.items():
            if word == other.lower():
                return wrong(hint)
        return wrong(f"{given!r} is not a choice here; answer with one of {', '.join(map(repr, words))}")


def number(
    name: str,
    answer: float,
    reason: str,
    slips: Sequence[tuple[float, str]] = (),
    rel: float = 1e-6,
    hint: str = "work it out once more, one step at a time",
) -> None:
    """Register an exercise answered by a number.

    Parameters
    ----------
    name : str
    answer : float
    reason : str
        Why it is right.
    slips : sequence of (float, str)
        What likely mistakes lead to, each with its hint.  Wrong sign, twice and half are recognised anyway.
    rel : float
        How far off, relatively, an answer may be.
    hint : str
        For wrong answers that no slip explains.
    """

    def near(given: float, target: float) -> bool:
        return abs(given - target) <= rel * max(abs(target), 1e-300)

    @exercise(name)
    def judge(given: Any) -> Verdict:
        value = _number(given)
        if isinstance(value, Verdict):
            return value
        if near(value, answer):
            return right(reason)
        for slip, words in slips:
            if near(value, slip):
                return wrong(words)
        if near(value, -answer):
            return wrong("the size is right, the sign is not: follow the signs through once more")
        if near(value, 2 * answer) or near(value, answer / 2):
            return wrong("a factor of 2 is too much or missing: which step doubles, which step halves?")
        if abs(value - answer) <= 0.01 * abs(answer):
            return wrong("close, but not to the digits asked for: did you round, or take too large a step?")
        return wrong(hint)


def function(
    name: str,
    cases: Sequence[tuple[tuple[Any, ...], float]],
    reason: str,
    slips: Sequence[tuple[Callable[..., Any], str]] = (),
    rel: float = 1e-6,
    hint: str = "",
) -> None:
    """Register an exercise answered by a function.

    Parameters
    ----------
    name : str
    cases : sequence of (arguments, result)
        What the function must return for what.
    reason : str
        Why it is right.
    slips : sequence of (callable, str)
        Functions that someone is likely to write instead, each with its hint.
    rel : float
        How far off, relatively, a result may be.
    hint : str
        Added for wrong functions that no slip explains.
    """

    def agrees(results: Sequence[float], targets: Sequence[float]) -> bool:
        return all(abs(r - t) <= rel * max(abs(t), 1e-12) for r, t in zip(results, targets, strict=True))

    targets = [target for _, target in cases]

    @exercise(name)
    def judge(given: Any) -> Verdict:
        if not callable(given):
            return wrong(f"answer with a function: its name, without calling it, not {_short(given)}")
        results: list[float] = []
        for arguments, _ in cases:
            shown = ", ".join(_short(a) for a in arguments)
            try:
                value = given(*arguments)
            except NotImplementedError:
                return Verdict("not answered yet", "write the function's body and run this cell again")
            except Exception as error:
                return wrong(f"it stops with {type(error).__name__} for ({shown}): {error}")
            if value is None or value is ...:
                if not results:
                    return Verdict("not answered yet", "your function returns nothing yet")
                return wrong(f"it returns nothing for ({shown})")
            result = _number(value)
            if isinstance(result, Verdict):
                return wrong(f"it returns {_short(value)} for ({shown}), which is not one number")
            results.append(result)
        if agrees(results, targets):
            return right(reason)
        for slip, words in slips:
            if agrees(results, [float(slip(*arguments)) for arguments, _ in cases]):
                return wrong(words)
        if agrees(results, [-t for t in targets]):
            return wrong("the size is right, the sign is not")
        if agrees(results, [2 * t for t in targets]) or agrees(results, [t / 2 for t in targets]):
            return wrong("a factor of 2 is too much or missing")
        pairs = zip(cases, results, strict=True)
        (arguments, target), result = next(p for p in pairs if not agrees([p[1]], [p[0][1]]))
        shown = ", ".join(_short(a) for a in arguments)
        return wrong(f"for ({shown}) it gives {result:.10g}, not {target:.10g}. {hint}".rstrip())


def _number(given: Any) -> float | Verdict:
    if isinstance(given, bool | str | bytes | complex):
        return wrong(f"answer with a number, not {_short(given)}")
    try:
        value = float(np.asarray(given, dtype=float)[()])
    except (TypeError, ValueError):
        return wrong(f"answer with one number, not {_short(given)}")
    return value if np.isfinite(value) else wrong(f"{value} is not a finite number: look for where it began")


def _short(given: Any) -> str:
    text = getattr(given, "__name__", None) or repr(given)
    text = re.sub(r" at 0x[0-9a-f]+", "", text)  # an address differs each time
    return text if len(text) <= 60 else text[:57] + "..."


# 00: the map.

choice(
    "00-1",
    "reverse mode",
    "one pass backward gives the derivative by every input; forward mode and differences take one run each",
    {
        "forward mode": "one pass gives one direction; how many directions does a gradient have?",
        "numerical": "count the runs of the function: one more for each input that is moved",
        "symbolic": "exact, but it needs the whole expression as a formula, and a network is a program",
    },
)

number(
    "00-2",
    1_001,
    "one value of f where you stand, and one more for each of the 1000 inputs",
    [
        (1_000, "each quotient also needs the value where you stand: once, and shared by all"),
        (2_000, "that is the central difference; the forward difference shares the value where you stand"),
        (
            1,
            "that is reverse mode, up to a small constant; differences move one input at a time",
        ),
        (2, "that is the derivative by one input; there are 1000"),
    ],
    rel=0,
    hint="count values of f: where you stand, and after each single move",
)

# 02: numerical differentiation.

choice(
    "02-1",
    "round-off",
    "left of the bottom the error grows as 1/h: a rounding of f, of fixed size, is divided by h",
    {
        "truncation": "truncation is the dropped Taylor terms; they shrink with h: look at the other slope",
        "both": "only one of them grows when h shrinks; the other is a power of h",
        "a bug": "the code is the formula; look at f(x + h) - f(x) for h = 1e-15: how many digits has it?",
    },
)


@exercise("02-2")
def _a_step_for_the_forward_difference(given: Any) -> Verdict:
    value = _number(given)
    if isinstance(value, Verdict):
        return value
    if value <= 0:
        return wrong("a step is positive here: a power of ten")
    if 5e-10 <= value <= 2e-7:
        return right("near √ε the two errors are equally large, and no other step does much better")
    if 1e-6 <= value <= 1e-4:
        return wrong("that is the central difference's step, near ∛ε; which step does the forward one want?")
    if value > 1e-4:
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
)

# 04: computational graphs.

number(
    "04-1",
    2.0**20,
    "each diamond doubles the number of paths, so there are 2 to the power 20, over only 80 edges",
    [
        (40, "2·20 would be one more pair for each diamond; but each path so far goes on in two ways"),
        (80, "that is the number of edges, 4 a diamond; how many ways are there through them?"),
        (400, "squaring 20 is not doubling 20 times"),
        (2.0**19, "count the first diamond too: after one diamond there are 2 paths"),
        (2.0**21, "before the first diamond there is 1 path, not 2"),
        (20, "that is the number of diamonds; how many ways lead through each?"),
    ],
    rel=0,
    hint="how many paths lead through 1 diamond, through 2, through 3?",
)


def _halvings(x: float) -> int:
    turns = 0
    while x > 1:
        x, turns = x / 2, turns + 1
    return turns


@exercise("04-2")
def _an_input_with_the_same_graph(given: Any) -> Verdict:
    value = _number(given)
    if isinstance(value, Verdict):
        return value
    if value == 5:
        return wrong("that is the input we began with; find another one")
    turns = _halvings(value)
    if turns == 3:
        return right(
            f"from {value:g} the loop turns three times too; so does every input above 4 and up to 8"
        )
    much = "once" if turns == 1 else "twice" if turns == 2 else f"{turns} times"
    edge = " (the loop stops at exactly 1)" if value == 4 else ""
    return wrong(f"from {value:g} the loop turns {much}{edge}, from 5 three times: 5, 2.5, 1.25, 0.625")


def _paths(operands: Sequence[Sequence[int]], start: int) -> int:
    paths = [0] * len(operands)
    paths[-1] = 1
    for row in range(len(operands) - 1, -1, -1):
        for used in operands[row]:
            paths[used] += paths[row]
    return paths[start]


def _direct_uses(operands: Sequence[Sequence[int]], start: int) -> int:
    return sum(list(used).count(start) for used in operands)


def _paths_without_repeats(operands: Sequence[Sequence[int]], start: int) -> int:
    return _paths([sorted(set(used)) for used in operands], start)


_OF_F = [[], [], [1], [2], [0, 3], [4], [5], [0, 6]]
_OF_DIAMONDS = [[], [0], [0], [1, 2], [3], [3], [4, 5]]
_OF_SQUARES = [[], [0, 0], [1, 1], [2, 2]]
_WITH_A_DEAD_ROW = [[], [0], [0], [1]]

function(
    "04-3",
    [
        ((operands, start), _paths(operands, start))
        for operands, start in (
            (_OF_F, 0),
            (_OF_F, 1),
            (_OF_DIAMONDS, 0),
            (_OF_DIAMONDS, 3),
            (_OF_SQUARES, 0),
            (_WITH_A_DEAD_ROW, 0),
            (_WITH_A_DEAD_ROW, 2),
        )
    ],
    "from the last row upwards, each row hands its number of paths to every row it uses, and they add up",
    [
        (
            _direct_uses,
            "that counts the uses of the row itself; each use goes on to y in its own number of ways",
        ),
        (_paths_without_repeats, "nearly: in x·x the operand is used twice, so it counts twice"),
    ],
    rel=0,
    hint="Give the last row 1 path and all others 0, then go from the last row up and add.",
)

number(
    "04-4",
    8,
    "v₃ must wait for v₁ and v₂ (2 orders of those), v₄ fits in at any of 4 places, v₅ is last: 2 · 4 = 8",
    [
        (120, "that is every order of five gates; but v₃ needs v₁ and v₂, and v₅ needs v₃ and v₄"),
        (24, "v₅ is last, yes; but v₃ cannot come before v₁ and v₂"),
        (2, "v₁ and v₂ can change places; but v₄ = sin(v₀) needs neither of them: where may it go?"),
        (6, "v₄ may come first, too: before both v₁ and v₂"),
        (4, "v₄ has four places; and v₁ and v₂ may change theirs"),
        (1, "the order in which it ran is one of them; which gates could have waited?"),
    ],
    rel=0,
    hint="which gates need which? Place v₁, v₂, v₃ first, then ask where v₄ fits in",
)

# 05: forward mode.

choice(
    "05-1",
    "v5",
    "v₅ = √v₄ grows with v₄, so v̇₅ must have the sign of v̇₄: +½ v₄^(−½) v̇₄",
    {
        "v1": "v₁ = v₀² grows with v₀ where v₀ > 0, at the rate 2 v₀: that row is right",
        "v2": "the sine's local derivative is the cosine: that row is right",
        "v3": "that is the quotient rule, signs and all: (v̇₋₁ v₂ − v₋₁ v̇₂) / v₂²",
        "v4": "the logarithm's local derivative is 1/v₃: that row is right",
        "v6": "that is the product rule, both terms with a plus: that row is right",
    },
)

number(
    "05-2",
    3,
    "one pass for each input; each pass gives the derivatives of all five outputs in that direction",
    [
        (5, "that would be one for each output; but one pass carries along the tangents of all outputs"),
        (15, "the Jacobian has 15 entries, but a pass gives a whole column of 5"),
        (8, "outputs cost no passes of their own: which of the two numbers counts?"),
        (1, "one pass gives one direction; how many directions span the inputs?"),
    ],
    rel=0,
    hint="one pass gives the derivative of every output in one direction",
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

# 07: reverse mode.

number(
    "07-1",
    3,
    "each of the two uses hands on 3; the second assignment overwrites the first, so 3 is left, not 3 + 3",
    [
        (6, "that is the derivative, and what += gives; with = the second contribution replaces the first"),
        (9, "that is x·x itself"),
        (0, "something does arrive: ȳ = 1 times the other factor"),
        (1, "ȳ = 1 is multiplied by the other factor before it arrives"),
    ],
    rel=0,
    hint="the product hands on twice, to its left and to its right operand, which are the same x",
)

choice(
    "07-2",
    "add",
    "both its local derivatives are 1, whatever the operands are: there is nothing to keep",
    {
        "multiply": "each factor's adjoint is multiplied by the other factor: both values are kept",
        "sin": "its local derivative is the cosine of the operand: that value is kept",
        "divide": "its local derivatives are 1/v and −u/v²: the values are kept",
        "log": "its local derivative is 1/v: the operand is kept",
        "sqrt": "its local derivative is 1/(2√v): the operand or the result is kept",
    },
)


def _neuron_slope(w: float, b: float, x: float, t: float) -> tuple[float, float]:
    z = np.tanh(w * x + b)
    bar = 2 * (z - t) * (1 - z * z)
    return float(bar * x), float(bar)


_NEURONS = ((0.5, -0.2, 1.5, 1.0), (-1.0, 0.3, 0.7, 0.0), (2.0, 0.0, -0.4, -0.5))


@exercise("07-3")
def _backward_through_a_neuron(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {_short(given)}")
    slips: list[tuple[Callable[..., tuple[float, ...]], str]] = [
        (
            lambda w, b, x, t: _neuron_slope(w, b, x, t)[::-1],
            "both are there, in the other order: return the adjoint of w first",
        ),
        (
            lambda w, b, x, t: tuple(s / 2 for s in _neuron_slope(w, b, x, t)),
            "the square's local derivative is 2 (z − t): the 2 is missing",
        ),
        (
            lambda w, b, x, t: tuple(-s for s in _neuron_slope(w, b, x, t)),
            "the sign is wrong: the square's local derivative by z is 2 (z − t)",
        ),
        (
            lambda w, b, x, t: tuple(s / (1 - np.tanh(w * x + b) ** 2) for s in _neuron_slope(w, b, x, t)),
            "the tanh is passed without its local derivative, 1 − z²",
        ),
        (
            lambda w, b, x, t: (_neuron_slope(w, b, x, t)[1] * w, _neuron_slope(w, b, x, t)[1]),
            "w̄ is the adjoint of the product times the *other* factor, which is x",
        ),
    ]
    results = []
    for arguments in _NEURONS:
        try:
            value = given(*arguments)
        except Exception as error:
            return wrong(f"it stops with {type(error).__name__} for {arguments}: {error}")
        if value is None or value is ...:
            return Verdict("not answered yet", "your function returns nothing yet")
        try:
            left, right_ = (float(v) for v in value)
        except (TypeError, ValueError):
            return wrong(f"return two numbers, the adjoints of w and of b, not {_short(value)}")
        results.append((left, right_))

    def agrees(other: Callable[..., tuple[float, ...]]) -> bool:
        return bool(np.allclose(results, [other(*a) for a in _NEURONS], rtol=1e-6, atol=1e-12))

    if agrees(_neuron_slope):
        return right("one pass back, and both derivatives are there; a network is the same, with more rows")
    for slip, words in slips:
        if agrees(slip):
            return wrong(words)
    return wrong("go back row by row: square, difference, tanh, sum, product; each multiplies what arrives")
