"""What a trace is made of, and how it is written: rows, tangents, contributions to adjoints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adlib.engine.tape import Variable
from adlib.formula import digits
from adlib.formula.expr import Expr, symbol
from adlib.formula.writing import number_latex
from adlib.gates import Elementwise, Gate
from adlib.gates.shaping import shape_of
from adlib.study.columns import BAR, DOT

_SUBSCRIPTS = str.maketrans("-0123456789", "₋₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, eq=False)
class Row:
    """One line of the trace.

    Attributes
    ----------
    index : int
        The number i of vᵢ: 0 and below for inputs, from 1 for operations.
    node : Variable
        What the tape has of it.
    operands : tuple
        Indices (int) of the rows used, and constants, wrapped in `Constant`.
    label : str
        For an input, the name of the function's argument.
    """

    index: int
    node: Variable
    operands: tuple[Any, ...]
    label: str = ""

    @property
    def gate(self) -> Gate | None:
        """What was computed; ``None`` for an input."""
        return self.node.gate

    @property
    def value(self) -> Any:
        """The primal, a float or an array."""
        return self.node._value

    @property
    def params(self) -> dict[str, Any]:
        """The gate's fixed parameters, such as ``axis``."""
        return {} if self.node.gate is None else self.node.params

    @property
    def name(self) -> str:
        """The row's name in plain text: ``"v_3"``."""
        return f"v_{self.index}"

    @property
    def symbol(self) -> str:
        """The row's name as a reader sees it: ``"v₃"``."""
        return "v" + str(self.index).translate(_SUBSCRIPTS)

    @property
    def parents(self) -> tuple[int, ...]:
        """Indices of the rows among the operands."""
        return tuple(o for o in self.operands if not isinstance(o, Constant))

    @property
    def kind(self) -> str:
        """``"input"`` or ``"operation"``."""
        return "input" if self.gate is None else "operation"


@dataclass(frozen=True)
class Constant:
    """An operand that is not tracked."""

    value: Any


@dataclass(frozen=True)
class TangentRow:
    """One line of the tangent column.

    Attributes
    ----------
    row : Row
        Whose tangent it is.
    tangent : float or array
        v̇.
    formula, numbers : str
        LaTeX: the rule that gave it, with names, and with numbers: as few digits, at least four, as give v̇ to
        four digits.
    text, numbers_text : str
        The same in plain text.
    """

    row: Row
    tangent: Any
    formula: str
    numbers: str
    text: str
    numbers_text: str

    @property
    def symbol(self) -> str:
        """Such as ``"v̇₃"``."""
        return "v" + DOT + self.row.symbol[1:]


@dataclass(frozen=True)
class AdjointStep:
    """One contribution to one adjoint.

    Attributes
    ----------
    target : Row
        Whose adjoint receives.
    source : Row or None
        The row that hands its adjoint on; ``None`` for the start, ȳ = 1.
    operand : int
        Which operand of the source the target is.
    partial : float, array or None
        The local derivative ∂source/∂target; ``None`` where it is not a number or an array of the same shape.
    contribution, total : float or array
        What arrives in this step, and the target's adjoint after it.
    visit : int
        1 for the first contribution that the target receives, 2 for the second ...
    formula, numbers : str
        LaTeX: the contribution with names, and with numbers: as few digits, at least four, as give it to four
        digits.
    text, numbers_text : str
        The same in plain text.
    """

    target: Row
    source: Row | None
    operand: int
    partial: Any
    contribution: Any
    total: Any
    visit: int
    formula: str
    numbers: str
    text: str
    numbers_text: str

    @property
    def symbol(self) -> str:
        """Such as ``"v̄₃"``."""
        return "v" + BAR + self.target.symbol[1:]


def names(row: Row) -> Expr:
    """Write a row by its name."""
    return symbol(row.symbol, v_latex(row))


def numbers(more: int) -> Callable[[Row], Expr]:
    """Write rows as their numbers, in so many digits."""
    return lambda row: as_symbol(row.value, more)


def as_symbol(x: Any, more: int) -> Expr:
    """Stand in for a number in a formula: so it is written, not computed with."""
    return digits.stand_in(x, more) if np.ndim(x) == 0 else symbol(number_plain(x), number_latex_of(x))


def number_plain(x: Any, least: int = 4) -> str:
    """Write a number for a formula in plain text, in parentheses where it is negative."""
    text = digits.operand(x, least) if np.ndim(x) == 0 else number_text(x)
    return f"({text})" if text.startswith("-") else text


def numbered(write: Callable[[int], Any], result: Any, least: int = 4) -> tuple[str, str]:
    """Write a formula with numbers, in LaTeX and in plain text, in as few digits as give the result."""

    def gives(more: int) -> float | None:
        return digits.computed(digits.cut(write(more), more))

    more = least if np.ndim(result) else digits.fewest(gives, result, least)
    e = write(more) if more else as_symbol(result, least)  # a convention, which no calculator knows
    return digits.cut(e, more, in_latex=True).latex(), str(digits.cut(e, more))


def applied(row: Row, operands: Sequence[Any]) -> Expr:
    """Write a row's gate, applied to whatever stands for its operands."""
    assert row.gate is not None
    fixed = {k: v for k, v in row.params.items() if v is not None and v is not False and not _empty(v)}
    if not fixed:
        return Expr(row.gate, tuple(operands))
    texts = [str(o) for o in operands]
    latex = [o.latex() if isinstance(o, Expr) else number_latex(o) for o in operands]
    if row.gate.name == "getitem":
        index = index_text(fixed["index"])
        return symbol(f"{texts[0]}[{index}]", rf"{latex[0]}\,[{index}]")
    fixes = [index_text(v) if key == "how" else f"{key}={index_text(v)}" for key, v in fixed.items()]
    set_upright = [rf"\mathrm{{{escaped(fix)}}}" for fix in fixes]
    return symbol(
        f"{row.gate.name}({', '.join([*texts, *fixes])})",
        rf"\operatorname{{{escaped(row.gate.name)}}}"
        rf"({', '.join([*latex, *set_upright])})",
    )


def _empty(x: Any) -> bool:
    return type(x) is tuple and not x


def index_text(x: Any) -> str:
    """Write an index, or another fixed parameter, as in a program."""
    if isinstance(x, tuple):
        return ", ".join(map(index_text, x))
    if isinstance(x, slice):
        return ":".join(
            "" if part is None else str(part) for part in (x.start, x.stop, x.step)[: 2 + bool(x.step)]
        )
    return (
        "array" if isinstance(x, np.ndarray) else "..." if x is Ellipsis else getattr(x, "__name__", str(x))
    )


def jacobian_text(row: Row, operand: Row) -> tuple[str, str]:
    """Name a local derivative that is a matrix."""
    return (
        f"(∂{row.symbol}/∂{operand.symbol})",
        rf"\left(\frac{{\partial {v_latex(row)}}}{{\partial {v_latex(operand)}}}\right)",
    )


def written_rule(
    names: Callable[[], Any], numbers: Callable[[int], Any], result: Any
) -> tuple[str, str, str, str]:
    """Write what a gate's rule says of symbols: in LaTeX with names, with numbers, and in plain text."""

    def known(e: Any) -> Any:
        return 0 if e is None else e

    with_names = known(names())
    latex = with_names.latex() if isinstance(with_names, Expr) else number_latex(with_names)
    in_latex, in_text = numbered(lambda more: known(numbers(more)), result)
    return latex, in_latex, str(with_names), in_text


def local_partial(row: Row, k: int, values: Sequence[Any]) -> Any:
    """Evaluate the local derivative by operand `k`, where it is a number or an array of the row's shape."""
    assert row.gate is not None
    if isinstance(row.gate, Elementwise):
        return row.gate.partial(k, values, row.value)
    if shape_of(row.value) == () == shape_of(values[k]):
        slope = row.gate.vjp(k, 1.0, values, row.value, row.params)
        return 0.0 if slope is None else float(slope)
    return None


def v_latex(row: Row) -> str:
    """Write a row's name in LaTeX."""
    return f"v_{row.index}" if 0 <= row.index <= 9 else f"v_{{{row.index}}}"


def escaped(text: str) -> str:
    """Write an underscore in LaTeX."""
    return text.replace("_", r"\_")


def is_indexed(label: str) -> bool:
    """Tell whether a label is a letter and a number, as x1 is."""
    return label.isidentifier() and len(label.rstrip("0123456789")) == 1


def number_text(x: Any) -> str:
    """Write a number, or a short array, in plain text."""
    if np.ndim(x) == 0:
        return digits.number(x)
    if np.ndim(x) == 1 and np.size(x) <= 6:
        return np.array2string(x + 0, precision=4, separator=", ")  # -0 + 0 is 0
    return "array " + "×".join(map(str, np.shape(x)))


def number_latex_of(x: Any) -> str:
    """Write a number in LaTeX, and of an array its shape."""
    if np.ndim(x) == 0:
        return digits.latex(digits.operand(x, 4))
    return r"\text{array " + "×".join(map(str, np.shape(x))) + "}"


def labels_of(f: Callable[..., Any], args: tuple[Any, ...]) -> list[str]:
    """Name the inputs after the function's parameters, as far as they can be known."""
    names = []
    try:
        signature = inspect.signature(f)
        for name, value in signature.bind(*args).arguments.items():
            several = signature.parameters[name].kind is inspect.Parameter.VAR_POSITIONAL
            names += [f"{name}{k + 1}" for k in range(len(value))] if several else [name]
    except (TypeError, ValueError):  # some callables have no signature
        names = [f"x{k + 1}" for k in range(len(args))]
    return [name + path for name, value in zip(names, args, strict=True) for path in _paths(value)]


def _paths(tree: Any) -> list[str]:
    """Say where each leaf of a nest stands: ``['w'][0]``."""
    if tree is None:
        return []
    if isinstance(tree, dict):
        return [f"[{key!r}]{rest}" for key, child in tree.items() for rest in _paths(child)]
    if not isinstance(tree, list | tuple):
        return [""]
    fields = getattr(tree, "_fields", None)
    steps = [f".{name}" for name in fields] if fields else [f"[{k}]" for k in range(len(tree))]
    return [step + rest for step, child in zip(steps, tree, strict=True) for rest in _paths(child)]
