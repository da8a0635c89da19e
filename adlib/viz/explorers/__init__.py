"""One explorer a file; each is a class on `adlib.viz.explorer.Explorer` and a function that makes one."""

from adlib.viz.explorers.custom import explore_gradient_check
from adlib.viz.explorers.descent import explore_descent
from adlib.viz.explorers.graph import explore_graph
from adlib.viz.explorers.methods import explore_methods
from adlib.viz.explorers.step_size import explore_step_size
from adlib.viz.explorers.steppers import explore_forward, explore_reverse

__all__ = [
    "explore_descent",
    "explore_forward",
    "explore_gradient_check",
    "explore_graph",
    "explore_methods",
    "explore_reverse",
    "explore_step_size",
]
