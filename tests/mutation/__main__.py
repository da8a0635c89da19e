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
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build" / "mutation"
CONFIG = Path(__file__).with_name("config.toml")
# Where a mutant of this file most likely dies ...
FIRST = {
    "linalg": "linalg",
    "boxes": "backward",
    "operators": "memory",
    "levels": "nesting",
    "calls": "refused_operations",
    "forward": "oracle",
    "tape": "memory",
    "reverse": "backward",
    "derivatives": "derivatives",
    "numerical": "numerical",
    "expr": "symbolic",
    "simplify": "simplify",
    "source": "source",
    "transposes": "linear",
    "selections": "removable",
}  # all else: the tests of the gates
# ... and then one after the other, the quick ones first: few live to see the last.
STAGES = (
    ("oracle", "nesting", "symbolic", "tree", "trace", "custom"),
    ("gates", "linalg"),
    ("linear", "operands"),
    (
        "memory",
        "arguments",
        "removable",
        "derivatives",
        "check",
        "diagnosis",
        "simplify",
        "graph",
        "zeros",
        "branches",
        "cost",
        "source",
        "refused_calls",
        "refused_operations",
        "refused_writing",
        "backward",
        "escaped",
        "errors",
        "dtypes",
        "empty",
        "kinks",
        "domains",
        "reductions",
        "properties",
        "numerical",
        "pitfalls",
        "nn",
        "like_numpy",
    ),
)
# Formulas and difference quotients are used by few tests, so a survivor need not wait for all of them.
FEW = (("symbolic", "simplify", "source", "numerical"), ("check", "graph", "trace", "cost"))
REACHED_BY_FEW = {"numerical", "expr", "simplify", "source"}
SLOW = "not million and not memory and not long and not cheap_gradient and not deep and not layout"
LIMIT = 120  # seconds for one mutant


def survives(folder: Path, module: str) -> bool:
    """Tell whether all tests pass."""
    stages = FEW if module in REACHED_BY_FEW else STAGES
    return all(child(folder, stage) == 0 for stage in ((FIRST.get(module, "gates"),), *stages))


def child(folder: Path, stage: tuple[str, ...]) -> int:
    """Run the tests of a stage in a process of their own; return pytest's exit code."""
    pid = os.fork()
    if pid == 0:
        os.setpgrp()
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        log = os.open(folder / "log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        try:
            import pytest

            files = [f"{part}/test_{name}.py" for name in stage for part in ("tests/unit", "tests")]
            files = [name for name in files if Path(name).exists()]
            options = ["-x", "-q", "--tb=line", "-p", "no:cacheprovider", "-k", SLOW]
            options += [
                "-W",
                "ignore::pytest.PytestAssertRewriteWarning",
            ]  # of what was imported before the fork
            code = pytest.main([*options, *files])
        except BaseException as error:
            print(error)
            code = 1
        os._exit(int(code))
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return -1


def work(folder: Path, database: Path, part: int, parts: int, every: int) -> None:
    """Try `part` of `parts` of the mutants that have no result yet, or one in `every` of them."""
    from cosmic_ray.mutating import _make_diff, use_mutation
    from cosmic_ray.plugins import get_operator
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

    for name in ("hypothesis", "mpmath", "numpy", "networkx", "matplotlib.pyplot", "pytest"):
        with contextlib.suppress(ImportError):
            __import__(name)
    os.chdir(folder)
    os.environ["CI"] = "true"  # Hypothesis tries the same examples every time
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    sys.path.insert(0, str(folder))
    sys.dont_write_bytecode = False
    if not survives(folder, "gates"):
        raise SystemExit(
            "the tests fail without a mutation:\n" + (folder / "log").read_text(encoding="utf-8")
        )
    sys.dont_write_bytecode = True  # of a mutant; all else is compiled by now
    with use_db(str(database), mode=WorkDB.Mode.open) as db:
        skipped = {job for job, result in db.results if result.worker_outcome is WorkerOutcome.SKIPPED}
        chosen = [item for item in db.work_items if item.job_id not in skipped][::every]
        finished = {job for job, _ in db.results}
        for item in chosen[part::parts]:
            if item.job_id in finished:
                continue
            (mutation,) = item.mutations
            operator = get_operator(mutation.operator_name)(**mutation.operator_args)
            with use_mutation(mutation.module_path, operator, mutation.occurrence) as (before, after):
                diff = "\n".join(_make_diff(before, after or before, mutation.module_path))
                if "strict=False" in diff:  # a zip's strict=True checks what adlib itself has arranged
                    db.set_result(item.job_id, WorkResult(WorkerOutcome.SKIPPED, output="strict", diff=diff))
                    continue
                alive = survives(folder, mutation.module_path.stem)
            outcome = TestOutcome.SURVIVED if alive else TestOutcome.KILLED
            db.set_result(
                item.job_id, WorkResult(WorkerOutcome.NORMAL, output="", test_outcome=outcome, diff=diff)
            )


def report(database: Path) -> float:
    """Print the score of each file and the survivors; return the share killed, in per cent."""
    from cosmic_ray.work_db import WorkDB, use_db
    from cosmic_ray.work_item import WorkerOutcome

    scores: dict[str, list[int]] = {}
    survivors = []
    with use_db(str(database), mode=WorkDB.Mode.open) as db:
        for item, result in db.completed_work_items:
            if result.worker_outcome is WorkerOutcome.SKIPPED:
                continue
            (mutation,) = item.mutations
            score = scores.setdefault(str(mutation.module_path), [0, 0])
            score[0] += result.is_killed
            score[1] += 1
            if not result.is_killed:
                changed = [x for x in (result.diff or "").splitlines()[3:] if x.startswith(("-", "+"))]
                survivors.append((str(mutation.module_path), mutation.start_pos[0], "\n".join(changed)))
    for module, line, diff in sorted(survivors):
        print(f"{module}:{line}\n{diff}\n")
    for module, (killed, total) in sorted(scores.items()):
        print(f"{module:24} {killed:5} of {total:5} killed  {100 * killed / total:6.1f} %")
    killed, total = (sum(score[k] for score in scores.values()) for k in (0, 1))
    print(f"{'all':24} {killed:5} of {total:5} killed  {100 * killed / total:6.1f} %")
    return 100 * killed / total


def main() -> int:
    """Make the mutants, try them, report; a second call goes on where the first was stopped."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--files", nargs="*", help="only these of the files in config.toml")
    parser.add_argument("--every", type=int, default=1, help="try one mutant in so many, for a first idea")
    parser.add_argument("--report", action="store_true", help="report what there is, and try nothing")
    parser.add_argument("--worker", nargs=2, type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    database = BUILD / "mutants.sqlite"
    if given.worker:
        work(BUILD / f"worker-{given.worker[0]}", database, *given.worker, given.every)
        return 0
    if not given.report:
        BUILD.mkdir(parents=True, exist_ok=True)
        if not database.exists():
            config = BUILD / "config.toml"
            text = CONFIG.read_text(encoding="utf-8")
            if given.files:
                start, end = text.index("module-path"), text.index("timeout")
                text = text[:start] + f"module-path = {given.files}\n" + text[end:]
            config.write_text(text, encoding="utf-8")
            subprocess.run(["cosmic-ray", "init", config, database], cwd=REPOSITORY, check=True)
            subprocess.run(["cr-filter-operators", database, config], cwd=REPOSITORY, check=True)
        workers = []
        for k in range(given.workers):
            folder = BUILD / f"worker-{k}"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for part in ("adlib", "tests", "notebooks", "figures"):
                shutil.copytree(
                    REPOSITORY / part, folder / part, ignore=shutil.ignore_patterns("__pycache__")
                )
            for part in ("pyproject.toml", "README.md"):
                shutil.copy(REPOSITORY / part, folder / part)
            command = [sys.executable, "-m", "tests.mutation", "--every", str(given.every)]
            command += ["--worker", str(k), str(given.workers)]
            workers.append(subprocess.Popen(command, cwd=REPOSITORY))
        if any(worker.wait() for worker in workers):
            return 1
    return 0 if report(database) >= 95 else 1


if __name__ == "__main__":
    sys.exit(main())
