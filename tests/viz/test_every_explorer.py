"""What holds for every explorer: it shows what its controls say, whatever was shown before.

The explorers are found, not listed. Each is walked, one control at a time as a reader moves them, through both ends of
every slider, every entry of every menu, and good and bad texts. At every stop it must be the explorer that is made anew
with the same values: the same axes in the same places with the same limits, the same words, the same controls, and the
same picture byte by byte.
"""

import functools
import importlib
import inspect
import pkgutil

import ipywidgets as widgets
import numpy as np
import pytest
from matplotlib.text import Text

from adlib.viz import explorers, training
from adlib.viz.explorer import Explorer
from adlib.viz.live.explorer import Control, LiveExplorer

MAKERS = {name: getattr(explorers, name) for name in explorers.__all__}


def ends(widget):
    """The values that a reader can bring a control to, the farthest ones; it stays at the last."""
    if hasattr(widget, "options"):
        return [o[1] if isinstance(o, tuple) else o for o in widget.options]
    if isinstance(widget, Control) and widget.kind != "line":
        return widget.ends()
    if isinstance(widget, widgets.Text | Control):
        return [f"sin({widget.value})", f"{widget.value} +", "3", f"cos({widget.value})"]
    if isinstance(widget, widgets.FloatLogSlider):
        return [widget.base**widget.min, widget.base**widget.max]
    return [widget.min, widget.max]


def walk(explorer):
    """Move one control after the other to its ends and leave it there; then bring all home one by one."""
    start = explorer.values
    for name, widget in explorer.inputs.items():
        for end in ends(widget):
            widget.value = end
            yield f"{name} to {end!r}"
    for name, value in start.items():
        explorer.inputs[name].value = value
    yield "the way home"


def looks(explorer):
    """All that the picture is made of, as far as it can be told in words, and what stands around it."""
    if isinstance(explorer, LiveExplorer):  # what the page gets is all there is
        own = {key: explorer.state[key] for key in explorer.state if key != "n"}
        return {
            "state": own,
            "scenes": {} if explorer.error else explorer.scenes,
            "alt": explorer.alt,
            "spec": explorer.spec,
        }
    found = {"words": explorer.words, "error": str(explorer.error), "panel": explorer.panel.value}
    if explorer.error is not None:
        return found  # picture and ranges are what they were before the mistake, and the picture is pale
    for name, widget in explorer.inputs.items():
        keys = ("value", "min", "max", "step", "description", "readout_format", "disabled", "options")
        found[name] = {key: getattr(widget, key) for key in keys if hasattr(widget, key)}
    for k, ax in enumerate(explorer.figure.axes):
        found[f"axes {k}"] = (
            np.round(ax.get_position().bounds, 9).tolist(),
            np.round([*ax.get_xlim(), *ax.get_ylim()], 9).tolist(),
            (ax.get_xscale(), ax.get_yscale()),
        )
    said = [t.get_text() for t in explorer.figure.findobj(Text) if t.get_visible()]
    found["texts"] = sorted(said)
    return found


@pytest.fixture
def short_runs(monkeypatch):
    """Five steps of training make a picture as good as six hundred, as far as this goes."""
    monkeypatch.setattr(training, "Run", functools.partial(training.Run, steps=5))


def test_all_are_found():
    defined = set()
    for found in pkgutil.iter_modules(explorers.__path__, f"{explorers.__name__}."):
        for value in vars(importlib.import_module(found.name)).values():
            if (
                inspect.isclass(value)
                and issubclass(value, Explorer | LiveExplorer)
                and value.__module__ == found.name
            ):
                defined.add(value)
    concrete = {c for c in defined if c.alt}  # without words for its picture no explorer is made
    assert set(MAKERS.values()) == concrete
    assert all(issubclass(maker, Explorer | LiveExplorer) for maker in MAKERS.values())
    assert len(concrete) == len(MAKERS) == 14


@pytest.mark.usefixtures("short_runs")
@pytest.mark.parametrize("name", MAKERS)
def test_it_shows_what_its_controls_say_whatever_was_shown_before(name):
    make = MAKERS[name]
    explorer, fresh = make(), functools.lru_cache(maxsize=None)(lambda items: make(**dict(items)))
    for stop in walk(explorer):
        values = explorer.values
        other = fresh(tuple(values.items()))
        assert other.values == values, f"after {stop} the controls of a new explorer cannot be set so"
        assert looks(explorer) == looks(other), f"after {stop}, at {values}"
        if explorer.error is None and isinstance(explorer, Explorer):
            assert bytes(explorer.picture.value) == bytes(other.picture.value), f"after {stop}, at {values}"
