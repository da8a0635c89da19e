"""Choose versions anew: ``python -m tests.tools.locks [NAME ...]`` writes the files in tests/locks.

newest
    As new as can be: .venv is made of it.
oldest
    What pyproject.toml promises at the least.  The tools of the tests, which no reader needs, are as new as fits.
colab
    As on Google Colab, whose ipywidgets and IPython are old and cannot be replaced there.

Each holds exact versions and hashes, for every system and every Python that has such wheels, and no address.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = REPOSITORY / "tests" / "locks"
# Of Colab's own list of packages, what adlib and its pictures meet there.
COLAB = (
    *("numpy==2.1.3", "matplotlib==3.10.0", "ipywidgets==7.7.1", "ipython==7.34.0"),
    "anywidget==0.9.21",
)


def floors() -> list[str]:
    """Constrain what a reader needs to the oldest versions that pyproject.toml admits.

    ``lab`` asks for a newer ipywidgets than ``viz``; the lowest bound of each name is the floor.
    """
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    lowest: dict[str, str] = {}
    for text in (*project["dependencies"], *extras["viz"], *extras["lab"]):
        requirement = Requirement(text)
        for bound in requirement.specifier:
            if bound.operator == ">=":
                known = lowest.get(requirement.name, bound.version)
                lowest[requirement.name] = min(known, bound.version, key=Version)
    return [f"{name}=={version}.*" for name, version in lowest.items()]


def compile_lock(python: str, name: str, extras: tuple[str, ...], constraints: list[str]) -> None:
    """Have uv resolve pyproject.toml."""
    target = LOCKS / f"{name}.txt"
    command = [
        *(python, "-m", "uv", "pip", "compile", "pyproject.toml", "--group", "build"),
        *(part for extra in extras for part in ("--extra", extra)),
        *("--universal", "--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"),
        *("--no-annotate", "--quiet", "--output-file", str(target), "--upgrade", "--constraint", "-"),
    ]
    given = "\n".join(constraints)
    subprocess.run(
        command, cwd=REPOSITORY, check=True, stdout=subprocess.DEVNULL, input=given, encoding="utf-8"
    )
    if "://" in target.read_text(encoding="utf-8"):
        raise SystemExit(f"{target.name}: an address got into the lock")


WANTED = {
    "newest": (("lab", "test"), []),
    "oldest": (("test",), floors()),
    "colab": (("test",), list(COLAB)),
}


def main() -> int:
    """Write the locks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.tools.locks")
    parser.add_argument("names", nargs="*", choices=[[], *WANTED], default=[])
    names = parser.parse_args().names or list(WANTED)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = str(Path(folder) / "bin" / "python")
        subprocess.run([python, "-m", "pip", "install", "--quiet", "uv"], check=True)
        for name in names:
            compile_lock(python, name, *WANTED[name])
    return 0


if __name__ == "__main__":
    sys.exit(main())
