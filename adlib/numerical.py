"""Derivatives from values of the function alone: difference quotients, the complex step, and their errors.

Each formula here is one line.  What takes thought is the step h.  A large step truncates the Taylor series
early; a small one subtracts two nearly equal numbers and divides what rounding left of them by h.  For
e = u·|f(x)|, the error of one value of f (u is half the machine epsilon),

    forward    truncation h·|f″|/2       round-off 2e/h    best h = 2√(e/|f″|)       error there 2√(e·|f″|)
    central    truncation h²·|f‴|/6      round-off e/h     best h = (3e/|f‴|)^(1/3)  error
    1.5·e^(2/3)·(|f‴|/3)^(1/3)

`truncation_error` and `roundoff_error` are these lines of the plots, `best_step` their bottom.  The
complex step subtracts nothing, so it has no bottom.

Arguments
    `f` takes one argument `x`, or several: a tuple `x` is unpacked, and `argnum` says which of them moves.
    Floats and arrays of float32 or float64 keep their precision: a float32 argument is stepped in float32.
    A scalar argument gives the derivative of each entry of ``f(x)``; an array argument is moved entry by
    entry, and the result has the shape ``f(x).shape + x.shape``.  A step `h` that is left out is `default_step`.
    The errors' functions take f(x), and as `derivative` f″(x) for ``"forward"`` and f‴(x) for ``"central"``.

Raises
    TypeError for integers and other arguments that are not real floats; ValueError for a step that is zero, not
    finite, or so small that x + h rounds to x.

Examples
--------
>>> import math
>>> import numpy as np
>>> round(forward_difference(np.sin, 1.0), 6), round(central_difference(np.sin, 1.0), 9)
(0.540302, 0.540302306)
>>> round(complex_step(np.sin, 1.0), 15) == round(math.cos(1.0), 15)
True
>>> f = lambda x1, x2: x1 * np.sqrt(np.log(x1 / np.sin(x2**2)))
>>> round(central_difference(f, (2.0, 1.0), argnum=1), 6)
-1.380166
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

Method = Literal["forward", "central"]


def forward_difference(f: Callable[..., Any], x: Any, argnum: int = 0, h: float | None = None) -> Any:
    """Differentiate by (f(x + h) − f(x)) / h.

    Returns
    -------
    float or array
        The error is about h·|f″|/2 + 2u|f|/h.

    Notes
    -----
    One value of f more than f itself for each entry moved.  Press, Teukolsky, Vetterling,
    Flannery, *Numerical Recipes*, 3rd ed., Cambridge 2007, section 5.7.

    Examples
    --------
    >>> round(forward_difference(lambda x: x**2, 3.0, h=0.5), 2)  # 2x + h
    6.5
    """
    return _differences("forward", f, x, argnum, h)


def central_difference(f: Callable[..., Any], x: Any, argnum: int = 0, h: float | None = None) -> Any:
    """Differentiate by (f(x + h) − f(x − h)) / 2h.

    Returns
    -------
    float or array
        The error is about h²·|f‴|/6 + u|f|/h: more accurate than `forward_difference` because one more
        term of the Taylor series cancels.  Round-off grows as 1/h in both.

    Notes
    -----
    Two values of f for each entry moved.  Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed.,
    SIAM 2002, section 1.14.

    Examples
    --------
    >>> round(central_difference(lambda x: x**2, 3.0, h=0.5), 2)  # exact for a parabola
    6.0
    """
    return _differences("central", f, x, argnum, h)


def complex_step(f: Callable[..., Any], x: Any, argnum: int = 0, h: float = 1e-20) -> Any:
    """Differentiate by Im f(x + ih) / h: no subtraction, so h may be as small as one likes.

    Parameters
    ----------
    f : callable
        As for `forward_difference`, made of operations that take complex numbers and are analytic at `x`:
        arithmetic, exp, log, sqrt, sin, ….  Not abs, sign, arctan2, hypot, maximum, comparisons, float():
        NumPy refuses some of these on complex numbers, and `abs` silently drops the imaginary part.
    h : float
        The step.  The truncation error h²·|f‴|/6 is far below round-off for any h below 1e-10.

    Returns
    -------
    float or array
        Correct to a few units in the last place, if f is computed stably.

    Raises
    ------
    TypeError
        If f cannot take a complex number; if f's result is not
        complex although its argument was, so that the derivative would be lost.

    Notes
    -----
    Squire and Trapp, "Using complex variables to estimate derivatives of real functions", SIAM
    Review 40:110–112, 1998, doi:10.1137/S003614459631241X.  The imaginary part behaves as the ε of a dual
    number does, up to terms of size h².

    Examples
    --------
    >>> import numpy as np
    >>> f = lambda x: np.exp(x) / np.sqrt(np.sin(x) ** 3 + np.cos(x) ** 3)
    >>> round(complex_step(f, 1.5), 12), round(complex_step(f, 1.5, h=1e-200), 12)
    (4.053427893899, 4.053427893899)
    >>> complex_step(abs, 1.5)
    Traceback (most recent call last):
        ...
    TypeError: f(x + ih) is not complex: an operation in f drops its imaginary part (abs, .real, float)
      complex_step needs analytic operations: write abs(x) as x * np.sign(x.real), or use
      central_difference.
    """
    args, moved = _arguments(x, argnum)
    step = _step(h, moved)
    kind = np.result_type(moved.dtype, np.complex64)

    def one(index: tuple[int, ...]) -> NDArray[Any]:
        point = moved.astype(kind)
        point[index] += complex(0.0, step)
        try:
            value = np.asarray(f(*_with(args, argnum, point)))
        except TypeError as error:
            raise TypeError(
                f"f cannot take a complex number: {error}\n"
                "  complex_step calls f(x + ih), so f must use NumPy's analytic functions (np.sin, not\n"
                "  math.sin), no comparisons and no rounding; otherwise use central_difference."
            ) from error
        if not np.iscomplexobj(value):
            raise TypeError(
                "f(x + ih) is not complex: an operation in f drops its imaginary part (abs, .real, float)\n"
                "  complex_step needs analytic operations: write abs(x) as x * np.sign(x.real), or use\n"
                "  central_difference."
            )
        return np.asarray(value.imag / step)

    return _assemble(one, moved)


@dataclass(frozen=True)
class Richardson:
    """What `richardson` found.

    Attributes
    ----------
    value : float
        The entry of the tableau with the smallest estimated error, among those that smaller steps do not contradict.
    error : float
        That estimate: Ridders' difference of neighbours, usually pessimistic, but no less than what rounding
        f(x) and x + h can do.
    steps : tuple of float
        The step of each row.
    tableau : tuple of tuple of float
        Row i holds the central difference with ``steps[i]``, then its extrapolations, i + 1 numbers.
    """

    value: float
    error: float
    steps: tuple[float, ...]
    tableau: tuple[tuple[float, ...], ...]

    def __float__(self) -> float:
        return self.value


def richardson(
    f: Callable[..., Any], x: Any, argnum: int = 0, h: float | None = None, rows: int = 12, ratio: float = 2.0
) -> Richardson:
    """Extrapolate central differences of shrinking steps to h = 0.

    The central difference is f′ + a₂h² + a₄h⁴ + ….  Two of them, with h and h/r, let one solve for f′ and
    drop a₂; three drop a₄ as well.

    Parameters
    ----------
    f : callable
        As for `forward_difference`, with a scalar result.
    x : float or tuple
        The argument that moves is a scalar.
    h : float, optional
        The first, largest step.  Default: 0.1, and for large arguments 0.1 log(1 + |x|).
    rows : int
        The most steps to take, at least 2.
    ratio : float
        By what each step shrinks, more than 1.

    Returns
    -------
    Richardson
        Value, error estimate, steps and tableau.

    Raises
    ------
    ValueError
        Also for array arguments or results.

    Notes
    -----
    Ridders, Advances in Engineering Software 4:75–76, 1982; *Numerical Recipes*, section 5.7.

    Examples
    --------
    >>> import numpy as np
    >>> found = richardson(np.exp, 0.0)
    >>> round(found.value, 12), found.error < 1e-10
    (1.0, True)
    """
    args, moved = _arguments(x, argnum)
    if moved.ndim:
        raise ValueError("richardson moves one scalar argument; for arrays use central_difference")
    if rows < 2 or not ratio > 1:
        raise ValueError(f"richardson needs at least 2 rows and a ratio above 1, not {rows} and {ratio}")
    first = 0.1 * max(1.0, float(np.log1p(np.abs(moved)))) if h is None else h
    step = float(_step(first, moved))
    steps: list[float] = []
    tableau: list[tuple[float, ...]] = []
    best, error = np.nan, np.inf
    unit, size = unit_roundoff(moved.dtype), float(np.max(np.abs(f(*_with(args, argnum, moved)))))
    for i in range(rows):
        value = np.asarray(_differences("central", f, x, argnum, step))
        if value.ndim:
            raise ValueError(
                f"richardson needs a function with a scalar result, not one of shape {value.shape}"
            )
        row = [float(value)]
        # What two numbers that agree by luck cannot know: rounding f's values, and x + h itself.
        floor = unit * (size + abs(float(moved) * row[0])) / step
        guesses = []
        for j in range(i):
            power = ratio ** (2 * (j + 1))
            row.append(row[j] + (row[j] - tableau[i - 1][j]) / (power - 1))
            changes = abs(row[j + 1] - row[j]), abs(row[j + 1] - tableau[i - 1][j])
            guesses.append((max(*changes, floor), row[j + 1]))
        steps.append(step)
        tableau.append(tuple(row))
        if guesses:
            guess, entry = min(guesses)
            # Smaller steps know better: where they contradict, larger ones had agreed by luck.
            if guess <= error or abs(entry - best) > guess + error:
                best, error = entry, guess
            if floor > error:
                break  # smaller steps would only be rounded worse
        step /= ratio
    return Richardson(best, error, tuple(steps), tuple(tableau))


class BestStep(NamedTuple):
    """The bottom of the V: the step with the least error that the model promises, and that error."""

    h: float
    error: float


def best_step(
    f_value: float, derivative: float, method: Method = "central", dtype: Any = np.float64
) -> BestStep:
    """Find the step at which truncation and round-off together are least.

    Returns
    -------
    BestStep
        ``h`` and ``error``.  Infinite and zero if the derivative is 0: nothing is truncated.

    Notes
    -----
    Setting the derivative of truncation + round-off to zero gives the formulas on top of this
    module.  They hold for values of f that are correct to a rounding; a function that cancels inside does
    worse.

    Examples
    --------
    For the logistic map l₄ at 0.2:

    >>> step = best_step(0.28901376, 67.395584, "forward")
    >>> f"{step.h:.1e} {step.error:.1e}"
    '1.4e-09 9.3e-08'
    """
    e = unit_roundoff(dtype) * abs(f_value)
    d = abs(derivative)
    if d == 0:
        return BestStep(np.inf, 0.0)
    if _method(method) == "forward":
        return BestStep(float(2 * np.sqrt(e / d)), float(2 * np.sqrt(e * d)))
    return BestStep(float(np.cbrt(3 * e / d)), float(1.5 * np.cbrt(e) ** 2 * np.cbrt(d / 3)))


def truncation_error(h: Any, derivative: float, method: Method = "central") -> Any:
    """Evaluate the first Taylor term that the method drops: h·|f″|/2 or h²·|f‴|/6.

    Examples
    --------
    >>> truncation_error(0.5, 2.0, "forward"), truncation_error(0.5, 6.0, "central")
    (np.float64(0.5), np.float64(0.25))
    """
    h = np.abs(np.asarray(h))
    d = abs(derivative)
    return (h * d / 2 if _method(method) == "forward" else h**2 * d / 6)[()]


def roundoff_error(h: Any, f_value: float, method: Method = "central", dtype: Any = np.float64) -> Any:
    """Bound what rounding f's two values does to the quotient: 2u|f|/h, or u|f|/h where h is doubled.

    Examples
    --------
    >>> bool(roundoff_error(2.0**-26, 1.0, "central") == 2.0**-27)
    True
    """
    error = unit_roundoff(dtype) * abs(f_value) / np.abs(h)
    return 2 * error if _method(method) == "forward" else error


def unit_roundoff(dtype: Any = np.float64) -> float:
    """Give u, the largest relative error of rounding a number: 2⁻⁵³ for float64, 2⁻²⁴ for float32.

    Examples
    --------
    >>> unit_roundoff() == 2.0**-53
    True
    """
    return float(np.finfo(dtype).eps) / 2


def default_step(x: Any, method: Method = "central") -> Any:
    """Choose a step without knowing f's derivatives: √ε or ∛ε times the size of the argument.

    Returns
    -------
    float or array
        For each entry, the step times max(|x|, 1), in the precision of `x`.

    Notes
    -----
    This is `best_step` with f and its derivatives of the same size, and ε = 2u for the machine epsilon.

    Examples
    --------
    >>> f"{default_step(2.0, 'forward'):.1e} {default_step(2.0):.1e}"
    '3.0e-08 1.2e-05'
    """
    x = _real(x)
    epsilon = np.finfo(x.dtype).eps
    step = np.sqrt(epsilon) if _method(method) == "forward" else np.cbrt(epsilon)
    return (step * _size(x)).astype(x.dtype)[()]


# How it works.


def _differences(method: Method, f: Callable[..., Any], x: Any, argnum: int, h: float | None) -> Any:
    args, moved = _arguments(x, argnum)
    steps = default_step(moved, method) if h is None else _step(h, moved)
    steps = np.broadcast_to(np.asarray(steps), moved.shape)
    centre = f(*_with(args, argnum, moved)) if method == "forward" else None

    def one(index: tuple[int, ...]) -> NDArray[Any]:
        up, down = moved.copy(), moved.copy()
        up[index] += steps[index]
        if method == "forward":
            high, low = f(*_with(args, argnum, up)), centre
            width = steps[index]
        else:
            down[index] -= steps[index]
            high, low = f(*_with(args, argnum, up)), f(*_with(args, argnum, down))
            width = 2 * steps[index]
        if up[index] == down[index]:
            raise ValueError(
                f"the step {steps[index]:.3g} is lost: x + h rounds to x = {moved[index]:.6g}\n"
                f"  Take h above {np.spacing(np.abs(moved[index])):.1e}, or use complex_step."
            )
        return np.asarray((np.asarray(high) - np.asarray(low)) / width)

    return _assemble(one, moved)


def _assemble(one: Callable[[tuple[int, ...]], NDArray[Any]], moved: NDArray[Any]) -> Any:
    """Collect one column for each entry of `moved`; the result has the shape out + moved."""
    if moved.ndim == 0:
        value = one(())
        plain = value.ndim == 0 and value.dtype == np.float64
        return value.item() if plain else value[()]
    columns = [one(index) for index in np.ndindex(moved.shape)]
    if not columns:
        raise ValueError("nothing to differentiate by: the argument is an empty array")
    return np.stack(columns, axis=-1).reshape(columns[0].shape + moved.shape)


def _arguments(x: Any, argnum: int) -> tuple[tuple[Any, ...], NDArray[Any]]:
    args = x if isinstance(x, tuple) else (x,)
    if not -len(args) <= argnum < len(args):
        raise ValueError(f"argnum={argnum}, but x has {len(args)} argument(s): pass a tuple for several")
    return args, _real(args[argnum])


def _real(x: Any) -> NDArray[Any]:
    value = np.asarray(x)
    if value.dtype.kind in "iub":
        raise TypeError(f"cannot move an integer by a small step: write {_as_float(value)} instead of {x!r}")
    if value.dtype.kind != "f" or value.dtype.itemsize < 4:
        raise TypeError(
            f"the argument must be a float32 or float64 number or array, not {type(x).__name__} {x!r}"
        )
    return value


def _as_float(value: NDArray[Any]) -> str:
    return repr(float(value) if value.ndim == 0 else value.astype(float))


def _with(args: tuple[Any, ...], argnum: int, moved: NDArray[Any]) -> tuple[Any, ...]:
    new = list(args)
    # float64 scalars go in as plain Python floats (complex numbers): that is what the caller passed.
    plain = moved.ndim == 0 and moved.dtype in (np.float64, np.complex128)
    new[argnum] = moved.item() if plain else moved[()]
    return tuple(new)


def _step(h: float, moved: NDArray[Any]) -> Any:
    if not np.isfinite(h) or h == 0:
        raise ValueError(f"the step h must be a finite number other than 0, not {h}")
    return moved.dtype.type(h)


def _size(x: NDArray[Any]) -> NDArray[Any]:
    return np.asarray(np.maximum(np.abs(x), 1))


def _method(method: str) -> str:
    if method not in ("forward", "central"):
        raise ValueError(f"method is 'forward' or 'central', not {method!r}")
    return method
