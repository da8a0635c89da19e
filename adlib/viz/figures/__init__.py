"""Every figure of the README and the notebooks, by name: ``python -m adlib.viz.figures OUTDIR``.

A figure is a function without arguments that returns a `Picture`, registered under its file's name::

    @figure("step-size")
    def step_size() -> Picture: ...

A notebook shows the same one with ``figures.show("step-size")`` as the last line of a cell.  The PNG
depends on the drawing alone, so one set of versions always writes the same bytes.
"""

from adlib.viz.figures import (
    cost,
    curvature,
    custom,
    dual,
    graphs,
    network,
    numerics,
    pitfalls,
    source,
    swell,
    traces,
    why,
)
from adlib.viz.figures.registry import REGISTRY, figure, save_all, show

__all__ = [
    "REGISTRY",
    "cost",
    "curvature",
    "custom",
    "dual",
    "figure",
    "graphs",
    "network",
    "numerics",
    "pitfalls",
    "save_all",
    "show",
    "source",
    "swell",
    "traces",
    "why",
]
