"""``python -m adlib.viz.figures OUTDIR``: write all figures."""

from __future__ import annotations

import sys

from adlib.viz.figures import save_all


def main(arguments: list[str] | None = None) -> int:
    """Write all figures into the directory given and print their names."""
    given = sys.argv[1:] if arguments is None else arguments
    if len(given) != 1:
        print("usage: python -m adlib.viz.figures OUTDIR", file=sys.stderr)
        return 2
    for name in save_all(given[0]):
        print(f"{given[0]}/{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
