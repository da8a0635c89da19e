"""A function that the reader typed, made into a Python function: safely, and with mistakes pointed at.

What may be typed is an arithmetic expression: numbers, variables, ``+ - * / **``, NumPy's elementwise
functions by their bare names, ``pi`` and ``e``, and ``where(condition, a, b)`` with one comparison as its
condition.  Nothing else gets through.  The text is parsed, never evaluated: its syntax tree is checked
node by node, and the function is built from the checked tree.

>>> f = parse("x1 * sqrt(log(x1 / sin(x2**2)))")
>>> f.source
'def f(x1, x2):\\n    return x1 * np.sqrt(np.log(x1 / np.sin(x2 ** 2)))'
>>> round(float(f(2.0, 1.0)), 6)
1.860915
>>> parse("x1 * sen(x2)")
Traceback (most recent call last):
    ...
adlib.viz.expressions.ExpressionError: unknown function 'sen': did you mean 'sin'?
  x1 * sen(x2)
       ^^^
"""

from __future__ import annotations

import ast
import difflib
import io
import itertools
import linecache
import re
import tokenize
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

__all__ = ["FUNCTIONS", "ExpressionError", "parse"]

_ONE = """
    sqrt cbrt square reciprocal exp exp2 expm1 log log2 log10 log1p sin cos tan arcsin arccos arctan
    sinh cosh tanh arcsinh arccosh arctanh abs sign
"""
_TWO = "arctan2 hypot maximum minimum logaddexp"
FUNCTIONS: dict[str, int] = {**dict.fromkeys(_ONE.split(), 1), **dict.fromkeys(_TWO.split(), 2), "where": 3}
"""The functions that may be typed, with their number of arguments."""

_CONSTANTS = {"pi": np.pi, "e": np.e}
_HINTS = {
    "ln": "log",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "sen": "sin",
    "tg": "tan",
    "max": "maximum",
    "min": "minimum",
    "pow": "**",
    "root": "sqrt",
}
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)

MAX_LENGTH = 300
MAX_DEPTH = 40
MAX_EXPONENT = 64.0
MAX_NUMBER = 1e12


class ExpressionError(ValueError):
    """A mistake in a typed expression; the message shows the text, a caret under the mistake, and what to do.

    Attributes
    ----------
    problem : str
        What is wrong and what to do.
    text : str
        What was typed.
    start, stop : int
        Which characters of `text` are meant.
    """

    def __init__(self, problem: str, text: str, start: int, stop: int) -> None:
        self.problem, self.text = problem, text
        self.start, self.stop = start, max(stop, start + 1)
        super().__init__(f"{problem}\n  {text}\n  {' ' * self.start}{'^' * (self.stop - self.start)}")


def parse(text: str, variables: Sequence[str] = ("x1", "x2")) -> Callable[..., Any]:
    """Make a function from a typed expression.

    Parameters
    ----------
    text : str
        Such as ``"x1 * exp(-x2**2)"``; ``^`` is told to be written ``**``.
    variables : sequence of str
        The function's parameters, in order.

    Returns
    -------
    callable
        Plain Python over ``np.…``, taking floats, arrays and tracked values.  ``.source`` is its source,
        ``.text`` what was typed.

    Raises
    ------
    ExpressionError
        For anything that is not such an expression; a `ValueError`.

    Examples
    --------
    >>> parse("where(x > 0, x, 0)", ["x"])(3.0)
    array(3.)
    """
    shown = _plain(text)
    tree = _tree(shown)
    checker = _Checker(shown, tuple(variables))
    checker.expression(tree.body, 0)
    body = ast.unparse(ast.fix_missing_locations(_Spell().visit(tree)))
    source = f"def f({', '.join(variables)}):\n    return {body}"
    return _function(source, shown)


def _plain(text: str) -> str:
    if not text.strip():
        raise ExpressionError("type an expression, for example x1 * sin(x2)", text, 0, 1)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"too long: {len(text)} characters, at most {MAX_LENGTH}", f"{text[:60]}...", 60, 63
        )
    shown = text.strip().replace("−", "-").replace("·", "*").replace("×", "*").replace("\t", " ")
    for odd in re.finditer(r"[^\x20-\x7e]", shown):
        raise ExpressionError(
            f"the character {odd[0]!r} is not known here: use letters, digits and + - * / ** ( )",
            shown,
            odd.start(),
            odd.end(),
        )
    for mark, advice in (
        ("^", "a power is written **, as in x1**2"),
        ("=", "type only the right-hand side: an expression without '='"),
        ("[", "there is no indexing here: use plain variables"),
        ("{", "use ( and ) for brackets"),
        ("#", "comments are not part of an expression"),
        ("%", "only + - * / and ** may be used"),
        ('"', "there is no text in an expression"),
        ("'", "there is no text in an expression"),
        ("@", "there are no matrices here: use *"),
        (";", "one expression only"),
    ):
        at = re.search(r"(?<![<>!=])=(?!=)" if mark == "=" else re.escape(mark), shown)
        if at:
            raise ExpressionError(advice, shown, at.start(), at.end())
    product = re.search(r"(?<![\w.])\d+\.?\d*(?![eE][+-]?\d)\s*([A-Za-z_(])", shown)
    if product:
        advice = "a product needs its sign: write *, as in 2*x1"
        raise ExpressionError(advice, shown, product.start(1), product.end(1))
    return shown


def _tree(shown: str) -> ast.Expression:
    try:
        return ast.parse(shown, mode="eval")
    except SyntaxError as error:
        start = min((error.offset or 1) - 1, len(shown))
        depth = shown.count("(") - shown.count(")")
        if depth > 0:
            problem, start = f"{depth} bracket{'s are' if depth > 1 else ' is'} not closed: add )", len(shown)
        elif depth < 0:
            problem, start = "one ) too many: take it away or open it before", shown.rindex(")")
        else:
            problem = "this cannot be read: is an operator, a comma or a number missing here?"
            start = _trouble(shown, start)
        raise ExpressionError(problem, shown, start, start + 1) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("this cannot be read: too deeply nested", shown, 0, len(shown)) from None


def _trouble(shown: str, start: int) -> int:
    """Find where two operands meet without an operator, which Python reports less exactly than we can."""
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(shown).readline) if t.string.strip()]
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return start
    operand = (tokenize.NAME, tokenize.NUMBER)
    for one, two in itertools.pairwise(tokens):
        if (one.type in operand or one.string == ")") and two.type in operand:
            return two.start[1]
    return start


class _Checker:
    """Walk the syntax tree, letting through what is listed and nothing else."""

    def __init__(self, text: str, variables: tuple[str, ...]) -> None:
        self.text, self.variables = text, variables

    def fail(self, problem: str, node: ast.expr) -> NoReturn:
        stop = node.end_col_offset if node.end_col_offset is not None else node.col_offset + 1
        raise ExpressionError(problem, self.text, node.col_offset, stop)

    def expression(self, node: ast.expr, depth: int) -> None:
        if depth > MAX_DEPTH:
            self.fail(f"too deeply nested: at most {MAX_DEPTH} levels", node)
        match node:
            case ast.Constant():
                self.number(node)
            case ast.Name():
                self.name(node)
            case ast.BinOp(left=left, op=op, right=right) if isinstance(op, _OPERATORS):
                self.expression(left, depth + 1)
                self.expression(right, depth + 1)
                if isinstance(op, ast.Pow):
                    self.power(node, right)
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                self.expression(operand, depth + 1)
            case ast.Call():
                self.call(node, depth)
            case ast.Compare():
                self.fail("a comparison belongs into where(...), as in where(x1 > 0, x1, 0)", node)
            case ast.Attribute():
                self.fail("no dots here: write sin(x1), not np.sin(x1)", node)
            case ast.Tuple():
                self.fail("one expression only, without commas (a decimal point is a dot)", node)
            case _:
                self.fail("only numbers, variables, functions and + - * / ** may be used", node)

    def number(self, node: ast.Constant) -> None:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            self.fail("only ordinary numbers may be used", node)
        if not abs(node.value) <= MAX_NUMBER:
            self.fail(f"this number is too large: at most {MAX_NUMBER:.0e}", node)

    def name(self, node: ast.Name) -> None:
        if node.id in self.variables or node.id in _CONSTANTS:
            return
        known = ", ".join(self.variables)
        if node.id in FUNCTIONS:
            self.fail(f"{node.id} is a function: write {node.id}(...)", node)
        guess = difflib.get_close_matches(node.id, [*self.variables, *_CONSTANTS], 1, 0.5)
        hint = f"did you mean {guess[0]!r}?" if guess else f"there is {known}, pi and e"
        self.fail(f"unknown name {node.id!r}: {hint}", node)

    def call(self, node: ast.Call, depth: int) -> None:
        function = node.func
        if not isinstance(function, ast.Name):
            if isinstance(function, ast.Attribute):
                self.fail("no dots here: write sin(x1), not np.sin(x1)", function)
            self.fail("a product needs its sign: write * between brackets", function)
        name = function.id
        if name not in FUNCTIONS:
            if name in self.variables or name in _CONSTANTS:
                self.fail(f"{name} is not a function: for a product write {name}*(...)", function)
            guess = [_HINTS[name]] if name in _HINTS else difflib.get_close_matches(name, FUNCTIONS, 1, 0.5)
            hint = f"did you mean {guess[0]!r}?" if guess else "there is sin, cos, exp, log, sqrt and others"
            self.fail(f"unknown function {name!r}: {hint}", function)
        if node.keywords:
            self.fail(f"{name}(...) takes plain arguments, without names", node)
        if len(node.args) != FUNCTIONS[name]:
            n = FUNCTIONS[name]
            self.fail(f"{name} takes {n} argument{'s' if n > 1 else ''}, not {len(node.args)}", node)
        arguments = list(node.args)
        if name == "where":
            self.condition(arguments.pop(0), depth + 1)
        for argument in arguments:
            self.expression(argument, depth + 1)

    def condition(self, node: ast.expr, depth: int) -> None:
        if not (
            isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], _COMPARISONS)
        ):
            self.fail(
                "where(...) begins with one comparison by < <= > or >=, as in where(x1 > 0, x1, 0)", node
            )
        self.expression(node.left, depth + 1)
        self.expression(node.comparators[0], depth + 1)

    def power(self, node: ast.BinOp, exponent: ast.expr) -> None:
        """Constants are folded to see how large a power is, so that none can eat the machine's memory."""
        value = _constant(exponent)
        if value is not None and abs(value) > MAX_EXPONENT:
            self.fail(f"this exponent is too large: at most {MAX_EXPONENT:.0f}", exponent)
        if value is None and _constant(node.left) is None:
            return  # floats on both sides: the worst is inf
        base = _constant(node.left)
        if base is not None and value is not None and _power(base, value) is None:
            self.fail("this power is not an ordinary number", node)


def _constant(node: ast.expr) -> float | None:
    """Evaluate a tree without variables, in floats; None if there is a variable or no value."""
    match node:
        case ast.Constant(value=int() | float() as value):
            return float(value)
        case ast.Name(id=name):
            return _CONSTANTS.get(name)
        case ast.UnaryOp(op=op, operand=operand):
            inner = _constant(operand)
            return None if inner is None else -inner if isinstance(op, ast.USub) else inner
        case ast.BinOp(left=left, op=op, right=right):
            a, b = _constant(left), _constant(right)
            if a is None or b is None:
                return None
            if isinstance(op, ast.Pow):
                return _power(a, b)
            if isinstance(op, ast.Div):
                return a / b if b else None
            return a + b if isinstance(op, ast.Add) else a - b if isinstance(op, ast.Sub) else a * b
        case _:
            return None


def _power(base: float, exponent: float) -> float | None:
    try:
        value = base**exponent
    except (OverflowError, ZeroDivisionError):
        return None
    return value if isinstance(value, float) and abs(value) < np.inf else None


class _Spell(ast.NodeTransformer):
    """Spell functions and constants as NumPy does."""

    def visit_Call(self, node: ast.Call) -> ast.Call:
        assert isinstance(node.func, ast.Name)
        function = ast.Attribute(ast.Name("np", ast.Load()), node.func.id, ast.Load())
        return ast.Call(function, [self.visit(argument) for argument in node.args], [])

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in _CONSTANTS:
            return ast.Attribute(ast.Name("np", ast.Load()), node.id, ast.Load())
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        # Whole exponents stay: x**2 is a square.  Larger whole numbers become floats, which cannot grow.
        if isinstance(node.value, int) and abs(node.value) > MAX_EXPONENT:
            return ast.Constant(float(node.value))
        return node


_COUNT = 0


def _function(source: str, text: str) -> Callable[..., Any]:
    global _COUNT
    _COUNT += 1
    name = f"<typed {_COUNT}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    scope: dict[str, Any] = {"np": np, "__builtins__": {}}
    exec(compile(source, name, "exec"), scope)  # a checked tree, printed by ast.unparse
    f: Callable[..., Any] = scope["f"]
    f.source, f.text = source, text  # type: ignore[attr-defined]
    return f
