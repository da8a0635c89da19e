"""Count the operations of gradients, relative to those of the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import adlib
from adlib.lesson import examples
from adlib.study.cost import operations
from tests.benchmarks.measure import Row

SIZES = (4, 16, 64, 256, 1024)


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
