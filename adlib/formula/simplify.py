r"""Simplifying expressions: a list of rules, and what each may do to the domain.

What a computer algebra system does in a hundred thousand lines is done here in two hundred, so a reader can see
*how* it is done, and what it cannot do.  There are two ideas.

*Sums of products.*  Every part that is built from ``+ - * /`` and whole powers is written as a sum of terms,
each a number times powers of *atoms*: symbols, and functions such as sin(x), which are opaque.  Like terms then
find each other by themselves.  The sum is put back in factored form or multiplied out, whichever is shorter.

*Identities of functions.*  A few atoms that meet in one term or one sum are rewritten: exp and log undo each
other, sin² + cos² is 1.

In real arithmetic no rule changes a value where the expression has one.  Some *enlarge the domain*: x/x has no
value at 0, and 1 has.  `RULES` says which.  In floating point the order of operations may change, so the last
digits may.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeAlias

import numpy as np

from adlib import gates
from adlib.formula.writing import is_formula, nodes

__all__ = ["RULES", "Rule", "simplify"]


@dataclass(frozen=True)
class Rule:
    """One rule, by an example.

    Attributes
    ----------
    name : str
    before, after : str
        What it makes of an expression in x and y, as Python writes it.
    enlarges : str
        Where the result has a value and the expression had none; empty if nowhere.
    """

    name: str
    before: str
    after: str
    enlarges: str = ""


RULES: tuple[Rule, ...] = (
    Rule("numbers are put together", "2 * x * 3", "6 * x"),
    Rule("0 is the neutral element of sums", "x + 0", "x"),
    Rule("1 is the neutral element of products", "1 * x", "x"),
    Rule("0 annihilates", "0 * np.log(x)", "0", "where the other factor has no value"),
    Rule("minus minus is plus", "-(-x)", "x"),
    Rule("like terms are added", "3 * x + 2 * x", "5 * x"),
    Rule("what is subtracted from itself is gone", "np.log(x) - np.log(x)", "0", "where it has no value"),
    Rule("like factors become powers", "x * x**2", "x**3"),
    Rule("like factors cancel", "x * y / x", "y", "x = 0"),
    Rule("fractions of fractions", "x / (y / (x * y))", "x**2", "y = 0, and x = 0"),
    Rule("sums are multiplied out, if that is shorter", "4 * (1 - x) - 4 * x", "4 - 8 * x"),
    Rule("common factors are taken out, if that is shorter", "x * y + x * np.sin(y)", "x * (y + sin(y))"),
    Rule("log undoes exp", "np.log(np.exp(x))", "x"),
    Rule("exp undoes log", "np.exp(np.log(x))", "x", "x ≤ 0"),
    Rule("a root times itself", "np.sqrt(x) * np.sqrt(x)", "x", "x < 0"),
    Rule("the root of a square", "np.sqrt(x**2)", "absolute(x)"),
    Rule("sin² + cos² = 1", "np.sin(x)**2 + np.cos(x)**2", "1"),
    Rule("sin / cos = tan", "np.sin(x) / np.cos(x)", "tan(x)"),
)
"""All rules, each by an example; the tests hold `simplify` to every one of them."""

Monomial: TypeAlias = tuple[tuple[int, int], ...]
Sum: TypeAlias = dict[Monomial, Any]

MOST_TERMS = 60
"""A sum that would get more terms when multiplied out is left as it is."""


def simplify(e: Any) -> Any:
    """Rewrite an expression by the rules in `RULES`.

    Returns
    -------
    Expr or number
        Never larger as a tree than `e`; equal to it, in real arithmetic, where `e` has a value.

    Examples
    --------
    >>> from adlib import symbols
    >>> x = symbols("x")
    >>> e = 4 * (1 - x) - 4 * x
    >>> print(simplify(e))
    4 - 8 * x
    """
    if not is_formula(e):
        return e
    found = _Simplifier(type(e)).run(e)
    return found if not is_formula(found) or found.tree_size <= e.tree_size else e


class _Simplifier:
    """Rewrites all parts of one expression, from the symbols up; equal parts become one object."""

    def __init__(self, expression: Any) -> None:
        self.expression = expression  # the class, which is built on this file
        self.atoms: list[Any] = []
        self.numbers: dict[Any, int] = {}
        self.made: dict[Any, Any] = {}

    def run(self, e: Any) -> Any:
        """Simplify each part once."""
        done: dict[int, Any] = {}
        sums: dict[int, Sum | None] = {}
        for node in nodes(e):
            args = [done[id(a)] if is_formula(a) else a for a in node.args]
            parts = [sums[id(a)] if is_formula(a) else self.constant(a) for a in node.args]
            plain = self.build(node, args)
            total = self.as_sum(plain, node.gate, parts)
            done[id(node)] = self.shortest(plain, total)
            sums[id(node)] = total if total is not None else self.as_atom(done[id(node)])
        return done[id(e)]

    def shortest(self, plain: Any, total: Sum | None) -> Any:
        """Choose between the expression as it was and its sum of products, both ways of writing it."""
        if total is None:
            return plain
        forms = [self.written(total), *([plain] if is_formula(plain) else [])]
        return min(forms, key=lambda form: form.tree_size if is_formula(form) else 1)

    # --- Atoms ----------------------------------------------------------------------------------------

    def build(self, node: Any, args: list[Any]) -> Any:
        """Put simplified operands together, by an identity of the function if there is one."""
        if node.gate is None:
            return node
        if len(args) == 1 and is_formula(args[0]):
            inner = args[0]
            if (node.gate, inner.gate) in ((gates.log, gates.exp), (gates.exp, gates.log)):
                return inner.args[0]
            if node.gate is gates.sqrt and inner.gate is gates.power and _is(inner.args[1], 2):
                return self.make(gates.absolute, (inner.args[0],))
        return self.make(node.gate, tuple(args))

    def make(self, gate: Any, args: tuple[Any, ...]) -> Any:
        """Make an expression, or take the equal one that exists; of numbers alone, if it is exact, a number."""
        if not any(is_formula(a) for a in args):
            with np.errstate(all="ignore"):
                value = float(gate(*map(float, args)))
            # sin 0, exp 0, log 1 ... are whole numbers; tanh 50 only looks like one
            if value.is_integer() and (gate in _RING or set(args) <= {0, 1}):
                return int(value)
        key = (gate, *((id(a), "part") if is_formula(a) else float(a) for a in args))
        return self.made.setdefault(key, self.expression(gate, args))

    def as_atom(self, x: Any) -> Sum:
        """Take something as one opaque factor."""
        if not is_formula(x):
            return self.constant(x)
        key = id(x)
        if key not in self.numbers:
            self.numbers[key] = len(self.atoms)
            self.atoms.append(x)
        return {((self.numbers[key], 1),): Fraction(1)}

    @staticmethod
    def constant(x: Any) -> Sum:
        """Take a number as a sum of at most one term."""
        exact = Fraction(float(x)) if math.isfinite(x) and float(x).is_integer() else float(x)
        return {(): exact} if exact != 0 else {}

    # --- Sums of products ---------------------------------------------------------------------------

    def as_sum(self, plain: Any, gate: Any, parts: list[Sum | None]) -> Sum | None:
        """Write a part as a sum of products of atoms, or return None if it would get too long."""
        if gate not in _RING or any(p is None for p in parts):
            return self.as_atom(plain)
        a = parts[0]
        b = parts[1] if len(parts) > 1 else None
        assert a is not None
        total: Sum | None
        if gate in (gates.add, gates.subtract):
            assert b is not None
            total = _added(a, b, 1 if gate is gates.add else -1)
        elif gate in (gates.negative, gates.positive):
            total = {m: -c if gate is gates.negative else c for m, c in a.items()}
        elif gate is gates.multiply:
            assert b is not None
            total = self.product(a, b)
        elif gate in (gates.divide, gates.reciprocal):
            top, bottom = (a, b) if gate is gates.divide else (self.constant(1), a)
            assert bottom is not None
            total = self.quotient(top, bottom)
        else:  # square, or a power
            total = self.power(a, self.constant(2) if gate is gates.square else b)
        return None if total is None or len(total) > MOST_TERMS else self.pythagoras(total)

    def product(self, a: Sum, b: Sum) -> Sum | None:
        """Multiply out."""
        if len(a) * len(b) > 4 * MOST_TERMS:
            return None
        total: Sum = {}
        for m, c in a.items():
            for n, d in b.items():
                if not _held(c * d):
                    return None
                key = self.term(m, n)
                total[key] = total.get(key, 0) + c * d
        return {m: c for m, c in total.items() if c != 0}

    def quotient(self, a: Sum, b: Sum) -> Sum | None:
        """Divide by one term; a longer denominator is an atom of its own."""
        if len(b) != 1:
            written = self.written(b)
            if not is_formula(written):
                return None
            b = self.as_atom(written) if written.gate in (gates.add, gates.subtract) else self.factored(b)
        if len(b) != 1:
            return None
        ((monomial, c),) = b.items()
        return self.product(a, {tuple((k, -n) for k, n in monomial): 1 / c})

    def factored(self, b: Sum) -> Sum:
        """Write a sum as one term: its common factor times the rest, as an atom."""
        content, common, rest = self.split(b)
        key = self.term(common, next(iter(self.as_atom(self.sum_of(rest)))))
        return {key: content}

    def power(self, a: Sum, b: Sum | None) -> Sum | None:
        """Raise to a whole power; any other power is opaque."""
        exponent = b.get((), 0) if b is not None and set(b) <= {()} else None
        if exponent is None or exponent != int(exponent) or abs(exponent) > 64:
            return None
        n = int(exponent)
        if len(a) == 1:
            ((m, c),) = a.items()
            if n == 0:
                return self.constant(1)
            try:
                return self.product(self.constant(1), {tuple((k, e * n) for k, e in m): c**n})
            except OverflowError:
                return None
        if n < 0 or n > 8:
            return None
        total: Sum | None = self.constant(1)
        for _ in range(n):
            total = None if total is None else self.product(total, a)
        return total

    def term(self, m: Monomial, n: Monomial) -> Monomial:
        """Multiply two products of atoms."""
        powers = dict(m)
        for k, e in n:
            powers[k] = powers.get(k, 0) + e
        for k, e in list(powers.items()):
            atom = self.atoms[k]
            if atom.gate is gates.sqrt and abs(e) > 1 and is_formula(atom.args[0]):  # √u √u = u
                whole = int(e / 2)
                powers[k] = e - 2 * whole
                (((j, _),),) = self.as_atom(atom.args[0])
                powers[j] = powers.get(j, 0) + whole
            if atom.gate is gates.cos or atom.gate is gates.sin:
                self.tangents(powers, atom)
        return tuple(sorted((k, e) for k, e in powers.items() if e != 0))

    def tangents(self, powers: dict[int, int], atom: Any) -> None:
        """Write sin / cos of one argument as tan."""
        find = {(self.atoms[k].gate, id(self.atoms[k].args[0])): k for k in powers if self.atoms[k].args}
        sine, cosine = (find.get((g, id(atom.args[0]))) for g in (gates.sin, gates.cos))
        if sine is None or cosine is None or powers[sine] <= 0 or powers[cosine] >= 0:
            return  # not cos / sin: at π/2 that is 0, and tan has no value
        n = min(powers[sine], -powers[cosine])
        powers[sine] -= n
        powers[cosine] += n
        ((k, _),) = next(iter(self.as_atom(self.make(gates.tan, atom.args))))
        powers[k] = powers.get(k, 0) + n

    def pythagoras(self, total: Sum) -> Sum:
        """Put c sin² + c cos² together to c."""
        for m in list(total):
            for k, e in m:
                if m in total and e == 2 and self.atoms[k].gate is gates.sin:
                    argument = id(self.atoms[k].args[0])
                    rest = tuple(f for f in m if f[0] != k)
                    for j, atom in enumerate(self.atoms):
                        if atom.gate is gates.cos and id(atom.args[0]) == argument:
                            partner = tuple(sorted((*rest, (j, 2))))
                            if total.get(partner) == total[m]:
                                c = total.pop(m)
                                total.pop(partner)
                                total[rest] = total.get(rest, 0) + c
                                break
        return {m: c for m, c in total.items() if c != 0}

    # --- Back to expressions ---------------------------------------------------------------------------

    def written(self, total: Sum) -> Any:
        """Write a sum of products: the common factor times the rest, or multiplied out if that is shorter."""
        if not total:
            return 0
        if len(total) == 1:
            ((m, c),) = total.items()
            return self.fraction(c, m, None)
        content, common, rest = self.split(total)
        forms = [self.fraction(content, common, self.sum_of(rest)), self.sum_of(total)]
        return min(forms, key=lambda form: form.tree_size if is_formula(form) else 1)

    def split(self, total: Sum) -> tuple[Any, Monomial, Sum]:
        """Take out what all terms have in common."""
        shared = dict(next(iter(total)))
        for m in total:
            powers = dict(m)
            keys = set(shared) | set(powers)
            shared = {k: min(shared.get(k, 0), powers.get(k, 0)) for k in keys}
        common = tuple(sorted((k, e) for k, e in shared.items() if e != 0))
        inverse = tuple((k, -e) for k, e in common)
        coefficients = list(total.values())
        content: Any = Fraction(1)
        if all(isinstance(c, Fraction) for c in coefficients):
            top = math.gcd(*(c.numerator for c in coefficients))
            content = Fraction(top, math.lcm(*(c.denominator for c in coefficients)))
        rest = {self.term(m, inverse): c / content for m, c in total.items()}
        if all(c < 0 for c in rest.values()):
            content, rest = -content, {m: -c for m, c in rest.items()}
        return content, common, rest

    @staticmethod
    def order(total: Sum) -> list[Monomial]:
        """Order the terms: the lower the degree, the earlier; but a positive term first if there is one."""
        terms = sorted(total, key=lambda m: (sum(abs(e) for _, e in m), m))
        positive = next((m for m in terms if total[m] > 0), terms[0])
        return [positive, *(m for m in terms if m != positive)]

    def sum_of(self, total: Sum) -> Any:
        """Write term by term."""
        out: Any = None
        for m in self.order(total):
            c = total[m]
            if out is None:
                out = self.fraction(c, m, None)
            elif c < 0:
                out = self.make(gates.subtract, (out, self.fraction(-c, m, None)))
            else:
                out = self.make(gates.add, (out, self.fraction(c, m, None)))
        return out

    def fraction(self, c: Any, monomial: Monomial, factor: Any) -> Any:
        """Write number × powers × factor, as one fraction."""
        negative, c = c < 0, abs(c)
        up, down = (c.numerator, c.denominator) if isinstance(c, Fraction) else (c, 1)
        top = self.times(up, [(k, e) for k, e in monomial if e > 0], factor)
        bottom = self.times(down, [(k, -e) for k, e in monomial if e < 0], None)
        out = top if _is(bottom, 1) else self.make(gates.divide, (top, bottom))
        if not negative:
            return out
        return self.make(gates.negative, (out,)) if is_formula(out) else -out

    def times(self, number: Any, powers: list[tuple[int, int]], factor: Any) -> Any:
        """Write number × powers × factor."""
        parts = [self.atoms[k] if e == 1 else self.make(gates.power, (self.atoms[k], e)) for k, e in powers]
        if factor is not None and not _is(factor, 1):
            parts.append(factor)
        if number != 1 or not parts:
            whole = float(number).is_integer() and abs(number) < 2**53
            parts.insert(0, int(number) if whole else float(number))
        out: Any = parts[0]
        for part in parts[1:]:
            out = self.make(gates.multiply, (out, part))
        return out


_RING = {
    *(gates.add, gates.subtract, gates.multiply, gates.divide, gates.negative, gates.positive),
    *(gates.reciprocal, gates.square, gates.power),
}


def _is(x: Any, number: int) -> bool:
    return not is_formula(x) and bool(x == number)


def _held(c: Any) -> bool:
    """Tell whether a float can hold a coefficient, which is a product of two that are not 0."""
    try:
        return 0 < abs(float(c)) < math.inf
    except OverflowError:
        return False


def _added(a: Sum, b: Sum, sign: int) -> Sum:
    total = dict(a)
    for m, c in b.items():
        total[m] = total.get(m, 0) + sign * c
    return {m: c for m, c in total.items() if c != 0}
