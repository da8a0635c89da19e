"""The exercises of notebook 04: answers, and the verdict on each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from adlib.lesson.exercises.kinds import as_number, count, exercise, function
from adlib.lesson.exercises.verdicts import Verdict, right, wrong

count(
    "04-1",
    2**20,
    "each diamond doubles the number of paths, so there are 2 to the power 20, over only 80 edges",
    [
        (40, "2·20 would be one more pair for each diamond; but each path so far goes on in two ways"),
        (80, "that is the number of edges, 4 a diamond; how many ways are there through them?"),
        (400, "squaring 20 is not doubling 20 times"),
        (2**19, "count the first diamond too: after one diamond there are 2 paths"),
        (2**21, "before the first diamond there is 1 path, not 2"),
        (2**20 - 1, "that is the sum 1 + 2 + … + 2¹⁹; a path goes through all 20 diamonds: multiply"),
        (20, "that is the number of diamonds; how many ways lead through each?"),
    ],
    hint="How many paths lead through 1 diamond, through 2, through 3?",
)


def _halvings(x: float) -> int:
    turns = 0
    while x > 1:
        x, turns = x / 2, turns + 1
    return turns


@exercise("04-2")
def _an_input_with_the_same_graph(given: Any) -> Verdict:
    value = as_number(given)
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

count(
    "04-4",
    8,
    "v₃ must wait for v₁ and v₂ (2 orders of those), v₄ fits in at any of 4 places, v₅ is last: 2 · 4 = 8",
    [
        (120, "that is every order of five gates; but v₃ needs v₁ and v₂, and v₅ needs v₃ and v₄"),
        (24, "v₅ is last, yes; but v₃ cannot come before v₁ and v₂"),
        (2, "v₁ and v₂ can change places; but v₄ = sin(v₀) needs neither of them: where may it go?"),
        (6, "v₄ may come first, too: before both v₁ and v₂"),
        (16, "v₁ and v₂ come in 2 orders, and v₄ has 4 places: does anything else still move?"),
        (4, "v₄ has four places; and v₁ and v₂ may change theirs"),
        (1, "the order in which it ran is one of them; which gates could have waited?"),
    ],
    hint="Which gates need which? Place v₁, v₂, v₃ first, then ask where v₄ fits in.",
)
