"""Every notebook in a real JupyterLab in Chromium: it runs, and its sliders move its pictures."""

import pytest

from tests.browser.lab import problems, run_all, running_lab, settle
from tests.browser.shots import shoot_page
from tests.tools.notebooks import NOTEBOOKS, TEXTS

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
NAMES = sorted(path.stem for path in TEXTS.glob("*.py"))


@pytest.fixture(scope="module")
def lab():
    with running_lab(NOTEBOOKS) as running:
        yield running


def changed(page, explorer, act):
    """Do something, and wait until the explorer shows another picture and another number."""
    picture = explorer.locator("img").first
    before = picture.get_attribute("src")
    readout = explorer.locator(".widget-readout").first.inner_text()
    act()
    page.wait_for_function(
        "([node, before]) => node.src !== before && node.complete && node.naturalWidth > 0",
        arg=[picture.element_handle(), before],
        timeout=15_000,
    )
    assert explorer.locator(".widget-readout").first.inner_text() != readout


def drag(page, handle, by):
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + by, y, steps=12)
    page.mouse.up()


def exercise(page, explorer):
    """Move every slider of an explorer by the keyboard, and the first one by the mouse, too."""
    explorer.scroll_into_view_if_needed()
    handles = explorer.locator(".noUi-handle")
    assert handles.count() >= 1
    first = handles.first
    first.focus()
    page.keyboard.press("Home")  # from a known end
    settle(page, 0.5)
    changed(page, explorer, lambda: page.keyboard.press("ArrowRight"))
    changed(page, explorer, lambda: drag(page, first, 60))
    for k in range(handles.count()):
        handles.nth(k).focus()
        for key in ("Home", "End"):
            page.keyboard.press(key)
            settle(page, 0.4)
            assert problems(page) == [], f"slider {k} at {key}"
            shown = explorer.locator("img").first.evaluate("node => node.complete && node.naturalWidth")
            assert shown, f"slider {k} at {key}: no picture"


def exercise_live(page, explorer):
    """The same for an explorer that draws in the page: what it shows is there as text."""
    explorer.scroll_into_view_if_needed()
    ranges = explorer.locator("input[type=range]")
    assert ranges.count() >= 1

    def moved(act):
        before = explorer.get_attribute("data-state")
        act()
        page.wait_for_function(
            "([node, before]) => node.dataset.state !== before",
            arg=[explorer.element_handle(), before],
            timeout=15_000,
        )

    for k in range(ranges.count()):
        slider = ranges.nth(k)
        slider.focus()
        for key, end in (("Home", "0"), ("End", slider.get_attribute("max"))):
            if slider.input_value() != end:
                moved(lambda key=key: page.keyboard.press(key))
            assert slider.input_value() == end
            assert problems(page) == [], f"slider {k} at {key}"
            assert explorer.locator(".al-words").inner_text().strip()
            assert explorer.locator("[role=img]").get_attribute("aria-label")
    moved(lambda: drag(page, ranges.first, -30))


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_its_explorer_answers_keyboard_and_mouse(lab, name, screenshots):
    with lab.opened(f"{name}.ipynb") as page:
        run_all(page)
        if screenshots:
            shoot_page(page, screenshots, name)
        assert problems(page) == []
        assert "✔ right" not in page.locator(".jp-NotebookPanel").inner_text(), "a solution is not folded"
        explorers, live = page.locator(".adlib-explorer"), page.locator(".al")
        assert explorers.count() + live.count() >= 1
        for k in range(explorers.count()):
            exercise(page, explorers.nth(k))
        for k in range(live.count()):
            exercise_live(page, live.nth(k))
        assert problems(page) == []


def test_home_and_end_go_to_the_ends_of_a_range_that_has_changed(lab):
    with lab.opened("15_pitfalls.ipynb") as page:
        run_all(page)
        explorer = page.locator(".adlib-explorer").first
        explorer.scroll_into_view_if_needed()
        explorer.locator("select").select_option(label="chaos")
        readout = explorer.locator(".widget-readout").first
        for key, end in (("End", "80"), ("Home", "1"), ("End", "80")):
            settle(page, 0.5)
            explorer.locator(".noUi-handle").first.focus()
            page.keyboard.press(key)
            settle(page, 0.5)
            assert readout.inner_text() == end
        assert problems(page) == []
