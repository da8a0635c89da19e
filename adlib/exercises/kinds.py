"""Verdicts, the registry, and the kinds of exercise."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np


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
        value = as_number(given)
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
            return wrong(f"answer with a function: its name, without calling it, not {quoted(given)}")
        results: list[float] = []
        for arguments, _ in cases:
            shown = ", ".join(quoted(a) for a in arguments)
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
            result = as_number(value)
            if isinstance(result, Verdict):
                return wrong(f"it returns {quoted(value)} for ({shown}), which is not one number")
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
        shown = ", ".join(quoted(a) for a in arguments)
        return wrong(f"for ({shown}) it gives {result:.10g}, not {target:.10g}. {hint}".rstrip())


def as_number(given: Any) -> float | Verdict:
    """Read a reader's answer as one finite number, or say why it is none."""
    if isinstance(given, bool | str | bytes | complex):
        return wrong(f"answer with a number, not {quoted(given)}")
    try:
        value = float(np.asarray(given, dtype=float)[()])
    except (TypeError, ValueError):
        return wrong(f"answer with one number, not {quoted(given)}")
    return value if np.isfinite(value) else wrong(f"{value} is not a finite number: look for where it began")


def quoted(given: Any) -> str:
    """Write a reader's answer for a message: short, and the same each time."""
    text = getattr(given, "__name__", None) or repr(given)
    text = re.sub(r" at 0x[0-9a-f]+", "", text)  # an address differs each time
    return text if len(text) <= 60 else text[:57] + "..."
