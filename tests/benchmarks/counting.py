"""Count the operations that really run: put counting boxes under whatever is evaluated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import adlib
from adlib import examples, gates
from adlib.boxes import Box, Level
from adlib.gates import Elementwise, Gate
from tests.benchmarks.measure import Row

SIZES = (4, 16, 64, 256, 1024)


class Counted(Box):
    """A number or an array whose gates are counted.  It stays in view inside derivatives of any kind."""

    __slots__ = ()

    def __init__(self, value: Any, level: Level) -> None:
        self.value, self.level = value, level


class Counter(Level):
    """Counts elementary operations on numbers: moving numbers about is none."""

    __slots__ = ("operations",)

    def __init__(self) -> None:
        super().__init__()
        self.operations = 0

    def record(self, gate: Gate, values: Any, parents: Any, params: Any) -> Counted:
        out = gate(*values, **params)
        if gate is gates.attach:
            pass
        elif isinstance(gate, Elementwise):
            self.operations += np.size(out)
        elif gate.name == "sum":
            self.operations += np.size(values[0]) - np.size(out)
        elif gate.name == "scatter":
            self.operations += sum(np.size(v) for v in values)
        elif gate.name == "matmul":
            self.operations += 2 * np.size(out) * np.shape(values[0])[-1]
        elif gate.name not in ("getitem", "reshape", "expand_dims", "transpose", "swapaxes", "broadcast_to"):
            raise NotImplementedError(f"how many operations is {gate.name}?")
        return Counted(out, self)


def operations(f: Callable[..., Any], x: Any) -> int:
    """Count the operations of f at x."""
    counter = Counter()
    f(Counted(x, counter))
    return counter.operations


def point(n: int) -> Any:
    return (np.arange(n) + 1.0) / (np.arange(n) + 2.0)


def helmholtz(n: int) -> tuple[Callable[[Any], Any], Any]:
    rng = np.random.default_rng(n)
    A, b = rng.uniform(0, 1, (n, n)), rng.uniform(0.5, 1, n) / n
    return lambda x: examples.helmholtz(x, (A + A.T) / 2, b), rng.uniform(0.1, 0.9, n)


def rows() -> list[Row]:
    """Count.  These rows are exact: the same on every machine."""
    table = []
    cases = {
        "Speelpenning's product": lambda n: (examples.speelpenning, point(n)),
        "the Helmholtz energy": helmholtz,
    }
    for name, make in cases.items():
        ratios = []
        for n in SIZES:
            f, x = make(n)
            ratios.append(operations(adlib.value_and_grad(f), x) / operations(f, x))
        listed = ", ".join(f"{r:.2f}" for r in ratios)
        note = f"n = {', '.join(map(str, SIZES))}: {listed}"
        table.append(
            Row(f"operations of value and gradient, {name}", "the function's", max(ratios), "<= 5", "×", note)
        )
        drift = max(ratios[2:]) / min(ratios[2:])
        table.append(Row(f"the same, how flat from n = {SIZES[2]} on", "itself", drift, "<= 1.1", "×"))
    return table
