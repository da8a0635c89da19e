"""Exercises that check themselves and say why.

In a notebook the reader replaces the dots and runs the cell::

    answer = ...
    exercises.check("02-2", answer)

A question with options shows them, and each opens::

    exercises.ask("02-1")

A solution's output is folded, so that "Run All" gives nothing away::

    exercises.solution("02-2", 1e-8)

A verdict is one of three: *not answered yet*, *right* with the reason, or *wrong* with a hint for the
likeliest mistake.  As the last line of a cell it shows itself; ``bool(verdict)`` is true only for a right
answer.

>>> check("02-2", ...)
not answered yet: replace the ... and run this cell again
>>> check("02-1", "round-off").state
'right'

The exercises of notebook NN stand in ``nbNN.py``.  To add one, call `choice`, `count`, `number` or `function`
there with an id ``"NN-number"`` and the words; anything else is a function from the answer to a `Verdict` under
the decorator `exercise`.  A wrong answer that you expect gets its own hint, and a line in the tests that proves it.
"""

from adlib.lesson.exercises import (
    nb00,
    nb01,
    nb02,
    nb03,
    nb04,
    nb05,
    nb06,
    nb07,
    nb11,
    nb12,
    nb13,
    nb14,
    nb15,
)
from adlib.lesson.exercises.kinds import REGISTRY, ask, check, solution
from adlib.lesson.exercises.verdicts import Options, Solution, Verdict

__all__ = [
    "REGISTRY",
    "Options",
    "Solution",
    "Verdict",
    "ask",
    "check",
    "nb00",
    "nb01",
    "nb02",
    "nb03",
    "nb04",
    "nb05",
    "nb06",
    "nb07",
    "nb11",
    "nb12",
    "nb13",
    "nb14",
    "nb15",
    "solution",
]
