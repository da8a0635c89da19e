"""The exercises of notebook 11: answers, and the verdict on each."""

from __future__ import annotations

from adlib.lesson.exercises.kinds import choice, count

choice(
    "11-1",
    "forward mode",
    "3 passes of forward mode against 10,000 ways back",
    {"reverse mode": "it needs a way back for each of the 10,000 outputs; how many inputs are there?"},
    {"forward mode": ("forward",), "reverse mode": ("reverse", "backward", "backward mode")},
)

count(
    "11-2",
    15,
    "5 + 4 + 3 + 2 + 1 + 0: with one snapshot every walk starts from the first state",
    [
        (21, "that counts the run in which each step is recorded, too; leave these six out"),
        (6, "that is one run; every step further left needs another, from the start"),
        (5, "that is the first run; each step back needs another"),
        (30, "each run is one step shorter than the last"),
    ],
    hint="How many steps to the state before step 6, before step 5, …?",
)

count(
    "11-3",
    100,
    "all columns meet in the first row, so no two may share a pass: colouring columns does not help here",
    [
        (2, "that would do if the first row were empty; but there all columns meet"),
        (3, "that is for three diagonals; look at the first row of the arrow"),
        (50, "that is two columns for each pass; but which two have no row in common?"),
        (1, "one pass gives a single combination of all columns"),
        (99, "the first column meets all others, and these meet each other in the first row"),
    ],
    hint="Two columns may share a pass if they have no row in common.",
)
