"""The exercises of notebooks 05 and 07: right answers, and the hints for the likeliest wrong ones."""

import re

import numpy as np
import pytest

from adlib import exercises


def survey_rate(x1, x2, d1, d2):
    return d1 / x1 + d1 * x2 + x1 * d2 - np.cos(x2) * d2


def neuron(w, b, x, t):
    z = np.tanh(w * x + b)
    s = 2 * (z - t) * (1 - z**2)
    return s * x, s


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("05-1", "v5"),
        ("05-2", 3),
        ("05-3", 1.063516),
        ("05-4", survey_rate),
        ("07-1", 3.0),
        ("07-2", "add"),
        ("07-3", neuron),
    ],
)
def test_right(name, answer):
    assert exercises.check(name, answer).state == "right"


@pytest.mark.parametrize(
    ("name", "answer", "hint"),
    [
        ("05-1", "v3", "quotient rule"),
        ("05-2", 15, "a whole column of 5"),
        ("05-3", 0.940278, "upside down"),
        ("05-3", -1.063516, "sign"),
        ("05-4", lambda a, b, p, q: p / a + p * b + a * q + np.cos(b) * q, "comes with a minus"),
        ("05-4", lambda a, b, p, q: p / a + p * q - np.cos(b) * q, "not the product of the tangents"),
        ("05-4", lambda a, b, p, q: np.log(a) + a * b - np.sin(b), "asks for ẏ"),
        ("07-1", 6, r"\+= gives"),
        ("07-2", "sin", "cosine of the operand"),
        ("07-3", lambda w, b, x, t: neuron(w, b, x, t)[::-1], "other order"),
        ("07-3", lambda w, b, x, t: tuple(v / 2 for v in neuron(w, b, x, t)), "the 2 is missing"),
        ("07-3", lambda w, b, x, t: tuple(-v for v in neuron(w, b, x, t)), "sign"),
        (
            "07-3",
            lambda w, b, x, t: (2 * (np.tanh(w * x + b) - t) * x, 2 * (np.tanh(w * x + b) - t)),
            "1 − z²",
        ),
        ("07-3", lambda w, b, x, t: (neuron(w, b, x, t)[1] * w, neuron(w, b, x, t)[1]), "which is x"),
        ("07-3", lambda w, b, x, t: 1.0, "return two numbers"),
        ("07-3", lambda w, b, x, t: (1.0, 1.0), "row by row"),
        ("07-3", 5, "answer with a function"),
        ("07-3", lambda w, b, x, t: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_wrong_with_its_hint(name, answer, hint):
    verdict = exercises.check(name, answer)
    assert verdict.state == "wrong"
    assert re.search(hint, verdict.reason)


def test_an_empty_function_is_no_answer_yet():
    assert exercises.check("07-3", lambda w, b, x, t: None).state == "not answered yet"
