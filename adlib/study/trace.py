r"""The evaluation trace: every intermediate value of a function, numbered, with its tangent and its adjoint.

The inputs are v₋₁, v₀ (for m inputs: from v₁₋ₘ to v₀), the operations v₁, v₂ ... in the order in which they
ran.  Beside each value stands either its tangent v̇, filled in from top to bottom, or its adjoint v̄, filled
in from bottom to top.  The formulas shown are not written here: they are the rows of the gates table, applied
to symbols.

The numbering is that of Griewank and Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from adlib import gates
from adlib.engine.calls import is_floating, no_dependence, real_leaves
from adlib.engine.reverse import record
from adlib.engine.tape import Tape, Variable, sweep
from adlib.engine.tree import flatten
from adlib.errors import explain
from adlib.formula.expr import Expr, symbol
from adlib.gates import Elementwise, Gate, Linear
from adlib.gates.shaping import shape_of
from adlib.gates.transposes import dense
from adlib.study.columns import BAR, DOT, Column, Table
from adlib.study.rows import (
    AdjointStep,
    Constant,
    Row,
    TangentRow,
    applied,
    as_symbol,
    escaped,
    is_indexed,
    jacobian_text,
    labels_of,
    local_partial,
    names,
    number_latex_of,
    number_plain,
    number_text,
    numbered,
    numbers,
    v_latex,
    written_rule,
)

if TYPE_CHECKING:
    import networkx as nx


class Trace:
    """What ran when a function was evaluated.

    Made by `trace`.  Shows itself as a table in a notebook.

    Attributes
    ----------
    rows : list of Row
        Inputs first, then operations in the order in which they ran.
    outputs : list of int
        Indices of the rows that the function returned.
    value : object
        What the function returned, as plain numbers.
    """

    def __init__(self, rows: list[Row], outputs: list[int], value: Any, name: str) -> None:
        self.rows, self.outputs, self.value, self.name = rows, outputs, value, name
        self._by_index = {row.index: row for row in rows}

    def __getitem__(self, name: int | str) -> Row:
        """Return the row v_i, by its number ``i`` or its name ``"v_i"``."""
        index = int(name.removeprefix("v_")) if isinstance(name, str) else name
        if index not in self._by_index:
            last = self.rows[-1].name
            raise KeyError(f"the trace has no row {name!r}: its rows are {self.rows[0].name} to {last}")
        return self._by_index[index]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def inputs(self) -> list[Row]:
        """The rows of the inputs."""
        return [row for row in self.rows if row.gate is None]

    @property
    def output(self) -> Row:
        """The row of the result.

        Raises
        ------
        TypeError
            If the function returned several values.
        """
        if len(self.outputs) != 1:
            raise TypeError(f"the traced function returned {len(self.outputs)} values; use .outputs")
        return self[self.outputs[0]]

    # --- The three columns ------------------------------------------------------------------------

    def primal(self) -> Table:
        """Return the column of values, with the operation that made each."""
        lines = [(row.symbol, self.text(row), number_text(row.value)) for row in self.rows]
        columns = [*self._primal_columns(self.rows, with_numbers=True)]
        return Table("primal", self.rows, lines, columns, {"primal": "primal: from top to bottom"})

    def _primal_columns(self, rows: Sequence[Row | None], with_numbers: bool = False) -> list[Column]:
        columns = [
            Column("primal", "operation", [f"{v_latex(r)} = {self.formula(r)}" if r else "" for r in rows]),
            Column("primal", "numbers, rounded", [self.numbers(r) if r and r.gate else "" for r in rows]),
            Column("primal", "value", [number_text(r.value) if r else "" for r in rows], plain=True),
        ]
        return columns if with_numbers else columns[::2]

    def tangent(self, seed: Sequence[Any]) -> Table:
        """Return the column of tangents: forward mode, from top to bottom.

        Parameters
        ----------
        seed : sequence
            The tangents of the inputs, one for each.

        Returns
        -------
        Table
            Its ``steps`` are `TangentRow`.

        Raises
        ------
        ValueError
            If there are not as many tangents as inputs, or shapes differ.

        Examples
        --------
        >>> t = trace(lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2))), 2.0, 1.0)
        >>> round(t.tangent((0.0, 1.0)).steps[-1].tangent, 9)
        -1.380165568
        """
        seeds, _ = flatten(seed)
        inputs = self.inputs
        if len(seeds) != len(inputs):
            raise ValueError(
                f"tangent: {len(inputs)} inputs but {len(seeds)} tangents; give one for each input"
            )
        tangents: dict[int, Any] = {}
        steps = []
        for row, s in zip(inputs, seeds, strict=True):
            if np.shape(s) != shape_of(row.value):
                shape = shape_of(row.value)
                raise ValueError(
                    f"tangent: a tangent of shape {np.shape(s)} for {row.symbol}, of shape {shape}"
                )
            tangents[row.index] = float(s) if type(row.value) is float else np.asarray(s, row.value.dtype)[()]
            text = number_latex_of(s) if np.ndim(s) == 0 else r"\text{seed}"
            steps.append(TangentRow(row, tangents[row.index], text, text, "seed", number_plain(s)))
        with np.errstate(all="ignore"):
            for row in self.rows[len(inputs) :]:
                gate, moved = self._gate(row), [self._tangent_of(o, tangents) for o in row.operands]
                tangents[row.index] = gate.jvp(moved, self.operand_values(row), row.value, row.params)
                steps.append(TangentRow(row, tangents[row.index], *self._tangent_formulas(row, tangents)))
        lines = [(s.symbol, s.text, number_text(s.tangent)) for s in steps]
        columns = [
            *self._primal_columns(self.rows),
            Column("tangent", "rule", [rf"\dot {v_latex(s.row)} = {s.formula}" for s in steps]),
            Column("tangent", "numbers, rounded", [s.numbers if s.row.gate else "" for s in steps]),
            Column("tangent", "value", [number_text(s.tangent) for s in steps], plain=True),
        ]
        direction = ", ".join(number_text(s) for s in seeds)
        headings = {
            "primal": "primal: from top to bottom",
            "tangent": f"tangent: from top to bottom, seed ({direction})",
        }
        return Table("tangent", steps, lines, columns, headings)

    def adjoint(self, seed: Any = None) -> Table:
        """Return the column of adjoints: reverse mode, from bottom to top, one contribution at a time.

        Parameters
        ----------
        seed : optional
            ȳ, as nested and shaped as the result; 1 for a scalar.

        Returns
        -------
        Table
            Its ``steps`` are `AdjointStep`, in the order in which they happen.  Every adjoint starts at 0 and
            is only ever added to.

        Raises
        ------
        TypeError
            If the result is not a scalar and no seed is given.
        ValueError
            If the seed does not fit the result.

        Examples
        --------
        >>> t = trace(lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2))), 2.0, 1.0)
        >>> [round(s.contribution, 9) for s in t.adjoint().steps if s.target.name == "v_-1"]
        [0.930457375, 0.537370129]
        """
        seeds = self._adjoint_seeds(seed)
        adjoints: dict[Variable, Any] = {}
        visits: dict[int, int] = {}
        steps: list[AdjointStep] = []

        def receive(row: Row, source: Row | None, k: int, partial: Any, c: Any, *written: str) -> None:
            visits[row.index] = visits.get(row.index, 0) + 1
            total = dense(adjoints.get(row.node), row.value)
            steps.append(AdjointStep(row, source, k, partial, c, total, visits[row.index], *written))

        for index, g in zip(self.outputs, seeds, strict=True):
            node, text = self[index].node, number_latex_of(g) if np.ndim(g) == 0 else r"\text{seed}"
            adjoints[node] = adjoints[node] + g if node in adjoints else g
            receive(self[index], None, 0, None, g, text, text, "seed", number_plain(g))

        def hand_on(row: Row, target: Row, g: Any, k: int, c: Any) -> None:
            formulas = self._adjoint_formulas(row, k, g, c)
            receive(target, row, k, local_partial(row, k, self.operand_values(row)), c, *formulas)

        self.walk(adjoints, hand_on)
        lines = [(s.symbol, s.text, number_text(s.contribution), number_text(s.total)) for s in steps]
        columns = [
            *self._primal_columns([s.source for s in steps]),
            Column(
                "adjoint",
                "hands on",
                [rf"\bar {v_latex(s.target)} \mathrel{{+}}= {s.formula}" for s in steps],
            ),
            Column("adjoint", "numbers, rounded", [s.numbers if s.source else "" for s in steps]),
            Column("adjoint", "value", [number_text(s.contribution) for s in steps], plain=True),
            Column("adjoint", "sum so far", [number_text(s.total) for s in steps], plain=True),
            Column("adjoint", "visit", [str(s.visit) for s in steps], plain=True),
        ]
        headings = {
            "primal": "primal: its last row first",
            "adjoint": "adjoint: every sum starts at 0",
        }
        return Table("adjoint", steps, lines, columns, headings, [s.visit > 1 for s in steps])

    def walk(self, adjoints: dict[Variable, Any], tell: Callable[[Row, Row, Any, int, Any], None]) -> None:
        """Walk back, and tell who hands what on to whom: row, target, the row's adjoint, operand, contribution."""
        rows = {row.node: row for row in self.rows}

        def in_rows(node: Variable, g: Any, k: int, c: Any) -> None:
            target = rows[node.parents[k]]  # type: ignore[index]
            tell(rows[node], target, g, k, dense(c, target.value))

        sweep([row.node for row in self.rows if row.gate], adjoints, in_rows)

    def gradient(self) -> tuple[Any, ...]:
        """Return the final adjoints of the inputs, zero where nothing arrived."""
        adjoints = {self[i].node: g for i, g in zip(self.outputs, self._adjoint_seeds(None), strict=True)}
        self.walk(adjoints, lambda *told: None)
        return tuple(dense(adjoints.get(row.node), row.value) for row in self.inputs)

    def graph(self) -> nx.DiGraph:
        """Return the computational graph.

        Returns
        -------
        networkx.DiGraph
            A node for each row, keyed by its name, with attributes ``index, symbol, kind`` ("input",
            "operation", "output"), ``gate`` (a short sign), ``label`` (the operation in plain text),
            ``value`` and ``layer`` (the longest path from an input).  An edge from each operand to its use,
            with ``operands`` (at which places it is used) and ``partial``, the local derivative (``None``
            where that is a larger matrix).
        """
        import networkx as nx

        g = nx.DiGraph(name=self.name)
        layers: dict[int, int] = {}
        for row in self.rows:
            layers[row.index] = 1 + max((layers[p] for p in row.parents), default=-1)
            g.add_node(
                row.name,
                index=row.index,
                symbol=row.symbol,
                kind="output" if row.index in self.outputs else row.kind,
                gate=row.gate.symbol if row.gate else "=",
                label=self.text(row),
                value=row.value,
                layer=layers[row.index],
            )
            for k, o in enumerate(row.operands):
                if isinstance(o, Constant):
                    continue
                edge = (self[o].name, row.name)
                if g.has_edge(*edge):  # x·x: one edge, both uses
                    g.edges[edge]["operands"] += (k,)
                else:
                    g.add_edge(*edge, operands=(k,), partial=self.partial(*edge))
        return g

    def operand_values(self, row: Row) -> list[Any]:
        """Return what a row's gate was applied to: values and constants, in order."""
        return [o.value if isinstance(o, Constant) else self[o].value for o in row.operands]

    def partial(self, operand: str, name: str) -> Any:
        """Return the local derivative of row `name` by row `operand`; ``None`` if it is a larger matrix.

        An operand that is used twice, as in x·x, has the sum of both.

        Examples
        --------
        >>> trace(lambda x: x * x, 3.0).partial("v_0", "v_1")
        6.0
        """
        row, index = self[name], self[operand].index
        places = [k for k, o in enumerate(row.operands) if not isinstance(o, Constant) and o == index]
        with np.errstate(all="ignore"):
            parts = [local_partial(row, k, self.operand_values(row)) for k in places]
        return None if any(part is None for part in parts) else sum(parts)

    # --- Formulas ---------------------------------------------------------------------------------

    def formula(self, row: Row) -> str:
        """Write a row's operation in LaTeX, with the names of its operands."""
        if row.gate is None:
            return (
                rf"\mathrm{{{escaped(row.label)}}}"
                if not is_indexed(row.label)
                else symbol(row.label).latex()
            )
        return self._expression(row, names).latex()

    def text(self, row: Row) -> str:
        """Write a row's operation in plain text."""
        return row.label if row.gate is None else str(self._expression(row, names))

    def text_of(self, operand: Any) -> str:
        """Write one of a row's operands in plain text: a name or a number."""
        return number_text(operand.value) if isinstance(operand, Constant) else self[operand].symbol

    def numbers(self, row: Row, least: int = 4) -> str:
        """Write a row's operation in LaTeX, with the numbers of its operands put in; see `numbers_text`."""
        return number_latex_of(row.value) if row.gate is None else self._with_numbers(row, least)[0]

    def numbers_text(self, row: Row, least: int = 4) -> str:
        """Write a row's operation in plain text, with the numbers of its operands put in.

        Parameters
        ----------
        row : Row
        least : int
            How many digits numbers have: more only where it takes more to give the value to so many digits.

        Returns
        -------
        str

        Examples
        --------
        >>> t = trace(lambda x, y: np.sin(x) / np.cos(y), 0.5625, 1.5625)
        >>> [t.numbers_text(row) for row in t.rows[2:]]
        ['sin(0.5625)', 'cos(1.5625)', '0.5333 / 0.008296']
        """
        return number_plain(row.value, least) if row.gate is None else self._with_numbers(row, least)[1]

    def _with_numbers(self, row: Row, least: int) -> tuple[str, str]:
        return numbered(lambda more: self._expression(row, numbers(more)), row.value, least)

    def _expression(self, row: Row, named: Callable[[Row], Expr]) -> Expr:
        return applied(row, [self._written(o, named) for o in row.operands])

    def _written(self, operand: Any, named: Callable[[Row], Expr]) -> Any:
        if not isinstance(operand, Constant):
            return named(self[operand])
        if np.ndim(operand.value) == 0:
            return operand.value
        return symbol("array", r"\mathrm{array}")

    def _tangent_formulas(self, row: Row, tangents: dict[int, Any]) -> tuple[str, str, str, str]:
        def rule(write: Callable[[Row], Expr], moved: Callable[[Row], Expr]) -> Any:
            operands = [self._written(o, write) for o in row.operands]
            dots = [None if isinstance(o, Constant) else moved(self[o]) for o in row.operands]
            if isinstance(row.gate, Elementwise):
                return row.gate.jvp(dots, operands, write(row), {})
            if getattr(row.gate, "joint", False):  # the gate itself, applied to the tangents
                rules = row.gate._rules(len(dots))  # type: ignore[union-attr]
                fixed = zip(operands, dots, rules, strict=True)
                return applied(row, [o if r is None else 0 if d is None else d for o, d, r in fixed])
            terms: list[Any] = []
            for k, dot in enumerate(dots):
                if dot is not None and isinstance(row.gate, Linear):
                    terms.append(applied(row, [*operands[:k], dot, *operands[k + 1 :]]))
                elif dot is not None:
                    terms.append(
                        Expr(gates.multiply, (symbol(*jacobian_text(row, self[row.operands[k]])), dot))
                    )
            return sum(terms[1:], start=terms[0]) if terms else 0

        return written_rule(
            lambda: rule(names, lambda r: symbol("v" + DOT + r.symbol[1:], rf"\dot {v_latex(r)}")),
            lambda more: rule(numbers(more), lambda r: as_symbol(tangents[r.index], more)),
            tangents[row.index],
        )

    def _adjoint_formulas(self, row: Row, k: int, g: Any, c: Any) -> tuple[str, str, str, str]:
        def rule(write: Callable[[Row], Expr], bar: Expr) -> Any:
            if isinstance(row.gate, Elementwise):
                return row.gate.vjp(k, bar, [self._written(o, write) for o in row.operands], write(row), {})
            text, latex = jacobian_text(row, self[row.operands[k]])
            return Expr(gates.multiply, (symbol(f"{text}ᵀ", rf"{latex}^{{\mathsf{{T}}}}"), bar))

        return written_rule(
            lambda: rule(names, symbol("v" + BAR + row.symbol[1:], rf"\bar {v_latex(row)}")),
            lambda more: rule(numbers(more), as_symbol(g, more)),
            c,
        )

    @staticmethod
    def _gate(row: Row) -> Gate:
        assert row.gate is not None  # inputs come first, and have been dealt with
        return row.gate

    @staticmethod
    def _tangent_of(operand: Any, tangents: dict[int, Any]) -> Any:
        return None if isinstance(operand, Constant) else tangents[operand]

    def _adjoint_seeds(self, seed: Any) -> list[Any]:
        if seed is None:
            shapes = [shape_of(self[i].value) for i in self.outputs]
            if shapes != [()]:
                problem = f"adjoint: the traced function returned values of shapes {shapes}, not one scalar"
                raise TypeError(explain(problem, "Pass the adjoint to start from: t.adjoint(seed)."))
            return [1.0]
        seeds, _ = flatten(seed)
        if [np.shape(s) for s in seeds] != [shape_of(self[i].value) for i in self.outputs]:
            raise ValueError("adjoint: the seed must be as nested and shaped as the function's result")
        return seeds

    def __repr__(self) -> str:
        return repr(self.primal())

    def _repr_html_(self) -> str:
        return self.primal()._repr_html_()


def trace(f: Callable[..., Any], *args: Any) -> Trace:
    """Evaluate a function and record every gate, in order.

    Parameters
    ----------
    f : callable
        Takes floats, arrays, or nested tuples, lists and dicts of them, and returns any of these.
    *args
        Where to evaluate it; of floating type.

    Returns
    -------
    Trace
        Its rows are named ``v_-1, v_0`` (inputs) and ``v_1, v_2 ...`` (operations).

    Raises
    ------
    TypeError
        If an input is not real and floating, or if the result does not depend on the inputs.

    Examples
    --------
    >>> t = trace(lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2))), 2.0, 1.0)
    >>> t
    v₋₁  =  x1                          2
    v₀   =  x2                          1
    v₁   =  v₀**2                       1
    v₂   =  sin(v₁)          0.8414709848
    v₃   =  v₋₁ / v₂          2.376790212
    v₄   =  log(v₃)          0.8657509268
    v₅   =  sqrt(v₄)         0.9304573751
    v₆   =  v₋₁ * v₅           1.86091475
    """
    return traced("trace", f, args, Tape())


def traced(operation: str, f: Callable[..., Any], args: Any, tape: Tape, constants: bool = False) -> Trace:
    """Evaluate a function on a tape that the caller made, and put its rows in order."""
    leaves, rebuild = real_leaves(operation, args)
    run = record(f, leaves, rebuild, tape)
    nodes, inputs, out, mine, rebuild_out = run.nodes, run.inputs, run.outputs, run.tracked, run.rebuild
    tracked = [y for y, m in zip(out, mine, strict=True) if m]
    if not tracked and not (constants and out and all(map(is_floating, out))):
        raise no_dependence(operation, f, out)
    index = {x: k - len(inputs) + 1 for k, x in enumerate(inputs)} | {
        node: k + 1 for k, node in enumerate(nodes)
    }
    labels = labels_of(f, args)
    rows = [Row(index[x], x, (), label) for x, label in zip(inputs, labels, strict=True)]
    for node in nodes:
        operands = tuple(
            index[a] if type(a) is Variable and a.level is tape else Constant(a) for a in node.args
        )
        rows.append(Row(index[node], node, operands))
    value = rebuild_out([y.value if type(y) is Variable and y.level is tape else y for y in out])
    return Trace(rows, [index[y] for y in tracked], value, getattr(f, "__name__", "f"))
