"""One explorer a file; each is a class on `adlib.viz.explorer.Explorer`, made by calling it."""

from adlib.viz.explorers.cost import CheckpointExplorer, CostExplorer
from adlib.viz.explorers.curvature import CurvatureExplorer
from adlib.viz.explorers.custom import GradientCheckExplorer
from adlib.viz.explorers.descent import DescentExplorer
from adlib.viz.explorers.dual import DualExplorer
from adlib.viz.explorers.forward import ForwardStepper
from adlib.viz.explorers.graph import GraphExplorer
from adlib.viz.explorers.methods import MethodsExplorer
from adlib.viz.explorers.pitfalls import PitfallExplorer
from adlib.viz.explorers.reverse import ReverseStepper
from adlib.viz.explorers.step_size import StepSizeExplorer
from adlib.viz.explorers.swell import SwellExplorer
from adlib.viz.explorers.training import TrainingExplorer

__all__ = [
    "CheckpointExplorer",
    "CostExplorer",
    "CurvatureExplorer",
    "DescentExplorer",
    "DualExplorer",
    "ForwardStepper",
    "GradientCheckExplorer",
    "GraphExplorer",
    "MethodsExplorer",
    "PitfallExplorer",
    "ReverseStepper",
    "StepSizeExplorer",
    "SwellExplorer",
    "TrainingExplorer",
]
