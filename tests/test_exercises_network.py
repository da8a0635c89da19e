"""The exercises of notebook 09: right answers, and the hints for the likeliest wrong ones."""

import re

import numpy as np
import pytest

from adlib import exercises


def gradients(x, y, w1, b1, w2, b2, slope=lambda z, a: 1 - a**2, factor=2.0):
    z = x @ w1.T + b1
    a = np.tanh(z)
    e_bar = factor * (a @ w2.T + b2 - y)
    z_bar = (e_bar @ w2) * slope(z, a)
    return z_bar.T @ x, z_bar.sum(axis=0), e_bar.T @ a, e_bar.sum(axis=0)


def changed(place, change):
    def f(*arguments):
        found = list(gradients(*arguments))
        found[place] = change(found[place])
        return found

    return f


@pytest.mark.parametrize(("name", "answer"), [("09-1", 0.064), ("09-2", "batch"), ("09-3", gradients)])
def test_right(name, answer):
    assert exercises.check(name, answer).state == "right"


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("09-1", 1e-4, "smaller steps"),
        ("09-1", 1e-4 / 640, "other way round"),
        ("09-1", 6.4e-3, "64 examples of 10"),
        ("09-1", 640, "that is the factor"),
        ("09-1", 1.0, "dividing the loss by 640"),
        ("09-2", "order", "does not depend on the order"),
        ("09-2", "weights", "exact gradient"),
        ("09-2", "rate", "exact gradient"),
        ("09-3", lambda *a: gradients(*a, factor=1.0), "the 2 is missing"),
        ("09-3", lambda *a: gradients(*a, factor=-2.0), "sign"),
        ("09-3", lambda *a: gradients(*a, slope=lambda z, a: 1.0), "without its local derivative"),
        ("09-3", lambda *a: gradients(*a, slope=lambda z, a: z > 0), "the ReLU's local derivative"),
        ("09-3", lambda *a: gradients(*a, slope=lambda z, a: 1 - z**2), "not 1 − z²"),
        ("09-3", changed(0, np.transpose), "w1 has shape .* transposed"),
        ("09-3", changed(3, lambda g: np.tile(g, (5, 1))), "b2 has shape .* sum over the rows"),
        ("09-3", changed(2, lambda g: 3 * g), "wrong: w2"),
        ("09-3", lambda *a: 1.0, "return four arrays"),
        ("09-3", lambda *a: gradients(*a)[:3], "return four arrays"),
        ("09-3", lambda *a: 1 / 0, "ZeroDivisionError"),
        ("09-3", 5, "answer with a function"),
    ],
)
def test_wrong_with_its_hint(name, answer, hint):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong"
    assert re.search(hint, verdict.reason), verdict


def test_an_empty_function_is_no_answer_yet():
    assert exercises.check("09-3", lambda *a: None).state == "not answered yet"
