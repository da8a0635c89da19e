"""Forward mode by rewriting a function's source: the transformed program carries tangents.

There are two ways to compute with dual numbers.  `adlib.engine.forward` leaves the program alone, changes the numbers
(operator overloading).  Here the numbers stay plain floats, and the *program* changes: after each operation comes
a line that computes its tangent.

    v1 = x2 ** 2                                v1 = x2 ** 2
    v2 = sin(v1)               becomes          v1_dot = 2 * x2 * x2_dot
                                                v2 = sin(v1)
                                                v2_dot = cos(v1) * v1_dot

The second halves are not written here.  They are the rows of the gates table, applied to symbols and written down
as Python, so both ways compute the same operations in the same order, and agree to the last bit.

What is read and written is Python's own syntax tree (the module `ast`).  Supported are assignments, arithmetic,
calls of NumPy functions in the gates table and of other plain Python functions, ``if``, ``for``, ``while``,
conditional expressions, tuples and ``return``.  Anything else is refused by name.

A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, sections 6.1 and 6.2 (overloading and
source transformation); M. Bücker and others (eds.), *Automatic Differentiation: Applications, Theory, and
Implementations*, Springer 2006.
"""

from __future__ import annotations

import ast
import builtins
import functools
import inspect
import itertools
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.formula.expr import Expr, symbol
from adlib.formula.reading import NAMES, Reading, UnsupportedSourceError, as_symbol
from adlib.formula.writing import python_text
from adlib.gates import GATES, Gate

__all__ = ["Dual", "UnsupportedSourceError", "transform"]

Dual = tuple[str, str | None]
"""How an operand is written: its primal, and its tangent, None for a constant."""


_OPERATORS: dict[type, Any] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.USub: np.negative,
    ast.UAdd: np.positive,
}


def transform(f: Callable[..., Any]) -> Callable[..., Any]:
    """Rewrite a Python function so that it carries tangents.

    Parameters
    ----------
    f : callable
        A function defined by ``def``, whose source can be read, of floats.  Its parameters without a default are
        differentiated by; those with one are constants.

    Returns
    -------
    callable
        Takes f's arguments, then as many tangents; returns the value and its tangent (for a tuple, a tuple of
        each).  The attribute ``source`` is its text.

    Raises
    ------
    UnsupportedSourceError
        A `TypeError`, if the function has something that cannot be transformed: it names that, and the line.

    Notes
    -----
    A variable that is assigned a differentiated value anywhere has a tangent everywhere, 0 while it holds a
    constant.  So where a local derivative is infinite and the tangent is such a 0, the answer is nan.

    Examples
    --------
    >>> from adlib.lesson.examples import survey
    >>> df = transform(survey)
    >>> print(df.source)
    def survey_dual(x1, x2, x1_dot, x2_dot):
        v1 = log(x1)
        v1_dot = 1 / x1 * x1_dot
        v2 = x1 * x2
        v2_dot = x2 * x1_dot + x1 * x2_dot
        v3 = v1 + v2
        v3_dot = v1_dot + v2_dot
        v4 = sin(x2)
        v4_dot = cos(x2) * x2_dot
        v5 = v3 - v4
        v5_dot = v3_dot - v4_dot
        return v5, v5_dot
    >>> y, y_dot = df(2.0, 5.0, 1.0, 0.0)
    >>> round(y, 9), y_dot
    (11.652071455, 5.5)
    """
    made: dict[Any, _Function] = {}
    space: dict[str, Any] = {"__builtins__": builtins}
    whole = _Function(f, None, made, space)
    texts = [one.text for one in made.values()]
    source = "\n\n\n".join(texts)
    exec(compile(source, f"<dual of {whole.name}>", "exec"), space)
    dual: Callable[..., Any] = space[whole.dual_name]
    if any(one.augments for one in made.values()):
        dual = _of_numbers(dual, whole.name)
    dual.source = source  # type: ignore[attr-defined]
    return dual


def _of_numbers(dual: Callable[..., Any], name: str) -> Callable[..., Any]:
    """Refuse arrays where the program has ``y += ...``, which writes into an array, and the new program does not."""

    @functools.wraps(dual)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if any(isinstance(x, np.ndarray) for x in (*args, *kwargs.values())):
            problem = f"{name} has an augmented assignment, such as y += ..., which writes into an array"
            raise TypeError(explain(problem, "Write y = y + ..., or give the rewritten program numbers."))
        return dual(*args, **kwargs)

    return checked


class _Function(Reading):
    """One function on its way: what it calls, and its new text."""

    def __init__(
        self,
        f: Callable[..., Any],
        moving: tuple[bool, ...] | None,
        made: dict[Any, _Function],
        space: dict[str, Any],
    ) -> None:
        super().__init__(f, moving)
        moving, names = self.moving, self.names
        self.made, self.space = made, space
        self.suffix = next(s for s in ("_dot", "_tangent", "_dot_") if not any(n + s in names for n in names))
        stem = next(
            s
            for s in ("v", "t", "w", "tmp_")
            if not any(n.startswith(s) and n[len(s) :].isdigit() for n in names)
        )
        self.fresh = (f"{stem}{k}" for k in itertools.count(1))
        self.dual_name = f"{self.name}_dual"
        while self.dual_name in names or self.dual_name in self.space:
            self.dual_name += "_"
        self.space[self.dual_name] = None
        made[f, moving] = self  # before the body: it may call itself
        self.lines: list[str] = []
        self.indent = 1
        self.text = self._write()
        del made[f, moving]
        made[f, moving] = self  # after those that it calls

    # --- Writing --------------------------------------------------------------------------------------

    def _write(self) -> str:
        dots = [n + self.suffix for n, m in zip(self.parameters, self.moving, strict=False) if m]
        defaults = [
            f"{n}={self.constants[n]!r}"
            for n in self.parameters
            if n in self.constants and n not in self.active
        ]
        plain = [n for n in self.parameters if n in self.active or n not in self.constants]
        self._block(self.tree.body)
        head = f"def {self.dual_name}({', '.join([*plain, *dots, *defaults])}):"
        return "\n".join([head, *self.lines])

    def _emit(self, text: str) -> None:
        self.lines.append("    " * self.indent + text)

    def _block(self, body: list[ast.stmt]) -> None:
        before = len(self.lines)
        for statement in body:
            self._statement(statement)
        if len(self.lines) == before:
            self._emit("pass")

    def _nested(self, head: str, body: list[ast.stmt]) -> None:
        self._emit(head)
        self.indent += 1
        self._block(body)
        self.indent -= 1

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case ast.Pass() | ast.Break() | ast.Continue():
                self._emit(ast.unparse(node))
            case ast.Raise() | ast.Assert():  # they look at values, which have kept their names
                self._use(node)
                self._emit(ast.unparse(node))
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, value)
            case ast.AnnAssign():
                self._emit(ast.unparse(node))  # a type alone is not evaluated
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                name = ast.copy_location(ast.Name(target.id, ast.Load()), target)
                self._assign(target, ast.copy_location(ast.BinOp(name, op, value), node))
            case ast.Return(value=value):
                self._return(value, node)
            case ast.If(test=test, body=body, orelse=orelse):
                self._nested(f"if {self._primal(test)}:", body)
                if orelse:
                    self._nested("else:", orelse)
            case ast.While(test=test, body=body, orelse=[]):
                self._nested(f"while {self._primal(test)}:", body)
            case ast.For(target=target, iter=values, body=body, orelse=[]):
                if self.moves(values) or self.moves(target):
                    self.refuse(node, "a loop over differentiated values")
                self._use(values)
                self._nested(f"for {ast.unparse(target)} in {ast.unparse(values)}:", body)
            case _:
                self.refuse(node)

    def _assign(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple):
            return self._unpack(target, value)
        if not isinstance(target, ast.Name):
            self.refuse(target, "an assignment to " + NAMES.get(type(target), "this"))
        name = target.id
        if not self.moves(value):
            self._use(value)
            self._emit(f"{name} = {ast.unparse(value)}")
            if name in self.active:
                self._emit(f"{name}{self.suffix} = 0.0")
            return None
        primal, tangent = self._value(value, name)
        if primal != name:
            self._emit(f"{name} = {primal}")
            self._emit(f"{name}{self.suffix} = {tangent or '0.0'}")
        return None

    def _unpack(self, target: ast.Tuple, value: ast.expr) -> None:
        if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            pairs = [self._value(v, None) for v in value.elts]
            names = [
                t.id if isinstance(t, ast.Name) else self.refuse(t, "nested unpacking") for t in target.elts
            ]
            self._emit(f"{', '.join(names)} = {', '.join(p for p, _ in pairs)}")
            both = [
                (n + self.suffix, d or "0.0")
                for n, (_, d) in zip(names, pairs, strict=True)
                if n in self.active
            ]
            if both:
                self._emit(f"{', '.join(n for n, _ in both)} = {', '.join(d for _, d in both)}")
        elif isinstance(value, ast.Call) and self.moves(value):
            names = [
                t.id if isinstance(t, ast.Name) else self.refuse(t, "nested unpacking") for t in target.elts
            ]
            dots = ", ".join(n + self.suffix for n in names)
            self._emit(f"({', '.join(names)}), ({dots}) = {self._call_text(value)}")
        elif not self.moves(value):
            self._use(value)
            self._emit(f"{ast.unparse(target)} = {ast.unparse(value)}")
        else:
            self.refuse(value, "unpacking this")

    def _return(self, value: ast.expr | None, node: ast.AST) -> None:
        if value is None:
            self.refuse(node, "a return without a value")
        if isinstance(value, ast.Tuple):
            pairs = [self._value(v, None) for v in value.elts]
            primals, dots = ", ".join(p for p, _ in pairs), ", ".join(d or "0.0" for _, d in pairs)
            self._emit(f"return ({primals}{',' * (len(pairs) == 1)}), ({dots}{',' * (len(pairs) == 1)})")
        elif isinstance(value, ast.Call) and self.moves(value) and self.gate(value) is None:
            self._emit(f"return {self._call_text(value)}")
        else:
            primal, tangent = self._value(value, None)
            self._emit(f"return {primal}, {tangent or '0.0'}")

    # --- Expressions ------------------------------------------------------------------------------------

    def _value(self, node: ast.expr, name: str | None) -> Dual:
        """Write the lines that compute an expression and its tangent; the result is called `name`, if given."""
        if not self.moves(node):
            self._use(node)
            text = ast.unparse(node)
            return (text if isinstance(node, ast.Name | ast.Constant) else f"({text})"), None
        match node:
            case ast.Name(id=read):
                return read, read + self.suffix
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) not in _OPERATORS:
                    self.refuse(node, f"the operator {ast.unparse(node)}")
                return self._through(GATES[_OPERATORS[type(op)]], [left, right], name)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return self._through(GATES[_OPERATORS[type(op)]], [operand], name)
            case ast.Call():
                gate = self.gate(node)
                if gate is not None:
                    return self._through(gate, node.args, name)
                result = name or next(self.fresh)
                self._emit(f"{result}, {result}{self.suffix} = {self._call_text(node)}")
                return result, result + self.suffix
            case ast.IfExp(test=test, body=body, orelse=orelse):
                result = next(self.fresh)
                for head, branch in ((f"if {self._primal(test)}:", body), ("else:", orelse)):
                    self._emit(head)
                    self.indent += 1
                    primal, tangent = self._value(branch, result)
                    if primal != result:
                        self._emit(f"{result} = {primal}")
                        self._emit(f"{result}{self.suffix} = {tangent or '0.0'}")
                    self.indent -= 1
                return result, result + self.suffix
            case _:
                self.refuse(node)

    def _through(self, gate: Gate, operands: list[ast.expr], name: str | None) -> Dual:
        """Write one gate and its tangent: the row of the gates table, applied to the operands' names."""
        pairs: list[Dual] = []
        for o in operands:
            if isinstance(o, ast.Compare | ast.BoolOp):
                pairs.append((f"({self._primal(o)})", None))
            else:
                pairs.append(self._value(o, None))
        symbols = [as_symbol(o, p) for o, (p, _) in zip(operands, pairs, strict=True)]
        result = name if name is not None and name not in {p for p, _ in pairs} else next(self.fresh)
        out = symbol(result)
        dots = [None if d is None else symbol(d) for _, d in pairs]
        primal = python_text(Expr(gate, tuple(symbols)), self._called)
        tangent = gate.jvp(dots, symbols, out, {})
        self._emit(f"{result} = {primal}")
        self._emit(f"{result}{self.suffix} = {python_text(tangent, self._called)}")
        if name is not None and result != name:
            self._emit(f"{name}, {name}{self.suffix} = {result}, {result}{self.suffix}")
            return name, name + self.suffix
        return result, result + self.suffix

    def _called(self, gate: Gate) -> str:
        """Choose the name by which the new program calls a gate."""
        name = gate.name
        while name in self.names or self.space.get(name, gate) is not gate:
            name += "_"
        self.space[name] = gate
        return name

    def _call_text(self, node: ast.Call) -> str:
        """Write a call of the dual of another Python function."""
        function = self.found(node.func)
        if function is None or not inspect.isfunction(function):
            what = f"a call of {ast.unparse(node.func)}, which is not in the table of gates"
            self.refuse(node, what)
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            self.refuse(node, "keywords or * in a call")
        moving = tuple(self.moves(a) for a in node.args)
        pairs = [self._value(a, None) for a in node.args]
        other = self.made.get((function, moving)) or _Function(function, moving, self.made, self.space)
        arguments = [p for p, _ in pairs] + [d for _, d in pairs if d is not None]
        return f"{other.dual_name}({', '.join(arguments)})"

    def _primal(self, node: ast.expr) -> str:
        """Write a condition: it looks at values only, through the same gates."""
        function = self

        class Through(ast.NodeTransformer):
            def visit_Call(self, call: ast.Call) -> ast.AST:
                self.generic_visit(call)
                gate = function.gate(call)
                if gate is not None and function.moves(call):
                    call.func = ast.Name(function._called(gate), ast.Load())
                return call

        new = Through().visit(ast.parse(ast.unparse(node), mode="eval").body)
        self._use(node)
        return ast.unparse(new)

    def _use(self, node: ast.AST) -> None:
        """Let the new program see the constants and functions that it reads as they are."""
        for n in ast.walk(node):
            if isinstance(n, ast.Name):
                found = self.found(n)
                if found is not None and n.id not in self.space and not hasattr(builtins, n.id):
                    self.space[n.id] = found


def lines_beside(f: Callable[..., Any], dual: Callable[..., Any]) -> Iterator[tuple[str, str]]:
    """Put two sources side by side, for printing.

    >>> from adlib.lesson.examples import survey
    >>> next(lines_beside(survey, transform(survey)))[1]
    'def survey_dual(x1, x2, x1_dot, x2_dot):'
    """
    one = textwrap.dedent(inspect.getsource(f)).splitlines()
    two = dual.source.splitlines()  # type: ignore[attr-defined]
    return itertools.zip_longest(one, two, fillvalue="")
