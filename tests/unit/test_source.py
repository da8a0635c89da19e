"""Source transformation: the same bits as operator overloading, readable text, and errors that name what and where."""

import math
import textwrap

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import adlib
from adlib.formula.source import UnsupportedSourceError, transform
from adlib.lesson import examples
from tests.unit.cases.modules import imported


def both(f, x, x_dot):
    """By the transformed source, and by overloading."""
    with np.errstate(all="ignore"):
        return transform(f)(*x, *x_dot), adlib.jvp(f, x, x_dot)


def same(one, two):
    return one == two or (math.isnan(one) and math.isnan(two))


@pytest.mark.parametrize("point", [(2.0, 1.0), (3.0, 0.5), (1.7, 0.9)])
@pytest.mark.parametrize("seed", [(0.0, 1.0), (1.0, 0.0), (0.3, -1.7)])
@pytest.mark.parametrize("f", [examples.f, examples.survey, examples.branching, examples.looping])
def test_both_roads_agree_to_the_last_bit(f, point, seed):
    one, two = both(f, point, seed)
    assert one == two


def newton(a):
    x = a
    steps = 0
    while abs(x * x - a) > 1e-12 and steps < 50:
        x = (x + a / x) / 2 if x > 0 else -x
        steps += 1
    return x


def fibonacci(x, n=10):
    """Simultaneous assignment, and a constant."""
    a, b = x, 1.0
    for k in range(n):
        a, b = b, a * 0.5 + b + k
    return a, b


def helper(u, k):
    if k == 0:
        return u
    return helper(np.sin(u) * u, k - 1)


def calls_others(x, y):
    p, q = pair(x, y)
    z = helper(x, 3) + p
    z += q * y
    z -= 1
    return -z * HALF


def pair(a, b):
    return a * b, a / b


HALF = 0.5


def early(x):
    for k in range(100):
        if x > 10:
            break
        if k % 2:
            continue
        x = x * 1.7 + np.log1p(k)
    if x <= 10:
        raise ValueError("too small")
    assert x > 0
    return np.where(x > 12, x**2, np.maximum(x, 11.0)) if x < 100 else 2**x


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (newton, (7.3,)),
        (fibonacci, (1.3,)),
        (calls_others, (0.7, 1.9)),
        (early, (1.0,)),
        (early, (9.0,)),
        (early, (500.0,)),
    ],
)
def test_control_flow_calls_and_tuples(f, x):
    one, two = both(f, x, tuple(0.7 for _ in x))
    assert one == two


def test_the_text_of_the_running_example():
    text = transform(examples.f).source
    assert text == textwrap.dedent(
        """\
        def f_dual(x1, x2, x1_dot, x2_dot):
            v1 = x2 ** 2
            v1_dot = 2 * x2 * x2_dot
            v2 = sin(v1)
            v2_dot = cos(v1) * v1_dot
            v3 = x1 / v2
            v3_dot = 1 / v2 * x1_dot - v3 / v2 * v2_dot
            v4 = log(v3)
            v4_dot = 1 / v3 * v3_dot
            v5 = sqrt(v4)
            v5_dot = 1 / (2 * v5) * v4_dot
            v6 = x1 * v5
            v6_dot = v5 * x1_dot + x1 * v5_dot
            return v6, v6_dot"""
    )


def names_that_collide(v1, sin, v1_dot):
    t1 = np.sin(v1) * sin
    return t1 + v1_dot


def test_no_name_of_the_users_is_taken():
    one, two = both(names_that_collide, (0.3, 0.7, 1.1), (1.0, 2.0, 3.0))
    assert one == two
    assert "v1_tangent" in transform(names_that_collide).source


def test_a_constant_where_a_tangent_was_is_0():
    def g(x):
        y = x * x
        y = 3.0
        return y * x

    assert both(g, (2.0,), (1.0,))[0] == (6.0, 3.0)

    def constant(x):
        return 5.0 + 0.0 * x

    assert transform(constant)(1.0, 1.0) == (5.0, 0.0)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("try:\n        y = x\n    except ValueError:\n        y = x\n    return y", "a try statement"),
        ("with open('a') as f:\n        return x", "a with statement"),
        ("return [x, x][0]", "indexing"),
        ("return sum([k * x for k in range(3)])", "a call of sum, which is not in the table of gates"),
        ("return (lambda t: t * x)(1.0)", "a call of lambda"),
        ("y = {1: x}\n    return y", "a dict"),
        ("return x if (y := x) > 0 else x", "an assignment expression"),
        ("import math\n    return x", "import"),
        ("def h(t):\n        return t\n    return h(x)", "a function inside the function"),
        ("return x % 2", "the operator x % 2"),
        ("return x > 0", "a comparison as a value"),
        ("for t in (x, 2 * x):\n        pass\n    return x", "a loop over differentiated values"),
        ("x.y = 3\n    return x", "an assignment to an attribute"),
        ("return np.sum(x, axis=0)", "keywords of np.sum"),
        ("return", "a return without a value"),
        ("yield x", "yield"),
        ("x.sort()\n    return x", "an expression by itself"),
    ],
)
def test_what_is_not_supported_is_named_with_its_line(tmp_path, monkeypatch, body, what):
    text = f"import numpy as np\n\n\ndef g(x):\n    {body}\n"
    g = imported(tmp_path, monkeypatch, "users_module", text).g
    with pytest.raises(UnsupportedSourceError) as told:
        transform(g)
    first, place, remedy = str(told.value).splitlines()
    assert first.startswith(f"adlib.source cannot transform {what}")
    assert " of g: " in place
    assert int(place.split()[2]) >= 4
    assert "adlib.jvp" in remedy


def test_a_lambda_and_a_builtin_have_no_source_to_rewrite():
    with pytest.raises(UnsupportedSourceError, match="lambda"):
        transform(lambda x: x)
    with pytest.raises(UnsupportedSourceError, match="cannot be read"):
        transform(math.sin)


STATEMENTS = [
    "a = a * b + {c}",
    "b = np.sin(a) - b",
    "a = np.exp(-a * a) if a > {c} else a / (b * b + 1.0)",
    "a, b = b, a",
    "b += np.tanh(a)",
    "if b > {c}:\n        a = np.sqrt(a * a + 1.0)\n    else:\n        b = b * {c}",
    "for k in range(3):\n        a = a + k * b * 0.1",
    "a = np.maximum(a, b) * {c}",
    "b = abs(a) ** 1.5",
    "a = -b / 2",
]


@given(
    st.lists(
        st.tuples(st.sampled_from(STATEMENTS), st.sampled_from(["0.5", "-1.25", "2"])), min_size=1, max_size=7
    ),
    st.tuples(*[st.floats(-2, 2)] * 4),
)
def test_random_programs_agree_to_the_last_bit(statements, numbers):
    import linecache

    text = "def g(a, b):\n    " + "\n    ".join(s.format(c=c) for s, c in statements) + "\n    return a * b\n"
    name = f"<random program {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    space = {"np": np}
    exec(compile(text, name, "exec"), space)
    (y, y_dot), (z, z_dot) = both(space["g"], numbers[:2], numbers[2:])
    assert same(y, float(z)), text
    assert same(y_dot, float(z_dot)), text


# --- What mutants of the transformation asked for ---------------------------------------------------------------

LIMIT = 0.5
TABLE = {"half": 0.5}


def product(t, s):
    return t * s


def annotated(x):
    y: float
    z: float = x * x
    y = z + x
    return y


def only_added_to(x):
    y = 1.0
    y += x
    return y * y


def added_to_later(x):
    y = 1.0
    z = y * 2.0
    y += x * z
    z *= y
    return z


def chosen(x, a):
    return x if x > a else a


def chosen_constant(x):
    y = 3.0 if x > 1.0 else x * x
    return y + (x if x < 0.0 else 0.0 * x)


def by_a_gate(x):
    if np.sin(x) > LIMIT and np.abs(x) < 100.0 * LIMIT:
        return x * LIMIT
    return x * x


def by_a_constant(x):
    y = product(x, LIMIT)
    return y * product(2.0, x) if LIMIT < 1.0 else y


def swapped(x, y):
    x = y
    y = x * 2.0
    return x * y


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (annotated, (1.7,)),
        (only_added_to, (1.7,)),
        (added_to_later, (1.7,)),
        (chosen, (1.7, 0.3)),
        (chosen, (0.3, 1.7)),
        (chosen_constant, (1.7,)),
        (chosen_constant, (0.7,)),
        (chosen_constant, (-0.7,)),
        (by_a_gate, (1.0,)),
        (by_a_gate, (4.0,)),
        (by_a_constant, (1.3,)),
        (swapped, (1.3, 0.7)),
    ],
)
def test_statements_one_by_one(f, x):
    one, two = both(f, x, (0.7, -1.1)[: len(x)])
    assert one == two


def test_conditions_look_through_the_same_gates():
    """The last bit of a sine may be another in NumPy and in Python, and the branch with it."""
    assert "if sin(x) > LIMIT and absolute(x) < 100.0 * LIMIT:" in transform(by_a_gate).source


def test_tuples_of_results():
    def one(x):
        return (x * x,)

    def two(x):
        return x * x, 3.0

    assert transform(one)(3.0, 1.0) == ((9.0,), (6.0,))
    assert transform(two)(3.0, 1.0) == ((9.0, 3.0), (6.0, 0.0))
    assert "return (v1,), (v1_dot,)" in transform(one).source
    assert "return (v1, 3.0), (v1_dot, 0.0)" in transform(two).source


def test_brackets_only_around_what_needs_them():
    def f(x):
        return x * LIMIT + x * (LIMIT + 1.0) + x * 2.0

    assert "x * LIMIT" in transform(f).source
    assert "x * (LIMIT + 1.0)" in transform(f).source


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ("helper(x, s=2.0)", "keywords or \\* in a call"),
        ("helper(*[x, 2.0])", "keywords or \\* in a call"),
        ("TABLE.get(x)", "a call of TABLE.get"),
    ],
)
def test_calls_that_are_not_understood(tmp_path, monkeypatch, call, what):
    text = f"TABLE = {{}}\n\n\ndef helper(t, s):\n    return t * s\n\n\ndef g(x):\n    return {call}\n"
    g = imported(tmp_path, monkeypatch, "users_calls", text).g
    with pytest.raises(UnsupportedSourceError, match=rf"{what}(.|\n)*at line 9 of g: {call[:6]}"):
        transform(g)


def plainly(function):
    return function


@plainly
def decorated(x):
    return [x][0]


def test_the_line_of_a_decorated_function():
    line = decorated.__code__.co_firstlineno + 2
    with pytest.raises(UnsupportedSourceError, match=rf"at line {line} of decorated: \[x\]\[0\]"):
        transform(decorated)


@pytest.mark.parametrize("parameters", ["*x", "x, **more", "x, *, y", "x, /, y"])
def test_parameters_that_are_not_plain(tmp_path, monkeypatch, parameters):
    text = f"def g({parameters}):\n    return x * 2.0\n"
    g = imported(tmp_path, monkeypatch, "users_parameters", text).g
    if parameters == "x, /, y":
        assert transform(g)(1.0, 1.0, 1.0, 0.0) == (2.0, 2.0)
    else:
        with pytest.raises(UnsupportedSourceError, match="parameter"):
            transform(g)


def test_augmented_assignment_rewritten_is_for_numbers():
    """Of an array, NumPy's ``x *= 2`` changes the caller's array, too; the rewritten program would not."""

    def doubled(x):
        x *= 2
        return x

    def f(x):
        y = doubled(x)
        return x * y

    df = transform(f)
    assert df(2.0, 1.0) == (8.0, 8.0)
    with pytest.raises(TypeError, match=r"f has an augmented assignment(.|\n)*Write y = y \+ \.\.\."):
        df(np.array([2.0]), np.array([1.0]))


# --- What the new program reads is what the old one reads, in both modes -----------------------------------------


def both_modes(g, x):
    """Give value and derivative of a function of one number, by both programs."""
    (y, y_dot), (z, (x_bar,)) = transform(g)(x, 1.0), transform(g, mode="reverse")(x)
    return (y, y_dot), (z, x_bar)


def scaled_by(u, k=3.0):
    return u * k


def test_a_helpers_constant_with_a_default_may_be_given():
    def g(x):
        return scaled_by(x, 2.0) + scaled_by(x)

    assert both_modes(g, 5.0) == ((25.0, 5.0), (25.0, 5.0))


def test_a_constant_that_is_a_call_is_called_once():
    numbers = iter(range(2, 9))

    def g(x):
        return x * float(next(numbers))

    assert both_modes(g, 1.0) == ((2.0, 2.0), (3.0, 3.0))


def test_defaults_that_cannot_be_written_down():
    def g(x, top=math.inf, w=HALF, table={"k": 12.0}):  # noqa: B006
        return np.minimum(x, top) * w * table["k"]

    assert both_modes(g, 1.5) == ((9.0, 6.0), (9.0, 6.0))


def test_a_fractional_power_of_a_negative_number_is_nan():
    def g(x):
        return x**0.5

    assert all(math.isnan(number) for pair in both_modes(g, -8.0) for number in pair)


@pytest.mark.parametrize(
    ("body", "mode", "answer"),
    [
        ("half(x) * C", "forward", "two different things called C"),
        ("half(x) * C", "reverse", "two different things called C"),
        ("x * sum([1, 2])", "forward", (150.0, 100.0)),
        ("x * sum([1, 2])", "reverse", (150.0, (100.0,))),
        ("x * len(range(3))", "reverse", "something of its own called range"),
    ],
)
def test_names_mean_what_they_mean_where_they_stand(tmp_path, monkeypatch, body, mode, answer):
    helpers = "import numpy as np\nC = 2.0\ndef half(u):\n    return np.sin(u) * C\n"
    imported(tmp_path, monkeypatch, "users_helpers", helpers)
    lines = ["from users_helpers import half", "C = 3.0", "sum = lambda terms: 100.0", "range = list"]
    text = "\n".join([*lines, "def g(x):", f"    return {body}", ""])
    g = imported(tmp_path, monkeypatch, "users_names", text).g
    if isinstance(answer, str):
        with pytest.raises(UnsupportedSourceError, match=answer):
            transform(g, mode=mode)
    else:
        assert transform(g, mode=mode)(*(1.5, 1.0)) == answer
