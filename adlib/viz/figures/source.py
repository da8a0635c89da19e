"""The picture of an adjoint program: a program rewritten for reverse mode, with its stack."""

from __future__ import annotations

import inspect
import re
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from adlib.formula.source import transform
from adlib.viz.figures.registry import figure
from adlib.viz.style import INK, MUTED, ROLES, Picture, new_figure


def swing(x: Any, n: int = 3) -> Any:
    """Follow one of two branches in each round of a loop.

    >>> round(float(swing(2.0)), 6)
    0.841471
    """
    y = x
    for _ in range(n):
        if y > 1.0:
            y = y / 2
        else:
            y = np.sin(y) * x
    return y


@figure("adjoint-program")
def adjoint_program() -> Picture:
    """Draw a program beside its adjoint program, with a line from what goes on the stack to where it comes off."""
    text = re.sub(r'    """.*?"""\n', "", inspect.getsource(swing), flags=re.DOTALL).replace(": Any", "")
    program = text.replace(" -> Any", "").replace(": int = ", "=").splitlines()
    rewritten: Any = transform(swing, mode="reverse")
    adjoint = [re.sub(r"(?<=\S)  #.*", "", line) for line in rewritten.source.splitlines()]
    drawing = new_figure(9.6, 6.6)
    left, right = drawing.subplots(1, 2, width_ratios=[1, 2.1])
    for ax in (left, right):
        ax.set(xlim=(0, 1), ylim=(len(adjoint) - 0.3, -1.6))
        ax.axis("off")
    turn = next(k for k, line in enumerate(adjoint) if "the way back" in line)
    _band(left, 0, len(program), "primal", "the program")
    _band(right, 1, turn, "primal", "its adjoint program")
    _band(right, turn, len(adjoint), "adjoint", "")
    for k, line in enumerate(program):
        _line(left, k, line, INK)
    for k, line in enumerate(adjoint):
        colour = MUTED if "#" in line or k == 0 else ROLES["primal" if k < turn else "adjoint"].colour
        _line(right, k, line, colour, bold="stack." in line)
    for depth, (k, j) in enumerate(_pairs(adjoint)):
        x = 0.5 + 0.075 * depth
        start, end = (0.03 + 0.0117 * len(adjoint[line]) for line in (k, j))
        right.plot([start, x, x, end], [k, k, j, j], color=INK, linewidth=1.1)
        right.plot([end], [j], marker="<", color=INK, markersize=4)
    drawing.suptitle(
        "What the way forward puts on the stack, the way back takes off: the last first",
        x=0.02,
        ha="left",
        weight="bold",
    )
    drawing.tight_layout(rect=(0, 0, 1, 0.98))
    return Picture(
        drawing,
        "On the left a program of eight lines: a loop with a branch, which halves y or makes it sin y times x. "
        "On the right its adjoint program. The upper part computes the same values. It puts y and v2 on a stack before "
        "they are overwritten, and in each round which branch was taken. The lower part runs the loop backwards. "
        "Brackets lead from each line that puts something on the stack to the line below that takes it off. They are "
        "nested: the last that went on is the first that comes off.",
    )


def _band(ax: Axes, start: int, end: int, role: str, title: str) -> None:
    ax.axhspan(start - 0.5, end - 0.5, xmax=0.98, color=ROLES[role].tint)
    ax.text(0.01, -0.9, title, color=ROLES[role].colour, weight="bold", va="center")


def _line(ax: Axes, k: int, text: str, colour: str, bold: bool = False) -> None:
    weight = "bold" if bold else "normal"
    ax.text(0.015, k, text, family="DejaVu Sans Mono", size=8.5, color=colour, weight=weight, va="center")


def _pairs(lines: list[str]) -> list[tuple[int, int]]:
    """Find the line that takes off what another puts on, innermost first; a branch is put on in two lines."""
    pairs = []
    for k, line in enumerate(lines):
        put = re.search(r"stack\.append\(\(?(.*?)\)?\)", line)
        if put and put[1] != "True":
            off = "if stack.pop()" if put[1] == "False" else f"{put[1]} = stack.pop()"
            pairs.append((k, next(j for j, other in enumerate(lines) if off in other)))
    return sorted(pairs, key=lambda pair: pair[1] - pair[0])
