"""The exercises of notebook 03: answers, and the verdict on each."""

from __future__ import annotations

from typing import Any

from adlib.lesson.exercises.kinds import choice, count, exercise, quoted
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong

count(
    "03-1",
    91,
    "s → 2s + 5: 1, 7, 19, 43, 91; each step more than doubles it, although the program only runs one line again",
    [
        (43, "that is l₄; once more"),
        (187, "that is l₆; l₁ = x has 1 part, so there are four steps to l₅"),
        (15, "that many different parts there are, as a DAG; the tree writes each copy"),
        (90, "the whole counts as a part, too: 4·l·(1 − l) has 5 parts besides the two copies of l"),
        (376, "that is the derivative of l₅"),
    ],
    hint="Start from 1 and apply s → 2s + 5 four times.",
)


@exercise("03-2")
def _the_rule_for_exp(given: Any) -> Verdict:
    if not callable(given):
        return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
    try:
        tree = given("u", "du")
    except Exception as error:  # the reader's code may raise anything
        return wrong(f"it stops with {type(error).__name__}: {error}")
    if tree is None:
        return unanswered("your function returns nothing yet")
    if tree in (("mul", ("exp", "u"), "du"), ("mul", "du", ("exp", "u"))):
        return right("exp is its own derivative, at the inside; times the derivative of the inside")
    if tree == ("exp", "u"):
        return wrong("that is the outside's derivative; the inside moves, too: times du")
    if tree in (("exp", "du"), ("mul", ("exp", "du"), "u")):
        return wrong("the outside's derivative is taken at u, not at du")
    if not isinstance(tree, tuple):
        return wrong(f"return a tree, a tuple that begins with an operation, not {quoted(tree)}")
    return wrong(f"for u and du it gives {quoted(tree)}; compare the case of sin")


choice(
    "03-3",
    "x ← x · sin x",
    "x · sin x mentions the step before twice, so the tree doubles; the others mention it once",
    {
        "x ← sin x": "a sine mentions what is inside once; its derivative grows, but only as the square of n",
        "x ← x**2": "x**2 mentions x once, as a tree: a power with two operands, one of which is a number",
        "x ← x + 1": "the derivative is 1, after any number of steps",
    },
    {"x ← x · sin x": ("x * sin(x)", "x · sin x"), "x ← sin x": ("sin x",), "x ← x + 1": ("x + 1",)},
)
