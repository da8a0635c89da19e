"""Drawn graphs, measured with the renderer: nothing is cut, nothing overlaps, no edge runs over a box or a text."""

import itertools

import numpy as np
import pytest
from matplotlib.transforms import Bbox

from adlib.lesson import examples
from adlib.study.trace import trace
from adlib.viz import figures
from adlib.viz.graphs import GraphDrawing, graph_figure
from adlib.viz.labels import describe, short, sign
from adlib.viz.style import ROLES, Picture, new_figure, png, style


def many(x1, x2):
    return (
        np.arctan2(x1, np.logaddexp(x2, 3.0)) * 4
        - 1 / x1
        + x1 * x1 * np.maximum(x1, x2) ** 3
        - np.sin(x1 * x2) ** 0.5
    )


CASES = {
    "f": (examples.f, (2.0, 1.0)),
    "f elsewhere": (examples.f, (3.0, 0.5)),
    "survey": (examples.survey, (2.0, 5.0)),
    "logistic": (lambda x: examples.logistic(x, 4), (0.2,)),
    "long": (lambda x: examples.logistic(x, 11), (0.2,)),
    "many": (many, (1.3, 0.4)),
    "square": (lambda x: x * x, (2.0,)),
    "awkward numbers": (lambda x: np.exp(x) * 1e-9 - x / 3e7, (-12.3456789,)),
    "arrays": (lambda A, x: np.sum(A @ x), (np.ones((3, 4)), np.ones(4))),
    "two outputs": (lambda x: (np.sin(x), np.cos(x)), (0.5,)),
}


@pytest.fixture(
    scope="module", params=list(itertools.product(CASES, (False, True))), ids=lambda p: f"{p[0]}-{p[1]}"
)
def drawn(request):
    name, full = request.param
    f, point = CASES[name]
    g = trace(f, *point).graph()
    figure, drawing = graph_figure(g, badge_lines=2 if full else 0, edge_labels=full, title="What it finds")
    if full:
        drawing.show(
            badges={node: {"tangent": -3.0512345, "adjoint": 0.0123456} for node in g},
            labels=dict.fromkeys(g.edges, -2.8245),
        )
    figure.canvas.draw()
    return figure, drawing


def box_of(artist, figure):
    return artist.get_window_extent(figure.canvas.get_renderer())


def shown_texts(figure, drawing):
    texts = [t for t in drawing.ax.texts if t.get_text()]
    return [(t, box_of(t, figure)) for t in texts]


def overlap(one, other, slack=0.5):
    both = Bbox.intersection(one, other)
    return both is not None and both.width > slack and both.height > slack


def test_every_text_is_inside_the_figure(drawn):
    figure, drawing = drawn
    for text, box in shown_texts(figure, drawing) + [(t, box_of(t, figure)) for t in figure.texts]:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y1 <= figure.bbox.y1, text


def test_no_two_texts_overlap(drawn):
    figure, drawing = drawn
    for (a, one), (b, other) in itertools.combinations(shown_texts(figure, drawing), 2):
        assert not overlap(one, other), (a, b)


def test_a_nodes_texts_are_inside_its_box(drawn):
    figure, drawing = drawn
    for node, texts in drawing.texts.items():
        box = drawing.boxes[node].get_window_extent()
        for text in texts:
            if text.get_text():
                inner = box_of(text, figure)
                assert box.x0 <= inner.x0, text
                assert inner.x1 <= box.x1, text
                assert box.y0 <= inner.y0, text
                assert inner.y1 <= box.y1, text


def test_no_edge_runs_over_a_box_or_a_node_text(drawn):
    figure, drawing = drawn
    boxes = {node: box.get_window_extent() for node, box in drawing.boxes.items()}
    label = [b for t, b in shown_texts(figure, drawing) if t not in drawing._labels.values()]
    for edge, line in drawing.lines.items():
        points = drawing.ax.transData.transform(line.get_xydata())
        points = points[~np.isnan(points[:, 0])]
        dense = np.concatenate([np.linspace(a, b, 12) for a, b in itertools.pairwise(points) if a[0] <= b[0]])
        for node, box in boxes.items():
            assert not box.count_contains(dense), (edge, node)
        for box in label:
            assert not box.count_contains(dense), edge


def test_boxes_do_not_overlap(drawn):
    _, drawing = drawn
    extents = [box.get_window_extent() for box in drawing.boxes.values()]
    assert not any(overlap(a, b) for a, b in itertools.combinations(extents, 2))


def test_edge_labels_keep_off_boxes(drawn):
    figure, drawing = drawn
    for text in drawing._labels.values():
        assert not any(
            overlap(box_of(text, figure), b.get_window_extent(), 2) for b in drawing.boxes.values()
        )


def test_text_is_large_enough_to_read(drawn):
    _, drawing = drawn
    assert all(text.get_fontsize() >= 5 for text in drawing.ax.texts)


def test_roles_are_told_by_colour_and_by_mark():
    g = trace(examples.f, 2.0, 1.0).graph()
    _, drawing = graph_figure(g)
    plain = drawing.boxes["v_3"].get_linewidth()
    drawing.show(lit={"v_3": "tangent"}, lit_edges={("v_2", "v_3"): "adjoint"}, waiting=["v_6"])
    assert drawing.boxes["v_3"].get_linewidth() > 2 * plain
    line = drawing.lines["v_2", "v_3"]
    assert line.get_color() == ROLES["adjoint"].colour
    assert line.get_marker() == "<"  # backwards
    assert drawing.lines["v_3", "v_4"].get_marker() == ">"
    assert drawing.texts["v_6"][2].get_text() == ""
    marks = {line.get_marker() for line in drawing.ax.lines if line not in drawing.lines.values()}
    assert marks == {ROLES[role].marker for role in ("input", "operation", "output")}


def test_show_forgets_what_it_showed():
    g = trace(examples.f, 2.0, 1.0).graph()
    figure, drawing = graph_figure(g, badge_lines=1, edge_labels=True)
    before = png(figure)
    drawing.show(
        values={"v_1": 7.0},
        lit={"v_3": "tangent"},
        lit_edges={("v_2", "v_3"): "adjoint"},
        badges={"v_3": {"tangent": 1.0}},
        labels={("v_2", "v_3"): 5.0},
        waiting=["v_6"],
    )
    assert png(figure) != before
    drawing.show()
    assert png(figure) == before


def test_x_times_x_has_two_arrows():
    _, drawing = graph_figure(trace(lambda x: x * x, 2.0).graph())
    assert len(drawing.lines["v_0", "v_1"].get_markevery()) == 2


@pytest.mark.parametrize(
    ("f", "expected"),
    [
        (lambda x: x**2, "(·)²"),
        (lambda x: x**-1, "(·)⁻¹"),
        (lambda x: x**0.5, "(·)^0.5"),
        (lambda x: 4 * x, "4 × ·"),
        (lambda x: x / 3, "· ÷ 3"),
        (lambda x: 1 - x, "1 − ·"),
        (lambda x: x * 0.123456, "· × 0.123"),
        (lambda x: -x, "− ·"),
        (lambda x: np.sin(x), "sin"),
        (lambda x: x * x, "×"),
    ],
)
def test_signs(f, expected):
    g = trace(f, 2.0).graph()
    assert sign(g, "v_1") == expected
    assert sign(g, "v_0") == "x"


@pytest.mark.parametrize(
    "x",
    [
        0.0,
        1.0,
        -1.0,
        0.1,
        99999.94,
        999999.7,
        -0.00099999,
        1e-300,
        -1.5e300,
        np.pi * 1e5,
        12345678.0,
        0.0999999,
    ],
)
def test_short_numbers_are_short_and_true(x):
    text = short(x)
    assert len(text) <= 10
    assert "-" not in text
    assert float(text.replace("−", "-")) == pytest.approx(x, rel=5e-3)
    assert len(short(x, 4)) <= 9


def test_short_words():
    assert short(np.nan) == "undefined"
    assert (short(np.inf), short(-np.inf), short(-0.0)) == ("∞", "−∞", "0")
    assert short(np.zeros((2, 3))) == "2×3 array"
    assert short("as is") == "as is"


def test_words_for_those_who_do_not_see_it():
    text = describe(trace(examples.f, 2.0, 1.0).graph())
    assert "v₃ = v₋₁ / v₂" in text
    assert len(describe(trace(lambda x: examples.logistic(x, 30), 0.2).graph())) < 300


def test_a_graph_fits_into_a_given_axes():
    figure = new_figure(4.0, 2.0)
    with style():
        ax = figure.add_axes((0.5, 0.1, 0.5, 0.8))
    drawing = GraphDrawing(ax, trace(examples.survey, 2.0, 5.0).graph())
    figure.canvas.draw()
    area = ax.get_window_extent()
    for box in drawing.boxes.values():
        extent = box.get_window_extent()
        assert extent.x0 >= area.x0
        assert extent.x1 <= area.x1
        assert extent.y0 >= area.y0
        assert extent.y1 <= area.y1


DRAWN = sorted(n for n, draw in figures.REGISTRY.items() if draw.__module__ == figures.graphs.__name__)


@pytest.mark.parametrize("name", DRAWN)
def test_figures_of_notebook_04(name):
    with style():
        one, two = (figures.REGISTRY[name]() for _ in range(2))
    assert isinstance(one, Picture)
    assert len(one.alt) > 60
    assert png(one.figure) == png(two.figure)
    one.figure.canvas.draw()
    for text in itertools.chain(one.figure.texts, *(ax.texts for ax in one.figure.axes)):
        box = box_of(text, one.figure)
        assert box.x0 >= 0
        assert box.x1 <= one.figure.bbox.x1
