"""How many generated calls of NumPy's functions the unit tests make, and which: ``make calls N=1000000 SEED=7``."""

import os

USUAL = 12_000
"""What `make test` makes: half at random (`test_like_numpy`), half for the options (`test_optional_arguments`)."""

TIMES = max(1, round(int(os.environ.get("ADLIB_CALLS", USUAL)) / USUAL))
SEED = int(os.environ.get("ADLIB_SEED", "0"))


def seeded(name):
    """What to draw the calls of a function with."""
    return f"{name} {SEED}" if SEED else name
