"""Twelve puzzles over arrays: write the pullback, which takes ȳ and the inputs, and returns the adjoint of each.

>>> statement("puzzle-1")
'puzzle-1, a sum: y = np.sum(x). Write the pullback (ȳ, x) -> x̄. It is tried with the shapes (3,); (2, 3); (1, 4).'
>>> check("puzzle-1", lambda y_bar, x: y_bar)
wrong: x̄: it has one entry for each of x's: stretch ȳ to the shape of x

A pullback is right if ȳ·(Jẋ) = x̄·ẋ, with Jẋ from forward mode and from differences.  `jacobians` makes the two
Jacobians, right and yours, which `adlib.viz.jacobians` draws.  `softmax` and `normalised` stand here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from adlib.engine.forward import jvp
from adlib.engine.reverse import vjp
from adlib.lesson.exercises.verdicts import Verdict, right, unanswered, wrong


def softmax(x: Any) -> Any:
    """Softmax of each row."""
    e = np.exp(x)
    return e / sums(e)


def sums(x: Any) -> Any:
    """The sum of each row, as a column."""
    return np.sum(x, axis=-1, keepdims=True)


def sigma(x: Any) -> Any:
    """The standard deviation of each row, as a column."""
    return np.sqrt(sums((x - sums(x) / x.shape[-1]) ** 2) / x.shape[-1])


def normalised(x: Any) -> Any:
    """Each row, less its mean, divided by its standard deviation: layer normalisation."""
    return (x - sums(x) / x.shape[-1]) / sigma(x)


def _weights_bar(y_bar: Any, q: Any, k: Any, v: Any) -> Any:
    return vjp(softmax, q @ k.T)[1](y_bar @ v.T)[0]


_NAMES = {"np": np, "softmax": softmax, "sums": sums, "sigma": sigma, "normalised": normalised}
_NAMES |= {"means": lambda x: sums(x) / x.shape[-1], "solve": np.linalg.solve, "S̄": _weights_bar}


@dataclass(frozen=True)
class Puzzle:
    """A function of arrays whose pullback is asked for.

    Attributes
    ----------
    title, text : str
        What it is called, and how it is written.
    shapes : sequence
        The shapes of all inputs, for each trial.
    reason : str
        What is said to the right answer.
    rules : dict of str to dict
        For each input, rules as formulas in ȳ and the inputs, with what is said to them: the first is right.
    """

    title: str
    text: str
    shapes: Sequence[Sequence[tuple[int, ...]]]
    reason: str
    rules: Mapping[str, Mapping[str, str]]

    def f(self, *inputs: Any) -> Any:
        """Compute the function."""
        return _formula(self.text, dict(zip(self.rules, inputs, strict=True)))

    def example(self, trial: int) -> tuple[Any, list[Any], list[Any]]:
        """Draw ȳ, the inputs and a direction for each."""
        rng = np.random.default_rng(trial)
        inputs, directions = ([rng.normal(size=shape) for shape in self.shapes[trial]] for _ in range(2))
        if "solve" in self.text:
            inputs[0] += 3 * np.eye(len(inputs[0]))
        return rng.normal(size=np.shape(self.f(*inputs)))[()], inputs, directions


def _formula(text: str, names: Mapping[str, Any]) -> Any:
    return eval(text, _NAMES | dict(names))


_TURNED = "rows and columns are exchanged: this is the transpose of it"
_TRANSPOSE = "a transpose is missing: the way back multiplies by the transposed matrix"
_BROADCAST = "the sum over the broadcast axis is missing: what was used several times hears from each use"
_AXIS = "summed over the wrong axis: sum over the one along which the input was stretched"
_NO_BAR = "this is the Jacobian itself: ȳ is missing"
_TERM = "the term −(ȳ·p) p of the softmax is missing: when one weight grows, the others shrink"
_SKIPPED = "the softmax is passed as if it were not there: multiply by its Jacobian"
_INVERSE = "the inverse instead of the transposed inverse: solve with Aᵀ"
_ROWS = ([(2, 3)], [(3, 3)], [(1, 4)])

_LADDER = (
    Puzzle(
        "a sum",
        "np.sum(x)",
        ([(3,)], [(2, 3)], [(1, 4)]),
        "the transpose of a sum is a stretch",
        {
            "x": {
                "ȳ * np.ones_like(x)": "",
                "ȳ": "it has one entry for each of x's: stretch ȳ to the shape of x",
                "ȳ * x": "each entry goes into y with the factor 1, not with itself",
                "ȳ / x.size * np.ones_like(x)": "this is the pullback of a mean; a sum does not divide",
                "np.ones_like(x)": _NO_BAR,
            }
        },
    ),
    Puzzle(
        "a stretch",
        "np.broadcast_to(x, (3, x.size))",
        ([(4,)], [(3,)], [(1,)]),
        "the transpose of a stretch is a sum; broadcasting is a stretch that nobody wrote",
        {
            "x": {
                "np.sum(ȳ, axis=0)": "",
                "ȳ": _BROADCAST,
                "np.mean(ȳ, axis=0)": "the contributions are added, not averaged",
                "np.sum(ȳ, axis=1)": _AXIS,
                "ȳ[0]": "only the first of the three copies is heard",
                "np.sum(ȳ)": "each entry hears from its own copies only: sum over the new axis alone",
            }
        },
    ),
    Puzzle(
        "a mean",
        "np.mean(x, axis=0)",
        ([(2, 3)], [(3, 3)], [(4, 1)]),
        "the transpose of a mean is a stretch, divided by the number of rows",
        {
            "x": {
                "np.broadcast_to(ȳ / len(x), x.shape)": "",
                "np.broadcast_to(ȳ, x.shape)": "a mean divides by the number of rows: so must you",
                "np.broadcast_to(ȳ / x.size, x.shape)": "divided by all entries: a mean over axis 0 has len(x)",
                "np.broadcast_to(ȳ / x.shape[1], x.shape)": "divided by the columns: it is the rows that are averaged",
                "ȳ / len(x)": "it has the shape of x: stretch it over the rows",
            }
        },
    ),
    Puzzle(
        "a transpose",
        "x.T",
        _ROWS,
        "what was moved is moved back",
        {
            "x": {
                "ȳ.T": "",
                "ȳ": "ȳ has the shape of y; its entries must go back to where they came from",
                "ȳ.reshape(x.shape)": "the shape is right, the places are not: reshape does not transpose",
            }
        },
    ),
    Puzzle(
        "a row-wise scale of a relu",
        "s[:, None] * np.maximum(x, 0)",
        ([(2,), (2, 3)], [(3,), (3, 3)], [(1,), (1, 4)]),
        "the other factor, and a sum where s was stretched; the relu lets through where x > 0",
        {
            "s": {
                "np.sum(ȳ * np.maximum(x, 0), axis=1)": "",
                "ȳ * np.maximum(x, 0)": _BROADCAST,
                "np.sum(ȳ * np.maximum(x, 0), axis=0)": _AXIS,
                "np.sum(ȳ * x, axis=1)": "the other factor is relu(x), not x",
                "np.sum(ȳ, axis=1)": "the other factor, relu(x), is missing",
            },
            "x": {
                "ȳ * s[:, None] * (x > 0)": "",
                "ȳ * s[:, None]": "the relu is missing: where x < 0 nothing goes back",
                "ȳ * (x > 0)": "the other factor, s, is missing",
                "ȳ * s * (x > 0)": "s runs along the rows here: write s[:, None]",
                "ȳ * s[:, None] * (ȳ > 0)": "the relu asks for the sign of x, not of ȳ",
                "ȳ * s[:, None] * np.maximum(x, 0)": "the slope of the relu is 1 or 0, not its value",
                "s[:, None] * (x > 0)": _NO_BAR,
            },
        },
    ),
    Puzzle(
        "a matrix times a vector",
        "A @ x",
        ([(2, 3), (3,)], [(3, 3), (3,)], [(1, 4), (4,)], [(4, 1), (1,)]),
        "yᵢ = Σ Aᵢⱼ xⱼ: collect what stands beside dA and beside dx",
        {
            "A": {
                "np.outer(ȳ, x)": "",
                "np.outer(x, ȳ)": _TURNED,
                "ȳ * x": "each pair of an entry of ȳ and one of x belongs to one entry of A: an outer product",
                "ȳ[:, None] * A": "beside dA stands x, not A",
            },
            "x": {
                "A.T @ ȳ": "",
                "A @ ȳ": _TRANSPOSE,
                "A.T * ȳ": "the products are there, their sum is missing: @, not *",
                "np.sum(A, axis=0)": _NO_BAR,
                "np.linalg.solve(A, ȳ)": "the way back transposes; it does not invert",
            },
        },
    ),
    Puzzle(
        "a product of matrices",
        "A @ B",
        ([(2, 3), (3, 4)], [(3, 3), (3, 3)], [(1, 3), (3, 1)]),
        "dY = dA B + A dB: what stands on a side of d stays on that side, transposed",
        {
            "A": {
                "ȳ @ B.T": "",
                "ȳ @ B": _TRANSPOSE,
                "B.T @ ȳ": "B stood to the right of dA: it stays on the right",
                "B @ ȳ.T": _TURNED,
            },
            "B": {
                "A.T @ ȳ": "",
                "A @ ȳ": _TRANSPOSE,
                "ȳ @ A.T": "A stood to the left of dB: it stays on the left",
                "ȳ.T @ A": _TURNED,
            },
        },
    ),
    Puzzle(
        "log-sum-exp",
        "np.log(np.sum(np.exp(x)))",
        ([(3,)], [(2, 3)], [(1,)]),
        "the softmax is the gradient of log-sum-exp",
        {
            "x": {
                "ȳ * np.exp(x) / np.sum(np.exp(x))": "",
                "ȳ * np.exp(x)": "the logarithm's 1/Σ is missing",
                "ȳ / np.sum(np.exp(x)) * np.ones_like(x)": "the exponential's own derivative is missing",
                "np.exp(x) / np.sum(np.exp(x))": _NO_BAR,
                "ȳ * np.ones_like(x)": "log and exp do not cancel: a sum stands between them",
            }
        },
    ),
    Puzzle(
        "the softmax of each row",
        "softmax(x)",
        _ROWS,
        "J = diag(p) − p pᵀ for each row, never built: a product and a sum",
        {
            "x": {
                "softmax(x) * (ȳ - sums(ȳ * softmax(x)))": "",
                "softmax(x) * ȳ": _TERM,
                "softmax(x) * (1 - softmax(x)) * ȳ": "this is the Jacobian's diagonal only, elementwise: each "
                "entry of x moves all of its row",
                "ȳ - sums(ȳ * softmax(x))": "the factor p in front is missing",
                "softmax(x) * (ȳ - sums(ȳ))": "the sum is of ȳ p, not of ȳ",
                "softmax(x) * (ȳ - np.sum(ȳ * softmax(x)))": "each row is a softmax of its own: sum over it alone",
                "softmax(x) * (ȳ - np.sum(ȳ * softmax(x), axis=0))": _AXIS,
                "softmax(x) - ȳ": "p − y is the gradient of softmax *with* cross-entropy; this is softmax alone",
            }
        },
    ),
    Puzzle(
        "layer normalisation",
        "normalised(x)",
        _ROWS,
        "what was taken out on the way there, the mean and the size, is taken out of ȳ on the way back",
        {
            "x": {
                "(ȳ - means(ȳ) - normalised(x) * means(ȳ * normalised(x))) / sigma(x)": "",
                "ȳ / sigma(x)": "mean and σ are held fixed, but both depend on x",
                "(ȳ - means(ȳ)) / sigma(x)": "σ is held fixed, but it depends on x",
                "(ȳ - normalised(x) * means(ȳ * normalised(x))) / sigma(x)": "the mean is held fixed, but it "
                "depends on x",
                "ȳ - means(ȳ) - normalised(x) * means(ȳ * normalised(x))": "the factor 1/σ is missing",
                "(ȳ - sums(ȳ) - normalised(x) * sums(ȳ * normalised(x))) / sigma(x)": "means, not sums",
                "(ȳ - means(ȳ) - x * means(ȳ * normalised(x))) / sigma(x)": "in the last term stands the "
                "result y, not x",
            }
        },
    ),
    Puzzle(
        "a linear system",
        "np.linalg.solve(A, b)",
        ([(3, 3), (3,)], [(2, 2), (2,)], [(1, 1), (1,)]),
        "A y = b gives dA y + A dy = db: one more system, with Aᵀ, serves both",
        {
            "A": {
                "-np.outer(solve(A.T, ȳ), solve(A, b))": "",
                "np.outer(solve(A.T, ȳ), solve(A, b))": "the sign is missing: a larger A makes y smaller",
                "-np.outer(solve(A, b), solve(A.T, ȳ))": _TURNED,
                "-np.outer(solve(A, ȳ), solve(A, b))": _INVERSE,
                "-np.outer(solve(A.T, ȳ), b)": "beside dA stands the solution y, not b",
                "-np.outer(ȳ, solve(A, b))": "dy = −A⁻¹ dA y: the A⁻¹ has been left out",
            },
            "b": {
                "solve(A.T, ȳ)": "",
                "solve(A, ȳ)": _INVERSE,
                "A.T @ ȳ": "y = A⁻¹ b: it is the inverse that gets transposed, not A",
                "-solve(A.T, ȳ)": "the minus belongs to A's adjoint",
            },
        },
    ),
    Puzzle(
        "attention",
        "softmax(Q @ K.T) @ V",
        ([(2, 3), (4, 3), (4, 2)], [(3, 3), (3, 3), (3, 3)], [(1, 2), (3, 2), (3, 1)]),
        "two products of matrices and a softmax, passed backwards one after another",
        {
            "Q": {
                "S̄(ȳ, Q, K, V) @ K": "",
                "S̄(ȳ, Q, K, V) @ K.T": "K stood transposed beside dQ: transposed again it is K",
                "S̄(ȳ, Q, K, V).T @ K": "the adjoint of Q Kᵀ is transposed for K only",
                "softmax(Q @ K.T) * (ȳ @ V.T) @ K": _TERM,
                "ȳ @ V.T @ K": _SKIPPED,
            },
            "K": {
                "S̄(ȳ, Q, K, V).T @ Q": "",
                "S̄(ȳ, Q, K, V) @ Q": _TRANSPOSE,
                "Q.T @ S̄(ȳ, Q, K, V)": _TURNED,
                "(softmax(Q @ K.T) * (ȳ @ V.T)).T @ Q": _TERM,
                "(ȳ @ V.T).T @ Q": _SKIPPED,
            },
            "V": {
                "softmax(Q @ K.T).T @ ȳ": "",
                "softmax(Q @ K.T) @ ȳ": _TRANSPOSE,
                "softmax(K @ Q.T) @ ȳ": "softmax(Sᵀ) is not softmax(S)ᵀ: rows are normalised before the transpose",
            },
        },
    ),
)
PUZZLES: Mapping[str, Puzzle] = {f"puzzle-{k}": puzzle for k, puzzle in enumerate(_LADDER, start=1)}
"""The puzzles, from easy to hard, by name."""


def statement(name: str) -> str:
    """Say what a puzzle asks for."""
    puzzle = _puzzle(name)
    names = list(puzzle.rules)
    shapes = "; ".join(", ".join(map(str, trial)) for trial in puzzle.shapes)
    asked = f"Write the pullback (ȳ, {', '.join(names)}) -> {', '.join(map(_bar, names))}."
    return f"{name}, {puzzle.title}: y = {puzzle.text}. {asked} It is tried with the shapes {shapes}."


def check(name: str, pullback: Any = ...) -> Verdict:
    """Judge a pullback.

    Parameters
    ----------
    name : str
        ``"puzzle-1"`` to ``"puzzle-12"``.
    pullback : callable
        ``pullback(y_bar, *inputs)``, which returns an array, or one for each of several inputs.

    Returns
    -------
    Verdict

    Raises
    ------
    KeyError
        If there is no such puzzle.

    Examples
    --------
    >>> check("puzzle-7", lambda y_bar, A, B: (y_bar @ B.T, y_bar @ A.T))
    wrong: Ā is right; B̄: A stood to the left of dB: it stays on the left
    """
    puzzle = _puzzle(name)
    if pullback is None or pullback is ...:
        return unanswered(statement(name))
    if not callable(pullback):
        return wrong("answer with a function: its name, without calling it")
    trials, stopped = [], ""
    for trial, shapes in enumerate(puzzle.shapes):
        y_bar, inputs, directions = puzzle.example(trial)
        copies = [np.array(x) for x in (y_bar, *inputs)]
        try:
            found = _answer(pullback(copies[0][()], *copies[1:]), len(inputs))
        except NotImplementedError:
            return unanswered("write the function's body and run this cell again")
        except Exception as error:
            stopped = stopped or f"with the shapes {', '.join(map(str, shapes))} it stops: {error}"
            continue
        if found is None:
            return unanswered("your function returns nothing yet")
        if not all(map(np.array_equal, copies, (y_bar, *inputs))):
            return wrong("it writes into ȳ or into an input, which others may still need")
        if len(found) != len(inputs):
            return wrong(f"return {len(inputs)} adjoints, of {' and '.join(puzzle.rules)}, not {len(found)}")
        trials.append((y_bar, inputs, directions, found))
    good: list[str] = []
    bad: list[str] = []
    for k, bar in enumerate(map(_bar, puzzle.rules)):
        fault = _fault(puzzle, k, trials)
        (bad if fault else good).append(f"{bar}: {fault}" if fault else bar)
    if not (bad or stopped):
        return right(puzzle.reason)
    praise = [f"{' and '.join(good)} {'are' if len(good) > 1 else 'is'} right"] if good and trials else []
    return wrong("; ".join(praise + (bad or [stopped])))


def _answer(found: Any, inputs: int) -> list[Any] | None:
    if found is None or found is ...:
        return None
    return [
        np.asarray(x, dtype=float)
        for x in (found if isinstance(found, tuple | list) and inputs > 1 else (found,))
    ]


def _fault(puzzle: Puzzle, k: int, trials: Sequence[Any]) -> str:
    """Say what is wrong with the adjoint of input `k`; nothing, if it is right."""
    name, (truth, *slips) = list(puzzle.rules.items())[k]
    faults = []
    for y_bar, inputs, directions, found in trials:
        x_bar, x = found[k], inputs[k]
        if x_bar.shape != x.shape:
            faults.append(f"its shape is {x_bar.shape}, and that of {name} is {x.shape}")
            continue

        def along(x: Any, k: int = k, inputs: Sequence[Any] = inputs) -> Any:
            return puzzle.f(*inputs[:k], x, *inputs[k + 1 :])

        step = 1e-6 * directions[k]
        moved = np.sum(y_bar * jvp(along, (x,), (directions[k],))[1])
        measured = np.sum(y_bar * (along(x + step) - along(x - step))) / 2e-6
        told = np.sum(x_bar * directions[k])
        if not (
            np.isclose(told, moved, rtol=1e-9, atol=1e-10)
            and np.isclose(told, measured, rtol=1e-5, atol=1e-6)
        ):
            faults.append(
                f"with the shape {x.shape}, ȳ·(Jẋ) is {moved:.6g}, but {_bar(name)}·ẋ is {told:.6g}"
            )
    if not faults:
        return ""
    known = {rule: puzzle.rules[name][rule] for rule in slips}
    known |= {f"-({truth})": "the sign is wrong, all else is right", f"2 * ({truth})": "a 2 is too much"}
    for rule, words in known.items():
        if all(_gives(puzzle, rule, trial, k) for trial in trials):
            return words
    return faults[0]


def _gives(puzzle: Puzzle, rule: str, trial: Any, k: int) -> bool:
    y_bar, inputs, _, found = trial
    try:
        value = np.asarray(_formula(rule, dict(zip(puzzle.rules, inputs, strict=True)) | {"ȳ": y_bar}))
    except (ValueError, np.linalg.LinAlgError):
        return False
    return value.shape == found[k].shape and np.allclose(value, found[k], rtol=1e-9, atol=1e-12)


def jacobians(name: str, pullback: Callable[..., Any], trial: int = 0) -> dict[str, tuple[Any, Any]]:
    """Build the Jacobian by each input row by row, from the right pullback and from yours.

    Parameters
    ----------
    name, pullback
        As for `check`.
    trial : int
        Which of the puzzle's shapes.

    Returns
    -------
    dict of str to (ndarray, ndarray)
        For each input the right Jacobian and yours, nan where yours stops or has the wrong shape.

    Examples
    --------
    >>> theirs, mine = jacobians("puzzle-4", lambda y_bar, x: y_bar.reshape(x.shape))["x"]
    >>> theirs.shape, int(np.sum(theirs != mine))
    ((6, 6), 8)
    """
    puzzle = _puzzle(name)
    y_bar, inputs, _ = puzzle.example(trial)
    rows: dict[str, tuple[list[Any], list[Any]]] = {name: ([], []) for name in puzzle.rules}
    _, pull = vjp(puzzle.f, *inputs)
    for unit in np.eye(np.size(y_bar)):
        seed = unit.reshape(np.shape(y_bar))[()]
        try:
            mine = _answer(pullback(seed, *(x.copy() for x in inputs)), len(inputs)) or []
        except Exception:
            mine = []
        for k, (x, theirs, pair) in enumerate(zip(inputs, pull(seed), rows.values(), strict=True)):
            fits = len(mine) == len(inputs) and mine[k].shape == x.shape
            pair[0].append(np.ravel(theirs))
            pair[1].append(np.ravel(mine[k]) if fits else np.full(x.size, np.nan))
    return {name: (np.array(theirs), np.array(mine)) for name, (theirs, mine) in rows.items()}


def _bar(name: str) -> str:
    return {"A": "Ā"}.get(name, f"{name}\N{COMBINING MACRON}")


def _puzzle(name: str) -> Puzzle:
    if name not in PUZZLES:
        raise KeyError(f"there is no {name!r}; there are puzzle-1 to puzzle-{len(PUZZLES)}")
    return PUZZLES[name]
