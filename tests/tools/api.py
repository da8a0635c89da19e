"""Write the API reference: ``python -m tests.tools.api build/reference`` (that is ``make reference``).

pdoc makes it of the docstrings.  The pages need no network: no script, style or font comes from elsewhere.
"""

from __future__ import annotations

import pkgutil
import sys
from pathlib import Path

import pdoc

import adlib
from tests.tools.links import owner, repository

# The exercises are there to be solved, and data is loaded through its functions.
LEFT_OUT = ("adlib.lesson.exercises", "adlib.viz.drawings", "adlib.viz.figures", "adlib.viz.explorers")


def modules() -> list[str]:
    """List the modules that the reference shows."""
    found = [m.name for m in pkgutil.walk_packages(adlib.__path__, "adlib.")]
    return ["adlib", *sorted(name for name in found if not name.startswith(LEFT_OUT))]


def _found_by_pdoc(module: str) -> bool:
    """Tell whether pdoc lists a module by itself, with the package that it is in."""
    package, _, name = module.rpartition(".")
    named = getattr(sys.modules.get(package), "__all__", None)
    return bool(package) and (name in named if named is not None else True)


def build(folder: Path) -> None:
    """Write the pages to `folder`."""
    name = owner()
    edit = {"adlib": f"{repository(name)}/blob/main/adlib/"} if name else {}  # "Edit on GitHub"
    footer = f"adlib {adlib.__version__}"
    pdoc.render.configure(docformat="numpy", footer_text=footer, show_source=True, edit_url_map=edit)
    wanted = [name for name in modules() if not _found_by_pdoc(name)]
    pdoc.pdoc(*wanted, *(f"!{name}" for name in LEFT_OUT), output_directory=folder)


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    print(f"open {Path(sys.argv[1]) / 'index.html'}")
