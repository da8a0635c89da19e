"""What a trace is made of: rows, tangents, contributions to adjoints."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from adlib.engine.tape import Variable
from adlib.gates import Elementwise, Gate
from adlib.gates.notation import subscript
from adlib.gates.shaping import shape_of
from adlib.study.columns import BAR, DOT


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
        return "v" + subscript(self.index)

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
class Worded:
    """A step whose words are written when somebody reads them; the numbers are there from the start.

    Attributes
    ----------
    formula, numbers : str
        LaTeX: the rule that gave the step's number, with names, and with numbers: as few digits, at least four, as
        give it to four digits.
    text, numbers_text : str
        The same in plain text.
    """

    write: Callable[[bool], tuple[str, str]] = field(repr=False, compare=False, kw_only=True)
    """Writes LaTeX and plain text, with names or with numbers."""

    @cached_property
    def _with_names(self) -> tuple[str, str]:
        return self.write(False)

    @cached_property
    def _with_numbers(self) -> tuple[str, str]:
        return self.write(True)

    formula = property(lambda self: self._with_names[0])
    text = property(lambda self: self._with_names[1])
    numbers = property(lambda self: self._with_numbers[0])
    numbers_text = property(lambda self: self._with_numbers[1])


@dataclass(frozen=True)
class TangentRow(Worded):
    """One line of the tangent column; its words are those of `Worded`.

    Attributes
    ----------
    row : Row
        Whose tangent it is.
    tangent : float or array
        v̇.
    """

    row: Row
    tangent: Any

    @property
    def symbol(self) -> str:
        """Such as ``"v̇₃"``."""
        return "v" + DOT + self.row.symbol[1:]


@dataclass(frozen=True)
class AdjointStep(Worded):
    """One contribution to one adjoint; its words are those of `Worded`.

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
    """

    target: Row
    source: Row | None
    operand: int
    partial: Any
    contribution: Any
    total: Any
    visit: int

    @property
    def symbol(self) -> str:
        """Such as ``"v̄₃"``."""
        return "v" + BAR + self.target.symbol[1:]


def local_partial(row: Row, k: int, values: Sequence[Any]) -> Any:
    """Evaluate the local derivative by operand `k`, where it is a number or an array of the row's shape."""
    assert row.gate is not None
    if isinstance(row.gate, Elementwise):
        return row.gate.partial(k, values, row.value)
    if shape_of(row.value) == () == shape_of(values[k]):
        slope = row.gate.vjp(k, 1.0, values, row.value, row.params)
        return 0.0 if slope is None else float(slope)
    return None


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
