"""Error messages that point at the reader's own line.

An error inside a derivative is raised many frames below the line that caused it.  The helpers here find that
line, so every message can say three things: which operation, where in *your* code, and what to write instead.
"""

from __future__ import annotations

import functools
import linecache
import os
import sys
from collections.abc import Iterator
from traceback import walk_tb
from types import FrameType, TracebackType

_FOLDERS = (os.path.dirname(sys.modules[name].__file__ or "") for name in ("adlib", "numpy"))
OURS = tuple(os.path.join(folder, "") for folder in _FOLDERS)
_STANDARD = (os.path.join(os.path.dirname(os.__file__), ""), "<frozen ")


class LostDerivativeError(TypeError):
    """A tracked value was about to become a plain number."""


@functools.cache
def is_library(filename: str) -> bool:
    """Tell whether code is a library's, and not the user's: adlib's, NumPy's, Python's own or an installed one's."""
    installed = {"site-packages", "dist-packages"}.intersection(filename.replace(os.sep, "/").split("/"))
    return bool(installed) or filename.startswith(OURS + _STANDARD)


def user_line(traceback: TracebackType | None = None) -> str:
    """Describe the innermost line of the user's own code: of the present call, or of an error's traceback.

    Where all code is some library's, it is the innermost line that belongs neither to adlib nor to NumPy.

    Returns
    -------
    str
        Such as ``"line 3 of f: return math.sin(x)"``; empty where no such line exists.  The file's name is
        left out: in a notebook it is a temporary path, and the traceback has it anyway.
    """
    best = ""
    for frame, number in _calls(traceback):
        name = frame.f_code.co_filename
        if name.startswith(OURS) or (best and is_library(name)):
            continue
        text = linecache.getline(name, number, frame.f_globals).strip()
        place = f"line {number} of {frame.f_code.co_name}"
        place = f"{place}: {text}" if text else place
        if not is_library(name):
            return place
        best = place
    return best


def _calls(traceback: TracebackType | None) -> Iterator[tuple[FrameType, int]]:
    """List the running calls, or those of a traceback, and the line where each is, from the innermost on."""
    if traceback is None:
        frame: FrameType | None = sys._getframe(2)
        while frame is not None:
            yield frame, frame.f_lineno
            frame = frame.f_back
    else:
        yield from reversed(list(walk_tb(traceback)))


def explain(problem: str, remedy: str, traceback: TracebackType | None = None) -> str:
    """Build a message from what went wrong and what to do, with the user's line between them.

    Parameters
    ----------
    problem, remedy : str
        One sentence each, without a final full stop in `problem`.
    traceback : traceback, optional
        Of the error that is explained, where the line is no longer running.

    Returns
    -------
    str
    """
    line = user_line(traceback)
    return f"{problem}\n  at {line}\n  {remedy}" if line else f"{problem}\n  {remedy}"
