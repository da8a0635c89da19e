"""The answers that readers give to the later notebooks' exercises, and what each is told."""

import numpy as np
import pytest

from adlib import exercises


def told(key, answer):
    verdict = exercises.check(key, answer)
    return verdict.state, verdict.reason


def _safe(p, q):
    squares = np.sum((p - q) ** 2)
    met = squares == 0
    return np.where(met, 0.0, np.sqrt(np.where(met, 1.0, squares)))


ANSWERS = [
    # the rule for exp, in trees
    ("03-2", 5, "wrong", "answer with a function"),
    ("03-2", lambda u: u, "wrong", "it stops with TypeError"),
    ("03-2", lambda u, du: None, "not answered yet", "returns nothing"),
    ("03-2", lambda u, du: ("mul", ("exp", u), du), "right", "its own derivative"),
    ("03-2", lambda u, du: ("mul", du, ("exp", u)), "right", "its own derivative"),
    ("03-2", lambda u, du: ("exp", u), "wrong", "times du"),
    ("03-2", lambda u, du: ("exp", du), "wrong", "taken at u, not at du"),
    ("03-2", lambda u, du: 1, "wrong", "return a tree"),
    ("03-2", lambda u, du: ("add", u, du), "wrong", "compare the case of sin"),
    # the quotient of duals
    ("06-2", "f", "wrong", "answer with a function"),
    ("06-2", lambda u: u, "wrong", "it stops with TypeError"),
    ("06-2", lambda u, du, v, dv: None, "not answered yet", "returns nothing"),
    ("06-2", lambda u, du, v, dv: u / v, "wrong", "return two numbers"),
    ("06-2", lambda u, du, v, dv: [u, [du, v]], "wrong", "return two numbers"),
    ("06-2", lambda u, du, v, dv: [u / v, (du * v - u * dv) / v**2], "right", "quotient rule"),
    ("06-2", lambda u, du, v, dv: (u * v, 0.0), "wrong", "the real part"),
    ("06-2", lambda u, du, v, dv: (u / v, -(du * v - u * dv) / v**2), "wrong", "the sign is not"),
    ("06-2", lambda u, du, v, dv: (u / v, du * v - u * dv), "wrong", "divide it by v²"),
    ("06-2", lambda u, du, v, dv: (u / v, du / v), "wrong", "the coefficient of ε"),
    ("06-2", lambda u, du, v, dv: (u / v, (du * v - u * dv) / v**2), "right", "quotient rule"),
    # a distance whose gradient is 0 where the points meet
    ("12-1", 0.0, "wrong", "answer with a function"),
    ("12-1", lambda p: p, "wrong", "it stops with TypeError"),
    ("12-1", lambda p, q: None, "not answered yet", "returns nothing"),
    ("12-1", lambda p, q: np.sum(np.abs(p - q)), "wrong", "the distance of (1, 2) and (4, 6) is 5"),
    ("12-1", lambda p, q: np.sqrt(np.sum((p - q) ** 2)), "wrong", "still nan where they meet"),
    ("12-1", lambda p, q: np.where(np.all(p == q), 0.0, np.sqrt(np.sum((p - q) ** 2))), "wrong", "still nan"),
    ("12-1", lambda p, q: float(np.sqrt(np.sum((p - q) ** 2))), "wrong", "adlib cannot follow it"),
    (
        "12-1",
        lambda p, q: 0.0 if np.all(p == q) else np.sqrt(np.sum((p - q) ** 2)),
        "wrong",
        "return 0.0 * squares",
    ),
    ("12-1", lambda p, q: np.sqrt(np.sum((np.floor(p) - q) ** 2)), "wrong", "where the points are apart"),
    (
        "12-1",
        lambda p, q: _safe(p, q) + np.sum(np.maximum(p - q, 0.0)),
        "wrong",
        "where they meet the gradient is",
    ),
    ("12-1", _safe, "right", "nothing is 0 · ∞"),
]


@pytest.mark.parametrize(
    ("key", "answer", "state", "words"), ANSWERS, ids=[f"{k}-{w}" for k, _, _, w in ANSWERS]
)
def test_what_an_answer_is_told(key, answer, state, words):
    found, text = told(key, answer)
    assert (found, words in text) == (state, True), (found, text)
