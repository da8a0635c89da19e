"""The pitfalls: the naive answer is wrong where it is said to be, the mended one is right, and kinks as recorded."""

import json
import math
from pathlib import Path

import mpmath
import numpy as np
import pytest

import adlib
from adlib.lesson.pitfalls import (
    PITFALLS,
    euler,
    fixed_point,
    implicit_root,
    iterate,
    iterate_slope,
    kinks,
    versine_quotient,
    versine_quotient_safe,
)

BY_NAME = {p.name: p for p in PITFALLS}


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda p: p.name)
def test_the_slider_begins_where_the_naive_answer_is_wrong_or_about_to_be(pitfall):
    assert min(pitfall.values) <= pitfall.start <= max(pitfall.values)
    wrong = [
        v
        for v in pitfall.values
        if not math.isclose(pitfall.naive(v), pitfall.true(v), rel_tol=1e-3, abs_tol=1e-12)
    ]
    assert wrong
    assert len(wrong) < len(pitfall.values) or pitfall.name == "the program is not the equation"


@pytest.mark.parametrize("pitfall", PITFALLS, ids=lambda p: p.name)
def test_the_mended_program_is_never_worse(pitfall):
    for v in pitfall.values:
        true, naive, mended = pitfall.true(v), pitfall.naive(v), pitfall.mended(v)
        if pitfall.name == "a solver stopped early" and v < 2:
            continue  # neither has begun to converge
        if pitfall.name == "a table of values":
            assert mended == pytest.approx(true, abs=2e-3)
            continue
        assert math.isfinite(mended)
        assert math.isnan(naive) or abs(mended - true) <= abs(naive - true) + 1e-12 * max(1.0, abs(true))


def test_the_branch_on_equality_is_wrong_at_one_point():
    p = BY_NAME["a branch on equality"]
    assert [v for v in p.values if abs(p.naive(v) - p.true(v)) > 1e-12] == [1.0]


def test_ten_steps_of_euler():
    assert adlib.grad(euler)(1.0, 10) == pytest.approx(1.1**9, rel=1e-14)
    assert round(1.1**9, 9) == 2.357947691


def test_a_warm_start_knows_only_its_own_steps():
    assert adlib.grad(lambda a: fixed_point(a, 2.0, 1))(4.0) == pytest.approx(0.1)
    assert adlib.grad(lambda a: implicit_root(a, 2.0))(4.0) == 0.25


@pytest.mark.parametrize("x", [1e-9, 1e-5, 1e-2, 0.3, 0.499, 0.501, 2.0])
def test_the_safe_quotient_against_fifty_digits(x):
    with mpmath.workdps(50):
        value = (1 - mpmath.cos(x)) / mpmath.mpf(x) ** 2
        slope = mpmath.diff(lambda t: (1 - mpmath.cos(t)) / t**2, mpmath.mpf(x), h=mpmath.mpf(10) ** -20)
    assert versine_quotient_safe(x) == pytest.approx(float(value), rel=1e-14)
    assert adlib.grad(versine_quotient_safe)(x) == pytest.approx(float(slope), rel=1e-12)
    if x < 1e-4:
        assert abs(adlib.grad(versine_quotient)(x) / float(slope) - 1) > 1


@pytest.mark.parametrize("n", [1, 5, 20, 60])
def test_chaos_against_mpmath(n):
    with mpmath.workdps(90):
        x, slope = mpmath.mpf("0.2"), mpmath.mpf(1)
        for _ in range(n):
            x, slope = 4 * x * (1 - x), slope * 4 * (1 - 2 * x)
    assert iterate_slope(0.2, n) == pytest.approx(float(slope), rel=1e-14)
    if n <= 20:
        assert adlib.grad(lambda x: iterate(x, n))(0.2) == pytest.approx(float(slope), rel=1e-8)


def test_our_answers_at_kinks_are_the_tables_conventions():
    ours = {question: answers[0] for question, answers in kinks().items()}
    assert ours == {
        "|x| at 0": "0",
        "relu(x) at 0": "0",
        "maximum(x, y) at a tie": "0.5, 0.5",
        "max of (1, 1)": "0.5, 0.5",
        "norm(x) at (0, 0)": "0, 0",
        "sqrt(x) at 0": "inf",
        "floor(x) at 1": "0",
    }


def test_the_record_says_which_versions_answered():
    record = json.loads(
        (Path(adlib.__file__).parent / "lesson" / "data" / "kinks.json").read_text(encoding="utf-8")
    )
    assert list(record) == ["torch", "jax", "autograd"]
    for library in record.values():
        assert library["version"][0].isdigit()
        assert list(library["answers"]) == list(kinks())
        assert all(np.shape(answer) in ((1,), (2,)) for answer in library["answers"].values())
