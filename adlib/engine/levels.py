"""Levels: each derivative call has one, and where several meet in one gate, the newest handles it.

It sees the others as if they were plain numbers.  This is what keeps nested derivatives apart (Siskind and Pearlmutter,
*Perturbation confusion and referential transparency*, IFL 2005).
"""

from __future__ import annotations

import itertools
import os
import sys
from types import CodeType, FrameType
from typing import Any, NoReturn

from adlib.errors import explain
from adlib.gates import Gate
from adlib.gates.shaping import LISTS


class Level:
    """One derivative call: what its boxes do when they meet a gate.

    Attributes
    ----------
    number : int
        Counts up; a call made inside another has the larger number.
    objects : bool
        Whether NumPy made arrays of objects of its tracked numbers.
    seen : tuple or None
        What looked at a value last, without leaving a trace (see `compared`): its sign, and where in which code.
    """

    __slots__ = ("number", "objects", "seen")
    _numbers = itertools.count(1)

    def __init__(self) -> None:
        self.number = next(Level._numbers)
        self.objects = False
        self.seen: tuple[str, CodeType, int] | None = None

    def apply(self, gate: Gate, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Put `args`, some of them boxes of this level, through `gate`; return a box of this level."""
        values: list[Any] = list(args)
        parents: list[Any] = [None] * len(args)
        for i, a in enumerate(args):
            if isinstance(a, Tracked) and a.level is self:
                values[i], parents[i] = a._value, a
        return self.record(gate, tuple(values), tuple(parents), params)

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Any:
        """Put `values` through `gate`; return a box of this level.

        Parameters
        ----------
        gate : Gate
        values : tuple
            The operands as this level sees them: its own boxes are off.
        parents : tuple
            The boxes of this level that the values came from; ``None`` for a constant.
        params : dict
            The gate's fixed parameters.
        """
        raise NotImplementedError

    def compared(self, sign: str, box: Any, other: Any, frame: FrameType) -> None:
        """Take notice of what looked at a `box` of this level and leaves no trace: ``x < y``, ``np.argmax(x)``.

        The `sign` is ``"<"`` or ``"argmax"``, `other` a number, or the tuple of all operands.  The `frame` tells
        where; it is not to be kept, for it keeps all its variables alive.
        """
        self.seen = sign, frame.f_code, frame.f_lasti


class Tracked:
    """What has a value and a level: every box, as far as levels are concerned.

    Attributes
    ----------
    _value : object
        What stands behind it: a float, an array, or a tracked value of an older level.
    level : Level
        The derivative call that it belongs to.
    """

    __slots__ = ()
    _value: Any
    level: Level


NO_PARAMS: dict[str, Any] = {}


def apply(gate: Gate, args: tuple[Any, ...], params: dict[str, Any] = NO_PARAMS) -> Any:
    """Put values through a gate, at the newest level among them."""
    top: Level | None = None
    for a in args:
        if isinstance(a, Tracked):
            level = a.level
            if top is None or level.number > top.number:
                top = level
    return gate(*args, **params) if top is None else top.apply(gate, args, params)


def plain(x: Any) -> Any:
    """Take all boxes off a value (an ``Expr`` stands for no number, and stays)."""
    while isinstance(x, Tracked) and (inside := x._value) is not x:
        x = inside
    return x


_ENGINE = os.path.join(os.path.dirname(__file__), "")


def notice(sign: str, operands: tuple[Any, ...], frame: FrameType | None = None) -> None:
    """Tell all levels of the operands what looked at them; see `Level.compared`."""
    if frame is None:
        frame = sys._getframe(1)
        while frame.f_code.co_filename.startswith(_ENGINE) and frame.f_back is not None:
            frame = frame.f_back
    for x in operands:
        if isinstance(x, LISTS):
            notice(sign, tuple(x), frame)
        while isinstance(x, Tracked) and (inside := x._value) is not x:
            x.level.compared(sign, x, operands, frame)
            x = inside


def ended(level: Level) -> NoReturn:
    """Complain that a box outlived its derivative call."""
    raise RuntimeError(
        explain(
            "this uses a tracked value of a derivative call that has ended",
            "Return the value from the differentiated function; do not keep it in a list or a global.",
        )
    )
