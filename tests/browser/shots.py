"""Pictures of a notebook for human eyes.

    python -m tests.browser.shots NOTEBOOK OUTDIR                 run it in JupyterLab, then scroll through it
    python -m tests.browser.shots --theme dark NOTEBOOK OUTDIR    the same in JupyterLab's dark theme
    python -m tests.browser.shots --saved NOTEBOOK OUTDIR         JupyterLab, as saved, nothing run
    python -m tests.browser.shots --static NOTEBOOK OUTDIR        as saved and as GitHub shows it: no widgets,
                                                                  no styles in HTML, pictures instead

Writes OUTDIR/<notebook>-01.png and so on, each one window high, and prints what is wrong on the page.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.browser.lab import launch, problems, run_all, running_lab, settle

SIZE = (1200, 900)
# jupyter-server-mathjax brings one family of fonts.
MATHJAX_FONTS = """<script type="text/x-mathjax-config">MathJax.Hub.Config({"HTML-CSS": {
    availableFonts: [], preferredFont: null, imageFont: null, webFont: "STIX-Web"}});</script>"""
WIDGET_MIMES = ("application/vnd.jupyter.widget-view+json", "application/javascript")


def scroll_through(page: Page, out: Path, stem: str, selector: str | None) -> list[Path]:
    """Save one picture per window height, from the top of the scrolling element to its end."""
    pick = (
        f"document.querySelector({selector!r})" if selector else "document.scrollingElement"
    )  # JupyterLab scrolls its panel, a plain page itself
    page.evaluate(f"{pick}.scrollTop = 0")
    height = page.evaluate(f"{pick}.scrollHeight")
    window = page.evaluate(f"{pick}.clientHeight")
    step = max(200, window - 60)
    written = []
    for number, top in enumerate(range(0, max(1, height - 60), step), start=1):
        page.evaluate(f"{pick}.scrollTop = {top}")
        page.wait_for_timeout(150)
        path = out / f"{stem}-{number:02d}.png"
        page.screenshot(path=str(path))
        written.append(path)
    return written


def shoot_page(page: Page, out: Path, stem: str) -> list[Path]:
    """Scroll through the notebook that is open in JupyterLab."""
    return scroll_through(page, out, stem, ".jp-NotebookPanel .jp-WindowedPanel-outer")


def shoot_lab(notebook: Path, out: Path, theme: str, run: bool, size: tuple[int, int]) -> list[str]:
    """Pictures from a real JupyterLab; returns the problems seen."""
    with running_lab(notebook, theme=theme) as lab, lab.opened(notebook.name, size) as page:
        if run:
            run_all(page)
        settle(page)
        for path in shoot_page(page, out, notebook.stem):
            print(path)
        return problems(page)


def plain_html(text: str) -> str:
    """HTML as GitHub leaves it: no style or script elements, no style, class, id or on… attributes."""
    text = re.sub(r"<(style|script)\b.*?</\1\s*>", "", text, flags=re.S | re.I)

    def clean(tag: re.Match[str]) -> str:
        attribute = r"\s(?:style|class|id|on\w+)\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]+)"
        return re.sub(attribute, "", tag.group(0), flags=re.I)

    return re.sub(r"<[a-zA-Z][^<>]*>", clean, text)


def static_page(notebook: Path) -> str:
    """The saved notebook as one HTML page the way GitHub shows it, with formulas set."""
    import jupyter_server_mathjax
    import nbformat
    from nbconvert import HTMLExporter

    mathjax = Path(jupyter_server_mathjax.__file__).parent / "static" / "MathJax.js"
    content = nbformat.read(notebook, as_version=4)
    content.metadata.pop("widgets", None)
    for cell in content.cells:
        if cell.cell_type == "markdown":
            cell.source = plain_html(cell.source)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            for mime in WIDGET_MIMES:
                data.pop(mime, None)
            if "text/html" in data:
                data["text/html"] = plain_html(data["text/html"])
    exporter = HTMLExporter(mathjax_url=mathjax.as_uri() + "?config=TeX-AMS-MML_HTMLorMML-full,Safe")
    exporter.require_js_url = exporter.jquery_url = exporter.html_manager_semver_range = ""
    page: str = exporter.from_notebook_node(content, {"metadata": {"path": str(notebook.parent)}})[0]
    return page.replace("<head>", f"<head>{MATHJAX_FONTS}", 1)


def shoot_static(notebook: Path, out: Path, size: tuple[int, int]) -> list[str]:
    """Pictures of the saved notebook without a kernel; returns the problems seen."""
    page_file = notebook.with_name(f".{notebook.stem}.static.html")  # beside it, so that links resolve
    page_file.write_text(static_page(notebook), encoding="utf-8")
    found: list[str] = []
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright, "--allow-file-access-from-files")  # for the fonts
            page = browser.new_page(viewport={"width": size[0], "height": size[1]})
            page.goto(page_file.resolve().as_uri(), wait_until="domcontentloaded")
            page.wait_for_function("() => window.MathJax?.Hub?.queue !== undefined", timeout=20_000)
            page.evaluate("() => new Promise(done => MathJax.Hub.Queue(() => done()))")
            settle(page)
            for path in scroll_through(page, out, f"{notebook.stem}-static", None):
                print(path)
            for source in page.evaluate(
                "() => [...document.images].filter(i => !i.naturalWidth).map(i => i.getAttribute('src'))"
            ):
                if not source.startswith("http"):  # badges come from outside
                    found.append(f"a picture does not load: {source[:100]}")
            for text in page.evaluate(
                "() => [...document.querySelectorAll('.merror, .MathJax_Error')].map(n => n.textContent)"
            ):
                found.append(f"a formula is not set: {text}")
            browser.close()
    finally:
        page_file.unlink()
    return found


def main() -> int:
    """Read the command line; 1 if the page shows a problem."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.browser.shots",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("notebook", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--theme", choices=["light", "dark"], default="light")
    parser.add_argument("--saved", action="store_true", help="JupyterLab without running anything")
    parser.add_argument("--static", action="store_true", help="without a kernel, as GitHub shows it")
    parser.add_argument("--width", type=int, default=SIZE[0])
    parser.add_argument("--height", type=int, default=SIZE[1])
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    size = (given.width, given.height)
    if given.static:
        found = shoot_static(given.notebook, given.out, size)
    else:
        found = shoot_lab(given.notebook, given.out, given.theme, not given.saved, size)
    for problem in found:
        print("PROBLEM", problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
