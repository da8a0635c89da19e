"""Adjoint programs of programs that nobody wrote: every elementwise gate, and random ones with branches and loops."""

import linecache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adlib
from adlib.formula.source import transform
from adlib.gates import GATES, Elementwise


def by_tape(f, x):
    value, pullback = adlib.vjp(f, *x)
    return value, pullback(1.0)


def by_program(f, x):
    return transform(f, mode="reverse")(*x)


ELEMENTWISE = sorted(
    f.__name__ for f, gate in GATES.items() if isinstance(gate, Elementwise) and hasattr(np, f.__name__)
)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_elementwise_gate_to_the_last_bit(name):
    for k, operands in enumerate(
        ["x"] if GATES[getattr(np, name)].unary else ["x, y", "y, x", "x, 2.0", "0.5, x"]
    ):
        g = program(f"def g(x, y):\n    return np.{name}({operands}) * y + x\n", f"<{name} {k}>")
        for point in ((0.7, 1.3), (0.0, 2.0), (-1.0, 1.0)):
            if (name, operands, point[0]) in NAN:
                continue
            with np.errstate(all="ignore"):
                (y, x_bar), (value, adjoints) = by_program(g, point), by_tape(g, point)
                one, two = transform(g)(*point, 0.3, 0.4), adlib.jvp(g, point, (0.3, 0.4))
            assert np.array_equal([y, *x_bar], [value, *adjoints], equal_nan=True), (operands, point)
            assert np.array_equal(one, two, equal_nan=True), (operands, point)


# A program with x**y is written before y is known, so its ∂/∂y is v log x also at x = 0, where that is nan and not 0
NAN = {("power", "x, y", 0.0)}


def program(text, name):
    """Define a function by its text, so that the text can be found again."""
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = {"np": np, "helped": helped, "halves": halves}
    exec(compile(text, name, "exec"), space)
    return space["g"]


# --- Random programs ------------------------------------------------------------------------------------

SIMPLE = [
    "a = a * b + {c}",
    "b = np.sin(a) - b",
    "a, b = b, a",
    "a, b = b * {c}, a + b",
    "b += np.tanh(a)",
    "a *= b",
    "a = -b / 2",
    "b = abs(a) ** 1.5",
    "a = np.exp(-a * a) if a > {c} else a / (b * b + 1.0)",
    "a = np.maximum(a, b) * {c}",
    "t = a * b",
    "b = b - np.cos(b) * a",
    "a = {c}",
    "b = helped(a, b)",
    "a, b = halves(b, a)",
]


def helped(u, w):
    for _ in range(2):
        u = u * w + np.sin(u)
    return u


def halves(u, w):
    if u > w:
        return u / 2, w * u
    return w, u - w * 0.5


def blocks(children):
    body = st.lists(children, min_size=1, max_size=3)
    test = st.sampled_from(["b > {c}", "a * b < {c}", "np.sin(a) > b"])
    return st.one_of(
        st.tuples(st.just("if"), test, body, st.lists(children, max_size=2)),
        st.tuples(st.just("for"), st.integers(0, 3), body),
        st.tuples(st.just("while"), st.integers(0, 3), body),
    )


STATEMENT = st.recursive(st.sampled_from(SIMPLE), blocks, max_leaves=8)


def lines_of(statements, depth=1):
    pad = "    " * depth
    for s in statements:
        if isinstance(s, str):
            yield pad + s
        elif s[0] == "if":
            yield f"{pad}if {s[1]}:"
            yield from lines_of(s[2], depth + 1)
            if s[3]:
                yield f"{pad}else:"
                yield from lines_of(s[3], depth + 1)
        elif s[0] == "for":
            yield f"{pad}for k{depth} in range({s[1]}):"
            yield from lines_of(s[2], depth + 1)
            yield f"{pad}    a = a * 0.5 + k{depth}"
        else:
            yield f"{pad}n{depth} = 0"
            yield f"{pad}while n{depth} < {s[1]}:"
            yield from lines_of(s[2], depth + 1)
            yield f"{pad}    n{depth} = n{depth} + 1"
            yield f"{pad}    b = b / (1.0 + n{depth})"


@pytest.mark.filterwarnings("ignore::adlib.errors.ConstantResult")
@given(
    st.lists(STATEMENT, min_size=1, max_size=5),
    st.sampled_from(["0.5", "-1.25", "2"]),
    st.booleans(),
    st.tuples(*[st.floats(-2, 2)] * 2),
)
def test_random_programs(statements, c, early, point):
    ways = [f"    if a > {c}:", "        return b * a"] if early else []
    text = (
        "\n".join(["def g(a, b):", "    t = a", *lines_of(statements), *ways, "    return a * b + t"]) + "\n"
    )
    text = text.format(c=c)
    g = program(text, f"<random program {hash(text)}>")
    with np.errstate(all="ignore"):
        try:
            value, adjoints = by_tape(g, point)
        except (TypeError, OverflowError, ZeroDivisionError, ValueError):
            return  # the result is a constant, or Python's own arithmetic gives up
        engines = [adlib.jvp(g, point, seed)[1] for seed in ((1.0, 0.0), (0.0, 1.0))]
        if not np.allclose(engines, adjoints, rtol=1e-12, atol=1e-12) or not abs(value) < 1e6:
            return  # not finite, or rounding grows: one engine can say no more about the other
        y, x_bar = by_program(g, point)
        forward = [transform(g)(*point, *seed)[1] for seed in ((1.0, 0.0), (0.0, 1.0))]
    assert np.isclose(y, value, rtol=1e-9, atol=1e-9), (
        text
    )  # of a constant, NumPy's tanh has another last bit
    assert np.allclose(x_bar, adjoints, rtol=1e-9, atol=1e-9), text
    assert np.allclose(forward, adjoints, rtol=1e-9, atol=1e-9), text
