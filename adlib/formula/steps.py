"""A function, step by step: what both rewritings, forward and reverse, are written from.

A statement with several operations becomes several steps, each with a name for its result: ``y = sin(x) * x`` is
``v1 = sin(x)`` and ``y = v1 * x``.  Branches and loops are steps that hold steps.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from adlib.formula.expr import Expr
from adlib.formula.reading import NAMES, Reading, as_symbol
from adlib.formula.writing import python_text
from adlib.gates import GATES, Gate


@dataclass(frozen=True)
class Operand:
    """How an operand is written, what stands for it in a rule, and whether it is differentiated (then it is a name)."""

    text: str
    symbol: Any
    moves: bool


@dataclass(frozen=True, eq=False)
class Apply:
    """``result = gate(operands)``."""

    result: str
    gate: Gate
    operands: list[Operand]


@dataclass(frozen=True, eq=False)
class Copy:
    """``targets = sources``, all at once; `brief` is how forward mode writes it: tangents on the same line."""

    targets: list[str]
    sources: list[Operand]
    brief: bool = False


@dataclass(frozen=True, eq=False)
class Plain:
    """A statement without derivatives, which stays as it is; it may give names new values."""

    text: str
    targets: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Call:
    """``targets = program(arguments)``; one name that is not `unpacked` takes the whole result."""

    targets: list[str]
    program: Any
    arguments: list[Operand]
    unpacked: bool = False


@dataclass(frozen=True, eq=False)
class Return:
    """Give back operands, as a tuple if there is one, or what a call gives."""

    values: list[Operand]
    as_tuple: bool
    call: Call | None = None


@dataclass(frozen=True, eq=False)
class Branch:
    """``if test: body``, ``else: orelse``."""

    test: str
    body: list[Any]
    orelse: list[Any]


@dataclass(frozen=True, eq=False)
class Loop:
    """A ``for`` or ``while``, by its first line."""

    head: str
    node: ast.For | ast.While
    body: list[Any]


Step = Apply | Copy | Plain | Call | Return | Branch | Loop

_OPERATORS: dict[type, Any] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
    ast.USub: np.negative,
    ast.UAdd: np.positive,
}


class Program(Reading):
    """One function on its way: its steps, and its new text.

    Attributes
    ----------
    made : dict
        All programs that the new text needs, callees first.
    space : dict
        What the new text sees: gates, constants, functions.
    """

    suffixes: tuple[str, ...]
    endings: tuple[str, ...]

    def __init__(
        self,
        f: Callable[..., Any],
        moving: tuple[bool, ...] | None,
        made: dict[Any, Any],
        space: dict[str, Any],
    ) -> None:
        super().__init__(f, moving)
        self.made, self.space = made, space
        self.suffix = next(s for s in self.suffixes if not any(s in n for n in self.names))
        stem = next(
            s
            for s in ("v", "t", "w", "tmp_")
            if not any(n.startswith(s) and n[len(s) :].isdigit() for n in self.names)
        )
        self.fresh = (f"{stem}{k}" for k in itertools.count(1))
        self.new_names = [f"{self.name}_{ending}" for ending in self.endings]
        while any(n in self.names or n in self.space for n in self.new_names):
            self.new_names = [n + "_" for n in self.new_names]
        self.space |= dict.fromkeys(self.new_names)
        key = f, moving
        made[key] = self  # before the body: it may call itself
        self._into: list[Step] = []
        self.steps = self._block(self.body())
        self.text = self.write()
        del made[key]
        made[key] = self  # after those that it calls

    def body(self) -> list[ast.stmt]:
        """Return the statements to be rewritten."""
        return self.tree.body

    def write(self) -> str:
        """Write the new text."""
        raise NotImplementedError

    @property
    def plain(self) -> list[str]:
        """The parameters that come first: all but the constants with a default."""
        return [n for n in self.parameters if n in self.active or n not in self.constants]

    @property
    def defaults(self) -> list[str]:
        """The constants with a default, as they are written in the first line."""
        written = []
        for name in self.parameters:
            if name not in self.plain:
                value = self.constants[name]
                text = repr(value)
                if type(value) not in (int, bool, str, float, type(None)) or text in ("inf", "-inf", "nan"):
                    text = f"{self.new_names[0]}_{name}"
                    self.space[text] = value
                written.append(f"{name}={text}")
        return written

    def passed(self, arguments: list[Operand]) -> tuple[list[str], list[str]]:
        """Write a call's arguments: those of the parameters that come first, and the constants by their names."""
        first, named = [], []
        for name, o in zip(self.parameters, arguments, strict=False):
            if name in self.plain:
                first.append(o.text)
            else:
                named.append(f"{name}={o.text}")
        return first, named

    # --- Statements -----------------------------------------------------------------------------------

    def _block(self, body: list[ast.stmt]) -> list[Step]:
        outer, self._into = self._into, []
        for statement in body:
            self._statement(statement)
        inner, self._into = self._into, outer
        return inner

    def _add(self, step: Step) -> None:
        self._into.append(step)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring
            case ast.Pass() | ast.Break() | ast.Continue():
                self._add(Plain(ast.unparse(node)))
            case ast.Raise() | ast.Assert():  # they look at values, which have kept their names
                self._use(node)
                self._add(Plain(ast.unparse(node)))
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    self._assign(target, value)
            case ast.AnnAssign(target=target, value=value) if value is not None:
                self._assign(target, value)
            case ast.AnnAssign():
                self._add(Plain(ast.unparse(node)))  # a type alone is not evaluated
            case ast.AugAssign(target=ast.Name() as target, op=op, value=value):
                name = ast.copy_location(ast.Name(target.id, ast.Load()), target)
                self._assign(target, ast.copy_location(ast.BinOp(name, op, value), node))
            case ast.AugAssign(target=target):
                self.refuse(target, "an assignment to " + NAMES[type(target)])
            case ast.Return(value=value):
                self._return(value, node)
            case ast.If(test=test, body=body, orelse=orelse):
                condition = self._primal(test)
                self._add(Branch(condition, self._block(body), self._block(orelse)))
            case ast.While(test=test, body=body, orelse=[]):
                self._add(Loop(f"while {self._primal(test)}:", node, self._block(body)))
            case ast.For(target=target, iter=values, body=body, orelse=[]):
                if self.moves(values) or self.moves(target):
                    self.refuse(node, "a loop over differentiated values")
                self._use(values)
                head = f"for {ast.unparse(target)} in {ast.unparse(values)}:"
                self._add(Loop(head, node, self._block(body)))
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
            self._add(Plain(f"{name} = {ast.unparse(value)}", (name,)))
            return None
        source = self._value(value, name)
        if source.text != name:
            self._add(Copy([name], [source]))
        return None

    def _unpack(self, target: ast.Tuple, value: ast.expr) -> None:
        if isinstance(value, ast.Tuple) and len(value.elts) == len(target.elts):
            sources = [self._value(v, None) for v in value.elts]
            self._add(Copy(self._names(target), sources))
        elif isinstance(value, ast.Call) and self.moves(value):
            self._add(self._call(value, self._names(target), unpacked=True))
        elif not self.moves(value):
            self._use(value)
            targets = tuple(n.id for n in ast.walk(target) if isinstance(n, ast.Name))
            self._add(Plain(f"{ast.unparse(target)} = {ast.unparse(value)}", targets))
        else:
            self.refuse(value, "unpacking this")

    def _names(self, target: ast.Tuple) -> list[str]:
        return [t.id if isinstance(t, ast.Name) else self.refuse(t, "nested unpacking") for t in target.elts]

    def _return(self, value: ast.expr | None, node: ast.AST) -> None:
        if value is None:
            self.refuse(node, "a return without a value")
        if isinstance(value, ast.Tuple):
            self._add(Return([self._value(v, None) for v in value.elts], True))
        elif self.calls(value):
            self._add(Return([], False, self._call(value, [])))  # type: ignore[arg-type]
        else:
            self._add(Return([self._value(value, None)], False))

    def calls(self, value: ast.expr) -> bool:
        """Tell whether an expression is a call of another function, with something that is differentiated."""
        return isinstance(value, ast.Call) and self.moves(value) and self.gate(value) is None

    # --- Expressions ------------------------------------------------------------------------------------

    def _value(self, node: ast.expr, name: str | None) -> Operand:
        """Add the steps that compute an expression; the result is called `name`, if given."""
        if not self.moves(node):
            self._use(node)
            text = ast.unparse(node)
            text = text if isinstance(node, ast.Name | ast.Constant) else f"({text})"
            return Operand(text, as_symbol(node, text), False)
        match node:
            case ast.Name(id=read):
                return _moving(read)
            case ast.BinOp(left=left, op=op, right=right):
                if type(op) not in _OPERATORS:
                    self.refuse(node, f"the operator {ast.unparse(node)}")
                return self._through(node, GATES[_OPERATORS[type(op)]], [left, right], name)
            case ast.UnaryOp(op=op, operand=operand) if type(op) in _OPERATORS:
                return self._through(node, GATES[_OPERATORS[type(op)]], [operand], name)
            case ast.Call():
                gate = self.gate(node)
                if gate is not None:
                    return self._through(node, gate, node.args, name)
                result = name or next(self.fresh)
                self._add(self._call(node, [result]))
                return _moving(result)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                result, condition = next(self.fresh), self._primal(test)
                self.active.add(result)
                self._add(Branch(condition, self._chosen(result, body), self._chosen(result, orelse)))
                return _moving(result)
            case _:
                self.refuse(node)

    def _chosen(self, result: str, node: ast.expr) -> list[Step]:
        outer, self._into = self._into, []
        source = self._value(node, result)
        if source.text != result:
            self._add(Copy([result], [source]))
        inner, self._into = self._into, outer
        return inner

    def _through(self, call: ast.expr, gate: Gate, nodes: list[ast.expr], name: str | None) -> Operand:
        """Add one gate."""
        operands: list[Operand] = []
        for node in nodes:
            if isinstance(node, ast.Compare | ast.BoolOp):
                text = f"({self._primal(node)})"
                operands.append(Operand(text, as_symbol(node, text), False))
                continue
            o = self._value(node, None)
            if not o.moves and any(isinstance(n, ast.Call) for n in ast.walk(node)):
                kept = next(self.fresh)  # called once: a second call may give another number
                self._add(Plain(f"{kept} = {ast.unparse(node)}", (kept,)))
                o = Operand(kept, as_symbol(ast.Name(kept), kept), False)
            operands.append(o)
        result = name if name is not None and name not in {o.text for o in operands} else next(self.fresh)
        self._add(step := Apply(result, gate, operands))
        try:
            self.rules(step)
        except TypeError:  # its rule looks at shapes
            self.refuse(call, f"np.{gate.name} of numbers, which is for arrays")
        if name is not None and result != name:
            self._add(Copy([name], [_moving(result)], brief=True))
            return _moving(name)
        return _moving(result)

    def _call(self, node: ast.Call, targets: list[str], unpacked: bool = False) -> Call:
        """Rewrite the function that is called, too."""
        function = self.found(node.func)
        if function is None or not inspect.isfunction(function):
            what = f"a call of {ast.unparse(node.func)}, which is not in the table of gates"
            self.refuse(node, what)
        if node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            self.refuse(node, "keywords or * in a call")
        try:
            inspect.signature(function).bind(*node.args)
        except TypeError as error:
            self.refuse(node, f"a call with other arguments than {function.__name__} takes ({error})")
        moving = tuple(self.moves(a) for a in node.args)
        arguments = [self._value(a, None) for a in node.args]
        other = self.made.get((function, moving)) or self.another(function, moving)
        return Call(targets, other, arguments, unpacked)

    def another(self, function: Callable[..., Any], moving: tuple[bool, ...]) -> Program:
        """Rewrite another function, with some of its arguments differentiated."""
        return type(self)(function, moving, self.made, self.space)

    # --- Words ------------------------------------------------------------------------------------------

    def written(self, e: Any) -> str:
        """Write a formula as Python of the new program."""
        return python_text(e, self._called)

    def rules(self, step: Apply) -> list[tuple[str, str]]:
        """Apply a gate's row to names: what receives which derivative."""
        raise NotImplementedError

    def primal(self, step: Apply) -> str:
        """Write the line that computes a gate's value."""
        value = Expr(step.gate, tuple(o.symbol for o in step.operands))
        return f"{step.result} = {self.written(value)}"

    def _called(self, gate: Gate) -> str:
        """Choose the name by which the new program calls a gate."""
        name = gate.name
        while name in self.names or self.space.setdefault(name, gate) is not gate:
            name += "_"
        return name

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
            found = self.found(n) if isinstance(n, ast.Name) else None
            if found is None or found is getattr(builtins, n.id, None):  # type: ignore[attr-defined]
                continue
            if self.space.setdefault(n.id, found) is not found:  # type: ignore[attr-defined]
                self.refuse(
                    node,
                    f"two different things called {ast.unparse(n)}, here and in a function that is called",
                )


def _moving(name: str) -> Operand:
    return Operand(name, as_symbol(ast.Name(name), name), True)
