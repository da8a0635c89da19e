"""One explorer a file; each is a class on `adlib.viz.explorer.Explorer` and a function that makes one."""

from adlib.viz.explorers.graph import explore_graph
from adlib.viz.explorers.methods import explore_methods
from adlib.viz.explorers.step_size import explore_step_size

__all__ = ["explore_graph", "explore_methods", "explore_step_size"]
