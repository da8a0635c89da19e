"""Two versions of adlib, interleaved: ``python -m tests.benchmarks.against COMMIT``, or ``make bench AGAINST=COMMIT``.

Each round runs every program once in a fresh process of the old version and once of the new one, so that a machine
that is busy for a while is busy for both.  A program's time is the least of many runs; its ratio is the median over
the rounds.
A ratio above 1 says that the new version is faster.
"""

from __future__ import annotations

import argparse
import io
import json
import statistics
import subprocess
import sys
import tarfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "against"

PROGRAMS = """
import json, sys, time
import numpy as np
import adlib

rng = np.random.default_rng(0)
W = [rng.normal(size=(100, 1000)) / 30, np.zeros(100), rng.normal(size=(10, 100)) / 10, np.zeros(10)]
X, Y = rng.normal(size=(64, 1000)), rng.normal(size=(64, 10))
A, x8, x100, x1e5 = rng.normal(size=(100, 100)), *(np.linspace(0.1, 1, n) for n in (8, 100, 10**5))

def scalars(x):
    y = x
    for _ in range(100):
        y = y * x + 1.3 - x / (y + 2.0)
    return y

def functions_of_numbers(x):
    y = x
    for _ in range(100):
        y = np.sin(y) * x + np.exp(-y)
    return y

def arrays(x):
    y = x
    for _ in range(20):
        y = np.sin(y) * x + y / (1.5 + y * y)
    return np.sum(y)

def network(w):
    e = np.maximum(X @ w[0].T + w[1], 0) @ w[2].T + w[3] - Y
    return np.sum(e * e)

def rosenbrock(x):
    return np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

RUNS = {
    "gradient, operators on numbers": lambda: adlib.grad(scalars)(1.1),
    "gradient, functions of numbers": lambda: adlib.grad(functions_of_numbers)(0.7),
    "gradient, 8 entries": lambda: adlib.grad(arrays)(x8),
    "gradient, 10^5 entries": lambda: adlib.grad(arrays)(x1e5),
    "gradient of 200 numbers": lambda: adlib.grad(lambda x: sum(v * v for v in x))([1.0] * 200),
    "jvp, operators on numbers": lambda: adlib.jvp(scalars, (1.1,), (1.0,)),
    "jvp, 8 entries": lambda: adlib.jvp(arrays, (x8,), (x8,)),
    "jacobian, 100 to 100": lambda: adlib.jacobian(lambda x: np.tanh(A @ x))(x100),
    "hessian, 10 inputs": lambda: adlib.hessian(rosenbrock)(x8),
    "Hessian times vector": lambda: adlib.hvp(rosenbrock, (x100,), (x100,)),
    "a network's gradient": lambda: adlib.grad(network)(W),
    "trace with adjoints": lambda: adlib.trace(scalars, 1.1).gradient(),
}
found = {}
for name, run in RUNS.items():
    run()
    best, until = 1e9, time.perf_counter() + float(sys.argv[1])
    while time.perf_counter() < until:
        start = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - start)
    found[name] = best
print(json.dumps(found))
"""


def checkout(commit: str) -> Path:
    """Unpack adlib as it was at a commit."""

    def git(*words: str) -> bytes:
        return subprocess.run(["git", *words], cwd=REPOSITORY, check=True, capture_output=True).stdout

    name = git("rev-parse", "--short", f"{commit}^{{commit}}").decode().strip()
    folder = BUILD / name
    if not folder.exists():
        packed = git("archive", name, "adlib")
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            archive.extractall(folder, filter="data")
    return folder


def times(folder: Path, seconds: float) -> dict[str, float]:
    """Time every program in a fresh process with the adlib of a folder."""
    program = f"import sys; sys.path.insert(0, {str(folder)!r})\n" + PROGRAMS
    program += f"\nassert adlib.__file__.startswith({str(folder)!r}), adlib.__file__\n"
    done = subprocess.run(
        [sys.executable, "-c", program, str(seconds)], check=True, capture_output=True, text=True, cwd=BUILD
    )
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> int:
    """Run both versions in turn, and print the ratios; 1 if one is below 0.9."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.against", description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.3, help="for each program in each process")
    given = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    old = checkout(given.commit)
    rounds = [(times(old, given.seconds), times(REPOSITORY, given.seconds)) for _ in range(given.rounds)]
    slow = 0
    print(f"{'':34} old time / new time, median of {given.rounds} rounds (least, greatest)")
    for name in rounds[0][0]:
        ratios = [before[name] / after[name] for before, after in rounds]
        median = statistics.median(ratios)
        slow += median < 0.9
        print(f"{name:34} {median:5.2f}   ({min(ratios):.2f}, {max(ratios):.2f})")
    return 1 if slow else 0


if __name__ == "__main__":
    raise SystemExit(main())
