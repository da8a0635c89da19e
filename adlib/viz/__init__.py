"""Pictures: one visual language, pure plotting functions, and explorers with sliders.

Needs Matplotlib and ipywidgets (``pip install "adlib[viz]"``); nothing in the core imports this.
"""

from adlib.viz.explorer import Explorer
from adlib.viz.style import METHODS, ROLES, Picture

__all__ = ["METHODS", "ROLES", "Explorer", "Picture"]
