r"""The evaluation trace: every intermediate value of a function, numbered, with its tangent and its adjoint.

The inputs are v₋₁, v₀ (for m inputs: from v₁₋ₘ to v₀), the operations v₁, v₂ ... in the order in which they
ran.  Beside each value stands either its tangent v̇, filled in from top to bottom, or its adjoint v̄, filled
in from bottom to top.  Numbers are computed here; `adlib.study.words` writes formulas, when somebody reads them.

The numbering is that of Griewank and Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, chapter 2.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from adlib.engine.calls import fitting, real_leaves, values_of
from adlib.engine.reverse import record
from adlib.engine.tape import Tape, Variable, sweep
from adlib.engine.tree import flatten
from adlib.errors import explain
from adlib.gates import Gate
from adlib.gates.shaping import shape_of
from adlib.gates.transposes import dense
from adlib.study.columns import Column, Table
from adlib.study.rows import AdjointStep, Constant, Row, TangentRow, labels_of, local_partial
from adlib.study.words import Rows, number_text, seed_words, v_latex

if TYPE_CHECKING:
    import networkx as nx


class Trace(Rows):
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
        super().__init__(rows)
        self.outputs, self.value, self.name = outputs, value, name

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
        return Table(
            "primal",
            self.rows,
            lambda row: (row.symbol, self.text(row), number_text(row.value)),
            lambda: self._primal_columns(self.rows, with_numbers=True),
            {"primal": "primal: from top to bottom"},
        )

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
            s = tangents[row.index] = fitting(f"tangent: a tangent for {row.symbol}", s, row.value)
            steps.append(TangentRow(row, s, write=partial(seed_words, s)))
        with np.errstate(all="ignore"):
            for row in self.rows[len(inputs) :]:
                gate, moved = self._gate(row), [self._tangent_of(o, tangents) for o in row.operands]
                tangents[row.index] = gate.jvp(moved, self.operand_values(row), row.value, row.params)
                write = partial(self.tangent_words, row, tangents)
                steps.append(TangentRow(row, tangents[row.index], write=write))
        direction = ", ".join(number_text(s) for s in seeds)
        return Table(
            "tangent",
            steps,
            lambda s: (s.symbol, s.text, number_text(s.tangent)),
            lambda: [
                *self._primal_columns(self.rows),
                Column("tangent", "rule", [rf"\dot {v_latex(s.row)} = {s.formula}" for s in steps]),
                Column("tangent", "numbers, rounded", [s.numbers if s.row.gate else "" for s in steps]),
                Column("tangent", "value", [number_text(s.tangent) for s in steps], plain=True),
            ],
            {
                "primal": "primal: from top to bottom",
                "tangent": f"tangent: from top to bottom, seed ({direction})",
            },
        )

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
        adjoints: list[Any] = [None] * len(self.rows)
        visits: dict[int, int] = {}
        steps: list[AdjointStep] = []

        def receive(row: Row, source: Row | None, k: int, slope: Any, c: Any, write: Any) -> None:
            visits[row.index] = visits.get(row.index, 0) + 1
            total = dense(adjoints[row.node.number], row.value)
            steps.append(AdjointStep(row, source, k, slope, c, total, visits[row.index], write=write))

        for index, g in zip(self.outputs, seeds, strict=True):
            number = self[index].node.number
            adjoints[number] = g if adjoints[number] is None else adjoints[number] + g
            receive(self[index], None, 0, None, g, partial(seed_words, g))

        def hand_on(row: Row, target: Row, g: Any, k: int, c: Any) -> None:
            slope = local_partial(row, k, self.operand_values(row))
            receive(target, row, k, slope, c, partial(self.adjoint_words, row, k, g, c))

        self.walk(adjoints, hand_on)
        return Table(
            "adjoint",
            steps,
            lambda s: (s.symbol, s.text, number_text(s.contribution), number_text(s.total)),
            lambda: [
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
            ],
            {"primal": "primal: its last row first", "adjoint": "adjoint: every sum starts at 0"},
            [s.visit > 1 for s in steps],
        )

    def walk(self, adjoints: list[Any], tell: Callable[[Row, Row, Any, int, Any], None]) -> None:
        """Walk back, and tell who hands what on to whom: row, target, the row's adjoint, operand, contribution."""
        rows = {row.node.number: row for row in self.rows}

        def in_rows(node: Variable, g: Any, k: int, c: Any) -> None:
            target = rows[node.parents[k].number]  # type: ignore[union-attr]
            tell(rows[node.number], target, g, k, dense(c, target.value))

        sweep([row.node for row in self.rows if row.gate], adjoints, in_rows)

    def gradient(self) -> tuple[Any, ...]:
        """Return the final adjoints of the inputs, zero where nothing arrived."""
        adjoints: list[Any] = [None] * len(self.rows)
        adjoints[self.output.node.number] = self._adjoint_seeds(None)[0]
        self.walk(adjoints, lambda *told: None)
        return tuple(dense(adjoints[row.node.number], row.value) for row in self.inputs)

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
        values = [self[i].value for i in self.outputs]
        return [fitting("adjoint: a seed", s, v) for s, v in zip(seeds, values, strict=True)]

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
    tape.everything = True
    run = record(f, leaves, rebuild, tape)
    nodes, inputs = run.nodes, run.inputs
    values = values_of(operation, f, run.outputs, run.tracked, tape if constants else None, quiet=True)
    index = [*range(1, len(nodes) + 1), *range(1 - len(inputs), 1)]  # by the nodes' numbers
    rows = [Row(index[x.number], x, (), label) for x, label in zip(inputs, labels_of(f, args), strict=True)]
    for node in nodes:
        operands = tuple(
            index[a.number] if type(a) is Variable and a.level is tape else Constant(a) for a in node.args
        )
        rows.append(Row(index[node.number], node, operands))
    outputs = [index[y.number] for y, mine in zip(run.outputs, run.tracked, strict=True) if mine]
    return Trace(rows, outputs, run.rebuild(values), getattr(f, "__name__", "f"))
