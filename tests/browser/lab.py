"""A private JupyterLab in Chromium: started, driven and stopped by the browser tests and tools.

Everything that JupyterLab, IPython and Matplotlib would read from or write to the user's home goes to a
temporary folder instead, and the notebooks are copies, so that nothing on the machine matters or changes.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.browser.chromium import chromium

REPOSITORY = Path(__file__).resolve().parents[2]
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A notebook is idle when every code cell with something in it has a number and the kernel rests.
IDLE = """() => {
    const indicator = document.querySelector('.jp-Notebook-ExecutionIndicator');
    if (!indicator || indicator.dataset.status !== 'idle') return false;
    const cells = [...document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')];
    return cells.every(cell => {
        const prompt = cell.querySelector('.jp-InputPrompt')?.textContent ?? '';
        const folded = cell.querySelector('.jp-InputPlaceholder');  // a solution: shows no number
        return /\\[\\d+\\]/.test(prompt) || cell.dataset.empty === 'true' || folded;
    }) && !document.body.textContent.includes('Loading widget...');
}"""
CONNECTED = """() => window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel?.connectionStatus
    === 'connected'"""
PROBLEMS = """() => {
    const found = [];
    const text = node => node.innerText.slice(0, 2000);
    for (const mime of ['application/vnd.jupyter.error', 'application/vnd.jupyter.stderr'])
        for (const node of document.querySelectorAll(`.jp-NotebookPanel [data-mime-type="${mime}"]`))
            found.push(`${mime}: ${text(node)}`);
    for (const node of document.querySelectorAll('.jupyter-widgets-error-widget, .jp-mod-error'))
        found.push(`widget error: ${text(node)}`);
    for (const node of document.querySelectorAll('.jp-NotebookPanel .jp-OutputArea-output'))
        if (/Error displaying widget|Javascript Error|model not found/i.test(node.innerText))
            found.push(`output: ${text(node)}`);
    for (const node of document.querySelectorAll('.jp-Dialog')) found.push(`dialog: ${text(node)}`);
    for (const image of document.querySelectorAll('.jp-NotebookPanel .jp-OutputArea-output img'))
        if (image.complete && image.src && !image.naturalWidth) found.push('a picture does not load');
    return found;
}"""


def private_environment(folder: Path) -> dict[str, str]:
    """The environment for a Jupyter process that neither reads nor writes the user's own settings."""
    names = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
        "MPLCONFIGDIR": "matplotlib",
    }
    environment = dict(os.environ)
    for variable, name in names.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        environment[variable] = str(folder / name)
    environment.pop("MPLBACKEND", None)
    environment["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")])
    )  # works before adlib is installed, too
    return environment


def _settings(folder: Path, theme: str) -> None:
    chosen = {
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyterlab/apputils-extension/themes": {
            "theme": {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}[theme]
        },
        # Off-screen cells stay in the page, so that tests see all of them.
        "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    }
    for name, values in chosen.items():
        path = folder / "settings" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values), encoding="utf-8")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Lab:
    """A running JupyterLab and a browser that looks at it."""

    address: str
    root: Path
    browser: Browser
    problems: list[str] = field(default_factory=list)

    @contextlib.contextmanager
    def opened(self, name: str, size: tuple[int, int] = (1200, 900), app: str = "lab/tree") -> Iterator[Page]:
        """The page with the notebook `name` open and its kernel at rest; the kernel ends with the page.

        `app` is ``"notebooks"`` for Notebook 7.
        """
        page = self.browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(60_000)
        try:
            page.goto(f"{self.address}/{app}/{name}?reset")
            page.wait_for_selector(".jp-NotebookPanel .jp-Notebook .jp-Cell")
            page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state="attached")
            page.wait_for_function(CONNECTED)  # idle may mean: not there yet, and then "run all" runs nothing
            page.evaluate(
                """async () => {
                    const app = window.jupyterapp;
                    if (app && !app.shell.leftCollapsed) app.shell.collapseLeft?.();
                    if (app && !app.shell.rightCollapsed) app.shell.collapseRight?.();
                }"""
            )
            yield page
        finally:
            page.close()
            self.end_kernels()

    def end_kernels(self) -> None:
        """End every session: a kernel outlives its page."""
        with urllib.request.urlopen(f"{self.address}/api/sessions") as answer:
            sessions = json.load(answer)
        for session in sessions:
            request = urllib.request.Request(f"{self.address}/api/sessions/{session['id']}", method="DELETE")
            with contextlib.suppress(OSError):
                urllib.request.urlopen(request).close()


def run_all(page: Page, timeout: float = 180.0) -> None:
    """Run → Run All Cells from the menu, as a reader does, and wait until all is still."""
    page.evaluate(
        """() => { for (const cell of document.querySelectorAll('.jp-NotebookPanel .jp-CodeCell')) {
            const text = cell.querySelector('.cm-content')?.innerText ?? '';
            cell.dataset.empty = String(text.trim() === '');
            const prompt = cell.querySelector('.jp-InputPrompt'); if (prompt) prompt.textContent = '';
        } }"""
    )
    page.locator(".jp-NotebookPanel .jp-Cell").first.click(position={"x": 4, "y": 4})
    page.keyboard.press("Escape")
    page.locator('.lm-MenuBar-item:has-text("Run")').first.click()
    page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click()
    page.wait_for_function(IDLE, timeout=timeout * 1000)
    settle(page)


def settle(page: Page, pause: float = 0.4) -> None:
    """Wait for pictures, fonts and formulas to be on the screen."""
    page.evaluate(
        """async () => {
            await document.fonts.ready;
            const loads = [...document.querySelectorAll('.jp-NotebookPanel img, body > img')]
                .filter(image => image.src && !image.complete)
                .map(image => new Promise(done => { image.onload = image.onerror = done; }));
            await Promise.race([Promise.all(loads), new Promise(done => setTimeout(done, 3000))]);
            await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
        }"""
    )
    page.wait_for_timeout(pause * 1000)


def problems(page: Page) -> list[str]:
    """Error outputs, standard error, broken widgets, broken pictures and dialogs on the page."""
    found: list[str] = page.evaluate(PROBLEMS)
    return found


def launch(playwright: Playwright, *more: str) -> Browser:
    """Chromium without its own background traffic."""
    return playwright.chromium.launch(executable_path=chromium(), args=[*CHROMIUM_ARGS, *more])


def _copy(source: Path, root: Path) -> None:
    if source.is_dir():
        shutil.copytree(
            source, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".*", "text", "__pycache__")
        )
    else:
        shutil.copy(source, root)


@contextlib.contextmanager
def running_lab(*sources: Path, theme: str = "light") -> Iterator[Lab]:
    """A JupyterLab over copies of `sources` (notebooks, or folders of them), and a browser for it."""
    with tempfile.TemporaryDirectory(prefix="adlib-lab-", ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary)
        root = folder / "notebooks"
        root.mkdir()
        for source in sources:
            _copy(source, root)
        if (REPOSITORY / "figures").is_dir():
            shutil.copytree(REPOSITORY / "figures", folder / "figures")
        environment = private_environment(folder / "private")
        _settings(folder / "private", theme)
        port = _free_port()
        address = f"http://127.0.0.1:{port}"
        command = [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"),
            *("--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password="),
            *("--ServerApp.disable_check_xsrf=True", f"--ServerApp.root_dir={root}"),
            *("--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"),
            *("--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"),
        ]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.append("--allow-root")
        log = folder / "jupyterlab.log"
        with log.open("w") as stream:
            server = subprocess.Popen(
                command, env=environment, cwd=root, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream
            )
        try:
            _wait_for(address, server, log)
            with sync_playwright() as playwright:
                browser = launch(playwright)
                try:
                    lab = Lab(address, root, browser)
                    yield lab
                    lab.end_kernels()
                finally:
                    browser.close()
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path, patience: float = 60.0) -> None:
    end = time.monotonic() + patience
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/api", timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError("JupyterLab did not start:\n" + log.read_text(errors="replace")[-4000:])
