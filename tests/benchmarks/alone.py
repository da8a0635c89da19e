"""What adlib is measured against itself in: gradients of arrays, long chains, imports, the notebooks."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import adlib
from adlib.lesson import examples
from tests.benchmarks.measure import NOT_MEASURED, Row, Run, race

ENTRIES = 10**5


def _rank_one_helmholtz(x: Any) -> Any:
    """The Helmholtz energy where A = c cᵀ, so that 10⁵ components need no matrix."""
    b, c = np.full(ENTRIES, 0.5 / ENTRIES), np.full(ENTRIES, 1.0 / ENTRIES)
    bx = np.dot(b, x)
    attraction = np.dot(c, x) ** 2 / (np.sqrt(8.0) * bx)
    root2 = np.sqrt(2.0)
    ideal = np.sum(x * np.log(x / (1.0 - bx)))
    return ideal - attraction * np.log((1.0 + (1.0 + root2) * bx) / (1.0 + (1.0 - root2) * bx))


def _sines(x: Any) -> Any:
    return np.sum(np.sin(x) * np.exp(-x * x))


def _prepared() -> Any:
    np.ones(4_000_000)  # the C library then keeps freed memory, as in any program that works on large arrays
    return np.random.default_rng(0).uniform(0.5, 1.5, ENTRIES)


def helmholtz_value() -> Run:
    x = _prepared()
    return lambda: _rank_one_helmholtz(x)


def helmholtz_grad() -> Run:
    x = _prepared()
    return lambda: adlib.grad(_rank_one_helmholtz)(x)


def sines_value() -> Run:
    x = _prepared()
    return lambda: _sines(x)


def sines_grad() -> Run:
    x = _prepared()
    return lambda: adlib.grad(_sines)(x)


def rosenbrock_value() -> Run:
    x = _prepared()
    return lambda: examples.rosenbrock(x)


def rosenbrock_grad() -> Run:
    x = _prepared()
    return lambda: adlib.grad(examples.rosenbrock)(x)


def arrays(rounds: int) -> list[Row]:
    """Time gradients of functions of 10⁵ variables over the functions."""
    table = []
    for name, value, gradient in (
        ("the Helmholtz energy, A of rank one", helmholtz_value, helmholtz_grad),
        ("Σ sin(x) exp(−x²)", sines_value, sines_grad),
        ("Rosenbrock's function", rosenbrock_value, rosenbrock_grad),
    ):
        result = race({"adlib": value, "gradient": gradient}, rounds, 20, threads=1)
        note = " against ".join(f"{1e3 * result.seconds[k]:.2f}" for k in ("gradient", "adlib")) + " ms"
        what = f"time of the gradient, {name}, 10⁵ entries"
        table.append(Row(what, "the function's", result.ratios["gradient"], "<= 4", "×", note))
    return table


def chain(length: int) -> Callable[[Any], Any]:
    """A chain of `length` scalar nodes."""

    def f(x: Any) -> Any:
        for _ in range(length):
            x = x * 1.0000001
        return x

    return f


def long_chain(rounds: int) -> list[Row]:
    """Differentiate a chain of a million scalar nodes."""
    short, long = 10**5, 10**6
    tracemalloc.start()
    adlib.grad(chain(10**4))(1.0)  # Python keeps a few thousand small tuples for reuse: let it have them now
    before, _ = tracemalloc.get_traced_memory()
    gradient = adlib.grad(chain(long))(1.0)
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    np.testing.assert_allclose(gradient, 1.0000001**long, rtol=1e-9)
    values = sys.getsizeof(1.0)
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100)
    try:
        adlib.grad(chain(short))(1.0)
    finally:
        sys.setrecursionlimit(limit)

    best = {short: float("inf"), long: float("inf")}
    for _ in range(rounds):
        for length in best:
            start = time.perf_counter()
            adlib.grad(chain(length))(1.0)
            best[length] = min(best[length], (time.perf_counter() - start) / length)
    what = "a chain of 10⁶ nodes: "
    note = "with a recursion limit of 100, a chain of 10⁵ runs too"
    return [
        Row(what + "time per node", "a chain of 10⁵", best[long] / best[short], "<= 1.2", "×", note),
        Row(
            what + "peak memory per node",
            "without values",
            (peak - before) / long - values,
            "<= 400",
            "bytes",
        ),
        Row(what + "memory left after the call", "before", (after - before) / 1000, "<= 100", "kB"),
    ]


def _import_time(module: str) -> float:
    code = f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
    compiled = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}  # as installed modules are
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=compiled)
    return float(done.stdout)


def imports(rounds: int) -> list[Row]:
    """Time ``import adlib`` over ``import numpy``, in fresh processes."""
    pairs = [(_import_time("adlib"), _import_time("numpy")) for _ in range(rounds + 2)][2:]
    ours, numpy = (1e3 * min(column) for column in zip(*pairs, strict=True))
    return [
        Row("import adlib", "import numpy", ours / numpy, "<= 1.3", "×", f"{ours:.0f} against {numpy:.0f} ms")
    ]


def sliders() -> list[Row]:
    """Ask the browser how long a slider takes: ``tests.browser.latency.measure()``."""
    if importlib.util.find_spec("tests.browser.latency") is None:
        got: dict[str, float] = {}
    else:
        got = importlib.import_module("tests.browser.latency").measure()
    median, tail, new_figure = (got.get(k) for k in ("median_ms", "p95_ms", "interact_median_ms"))
    gain = new_figure / median if new_figure and median else None
    note = "" if got else NOT_MEASURED
    return [
        Row("a slider in JupyterLab, key to picture, median", "time", median, "<= 80", "ms", note),
        Row("the same, 95th percentile", "time", tail, "<= 150", "ms", note),
        Row("the same, median", "interact with a new figure", gain, ">= 2.5", "× faster", note),
    ]


def notebooks() -> list[Row]:
    """Time strict nbval over the series, two workers."""
    what, series = "strict nbval over all notebooks", sorted(Path("notebooks").glob("*.ipynb"))
    if not series or importlib.util.find_spec("nbval") is None or importlib.util.find_spec("xdist") is None:
        return [Row(what, "time", None, "<= 60", "s", NOT_MEASURED)]
    options = "-q -p no:cacheprovider -W default -n 2 --dist loadfile"
    options += " --nbval --nbval-current-env --nbval-cell-timeout=120"
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest", *options.split(), *map(str, series)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if done.returncode:
        return [Row(what, "time", None, "<= 60", "s", f"failed: {done.stdout.strip().splitlines()[-1][:60]}")]
    return [Row(what, "time", seconds, "<= 60", "s", f"{len(series)} notebooks")]
