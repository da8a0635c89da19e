r"""Expressions: the gates, applied to names instead of numbers.

An ``Expr`` is a box that stands for no number.  A gate that meets one computes nothing; it is written down.
So calling a plain NumPy function with symbols gives its formula, and evaluating a row of the gates table
with symbols gives the formula of a local derivative: the rows are not written a second time for display.

Differentiating is then a walk over the formula, from the symbols up.  At each gate stands

    the derivative of a gate = the sum over its operands of (local partial derivative) × (operand's derivative),

which is the sum, product, quotient and chain rule in one.  Parts that occur several times are one object, so an
expression is a directed acyclic graph (DAG).  Written out as a tree it may be exponentially larger.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np

from adlib import gates
from adlib.engine.boxes import Box
from adlib.engine.levels import Level
from adlib.errors import explain
from adlib.gates import ATOM, PRODUCT, Elementwise, Gate, Notation, gate

REWRITE: dict[str, Callable[[Any], Any]] = {}
"""Where `adlib.simplify`, which is built on this file, puts its function."""


class Expr(Box):
    """A formula: a gate and its operands, or a symbol.

    Expressions that share a part hold the same object, so they form a directed acyclic graph.

    Attributes
    ----------
    gate : Gate or None
        ``None`` for a symbol.
    args : tuple
        Operands: expressions and numbers.
    name, symbol_latex : str
        A symbol's name in plain text and in LaTeX.

    Examples
    --------
    >>> x1, x2 = symbols("x1 x2")
    >>> y = np.log(x1 / np.sin(x2**2))
    >>> print(y)
    log(x1 / sin(x2**2))
    >>> print(y.latex())
    \\log \\left(\\frac{x_1}{\\sin \\left(x_2^{2}\\right)}\\right)
    """

    __slots__ = ("args", "gate", "name", "symbol_latex")

    def __init__(
        self, gate: Gate | None, args: tuple[Any, ...], name: str = "", symbol_latex: str = ""
    ) -> None:
        self.gate, self.args, self.name, self.symbol_latex = gate, args, name, symbol_latex
        self.level = _SYMBOLIC

    @property
    def value(self) -> Expr:
        """The expression itself: there is no number behind it."""
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Always ``()``: expressions are scalars."""
        return ()

    @property
    def dtype(self) -> Any:
        """None: an expression has no floating type."""
        return None

    def __bool__(self) -> bool:
        problem = "a condition on a symbol is neither true nor false"
        raise TypeError(explain(problem, "Trace the function at a number, or use np.where."))

    def __repr__(self) -> str:
        return f"<Expr {self}>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __str__(self) -> str:
        return _text(self)[0]

    def latex(self) -> str:
        """Write the expression in LaTeX, without dollar signs."""
        return _latex(self)[0]

    @property
    def tree_size(self) -> int:
        """The number of operations, symbols and numbers, each counted as often as it is written.

        Examples
        --------
        >>> x = symbols("x")
        >>> y = np.sin(x) * np.sin(x)
        >>> y.tree_size, y.dag_size
        (5, 3)
        """
        sizes: dict[int, int] = {}
        for node in nodes(self):
            sizes[id(node)] = 1 + sum(sizes.get(id(a), 1) for a in node.args)
        return sizes[id(self)]

    @property
    def dag_size(self) -> int:
        """The number of different operations, symbols and numbers: equal parts are counted once."""
        return len(set(_keys(self)[1].values()))

    def share(self) -> Expr:
        """Make equal parts one object (common sub-expression elimination); nothing else changes.

        Examples
        --------
        >>> x = symbols("x")
        >>> y = (np.sin(x) * np.sin(x)).share()
        >>> y.args[0] is y.args[1]
        True
        """
        made: dict[Any, Expr] = {}
        of: dict[int, Expr] = {}
        for node in nodes(self):
            args = tuple(of[id(a)] if isinstance(a, Expr) else a for a in node.args)
            key = (node.gate, *(("part", id(a)) if isinstance(a, Expr) else float(a) for a in args))
            if node.gate is None:
                of[id(node)] = node
            else:
                of[id(node)] = made.setdefault(key, Expr(node.gate, args))
        return of[id(self)]

    def diff(self, by: Any) -> Any:
        """Differentiate by a symbol.

        Parameters
        ----------
        by : Expr
            A symbol.

        Returns
        -------
        Expr or number
            Not simplified: what the rules give, with shared parts shared.

        Raises
        ------
        TypeError
            If `by` is no symbol.

        Notes
        -----
        Every gate is visited once, whatever the size of the tree, and without recursion.  This is forward mode,
        with formulas in place of numbers.

        Examples
        --------
        >>> x = symbols("x")
        >>> (x * np.sin(x)).diff(x)
        <Expr sin(x) + x * cos(x)>
        """
        if not (isinstance(by, Expr) and by.gate is None):
            raise TypeError(f"diff: differentiate by a symbol, not by {by!r}")
        slopes: dict[int, Any] = {id(by): 1}
        for node in nodes(self):
            dots = [slopes.get(id(a)) for a in node.args]  # a number has none
            if node.gate is not None and any(d is not None for d in dots):
                slope = node.gate.jvp(dots, node.args, node, {})
                if isinstance(slope, Expr) or slope != 0:  # a derivative that is 0 leaves no trace
                    slopes[id(node)] = slope
        return slopes.get(id(self), 0)

    def simplify(self) -> Any:
        """Rewrite by the rules that `adlib.simplify.RULES` lists; see there."""
        return REWRITE["simplify"](self)

    def evaluate(self, values: Mapping[Any, Any]) -> Any:
        """Put numbers in place of the symbols.

        Parameters
        ----------
        values : mapping
            From each symbol, or its name, to a number or an array.

        Returns
        -------
        float or array

        Raises
        ------
        KeyError
            If a symbol has no value.

        Examples
        --------
        >>> x1, x2 = symbols("x1 x2")
        >>> float((x1 * np.exp(x2)).evaluate({x1: 2.0, "x2": 0.0}))
        2.0
        """
        named = {key.name if isinstance(key, Expr) else key: value for key, value in values.items()}
        found: dict[int, Any] = {}
        for node in nodes(self):
            if node.gate is None:
                if node.name not in named:
                    raise KeyError(
                        f"evaluate: no value for {node.name}; given: {', '.join(map(str, named)) or 'none'}"
                    )
                found[id(node)] = named[node.name]
            else:
                found[id(node)] = node.gate(*(found[id(a)] if isinstance(a, Expr) else a for a in node.args))
        return found[id(self)]

    def compile(self, *symbols: Expr) -> Callable[..., Any]:
        """Turn the expression into a NumPy function.

        Parameters
        ----------
        *symbols : Expr
            The function's arguments, in order.

        Returns
        -------
        callable
            Of plain Python: its text is the attribute ``source``.  Parts that are used twice are computed once.

        Raises
        ------
        TypeError
            If the expression has a symbol that is not among the arguments.

        Examples
        --------
        >>> x = symbols("x")
        >>> g = (np.sin(x) ** 2 + np.sin(x)).compile(x)
        >>> print(g.source)
        def g(x):
            v1 = np.sin(x)
            return v1 ** 2 + v1
        >>> float(g(0.0))
        0.0
        """
        return _compiled(self.share(), symbols)

    def _repr_latex_(self) -> str:
        return f"${self.latex()}$"


class _Symbolic(Level):
    """The level of all expressions: older than every derivative call, so those see formulas as numbers."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.number = -1

    def record(
        self, gate: Gate, args: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Any:
        """Write the gate down, unless it plainly does nothing."""
        if params:
            problem = f"{gate.name} with {', '.join(params)} needs an array, and an expression is a scalar"
            raise TypeError(explain(problem, "Use expressions for functions of scalars."))
        unchanged = _unchanged(gate, args)
        return Expr(gate, args) if unchanged is None else unchanged


_SYMBOLIC = _Symbolic()


def _unchanged(gate: Gate, args: tuple[Any, ...]) -> Any:
    """Return the operand that the gate leaves as it is (x·1, x + 0, x¹ ...), or None."""
    if len(args) != 2:
        return None
    x, y = args
    if gate in (gates.multiply, gates.divide, gates.power) and _is(y, 1):
        return x
    if gate in (gates.add, gates.subtract) and _is(y, 0):
        return x
    if (gate is gates.multiply and _is(x, 1)) or (gate is gates.add and _is(x, 0)):
        return y
    return None


def _is(x: Any, number: int) -> bool:
    return not isinstance(x, Box) and bool(x == number)


def symbol(name: str, latex: str | None = None) -> Expr:
    """Make one symbol.

    Parameters
    ----------
    name : str
        Plain text.
    latex : str, optional
        Its LaTeX; by default digits at the end of the name become a subscript.

    Returns
    -------
    Expr
    """
    if latex is None:
        letters = name.rstrip("0123456789")
        index = name[len(letters) :]
        latex = (
            letters if not index else f"{letters}_{index}" if len(index) == 1 else f"{letters}_{{{index}}}"
        )
    return Expr(None, (), name, latex)


def symbols(names: str) -> Any:
    """Make symbols from a text of names, separated by spaces or commas.

    Parameters
    ----------
    names : str
        Such as ``"x1 x2"``.

    Returns
    -------
    Expr or tuple of Expr
        One symbol, or a tuple of several.

    Raises
    ------
    ValueError
        If there is no name.

    Examples
    --------
    >>> symbols("t")
    <Expr t>
    """
    made = tuple(symbol(name) for name in names.replace(",", " ").split())
    if not made:
        raise ValueError("symbols: give at least one name, such as symbols('x1 x2')")
    first, *more = made
    return made if more else first


# --- Walking over an expression -------------------------------------------------------------------


def nodes(e: Expr) -> list[Expr]:
    """List the parts of an expression, each once, operands before what is made of them.

    Examples
    --------
    >>> x = symbols("x")
    >>> nodes(x * np.sin(x))
    [<Expr x>, <Expr sin(x)>, <Expr x * sin(x)>]
    """
    order: list[Expr] = []
    seen: set[int] = set()
    todo = [(e, False)]
    while todo:
        node, ready = todo.pop()
        if ready:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            todo.append((node, True))
            todo += [(a, False) for a in reversed(node.args) if isinstance(a, Expr)]
    return order


def _keys(e: Expr) -> tuple[int, dict[Any, int]]:
    """Number the parts of an expression by their structure: equal parts get equal numbers."""
    table: dict[Any, int] = {}
    of: dict[int, int] = {}

    def number(key: Any) -> int:
        return table.setdefault(key, len(table))

    for node in nodes(e):
        if node.gate is None:
            of[id(node)] = number(("symbol", node.name, id(node)))
        else:
            parts = (of[id(a)] if isinstance(a, Expr) else number(("number", float(a))) for a in node.args)
            of[id(node)] = number((node.gate.name, *parts))
    return of[id(e)], table


# --- One rule at a time ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One application of one rule.

    Attributes
    ----------
    rule : str
        Its name.
    result : Expr or number
        The expression after it.  What is still to be differentiated stands as ``D(...)``.
    """

    rule: str
    result: Any


_RULES = {
    "add": "sum rule",
    "subtract": "difference rule",
    "negative": "constant factor",
    "multiply": "product rule",
    "divide": "quotient rule",
}


def derivation(e: Expr, by: Expr) -> list[Step]:
    """Differentiate by hand: apply one rule at a time, to the first part that is still to be differentiated.

    Parameters
    ----------
    e, by : Expr
        The expression, and a symbol.

    Returns
    -------
    list of Step
        The first is the question itself; the last has no ``D`` left.

    Examples
    --------
    >>> x = symbols("x")
    >>> for step in derivation(x * np.sin(x**2), x):
    ...     print(f"{step.rule:32} {step.result}")
    the question                     D(x * sin(x**2))
    product rule                     sin(x**2) * D(x) + x * D(sin(x**2))
    dx/dx = 1                        sin(x**2) + x * D(sin(x**2))
    chain rule, sin′ = cos(u)        sin(x**2) + x * (cos(x**2) * D(x**2))
    chain rule, power: 2 * u         sin(x**2) + x * (cos(x**2) * (2 * x * D(x)))
    dx/dx = 1                        sin(x**2) + x * (cos(x**2) * (2 * x))
    """
    latex = rf"\frac{{{{\partial}}}}{{{{\partial {by.symbol_latex.replace('{', '{{').replace('}', '}}')}}}}}"
    pending = Gate(lambda u: u, name="D", latex=Notation(latex + r"\left[{}\right]", ATOM, (0,)))
    current: Any = Expr(pending, (e,))
    steps = [Step("the question", current)]
    while True:
        first = next((n for n in _outermost(current) if n.gate is pending), None)
        if first is None:
            return steps
        (u,) = first.args
        rule, new = _apply_one(u, by, pending)
        current = _replaced(current, first, new)
        steps.append(Step(rule, current))
        if not isinstance(current, Expr):
            return steps


def _apply_one(u: Expr, by: Expr, pending: Gate) -> tuple[str, Any]:
    if u is by:
        return f"d{by.name}/d{by.name} = 1", 1
    if u.gate is None or by not in nodes_of_symbols(u):
        return f"{u if u.gate is None else 'this'} does not depend on {by.name}", 0
    moving = [isinstance(a, Expr) and by in nodes_of_symbols(a) for a in u.args]
    dots = [Expr(pending, (a,)) if m else None for a, m in zip(u.args, moving, strict=True)]
    new = u.gate.jvp(dots, u.args, u, {})
    if (u.gate is gates.multiply and not all(moving)) or (u.gate is gates.divide and not moving[1]):
        return "constant factor", new
    if u.gate.name in _RULES:
        return _RULES[u.gate.name], new
    letters = iter(symbols("u v w"))
    inner = [next(letters) if m else None for m in moving]
    outer = Expr(u.gate, tuple(a if i is None else i for i, a in zip(inner, u.args, strict=True)))
    if len(u.args) == 1:
        return f"chain rule, {u.gate.name}′ = {outer.diff(inner[0])}", new
    if sum(moving) == 1:
        return f"chain rule, {u.gate.name}: {next(outer.diff(i) for i in inner if i is not None)}", new
    slopes = [f"∂/∂{i} = {outer.diff(i)}" for i in inner if i is not None]
    return f"chain rule, {u.gate.name}: {', '.join(slopes)}", new


def nodes_of_symbols(e: Expr) -> set[Expr]:
    """Return the symbols of an expression."""
    return {n for n in nodes(e) if n.gate is None}


def _outermost(e: Any) -> Iterator[Expr]:
    todo = [e]
    while todo:
        node = todo.pop()
        if isinstance(node, Expr):
            yield node
            todo += reversed(node.args)


def _replaced(e: Any, old: Expr, new: Any) -> Any:
    """Put `new` in the place of the object `old`, and leave out what it makes plainly superfluous."""
    if e is old:
        return new
    if not isinstance(e, Expr) or e.gate is None:
        return e
    args = tuple(_replaced(a, old, new) for a in e.args)
    if all(a is b for a, b in zip(args, e.args, strict=True)):
        return e
    if e.gate is gates.multiply and any(_is(a, 0) for a in args):
        return 0
    unchanged = _unchanged(e.gate, args)
    return Expr(e.gate, args) if unchanged is None else unchanged


# --- Back to Python -------------------------------------------------------------------------------


def _compiled(e: Expr, arguments: tuple[Expr, ...]) -> Callable[..., Any]:
    missing = nodes_of_symbols(e) - set(arguments)
    if missing:
        raise TypeError(f"compile: {', '.join(sorted(m.name for m in missing))} is not among the arguments")
    uses: dict[int, int] = {}
    depth: dict[int, int] = {}
    texts: dict[int, tuple[str, int]] = {}
    space: dict[str, Any] = {"np": np}

    def called(gate: Gate) -> str:
        if getattr(np, gate.name, None) is gate.function:
            return f"np.{gate.name}"
        space[gate.name] = gate
        return gate.name

    lines: list[str] = []
    names = (name for k in itertools.count(1) if (name := f"v{k}") not in {a.name for a in arguments})
    for node in nodes(e):
        for a in node.args:
            if isinstance(a, Expr):
                uses[id(a)] = uses.get(id(a), 0) + 1
    for node in nodes(e):
        if node.gate is None:
            texts[id(node)], depth[id(node)] = (node.name, ATOM), 0
            continue
        parts = [texts[id(a)] if isinstance(a, Expr) else _exact(a) for a in node.args]
        text = _python(node.gate, parts, called)
        deep = 1 + max((depth[id(a)] for a in node.args if isinstance(a, Expr)), default=0)
        if node is not e and (uses[id(node)] > 1 or deep > 12):
            name = next(names)
            lines.append(f"    {name} = {text[0]}")
            text, deep = (name, ATOM), 0
        texts[id(node)], depth[id(node)] = text, deep
    lines.append(f"    return {texts[id(e)][0]}")
    source = f"def g({', '.join(a.name for a in arguments)}):\n" + "\n".join(lines)
    exec(compile(source, "<adlib expression>", "exec"), space)
    g: Callable[..., Any] = space["g"]
    g.source = source  # type: ignore[attr-defined]
    return g


def _exact(x: Any) -> tuple[str, int]:
    text = repr(int(x) if float(x).is_integer() and abs(x) < 1e15 else float(x))
    return text, 3 if x < 0 else ATOM


def _python(gate: Gate, parts: list[tuple[str, int]], called: Callable[[Gate], str]) -> tuple[str, int]:
    name = gate.name
    if name in _PYTHON:
        return _infix(name, parts, " ")
    if name == "negative":
        return "-" + _wrapped(parts[0], _BINDS[name], "({})"), _BINDS[name]
    if gate.symbol in ("<", "<=", ">", ">=", "==", "!="):
        return f"({parts[0][0]} {gate.symbol} {parts[1][0]})", ATOM
    if gate.spelled:
        return _spelled(gate, parts)
    return f"{called(gate)}({', '.join(p for p, _ in parts)})", ATOM


def python_text(e: Any, called: Callable[[Gate], str]) -> str:
    """Write an expression as Python that computes in the same order.

    Parameters
    ----------
    e : Expr or number
    called : callable
        From a gate to the name by which it is called.

    Returns
    -------
    str

    Examples
    --------
    >>> x, y = symbols("x y")
    >>> python_text(x * (y * np.sin(x)), lambda gate: f"np.{gate.name}")
    'x * (y * np.sin(x))'
    """
    if not isinstance(e, Expr):
        return _exact(e)[0]
    texts: dict[int, tuple[str, int]] = {}
    for node in nodes(e):
        parts = [texts[id(a)] if isinstance(a, Expr) else _exact(a) for a in node.args]
        texts[id(node)] = (node.name, ATOM) if node.gate is None else _python(node.gate, parts, called)
    return texts[id(e)][0]


# --- Comparisons of symbols: a bracket that is 1 where it holds and 0 elsewhere (Iverson) --------

_COMPARISONS: dict[str, tuple[np.ufunc, str, str]] = {
    "lt": (np.less, "<", "<"),
    "le": (np.less_equal, "<=", r"\le"),
    "gt": (np.greater, ">", ">"),
    "ge": (np.greater_equal, ">=", r"\ge"),
    "eq": (np.equal, "==", "="),
    "ne": (np.not_equal, "!=", r"\ne"),
}


def _comparison(ufunc: np.ufunc, sign: str, relation: str) -> Callable[[Expr, Any], Expr]:
    latex = Notation(r"\left[{} " + relation + r" {}\right]", ATOM, (0, 0))
    gate = Elementwise(ufunc, 0, 0, symbol=sign, latex=latex)  # a step: its derivative is 0
    return lambda self, other: Expr(gate, (self, other))


for _name, _facts in _COMPARISONS.items():
    setattr(Expr, f"__{_name}__", _comparison(*_facts))
setattr(Expr, "__hash__", object.__hash__)  # noqa: B010  # comparing must not lose the identity


# --- Writing -------------------------------------------------------------------------------------

_PYTHON = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "matmul": "@"}
_BINDS = {"add": 1, "subtract": 1, "multiply": 2, "divide": 2, "matmul": 2, "negative": 3, "power": 4}


def _text(x: Any) -> tuple[str, int]:
    """Write in Python's notation; return the text and how tightly it binds."""
    if not isinstance(x, Expr):
        return number_text(x), 3 if x < 0 else ATOM
    if x.gate is None:
        return x.name, ATOM
    name, parts = x.gate.name, [_text(a) for a in x.args]
    level = _BINDS.get(name, ATOM)
    if name == "negative":
        return "-" + _wrapped(parts[0], level, "({})"), level
    if name in _PYTHON:
        return _infix(name, parts, "" if name == "power" else " ")
    if x.gate.symbol in ("<", "<=", ">", ">=", "==", "!="):
        return f"({parts[0][0]} {x.gate.symbol} {parts[1][0]})", ATOM
    if x.gate.spelled:
        return _spelled(x.gate, parts)
    return f"{name}({', '.join(p for p, _ in parts)})", ATOM


def _spelled(gate: Gate, parts: list[tuple[str, int]]) -> tuple[str, int]:
    return gate.spelled.format(*(_wrapped(part, _BINDS["power"], "({})") for part in parts)), _BINDS[
        "multiply"
    ]


def _infix(name: str, parts: list[tuple[str, int]], gap: str) -> tuple[str, int]:
    level = _BINDS[name]
    left, right = (level + 1, level) if name == "power" else (level, level + (name in ("subtract", "divide")))
    if parts[1][1] == level and name in ("add", "multiply"):
        right += 1  # x * (y * z), not x * y * z: what is computed first stays visible
    a, b = _wrapped(parts[0], left, "({})"), _wrapped(parts[1], right, "({})")
    if name == "add" and b.startswith("-"):
        return f"{a} - {b[1:]}", level
    return f"{a}{gap}{_PYTHON[name]}{gap}{b}", level


def _latex(x: Any) -> tuple[str, int]:
    """Write in LaTeX; return the text and how tightly it binds."""
    if not isinstance(x, Expr):
        return number_latex(x), PRODUCT if x < 0 else ATOM
    if x.gate is None:
        return x.symbol_latex, PRODUCT if x.symbol_latex.startswith("-") else ATOM
    template, level, wanted = x.gate.notation
    if len(wanted) != len(x.args):
        template, wanted = notation.call(x.gate.name, len(x.args))[::2]
    parts = []
    for k, (a, w) in enumerate(zip(x.args, wanted, strict=True)):
        text, binds = _latex(a)
        if text.startswith("-"):
            binds = min(binds, PRODUCT)
            inside = k > 0 or x.gate is gates.negative
            w += inside and w > 0 and x.gate is not gates.add  # a·(-b), never a·-b
        parts.append(_wrapped((text, binds), w, r"\left({}\right)"))
    if x.gate is gates.multiply:
        parts[0] = _closed(x.args[0], parts[0])
    if x.gate is gates.multiply and (parts[1][0].isdigit() or parts[1].startswith(r"\left(-")):
        template = r"{} \cdot {}"  # two numbers side by side would read as one
    if x.gate is gates.add and parts[1].startswith("-"):
        return f"{parts[0]} - {parts[1][1:]}", level
    if x.gate is gates.divide and parts[0].startswith("-"):
        return "-" + template.format(parts[0][1:], parts[1]), PRODUCT
    return template.format(*parts), level


def _closed(e: Any, text: str) -> str:
    """Bracket the argument of a function that ends a factor: cos(v) w, as cos v w might be cos(v w)."""
    last = e.args[1] if isinstance(e, Expr) and e.gate is gates.multiply else e
    if not isinstance(last, Expr) or last.gate is None or len(last.args) != 1:
        return text
    template = last.gate.notation.template
    argument, _ = _latex(last.args[0])
    bare = template.format(argument)
    if not template.endswith(" {}") or not text.endswith(bare):
        return text
    return text.removesuffix(bare) + template.format(rf"\left({argument}\right)")


def _wrapped(part: tuple[str, int], needed: int, brackets: str) -> str:
    text, level = part
    return text if level >= needed else brackets.format(text)


def number_text(x: Any, digits: int = 10) -> str:
    """Write a number in plain text: ``2`` rather than ``2.0``; a fraction in at most so many digits."""
    return str(int(x)) if type(x) is int else format(float(x), f".{digits}g")


def number_latex(x: Any, digits: int = 4) -> str:
    """Write a number in LaTeX, rounded to so many digits."""
    text = str(x) if type(x) is int else format(float(x), f".{digits}g")
    if "e" in text:
        mantissa, exponent = text.split("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"
    return {"inf": r"\infty", "-inf": r"-\infty", "nan": r"\mathrm{nan}"}.get(text, text)


def _unsupported(self: Expr, *args: Any) -> NoReturn:
    raise TypeError(explain("an expression is a scalar; it has no entries", "Use one symbol for each entry."))


for _name in ("__getitem__", "__len__", "__iter__"):
    setattr(Expr, _name, _unsupported)
