"""The pages beside the notebooks: their links lead to headings that exist, and their proofs run."""

import doctest
import re

import nbformat
import pytest

from tests.tools.notebooks import NOTEBOOKS, REPOSITORY, TEXTS

PAGES = ("errata.md", "glossary.md", "limits.md")
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\((?!https?:|mailto:)([^)\s]+)\)")


def text_of(page):
    return (NOTEBOOKS / page).read_text(encoding="utf-8")


def prose_of(name):
    if name.endswith(".md"):
        return re.sub(r"^```.*?^```", "", text_of(name), flags=re.MULTILINE | re.DOTALL)
    cells = nbformat.read(NOTEBOOKS / name, as_version=4).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def anchors(name):
    """What can stand after the #.  JupyterLab and GitHub differ in pages, so only what both understand counts."""
    headings = [h.strip().replace("`", "") for h in re.findall(r"^#+ (.+)$", prose_of(name), re.MULTILINE)]
    jupyter = {heading.replace(" ", "-") for heading in headings}
    if name.endswith(".md"):
        return jupyter & {re.sub(r"[^\w -]", "", h).lower().replace(" ", "-") for h in headings}
    return jupyter


def links():
    here = [*PAGES, *(f"{path.stem}.ipynb" for path in sorted(TEXTS.glob("*.py")))]
    return sorted({(name, target) for name in here for _, target in LINK.findall(prose_of(name))})


@pytest.mark.parametrize(("name", "target"), links())
def test_a_link_leads_to_a_heading(name, target):
    file, _, heading = target.partition("#")
    assert (NOTEBOOKS / (file or name)).exists(), f"{name} links to {file}, which is not there"
    if heading:
        there = anchors(file or name)
        assert heading in there, f"{name} links to #{heading}; {file or name} has {sorted(there)}"


def test_every_erratum_has_its_proof_and_its_place():
    rows = re.findall(r"^\| (\d+) \|(.+)\|$", text_of("errata.md"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, len(rows) + 1))
    for number, row in rows:
        said, right, proof, place = (cell.strip() for cell in row.split(" | "))
        assert said, number
        assert right, number
        assert len(proof) > 20, number
        assert re.match(r"\[\d\d, .+\]\(\d\d_\w+\.ipynb#\S+\)", place), (number, place)


def test_every_proof_below_is_below_and_is_that_of_its_row():
    text = text_of("errata.md")
    rows = dict(re.findall(r"^\| (\d+) \|(.+)\|$", text, re.MULTILINE))
    below = {number for number, row in rows.items() if f"[below](#proof-of-{number})" in row}
    assert all(f"#proof-of-{number})" in row for number, row in rows.items() if "#proof-of-" in row)
    assert re.findall(r"^### proof of (\d+)$", text, re.MULTILINE) == sorted(below, key=int)


def test_the_readme_counts_the_errata():
    rows = re.findall(r"^\| \d+ \|", text_of("errata.md"), re.MULTILINE)
    assert f"list {len(rows)} places" in (REPOSITORY / "README.md").read_text(encoding="utf-8")


def test_the_errata_s_proofs_run():
    result = doctest.testfile(
        str(NOTEBOOKS / "errata.md"), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted >= 10
    assert result.failed == 0


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (1, ["1.380165568"]),
        (2, ["0.537370", "1.467828"]),
        (7, ["4.639554", "7.146315"]),
        (9, ["1,125,899,906,842,624", "200"]),
        (10, ["3e-16", "1e-16"]),
        (11, ["61/10"]),
        (14, ["1.380166", "0.000000", "1e-08", "1e-17"]),
        (21, ["2.0e-06", "699.7", "646.7"]),
    ],
)
def test_the_numbers_of_a_proof_are_those_that_the_notebook_printed(number, shown):
    (row,) = re.findall(rf"^\| {number} \|(.+)\|$", text_of("errata.md"), re.MULTILINE)
    name = re.search(r"\((\d\d_\w+\.ipynb)#", row)[1]
    outputs = "".join(
        output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))
        for cell in nbformat.read(NOTEBOOKS / name, as_version=4).cells
        if cell.cell_type == "code"
        for output in cell.outputs
    )
    for value in shown:
        assert value in row, value
        assert value in outputs, (value, name)


def test_the_glossary_is_in_order_and_each_word_stands_once():
    words = re.findall(r"^\| \*\*(.+?)\*\*", text_of("glossary.md"), re.MULTILINE)
    assert len(words) > 30
    assert words == sorted(words, key=str.casefold)
    assert len(words) == len(set(words))
