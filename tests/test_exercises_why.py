"""The exercises of notebook 01: right answers, and the hints for the likeliest wrong ones."""

import re

import numpy as np
import pytest

from adlib import exercises


@pytest.mark.parametrize(
    ("name", "answer"),
    [("01-1", lambda x1, x2: x1 - np.cos(x2)), ("01-2", 1), ("01-3", 1.77), ("01-4", "stochastic")],
)
def test_right(name, answer):
    assert exercises.check(name, answer).state == "right"


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("01-1", lambda x1, x2: x1 + np.cos(x2), "subtracted"),
        ("01-1", lambda x1, x2: 1 / x1 + x2, "by x₁"),
        ("01-1", lambda x1, x2: 1 / x1 + x1 - np.cos(x2), "derivative by x₂ is 0"),
        ("01-1", lambda x1, x2: x2 - np.cos(x2), "not by x₂"),
        ("01-1", lambda x1, x2: x1 - np.sin(x2), "a cosine"),
        ("01-1", lambda x1, x2: np.log(x1) + x1 * x2 - np.sin(x2), "y itself"),
        ("01-2", 0.5, "a single step arrives"),
        ("01-2", 2, "the derivative of θ² is 2θ"),
        ("01-2", 0.0, "slowly"),
        ("01-3", np.pi, "not x₂"),
        ("01-3", 1.2533141, "largest value"),
        ("01-3", 2.5066283, "second time"),
        ("01-4", "plain", "over all examples"),
    ],
)
def test_wrong_with_its_hint(name, answer, hint):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong"
    assert re.search(hint, verdict.reason)


def test_no_answer_yet():
    assert exercises.check("01-1", lambda x1, x2: None).state == "not answered yet"
