"""Error messages that point at the reader's own line.

An error inside a derivative is raised many frames below the line that caused it.  The helpers here find that
line, so every message can say three things: which operation, where in *your* code, and what to write instead.
"""

from __future__ import annotations

import functools
import linecache
import os
import sys
import warnings
from collections.abc import Iterator
from traceback import walk_tb
from types import CodeType, FrameType, TracebackType
from typing import Any

_FOLDER = os.path.join(os.path.dirname(__file__), "")
_PYTHONS = (os.path.join(os.path.dirname(os.__file__), ""), "<frozen ")


class LostDerivativeError(TypeError):
    """A tracked value was about to become a plain number."""


class ConstantResult(UserWarning):
    """A function's result does not depend on its inputs, so its derivative is zero."""


def is_library(frame: FrameType) -> bool:
    """Tell whether a call is of code that is not the user's: adlib's, NumPy's, Python's own or an installed one's."""
    return _is_ours(frame) or _is_installed(frame.f_code.co_filename)


def is_adlibs(frame: FrameType) -> bool:
    """Tell whether a call is of code that stands in adlib's folder."""
    return frame.f_code.co_filename.startswith(_FOLDER)


def _is_ours(frame: FrameType) -> bool:
    """Tell whether it is adlib's, or NumPy's, some of which is compiled and has no file."""
    return is_adlibs(frame) or _package(frame) == "numpy"


@functools.cache
def _is_installed(filename: str) -> bool:
    folders = filename.replace(os.sep, "/").split("/")
    compiled = filename.endswith((".pyx", ".pxd"))
    return (
        compiled or "site-packages" in folders or "dist-packages" in folders or filename.startswith(_PYTHONS)
    )


def _package(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]


def library(traceback: TracebackType | None = None) -> str:
    """Return the name of the library, neither adlib nor NumPy, that was called with a tracked value; or ``""``.

    Parameters are those of `user_line`.
    """
    frame = next((f for f, _ in _calls(traceback) if not _is_ours(f)), None)
    return _package(frame) if frame is not None and is_library(frame) else ""


def user_line(traceback: TracebackType | None = None) -> str:
    """Describe the innermost line of the user's own code.

    Where all code is some library's, it is the innermost line that belongs neither to adlib nor to NumPy.

    Parameters
    ----------
    traceback : traceback, optional
        Of an error that was caught; otherwise it is the line that is running.

    Returns
    -------
    str
        Such as ``"line 3 of f: return math.sin(x)"``; empty where no such line exists.  The file's name is
        left out: in a notebook it is a temporary path, and the traceback has it anyway.
    """
    best = ""
    for frame, number in _calls(traceback):
        if _is_ours(frame) or (best and is_library(frame)):
            continue
        place = _line(frame.f_code, number, frame.f_globals)
        if not is_library(frame):
            return place
        best = best or place
    return best


def _line(code: CodeType, number: int, names: dict[str, Any] | None = None) -> str:
    place = f"line {number} of {code.co_name}"
    text = linecache.getline(code.co_filename, number, names).strip()
    return f"{place}: {text}" if text else place


def line_at(code: CodeType, instruction: int) -> str:
    """Describe the line of the user's code that an instruction belongs to; empty where it is a library's."""
    if _is_installed(code.co_filename) or code.co_filename.startswith(_FOLDER):
        return ""
    return next((_line(code, n) for start, end, n in code.co_lines() if n and start <= instruction < end), "")


def warn(message: str) -> None:
    """Warn of a constant result, at the user's line."""
    level = 1
    for frame, _ in _calls():
        if not is_library(frame):
            break
        level += 1
    warnings.warn(message, ConstantResult, stacklevel=level)


def _calls(traceback: TracebackType | None = None) -> Iterator[tuple[FrameType, int]]:
    """List the running calls, or those of a traceback, and the line where each is, from the innermost on."""
    if traceback is None:
        frame: FrameType | None = sys._getframe(1)
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
        As for `user_line`.

    Returns
    -------
    str
    """
    line = user_line(traceback)
    return f"{problem}\n  at {line}\n  {remedy}" if line else f"{problem}\n  {remedy}"
