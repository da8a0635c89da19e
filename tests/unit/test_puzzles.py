"""The puzzles: right rules are right, and each wrong one of the table gets its own words."""

import numpy as np
import pytest

from adlib.lesson import puzzles
from adlib.lesson.puzzles import PUZZLES, check

RULES = [
    (name, which, rule, words)
    for name, puzzle in PUZZLES.items()
    for which, rules in puzzle.rules.items()
    for rule, words in rules.items()
]


def pullback(name, **changed):
    """The right pullback, but for the inputs named."""
    puzzle = PUZZLES[name]
    rules = {which: changed.get(which, next(iter(rules))) for which, rules in puzzle.rules.items()}

    def pull(y_bar, *inputs):
        names = dict(zip(puzzle.rules, inputs, strict=True)) | {"ȳ": y_bar}
        found = [puzzles._formula(rule, names) for rule in rules.values()]
        return found[0] if len(found) == 1 else tuple(found)

    return pull


def test_there_are_twelve():
    assert list(PUZZLES) == [f"puzzle-{k}" for k in range(1, 13)]
    for name, puzzle in PUZZLES.items():
        assert puzzle.text in puzzles.statement(name)
        assert len(puzzle.shapes) >= 3
        assert sum(len(rules) - 1 for rules in puzzle.rules.values()) >= 2


@pytest.mark.parametrize("name", PUZZLES)
def test_the_right_rule_is_right(name):
    verdict = check(name, pullback(name))
    assert verdict, verdict
    assert verdict.reason == PUZZLES[name].reason
    for theirs, mine in puzzles.jacobians(name, pullback(name)).values():
        np.testing.assert_allclose(mine, theirs, rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("name", "which", "rule", "words"), [r for r in RULES if r[3]], ids=lambda r: str(r)[:40]
)
def test_a_wrong_rule_gets_its_own_words(name, which, rule, words):
    verdict = check(name, pullback(name, **{which: rule}))
    assert verdict.state == "wrong", verdict
    assert f"{puzzles._bar(which)}: {words}" in verdict.reason
    others = [puzzles._bar(other) for other in PUZZLES[name].rules if other != which]
    assert verdict.reason.count(" right;") == bool(others)
    assert all(other in verdict.reason.partition(" right;")[0] for other in others)


@pytest.mark.parametrize("name", PUZZLES)
def test_no_two_wrong_rules_are_told_the_same(name):
    for rules in PUZZLES[name].rules.values():
        assert len(set(rules.values())) == len(rules)


@pytest.mark.parametrize("name", PUZZLES)
def test_the_sign_twice_and_what_nobody_foresaw(name):
    for which, rules in PUZZLES[name].rules.items():
        truth, *slips = rules
        negative = check(name, pullback(name, **{which: f"-({truth})"})).reason
        assert "the sign is wrong" in negative or any(rules[slip] in negative for slip in slips)
        assert "a 2 is too much" in check(name, pullback(name, **{which: f"2 * ({truth})"})).reason
        reason = check(name, pullback(name, **{which: f"1.01 * ({truth})"})).reason
        assert f"{puzzles._bar(which)}·ẋ is" in reason
        assert "its shape is (7,)" in check(name, pullback(name, **{which: "np.zeros(7)"})).reason


def test_a_transpose_that_only_squares_forgive_is_told_by_the_shapes():
    verdict = check("puzzle-7", lambda y_bar, A, B: (y_bar @ B.T, A @ y_bar))
    assert verdict.reason.startswith("Ā is right; B̄: a transpose is missing")


def test_what_a_reader_may_do_besides():
    assert check("puzzle-1").state == check("puzzle-1", ...).state == "not answered yet"
    assert check("puzzle-1", lambda y_bar, x: None).state == "not answered yet"
    assert check("puzzle-6", lambda y_bar, A, x: ...).state == "not answered yet"

    def unwritten(y_bar, x):
        raise NotImplementedError

    assert check("puzzle-4", unwritten).state == "not answered yet"
    assert "its name, without calling it" in check("puzzle-1", 3.0).reason
    assert (
        "return 2 adjoints, of A and x, not 1"
        in check("puzzle-6", lambda y_bar, A, x: np.outer(y_bar, x)).reason
    )
    stops = check("puzzle-4", lambda y_bar, x: y_bar.transposed()).reason
    assert stops.startswith("with the shapes (2, 3) it stops: ")
    assert "takes" in check("puzzle-4", lambda y_bar: y_bar).reason

    def greedy(y_bar, x):
        y_bar *= 2
        return y_bar.T / 2

    assert "it writes into ȳ" in check("puzzle-4", greedy).reason
    with pytest.raises(KeyError, match="puzzle-1 to puzzle-12"):
        check("puzzle-13", greedy)


def test_a_pullback_that_is_not_linear_is_found():
    assert not check("puzzle-4", lambda y_bar, x: y_bar.T**2)
    assert not check("puzzle-4", lambda y_bar, x: y_bar.T + 1e-4)
    assert not check("puzzle-4", lambda y_bar, x: y_bar.T * np.nan)


def test_jacobians_have_no_number_where_yours_stops_or_does_not_fit():
    for wrong in (lambda y_bar, x: y_bar, lambda y_bar, x: y_bar.nothing):
        theirs, mine = puzzles.jacobians("puzzle-1", wrong)["x"]
        assert np.all(np.isnan(mine))
        np.testing.assert_array_equal(theirs, np.ones((1, 3)))
    pair = puzzles.jacobians("puzzle-7", lambda y_bar, A, B: (y_bar @ B.T, A @ y_bar), trial=1)
    np.testing.assert_allclose(*pair["A"])
    assert np.sum(np.abs(pair["B"][0] - pair["B"][1]) > 1e-9) > 3
