"""The visual language: readable, never by colour alone, and the same bytes each time."""

import itertools
import re

import matplotlib as mpl
import pytest

from adlib.viz import style
from tests.tools.house import sources


def _luminance(colour):
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"a colour is written as '#rrggbb', not {colour!r}")
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other=style.CARD):
    """Measure the contrast of two colours, from 1 to 21; WCAG 2.2, success criterion 1.4.3, asks for 4.5."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_wcags():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777") == pytest.approx(4.48, abs=0.01)
    assert contrast("#ffffff", "#777777") == contrast("#777777", "#ffffff")
    with pytest.raises(ValueError, match="rrggbb"):
        contrast("red")


@pytest.mark.parametrize("name", [*style.ROLES, *style.METHODS])
def test_text_and_lines_reach_4_5_to_1(name):
    mark = {**style.ROLES, **style.METHODS}[name]
    assert contrast(mark.colour) >= 4.5
    assert contrast(mark.colour, mark.tint) >= 4.5
    assert contrast(style.INK, mark.tint) >= 7


def test_a_colour_that_means_something_stands_once():
    colours = {mark.colour for mark in style.ROLES.values()} | {
        style.CARD,
        style.INK,
        style.MUTED,
        style.GRID,
    }
    copies = {
        (module, colour)
        for module, text in sources().items()
        if module != "adlib.study.palette"
        for colour in re.findall(r"['\"](#[0-9a-f]{6})['\"]", re.sub(r">>> .*", "", text))
        if colour in colours
    }
    assert copies == set()


@pytest.mark.parametrize("colour", [style.INK, style.MUTED, style.WARNING])
def test_plain_text_too(colour):
    assert contrast(colour) >= 4.5


def test_no_two_things_differ_by_colour_alone():
    for one, two in itertools.combinations(style.METHODS.values(), 2):
        assert one.marker != two.marker
        assert one.colour != two.colour
    roles = [style.ROLES[name] for name in ("input", "operation", "output", "tangent", "adjoint")]
    assert len({role.marker for role in roles}) == len({role.symbol for role in roles}) == len(roles)
    traces = [style.ROLES[name].linestyle for name in ("primal", "tangent", "adjoint")]
    assert len(set(traces)) == 3


def test_a_users_settings_have_no_say():
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "black"}):
        with style.style():
            assert mpl.rcParams["font.size"] == style.RC["font.size"]
            assert mpl.rcParams["axes.facecolor"] == style.CARD
        assert mpl.rcParams["font.size"] == 30


def test_a_picture_is_an_opaque_card_with_words():
    figure = style.new_figure(2, 1)
    with style.style():
        figure.subplots().plot([0, 1], [0, 1])
    data, size = style.Picture(figure, "A line.")._repr_mimebundle_()
    assert data["text/plain"] == "Picture: A line."
    assert size["image/png"] == {"width": 200, "height": 100, "alt": "A line."}
    assert style.png(figure) == style.png(figure)
    assert b"Software" not in style.png(figure)
    assert figure.get_facecolor() == (1, 1, 1, 1)
