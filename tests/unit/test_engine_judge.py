"""The reader's engine is judged: right ones pass, and each wrong one gets its own reason."""

import ast
import inspect
import math
import re

import numpy as np
import pytest

import adlib
from adlib import nn
from adlib.lesson import engine, examples, judge

SOURCE = inspect.getsource(engine)


def variant(*changes, base=SOURCE):
    """The class Value, with some lines of its text changed."""
    for old, new in changes:
        assert old in base, old
        base = base.replace(old, new)
    scope = {"__name__": "mine"}
    exec(base, scope)
    return scope["Value"]


WALK = SOURCE[SOURCE.index("        nodes, todo = ") : SOURCE.index("    def __repr__")]
ADDING = "parent.grad += node.grad * slope"
IN_ORDER = "sorted(nodes, key=lambda node: node.number, reverse=True)"
CONSTANT = "return Value(other) - self"


def walking(text):
    """Another body of backward."""
    return [(WALK, inspect.cleandoc(text).replace("\n", "\n        ").join(("        ", "\n\n")))]


START = """
if self.parents:
    todo, seen = [self], set()
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo += [p for p, _ in node.parents]
            node.grad = 0.0 if node.parents else node.grad
self.grad += 1.0
"""

MUTANTS = {
    "assigned": ([(ADDING, ADDING.replace("+=", "="))], "the adjoint is assigned, not added"),
    "seed 0": ([("self.grad += 1.0", "pass")], "backward starts from 0"),
    "seed y": ([("self.grad += 1.0", "self.grad += self.value")], "backward starts from the value of y"),
    "forwards": ([(", reverse=True", "")], "runs from the inputs to y"),
    "breadth first": (
        walking(
            START + "nodes = [self]\nfor node in nodes:\n    for p, s in node.parents:\n"
            "        p.grad += node.grad * s\n        nodes += [p] if p not in nodes else []"
        ),
        "breadth-first order",
    ),
    "depth first": (
        walking(
            START
            + "seen, todo = set(), [self]\nwhile todo:\n    node = todo.pop()\n    if node in seen: continue\n"
            "    seen.add(node)\n    for p, s in node.parents:\n        p.grad += node.grad * s\n        todo.append(p)"
        ),
        "depth first",
    ),
    "depth first, at once": (
        walking(
            START + "seen = set()\ndef visit(node):\n    if node in seen: return\n    seen.add(node)\n"
            "    for p, s in node.parents:\n        p.grad += node.grad * s\n        visit(p)\nvisit(self)"
        ),
        "depth first",
    ),
    "recursion, then on": (
        walking(
            START + "def visit(node):\n    for p, s in node.parents: p.grad += node.grad * s\n"
            "    for p, s in node.parents: visit(p)\nvisit(self)"
        ),
        "a node that is used twice is visited twice",
    ),
    "recursion, at once": (
        walking(
            START + "def visit(node):\n    for p, s in node.parents:\n        p.grad += node.grad * s\n"
            "        visit(p)\nvisit(self)"
        ),
        "a node that is used twice is visited twice",
    ),
    "recursion over sets": (
        walking(
            START + "def visit(node):\n    for p, s in node.parents: p.grad += node.grad * s\n"
            "    for p in {p for p, _ in node.parents}: visit(p)\nvisit(self)"
        ),
        "a node that is used twice is visited twice",
    ),
    "recursion in the sort": (
        walking(
            START
            + "order, seen = [], set()\ndef visit(node):\n    if node not in seen:\n        seen.add(node)\n"
            "        for p, _ in node.parents: visit(p)\n        order.append(node)\nvisit(self)\n"
            "for node in reversed(order):\n    for p, s in node.parents: p.grad += node.grad * s"
        ),
        "a sum of 5000 times a: RecursionError",
    ),
    "every path": (
        walking(
            "todo = [(self, 1.0)]\nwhile todo:\n    node, seed = todo.pop()\n    node.grad += seed\n"
            "    todo += [(p, s * seed) for p, s in node.parents]"
        ),
        "follows every path",
    ),
    "stale between": (
        [("node.grad = 0.0  #", "pass  #")],
        "z = y * y, after backward from y = a * a: the derivative by a is 114, yours 120",
    ),
    "starts at the last": (
        [
            ("nodes, todo = {self}, [self]", "self = last[0]\n        nodes, todo = {self}, [self]"),
            ("self.number = next", "last[:] = [self]\n        self.number = next"),
            ("import itertools", "import itertools\nlast = []"),
        ],
        "the walk starts at the last number made",
    ),
    "waits for strangers": (
        [
            (
                "self.number = next",
                "self.users = 0\n        for p, _ in parents: p.users += 1\n        self.number = next",
            ),
            *walking(
                START
                + "self.users, ready = 0, [self]\nwhile ready:\n    node = ready.pop()\n    if node.users: continue\n"
                "    for p, s in node.parents:\n        p.grad += node.grad * s\n        p.users -= 1\n"
                "        if not p.users: ready.append(p)"
            ),
        ],
        "t waits for its user z, of which y is not made",
    ),
    "equal is same": (
        [
            (
                "    def exp(self)",
                "    def __eq__(self, other): return self.value == as_value(other).value\n"
                "    def __hash__(self): return hash(self.value)\n    def exp(self)",
            )
        ],
        "nodes of equal value are taken for one",
    ),
    "changed in place": (
        [
            (
                "    def exp(self)",
                "    def __iadd__(self, other):\n        self.value += other.value\n        return self\n"
                "    def exp(self)",
            )
        ],
        "+= changes a itself",
    ),
    "only the first": (
        [
            (
                "in node.parents:\n                parent.grad",
                "in node.parents[:1]:\n                parent.grad",
            )
        ],
        "only the first operand",
    ),
    "only the last": (
        [
            (
                "in node.parents:\n                parent.grad",
                "in node.parents[-1:]:\n                parent.grad",
            )
        ],
        "only the last operand",
    ),
    "side of -": (
        [(CONSTANT, "return self - other")],
        "2 - a: its value at a = 1.7 is -0.3, should be 0.3; the constant's side",
    ),
    "side of /": ([("return Value(other) / self", "return self / other")], "2 / a: its value"),
    "no __rsub__": ([("def __rsub__", "def rsub")], "With a number on the left, Python asks a.__rsub__(2)"),
    "no __radd__": (
        [("__radd__, __rmul__ = __add__, __mul__", "__rmul__ = __mul__")],
        "Python asks a.__radd__(2)",
    ),
    "no constants": (
        [("other = as_value(other)\n        return Value(self.value + ", "return Value(self.value + ")],
        "y = a + 2 stops with AttributeError: 'int' object has no attribute 'value'. The constant is a plain",
    ),
    "2 - a grows": (
        [(CONSTANT, "return Value(other - self.value, [(self, 1.0)])")],
        "2 − x falls as x grows",
    ),
    "own factor": (
        [("[(self, other.value), (other, self.value)]", "[(self, self.value), (other, other.value)]")],
        "*other* factor",
    ),
    "product as sum": (
        [("[(self, other.value), (other, self.value)]", "[(self, 1.0), (other, 1.0)]")],
        "derivatives of a sum",
    ),
    "minus as plus": ([("(other, -1.0)", "(other, 1.0)")], "right of a minus has the local derivative −1"),
    "quotient's sign": (
        [("-quotient / other.value", "quotient / other.value")],
        "by the denominator is −u/v²: the minus",
    ),
    "quotient's square": (
        [("(other, -quotient / other.value)", "(other, -quotient)")],
        "by the denominator is −u/v²: the square",
    ),
    "quotient's numerator": (
        [("-quotient / other.value", "-1 / other.value**2")],
        "the numerator is missing",
    ),
    "power not lowered": ([("** (other - 1) if", "** other if")], "the exponent is not lowered"),
    "power without n": (
        [("other * self.value ** (other - 1) if", "self.value ** (other - 1) if")],
        "the factor n is missing",
    ),
    "log of the result": (
        [
            (
                "[(self, 1 / self.value)])\n\n    def sqrt",
                "[(self, 1 / math.log(self.value))])\n\n    def sqrt",
            )
        ],
        "with the operand, not with the result",
    ),
    "exp as a power": (
        [("[(self, result)]", "[(self, self.value * math.exp(self.value - 1))]")],
        "rule of a power",
    ),
    "cos without minus": ([("-math.sin(self.value)", "math.sin(self.value)")], "the minus is missing"),
    "sin with minus": (
        [("[(self, math.cos(self.value))]", "[(self, -math.cos(self.value))]")],
        "sin is cos, without a minus",
    ),
    "tanh's square": ([("1 - t * t", "1 - t")], "tanh is 1 − t²: the square"),
    "tanh of the operand": ([("1 - t * t", "1 - self.value**2")], "with its *result* t"),
    "tanh as sigmoid": ([("1 - t * t", "t * (1 - t)")], "slope of the sigmoid"),
    "sqrt without 2": ([("0.5 / root", "1 / root")], "1/(2√u): the 2 is missing"),
    "relu always 1": ([("float(self.value > 0)", "1.0")], "0 where u < 0"),
    "relu is u": ([("max(self.value, 0.0)", "self.value")], "relu of a negative number is 0"),
    "read too early": (
        [
            (
                "def __mul__(self, other: Any) -> Value:\n        other = as_value(other)\n",
                "def __mul__(self, other: Any) -> Value:\n        other = as_value(other)\n"
                "        return Value(self.value * other.value, [(self, self.grad), (other, other.grad)])\n",
            )
        ],
        "nothing arrives",
    ),
    "sum of its own": (
        [("[(self, 1.0), (other, 1.0)]", "[(self, 2.0), (other, 3.0)]")],
        "y = a + b: the derivative by a at a = 1.7, b = 0.6 is 1, yours 2. (1 passed before it.)",
    ),
    "adjoint of text": (
        [
            ("self.grad = value, parents, 0.0", "self.grad = value, parents, 'none'"),
            ("self.grad += 1.0", "pass"),
            (ADDING, "pass"),
            ("node.grad = 0.0", "pass"),
        ],
        "not a number",
    ),
    "no name for the number": (
        [("self.value, self.parents", "self.content, self.parents")],
        "has no value: please call it so",
    ),
    "no backward": ([("def backward", "def back")], "has no method backward"),
    "returns a float": (
        [
            (
                "return Value(self.value + other.value, [(self, 1.0), (other, 1.0)])",
                "return self.value + other.value",
            )
        ],
        "y = a + b gives a float, not a Value",
    ),
    "needs two arguments": ([("parents: Any = ()", "parents: Any")], "Value(1.0) stops with TypeError"),
    "fails on the way back": ([(ADDING, "parent.grad += node.slope")], "backward stops with AttributeError"),
    "keeps two adjoints": (
        [
            ("self.grad += 1.0", "self.kept = getattr(self, 'kept', 0.0)\n        self.grad += 1.0"),
            (
                ADDING,
                "parent.kept = getattr(parent, 'kept', 0.0) + node.grad * slope\n"
                "                parent.grad = parent.kept if not parent.parents else parent.grad + node.grad * slope",
            ),
        ],
        "with the adjoint of a set to 0",
    ),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_wrong_engine_gets_its_own_reason(name):
    changes, words = MUTANTS[name]
    verdict = judge.check(variant(*changes))
    assert verdict.state == "wrong", verdict
    assert words in verdict.reason, verdict
    assert "0x" not in verdict.reason


def test_the_reasons_differ():
    said = {name: judge.check(variant(*changes)).reason for name, (changes, _) in MUTANTS.items()}
    alike = {
        "depth first, at once",
        "recursion, at once",
        "recursion over sets",
    }  # the same mistake, written otherwise
    assert len(set(said.values())) >= len(said) - len(alike)


def test_ours_passes_and_has_every_gate():
    verdict = judge.check(engine.Value)
    assert verdict
    assert "left out" not in verdict.reason


MICROGRAD = """
import math
class Value:
    def __init__(self, data, _children=()):
        self.data, self.grad, self._prev, self._backward = data, 0, set(_children), lambda: None
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data + other.data, (self, other))
        def _backward():
            self.grad += out.grad
            other.grad += out.grad
        out._backward = _backward
        return out
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        out = Value(self.data * other.data, (self, other))
        def _backward():
            self.grad += other.data * out.grad
            other.grad += self.data * out.grad
        out._backward = _backward
        return out
    def __pow__(self, n):
        out = Value(self.data**n, (self,))
        def _backward():
            self.grad += n * self.data ** (n - 1) * out.grad
        out._backward = _backward
        return out
    def relu(self):
        out = Value(max(self.data, 0), (self,))
        def _backward():
            self.grad += (out.data > 0) * out.grad
        out._backward = _backward
        return out
    def backward(self):
        topo, visited = [], set()
        SORT
        self.grad = 1
        for v in reversed(topo):
            v._backward()
    def __neg__(self): return self * -1
    def __radd__(self, other): return self + other
    def __sub__(self, other): return self + (-other)
    def __rsub__(self, other): return other + (-self)
    def __rmul__(self, other): return self * other
    def __truediv__(self, other): return self * other**-1
    def __rtruediv__(self, other): return other * self**-1
"""
BY_RECURSION = """
        def build_topo(v):
            if v not in visited:
                visited.add(v)
                for child in v._prev:
                    build_topo(child)
                topo.append(v)
        build_topo(self)
"""
BY_A_LOOP = """
        todo = [(self, False)]
        while todo:
            v, done = todo.pop()
            if done:
                topo.append(v)
            elif v not in visited:
                visited.add(v)
                todo += [(v, True), *((child, False) for child in v._prev)]
"""
SET_BACK = """
        for v in topo:
            v.grad = 0 if v._prev else v.grad
"""


def micrograd(sort):
    return variant(("        SORT\n", sort[1:]), base=MICROGRAD)


def test_closures_pass():
    """As in micrograd, with a loop for the recursion and adjoints set back."""
    verdict = judge.check(micrograd(BY_A_LOOP + SET_BACK))
    assert verdict, verdict
    left_out = verdict.reason.partition("left out")[0]
    for name in ("exp", "log", "sin", "cos", "tanh", "sqrt"):
        assert name in left_out
    assert "relu" not in left_out


def test_micrograd_to_the_letter_has_two_lessons_to_learn():
    assert "RecursionError" in judge.check(micrograd(BY_RECURSION)).reason
    assert "y has kept its adjoint" in judge.check(micrograd(BY_A_LOOP)).reason


TAPED = """
import numpy as np
tape = []
class Taped:
    def __init__(self, value, *operands):
        self.value, self.operands, self.bar = value, operands, 0.0
        tape.append(self)
    def __add__(self, other):
        if not isinstance(other, Taped): other = Taped(other)
        return Taped(self.value + other.value, (self, 1.0), (other, 1.0))
    def __mul__(self, other):
        if not isinstance(other, Taped): return Taped(self.value * other, (self, other))
        return Taped(self.value * other.value, (self, other.value), (other, self.value))
    __radd__, __rmul__ = __add__, __mul__
    def sin(self): return Taped(np.sin(self.value), (self, np.cos(self.value)))
def backward(y):
    for node in tape:
        if node.operands: node.bar = 0.0
    y.bar += 1.0
    for node in reversed(tape):
        for operand, partial in node.operands:
            operand.bar += node.bar * partial
"""


def taped(text=TAPED):
    scope = {}
    exec(text, scope)
    return scope


def test_a_tape_in_a_list_passes_whether_it_is_emptied_or_not():
    mine = taped()
    assert judge.check(mine["Taped"], mine["backward"], fresh=mine["tape"].clear)
    assert judge.check(mine["Taped"], mine["backward"])


def test_a_tape_that_is_never_emptied_is_walked_again():
    mine = taped(TAPED.replace("if node.operands: node.bar = 0.0", "pass"))
    verdict = judge.check(mine["Taped"], mine["backward"])
    assert "the first record is walked again" in verdict.reason, verdict
    verdict = judge.check(mine["Taped"], mine["backward"], fresh=mine["tape"].clear)
    assert "y has kept its adjoint" in verdict.reason, verdict


VARIANTS = {
    "tuples": [("[(self, 1.0), (other, 1.0)]", "((self, 1.0), (other, 1.0))")],
    "new gradients": [("if node.parents:\n                node.grad", "if True:\n                node.grad")],
    "none untouched": [
        ("parents, 0.0", "parents, None"),
        (ADDING, "parent.grad = (parent.grad or 0.0) + node.grad * slope"),
        ("self.grad += 1.0", "self.grad = (self.grad or 0.0) + 1.0"),
    ],
    "other names": [(".value", ".data"), (".grad", ".adjoint")],
    "a record walked once": [
        (
            "self.grad += 1.0",
            "self.grad += 1.0\n        assert not any(n.__dict__.get('done') for n in nodes)",
        ),
        (ADDING, ADDING + "\n                node.done = True"),
    ],
    "floats alone": [
        (
            "self.value, self.parents, self.grad = value,",
            "self.value, self.parents, self.grad = float(value),",
        )
    ],
    "exact types": [("self.number = next", "assert type(value) in (int, float)\n        self.number = next")],
    "numpy's numbers": [
        (
            "self.value, self.parents, self.grad = value,",
            "self.value, self.parents, self.grad = np.float64(value),",
        ),
        ("import math", "import math\nimport numpy as np"),
    ],
}


@pytest.mark.parametrize("name", VARIANTS)
def test_another_right_engine_passes(name):
    verdict = judge.check(variant(*VARIANTS[name]))
    assert verdict, verdict


def test_what_cannot_be_judged_yet():
    class Empty:
        pass

    assert judge.check(Empty).state == "not answered yet"
    assert "the class itself" in judge.check(engine.Value(1.0)).reason


@pytest.mark.parametrize("text", [*judge.PROGRAMS, *judge.MIXED])
def test_the_programs_are_ours_and_adlib_s(text):
    """Methods become functions: ``a.sin()`` is ``np.sin(a)``."""

    class Functions(ast.NodeTransformer):
        def visit_Call(self, node):
            self.generic_visit(node)
            return ast.Call(ast.Name(node.func.attr, ast.Load()), [node.func.value], [])

    names = sorted(set(re.findall(r"\b[a-d]\b", text)) - {part.strip()[0] for part in text.split(";")})
    at = [judge._AT[name] for name in names]
    known = {name: getattr(np, name) for name in ("exp", "log", "sin", "cos", "tanh", "sqrt")} | {
        "relu": nn.ReLU()
    }
    translated = ast.unparse(ast.fix_missing_locations(Functions().visit(ast.parse(text)))).replace("\n", ";")

    def f(*inputs):
        return judge._result(translated, known | dict(zip(names, inputs, strict=True)))

    ours = [engine.Value(number) for number in at]
    judge._result(text, dict(zip(names, ours, strict=True))).backward()
    gradient = adlib.grad(f, argnums=tuple(range(len(at))))(*at)
    np.testing.assert_allclose([leaf.grad for leaf in ours], gradient, rtol=1e-13)


def test_our_engine_on_the_function_of_the_series():
    x1, x2 = engine.Value(2.0), engine.Value(1.0)
    examples.f(x1, x2).backward()
    np.testing.assert_allclose(
        [x1.grad, x2.grad], [examples.df_dx1(2.0, 1.0), examples.df_dx2(2.0, 1.0)], rtol=1e-14
    )


def test_powers_of_our_engine():
    for base, power in ((1.7, 2.0), (-1.5, 3), (0.0, 1), (0.0, 0), (2.0, -1.5)):
        x = engine.Value(base)
        y = x**power
        y.backward()
        assert math.isclose(y.value, base**power)
        assert math.isclose(x.grad, adlib.grad(lambda x, n=power: x**n)(base))
    x, n = engine.Value(1.7), engine.Value(0.6)
    (x**n + 2.0**n).backward()
    np.testing.assert_allclose(
        (x.grad, n.grad), adlib.grad(lambda x, n: x**n + 2.0**n, (0, 1))(1.7, 0.6), rtol=1e-14
    )


def test_our_engine_trains_a_small_net():
    """XOR by a 2-4-1 network in plain Python."""
    rng = np.random.default_rng(3)
    w1 = [[engine.Value(w) for w in row] for row in rng.normal(size=(4, 3))]
    w2 = [engine.Value(w) for w in rng.normal(size=5)]
    parameters = [*w2, *(w for row in w1 for w in row)]

    def loss():
        total = 0.0
        for x, want in (((0, 0), -1), ((0, 1), 1), ((1, 0), 1), ((1, 1), -1)):
            hidden = [(w[0] * x[0] + w[1] * x[1] + w[2]).tanh() for w in w1]
            total += (sum((w * h for w, h in zip(w2, hidden, strict=False)), w2[-1]) - want) ** 2
        return total

    first = loss().value
    for _ in range(200):
        for p in parameters:
            p.grad = 0.0
        loss().backward()
        for p in parameters:
            p.value -= 0.1 * p.grad
    assert loss().value < 0.01 < first


def test_an_address_is_not_told():
    for adjoint in ("object()", "self"):
        verdict = judge.check(variant(("parents, 0.0", f"parents, {adjoint}"), *walking("pass")))
        assert "grad is not a number" in verdict.reason
        assert "0x" not in verdict.reason
