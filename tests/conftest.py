"""Options and settings that all tests share."""

import os
from pathlib import Path

import matplotlib
import pytest
from hypothesis import settings

matplotlib.use("Agg")
# Busy machines are slow machines: no example fails for the time it took; CI always tries the same examples.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("dev", deadline=None)


def pytest_addoption(parser):
    parser.addoption(
        "--screenshots", type=Path, metavar="DIR", help="save pictures of every notebook in JupyterLab to DIR"
    )


def pytest_configure(config):
    settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def screenshots(request):
    """The folder for pictures, or None."""
    folder = request.config.getoption("--screenshots")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    return folder
