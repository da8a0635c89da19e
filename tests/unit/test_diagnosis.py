"""What `diagnose` says: which gate, which line, which convention, where a nan or an infinity is born."""

import re
import statistics

import numpy as np
import pytest

import adlib
from adlib import diagnose
from adlib.lesson import examples


def kinds(diagnosis):
    return [finding.kind for finding in diagnosis]


@pytest.mark.parametrize("point", [(2.0, 1.0), (3.0, 0.5)])
def test_nothing_to_say(point):
    d = diagnose(examples.f, *point)
    assert len(d) == 0
    assert repr(d) == "diagnosis of f: every value and derivative is finite, and no gate is at a kink"
    assert "every value" in d._repr_html_()


def test_outside_the_domain_names_gate_line_and_operand():
    def f(x1, x2):
        ratio = x1 / np.sin(x2**2)
        return x1 * np.sqrt(np.log(ratio))

    first = diagnose(f, 0.5, 1.0)[0]
    assert first.kind == "outside the domain"
    assert first.operation == "v₅ = sqrt(v₄)"
    assert first.line.endswith("of f: return x1 * np.sqrt(np.log(ratio))")
    assert first.words == "sqrt is defined where v₄ >= 0, and v₄ is -0.520543: the value is nan"
    assert first.row.name == "v_5"
    log = diagnose(f, 2.0, 2.0)[0]
    assert log.words.startswith("log is defined where v₃ > 0, and v₃ is -2.64")


def test_at_the_edge_of_the_domain_the_derivative_is_infinite():
    d = diagnose(examples.f, np.sin(1.0), 1.0)
    assert kinds(d) == ["kink", "derivative not finite"]
    assert d[0].words == "sqrt has no derivative where v₄ == 0; adlib answers: √′(0) = ∞"
    assert d[1].words == "the adjoint v̄₅ is finite, and what goes on to v₄ is inf, as ∂v₅/∂v₄ is inf"
    assert (d[1].row.name, d[1].operand.name) == ("v_5", "v_4")


def test_zero_times_infinity_inside_where():
    d = diagnose(lambda x: np.where(x > 0, np.sqrt(x), 0.0), np.array([4.0, 0.0, 1.0]))
    assert kinds(d) == ["kink", "0·∞ in a derivative", "branch on equality"]
    assert "(1 of 3 entries)" in d[0].words
    assert d[1].words == "the adjoint v̄₁ is 0 and ∂v₁/∂v₀ is inf: their product is nan, and goes on to v₀"
    safe = diagnose(
        lambda x: np.where(x > 0, np.sqrt(np.where(x > 0, x, 1.0)), 0.0), np.array([4.0, 0.0, 1.0])
    )
    assert kinds(safe) == ["branch on equality"]  # on the condition, which stands twice in one line


def test_overflow_is_born_where_the_operands_are_finite():
    d = diagnose(lambda x: np.log(1.0 + np.exp(x)), np.array([1.0, 1000.0]))
    assert d[0].kind == "value not finite"
    assert d[0].words == "all operands are finite, the value is inf: v₀ is 1000 at [1]"
    assert "0·∞ in a derivative" in kinds(d)
    assert kinds(d).count("value not finite") == 1


def test_a_finite_derivative_beside_a_value_that_is_none():
    d = diagnose(np.log, -1.0)
    assert kinds(d) == ["outside the domain", "finite derivative of nan"]
    assert d[1].words.startswith("v₁ is nan, yet ∂v₁/∂v₀ is -1: ")
    with np.errstate(all="ignore"):
        assert adlib.grad(np.log)(-1.0) == -1.0  # which is why it must be said


@pytest.mark.parametrize(
    ("f", "x", "words"),
    [
        (abs, 0.0, "absolute has no derivative where v₀ == 0; adlib answers: |x|′(0) = 0"),
        (
            lambda x: np.maximum(x, 1.0),
            1.0,
            "maximum has no derivative where v₀ == 1; adlib answers: a tie shares",
        ),
        (
            np.max,
            np.array([1.0, 3.0, 3.0]),
            "max has no derivative where entries tie; adlib answers: equal largest",
        ),
        (
            lambda x: np.min(x, axis=1),
            np.ones((2, 2)),
            "min has no derivative where entries tie (2 of 2 entries)",
        ),
        (np.floor, 2.0, "floor has no derivative where v₀ == floor(v₀)"),
    ],
)
def test_kinks_and_their_conventions(f, x, words):
    d = diagnose(f, x)
    assert kinds(d)[0] == "kink"
    assert d[0].words.startswith(words)


def test_no_kink_where_there_is_none():
    assert len(diagnose(np.max, np.array([1.0, 2.0, 3.0]))) == 0
    assert "kink" not in kinds(diagnose(np.prod, np.array([0.0, 2.0, 0.0])))
    assert len(diagnose(lambda x: np.sum(x[1:] * x[:-1]), np.ones(3))) == 0


def test_a_branch_on_equality_is_told_with_its_line():
    def square(x):
        if x == 1.0:
            return x
        return x * x

    (finding,) = diagnose(square, 1.0)
    assert finding.kind == "branch on equality"
    assert finding.operation == "== 1"
    assert finding.line.endswith("of square: if x == 1.0:")
    assert len(diagnose(square, 2.0)) == 0  # it did not hold

    def unequal(x):
        return x * x if x != 1.0 else x

    assert kinds(diagnose(unequal, 1.0)) == ["branch on equality"]
    assert len(diagnose(unequal, 2.0)) == 0


def test_comparisons_inside_the_rules_are_not_the_users():
    nested = lambda x: adlib.grad(lambda y: np.max(np.stack([y, 2.0 * y])) ** 2.0)(x)  # noqa: E731
    assert len(diagnose(nested, 2.0)) == 0


def test_how_it_shows_itself():
    d = diagnose(lambda x: np.log(x) * abs(x), 0.0)
    text = repr(d)
    assert text.splitlines()[0] == f"diagnosis of <lambda>: {len(d)} findings"
    assert all(finding.words in text and finding.kind in text for finding in d)
    assert "<lambda>" not in d._repr_html_()
    assert d._repr_html_().count("<tr>") == len(d) + 1
    cells = re.findall(r"<t[hd]\b[^>]*>", d._repr_html_())
    assert all("align='left'" in cell and "text-align:left" in cell for cell in cells)
    assert d.trace.rows[0].name == "v_0"


def test_integers_and_constants_are_refused():
    with pytest.raises(TypeError, match="diagnose"):
        diagnose(np.log, 1)
    for other in (1, True, None, "one", {1.0}, ()):
        with pytest.raises(TypeError, match="diagnose"):
            diagnose(lambda x: other, 1.0)  # noqa: B023
    assert kinds(diagnose(lambda x: 1.0, 1.0)) == ["zero: not used"]


def test_infinity_times_zero_on_the_way_back():
    """At the origin the root turns an adjoint of 1 into inf; the squares multiply that by 0."""
    with np.errstate(all="ignore"):
        found = adlib.diagnose(lambda x, y: np.sqrt(x * x + y * y), 0.0, 0.0)
    assert [f.kind for f in found] == [
        "kink",
        "derivative not finite",
        "0·∞ in a derivative",
        "0·∞ in a derivative",
    ]
    assert [(f.row.symbol, f.operand.symbol) for f in found[2:]] == [("v₂", "v₀"), ("v₁", "v₋₁")]
    assert "the adjoint v̄₂ is inf and ∂v₂/∂v₀ is 0: their product is nan" in found[2].words
    assert np.isnan(found.adjoints[found.trace["v_0"].index])
    assert found.adjoints[found.trace["v_3"].index] == np.inf


def step_by_hand(x):
    return x if x > 0 else -x


def order_of_three(xs):
    return sorted(xs)[0]


S = np.diag([2.0, 2.0, 1.0])
ONE = [1.0]
TIED = np.array([1.0, 3.0, 3.0])
NODES, HEIGHTS = np.array([0.0, 1.0, 2.0]), np.array([0.0, 1.0, 4.0])

AT_A_CONVENTION = {  # what answered by a convention, and a point beside it where nothing did
    "x if x > 0 else -x": (step_by_hand, 0.0, 0.1),
    "max(x, -x)": (lambda x: max(x, -x), 0.0, 0.1),
    "min(x, -x)": (lambda x: min(x, -x), 0.0, 0.1),
    "np.where(x > 0, x, -x)": (lambda x: np.where(x > 0, x, -x), np.array([0.0, 1.0]), np.array([0.1, 1.0])),
    "np.where(np.less(0, x), x, -x)": (lambda x: np.where(np.less(0, x), x, -x), 0.0, 0.1),
    "sorted": (order_of_three, [1.0, 3.0, 1.0], [1.0, 3.0, 2.0]),
    "np.sort": (np.sort, TIED, np.array([1.0, 3.0, 4.0])),
    "np.sort by columns": (lambda x: np.sort(x, axis=0), np.ones((2, 2)), np.array([[1.0, 2.0], [2.0, 1.0]])),
    "np.partition": (lambda x: np.partition(x, 1), TIED, np.array([1.0, 3.0, 4.0])),
    "np.median": (np.median, TIED, np.array([1.0, 3.0, 4.0])),
    "np.quantile": (lambda x: np.quantile(x, 0.75), TIED, np.array([1.0, 3.0, 4.0])),
    "np.max": (np.max, TIED, np.array([1.0, 3.0, 4.0])),
    "x[np.argmax(x)]": (lambda x: x[np.argmax(x)], TIED, np.array([1.0, 3.0, 4.0])),
    "x[np.argmin(x)]": (lambda x: x[np.argmin(x)], -TIED, np.array([1.0, 3.0, 4.0])),
    "np.interp at a node": (lambda x: np.interp(x, NODES, HEIGHTS), 1.0, 1.1),
    "np.interp of an array": (lambda x: np.interp(x, NODES, HEIGHTS), np.array([0.5, 1.0]), np.array([0.5, 1.1])),
    "np.searchsorted by hand": (lambda x: x * HEIGHTS[np.searchsorted(NODES, x)], 1.0, 1.1),
    "np.digitize": (lambda x: x * HEIGHTS[np.digitize(x, NODES) - 1], 1.0, 1.1),
    "np.piecewise": (lambda x: np.piecewise(x, [x >= 1.0], [lambda x: x, lambda x: x**2]), 1.0, 1.1),
    "np.linalg.norm": (np.linalg.norm, np.zeros(2), np.ones(2)),
    "np.hypot": (lambda x: np.hypot(x, 2 * x), 0.0, 1.0),
    "one of equal eigenvalues": (lambda a: np.linalg.eigvalsh(a)[0], S, np.diag([1.0, 2.0, 3.0])),
    "eigenvectors": (lambda a: np.linalg.eigh(a)[1][0, 0], S, np.diag([1.0, 2.0, 3.0])),
    "one of equal singular values": (
        lambda a: np.linalg.svd(a, compute_uv=False)[0], S, np.diag([1.0, 2.0, 3.0])),
    "singular vectors": (lambda a: np.linalg.svd(a)[0][0, 0], S, np.diag([1.0, 2.0, 3.0])),
    "nuclear norm, singular": (
        lambda a: np.linalg.norm(a, "nuc"), np.diag([1.0, 2.0, 0.0]), np.diag([1.0, 2.0, 3.0])),
    "x == y": (lambda x: x if x == 1.0 else x**2, 1.0, 1.1),
    **{
        f"{f.__name__} of one": (lambda x, f=f: x * f(x, ONE) + x, 1.0, 1.1)
        for f in (np.isin, np.digitize, np.array_equal, np.array_equiv, np.equal, np.less)
    },
    **{
        f"{f.__name__} of a zero": (lambda x, f=f: x * np.sum(f(np.stack([x, 1.0]))) + x, 0.0, 0.1)
        for f in (np.all, np.any, np.count_nonzero, np.flatnonzero, np.argwhere, np.signbit, np.logical_not)
    },
    "bool": (lambda x: 2.0 * x if x - 1.0 else x, 1.0, 1.1),
    "in an array": (lambda x: x * (1.0 in np.stack([x, 5.0])) + x, 1.0, 1.1),
    "in a list": (lambda x: x * (1.0 in [x, 5.0]) + x, 1.0, 1.1),
    **{
        f"{f.__module__}.{f.__name__} of a list": (lambda x, f=f: x * np.sum(f([x, 1.0, 0.0])), 1.0, 1.1)
        for f in (np.max, np.sort, np.argmax, np.unique, sorted, statistics.median, max)
    },
    "a median with an even count": (np.median, np.array([1.0, 2.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0, 4.0])),
}  # fmt: skip


@pytest.mark.parametrize("name", AT_A_CONVENTION)
def test_every_convention_that_answered_is_named(name):
    f, at, beside = AT_A_CONVENTION[name]
    told = [finding for finding in diagnose(f, at) if finding.kind in ("kink", "branch on equality")]
    assert told
    assert all(finding.line for finding in told)
    assert "no gate is at a kink" not in repr(diagnose(f, at)).splitlines()[0]
    elsewhere = diagnose(f, beside)
    assert not [finding for finding in elsewhere if finding.kind in ("kink", "branch on equality")]


def test_the_equal_values_are_named():
    """jax#8732: the vectors of equal singular values have no derivative, and nan does not say which are equal."""
    text = repr(diagnose(lambda a: np.linalg.svd(a)[0][0, 1], np.diag([5.0, 2.0, 2.0])))
    assert "are equal (2, 2)" in text


def test_what_was_not_looked_at():
    def f(x):
        y = x * x
        if y > 4.0:
            return y
        return x[np.argmax(x)] if np.ndim(x) else x

    d = diagnose(f, 3.0)
    assert len(d) == 0
    assert d.unseen == [note for note in d.unseen if "if y > 4.0:" in note]
    assert "\nnot looked at: the other answer of v₁ > 4 at line" in repr(d)
    assert "not looked at" in d._repr_html_()
    assert "argmax(v₀)" in diagnose(lambda x: x[np.argmax(x)], np.array([1.0, 2.0])).unseen[0]
    assert not diagnose(np.sort, np.array([1.0, 2.0])).unseen  # does not jump


def test_a_rule_of_ones_own_was_not_looked_at():
    @adlib.custom_gate
    def mine(x):
        return x * x

    mine.backward(lambda g, out, x: 2.0 * g * x)
    assert "the rule of mine" in diagnose(lambda x: mine(x), 2.0).unseen[0]


def test_the_sum_of_several_results_is_not_taken_for_the_result():
    def softmax(x):
        e = np.exp(x)
        return e / np.sum(e)

    assert len(diagnose(softmax, np.zeros(4))) == 0
    assert len(diagnose(lambda x: (x, -x), 2.0)) == 0
