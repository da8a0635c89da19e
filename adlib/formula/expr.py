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
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from adlib import gates
from adlib.engine.boxes import UNTRACKED, UNTRACKED_UFUNCS, Box
from adlib.engine.levels import Level
from adlib.errors import explain
from adlib.formula.simplify import simplify
from adlib.formula.writing import exact, latex_of, nodes, python_of, text_of
from adlib.gates import ATOM, Elementwise, Gate, Notation


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
    def _value(self) -> Expr:
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

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if (
            ufunc in _BRACKETS and method == "__call__" and not kwargs
        ):  # a number of NumPy's stands on the left
            return Expr(_BRACKETS[ufunc], inputs)
        if ufunc in UNTRACKED_UFUNCS:
            raise _no_number(ufunc)
        return super().__array_ufunc__(ufunc, method, *inputs, **kwargs)

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        if function in (np.shape, np.ndim, np.size):
            return function(0.0)
        if function in UNTRACKED:
            raise _no_number(function)
        return super().__array_function__(function, types, args, kwargs)

    def __bool__(self) -> bool:
        problem = "a condition on a symbol is neither true nor false"
        raise TypeError(explain(problem, "Trace the function at a number, or use np.where."))

    def __repr__(self) -> str:
        return f"<Expr {self}>"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __str__(self) -> str:
        return text_of(self)[0]

    def latex(self) -> str:
        """Write the expression in LaTeX, without dollar signs."""
        return latex_of(self)[0]

    @property
    def tree_size(self) -> int:
        """The number of operations, symbols and numbers, each counted as often as it is written.

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
        return simplify(self)

    def evaluate(self, values: Mapping[Any, Any]) -> Any:
        """Put numbers in place of the symbols.

        Parameters
        ----------
        values : mapping
            From each symbol, or its name, to a number or an array.

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
        unchanged = unchanged_by(gate, args)
        return Expr(gate, args) if unchanged is None else unchanged


_SYMBOLIC = _Symbolic()


def unchanged_by(gate: Gate, args: tuple[Any, ...]) -> Any:
    """Return the operand that the gate leaves as it is (x·1, x + 0, x¹ ...), or None."""
    if len(args) != 2:
        return None
    x, y = args
    if gate in (gates.multiply, gates.divide, gates.power) and is_number(y, 1):
        return x
    if gate in (gates.add, gates.subtract) and is_number(y, 0):
        return x
    if (gate is gates.multiply and is_number(x, 1)) or (gate is gates.add and is_number(x, 0)):
        return y
    return None


def _no_number(function: Callable[..., Any]) -> TypeError:
    problem = f"np.{function.__name__} asks about a number, and an expression has none"
    return TypeError(explain(problem, "Trace the function at a number, or use np.where."))


def is_number(x: Any, number: int) -> bool:
    """Tell whether an operand is this number."""
    return not isinstance(x, Box) and bool(x == number)


def symbol(name: str, latex: str | None = None) -> Expr:
    """Make one symbol.

    Parameters
    ----------
    name : str
        Plain text.
    latex : str, optional
        Its LaTeX; by default digits at the end of the name become a subscript.
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


def nodes_of_symbols(e: Expr) -> set[Expr]:
    """Return the symbols of an expression."""
    return {n for n in nodes(e) if n.gate is None}


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
        parts = [texts[id(a)] if isinstance(a, Expr) else exact(a) for a in node.args]
        text = python_of(node.gate, parts, called)
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
    gate = _BRACKETS[ufunc] = Elementwise(
        ufunc, 0, 0, symbol=sign, latex=latex
    )  # a step: its derivative is 0
    return lambda self, other: Expr(gate, (self, other))


_BRACKETS: dict[np.ufunc, Gate] = {}

for _name, _facts in _COMPARISONS.items():
    setattr(Expr, f"__{_name}__", _comparison(*_facts))
setattr(Expr, "__hash__", object.__hash__)  # noqa: B010  # comparing must not lose the identity


def _unsupported(self: Expr, *args: Any) -> NoReturn:
    raise TypeError(explain("an expression is a scalar; it has no entries", "Use one symbol for each entry."))


for _name in ("__getitem__", "__len__", "__iter__"):
    setattr(Expr, _name, _unsupported)
