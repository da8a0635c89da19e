"""Reading a function's text: its syntax tree, what its names stand for, and which of them carry a derivative.

What cannot be transformed is refused here, by name and with its line.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from adlib.formula.expr import symbol
from adlib.gates import GATES, Gate


class UnsupportedSourceError(TypeError):
    """The function has something that cannot be transformed."""


NAMES = {
    ast.Try: "a try statement",
    ast.With: "a with statement",
    ast.Lambda: "a lambda",
    ast.ListComp: "a list comprehension",
    ast.GeneratorExp: "a generator expression",
    ast.DictComp: "a dict comprehension",
    ast.SetComp: "a set comprehension",
    ast.List: "a list",
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.Subscript: "indexing",
    ast.Attribute: "an attribute",
    ast.FunctionDef: "a function inside the function",
    ast.ClassDef: "a class",
    ast.Global: "global",
    ast.Nonlocal: "nonlocal",
    ast.Delete: "del",
    ast.Import: "import",
    ast.ImportFrom: "import",
    ast.NamedExpr: "an assignment expression (:=)",
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Starred: "unpacking by *",
    ast.Match: "a match statement",
    ast.JoinedStr: "an f-string",
    ast.Compare: "a comparison as a value",
    ast.BoolOp: "and / or as a value",
    ast.Expr: "an expression by itself",
    ast.Break: "break",
    ast.Continue: "continue",
}


class Reading:
    """A function that is read: its tree, its parameters, and the names that have tangents (`active`)."""

    instead = "adlib.jvp"  # what knows more programs

    def __init__(self, f: Callable[..., Any], moving: tuple[bool, ...] | None) -> None:
        self.f, self.name = f, getattr(f, "__name__", "f")
        self.tree = self._read()
        parameters = inspect.signature(f).parameters.values()
        for p in parameters:
            if p.kind not in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD):
                self.refuse(self.tree, f"the parameter {p}")
        for node in ast.walk(self.tree):
            if isinstance(node, ast.NamedExpr | ast.Yield | ast.YieldFrom | ast.Await):
                self.refuse(node)
        self.parameters = [p.name for p in parameters]
        self.constants = {p.name: p.default for p in parameters if p.default is not p.empty}
        self.moving = tuple(p.default is p.empty for p in parameters) if moving is None else moving
        self.known = inspect.getclosurevars(f)
        self.names = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name)} | set(self.parameters)
        self.active = {n for n, m in zip(self.parameters, self.moving, strict=False) if m}
        self._find_active()
        self.augments = any(
            isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name) and n.target.id in self.active
            for n in ast.walk(self.tree)
        )

    def _read(self) -> ast.FunctionDef:
        try:
            text = textwrap.dedent(inspect.getsource(self.f))
            first = self.f.__code__.co_firstlineno
        except (OSError, TypeError, AttributeError):
            raise UnsupportedSourceError(
                f"adlib.source.transform: the source of {self.f!r} cannot be read\n"
                "  Give it a function defined by def, in a file or a notebook."
            ) from None
        try:
            (node,) = ast.parse(text).body
        except (SyntaxError, ValueError):
            node = ast.Pass()
        if not isinstance(node, ast.FunctionDef):
            raise UnsupportedSourceError(
                f"adlib.source.transform: {self.name} is a lambda, or part of a longer line\n"
                "  Define it by def, on lines of its own."
            )
        ast.increment_lineno(node, first - 1)  # the text begins at the first decorator
        return node

    def refuse(self, node: ast.AST, what: str = "") -> NoReturn:
        """Raise the error that names what cannot be transformed, and its line."""
        what = what or NAMES.get(type(node), type(node).__name__)
        line, text = getattr(node, "lineno", 0), ast.unparse(node).splitlines()[0]
        raise UnsupportedSourceError(
            f"adlib.source cannot transform {what}\n  at line {line} of {self.name}: {text}\n"
            f"  Write it with assignments, arithmetic, NumPy functions, if, for and while; or use {self.instead}, "
            "which has to know the operations only."
        )

    def found(self, node: ast.expr) -> Any:
        """Look up what a name or an attribute chain such as np.sin stands for, or return None."""
        if isinstance(node, ast.Attribute):
            return getattr(self.found(node.value), node.attr, None)
        if isinstance(node, ast.Name):
            for table in (self.known.nonlocals, self.known.globals, self.known.builtins):
                if node.id in table:
                    return table[node.id]
        return None

    def moves(self, node: ast.AST) -> bool:
        """Say whether an expression reads a name that has a tangent."""
        return any(isinstance(n, ast.Name) and n.id in self.active for n in ast.walk(node))

    def _find_active(self) -> None:
        """Give a tangent to each name that is ever assigned something that has one."""
        before = -1
        while len(self.active) != before:
            before = len(self.active)
            for node in ast.walk(self.tree):
                if isinstance(node, ast.Assign) and self.moves(node.value):
                    self.active |= {
                        n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name)
                    }
                elif (
                    isinstance(node, ast.AugAssign | ast.AnnAssign) and node.value and self.moves(node.value)
                ):
                    self.active |= {node.target.id} if isinstance(node.target, ast.Name) else set()

    def gate(self, node: ast.Call) -> Gate | None:
        """Return the row that a call stands for, or None."""
        function = self.found(node.func)
        function = {abs: np.absolute, pow: np.power}.get(function, function) if _hashable(function) else None
        gate = GATES.get(function) if function is not None else None
        if gate is not None and node.keywords:
            self.refuse(node, f"keywords of {ast.unparse(node.func)}")
        return gate


def as_symbol(node: ast.expr, text: str) -> Any:
    """Take an operand as a symbol; a number as itself, so that the row can see that x**2 is a square."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return node.value
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and isinstance(node.operand, ast.Constant)
    ):
        return -node.operand.value  # type: ignore[operator]
    return symbol(text)


def _hashable(x: Any) -> bool:
    try:
        hash(x)
    except TypeError:
        return False
    return True
