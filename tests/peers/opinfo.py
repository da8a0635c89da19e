"""PyTorch's own samples, run through adlib: what PyTorch tests its operators with, on the NumPy functions it trusts.

PyTorch keeps, for its tests, a table of operators (``torch.testing._internal``, no public interface): samples of
arguments for each, and for a third of them a reference written in NumPy.  The reference is a plain NumPy function,
so adlib can differentiate it; the answer must be what PyTorch's autograd says of its operator.

`python -m tests.peers.opinfo` writes `refused.txt`: what adlib refuses, and why.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

import adlib

REFUSED = Path(__file__).with_name("refused.txt")
HEAD = """\
# What adlib refuses of PyTorch's samples, and why: operator, number of samples, first line of the error.
# Made by `python -m tests.peers.opinfo`; `make test-peers` holds it against what is refused.
"""


@dataclass
class Report:
    """What became of the samples.

    Attributes
    ----------
    equal : int
        Value, both modes and PyTorch agree.
    different : list of str
        They do not.
    refused : Counter
        Of (operator, first line of adlib's error).
    incomparable : Counter
        Of reasons that are not adlib's: no derivative in PyTorch, or a reference that does not take the sample.
    """

    equal: int = 0
    different: list[str] = field(default_factory=list)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    incomparable: Counter[str] = field(default_factory=Counter)


def mapped(x: Any, change: Callable[[Any], Any]) -> Any:
    """Change every leaf of a nest of tuples, lists and dicts."""
    if isinstance(x, tuple | list):
        return type(x)(mapped(v, change) for v in x)
    if isinstance(x, dict):
        return {k: mapped(v, change) for k, v in x.items()}
    return change(x)


def listed(x: Any) -> list[Any]:
    """List results, one or several."""
    return list(x) if isinstance(x, tuple | list) else [x]


def samples() -> Iterator[tuple[Any, Any]]:
    """List the operators that have a NumPy reference and a derivative, with each of their samples."""
    import torch
    from torch.testing._internal.common_methods_invocations import op_db

    torch.manual_seed(0)
    for op in op_db:
        if getattr(op, "ref", None) is not None and op.supports_autograd:
            for sample in op.sample_inputs("cpu", torch.float64, requires_grad=True):
                yield op, sample


def alike(ours: list[Any], theirs: list[Any], rtol: float) -> bool:
    """Tell whether shapes and numbers agree."""
    return len(ours) == len(theirs) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=rtol, atol=1e-8, equal_nan=True)
        for a, b in zip(ours, theirs, strict=True)
    )


def compare(op: Any, sample: Any, report: Report) -> None:
    """Put one sample through PyTorch and adlib, and note what came of it."""
    import torch
    from torch.testing._internal.common_utils import torch_to_numpy_dtype_dict

    name = op.name + (f".{op.variant_test_name}" if op.variant_test_name else "")
    arguments = (sample.input, tuple(sample.args), dict(sample.kwargs))
    leaves: list[Any] = []

    def find(x: Any) -> None:
        if isinstance(x, torch.Tensor) and x.requires_grad and x.is_leaf and x.dtype == torch.float64:
            leaves.append(x)

    mapped(arguments, find)
    place = {id(leaf): k for k, leaf in enumerate(leaves)}
    if not leaves:
        report.incomparable["no argument to differentiate by"] += 1
        return

    def f(*values: Any) -> Any:
        def put(x: Any) -> Any:
            if isinstance(x, torch.Tensor):
                if op.name.startswith("masked.") and x.dtype == torch.bool:
                    return x.detach().clone()  # these references read their mask with PyTorch
                return values[place[id(x)]] if id(x) in place else x.detach().numpy(force=True).copy()
            return torch_to_numpy_dtype_dict[x] if isinstance(x, torch.dtype) else x

        first, args, kwargs = mapped(arguments, put)
        return op.ref(first, *args, **kwargs)

    values = [leaf.detach().numpy().copy() for leaf in leaves]
    values = [v if v.ndim else v[()] for v in values]
    try:
        plain = f(*values)
        theirs = op(sample.input, *sample.args, **sample.kwargs)
    except Exception as error:
        report.incomparable[f"{name}: the reference or PyTorch does not take it: {type(error).__name__}"] += 1
        return
    tensors, plains = listed(theirs), listed(plain)
    real = all(isinstance(t, torch.Tensor) and not t.is_complex() for t in tensors)
    if not (real and alike(plains, [t.detach().numpy(force=True) for t in tensors], 1e-7)):
        report.incomparable[f"{name}: the reference is not PyTorch's value"] += 1
        return
    if not any(t.requires_grad for t in tensors):
        report.incomparable[f"{name}: PyTorch has no derivative"] += 1
        return

    rng = np.random.default_rng(0)
    # PyTorch hands no adjoint back from some results (the mean and spread of a layer norm): there ours is zero, too
    seeds = [
        (rng.standard_normal(np.shape(p)) * t.requires_grad)[()] for p, t in zip(plains, tensors, strict=True)
    ]
    tangents = [rng.standard_normal(np.shape(v))[()] for v in values]
    tracked = [(t, torch.tensor(s)) for t, s in zip(tensors, seeds, strict=True) if t.requires_grad]
    theirs = torch.autograd.grad([t for t, _ in tracked], leaves, [s for _, s in tracked], allow_unused=True)
    gradient = [
        np.zeros(np.shape(v)) if g is None else g.numpy(force=True)
        for g, v in zip(theirs, values, strict=True)
    ]
    try:
        y, pullback = adlib.vjp(f, *values)
        ours = list(pullback(type(plain)(seeds) if isinstance(plain, tuple | list) else seeds[0]))
        y_forward, tangent = adlib.jvp(f, tuple(values), tuple(tangents))
    except Exception as error:
        report.refused[name, f"{type(error).__name__}: {str(error).splitlines()[0]}"] += 1
        return
    # the tangent of a value that is nan (the mean of nothing) is nan: no product with it says anything
    forwards = sum(
        float(np.sum(np.where(np.isfinite(p), s * t, 0.0)))
        for p, s, t in zip(plains, seeds, listed(tangent), strict=True)
    )
    backwards = sum(float(np.sum(g * t)) for g, t in zip(ours, tangents, strict=True))
    if (
        alike(listed(y), plains, 1e-12)
        and alike(listed(y_forward), plains, 1e-12)
        and alike(ours, gradient, 1e-6)
        and alike([forwards], [backwards], 1e-6)
    ):
        report.equal += 1
    else:
        shapes = [np.shape(v) for v in values]
        report.different.append(
            f"{name} of shapes {shapes}, {sample.args}, {sample.kwargs}: {ours} beside {gradient}"
        )


def run() -> Report:
    """Put all samples through both."""
    report = Report()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for op, sample in samples():
            compare(op, sample, report)
    return report


def written(report: Report) -> str:
    """Write what was refused, a line for each operator and cause."""
    lines = [f"{name} | {count} | {cause}" for (name, cause), count in sorted(report.refused.items())]
    return HEAD + "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    found = run()
    REFUSED.write_text(written(found), encoding="utf-8")
    print(
        f"{found.equal} equal, {len(found.different)} different, {found.refused.total()} refused, "
        f"{found.incomparable.total()} not comparable"
    )
    print(*found.different, sep="\n")
    for reason, n in found.incomparable.most_common():
        print(f"  {n} {reason}")
