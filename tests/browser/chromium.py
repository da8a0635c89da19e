"""A Chromium for the browser tests: the one that is here, else one that can be had.

``python -m tests.browser.chromium`` (that is ``make browser``) sees to it, and says what it does.  In this order:

1. ``ADLIB_CHROMIUM``, the path of a Chrome or Chromium; where it is set, nothing else is tried;
2. the system's Chromium or Chrome;
3. the one that playwright has, or downloads now;
4. as root on Debian and its kin, what ``apt-get`` installs.

A browser counts only if it starts.  Without one the tests fail: they are never skipped.
"""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator

PLAYWRIGHT = (sys.executable, "-m", "playwright")
NAMES = [
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
]
REMEDY = (
    "The browser tests need Chromium, and none could be found or brought: install your system's package "
    "`chromium`, or set ADLIB_CHROMIUM to the executable of a Chrome or Chromium."
)
LIBRARIES = (
    "Playwright's Chromium is here, but it does not start, for want of libraries most likely: run "
    "`sudo .venv/bin/python -m playwright install-deps chromium`, or install your system's package `chromium`."
)


@functools.cache
def starts(executable: str) -> bool:
    """Tell whether it runs: Ubuntu's `chromium-browser`, for one, may be a note that there is none."""
    try:
        done = subprocess.run([executable, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and bool(done.stdout.strip())


def of_the_system() -> Iterator[str]:
    """Yield the Chromiums that are on the PATH, and where macOS keeps them."""
    yield from filter(None, map(shutil.which, NAMES))


@functools.cache
def of_playwright() -> str:
    """Tell where playwright keeps its own, whether or not it is there; nothing if playwright cannot tell."""
    program = (
        "from playwright.sync_api import sync_playwright as start\n"
        "with start() as p: print(p.chromium.executable_path)"
    )
    asked = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    return asked.stdout.strip()


def driver_problem() -> str:
    """Tell why playwright itself does not start; nothing if it does."""
    asked = subprocess.run([*PLAYWRIGHT, "--version"], capture_output=True, text=True, check=False)
    return "" if asked.returncode == 0 else (asked.stderr.strip().splitlines() or ["no reason given"])[-1]


def find() -> str | None:
    """Find a Chromium that starts."""
    chosen = os.environ.get("ADLIB_CHROMIUM")
    if chosen:
        if not starts(chosen):
            raise RuntimeError(f"ADLIB_CHROMIUM is {chosen!r}, and that does not start")
        return chosen
    found = next(filter(starts, of_the_system()), None)
    if found is None and starts(of_playwright()):
        found = of_playwright()
    return found


def chromium() -> str:
    """Return the path of a Chromium; its absence is a failure, never a reason to skip."""
    found = find()
    if found is None:
        raise RuntimeError(f"{REMEDY} `make browser` tries to bring one.")
    return found


def _run(*command: str) -> bool:
    """Run it, telling so, and pass on what it prints only if it fails."""
    print("  " + " ".join(command), flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        said = done.stdout.decode(errors="replace").splitlines()
        reasons = [line.strip() for line in said if re.search("error|fail|unable", line, re.IGNORECASE)]
        print("  that failed: " + (reasons or [f"code {done.returncode}"])[0], flush=True)
    return done.returncode == 0


def _apt(*packages: str) -> None:
    """Install packages of Debian's, if this is root on Debian or its kin."""
    if os.geteuid() == 0 and shutil.which("apt-get") is not None:
        print("installing with the system's package manager, as root", flush=True)
        if _run("apt-get", "update", "-qq"):
            _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages)


def bring() -> str | None:
    """Bring a Chromium to this machine, by playwright or, as root, by apt-get."""
    print("no Chromium here; asking playwright for one (once)", flush=True)
    came = _run(*PLAYWRIGHT, "install", "chromium")
    starts.cache_clear()
    if (found := find()) is not None:
        return found
    if came and os.geteuid() == 0:  # it is there and does not start: libraries are missing
        print("installing its libraries with the system's package manager, as root", flush=True)
        _run(*PLAYWRIGHT, "install-deps", "chromium")
    else:
        _apt("chromium", "fonts-dejavu-core")
    starts.cache_clear()
    return find()


def main() -> int:
    """Find or bring a Chromium, and what drives it, and print where it is."""
    if driver_problem():
        _apt("libatomic1")
        of_playwright.cache_clear()
    if problem := driver_problem():
        sys.exit(
            f"Playwright, which drives the browser, does not start: {problem}. Install what it lacks; on Debian "
            "and its kin that is the package `libatomic1`."
        )
    try:
        found = find() or bring()
    except RuntimeError as error:
        sys.exit(str(error))
    if found is None:
        sys.exit(LIBRARIES if os.path.exists(of_playwright()) else REMEDY)
    print(f"browser: {found}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
