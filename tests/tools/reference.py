"""Write what the notebooks compare with: ``python -m tests.tools.reference``, with the extra `bench` installed.

adlib/lesson/data/pytorch_run.json  500 losses of the article's network, trained by PyTorch, and its answers to old code
adlib/lesson/data/digits.npz        scikit-learn's handwritten digits
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from adlib.lesson import examples
from adlib.lesson.data import FOLDER

SEED, STEPS = 0, 500


def pytorch_losses(steps: int = STEPS) -> list[float]:
    """The article's program, in PyTorch, in float64, from the weights and data of `SEED`."""
    import torch
    from torch import nn, optim

    x, y, weights = examples.article_network(SEED)
    (H, D_in), (D_out, _) = weights["0.weight"].shape, weights["2.weight"].shape
    model = nn.Sequential(nn.Linear(D_in, H), nn.ReLU(), nn.Linear(H, D_out)).double()
    model.load_state_dict({name: torch.from_numpy(w) for name, w in weights.items()})
    loss_function = nn.MSELoss(reduction="sum")
    optimizer = optim.SGD(model.parameters(), lr=1e-4)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    losses = []
    for _ in range(steps):
        loss = loss_function(model(inputs), targets)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses


def told(old: Callable[[], Any]) -> str:
    """What comes of a line of old code: its warning, its error, or the type of its result."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = old()
        except Exception as error:
            return f"{type(error).__name__}: {error}"
    return f"{caught[0].category.__name__}: {caught[0].message}" if caught else f"a {type(result).__name__}"


def old_api() -> dict[str, str]:
    """PyTorch's answers to what the article writes."""
    import torch

    return {
        "Variable(x)": told(lambda: torch.autograd.Variable(torch.ones(2))),
        "MSELoss(size_average=False)": told(lambda: torch.nn.MSELoss(size_average=False)),
        "loss.data[0]": told(lambda: torch.tensor(1.0).data[0]),
    }


def digits() -> dict[str, Any]:
    """scikit-learn's digits, as small integers."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    return {"images": loaded.images.astype(np.uint8), "labels": loaded.target.astype(np.uint8)}


def main() -> int:
    """Write both files."""
    import torch

    run = {"version": torch.__version__, "seed": SEED, "old_api": old_api(), "losses": pytorch_losses()}
    text = json.dumps(run, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / "pytorch_run.json").write_text(text, encoding="utf-8")
    np.savez_compressed(FOLDER / "digits.npz", **digits())
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
