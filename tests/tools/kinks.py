"""Ask other frameworks what they answer at a kink: ``python -m tests.tools.kinks`` writes adlib/lesson/data/kinks.json.

Needs PyTorch, JAX and HIPS autograd (``pip install 'adlib[bench]'``).  Notebook 15 shows the recorded answers
beside adlib's own, which it computes.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parents[2] / "adlib" / "lesson" / "data" / "kinks.json"


def torch_answers() -> dict[str, list[float]]:
    """Ask PyTorch, in float64."""
    import torch

    def slope(f: Any, *x: Any) -> list[float]:
        leaves = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in x]
        f(*leaves).backward()
        return [float(g) for leaf in leaves for g in torch.ravel(leaf.grad)]

    return {
        "|x| at 0": slope(torch.abs, 0.0),
        "relu(x) at 0": slope(torch.relu, 0.0),
        "maximum(x, y) at a tie": slope(torch.maximum, 1.0, 1.0),
        "max of (1, 1)": slope(torch.amax, [1.0, 1.0]),
        "norm(x) at (0, 0)": slope(torch.linalg.norm, [0.0, 0.0]),
        "sqrt(x) at 0": slope(torch.sqrt, 0.0),
        "floor(x) at 1": slope(torch.floor, 1.0),
    }


def jax_answers() -> dict[str, list[float]]:
    """Ask JAX, in float64."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]

    def slope(f: Any, *x: Any) -> list[float]:
        parts = jax.grad(f, argnums=tuple(range(len(x))))(*(jnp.asarray(v, float) for v in x))
        return [float(g) for part in parts for g in jnp.ravel(part)]

    return {
        "|x| at 0": slope(jnp.abs, 0.0),
        "relu(x) at 0": slope(jax.nn.relu, 0.0),
        "maximum(x, y) at a tie": slope(jnp.maximum, 1.0, 1.0),
        "max of (1, 1)": slope(jnp.max, [1.0, 1.0]),
        "norm(x) at (0, 0)": slope(jnp.linalg.norm, [0.0, 0.0]),
        "sqrt(x) at 0": slope(jnp.sqrt, 0.0),
        "floor(x) at 1": slope(jnp.floor, 1.0),
    }


def autograd_answers() -> dict[str, list[float]]:
    """Ask HIPS autograd."""
    import warnings

    import autograd
    import autograd.numpy as anp
    import numpy as np

    def slope(f: Any, *x: Any) -> list[float]:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that floor does not seem to depend on its input
            parts = [autograd.grad(f, k)(*(np.asarray(v, float)[()] for v in x)) for k in range(len(x))]
        return [float(g) for part in parts for g in np.ravel(part)]

    return {
        "|x| at 0": slope(anp.abs, 0.0),
        "relu(x) at 0": slope(lambda x: anp.maximum(x, 0.0), 0.0),
        "maximum(x, y) at a tie": slope(anp.maximum, 1.0, 1.0),
        "max of (1, 1)": slope(anp.max, [1.0, 1.0]),
        "norm(x) at (0, 0)": slope(anp.linalg.norm, [0.0, 0.0]),
        "sqrt(x) at 0": slope(anp.sqrt, 0.0),
        "floor(x) at 1": slope(anp.floor, 1.0),
    }


def main() -> None:
    """Write all answers, with the versions that gave them."""
    asked = {"torch": torch_answers, "jax": jax_answers, "autograd": autograd_answers}
    record = {
        name: {"version": version(name).partition("+")[0], "answers": ask()} for name, ask in asked.items()
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(
        json.dumps(record, indent=1).replace("NaN", '"nan"').replace("Infinity", '"inf"') + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
