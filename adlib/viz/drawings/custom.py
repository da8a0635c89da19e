"""One gate with a right and four wrong backward rules: notebook 13."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

import adlib
from adlib.engine.custom import CustomGate

REACH = 2.5
"""The pictures show x from -REACH to REACH."""
Rule = Callable[[Any, Any, Any], Any]
BUGS: Mapping[str, tuple[str, Rule]] = {
    "wrong sign": (
        "g * (np.sin(2*x) - 2*x * np.cos(2*x))",
        lambda g, out, x: g * (np.sin(2 * x) - 2 * x * np.cos(2 * x)),
    ),
    "missing factor": (
        "g * (np.sin(2*x) + x * np.cos(2*x))",
        lambda g, out, x: g * (np.sin(2 * x) + x * np.cos(2 * x)),
    ),
    "missing term": ("g * 2*x * np.cos(2*x)", lambda g, out, x: g * 2 * x * np.cos(2 * x)),
    "wrong argument": (
        "g * (np.sin(2*x) + 2*x * np.cos(2*out))",
        lambda g, out, x: g * (np.sin(2 * x) + 2 * x * np.cos(2 * out)),
    ),
    "none": (
        "g * (np.sin(2*x) + 2*x * np.cos(2*x))",
        lambda g, out, x: g * (np.sin(2 * x) + 2 * x * np.cos(2 * x)),
    ),
}
"""Backward rules for the gate x·sin(2x), as code and as a function; the last one is right."""


def gate_with(bug: str) -> CustomGate:
    """Make the gate x·sin(2x) with one of the rules of `BUGS`."""

    @adlib.custom_gate
    def wave(x: Any) -> Any:
        return x * np.sin(2 * x)

    wave.backward(BUGS[bug][1])
    return wave


def claimed(gate: CustomGate, x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Differentiate a gate at many points, as its rule would have it."""
    slopes: NDArray[np.float64] = adlib.grad(lambda t: np.sum(gate(t)))(x)
    return slopes


def measured(gate: CustomGate, x: NDArray[np.float64], h: float = 1e-5) -> NDArray[np.float64]:
    """Differentiate a gate at many points by central differences, which know nothing of its rule."""
    slopes: NDArray[np.float64] = (gate(x + h) - gate(x - h)) / (2 * h)
    return slopes


def checked(gate: CustomGate, x: float) -> str:
    """Return what `adlib.check_grads` says of a gate's backward rule at a point; empty if it is silent."""
    try:
        adlib.check_grads(gate, (x,), modes=["reverse"])
    except AssertionError as error:
        return str(error)
    return ""


def blind_spots(gate: CustomGate) -> list[float]:
    """List where the claimed derivative meets the true one, by crossing it or by touching it."""
    right = gate_with("none")

    def apart(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.abs(claimed(gate, x) - claimed(right, x))

    x = np.linspace(-REACH, REACH, 4001)
    far = apart(x)
    spots = []
    for near in x[1:-1][(far[1:-1] <= far[:-2]) & (far[1:-1] <= far[2:])]:
        spot, reach = near, x[1] - x[0]
        while reach > 1e-9:  # look closer and closer
            closer = np.linspace(spot - reach, spot + reach, 21)
            spot, reach = closer[np.argmin(apart(closer))], reach / 8
        if apart(np.array([spot]))[0] < 1e-7:
            spots.append(float(spot))
    return spots
