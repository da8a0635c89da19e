"""Diagnoses on the graph."""

import dataclasses

import numpy as np
import pytest

import adlib
from adlib.viz import diagnoses
from adlib.viz.diagnoses import diagnosis_picture
from adlib.viz.style import ROLES


@pytest.fixture
def shown(monkeypatch):
    """What was lit up and written, and the drawing."""
    calls = []
    real = diagnoses.graph_figure

    def figure(*args, **kwargs):
        made, drawing = real(*args, **kwargs)
        show = drawing.show
        drawing.show = lambda **looks: (calls.append((drawing, looks)), show(**looks))
        return made, drawing

    monkeypatch.setattr(diagnoses, "graph_figure", figure)
    return calls


def picture(f, *args):
    with np.errstate(all="ignore"):
        return diagnosis_picture(adlib.diagnose(f, *args))


def test_the_gate_and_the_edge_stand_out(shown):
    alt = picture(lambda x, y: np.sqrt(x * x + y * y), 0.0, 0.0).alt
    drawing, looks = shown[0]
    (root,) = looks["lit"]
    assert looks["badges"][root] == {"adjoint": "1", "trouble": "kink"}
    assert set(looks["labels"].values()) == {"not finite", "0·∞"}
    assert set(looks["lit_edges"]) == set(looks["labels"])
    assert looks["badges"]["v_0"] == {"adjoint": "nan"}
    assert drawing.boxes[root].get_edgecolor()[:3] == pytest.approx(
        tuple(int(ROLES["trouble"].colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    )
    for edge in looks["lit_edges"]:
        assert drawing.lines[edge].get_marker() == "<"  # adjoints run backwards
    assert "their product is nan" in alt


@pytest.mark.parametrize(
    ("f", "x", "word"),
    [
        (np.log, -1.0, "outside"),
        (np.exp, 1000.0, "born here"),
        (np.abs, 0.0, "kink"),
        (lambda x: np.log(x) * 1.0, np.array([-1.0, 2.0]), "outside"),
    ],
)
def test_the_word_on_the_gate(shown, f, x, word):
    picture(lambda x: np.sum(f(x)), x)
    _, looks = shown[0]
    assert word in [lines.get("trouble") for lines in looks["badges"].values()]


def test_nothing_to_show(shown):
    assert "no finding" in picture(np.sin, 1.0).alt
    _, looks = shown[0]
    assert not looks["lit"]
    assert not looks["lit_edges"]


def test_a_branch_on_equality_has_no_gate_but_is_told():
    alt = picture(lambda x: x if x == 1.0 else x * x, 1.0).alt
    assert "the comparison decides for this very point" in alt


def test_a_graph_too_large_for_its_numbers_says_so(shown):
    def long(x):
        for _ in range(40):
            x = np.sin(x)
        return np.sqrt(x)

    said = picture(long, 0.0)
    drawing, looks = shown[0]
    assert drawing.compact
    assert len(looks["badges"]) == 42  # the drawing has no room for them
    assert said.figure.texts[0].get_text() == "long: 2 findings; too many gates for their numbers"
    assert "with the adjoint under each value" not in said.alt
    assert "which has too many gates to show their values" in said.alt


def test_a_finding_of_a_new_kind_is_named(shown):
    found = adlib.diagnose(np.abs, 0.0)
    found.findings[:] = [dataclasses.replace(f, kind="something new") for f in found.findings]
    diagnosis_picture(found)
    assert "something new" in [lines.get("trouble") for lines in shown[0][1]["badges"].values()]


def twice(x):
    on = 1.0 if x > 3 else 2.0
    return on * 2.0


@pytest.mark.parametrize(
    ("f", "args", "word"),
    [
        (lambda x: 2.0 * np.floor(3.0 * x), (1.5,), "rounding"),
        (lambda x, y: np.sin(x) * y, (1.0, 0.0), "zero factor"),
        (lambda x: np.maximum(x - 3.0, 0.0), (1.0,), "dead ReLU"),
    ],
)
def test_an_edge_that_was_cut_is_named(shown, f, args, word):
    picture(f, *args)
    _, looks = shown[0]
    assert list(looks["labels"].values()) == [word]
    assert set(looks["lit_edges"]) == set(looks["labels"])


@pytest.mark.parametrize(
    ("f", "word"), [(twice, "compared"), (lambda x: x - x, "cancels"), (lambda x: 1.0, "not used")]
)
def test_a_node_where_the_path_ends_is_named(shown, f, word):
    picture(f, 2.0)
    _, looks = shown[0]
    assert looks["badges"]["v_0"]["trouble"] == word
    assert looks["lit"] == {"v_0": "trouble"}
