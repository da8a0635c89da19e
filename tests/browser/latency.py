"""How long a slider takes in JupyterLab: from the key press to the frame with the new picture.

    python -m tests.browser.latency [NOTEBOOK]

The explorer of a notebook (default: the first notebook) beside what most tutorials do: the first notebook's picture
in a new pyplot figure at each move, through `interact`.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Page

from tests.browser.lab import REPOSITORY, run_all, running_lab, settle

PRESSES = 33
MISSED = 5000  # ms after which a press counts as one that changed nothing
BASELINE = """\
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatLogSlider, interact

from adlib.lesson import examples
from adlib.viz import plots
from adlib.viz.cases import answers

t = np.linspace(0.05, np.sqrt(np.pi) - 1e-3, 400)


def draw(h):
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.7), width_ratios=(1, 1.15))
    got = answers(h)
    value, slope = examples.f(2.0, 1.0), got["forward difference"]
    left.plot(t, examples.f(2.0, t), color="black")
    left.axvspan(np.sqrt(np.pi), 2.0, color="lightgrey")
    left.text(1.885, 4.0, "outside the domain", rotation=90, ha="center", va="center")
    left.plot([0, 2], [value - slope, value + slope])
    left.plot([1.0, 1.0 + h], [value, examples.f(2.0, 1.0 + h)], "^")
    left.set(xlim=(0, 2), ylim=(0, 8), xlabel="$x_2$", ylabel="$f(2, x_2)$")
    left.set_title("The slope that the method answers")
    exact = got["by hand"]
    plots.draw_methods(right, {name: abs(answer / exact - 1) for name, answer in got.items()})
    right.set_title("How far off each of them is")
    figure.tight_layout()
    plt.show()


interact(draw, h=FloatLogSlider(value=1e-2, min=-16, max=0, step=0.25))
"""
# From a keydown, seen before anyone else sees it, to the first frame after another picture has been decoded.
WATCH = """(root) => {
    const shown = () => [...root.querySelectorAll('img')].map(image => image.src).join(' ');
    window.adlibWatch = (limit) => {
        const before = shown();
        let pressed = 0;
        window.addEventListener('keydown', () => { pressed = performance.now(); }, {capture: true, once: true});
        window.adlibAnswer = new Promise(done => {
            const stop = value => { clearTimeout(timer); observer.disconnect(); done(value); };
            const timer = setTimeout(() => stop(null), limit);
            const observer = new MutationObserver(async () => {
                const image = [...root.querySelectorAll('img')].find(image => !before.includes(image.src));
                if (!image || !pressed) return;
                observer.disconnect();
                try { await image.decode(); } catch (error) { /* already replaced: count its frame all the same */ }
                requestAnimationFrame(() => stop(performance.now() - pressed));
            });
            observer.observe(root, {subtree: true, childList: true, attributes: true, attributeFilter: ['src']});
        });
    };
}"""


def presses(page: Page, selector: str, count: int = PRESSES) -> list[float]:
    """Milliseconds of each key press on the first slider inside `selector`; a press without answer is left out."""
    root = page.locator(selector).first
    root.scroll_into_view_if_needed()
    root.evaluate(WATCH)
    handle = root.locator(".noUi-handle").first
    handle.focus()
    page.keyboard.press("Home")
    settle(page, 1.0)
    took: list[float] = []
    key = "ArrowRight"
    for _ in range(count):
        if handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax"):
            key = "ArrowLeft"
        elif handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemin"):
            key = "ArrowRight"
        page.evaluate(f"window.adlibWatch({MISSED})")
        page.keyboard.press(key)
        answer = page.evaluate("window.adlibAnswer")
        if answer is not None:
            took.append(answer)
        page.wait_for_timeout(30)
    return took


def summary(took: list[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    if len(took) < PRESSES // 2:
        raise RuntimeError(f"only {len(took)} of {PRESSES} key presses changed the picture")
    return statistics.median(took), statistics.quantiles(took, n=20, method="inclusive")[-1]


def measure(notebook: Path | str | None = None) -> dict[str, float]:
    """Both sliders in one JupyterLab, one after the other.

    Returns median_ms and p95_ms of the notebook's explorer, interact_median_ms and interact_p95_ms of the other.
    """
    chosen = Path(notebook or REPOSITORY / "notebooks" / "00_start_here.ipynb")
    with tempfile.TemporaryDirectory() as folder:
        baseline = Path(folder) / "interact.ipynb"
        cell = nbformat.v4.new_code_cell(BASELINE, id="interact")
        kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
        nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel}), baseline)
        with running_lab(chosen, baseline) as lab:
            with lab.opened(chosen.name) as page:
                run_all(page)
                ours = summary(presses(page, ".adlib-explorer"))
            with lab.opened(baseline.name) as page:
                run_all(page)
                theirs = summary(presses(page, ".jp-OutputArea"))
    return {
        "median_ms": ours[0],
        "p95_ms": ours[1],
        "interact_median_ms": theirs[0],
        "interact_p95_ms": theirs[1],
    }


def main() -> int:
    """Print both."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.latency",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("notebook", nargs="?", type=Path)
    for name, value in measure(parser.parse_args().notebook).items():
        print(f"{name:20} {value:6.0f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
