"""The form of the notebooks: what strict nbval, which runs them and compares outputs, does not see."""

import html
import itertools
import re

import nbformat
import pytest

from adlib.lesson import exercises
from adlib.lesson.exercises.kinds import Choice
from tests.tools.folds import unfolded
from tests.tools.notebooks import METADATA, NOTEBOOKS, REPOSITORY, TEXTS, executed, unexecuted

NAMES = sorted(path.stem for path in TEXTS.glob("*.py"))
TAGS = {"exercise", "solution", "colab"}


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def notebook(name):
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)


def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def text_of(output):
    return output.get("text", "") + str(output.get("data", {}).get("text/plain", ""))


def test_every_notebook_has_its_text_and_every_text_its_notebook():
    assert sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")) == NAMES
    assert NAMES[0] == "00_start_here"


def test_the_notebook_is_what_its_text_says(notebook, name):
    told = unexecuted(name)
    assert [(c.cell_type, c.source, dict(c.metadata)) for c in notebook.cells] == [
        (c.cell_type, c.source, dict(c.metadata)) for c in told.cells
    ], "run `make notebooks`"


def test_it_is_saved_as_restart_and_run_all_leaves_it(notebook):
    nbformat.validate(notebook)
    assert [c.execution_count for c in code(notebook)] == list(range(1, len(code(notebook)) + 1))
    assert dict(notebook.metadata) == METADATA
    for cell in code(notebook):
        assert cell.source.strip(), "an empty cell"
        assert set(cell.metadata) <= {"tags", "jupyter"}
        assert set(cell.metadata.get("tags", [])) <= TAGS


def test_what_a_cell_prints_in_one_go_is_one_output(notebook):
    for cell in code(notebook):
        kinds = [output.get("name") for output in cell.outputs]
        assert not any(a and a == b for a, b in itertools.pairwise(kinds)), cell.source


def test_the_builder_joins_printed_pieces_and_leaves_pictures_where_they_are():
    slow = (
        "import time\nfor k in range(3):\n    print(k, flush=True)\n    time.sleep(0.3)\ndisplay(7)\nprint(8)"
    )
    notebook = executed(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(slow)]))
    assert [text_of(output) for output in notebook.cells[0].outputs] == ["0\n1\n2\n", "7", "8\n"]


def test_no_output_warns_fails_or_differs_between_machines(notebook):
    for cell in code(notebook):
        for output in cell.outputs:
            assert output.output_type in ("stream", "display_data", "execute_result"), cell.source
            assert output.get("name") != "stderr", cell.source
            text = text_of(output)
            assert not re.search(r"0x[0-9a-f]{6,}|/tmp/|ipykernel_|site-packages", text), text
            assert not re.search(r"<matplotlib|Figure\(", text), "end the cell with the picture itself"
            data = output.get("data", {})
            assert "image/svg+xml" not in data
            assert not data or "text/plain" in data
            if "image/png" in data:
                assert text_of(output).strip("'"), "a picture needs its words"


def test_its_cells_are_short(notebook):
    for cell in code(notebook):
        assert len([line for line in cell.source.splitlines() if line.strip()]) <= 20, cell.source


def test_it_has_the_parts_that_every_notebook_has(notebook, name):
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1
    for part in ("Prerequisites", "Time:", "## Exercises", "## Take away"):
        assert part in prose, part
    assert name == NAMES[-1] or f"Next: [{NAMES[NAMES.index(name) + 1][:2]} " in prose
    assert name == NAMES[0] or f"Previous: [{NAMES[NAMES.index(name) - 1][:2]} " in prose
    assert "Left out on purpose" in prose
    assert "Where it comes from" in prose
    assert any("colab" in c.metadata.get("tags", []) for c in code(notebook))


def tagged(notebook, tag):
    """The cells with a tag, by the exercise that each is about."""
    found = {}
    for cell in code(notebook):
        if tag in cell.metadata.get("tags", []):
            ((verb, key),) = re.findall(r'exercises\.(ask|check|solution)\("(\d\d-\d+)"', cell.source)
            assert key not in found, key
            found[key] = (verb, cell)
    return found


def test_its_exercises_wait(notebook, name):
    waiting = tagged(notebook, "exercise")
    assert 2 <= len(waiting) <= 5
    assert set(waiting) == {key for key in exercises.REGISTRY if key.startswith(name[:2])}
    for key, (verb, cell) in waiting.items():
        assert verb == ("ask" if isinstance(exercises.REGISTRY[key], Choice) else "check"), key
        assert "not answered yet" in "".join(map(text_of, cell.outputs)), cell.source


def test_its_solutions_are_right(notebook):
    solved = tagged(notebook, "solution")
    numbers_and_functions = {
        key for key, (verb, _) in tagged(notebook, "exercise").items() if verb == "check"
    }
    assert numbers_and_functions <= set(solved)  # options hold their own verdicts
    for key, (verb, cell) in solved.items():
        assert verb == "solution", key
        assert cell.metadata.jupyter == {"source_hidden": True}  # the output folds itself
        assert re.search(r"^right\b", "\n".join(map(text_of, cell.outputs)), re.MULTILINE), cell.source


def test_run_all_gives_nothing_away(notebook):
    """JupyterLab shows the output of a cell that runs, hidden or not: so it has to be folded itself."""
    for key, (_, cell) in tagged(notebook, "solution").items():
        (output,) = cell.outputs
        assert output.output_type == "execute_result", cell.source
        shown = unfolded(output.data["text/html"]).strip()
        assert shown == f"Solution of exercise {key[3:]}: what it says", shown
    for key, (verb, cell) in tagged(notebook, "exercise").items():
        (output,) = cell.outputs
        shown = unfolded(output.data["text/html"])
        if verb == "ask":
            assert not re.search("[✔✘]|right:|wrong:", shown), shown
            for option in exercises.REGISTRY[key].options:
                assert html.escape(option) in output.data["text/html"]
        else:
            assert shown.startswith("○ not answered yet"), shown


def test_its_links_lead_somewhere(notebook):
    prose = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)]+)\)", prose):
        assert (NOTEBOOKS / target.partition("#")[0]).exists(), target


def test_the_readmes_links_lead_somewhere():
    for page in ("README.md", "CONTRIBUTING.md"):
        text = (REPOSITORY / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", text):
            assert (REPOSITORY / target.partition("#")[0]).exists(), target
