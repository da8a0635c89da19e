"""How to measure ratios on a machine that is never quiet.

Each contestant runs in a process of its own, so that nobody's threads, garbage or imports slow down another.
They take turns.  A turn gives the median of some runs, so that garbage collection counts; the best of many turns
counts, because whatever else the machine does can only make a turn slower.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

Run = Callable[[], Any]

NOT_INSTALLED, NOT_MEASURED, FASTER = "not installed", "not measured", "× faster"


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes
    ----------
    what, against : str
        What was measured, and what it is compared with.
    got : float or None
        The number reached; ``None`` if there is none, and then `note` says why.
    wanted : str
        ``">= 1.5"``, ``"<= 5"``, or empty for information only.
    unit : str
    note : str
    """

    what: str
    against: str
    got: float | None
    wanted: str = ""
    unit: str = "×"
    note: str = ""

    @property
    def bound(self) -> float:
        """The number wanted."""
        return float(self.wanted.split()[1])

    @property
    def margin(self) -> float | None:
        """How many times better than wanted: 1 is just enough; ``None`` if nothing was wanted or measured."""
        if self.got is None or not self.wanted:
            return None
        return self.got / self.bound if self.wanted.startswith(">=") else self.bound / max(self.got, 1e-9)

    @property
    def verdict(self) -> str:
        """In words: reached or not, for information only, not installed, or not measured."""
        if self.got is None:
            return NOT_INSTALLED if self.note == NOT_INSTALLED else NOT_MEASURED
        if self.margin is None:
            return "the other is faster" if self.unit == FASTER and self.got < 0.95 else "for information"
        return "reached" if self.margin >= 1 else "NOT REACHED"


@dataclass
class Race:
    """What came out of taking turns.

    Attributes
    ----------
    first : dict
        Each contestant's first results.
    seconds : dict
        Each contestant's time for one run, in its best turn.
    ratios : dict
        Each contestant's time over adlib's.
    missing : list of str
        Contestants that are not installed.
    """

    first: dict[str, list[Any]] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)

    def row(self, what: str, name: str, wanted: str = "", note: str = "") -> Row:
        """Make the row that says how many times faster adlib is than `name`."""
        if name in self.missing:
            return Row(what, name, None, wanted, note=NOT_INSTALLED)
        times = f"{1e3 * self.seconds['adlib']:.2f} against {1e3 * self.seconds[name]:.2f} ms"
        return Row(what, name, self.ratios[name], wanted, FASTER, f"{times}{'; ' if note else ''}{note}")


def _compete(pipe: Connection, make: Callable[[], Run]) -> None:
    try:
        run = make()
    except ModuleNotFoundError:
        pipe.send(None)
        return
    pipe.send([run() for _ in range(3)])
    gc.collect()
    while count := pipe.recv():
        times = []
        for _ in range(count):
            start = time.perf_counter()
            run()
            times.append(time.perf_counter() - start)
        pipe.send(times)


def _start(make: Callable[[], Run]) -> tuple[Connection, Any]:
    """Start a contestant's process; return the pipe to it, and its first results (``None``: not installed)."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    context.Process(target=_compete, args=(theirs, make), daemon=True).start()
    theirs.close()
    return ours, ours.recv()


def race(
    contestants: dict[str, Callable[[], Run]], rounds: int, count: int, threads: int | None = None
) -> Race:
    """Let contestants take turns.

    Parameters
    ----------
    contestants : dict
        ``"adlib"`` and others.  Each is a function at the top of a module that builds what is to be run.
    rounds, count : int
        How many turns each has, and how many runs a turn.
    threads : int, optional
        How many threads NumPy's linear algebra may use.

    Returns
    -------
    Race
    """
    result = Race()
    if threads is not None:
        os.environ["OPENBLAS_NUM_THREADS"] = str(threads)  # for the processes started here
    pipes: dict[str, Connection] = {}
    for name, make in contestants.items():
        pipe, first = _start(make)
        if first is None:
            result.missing.append(name)
        else:
            result.first[name], pipes[name] = first, pipe
    os.environ.pop("OPENBLAS_NUM_THREADS", None)
    times: dict[str, list[float]] = {name: [] for name in pipes}
    for _ in range(rounds + 2):
        for name, pipe in pipes.items():
            pipe.send(count)
            times[name].append(statistics.median(pipe.recv()))
    for pipe in pipes.values():
        pipe.send(0)
    for name, turns in times.items():
        result.seconds[name] = min(turns[2:])  # the first turns warm up
        result.ratios[name] = result.seconds[name] / result.seconds["adlib"]
    return result


def lives(
    contestants: dict[str, Callable[[], Run]], processes: int, count: int
) -> tuple[Race, dict[str, float]]:
    """Let contestants live and die in turn, so that what their garbage costs is paid by each.

    Parameters
    ----------
    contestants : dict
        As for `race`.
    processes, count : int
        How many fresh processes each has, and how many runs in each.

    Returns
    -------
    Race
        Its times are means over all runs.
    dict
        Each contestant's least time over adlib's.
    """
    result, times = Race(), {name: list[float]() for name in contestants}
    for _ in range(processes):
        for name, make in contestants.items():
            pipe, first = _start(make)
            if first is None:
                result.missing.append(name)
                continue
            result.first[name] = first
            pipe.send(count)
            times[name] += pipe.recv()
            pipe.send(0)
    for name, runs in times.items():
        if runs:
            result.seconds[name] = statistics.fmean(runs)
            result.ratios[name] = result.seconds[name] / result.seconds["adlib"]
    return result, {name: min(runs) / min(times["adlib"]) for name, runs in times.items() if runs}
