"""The registry, how an answer is checked and a question asked, and the kinds of exercise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from adlib.lesson.exercises.verdicts import Options, Solution, Verdict, right, unanswered, wrong

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

    Raises
    ------
    KeyError
        If there is no such exercise.

    Examples
    --------
    >>> check("02-2", 1e-3)
    wrong: 0.001 is where truncation still rules; √ε is about 1.5e-08
    """
    judge = _judge(name)
    if answer is None or answer is ...:
        if isinstance(judge, Choice):
            return judge.unanswered()
        return unanswered("replace the ... and run this cell again")
    return judge(answer)


def ask(name: str) -> Options:
    """Show the options of a question; in a notebook each opens, and says whether it is right, and why.

    Parameters
    ----------
    name : str
        The id of an exercise that is answered by a choice.

    Returns
    -------
    Options
        In a console it lists the options, for `check`.

    Raises
    ------
    KeyError
        If there is no such exercise.
    ValueError
        If it is answered by a number or a function.

    Examples
    --------
    >>> ask("01-4")
    not answered yet: exercises.check("01-4", answer), where answer is one of 'plain', 'stochastic'
    """
    judge = _judge(name)
    if not isinstance(judge, Choice):
        raise ValueError(f'exercise {name} has no options to choose from: use check("{name}", answer)')
    return Options(name, [(option, judge.verdicts[option]) for option in judge.options])


def solution(name: str, answer: Any, *lines: str) -> Solution:
    """Check a solution, and fold away what it says.

    Parameters
    ----------
    name : str
        The exercise's id.
    answer : object
        As for `check`.
    *lines : str
        What else the solution shows; it is folded, too.

    Raises
    ------
    KeyError
        If there is no such exercise.

    Examples
    --------
    >>> solution("06-1", 2 * -1 + 3 * 4, f"{2 * -1} + {3 * 4}")
    -2 + 12
    right: 2·(−1) + 3·4 = 10; the fourth product, 3·(−1), has ε² and is gone
    """
    return Solution(name, check(name, answer), lines)


def _judge(name: str) -> Callable[[Any], Verdict]:
    if name not in REGISTRY:
        raise KeyError(f"there is no exercise {name!r}; there are {', '.join(sorted(REGISTRY))}")
    return REGISTRY[name]


# Four kinds of exercise; most are one of them.  All have a `name`, the right `answer`, the `reason` why it is right,
# and `slips`: what likely mistakes lead to, each with its hint.  `hint` is for wrong answers that no slip explains, and
# `rel` is how far off, relatively, a number may be.


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


@dataclass(frozen=True)
class Choice:
    """A question with options: what is said to each, and the other words for it that are understood."""

    verdicts: Mapping[str, Verdict]
    options: Sequence[str]
    words: Mapping[str, str] = field(repr=False)

    def __call__(self, given: Any) -> Verdict:
        """Say what is said to the option that was meant; a word that means none of them is no answer yet."""
        option = self.words.get(_bare(given)) if isinstance(given, str) else None
        return self.unanswered() if option is None else self.verdicts[option]

    def unanswered(self) -> Verdict:
        """Say what there is to choose from."""
        return unanswered(f"choose one of {', '.join(map(repr, self.options))}")


def _bare(word: str) -> str:
    # 'Round-off', 'round off' and 'roundoff' are one word; so are v₅, v_5 and v5.
    return re.sub(r"[\s_-]", "", unicodedata.normalize("NFKC", word).casefold())


def choice(
    name: str,
    answer: str,
    reason: str,
    others: Mapping[str, str],
    also: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """Register an exercise answered by one of several options.

    Options stand in the order of the alphabet, so that their order says nothing.

    Parameters
    ----------
    answer : str
        The right option.  Upper and lower case, hyphens and blanks make no difference.
    others : dict of str to str
        Each wrong option with its hint.
    also : dict of str to sequence of str, optional
        Other words for an option, which a reader who types may use.
    """
    verdicts = {answer: right(reason)} | {other: wrong(hint) for other, hint in others.items()}
    words: dict[str, str] = {}
    for option in verdicts:
        for word in (option, *(also or {}).get(option, ())):
            if words.setdefault(_bare(word), option) != option:
                raise ValueError(f"exercise {name}: {word!r} stands for two options")
    if strangers := set(also or {}) - set(verdicts):
        raise ValueError(f"exercise {name}: other words for {sorted(strangers)}, which are no options")
    exercise(name)(Choice(verdicts, sorted(verdicts, key=str.casefold), words))


def number(
    name: str,
    answer: float,
    reason: str,
    slips: Sequence[tuple[float, str]] = (),
    rel: float = 1e-6,
    hint: str = "work it out once more, one step at a time",
) -> None:
    """Register an exercise answered by a number.

    Wrong sign, twice and half are recognised without a slip.
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


def count(
    name: str,
    answer: int,
    reason: str,
    slips: Sequence[tuple[int, str]] = (),
    hint: str = "count once more, one by one",
) -> None:
    """Register an exercise that asks how many."""

    @exercise(name)
    def judge(given: Any) -> Verdict:
        value = as_number(given)
        if isinstance(value, Verdict):
            return value
        if value == answer:
            return right(reason)
        for slip, words in slips:
            if value == slip:
                return wrong(words)
        if value < 0 or value != round(value):
            return wrong(f"it is a number of things: whole, and not negative. {hint}")
        if abs(value - answer) == 1:
            return wrong(f"one too {'many' if value > answer else 'few'}. {hint}")
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
    cases : sequence of (arguments, result)
        What the function must return for what.
    slips : sequence of (callable, str)
        Functions that someone is likely to write instead, each with its hint.
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
                return unanswered("write the function's body and run this cell again")
            except Exception as error:
                return wrong(f"it stops with {type(error).__name__} for ({shown}): {error}")
            if value is None or value is ...:
                if not results:
                    return unanswered("your function returns nothing yet")
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
