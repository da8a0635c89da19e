"""Reverse mode by rewriting a function's source: the adjoint program, with its stack.

The new program runs twice over the old one: forwards for the values, then backwards, step by step, for the adjoints.

    v1 = x2 ** 2                                v1 = x2 ** 2
    v2 = sin(v1)               becomes          v2 = sin(v1)
                                                v1_bar = cos(v1) * v2_bar
                                                x2_bar = 2 * x2 * v1_bar

The way back reads values of the way forward.  One that a later line overwrites is put on a *stack* before, and taken
off when the way back has come to the same place; so is what decides the way: which branch was taken, how often a loop
ran.  The last that went on is the first that is needed, so one stack serves all.

The right-hand sides are the rows of the gates table, applied to symbols, and contributions are added in the order in
which the tape adds them (`adlib.engine.tape`).

L. Hascoët and V. Pascual, "The Tapenade automatic differentiation tool", ACM Transactions on Mathematical Software
39(3), 2013 (the stack, and which values go on it); B. van Merriënboer, D. Moldovan and A. Wiltschko, "Tangent", NeurIPS
2018 (the same for Python).
"""

from __future__ import annotations

import ast
import inspect
import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from adlib.formula.expr import symbol
from adlib.formula.reading import Reading
from adlib.formula.steps import Apply, Branch, Call, Copy, Loop, Plain, Program, Step


class Adjoint(Program):
    """A function in reverse mode.

    The whole is one program.  A function that it calls is two, since other steps come in between: one for the way
    forward, which leaves on the stack what the one for the way back takes off.
    """

    suffixes = ("_bar", "_adjoint", "_bar_")
    instead = "adlib.grad"

    def __init__(
        self,
        f: Callable[..., Any],
        moving: tuple[bool, ...] | None,
        made: dict[Any, Any],
        space: dict[str, Any],
    ) -> None:
        self.whole = moving is None
        self.endings = ("adjoint",) if self.whole else ("forward", "backward")
        self.back: dict[Step, list[str]] = {}  # the lines of each step's way back
        self.needs: dict[Step, set[str]] = {}  # the values that they read
        self.zeros: dict[tuple[Step, str], list[str]] = {}  # adjoints that must be there, where ways meet
        self.loops = itertools.count(1)
        super().__init__(f, moving, made, space)
        for name in ("range", "reversed"):
            if name in self.locals or self.space.get(name):
                self.refuse(self.tree, f"something of its own called {name}")

    def body(self) -> list[ast.stmt]:
        """Let every way through the function end in an assignment to its results."""
        self.bar = self.suffix  # the adjoint of v1 is v1_bar
        self.stack = self._free("stack")
        self.count = results_of(self.f, self, {})
        returns = [n.value for n in ast.walk(self.tree) if isinstance(n, ast.Return) and n.value]
        stem = "result" if any(n.startswith("y") for n in self.names) else "y"
        while any(n.startswith(stem) for n in self.names):
            stem += "_"
        own = returns[0].elts if self.count and isinstance(returns[0], ast.Tuple) else returns[:1]
        names = [v.id for v in own if isinstance(v, ast.Name)]
        if len(returns) == 1 and len(names) == len(own) == len(set(names)) and self._once(names):
            self.results = names  # they have names already, and keep their values
        elif self.count is None:
            self.results = [stem]
        else:
            self.results = [f"{stem}{k + 1}" for k in range(self.count)]
        if any(map(self.moves, returns)):
            self.active |= set(self.results)
        return self._settled(self.tree.body)

    def _free(self, name: str) -> str:
        while name in self.names:
            name += "_"
        return name

    def _once(self, names: Iterable[str]) -> bool:
        """Tell whether names are assigned in one place only, outside of loops: the way back leaves them alone."""
        stored = Counter(
            n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        )
        loops = [n for n in ast.walk(self.tree) if isinstance(n, ast.For | ast.While)]
        inside = {n.id for loop in loops for n in ast.walk(loop) if isinstance(n, ast.Name)}
        return all(
            stored[n] + (n in self.parameters) == 1 and not (stored[n] and n in inside) and n in self.active
            for n in names
        )

    def _settled(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Put what follows an ``if`` with a return into its branches, so that returns stand at the ends."""
        for k, node in enumerate(body):
            if isinstance(node, ast.Return | ast.Raise):
                return body[: k + 1]
            if isinstance(node, ast.If) and _returns(node):
                rest = body[k + 1 :]
                both = ast.If(node.test, self._settled(node.body + rest), self._settled(node.orelse + rest))
                return [*body[:k], ast.copy_location(both, node)]
            if isinstance(node, ast.For | ast.While) and (inside := _returns(node)):
                self.refuse(inside, "a return inside a loop")
        return body

    def _statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Break | ast.Continue):
            self.refuse(node)
        super()._statement(node)

    def _return(self, value: ast.expr | None, node: ast.AST) -> None:
        """Give the results their names; the lines that return them stand at the end."""
        if value is None:
            self.refuse(node, "a return without a value")
        if self.calls(value):
            call = self._call(value, self.results, unpacked=self.count is not None)  # type: ignore[arg-type]
            self._add(call)
            return
        values = value.elts if isinstance(value, ast.Tuple) else [value]
        if len(values) != len(self.results):
            self.refuse(node, "a return of several constants that are not written out")
        for name, v in zip(self.results, values, strict=True):
            if not (isinstance(v, ast.Name) and v.id == name):
                self._assign(ast.copy_location(ast.Name(name, ast.Store()), v), v)

    def _call(self, node: ast.Call, targets: list[str], unpacked: bool = False) -> Call:
        call = super()._call(node, targets, unpacked)
        count = results_of(self.found(node.func), self, {})
        if count != (len(targets) if unpacked else None):
            self.refuse(node, f"{len(targets)} name(s) for {count or 1} result(s)")
        return call

    # --- The way back, step by step -------------------------------------------------------------------

    def _backwards(self, steps: list[Step], live: set[str]) -> set[str]:
        """Find the lines of the way back.

        Parameters
        ----------
        steps : list
        live : set of str
            The names that have an adjoint after these steps.

        Returns
        -------
        set of str
            Those that have one before them.  A name gets its first contribution by ``=``, all others by ``+=``.
        """
        if _raises(steps):
            return set()  # nothing comes back from here
        for step in reversed(steps):
            self.back[step], self.needs[step] = [], set()
            match step:
                case Apply():
                    self._back_through(step, live)
                case Copy(targets=targets, sources=sources):
                    pairs = [(t, s) for t, s in zip(targets, sources, strict=True) if t in live]
                    live = live - set(targets)
                    sums: dict[str, list[str]] = {}
                    for t, s in pairs:
                        if s.moves:
                            sums.setdefault(s.text, []).append(t + self.bar)
                    if len(pairs) == len(sums) == 1:
                        ((name, (contribution,)),) = sums.items()
                        self._receive(step, name, contribution, live)
                    elif sums:
                        left = [n + self.bar for n in sums]
                        right = [" + ".join([n + self.bar] * (n in live) + sums[n]) for n in sums]
                        self.back[step] = [f"{', '.join(left)} = {', '.join(right)}"]
                    live |= set(sums)
                case Plain(targets=targets):
                    live = live - set(targets)
                case Call():
                    live = self._back_call(step, live)
                case Branch(body=body, orelse=orelse):
                    ways = [self._backwards(b, set(live)) for b in (body, orelse)]
                    for key, steps_there, way in zip(("body", "orelse"), (body, orelse), ways, strict=True):
                        missing = set() if _raises(steps_there) else (ways[0] | ways[1]) - way
                        self.zeros[step, key] = _sorted(missing)
                    live = ways[0] | ways[1]
                case Loop(body=body):
                    after = set(live)
                    while not (before := self._backwards(body, set(live))) <= live:
                        live |= before
                    self.zeros[step, "before"] = _sorted(live - after)
                    self.zeros[step, "round"] = _sorted(live - before)
        return live

    def _receive(self, step: Step, name: str, contribution: str, live: set[str]) -> None:
        sign = "+=" if name in live else "="
        if contribution != name + self.bar:  # which has it already
            self.back[step].append(f"{name}{self.bar} {sign} {contribution}")
        live.add(name)

    def rules(self, step: Apply) -> list[tuple[str, str]]:
        """Say to which operands a gate hands on its adjoint, and what: the row of the table, applied to names."""
        bar, symbols, found = symbol(step.result + self.bar), [o.symbol for o in step.operands], []
        for k, o in enumerate(step.operands):
            if o.moves:
                c = step.gate.vjp(k, bar, symbols, symbol(step.result), {})
                if c is not None:
                    found.append((o.text, self.written(c)))
        return found

    def _back_through(self, step: Apply, live: set[str]) -> None:
        if step.result not in live:
            return
        live.remove(step.result)
        handed = self.rules(step)
        handed.sort(key=lambda c: c[0] == step.result)  # v = v + w: its own one comes last
        for name, text in handed:
            self.needs[step] |= _names(text)
            self._receive(step, name, text, live)

    def _back_call(self, step: Call, live: set[str]) -> set[str]:
        if not live & set(step.targets):
            return live - set(step.targets)
        seeds = [n + self.bar if n in live else "0.0" for n in step.targets]
        live = live - set(step.targets)
        names = [o.text for o in step.arguments if o.moves]
        direct = len(set(names)) == len(names) and not live & set(names)
        taken = [n + self.bar if direct else f"{n}{self.bar}_{k}" for k, n in enumerate(names, 1)]
        _, backward = step.program.new_names
        self.back[step] = [f"{', '.join(taken)} = {backward}({', '.join([self.stack, *seeds])})"]
        for name, t in zip(names, taken, strict=True):
            if direct:
                live.add(name)
            else:
                self._receive(step, name, t, live)
        return live

    def _joined(self, steps: list[Step]) -> list[Step]:
        """Write ``v1 = x + y`` and ``x = v1`` as ``x = x + y``, where the way back does not need the old x."""
        joined: list[Step] = []
        for step in steps:
            match step:
                case Branch(test=test, body=body, orelse=orelse):
                    step = Branch(test, self._joined(body), self._joined(orelse))
                case Loop(head=head, node=node, body=body):
                    step = Loop(head, node, self._joined(body))
                case Copy(targets=[name], brief=True):
                    before = joined[-1]
                    assert isinstance(before, Apply)
                    one = Apply(name, before.gate, before.operands)
                    handed = self.rules(one)
                    read = {n for _, text in handed for n in _names(text)}
                    if [n for n, _ in handed].count(name) == 1 and name not in read:
                        joined.pop()
                        step = one
            joined.append(step)
        return joined

    # --- Writing ----------------------------------------------------------------------------------------

    def write(self) -> str:
        """Write the adjoint program, or the two halves of it."""
        if not _ends(self.body()):
            self.refuse(self.tree, "a way through it that ends without a return")
        self.steps = self._joined(self.steps)
        live = self._backwards(self.steps, {n for n in self.results if n in self.active})
        self.locals = _assigned(self.steps) | set(self.parameters)
        forward, back = self._both(self.steps, set() if self.whole else self.locals)
        moving = [n for n, m in zip(self.parameters, self.moving, strict=False) if m]
        adjoints = [n + self.bar if n in live else "0.0" for n in moving]
        value = ", ".join(self.results) + "," * (self.count == 1)
        seeds = [n + self.bar for n in self.results]
        if not self.whole:
            one, two = self.new_names
            return "\n".join(
                [
                    f"def {one}({', '.join([self.stack, *self.plain, *self.defaults])}):",
                    *_indented([*forward, f"return {value}"]),
                    "\n",
                    f"def {two}({', '.join([self.stack, *seeds])}):",
                    *_indented([*back, f"return {', '.join(adjoints)}"]),
                ]
            )
        seed, first = f"{seeds[0]}=1.0", []
        if self.count is not None:
            value = _tuple(self.results)
            seed = "y" + self.bar if "y" not in self.names else "result" + self.bar
            first = [f"{', '.join(seeds)}{',' * (self.count == 1)} = {seed}"]
        start = [f"{self.stack} = []"] if any(self.stack in line for line in forward) else []
        return "\n".join(
            [
                f"def {self.new_names[0]}({', '.join([*self.plain, seed, *self.defaults])}):",
                *_indented([*start, "# the way forward: values", *forward]),
                *_indented(["# the way back: adjoints", *first, *back]),
                f"    return {value}, {_tuple(adjoints)}",
            ]
        )

    def _both(
        self, steps: list[Step], later: set[str], who: str = "later lines"
    ) -> tuple[list[str], list[str]]:
        """Write steps forwards, and backwards.

        Where a value is needed on the way back, and will be overwritten until then, it goes on the stack: before the
        line that overwrites it, or where the steps in a row end.

        Parameters
        ----------
        steps : list
        later : set of str
            The names that may be assigned between these steps and their way back.
        who : str
            What assigns them.
        """
        forward: list[str] = []
        pieces: list[list[str]] = []  # of the way back, in the order of the way forward
        pending: set[str] = set()

        def put_aside(names: set[str], why: str) -> None:
            kept = _sorted(names)
            if kept:
                what, it = (kept[0], "it") if len(kept) == 1 else (_tuple(kept), "them")
                forward.append(f"{self.stack}.append({what})  # the way back needs {it}; {why.format(it)}")
                pieces.append([f"{', '.join(kept)} = {self.stack}.pop()"])

        why = (
            f"{who} overwrite{'s' * who.startswith('the ')} {{}}" if self.whole else "it is another function"
        )
        for k, step in enumerate(steps):
            if isinstance(step, Branch | Loop):
                after = later | _assigned(steps[k + 1 :])
                put_aside(pending & (after | _assigned([step])), why)
                pending = set()
                if isinstance(step, Branch):
                    there, back = self._branch(step, after, who)
                else:
                    there, back = self._loop(step, after)
                forward += there
                pieces.append(back)
                continue
            overwritten = pending & _assigned([step])
            put_aside(overwritten, "the next line overwrites {}")
            pending -= overwritten
            forward += self._forward(step)
            pieces.append(self.back.get(step, []))
            pending |= self.needs.get(step, set()) & self.locals
        if not _raises(steps):
            put_aside(pending & later, why)
        return forward, [line for piece in reversed(pieces) for line in piece]

    def _forward(self, step: Step) -> list[str]:
        match step:
            case Apply():
                return [self.primal(step)]
            case Copy(targets=targets, sources=sources):
                return [f"{', '.join(targets)} = {', '.join(o.text for o in sources)}"]
            case Call(targets=targets, program=program, arguments=arguments):
                first, named = program.passed(arguments)
                stack = self.stack if self.back.get(step) else "[]"  # nobody comes back for what is on it
                left = ", ".join(targets) + "," * (step.unpacked and len(targets) == 1)
                return [f"{left} = {program.new_names[0]}({', '.join([stack, *first, *named])})"]
        return [step.text]  # type: ignore[union-attr]

    def _branch(self, step: Branch, later: set[str], who: str) -> tuple[list[str], list[str]]:
        halves = []
        for key, steps in (("body", step.body), ("orelse", step.orelse)):
            forward, back = self._both(steps, later, who)
            zeros = self.zeros.get((step, key), [])
            halves.append((steps, forward, back + [f"{n}{self.bar} = 0.0" for n in zeros]))
        (_, then, then_back), (_, other, other_back) = halves
        if then_back or other_back:
            for (steps, forward, _), taken in zip(halves, (True, False), strict=True):
                if not _raises(steps):
                    forward.append(f"{self.stack}.append({taken})  # the branch that was taken")
        lines = [f"if {step.test}:", *_indented(then or ["pass"])]
        lines += ["else:", *_indented(other)] if other else []
        if not then_back:
            return lines, [f"if not {self.stack}.pop():", *_indented(other_back)] if other_back else []
        back = [f"if {self.stack}.pop():", *_indented(then_back)]
        return lines, back + (["else:", *_indented(other_back)] if other_back else [])

    def _loop(self, step: Loop, later: set[str]) -> tuple[list[str], list[str]]:
        later = later | _assigned([step])
        again = self._again(step, later)
        counter = {ast.unparse(step.node.target)} if again else set()  # type: ignore[union-attr]
        forward, back = self._both(step.body, later - counter, "the next round")
        back += [f"{n}{self.bar} = 0.0" for n in self.zeros.get((step, "round"), [])]
        start = [f"{n}{self.bar} = 0.0" for n in self.zeros.get((step, "before"), [])]
        if not back:
            return [step.head, *_indented(forward or ["pass"])], start
        if again:
            return [step.head, *_indented(forward)], [*start, again, *_indented(back)]
        k = next(self.loops)
        count = self._free(f"rounds{k}")
        there = [f"{count} = 0", step.head, *_indented([*forward, f"{count} += 1"])]
        there.append(f"{self.stack}.append({count})  # how many rounds there were")
        return there, [*start, f"for {self._free('_')} in range({self.stack}.pop()):", *_indented(back)]

    def _again(self, step: Loop, later: set[str]) -> str:
        """Write the first line of a loop over the same range backwards, where its ends are still known then."""
        match step.node:
            case ast.For(target=ast.Name(id=name), iter=ast.Call(func=function, args=ends, keywords=[])):
                parts = [n for end in ends for n in ast.walk(end)]
                read = {n.id for n in parts if isinstance(n, ast.Name)} & self.locals
                if (
                    self.found(function) is range
                    and all(isinstance(n, _SIMPLE) for n in parts)
                    and not read & later
                    and name not in _assigned(step.body)
                ):
                    return f"for {name} in reversed({ast.unparse(step.node.iter)}):"
        return ""


_SIMPLE = (ast.Name, ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop, ast.Load)


def results_of(f: Callable[..., Any], reading: Reading, seen: dict[Any, Any]) -> int | None:
    """Count the results of a function: None for one that is no tuple."""
    seen[f] = "unknown"
    read = reading if reading.f is f else Reading(f, None)
    counts: set[Any] = set()
    for node in ast.walk(read.tree):
        if isinstance(node, ast.Return) and node.value is not None:
            value = node.value
            if isinstance(value, ast.Tuple):
                counts.add(len(value.elts))
            elif (
                isinstance(value, ast.Call)
                and inspect.isfunction(called := read.found(value.func))
                and read.gate(value) is None
            ):
                counts.add(seen[called] if called in seen else results_of(called, read, seen))
            else:
                counts.add(None)
    counts.discard("unknown")
    if len(counts) > 1:
        read.refuse(read.tree, "returns of different numbers of results")
    return counts.pop() if counts else None


def _returns(node: ast.AST) -> ast.Return | None:
    return next((n for n in ast.walk(node) if isinstance(n, ast.Return)), None)


def _ends(body: list[ast.stmt]) -> bool:
    """Tell whether statements always end in a return or an error."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, ast.If):
        return _ends(last.body) and _ends(last.orelse)
    return isinstance(last, ast.Return | ast.Raise)


def _raises(steps: list[Step]) -> bool:
    return bool(steps) and isinstance(steps[-1], Plain) and steps[-1].text.split()[0] == "raise"


def _assigned(steps: list[Step]) -> set[str]:
    """Collect the names that steps assign, also those inside of them."""
    names: set[str] = set()
    for step in steps:
        match step:
            case Apply(result=result):
                names.add(result)
            case Copy(targets=targets) | Plain(targets=targets) | Call(targets=targets):
                names.update(targets)
            case Branch(body=body, orelse=orelse):
                names |= _assigned(body) | _assigned(orelse)
            case Loop(node=node, body=body):
                names |= _assigned(body)
                if isinstance(node, ast.For):
                    names |= {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
    return names


def _names(text: str) -> set[str]:
    return {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}


def _sorted(names: Iterable[str]) -> list[str]:
    return sorted(names, key=lambda n: (len(n), n))


def _tuple(parts: Iterable[str]) -> str:
    parts = list(parts)
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


def _indented(lines: Iterable[str]) -> list[str]:
    return ["    " + line if line.strip() else line for line in lines]
