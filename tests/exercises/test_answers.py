"""Right answers are right, and each wrong one gets the verdict that is meant for it: all exercises."""

from pathlib import Path

import pytest

from adlib.lesson import exercises
from adlib.lesson.exercises.kinds import Choice
from tests.exercises import answers_00_06, answers_07_15

ANSWERS = answers_00_06.ANSWERS | answers_07_15.ANSWERS
TEXTS = Path(__file__).parents[2] / "notebooks" / "text"
CHOICES = sorted(name for name, judge in exercises.REGISTRY.items() if isinstance(judge, Choice))


def cases(kind):
    return [
        pytest.param(name, given, id=f"{name}-{k}")
        for name, answers in sorted(ANSWERS.items())
        for k, given in enumerate(getattr(answers, kind))
    ]


def test_every_exercise_of_every_notebook_has_its_answers_here():
    assert set(ANSWERS) == set(exercises.REGISTRY)
    assert {name[:2] for name in ANSWERS} == {path.name[:2] for path in TEXTS.glob("[0-9][0-9]_*.py")}
    for name, answers in ANSWERS.items():
        assert answers.right, name
        assert answers.wrong, name


@pytest.mark.parametrize(("name", "given"), cases("right"))
def test_right(name, given):
    verdict = exercises.check(name, given)
    assert verdict.state == "right", verdict
    assert len(verdict.reason) > 20


@pytest.mark.parametrize(("name", "given"), cases("wrong"))
def test_wrong(name, given):
    answer, words = given
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong", verdict
    assert words.casefold() in verdict.reason.casefold(), verdict
    assert "0x" not in verdict.reason
    assert not verdict.reason.startswith("wrong")


@pytest.mark.parametrize(("name", "given"), cases("waiting"))
def test_not_answered_yet(name, given):
    assert exercises.check(name, given).state == "not answered yet"


@pytest.mark.parametrize("name", sorted(exercises.REGISTRY))
@pytest.mark.parametrize("answer", [..., None])
def test_dots_are_no_answer_yet(name, answer):
    verdict = exercises.check(name, answer)
    assert verdict.state == "not answered yet"
    assert not verdict


@pytest.mark.parametrize("name", CHOICES)
def test_every_option_has_a_verdict_of_its_own_and_a_line_in_the_table(name):
    verdicts = exercises.REGISTRY[name].verdicts
    assert len({verdict.reason for verdict in verdicts.values()}) == len(verdicts)
    assert [verdict.state for verdict in verdicts.values()].count("right") == 1
    listed = [*ANSWERS[name].right, *(answer for answer, _ in ANSWERS[name].wrong)]
    assert set(verdicts) <= set(listed)


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("word", ["by luck", "", 7, 3.5, ["both"]])
def test_a_word_that_is_no_option_is_no_answer_yet(name, word):
    verdict = exercises.check(name, word)
    assert verdict.state == "not answered yet"
    assert verdict.reason.startswith("choose one of ")
    for option in exercises.REGISTRY[name].options:
        assert repr(option) in verdict.reason


def test_the_place_of_the_right_option_says_nothing():
    places = {
        (k, len(judge.options))
        for judge in map(exercises.REGISTRY.get, CHOICES)
        for k, option in enumerate(judge.options)
        if judge.verdicts[option]
    }
    assert len({k for k, _ in places}) >= 4
    assert any(k == size - 1 for k, size in places)


COUNTS = ["00-2", "03-1", "04-1", "04-4", "05-2", "11-2", "11-3"]


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("off", [-1, 1, 2, 0.5, 3])
def test_nobody_who_counted_is_asked_about_rounding_or_halving(name, off):
    answer = ANSWERS[name].right[0]
    for given in (answer + off, 2 * answer, answer / 2, -answer):
        verdict = exercises.check(name, given)
        assert verdict.state == "wrong", (given, verdict)
        for word in ("round", "which step doubles", "too large a step", "the sign is not"):
            assert word not in verdict.reason, (given, verdict)
