"""What the README says and shows is so."""

import doctest
import re
from pathlib import Path

from adlib.gates import conventions

README = Path(__file__).parents[2] / "README.md"


def test_the_taste_runs_and_prints_what_it_says():
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted >= 6
    assert result.failed == 0


def test_the_table_of_conventions_is_that_of_the_gates():
    cells = re.findall(r"^\| `(\w+)` \| `(.+)` \| (.+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    told = [(name, where, answer.replace(r"\|", "|")) for name, where, answer in cells]
    assert told == [(n, w.replace("|", "¦"), c) for n, w, c in conventions()]
