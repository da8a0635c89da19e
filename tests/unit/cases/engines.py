"""Engines of the reader's kind with a mistake each, made by changing lines of ours."""

import inspect

from adlib.lesson import engine

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
