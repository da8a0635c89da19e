"""Error messages that point at the reader's own line.

An error inside a derivative is raised many frames below the line that caused it.  The helpers here find that
line, so every message can say three things: which operation, where in *your* code, and what to write instead.
"""

from __future__ import annotations

import linecache
import os
import sys
import warnings
from types import CodeType, FrameType

_FOLDERS = (os.path.dirname(sys.modules[name].__file__ or "") for name in ("adlib", "numpy"))
LIBRARIES = tuple(os.path.join(folder, "") for folder in _FOLDERS)


class LostDerivativeError(TypeError):
    """A tracked value was about to become a plain number."""


class ConstantResult(UserWarning):
    """A function's result does not depend on its inputs, so its derivative is zero."""


def user_line() -> str:
    """Describe the innermost line of code that belongs neither to adlib nor to NumPy.

    Returns
    -------
    str
        Such as ``"line 3 of f: return math.sin(x)"``; empty where no such line exists.  The file's name is
        left out: in a notebook it is a temporary path, and the traceback has it anyway.
    """
    frame, _ = _users(sys._getframe(1))
    return _line(frame.f_code, frame.f_lineno) if frame else ""


def _users(frame: FrameType | None) -> tuple[FrameType | None, int]:
    """Find the innermost frame of code that is neither ours nor NumPy's, and how many stand before it."""
    level = 0
    while frame is not None and frame.f_code.co_filename.startswith(LIBRARIES):
        frame, level = frame.f_back, level + 1
    return frame, level


def _line(code: CodeType, number: int | None) -> str:
    place = f"line {number} of {code.co_name}"
    text = linecache.getline(code.co_filename, number or 0).strip()
    return f"{place}: {text}" if text else place


def line_at(code: CodeType, instruction: int) -> str:
    """Describe the line of the user's code that an instruction belongs to; empty where it is a library's."""
    if code.co_filename.startswith(LIBRARIES):
        return ""
    return next((_line(code, n) for start, end, n in code.co_lines() if start <= instruction < end), "")


def warn(message: str) -> None:
    """Warn of a constant result, at the user's line."""
    warnings.warn(message, ConstantResult, stacklevel=_users(sys._getframe(1))[1] + 2)


def explain(problem: str, remedy: str) -> str:
    """Build a message from what went wrong and what to do, with the user's line between them.

    Parameters
    ----------
    problem, remedy : str
        One sentence each, without a final full stop in `problem`.

    Returns
    -------
    str
    """
    line = user_line()
    return f"{problem}\n  at {line}\n  {remedy}" if line else f"{problem}\n  {remedy}"
