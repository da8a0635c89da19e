"""The adjoint program: the tape's numbers, a text that can be read, a stack with reasons, and clear refusals."""

import math
import re
import textwrap
import types

import numpy as np
import pytest

import adlib
from adlib.formula.source import UnsupportedSourceError, transform
from adlib.lesson import examples
from tests.unit.cases.modules import imported


def by_tape(f, x, seed=1.0):
    value, pullback = adlib.vjp(f, *x)
    return value, pullback(seed)


def by_program(f, x, *seed):
    return transform(f, mode="reverse")(*x, *seed)


# --- To the last bit -----------------------------------------------------------------------------------


def branch_in_a_loop(x, a):
    total = 0.0
    for k in range(5):
        if x > a:
            x = x / 2
            total += np.sin(x) * a
        else:
            x = x * x + a
        total = total + np.exp(-x) * k
    return total * x


@pytest.mark.parametrize("point", [(2.0, 1.0), (3.0, 0.5), (1.7, 0.9), (0.3, 1.2), (5.0, 0.1)])
@pytest.mark.parametrize("seed", [1.0, -0.7])
@pytest.mark.parametrize(
    "f", [examples.f, examples.survey, examples.branching, examples.looping, branch_in_a_loop]
)
def test_the_program_and_the_tape_agree_to_the_last_bit(f, point, seed):
    with np.errstate(all="ignore"):
        (y, x_bar), (value, adjoints) = by_program(f, point, seed), by_tape(f, point, seed)
    assert np.array_equal([y, *x_bar], [value, *adjoints], equal_nan=True)


# --- Texts ------------------------------------------------------------------------------------------------


def test_the_text_of_the_running_example_needs_no_stack():
    assert transform(examples.f, mode="reverse").source == textwrap.dedent(
        """\
        def f_adjoint(x1, x2, y_bar=1.0):
            # the way forward: values
            v1 = x2 ** 2
            v2 = sin(v1)
            v3 = x1 / v2
            v4 = log(v3)
            v5 = sqrt(v4)
            y = x1 * v5
            # the way back: adjoints
            x1_bar = v5 * y_bar
            v5_bar = x1 * y_bar
            v4_bar = 1 / (2 * v5) * v5_bar
            v3_bar = 1 / v3 * v4_bar
            x1_bar += 1 / v2 * v3_bar
            v2_bar = -v3 / v2 * v3_bar
            v1_bar = cos(v1) * v2_bar
            x2_bar = 2 * x2 * v1_bar
            return y, (x1_bar, x2_bar)"""
    )


def test_a_loop_with_a_branch_puts_on_the_stack_what_is_overwritten_and_which_branch():
    def g(x, n=3):
        y = x
        for _k in range(n):
            if y > 1.0:
                y = y / 2
            else:
                y = np.sin(y) * x
        return y

    assert transform(g, mode="reverse").source == textwrap.dedent(
        """\
        def g_adjoint(x, result_bar=1.0, n=3):
            stack = []
            # the way forward: values
            y = x
            for _k in range(n):
                if y > 1.0:
                    y = y / 2
                    stack.append(True)  # the branch that was taken
                else:
                    v2 = sin(y)
                    stack.append(y)  # the way back needs it; the next line overwrites it
                    y = v2 * x
                    stack.append(v2)  # the way back needs it; the next round overwrites it
                    stack.append(False)  # the branch that was taken
            result = y
            # the way back: adjoints
            y_bar = result_bar
            x_bar = 0.0
            for _k in reversed(range(n)):
                if stack.pop():
                    y_bar = 0.5 * y_bar
                else:
                    v2 = stack.pop()
                    v2_bar = x * y_bar
                    x_bar += v2 * y_bar
                    y = stack.pop()
                    y_bar = cos(y) * v2_bar
            x_bar += y_bar
            return result, (x_bar,)"""
    )


def test_a_while_loop_counts_its_rounds():
    text = transform(examples.looping, mode="reverse").source
    assert "stack.append(rounds1)  # how many rounds there were" in text
    assert "for _ in range(stack.pop()):" in text


def test_every_push_has_a_pop_and_a_reason():
    def g(x, y):
        while x < 50.0:
            for k in range(3):
                x = x * 1.3 + y * k
                y = np.sin(y) if y > x else y * 0.5
        return x * y

    text = transform(g, mode="reverse").source
    pushes = re.findall(r"stack\.append\(.*\)  # .+", text)
    assert len(pushes) == text.count("stack.append(")
    branches = sum("branch" in p for p in pushes)  # two for one pop
    assert text.count("stack.pop()") == len(pushes) - branches // 2


# --- Programs of every kind --------------------------------------------------------------------------------


def pair(a, b):
    return a * b, a / b


def repeated(u, k, scale=2.0):
    if k == 0:
        return u * scale
    return repeated(np.sin(u) * u, k - 1)


def calls_others(x, y):
    p, q = pair(x, y)
    z = repeated(x, 3, 0.5) + p
    z += q * y
    z -= 1
    return -z * HALF


def same_twice(x, y):
    a, b = pair(x, x)
    return a * y + b * repeated(y, 2)


def nobody_needs_it(x, y):
    a, _b = pair(x, y)
    if a > 0.0:
        return x * y
    return x - y


def recursive(x, n=4):
    if n == 0:
        return np.cos(x)
    return x * np.tanh(x) + recursive(x, n - 1)


HALF = 0.5


def newton(a):
    x = a
    steps = 0
    while abs(x * x - a) > 1e-12 and steps < 50:
        x = (x + a / x) / 2 if x > 0 else -x
        steps += 1
    return x


def several_ways_out(x, y):
    z = x * y
    if x > y:
        if x > 2.0:
            return z * np.log(x)
        z = z + x
    elif y > 3.0:
        raise ValueError("too large")
    z *= y
    if z > 1.0:
        return np.sqrt(z)
    return z * z * x


def over_a_sequence(x, y):
    total = 0.0
    for weight, shift in ((0.5, 1.0), (2.0, -0.3), (1.5, 0.0)):
        total += weight * np.exp(-((x - shift) ** 2)) * y
        y *= weight
    return total


def nested(x, y):
    for i in range(1, 4):
        for _ in range(i):
            x = np.sin(x * y) + i
        y = y * x / (1.0 + y * y) - y
    return x * y


def selections(x, y):
    return np.where(x > y, x**2, np.maximum(x, y)) * abs(x - y) + 2.0**x + x**y


def counter_that_changes(x, n=3):
    for k in range(n):
        n = n + 1
        k = k * 2
        x = x * 0.5 + np.sin(x) * k
    return x * n


def reads_the_last_round(x):
    for k in range(4):
        t = x * k
        x = x + t * t * 0.1
    return t * k * x


def defined_in_one_branch(x, y):
    if x > 0.0:
        t = np.exp(x)
        s = t * t
    else:
        s = y
    for k in range(3):
        if k > 0:
            s = s * t if x > 0.0 else s + y
        t = x * y
    return s * t


def with_constants(x, y):
    a = x * y
    if y > 1.0:
        a = 3.0
    b = a * x
    a = 2.0
    return a * b + a


def raised_is_a_name(x, y):
    raised = 1.0
    for k in range(3):
        if x > k:
            x = x * y
            raised = 2.0
        y = np.sin(y) * raised
        raised = 0.5
    return x * y


PROGRAMS = [
    raised_is_a_name,
    calls_others,
    same_twice,
    nobody_needs_it,
    several_ways_out,
    over_a_sequence,
    nested,
    selections,
    defined_in_one_branch,
    with_constants,
]


@pytest.mark.parametrize("point", [(0.7, 1.9), (2.5, 0.8), (1.2, 1.1), (0.4, 0.3)])
@pytest.mark.parametrize("f", PROGRAMS, ids=lambda f: f.__name__)
def test_control_flow_and_calls(f, point):
    (y, x_bar), (value, adjoints) = by_program(f, point), by_tape(f, point)
    assert y == value
    assert x_bar == pytest.approx(adjoints, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("x", [0.3, 1.7, 7.3])
@pytest.mark.parametrize("f", [newton, recursive, counter_that_changes, reads_the_last_round])
def test_programs_of_one_number(f, x):
    (y, x_bar), (value, adjoints) = by_program(f, (x,)), by_tape(f, (x,))
    assert y == value
    assert x_bar == pytest.approx(adjoints, rel=1e-12)


def test_an_error_of_the_function_is_its_own():
    with pytest.raises(ValueError, match="too large"):
        transform(several_ways_out, mode="reverse")(1.0, 4.0)


def test_tuples_of_results_take_a_tuple_of_adjoints():
    def swapped(x, y):
        x, y = y, x * y
        x, y = y, x
        return x * 2.0, y, 3.0

    for seed in ((1.0, 0.0, 0.0), (0.3, -0.7, 2.0)):
        assert by_program(swapped, (1.5, 0.4), seed)[1] == by_tape(swapped, (1.5, 0.4), seed)[1]
    y, x_bar = by_program(swapped, (1.5, 0.4), (1.0, 0.0, 0.0))
    assert y == swapped(1.5, 0.4)
    assert x_bar == (0.8, 3.0)
    with pytest.raises(TypeError, match="result_bar"):
        by_program(swapped, (1.5, 0.4))

    def of_one(x):
        return (x * x,)

    assert by_program(of_one, (3.0,), (1.0,)) == ((9.0,), (6.0,))

    def by_another(x, y):
        return pair(x, y)

    assert by_program(by_another, (3.0, 2.0), (1.0, 0.5)) == ((6.0, 1.5), (2.25, 2.625))


def test_constants_come_last_or_by_name():
    def g(x, n=2, scale=3.0):
        for _ in range(n):
            x = x * scale
        return x

    dg = transform(g, mode="reverse")
    assert dg(1.0) == (9.0, (9.0,))
    assert dg(1.0, 2.0) == (9.0, (18.0,))
    assert dg(1.0, n=3) == (27.0, (27.0,))
    assert dg(1.0, 0.5, 2, 2.0) == dg(1.0, scale=2.0, y_bar=0.5) == (4.0, (2.0,))


def test_a_result_that_does_not_depend_on_an_input_has_adjoint_0():
    def g(x, y):
        z = np.sqrt(x)
        z = 3.0
        return y * z

    assert by_program(g, (0.0, 2.0)) == (6.0, (0.0, 3.0))  # nothing comes back to the root: no 0 · inf


def test_a_call_is_made_once():
    """What a program draws or counts is kept for the way back, not drawn again."""
    numbers = iter(range(2, 100))

    def draw():
        return float(next(numbers))

    def g(x):
        return x * draw() + x

    y, (x_bar,) = transform(g, mode="reverse")(1.0)
    assert y == x_bar == 3.0
    assert transform(g)(1.0, 1.0) == (4.0, 4.0)


def test_defaulted_constants_of_a_function_that_is_called():
    def g(x):
        return repeated(x, 0, 3.0) * x

    assert by_program(g, (2.0,)) == (12.0, (12.0,))
    assert transform(g)(2.0, 1.0) == (12.0, 12.0)


def names_that_collide(v1, sin, v1_bar, stack, y, rounds1):
    while v1 < 4.0:
        v1 = v1 * 1.5 + np.sin(v1) * sin
        y = y * stack
    return v1 + v1_bar * stack + y * rounds1


def test_no_name_of_the_users_is_taken():
    x = (0.3, 0.7, 1.1, 0.9, 0.5, 1.3)
    (y, x_bar), (value, adjoints) = by_program(names_that_collide, x), by_tape(names_that_collide, x)
    assert (y, x_bar) == (value, adjoints)


# --- Where Python raises an error, and NumPy has inf ---------------------------------------------------


def root(x, y):
    return np.sqrt(x) * y


def quotient(x, y):
    return y / x + np.log(x)


def fractional(x, y):
    return x**0.5 + y * x**-1.5


def overflow(x, y):
    return np.exp(y * 1000.0) + (y * 1e200) ** 2 * x


@pytest.mark.parametrize("point", [(0.0, 1.0), (-8.0, 1.0), (0.0, 2.0)])
@pytest.mark.parametrize("f", [root, quotient, fractional, overflow])
def test_at_the_edge_both_programs_answer_what_the_engines_answer(f, point):
    with np.errstate(all="ignore"):
        for seed in ((1.0, 0.0), (0.0, 1.0)):
            one, two = transform(f)(*point, *seed), adlib.jvp(f, point, seed)
            assert np.array_equal(one, two, equal_nan=True), (one, two)
        (y, x_bar), (value, adjoints) = by_program(f, point), by_tape(f, point)
    assert np.array_equal([y, *x_bar], [value, *adjoints], equal_nan=True)
    assert type(y) is float
    assert all(type(g) is float for g in x_bar)


# --- Refusals --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            "for k in range(3):\n        if x > k:\n            break\n        x = x * 2\n    return x",
            "break",
        ),
        (
            "for k in range(3):\n        if x > k:\n            continue\n        x = x * 2\n    return x",
            "continue",
        ),
        (
            "for k in range(3):\n        if x > k:\n            return x\n    return x",
            "a return inside a loop",
        ),
        ("try:\n        y = x\n    except ValueError:\n        y = x\n    return y", "a try statement"),
        ("with open('a') as f:\n        return x", "a with statement"),
        ("def h(t):\n        return t\n    return h(x)", "a function inside the function"),
        ("x.y = 3\n    return x", "an assignment to an attribute"),
        ("x[0] = 3.0\n    return x", "an assignment to indexing"),
        ("x[0] += 3.0\n    return x", "an assignment to indexing"),
        ("if x > 0:\n        return x", "a way through it that ends without a return"),
        ("if x > 0:\n        return x, x\n    return x", "returns of different numbers of results"),
        ("for t in (x, 2 * x):\n        pass\n    return x", "a loop over differentiated values"),
        ("y = two(x)\n    return y", "1 name(s) for 2 result(s)"),
        ("a, b, c = two(x)\n    return a", "3 name(s) for 2 result(s)"),
        ("return np.max(x) * x", "np.max of numbers, which is for arrays"),
        ("return np.flip(x) * x", "np.flip of numbers, which is for arrays"),
        ("return two(3.0)", "a return of several constants"),
        ("return two(x, x)", "a call with other arguments than two takes"),
        ("return", "a return without a value"),
    ],
)
def test_what_is_not_supported_is_named_with_its_line(tmp_path, monkeypatch, body, what):
    text = f"import numpy as np\n\n\ndef two(x):\n    return x, x * x\n\n\ndef g(x):\n    {body}\n"
    g = imported(tmp_path, monkeypatch, "users_adjoint", text).g
    with pytest.raises(UnsupportedSourceError) as told:
        transform(g, mode="reverse")
    first, place, remedy = str(told.value).splitlines()
    assert first.startswith(f"adlib.source cannot transform {what}")
    assert " of g: " in place
    assert int(place.split()[2]) >= 8
    assert "adlib.grad" in remedy


def test_arrays_and_other_modes_are_refused():
    with pytest.raises(TypeError, match="adjoint program of f is one of numbers"):
        transform(examples.f, mode="reverse")(np.array([2.0]), 1.0)
    with pytest.raises(ValueError, match="'forward' or 'reverse'"):
        transform(examples.f, mode="backward")


def test_the_program_is_plain_python():
    """It runs without adlib: with the gates' names bound to the functions of the module math."""
    space: dict[str, object] = {n: getattr(math, n) for n in ("sin", "cos", "log", "sqrt")}
    exec(transform(examples.f, mode="reverse").source, space)
    f_adjoint = space["f_adjoint"]
    assert isinstance(f_adjoint, types.FunctionType)
    y, x_bar = f_adjoint(2.0, 1.0)
    assert [y, *x_bar] == pytest.approx([1.8609147501473966, 1.467827504425832, -1.380165568322725])
