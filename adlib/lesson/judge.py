"""A judge of the reader's own engine: it names the first program whose derivative is wrong, and the likely reason.

A program runs twice, on the reader's class and on `adlib.lesson.engine.Value`.  If the derivatives differ, known
mistakes are made on purpose, in local derivatives and in the walk: the one that gives the reader's numbers is named.

>>> from adlib.lesson.engine import Value
>>> check(Value).state
'right'
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from adlib.lesson.engine import Value
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong

METHODS = {"Add": "__add__", "Mult": "__mul__", "Sub": "__sub__", "USub": "__neg__", "Div": "__truediv__"}
METHODS |= {name: name for name in ("exp", "log", "sin", "cos", "tanh", "sqrt", "relu")} | {"Pow": "__pow__"}
"""What an engine may have, by the name of its method.  It needs + and ×; programs with others are left out."""

_SIDE = (
    "the constant's side is forgotten: with the number on the left, Python hands it to the method as `other`"
)
_QUOTIENT = "the local derivative of / by the denominator is −u/v²"
_POWER = "the local derivative of uⁿ is n uⁿ⁻¹"

PROGRAMS: Mapping[str, Mapping[str, str]] = {
    "y = a": {
        "0": "backward starts from 0; the adjoint of y itself is 1, because ∂y/∂y = 1",
        "a": "backward starts from the value of y; the adjoint of y itself is 1, because ∂y/∂y = 1",
    },
    "y = a + b": {"b, a": "these are the local derivatives of a product; a sum's are 1 and 1"},
    "y = a * b": {
        "a, b": "each factor gets its own value; it should get that of the *other* factor",
        "1, 1": "these are the local derivatives of a sum; a factor's is the other factor",
    },
    "y = a - b": {
        "1, 1": "what stands on the right of a minus has the local derivative −1",
        "=b - a": "the operands are exchanged",
    },
    "y = -a": {"1": "the local derivative of −a is −1"},
    "y = a / b": {
        "1 / b, a / b**2": f"{_QUOTIENT}: the minus is missing",
        "1 / b, -a / b": f"{_QUOTIENT}: the square is missing",
        "1 / b, -1 / b**2": f"{_QUOTIENT}: the numerator is missing",
        "1 / b, 1 / a": f"{_QUOTIENT}, not that of the numerator turned over",
        "=b / a": "the operands are exchanged",
    },
    "y = a**3": {
        "3 * a**3": f"{_POWER}: the exponent is not lowered",
        "a**2": f"{_POWER}: the factor n is missing",
        "a**3 * log(a)": f"this is the derivative by the exponent; {_POWER}",
    },
    "y = a.exp()": {
        "a * exp(a - 1)": "this is the rule of a power; eᵘ is its own derivative",
        "a": "the local derivative of eᵘ is the result, not the operand",
    },
    "y = a.log()": {
        "1 / y": "the local derivative of log u is 1/u with the operand, not with the result",
        "a": "the local derivative of log u is 1/u: turn it over",
    },
    "y = a.sin()": {"-cos(a)": "the local derivative of sin is cos, without a minus"},
    "y = a.cos()": {"sin(a)": "the local derivative of cos is −sin: the minus is missing"},
    "y = a.tanh()": {
        "1 - y": "the local derivative of tanh is 1 − t²: the square is missing",
        "1 - a**2": "the local derivative of tanh is 1 − t² with its *result* t, not with the operand",
        "y * (1 - y)": "this is the slope of the sigmoid; that of tanh is 1 − t²",
    },
    "y = a.sqrt()": {
        "1 / y": "the local derivative of √u is 1/(2√u): the 2 is missing",
        "y / 2": "the local derivative of √u is 1/(2√u): the root stands below",
    },
    "y = a.relu()": {"a": "the local derivative of relu is 1 where u > 0, not u itself"},
    "y = d.relu()": {
        "=d": "relu of a negative number is 0",
        "1": "the local derivative of relu is 0 where u < 0",
    },
    # A constant on either side.
    **{f"y = {text}": {} for text in ("a + 2", "2 + a", "a * 2", "2 * a", "a - 2", "a / 2")},
    "y = 2 - a": {"=a - 2": _SIDE, "1": "2 − x falls as x grows: the slope is −1"},
    "y = 2 / a": {"=a / 2": _SIDE, "1 / 2": _SIDE, "2 / a**2": "2/x falls as x grows: the slope is −2/x²"},
    # A value that is used twice, and the order of the walk.
    "y = a + a": {},
    "y = a * a": {},
    "b = a + a; c = b + b": {},
    "b = a * a; c = b * b": {},
    "t = a * a; y = t * (t * t)": {},
    "t = a * a; u = t * t; y = t * (u * t)": {},
    "t = a * a; u = t * t; y = (u * t) * t": {},
    "t = a * b; u = t + a; v = u * t; w = v * u + b; y = w * t + v": {},
}
"""Programs in the order of what they need.  Each with known wrong derivatives by its inputs (with ``=``: wrong values),
as formulas in the inputs and the result, and what they come from."""

MIXED = (
    "y = (a - b) / (a + b)",
    "y = (1 + a.exp()).log()",
    "t = a**2; y = t * t.sin().exp()",
    "y = a * (a / (b**2).sin()).log().sqrt()",
    "y = ((a * b + c * d).tanh() * b + d - 1) ** 2",
    "y = (a * b).relu() - (c * d).relu() * 3 + (c * a).relu()",
)
"""A little of everything, last."""

_AT = {"a": 1.7, "b": 0.6, "c": 0.45, "d": -0.8}


def check(
    kind: type, backward: Callable[[Any], Any] | None = None, fresh: Callable[[], Any] | None = None
) -> Verdict:
    """Judge a reverse-mode engine for numbers.

    Parameters
    ----------
    kind : type
        The class: ``kind(2.0)`` is an input.  Its number is called `value` (or data, val), its adjoint `grad` (or bar,
        adjoint).
    backward : callable, optional
        ``backward(y)`` walks back from `y`.  Default: the method `backward`.
    fresh : callable, optional
        Called before each program: ``tape.clear``, where one list is the tape of all.

    Returns
    -------
    Verdict
        If wrong: the first program that fails, and the likely reason.  (A walk that never ends is not noticed.)

    Examples
    --------
    >>> class Exchanging(Value):
    ...     def __rsub__(self, other):
    ...         return self - other
    >>> check(Exchanging)
    wrong: y = 2 - a: its value at a = 1.7 is -0.3, should be 0.3; the constant's side is forgotten: ...
    """
    if not isinstance(kind, type):
        return wrong("give the class itself, as in check(Value), not a number made of it")
    missing = [gate for gate, method in METHODS.items() if not hasattr(kind, method)]
    if "Add" in missing or "Mult" in missing:
        return unanswered("your class needs + and * at least: __add__ and __mul__")
    done = 0
    try:
        engine = _Engine(kind, backward, fresh)
        for step in (*PROGRAMS, _beside, _equals, _augmented, _long, _paths, _again, *MIXED):
            if not isinstance(step, str):
                step(engine)  # type: ignore[operator]
            elif _gates(step) & set(missing):
                continue
            else:
                _derivatives(engine, step, PROGRAMS.get(step, {}))
            done += 1
    except _WrongError as fault:
        said = re.sub(r" at 0x[0-9a-f]+", "", str(fault))  # an address differs each time
        return wrong(f"{said}. ({done} passed before it.)" if done else said)
    names = ", ".join(METHODS[gate] for gate in missing)
    also = f"; programs with {names}, which your class does not have, were left out" if names else ""
    return right(f"all {done} programs have the derivatives that they should{also}")


class _WrongError(Exception):
    """What is wrong, in words."""


def _stops(what: str, error: Exception, hint: str = "") -> _WrongError:
    return _WrongError(f"{what} stops with {type(error).__name__}: {error}".rstrip(".: ") + hint)


class _Engine:
    """The reader's class, by the names that it uses."""

    def __init__(self, kind: type, backward: Any = None, fresh: Any = None) -> None:
        self.kind, self.fresh = kind, fresh or (lambda: None)
        self.backward: Any = backward or getattr(kind, "backward", None)
        if self.backward is None:
            raise _WrongError("your class has no method backward; a function goes in as check(Value, f)")
        try:
            one = kind(1.0)
        except Exception as error:
            raise _stops(f"{kind.__name__}(1.0)", error) from None
        self.names = []
        for names in (("value", "data", "val"), ("grad", "bar", "adjoint")):
            if not (found := [name for name in names if hasattr(one, name)]):
                raise _WrongError(f"{kind.__name__}(1.0) has no {names[0]}: please call it so")
            self.names.append(found[0])

    def inputs(self, *numbers: float) -> list[Any]:
        self.fresh()
        return [self.kind(number) for number in numbers]

    def read(self, nodes: Iterable[Any], which: int = 1) -> list[float]:
        """Read values (0) or adjoints (1), where None is an adjoint that nobody touched."""
        found = [getattr(node, self.names[which], None) for node in nodes]
        try:
            return [0.0 if x is None and which else float(x) for x in found]  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise _WrongError(f"after backward, {self.names[which]} is not a number: {found!r}") from None

    def run(self, text: str, scope: dict[str, Any]) -> Any:
        """Run a program, and walk back from its result."""
        try:
            y = _result(text, scope)
        except Exception as error:
            hint = ". The constant is a plain number: make a node of it first" if text.endswith(" 2") else ""
            if text.startswith("y = 2 "):
                method = METHODS[min(_gates(text))].replace("__", "__r", 1)
                hint = f". With a number on the left, Python asks a.{method}(2)"
            raise _stops(text, error, hint) from None
        if not hasattr(y, self.names[0]):
            raise _WrongError(f"{text} gives a {type(y).__name__}, not a {self.kind.__name__}")
        self.walk(y, text)
        return y

    def walk(self, y: Any, text: str) -> None:
        try:
            self.backward(y)
        except RecursionError:
            reason = "recursion, a call for each node, ends at Python's limit. Go over a list in a loop"
            raise _WrongError(f"{text}: RecursionError. Likely: {reason}") from None
        except _TooManyError:
            raise
        except Exception as error:
            raise _stops(f"{text}: backward", error) from None


def _gates(text: str) -> set[str]:
    nodes = list(ast.walk(ast.parse(text)))
    operations = {type(node.op).__name__ for node in nodes if isinstance(node, ast.BinOp | ast.UnaryOp)}
    return operations | {node.attr for node in nodes if isinstance(node, ast.Attribute)}


def _result(text: str, scope: dict[str, Any]) -> Any:
    exec(text, scope)
    return scope[text.rpartition(";")[2].strip()[0]]


def _near(found: Sequence[float], wanted: Sequence[float]) -> bool:
    pairs = zip(found, wanted, strict=True)
    return all(math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12) for a, b in pairs)


def _derivatives(engine: _Engine, text: str, slips: Mapping[str, str]) -> None:
    """Compare the reader's derivatives of a program with ours; where they differ, find the mistake that gives them."""
    made = {part.strip()[0] for part in text.split(";")}
    names = sorted(set(re.findall(r"\b[a-d]\b", text)) - made)
    point = ", ".join(f"{name} = {_AT[name]}" for name in names)
    ours = {name: Value(_AT[name]) for name in names}
    y = _result(text, dict(ours))
    theirs = dict(zip(names, engine.inputs(*(_AT[name] for name in names)), strict=True))
    value = engine.read([engine.run(text, dict(theirs))], 0)
    known = vars(math) | {name: _AT[name] for name in names} | {"y": y.value}
    if not _near(value, [y.value]):
        slip = [w for slip, w in slips.items() if slip[0] == "=" and _near(value, [eval(slip[1:], known)])]
        because = f"; {slip[0]}" if slip else ""
        raise _WrongError(f"{text}: its value at {point} is {value[0]:.6g}, should be {y.value:.6g}{because}")
    found, inputs = engine.read(theirs.values()), list(ours.values())
    wanted, reasons = _added(y, inputs), []
    if not _near(found, wanted):
        slopes = {slip: words for slip, words in slips.items() if slip[0] != "="}
        reasons = [w for slip, w in slopes.items() if _near(found, eval(f"[{slip}]", known))]
        reasons += [w for w, walks in _WALKS.items() if any(_near(found, walk(y, inputs)) for walk in walks)]
    _expect(text, names, found, wanted, reasons[0] if reasons else "", f" at {point}")


def _expect(text: str, names: Sequence[str], found: Any, wanted: Any, reason: str, at: str = "") -> None:
    for name, have, want in zip(names, found, wanted, strict=True):
        if not _near([have], [want]):
            because = f". Likely: {reason}" if reason else ""
            it = f"{text}: the derivative by {name}{at} is {want:.6g}"
            raise _WrongError(f"{it}, yours {have:.6g}{because}")


# -- Mistakes of the walk, made on purpose over our record.

Walk = Callable[[Value, Sequence[Value]], list[float]]


def _breadth(y: Value) -> list[Value]:
    nodes = [y]
    for node in nodes:  # it grows
        nodes += dict.fromkeys(parent for parent, _ in node.parents if parent not in nodes)
    return nodes


def _tape(y: Value) -> list[Value]:
    return sorted(_breadth(y), key=lambda node: -node.number)


def _over(order: Callable[[Value], Sequence[Value]], keep: float = 1.0, only: slice = slice(None)) -> Walk:
    """Hand on in an order, once each; `keep` what an adjoint had received before, and serve `only` some operands."""

    def walk(y: Value, inputs: Sequence[Value]) -> list[float]:
        bar = {y: 1.0}
        for node in order(y):
            for parent, slope in node.parents[only]:
                bar[parent] = keep * bar.get(parent, 0.0) + bar.get(node, 0.0) * slope
        return [bar.get(leaf, 0.0) for leaf in inputs]

    return walk


def _deep(at_once: bool = False, sets: bool = False, once: bool = False, last: bool = False) -> Walk:
    """Go on to each operand by recursion: `at_once`, or when all have received; `last` ones first; operands as `sets`;
    to each node `once`."""

    def walk(y: Value, inputs: Sequence[Value]) -> list[float]:
        bar, seen = {y: 1.0}, set()

        def visit(node: Value) -> None:
            if once and node in seen:
                return
            seen.add(node)
            for parent, slope in node.parents:
                bar[parent] = bar.get(parent, 0.0) + bar[node] * slope
                if at_once:
                    visit(parent)
            parents = [] if at_once else [parent for parent, _ in node.parents][:: -1 if last else 1]
            for parent in dict.fromkeys(parents) if sets else parents:
                visit(parent)

        visit(y)
        return [bar.get(leaf, 0.0) for leaf in inputs]

    return walk


_added = _over(_tape)
_ORDER = "A node may hand on when all its users have: the last made first"
_WALKS: Mapping[str, Sequence[Walk]] = {
    "the adjoint is assigned, not added: the last contribution replaces the first. Write +=": [
        _over(_tape, 0.0)
    ],
    "the walk runs from the inputs to y; it should begin at y: reversed(…)": [
        _over(lambda y: _tape(y)[::-1])
    ],
    "only the first operand of a gate receives something": [_over(_tape, only=slice(1))],
    "only the last operand of a gate receives something": [_over(_tape, only=slice(-1, None))],
    "a node that is used twice is visited twice, as in recursion without an order, and hands on again what it has "
    "handed on already. Visit it once": [_deep(at_once=True)]
    + [_deep(sets=sets, last=last) for sets in (False, True) for last in (False, True)],
    f"nodes are visited in breadth-first order, by edges from y. {_ORDER}": [_over(_breadth)],
    f"nodes are visited depth first, as they are met. {_ORDER}": [
        _deep(once=True),
        _deep(once=True, last=True),
        _deep(once=True, at_once=True),
    ],
    "nothing arrives, as if adjoints were read when the gates are made, when all are 0": [
        lambda y, inputs: [0.0] * len(inputs)
    ],
}


# -- What a single formula cannot show.


def _beside(engine: _Engine) -> None:
    text, (a,) = "t = a * a; y = t * t; z = y * t, and back from y", engine.inputs(1.5)
    t = a * a
    y = t * t
    z = y * t
    engine.walk(y, text)
    found = engine.read([a])
    reason = "the walk starts at the last number made; it should start at y"
    if z is not None and not _near(found, [6 * 1.5**5]):
        reason = "t waits for its user z, of which y is not made: count only users on the way from y"
    _expect(text, "a", found, [4 * 1.5**3], reason)


def _equals(engine: _Engine) -> None:
    text, (a, b, c) = "p = a * c; q = b * c; y = p + q", engine.inputs(1.5, 1.5, 2.0)
    engine.run(text, {"a": a, "b": b, "c": c})
    reason = "nodes of equal value are taken for one: tell them apart by identity, not by =="
    _expect(text, "abc", engine.read([a, b, c]), [2.0, 2.0, 3.0], reason, " where a = b")


def _augmented(engine: _Engine) -> None:
    text, (a,) = "y = a; y += a; y *= a; y += a", engine.inputs(1.5)
    engine.run(text, {"a": a})
    reason = "+= changes a itself, since y is the same object: leave it to __add__, which makes a new one"
    _expect(text, "a", engine.read([a]), [7.0], reason)


def _long(engine: _Engine) -> None:
    text, (a,) = "a sum of 5000 times a", engine.inputs(1.5)
    y = a
    for _ in range(4999):
        y = y + a
    engine.walk(y, text)
    _expect(text, "a", engine.read([a]), [5000.0], "the walk ends too early")


class _TooManyError(Exception):
    """A walk does more work than a node's share."""


class _Counted(float):
    """A number that counts its products."""

    count = 0

    def __mul__(self, other: float) -> _Counted:
        _Counted.count += 1
        if _Counted.count > 5000:
            raise _TooManyError
        return _Counted(float(self) * other)

    __rmul__ = __mul__


def _paths(engine: _Engine) -> None:
    _Counted.count = 0
    try:
        (y,) = engine.inputs(_Counted(1.0))
        for _ in range(16):
            y = y * y
        engine.walk(y, "")
    except _TooManyError:
        reason = "the walk follows every path, and their number doubles at each step: visit each node once"
        raise _WrongError(f"a squared 16 times: 5000 products for 17 nodes. Likely: {reason}") from None
    except Exception:
        return  # a class that takes plain floats alone


def _again(engine: _Engine) -> None:
    """Use an input, and then a value between, in a second program: adjoints of inputs may add up or be new."""
    text, (a,) = "z = a * a * a", engine.inputs(3.0)
    engine.run("y = a * a", {"a": a})
    engine.fresh()
    engine.run(text, {"a": a})
    found = engine.read([a])
    reason = "the first record is walked again: empty it (fresh=tape.clear), or set its adjoints to 0 before a walk"
    _expect(f"{text}, after y = a * a", "a", found, [27.0 if found[0] < 30 else 33.0], reason)
    engine.fresh()
    setattr(a, engine.names[1], 0.0)
    engine.run(text, {"a": a})
    _expect(
        f"{text}, with the adjoint of a set to 0", "a", engine.read([a]), [27.0], "it is kept elsewhere, too"
    )

    text, (a,) = "z = y * y, after backward from y = a * a", engine.inputs(3.0)
    y = engine.run("y = a * a", {"a": a})
    try:
        engine.run("z = y * y", {"y": y})
    except _WrongError:
        return  # refused, as by PyTorch: not silently wrong
    reason = "y has kept its adjoint of the first walk, and hands it on again: set those between inputs and output to 0"
    found = engine.read([a])
    _expect(text, "a", found, [108.0 if found[0] < 110 else 114.0], reason)
