"""Error messages that point at the reader's own line.

An error inside a derivative is raised many frames below the line that caused it.  The helpers here find that
line, so every message can say three things: which operation, where in *your* code, and what to write instead.
"""

from __future__ import annotations

import linecache
import os
import sys

_FOLDERS = (os.path.dirname(sys.modules[name].__file__ or "") for name in ("adlib", "numpy"))
LIBRARIES = tuple(os.path.join(folder, "") for folder in _FOLDERS)


class LostDerivativeError(TypeError):
    """A tracked value was about to become a plain number."""


def user_line() -> str:
    """Describe the innermost line of code that belongs neither to adlib nor to NumPy.

    Returns
    -------
    str
        Such as ``"line 3 of f: return math.sin(x)"``; empty where no such line exists.  The file's name is
        left out: in a notebook it is a temporary path, and the traceback has it anyway.
    """
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith(LIBRARIES):
            text = linecache.getline(name, frame.f_lineno, frame.f_globals).strip()
            place = f"line {frame.f_lineno} of {frame.f_code.co_name}"
            return f"{place}: {text}" if text else place
        frame = frame.f_back  # type: ignore[assignment]
    return ""


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
