"""Right answers are accepted, and likely wrong ones get the hint that is meant for them."""

import html
import re

import numpy as np
import pytest

from adlib import exercises
from adlib.exercises import check, kinds


def combined(f, x, h):
    def central(h):
        return (f(x + h) - f(x - h)) / (2 * h)

    return (4 * central(h) - central(2 * h)) / 3


RIGHT = {
    "00-1": "Reverse mode ",
    "00-2": 1001,
    "02-1": "round-off",
    "02-2": 1e-8,
    "02-3": combined,
    "02-4": "abs",
}


def central(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


WRONG = [
    ("00-1", "forward mode", "how many directions"),
    ("00-1", "by luck", "is not a choice"),
    ("00-1", 7, "one of the words"),
    ("00-2", 1000, "where you stand"),
    ("00-2", 2000.0, "central difference"),
    ("00-2", -1001, "sign"),
    ("00-2", 2002, "factor of 2"),
    ("00-2", 12345, "count values of f"),
    ("00-2", "1001", "answer with a number"),
    ("00-2", True, "answer with a number"),
    ("00-2", np.nan, "not a finite number"),
    ("00-2", np.ones(3), "one number"),
    ("02-1", "truncation", "other slope"),
    ("02-2", 1e-3, "truncation still rules"),
    ("02-2", 1e-5, "central difference's step"),
    ("02-2", 1e-12, "round-off rules"),
    ("02-2", -1e-8, "positive"),
    ("02-3", central, "combine two of them"),
    ("02-3", lambda f, x, h: (f(x + h) - f(x)) / h, "start from the central"),
    ("02-3", lambda f, x, h: 2 * central(f, x, h) - central(f, x, 2 * h), "4 times as large"),
    ("02-3", lambda f, x, h: (4 * central(f, x, 2 * h) - central(f, x, h)) / 3, "swapped"),
    ("02-3", lambda f, x, h: (4 * central(f, x, h / 2) - central(f, x, h)) / 3, "of h/2 and h"),
    ("02-3", lambda f, x, h: 4 * central(f, x, h) - central(f, x, 2 * h), "add up to 3"),
    ("02-3", lambda f, x, h: (central(f, x, h) + central(f, x, 2 * h)) / 2, "mean keeps"),
    ("02-3", lambda f, x, h: -combined(f, x, h), "sign"),
    ("02-3", lambda f, x, h: 2 * combined(f, x, h), "factor of 2"),
    ("02-3", lambda f, x, h: 0.0, "solve D(h)"),
    ("02-3", lambda f, x: 0.0, "TypeError"),
    ("02-3", lambda f, x, h: "no", "not one number"),
    ("02-3", 3.0, "without calling it"),
    ("02-4", "exp", "analytic"),
]


def test_every_exercise_has_an_answer_here():
    mine = {name for name in exercises.REGISTRY if name.split("-")[0] in ("00", "02")}
    assert mine == set(RIGHT)


@pytest.mark.parametrize("name", sorted(RIGHT))
def test_right(name):
    verdict = check(name, RIGHT[name])
    assert verdict.state == "right", verdict
    assert bool(verdict)
    assert len(verdict.reason) > 20


@pytest.mark.parametrize(("name", "answer", "hint"), WRONG)
def test_wrong(name, answer, hint):
    verdict = check(name, answer)
    assert verdict.state == "wrong", verdict
    assert not verdict
    assert hint in verdict.reason


@pytest.mark.parametrize("name", sorted(exercises.REGISTRY))
@pytest.mark.parametrize("answer", [..., None])
def test_not_answered_yet(name, answer):
    verdict = check(name, answer)
    assert verdict.state == "not answered yet"
    assert not verdict


def test_an_unwritten_function_is_not_answered_yet():
    def unwritten(f, x, h):
        raise NotImplementedError

    assert check("02-3", unwritten).state == "not answered yet"
    assert check("02-3", lambda f, x, h: None).state == "not answered yet"


@pytest.mark.parametrize("answer", [..., 1001, 1000, object(), "<b>"])
def test_text_and_html_say_the_same(answer):
    verdict = check("00-2", answer)
    plain = html.unescape(re.sub(r"<[^>]*>", "", verdict._repr_html_()))
    assert plain.lstrip("○✔✘ ") == repr(verdict)
    assert "0x" not in repr(verdict)
    assert "<b>'" not in verdict._repr_html_()


def test_registering():
    with pytest.raises(KeyError, match="99-9"):
        check("99-9", 1)
    with pytest.raises(ValueError, match="already"):
        kinds.choice("00-1", "a", "b", {})
    with pytest.raises(ValueError, match="02-1"):
        kinds.number("first", 1.0, "")
