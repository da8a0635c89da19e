"""What the notebooks read instead of computing or downloading it: two small files, and how they were made.

``python -m tests.tools.reference`` writes both anew, with PyTorch and scikit-learn; ``make test-peers`` holds them
against these.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

__all__ = ["PyTorchRun", "handwritten_digits", "pytorch_run"]

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PyTorchRun:
    """The article's network, trained by PyTorch.

    Attributes
    ----------
    version : str
        PyTorch's.
    seed : int
        Of the NumPy generator that drew data and weights, in the order of `adlib.lesson.examples.article_network`.
    losses : array, shape (500,)
        Before each step, float64.
    old_api : dict of str to str
        What PyTorch answers to three old spellings.
    """

    version: str
    seed: int
    losses: npt.NDArray[np.float64]
    old_api: dict[str, str]


@cache
def pytorch_run() -> PyTorchRun:
    """Read what PyTorch computed.

    >>> run = pytorch_run()
    >>> run.losses.shape, bool(640 < run.losses[0] < 760)
    ((500,), True)
    """
    recorded = json.loads((FOLDER / "pytorch_run.json").read_text(encoding="utf-8"))
    return PyTorchRun(
        recorded["version"], recorded["seed"], np.array(recorded["losses"]), recorded["old_api"]
    )


@cache
def handwritten_digits() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Read 1797 handwritten digits.

    Returns
    -------
    images : array, shape (1797, 8, 8)
        Ink, from 0 (none) to 1, in steps of 1/16.
    labels : array, shape (1797,)
        Which digit was meant, 0 to 9.

    Notes
    -----
    The test set of E. Alpaydin, C. Kaynak, *Optical Recognition of Handwritten Digits*, UCI Machine Learning
    Repository, 1998, https://doi.org/10.24432/C50P49, licensed CC BY 4.0, as `sklearn.datasets.load_digits` has it.
    13 people wrote them, and each person's digits stand together: split it without shuffling, so that the held-out
    digits are (but for one person) in hands that the network has not seen.

    Examples
    --------
    >>> images, labels = handwritten_digits()
    >>> images.shape, images.min(), images.max(), labels[:10].tolist()
    ((1797, 8, 8), np.float64(0.0), np.float64(1.0), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    with np.load(FOLDER / "digits.npz") as file:
        images, labels = file["images"] / 16.0, file["labels"].astype(np.int64)
    images.flags.writeable = labels.flags.writeable = False  # read once, handed to everybody
    return images, labels
