"""What ``Expr``, ``Dual`` and ``Variable`` share: they pass for NumPy values.

A *box* stands where a number or an array would stand, and notices every gate it goes through.  It does so
in two ways.  Python's operators (``x * y``) call its methods (`adlib.engine.operators`).  NumPy's functions
(``np.sin(x)``) ask it first, by two protocols of NumPy's own, ``__array_ufunc__`` and ``__array_function__``.  So a
plain NumPy function needs no change to be differentiated.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn

import numpy as np

from adlib.engine.levels import NO_PARAMS, apply, notice, plain
from adlib.engine.operators import WAYS, Operators
from adlib.engine.refusals import (
    AS_ONE,
    JOIN,
    ON_PURPOSE,
    PYTORCH,
    in_place,
    leaves_the_reals,
    name_of,
    not_a_number,
    remedy_here,
    unknown,
)
from adlib.errors import LostDerivativeError, explain
from adlib.gates import GATES, functions, shaping
from adlib.gates.arguments import fitted, refuse, signature
from adlib.gates.composition import ASKED, COMPOSITIONS
from adlib.gates.products import ufunc_method


def _plain_deep(x: Any) -> Any:
    if isinstance(x, list | tuple):
        return type(x)(_plain_deep(v) for v in x)
    return plain(shaping.joined(x))


def _plainly(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    return function(*map(_plain_deep, args), **{k: _plain_deep(v) for k, v in kwargs.items()})


_asked_for_an_index: tuple[Any, int] = (None, 0)  # which instruction did last


def _quietly(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        return _plainly(function, args, kwargs)


def _by_rows(x: Any) -> bool:
    """Tell whether the entries lie row by row, in all arrays of a nest."""
    x = plain(x)
    if isinstance(x, list | tuple):
        return all(map(_by_rows, x))
    return not isinstance(x, np.ndarray) or x.flags.c_contiguous


def _as_numpys(out: Any, numpys: Any) -> Any:
    """Give results the type of NumPy's own, and lay them out as these lie: ``order="A"`` and ``"K"`` read so."""
    if isinstance(out, list | tuple):
        parts = map(_as_numpys, out, numpys)
        return type(out)(*parts) if hasattr(out, "_fields") else type(out)(parts)
    have = plain(out)
    if getattr(have, "dtype", None) is None or (have.dtype is numpys.dtype and have.ndim < 2):
        return out
    if have.dtype != numpys.dtype and numpys.dtype.kind == "f":
        out = shaping.as_dtype(out, numpys)
    if have.ndim < 2 or all(have.flags[f] == numpys.flags[f] for f in ("C_CONTIGUOUS", "F_CONTIGUOUS")):
        return out
    axes = tuple(np.argsort([-abs(s) for s in numpys.strides], kind="stable").tolist())
    return np.transpose(np.copy(np.transpose(out, axes), order="C"), shaping.inverse(axes))


def _computed(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Compute NumPy's function by the composition of its name."""
    composed = COMPOSITIONS[function]
    args, kwargs = fitted(function, composed, args, kwargs)
    if function in ASKED:
        numpys = _quietly(function, args, kwargs)  # raises what NumPy raises
        out = composed(*args, **kwargs)
        if isinstance(out, Box) and out.shape != shaping.shape_of(numpys):
            raise unknown(f"{name_of(function)} with a result of shape {shaping.shape_of(numpys)}")
        return _as_numpys(out, numpys)
    out = composed(*args, **kwargs)
    if isinstance(out, Box) and len(out.shape) < 2:  # there is one way to lie
        return out
    if _by_rows(out) and (getattr(function, "__module__", "") == "numpy.linalg" or all(map(_by_rows, args))):
        return out
    return _as_numpys(out, _quietly(function, args, kwargs))


class Box(Operators):
    """A value that notices the gates it goes through."""

    __slots__ = ("_value", "level")

    # --- NumPy's two protocols ------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any) -> Any:
        if kwargs and kwargs.get("out") is not None:
            (out, *others) = kwargs.pop("out")
            if isinstance(out, np.ndarray) and out.dtype.kind == "O" and method == "__call__" and not others:
                result = np.broadcast_to(ufunc(*inputs, **kwargs), out.shape)
                for index in np.ndindex(out.shape):  # a += x, where a holds objects: they may be tracked
                    out[index] = result[index]
                return out
            problem = (
                f"{name_of(ufunc)} of a tracked value does not take out=, and a plain array a cannot take one up "
                "by a += x: its derivative would be lost"
            )
            remedy = "out= would overwrite; use what the function returns, and write a = a + x."
            raise TypeError(explain(problem, AS_ONE if self.level.objects else remedy))
        if method == "__call__":
            gate = GATES.get(ufunc)
            if gate is not None:
                if kwargs:
                    inputs, kwargs = gate.bind(inputs, kwargs)
                if len(inputs) == 1:  # it is this box
                    return self.level.record(gate, (self._value,), inputs, NO_PARAMS)
                done: Any = NotImplemented
                if gate in WAYS:
                    (x, y), (forth, back) = inputs, WAYS[gate]
                    done = forth(x, y) if x is self else back(y, x)
                return apply(gate, tuple(map(shaping.operand, inputs))) if done is NotImplemented else done
            if ufunc in COMPOSITIONS:
                return _computed(ufunc, tuple(map(shaping.operand, inputs)), kwargs)
        if method == "at":
            raise in_place(f"{name_of(ufunc)}.at")
        if ufunc in UNTRACKED_UFUNCS:
            notice(ufunc.__name__, inputs)
            return _plainly(getattr(ufunc, method), inputs, kwargs)
        composed = ufunc_method(ufunc, method)
        if composed is None:
            raise unknown(name_of(ufunc) + ("" if method == "__call__" else f".{method}"))
        if method != "outer":
            inputs, named = inputs[:1], dict(zip(_METHOD_PLACES, inputs[1:], strict=False))
            kwargs = {"axis": 0} | named | kwargs
        kwargs = {k: v for k, v in kwargs.items() if k == "axis" or not (v is None or v is np._NoValue)}
        refuse(
            f"{ufunc.__name__}.{method}",
            {k: v for k, v in kwargs.items() if k not in signature(composed).parameters},
        )
        if method == "reduce":
            return composed(*inputs, **kwargs)
        numpys = _quietly(getattr(ufunc, method), inputs, kwargs)
        return _as_numpys(composed(*inputs, **kwargs), numpys)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        gate = GATES.get(function)
        if gate is not None and (function not in COMPOSITIONS or gate.takes(args, kwargs)):
            return apply(gate, *gate.bind(args, kwargs))
        if function in COMPOSITIONS:
            return _computed(function, tuple(map(shaping.joined, args)), kwargs)
        if function in UNTRACKED:
            notice(function.__name__, (*args, *kwargs.values()))
            return _plainly(function, args, kwargs)
        name = name_of(function)
        if function in _WRITING:
            if isinstance(args[0], Box):
                raise in_place(name)
            problem = f"{name} would store a tracked value in a plain array, and lose its derivative"
            raise LostDerivativeError(explain(problem, remedy_here(JOIN)))
        raise leaves_the_reals(name) if function in _COMPLEX or "np.fft." in name else unknown(name)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Return NumPy, which code for any array library then calls (https://data-apis.org/array-api)."""
        return np

    device = "cpu"

    def to_device(self, device: str, /, *, stream: Any = None) -> Any:
        """Stay where it is, as ``ndarray.to_device`` does: NumPy knows no device but the cpu."""
        if device != "cpu":
            problem = f"x.to_device({device!r}) of a tracked value: NumPy has only the device 'cpu'"
            raise ValueError(explain(problem, "Leave it out."))
        return self

    # --- What a tracked value cannot do ---------------------------------------------------------------------

    def __float__(self) -> float:
        raise not_a_number("float(x), math.sin(x) and the like, and storing x in an array,")

    def __int__(self) -> int:
        raise not_a_number("int(x)")

    def __trunc__(self) -> int:
        raise not_a_number("math.trunc(x)")

    def __index__(self) -> int:
        global _asked_for_an_index
        caller = sys._getframe(1)
        _asked_for_an_index = (caller.f_code, caller.f_lasti)
        remedy = "Compute it from plain numbers, or choose by np.where."
        raise not_a_number("using x as an index or a count, which is a whole number,", remedy)

    def __complex__(self) -> complex:
        raise not_a_number("complex(x), and functions of the cmath module")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray[Any, Any]:
        """Pass a tracked number on as an object, so that ``np.array([x, y])`` works; refuse a whole array.

        Where adlib meets the array of objects that NumPy makes, it joins it (`adlib.gates.shaping.joined`).
        """
        caller = sys._getframe(1)
        if _asked_for_an_index == (caller.f_code, caller.f_lasti):  # a[x]: NumPy drops the error of __index__
            self.__index__()
        if self.shape == () and dtype in (None, object):
            self.level.objects = self.level.number > 0  # the user's own Variables have no end
            alone = np.empty((), object)
            alone[()] = self
            return alone
        what = f"np.asarray(x, {dtype})" if dtype not in (None, object) else "np.array(x), np.asarray(x)"
        problem = f"{what}, or storing x in an array, would lose the derivative of a tracked value"
        remedy = "Use NumPy's functions on x itself, and join tracked arrays by np.stack([...])."
        raise LostDerivativeError(explain(problem, remedy_here(remedy)))

    @property
    def value(self) -> Any:
        """The plain number or array, of a `Variable` that the user made; refused for other tracked values."""
        raise not_a_number("x.value", ON_PURPOSE)

    def detach(self) -> Any:
        """Return the value without its past, as `adlib.stop_gradient` does."""
        return _STOP.function(self)

    def item(self, *args: Any) -> float:
        """Refuse: the result would be an untracked number."""
        raise not_a_number("x.item()")

    def tolist(self) -> list[Any]:
        """Refuse: the result would be untracked numbers."""
        raise not_a_number("x.tolist()")

    def backward(self, *args: Any, **kwargs: Any) -> None:
        """Refuse: only a `Variable` that the user made has a record to walk."""
        problem = "Variable and backward() do not work on tracked values of jvp, vjp, grad and the like"
        remedy = "Inside a differentiated function use adlib.grad or adlib.vjp, to any depth."
        raise TypeError(explain(problem, remedy))

    def __setitem__(self, index: Any, value: Any) -> NoReturn:
        raise in_place("x[...] = ...")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        problem = "pickling a tracked value would cut it off from the derivative call that it belongs to"
        raise TypeError(
            explain(problem, "Return it from the differentiated function, and pickle the result.")
        )

    def __copy__(self) -> Any:
        return apply(_COPY, (self,))

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return apply(_COPY, (self,))

    def __bool__(self) -> bool:
        notice("bool", (self,))
        return bool(plain(self))

    def __contains__(self, item: Any) -> bool:
        notice("in", (self, item))
        return plain(item) in plain(self)

    # --- Shape ----------------------------------------------------------------------------------------------

    @property
    def shape(self) -> tuple[int, ...]:
        """The value's shape, ``()`` for a number."""
        return shaping.shape_of(self._value)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The value's NumPy type."""
        value = self._value if type(self._value) is np.ndarray else plain(self)
        return value.dtype if hasattr(value, "dtype") else np.dtype(type(value))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("len() of a tracked number: it has no length")
        notice("len", (self,))
        return self.shape[0]

    def __iter__(self) -> Iterator[Any]:
        if not self.shape:
            raise TypeError("a tracked number is not a sequence")
        return (self[k] for k in range(self.shape[0]))

    def __getitem__(self, index: Any) -> Any:
        return self.level.record(_GETITEM, (self._value,), (self,), {"index": index})

    @property
    def T(self) -> Any:
        """The array with its axes in reverse order."""
        return self.level.record(_TRANSPOSE, (self._value,), (self,), NO_PARAMS)

    @property
    def mT(self) -> Any:
        """The matrix, or each matrix of a stack, transposed."""
        return np.swapaxes(self, -1, -2)

    @property
    def real(self) -> Any:
        """The value itself, which is real."""
        return self

    @property
    def imag(self) -> Any:
        """Zeros."""
        return np.imag(self)

    @property
    def itemsize(self) -> int:
        """Bytes of one entry."""
        return self.dtype.itemsize

    @property
    def nbytes(self) -> int:
        """Bytes of all entries."""
        return self.size * self.itemsize

    def conj(self) -> Any:
        """The value itself, which is real."""
        return self

    conjugate = conj

    def compress(self, condition: Any, axis: int | None = None) -> Any:
        """Return the rows for which `condition` holds, as ``ndarray.compress`` does."""
        return np.compress(condition, self, axis)

    def transpose(self, *axes: Any) -> Any:
        """Permute the axes, as ``ndarray.transpose`` does."""
        if not axes or axes == (None,):
            return self.T
        return np.transpose(self, _as_one(axes))

    def reshape(self, *shape: Any, order: str = "C") -> Any:
        """Give the entries another shape, as ``ndarray.reshape`` does."""
        return np.reshape(self, _as_one(shape), order=order)  # type: ignore[call-overload]

    def flatten(self, order: str = "C") -> Any:
        """List the entries along one axis."""
        return np.ravel(self, order)  # type: ignore[call-overload]

    def copy(self, order: str = "C") -> Any:
        """Return the same value, laid out by rows, as ``ndarray.copy`` does."""
        return apply(_COPY, (self,), {"order": order})

    def astype(
        self, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """Convert to another floating type.  A tracked value is never written to, so `copy` makes no difference."""
        if np.dtype(dtype).kind != "f":
            problem = f"x.astype({np.dtype(dtype)}) of a tracked value has no derivative"
            raise TypeError(explain(problem, "Use np.floor, np.rint or np.sign, whose derivative is 0."))
        if not np.can_cast(self.dtype, dtype, casting):
            problem = f"x.astype({np.dtype(dtype)}) of {self.dtype} is not allowed by casting={casting!r}"
            raise TypeError(explain(problem, 'Say casting="same_kind", or leave it out.'))
        out = apply(_ASTYPE, (self,), {"dtype": np.dtype(dtype)})
        return out if order == "K" else out.copy(order)

    def clip(self, min: Any = None, max: Any = None, **kwargs: Any) -> Any:  # noqa: A002
        """Limit the entries to an interval, as ``ndarray.clip`` does."""
        return np.clip(self, min, max, **kwargs)

    # --- Text -----------------------------------------------------------------------------------------------

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._value!r})"

    def __format__(self, spec: str) -> str:
        return format(plain(self), spec) if spec else repr(self)

    def __round__(self, digits: int | None = None) -> NoReturn:
        raise not_a_number("round(x)")


def _as_one(given: tuple[Any, ...]) -> Any:
    """Take ``x.reshape(2, 3)`` for ``x.reshape((2, 3))``."""
    return given if len(given) > 1 else given[0]


_TRANSPOSE, _GETITEM, _ASTYPE = GATES[np.transpose], GATES[functions.getitem], GATES[functions.astype]
_COPY, _STOP = GATES[np.copy], GATES[functions.stop_gradient]


def _absent(name: str) -> property:
    """Refuse an attribute of NumPy's arrays, by name.  (``__getattr__`` would slow every other attribute down.)"""

    def refuse(self: Box) -> NoReturn:
        if name in ("sort", "partition"):
            raise AttributeError(str(in_place(f"x.{name}(...)", f"Write y = np.{name}(x, ...).")))
        if name in ("fill", "put", "resize", "setfield", "setflags", "byteswap"):
            raise AttributeError(str(in_place(f"x.{name}(...)")))
        if name in PYTORCH:
            problem = f"x.{name} is PyTorch's, and a tracked value of adlib does not have it"
            raise AttributeError(explain(problem, PYTORCH[name]))
        problem = f"x.{name} of a tracked value would show the array behind it, without its derivative"
        raise AttributeError(explain(problem, "Use NumPy's functions; x.shape, x.T, x.sum() ... are there."))

    return property(refuse, doc="@private")  # not for the API reference


# x.sum(axis=0) is np.sum(x, axis=0), and so for the others
for _method in (
    *(np.sum, np.mean, np.prod, np.max, np.min, np.var, np.std, np.cumsum, np.cumprod, np.ravel),
    *(np.squeeze, np.swapaxes, np.repeat, np.take, np.diagonal, np.trace, np.dot),
    *(np.argmax, np.argmin, np.argsort, np.argpartition, np.nonzero, np.searchsorted, np.any, np.all),
    np.round,
):
    setattr(Box, _method.__name__, lambda self, *args, _f=_method, **kwargs: _f(self, *args, **kwargs))

# np.exp(np.array([x, y])) asks each entry of an array of objects: x.exp()
for _ufunc in (f for f in (*GATES, *COMPOSITIONS) if isinstance(f, np.ufunc)):
    if not hasattr(Box, _ufunc.__name__):
        setattr(Box, _ufunc.__name__, lambda self, *others, _f=_ufunc: _f(self, *others))

for _name in (*dir(np.ndarray), *PYTORCH):
    if not _name.startswith("_") and not hasattr(Box, _name):
        setattr(Box, _name, _absent(_name))

# What gives truth values, indices or shapes has no derivative: it sees the plain values
UNTRACKED_UFUNCS = {
    *(np.less, np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal),
    *(np.isnan, np.isfinite, np.isinf, np.signbit),
    *(np.logical_and, np.logical_or, np.logical_not, np.logical_xor),
}
UNTRACKED = {
    *(np.shape, np.ndim, np.size, np.argmax, np.argmin, np.argsort, np.argpartition, np.nonzero, np.argwhere),
    np.flatnonzero,
    *(np.any, np.all, np.isclose, np.allclose, np.array_equal, np.count_nonzero, np.result_type),
    *(np.zeros_like, np.ones_like, np.empty_like, np.iscomplexobj, np.isrealobj, np.array_repr),
    *(np.array_str, np.may_share_memory, np.shares_memory, np.can_cast),
    *(np.unravel_index, np.digitize, np.lexsort, np.searchsorted, np.nanargmax, np.nanargmin, np.isin),
    *(np.isneginf, np.isposinf, np.isreal, np.iscomplex, np.array_equiv, np.linalg.matrix_rank),
}
_METHOD_PLACES = ("axis", "dtype", "out", "keepdims", "initial", "where")  # np.add.reduce's after the array
_WRITING = {np.copyto, np.put, np.put_along_axis, np.place, np.putmask, np.fill_diagonal}
_COMPLEX = {np.linalg.eig, np.linalg.eigvals, np.roots}
