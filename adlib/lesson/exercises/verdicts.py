"""What an exercise shows: a verdict, the options of a question, a solution that is folded."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from adlib.study.palette import INK, MUTED, WARNING

# Styles stand on the elements themselves: no page that shows a saved notebook loads a style sheet of ours, and
# some drop even these.  Then plain words in plain <details> are left, which say the same.
_LOOKS = {
    "not answered yet": ("○", MUTED, "#f3f4f5"),
    "right": ("✔", "#00674f", "#e2f3ee"),
    "wrong": ("✘", WARNING, "#fbe9e7"),
}


@dataclass(frozen=True)
class Verdict:
    """What an exercise says to an answer.

    Attributes
    ----------
    state : {"not answered yet", "right", "wrong"}
    reason : str
        Why, or what to think about next.

    Examples
    --------
    >>> Verdict("wrong", "count the passes")
    wrong: count the passes
    >>> bool(Verdict("right", "one pass is enough"))
    True
    """

    state: Literal["not answered yet", "right", "wrong"]
    reason: str

    def __bool__(self) -> bool:
        return self.state == "right"

    def __repr__(self) -> str:
        return f"{self.state}: {self.reason}"

    def _repr_html_(self) -> str:
        return f'<div role="status">{self.box()}</div>'

    def box(self) -> str:
        """Write the verdict as HTML: a coloured box with its mark, its state and its reason."""
        mark, colour, back = _LOOKS[self.state]
        return (
            f'<div style="background:{back};color:{INK};border-left:4px solid {colour};'
            f'padding:6px 12px;border-radius:4px"><b style="color:{colour}">{mark} {self.state}</b>: '
            f"{html.escape(self.reason)}</div>"
        )


def right(reason: str) -> Verdict:
    """Say that the answer is right, and why."""
    return Verdict("right", reason)


def wrong(hint: str) -> Verdict:
    """Say that the answer is wrong, and what to think about."""
    return Verdict("wrong", hint)


def unanswered(what: str) -> Verdict:
    """Say that there is nothing to judge yet, and what to do."""
    return Verdict("not answered yet", what)


@dataclass(frozen=True)
class Options:
    """The options of a question, each folded over its verdict: to be opened, not typed.

    Attributes
    ----------
    name : str
        The exercise's id.
    verdicts : sequence of (str, Verdict)
        Each option with what is said to it, in the order in which they stand.
    """

    name: str
    verdicts: Sequence[tuple[str, Verdict]]

    def __repr__(self) -> str:
        words = ", ".join(repr(option) for option, _ in self.verdicts)
        return f'not answered yet: exercises.check("{self.name}", answer), where answer is one of {words}'

    def _repr_html_(self) -> str:
        folds = "".join(_fold(html.escape(option), verdict.box()) for option, verdict in self.verdicts)
        return f"<div>Open the option that you believe. It says whether it is right, and why.{folds}</div>"


@dataclass(frozen=True)
class Solution:
    """What a solution prints and the verdict on it, folded: "Run All" gives nothing away.

    Attributes
    ----------
    name : str
        The exercise's id.
    verdict : Verdict
    lines : sequence of str
        What the solution shows besides.
    """

    name: str
    verdict: Verdict
    lines: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.verdict)

    def __repr__(self) -> str:
        return "\n".join([*self.lines, repr(self.verdict)])

    def _repr_html_(self) -> str:
        shown = html.escape("\n".join(self.lines))
        inside = f'<pre style="margin:4px 0">{shown}</pre>' if self.lines else ""
        title = f"Solution of exercise {self.name.rpartition('-')[2]}: what it says"
        return f"<div>{_fold(title, inside + self.verdict.box())}</div>"


def _fold(title: str, inside: str) -> str:
    return (
        f'<details style="margin:6px 0"><summary style="cursor:pointer;padding:2px 0">{title}</summary>'
        f"{inside}</details>"
    )
