"""Verdicts, options and folded solutions: text and HTML say the same, and nothing is given away."""

import html
import re

import pytest

from adlib.lesson import exercises
from adlib.lesson.exercises import ask, check, kinds, solution
from adlib.lesson.exercises.kinds import Choice
from tests.tools.folds import unfolded

CHOICES = sorted(name for name, judge in exercises.REGISTRY.items() if isinstance(judge, Choice))


@pytest.mark.parametrize("answer", [..., 1001, 1000, object(), "<b>"])
def test_text_and_html_say_the_same(answer):
    verdict = check("00-2", answer)
    plain = html.unescape(re.sub(r"<[^>]*>", "", verdict._repr_html_()))
    assert plain.lstrip("○✔✘ ") == repr(verdict)
    assert "0x" not in repr(verdict)
    assert "<b>'" not in verdict._repr_html_()


@pytest.mark.parametrize("name", CHOICES)
def test_a_question_shows_its_options_and_folds_their_verdicts(name):
    shown, judge = ask(name)._repr_html_(), exercises.REGISTRY[name]
    assert shown == ask(name)._repr_html_()
    folds = re.findall(r"<details[^>]*><summary[^>]*>(.*?)</summary>(.*?)</details>", shown)
    assert [html.unescape(title) for title, _ in folds] == sorted(judge.options, key=str.casefold)
    for title, inside in folds:
        verdict = judge.verdicts[html.unescape(title)]
        assert html.escape(verdict.reason) in inside
        assert {"right": "✔ right", "wrong": "✘ wrong"}[verdict.state] in inside
    assert "<details open" not in shown
    for mark in ("✔", "✘"):
        assert mark not in unfolded(shown)
    for way_in in ("<script", "class=", "<style", " id="):
        assert way_in not in shown  # alike in every page, trusted or not


@pytest.mark.parametrize("name", CHOICES)
def test_a_question_in_a_console_lists_its_options_for_check(name):
    text = repr(ask(name))
    assert text.startswith("not answered yet: ")
    assert f'exercises.check("{name}"' in text
    for option in exercises.REGISTRY[name].options:
        assert repr(option) in text
        assert check(name, option).state in ("right", "wrong")


def test_only_a_question_with_options_can_be_asked():
    with pytest.raises(ValueError, match='no options to choose from: use check\\("00-2"'):
        ask("00-2")
    with pytest.raises(KeyError, match="99-9"):
        ask("99-9")
    with pytest.raises(KeyError, match="99-9"):
        solution("99-9", 1)


@pytest.mark.parametrize("answer", [1001, 1000])
def test_a_solution_is_folded_with_all_that_it_shows(answer):
    shown = solution("00-2", answer, "one <value> here,", "1000 there")
    assert bool(shown) is bool(check("00-2", answer))
    assert repr(shown) == f"one <value> here,\n1000 there\n{check('00-2', answer)!r}"
    page = shown._repr_html_()
    assert unfolded(page).strip() == "Solution of exercise 2: what it says"
    assert "one &lt;value&gt; here,\n1000 there" in page
    assert html.escape(check("00-2", answer).reason) in page


def test_registering():
    with pytest.raises(KeyError, match="99-9"):
        check("99-9", 1)
    with pytest.raises(ValueError, match="already"):
        kinds.choice("00-1", "a", "b", {})
    with pytest.raises(ValueError, match="02-1"):
        kinds.number("first", 1.0, "")
    with pytest.raises(ValueError, match="stands for two options"):
        kinds.choice("99-9", "a", "b", {"c": "d"}, {"a": ("C",)})
    with pytest.raises(ValueError, match="which are no options"):
        kinds.choice("99-9", "a", "b", {"c": "d"}, {"e": ("f",)})
    assert "99-9" not in exercises.REGISTRY
