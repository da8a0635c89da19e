"""The front end of `adlib.viz.live` in JupyterLab and in Notebook 7: keys, what is saved, what moves."""

import nbformat
import pytest

from tests.browser.lab import problems, run_all, running_lab, settle

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("default")]
APPS = ["lab/tree", "notebooks"]  # JupyterLab, Notebook 7
EXPLORERS = ["ReverseStepper", "ForwardStepper"]
CONTROLS = "input, select, button, [tabindex='0']"
KEYS = [
    "ArrowLeft",
    "ArrowRight",
    "ArrowDown",
    "ArrowUp",
    "Home",
    "End",
    "a",
    "b",
    "x",
    "d",
    "d",
    "m",
    "y",
    "1",
    " ",
]


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    cells = [nbformat.v4.new_markdown_cell("# One", id="one")]
    for name in EXPLORERS:
        code = f"from adlib.viz.explorers import {name}\n\n{name}()"
        cells.append(nbformat.v4.new_code_cell(code, id=name))
    cells.append(nbformat.v4.new_markdown_cell("The end", id="end"))
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    path = tmp_path_factory.mktemp("live") / "live.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    with running_lab(path) as running:
        yield running


def cells(page):
    return page.locator(".jp-NotebookPanel .jp-Cell").count()


def has_focus(node):
    return node.evaluate("node => document.activeElement === node")


def prompts(page):
    return page.locator(".jp-NotebookPanel .jp-CodeCell .jp-InputPrompt").all_inner_texts()


@pytest.mark.parametrize("app", APPS)
def test_keys_on_a_control_are_the_controls(lab, app):
    with lab.opened("live.ipynb", app=app) as page:
        run_all(page)
        assert problems(page) == []
        before = cells(page)
        kinds = set()
        for k in range(len(EXPLORERS)):
            explorer = page.locator(".al").nth(k)
            explorer.scroll_into_view_if_needed()
            for node in explorer.locator(CONTROLS).all():
                kinds.add(node.evaluate("node => node.type ?? node.tagName"))
                text = node.get_attribute("type") == "text"
                node.focus()
                for key in KEYS:
                    page.keyboard.press(key)
                    assert has_focus(node), (node.get_attribute("aria-label"), key)
                    assert cells(page) == before, (node.get_attribute("aria-label"), key)
                if text:
                    node.fill("x1 * x2")
                    page.keyboard.press("Enter")
                    assert has_focus(node)
        assert kinds >= {"text", "range", "button", "DIV"}
        ranges = explorer.locator("input[type=range]").first
        ranges.focus()
        page.keyboard.press("Home")
        assert ranges.input_value() == "0"
        had = prompts(page)
        page.keyboard.press("Shift+Enter")
        page.wait_for_function(
            "had => JSON.stringify([...document.querySelectorAll("
            "'.jp-NotebookPanel .jp-CodeCell .jp-InputPrompt')].map(n => n.innerText)) !== JSON.stringify(had)",
            arg=had,
        )
        assert problems(page) == []


@pytest.mark.parametrize("app", APPS)
def test_who_saves_and_comes_back_sees_the_picture(lab, app):
    with lab.opened("live.ipynb", app=app) as page:
        run_all(page)
        explorer = page.locator(".al").first
        alt = explorer.locator("[role=img]").get_attribute("aria-label")
        assert explorer.is_visible()
        assert not page.locator(".adlib-still").first.is_visible()
        page.keyboard.press("Escape")
        page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
        settle(page, 1.0)
    with lab.opened("live.ipynb", app=app) as page:  # another kernel, nothing is run
        page.wait_for_selector(".adlib-still img")
        dead = page.locator(".jupyter-widgets:has-text('model not found')")
        for k in range(len(EXPLORERS)):
            dead.nth(k).wait_for(state="attached")  # there it is, and nobody sees it
        settle(page)
        assert page.locator(".al").count() == 0
        stills = page.locator(".adlib-still")
        assert stills.count() == len(EXPLORERS)
        image = stills.first.locator("img")
        assert image.is_visible()
        assert image.get_attribute("alt") == alt
        assert image.evaluate("node => node.complete && node.naturalWidth > 300")
        assert stills.first.locator("tbody tr").count() == 8
        seen = page.evaluate(
            "() => [...document.querySelectorAll('.jp-OutputArea-output')]"
            ".filter(n => n.checkVisibility()).map(n => n.innerText).join(' ')"
        )
        assert "model not found" not in seen
        assert not any(view.is_visible() for view in dead.all())
        assert "Run this cell to slide" in seen
        run_all(page)
        assert page.locator(".al").count() == len(EXPLORERS)
        assert not stills.first.is_visible()
        assert problems(page) == []


def test_a_step_a_slider_a_node_and_a_mistake(lab):
    with lab.opened("live.ipynb", size=(1024, 700)) as page:
        run_all(page)
        explorer = page.locator(".al").first
        explorer.scroll_into_view_if_needed()
        assert explorer.bounding_box()["height"] <= 560
        words, walk = explorer.locator(".al-words"), explorer.get_by_label("step", exact=True)
        assert walk.get_attribute("aria-valuetext") == "14 of 17"
        explorer.get_by_label("next", exact=True).click()
        assert "Backward, step 7 of 9" in words.inner_text()
        height = explorer.bounding_box()["height"]
        for _ in range(16):
            explorer.get_by_label("previous", exact=True).click()
            assert explorer.bounding_box()["height"] == height
        assert "Forward, row 1 of 8" in words.inner_text()
        x1 = explorer.get_by_label("x1", exact=True)
        x1.focus()
        page.keyboard.press("ArrowRight")
        assert x1.get_attribute("aria-valuetext") == "2.05"
        explorer.locator("[data-k='v_-1.v']:text-is('2.05')").wait_for(state="attached")
        box = explorer.locator("[data-k='v_-1'] .al-box").bounding_box()
        page.mouse.move(box["x"] + 20, box["y"] + 20)
        page.mouse.down()
        page.mouse.move(box["x"] + 20 + 70, box["y"] + 20, steps=12)
        page.mouse.up()
        assert x1.get_attribute("aria-valuetext") == "2.55"
        explorer.locator("[data-k='v_-1.v']:text-is('2.55')").wait_for(state="attached")
        explorer.locator("tr[data-link='v_3']").click()
        assert "v₃" in words.inner_text()
        line = explorer.locator("input[type=text]")
        for text, told in (
            ("x1 +", "⚠"),
            ("x1 * x2", "Backward, step 2 of 3"),
            ("x1", "step 1 of 1: the seed"),
        ):
            line.fill(text)
            page.keyboard.press("Enter")
            explorer.locator(f".al-words:has-text('{told}')").wait_for()
        explorer.get_by_label("reset", exact=True).click()
        explorer.locator(".al-words:has-text('Backward, step 6 of 9')").wait_for()
        assert x1.get_attribute("aria-valuetext") == "2.00"
        assert problems(page) == []
