"""A program of hundreds of +, ×, sin and relu on floats: value and gradient."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from tests.benchmarks.measure import Row, Run, lives, race
from tests.benchmarks.network import agreed

STEPS, START = 75, (1.1, 0.7)
OPERATIONS = 8 * STEPS + 1


def program(x: Any, y: Any, sin: Callable[[Any], Any], relu: Callable[[Any], Any]) -> Any:
    for _ in range(STEPS):
        x = sin(x * y + x * 0.5)
        y = relu(y * 0.5 + x) + 0.3
    return x * y


def with_adlib() -> Run:
    import adlib

    def f(x: Any, y: Any) -> Any:
        return program(x, y, np.sin, lambda v: np.maximum(v, 0))

    value_and_grad = adlib.value_and_grad(f, (0, 1))

    def run() -> Any:
        value, gradient = value_and_grad(*START)
        return [value, *gradient]

    return run


def with_micrograd() -> Run:
    from micrograd.engine import Value

    def sin(v: Any) -> Any:  # as micrograd writes its own gates
        out = Value(math.sin(v.data), (v,), "sin")

        def backward() -> None:
            v.grad += math.cos(v.data) * out.grad

        out._backward = backward
        return out

    def run() -> Any:
        x, y = map(Value, START)
        out = program(x, y, sin, Value.relu)
        out.backward()
        return [out.data, x.grad, y.grad]

    return run


def with_autograd() -> Run:
    import autograd
    import autograd.numpy as anp

    def f(x: Any, y: Any) -> Any:
        return program(x, y, anp.sin, lambda v: anp.maximum(v, 0))

    value_and_grad = autograd.value_and_grad(f, (0, 1))

    def run() -> Any:
        value, gradient = value_and_grad(*START)
        return [float(value), *map(float, gradient)]

    return run


def with_mygrad() -> Run:
    import mygrad as mg

    def run() -> Any:
        x, y = map(mg.tensor, START)
        out = program(x, y, mg.sin, lambda v: mg.maximum(v, 0))
        out.backward()
        return [out.item(), float(x.grad), float(y.grad)]

    return run


def with_torch() -> Run:
    import torch

    def run() -> Any:
        x, y = (torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in START)
        out = program(x, y, torch.sin, torch.relu)
        out.backward()
        return [out.item(), x.grad.item(), y.grad.item()]

    return run


WANTED = {
    "HIPS autograd": (with_autograd, ">= 10"),
    "MyGrad": (with_mygrad, ">= 10"),
    "PyTorch eager": (with_torch, ""),
}


def rows(rounds: int) -> list[Row]:
    """Measure; micrograd, which leaves cycles for Python to collect, by the mean over many runs in fresh processes."""
    what = f"value and gradient of {OPERATIONS} operations on floats"
    long, least = lives({"adlib": with_adlib, "micrograd": with_micrograd}, min(rounds, 12), 40)
    note = f"means of {40 * min(rounds, 12)} runs; the best runs: {least.get('micrograd', 1):.2f} × faster"
    table = [agreed(long).row(what, "micrograd", ">= 2", note)]
    result = agreed(race({"adlib": with_adlib} | {n: make for n, (make, _) in WANTED.items()}, rounds, 5))
    return table + [result.row(what, name, wanted) for name, (_, wanted) in WANTED.items()]
