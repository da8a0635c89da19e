"""The pictures in figures/ are the ones that `make figures` draws."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from adlib.viz import figures

FOLDER = Path(__file__).resolve().parents[2] / "figures"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    target = tmp_path_factory.mktemp("figures")
    return target, figures.save_all(target)


def test_every_picture_is_registered_and_has_words(drawn):
    _, alts = drawn
    measured = {"benchmarks"}  # drawn by `make bench` from measurements, so never twice the same
    assert {path.stem for path in FOLDER.glob("*.png")} - measured == set(alts)
    assert all(len(alt) > 40 for alt in alts.values())


@pytest.mark.newest
@pytest.mark.parametrize("name", sorted(figures.REGISTRY))
def test_a_picture_is_drawn_the_same_again(drawn, name):
    target, _ = drawn
    new, saved = (target / f"{name}.png").read_bytes(), (FOLDER / f"{name}.png").read_bytes()
    if new == saved:
        return
    one, two = (np.asarray(Image.open(io.BytesIO(b)).convert("L"), float) for b in (new, saved))
    assert one.shape == two.shape, "run `make figures`"
    assert np.mean(np.abs(one - two) > 40) < 0.01, "run `make figures`"  # other fonts, other antialiasing
