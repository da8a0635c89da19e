"""Write the owner's name into every link that needs it: ``python -m tests.tools.links [OWNER]`` (``make links``).

The name stands in one place, in pyproject.toml's ``[project.urls]``.  Launch badges, Colab's install cell, the address
of the API reference and the citation follow from it; until it is set, they are left out or say what works without.

With OWNER, writes it there first; ``-`` takes it out again.  Without, only brings the rest in line.  Saved notebooks
are brought in line, too, and need not run for it.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

import nbformat

from tests.tools.notebooks import NOTEBOOKS, REPOSITORY, TEXTS, names, unexecuted

PYPROJECT = REPOSITORY / "pyproject.toml"
FIRST = "00_start_here"
UNSET = "# `make links OWNER=name` writes [project.urls] here, and what follows from it everywhere else.\n"
# Colab keeps what is uploaded there in /content.  Without a path, pip would take another project's adlib.
INSTALL = """\
# {how}. Everywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    from IPython import get_ipython

    get_ipython().run_line_magic("pip", "install -q '{what}'")
"""


def owner() -> str | None:
    """Read the owner's name from pyproject.toml."""
    urls = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"].get("urls", {})
    found = re.fullmatch(r"https://github\.com/([^/]+)/adlib", urls.get("Repository", ""))
    return found[1] if found else None


def repository(name: str) -> str:
    """Return the address of the project."""
    return f"https://github.com/{name}/adlib"


def reference(name: str) -> str:
    """Return the address of the API reference."""
    return f"https://{name.lower()}.github.io/adlib/"


def badges(name: str, notebook: str) -> list[str]:
    """Return the links that open a notebook with nothing installed, one a line."""
    colab = f"https://colab.research.google.com/github/{name}/adlib/blob/main/notebooks/{notebook}.ipynb"
    binder = f"https://mybinder.org/v2/gh/{name}/adlib/main?urlpath=lab/tree/notebooks/{notebook}.ipynb"
    return [
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab})",
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})",
    ]


def in_pyproject(text: str, name: str | None) -> str:
    """Write the one place where the name stands."""
    table = UNSET
    if name is not None:
        table = (
            f'[project.urls]\nRepository = "{repository(name)}"\nDocumentation = "{reference(name)}"\n'
            f'Issues = "{repository(name)}/issues"\n'
        )
    here = re.compile(rf"{re.escape(UNSET)}|\[project\.urls\]\n(?:\w+ = .*\n)+")
    if not here.search(text):
        raise SystemExit("pyproject.toml has neither [project.urls] nor the comment that stands for it")
    return here.sub(lambda _: table, text)


def in_readme(text: str, name: str | None) -> str:
    """Write the two places between comments that readers do not see."""
    launch, api = "", "is in the API reference: `make reference` writes it to"
    if name is not None:
        launch = (
            "\nTo try it with nothing installed: " + " ".join(badges(name, FIRST)) + "\n\n"
            f"To have it here, `git clone {repository(name)}` and go to its folder.\n"
        )
        api = f"is in the **[API reference]({reference(name)})**. `make reference` writes the same pages to"
    api = f"\nEvery function and class {api}\n`build/reference/index.html`, to read without network.\n"
    for mark, inside in (("launch", launch), ("reference", api)):
        here = re.compile(rf"(<!-- {mark} -->\n).*?(\n?<!-- /{mark} -->)", re.DOTALL)
        if not here.search(text):
            raise SystemExit(f"README.md has no place <!-- {mark} -->")
        text = here.sub(lambda m, inside=inside, mark=mark: f"{m[1]}{inside}\n<!-- /{mark} -->", text)
    return text


def in_citation(text: str, name: str | None) -> str:
    """Write the addresses after the licence."""
    text = re.sub(r"^(repository-code|url): .*\n", "", text, flags=re.MULTILINE)
    more = "" if name is None else f'repository-code: "{repository(name)}"\nurl: "{reference(name)}"\n'
    return re.sub(r"^license: .*\n", lambda m: m[0] + more, text, flags=re.MULTILINE)


def install_cell(name: str | None) -> str:
    """Return the cell that installs adlib in Colab."""
    if name is None:
        how, what = (
            "In Google Colab, first upload the project's folder as adlib: this installs it",
            "/content/adlib[viz]",
        )
    else:
        how, what = (
            "Google Colab starts without adlib: install it there",
            f"adlib[viz] @ git+{repository(name)}",
        )
    return INSTALL.format(how=how, what=what)


def in_notebook(text: str, name: str | None, notebook: str) -> str:
    """Write the badges at the end of the first cell, and Colab's cell."""
    head, first, rest = re.split(
        r"(?<=\n)(# %% \[markdown\]\n.*?\n)(?=\n+# %%)", text, maxsplit=1, flags=re.DOTALL
    )
    kept = re.sub(r"(?:#\n)?(?:# \[!\[.*\n)+", "", first)
    if name is not None:
        kept += "#\n" + "".join(f"# {badge}\n" for badge in badges(name, notebook))
    whole = head + kept + rest
    cell = re.compile(r'(# %% tags=\["colab"\]\n).*?(?=\n+# %%)', re.DOTALL)
    return cell.sub(lambda m: m[1] + install_cell(name).rstrip("\n"), whole)


def write(path: Path, text: str) -> None:
    """Write what differs, and say so."""
    if path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(REPOSITORY))


def bring_in_line(name: str | None) -> None:
    """Write all that follows from the name."""
    for place, written in (("README.md", in_readme), ("CITATION.cff", in_citation)):
        path = REPOSITORY / place
        write(path, written(path.read_text(encoding="utf-8"), name))
    for notebook in names([]):
        path = TEXTS / f"{notebook}.py"
        write(path, in_notebook(path.read_text(encoding="utf-8"), name, notebook))
        saved = NOTEBOOKS / f"{notebook}.ipynb"
        if saved.exists():
            cells = nbformat.read(saved, as_version=4)
            told = unexecuted(notebook).cells
            install = next(k for k, cell in enumerate(told) if "colab" in cell.metadata.get("tags", []))
            for k in (0, install):
                cells.cells[k].source = told[k].source
            write(saved, nbformat.writes(cells) + "\n")


def main() -> int:
    """Read the command line."""
    if sys.argv[1:]:
        (given,) = sys.argv[1:]
        if given != "-" and not re.fullmatch(r"(?!OWNER$)[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}", given):
            raise SystemExit(
                f"{given!r} is no name of a GitHub user or organisation. Try: make links OWNER=name"
            )
        write(PYPROJECT, in_pyproject(PYPROJECT.read_text(encoding="utf-8"), None if given == "-" else given))
    name = owner()
    bring_in_line(name)
    print(
        f"links lead to {repository(name)}" if name else "no owner is set: links that need one are left out"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
