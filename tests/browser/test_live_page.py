"""A bare page made of recorded states, opened as a file: no kernel, no server, nothing is asked for."""

import html
import json
import re

import pytest
from playwright.sync_api import sync_playwright

from adlib.viz.explorers import ForwardStepper, ReverseStepper
from adlib.viz.live import source
from tests.browser.lab import launch

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
SIZE = {"width": 1024, "height": 700}
CARDS = """
for (const [name, data] of Object.entries(globalThis.adlibStates)) {
  const el = document.getElementById(name);
  adlibLive.render({ model: adlibLive.recorded(data), el });
}"""


def page_of(records):
    """A page of classic scripts, as a file can hold them."""
    data = json.dumps(records, allow_nan=False, ensure_ascii=False).replace("</", "<\\/")
    cards = "".join(f'<h2>{name}</h2><div id="{name}"></div>' for name in records)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Steps</title>'
        f"<style>{source.rules()} :root{{color-scheme:light dark}}</style></head><body><main><h1>Steps</h1>{cards}"
        f"</main><script>globalThis.adlibStates = {data};</script><script>{source.script()}</script>"
        f"<script>{CARDS}</script></body></html>"
    )


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    records = {
        "reverse": ReverseStepper().record(x1=10, x2=40),
        "forward": ForwardStepper().record(x1=20, x2=80, seed1=8, seed2=8),
    }
    path = tmp_path_factory.mktemp("page") / "index.html"
    path.write_text(page_of(records), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture
def page(browser, address, request):
    """The page; at the end of each test nothing was wrong on it and nothing was asked for."""
    theme = getattr(request, "param", "light")
    opened = browser.new_page(viewport=SIZE, color_scheme=theme)
    wrong, asked = [], []
    opened.on("console", lambda message: wrong.append(message.text))
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.goto(address)
    yield opened
    opened.close()
    assert wrong == []
    assert asked == [address]


def plain(told):
    return html.unescape(re.sub("<[^>]+>", " ", told))


def explorer(page, name="reverse"):
    return page.locator(f"#{name} [data-adlib-live]")


def test_every_step_says_what_python_says(page):
    live, twin = explorer(page), ReverseStepper()
    walk, states = live.get_by_label("step", exact=True), set()
    walk.focus()
    page.keyboard.press("Home")
    for step in range(1, 18):
        twin.set(step=step)
        assert walk.get_attribute("aria-valuetext") == f"{step} of 17"
        assert live.locator(".al-words").inner_html() == twin.words
        assert live.locator("[role=img]").get_attribute("aria-label") == twin.alt
        for key in ("line1", "line2", "v_-1.t", "r0.2", "r7.1"):
            assert live.locator(f"[data-k='{key}']").text_content() == twin.text(key), (key, step)
        lit = live.locator("[data-k].al-lit").evaluate_all("nodes => nodes.map(n => n.dataset.k)")
        assert set(lit) == {key for key, (looks, _) in twin.frame.shown.items() if "al-lit" in looks}
        states.add(live.get_attribute("data-state"))
        page.keyboard.press("ArrowRight")
    assert len(states) == 17


def test_a_slider_by_mouse_and_by_keyboard(page):
    live, twin = explorer(page), ReverseStepper()
    x1 = live.get_by_label("x1", exact=True)
    box = x1.bounding_box()
    middle = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.6, middle)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] - 2, middle, steps=12)
    page.mouse.up()
    seen = []
    for key in ("", "ArrowLeft", "ArrowLeft", "Home", "ArrowRight", "End"):
        if key:
            page.keyboard.press(key)
        text = x1.get_attribute("aria-valuetext")
        twin.set(x1=float(text.replace("−", "-")), step=14)
        assert twin.inputs["x1"].texts[twin.inputs["x1"].at] == text  # a stop that was recorded
        assert live.locator(".al-output").first.inner_text() == text
        assert live.locator(".al-words").inner_text().split() == plain(twin.alert + twin.words).split()
        assert live.locator("[data-k='v_-1.v']").text_content() == twin.text("v_-1.v")
        seen.append(text)
    assert seen == ["4.00", "3.50", "3.00", "−1.00", "−0.50", "4.00"]


def test_the_buttons_and_the_keys_of_the_picture(page):
    live = explorer(page)
    walk = live.get_by_label("step", exact=True)

    def now():
        return int(walk.get_attribute("aria-valuetext").split()[0])

    live.get_by_label("next", exact=True).click()
    live.get_by_label("next", exact=True).click()
    live.get_by_label("previous", exact=True).click()
    assert now() == 15
    live.locator(".al-picture").focus()
    for key, step in (("Home", 1), ("ArrowRight", 2), ("End", 17), ("ArrowLeft", 16)):
        page.keyboard.press(key)
        assert now() == step
    live.get_by_label("play", exact=True).click()
    live.get_by_label("pause", exact=True).wait_for()
    live.get_by_label("play", exact=True).wait_for()  # it stops at the end by itself
    assert now() == 17
    live.get_by_label("x1", exact=True).focus()
    page.keyboard.press("Home")
    live.get_by_label("reset", exact=True).click()
    assert now() == 14
    assert live.get_by_label("x1", exact=True).get_attribute("aria-valuetext") == "2.00"


def test_what_belongs_together_lights_up_together_and_a_click_goes_there(page):
    live = explorer(page)
    live.locator("[data-k='v_3'] .al-box").hover(force=True)
    hovered = live.locator("[data-hover]").evaluate_all("nodes => nodes.map(n => n.dataset.k)")
    assert sorted(hovered) == ["r4", "v_3"]
    page.mouse.move(2, 2)
    assert live.locator("[data-hover]").count() == 0
    live.locator("[data-k='v_3'] .al-box").click(force=True)
    assert live.get_by_label("step", exact=True).get_attribute("aria-valuetext") == "5 of 17"
    live.locator("[data-k='r4']").click()
    assert "on to v₃" in live.locator(".al-words").inner_text()


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_size_and_theme(page, request):
    dark = request.node.callspec.params["page"] == "dark"
    ground = "node => getComputedStyle(node).backgroundColor"
    for name in ("reverse", "forward"):
        live = explorer(page, name)
        assert live.bounding_box()["height"] <= 560
        assert live.evaluate("node => node.scrollWidth <= node.clientWidth")
        assert live.evaluate(ground) == ("rgb(22, 25, 29)" if dark else "rgb(255, 255, 255)")
    page.evaluate("dark => { document.documentElement.dataset.theme = dark ? 'light' : 'dark'; }", dark)
    assert live.evaluate(ground) == ("rgb(255, 255, 255)" if dark else "rgb(22, 25, 29)")
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_every_control_has_a_name(page):
    for name in ("reverse", "forward"):
        for node in explorer(page, name).locator("input, button, select, [tabindex='0'], [role=img]").all():
            assert node.get_attribute("aria-label")
        for node in explorer(page, name).locator("input[type=range]").all():
            assert node.get_attribute("aria-valuetext")
