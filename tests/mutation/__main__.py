"""Do the tests bite?  ``python -m tests.mutation`` changes the engines one operator at a time and runs the tests.

cosmic-ray makes the changes (the *mutants*) and keeps the score; config.toml tells which.  A mutant that fails a
test is killed.  One that passes them all has survived: either the change makes no difference, or a test is
missing.  survivors.md says which, for each.

cosmic-ray alone would start Python anew for every mutant, which takes longer than the tests.  Here every worker
has imported all that does not change, and forks.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import hashlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cosmic_ray.work_item import WorkItem

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "mutation"
CONFIG = Path(__file__).with_name("config.toml")
# What must be killed: this share of the mutants of gates, and of the engine's boxes and both modes, taken together.
GOAL = 96.0
ENGINE = ("boxes", "operators", "levels", "calls", "forward", "tape", "reverse")
CORE = ("gates/", *(f"engine/{name}.py" for name in ENGINE))
# Where a mutant of these files most likely dies; the longest name counts ...
FIRST = {
    "engine/": "derivatives",
    "engine/boxes.py": "refused_operations",
    "engine/check.py": "check",
    "engine/custom.py": "custom",
    "engine/forward.py": "nesting",
    "engine/levels.py": "nesting",
    "engine/operators.py": "refused_writing",
    "engine/reverse.py": "backward",
    "engine/tape.py": "memory",
    "engine/tree.py": "tree",
    "formula/": "symbolic",
    "formula/derivation.py": "simplify",
    "formula/reading.py": "source",
    "formula/simplify.py": "simplify",
    "formula/source.py": "source",
    "gates/": "linear",
    "gates/elementwise.py": "gates",
    "gates/gate.py": "gates",
    "gates/notation.py": "symbolic",
    "gates/selections.py": "kinks",
    "linalg/": "linalg",
    "nn.py": "nn",
    "numerical.py": "numerical",
    "optim.py": "nn",
    "study/": "trace",
    "study/diagnosis.py": "diagnosis",
}
# ... and then in all others, the quick ones of wide reach first: few live to see the last.
NEXT = ("oracle", "nesting", "operands", "removable", "refused_operations", "symbolic", "trace", "custom")
# Rooms that few tests enter: a survivor need not wait for the others.
REACHED_BY = {
    "formula/": (
        "symbolic",
        "simplify",
        "source",
        "trace",
        "graph",
        "cost",
        "check",
        "diagnosis",
        "custom",
        "gates",
    ),
    "study/": ("trace", "diagnosis", "graph", "cost", "custom", "branches", "reductions", "removable"),
    "numerical.py": ("numerical", "check", "gates", "refused_calls", "pitfalls"),
    "nn.py": ("nn", "data", "backward"),
    "optim.py": ("nn", "data", "backward"),
}
# Never tried: what tests the machine, or the files around the code, and takes long.
NEVER = {"depth", "growth", "readme"}
MEMORY = 6 << 30  # bytes


def test_files(folder: Path) -> list[str]:
    """List the tests that a mutant has to pass, by name: ``oracle`` is tests/unit/test_oracle.py."""
    paths = [*folder.glob("tests/unit/test_*.py"), folder / "tests/test_numerical.py"]
    names = {path.stem.removeprefix("test_") for path in paths} - NEVER
    return [*NEXT, *sorted(names - set(NEXT))]


def located(name: str) -> str:
    """Tell where the tests of a name are."""
    return "tests/test_numerical.py" if name == "numerical" else f"tests/unit/test_{name}.py"


def first_tests(place: str) -> str:
    """Name the tests that a mutant of a file meets first: ``linear`` for ``gates/shapes.py``."""
    return FIRST[max((name for name in FIRST if place.startswith(name)), key=len)]


def run(folder: Path, names: list[str], limit: float) -> bool | None:
    """Run tests in a process of their own; tell whether all passed, or None if they did not end in time."""
    pid = os.fork()
    if pid == 0:
        os.setpgrp()
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            import pytest

            options = ["-x", "-q", "--tb=line", "-p", "no:cacheprovider"]
            # ... of what was imported before the fork
            options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
            code = int(pytest.main([*options, *map(located, names)]))
        except BaseException as error:
            print(error)
            code = 1
        os._exit(code)
    until = time.monotonic() + limit
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            code = os.waitstatus_to_exitcode(status)
            if code == 5:  # a name that is no test's any more would kill every mutant
                raise SystemExit(f"no tests in {names}")
            return code == 0
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return None


def mutated(database: Path) -> list[WorkItem]:
    """List the mutants that no filter leaves out, in an order that is the same everywhere."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome

    with use_db(str(database), mode=WorkDB.Mode.open) as db:
        skipped = {job for job, result in db.results if result.worker_outcome is WorkerOutcome.SKIPPED}
        items = [item for item in db.work_items if item.job_id not in skipped]
    items.sort(key=lambda i: [(str(m.module_path), m.operator_name, m.occurrence) for m in i.mutations])
    # a zip's strict=True checks what adlib itself has arranged
    return [item for item in items if not beside(item)[0].endswith("strict=")]


@functools.cache
def lines_of(path: Path) -> list[str]:
    """Read a file of adlib."""
    return path.read_text(encoding="utf-8").splitlines()


def beside(item: WorkItem) -> tuple[str, str]:
    """Show the line before and after the place that is changed."""
    (mutation,) = item.mutations
    row, column = mutation.start_pos
    line = lines_of(REPOSITORY / mutation.module_path)[row - 1]
    return line[:column], line[column:]


def chosen(database: Path, sample: int | None, seed: int) -> list[WorkItem]:
    """Choose the mutants to try, at random: those that a stopped run has tried are a sample, too."""
    items = mutated(database)
    items = random.Random(seed).sample(items, min(sample or len(items), len(items)))
    # The star or slash of a signature is no operator: what comes of it is no Python, and no merit of the tests.
    return [item for item in items if not beside(item)[1].startswith(("*,", "/,"))]


def needed(folder: Path, names: list[str]) -> float:
    """See that the tests pass without a mutation, and return how many seconds they need."""
    key = hashlib.sha256()
    for path in (*sorted(folder.glob("adlib/**/*.py")), *sorted(folder.glob("tests/unit/**/*.py"))):
        key.update(path.read_bytes())
    known = folder.parent / f"passed-{key.hexdigest()[:16]}"
    if not known.exists():
        begun = time.monotonic()
        if not run(folder, names, 3600.0):
            log = (folder / "log").read_text(encoding="utf-8")
            raise SystemExit("the tests fail without a mutation:\n" + log)
        known.write_text(str(time.monotonic() - begun), encoding="utf-8")
    return float(known.read_text(encoding="utf-8"))


def work(database: Path, part: int, parts: int, sample: int | None, seed: int, again: bool) -> None:
    """Try, in this folder, `part` of `parts` of the chosen mutants that have no result yet, or survived before."""
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    for name in ("hypothesis", "mpmath", "numpy", "networkx", "matplotlib.pyplot", "pytest"):
        with contextlib.suppress(ImportError):
            __import__(name)
    folder = Path.cwd()
    os.environ["CI"] = "true"  # Hypothesis tries the same examples every time
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.dont_write_bytecode = False
    names = test_files(folder)
    limit = 60.0 + 5 * needed(folder, names)  # for what runs on for ever, not for what is slow
    sys.dont_write_bytecode = True  # of a mutant; all else is compiled by now
    with use_db(str(database), mode=WorkDB.Mode.open) as db:
        finished = {job for job, result in db.results if result.is_killed or not again}
        for item in chosen(database, sample, seed)[part::parts]:
            if item.job_id in finished:
                continue
            (mutation,) = item.mutations
            path = folder / mutation.module_path
            before = path.read_text(encoding="utf-8")
            operator = get_operator(mutation.operator_name)(**mutation.operator_args)
            after = mutate_code(before, operator, mutation.occurrence)
            if after is None:
                raise SystemExit(f"no mutant {mutation}: is adlib another than when the mutants were made?")
            diff = "\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
            path.write_text(after, encoding="utf-8")
            try:
                place = mutation.module_path.relative_to("adlib").as_posix()
                first = first_tests(place)
                few = next((REACHED_BY[room] for room in REACHED_BY if place.startswith(room)), names)
                rest = [name for name in few if name != first]
                passed = run(folder, [first], limit) and run(folder, rest, limit)
            finally:
                path.write_text(before, encoding="utf-8")
            db.set_result(
                item.job_id,
                WorkResult(
                    WorkerOutcome.NORMAL,
                    output="no end" if passed is None else "",
                    test_outcome=TestOutcome.SURVIVED if passed else TestOutcome.KILLED,
                    diff=diff,
                ),
            )


def scores(tried: list[tuple[str, bool]]) -> Iterator[tuple[str, int, int]]:
    """Count killed and all, for each file, for each room, for the core, and for all."""
    groups: dict[str, list[bool]] = defaultdict(list)
    for path, killed in sorted(tried):
        room = path.split("/")[0] if "/" in path else ""
        core = path.startswith(CORE)
        for group in (path, *([f"{room}, all"] if room else []), *(["core"] if core else []), "all"):
            groups[group].append(killed)
    for group in sorted(groups, key=lambda name: (name == "all", name == "core", name)):
        yield group, sum(groups[group]), len(groups[group])


def report(database: Path, sample: int | None, seed: int) -> bool:
    """Print the survivors and the scores; tell whether all that was chosen is tried, and the core well enough."""
    from cosmic_ray.work_db import WorkDB, use_db

    items = chosen(database, sample, seed)
    with use_db(str(database), mode=WorkDB.Mode.open) as db:
        results = dict(db.results)
    tried, survivors, endless = [], [], 0
    for item in items:
        if item.job_id not in results:
            continue
        (mutation,), result = item.mutations, results[item.job_id]
        path = mutation.module_path.relative_to("adlib").as_posix()
        tried.append((path, result.is_killed))
        endless += result.output == "no end"
        if not result.is_killed:
            changed = [line for line in (result.diff or "").splitlines()[3:] if line[:1] in "-+"]
            survivors.append(f"{path}:{mutation.start_pos[0]}\n" + "\n".join(changed) + "\n")
    print(*sorted(survivors), sep="\n")
    share = 0.0
    for group, killed, total in scores(tried):
        print(f"{group:24} {killed:5} of {total:5} killed  {100 * killed / total:6.1f} %")
        if group == "core":
            share = 100 * killed / total
    print(f"tried {len(tried)} of {len(items)}; {endless} did not end; the core must reach {GOAL:.0f} %")
    return len(tried) == len(items) and share >= GOAL


def made(files: list[str] | None) -> Path:
    """Have cosmic-ray list the mutants of adlib as it is; keep the list until adlib changes."""
    text = CONFIG.read_text(encoding="utf-8")
    if files:
        start, end = text.index("module-path"), text.index("timeout")
        text = text[:start] + f"module-path = {files}\n" + text[end:]
    key = hashlib.sha256(text.encode())
    for entry in tomllib.loads(text)["cosmic-ray"]["module-path"]:
        path = REPOSITORY / entry
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            key.update(source.read_bytes())
    BUILD.mkdir(parents=True, exist_ok=True)
    database = BUILD / f"{key.hexdigest()[:16]}.sqlite"
    if not database.exists():
        config = database.with_suffix(".toml")
        config.write_text(text, encoding="utf-8")
        subprocess.run(["cosmic-ray", "init", config, database], cwd=REPOSITORY, check=True)
        subprocess.run(["cr-filter-operators", database, config], cwd=REPOSITORY, check=True)
    return database


def prepared(part: int) -> Path:
    """Copy what the tests need to a folder that a worker may change."""
    folder = BUILD / f"worker-{part}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name in ("adlib", "tests", "notebooks", "figures"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(REPOSITORY / name, folder / name)
    return folder


def main() -> int:
    """Make the mutants, try them, report; a second call goes on where the first was stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--files", nargs="*", help="only these, in place of those in config.toml")
    parser.add_argument("--sample", type=int, help="try so many mutants, chosen at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--again", action="store_true", help="try those that survived again, after new tests")
    parser.add_argument("--report", action="store_true", help="report what there is, and try nothing")
    parser.add_argument("--worker", nargs=2, type=int, help=argparse.SUPPRESS)
    parser.add_argument("--database", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.worker:
        work(given.database, *given.worker, given.sample, given.seed, given.again)
        return 0
    database = made(given.files)
    if not given.report:
        workers = []
        for k in range(given.workers):
            command = [sys.executable, "-m", "tests.mutation", "--seed", str(given.seed)]
            command += ["--sample", str(given.sample)] if given.sample else []
            command += ["--again"] if given.again else []
            command += ["--worker", str(k), str(given.workers), "--database", str(database)]
            workers.append(subprocess.Popen(command, cwd=prepared(k)))
        if max(worker.wait() for worker in workers):
            return 1
    return 0 if report(database, given.sample, given.seed) else 1


if __name__ == "__main__":
    sys.exit(main())
