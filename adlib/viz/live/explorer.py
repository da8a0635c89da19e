"""What explorers on the live front end share: controls, states with all frames of a walk, and a still twin.

An explorer is a class with two methods::

    class Squares(LiveExplorer):
        '''A product, step by step.'''

        title, alt = "Squares", "The graph of x times x."

        def controls(self):
            stops = [k / 10 for k in range(-20, 21)]
            texts = [f"{x:.1f}" for x in stops]
            return {"x": slide("<i>x</i>", "x", stops, texts, 1.0), "step": walk("step", 1)}

        def update(self, x):
            scene = Scene("squares", '<svg role="img" …><text data-k="y" class=""></text></svg>')
            return State(scene, [Frame({"y": ("", f"{x * x:.2f}")}, words="…", alt=" The value is …")])

`update` is a plain function of the controls' values; it must not depend on the move before.  It returns **all frames**
of its walk, so a step asks nobody, in a notebook as on a page.  Every number that is shown is a text that Python wrote.
A scene is HTML; what moves in it carries a key (``data-k``) and a class attribute right after it, and a frame says by
key how it looks and what it holds.  What belongs together carries the same name in ``data-link``; ``data-drag`` names
the control that an element moves.

A kernel answers with the stops on either side, too (`ahead`), which the page keeps; `record` writes the same states
down for a page without a kernel.
"""

from __future__ import annotations

import base64
import html
import itertools
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import anywidget
import traitlets
from IPython import get_ipython
from IPython.display import display

from adlib.viz.explorer import alert, swept, told
from adlib.viz.live import source
from adlib.viz.live.parts import Control, Frame, Scene, State, changes, filled, line, slide, walk
from adlib.viz.style import LOCK, live, style

__all__ = ["Control", "Frame", "LiveExplorer", "Scene", "State", "line", "slide", "walk"]

_SHOWN_IN_CELL: dict[str, tuple[object, list[LiveExplorer]]] = {}


class LiveExplorer(anywidget.AnyWidget):
    """Controls in a line, a picture of elements, and words; see this module's text for how to write one.

    Subclasses define `controls`, `update`, `title` and `alt`.  Keywords say where the controls begin.

    Attributes
    ----------
    inputs : dict of str to Control
    error : Exception or None
        What the last move raised, if it did.
    alt : str
        The picture in words.
    """

    title: str = ""
    alt: str = ""
    room = "5em"
    """What is kept free for the words, so that nothing below them jumps."""
    ahead = 4
    """So many stops on either side of a slider are sent along."""

    _esm = source.module()
    _css = source.rules()
    spec = traitlets.Dict().tag(sync=True)
    """For the page: names, controls and their texts."""
    scenes = traitlets.Dict().tag(sync=True)
    """For the page: the HTML of the scene that is shown, by its shape."""
    state = traitlets.Dict().tag(sync=True)
    """For the page: places of the controls, and all frames."""
    asked = traitlets.Dict().tag(sync=True, echo_update=False)
    """From the page: places of the controls, numbered; 0 wants no answer."""

    def __init__(self, **start: Any) -> None:
        with LOCK:
            self._kept: dict[Any, tuple[State | Exception, dict[str, Any]]] = {}
            self._sent: set[Any] = set()
            self._by = ""
            self.error: Exception | None = None
            self.inputs: dict[str, Control] = dict(self.controls())
            for name, control in self.inputs.items():
                control.name, control.owner, control.at = name, self, control.place(control.start)
            self._begin = {name: control.at for name, control in self.inputs.items()}
            self.walk = next((name for name, c in self.inputs.items() if c.kind == "walk"), None)
            self._place(start)
            self._settle()
            super().__init__(
                spec=self._spec(),
                scenes=self._scenes(),
                state=self._message(),
                _anywidget_id="adlib.viz.live",
            )
        self.observe(self._answer, names="asked")

    # What a subclass writes.

    def controls(self) -> Mapping[str, Control]:
        """Make the controls by name, in the order in which they are shown."""
        raise NotImplementedError

    def update(self, *args: Any, **values: Any) -> State:
        """Say what is shown for the controls' values, the walk's step left out."""
        raise NotImplementedError

    # What everybody may call.

    @property
    def values(self) -> dict[str, Any]:
        """The controls' values by name."""
        return {name: control.value for name, control in self.inputs.items()}

    def set(self, **values: Any) -> None:
        """Set several controls at once, by their names; a slider goes to the nearest of its stops."""
        with LOCK:
            self._place(values)
            self._settle()
            self._tell(self._message())

    @property
    def frame(self) -> Frame | None:
        """What is shown now; nothing after an error."""
        state = self._state
        if isinstance(state, Exception):
            return None
        return state.frames[self._step() - 1]

    @property
    def words(self) -> str:
        """The HTML below the picture; empty after an error."""
        return self.frame.words if self.frame else ""

    @property
    def alert(self) -> str:
        """What went wrong, as HTML; empty if nothing did."""
        return alert(told(self.error))

    def text(self, key: str) -> str:
        """Read what an element shows, without its tags."""
        shown = self.frame.shown.get(key, ("", "")) if self.frame else ("", "")
        return html.unescape(re.sub("<[^>]+>", "", shown[1]))

    def sweep(self) -> Iterator[dict[str, Any]]:
        """Visit both ends of every control; see `Explorer.sweep`."""
        return swept(self, {name: control.ends() for name, control in self.inputs.items()})

    def record(self, **every: int) -> dict[str, Any]:
        """Write down what a page needs to slide without a kernel.

        Parameters
        ----------
        **every : int
            Of a slider's stops, every so many are kept, the one where it begins among them; others are all kept.
            What is typed stays as it is.

        Returns
        -------
        dict
            For JSON: ``spec``, ``scenes``, ``states`` by the places of the controls, ``start``.
        """
        with LOCK:
            kept = {name: [place] for name, place in self._at().items()}
            for name, places in kept.items():
                if (count := len(self.inputs[name].stops)) > 0:
                    by = every.get(name, 1)
                    kept[name] = list(range(places[0] % by, count, by))
            spec = self._spec()
            for one in spec["controls"]:
                name, control = one["name"], self.inputs[one["name"]]
                one["start"] = control.at
                if control.kind == "range":  # what is not recorded cannot be chosen
                    one["start"] = kept[name].index(control.at)
                    one["texts"] = [control.texts[k] for k in kept[name]]
                elif control.kind == "line":
                    one["kind"] = "fixed"
            scenes, states = {}, {}
            for chosen in itertools.product(*kept.values()):
                at = dict(zip(kept, chosen, strict=True))
                state, message = self._made(at)
                if isinstance(state, State):
                    scenes[state.scene.shape] = state.scene.html
                cut = {n: kept[n].index(k) if self.inputs[n].kind == "range" else k for n, k in at.items()}
                states[_key(cut)] = {**message, "at": cut, "step": self._step()}
            start = {one["name"]: one["start"] for one in spec["controls"] if one["name"] != self.walk}
            return {"spec": spec, "scenes": scenes, "states": states, "start": _key(start)}

    def close(self) -> None:
        """Take it off the page, and let go of what it has drawn."""
        if not sys.is_finalizing():
            self._kept.clear()
            super().close()

    # How it works.

    def _spec(self) -> dict[str, Any]:
        controls = [
            {
                "name": n,
                "kind": c.kind,
                "label": c.label,
                "aria": c.aria,
                "texts": list(c.texts),
                "start": self._begin[n],
            }
            for n, c in self.inputs.items()
        ]
        return {
            "title": self.title,
            "alt": type(self).alt,
            "room": self.room,
            "walk": self.walk,
            "controls": controls,
        }

    def _place(self, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name not in self.inputs:
                known = ", ".join(self.inputs)
                raise TypeError(f"{type(self).__name__} has no control {name!r}; it has {known}")
            self.inputs[name].at = self.inputs[name].place(value)

    def _at(self) -> dict[str, Any]:
        return {name: control.at for name, control in self.inputs.items() if name != self.walk}

    def _step(self) -> int:
        return self.inputs[self.walk].at if self.walk else 1

    def _settle(self) -> None:
        """Find what the controls' places show; a walk ends where its frames do."""
        state, _ = self._made(self._at())
        self._state = state
        self.error = state if isinstance(state, Exception) else None
        if self.walk and isinstance(state, State):
            control = self.inputs[self.walk]
            control.max = len(state.frames)
            control.at = min(control.at, control.max)
        self.alt = type(self).alt + (self.frame.alt if self.frame else "")

    def _made(self, at: Mapping[str, Any]) -> tuple[State | Exception, dict[str, Any]]:
        """Run `update` at these places, or remember what it said; also as the page gets it."""
        key = tuple(at.values())
        if key not in self._kept:
            values = {
                n: self.inputs[n].stops[k] if self.inputs[n].kind == "range" else k for n, k in at.items()
            }
            try:
                with style():
                    state: State | Exception = self.update(**values)
            except Exception as error:  # every error reaches the reader, where the reader looks
                state = error
            message: dict[str, Any] = {"at": dict(at)}
            if isinstance(state, Exception):
                message["alert"] = alert(told(state))
            else:
                message |= {"shape": state.scene.shape, "frames": changes(state.frames)}
            if len(self._kept) > 60:
                self._kept.clear()
            self._kept[key] = state, message
        return self._kept[key]

    def _scenes(self) -> dict[str, str]:
        return {self._state.scene.shape: self._state.scene.html} if isinstance(self._state, State) else {}

    def _message(self, n: int = 0, by: str = "") -> dict[str, Any]:
        _, message = self._made(self._at())
        return {**message, "n": n, "by": by, "step": self._step()}

    def _tell(self, message: dict[str, Any]) -> None:
        with self.hold_sync():  # a scene that is new comes before what it shows
            if scenes := self._scenes():
                self.scenes = scenes
            self.state = message

    def _answer(self, change: Any) -> None:
        """Answer a question of the page; it may come in another thread."""
        asked = change["new"]
        with LOCK:
            moved = None
            for name, control in self.inputs.items():
                at = asked["at"].get(name, control.at)
                if control.kind == "range":
                    at = min(max(0, int(at)), len(control.stops) - 1)
                if at != control.at and control.kind == "range":
                    moved = name
                control.at = at if control.kind == "range" else control.place(at)
            self._settle()
            if not asked["n"]:
                return
            if asked["by"] != self._by:
                self._by, self._sent = asked["by"], set()
            message = self._message(asked["n"], asked["by"])
            self._sent.add(tuple(self._at().values()))
            if moved and len(self._sent) == 1:  # the first time all the neighbours are to be made
                self._tell(message)
            self._tell({**message, "also": list(self._around(moved))} if moved else message)

    def _around(self, name: str) -> Iterator[dict[str, Any]]:
        """Make the stops on either side that this page does not have yet, as far as the scene is the same."""
        here, control = self._at(), self.inputs[name]
        for k in range(max(0, control.at - self.ahead), min(len(control.stops), control.at + self.ahead + 1)):
            at = {**here, name: k}
            if tuple(at.values()) not in self._sent:
                _, message = self._made(at)
                if message.get("shape", self.state.get("shape")) == next(iter(self._scenes()), None):
                    self._sent.add(tuple(at.values()))
                    yield message

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self.alt}"

    def still(self) -> str:
        """Write what stands where no kernel runs: the picture as an image with its words, and what is below it."""
        frame = self.frame
        if frame is None or not isinstance(self._state, State):
            return f'<div class="adlib-still">{self.alert}</div>'
        svg, below = filled(self._state.scene.html, frame.shown).split("</svg>", 1)
        begin, rest = svg.split(">", 1)
        wide, high = map(float, re.findall(r'viewBox="\S+ \S+ (\S+) (\S+)"', begin)[0])
        size = f'width="900" height="{round(900 * high / wide)}" style="background:{source.LIGHT["card"]}"'
        data = f"{begin} {size}><style>{source.still_rules()}</style>{rest}</svg>"
        image = base64.b64encode(data.encode()).decode()
        return (
            f'<div class="adlib-still"><style>{_DEAD}</style><img width="900" '
            f'alt="{html.escape(self.alt)}" src="data:image/svg+xml;base64,{image}">{below}'
            f"<div>{frame.words}</div><p><em>Run this cell to slide.</em></p></div>"
        )

    def _ipython_display_(self, **kwargs: Any) -> None:
        """Show two outputs: the live one, and its still twin for where no kernel runs."""
        _claim(self)
        display({**live(self.model_id), "text/plain": ""}, raw=True)
        display({"text/html": self.still(), "text/plain": repr(self)}, raw=True)


# A trusted notebook without its kernel shows "model not found" in place of a widget; its twin hides that.
_DEAD = (
    ".jp-OutputArea-child:has(+.jp-OutputArea-child .adlib-still) .jupyter-widgets:not(:has(.al,.al-broken))"
    "{display:none}.adlib-still .al-lit{font-weight:700}.adlib-still.adlib-still :is(th,td){text-align:left}"
    ".adlib-still.adlib-still .al-right{text-align:right}"
)


def _claim(explorer: LiveExplorer) -> None:
    """Close what this cell showed when it ran before: ipywidgets would keep it as long as the kernel lives."""
    shell = get_ipython()
    parent: dict[str, Any] = getattr(shell, "get_parent", dict)() or {}
    cell = parent.get("metadata", {}).get("cellId")
    if not cell:
        return
    run = parent.get("header", {}).get("msg_id")
    ran, shown = _SHOWN_IN_CELL.get(cell, (run, []))
    if ran != run:
        for old in shown:
            if old is not explorer:
                old.close()
        shown = []
    _SHOWN_IN_CELL[cell] = run, [*shown, explorer]


def _key(at: Mapping[str, Any]) -> str:
    return "|".join(map(str, at.values()))
