"""The front end without a browser: what is sent, what is recorded, what is saved, and how formulas are written."""

import base64
import html
import json
import re
import threading
from collections import Counter

import matplotlib as mpl
import numpy as np
import pytest
from IPython.core.formatters import DisplayFormatter

from adlib.study.trace import trace
from adlib.viz.explorers import ForwardStepper, ReverseStepper
from adlib.viz.expressions import FUNCTIONS, parse
from adlib.viz.live import explorer as live
from adlib.viz.live import source
from adlib.viz.live.formulas import formula
from adlib.viz.style import ROLES
from tests.viz.test_style import contrast

LIVE = [ForwardStepper, ReverseStepper]
ARGUMENTS = {1: "x1/4", 2: "x1, x2", 3: "x1 > x2, x1*x1, -x2"}
TYPED = [
    "x1**x2",
    "x1 + 1/0",
    "x1 - 0/0",
    "(x1 + 1/7)**-3 - x2 + -2.5",
    "1e-9*x1 + x2*1e12",
    "x1 / x2 / 3 - -x1",
]


def ask(explorer, n=1, by="page", **places):
    """Ask as a page does, and return what it gets."""
    at = {name: control.at for name, control in explorer.inputs.items()} | places
    explorer.asked = {"n": n, "by": by, "at": at}
    return explorer.state


def plain(told):
    return html.unescape(re.sub("<[^>]+>", "", told))


@pytest.mark.parametrize("f", [*TYPED, *(f"{n}({ARGUMENTS[c]}) * x2" for n, c in FUNCTIONS.items())])
def test_every_formula_is_written(f):
    """A command that has no HTML raises; no digit is lost or made, but for the 1 of 1/2 · v."""
    with np.errstate(all="ignore"):
        t = trace(parse(f), 2.0, 1.5)
        steps = [*t.tangent((1.0, 1.0)).steps, *t.adjoint().steps]
    for latex in [*map(t.formula, t.rows), *(step.formula for step in steps)]:
        told = plain(formula(latex))
        assert not re.search(r"[\\{}$]", told), latex
        ours, theirs = (Counter(re.findall(r"\d", words)) for words in (told, latex))
        assert not ours - theirs, latex
        assert set(theirs - ours) <= {"1"}, latex


@pytest.mark.parametrize(
    ("latex", "told"),
    [
        (r"v_3 = \frac{v_{-1}}{v_2} - 2", "v3 = v−1 / v2 − 2"),
        (r"-v_1 \cdot (-2) + \left|v_2\right|", "−v1 · (−2) + |v2|"),
        (r"\dot v_5 = \frac{1}{2 \, v_5} \, \dot v_4", "v̇5 = v̇4 / (2\u2009v5)"),
        (r"\bar v_{-1} \mathrel{+}= \sqrt[3]{v_0^{2}}", "v̄−1 += 3√v02"),
        (r"\left[v_1 > 0 \mathbin{?} v_1 : v_2\right]", "[v1 > 0 ? v1 : v2]"),
    ],
)
def test_how_a_formula_reads(latex, told):
    assert plain(formula(latex)) == told


def test_a_formula_that_cannot_be_written_raises():
    with pytest.raises(ValueError, match=r"no way to write \\oint"):
        formula(r"\oint v_1")


@pytest.mark.parametrize("colours", [source.DARK, source.LIGHT])
def test_both_themes_can_be_read(colours):
    for name in ("ink", "muted", "warning", "accent"):
        assert contrast(colours[name], colours["card"]) >= 4.5, name
    assert contrast(colours["ink"], colours["field"]) >= 4.5
    roles = source.DARK_ROLES if colours is source.DARK else {n: (m.colour, m.tint) for n, m in ROLES.items()}
    assert list(roles) == list(ROLES)
    for name, (colour, tint) in roles.items():
        assert contrast(colour, colours["card"]) >= 4.5, name
        assert contrast(colour, tint) >= 4.5, name
        assert contrast(colours["ink"], tint) >= 4.5, name


def test_the_files_are_short_and_need_nothing():
    files = [path for path in source.FOLDER.iterdir() if path.suffix in (".js", ".css")]
    assert {path.stem for path in files} == {*source.SCRIPTS, *source.SHEETS}
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert len(text.splitlines()) <= 500
        assert not re.search(
            r"^\s*import\b|\bfetch\(|https?://(?!www\.w3\.org)|@import|url\(", text, re.MULTILINE
        ), path
    assert source.module().count("export") == 1
    assert "export" not in source.script()


@pytest.mark.parametrize("make", LIVE)
def test_every_recorded_state_is_what_set_shows(make):
    explorer = make()
    every = {
        name: 40 if name.startswith("x") else 8 for name, c in explorer.inputs.items() if c.kind == "range"
    }
    record = json.loads(json.dumps(explorer.record(**every), allow_nan=False))
    controls = {one["name"]: one for one in record["spec"]["controls"]}
    assert controls["function"]["kind"] == "fixed"
    assert len(record["states"]) == np.prod([len(controls[name]["texts"]) for name in every])
    assert record["start"] in record["states"]
    for key, state in record["states"].items():
        at = state["at"]
        assert "|".join(map(str, at.values())) == key
        texts = {name: controls[name]["texts"][at[name]] for name in every}
        explorer.set(**{name: float(text.replace("−", "-")) for name, text in texts.items()})
        shown = {
            name: control.texts[control.at] for name, control in explorer.inputs.items() if name in every
        }
        assert shown == texts
        assert state["frames"] == json.loads(json.dumps(explorer.state["frames"]))
        assert record["scenes"][state["shape"]] == explorer.scenes[state["shape"]]
    start = {name: one["start"] for name, one in controls.items() if name != "step"}
    assert record["start"] == "|".join(map(str, start.values()))


@pytest.mark.parametrize("make", LIVE)
def test_frames_as_they_are_sent_add_up(make):
    explorer = make()
    known = {}
    for step, sent in enumerate(explorer.state["frames"], 1):
        known |= sent["set"]
        explorer.set(step=step)
        assert {k: tuple(v) for k, v in known.items() if v != ["", ""]} == dict(explorer.frame.shown)
        assert (sent["words"], explorer.alt) == (explorer.words, make.alt + sent["alt"])
        keys = set(re.findall('data-k="([^"]+)"', explorer.scenes[explorer.state["shape"]]))
        assert set(known) <= keys


@pytest.mark.parametrize("make", LIVE)
def test_a_question_is_answered_with_its_neighbours_and_each_is_sent_once(make):
    explorer = make()
    place = explorer.inputs["x1"].at
    answer = ask(explorer, x1=place + 1)
    assert (answer["n"], answer["by"], answer["at"]["x1"]) == (1, "page", place + 1)
    near = [state["at"]["x1"] for state in answer["also"]]
    assert sorted([*near, place + 1]) == list(range(place + 1 - 4, place + 1 + 5))
    for state in answer["also"]:
        explorer.set(x1=explorer.inputs["x1"].stops[state["at"]["x1"]])
        assert state["frames"] == explorer.state["frames"]
    explorer.set(x1=explorer.inputs["x1"].stops[place + 1])
    again = ask(explorer, n=2, x1=place + 2)
    assert [state["at"]["x1"] for state in again["also"]] == [place + 6]
    other = ask(explorer, n=1, by="another view", x1=place + 3)
    assert len(other["also"]) == 8
    assert explorer.values["x1"] == explorer.inputs["x1"].stops[place + 3]


def test_where_the_walk_rests_is_noted_and_nothing_is_sent():
    explorer = ReverseStepper()
    before = explorer.state
    ask(explorer, n=0, step=3)
    assert explorer.state is before
    assert explorer.values["step"] == 3
    assert "Forward, row 3" in explorer.words


def test_a_page_cannot_ask_for_what_is_not_there():
    explorer = ReverseStepper()
    answer = ask(explorer, x1=100_000, step=99)
    assert answer["at"]["x1"] == len(explorer.inputs["x1"].stops) - 1
    assert answer["step"] == explorer.inputs["step"].max
    with pytest.raises(TypeError, match="no control 'speed'; it has function, x1, x2, step"):
        ReverseStepper(speed=1)


def test_other_threads_leave_the_users_settings_alone():
    before = dict(mpl.rcParams)
    explorers = [ReverseStepper(), ForwardStepper()]

    def work(explorer):
        for k in range(6):
            explorer.set(x1=2 + 0.05 * k, function="x1 * x2" if k % 2 else "sin(x1)")

    threads = [threading.Thread(target=work, args=(explorer,)) for explorer in explorers * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert dict(mpl.rcParams) == before


def displayed(monkeypatch, explorer, cell="c1", run="r1"):
    """Show it as a cell does; returns the outputs."""
    outputs = []
    monkeypatch.setattr(live, "display", lambda data, raw: outputs.append(data))
    parent = {"metadata": {"cellId": cell}, "header": {"msg_id": run}}
    shell = type("Shell", (), {"get_parent": lambda self: parent})()
    monkeypatch.setattr(live, "get_ipython", lambda: shell)
    explorer._ipython_display_()
    return outputs


@pytest.mark.parametrize("make", LIVE)
def test_there_are_two_outputs_and_the_second_needs_no_kernel(monkeypatch, make):
    explorer = make()
    first, second = displayed(monkeypatch, explorer)
    view = first.pop("application/vnd.jupyter.widget-view+json")
    assert view["model_id"] == explorer.model_id
    assert first == {"text/plain": ""}  # it would stand above the twin
    assert second["text/plain"] == repr(explorer)
    assert explorer.model_id not in second["text/html"]
    assert displayed(monkeypatch, make())[1] == second  # no address, no number of a run
    (image,) = re.findall(r"base64,([^\"]+)", second["text/html"])
    assert b"var(--al-c-adjoint)" in base64.b64decode(image)
    explorer.set(function="x1 +")
    assert "⚠" in explorer.still()


def test_ipython_shows_both_in_every_version(monkeypatch):
    """ipywidgets 7 has a way of its own, which would leave out the twin; IPython asks ours first."""
    outputs = []
    monkeypatch.setattr(live, "display", lambda data, raw: outputs.append(data))
    assert DisplayFormatter().format(ReverseStepper()) == ({}, {})
    assert [sorted(data) for data in outputs] == [
        ["application/vnd.jupyter.widget-view+json", "text/plain"],
        ["text/html", "text/plain"],
    ]


def test_a_cell_that_runs_again_closes_what_it_showed(monkeypatch):
    first, second, elsewhere, third = (ReverseStepper() for _ in range(4))
    displayed(monkeypatch, first, "cell", "run 1")
    displayed(monkeypatch, second, "cell", "run 1")
    displayed(monkeypatch, elsewhere, "other cell", "run 2")
    assert first._kept
    displayed(monkeypatch, third, "cell", "run 3")
    assert not first._kept
    assert not second._kept
    assert elsewhere._kept
    assert third._kept


def test_all_share_one_style_sheet_and_one_module():
    assert len({make()._anywidget_id for make in LIVE}) == 1
    assert len({make()._esm for make in LIVE}) == 1
