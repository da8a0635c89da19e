"""How long is the core?  ``python -m tests.tools.size`` counts lines of code: no blank lines, comments, docstrings."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

ADLIB = Path(__file__).resolve().parents[2] / "adlib"
ROOMS = ("gates", "engine", "numerical", "formula", "linalg", "nn", "optim", "study", "lesson", "viz")
# What one reads to know how a derivative comes about: the rows, what a gate is, boxes, the two modes, and what is
# made of them.  The checks of arguments, the words of errors and NumPy's functions composed of gates are not on it.
PATH = (
    *(
        "gates/elementwise",
        "gates/linear",
        "gates/selections",
        "gates/gate",
        "gates/shaping",
        "gates/functions",
    ),
    *("gates/notation", "gates/transposes", "gates/directions"),
    *("engine/boxes", "engine/forward", "engine/tape", "engine/reverse", "engine/derivatives"),
)


def code_lines(path: Path) -> int:
    """Count the lines that hold code."""
    text = path.read_text(encoding="utf-8")
    lines: set[int] = set()
    nothing = (
        tokenize.COMMENT,
        tokenize.NL,
        tokenize.NEWLINE,
        tokenize.INDENT,
        tokenize.DEDENT,
        tokenize.ENDMARKER,
    )
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in nothing:
            lines.update(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        if (
            isinstance(node, ast.Expr)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            lines.difference_update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


def core() -> int:
    """Count the core path."""
    return sum(code_lines(ADLIB / f"{name}.py") for name in PATH)


def table() -> dict[str, int]:
    """Count each room."""
    found = {}
    for room in ROOMS:
        one = ADLIB / f"{room}.py"
        found[room] = sum(
            code_lines(path) for path in ([one] if one.exists() else (ADLIB / room).rglob("*.py"))
        )
    return found


if __name__ == "__main__":
    for name, count in table().items():
        print(f"{name:12}{count:6}")
    print(f"{'core path':12}{core():6}")
    sys.exit(0)
