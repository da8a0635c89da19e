"""How long is the core?  ``python -m tests.tools.size`` counts lines of code: no blank lines, comments, docstrings."""

from __future__ import annotations

import ast
import io
import sys
import tokenize
from pathlib import Path

ADLIB = Path(__file__).resolve().parents[2] / "adlib"
# What a reader of the engines reads, in the order of the imports.
CORE = (
    *(
        "errors",
        "tree",
        "gates",
        "compositions",
        "boxes",
        "inputs",
        "forward",
        "reverse",
        "derivatives",
        "custom",
    ),
    *(
        "linalg",
        "check",
        "symbolic",
        "simplify",
        "source",
        "numerical",
        "trace",
        "diagnosis",
        "cost",
        "sparse",
    ),
    *("nn", "optim"),
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


def table() -> dict[str, int]:
    """Count each file of the core."""
    return {name: code_lines(ADLIB / f"{name}.py") for name in CORE}


if __name__ == "__main__":
    found = table()
    for name, count in found.items():
        print(f"{name + '.py':20}{count:6}")
    print(f"{'all':20}{sum(found.values()):6}")
    sys.exit(0)
