"""One explorer a file; each is a class on `adlib.viz.explorer.Explorer` and a function that makes one."""

from adlib.viz.explorers.cost import explore_checkpoints, explore_cost
from adlib.viz.explorers.curvature import explore_curvature
from adlib.viz.explorers.custom import explore_gradient_check
from adlib.viz.explorers.descent import explore_descent
from adlib.viz.explorers.dual import explore_dual
from adlib.viz.explorers.graph import explore_graph
from adlib.viz.explorers.methods import explore_methods
from adlib.viz.explorers.pitfalls import explore_pitfalls
from adlib.viz.explorers.step_size import explore_step_size
from adlib.viz.explorers.steppers import explore_forward, explore_reverse
from adlib.viz.explorers.swell import explore_swell
from adlib.viz.explorers.training import explore_training

__all__ = [
    "explore_checkpoints",
    "explore_cost",
    "explore_curvature",
    "explore_descent",
    "explore_dual",
    "explore_forward",
    "explore_gradient_check",
    "explore_graph",
    "explore_methods",
    "explore_pitfalls",
    "explore_reverse",
    "explore_step_size",
    "explore_swell",
    "explore_training",
]
