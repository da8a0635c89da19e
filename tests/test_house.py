"""The house: rooms in one order, files that can be read in one sitting, a core that stays small."""

import json
import re
from pathlib import Path

import pytest

from tests.tools import house, size

ROOT = Path(__file__).resolve().parents[1]
MODULES = house.sources()


def test_imports_run_one_way_and_in_no_circle():
    assert house.faults(MODULES) == []


@pytest.mark.parametrize(
    ("module", "line", "fault"),
    [
        (
            "adlib.gates.linear",
            "from adlib.engine.boxes import Box",
            "adlib.engine.boxes, which stands above",
        ),
        ("adlib.gates.linear", "from adlib.engine import boxes", "adlib.engine.boxes, which stands above"),
        ("adlib.gates.linear", "import adlib.engine.boxes as b", "adlib.engine.boxes, which stands above"),
        ("adlib.errors", "from adlib import gates", "adlib.gates, which stands above"),
        ("adlib.engine.forward", "from adlib import grad", "adlib, which stands above"),
        ("adlib.engine.forward", "import adlib", "adlib, which stands above"),
        (
            "adlib.engine.forward",
            "def f():\n    from ..study import trace",
            "adlib.study.trace, which stands above",
        ),
        ("adlib.study.trace", "from adlib.viz.style import INK", "adlib.viz.style, which stands above"),
        (
            "adlib.nn",
            "import importlib\nimportlib.import_module('adlib.lesson.data')",
            "adlib.lesson.data, which",
        ),
        ("adlib.engine.boxes", "from adlib.engine import forward", "a circle: "),
        ("adlib.gates.gate", "from .linear import where", "a circle: "),
        (
            "adlib.viz.figures.dual",
            "from adlib.viz.explorers.dual import window",
            "adlib.viz.explorers.dual, from another side",
        ),
        (
            "adlib.viz.explorers.descent",
            "from adlib.viz.figures import why",
            "figures.why, from another side",
        ),
        ("adlib.viz.explorers.dual", "import adlib.viz.figures", "adlib.viz.figures, from another side"),
        (
            "adlib.viz.drawings.dual",
            "def f():\n    from ..explorers import DualExplorer",
            "adlib.viz.explorers, from another side",
        ),
        ("adlib.viz.graphs", "from adlib.viz import figures", "adlib.viz.figures, from another side"),
    ],
)
def test_a_planted_import_is_found(module, line, fault):
    planted = {**MODULES, module: MODULES[module] + "\n" + line + "\n"}
    assert any(fault in found for found in house.faults(planted))


def test_a_new_room_must_be_given_its_place():
    assert house.faults({**MODULES, "adlib.attic.box": ""}) == ["adlib.attic.box is in no room that is known"]


def test_no_module_hides_behind_a_function_of_its_name():
    """``adlib.trace`` is a function, so no module may be called so."""
    import adlib

    for name in MODULES:
        package, _, last = name.rpartition(".")
        if package == "adlib":
            assert not callable(getattr(adlib, last, None)), name


def test_every_module_says_what_it_is_for():
    for name, text in MODULES.items():
        assert text.startswith(('"""', 'r"""')), name


def test_every_file_can_be_read_in_one_sitting():
    assert {name for name, text in MODULES.items() if text.count("\n") > 500} == set()
    tests = (ROOT / "tests").rglob("*.py")
    assert [path.name for path in tests if path.read_text(encoding="utf-8").count("\n") > 500] == []


def test_the_core_stays_small():
    assert size.core() < 2000
    assert sum(text.count("\n") for text in MODULES.values()) < 26_000


def test_the_reported_sizes_are_the_sizes():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    reported = {
        name: int(lines) for name, lines in re.findall(r"^\| `(\S+)` \|.*\| (\d+) \|$", text, re.MULTILINE)
    }
    counted = size.table()
    assert set(reported) == set(counted)
    for name, lines in reported.items():
        assert abs(lines - counted[name]) <= 0.1 * counted[name] + 5, name


def test_the_targets_of_the_findability_test_exist():
    """targets.json was written before anybody looked: from names and docstrings alone a reader should find 18 of 20."""
    targets = json.loads((ROOT / "tests" / "targets.json").read_text(encoding="utf-8"))
    assert len(targets) == 20
    assert {name for names in targets.values() for name in names} <= set(MODULES)
