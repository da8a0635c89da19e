"""A function that the reader typed, made into a Python function: safely, and with mistakes pointed at.

What may be typed is an arithmetic expression: numbers, variables, ``+ - * / **``, NumPy's elementwise
functions by their names, with or without ``np.``, ``pi`` and ``e``, and ``where(condition, a, b)`` with one
comparison as its condition.  What a screen shows may be typed or pasted, too: ``x₁``, ``π``, ``x²``, ``·``, ``×``,
``÷``, ``−``.  Nothing else gets through.  The text is parsed, never evaluated: its syntax tree is checked node by
node, and the function is built from the checked tree.

Numbers are floats, except a whole exponent, and are computed with as NumPy does: ``1/x`` at 0 is inf.

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
import functools
import io
import keyword
import linecache
import re
import tokenize
import weakref
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
KEPT = 128
"""So many functions are kept, so that the same text is not parsed again at each move of a slider."""


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
    return _parsed(text, tuple(variables))


@functools.lru_cache(maxsize=KEPT)
def _parsed(text: str, variables: tuple[str, ...]) -> Callable[..., Any]:
    shown = _plain(text, variables)
    tree = _Unprefixed().visit(_tree(shown))
    checker = _Checker(shown, variables)
    checker.expression(tree.body, 0)
    body = ast.unparse(ast.fix_missing_locations(_Spell().visit(tree)))
    source = f"def f({', '.join(variables)}):\n    return {body}"
    return _function(source, shown)


# --- The text ----------------------------------------------------------------------------------------

_LOOKALIKES = str.maketrans(
    {"−": "-", "–": "-", "·": "*", "⋅": "*", "∗": "*", "×": "*", "÷": "/"}
    | dict.fromkeys("\t\xa0\u2009\u202f", " ")
)
_RAISED, _LOWERED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"
_DIGITS = str.maketrans(_RAISED + _LOWERED, "-01234567890123456789")
_DECIMAL = r"(?<![\w.])(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+|(?![eE][+-]?\d))"
_CHOICE = "a choice is written where(condition, a, b), as in where({0} > 0, {0}, 0)"
_PRODUCT = "a product needs its sign: write *, as in 2*{0}"
_ALLOWED = "only numbers, variables, functions and + - * / ** may be used"
_REFUSED: tuple[tuple[str, str], ...] = (
    (r"\^", "a power is written **, as in {0}**2"),
    (r"\[", "there is no indexing here: use plain variables"),
    (r"\{{", "use ( and ) for brackets"),
    (r"#", "comments are not part of an expression"),
    (r"%", "only + - * / and ** may be used"),
    (r"[\"']", "there is no text in an expression"),
    (r"@", "there are no matrices here: use *"),
    (r";", "one expression only"),
    (r"\|", "an absolute value is written abs({0})"),
    (r"\b(?:if|else)\b", _CHOICE),
    (
        r"\b(?:and|or|not|is|in)\b",
        "where(...) takes one comparison by < <= > or >=, and nothing else compares",
    ),
    (rf"\b(?:{'|'.join(keyword.kwlist)})\b", _ALLOWED),
    (r"\b0[xXbBoO]\w+", "write numbers in decimal digits, such as 16"),
    (r"\b\d+_[\d_]*", "write numbers without _, such as 1000"),
    (_DECIMAL + r"[jJ]\b", "only real numbers may be used"),
    (_DECIMAL + r"\s*(?P<at>[A-Za-z_(])", _PRODUCT),
    (r"[^\w\s.,+*/()<>=-](?!=)", "this sign is not known here: use letters, digits and + - * / ** ( )"),
)
"""What is refused, by a pattern, and why; ``{0}`` is the first variable."""


def _plain(text: str, variables: tuple[str, ...]) -> str:
    """Write a text in plain characters, and refuse what is plainly no expression."""
    one = variables[0]
    if not text.strip():
        raise ExpressionError(f"type an expression, for example {one} * sin({variables[-1]})", text, 0, 1)
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"too long: {len(text)} characters, at most {MAX_LENGTH}", f"{text[:60]}...", 60, 63
        )
    shown = text.strip().translate(_LOOKALIKES)
    names = r"[A-Za-z_][A-Za-z0-9_]*"
    shown = re.sub(rf"{names}[{_LOWERED}]+", lambda m: m[0].translate(_DIGITS), shown)
    if found := re.search(rf"({'|'.join(FUNCTIONS)})([{_RAISED}]+)", shown):
        power = found[2].translate(_DIGITS)
        problem = f"write {found[1]}({one})**{power}, not {found[0]}({one})"
        raise ExpressionError(problem, shown, found.start(), found.end())
    shown = re.sub(rf"(?<=[A-Za-z0-9_)])[{_RAISED}]+", lambda m: "**" + m[0].translate(_DIGITS), shown)
    if found := re.search(r"[\w)]\s*(π)|π\s*([\w(])", shown):
        where = 1 if found[1] else 2
        raise ExpressionError(_PRODUCT.format(one), shown, found.start(where), found.end(where))
    shown = shown.replace("π", "pi")
    for odd in re.finditer(r"[^\x20-\x7e]", shown):
        raise ExpressionError(
            f"the character {odd[0]!r} is not known here: use letters, digits and + - * / ** ( )",
            shown,
            odd.start(),
            odd.end(),
        )
    for equals in re.finditer(r"(?<![<>!=])=(?!=)", shown):
        before = shown[: equals.start()]
        if before.count("(") <= before.count(")"):  # inside brackets it may be a name of an argument
            raise _right_hand_side(shown, equals.start())
    for pattern, problem in _REFUSED:
        if found := re.search(pattern.replace("{{", "{"), shown):
            where = found.re.groupindex.get("at", 0)
            raise ExpressionError(problem.format(one), shown, found.start(where), found.end(where))
    return shown


def _right_hand_side(shown: str, start: int) -> ExpressionError:
    return ExpressionError(
        "type only the right-hand side: an expression without '='", shown, start, start + 1
    )


def _tree(shown: str) -> ast.Expression:
    try:
        return ast.parse(shown, mode="eval")
    except SyntaxError as error:
        depth = shown.count("(") - shown.count(")")
        if depth > 0:
            problem, start = f"{depth} bracket{'s are' if depth > 1 else ' is'} not closed: add )", len(shown)
        elif depth < 0:
            problem, start = "one ) too many: take it away or open it before", shown.rindex(")")
        else:
            problem, start = _trouble(shown, min((error.offset or 1) - 1, len(shown)))
        raise ExpressionError(problem, shown, start, start + 1) from None
    except (ValueError, MemoryError, RecursionError):
        raise ExpressionError("this cannot be read: too deeply nested", shown, 0, len(shown)) from None


def _trouble(shown: str, start: int) -> tuple[str, int]:
    """Say what is missing and where, which Python reports less exactly than we can: operands and signs alternate."""
    unread = "this cannot be read: is an operator, a comma or a number missing here?", start
    try:
        tokens = [t for t in tokenize.generate_tokens(io.StringIO(shown).readline) if t.string.strip()]
    except (tokenize.TokenError, SyntaxError, IndentationError):
        return unread
    before, wanted = "", True  # whether an operand is to come
    for token in tokens:
        text, at = token.string, token.start[1]
        if token.type in (tokenize.NAME, tokenize.NUMBER):
            if not wanted and before in FUNCTIONS:
                return f"the argument of {before} needs brackets: write {before}(...)", at
            if not wanted:
                return "an operator is missing here: write *, for a product", at
            wanted = False
        elif text == "=":
            error = _right_hand_side(shown, at)
            return error.problem, at
        elif text not in ("(", ")") and wanted and text not in ("+", "-"):
            return f"something is missing before {text!r}" + (f", after {before!r}" if before else ""), at
        elif text == ")":
            if wanted and before != "(":
                return f"something is missing between {before!r} and ')'", at
            wanted = False
        else:
            wanted = True
        before = text
    return (f"something is missing at the end, after {before!r}", len(shown)) if wanted else unread


# --- The tree ----------------------------------------------------------------------------------------


class _Unprefixed(ast.NodeTransformer):
    """Read ``np.sin`` as ``sin``, for the names that are known; all other dots stay, to be refused."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        match node:
            case ast.Attribute(value=ast.Name(id="np"), attr=name) if name in FUNCTIONS or name in _CONSTANTS:
                return ast.copy_location(ast.Name(name, ast.Load()), node)
        return node


class _Checker:
    """Walk the syntax tree, letting through what is listed and nothing else."""

    def __init__(self, text: str, variables: tuple[str, ...]) -> None:
        self.text, self.variables, self.one = text, variables, variables[0]

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
            case ast.BinOp() if _row_length(node) > MAX_DEPTH:
                self.fail(f"too long: at most {MAX_DEPTH} operations in a row", node)
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
                self.fail(f"a comparison belongs into where(...), {self.example()}", node)
            case ast.Attribute():
                self.dots(node)
            case ast.Tuple(elts=[]):
                self.fail("there is nothing between these brackets", node)
            case ast.Tuple():
                self.fail("one expression only, without commas (a decimal point is a dot)", node)
            case _:
                self.fail(_ALLOWED, node)

    def example(self) -> str:
        return f"as in where({self.one} > 0, {self.one}, 0)"

    def dots(self, node: ast.Attribute) -> NoReturn:
        if isinstance(node.value, ast.Name) and node.value.id == "np":
            self.unknown(node.attr, node)
        self.fail(f"no dots here, except in numbers: a function is written sin({self.one})", node)

    def unknown(self, name: str, node: ast.expr) -> NoReturn:
        guess = [_HINTS[name]] if name in _HINTS else difflib.get_close_matches(name, FUNCTIONS, 1, 0.65)
        hint = f"did you mean {guess[0]!r}?" if guess else "there is sin, cos, exp, log, sqrt and others"
        self.fail(f"unknown function {name!r}: {hint}", node)

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
        if node.id == "np":
            self.fail(f"np stands before a function, as in np.sin({self.one})", node)
        guesses = [*self.variables, *_CONSTANTS]
        close = {guess: difflib.SequenceMatcher(None, node.id.lower(), guess).ratio() for guess in guesses}
        best = [repr(guess) for guess in guesses if close[guess] == max(close.values()) >= 0.5]
        hint = f"did you mean {' or '.join(best)}?" if best else f"there is {known}, pi and e"
        self.fail(f"unknown name {node.id!r}: {hint}", node)

    def call(self, node: ast.Call, depth: int) -> None:
        function = node.func
        if not isinstance(function, ast.Name):
            if isinstance(function, ast.Attribute):
                self.dots(function)
            self.fail("a product needs its sign: write * between brackets", function)
        name = function.id
        if name not in FUNCTIONS:
            if name in self.variables or name in _CONSTANTS:
                self.fail(f"{name} is not a function: for a product write {name}*(...)", function)
            self.unknown(name, function)
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
            self.fail(f"where(...) begins with one comparison by < <= > or >=, as in {self.example()}", node)
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


def _row_length(node: ast.expr) -> int:
    """Count the operations one after the other: a + b - c has two, and is a tree of depth two."""
    count = 0
    while isinstance(node, ast.BinOp):
        count, node = count + 1, node.left
    return count


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
        # A whole number would compute as one: reciprocal(2) is 0, and 2**square(60) has 1084 digits.
        assert isinstance(node.value, int | float)
        return ast.Constant(float(node.value))

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        if isinstance(node.op, ast.Pow):
            exponent = node.right if _is_whole(node.right) else self.visit(node.right)  # x**2 is a square
            return ast.BinOp(self.visit(node.left), node.op, exponent)
        by_zero = isinstance(node.op, ast.Div) and _constant(node.right) == 0
        left, right = self.visit(node.left), self.visit(node.right)
        if by_zero:  # two numbers, which Python would not divide
            return ast.Call(
                ast.Attribute(ast.Name("np", ast.Load()), "divide", ast.Load()), [left, right], []
            )
        return ast.BinOp(left, node.op, right)


def _is_whole(node: ast.expr) -> bool:
    while isinstance(node, ast.UnaryOp):
        node = node.operand
    return isinstance(node, ast.Constant) and type(node.value) is int


# --- The function ------------------------------------------------------------------------------------

_COUNT = 0


def _function(source: str, text: str) -> Callable[..., Any]:
    global _COUNT
    _COUNT += 1
    name = f"<typed {_COUNT}>"
    scope: dict[str, Any] = {"np": np, "__builtins__": {}}
    exec(compile(source, name, "exec"), scope)  # a checked tree, printed by ast.unparse
    inner = scope["f"]
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    weakref.finalize(inner, linecache.cache.pop, name, None)

    @functools.wraps(inner)
    def f(*args: Any, **named: Any) -> Any:
        # Python's own floats raise where NumPy's have inf or nan, and (-2.0)**0.5 is complex
        return inner(*map(_as_numpy, args), **{key: _as_numpy(x) for key, x in named.items()})

    f.source, f.text = source, text  # type: ignore[attr-defined]
    return f


def _as_numpy(x: Any) -> Any:
    return np.float64(x) if type(x) in (int, float) else x
