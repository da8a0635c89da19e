"""Make the notebooks from their texts, or only run them.

    python -m tests.tools.notebooks build [NAME ...]   text -> notebook, executed, outputs saved
    python -m tests.tools.notebooks run [NAME ...]     execute the saved notebooks, save nothing

What is written depends on the text and the outputs alone: no times, no random names, no versions.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import jupytext
import nbformat
from nbclient import NotebookClient

REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOKS = REPOSITORY / "notebooks"
TEXTS = NOTEBOOKS / "text"
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
}
# A saved widget is a name for something in a kernel that is gone; its picture stays beside it.
NOT_SAVED = ("application/vnd.jupyter.widget-view+json",)


def names(chosen: list[str]) -> list[str]:
    """The notebooks meant, in order: all, or those whose names start with what was given."""
    found = sorted(path.stem for path in TEXTS.glob("*.py"))
    return [name for name in found if not chosen or any(name.startswith(c) for c in chosen)]


def unexecuted(name: str) -> Any:
    """The notebook that the text describes, without outputs."""
    notebook = jupytext.read(TEXTS / f"{name}.py")
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{number:02d}"
        cell.metadata.pop("lines_to_next_cell", None)
    return notebook


def joined(outputs: list[Any]) -> list[Any]:
    """The outputs, with what was printed in one go as one: a slow cell's text comes in as many pieces as it likes.

    (nbclient's `coalesce_streams` would also move text over the picture between its parts.)
    """
    kept: list[Any] = []
    for output in outputs:
        before = kept[-1] if kept else None
        if before and output.get("name") and output.get("name") == before.get("name"):
            before["text"] += output["text"]
        else:
            kept.append(output)
    return kept


def executed(notebook: Any) -> Any:
    """The notebook with the outputs of a fresh kernel, run from top to bottom."""
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(NOTEBOOKS)}},
        record_timing=False,
        store_widget_state=False,
    )
    client.execute()
    notebook.metadata = nbformat.from_dict(METADATA)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
        for output in cell.get("outputs", []):
            for mime in NOT_SAVED:
                output.get("data", {}).pop(mime, None)
                output.get("metadata", {}).pop(mime, None)
    return notebook


def main() -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.notebooks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["build", "run"])
    parser.add_argument("names", nargs="*")
    given = parser.parse_args()
    for name in names(given.names):
        print(name, flush=True)
        if given.what == "build":
            nbformat.write(executed(unexecuted(name)), NOTEBOOKS / f"{name}.ipynb")
        else:
            executed(nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4))
    return 0


if __name__ == "__main__":
    sys.exit(main())
