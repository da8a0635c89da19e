"""What an explorer is made of: controls, a scene, and frames that say what is shown in it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Control", "Frame", "Scene", "State", "line", "slide", "walk"]

Shown = Mapping[str, tuple[str, str]]
"""By an element's key: the classes that say how it looks, and what is written in it, as HTML."""
_KEYED = re.compile(r'data-k="([^"]+)"((?: data-link="[^"]*")?) class="([^"]*)"([^>]*?)(/?)>')


@dataclass
class Control:
    """Something to slide, to type into, or to walk with; its value is read and set as ``explorer.inputs[name].value``.

    Attributes
    ----------
    kind : str
        ``"range"``, ``"line"`` or ``"walk"``.
    label, aria : str
        Its name as HTML, and as it is read out.
    start : object
        A value.
    stops, texts : sequence
        The values of a range, and how each is written.
    """

    kind: str
    label: str
    aria: str
    start: Any
    stops: Sequence[float] = ()
    texts: Sequence[str] = ()
    at: Any = None
    """The index of a stop, the text of a line, the number of a walk's step."""
    max: Any = None
    owner: Any = field(default=None, repr=False)
    name: str = ""

    def place(self, value: Any) -> Any:
        """Find where a value stands: a range goes to the nearest stop."""
        if self.kind == "range":
            return min(range(len(self.stops)), key=lambda k: abs(self.stops[k] - value))
        return max(1, int(value)) if self.kind == "walk" else str(value)

    @property
    def value(self) -> Any:
        """The value where the control stands; setting it moves the explorer."""
        return self.stops[self.at] if self.kind == "range" else self.at

    @value.setter
    def value(self, value: Any) -> None:
        self.owner.set(**{self.name: value})

    def ends(self) -> list[Any]:
        """List the values at which it ends."""
        return {"range": [*self.stops[:1], *self.stops[-1:]], "walk": [1, self.max]}.get(
            self.kind, [self.value]
        )


def slide(label: str, aria: str, stops: Sequence[float], texts: Sequence[str], start: float) -> Control:
    """Make a slider over stops, each with the text that stands beside it."""
    return Control("range", label, aria, start, stops, texts)


def line(label: str, aria: str, start: str) -> Control:
    """Make a line to type into; it counts when Enter is pressed or the line is left."""
    return Control("line", label, aria, start)


def walk(label: str, start: int) -> Control:
    """Make the slider over the frames, with its buttons; steps count from 1."""
    return Control("walk", label, label, start)


@dataclass(frozen=True)
class Scene:
    """What a picture is made of, for all states of one shape.

    Attributes
    ----------
    shape : str
        Names it.
    html : str
        An SVG element with ``role="img"``, and what stands below it.
    """

    shape: str
    html: str


@dataclass(frozen=True)
class Frame:
    """One step of a walk.

    Attributes
    ----------
    shown : mapping of key to (classes, HTML)
        What differs from the bare scene.
    words : str
        Below the picture, as HTML.
    alt : str
        What the picture shows now, after the explorer's own `alt`.
    about : sequence of str
        Names of what the step is about: a click on one of them comes here.
    """

    shown: Shown
    words: str
    alt: str = ""
    about: Sequence[str] = ()


@dataclass(frozen=True)
class State:
    """All that an explorer shows for some values of its controls."""

    scene: Scene
    frames: Sequence[Frame]


def changes(frames: Sequence[Frame]) -> list[dict[str, Any]]:
    """Write each frame as what changes from the one before."""
    sent: list[dict[str, Any]] = []
    before: Shown = {}
    for frame in frames:
        changed = {key: ["", ""] for key in before if key not in frame.shown}
        changed |= {key: list(look) for key, look in frame.shown.items() if before.get(key) != look}
        sent.append({"set": changed, "words": frame.words, "alt": frame.alt, "about": list(frame.about)})
        before = frame.shown
    return sent


def filled(scene: str, shown: Shown) -> str:
    """Write a scene with what a frame says of it."""

    def one(match: re.Match[str]) -> str:
        key, _, plain, more, end = match.groups()
        looks, text = shown.get(key, ("", ""))
        classes = f"{plain} {looks}".strip()
        return f'class="{classes}"{more}{end}>{text}'

    return _KEYED.sub(one, scene)
