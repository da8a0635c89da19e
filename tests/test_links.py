"""Links agree with the owner that pyproject.toml names; until it names one, none that needs it is shown."""

import re
import shlex
import shutil
import subprocess
import sys
import types

import nbformat
import pytest
from packaging.requirements import Requirement

from tests.tools.links import owner
from tests.tools.notebooks import REPOSITORY, names

NEEDS_OWNER = re.compile(
    r"(?:github\.com/|github/|v2/gh/)([\w-]+)/adlib\b|https://([\w-]+)\.github\.io/adlib"
)
SHOWN = ["README.md", "CONTRIBUTING.md", "CITATION.cff", "pyproject.toml", "environment.yml"]


def shown(root):
    """The files that readers see, and what is in them."""
    places = [*(root / name for name in SHOWN), *root.glob("notebooks/*.md")]
    places += [
        *root.glob("notebooks/text/*.py"),
        *root.glob("notebooks/*.ipynb"),
        *root.glob(".github/**/*.yml"),
    ]
    return {str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in places}


def owners(text):
    return {a or b for a, b in NEEDS_OWNER.findall(text)}


def check(root, name):
    """Hold every link against the owner's name, or find none."""
    files = shown(root)
    for place, text in files.items():
        assert not re.search(r"\bOWNER\b(?!=)", text), f"{place} shows a placeholder"
        found = owners(text.replace(f"https://{(name or '').lower()}.github.io", f"https://{name}.github.io"))
        assert found <= {name}, place
    if name is None:
        for place, text in files.items():
            assert "mybinder.org" not in text, f"{place} has a badge that leads nowhere"
            assert "colab.research" not in text, f"{place} has a badge that leads nowhere"
            assert "git+" not in text, place
        return
    for place in ("README.md", "CITATION.cff", "pyproject.toml"):
        assert owners(files[place]), place
    for notebook in names([]):
        for place in (f"notebooks/text/{notebook}.py", f"notebooks/{notebook}.ipynb"):
            text = files[place]
            assert (
                f"colab.research.google.com/github/{name}/adlib/blob/main/notebooks/{notebook}.ipynb" in text
            )
            assert f"mybinder.org/v2/gh/{name}/adlib/main?urlpath=lab/tree/notebooks/{notebook}.ipynb" in text
            assert f"adlib[viz] @ git+https://github.com/{name}/adlib'" in text


def test_the_links_agree_with_pyproject():
    check(REPOSITORY, owner())


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """What links stand in, and the tool, in a folder with a space in its name."""
    root = tmp_path_factory.mktemp("a copy")
    for name in SHOWN:
        shutil.copy(REPOSITORY / name, root)
    for folder in ("notebooks", "tests/tools", ".github"):
        shutil.copytree(
            REPOSITORY / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_*")
        )
    shutil.copy(REPOSITORY / "tests/__init__.py", root / "tests")
    return root


def links(root, *given, fails=False):
    command = [sys.executable, "-m", "tests.tools.links", *given]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (done.returncode != 0) == fails, done.stderr
    return done.stderr if fails else done.stdout


def test_one_command_sets_the_owner_and_takes_it_out_again(copy):
    before = shown(copy)
    assert "lead to" in links(copy) or owner() is None
    assert shown(copy) == before, "run `make links`"
    links(copy, "-")
    check(copy, None)
    unset = shown(copy)
    assert "links lead to https://github.com/Some-One2/adlib" in links(copy, "Some-One2")
    check(copy, "Some-One2")
    links(copy, "another")
    check(copy, "another")
    again = shown(copy)
    assert "pyproject" not in links(copy)
    assert shown(copy) == again
    links(copy, "-")
    assert shown(copy) == unset


@pytest.mark.parametrize("name", ["OWNER", "two words", "a/b", "-x", "https://x"])
def test_a_name_that_cannot_be_one_is_refused(copy, name):
    before = shown(copy)
    assert "make links OWNER=name" in links(copy, name, fails=True)
    assert shown(copy) == before


def install_cells():
    for notebook in names([]):
        cells = nbformat.read(REPOSITORY / "notebooks" / f"{notebook}.ipynb", as_version=4).cells
        yield next(cell for cell in cells if "colab" in cell.metadata.get("tags", []))


def test_the_install_cell_does_nothing_here_and_installs_adlib_in_colab(monkeypatch, capsys):
    asked = []
    shell = types.SimpleNamespace(run_line_magic=lambda *magic: asked.append(magic))
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    for cell in install_cells():
        assert cell.outputs == []
        exec(compile(cell.source, "cell", "exec"), {})
        assert asked == []
    monkeypatch.setitem(sys.modules, "google.colab", types.ModuleType("google.colab"))
    for cell in install_cells():
        exec(compile(cell.source, "cell", "exec"), {})
        ((magic, line),) = asked
        asked.clear()
        command, option, what = shlex.split(line)
        assert (magic, command, option) == ("pip", "install", "-q")
        if owner() is None:  # a path: by its name alone pip would take another project
            assert what == "/content/adlib[viz]"
            assert "upload" in cell.source
        else:
            wanted = Requirement(what)
            assert (wanted.name, wanted.extras) == ("adlib", {"viz"})
            assert wanted.url == f"git+https://github.com/{owner()}/adlib"
    assert capsys.readouterr().out == ""
