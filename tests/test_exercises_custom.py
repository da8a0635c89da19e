"""The exercises of notebook 10: right answers, and the hints for the likeliest wrong ones."""

import re

import numpy as np
import pytest

from adlib import exercises


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("10-1", lambda g, out, x: g * np.exp(x - out)),
        ("10-1", lambda g, out, x: (g * np.exp(x - out),)),
        ("10-1", lambda g, out, x: g * np.exp(x - np.max(x)) / np.sum(np.exp(x - np.max(x)))),
        ("10-2", lambda g, out, theta: g / (3 * out**2 + 1)),
        ("10-3", 1.5708),
        ("10-4", "Second"),
    ],
)
def test_right(name, answer):
    assert exercises.check(name, answer).state == "right"


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("10-1", lambda g, out, x: np.exp(x - out), "multiplied by g"),
        ("10-1", lambda g, out, x: g * np.exp(x), "divided by the whole sum"),
        ("10-1", lambda g, out, x: g * np.exp(out - x), "upside down"),
        ("10-1", lambda g, out, x: g * np.ones(x.shape), "larger ones count more"),
        ("10-1", lambda g, out, x: g * np.exp(x) / np.sum(np.exp(x)), "overflows"),
        ("10-1", lambda g, out, x: g * x, "log Σ"),
        ("10-1", lambda g, out, x: g, "has the shape of x"),
        ("10-1", lambda g, out, x: x.nothing, "AttributeError"),
        ("10-1", 3, "answer with a function"),
        ("10-2", lambda g, out, theta: g / (3 * theta**2 + 1), "which is out"),
        ("10-2", lambda g, out, theta: g * (3 * out**2 + 1), "upside down"),
        ("10-2", lambda g, out, theta: 1 / (3 * out**2 + 1), "g is missing"),
        ("10-2", lambda g, out, theta: -g / (3 * out**2 + 1), "signs cancel"),
        ("10-3", 0.0, "positive"),
        ("10-3", np.pi / 4, "other"),
        ("10-3", np.pi, "smaller one"),
        ("10-4", "first", "value"),
        ("10-4", "both", "value"),
        ("10-4", "neither", "x moves with θ"),
    ],
)
def test_wrong_with_its_hint(name, answer, hint):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong"
    assert re.search(hint, verdict.reason)


def test_no_answer_yet():
    for name in ("10-1", "10-2"):
        assert exercises.check(name, lambda *args: None).state == "not answered yet"
