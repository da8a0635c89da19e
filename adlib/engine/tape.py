r"""Reverse mode: record every gate, then walk the record backwards.

While the function runs, each gate it goes through adds one node to the *tape*.  The adjoint of a node is
v̄ = ∂y/∂v: how much the output y answers to a small change of v.  It starts at 0, except ȳ = 1.  Walking the
tape backwards, every node hands its adjoint on to its operands, multiplied by the local derivative; an
operand used twice receives twice, and adds.

What the walk back reads, it reads from the record alone: a constant array is copied into it, since a program may
write to its arrays again, in the next step or while another thread looks on.

The tape is in the order of evaluation, so an operand always stands before the nodes that use it.  Backwards,
each node has received everything before it hands anything on.  No search is needed, and no recursion.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from adlib.engine.boxes import Box
from adlib.engine.calls import FIXED, kept, own, real_leaves, snapshot
from adlib.engine.levels import Level, ended
from adlib.engine.refusals import in_place
from adlib.errors import explain
from adlib.gates import Gate, stop_gradient
from adlib.gates.gate import ARITHMETIC
from adlib.gates.shaping import zeros_like
from adlib.gates.transposes import Scattered, dense


class Variable(Box):
    """A value that remembers which gate made it, and from what.

    Called by a user it makes a *leaf*: an input, whose ``grad`` is filled by ``backward()`` of a result.

    Parameters
    ----------
    value : float or array
        Of floating type.  An array is copied.

    Attributes
    ----------
    value : float or array
        The plain number, or the array, to look at: NumPy refuses to write to it.  A leaf takes another by
        assignment, ``w.value = w.value - 0.1 * w.grad``.
    gate : Gate or None
        What made this value; ``None`` for a leaf.
    values, params : tuple, dict
        The numbers that the gate was applied to, and its fixed parameters.
    parents : tuple
        The Variables that these numbers came from; ``None`` for a constant.
    grad : float, array or None
        A leaf's accumulated adjoint.

    Raises
    ------
    TypeError
        If the value is not real and floating.

    Examples
    --------
    >>> x1, x2 = Variable(2.0), Variable(1.0)
    >>> y = x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))
    >>> y.backward()
    >>> round(x1.grad, 9), round(x2.grad, 9)
    (1.467827504, -1.380165568)
    """

    __slots__ = ("gate", "grad", "number", "params", "parents", "values")
    gate: Gate | None
    values: tuple[Any, ...]
    parents: tuple[Variable | None, ...]
    params: dict[str, Any]
    number: int
    grad: Any

    def __init__(self, value: Any) -> None:
        real_leaves("Variable", [value])
        if isinstance(value, Box):
            Box.backward(value)  # raises: a record inside a record is what `grad` is for
        self._value, self.level, self.gate, self.grad = own(value), DEFINE_BY_RUN, None, None
        self.values = self.parents = ()
        self.number = next(_order)

    def __copy__(self) -> Any:
        return _restored(self._value, self.grad) if self._is_the_users() else super().__copy__()

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        """Make a leaf of its own of a leaf, as a copied network wants; a computed value stays tracked."""
        if self._is_the_users():
            return _restored(copy.deepcopy(self._value), copy.deepcopy(self.grad))
        return super().__deepcopy__(memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        if self._is_the_users():
            return _restored, (self._value, self.grad)
        return super().__reduce_ex__(protocol)  # complains

    def __hash__(self) -> int:
        return object.__hash__(self) if self._is_the_users() else super().__hash__()

    @property
    def value(self) -> Any:
        """The plain number, or the array, which cannot be written to: the record may need it."""
        if self.level is not DEFINE_BY_RUN:
            return super().value  # complains
        value = self._value
        if isinstance(value, np.ndarray):
            value = value.view()
            value.flags.writeable = False
        return value

    @value.setter
    def value(self, new: Any) -> None:
        if not self._is_the_users():
            raise in_place("x.value = ...", "Only a leaf, a Variable that you made, takes another value.")
        real_leaves("Variable", [new])
        if isinstance(new, Box) or np.shape(new) != self.shape:
            problem = f"w.value = ...: w has shape {self.shape}, and this is {type(new).__name__} of shape"
            raise TypeError(
                explain(f"{problem} {np.shape(new)}", "Give a plain number or array of that shape.")
            )
        self._value = own(new)
        self.changed()

    def detach(self) -> Any:
        """Return a new leaf of the same value, without a past; PyTorch's word.

        Returns
        -------
        Variable
            It shares no memory with this one.  Inside `adlib.grad` and the like it is ``adlib.stop_gradient(x)``.

        Examples
        --------
        >>> w = Variable(3.0)
        >>> (w * w.detach()).backward()
        >>> w.grad
        3.0
        """
        return Variable(self._value) if self.level is DEFINE_BY_RUN else super().detach()

    def changed(self) -> None:
        """Take note that the value was written to, so that what was computed from it before is out of date."""
        self.number = next(_order)

    def _is_the_users(self) -> bool:
        return self.level is DEFINE_BY_RUN and self.gate is None

    @property
    def args(self) -> tuple[Any, ...]:
        """The gate's operands: the parents, and the constants between them."""
        return tuple(v if p is None else p for v, p in zip(self.values, self.parents, strict=True))

    def item(self, *args: Any) -> float:
        """Return the value of a record's end as a plain number, to print or keep: PyTorch's ``loss.item()``.

        Parameters
        ----------
        *args : int
            Which entry, if there are several, as for ``ndarray.item``.

        Raises
        ------
        LostDerivativeError
            Inside `adlib.grad` and the like, where the number would silently count as a constant.
        ValueError
            If there is more than one entry.
        """
        if self.level is not DEFINE_BY_RUN:
            super().item()  # complains
        if not args and self.size != 1:
            problem = f"x.item(): the value has shape {self.shape}, and only one number can be returned"
            raise ValueError(explain(problem, "x.value is the whole array."))
        return float(np.asarray(self._value).item(*args))

    def backward(self, gradient: Any = None, retain_graph: bool = False, create_graph: bool = False) -> None:
        """Add the derivatives of this value to the ``grad`` of every leaf it was made from.

        Parameters
        ----------
        gradient : float or array, optional
            The adjoint to start from, of this value's shape; 1 for a scalar.
        retain_graph : bool
            Keep the record, so that it can be walked again.  Otherwise it is released as it is walked.
        create_graph : bool
            PyTorch's, for second derivatives: refused.

        Raises
        ------
        TypeError
            If this value is not a scalar and no `gradient` is given, or with `create_graph`.
        RuntimeError
            If the record was released by an earlier call.

        Notes
        -----
        PyTorch's meaning: gradients of several calls add up until ``grad`` is set to ``None``, in *every* leaf
        that this value was made from.  They are plain numbers; for second derivatives use `adlib.grad`.
        """
        if self.level is not DEFINE_BY_RUN:
            super().backward()  # complains
        if create_graph:
            problem = "backward(create_graph=True): the gradients of backward() are plain numbers"
            raise TypeError(
                explain(problem, "For second derivatives write grad(grad(f)), or adlib.hessian(f).")
            )
        if gradient is None and self.shape != ():
            problem = f"backward(): the value has shape {self.shape}, and only a scalar has a gradient"
            remedy = "Sum it to a loss first, or pass the adjoint: y.backward(gradient)."
            raise TypeError(explain(problem, remedy))
        leaves, tape = recorded(self)
        adjoints: dict[int, Any] = dict.fromkeys([node.number for node in (*leaves, *tape)])
        adjoints[self.number] = zeros_like(self._value) + 1 if gradient is None else own(gradient)
        sweep(tape, adjoints)
        taken = set[int]()
        for leaf in leaves:
            adjoint = adjoints[leaf.number]
            if adjoint is not None:
                adjoint = final(adjoint, leaf._value, taken)
                leaf.grad = adjoint if leaf.grad is None else leaf.grad + adjoint
        if not retain_graph:
            for node in tape:
                node.gate, node.values, node.parents = _RELEASED, (), ()


def _restored(value: Any, grad: Any) -> Variable:
    """Make a leaf with its gradient, as copying and unpickling do."""
    leaf = Variable(value)
    leaf.grad = grad
    return leaf


_RELEASED = Gate(lambda: None, name="released")


class Tape(Level):
    """One recording of reverse mode.

    Attributes
    ----------
    nodes : list of Variable
        In the order of evaluation.  Leaves are not on it.
    everything : bool
        Whether constants are kept that the way back does not read, to be shown.
    """

    __slots__ = ("append", "everything", "nodes")

    def __init__(self) -> None:
        super().__init__()
        self.everything = False
        self.nodes: list[Variable] = []
        self.append: Callable[[Variable], None] = self.nodes.append

    def record(
        self, gate: Gate, values: tuple[Any, ...], parents: tuple[Any, ...], params: dict[str, Any]
    ) -> Variable:
        """Compute the gate's value, and record it."""
        node = _new(Variable)
        if params and not FIXED.issuperset(map(type, params.values())):
            params = snapshot(params)
        try:
            out = gate.value(*values, **params) if params else gate.value(*values)
        except ARITHMETIC:
            out = gate.ieee(*values, **params)
        node._value, node.level, node.gate = out, self, gate
        node.values, node.parents, node.params = values, parents, params
        self.append(node)
        if type(out) is not float and (gate.reads or self.everything):
            for k, parent in enumerate(parents):
                if parent is None and isinstance(values[k], np.ndarray):
                    node.values = values = (*values[:k], snapshot(values[k]), *values[k + 1 :])
        return node

    def leaf(self, value: Any) -> Variable:
        """Make an input, of a number, or of a copy of an array."""
        node = _new(Variable)
        node._value = kept(value) if isinstance(value, np.ndarray) else value
        node.level, node.gate, node.grad = self, None, None
        node.values = node.parents = ()
        return node

    def close(self) -> list[Variable]:
        """End the recording and hand it out; the level itself keeps nothing alive."""
        nodes, self.nodes, self.append = self.nodes, [], _late
        return nodes


def _late(node: Variable) -> None:
    ended(node.level)


_new = Variable.__new__


_order = itertools.count()


class DefineByRun(Tape):
    """The level of Variables that a user makes: no tape is kept, each value holds on to what it came from.

    Values that nobody needs any more then vanish by themselves.  The tape is recovered from the result when
    ``backward()`` asks for it.
    """

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__()
        self.number = 0  # every derivative call is newer
        self.append = self._stamp

    @staticmethod
    def _stamp(node: Variable) -> None:
        node.number, node.grad = next(_order), None

    def apply(self, gate: Gate, args: tuple[Any, ...], params: dict[str, Any]) -> Any:
        """Put values through a gate; what came before `stop_gradient` need not stay, and may change."""
        node = super().apply(gate, args, params)
        if gate is stop_gradient:
            node.parents = (None,)
        return node


DEFINE_BY_RUN = DefineByRun()


def recorded(y: Variable) -> tuple[list[Variable], list[Variable]]:
    """Recover the leaves and the tape behind `y`: the nodes it was made from, in the order of evaluation.

    Every node carries its number in that order, so collecting the nodes and sorting them is enough.

    Raises
    ------
    RuntimeError
        If a part of the record was released by an earlier ``backward()``, or a leaf was changed since.
    """
    found, todo = {y.number: y}, [y]
    while todo:
        node = todo.pop()
        if node.gate is _RELEASED:
            problem = "backward(): the record of this value was released by an earlier backward()"
            remedy = "Compute the value anew, or call backward(retain_graph=True) first."
            raise RuntimeError(explain(problem, remedy))
        for parent in node.parents:
            if parent is None:
                continue
            number = parent.number
            if number > node.number:
                problem = "backward(): a parameter was changed after this value was computed from it"
                remedy = "Compute the value anew after optimizer.step(); call backward() before it."
                raise RuntimeError(explain(problem, remedy))
            if number not in found:
                found[number] = parent
                todo.append(parent)
    leaves = [node for node in found.values() if node.gate is None]
    for leaf in leaves:
        del found[leaf.number]
    return leaves, [found[number] for number in sorted(found)]


def sweep(
    tape: Sequence[Variable],
    adjoints: Any,
    tell: Callable[[Variable, Any, int, Any], None] | None = None,
) -> None:
    """Walk a tape backwards, from the adjoints of its results to those of its leaves: the only walk back.

    Parameters
    ----------
    tape : sequence of Variable
        In the order of evaluation.
    adjoints : list or dict
        By ``node.number``; ``None`` is zero.  Starts with ȳ at the results; a node's adjoint is taken out when it is
        handed on, so what remains in the end are the adjoints of the leaves.
    tell : callable, optional
        Is told who hands what on to whom, ``tell(node, adjoint, k, contribution)``: the node, its adjoint, which
        is complete, and what its operand ``node.parents[k]`` has just received; ``None`` for zero.  (A generator
        of these would make every gradient of numbers a tenth slower.)
    """
    with np.errstate(all="ignore"):  # at the edge of a domain the derivative is inf or nan, as documented
        for node in reversed(tape):
            g = adjoints[node.number]
            if g is None:
                continue  # the result does not depend on this node
            adjoints[node.number] = None
            if type(g) is Scattered:
                g = g.dense()
            gate, values, out, params = node.gate, node.values, node._value, node.params
            together = None
            if gate.at_once:  # type: ignore[union-attr]
                together = gate.pullback(g, values, out, params)  # type: ignore[union-attr]
                assert len(together) == len(node.parents), "one adjoint for each operand"
            for k, parent in enumerate(node.parents):
                if parent is not None:
                    c = together[k] if together else gate.vjp(k, g, values, out, params)  # type: ignore[union-attr]
                    if tell is not None and type(c) is Scattered:
                        c = c.dense()  # added to something else it would take that up
                    if c is not None:
                        so_far = adjoints[parent.number]
                        adjoints[parent.number] = c if so_far is None else so_far + c
                    if tell is not None:
                        tell(node, g, k, c)


def final(g: Any, x: Any, taken: set[int]) -> Any:
    """Give the adjoint of an input `x` its final form: of the type of `x`, zero where nothing arrived.

    An array is the reader's own to write to, so none shares memory with another (`taken` has their owners).
    """
    g = dense(g, x)
    if isinstance(g, Box):
        return g
    if type(x) is float:
        return float(g)
    if isinstance(x, np.generic):
        return g[()]
    g = np.asarray(g)
    owner = g
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    if id(owner) in taken or not g.flags.writeable:
        return g.copy()
    taken.add(id(owner))
    return g
