"""``python -m tests.benchmarks``: measure, print one table, and save it in ``figures/``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import alone, counting, derivatives, network, scalars
from tests.benchmarks.measure import Row
from tests.benchmarks.report import as_markdown, as_png, as_text, load

PARTS: dict[str, Callable[[int], list[Row]]] = {
    "network": network.rows,
    "scalars": scalars.rows,
    "derivatives": derivatives.rows,
    "counting": lambda rounds: counting.rows(),
    "arrays": alone.arrays,
    "chain": lambda rounds: alone.long_chain(min(rounds, 5)),
    "imports": lambda rounds: alone.imports(min(rounds, 15)),
    "sliders": lambda rounds: alone.sliders(),
    "notebooks": lambda rounds: alone.notebooks(),
}


def main() -> int:
    """Run the parts asked for; a table of all of them is saved."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts, save nothing"
    )
    parser.add_argument("--rounds", type=int, default=31, help="turns of each contestant (default: 31)")
    parser.add_argument("--markdown", action="store_true", help="print the README's table too")
    options = parser.parse_args()
    rows: list[Row] = []
    busy = load()
    print(busy, file=sys.stderr)
    for part in options.only:
        print(f"measuring: {part}", file=sys.stderr, flush=True)
        rows += PARTS[part](options.rounds)
    text = as_text(rows, busy)
    print(text, end="")
    if options.markdown:
        print(f"\n{as_markdown(rows)}", end="")
    if list(options.only) == list(PARTS):
        Path("figures/benchmarks.txt").write_text(text, encoding="utf-8")
        Path("figures/benchmarks.png").write_bytes(as_png(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
