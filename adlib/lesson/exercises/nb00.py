"""The exercises of notebook 00: answers, and the verdict on each."""

from __future__ import annotations

from adlib.lesson.exercises.kinds import choice, count

choice(
    "00-1",
    "reverse mode",
    "one pass backward gives the derivative by every input; forward mode and differences take a run for each input",
    {
        "forward mode": "one pass gives one direction; how many directions does a gradient have?",
        "numerical": "count the runs of the function: one more for each input that is moved",
        "symbolic": "exact, but it needs the whole expression as a formula, and a network is a program",
    },
    {
        "reverse mode": ("reverse", "backward", "backward mode", "backpropagation", "backprop"),
        "forward mode": ("forward",),
        "numerical": ("numeric", "finite differences", "numerical differentiation"),
        "symbolic": ("symbolic differentiation",),
    },
)

count(
    "00-2",
    1_001,
    "one value of f where you stand, and one more for each of the 1000 inputs",
    [
        (1_000, "each quotient also needs the value where you stand: once, and shared by all"),
        (2_000, "that is the central difference; the forward difference shares the value where you stand"),
        (2_001, "two for each input, and none is shared: the forward difference takes one step only"),
        (1, "that is reverse mode, up to a small constant; differences move one input at a time"),
        (2, "that is the derivative by one input; there are 1000"),
    ],
    hint="Count values of f: where you stand, and after each single move.",
)
