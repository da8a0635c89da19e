"""The project around the code: metadata that agree, locks without addresses, nothing of one machine."""

import fnmatch
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from adlib.gates import GATES
from adlib.gates.composition import COMPOSITIONS
from tests.mutation import __main__ as mutation
from tests.tools.locks import COLAB, LOCKS

ROOT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def tracked():
    """What git keeps; a copy without git, from an archive, keeps everything that .gitignore does not name."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        command = ["git", "ls-files", "-z"]
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]

    def kept(name):
        return name != ".git" and not any(fnmatch.fnmatch(name, rule) for rule in ignored)

    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = filter(kept, folders)
        found += [Path(folder) / name for name in filter(kept, files)]
    return found


def bounds(requirements):
    found = {}
    for text in requirements:
        name, bound = re.fullmatch(r"([A-Za-z0-9_-]+)(?:\[\w+\])?(.*)", text).groups()
        found[name] = bound
    return found


def test_a_copy_without_git_has_the_same_files(monkeypatch):
    if not (ROOT / ".git").exists():
        pytest.skip("this is such a copy")
    with_git = set(tracked())
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert with_git <= set(tracked())


def test_environment_yml_has_the_names_and_bounds_of_pyproject():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    conda = bounds(re.findall(r"^  - ([a-z][\w-]*(?:[<>=].*)?)$", text, re.MULTILINE))
    extras = PYPROJECT["project"]["optional-dependencies"]
    wanted = bounds(PYPROJECT["project"]["dependencies"] + extras["viz"] + extras["lab"])  # lab's word counts
    wanted.pop("adlib")
    wanted["matplotlib-base"] = wanted.pop("matplotlib")
    assert conda.pop("python").startswith(PYPROJECT["project"]["requires-python"])
    assert conda.pop("pip") == ""
    assert conda.pop("nodefaults", "") == ""
    conda.pop("conda-forge", None)
    assert conda == wanted
    assert "- -e ." in text


@pytest.mark.parametrize("name", ["newest", "oldest", "colab"])
def test_a_lock_has_hashes_and_no_address(name):
    text = (LOCKS / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "index-url" not in text
    pinned = re.findall(r"^([a-z0-9._-]+)(?:\[\w+\])?==", text, re.MULTILINE)
    assert {
        "anywidget",
        "numpy",
        "matplotlib",
        "ipywidgets",
        "networkx",
        "jupyterlab",
        "nbval",
        "flit-core",
    } <= set(pinned)
    assert "torch" not in pinned
    for entry in re.split(r"\n(?=[a-z0-9])", text.strip()):
        if not entry.startswith("#"):
            assert "--hash=sha256:" in entry, entry[:60]


def test_the_oldest_lock_has_what_pyproject_promises_at_the_least():
    """NumPy 2.0 is tested as 2.0.x, ipywidgets 7.7.1 as itself."""
    text = (LOCKS / "oldest.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([a-z0-9._-]+)(?:\[\w+\])?==(\S+)", text, re.MULTILINE))
    extras = PYPROJECT["project"]["optional-dependencies"]
    promised = bounds(PYPROJECT["project"]["dependencies"] + extras["viz"])
    assert set(promised) == {"anywidget", "numpy", "matplotlib", "ipywidgets", "ipython", "networkx"}
    for name, bound in promised.items():
        least = bound.removeprefix(">=")
        assert pinned[name] == least or pinned[name].startswith(f"{least}."), name


def test_the_lock_of_colab_has_colabs_versions():
    text = (LOCKS / "colab.txt").read_text(encoding="utf-8")
    for wanted in COLAB:
        assert re.search(rf"^{re.escape(wanted)} ", text, re.MULTILINE), wanted


def test_every_mutated_file_has_the_tests_that_it_meets_first():
    settings = tomllib.loads(mutation.CONFIG.read_text(encoding="utf-8"))["cosmic-ray"]
    places = [ROOT / place for place in settings["module-path"]]
    files = [path for place in places for path in (place.rglob("*.py") if place.is_dir() else [place])]
    names = {path.relative_to(ROOT / "adlib").as_posix() for path in files if path.name != "__init__.py"}
    assert all(mutation.first_tests(name) for name in names)
    for part in (*mutation.FIRST, *mutation.CORE, *mutation.REACHED_BY):
        assert any(name.startswith(part) for name in names), part
    reached = {test for tests in mutation.REACHED_BY.values() for test in tests}
    tests = {*mutation.FIRST.values(), *mutation.NEXT, *mutation.NEVER, *reached}
    assert [name for name in tests if not (ROOT / mutation.located(name)).is_file()] == []


def test_no_file_carries_a_path_of_the_machine_it_was_made_on():
    places = "|".join(["wo" + "rk", "ro" + "ot", "fa" + "rm"])
    pattern = re.compile(rf"(?<![\w.])/({places})/")
    for path in tracked():
        assert not pattern.search(path.read_text(encoding="utf-8", errors="ignore")), path


def test_the_top_level_holds_what_it_should():
    top = {path.relative_to(ROOT).parts[0] for path in tracked()}
    assert {"adlib", "notebooks", "tests", "figures", "environment.yml", "README.md"} <= top
    files = {
        "CITATION.cff",
        "CONTRIBUTING.md",
        "LICENSE",
        "Makefile",
        "pyproject.toml",
        ".gitattributes",
        ".gitignore",
    }
    assert top - {"adlib", "notebooks", "tests", "figures", "environment.yml", "README.md"} <= files | {
        ".ci",
        ".github",
    }


def test_importing_adlib_needs_numpy_alone():
    program = (
        "import sys; before = set(sys.modules); import adlib; "
        "heavy = {'matplotlib', 'networkx', 'ipywidgets', 'IPython', 'scipy', 'torch'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert out.stdout.strip() == "[]"


@pytest.mark.newest  # older NumPy has fewer
def test_the_reported_number_of_functions_is_theirs():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    numpys = {f for f in GATES if isinstance(f, np.ufunc) or f.__module__.startswith("numpy")} | set(
        COMPOSITIONS
    )
    (reported,) = re.findall(r"covers (\d+) of NumPy's functions", text)
    assert int(reported) <= len(numpys) <= int(reported) + 20
