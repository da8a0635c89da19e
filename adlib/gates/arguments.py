"""What a call asks for: NumPy's optional arguments, without those that ask for nothing.

Whoever writes ``out=None`` or ``subok=False`` asks for what happens anyway, so a gate or a composition need not have
such a parameter.  What is left and unknown is refused by name.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.errors import explain

signature = functools.cache(inspect.signature)  # asked at every call, found at the first

# About memory that a tracked value does not share: they change no value
_HINTS = {
    "subok": (True, False),
    "overwrite_input": (True, False),
    "copy": (True, None),
    "device": ("cpu", None),
}
# Of functions in C, which tell their parameters only since NumPy 2.4
_DEFAULTS = {"where": True, "casting": "same_kind", "order": "K", "dtype": None, "out": None}

_INSTEAD = {
    "out": "out= would overwrite a value that the derivative needs: use what the function returns.",
    "where": "Choose by np.where, before or after.",
    "dtype": "Convert by x.astype, before or after.",
}


def refuse(name: str, kwargs: dict[str, Any]) -> None:
    """Raise TypeError for parameters that a gate does not have, with what to do instead."""
    if kwargs:
        words = ", ".join(k if " " in k else f"{k}=" for k in kwargs)
        remedies = [_INSTEAD[k] for k in kwargs if k in _INSTEAD] or ["Call it without."]
        raise TypeError(explain(f"np.{name} of a tracked value does not take {words}", " ".join(remedies)))


def asked(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Leave out the arguments of a call that are NumPy's defaults, or mere hints about memory."""
    try:
        bound = signature(function).bind(*args, **kwargs)
        known = {k: p.default for k, p in bound.signature.parameters.items()}
    except (TypeError, ValueError):  # let NumPy, or whoever asked, say what is wrong
        return args, {k: v for k, v in kwargs.items() if not _idle(k, v, _DEFAULTS.get(k, np._NoValue))}
    places: list[Any] = []
    names: dict[str, Any] = {}
    for k, v in bound.arguments.items():
        kind = bound.signature.parameters[k].kind
        if kind is inspect.Parameter.VAR_POSITIONAL:
            places += v
        elif kind is inspect.Parameter.VAR_KEYWORD:
            names |= v
        elif known[k] is inspect.Parameter.empty:
            places.append(v)
        elif not _idle(k, v, known[k]):
            names[k] = v
    return tuple(places), names


def _idle(name: str, value: Any, default: Any) -> bool:
    if value is default or (type(value) is type(default) is str and value == default):
        return True
    return name in _HINTS and any(value is v or (type(v) is str and value == v) for v in _HINTS[name])


def fitted(
    function: Callable[..., Any], ours: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Fit a call of NumPy's function to ours, which may have fewer parameters.

    Raises
    ------
    TypeError
        For what ours does not have, and what NumPy's does not take.
    """
    if kwargs.get("out") is not None:
        refuse(_name(function), {"out": None})
    if _fits(ours, len(args), frozenset(kwargs)):
        return args, kwargs
    args, kwargs = asked(function, args, kwargs)
    expected = signature(ours)
    try:
        expected.bind(*args, **kwargs)
    except TypeError as error:
        refuse(_name(function), {k: v for k, v in kwargs.items() if k not in expected.parameters})
        problem = f"np.{_name(function)} of a tracked value: {error}"
        raise TypeError(
            explain(problem, "adlib has only part of NumPy's arguments; do without it.")
        ) from None
    return args, kwargs


@functools.cache
def _fits(ours: Callable[..., Any], count: int, names: frozenset[str]) -> bool:
    """Tell whether our function takes so many places and these names."""
    try:
        signature(ours).bind(*range(count), **dict.fromkeys(names))
    except TypeError:
        return False
    return True


def _name(function: Callable[..., Any]) -> str:
    """Such as ``linalg.norm``; a ufunc tells no module before NumPy 2.1."""
    return f"{getattr(function, '__module__', 'numpy')}.{function.__name__}".partition(".")[2]
