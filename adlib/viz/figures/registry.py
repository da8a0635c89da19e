"""The register of figures: by name, each a function that draws."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from adlib.viz.style import Picture, png, style

REGISTRY: dict[str, Callable[[], Picture]] = {}
"""Every figure's function by its file's name, without ``.png``."""


def figure(name: str) -> Callable[[Callable[[], Picture]], Callable[[], Picture]]:
    """Register a function that draws a figure; it is called inside `style()`."""
    if name in REGISTRY:
        raise ValueError(f"there already is a figure {name!r}")

    def register(draw: Callable[[], Picture]) -> Callable[[], Picture]:
        REGISTRY[name] = draw
        return draw

    return register


def show(name: str) -> Picture:
    """Draw one figure, for the last line of a notebook's cell.

    Parameters
    ----------
    name : str

    Returns
    -------
    Picture
    """
    if name not in REGISTRY:
        raise KeyError(f"there is no figure {name!r}; there are {', '.join(sorted(REGISTRY))}")
    with style():
        return REGISTRY[name]()


def save_all(directory: str | Path) -> dict[str, str]:
    """Write every figure as PNG.

    Parameters
    ----------
    directory : path
        Made if it does not exist.

    Returns
    -------
    dict of str to str
        The alternative text of each figure by its name.
    """
    target = Path(directory)
    target.mkdir(parents=True, exist_ok=True)
    alts = {}
    for name in sorted(REGISTRY):
        picture = show(name)
        (target / f"{name}.png").write_bytes(png(picture.figure, dpi=200))
        alts[name] = picture.alt
    return alts
