"""The evaluation trace: its numbers, the order of its steps, and how it is written."""

from typing import NamedTuple

import numpy as np
import pytest

import adlib
from adlib.formula import digits
from adlib.formula.expr import Expr
from adlib.lesson import examples
from adlib.study.trace import trace

PRIMALS = {
    "v_-1": 2.0,
    "v_0": 1.0,
    "v_1": 1.0,
    "v_2": 0.841470984807896507,
    "v_3": 2.37679021155624243,
    "v_4": 0.865750926829036988,
    "v_5": 0.930457375073698359,
    "v_6": 1.86091475014739672,
}
TANGENTS = {
    "v_-1": 0.0,
    "v_0": 1.0,
    "v_1": 2.0,
    "v_2": 1.08060461173627943,
    "v_3": -3.05223888893051798,
    "v_4": -1.28418523186866141,
    "v_5": -0.690082784161362292,
    "v_6": -1.38016556832272458,
}
CONTRIBUTIONS = [  # in the order in which they must happen
    ("v_6", 1.0, 1.0),
    ("v_-1", 0.930457375073698359, 0.930457375073698359),
    ("v_5", 2.0, 2.0),
    ("v_4", 1.07474025870426725, 1.07474025870426725),
    ("v_3", 0.452181371952286614, 0.452181371952286614),
    ("v_-1", 0.537370129352133625, 1.46782750442583198),
    ("v_2", -1.27721606342686304, -1.27721606342686304),
    ("v_1", -0.690082784161362292, -0.690082784161362292),
    ("v_0", -1.38016556832272458, -1.38016556832272458),
]


@pytest.fixture
def article():
    return trace(examples.f, *examples.POINT)


def close(value, expected):
    assert value == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_the_articles_primal_trace(article):
    assert [row.name for row in article.rows] == list(PRIMALS)
    for row in article.primal():
        close(row.value, PRIMALS[row.name])
    close(article.value, PRIMALS["v_6"])
    assert article.output is article["v_6"]
    assert article[-1].label == "x1"


def test_the_articles_tangent_trace(article):
    steps = article.tangent((0.0, 1.0)).steps
    assert [s.row.name for s in steps] == list(TANGENTS)
    for step in steps:
        close(step.tangent, TANGENTS[step.row.name])


def test_tangents_are_linear_in_the_seed(article):
    along = [np.array([s.tangent for s in article.tangent(seed)]) for seed in ((1.0, 0.0), (0.0, 1.0))]
    mixed = np.array([s.tangent for s in article.tangent((0.25, -3.0))])
    np.testing.assert_allclose(mixed, 0.25 * along[0] - 3 * along[1], rtol=1e-14, atol=1e-14)
    close(along[0][-1], 1.46782750442583198)


def test_the_articles_adjoint_trace_in_its_order(article):
    steps = article.adjoint().steps
    assert [s.target.name for s in steps] == [name for name, _, _ in CONTRIBUTIONS]
    for step, (_, contribution, total) in zip(steps, CONTRIBUTIONS, strict=True):
        close(step.contribution, contribution)
        close(step.total, total)
    assert [s.visit for s in steps if s.target.name == "v_-1"] == [1, 2]
    assert [s.source.name for s in steps if s.target.name == "v_-1"] == ["v_6", "v_3"]
    close(article.gradient(), (1.46782750442583198, -1.38016556832272458))


def test_an_adjoint_is_complete_before_it_is_handed_on():
    t = trace(examples.level_order_trap, 1.0)
    handed, received = set(), {}
    for step in t.adjoint():
        assert step.target.index not in handed
        if step.source is not None:
            handed.add(step.source.index)
        received[step.target.name] = step.total
    close(received["v_0"], 2 * np.exp(np.sin(1.0)) * (1 + np.cos(1.0)))
    assert round(received["v_0"], 6) == 7.146315


@pytest.mark.parametrize("x", [1.0, -0.5, 3.0])
def test_contributions_add_up_to_the_engine(x):
    t = trace(lambda a, b: a * b + np.sin(a) * a / b - a, x, 2.0)
    close(t.gradient(), adlib.grad(lambda p: p[0] * p[1] + np.sin(p[0]) * p[0] / p[1] - p[0])((x, 2.0)))
    for step in t.adjoint():
        if step.source is not None:
            total = [s for s in t.adjoint() if s.target is step.source][-1].total
            close(step.contribution, step.partial * total)


def test_a_value_used_twice_by_one_gate_receives_twice():
    t = trace(lambda x: x * x, 3.0)
    steps = [s for s in t.adjoint() if s.target.name == "v_0"]
    assert [(s.operand, s.contribution, s.total) for s in steps] == [(0, 3.0, 3.0), (1, 3.0, 6.0)]
    assert t.graph().edges["v_0", "v_1"]["operands"] == (0, 1)
    assert t.graph().edges["v_0", "v_1"]["partial"] == 6.0


def test_local_derivatives_of_gates_that_are_not_elementwise():
    t = trace(lambda x, y: np.where(x > 0, x, y) * np.sum(x), 2.0, 3.0)
    assert t.partial("v_-1", "v_1") == 1.0
    assert t.partial("v_0", "v_1") == 0.0
    t = trace(lambda x: np.sum(x), np.ones(2))
    assert t.partial("v_0", "v_1") is None
    assert t.graph().edges["v_0", "v_1"]["partial"] is None


def test_arrays():
    x = np.array([1.0, 2.0])
    t = trace(lambda x: np.sum(x * x) + x[0], x)
    np.testing.assert_array_equal(t.gradient()[0], [3.0, 4.0])
    assert t.tangent((np.array([0.0, 1.0]),)).steps[-1].tangent == 4.0
    assert repr(t.tangent((np.array([0.0, 1.0]),))).splitlines()[2:4] == [
        "v̇₂  =  sum(v̇₁)                   4",
        "v̇₃  =  v̇₀[0]                     0",
    ]
    assert "v̄₁  +=  (∂v₂/∂v₁)ᵀ * v̄₂" in repr(t.adjoint())


@pytest.mark.parametrize(
    ("f", "text", "moved"),
    [
        (lambda x: np.sum(x, axis=0)[1], "sum(v₀, axis=0)", "sum(v̇₀, axis=0)"),
        (lambda x: (x @ x)[1, :2], "v₀ @ v₀", "v̇₀ @ v₀ + v₀ @ v̇₀"),
        (lambda x: np.sum(x.T), "transpose(v₀)", "transpose(v̇₀)"),
        (lambda x: np.max(x) * 2, "max(v₀)", "(∂v₁/∂v₀) * v̇₀"),
        (lambda x: x[1, ::2] * 2, "v₀[1, ::2]", "v̇₀[1, ::2]"),
        (lambda x: np.roll(x, 1) * 2, "roll(v₀, 1)", "roll(v̇₀, 1)"),
        (lambda x: np.where(x > 0, x, 1.0), "where(array, v₀, 1)", "where(array, v̇₀, 0)"),
        (lambda x: x[[0, 1]] * 2, "v₀[[0, 1]]", "v̇₀[[0, 1]]"),
    ],
)
def test_array_gates_are_written_with_their_parameters(f, text, moved):
    t = trace(f, np.array([[1.0, 2.0], [3.0, 4.0]]))
    assert t.text(t["v_1"]) == text
    step = t.tangent((np.eye(2),)).steps[1]
    assert step.text == moved
    assert t.tangent((np.eye(2),))._repr_html_()
    assert t.adjoint(np.ones(np.shape(t.value)) if np.ndim(t.value) else None)._repr_html_()


class Pair(NamedTuple):
    left: float
    right: float


def test_nested_arguments_are_named_by_their_place():
    def f(p, xs, pair, *more):
        return p["w"] * xs[1] + p["b"] + pair.right * more[0]

    t = trace(f, {"w": 2.0, "b": 0.5}, [1.0, 3.0], Pair(1.0, 4.0), 5.0)
    labels = ["p['w']", "p['b']", "xs[0]", "xs[1]", "pair.left", "pair.right", "more1"]
    assert [row.label for row in t.inputs] == labels
    assert [row.name for row in t.inputs] == ["v_-6", "v_-5", "v_-4", "v_-3", "v_-2", "v_-1", "v_0"]
    assert t.gradient() == (3.0, 1.0, 0.0, 2.0, 0.0, 5.0, 4.0)


def test_arguments_are_counted_where_the_function_has_no_signature():
    class Hidden:
        __signature__ = "none"

        def __call__(self, a, b):
            return a * b

    assert [row.label for row in trace(Hidden(), 2.0, 3.0).inputs] == ["x1", "x2"]


def test_several_outputs():
    t = trace(lambda x, y: {"sum": x + y, "product": x * y}, 2.0, 3.0)
    assert t.value == {"sum": 5.0, "product": 6.0}
    assert len(t.outputs) == 2
    start = [(s.target.name, s.contribution) for s in t.adjoint({"sum": 1.0, "product": 10.0})][:2]
    assert start == [("v_1", 1.0), ("v_2", 10.0)]
    with pytest.raises(TypeError, match=r"returned 2 values; use \.outputs"):
        t.output
    with pytest.raises(TypeError, match=r"Pass the adjoint to start from: t\.adjoint\(seed\)"):
        t.adjoint()


def test_one_value_returned_twice_starts_with_both_seeds():
    t = trace(lambda x: (x * 2, x * 3), 1.0)
    assert [s.contribution for s in t.adjoint((1.0, 1.0)) if s.target.name == "v_0"] == [3.0, 2.0]
    both = trace(lambda x: (y := x * 2, y), 1.0)
    last = both.adjoint((1.0, 10.0)).steps[-1]
    assert (last.total, both.outputs) == (22.0, [1, 1])


def test_mistakes_are_told(article):
    with pytest.raises(ValueError, match="2 inputs but 1 tangents; give one for each input"):
        article.tangent((1.0,))
    with pytest.raises(ValueError, match=r"for v₋₁ of shape \(2,\) for a value of shape \(\)"):
        article.tangent((np.ones(2), 1.0))
    with pytest.raises(ValueError, match="as nested and shaped"):
        article.adjoint((1.0, 2.0))
    with pytest.raises(KeyError, match="no row 'v_9': its rows are v_-1 to v_6"):
        article["v_9"]
    with pytest.raises(TypeError, match="trace"):
        trace(examples.f, 2, 1)
    with pytest.raises(TypeError, match="trace"):
        trace(lambda x: 3.0, 1.0)


def test_outside_the_domain_the_trace_goes_on_with_nan():
    with np.errstate(invalid="ignore"):  # else NumPy warns, as it does without a trace
        t = trace(examples.f, 0.5, 1.0)
    assert [bool(np.isfinite(row.value)) for row in t.rows] == [True] * 6 + [False] * 2
    assert np.isnan(t.tangent((0.0, 1.0)).steps[-1].tangent)
    assert np.isnan(t.gradient()[1])


def test_the_table_in_plain_text(article):
    lines = repr(article.tangent((0.0, 1.0))).splitlines()
    assert lines[4] == "v̇₃   =  1 / v₂ * v̇₋₁ - v₃ / v₂ * v̇₂   -3.052238889"
    lines = repr(article.adjoint()).splitlines()
    assert lines[5] == "v̄₋₁  +=  1 / v₂ * v̄₃         0.5373701294    1.467827504"
    assert repr(article) == repr(article.primal())


def test_the_table_in_html(article):
    tangent, adjoint = article.tangent((0.0, 1.0))._repr_html_(), article.adjoint()._repr_html_()
    assert r"$\displaystyle v_3 = \frac{v_{-1}}{v_2}$" in tangent
    assert r"$\displaystyle \dot v_3 = \frac{1}{v_2} \, \dot v_{-1} - \frac{v_3}{v_2} \, \dot v_2$" in tangent
    assert "seed (0, 1)" in tangent
    assert "−1.380165568<" in tangent
    assert r"$\displaystyle \bar v_{-1} \mathrel{+}= \frac{1}{v_2} \, \bar v_3$" in adjoint
    assert adjoint.count("<tr class=") == 1  # the one second visit
    assert adjoint.count("<tr") == 2 + 9


@pytest.fixture
def written(monkeypatch):
    """Count what takes time in writing: searches for digits, and formulas made into text or LaTeX."""
    counts = {"searches": 0, "formulas": 0}

    def counted(kind, f):
        def counting(*args):
            counts[kind] += 1
            return f(*args)

        return counting

    monkeypatch.setattr(digits, "fewest", counted("searches", digits.fewest))
    monkeypatch.setattr(Expr, "latex", counted("formulas", Expr.latex))
    monkeypatch.setattr(Expr, "__str__", counted("formulas", Expr.__str__))
    return counts


PROGRAMS = {
    "numbers": (examples.f, examples.POINT, (0.0, 1.0)),
    "a constant": (lambda x: 0.0**x * np.sin(x) - 3.0 / x, (2.0,), (1.0,)),
    "an array": (lambda x: np.sum(np.tanh(x[1:] * x[0]) @ np.ones(2)), (np.arange(3.0),), (np.ones(3),)),
    "a negative seed": (lambda x: x * x, (3.0,), (-2.5,)),
}


@pytest.mark.parametrize("name", PROGRAMS)
def test_words_are_written_when_they_are_read(name, written):
    f, at, seed = PROGRAMS[name]
    t = trace(f, *at)
    for make in (t.primal, lambda: t.tangent(seed), t.adjoint):
        table = make()
        _ = list(table), len(table), table.again, table.headings
        assert written == {"searches": 0, "formulas": 0}
    for steps in (t.tangent(seed).steps, t.adjoint().steps):
        for step in steps:
            for words in ("formula", "text"):
                getattr(step, words)
                assert written["searches"] == 0
            getattr(step, "numbers"), getattr(step, "numbers_text")  # noqa: B009
            assert written["searches"] <= 1
            before = dict(written)
            _ = step.formula, step.text, step.numbers, step.numbers_text
            assert written == before  # once
            written.update(searches=0, formulas=0)
    assert t.adjoint().steps[-1].numbers_text
    assert written["searches"] + written["formulas"] > 0


@pytest.mark.parametrize("name", PROGRAMS)
def test_words_read_later_are_those_of_the_run(name):
    """What the reader does to his arrays in between changes nothing."""
    f, at, seed = PROGRAMS[name]

    def made(spoil):
        x, s = [np.array(a)[()] for a in at], [np.array(a)[()] for a in seed]
        x, s = ([a if a.ndim else float(a) for a in given] for given in (x, s))
        t = trace(f, *x)
        tables = [t.primal(), t.tangent(s), t.adjoint()]
        for a in (*x, *s) if spoil else ():
            if np.ndim(a):
                a[...] = 77.0
        return [(repr(table), table._repr_html_()) for table in tables], t.gradient()

    (shown, gradient), (kept, after) = made(False), made(True)
    assert kept == shown
    assert all(np.array_equal(a, b) for a, b in zip(gradient, after, strict=True))


def test_the_value_is_the_readers_own():
    t = trace(lambda x: 2.0 * x, np.arange(3.0))
    t.value[...] = 77.0
    assert t.rows[-1].value.tolist() == [0, 2, 4]


def test_labels_are_escaped():
    def f(x_one, p):
        return x_one * p["<b>"]

    t = trace(f, 1.0, {"<b>": 2.0})
    assert "<b>" not in t._repr_html_()
    assert r"\mathrm{x\_one}" in t.formula(t.inputs[0])


def test_dollar_signs_come_in_pairs(article):
    for table in (article.primal(), article.tangent((1.0, 0.0)), article.adjoint()):
        text = table._repr_html_()
        assert text.count("$") % 2 == 0
        assert text.count("<td") == text.count("</td>") == len(table.columns) * len(table)


@pytest.mark.parametrize("index", [slice(None, None, -1), [2, 1, 0], np.array([2, 1, 0])], ids=str)
def test_a_contribution_is_what_was_handed_on_not_the_sum(index):
    """A sum of entries that waits to be carried out takes up what it is added to; a trace tells of each alone."""
    steps = adlib.trace(lambda x: np.sum(x - x[index]), np.array([1.0, 2.0, 4.0])).adjoint().steps
    received = [s for s in steps if s.target.name == "v_0"]
    np.testing.assert_array_equal([s.contribution for s in received], [np.ones(3), -np.ones(3)])
    np.testing.assert_array_equal(received[-1].total, np.zeros(3))
