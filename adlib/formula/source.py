"""Programs rewritten: the new program carries tangents, or walks back with adjoints.

There are two ways to compute with dual numbers.  `adlib.engine.forward` leaves the program alone, changes the numbers
(operator overloading).  Here the numbers stay plain floats, and the *program* changes: after each operation comes
a line that computes its tangent.

    v1 = x2 ** 2                                v1 = x2 ** 2
    v2 = sin(v1)               becomes          v1_dot = 2 * x2 * x2_dot
                                                v2 = sin(v1)
                                                v2_dot = cos(v1) * v1_dot

The second halves are not written here.  They are the rows of the gates table, applied to symbols and written down
as Python, so both ways compute the same operations in the same order, and agree to the last bit.  Reverse mode, in
`adlib.formula.adjoint`, writes the program once forwards and once backwards.

What is read and written is Python's own syntax tree (the module `ast`).  Supported are assignments, arithmetic,
calls of NumPy functions in the gates table and of other plain Python functions, ``if``, ``for``, ``while``,
conditional expressions, tuples and ``return``.  Anything else is refused by name.

A. Griewank and A. Walther, *Evaluating Derivatives*, 2nd ed., SIAM 2008, sections 6.1 and 6.2 (overloading and
source transformation); M. Bücker and others (eds.), *Automatic Differentiation: Applications, Theory, and
Implementations*, Springer 2006.
"""

from __future__ import annotations

import builtins
import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.errors import explain
from adlib.formula.adjoint import Adjoint
from adlib.formula.expr import symbol
from adlib.formula.reading import UnsupportedSourceError
from adlib.formula.steps import Apply, Branch, Call, Copy, Loop, Operand, Program, Return, Step
from adlib.gates.gate import ARITHMETIC

__all__ = ["UnsupportedSourceError", "transform"]


def transform(f: Callable[..., Any], mode: str = "forward") -> Callable[..., Any]:
    """Rewrite a Python function so that it computes its derivative, too.

    Parameters
    ----------
    f : callable
        A function defined by ``def``, whose source can be read, of floats.  Its parameters without a default are
        differentiated by; those with one are constants.
    mode : {"forward", "reverse"}
        Carry tangents along, or adjoints back.

    Returns
    -------
    callable
        Its text is the attribute ``source``.  By mode it takes f's arguments, and

        - forward: as many tangents; it returns the value and its tangent (for a tuple, a tuple of each);
        - reverse: the adjoint of the value, by default 1.0 (for a tuple, a tuple of them, without a default); it
          returns the value and a tuple of adjoints, one for each argument that is differentiated by.

        f's constants come last, or by their names.

    Raises
    ------
    UnsupportedSourceError
        A `TypeError`, if the function has something that cannot be transformed: it names that, and the line.
    ValueError
        For another mode.

    Notes
    -----
    A variable that is assigned a differentiated value anywhere has a tangent everywhere, 0 while it holds a
    constant; and an adjoint, 0 in the branches that do not use it.  So where a local derivative is infinite and the
    factor is such a 0, the answer is nan.

    Examples
    --------
    >>> from adlib.lesson.examples import survey
    >>> df = transform(survey)
    >>> print(df.source)
    def survey_dual(x1, x2, x1_dot, x2_dot):
        v1 = log(x1)
        v1_dot = 1 / x1 * x1_dot
        v2 = x1 * x2
        v2_dot = x2 * x1_dot + x1 * x2_dot
        v3 = v1 + v2
        v3_dot = v1_dot + v2_dot
        v4 = sin(x2)
        v4_dot = cos(x2) * x2_dot
        v5 = v3 - v4
        v5_dot = v3_dot - v4_dot
        return v5, v5_dot
    >>> y, y_dot = df(2.0, 5.0, 1.0, 0.0)
    >>> round(y, 9), y_dot
    (11.652071455, 5.5)
    >>> y, (x1_bar, x2_bar) = transform(survey, mode="reverse")(2.0, 5.0)
    >>> x1_bar, round(x2_bar, 9)
    (5.5, 1.716337815)
    """
    if mode not in ("forward", "reverse"):
        raise ValueError(f"transform: mode is 'forward' or 'reverse', not {mode!r}")
    made: dict[Any, Program] = {}
    space: dict[str, Any] = {"__builtins__": builtins}
    with np.errstate(all="ignore"):  # a rule may take the logarithm of a constant, say
        whole = (_Tangents if mode == "forward" else Adjoint)(f, None, made, space)
    source = "\n\n\n".join(one.text for one in made.values())
    exec(compile(source, f"<{mode} mode of {whole.name}>", "exec"), space)
    numbers_only = mode == "reverse" or any(one.augments for one in made.values())
    program = _of_numbers(space[whole.new_names[0]], whole.name, mode, numbers_only)
    program.source = source  # type: ignore[attr-defined]
    return program


def _of_numbers(program: Callable[..., Any], name: str, mode: str, only: bool) -> Callable[..., Any]:
    """Run a new program, again in NumPy's arithmetic where Python's raises an error: there it has inf or nan.

    With `only`, arrays are refused: ``y += ...`` writes into an array, and the new program does not; and an adjoint
    would have to be summed over the axes along which a number was spread.
    """

    def numpys(x: Any) -> Any:
        return np.float64(x) if type(x) is float else tuple(map(numpys, x)) if type(x) is tuple else x

    def pythons(x: Any) -> Any:
        return float(x) if type(x) is np.float64 else tuple(map(pythons, x)) if type(x) is tuple else x

    @functools.wraps(program)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if only and any(isinstance(x, np.ndarray) for x in (*args, *kwargs.values())):
            problem = f"{name} has an augmented assignment, such as y += ..., which writes into an array"
            remedy = "Write y = y + ..., or give the rewritten program numbers."
            if mode == "reverse":
                problem = f"the adjoint program of {name} is one of numbers, and was given an array"
                remedy = "Give it numbers, or use adlib.grad, which knows arrays."
            raise TypeError(explain(problem, remedy))
        try:
            return program(*args, **kwargs)
        except ARITHMETIC:
            with np.errstate(all="ignore"):
                return pythons(program(*map(numpys, args), **{k: numpys(x) for k, x in kwargs.items()}))

    return checked


class _Tangents(Program):
    """A function in forward mode: after the line of each step comes the line of its tangent."""

    suffixes = ("_dot", "_tangent", "_dot_")
    endings = ("dual",)

    def write(self) -> str:
        dots = [n + self.suffix for n, m in zip(self.parameters, self.moving, strict=False) if m]
        head = f"def {self.new_names[0]}({', '.join([*self.plain, *dots, *self.defaults])}):"
        return "\n".join([head, *self._lines(self.steps)])

    def _lines(self, steps: list[Step]) -> list[str]:
        lines = [line for step in steps for line in self._of(step)]
        return ["    " + line for line in lines or ["pass"]]

    def _of(self, step: Step) -> list[str]:
        dot = self.suffix
        match step:
            case Apply():
                return [self.primal(step), *(" = ".join(line) for line in self.rules(step))]
            case Copy(targets=[name], sources=[source], brief=True):
                return [f"{name}, {name}{dot} = {source.text}, {source.text}{dot}"]
            case Copy(targets=targets, sources=sources):
                lines = [f"{', '.join(targets)} = {', '.join(o.text for o in sources)}"]
                both = [
                    (n + dot, self._dot(o))
                    for n, o in zip(targets, sources, strict=True)
                    if n in self.active or o.moves
                ]
                if both:
                    lines.append(f"{', '.join(n for n, _ in both)} = {', '.join(d for _, d in both)}")
                return lines
            case Call(targets=[name], unpacked=False):
                return [f"{name}, {name}{dot} = {self._called_with(step)}"]
            case Call(targets=targets):
                dots = ", ".join(n + dot for n in targets)
                return [f"({', '.join(targets)}), ({dots}) = {self._called_with(step)}"]
            case Return(call=Call() as call):
                return [f"return {self._called_with(call)}"]
            case Return(values=values, as_tuple=as_tuple):
                primals, dots = ", ".join(o.text for o in values), ", ".join(map(self._dot, values))
                if not as_tuple:
                    return [f"return {primals}, {dots}"]
                comma = "," * (len(values) == 1)
                return [f"return ({primals}{comma}), ({dots}{comma})"]
            case Branch(test=test, body=body, orelse=orelse):
                other = ["else:", *self._lines(orelse)] if orelse else []
                return [f"if {test}:", *self._lines(body), *other]
            case Loop(head=head, body=body):
                return [head, *self._lines(body)]
        return [step.text, *(f"{n}{dot} = 0.0" for n in step.targets if n in self.active)]

    def rules(self, step: Apply) -> list[tuple[str, str]]:
        """Say what the tangent of a gate's result is: the row of the table, applied to names."""
        dots = [symbol(o.text + self.suffix) if o.moves else None for o in step.operands]
        tangent = step.gate.jvp(dots, [o.symbol for o in step.operands], symbol(step.result), {})
        return [(step.result + self.suffix, self.written(tangent))]

    def _dot(self, o: Operand) -> str:
        return o.text + self.suffix if o.moves else "0.0"

    def _called_with(self, call: Call) -> str:
        """Write a call of the dual of another function."""
        first, named = call.program.passed(call.arguments)
        dots = [o.text + self.suffix for o in call.arguments if o.moves]
        return f"{call.program.new_names[0]}({', '.join([*first, *dots, *named])})"
