"""Arguments may be nested: numbers and arrays inside tuples, lists and dicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Rebuild = Callable[[Sequence[Any]], Any]


def flatten(tree: Any) -> tuple[list[Any], Rebuild]:
    """List the leaves of a nest of tuples, lists and dicts, and return how to put leaves back.

    Parameters
    ----------
    tree : object
        Tuples (also named ones), lists and dicts are containers; ``None`` is an empty one; all else is a
        leaf.

    Returns
    -------
    leaves : list
        In order; a dict's in the order of its keys as inserted.
    rebuild : callable
        Takes as many leaves and returns them in the same nest.

    Examples
    --------
    >>> leaves, rebuild = flatten({"w": (1.0, 2.0), "b": [3.0]})
    >>> leaves
    [1.0, 2.0, 3.0]
    >>> rebuild([10.0, 20.0, 30.0])
    {'w': (10.0, 20.0), 'b': [30.0]}
    """
    if tree is None:
        return [], lambda leaves: None
    if isinstance(tree, dict):
        keys = list(tree)
        leaves, rebuild = flatten([tree[k] for k in keys])
        return leaves, lambda new: dict(zip(keys, rebuild(new), strict=True))
    if not isinstance(tree, list | tuple):
        return [tree], lambda new: new[0]
    flat: list[Any] = []
    parts: list[tuple[int, int, Rebuild]] = []
    for child in tree:
        leaves, rebuild = flatten(child)
        parts.append((len(flat), len(flat) + len(leaves), rebuild))
        flat += leaves

    def build(new: Sequence[Any]) -> Any:
        children = [r(new[a:b]) for a, b, r in parts]
        if isinstance(tree, list):
            return children
        return type(tree)(*children) if hasattr(tree, "_fields") else tuple(children)

    return flat, build


def map_leaves(f: Callable[..., Any], tree: Any, *others: Any) -> Any:
    """Apply `f` to each leaf of `tree`, beside the leaves at the same place in `others`.

    Raises
    ------
    ValueError
        If another tree does not have as many leaves.

    Examples
    --------
    >>> map_leaves(lambda a, b: a + b, (1.0, [2.0]), (10.0, [20.0]))
    (11.0, [22.0])
    """
    leaves, rebuild = flatten(tree)
    return rebuild([f(*together) for together in zip(leaves, *(flatten(o)[0] for o in others), strict=True)])
